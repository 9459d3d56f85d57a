"""Several commands at once on one project."""
import base64
import concurrent.futures
import json
import os
import re
import sqlite3
import ssl
import threading
import time
import urllib.parse
import urllib.request

from casebook import case
from command import expect
from gate import Gate
from interruptions import stalled_at_login
from project import APPLY
from sandbox import ACCOUNTS, ADDRESSES, ANY_PORTS, AUTHORIZATION, PROFILE, Sandbox

WAITS = "acquiring state lock"
NAMES_THE_HOLDER = (r"state\.locked", r"\S+@\S+", r"apply", r"pid \d+")


@case("a second apply is refused at once, and told who is at work")
def second_is_refused(bench):
    project = bench.project()
    with bench.imap_gate(project) as gate, project.start(*APPLY) as first:
        gate.wait()
        answer = project.apply().exits(5).says(*NAMES_THE_HOLDER, rf"pid {first.pid}\b").does_not_say(WAITS)
        project.run("destroy", "--auto-approve").exits(5).says(rf"pid {first.pid}\b")
        gate.open()
        first.answer().exits(0)
        answer.does_not_say("Apply complete")
        project.is_clean()


@case("plan beside a running apply does not call it one that did not finish")
def plan_beside(bench):
    project = bench.project()
    with bench.imap_gate(project) as gate, stalled_at_login(bench, project, gate) as run:
        answer = project.run("plan").exits(0)
        gate.open()
        run.answer().exits(0)
    answer.does_not_say("did not finish", "earlier run")


@case("a second apply waits with --lock-timeout, and says for whom")
def second_waits(bench):
    project = bench.project()
    with bench.imap_gate(project) as gate, project.start(*APPLY) as first:
        gate.wait()
        with project.start(*APPLY, "--lock-timeout", "30s") as second:
            second.until_it_says(rf"{WAITS}.*pid {first.pid}\b")
            gate.open()
            first.answer().exits(0)
            # What it had planned has been done meanwhile: it may say so, or find that nothing is left.
            code = second.answer().code
            expect(code in (0, 4), f"the second apply exited with {code}")
        project.is_clean()


@case("--lock-timeout ends with 5 when the other run takes longer")
def waiting_ends(bench):
    project = bench.project()
    with bench.imap_gate(project) as gate, project.start(*APPLY) as first:
        gate.wait()
        with project.start(*APPLY, "--lock-timeout", "60s") as patient, project.start(*APPLY, "--lock-timeout", "4s") as second:
            for each in (patient, second):
                each.until_it_says(WAITS)
            # One that does not wait comes and goes meanwhile.
            project.apply().exits(5)
            expect(second.is_running, "it did not wait")
            second.answer().exits(5).says(*NAMES_THE_HOLDER, rf"pid {first.pid}\b")
            expect(first.is_running and patient.is_running, "it waited until the other run had ended")
            gate.open()
            first.answer().exits(0)
            expect(patient.answer().code in (0, 4), "who waited longer did not get its turn")
        project.is_clean()


@case("six appliers start together: one does the work")
def six_at_once(bench):
    project = bench.project()
    race(bench, project, (), allowed=(0, 4, 5))
    project.is_clean()


@case("six appliers start together with --lock-timeout: all come to their end, one does the work")
def six_wait(bench):
    project = bench.project()
    race(bench, project, ("--lock-timeout", "30s"), allowed=(0, 4))
    project.is_clean()


@case("apply and destroy race: state and vault agree whoever was first")
def apply_and_destroy(bench):
    # Before the first apply there is nothing to destroy, and that is an error.
    project = bench.applied()
    for _ in range(6):
        with Serials(project) as serials, project.start(*APPLY) as one, project.start("destroy", "--auto-approve") as other:
            answers = [one.answer(), other.answer()]
        codes = [answer.code for answer in answers]
        errors = " / ".join(line for answer in answers for line in answer.text.splitlines() if line.startswith("error"))
        expect(set(codes) <= {0, 4, 5}, f"they exited with {codes}: {errors}")
        serials.only_grow()
        project.agrees(project.committed)
    project.converges()


def race(bench, project, options, allowed):
    with Serials(project) as serials:
        with concurrent.futures.ThreadPoolExecutor(max_workers=6) as workers:
            answers = list(workers.map(lambda _: project.apply(*options), range(6)))
    codes = [answer.code for answer in answers]
    expect(set(codes) <= set(allowed), f"they exited with {codes}")
    workers = [answer for answer in answers if re.search(r"complete! Resources: 5 added", answer.out)]
    expect(len(workers) == 1 and workers[0].code == 0, f"{len(workers)} of them added everything")
    serials.only_grow()


class Serials:
    """Watches the serial of a project's state while others write it."""

    def __init__(self, project):
        self._project, self._seen, self._done = project, [], threading.Event()
        self._thread = threading.Thread(target=self._watch)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._done.set()
        self._thread.join()

    def only_grow(self):
        serials = [serial for _, serial in self._seen]
        expect(serials, "nobody saw a state")
        expect(serials == sorted(set(serials)), f"the serials of one state file after the other were {serials}")

    def _watch(self):
        """Each replacement of the file is another file."""
        while not self._done.wait(0.001):
            try:
                with open(self._project.state, "rb") as file:
                    facts, serial = os.fstat(file.fileno()), json.load(file)["serial"]
            except FileNotFoundError:
                continue
            identity = facts.st_ino, facts.st_mtime_ns
            if not self._seen or self._seen[-1][0] != identity:
                self._seen.append((identity, serial))


# ---- token beside apply ----


@case("token in a tight loop beside apply --replace: always a token that the provider knows, and no deadlock")
def token_loops(bench):
    project = bench.applied()
    judge = Introspection(bench.sandbox)
    replacements(bench, project, judge, count=8, others=())
    project.is_clean()


@case("token in a tight loop beside several appliers and tests")
def token_loops_in_a_crowd(bench):
    project = bench.applied()
    judge = Introspection(bench.sandbox)
    replacements(bench, project, judge, count=5, others=(("test",), (*APPLY, "--replace", AUTHORIZATION)))
    project.is_clean()


@case("token in a tight loop while tokens lapse and grants are replaced")
def token_loops_with_short_lives(bench):
    with Sandbox(bench.binary, bench.place / "short", bench.project("home").variables, "--token-lifetime", "5",
                 ports=ANY_PORTS) as short:
        project = bench.applied(sandbox=short)
        judge = Introspection(short)
        replacements(bench, project, judge, count=12, others=(), pause=0.7)
        project.agrees()
        tells_what_changed_since_the_last_apply(short, project)


def tells_what_changed_since_the_last_apply(sandbox, project):
    """What the apply that proved an account last saw of its server is what a test compares with."""
    sandbox.order("mail-mechanisms=XOAUTH2,OAUTHBEARER")
    tested = [json.loads(line) for line in project.run("test", "--json").exits(0).out.splitlines()]
    changes = {each["address"]: {change["message"] for change in each["changes"]} for each in tested if "address" in each}
    expect(changes.keys() == ADDRESSES - {PROFILE, AUTHORIZATION}, f"tested were {', '.join(changes)}")
    for address, words in changes.items():
        expect("AUTH=PLAIN is gone" in words, f"of {address} a test after an apply tells: {', '.join(words) or 'nothing'}")
    sandbox.calm()
    # What cannot be kept is not worth a failure.
    with sqlite3.connect(project.hidden / "vault.db") as vault:
        vault.execute("CREATE TRIGGER full BEFORE INSERT ON observations BEGIN SELECT RAISE(ABORT, 'full'); END")
    project.apply("--replace", AUTHORIZATION).exits(0)
    with sqlite3.connect(project.hidden / "vault.db") as vault:
        kept = vault.execute("SELECT count(*) FROM observations").fetchone()[0]
        vault.execute("DROP TRIGGER full")
    expect(kept == 0, f"{kept} observations are kept, although none could be written")
    project.agrees()


@case("token renews a grant that an apply replaces at that moment")
def renewal_meets_replacement(bench):
    project = bench.project()
    with bench.token_gate(project) as gate:
        gate.open()
        project.apply().exits(0)
    # The recipe names a port where nobody is any more; a second gate takes it, and is shut.
    with Gate(bench.sandbox.oauth_port, port=gate.port) as shut:
        project.make_due()
        with project.start("token", "support") as token:
            shut.wait()
            project.ask_for_tokens_at(bench.sandbox.oauth_port)
            project.apply("--replace", AUTHORIZATION).exits(0)
            shut.open()
            answer = token.answer().exits(0)
        Introspection(bench.sandbox).knows(answer.out.strip())
    project.run("token", "support").exits(0)
    project.agrees()


def replacements(bench, project, judge, count, others, pause=0.0):
    """Replaces the grant again and again, with a loop of `token` for each account beside it, and the `others` in loops."""
    done = threading.Event()

    def tokens(account):
        known = set()
        while not done.is_set():
            token = project.run("token", account, timeout=60).exits(0).out.strip()
            if token not in known:
                judge.knows(token)
                known.add(token)
        return len(known)

    def other(arguments):
        while not done.is_set():
            answer = project.run(*arguments, timeout=60)
            expect(answer.code in (0, 4, 5), f"`{answer.command}` exited with {answer.code}: {answer.err}")

    with concurrent.futures.ThreadPoolExecutor(max_workers=len(ACCOUNTS) + len(others)) as workers:
        loops = [workers.submit(tokens, account) for account in ACCOUNTS]
        beside = [workers.submit(other, arguments) for arguments in others]
        try:
            for _ in range(count):
                code = project.apply("--replace", AUTHORIZATION).code
                expect(code in ((0, 4, 5) if others else (0,)), f"apply exited with {code}")
                time.sleep(pause)
        finally:
            done.set()
        seen = [loop.result(timeout=60) for loop in loops]
        for loop in beside:
            loop.result(timeout=60)
    expect(max(seen) > 1, "no loop of token met a second token")
    expect(not project.held_locks(), f"somebody holds {', '.join(project.held_locks())}")


class Introspection:
    """Asks the sandbox about tokens (RFC 7662)."""

    def __init__(self, sandbox):
        secret = (sandbox.directory / "secrets/client-secret").read_text().strip()
        self._client = base64.b64encode(f"mailkeel-sandbox:{secret}".encode()).decode()
        self._url = f"{sandbox.issuer}/introspect"
        self._trust = ssl.create_default_context(cafile=sandbox.directory / "ca.pem")

    def knows(self, token):
        request = urllib.request.Request(self._url, urllib.parse.urlencode({"token": token}).encode(),
                                         {"Authorization": f"Basic {self._client}"})
        with urllib.request.urlopen(request, context=self._trust, timeout=30) as answer:
            expect(json.load(answer).get("active"), "token printed a token that the provider does not accept")
