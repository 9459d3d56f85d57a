"""Running the built program: where it is, an environment without a trace of the caller's, and what it answered."""
import os
import pathlib
import re
import signal
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent


class Failed(Exception):
    """Something that must hold did not."""


def expect(holds, why):
    if not holds:
        raise Failed(why)


class Answer:
    """What one command returned."""

    def __init__(self, command, completed):
        self.command, self.code = command, completed.returncode
        self.stdout, self.stderr = completed.stdout, completed.stderr
        self.out, self.err = self.stdout.decode(errors="replace"), self.stderr.decode(errors="replace")
        self.text = self.out + self.err

    def exits(self, code):
        expect(self.code == code, f"`{self.command}` exited with {self.code}, not {code}{self._complaint}")
        return self

    @property
    def _complaint(self):
        """The first line that names an error."""
        return next((f": {line}" for line in self.text.splitlines() if line.lower().startswith("error")), "")

    def says(self, *patterns):
        for pattern in patterns:
            expect(re.search(pattern, self.text, re.IGNORECASE), f"`{self.command}` does not say /{pattern}/")
        return self

    def does_not_say(self, *patterns):
        for pattern in patterns:
            expect(not re.search(pattern, self.text, re.IGNORECASE), f"`{self.command}` says /{pattern}/")
        return self


def program(arguments):
    """The program to test: the first of these arguments, else $MAILKEEL, else the debug build."""
    path = pathlib.Path(arguments[0] if arguments else os.environ.get("MAILKEEL", ROOT / ".build/debug/mailkeel"))
    if not os.access(path, os.X_OK):
        sys.exit(f"there is no program at {path}; build it first")
    return path.resolve()


def variables(home, keys, **more):
    """The environment of a command whose home and key files are these."""
    return {"PATH": os.environ["PATH"], "HOME": str(home), "LANG": "C.UTF-8", "NO_COLOR": "1",
            "MAILKEEL_VAULT_KEY_FILE": str(pathlib.Path(keys) / "vault.key"),
            "MAILKEEL_PROJECT_KEY_FILE": str(pathlib.Path(keys) / "project.key"), **more}


def run(binary, directory, environment, *arguments, timeout=120):
    """Runs one command on the project in `directory`."""
    command = " ".join(arguments)
    try:
        completed = subprocess.run([binary, *arguments, "--chdir", directory], env=environment, cwd=directory,
                                   stdin=subprocess.DEVNULL, capture_output=True, timeout=timeout)
    except subprocess.TimeoutExpired as late:
        raise Failed(f"`{command}` was not done after {late.timeout:.0f} s") from late
    return Answer(command, completed)


def scratch(prefix):
    """A temporary directory with a short path, in memory where possible: every fsync of a disk would be waited for."""
    base = next((path for path in ("/dev/shm", "/tmp") if os.access(path, os.W_OK)), None)
    return tempfile.TemporaryDirectory(prefix=prefix, dir=base)


def leave_by_exit():
    """Makes the signals that end a test run its `finally` clauses, so that servers are stopped then, too."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda number, _: sys.exit(128 + number))
