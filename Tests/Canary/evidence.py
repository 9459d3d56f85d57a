"""What the program wrote: to its outputs, to its files, to the commands of its children. Kept whole, searched at the end."""
import collections
import hashlib
import pathlib

from canaries import PARTS

# What command wrote it, where, and the bytes. `path` is empty for what is no file; `shows` names what may stand there.
Piece = collections.namedtuple("Piece", "command where path content shows")
Finding = collections.namedtuple("Finding", "command where canary form")


class Evidence:
    def __init__(self):
        self.pieces, self._seen = [], set()

    def add_output(self, command, where, content, shows=()):
        """`shows`: names of the canaries that this output is asked for."""
        self.pieces.append(Piece(command, where, "", content, frozenset(shows)))

    def add_files(self, command, *roots):
        """Every file below these as it is now, with its name; what was there before just so is passed over."""
        for path in sorted(path for root in roots for path in pathlib.Path(root).rglob("*")):
            content = str(path).encode() + b"\0"
            if path.is_file() and not path.is_symlink():
                content += path.read_bytes()
            key = (str(path), hashlib.sha256(content).digest())
            if key not in self._seen:
                self._seen.add(key)
                self.pieces.append(Piece(command, str(path), str(path), content, frozenset()))

    def search(self, canaries):
        """All findings, each canary in each piece at most once for each form."""
        return [Finding(piece.command, piece.where, canary.name, form)
                for piece in self.pieces for canary in canaries
                if piece.path not in canary.home and canary.name not in piece.shows
                for form in _forms_in(piece.content, canary)]


def _forms_in(content, canary):
    found = [form for form, needle in canary.forms.items() if needle in content]
    return [form for form in found if form not in PARTS] if "raw" in found else found
