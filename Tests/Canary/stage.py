"""What the story needs: projects, a sandbox that is restarted with other options, and secrets planted where they belong."""
import base64
import secrets

from canaries import forms
from sandbox import Sandbox

CLIENT_SECRET = "the client secret"
COPIES_OF_KEYS = ("swapped", "spoilt", "open")


def secret(word):
    """Random, recognisable, and with characters that each encoding treats in its own way."""
    return f"{word}/+{secrets.token_urlsafe(24)}&%=:?"


class Stage:
    def __init__(self, subject):
        self.subject, self.place = subject, subject.place
        self.main = self.place / "main"
        stored = self.main / "secrets"
        stored.mkdir(mode=0o700, parents=True)
        self.right, self.wrong, self.other, self.inline = map(secret, ("Right", "Wrong", "Other", "Inline"))
        for name, value in (("client-secret", self.right), ("wrong-secret", self.wrong)):
            (stored / name).touch(mode=0o600)
            (stored / name).write_text(value)
        self.sandbox = None

    def start(self, *options, **ports):
        self.sandbox = Sandbox(self.subject.binary, self.main, self.subject.variables, *options, **ports)

    def restart(self, *options):
        ports = self.sandbox.same_ports
        self.subject.keep_sandbox(self.sandbox, f"the sandbox before {' '.join(options) or 'it works again'}")
        self.start(*options, ports=ports)

    def project(self, name):
        project = self.subject.project(name, self.main)
        for file in ("client-secret", "wrong-secret"):
            self._homes[file].add(str(project / "secrets" / file))
        return project

    @staticmethod
    def edit(path, old, new):
        text = path.read_text()
        assert old in text, f"the example's {path.name} has no `{old}`"
        path.write_text(text.replace(old, new))

    # -- canaries

    def name_canaries(self):
        """The homes of secrets grow with the projects that are made, so the sets are shared."""
        plant = self.subject.plant
        stored = self.main / "secrets"
        plant(CLIENT_SECRET, self.right, stored / "client-secret")
        plant("the wrong client secret", self.wrong, stored / "wrong-secret")
        plant("the secret in a variable", self.other)
        plant("the secret in a manifest", self.inline)
        right, wrong, _, inline = self.subject.canaries
        self._homes = {"client-secret": right.home, "wrong-secret": wrong.home}
        self._inline_home = inline.home
        # Whatever token or secret stands behind these.
        for name, text in (("any XOAUTH2 response", b"auth=Bearer "), ("any basic credentials", b"mailkeel-sandbox:")):
            plant(name, text)
            shapes = {form: needle for form, needle in forms(text).items() if form.startswith("base64")}
            self.subject.canaries[-1].forms = shapes

    def keys_are_canaries(self):
        for kind in ("vault", "project"):
            file = self.subject.keys / f"{kind}.key"
            text = file.read_text().strip().rpartition(":")[2]
            homes = [file] + [self.place / "spoilt-keys" / name / f"{other}.key"
                              for name in COPIES_OF_KEYS for other in ("vault", "project")]
            self.subject.plant(f"the {kind} key", base64.urlsafe_b64decode(text + "="), *homes)
            self.subject.plant(f"the {kind} key as text", text, *homes)
