"""Accounts of the sandbox's mail servers in manifests of their own: any protocol, security and credential."""
import base64
import re

from sandbox import PASSWORD

# A token of `--jwt-tokens`; `dXNlcj` begins the base64 of an XOAUTH2 response, `bixhPX` of an OAUTHBEARER one.
TOKEN = re.compile(rb"eyJ[\w-]{10,}\.eyJ[\w-]{10,}|dXNlcj[\w+/=]{40,}|bixhPX[\w+/=]{40,}")
# What the password's base64 has in it wherever it stands in a longer text, as in PLAIN.
PASSWORDS = [PASSWORD.encode(), *(base64.b64encode(b"." * offset + PASSWORD.encode())[4:-4] for offset in range(3))]

PROFILE = """\
apiVersion: mailkeel/v1
kind: OAuthProfile
metadata: {{ name: {name} }}
spec:
  issuer: "{issuer}"
  grant: client_credentials
  client: {{ id: mailkeel-sandbox, secret: {{ fromFile: "{directory}/secrets/client-secret" }} }}
  scopes: [mail]
  tls: {{ caFile: "{directory}/ca.pem" }}
"""
ACCOUNT = """\
apiVersion: mailkeel/v1
kind: EmailAccount
metadata: {{ name: {name} }}
spec:
  type: {protocol}
  server: {server}
  port: {port}
  connectionSecurity: {security}
  userName: {mailbox}
  tls: {{ caFile: "{directory}/ca.pem" }}
{login}{more}"""


def profile(sandbox, name="sandbox"):
    return PROFILE.format(name=name, issuer=sandbox.issuer, directory=sandbox.directory)


def account(sandbox, name, protocol, security="tls", *, mechanism=None, profile=None, mailbox="support@sandbox.example",
            server="127.0.0.1", port=None, more=()):
    """With a profile it logs in by its token, else by the password of all mailboxes."""
    login = [f"oauthProfile: {profile}", "authentication: oauth2"] if profile else [
        "authentication: password", f'password: {{ fromFile: "{sandbox.directory}/secrets/mailbox-password" }}']
    if mechanism:
        login.append(f"mechanism: {mechanism}")
    lines = lambda some: "".join(f"  {line}\n" for line in some)
    return ACCOUNT.format(
        name=name, protocol=protocol, security=security, server=server, mailbox=mailbox, directory=sandbox.directory,
        port=port or sandbox.ports[protocol + ("_starttls" if security == "starttls" else "")],
        login=lines(login), more=lines(more))


def shows_credential(content):
    """Whether these bytes hold the mailboxes' password or a token, as they are or as a mechanism sends them."""
    return any(form in content for form in PASSWORDS) or TOKEN.search(content) is not None
