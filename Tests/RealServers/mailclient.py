"""A second, independent client for mail servers: it logs in by any mechanism, over any protocol, and keeps what both said."""
import base64
import hashlib
import hmac
import secrets
import socket
import ssl

import ports
import servers

PASSWORD_MECHANISMS = ("PLAIN", "LOGIN", "CRAM-MD5", "SCRAM-SHA-1", "SCRAM-SHA-256")
TOKEN_MECHANISMS = ("XOAUTH2", "OAUTHBEARER")
MECHANISMS = TOKEN_MECHANISMS + PASSWORD_MECHANISMS


class Session:
    """One connection, secured as told. `said` has the lines of both sides, S: and C:, without what is secret."""

    def __init__(self, env, protocol, security="tls", port=None):
        self.protocol, self.said, self._tag = protocol, [], 0
        port = int(port or env[ports.mail(protocol, security) + "_PORT"])
        self._socket, self._trust = socket.create_connection((env["IMAP_HOST"], port), timeout=20), servers.trust(env)
        if security == "tls":
            self._secure(env["IMAP_HOST"])
        self._stream = self._socket.makefile("rwb")
        self.hear()
        if security == "starttls":
            if protocol == "smtp":
                self.command("EHLO client.test")
            self.command({"imap": "STARTTLS", "pop3": "STLS", "smtp": "STARTTLS"}[protocol])
            self._secure(env["IMAP_HOST"])
            self._stream = self._socket.makefile("rwb")
        if protocol == "smtp":
            self.command("EHLO client.test")

    def _secure(self, host):
        self._socket = self._trust.wrap_socket(self._socket, server_hostname=host)

    def hear(self):
        line = self._stream.readline().decode(errors="replace").rstrip("\r\n")
        self.said.append(f"S: {line}")
        return line

    def say(self, line, shown=None):
        self.said.append(f"C: {shown or line}")
        self._stream.write(line.encode() + b"\r\n")
        self._stream.flush()

    def command(self, line, shown=None):
        """Sends one command and reads to the last line of its answer, or to a challenge."""
        if self.protocol == "imap":
            self._tag += 1
            line = f"a{self._tag} {line}"
        self.say(line, shown)
        return self.verdict()

    def verdict(self):
        """The last line of an answer: a challenge, a verdict, or nothing when the server has gone."""
        while line := self.hear():
            done = {"imap": line.startswith((f"a{self._tag} ", "+")), "pop3": line.startswith(("+", "-ERR")),
                    "smtp": line[3:4] == " "}[self.protocol]
            if done:
                return line
        return ""

    def challenge(self, line):
        """What the server asks in this line; None when it asks nothing."""
        mark = {"imap": "+", "pop3": "+ ", "smtp": "334"}[self.protocol]
        return base64.b64decode(line[len(mark):].strip()).decode() if line.startswith(mark) and line[:3] != "+OK" else None

    def log_in(self, mechanism, user, credential):
        """Runs the mechanism in two steps, as every server takes it; whether the server let the user in."""
        course = responses(mechanism, user, credential)
        line = self.command(("AUTH " if self.protocol != "imap" else "AUTHENTICATE ") + mechanism)
        pending = next(course)
        while (asked := self.challenge(line)) is not None:
            if asked:
                self.said[-1] += f"    ({asked})"
                # Who speaks first has an empty challenge to answer; a server that answers at once has refused.
                pending = course.send(asked)
            answer = base64.b64encode(pending.encode()).decode()
            self.say(answer, "(response)")
            line = self.verdict()
        return line.startswith((f"a{self._tag} OK", "+OK", "235"))

    def close(self):
        try:
            self.command("LOGOUT" if self.protocol == "imap" else "QUIT")
        except OSError:
            pass
        self._stream.close()
        self._socket.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def responses(mechanism, user, credential):
    """A generator: what the client says first (empty when the server speaks first), then what it answers to each challenge."""
    if mechanism == "XOAUTH2":
        yield f"user={user}\x01auth=Bearer {credential}\x01\x01"
        yield ""
    elif mechanism == "OAUTHBEARER":
        yield f"n,a={user},\x01auth=Bearer {credential}\x01\x01"
        yield "\x01"  # RFC 7628 section 3.2.3
    elif mechanism == "PLAIN":
        yield f"\0{user}\0{credential}"
    elif mechanism == "LOGIN":
        yield ""
        yield user
        yield credential
    elif mechanism == "CRAM-MD5":
        challenge = yield ""
        yield f"{user} {hmac.new(credential.encode(), challenge.encode(), 'md5').hexdigest()}"
    else:
        yield from _scram(mechanism.removeprefix("SCRAM-").replace("-", "").lower(), user, credential)


def _scram(digest, user, password):
    """RFC 5802, without channel binding."""
    nonce = secrets.token_hex(12)
    bare = f"n={user.replace('=', '=3D').replace(',', '=2C')},r={nonce}"
    first = yield f"n,,{bare}"
    given = dict(part.split("=", 1) for part in first.split(","))
    assert given["r"].startswith(nonce), first
    keyed = lambda key, text: hmac.new(key, text.encode(), digest).digest()
    salted = hashlib.pbkdf2_hmac(digest, password.encode(), base64.b64decode(given["s"]), int(given["i"]))
    client = keyed(salted, "Client Key")
    final = f"c=biws,r={given['r']}"
    transcript = f"{bare},{first},{final}"
    signature = keyed(hashlib.new(digest, client).digest(), transcript)
    proof = bytes(a ^ b for a, b in zip(client, signature))
    verdict = yield f"{final},p={base64.b64encode(proof).decode()}"
    expected = base64.b64encode(keyed(keyed(salted, "Server Key"), transcript)).decode()
    assert verdict == f"v={expected}", verdict
    yield ""


def certificate_error(env, protocol, security, port):
    """Why a careful client refuses the certificate there; None when it accepts it."""
    try:
        Session(env, protocol, security, port).close()
    except ssl.SSLCertVerificationError as error:
        return error.verify_message
    return None
