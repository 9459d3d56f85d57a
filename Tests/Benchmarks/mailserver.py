"""The mail server under the login benchmark: Dovecot on loopback, which judges tokens by itself, and who hands them out."""
import base64
import hashlib
import hmac
import http.server
import json
import os
import pathlib
import secrets
import shutil
import subprocess
import sys
import threading
import time

REAL_SERVERS = pathlib.Path(__file__).resolve().parent.parent / "RealServers"
sys.path.append(str(REAL_SERVERS))
import ports  # noqa: E402
import processes  # noqa: E402
from accounts import users  # noqa: E402
from starting import WORDS, greeting, wait  # noqa: E402

HERE = pathlib.Path(__file__).resolve().parent


class MailServer:
    """Everything that it writes is below `directory`, whose path must be short.

    With `standing`, processes that wait for sessions serve one after another, where the default starts one for each.
    """

    def __init__(self, directory, standing=False):
        self.directory = pathlib.Path(directory)
        self._standing = standing
        self.directory.chmod(0o711)  # Dovecot's own users must be able to pass
        for name in ("conf", "run", "state", "mail", "keys"):
            (self.directory / name).mkdir()
        (self.directory / "run").chmod(0o755)  # as Dovecot wants it
        subprocess.run([REAL_SERVERS / "certificates", self.directory / "tls"], check=True)
        self.ca, self.token_file = self.directory / "tls/ca.pem", self.directory / "token"
        self.token_file.write_text(self._token())
        self._issuer = _Issuer(self.token_file.read_text())
        self.token_endpoint = f"http://127.0.0.1:{self._issuer.server_port}/token"
        self._start()

    def _token(self):
        """A signed token (RFC 7519), with its key where Dovecot looks for it."""
        key = secrets.token_bytes(32)
        place = self.directory / "keys/default/HS256"
        place.mkdir(parents=True)
        (place / "default").write_bytes(base64.b64encode(key))
        now = int(time.time())
        parts = [{"alg": "HS256", "typ": "JWT"}, {"sub": "bench", "scope": "mail", "iat": now, "exp": now + 86400,
                                                  "padding": "x" * 900}]
        message = b".".join(_base64url(json.dumps(part).encode()) for part in parts)
        return (message + b"." + _base64url(hmac.digest(key, message, hashlib.sha256))).decode()

    def _start(self):
        self.port = ports.free(("IMAP",))["IMAP"]
        values = {"DIR": str(self.directory), "PORT": str(self.port), **users(self.directory / "mail")}
        (self.directory / "conf/oauth2.conf").write_text(
            "introspection_mode = local\n"
            f"local_validation_key_dict = fs:posix:prefix={self.directory}/keys/\n"
            "username_attribute = sub\nusername_format = any\nscope = mail\n")
        standing = "service imap {\n  service_count = 1000\n  process_min_avail = 2\n}\n" if self._standing else ""
        unprivileged = "" if os.geteuid() == 0 else "service anvil {\n  chroot =\n}\nservice ipc {\n  chroot =\n}\n"
        text = (HERE / "dovecot.conf").read_text()
        for name, value in {**values, "STANDING": standing, "UNPRIVILEGED": unprivileged}.items():
            text = text.replace(f"@{name}@", value)
        (self.directory / "conf/dovecot.conf").write_text(text)
        for path in (self.directory / "keys").rglob("*"):
            path.chmod(0o755 if path.is_dir() else 0o644)
        (self.directory / "keys").chmod(0o755)
        log = self.directory / "dovecot.log"
        process = processes.launch(self.directory, log, "dovecot", "-F", "-c", self.directory / "conf/dovecot.conf")
        self._master = process.pid
        wait("Dovecot", process, log, lambda: greeting(self.port, *WORDS["imap"], self.directory / "tls/good.pem"))

    processors = os.cpu_count()

    def processor_seconds(self):
        """What all its processes took so far, those included that have ended and were waited for."""
        ticks = 0
        for stat in pathlib.Path("/proc").glob("[0-9]*/stat"):
            try:
                fields = stat.read_text().rpartition(")")[2].split()
            except OSError:
                continue
            if int(stat.parent.name) == self._master:
                ticks += sum(map(int, fields[11:15]))  # with its children
            elif int(fields[1]) == self._master:
                ticks += sum(map(int, fields[11:13]))
        return ticks / os.sysconf("SC_CLK_TCK")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._issuer.shutdown()
        processes.end_all(self.directory)


class _Issuer(http.server.ThreadingHTTPServer):
    """A token endpoint that gives everybody the same token."""

    def __init__(self, token):
        super().__init__(("127.0.0.1", 0), _Answer)
        self.answer = json.dumps({"access_token": token, "token_type": "Bearer", "expires_in": 86400, "scope": "mail"}).encode()
        threading.Thread(target=self.serve_forever, daemon=True).start()


class _Answer(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(self.server.answer)))
        self.end_headers()
        self.wfile.write(self.server.answer)

    def log_message(self, *_):
        pass


def _base64url(content):
    return base64.urlsafe_b64encode(content).rstrip(b"=")
