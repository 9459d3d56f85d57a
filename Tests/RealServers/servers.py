"""Where the servers are that `start` brought up, and a second, independent client for them."""
import base64
import json
import pathlib
import re
import socket
import ssl
import typing
import urllib.error
import urllib.parse
import urllib.request


class Answer(typing.NamedTuple):
    status: int
    headers: object
    body: str


def read_env(directory):
    lines = (pathlib.Path(directory) / "env").read_text().splitlines()
    return dict(line.split("=", 1) for line in lines)


def secret(file):
    return pathlib.Path(file).read_text().strip()


def not_to_be_had(env):
    """What cannot be tried on these servers, and why; None when all can."""
    return None if env["SENDS"] == "yes" else "everything over SMTP: only root can run Postfix"


def trust(env):
    return ssl.create_default_context(cafile=env["CA_FILE"])


def ask(env, endpoint, form, client=None, client_secret=None):
    """Posts a form, with the client's name and secret in a header if they are given: (status, body)."""
    headers = {}
    if client:
        headers["Authorization"] = "Basic " + base64.b64encode(f"{client}:{client_secret}".encode()).decode()
    answer = post(env, endpoint, urllib.parse.urlencode(form).encode(), headers)
    return answer.status, answer.body


def post(env, endpoint, body, headers):
    """Posts a form that is written already; of `headers` the credentials are passed on."""
    shown = {name: headers[name] for name in ("Authorization",) if headers.get(name)}
    try:
        with urllib.request.urlopen(urllib.request.Request(endpoint, body, shown), timeout=20, context=trust(env)) as answer:
            return Answer(answer.status, answer.headers, answer.read().decode())
    except urllib.error.HTTPError as error:
        return Answer(error.code, error.headers, error.read().decode())


def ask_token(env, client, client_secret, method="client_secret_basic", endpoint=None, **form):
    """One token request, for client credentials (RFC 6749 section 4.4) unless `form` says otherwise: (status, body)."""
    form = {"grant_type": "client_credentials", **form}
    endpoint = endpoint or env["GLEWLWYD_TOKEN_ENDPOINT"]
    if method == "client_secret_basic":
        return ask(env, endpoint, form, client, client_secret)
    return ask(env, endpoint, form | {"client_id": client} | ({"client_secret": client_secret} if client_secret else {}))


def token(env):
    """A good access token for mail."""
    status, body = ask_token(env, env["CLIENT_ID"], secret(env["CLIENT_SECRET_FILE"]), scope="mail")
    assert status == 200, (status, body)
    return json.loads(body)["access_token"]


def imap_login(env, mailbox, access_token, port=None, mechanism="XOAUTH2"):
    """Logs in, looks at INBOX and leaves: what both sides said, as lines that begin with S: or C:, no token in them."""
    said = []
    first = (f"n,a={mailbox},\x01auth=Bearer {access_token}\x01\x01" if mechanism == "OAUTHBEARER"
             else f"user={mailbox}\x01auth=Bearer {access_token}\x01\x01")
    raw = socket.create_connection((env["IMAP_HOST"], int(port or env["IMAP_PORT"])), timeout=20)
    with trust(env).wrap_socket(raw, server_hostname=env["IMAP_HOST"]) as connection, connection.makefile("rwb") as stream:
        def hear():
            line = stream.readline().decode().rstrip("\r\n")
            said.append(f"S: {line}")
            return line

        def say(line, shown=None):
            said.append(f"C: {shown or line}")
            stream.write(line.encode() + b"\r\n")
            stream.flush()

        def command(line, tag, shown=None):
            say(f"{tag} {line}", shown)
            while not (answer := hear()).startswith(f"{tag} "):
                if not answer:
                    break
                if answer.startswith("+ "):
                    # The reason, in JSON. An empty line (XOAUTH2) or %x01 (RFC 7628 section 3.2.3) fetches the verdict.
                    said[-1] += "    (" + base64.b64decode(answer[2:]).decode() + ")"
                    say("AQ==" if mechanism == "OAUTHBEARER" else "", shown="AQ==" if mechanism == "OAUTHBEARER" else "(empty line)")
            return answer

        hear()
        ir = base64.b64encode(first.encode()).decode()
        if command(f"AUTHENTICATE {mechanism} {ir}", "a", f"a AUTHENTICATE {mechanism} ...").startswith("a OK"):
            command("EXAMINE INBOX", "b")
        command("LOGOUT", "c")
    return said


def certificate_error(host, port, env):
    """Why a careful client refuses the certificate there; None when it accepts it."""
    try:
        with trust(env).wrap_socket(socket.create_connection((host, int(port)), timeout=20), server_hostname=host):
            return None
    except ssl.SSLCertVerificationError as error:
        return re.sub(r"\s*\(_ssl.*", "", error.verify_message)
