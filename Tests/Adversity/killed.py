"""What a run leaves that is killed outright, and the command that removes its record."""
import json
import re
import signal

from casebook import case
from command import expect
from interruptions import MOMENTS, STALLED, stalled_at_login
from project import APPLY
from sandbox import ADDRESSES


def kill(run):
    run.signal(signal.SIGKILL)
    run.answer(timeout=30).exits(-signal.SIGKILL)


def record(project):
    """The record of who holds the lock, or held it."""
    path = project.hidden / "state.json.lock.info"
    expect(path.exists(), "no record says who holds the lock")
    return json.loads(path.read_bytes())


@case("kill -9 during apply: the next run has the lock at once, although the record is still there")
def lock_is_free(bench):
    project = bench.project()
    with bench.imap_gate(project) as gate:
        with stalled_at_login(bench, project, gate) as run:
            expect(f"pid {run.pid}" in record(project)["Info"], "the record does not name the process")
            expect(project.held_locks() == ["state.json.lock"], "a running apply does not hold the lock")
            kill(run)
        record(project)
        expect(not project.held_locks(), "a lock is held by nobody alive")
        expect(project.committed == ADDRESSES - {STALLED}, "what was committed is lost")
        project.run("plan").exits(0).says("earlier run")
        gate.open()
        project.converges().says("earlier run")


@case("kill -9 of one run after the other: the lock's record always names the living one")
def record_names_the_living(bench):
    project = bench.project()
    with bench.imap_gate(project) as gate:
        for _ in range(3):
            with project.start(*APPLY) as run:
                gate.wait()
                project.apply().exits(5).says(rf"pid {run.pid}\b")
                kill(run)
        gate.open()
        project.converges()


@case("kill -9 at any moment: the next run converges")
def at_any_moment(bench):
    project = bench.applied()
    for step, moment in enumerate(MOMENTS):
        project.announce_rotation(step)
        with project.start(*APPLY) as run:
            run.until_it_says(*moment).stop()
    project.converges()


@case("unlock removes the record of a killed run, by its ID only, and never a living run's")
def unlock(bench):
    project = bench.project()
    with bench.imap_gate(project) as gate:
        with stalled_at_login(bench, project, gate) as run:
            identity = record(project)["ID"]
            # Only the end of that process frees the lock, so the words must name it.
            refused = project.run("unlock", identity).says(rf"{run.pid}\b")
            expect(refused.code in (1, 5), f"unlock of a living run exited with {refused.code}")
            project.apply().exits(5)
            kill(run)
        project.run("unlock", "another-id").exits(1).says(re.escape(identity))
        record(project)
        project.run("unlock", identity).exits(0)
        expect(not (project.hidden / "state.json.lock.info").exists(), "unlock has not removed the record")
        expect(project.run("unlock", identity).code in (0, 1), "a second unlock breaks")
        expect(project.committed == ADDRESSES - {STALLED}, "unlock has lost what was committed")
        gate.open()
        project.converges()
