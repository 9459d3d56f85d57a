"""A private Dovecot: IMAP and POP3 on ports with good and bad certificates, mailboxes, and whom it asks about tokens."""
import os
import shutil

import processes
from ports import BAD, mail, mail_ports
from starting import render, wait_for_mail

MAIL_DOMAIN = "example.test"
# At the first every mailbox has the same password; at the second a token of any size opens every mailbox.
PASSWORD_DOMAIN, SIZED_DOMAIN = "passwords.test", "sized.test"
PROTOCOLS = ("imap", "pop3")


def start(directory, ports, values, secret, robots, takes_mail):
    """`robots` is the domain of whom a service account acts for; `takes_mail` says whether Postfix will hand mail on."""
    conf, log = directory / "conf", directory / "dovecot.log"
    values = {**values, "PASSWORD": secret["password"], "PROTOCOLS": " ".join([*PROTOCOLS, *["lmtp"] * takes_mail])}
    text = render("dovecot.conf", {**values, "PASSDBS": _passdbs(directory, values, secret, robots)})
    for protocol in PROTOCOLS:
        for name in BAD:
            text += render("dovecot-badcert.conf", {
                **values, "PROTOCOL": protocol, "CERT": name, "TLS_PORT": str(ports[mail(protocol, "tls", name)]),
                "STARTTLS_PORT": str(ports[mail(protocol, "starttls", name)])})
    if takes_mail:
        text += render("dovecot-postfix.conf", values)
    if os.geteuid() != 0:
        text += render("dovecot-unprivileged.conf", values)
    (conf / "dovecot.conf").write_text(text)
    # Read at each login by the auth process, as Dovecot's own user, to whom conf/ is closed.
    passwd = directory / "passwd"
    passwd.write_text(f"printer@{MAIL_DOMAIN}:{{PLAIN}}{secret['password']}\n")
    if os.geteuid() == 0:
        shutil.chown(passwd, values["INTERNAL_USER"])
    process = processes.launch(directory, log, "dovecot", "-F", "-c", conf / "dovecot.conf")
    wait_for_mail("Dovecot", process, log, directory, ports, mail_ports(*PROTOCOLS))


def _passdbs(directory, values, secret, robots):
    """Which mailboxes are opened by whose tokens, and what the mail server asks about those tokens, and whom."""
    at = lambda port, path: f"{values[port + '_PORT']}{path}"
    glewlwyd_at = at("GLEWLWYD", "/api/oidc/introspect")
    judges = [  # mailboxes; client; where its tokens are known; what names the user; what the user must be
        ("any", f"*@{MAIL_DOMAIN} !locked@{MAIL_DOMAIN} !outage@{MAIL_DOMAIN}", "mailkeel", glewlwyd_at, "client_id", "any"),
        # locked@ wants a token of its own, which no client has; for outage@ a provider is asked that nobody reaches.
        ("own", f"locked@{MAIL_DOMAIN}", "mailkeel", glewlwyd_at, "client_id", "%u"),
        ("outage", f"outage@{MAIL_DOMAIN}", "mailkeel", at("REFUSED", "/api/oidc/introspect"), "client_id", "any"),
        # Each person's own, and one that all may open.
        ("people", "*@people.test !shared@people.test", "desk", glewlwyd_at, "username", "%u"),
        ("shared", "shared@people.test", "desk", glewlwyd_at, "username", "any"),
        ("robots", f"*@{robots}", "mailserver", at("BEARER", "/introspect"), "username", "%u"),
        ("sized", f"*@{SIZED_DOMAIN}", "mailserver", at("BEARER", "/introspect"), "client_id", "any"),
    ]
    text = ""
    for name, mailboxes, client, where, attribute, form in judges:
        (directory / f"conf/oauth2-{name}.conf").write_text(render("dovecot-oauth2.conf", {
            **values, "ASKS_AS": client, "SECRET": secret[client], "ASKS_AT": where, "USERNAME_ATTRIBUTE": attribute,
            "USERNAME_FORMAT": form}))
        text += render("dovecot-passdb.conf", {**values, "NAME": name, "FILTER": mailboxes})
    (directory / "conf/oauth2-pocket.conf").write_text(render("dovecot-userinfo.conf", values))
    return text + render("dovecot-passdb.conf", {**values, "NAME": "pocket", "FILTER": "*@pocket.test"})
