"""A project directory of mailkeel's: its manifests, the commands run in it, and what every command must keep."""
import base64
import json
import pathlib
import re
import stat
import sys
import tempfile

import servers

sys.path.append(str(pathlib.Path(__file__).resolve().parent.parent / "EndToEnd"))
import command
from command import Failed, expect  # also for the cases
from due import make_due

# An access token of Glewlwyd is a JWT, as is an assertion, and those of the provider on Authlib have a prefix; `dXNlcj` begins
# the base64 of an XOAUTH2 response, `bixhPX` of an OAUTHBEARER one.
TOKEN_SHAPE = re.compile(rb"eyJ[\w-]{10,}\.eyJ[\w-]{10,}|(robot|sized)-token-[\w-]{20,}|dXNlcj[\w+/=]{40,}|bixhPX[\w+/=]{40,}")


class Project:
    """A fresh directory with one manifest file, keys of its own, and no trace of the caller's environment."""
    FILE = "mail.yaml"

    def __init__(self, binary, env, directory):
        self.binary, self.env, self.transcript = binary, env, []
        self.directory, self.keys, self.given = directory / "project", directory / "keys", directory / "given"
        for made in (self.directory, self.keys, self.given, directory / "home"):
            made.mkdir(parents=True)
        self.variables = command.variables(directory / "home", self.keys)
        self.secrets = [servers.secret(env[name]).encode()
                        for name in ("CLIENT_SECRET_FILE", "OTHER_CLIENT_SECRET_FILE", "DESK_SECRET_FILE", "PASSWORD_FILE",
                                     "SIZES_SECRET_FILE")]
        self.secrets += [_heart(env["SIGNER_RSA_FILE"], -3), _heart(env["SIGNER_EC_FILE"], 1), _heart(env["ROBOT_KEY_FILE"], -3)]

    # -- manifests

    def profile(self, changes=None):
        spec = {"issuer": self.env["GLEWLWYD_ISSUER"], "grant": "client_credentials", "client": self.client(),
                "scopes": ["mail"], "tls": {"caFile": self.env["CA_FILE"]}}
        return "OAuthProfile", "glewlwyd", _changed(spec, changes)

    def client(self, secret_file=None, client_id=None, authentication="client_secret_basic"):
        return {"id": client_id or self.env["CLIENT_ID"], "authentication": authentication,
                "secret": {"fromFile": secret_file or self.env["CLIENT_SECRET_FILE"]}}

    def account(self, name, changes=None):
        """An account whose mailbox is NAME@example.test."""
        spec = {"type": "imap", "server": self.env["IMAP_HOST"], "port": int(self.env["IMAP_PORT"]),
                "connectionSecurity": "tls", "authentication": "oauth2", "userName": f"{name}@example.test",
                "oauthProfile": "glewlwyd", "tls": {"caFile": self.env["CA_FILE"]}}
        return "EmailAccount", name, _changed(spec, changes)

    def write(self, *resources):
        """Writes the manifests; returns the line numbers of each document, by address."""
        lines, where = [], {}
        for kind, name, spec in resources:
            begin = len(lines) + 1
            lines += ["---"] if lines else []
            lines += ["apiVersion: mailkeel/v1", f"kind: {kind}", "metadata:", f"  name: {name}", "spec:", *_yaml(spec)]
            where[f"{kind}/{name}"] = range(begin, len(lines) + 1)
        (self.directory / self.FILE).write_text("\n".join(lines) + "\n")
        return where

    def write_secret(self, value):
        self.secrets.append(value.encode())
        return self.write_file("client-secret", value + "\n")

    def write_file(self, name, content):
        """A file of the user's, which only the user may read; returns its path."""
        file = self.given / name
        file.touch(mode=0o600)
        file.write_text(content)
        return str(file)

    # -- commands

    def run(self, *arguments, shows_token=False, given=None):
        """Runs mailkeel, with `given` on its standard input, and checks what holds for every command: no secret in its
        output, nor in what it stored."""
        with tempfile.TemporaryFile() as input:
            input.write((given or "").encode())
            input.seek(0)
            answer = command.run(self.binary, self.directory, self.variables, *arguments, stdin=input)
        return self.judge(answer, shows_token)

    def start(self, *arguments, **streams):
        """The same without waiting; `judge` the answer."""
        return command.Background(self.binary, self.directory, self.variables, *arguments, **streams)

    def together(self, count, *arguments):
        """So many at the same moment; `judge` the answers."""
        return command.together(count, self.binary, self.directory, self.variables, *arguments)

    def judge(self, answer, shows_token=False):
        self.transcript.append(f"$ mailkeel {answer.command}    (exit {answer.code})\n" + ("" if shows_token else answer.text))
        self._leaks_nothing(answer.command, answer.stderr + (b"" if shows_token else answer.stdout))
        self._stores_nothing_in_clear(answer.command)
        return answer

    def make_due(self):
        make_due(self.directory / ".mailkeel")

    def plan(self, *options):
        return self.run("plan", *options)

    def apply(self):
        return self.run("apply", "--auto-approve")

    def stored(self):
        """Everything that mailkeel wrote."""
        return [path for root in (self.directory / ".mailkeel", self.keys)
                for path in sorted(root.rglob("*")) if path.is_file()]

    def _leaks_nothing(self, where, content):
        for secret in self.secrets:
            for form in _forms(secret):
                expect(form not in content, f"a secret is in the output of `{where}`")
        expect(not TOKEN_SHAPE.search(content), f"a token is in the output of `{where}`")

    def _stores_nothing_in_clear(self, after):
        for path in self.stored():
            content = path.read_bytes()
            mode = stat.S_IMODE(path.stat().st_mode)
            expect(mode & 0o077 == 0, f"after `{after}`, {path} has mode {mode:o}")
            expect(not any(secret in content for secret in self.secrets), f"after `{after}`, a secret is in {path}")
            expect(not TOKEN_SHAPE.search(content), f"after `{after}`, a token is in {path}")


def _forms(secret):
    """The secret itself, and what its base64 has in it wherever it stands in a longer text, as in PLAIN or basic authentication."""
    return [secret, *(base64.b64encode(b"." * offset + secret)[4:-4] for offset in range(3))]


def _heart(file, line):
    """A line of a private key that is in nothing else."""
    key = pathlib.Path(file).read_text().partition("-----END")[0]
    return key.splitlines()[line].encode()


def _changed(spec, changes):
    """`spec` with fields replaced; None removes one."""
    merged = {**spec, **(changes or {})}
    return {name: value for name, value in merged.items() if value is not None}


def _yaml(fields, indent="  "):
    for name, value in fields.items():
        if isinstance(value, dict):
            yield f"{indent}{name}:"
            yield from _yaml(value, indent + "  ")
        else:
            yield f"{indent}{name}: {json.dumps(value)}"  # JSON's scalars and lists are YAML
