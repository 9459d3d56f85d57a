"""The program's own sandbox: an OAuth provider and mail servers on loopback, and an example project for them."""
import json
import os
import pathlib
import select
import ssl
import subprocess
import typing
import urllib.error
import urllib.parse
import urllib.request

from command import Failed

ACCOUNTS = ("alerts", "billing", "support")
PROFILE = "OAuthProfile/sandbox"
AUTHORIZATION = "Authorization/sandbox:(app)"
ADDRESSES = {PROFILE, AUTHORIZATION, *(f"EmailAccount/{name}" for name in ACCOUNTS)}
ANY_PORTS = ("--free-ports",)
SERVERS = tuple(name + kind for name in ("smtp", "imap", "pop3") for kind in ("", "_starttls"))
PASSWORD = "sandbox-password"


def mailbox(account):
    return f"{account}@sandbox.example"


class Answer(typing.NamedTuple):
    status: int
    headers: object
    body: str


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None


class Sandbox:
    """A running `mailkeel sandbox`; it writes its example project into `directory`."""

    def __init__(self, binary, directory, environment, *options, ports=ANY_PORTS):
        self.directory, self.out, self.err = pathlib.Path(directory), b"", b""
        self._process = subprocess.Popen([binary, "sandbox", directory, "--json", *ports, *options],
                                         env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                         stderr=subprocess.PIPE)
        try:
            started = json.loads(self._first_line())
        except ValueError:
            self.stop()
            raise Failed(f"the sandbox did not start: {(self.out + self.err).decode(errors='replace').strip()}") from None
        self.issuer = started["issuer"]
        self.oauth_port = started["issuer"].rpartition(":")[2]
        self.ports = {name: started[name].rpartition(":")[2] for name in SERVERS}
        self.imap_port = self.ports["imap"]

    @property
    def same_ports(self):
        """`ports` for another one that the same manifests fit."""
        mail = ((f"--{name.replace('_', '-')}-port", port) for name, port in self.ports.items())
        return "--oauth-port", self.oauth_port, *(word for pair in mail for word in pair)

    def stop(self):
        """Ends it and keeps what it wrote; a second call does nothing."""
        if self._process.stdout.closed:
            return
        self._process.terminate()
        try:
            out, err = self._process.communicate(timeout=10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            out, err = self._process.communicate()
        self.out += out
        self.err += err

    # -- while it runs

    def order(self, fault):
        """Orders a fault, such as `token-dropped:1`, in the place of an order for the same one."""
        self._control("faults", fault=fault)

    def calm(self):
        """Calls all faults off."""
        self._control("calm")

    def end_grants(self, user):
        """Ends all that a person consented to, as a new password does."""
        self._control("end", user=user)

    def counts(self):
        """How often each event happened so far: by its name, and by its name with its grant or service."""
        return json.loads(self.fetch(self.issuer + "/control/counts").body)

    def events(self, *names):
        """The events of these names, or all, in order."""
        lines = (self.directory / "sandbox.log").read_text().splitlines()
        return [event for event in map(json.loads, lines) if not names or event["event"] in names]

    def approve(self, link, user):
        """Consents as this person, without a browser; returns where the browser is sent, or None for a device."""
        return self._consent(link, "approve", user)

    def decline(self, link):
        return self._consent(link, "decline", "1")

    def fetch(self, address, form=None, headers=None):
        """One request, whose redirect is not followed: an object with `status`, `headers` and `body`. `form` is a dictionary, or
        the bytes of one; of `headers` the credentials are passed on."""
        opener = urllib.request.build_opener(
            _NoRedirect, urllib.request.HTTPSHandler(
                context=ssl.create_default_context(cafile=self.directory / "ca.pem")))
        data = form if form is None or isinstance(form, bytes) else urllib.parse.urlencode(form).encode()
        shown = {name: headers[name] for name in ("Authorization",) if headers and headers[name]}
        try:
            answer = opener.open(urllib.request.Request(address, data, shown), timeout=30)
        except urllib.error.HTTPError as error:
            answer = error
        with answer:
            return Answer(answer.status, answer.headers, answer.read().decode())

    def _control(self, place, **form):
        answer = self.fetch(f"{self.issuer}/control/{place}", form)
        if answer.status != 204:
            raise Failed(f"the sandbox refused {place} {form}: {answer.body.strip()}")

    def _consent(self, link, verdict, value):
        joint = "&" if "?" in link else "?"
        answer = self.fetch(f"{link}{joint}{urllib.parse.urlencode({verdict: value})}")
        if answer.status not in (200, 302):
            raise Failed(f"the sandbox took no {verdict}: {answer.status}")
        return answer.headers.get("Location")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    def _first_line(self):
        """Read byte by byte past any buffer, so that `communicate` gets the rest."""
        while not self.out.endswith(b"\n"):
            ready, _, _ = select.select([self._process.stdout], [], [], 30)
            byte = os.read(self._process.stdout.fileno(), 1) if ready else b""
            if not byte:
                break
            self.out += byte
        return self.out
