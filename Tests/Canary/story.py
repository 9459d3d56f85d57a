"""Everything that is done to the program: each command, as it works and as it fails in every way that can be ordered."""
import re
import shutil
import signal

from consents import Consents
from due import make_due
from sandbox import ADDRESSES, AUTHORIZATION
from shim import Shim, operations
from stage import COPIES_OF_KEYS
from subject import kill_when_asked_for_token

VARIABLE = "MAILKEEL_TEST_CLIENT_SECRET"
APPLY = ("apply", "--auto-approve")
AGAIN = (*APPLY, "--replace", AUTHORIZATION)
LOUD = "cat secrets/client-secret; cat secrets/client-secret >&2; exit 1"
# Any of these is right where a login or a token is refused.
REFUSED = (1, 6)
# Faults of the provider that no apply of the example gets past; past others it may.
FATAL = re.compile(r"token-(connection-refused|unavailable|html)|provider-certificate-")
# Faults that only accounts with a person meet, of which the example has none.
OF_PEOPLE = re.compile(r"(device|redirect|consent|id-token)-|token-no-")
# Faults that its accounts do not meet, or that say nothing for as long as somebody waits.
OF_OTHERS = re.compile(r"(smtp|pop3)-|mail-(starttls|clear|scram|silent|slow|login-s|endless)|imap-huge")
# Replies that are read as others are, and differ in code and words alone; imap-invalid-credentials and imap-not-connected
# stand for them. What may pass is tried again after pauses, so each of them would take a minute.
ALIKE = re.compile(
    r"imap-(authenticate-failed|web-|too-many|unavailable|in-use|limit|privacy|login-disabled|contact|expired|authorization|"
    r"connection-closed|token-expired)|mail-(greeting-refused|capability-refused)")
# Places in the whole run at which an apply is killed, as parts of the number of its operations.
KILLS = [part / 16 for part in range(1, 16)]


class Story(Consents):
    def tell(self, briefly=False):
        """Every chapter; briefly: those in which whatever leaks on the usual way is met."""
        usual = (self.everything_works, self.renewals, self.secrets_fail)
        rest = (self.logins_are_refused, self.manifests_are_broken, self.faults, self.kills, self.people_consent,
                self.keys_are_unusable, self.the_end)
        try:
            self.start()
            self.name_canaries()
            for chapter in usual if briefly else usual + rest:
                chapter()
        finally:
            if self.sandbox:
                self.subject.keep_sandbox(self.sandbox, "the sandbox")

    # -- chapters

    def everything_works(self):
        subject, main = self.subject, self.main
        for command in (("validate",), ("plan",), ("schema",), ("--help",), ("plan", "--help"), ("sandbox", "--help")):
            (subject.both if "--help" not in command else subject.run)(main, *command)
        subject.run(main, "apply", exits=(1,))  # nobody is there to say yes
        subject.run(main, *APPLY, exits=(0,))
        self.keys_are_canaries()
        self._read_everything(main)
        subject.run(main, *AGAIN, "--json", exits=(0,))
        subject.run(main, *AGAIN, exits=(0,))
        subject.both(main, *APPLY, exits=(0,))
        self._read_everything(main)
        subject.both(main, "plan", "--detailed-exitcode", exits=(0,))
        subject.both(main, "plan", "--replace", AUTHORIZATION, exits=(0,))

    def renewals(self):
        """Tokens that have lapsed, so that `test` and `token` get new ones."""
        for form in ((), ("--json",)):
            for command in (("test",), ("token", "support")):
                make_due(self.main / ".mailkeel")
                self.subject.run(self.main, *command, *form, exits=(0,))
                # Whoever got it, this shows it, and it is looked for.
                self.subject.run(self.main, "token", "support", exits=(0,))

    def secrets_fail(self):
        from_file = "fromFile: secrets/client-secret"
        sources = {
            "wrong-file": ("fromFile: secrets/wrong-secret", {}, REFUSED),
            "no-file": ("fromFile: secrets/none", {}, REFUSED),
            "wrong-variable": (f"fromEnv: {VARIABLE}", {VARIABLE: self.other}, REFUSED),
            "right-variable": (f"fromEnv: {VARIABLE}", {VARIABLE: self.right}, (0,)),
            "no-variable": (f"fromEnv: {VARIABLE}", {}, REFUSED),
            "command": ("fromCommand: [cat, secrets/client-secret]", {"children": True}, (0,)),
            # It shows its secret wherever it can.
            "loud-command": (f"fromCommand: [sh, -c, '{LOUD}']", {"children": True}, REFUSED)}
        for name, (source, variables, codes) in sources.items():
            project = self.project(name)
            self.edit(project / "profile.yaml", from_file, source)
            self.subject.both(project, "plan", exits=(0,), **variables)
            self.subject.both(project, *APPLY, exits=codes, **variables)
            self._read_everything(project, **variables)
        self._secret_in_vault(from_file)
        open_file = self.project("open-file")
        (open_file / "secrets/client-secret").chmod(0o644)
        self.subject.both(open_file, *APPLY, exits=REFUSED)
        # A secret that was right is rotated to a wrong one.
        profile = self.main / "profile.yaml"
        before = profile.read_text()
        self.edit(profile, from_file, 'fromFile: secrets/wrong-secret, version: "2"')
        self.subject.both(self.main, *APPLY, exits=REFUSED)
        self._read_everything(self.main)
        profile.write_text(before)
        self.subject.both(self.main, *APPLY, exits=(0,))

    def logins_are_refused(self):
        project = self.project("stranger")
        self.edit(project / "accounts.yaml", "support@sandbox.example", "stranger@sandbox.example")
        self.subject.both(project, *APPLY, exits=REFUSED)
        self._read_everything(project)
        self.edit(self.main / "accounts.yaml", "billing@sandbox.example", "stranger@sandbox.example")
        self.subject.both(self.main, *APPLY, exits=REFUSED)
        self._read_everything(self.main)
        self.edit(self.main / "accounts.yaml", "stranger@sandbox.example", "billing@sandbox.example")

    def manifests_are_broken(self):
        """A secret that somebody wrote where its source belongs is not shown to all who read the diagnostics.

        Only there: a diagnostic quotes its line, and of a value at any other place nobody can know that it is secret.
        """
        reference, account = "{ fromFile: secrets/client-secret }", "oauthProfile: sandbox"
        quoted = f'"{self.inline}"'
        edits = {
            "secret-as-text": ("profile.yaml", reference, quoted),
            "secret-as-value": ("profile.yaml", reference, f"{{ value: {quoted} }}"),
            "secret-in-list": ("profile.yaml", reference, f"[{quoted}]"),
            "secret-with-source": ("profile.yaml", reference, f"{{ fromFile: secrets/client-secret, value: {quoted} }}"),
            "password-as-text": ("accounts.yaml", account, f"{account}\n  password: {quoted}")}
        for name, (file, old, new) in edits.items():
            project = self.project(name)
            self.edit(project / file, old, new)
            self._inline_home.add(str(project / file))
            for command in (("validate",), ("plan",), APPLY):
                self.subject.both(project, *command, exits=(1,))

    def faults(self):
        names = re.findall(r"^\| `([a-z0-9-]+)` \|", (self.main / "README.md").read_text().partition("Faults")[2], re.MULTILINE)
        if len(names) < 10:
            self.subject.faults.append(("the sandbox", "its README names no faults"))
        for name in (name for name in names if not any(each.match(name) for each in (OF_PEOPLE, OF_OTHERS, ALIKE))):
            self.restart("--fault", name)
            fresh = self.project(f"fault-{name}")
            if name in ("token-slow", "token-trickle"):
                self._interrupted(fresh)
                continue
            # 8 where the provider's words ask for a person.
            codes = (0, 1, 6) if name.startswith(("imap", "mail")) else (1,) if FATAL.match(name) else (0, 1, 6, 8)
            self.subject.both(fresh, *APPLY, exits=codes)
            self.subject.both(self.main, *AGAIN, exits=codes)
            self.subject.both(self.main, "test")
            self._read_everything(fresh, tests=False)
        self.restart()

    def kills(self):
        """Whatever a killed apply leaves: temporary files, a journal, candidates that no record names."""
        elsewhere = self.place.with_name(self.place.name + "-shim")
        elsewhere.mkdir()
        shim, trace = Shim(elsewhere), elsewhere / "trace"
        example = self.project("killed")
        self.subject.run(example, *APPLY, exits=(0,), **shim.variables(example, trace))
        total = len(operations(trace))
        for number, part in enumerate(KILLS):
            project = self.project(f"killed-{number}")
            mode, at = (("before", int(total * part)), ("torn", int(total * part / 3)))[number % 2]
            self.subject.run(project, *APPLY, exits=(-signal.SIGKILL,), **shim.variables(project, trace, max(at, 1), mode))
            self.subject.both(project, "plan")
            self.subject.both(project, *APPLY)
            self._read_everything(project)

    def keys_are_unusable(self):
        """Keys that are swapped, spoilt or open to others."""
        spoilt = self.place / "spoilt-keys"
        for name, change in zip(COPIES_OF_KEYS, (swap, spoil, open_up)):
            shutil.copytree(self.subject.keys, spoilt / name)
            change(spoilt / name)
            variables = {f"MAILKEEL_{kind.upper()}_KEY_FILE": str(spoilt / name / f"{kind}.key") for kind in ("vault", "project")}
            for command in (("plan",), AGAIN, ("test",), ("token", "support")):
                self.subject.both(self.main, *command, **variables)

    def the_end(self):
        self.subject.both(self.main, *APPLY, exits=(0,))
        self.subject.run(self.main, "destroy", "--auto-approve", exits=(0,))
        self.subject.run(self.main, *APPLY, exits=(0,))
        self.subject.run(self.main, "destroy", "--auto-approve", "--json", exits=(0,))
        self._read_everything(self.main)

    # -- parts

    def _secret_in_vault(self, from_file):
        subject, project = self.subject, self.project("in-vault")
        self.edit(project / "profile.yaml", from_file, "fromVault: desk")
        keep = ("vault", "set", "desk", "--from-file")
        subject.both(project, *APPLY, exits=REFUSED)
        for file, codes in (("client-secret", (0,)), ("wrong-secret", REFUSED), ("client-secret", (0,))):
            subject.both(project, *keep, f"secrets/{file}", exits=(0,))
            subject.both(project, *AGAIN, "--retry-refused", exits=codes)
            self._read_everything(project)
        subject.both(project, "vault", "list", exits=(0,))
        subject.both(project, "vault", "unset", "desk", exits=(1,))
        subject.run(project, "vault", "unset", "desk", "--force", exits=(0,))
        subject.both(project, *AGAIN, exits=REFUSED)

    def _interrupted(self, project):
        """The provider takes its time: the program is stopped while the secret is on its way."""
        log = self.main / "sandbox.log"
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGKILL):
            self.subject.run(project, *APPLY, until=kill_when_asked_for_token(log, number))
            self.subject.run(self.main, *AGAIN, "--json", until=kill_when_asked_for_token(log, number))

    def _read_everything(self, project, tests=True, **variables):
        """Every command that only shows. On a project without anything committed most of them fail, which is a case as well."""
        commands = [("plan",), ("show",), ("show", "support"), ("state", "list"), ("token", "support"), ("token", "nobody")]
        commands += [("state", "show", address) for address in sorted(ADDRESSES)] + ([("test",)] if tests else [])
        for command in commands:
            self.subject.both(project, *command, **variables)


def swap(keys):
    (keys / "vault.key").rename(keys / "was-vault.key")
    (keys / "project.key").rename(keys / "vault.key")
    (keys / "was-vault.key").rename(keys / "project.key")


def spoil(keys):
    for file in keys.iterdir():
        file.write_text(file.read_text().strip() + "==\nand another line\n")


def open_up(keys):
    for file in keys.iterdir():
        file.chmod(0o644)
