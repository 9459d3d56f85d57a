"""`test --send-to`: a message that arrives, one that does not, and one that nobody takes; what is there once through the program:
reports, times and transcripts."""
import json
import re
import signal
import time

import mailaccounts
from casebook import Complaints, case
from command import expect
from sandbox import Sandbox
from terminal import Terminal

DESK, ELSEWHERE = "support@sandbox.example", "billing@sandbox.example"


class Post:
    """A project with an account that sends from the support mailbox, and two that read: its own by POP3, and by the name of
    another mailbox one at a server that gets none of this mail."""

    def __init__(self, bench):
        self.project = bench.empty()
        self.sandbox = Sandbox(bench.binary, bench.place / "here", self.project.variables)
        try:
            self.other = Sandbox(bench.binary, bench.place / "there", self.project.variables)
        except BaseException:
            self.sandbox.stop()
            raise
        (self.project.directory / "mail.yaml").write_text("---\n".join([
            mailaccounts.account(self.sandbox, "out", "smtp", "starttls", more=["userLabel: Desk"]),
            mailaccounts.account(self.sandbox, "inbox", "pop3", mailbox=DESK),
            mailaccounts.account(self.other, "misled", "pop3", "starttls", mailbox=ELSEWHERE)]))
        self.project.apply().exits(0)

    def send(self, recipient, *options):
        return self.project.run("test", "out", "--send-to", recipient, *options)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.sandbox.stop()
        self.other.stop()


@case("test --send-to over POP3: it says that the message arrived; that one did not, and why it is not known of another")
def sent(bench):
    with Post(bench) as post:
        complaints = Complaints()

        def arrives():
            post.send(DESK).exits(0).says("arrived in EmailAccount/inbox within", f"From: .*{DESK}", "1 passed, 0 failed")
            line = json.loads(post.send(DESK, "--json").exits(0).out.splitlines()[0])
            expect(line["delivery"]["arrived"] and line["delivery"]["receiver"] == "EmailAccount/inbox", f"it says {line['delivery']}")
            delivered = len(post.sandbox.events("delivered"))
            expect(delivered == 2, f"{delivered} messages were delivered")

        def nobody_looks():
            post.send("alerts@sandbox.example").exits(0).says("no committed account opens that mailbox")

        def does_not_arrive():
            started = time.monotonic()
            answer = post.send(ELSEWHERE, "--arrival-timeout", "1s").exits(6)
            seconds = time.monotonic() - started
            answer.says(r"test\.not-arrived", "the message was taken, and 1 s later it is not in the inbox", ELSEWHERE, "Message-ID is <",
                        "who must act", "--arrival-timeout", "0 passed, 1 failed")
            expect(seconds < 4, f"with --arrival-timeout 1s it took {seconds:.1f} s")

        def receiver_is_out():
            post.other.order("pop3-login-refused")
            answer = post.send(ELSEWHERE, "--arrival-timeout", "1s").exits(6)
            answer.says("whether it arrived is not known", "EmailAccount/misled", "Message-ID is <", "this user name and password")
            # The password was refused: it is not shown again, and that is what is told then.
            post.send(ELSEWHERE, "--arrival-timeout", "1s").exits(6).says("not offered again")
            post.other.calm()
            post.project.run("test", "misled", "--retry-refused").exits(0)

        def is_refused():
            post.sandbox.order("smtp-message-refused")
            before = len(post.sandbox.events("delivered"))
            post.send(DESK).exits(6).says(r"mail\.message_refused", "550 5.7.1: The message was refused", "who must act")
            post.sandbox.calm()
            post.send("nobody@elsewhere.example").exits(6).says(r"mail\.recipient_refused", "who must act", "--send-to")
            expect(len(post.sandbox.events("delivered")) == before, "something was delivered")

        for attempt in (arrives, nobody_looks, does_not_arrive, receiver_is_out, is_refused):
            complaints.attempt(attempt.__name__, attempt)
        complaints.settle()


@case("test --send-to is stopped while it waits: nothing is called lost that nobody waited for")
def stopped(bench):
    with Post(bench) as post:
        post.project.variables = {**post.project.variables, "TERM": "xterm"}
        with post.project.start("test", "out", "--send-to", ELSEWHERE) as piped, \
                Terminal(post.project, "test", "out", "--send-to", ELSEWHERE) as terminal:
            terminal.until_it_shows("sent, waiting for it in EmailAccount/misled").type(b"\x03")
            piped.until_it_says("sent, waiting for it in EmailAccount/misled").signal(signal.SIGTERM)
            code = terminal.finish()
            expect(code == 130, f"Ctrl-C ended it with {code}: {terminal.text}")
            piped.answer(timeout=20).exits(143).says(r"asked to stop: out\.").does_not_say("not-arrived")
        expect("not-arrived" not in terminal.text and re.search(r"asked to stop: out\.", terminal.text),
               f"it says something else: {terminal.text[-400:]}")


@case("test --since, --junit and --debug: who was proven lately is spared, reports are written, words are kept without credentials")
def options(bench):
    with Post(bench) as post:
        project = post.project
        project.run("test", "--since", "1h").exits(0).says("3 accounts proven lately").does_not_say("ok EmailAccount")
        post.other.order("pop3-temporary-failure")
        project.run("test", "misled", "--junit", "report.xml").exits(6)
        report = (project.directory / "report.xml").read_text()
        for words in ('tests="1" failures="1"', 'name="EmailAccount/misled"', "mail.temporarily_unavailable", "SYS/TEMP"):
            expect(words in report, f"the report does not hold {words}")
        post.other.calm()
        # What failed since is due again, whoever was proven before.
        answer = project.run("test", "--since", "1h", "--debug", "--junit", "report.xml").exits(0)
        answer.says("2 accounts proven lately", "ok EmailAccount/misled", "1 passed, 0 failed").does_not_say("EmailAccount/out")
        expect('failures="0"' in (project.directory / "report.xml").read_text(), "the report is not of this run")
        transcripts = list((project.hidden / "transcripts").rglob("*.txt"))
        expect([path.parent.name for path in transcripts] == ["misled"], f"there are transcripts of {transcripts}")
        text = transcripts[0].read_bytes()
        expect(b"CAPA" in text and b"STAT" in text and not mailaccounts.shows_credential(text), f"the transcript is {text[-300:]}")
        expect(transcripts[0].stat().st_mode & 0o777 == 0o600, "others may read the transcript")
