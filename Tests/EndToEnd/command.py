"""Running the built program: where it is, an environment without a trace of the caller's, and what it answered."""
import os
import pathlib
import re
import signal
import subprocess
import sys
import tempfile
import time

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
        self.stdout, self.stderr = completed.stdout or b"", completed.stderr or b""
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


def run(binary, directory, environment, *arguments, timeout=120, within=(), **streams):
    """Runs one command on the project in `directory`, under the command `within` if there is one."""
    command = " ".join(arguments)
    streams = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **streams}
    try:
        completed = subprocess.run([*within, binary, *arguments, "--chdir", directory], env=environment, cwd=directory,
                                   timeout=timeout, **streams)
    except subprocess.TimeoutExpired as late:
        raise Failed(f"`{command}` was not done after {late.timeout:.0f} s") from late
    return Answer(command, completed)


def together(count, binary, directory, environment, *arguments):
    """So many of the same command, which begin at the same moment; gives the answer of each."""
    # Each waits for the end of the pipe, which comes for all of them when the only writer closes it.
    waiting = ["/bin/sh", "-c", 'read _ ; exec "$@" </dev/null', "sh", binary, *arguments, "--chdir", directory]
    gate = subprocess.Popen(["/bin/cat"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    runs = [subprocess.Popen(waiting, stdin=gate.stdout, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment,
                             cwd=directory) for _ in range(count)]
    gate.stdout.close()
    gate.stdin.close()
    try:
        said = [run.communicate(timeout=120) for run in runs]
    except subprocess.TimeoutExpired as late:
        raise Failed(f"{count} times `{' '.join(arguments)}` were not done after {late.timeout:.0f} s") from late
    finally:
        for run in runs:
            run.kill()
        gate.wait()
    return [Answer(" ".join(arguments), subprocess.CompletedProcess([], run.returncode, *each)) for run, each in zip(runs, said)]


class Background:
    """A command that is under way. What it writes goes to files, so that it never waits for a reader."""

    def __init__(self, binary, directory, environment, *arguments, within=(), **streams):
        self.command = " ".join(arguments)
        self._out, self._err = tempfile.TemporaryFile(), tempfile.TemporaryFile()
        streams = {"stdin": subprocess.DEVNULL, "stdout": self._out, "stderr": self._err, **streams}
        self._process = subprocess.Popen([*within, binary, *arguments, "--chdir", directory], env=environment,
                                         cwd=directory, **streams)
        self.pid = self._process.pid

    @property
    def is_running(self):
        return self._process.poll() is None

    def signal(self, number):
        self._process.send_signal(number)

    def until_it_says(self, *patterns, timeout=30):
        """Waits for all of these in what it writes."""
        def said():
            text = (self._read(self._out) + self._read(self._err)).decode(errors="replace")
            return all(re.search(pattern, text, re.IGNORECASE) for pattern in patterns)
        wait_until(lambda: said() or not self.is_running, timeout, f"`{self.command}` did not say /{'/, /'.join(patterns)}/")
        expect(said(), f"`{self.command}` ended without saying /{'/, /'.join(patterns)}/")
        return self

    def answer(self, timeout=60):
        """Waits for its end; what takes longer fails."""
        try:
            code = self._process.wait(timeout)
        except subprocess.TimeoutExpired as late:
            self.stop()
            raise Failed(f"`{self.command}` had not ended after {late.timeout:.0f} s") from late
        return Answer(self.command, subprocess.CompletedProcess([], code, self._read(self._out), self._read(self._err)))

    def stop(self):
        if self.is_running:
            self._process.kill()
        self._process.wait()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()
        self._out.close()
        self._err.close()

    @staticmethod
    def _read(file):
        return os.pread(file.fileno(), os.fstat(file.fileno()).st_size, 0)


def wait_until(holds, timeout, why):
    """Looks a hundred times a second."""
    deadline = time.monotonic() + timeout
    while not holds():
        expect(time.monotonic() < deadline, f"{why} within {timeout} s")
        time.sleep(0.01)


def scratch(prefix):
    """A temporary directory with a short path, in memory where possible: every fsync of a disk would be waited for."""
    base = next((path for path in ("/dev/shm", "/tmp") if os.access(path, os.W_OK)), None)
    return tempfile.TemporaryDirectory(prefix=prefix, dir=base)


def leave_by_exit():
    """Makes the signals that end a test run its `finally` clauses, so that servers are stopped then, too."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda number, _: sys.exit(128 + number))
