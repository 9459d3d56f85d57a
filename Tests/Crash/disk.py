"""What a disk may hold after a power cut: replays what the shim recorded, and loses what nobody synchronized.

The model is POSIX's, taken strictly:

- A file's content is durable as it was at the last fsync or fdatasync of the file. Of what was written since, any block
  (of 512 or of 4096 bytes) may be on the disk in any of its later versions, and the size may be any later one, where
  blocks that never arrived read as zeros.
- A name is durable when its directory was synchronized after the change; synchronizing the file does nothing for it.
  Of the changes since, any may be on the disk and any may be lost, in no order. A rename is there whole or not at all.
- Words to the world (`say`) cannot be lost.
- SQLite's `-shm` is memory that happens to have a name; it may hold anything.
"""
import hashlib
import pathlib
import stat

BLOCKS = (512, 4096)


class Operation:
    """One entry of a record; `record.h` says what there is."""

    def __init__(self, name, inode, number, data):
        self.name, self.inode, self.number, self.data = name, inode, number, data

    @property
    def paths(self):
        return [path.decode() for path in self.data.split(b"\0")]


def read_record(path):
    data, at, operations = pathlib.Path(path).read_bytes(), 0, []
    while at < len(data):
        end = data.index(b"\n", at)
        name, inode, number, length = data[at:end].decode().split()
        at = end + 1 + int(length)
        operations.append(Operation(name, int(inode), int(number), data[end + 1:at]))
        at += 1
    return operations


class File:
    def __init__(self, mode, content=b"", path=""):
        self.mode, self.durable, self.now = mode, content, bytearray(content)
        # For people, and for what goes by kind of file.
        self.path = path
        # What happened since it was durable: (offset, bytes), or (size, None) for a new size.
        self.pending = []

    def write(self, offset, data):
        self.pending.append((offset, data))
        _put(self.now, offset, data)

    def resize(self, size):
        self.pending.append((size, None))
        _resize(self.now, size)

    def synchronize(self):
        self.durable = bytes(self.now)
        self.pending = []

    def content(self, fate):
        """What the disk has of it; `fate` says what became of what was not synchronized."""
        if self.path.endswith("-shm"):
            return fate.garbage(len(self.now)) if fate.chance else bytes(self.now)
        data = fate.data_of(self)
        if not self.pending or data == "none":
            return self.durable
        if data == "all":
            return bytes(self.now)
        if data == "size":
            grown = bytearray(self.durable)
            _resize(grown, len(self.now))
            return bytes(grown)
        return self._some(fate.chance)

    def _some(self, chance):
        """A size that it had, and of each block a version that it had."""
        block = chance.choice((*BLOCKS, None))
        sizes = [len(self.durable)]
        for offset, data in self.pending:
            sizes.append(offset if data is None else max(sizes[-1], offset + len(data)))
        if block is None:
            # Everything up to one moment.
            moment = chance.randint(0, len(self.pending))
            return self._version(0, sizes[moment], self.pending[:moment])
        size = chance.choice(sizes)
        parts = []
        for start in range(0, size, block):
            touching = [event for event in self.pending if _touches(event, start, start + block)]
            parts.append(self._version(start, start + block, touching[:chance.randint(0, len(touching))]))
        return b"".join(parts)[:size]

    def _version(self, start, end, events):
        """The bytes from `start` to `end` after these events; what is not there reads as zeros."""
        found = bytearray(self.durable[start:end])
        _resize(found, end - start)
        for offset, data in events:
            if data is None:
                kept = max(0, min(offset, end) - start)
                found[kept:] = bytes(end - start - kept)
            else:
                low, high = max(start, offset), min(end, offset + len(data))
                found[low - start:high - start] = data[low - offset:high - offset]
        return bytes(found)


class Folder:
    def __init__(self, mode, path=""):
        self.mode, self.path = mode, path
        # What was there at the beginning, and everything that changed it since.
        self.first, self.now, self.changes = {}, {}, []

    @property
    def pending(self):
        return [change for change in self.changes if not change.durable]

    def synchronize(self):
        for change in self.pending:
            change.durable = True

    def entries(self, kept):
        """The names on the disk, when of the changes that were not synchronized `kept` are there."""
        found = dict(self.first)
        for change in self.changes:
            if change.durable or change in kept:
                change.apply(self, found)
        return found


class Change:
    """A change of names that happens as a whole: which folder gets which name for what, or loses it (None)."""

    def __init__(self, verb, path, *actions):
        self.verb, self.path, self.actions, self.durable = verb, path, actions, False
        for folder in {folder for folder, _, _ in actions}:
            folder.changes.append(self)
            self.apply(folder, folder.now)

    def apply(self, folder, entries):
        for where, name, thing in self.actions:
            if where is folder and thing is None:
                entries.pop(name, None)
            elif where is folder:
                entries[name] = thing


class Fate:
    """What a power cut does to everything that was not synchronized.

    `names` and `data` are each "all" (it was on the disk already), "none", or "some": as `chance` has it, which must be
    the same for the same image. `data` may be "size": the size arrived and the bytes did not. Or it is about one change
    of names or one file: ("only", which), ("but", which).
    """

    def __init__(self, names, data, chance=None):
        self.names, self.data, self.chance = names, data, chance
        self._garbage = chance.random() < 0.5 if chance else False

    def __str__(self):
        names, data = (what if isinstance(what, str) else f"{what[0]} {what[1].path}" for what in (self.names, self.data))
        return f"names {names}, data {data}"

    def kept(self, changes):
        if self.names == "some":
            likely = self.chance.choice((0.25, 0.5, 0.75))
            return {change for change in changes if self.chance.random() < likely}
        return {change for change in changes if _has(self.names, change)}

    def data_of(self, file):
        return self.data if isinstance(self.data, str) else "all" if _has(self.data, file) else "none"

    def garbage(self, size):
        return self.chance.randbytes(size) if self._garbage else bytes(size)


class Image:
    """A tree as a disk holds it: by path, (mode, identity of the file, content) or, of a folder, (mode, None, None)."""

    def __init__(self, tree):
        self.tree = tree

    @property
    def digest(self):
        """Equal for equal trees: with the same content, and the same files under several names."""
        seen, whole = {}, hashlib.sha256()
        for path, (mode, identity, content) in sorted(self.tree.items()):
            same = seen.setdefault(identity, path)
            whole.update(f"{path}\0{mode}\0{same if identity else ''}\0{len(content or b'')}\0".encode())
            whole.update(content or b"")
        return whole.hexdigest()

    def write(self, root):
        """Makes the tree below `root`, which is there already."""
        written = {}
        for path, (mode, identity, content) in sorted(self.tree.items()):
            place = pathlib.Path(root) / path
            if identity is None:
                place.mkdir()
            elif identity in written:
                place.hardlink_to(written[identity])
                continue
            else:
                place.write_bytes(content)
                written[identity] = place
            place.chmod(mode)


def read_tree(root):
    """What is below `root`, folders before what they hold: (path, inode, mode, content, which is None of a folder)."""
    root, found = pathlib.Path(root), []
    for place in [root, *sorted(root.rglob("*"))]:
        facts = place.lstat()
        content = None if stat.S_ISDIR(facts.st_mode) else place.read_bytes()
        found.append((place.relative_to(root).as_posix(), facts.st_ino, stat.S_IMODE(facts.st_mode), content))
    return found


class Disk:
    """Starts with a tree, all of it durable."""

    def __init__(self, tree):
        self.things = {}
        for path, inode, mode, content in tree:
            if inode not in self.things:
                self.things[inode] = Folder(mode, path) if content is None else File(mode, content, path)
            if path == ".":
                self.root = self.things[inode]
            else:
                folder, last = self._place(path)
                folder.first[last] = folder.now[last] = self.things[inode]

    def do(self, operation, synchronizes=True):
        """Replays one operation; a sync that does not synchronize is one that the program forgot."""
        name = operation.name
        if name == "write":
            self.things[operation.inode].write(operation.number, operation.data)
        elif name == "size":
            self.things[operation.inode].resize(operation.number)
        elif name == "sync" and synchronizes:
            self.things[operation.inode].synchronize()
        elif name in ("create", "mkdir"):
            self._make(operation, (Folder if name == "mkdir" else File))
        elif name in ("rename", "link"):
            source, target = operation.paths
            (old, old_name), (new, new_name) = self._place(source), self._place(target)
            thing = old.now[old_name]
            actions = [(new, new_name, thing)]
            if name == "rename":
                actions.insert(0, (old, old_name, None))
            thing.path = target
            Change(name, target, *actions)
        elif name == "unlink":
            folder, last = self._place(operation.paths[0])
            Change(name, operation.paths[0], (folder, last, None))

    def _make(self, operation, kind):
        path, = operation.paths
        folder, last = self._place(path)
        # A number of a file that is gone may be given again.
        thing = self.things[operation.inode] = kind(operation.number, path=path)
        Change(operation.name, path, (folder, last, thing))

    def _place(self, path):
        """The folder in which the last part of the path stands, and that part."""
        *above, last = [part for part in path.split("/") if part not in ("", ".")]
        folder = self.root
        for part in above:
            folder = folder.now[part]
        return folder, last

    @property
    def pending_names(self):
        """In order, each once."""
        found = {}
        for folder in self._folders():
            found.update(dict.fromkeys(folder.pending))
        return list(found)

    @property
    def pending_files(self):
        return [thing for thing in self.things.values() if isinstance(thing, File) and thing.pending]

    def _folders(self):
        """Every folder that ever was: a lost `rmdir` brings one back."""
        return [thing for thing in self.things.values() if isinstance(thing, Folder)]

    def image(self, fate):
        tree, kept, contents = {}, fate.kept(self.pending_names), {}

        def add(folder, path):
            for name, thing in sorted(folder.entries(kept).items()):
                below = f"{path}/{name}".lstrip("/")
                if isinstance(thing, Folder):
                    tree[below] = (thing.mode, None, None)
                    add(thing, below)
                    continue
                if id(thing) not in contents:
                    contents[id(thing)] = thing.content(fate)
                tree[below] = (thing.mode, id(thing), contents[id(thing)])

        add(self.root, "")
        return Image(tree)

    def differences(self, root):
        """Paths at which what was replayed is not what is there: operations that the record lacks."""
        there, here = Disk(read_tree(root)).image(ALL).tree, self.image(ALL).tree
        return sorted(path for path in there.keys() | here.keys()
                      if not path.endswith("-shm") and _facts(there.get(path)) != _facts(here.get(path)))


def _has(words, thing):
    """Whether "all", "none", ("only", which) or ("but", which) includes it."""
    return words == "all" if isinstance(words, str) else (words[0] == "only") == (words[1] is thing)


ALL = Fate("all", "all")


def _facts(entry):
    return entry and (entry[0], entry[2])


def _touches(event, start, end):
    offset, data = event
    return offset < end if data is None else offset < end and start < offset + len(data)


def _put(content, offset, data):
    if len(content) < offset:
        content.extend(bytes(offset - len(content)))
    content[offset:offset + len(data)] = data


def _resize(content, size):
    del content[size:]
    content.extend(bytes(size - len(content)))
