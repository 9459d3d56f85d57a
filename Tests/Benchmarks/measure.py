"""Whole processes, timed: how long one took, what it held at most, and two that alternate."""

import os
import statistics
import subprocess
import threading
import time


class Failed(Exception):
    """A command that is measured did not do its work, so that its time would say nothing."""


def run_once(command, environment, limit=600):
    """Seconds from start to end, and the peak resident memory in MB. Kills what takes longer than `limit` seconds."""
    start = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment)
    timer = threading.Timer(limit, process.kill)
    timer.start()
    try:
        _, status, usage = os.wait4(process.pid, 0)  # the only call that gives the memory of this one child
    finally:
        timer.cancel()
    elapsed = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        why = f"took longer than {limit} s" if elapsed >= limit else f"ended with {process.returncode}"
        raise Failed(f"{' '.join(map(str, command))} {why}")
    return elapsed, usage.ru_maxrss / 1024


def compare(name, subject, reference, runs, goal, environment, prepare=None):
    """Alternates the two; the ratio is that of the medians. `prepare` runs before each run of the subject."""
    times, peak = ([], []), 0
    for number in range(runs + 1):
        if prepare:
            prepare()
        mine, memory = run_once(subject, environment)
        other, _ = run_once(reference, environment)
        if number > 0:  # the first warms the caches
            times[0].append(mine)
            times[1].append(other)
            peak = max(peak, memory)
    mine, other = map(statistics.median, times)
    return {
        "name": name, "mailkeel_ms": mine * 1000, "mailkeel_peak_mb": peak, "reference_ms": other * 1000,
        "ratio": mine / other, "goal": goal, "runs": runs,
    }
