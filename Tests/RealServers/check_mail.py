#!/usr/bin/env -S python3 -B
"""check_mail.py DIR: proves with a client of its own that the mail servers of `start DIR` answer as the tests believe: every
protocol, security and mechanism, refusals, senders, certificates, large tokens, and mail on its way.

When this fails, the servers or their configuration are to blame, not mailkeel. Prints all answers.
"""
import concurrent.futures
import itertools
import json
import pathlib
import sys
import time

import mailclient
import ports
import servers

if len(sys.argv) != 2:
    sys.exit(__doc__)
env = servers.read_env(sys.argv[1])
token, password = servers.token(env), servers.secret(env["PASSWORD_FILE"])
PROTOCOLS = [protocol for protocol in ports.PROTOCOLS if protocol != "smtp" or env["SENDS"] == "yes"]
SUPPORT = f"support@{env['PASSWORD_DOMAIN']}"
INVALID = {"XOAUTH2": '{"status":"401","schemes":"bearer","scope":"mail"}', "OAUTHBEARER": '{"status":"invalid_token"}'}
REFUSED = {"imap": "NO [AUTHENTICATIONFAILED] Authentication failed.", "pop3": "-ERR [AUTH] Authentication failed.",
           "smtp": "535 5.7.8 Error: authentication failed: (reason unavailable)"}
# Postfix says of an outage what it says of a wrong password.
OUTAGE = {"imap": "NO [UNAVAILABLE] Temporary authentication failure.", "pop3": "-ERR [SYS/TEMP] Temporary authentication failure.",
          "smtp": REFUSED["smtp"]}
OPENED = {"imap": "EXAMINE INBOX", "pop3": "STAT", "smtp": f"MAIL FROM:<{SUPPORT}>"}
CERTIFICATES = {"good": "None", "expired": "certificate has expired", "wrongname": "IP address mismatch",
                "untrusted": "unable to get local issuer certificate", "selfsigned": "self-signed certificate"}


def of_tokens(mechanism):
    return mechanism in mailclient.TOKEN_MECHANISMS


def talk(protocol, mechanism, user, credential, *commands, security="tls", port=None):
    """What both sides said, and at last whether the server let the user in."""
    with mailclient.Session(env, protocol, security, port) as session:
        done = session.log_in(mechanism, user, credential)
        for command in commands:
            session.command(command)
    return "\n".join([*session.said, "in" if done else "not in"])


def sized(size):
    status, body = servers.ask_token(env, env["SIZES_CLIENT_ID"], servers.secret(env["SIZES_SECRET_FILE"]),
                                     endpoint=f"{env['BEARER_ISSUER']}/token", scope=f"mail size-{size}")
    assert status == 200, (status, body)
    return json.loads(body)["access_token"]


def logins():
    """(what, how to ask for it, what must occur in the answer)"""
    for protocol, security, mechanism in itertools.product(PROTOCOLS, ports.SECURITIES, mailclient.MECHANISMS):
        user, credential = (env["MAILBOX"], token) if of_tokens(mechanism) else (SUPPORT, password)
        opened = OPENED[protocol].replace(SUPPORT, user)
        yield (f"{protocol} {security} {mechanism}",
               lambda p=protocol, s=security, m=mechanism, u=user, c=credential, o=opened: talk(p, m, u, c, o, security=s),
               ["in", {"imap": "OK [READ-ONLY]", "pop3": "+OK 0 0", "smtp": "250 2.1.0"}[protocol]])


def refusals():
    for protocol, mechanism in itertools.product(PROTOCOLS, mailclient.MECHANISMS):
        user, credential = (env["MAILBOX"], token[:-4] + "AAAA") if of_tokens(mechanism) else (SUPPORT, "wrong")
        yield (f"{protocol}, a wrong credential, {mechanism}",
               lambda p=protocol, m=mechanism, u=user, c=credential: talk(p, m, u, c),
               ["not in", REFUSED[protocol], INVALID.get(mechanism, "")])
    for protocol in PROTOCOLS:
        yield (f"{protocol}, an outage behind the server",
               lambda p=protocol: talk(p, "XOAUTH2", env["OUTAGE_MAILBOX"], token), ["not in", OUTAGE[protocol]])


def sizes():
    for size in (100, 6000):
        large = sized(size)
        for protocol, mechanism in itertools.product(PROTOCOLS, mailclient.TOKEN_MECHANISMS):
            yield (f"{protocol}, a token of {size} characters, {mechanism}",
                   lambda p=protocol, m=mechanism, t=large: talk(p, m, f"any@{env['SIZED_DOMAIN']}", t), ["in"])
    # In one line Dovecot takes 8192 characters of base64, and closes without a word when there are more.
    large = sized(6300)
    for protocol in {"imap", "pop3"} & set(PROTOCOLS):
        yield (f"{protocol}, a token of 6300 characters", lambda p=protocol: talk(p, "XOAUTH2", f"any@{env['SIZED_DOMAIN']}", large),
               ["not in", "S: \n"])


def certificates():
    for protocol, security, certificate, name in ports.mail_ports(*PROTOCOLS):
        yield (f"the certificate at {name}",
               lambda p=protocol, s=security, n=name: str(mailclient.certificate_error(env, p, s, env[f"{n}_PORT"])),
               [CERTIFICATES[certificate]])


def senders():
    if env["SENDS"] != "yes":
        return
    other, shared = f"other@{env['PASSWORD_DOMAIN']}", f"no-reply@{env['PASSWORD_DOMAIN']}"
    not_owned = f"553 5.7.1 <{other}>: Sender address rejected: not owned by user {SUPPORT}"
    yield ("a sender that is somebody else's", lambda: talk("smtp", "PLAIN", SUPPORT, password, f"MAIL FROM:<{other}>"), [not_owned])
    yield ("a sender that one may use", lambda: talk("smtp", "PLAIN", SUPPORT, password, f"MAIL FROM:<{shared}>"), ["250 2.1.0 Ok"])
    yield ("a sender that is judged late", lambda: talk(
        "smtp", "PLAIN", SUPPORT, password, f"MAIL FROM:<{other}>", f"RCPT TO:<{SUPPORT}>", security="starttls",
        port=env["SMTP_LATE_PORT"]), ["250 2.1.0 Ok", not_owned])
    yield ("a recipient elsewhere", lambda: talk(
        "smtp", "PLAIN", SUPPORT, password, f"MAIL FROM:<{SUPPORT}>", "RCPT TO:<somebody@elsewhere.test>"), ["550 5.1.1"])
    yield ("a message", delivered, ["in", "250 2.0.0 Ok: queued", "arrived"])


def delivered():
    to = f"check@{env['PASSWORD_DOMAIN']}"
    said = talk("smtp", "PLAIN", SUPPORT, password, f"MAIL FROM:<{SUPPORT}>", f"RCPT TO:<{to}>", "DATA",
                f"From: Support <{SUPPORT}>\r\nTo: <{to}>\r\nSubject: check\r\n\r\nhello\r\n.")
    deadline = time.monotonic() + 10
    while not list(pathlib.Path(env["MAILDIRS"], to, "Maildir/new").glob("*")) and time.monotonic() < deadline:
        time.sleep(0.02)
    seen = talk("imap", "PLAIN", to, password, "EXAMINE INBOX")
    return f"{said}\n{seen}\n{'arrived' if '* 1 EXISTS' in seen else 'not arrived'}"


def answer(ask):
    try:
        return ask()
    except (OSError, AssertionError) as fault:
        return f"{type(fault).__name__}: {fault}"


wrong = []
if servers.not_to_be_had(env):
    print(f"== skipped {servers.not_to_be_had(env)}\n")
checks = [*logins(), *refusals(), *sizes(), *certificates(), *senders()]
with concurrent.futures.ThreadPoolExecutor(8) as pool:  # a refusal takes half a second
    for (what, _, expected), text in zip(checks, pool.map(lambda check: answer(check[1]), checks)):
        print(f"== {what}\n{text}\n")
        wrong.extend(f"{what}: {part!r} is not in the answer" for part in expected if part not in text)
if wrong:
    sys.exit("\n".join(wrong))
