"""Signals: while servers do not answer, while another run holds the lock, while a person is asked."""
import signal
import time

from casebook import case
from command import expect
from gate import Gate
from project import APPLY
from sandbox import ADDRESSES, AUTHORIZATION
from terminal import Terminal

# What the documentation promises: recording and unlocking included.
LIMIT = 8
# What a run says that renews and proves everything, in this order; the first of them signals a run that has hardly begun.
MOMENTS = ((), ("will perform",), ("sandbox: modifying",), ("authorizing by",), ("logging in",), ("proven",),
           ("EmailAccount/.*complete",), ("EmailAccount/.*complete", "OAuthProfile/.*complete"), ("apply complete",))
CODES = {signal.SIGINT: 130, signal.SIGTERM: 143, signal.SIGHUP: 143}
STALLED = "EmailAccount/alerts"


def stalled_at_login(bench, project, gate, *arguments, within=None):
    """An apply of which everything is done but one account, whose mail server does not answer."""
    run = project.start(*(arguments or APPLY), within=within)
    gate.wait()
    return run.until_it_says("billing: creation complete", "support: creation complete")


def stopped(run, number):
    """The answer of a run that is sent a signal."""
    started = time.monotonic()
    run.signal(number)
    answer = run.answer(timeout=30)
    seconds = time.monotonic() - started
    expect(seconds <= LIMIT, f"it took {seconds:.1f} s to end after {number.name}")
    return answer.exits(CODES[number])


def records_what_was_done(bench, number):
    project = bench.project()
    with bench.imap_gate(project) as gate:
        with stalled_at_login(bench, project, gate) as run:
            answer = stopped(run, number)
        answer.says("alerts +create +not reached", "what succeeded stays|what is done is recorded")
        project.agrees(ADDRESSES - {STALLED})
        gate.open()
        project.converges().does_not_say("earlier run")


@case("SIGINT while a mail server does not answer: done is recorded, the lock is free, the next apply converges")
def interrupt(bench):
    records_what_was_done(bench, signal.SIGINT)


@case("SIGTERM likewise")
def terminate(bench):
    records_what_was_done(bench, signal.SIGTERM)


@case("SIGHUP likewise")
def hang_up(bench):
    records_what_was_done(bench, signal.SIGHUP)


def leaves_nothing(bench, number):
    project = bench.project()
    with bench.token_gate(project) as gate:
        with project.start(*APPLY) as run:
            gate.wait()
            stopped(run, number)
        expect(not project.committed, "something is in service")
        expect(not project.leftovers() and not project.held_locks(), "something is left over")
        gate.open()
        project.converges()


@case("SIGINT while the token endpoint does not answer: nothing was done, nothing is left")
def interrupt_at_the_token_endpoint(bench):
    leaves_nothing(bench, signal.SIGINT)


@case("SIGTERM while the token endpoint does not answer")
def terminate_at_the_token_endpoint(bench):
    leaves_nothing(bench, signal.SIGTERM)


@case("SIGHUP while the token endpoint does not answer")
def hang_up_at_the_token_endpoint(bench):
    leaves_nothing(bench, signal.SIGHUP)


@case("SIGINT while the grant is being replaced: what was in service still is, and works")
def during_replacement(bench):
    project = bench.project()
    with Gate(bench.sandbox.oauth_port) as gate:
        project.apply().exits(0)
        before = project.grants
        project.ask_for_tokens_at(gate.port)
        with project.start(*APPLY, "--replace", AUTHORIZATION) as run:
            gate.wait()
            stopped(run, signal.SIGINT)
        expect(project.grants == before, "the grants have changed")
        project.run("test").exits(0)
        project.agrees()
        gate.open()
        project.converges()


@case("a second SIGINT leaves at once; what was committed is not lost")
def twice(bench):
    project, other = bench.project(), bench.project("patient")
    with bench.imap_gate(project) as gate, bench.imap_gate(other) as shut, stalled_at_login(bench, other, shut) as patient:
        with stalled_at_login(bench, project, gate) as run:
            for each in (run, patient):
                each.signal(signal.SIGINT)
                each.until_it_says("interrupt again")
            run.signal(signal.SIGINT)
            run.answer(timeout=30).exits(130).does_not_say("not reached")
            expect(patient.is_running, "it left no sooner than one that was interrupted once")
        expect(project.committed == ADDRESSES - {STALLED}, "what was committed is lost")
        expect(not project.held_locks(), "a lock is held")
        project.run("token", "support").exits(0)
        gate.open()
        project.converges().says("earlier run")


@case("a signal that comes when everything is nearly done does no harm")
def at_any_moment(bench):
    project = bench.applied()
    for step, moment in enumerate(MOMENTS):
        project.announce_rotation(step)
        with project.start(*APPLY) as run:
            run.until_it_says(*moment)
            run.signal(signal.SIGTERM)
            # Before the handlers stand, and after they are gone, a signal has its default meaning.
            code = run.answer(timeout=30).code
            expect(code in (0, 143, -signal.SIGTERM), f"it exited with {code}")
    project.converges()


@case("a run under nohup does not end with its terminal")
def nohup(bench):
    project = bench.project()
    with bench.imap_gate(project) as gate, stalled_at_login(bench, project, gate, within=("nohup",)) as run:
        run.signal(signal.SIGHUP)
        gate.open()
        run.answer().exits(0)
        project.is_clean()


@case("a signal while it waits for the lock: it leaves, and has written nothing")
def while_waiting(bench):
    project = bench.project()
    with bench.imap_gate(project) as gate, project.start(*APPLY) as first:
        gate.wait()
        for number in CODES:
            with project.start(*APPLY, "--lock-timeout", "60s") as second:
                second.until_it_says(rf"acquiring state lock.*pid {first.pid}\b")
                stopped(second, number)
        project.apply().exits(5).says(rf"pid {first.pid}\b")
        gate.open()
        first.answer().exits(0)
        project.is_clean()


# ---- At the question ----


def leaves_the_question(bench, by, code):
    project = bench.project()
    with Terminal(project, "apply") as terminal:
        terminal.until_it_asks()
        by(terminal)
        got = terminal.finish()
        # A run that takes its time to leave says so.
        expect("Interrupt received" not in terminal.text, "it gave running steps time, and none ran")
    # A shell shows a process that a signal ended as 128 and its number.
    expect((128 - got if got < 0 else got) in code, f"it exited with {got}")
    expect(not project.hidden.exists() and not list(project.keys.iterdir()), "it wrote something before it was allowed to")
    project.converges()


@case("Ctrl-C at the question: nothing is written")
def interrupt_at_the_question(bench):
    leaves_the_question(bench, lambda terminal: terminal.type(b"\x03"), (130,))


@case("SIGTERM at the question")
def terminate_at_the_question(bench):
    leaves_the_question(bench, lambda terminal: terminal.run.signal(signal.SIGTERM), (143,))


@case("the terminal goes away at the question")
def hang_up_at_the_question(bench):
    leaves_the_question(bench, Terminal.hang_up, (129, 143, 1))


@case("anything but yes, or the end of input, at the question: exit code 1, nothing is written")
def no_at_the_question(bench):
    leaves_the_question(bench, lambda terminal: terminal.type(b"\x04"), (1,))
    project = bench.project("no")
    with Terminal(project, "apply") as terminal:
        terminal.until_it_asks().type(b"y\n")
        terminal.run.answer(timeout=20).exits(1)
    expect(not project.hidden.exists(), "it wrote something though nobody said yes")


@case("two people are asked at the same time: the second yes is told that the plan is stale, and changes nothing")
def two_at_the_question(bench):
    project = bench.project()
    with Terminal(project, "apply") as one, Terminal(project, "apply") as other:
        one.until_it_asks()
        other.until_it_asks()
        one.type(b"yes\n")
        one.run.answer().exits(0)
        serial = project.serial
        other.type(b"yes\n")
        other.run.answer().exits(4)
    expect(project.serial == serial, "the refused run has written a state")
    project.is_clean()
