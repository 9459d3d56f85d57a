"""Runs of a scenario with the shim recording them, and the disks that may be left when the power is cut in them."""
import random
import shutil
import signal

from checks import unlike
from command import expect
from disk import Disk, Fate, read_record, read_tree
from promises import Promises
from shim import operations
from syncs import sync_names

# What may have become of names and of data; "some" is left to chance.
SIMPLE = (("none", "none"), ("all", "none"), ("all", "size"), ("none", "all"), ("all", "all"))
# How many changes are lost or kept one by one.
FEW = 5
CHANCY = (("some", "some"), ("some", "all"), ("all", "some"), ("some", "none"), ("none", "some"))


class Recording:
    """A scenario's run, and what it promised; if `killed_at` is given, that of the run after one that was killed there."""

    def __init__(self, scenario, base, shim, place, killed_at=None):
        self.scenario, self.base, self.place = scenario, base, place
        self.name = scenario.name if killed_at is None else f"{scenario.name}-after-kill-{killed_at}"
        case, record = base.copy(place / f"{self.name}-recorded"), place / f"{self.name}.record"
        # Files are told apart by inode, so the disk starts with those of this copy.
        self.start = read_tree(case.root)
        trace = place / f"{self.name}.trace"

        def run(at=None):
            variables = shim.variables(case.root, trace, at)
            return case.run(*scenario.arguments, *scenario.tell_all, **variables, CRASH_RECORD=str(record))

        # The moment from which on the power may be cut.
        self.first = 0
        if killed_at is not None:
            run(killed_at).exits(-signal.SIGKILL)
            self.first = len(read_record(record))
        run().exits(0)
        self.operations = read_record(record)
        whole = Disk(self.start)
        for operation in self.operations:
            whole.do(operation)
        missed = whole.differences(case.root)
        expect(not missed, f"the record of {self.name} does not lead to what is there: {unlike(missed)}")
        self.promises = Promises(self.start, self.operations, place)
        self.syncs = sync_names(self.start, self.operations)
        shutil.rmtree(case.root)

    def disks(self, forgotten):
        """(cut, disk) for each moment: after no operation, after one, and so on; `forgotten` holds indices of syncs."""
        disk = Disk(self.start)
        if not self.first:
            yield 0, disk
        for n, operation in enumerate(self.operations):
            disk.do(operation, synchronizes=n not in forgotten)
            if n >= self.first:
                yield n + 1, disk

    def moment(self, cut):
        """For people: where the power was cut."""
        if cut == 0:
            return "at the beginning"
        last = self.operations[cut - 1]
        what = self.syncs.get(cut - 1) or (last.paths[-1] if last.name not in ("write", "size", "say") else "")
        return f"after {cut} of {len(self.operations)} operations, the last a {last.name} {unlike([what])}".rstrip()

    def fates(self, cut, disk, chancy):
        """What may happen at a cut. Between two syncs what may be on the disk only grows, so most is tried at the end."""
        if cut == len(self.operations) or cut in self.syncs:
            yield from (Fate(*pair) for pair in SIMPLE)
            yield from _one_by_one(disk)
            some = chancy[0]
        else:
            some = chancy[1]
            yield self._chance(cut, -1, (*SIMPLE, *CHANCY))
        for number in range(some):
            yield self._chance(cut, number, CHANCY)

    def _chance(self, cut, number, pairs):
        chance = random.Random(f"{self.scenario.name} {cut} {number}")
        return Fate(*chance.choice(pairs), chance)


class Plan:
    """Which disks of a recording are looked at: each of several equal ones once, when most has been promised."""

    def __init__(self, recording, chancy, forgotten=frozenset(), known=None):
        self.recording, self.chancy, self.forgotten = recording, chancy, forgotten
        self.latest = {}
        for cut, disk in recording.disks(forgotten):
            for number, fate in enumerate(recording.fates(cut, disk, chancy)):
                self.latest[disk.image(fate).digest] = (cut, number)
        known = known.latest if known else {}
        self._chosen = {at for digest, at in self.latest.items() if digest not in known or known[digest][0] < at[0]}

    def __len__(self):
        return len(self._chosen)

    def images(self):
        """(cut, which of its fates, that in words, image)"""
        for cut, disk in self.recording.disks(self.forgotten):
            for number, fate in enumerate(self.recording.fates(cut, disk, self.chancy)):
                if (cut, number) in self._chosen:
                    yield cut, number, unlike([fate]), disk.image(fate)


def _one_by_one(disk):
    """Of the few changes that are not durable one is lost, or only one is there: what chance might miss."""
    names, files = disk.pending_names[-FEW:], disk.pending_files[-FEW:]
    for words in ("but", "only"):
        if len(names) > 1:
            yield from (Fate((words, change), "all") for change in names)
        if len(files) > 1:
            yield from (Fate("all", (words, file)) for file in files)


def places_to_kill(scenario, base, shim, place):
    """Before which operations a run is killed so that names and data are left that nobody synchronized."""
    case, trace = base.copy(place / f"{scenario.name}-look"), place / f"{scenario.name}-look.trace"
    case.run(*scenario.arguments, *scenario.tell_all, **shim.variables(case.root, trace)).exits(0)
    shutil.rmtree(case.root)
    return [n for n, (name, _, _) in enumerate(operations(trace), 1) if name == "fsync"]
