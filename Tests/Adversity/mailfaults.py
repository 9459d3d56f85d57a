"""Mail servers that misbehave: what `test` says of each fault that the sandbox knows, and that nothing is shown to them.

One project has an account for each row below. A sandbox is met by one account of each protocol, so that every fault has a
server of its own; all are tested in one run, and again when the faults are called off.
"""
import collections
import concurrent.futures
import contextlib
import json
import re
import xml.dom.minidom

import mailaccounts
from casebook import Complaints, case
from command import expect
from sandbox import Sandbox

PROTOCOLS = ("imap", "pop3", "smtp")
TENANT, AUTHOR, USER, HERE, NOBODY = "tenant_administrator", "manifest_author", "user", "operator", "nobody"
ONCE, AGAIN = 1, 3

# (stage, code, whose move, attempts), and the faults that come to it. `mail-` stands for each protocol. Behind a fault
# `+fault` orders another one too, `@starttls` takes the port for that, `@password` a password in place of a token, and any
# other `@NAME` a mechanism.
VERDICTS = [
    # Nobody is spoken to.
    (("tls", "connection.certificate_expired", TENANT, ONCE), "mail-certificate-expired mail-certificate-expired@starttls"),
    (("tls", "connection.certificate_wrong_name", AUTHOR, ONCE),
     "mail-certificate-wrong-host mail-certificate-wrong-host@starttls"),
    (("tls", "connection.certificate_untrusted", HERE, ONCE), "mail-certificate-untrusted mail-certificate-self-signed@starttls"),
    # Nothing is said in clear, and nothing that was heard in clear is believed.
    (("tls", "mail.starttls_not_offered", AUTHOR, ONCE), "mail-starttls-absent mail-starttls-absent@password"),
    (("tls", "mail.starttls_refused", TENANT, ONCE),
     "imap-starttls-refused mail-starttls-unknown smtp-starttls-continue"),
    (("tls", "mail.starttls_refused", TENANT, AGAIN), "pop3-starttls-refused smtp-starttls-refused"),
    (("tls", "mail.protocol_violation", AUTHOR, ONCE), "imap-starttls-continue pop3-starttls-continue"),
    (("tls", "mail.injected_before_tls", TENANT, ONCE), "mail-starttls-injection mail-starttls-injection@password"),
    # Late enough that the handshake has begun, on a busy machine too.
    (("tls", "connection.tls_handshake", TENANT, ONCE), "mail-starttls-injection-later=3000"),
    (("tls", "mail.starttls_not_offered", AUTHOR, ONCE), "mail-clear-logins+mail-starttls-absent@password"),
    # Greetings, and what a server says of itself.
    (("greeting", "connection.timed_out", NOBODY, ONCE), "mail-silent"),
    (("greeting", "mail.closed_early", TENANT, AGAIN), "mail-cut"),
    (("greeting", "mail.protocol_violation", AUTHOR, ONCE), "mail-greeting"),
    (("greeting", "mail.greeting_refused", NOBODY, AGAIN),
     "imap-greeting-refused pop3-greeting-refused smtp-busy smtp-try-later imap-greeting-referral"),
    (("greeting", "mail.greeting_refused", TENANT, ONCE), "smtp-greeting-refused"),
    (("greeting", "mail.unexpected_preauth", TENANT, ONCE), "imap-preauth imap-preauth@starttls"),
    (("capability", "mail.closed_early", TENANT, AGAIN), "pop3-closes-after-greeting smtp-closes-after-greeting"),
    (("capability", "mail.line_too_long", AUTHOR, ONCE), "mail-huge-line@starttls"),
    (("capability", "mail.response_too_large", AUTHOR, ONCE), "mail-endless@starttls"),
    (("capability", "mail.literal_too_large", AUTHOR, ONCE), "imap-huge-literal@starttls"),
    # Ways to log in.
    (("auth", "mail.mechanism_not_offered", AUTHOR, ONCE),
     "mail-no-xoauth2 pop3-capability-refused mail-mechanisms=PLAIN"),
    (("auth", "mail.mechanism_not_offered", HERE, ONCE), "smtp-capability-refused smtp-ehlo-not-implemented"),
    (("auth", "mail.mechanism_refused", TENANT, ONCE), "smtp-basic-retired"),
    (("auth", "mail.mechanism_refused", USER, ONCE), "smtp-application-password"),
    (("auth", "mail.mechanism_refused", AUTHOR, ONCE), "smtp-mechanism-unknown smtp-mechanism-not-implemented"),
    (("auth", "mail.privacy_required", AUTHOR, ONCE), "imap-privacy-required smtp-tls-required"),
    # Judgements.
    (("auth", "mail.authentication_failed", TENANT, ONCE),
     "mail-login-refused mail-login-refused@OAUTHBEARER mail-login-refused+mail-no-challenge imap-authenticate-failed"
     " imap-invalid-credentials imap-login-answer pop3-authentication-failure smtp-authentication-unsuccessful"
     " smtp-authentication-failed smtp-credentials-not-accepted"),
    (("auth", "mail.authentication_failed", HERE, ONCE), "mail-login-refused@password mail-login-refused@PLAIN"),
    (("auth", "mail.authentication_failed", USER, ONCE), "imap-web-login imap-web-alert"),
    (("auth", "mail.authentication_failed", NOBODY, ONCE), "imap-too-many-connections"),
    (("auth", "mail.authentication_failed", AUTHOR, ONCE), "imap-login-referral"),
    (("auth", "mail.authorization_failed", TENANT, ONCE), "imap-authorization-failed"),
    (("auth", "mail.credential_expired", USER, ONCE), "imap-expired"),
    (("auth", "mail.credential_expired", TENANT, ONCE), "smtp-token-expires-soon"),
    (("auth", "mail.contact_administrator", TENANT, ONCE),
     "imap-contact-admin pop3-permanent-failure smtp-criteria-not-met smtp-disabled-for-mailbox smtp-disabled-for-tenant"
     " smtp-security-defaults"),
    (("auth", "mail.contact_administrator", USER, ONCE), "smtp-web-login"),
    (("auth", "mail.credential_too_long", TENANT, ONCE), "smtp-line-too-long"),
    (("auth", "mail.command_rejected", TENANT, ONCE), "smtp-command-too-long smtp-bad-sequence"),
    (("auth", "mail.command_rejected", AUTHOR, ONCE), "imap-login-disabled"),
    (("auth", "mail.protocol_violation", AUTHOR, ONCE), "pop3-login-answer smtp-login-answer"),
    (("auth", "mail.server_not_authentic", TENANT, ONCE), "mail-scram-wrong-signature@SCRAM-SHA-256"),
    (("auth", "mail.temporarily_unavailable", NOBODY, AGAIN),
     "imap-unavailable pop3-temporary-failure smtp-temporary-authentication-failure smtp-too-many-logins"),
    (("auth", "mail.limit_reached", NOBODY, AGAIN), "imap-limit pop3-login-delay"),
    (("auth", "mail.mailbox_in_use", NOBODY, AGAIN), "imap-in-use pop3-in-use"),
    (("auth", "mail.bye_before_login", NOBODY, AGAIN), "imap-connection-closed"),
    # A token is shown again, a password is not.
    (("auth", "mail.closed_on_credential", TENANT, AGAIN), "mail-closes-on-login imap-closes-after-greeting"),
    (("auth", "mail.closed_on_credential", TENANT, ONCE), "mail-closes-on-login@password"),
    (("auth", "connection.timed_out", NOBODY, ONCE), "mail-login-silent"),
    # A login that proves nothing.
    (("proof", "mail.credential_expired", NOBODY, ONCE), "imap-token-expired"),
    (("proof", "mail.not_connected", TENANT, AGAIN), "imap-not-connected"),
    (("proof", "mail.post_login_refused", NOBODY, AGAIN), "pop3-not-connected"),
    (("proof", "mail.post_login_refused", AUTHOR, AGAIN), "imap-mailbox-referral"),
    (("proof", "mail.post_login_refused", TENANT, ONCE), "smtp-not-authenticated"),
    (("proof", "mail.sender_refused", TENANT, ONCE), "smtp-send-as-denied"),
    (("proof", "mail.limit_reached", NOBODY, AGAIN), "smtp-sender-threads smtp-server-busy"),
    (("proof", "mail.temporarily_unavailable", NOBODY, AGAIN), "smtp-submission-rate"),
    # What does no harm.
    (None,
     "mail-trickle mail-trickle@starttls mail-coalesced mail-slow=200@starttls mail-login-slow=200 mail-clear-logins mail-no-initial-response"
     " mail-mechanisms mail-no-challenge mail-scram-other-binding@SCRAM-SHA-256 imap-capability-refused imap-greeting-alert"
     " smtp-message-refused"
     " smtp-send-as-denied-at-end"),
]
# Logins that are waited for on a busy machine, in seconds.
LIMIT = 300
# These must be there when a server starts, so that they cannot be called off.
OF_START = "-certificate-"


class Row:
    """An account and what is expected of it."""

    def __init__(self, protocol, security, mechanism, name, orders=(), verdict=None):
        self.protocol, self.security, self.mechanism = protocol, security, mechanism
        self.name, self.orders, self.verdict = name, orders, verdict
        self.has_token = mechanism in ("XOAUTH2", "OAUTHBEARER")
        self.box = 0

    @classmethod
    def read(cls, protocol, verdict, text):
        text = re.sub(r"\bmail-", f"{protocol}-", text)
        orders, *ways = text.split("@")
        is_starttls = "starttls" in ways or "-starttls-" in text or "-clear-logins" in text
        mechanism = next((way for way in ways if way.isupper()), None if "password" in ways else "XOAUTH2")
        return cls(protocol, "starttls" if is_starttls else "tls", mechanism,
                   re.sub("[^a-z0-9]+", "-", text.lower()), tuple(orders.split("+")), verdict)

    @property
    def is_refused_password(self):
        return not self.has_token and any(order.endswith("-login-refused") for order in self.orders)

    @property
    def twin(self):
        """The same at a server without a fault."""
        words = ["twin", self.protocol, self.security, *(self.mechanism or "password").lower().split("-")]
        return Row(self.protocol, self.security, self.mechanism, "-".join(words))


def rows():
    for verdict, texts in VERDICTS:
        for text in texts.split():
            for protocol in PROTOCOLS if text.startswith("mail-") else [text.partition("-")[0]]:
                yield Row.read(protocol, verdict, text)


def boxed(rows):
    """Gives each row its sandbox: no two of one protocol share any, unless they order the same. Number 0 has no faults."""
    boxes = [dict.fromkeys(PROTOCOLS, ())]
    for row in rows:
        fits = (number for number, box in enumerate(boxes) if box.get(row.protocol, row.orders) == row.orders)
        row.box = next(fits, len(boxes))
        if row.box == len(boxes):
            boxes.append({})
        boxes[row.box][row.protocol] = row.orders
    return [[order for orders in box.values() for order in orders] for box in boxes]


def manifest(all_rows, sandboxes):
    documents = [mailaccounts.profile(sandbox, f"box-{number}") for number, sandbox in enumerate(sandboxes)]
    # A test opens three connections to a mailbox at a time, and ten to a host.
    places = [(host, f"{name}@sandbox.example") for name in ("support", "billing", "alerts") for host in ("127.0.0.1", "localhost")]
    for number, row in enumerate(all_rows):
        server, mailbox = places[number % len(places)]
        if row.is_refused_password:
            # It is shown no more for this mailbox at this host, whatever other server is there.
            server, mailbox = "localhost" if row.mechanism else "127.0.0.1", "lead@sandbox.example"
        documents.append(mailaccounts.account(
            sandboxes[row.box], row.name, row.protocol, row.security, mechanism=row.mechanism, server=server, mailbox=mailbox,
            profile=f"box-{row.box}" if row.has_token else None, more=["proof: deferred"]))
    return "---\n".join(documents)


def results(answer):
    """What became of each account."""
    lines = [json.loads(line) for line in answer.out.splitlines()]
    return {line["address"].partition("/")[2]: line for line in lines if line["type"] == "test"}


def agrees(row, result):
    if row.verdict is None:
        return expect(result["connected"], f"{row.name} failed: {result.get('stage')} {result.get('code')}")
    expect(not result["connected"], f"{row.name} passed")
    said = result["stage"], result["code"], result["responsible"], result["attempts"]
    expect(said == row.verdict, f"{row.name}: {said} in place of {row.verdict}")
    stages = {stage["stage"]: stage["outcome"] for stage in result["stages"]}
    expect(stages[row.verdict[0]] == "failed", f"{row.name} failed elsewhere: {stages}")


@case("each fault of mail servers: its stage, code and whose move it is; no credential in clear; without it the login works")
def each_fault(bench):
    project = bench.empty()
    faulty = list(rows())
    boxes = boxed(faulty)
    twins = {twin.name: twin for twin in (row.twin for row in faulty)}
    every = [*twins.values(), *faulty]

    def start(number):
        orders = (word for order in boxes[number] for word in ("--fault", order))
        return Sandbox(bench.binary, bench.place / f"box-{number}", project.variables, "--jwt-tokens", *orders)

    with contextlib.ExitStack() as stack:
        workers = stack.enter_context(concurrent.futures.ThreadPoolExecutor(max_workers=4))
        starting = [workers.submit(start, number) for number in range(len(boxes))]
        stack.callback(lambda: list(workers.map(lambda each: each.result().stop(), starting)))
        sandboxes = [each.result() for each in starting]
        (project.directory / "mail.yaml").write_text(manifest(every, sandboxes))
        project.apply().exits(0)
        # Whatever came of it, each login leaves its words; the report is for CI servers.
        many = ("--json", "--parallelism", "200", "--debug")
        first = project.run("test", *many, "--junit", "report.xml", timeout=LIMIT).exits(6)
        list(workers.map(Sandbox.calm, sandboxes))
        second = project.run("test", *many, "--retry-refused", timeout=LIMIT).exits(6)
    complaints = Complaints()
    complaints.attempt("table", knows_all, faulty, (sandboxes[0].directory / "README.md").read_text())
    said, after = results(first), results(second)
    for row in every:
        complaints.attempt(row.name, agrees, row, said[row.name])
        if not any(OF_START in order for order in row.orders):
            complaints.attempt(row.name, lambda: expect(after[row.name]["connected"], "without the fault it fails, too"))
    complaints.attempt("report", reports, project, every)
    for sandbox in sandboxes:
        complaints.attempt(sandbox.directory.name, saw_nothing_in_clear, sandbox)
    for name, content in kept(project, first, second).items():
        complaints.attempt(name, lambda: expect(not mailaccounts.shows_credential(content), "it shows a credential"))
    complaints.settle()


def knows_all(faulty, readme):
    """No fault of mail servers is left out here."""
    named = re.findall(r"^\| `((?:mail|imap|pop3|smtp)-[a-z0-9-]+)` \|", readme, re.MULTILINE)
    met = {order.partition("=")[0] for row in faulty for order in row.orders}
    left_out = [name for name in named if not met & {re.sub("^mail-", f"{protocol}-", name) for protocol in PROTOCOLS}]
    expect(named and not left_out, f"nobody meets {', '.join(left_out)}")


def reports(project, every):
    suite = xml.dom.minidom.parse(str(project.directory / "report.xml")).documentElement
    failed = {each.parentNode.getAttribute("name") for each in suite.getElementsByTagName("failure")}
    wanted = {f"EmailAccount/{row.name}" for row in every if row.verdict}
    expect(failed == wanted, f"the report tells otherwise of {', '.join(sorted(failed ^ wanted))}")


def saw_nothing_in_clear(sandbox):
    """The servers' word for it."""
    early = sandbox.events("login_in_clear", "command_injected")
    expect(not early, f"it saw {collections.Counter(event['event'] for event in early)}")


def kept(project, *answers):
    """All that the program printed, and the words that it kept."""
    found = {f"`{answer.command}`": answer.stdout + answer.stderr for answer in answers}
    transcripts = list((project.hidden / "transcripts").rglob("*.txt"))
    expect(transcripts, "no transcript was kept")
    return found | {f"{path.parent.name}/{path.name}": path.read_bytes() for path in transcripts}
