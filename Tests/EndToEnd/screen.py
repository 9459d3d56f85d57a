"""What a person sees of the bytes that a terminal was sent: the few control sequences that the program uses (ECMA-48)."""
import re

from command import Failed

_PIECES = re.compile(r"\x1b\[([0-9;?]*)([A-Za-z])|\r|\n|[^\x1b\r\n]+|\x1b")


class Screen:
    """As many rows as were ever written; the last is where the cursor rests if nothing is erased."""

    def __init__(self, text, columns=80):
        self.rows, self._row, self._column = [""], 0, 0
        self._columns = columns
        # What is switched on, and must be off in the end.
        self.is_painted, self.modes = False, set()
        for piece in _PIECES.finditer(text):
            self._take(piece[0], piece[1], piece[2])

    def __str__(self):
        return "\n".join(row.rstrip() for row in self.rows)

    def _take(self, piece, numbers, letter):
        if letter:
            self._control(numbers, letter)
        elif piece == "\r":
            self._column = 0
        elif piece == "\n":
            self._down()
        elif piece == "\x1b":
            raise Failed("a control sequence that no screen of this test knows")
        else:
            for character in piece:
                self._put(character)

    def _put(self, character):
        if self._column == self._columns:
            self._column = 0
            self._down()
        row = self.rows[self._row].ljust(self._column)
        self.rows[self._row] = row[:self._column] + character + row[self._column + 1:]
        self._column += 1

    def _down(self):
        self._row += 1
        if self._row == len(self.rows):
            self.rows.append("")

    def _control(self, numbers, letter):
        if letter == "m":
            self.is_painted = numbers not in ("", "0")
        elif letter == "A":
            self._row = max(0, self._row - int(numbers or 1))
        elif letter == "J" and numbers in ("", "0"):
            self.rows[self._row] = self.rows[self._row][:self._column]
            del self.rows[self._row + 1:]
        elif letter in "hl":
            (self.modes.add if letter == "h" else self.modes.discard)(numbers)
        else:
            raise Failed(f"a control sequence that no screen of this test knows: {numbers}{letter}")
