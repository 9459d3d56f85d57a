"""What must hold after a crash: for the next plan, for the next run, and for what had been committed before."""
import os
import pathlib
import re
import stat

from command import expect
from ledger import Ledger, Vault

FOUND = r"earlier run"


def unlike(names):
    """Names for people to read, the same in each run of the test."""
    return ", ".join(sorted(re.sub(r"tmp-\w+", "tmp-...", str(name)) for name in names))


def snapshot(root):
    """Every file and directory below `root`: what tells whether anything was written."""
    found = {}
    for path in [root, *sorted(root.rglob("*"))]:
        facts = path.lstat()
        content = path.read_bytes() if stat.S_ISREG(facts.st_mode) else None
        found[path] = (facts.st_mode, facts.st_ino, facts.st_nlink, facts.st_mtime_ns, content)
    return found


def writes_nothing(root, action):
    before = snapshot(root)
    result = action()
    after = snapshot(root)
    changed = {path.relative_to(root) for path in before.keys() | after.keys() if before.get(path) != after.get(path)}
    expect(not changed, f"`{result.command}` touched {unlike(changed)}")
    return result


class Wreck:
    """What a killed run left."""

    def __init__(self, directory):
        self.ledger, self.vault = Ledger(directory), Vault(directory)
        self._grants_are_usable()

    def _grants_are_usable(self):
        """The journal names a grant only when the vault holds it durably, and it is not retired while a record names it."""
        for address, grant in self.ledger.grants.items():
            status = self.vault.statuses.get(grant)
            expect(status is not None, f"right after the crash, {address} names a grant that the vault does not know")
            expect(status != "retired", f"right after the crash, {address} names a retired grant")
            expect(grant in self.vault.with_tokens, f"right after the crash, the grant of {address} has no token or recipe")

    @property
    def half_done(self):
        """Whether journal and vault tell of different progress, which the next run mends."""
        named, indexed = set(self.ledger.grants.values()), self.vault.accounts
        accounts = {address: grant for address, grant in self.ledger.grants.items() if address.startswith("EmailAccount/")}
        waiting = any(self.vault.statuses[grant] == "candidate" for grant in named)
        return waiting or bool(self.vault.live - named) or accounts != indexed

    def plan_says(self, answer):
        if self.ledger.interrupted_run:
            answer.says(FOUND)
        else:
            answer.does_not_say(FOUND)

    def next_run_says(self, answer):
        if self.ledger.interrupted_run or self.half_done:
            answer.says(FOUND)
        else:
            answer.does_not_say(FOUND)

    def nothing_lost(self, directory, wanted):
        """Whatever was in service when the run was killed, and is still wanted, still is."""
        lost = (self.ledger.committed.keys() & wanted) - Ledger(directory).committed.keys()
        expect(not lost, f"{unlike(lost)} had been committed and is lost")


def consistent(directory, addresses):
    """State and vault agree on exactly these addresses, and no live grant is left that none of them names."""
    ledger, vault = Ledger(directory), Vault(directory)
    expect(ledger.committed.keys() == addresses, f"committed in the end is {unlike(ledger.committed)}")
    unproven = [address for address, record in ledger.records.items() if "failure" in record]
    expect(not unproven, f"a failure is recorded at {unlike(unproven)}")
    if vault.id is not None:
        expect(ledger.vault in (None, vault.id), "the state names another vault")
    for address, grant in ledger.grants.items():
        expect(vault.statuses.get(grant) == "current", f"the grant of {address} is {vault.statuses.get(grant, 'unknown')}")
        expect(grant in vault.with_tokens, f"the grant of {address} has no token or recipe")
    accounts = {address: grant for address, grant in ledger.grants.items() if address.startswith("EmailAccount/")}
    expect(vault.accounts == accounts, f"the vault's index has {unlike(vault.accounts)}, "
           f"the state {unlike(accounts)}, or they name other grants")
    expect(vault.definitions == accounts, "observations would count for other accounts or grants than the state names")
    expect(not vault.stray_observations,
           f"what was observed of {unlike(vault.stray_observations)} is of another grant or other settings")
    nameless = [vault.statuses[grant] for grant in vault.live - set(ledger.grants.values())]
    expect(not nameless, f"nobody names these grants: {', '.join(sorted(nameless))}")


def tidy(directory, keys):
    """No temporary file, lock record or journal is left, and everything is its owner's alone."""
    hidden = pathlib.Path(directory) / ".mailkeel"
    paths = [path for root in (hidden, keys) if root.exists() for path in (root, *root.rglob("*"))]
    left = [path.name for path in paths if ".tmp-" in path.name or path.name in (
        "state.json.journal", "state.json.lock.info", "vault.db-journal")]
    expect(not left, f"left over: {unlike(left)}")
    linked = [path.name for path in paths if path.is_file() and path.stat().st_nlink != 1]
    expect(not linked, f"has a second name: {unlike(linked)}")
    for path in paths:
        mode = stat.S_IMODE(os.lstat(path).st_mode)
        right = 0o700 if path.is_dir() else 0o600
        expect(mode == right, f"{unlike([path.name])} has mode {mode:o}, not {right:o}")
