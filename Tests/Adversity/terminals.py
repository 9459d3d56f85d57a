"""`test` as a person sees it on a terminal, and as a pipe does: while a server does not answer, when it is stopped, in a window
that changes its size. Testing takes no lock, so that several can look at one project at once."""
import contextlib
import copy
import json
import re
import signal
import time

from casebook import case
from command import expect
from gate import Gate
from interruptions import CODES, LIMIT, STALLED
from screen import Screen
from terminal import Terminal

COLUMNS = 100
BLOCK = r"\d of 3 tested"
ROW = rf"{STALLED}: "


class Stalled:
    """An applied project, one account of which has a server that does not answer any more."""

    def __init__(self, bench, stack):
        self.project = bench.project()
        with bench.imap_gate(self.project) as gate:
            gate.open()
            self.project.apply().exits(0)
        self.gate = stack.enter_context(Gate(bench.sandbox.imap_port, gate.port))

    def looker(self, stack, **variables):
        """Somebody who looks at a test that waits."""
        project = copy.copy(self.project)
        project.variables = {name: value for name, value in project.variables.items() if name != "NO_COLOR"}
        project.variables |= {"TERM": "xterm-256color", **variables}
        return stack.enter_context(Terminal(project, "test", columns=COLUMNS))


def is_tidy(terminal):
    """Nothing is left of the block, of colours or of modes; returns what stands there."""
    screen = Screen(terminal.text, COLUMNS)
    expect(not screen.is_painted and not screen.modes, f"it left the terminal with colours or modes on: {terminal.text[-200:]!r}")
    expect(not re.search(BLOCK, str(screen)), f"the block is left on the screen:\n{screen}")
    expect(screen.rows[-1] == "", "the prompt would stand behind its last words")
    return str(screen)


@case("test on a terminal: a block of what runs, in any width, then the table; without colours or cursor where that is asked for")
def looks(bench):
    with contextlib.ExitStack() as stack:
        stalled = Stalled(bench, stack)

        def seen(looks=lambda terminal: None, is_live=True, **variables):
            """What a terminal shows of a test that waits a while and passes."""
            stalled.gate.shut()
            terminal = stalled.looker(stack, **variables)
            if is_live:
                terminal.until_it_shows("2 of 3 tested").until_it_shows(ROW)
            else:
                stalled.gate.wait()
            looks(terminal)
            stalled.gate.open()
            code = terminal.finish()
            expect(code == 0, f"test exited with {code}: {terminal.text}")
            return terminal

        def resizes(terminal):
            for columns, shown in ((12, "2 of 3 t"), (30, "2 of 3 tested"), (COLUMNS, ROW)):
                terminal.resize(columns, 24)
                # The frame after the next is drawn for that width.
                terminal.until_it_shows(rf"(?s)^.{{{len(terminal.text)}}}.*\x1b\[J.*\x1b\[J.*{shown}")

        dumb, job = seen(is_live=False, TERM="dumb"), seen(is_live=False, CI="true")
        coloured, plain = seen(), seen(NO_COLOR="1")
        seen(resizes)
        stalled.gate.shut()
        with stalled.project.start("test") as pipe:
            pipe.until_it_says("ok EmailAccount/billing", "ok EmailAccount/support")
            stalled.gate.open()
            answer = pipe.answer().exits(0)
    for terminal in (coloured, plain, dumb, job):
        screen = is_tidy(terminal)
        for pattern in (r"(?m)^  Account +Server +Stage +Time", rf"(?m)^\+ {STALLED.partition('/')[2]} ", "3 passed, 0 failed"):
            expect(re.search(pattern, screen), f"it does not show /{pattern}/:\n{screen}")
    expect("\x1b[3" in coloured.text, "it shows no colours")
    expect(not re.search(r"\x1b\[[0-9;]*m", plain.text), "NO_COLOR shows colours")
    expect("\x1b" not in dumb.text, "TERM=dumb gets control sequences")
    expect(not re.search(BLOCK, job.text), "a job's log gets a block that is drawn again and again")
    expect("\x1b" not in answer.text and not re.search(BLOCK, answer.text), "a pipe gets what is for terminals")
    lines = [line for line in answer.out.splitlines() if not line.startswith(" ")]
    expect(len(lines) == 4 and lines[2].startswith(f"ok {STALLED}: ") and lines[3] == "3 passed, 0 failed",
           f"a pipe does not get a line for each account as it ends:\n{answer.out}")


@case("test is stopped by Ctrl-C or a signal: soon, with its code, saying which accounts it did not come to; the screen is tidy")
def stopped(bench):
    with contextlib.ExitStack() as stack:
        stalled = Stalled(bench, stack)
        lookers = {number: stalled.looker(stack) for number in CODES}
        impatient = stalled.looker(stack)
        with stalled.project.start("test", "--json", "--junit", "stopped.xml") as machine:
            for terminal in (*lookers.values(), impatient):
                terminal.until_it_shows("2 of 3 tested").until_it_shows(ROW)
            machine.until_it_says('"EmailAccount/billing"', '"EmailAccount/support"')
            started = time.monotonic()
            for number, terminal in lookers.items():
                if number == signal.SIGINT:
                    terminal.type(b"\x03")
                else:
                    terminal.run.signal(number)
            machine.signal(signal.SIGTERM)
            impatient.type(b"\x03")
            impatient.until_it_shows("Interrupt again").type(b"\x03")
            code = impatient.finish()
            expect(code in (130, -signal.SIGINT), f"the second Ctrl-C ended it with {code}")
            expect(time.monotonic() - started < 3, "it did not leave at the second Ctrl-C")
            for number, terminal in lookers.items():
                code = terminal.finish()
                expect(code == CODES[number], f"{number.name} ended it with {code}: {terminal.text[-300:]}")
                expect(terminal.is_as_before, f"{number.name} left the terminal in another mode")
            answer = machine.answer(timeout=30).exits(143)
            seconds = time.monotonic() - started
    expect(seconds <= LIMIT, f"it took {seconds:.1f} s to end")
    for terminal in lookers.values():
        screen = is_tidy(terminal)
        for pattern in ("Interrupt received", r"not tested.*asked to stop: alerts\.", "2 passed, 0 failed"):
            expect(re.search(pattern, screen, re.IGNORECASE), f"it does not show /{pattern}/:\n{screen}")
        expect("error" not in screen, f"it calls an account that it did not come to a failure:\n{screen}")
    summary = json.loads(answer.out.splitlines()[-1])
    expect((summary["notReached"], summary["passed"], summary["failed"], summary["exitCode"]) == ([STALLED], 2, 0, 143),
           f"the summary says {summary}")
    report = (stalled.project.directory / "stopped.xml").read_text()
    expect("skipped=\"1\"" in report and "asked to stop" in report, "the report does not tell of it")
