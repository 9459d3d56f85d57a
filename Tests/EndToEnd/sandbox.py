"""The program's own sandbox: an OAuth provider and an IMAP server on loopback, and an example project for them."""
import json
import os
import pathlib
import select
import subprocess

from command import Failed

ACCOUNTS = ("alerts", "billing", "support")
PROFILE = "OAuthProfile/sandbox"
AUTHORIZATION = "Authorization/sandbox:(app)"
ADDRESSES = {PROFILE, AUTHORIZATION, *(f"EmailAccount/{name}" for name in ACCOUNTS)}
ANY_PORTS = ("--oauth-port", "0", "--imap-port", "0")


def mailbox(account):
    return f"{account}@sandbox.example"


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
        self.oauth_port, self.imap_port = (started[name].rpartition(":")[2] for name in ("issuer", "imap"))

    @property
    def same_ports(self):
        """`ports` for another one that the same manifests fit."""
        return "--oauth-port", self.oauth_port, "--imap-port", self.imap_port

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
