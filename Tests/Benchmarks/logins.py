"""Logins a second: the product's dialer and machines against a bare loop in C, on the same Dovecot in the same run."""

import pathlib
import shutil
import statistics
import subprocess
import tempfile

from mailserver import MailServer
from measure import Failed

HERE = pathlib.Path(__file__).resolve().parent
SESSIONS, MAILBOXES, RUNS = 250, 64, 5


def rows(subject, scratch):
    """A row for each concurrency and kind of server; one that says why, where it cannot be measured.

    The goal is for the login service of the high-performance kind. There each session still costs the server a process, more
    than all that a client does; with processes that stand ready the client counts for more.
    """
    loop = scratch / "logins"
    missing = [program for program in ("dovecot", "cc") if not shutil.which(program, path="/usr/sbin:/usr/bin:/bin")]
    if not missing:
        made = subprocess.run(["cc", "-O2", "-o", loop, HERE / "logins.c", "-lssl", "-lcrypto", "-lpthread"], capture_output=True)
        missing = [] if made.returncode == 0 else ["libssl-dev"]
    if missing:
        yield {"name": "logins a second against a bare loop", "skipped": f"{', '.join(missing)} not installed"}
        return
    for standing, goal in ((False, "at least 0.9"), (True, "")):
        with tempfile.TemporaryDirectory(prefix="mk-", dir="/dev/shm") as directory, MailServer(directory, standing) as server:
            for concurrency in (1, 8, 32):
                against = "standing sessions, against the loop" if standing else "against a bare loop in C"
                yield {"name": f"logins at concurrency {concurrency}, {against}", "goal": goal,
                       **_compare(server, subject, loop, concurrency)}


def _compare(server, subject, reference, concurrency):
    """Alternates the two; the ratio is that of the medians."""
    rates, costs, shares = ([], []), ([], []), ([], [])
    for number in range(RUNS + 1):
        for index, program in enumerate((subject, reference)):
            rate, cost, share = _load(server, program, concurrency)
            if number > 0:  # the first makes the mailboxes, and warms the caches
                rates[index].append(rate)
                costs[index].append(cost)
                shares[index].append(share)
    mine, other = map(statistics.median, rates)
    return {"logins_a_second": mine, "reference_logins_a_second": other, "ratio": mine / other, "runs": RUNS,
            "ms_of_processor_a_login": statistics.median(costs[0]),
            "reference_ms_of_processor_a_login": statistics.median(costs[1]),
            "server_share_of_processors": statistics.median(shares[0]),
            "reference_server_share_of_processors": statistics.median(shares[1])}


def _load(server, program, concurrency):
    """(logins a second, milliseconds of processor time for each, the server's share of all processors)"""
    before = server.processor_seconds()
    done = subprocess.run([program, str(server.port), server.ca, server.token_file, str(MAILBOXES), str(concurrency), str(SESSIONS)],
                          capture_output=True, text=True, timeout=300)
    if done.returncode != 0:
        raise Failed(f"{program.name} failed: {done.stderr.strip()[:500]}")
    count, seconds, processor = map(float, done.stdout.split())
    return count / seconds, processor / count * 1000, (server.processor_seconds() - before) / seconds / server.processors
