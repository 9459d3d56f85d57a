"""The library that kills a program at a chosen change of its files; `Tests/Crash/shim.c` says how."""
import os
import pathlib
import subprocess

from command import ROOT, expect

SOURCE = ROOT / "Tests/Crash/shim.c"


class Shim:
    def __init__(self, place):
        self._library = pathlib.Path(place) / "crash-shim.so"
        built = subprocess.run([os.environ.get("CC", "cc"), "-shared", "-fPIC", "-O2", "-Wall", "-Wextra", "-Werror",
                                "-pthread", "-o", self._library, SOURCE], capture_output=True, text=True)
        expect(built.returncode == 0, f"the shim cannot be built: {built.stderr}")

    def variables(self, root, trace, at=None, mode="before"):
        """For a program that dies at its `at`th operation below `root`, or lives if that is None."""
        crash = {} if at is None else {"CRASH_AT": str(at), "CRASH_MODE": mode}
        return {"LD_PRELOAD": str(self._library), "CRASH_ROOT": os.path.realpath(root), "CRASH_TRACE": str(trace), **crash}


def operations(trace):
    """What a program under the shim began to do, in order: (name, number of bytes, path below the root)."""
    lines = pathlib.Path(trace).read_text().splitlines() if os.path.exists(trace) else []
    split = [line.split(" ", 2) for line in lines]
    return [(name, int(size), path) for name, size, path in split]


def tearable(operations):
    """The writes that `CRASH_MODE=torn` counts: of one byte there is no half."""
    return [operation for operation in operations if operation[1] > 1]
