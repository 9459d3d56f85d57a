"""Counts what passed, and tells equal failures together."""
import collections
import re


class Tally:
    def __init__(self):
        self.passed, self.failed, self.survived = 0, 0, 0
        self.reasons = collections.defaultdict(list)

    def add(self, where, survived, reason):
        self.survived += survived
        if reason is None:
            self.passed += 1
        else:
            self.failed += 1
            self.reasons[reason].append(where)

    def show_reasons(self):
        """Each kind of failure, the most frequent first, with some of the places."""
        for reason, places in sorted(self.reasons.items(), key=lambda item: -len(item[1])):
            print(f"    {len(places)} times: {reason}")
            for place in places[:6]:
                print(f"        {place}")
            if len(places) > 6:
                print(f"        ... and {len(places) - 6} more")


def anonymous(reason, case):
    """Without what is another in each case, so that equal failures are counted together."""
    return re.sub(r"\b[a-z2-7]{26}\b", "ID", reason.replace(f"{case.root}/", ""))
