"""What a run had promised by the time of a power cut: whatever the world had been told must be on the disk.

The promises of a recorded run follow from the record itself: at each word of the program its files, as the program saw
them, say what the word was about.
"""
import bisect
import json
import pathlib
import tempfile

from command import expect
from disk import ALL, Disk
from ledger import Ledger, Vault

HIDDEN = "project/.mailkeel"
STATE, IGNORED = f"{HIDDEN}/state.json", f"{HIDDEN}/.gitignore"
PROJECT_KEY = "keys/project.key"


class Promises:
    """`start` is the tree that the run began with; after `operations` it had ended well."""

    def __init__(self, start, operations, place):
        self.end = len(operations)
        # By address, what was committed: (from which operation on, the record as text).
        self.versions = {}
        # (after which operation, what was promised): the address of a record, a slot with its grants, or generations.
        self.records, self.slots, self.generations = [], [], []
        # By content of the state file, that of the one that it replaced and that had been kept as a backup.
        self.before = {}
        disk = Disk(start)
        self._look(disk, 0, place)
        for n, operation in enumerate(operations, 1):
            replaces = operation.name == "rename" and operation.paths[-1] == STATE
            files = _files(disk.image(ALL)) if replaces else {}
            disk.do(operation)
            if replaces:
                self._look_at_backups(files, _files(disk.image(ALL)))
            if operation.name == "say" and operation.inode == 1:
                self._hear(operation.data, disk, n, place)
            elif operation.name in ("write", "rename", "unlink") and self._is_of_state(operation, disk):
                self._look(disk, n, place)
        self._left = _files(disk.image(ALL))
        with _written(disk, place) as final:
            self._final = Vault(final / "project")

    def _is_of_state(self, operation, disk):
        path = disk.things[operation.inode].path if operation.name == "write" else operation.paths[-1]
        return pathlib.PurePath(path).name in ("state.json", "state.json.journal")

    def _look(self, disk, n, place):
        with _written(disk, place) as root:
            committed = Ledger(root / "project").committed
        for address in self.versions.keys() | committed.keys():
            known = self.versions.setdefault(address, [(0, None)] if n else [])
            now = _text(committed.get(address))
            if not known or known[-1][1] != now:
                known.append((n, now))

    def _look_at_backups(self, before, after):
        """`before` and `after` it, by path: what there was when the state file was replaced."""
        if before.get(STATE) in _backups(before):
            self.before[after[STATE]] = before[STATE]

    def _hear(self, words, disk, n, place):
        for line in words.decode().splitlines():
            if not line.startswith("{"):
                with _written(disk, place) as root:
                    self.generations.append((n, Vault(root / "project").generations))
                continue
            said = json.loads(line)
            if said.get("type") != "step_end" or said.get("outcome") != "done":
                continue
            address = said["address"]
            if said["kind"] == "record":
                self.records.append((n, address))
            elif said["kind"] == "authorize":
                with _written(disk, place) as root:
                    vault = Vault(root / "project")
                self.slots.append((n, [grant for grant in vault.live if vault.slots[grant] == address]))

    def check(self, cut, root):
        """What must hold on a disk on which the power was cut after `cut` operations."""
        ledger, vault = Ledger(root / "project"), Vault(root / "project")
        self._committed(cut, ledger)
        for _, grants in self._until(cut, self.slots):
            lost = [grant for grant in grants if grant not in vault.statuses or grant not in vault.with_tokens]
            expect(not lost, "an authorization was reported as done, and its grant is lost")
        for _, generations in self._until(cut, self.generations):
            older = [grant for grant, generation in generations.items() if vault.generations.get(grant, -1) < generation]
            expect(not older, "a token was handed out, and the vault has lost it")
        if any(record.get("fingerprints") for record in ledger.committed.values()):
            expect(_content(root / PROJECT_KEY) == self._left[PROJECT_KEY],
                   "the state holds fingerprints, and their key is lost")
        state = _content(root / STATE)
        if state in self.before:
            files = {path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*") if path.is_file()}
            expect({state, self.before[state]} & _backups(files),
                   "the state was replaced, and what it was before is in no backup")
        if cut == self.end:
            self._finished(root, vault)

    def _until(self, cut, promises):
        return promises[:bisect.bisect_right(promises, cut, key=lambda promise: promise[0])]

    def _committed(self, cut, ledger):
        told = {address: n for n, address in self._until(cut, self.records)}
        expect(ledger.committed.keys() <= self.versions.keys(), "something is committed that never was")
        for address, versions in self.versions.items():
            now, texts = _text(ledger.committed.get(address)), [text for _, text in versions]
            expect(now in texts, f"{address} is {'lost' if now is None else 'committed as it never was'}")
            current = max(index for index, (n, _) in enumerate(versions) if n <= told.get(address, 0))
            expect(now in texts[current:],
                   f"{address} was reported as {'committed' if texts[current] else 'removed'}, and is not")

    def _finished(self, root, vault):
        for path, content in self._left.items():
            expect(_content(root / path) == content, f"the run had ended, and {path} is not as it left it")
        for path in root.rglob("state.json.journal"):
            expect(False, f"the run had ended, and {path.name} is there again")
        for name in ("statuses", "generations", "accounts", "definitions", "with_tokens"):
            expect(getattr(vault, name) == getattr(self._final, name),
                   f"the run had ended, and the vault's {name} are not as it left them")

    def check_in_the_end(self, root):
        """What the next run must have mended, even if no later one ever looks at it again."""
        if IGNORED in self._left and (root / HIDDEN / "vault.db").exists():
            expect(_content(root / IGNORED) == self._left[IGNORED], "what hides the vault from Git is damaged for good")


class _written:
    """The tree of a disk as the program saw it, in a directory that goes when it has been looked at."""

    def __init__(self, disk, place):
        self._disk, self._directory = disk, tempfile.TemporaryDirectory(prefix="seen-", dir=place)

    def __enter__(self):
        root = pathlib.Path(self._directory.name)
        self._disk.image(ALL).write(root)
        return root

    def __exit__(self, *_):
        self._directory.cleanup()


def _files(image):
    """What is neither a database nor a lock, by path."""
    return {path: content for path, (_, identity, content) in image.tree.items()
            if identity is not None and "vault.db" not in path and ".lock" not in path}


def _backups(files):
    """The contents of all backups of the state."""
    return {content for path, content in files.items()
            if ".tmp-" not in path and (path == f"{STATE}.backup" or path.startswith(f"{HIDDEN}/history/"))}


def _content(path):
    return path.read_bytes() if path.exists() else None


def _text(record):
    return None if record is None else json.dumps(record, sort_keys=True)
