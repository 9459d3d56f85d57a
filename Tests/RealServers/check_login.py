#!/usr/bin/env -S python3 -B
"""check_login.py DIR: proves with a client of its own that the servers of `start DIR` answer as the tests believe.

When this fails, the servers or their configuration are to blame, not mailkeel. Prints all answers.
"""
import json
import sys

import servers

if len(sys.argv) != 2:
    sys.exit(__doc__)
env = servers.read_env(sys.argv[1])
client, secret = env["CLIENT_ID"], servers.secret(env["CLIENT_SECRET_FILE"])
other, other_secret = env["OTHER_CLIENT_ID"], servers.secret(env["OTHER_CLIENT_SECRET_FILE"])
wrong = []


def check(what, answer, *expected):
    """`expected`: what must occur in the answer, a text or lines."""
    text = answer if isinstance(answer, str) else "\n".join(answer)
    print(f"== {what}\n{text}\n")
    wrong.extend(f"{what}: {part!r} is not in the answer" for part in expected if part not in text)


def asked(*arguments, **form):
    status, body = servers.ask_token(env, *arguments, **form)
    if status == 200:
        body = json.dumps({**json.loads(body), "access_token": "..."})
    return f"HTTP {status} {body or '(empty body)'}"


def token_by(*arguments, **form):
    return json.loads(servers.ask_token(env, *arguments, **form)[1])["access_token"]


for method in ("client_secret_basic", "client_secret_post"):
    check(f"token, {method}", asked(client, secret, method, scope="mail"), "HTTP 200", '"token_type": "bearer"')
    check(f"wrong secret, {method}", asked(client, "wrong", method, scope="mail"), "HTTP 403 (empty body)")
    check(f"unknown client, {method}", asked("nobody", secret, method, scope="mail"), "HTTP 403 (empty body)")
check("no scope", asked(client, secret), "HTTP 403 (empty body)")
check("unknown scope", asked(client, secret, scope="nonsense"), 'HTTP 400 {"error":"scope_invalid"}')
check("another client's scope", asked(other, other_secret, scope="calendar"), 'HTTP 400 {"error":"scope_invalid"}')

token = token_by(client, secret, scope="mail")
for mailbox in (env["MAILBOX"], env["MAILBOX_2"]):
    check(f"login to {mailbox}", servers.imap_login(env, mailbox, token), "a OK", "b OK")
check("login with a token got by client_secret_post", servers.imap_login(
    env, env["MAILBOX"], token_by(client, secret, "client_secret_post", scope="mail")), "b OK")
check("login, OAUTHBEARER", servers.imap_login(env, env["MAILBOX"], token, mechanism="OAUTHBEARER"), "b OK")
challenges = {"XOAUTH2": '{"status":"401","schemes":"bearer","scope":"mail"}', "OAUTHBEARER": '{"status":"invalid_token"}'}
refusals = {"a mailbox that is not the client's": (env["LOCKED_MAILBOX"], token),
            "a forged token": (env["MAILBOX"], token[:-4] + "AAAA"),
            "a token for another scope": (env["MAILBOX"], token_by(client, secret, scope="calendar")),
            "another client's token": (env["MAILBOX"], token_by(other, other_secret, scope="mail"))}
for mechanism, challenge in challenges.items():
    for what, (mailbox, credential) in refusals.items():
        check(f"{what}, {mechanism}", servers.imap_login(env, mailbox, credential, mechanism=mechanism),
              challenge, "a NO [AUTHENTICATIONFAILED] Authentication failed.")
check("an outage behind the mail server", servers.imap_login(env, env["OUTAGE_MAILBOX"], token),
      "a NO [UNAVAILABLE] Temporary authentication failure.")

for protocol in ("IMAP", "HTTPS"):
    for name, reason in (("EXPIRED", "certificate has expired"), ("WRONGNAME", "IP address mismatch"),
                         ("UNTRUSTED", "unable to get local issuer certificate")):
        check(f"{protocol}, {name.lower()} certificate",
              str(servers.certificate_error(env["IMAP_HOST"], env[f"{protocol}_{name}_PORT"], env)), reason)

try:
    refused = str(servers.certificate_error(env["IMAP_HOST"], env["REFUSED_PORT"], env))
except ConnectionRefusedError as error:
    refused = str(error)
check("a port without a listener", refused, "Connection refused")

with open(env["DOVECOT_LOG"]) as log:
    lines = [line.rstrip() for line in log if " auth: " in line or "Login: " in line or "auth failed" in line]
check("the mail server's log", lines, f"Login: user=<{env['MAILBOX']}>, method=XOAUTH2",
      "Username 'locked@example.test' did not match 'mailkeel'", "Token is not valid for scope 'mail'")
if wrong:
    sys.exit("\n".join(wrong))
