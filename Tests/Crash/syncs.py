"""Names for the synchronizations of a recorded run: what is made durable, and after what.

A class is what one statement of the program does to one kind of file; a statement is all that a programmer could remove
at once. Of SQLite's there are only statements: the program has but a pragma for them.
"""
import pathlib
import re

from disk import Disk, Folder

# By the words for a statement, the pattern of its classes.
STATEMENTS = {
    "the content of temporary files": r"^temporary file for",
    "the directory after a rename": r"^directory .* after rename",
    "the directory after a temporary file took a free place": r"^directory .* after unlink of temporary",
    "the directory after a hard link": r"^directory .* after link",
    "the directory after a removal": r"^directory .* after unlink of (?!temporary)",
    "the directory after a file to append to was made": r"^directory .* after create",
    "the directory above one that was made": r"^directory .* after mkdir",
    "the first line of the journal": r"^state\.json\.journal after its beginning",
    "the further lines of the journal": r"^state\.json\.journal after more",
    "SQLite's, as with `synchronous = OFF`": r"^SQLite's",
    "SQLite's commits, as with `synchronous = NORMAL`": r"^SQLite's vault\.db-wal after more",
}

# Classes (or statements) that nobody misses, and why.
NOT_NEEDED = {
    r"state\.json\.lock\.info$|^temporary file for state\.json\.lock\.info":
        "after a power cut nobody holds the lock, whatever its record says",
    r"^directory .* after unlink of state\.json\.journal":
        "a journal that was folded in is told by its serial, and the removal of the lock's record synchronizes it, too",
    r"^directory .* after unlink of temporary file for (\.gitignore|vault\.db)$":
        "SQLite synchronizes the same directory before anything is in the vault",
    r"^temporary file for vault\.db after nothing":
        "it is empty",
    r"^directory .* after mkdir of grants":
        "the locks in it hold nothing that has to last",
    r"^state\.json\.journal after its beginning|^the first line of the journal":
        "the sync of the second line covers it; damaged together they are a torn end, since it is shorter than a block",
}


def sync_names(start, operations):
    """By operation (its index), the class of each sync."""
    disk, found = Disk(start), {}
    for n, operation in enumerate(operations):
        if operation.name == "sync":
            # Of all code in the program only SQLite's calls fdatasync.
            found[n] = ("SQLite's " if operation.number else "") + _name(disk.things[operation.inode])
        disk.do(operation)
    return found


def to_forget(names):
    """What may be forgotten, each with its pattern: statements, classes where a statement has several, and whatever is of
    no statement that is known here."""
    found = {name: f"^{re.escape(name)}$" for name in sorted(names)
             if not any(re.search(pattern, name) for pattern in STATEMENTS.values())}
    for words, pattern in STATEMENTS.items():
        classes = sorted(name for name in names if re.search(pattern, name))
        if classes:
            found[words] = pattern
        if len(classes) > 1:
            found |= {name: f"^{re.escape(name)}$" for name in classes if not name.startswith("SQLite's")}
    return found


def why_not_needed(name):
    return next((why for pattern, why in NOT_NEEDED.items() if re.search(pattern, name)), None)


def _name(thing):
    if isinstance(thing, Folder):
        pending = thing.pending
        after = f"{pending[-1].verb} of {_kind(pending[-1].path)}" if pending else "nothing"
        return f"directory {_kind(thing.path) or '.'} after {after}"
    return f"{_kind(thing.path)} after {_written(thing)}"


def _kind(path):
    """The last part, without what is another in each run."""
    name = pathlib.PurePath(path).name
    return re.sub(r"^\.(.*)\.tmp-.*", r"temporary file for \1", re.sub(r"\b\d{8,}\b", "SERIAL", name))


def _written(thing):
    if not thing.pending:
        return "nothing"
    offset, data = thing.pending[0]
    if data is None:
        return "a new size"
    if not thing.durable:
        return "its beginning"
    return "more at its end" if offset >= len(thing.durable) else "a change of what was there"
