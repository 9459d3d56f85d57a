"""Names for the synchronizations of a recorded run: what is made durable, and after what."""
import pathlib
import re

from disk import Disk, Folder


def sync_names(start, operations):
    """By operation (its index), the class of each sync."""
    disk, found = Disk(start), {}
    for n, operation in enumerate(operations):
        if operation.name == "sync":
            # Of all code in the program only SQLite's calls fdatasync.
            found[n] = ("SQLite's " if operation.number else "") + _name(disk.things[operation.inode])
        disk.do(operation)
    return found


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
