"""The servers' processes: noted when started, ended by id and never by name."""
import os
import pathlib
import signal
import subprocess
import time


def launch(directory, log, *command):
    """Starts a server in a session of its own, so that it outlives the caller, and notes it in DIRECTORY/pids."""
    with open(log, "ab") as output:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output, stderr=output,
                                   cwd=directory, start_new_session=True)
    with open(directory / "pids", "a") as pids:
        pids.write(f"{process.pid} {_start_time(process.pid)} {command[0]}\n")
    return process


def end_all(directory):
    """Ends what `launch` noted: asks, waits up to five seconds, then kills. Returns the names of those it had to kill."""
    file = pathlib.Path(directory) / "pids"
    noted = [line.split(" ", 2) for line in file.read_text().splitlines()] if file.exists() else []
    ours = [(int(pid), started, name) for pid, started, name in noted]
    for process in ours:
        _signal(process, signal.SIGTERM)
    deadline = time.monotonic() + 5
    while any(map(_runs, ours)) and time.monotonic() < deadline:
        time.sleep(0.02)
    stubborn = [process for process in ours if _runs(process)]
    for process in stubborn:
        _signal(process, signal.SIGKILL)
    file.unlink(missing_ok=True)
    return [name for _, _, name in stubborn]


def _signal(process, number):
    if _runs(process):
        try:
            os.kill(process[0], number)
        except ProcessLookupError:
            pass  # it ended in between


def _runs(process):
    """Whether this very process runs: a later one with the same id started at another time."""
    pid, started, _ = process
    return started != "0" and _start_time(pid) == started


def _start_time(pid):
    """Field 22 of /proc/PID/stat, in ticks since boot; "0" when the process is gone or waits to be reaped."""
    try:
        fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return "0"
    return "0" if fields[0] in "ZX" else fields[19]
