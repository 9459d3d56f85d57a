"""A terminal with a command in its foreground."""
import fcntl
import os
import pty
import re
import struct
import termios

from command import expect, wait_until


class Terminal:
    def __init__(self, project, *arguments, columns=80, rows=24):
        self._master, slave = pty.openpty()
        self.resize(columns, rows)
        self._modes = termios.tcgetattr(slave)
        try:
            self.run = project.start(*arguments, within=("setsid", "--ctty"), stdin=slave, stdout=slave, stderr=slave)
        finally:
            os.close(slave)
        os.set_blocking(self._master, False)
        self.text = ""

    def until_it_asks(self):
        return self.until_it_shows("Enter a value:", "it did not ask for a value")

    def until_it_shows(self, pattern, complaint=None, timeout=30):
        """Waits for it on the screen."""
        self.shows(pattern, complaint, timeout)
        return self

    def shows(self, pattern, complaint=None, timeout=30):
        """Waits for it on the screen; returns the match."""
        wait_until(lambda: self._shows(pattern), timeout, complaint or f"the terminal did not show /{pattern}/")
        return re.search(pattern, self.text)

    def resize(self, columns, rows):
        """Gives the window another size, as a person does at its corner."""
        fcntl.ioctl(self._master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    @property
    def is_as_before(self):
        """Whether the command left the modes of the terminal as they were."""
        return termios.tcgetattr(self._master) == self._modes

    def type(self, keys):
        os.write(self._master, keys)

    def hang_up(self):
        os.close(self._master)
        self._master = None

    def finish(self):
        """Reads on until the command has ended; returns its exit code."""
        wait_until(self._has_ended, 60, "it did not end")
        self._read()
        return self.run.answer(timeout=20).code

    def _has_ended(self):
        self._read()
        return not self.run.is_running

    def _shows(self, pattern):
        ended = self._read() is None
        shown = re.search(pattern, self.text)
        expect(shown or not ended, f"it ended instead of showing /{pattern}/: {self.text[-300:]}")
        return shown

    def _read(self):
        """Takes what there is; None once nobody is at the other end."""
        if self._master is None:
            return None
        try:
            while True:
                piece = os.read(self._master, 65536)
                if not piece:
                    return None
                self.text += piece.decode(errors="replace")
        except BlockingIOError:
            return False
        except OSError:
            return None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.run.__exit__()
        if self._master is not None:
            os.close(self._master)
