"""The cases of the end-to-end test. Each gets a fresh project and the servers' logs, and throws when it does not hold."""
import functools
import re
import time

import servers
from project import expect

CASES = []


class Skipped(Exception):
    """The case cannot be tried here; the text says why."""


def case(name):
    def add(function):
        CASES.append((name, function))
        return function
    return add


class Log:
    """What a server wrote to its log from now on: its word against mailkeel's."""

    def __init__(self, file):
        self.file = file
        self.begin = len(self._bytes())

    def _bytes(self):
        with open(self.file, "rb") as log:
            return log.read()

    def lines(self, pattern=""):
        text = self._bytes()[self.begin:].decode(errors="replace")
        return [line for line in text.splitlines() if re.search(pattern, line)]

    def must_show(self, pattern):
        """Dovecot logs through a process of its own, a moment late."""
        deadline = time.monotonic() + 5
        while not self.lines(pattern):
            expect(time.monotonic() < deadline, f"{self.file} does not show /{pattern}/")
            time.sleep(0.05)

    def must_not_show(self, pattern):
        expect(not self.lines(pattern), f"{self.file} shows /{pattern}/")


def login_of(mailbox):
    return f"imap-login: Info: Login: user=<{re.escape(mailbox)}>, method=(XOAUTH2|OAUTHBEARER), .*TLS"


def added(number):
    return rf"Apply complete! Resources: {number} added, 0 changed, 0 destroyed\."


def converges(project, *accounts, profile=None):
    """Applies the profile and the accounts, sees the mail server let each in, and an empty plan afterwards."""
    env, mail = project.env, Log(project.env["DOVECOT_LOG"])
    project.write(project.profile(profile), *accounts)
    project.apply().exits(0).says(added(2 + len(accounts)))
    for _, _, spec in accounts:
        mail.must_show(login_of(spec["userName"]))
    project.plan("--detailed-exitcode").exits(0).says(r"No changes\.")


# -- what works

@case("validate and plan contact nobody and write nothing")
def plan_is_pure(project):
    provider, mail = Log(project.env["GLEWLWYD_LOG"]), Log(project.env["DOVECOT_LOG"])
    project.write(project.profile(), project.account("support"), project.account("billing"))
    project.run("validate").exits(0)
    project.plan().exits(0).says(r"Plan: 4 to add, 0 to change, 0 to destroy\.", "EmailAccount/support",
                                 "EmailAccount/billing", "OAuthProfile/glewlwyd", r"Authorization/glewlwyd:\(app\)")
    project.plan("--detailed-exitcode").exits(2)
    expect(not project.stored(), f"a plan wrote {project.stored()}")
    expect(not provider.lines() and not mail.lines("imap-login"), "a plan contacted a server")


@case("two accounts converge, and stay so")
def two_accounts(project):
    converges(project, project.account("support"), project.account("billing"))
    project.plan().exits(0).says(r"No changes\.")
    expect(len(project.run("state", "list").exits(0).out.splitlines()) == 4, "`state list` does not list four resources")
    project.run("state", "list").says("OAuthProfile/glewlwyd", r"Authorization/glewlwyd:\(app\)",
                                      "EmailAccount/support", "EmailAccount/billing")
    project.run("show", "EmailAccount/support").exits(0).says("support@example.test", project.env["IMAP_PORT"])
    mail = Log(project.env["DOVECOT_LOG"])
    project.apply().exits(0).says(r"No changes\.|0 added, 0 changed, 0 destroyed")
    mail.must_not_show("imap-login")


@case("test logs in again")
def test_command(project):
    converges(project, project.account("support"), project.account("billing"))
    mail = Log(project.env["DOVECOT_LOG"])
    project.run("test").exits(0)
    for mailbox in (project.env["MAILBOX"], project.env["MAILBOX_2"]):
        mail.must_show(login_of(mailbox))


@case("token prints a token that the mail server takes")
def token_command(project):
    converges(project, project.account("support"))
    answer = project.run("token", "support", shows_token=True).exits(0)
    expect(re.fullmatch(r"[\w.-]+\n?", answer.out), "`token` prints more than a token on standard output")
    said = servers.imap_login(project.env, project.env["MAILBOX"], answer.out.strip())
    expect(any(line.startswith("S: a OK") for line in said), "the mail server refuses the token that `token` printed")


@case("destroy forgets all")
def destroy(project):
    converges(project, project.account("support"))
    project.run("destroy", "--auto-approve").exits(0).says(r"Destroy complete! Resources: 3 destroyed\.")
    expect(not project.run("state", "list").exits(0).out.strip(), "something is left in the state")


@case("client_secret_post")
def secret_post(project):
    converges(project, project.account("support"), profile={"client": project.client(authentication="client_secret_post")})


@case("an explicit token endpoint")
def explicit_endpoint(project):
    converges(project, project.account("support"),
              profile={"issuer": None, "endpoints": {"token": project.env["GLEWLWYD_TOKEN_ENDPOINT"]}})


@case("client_secret_post at an explicit endpoint")
def post_to_endpoint(project):
    converges(project, project.account("support"), profile={
        "client": project.client(authentication="client_secret_post"),
        "issuer": None, "endpoints": {"token": project.env["GLEWLWYD_TOKEN_ENDPOINT"]}})


@case("MAILKEEL_CA_FILE instead of tls.caFile")
def ca_by_variable(project):
    project.variables["MAILKEEL_CA_FILE"] = project.env["CA_FILE"]
    converges(project, project.account("support", {"tls": None}), profile={"tls": None})


# -- without a token

def printer(project, file):
    return project.account("printer", {"authentication": "password", "oauthProfile": None, "password": {"fromFile": file}})


@case("a password needs no provider")
def password(project):
    provider, mail = Log(project.env["GLEWLWYD_LOG"]), Log(project.env["DOVECOT_LOG"])
    project.write(printer(project, project.env["PASSWORD_FILE"]))
    project.apply().exits(0).says(added(1))
    mail.must_show(r"imap-login: Info: Login: user=<printer@example\.test>, method=SCRAM-SHA-256, .*TLS")
    project.plan("--detailed-exitcode").exits(0).says(r"No changes\.")
    expect(not provider.lines("token"), "the provider was asked for a token")


@case("a refused password is not offered again until it changed")
def refused_password(project):
    file = project.write_file("password", "not the right one\n")
    project.write(printer(project, file))
    project.apply().exits(6).says(r"mail\.authentication_failed")
    mail = Log(project.env["DOVECOT_LOG"])
    project.apply().exits(6).says(r"mail\.refused_before", "--retry-refused")
    mail.must_not_show("imap-login")
    project.run("apply", "--auto-approve", "--retry-refused").exits(6).says(r"mail\.authentication_failed")
    with open(project.env["PASSWORD_FILE"]) as right:
        project.write_file("password", right.read())
    project.apply().exits(0).says(added(1))


# -- what the provider refuses

def profile_fails(project, profile, *patterns, accounts=("support",)):
    """Apply fails as a whole: it says where and why, and no mail server hears of it."""
    mail = Log(project.env["DOVECOT_LOG"])
    where = project.write(project.profile(profile), *map(project.account, accounts))
    answer = project.apply().exits(1).says("OAuthProfile/glewlwyd", "who must act", *patterns)
    mail.must_not_show("imap-login")
    return answer, where["OAuthProfile/glewlwyd"]


@case("a wrong client secret is one error that says all")
def wrong_secret(project):
    file = project.write_secret("0" * 48)
    provider = Log(project.env["GLEWLWYD_LOG"])
    answer, lines = profile_fails(project, {"client": project.client(file)}, "403", "secret",
                                  "administrator of the OAuth application", accounts=("support", "billing"))
    named = [int(number) for number in re.findall(rf"{re.escape(project.FILE)}:(\d+)", answer.text)]
    expect(any(number in lines for number in named),
           f"the error does not name a line of the profile ({project.FILE}:{lines.start} to {lines.stop - 1})")
    offered = len(provider.lines("Authorization invalid for client_id mailkeel"))
    expect(offered == 1, f"the wrong secret was offered {offered} times, not once")
    # Mended, all converges.
    project.write_file("client-secret", servers.secret(project.env["CLIENT_SECRET_FILE"]) + "\n")
    project.apply().exits(0)
    project.plan("--detailed-exitcode").exits(0)


@case("a scope that the provider does not know")
def unknown_scope(project):
    profile_fails(project, {"scopes": ["nonsense"]}, "scope_invalid")


@case("an issuer without metadata")
def unknown_issuer(project):
    origin = project.env["GLEWLWYD_ISSUER"].removesuffix("/api/oidc")
    profile_fails(project, {"issuer": f"{origin}/api/nowhere"}, "/api/nowhere", "404")


@case("metadata that names another issuer")
def other_issuer(project):
    issuer = project.env["GLEWLWYD_ISSUER"]
    profile_fails(project, {"issuer": issuer.replace("127.0.0.1", "localhost")}, "issuer", re.escape(issuer))


# -- what the mail server refuses

def account_fails(project, bad, *patterns, profile=None, beside="billing"):
    """One account cannot be proven: the other is in service all the same, and the plan still wants the one."""
    mail = Log(project.env["DOVECOT_LOG"])
    good = [project.account(beside)] if beside else []
    project.write(project.profile(profile), *good, bad)
    address = f"EmailAccount/{bad[1]}"
    answer = project.apply().exits(6).says(address, "who must act", *patterns)
    again = project.plan("--detailed-exitcode").exits(2).says(f"{address} will be created")
    if beside:
        mail.must_show(login_of(f"{beside}@example.test"))
        again.does_not_say(f"EmailAccount/{beside} will be")
        project.run("state", "list").exits(0).says(f"EmailAccount/{beside}")
    return answer


REFUSED = ("AUTHENTICATIONFAILED", r"Authentication failed\.")  # Dovecot's own words


@case("a mailbox that is not the client's")
def locked_mailbox(project):
    mail = Log(project.env["DOVECOT_LOG"])
    account_fails(project, project.account("locked"), *REFUSED)
    mail.must_show("Username 'locked@example.test' did not match 'mailkeel'")
    mail.must_not_show(login_of(project.env["LOCKED_MAILBOX"]))


@case("a token for another scope")
def other_scope(project):
    account_fails(project, project.account("support"), *REFUSED, profile={"scopes": ["calendar"]}, beside=None)


@case("a client that the mail server does not know")
def outsider(project):
    client = project.client(project.env["OTHER_CLIENT_SECRET_FILE"], project.env["OTHER_CLIENT_ID"])
    account_fails(project, project.account("support"), *REFUSED, profile={"client": client}, beside=None)


@case("an outage behind the mail server is nobody's fault")
def outage(project):
    account_fails(project, project.account("outage"), "UNAVAILABLE", "Temporary authentication failure", "nobody")


@case("a failed change leaves what was in service")
def failed_change(project):
    converges(project, project.account("support"))
    project.write(project.profile(), project.account("support", {"port": int(project.env["REFUSED_PORT"])}))
    project.apply().exits(6).says("EmailAccount/support", "refused")
    project.run("show", "EmailAccount/support").exits(0).says(rf"\b{project.env['IMAP_PORT']}\b")
    project.plan("--detailed-exitcode").exits(2).says("EmailAccount/support will be updated in-place")
    project.write(project.profile(), project.account("support"))
    project.plan("--detailed-exitcode").exits(0)


# -- connections that must not be made

CONNECTIONS = {
    # With what shows that it was found out, not guessed: the date, the name, the authority.
    "EXPIRED": ("an expired certificate", ["expired", "2024-02-01"]),
    "WRONGNAME": ("a certificate for another host", [r"mail\.elsewhere\.test"]),
    "UNTRUSTED": ("a certificate from an unknown CA", ["trust", "Stranger Authority"]),
    "REFUSED": ("a refused connection", ["refused"]),
}


def bad_mail_server(port, patterns, project):
    mail = Log(project.env["DOVECOT_LOG"])
    account_fails(project, project.account("support", {"port": port(project.env)}), *patterns)
    mail.must_not_show(r"imap-login-\w+: Info: (Login:|.*auth failed)")


def bad_provider(port, patterns, how, project):
    origin = f"https://127.0.0.1:{port(project.env)}"
    where = ({"issuer": f"{origin}/api/oidc"} if how == "discovery"
             else {"issuer": None, "endpoints": {"token": f"{origin}/api/oidc/token"}})
    profile_fails(project, where, *patterns, accounts=("support",))


for _name, (_title, _patterns) in CONNECTIONS.items():
    _https = "REFUSED_PORT" if _name == "REFUSED" else f"HTTPS_{_name}_PORT"
    _imap = "REFUSED_PORT" if _name == "REFUSED" else f"IMAP_{_name}_PORT"
    case(f"{_title} at the mail server")(
        functools.partial(bad_mail_server, lambda env, port=_imap: int(env[port]), _patterns))
    for _how in ("discovery", "the token endpoint"):
        case(f"{_title} at {_how}")(
            functools.partial(bad_provider, lambda env, port=_https: int(env[port]), _patterns, _how))


@case("a private CA that nobody named is not trusted")
def unnamed_ca(project):
    profile_fails(project, {"tls": None}, "trust")
