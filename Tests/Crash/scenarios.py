"""The runs that are interrupted: what they start from, what they do, and what must be there in the end."""
import pathlib
import shutil

import command
from checks import Wreck, consistent, tidy, writes_nothing
from command import expect
from due import make_due
from sandbox import ADDRESSES

MANIFESTS = ("profile.yaml", "accounts.yaml", "ca.pem", "secrets")


class Case:
    """A fresh copy of a project, with its keys beside it; everything that a run may write is below `root`."""

    def __init__(self, binary, root):
        self.binary, self.root = binary, pathlib.Path(root)
        self.directory, self.keys = self.root / "project", self.root / "keys"
        self.variables = command.variables(self.root / "home", self.keys)

    def copy(self, root):
        shutil.copytree(self.root, root)
        return Case(self.binary, root)

    def run(self, *arguments, **more):
        return command.run(self.binary, self.directory, {**self.variables, **more}, *arguments)


def fresh(binary, root, example):
    """A case with the sandbox's example project, to which nothing has happened."""
    case = Case(binary, root)
    case.directory.mkdir(parents=True)
    (case.root / "home").mkdir()
    for name in MANIFESTS:
        source = pathlib.Path(example) / name
        (shutil.copytree if source.is_dir() else shutil.copy)(source, case.directory / name)
    return case


class Scenario:
    """A first `apply`."""
    name = "apply"
    arguments = ("apply", "--auto-approve")
    # Makes it say what it has done as soon as it is done.
    tell_all = ("--json",)
    # What the manifests want, and what is in service in the end.
    wanted = ADDRESSES

    def prepare(self, case):
        """Brings a fresh case to where the interrupted run starts."""

    def check(self, case):
        """What must hold after a crash; throws when it does not."""
        wreck = Wreck(case.directory)
        wreck.plan_says(writes_nothing(case.root, lambda: case.run("plan")).exits(0))
        wreck.next_run_says(case.run(*self.arguments).exits(0))
        wreck.nothing_lost(case.directory, self.wanted)
        consistent(case.directory, self.wanted)
        tidy(case.directory, case.keys)
        self.has_converged(case)

    def has_converged(self, case):
        writes_nothing(case.root, lambda: case.run("plan", "--detailed-exitcode")).exits(0)
        accounts = [address for address in self.wanted if address.startswith("EmailAccount/")]
        case.run("test").exits(0).says(rf"{len(accounts)} passed, 0 failed")


class Update(Scenario):
    """The client secret is announced as rotated, an account goes, another changes: new grant, new proofs, old grant retired."""
    name = "update"
    wanted = ADDRESSES - {"EmailAccount/alerts"}

    def prepare(self, case):
        case.run("apply", "--auto-approve").exits(0)
        profile, accounts = case.directory / "profile.yaml", case.directory / "accounts.yaml"
        _replace(profile, "fromFile: secrets/client-secret", 'fromFile: secrets/client-secret, version: "2"')
        documents = accounts.read_text().split("---\n")
        accounts.write_text("---\n".join(part for part in documents if "name: alerts" not in part))
        _replace(accounts, "userName: billing@sandbox.example", "userName: billing@sandbox.example\n  debug: true")


class Destroy(Scenario):
    name = "destroy"
    arguments = ("destroy", "--auto-approve")
    wanted = frozenset()

    def prepare(self, case):
        case.run("apply", "--auto-approve").exits(0)

    def has_converged(self, case):
        case.run(*self.arguments).exits(0).says("No objects need to be destroyed")
        expect(not case.run("state", "list").exits(0).out, "after destroy, `state list` still lists something")


class TokenRenewal(Scenario):
    """A token has lapsed, and a mail client asks for one."""
    name = "token"
    arguments = ("token", "EmailAccount/support")
    tell_all = ()

    def prepare(self, case):
        case.run("apply", "--auto-approve").exits(0)
        make_due(case.directory / ".mailkeel")

    def check(self, case):
        Wreck(case.directory)
        expect(case.run(*self.arguments).exits(0).out.strip(), "`token` prints no token")
        consistent(case.directory, self.wanted)
        tidy(case.directory, case.keys)
        self.has_converged(case)


SCENARIOS = (Scenario(), Update(), Destroy())


def _replace(path, old, new):
    text = path.read_text()
    expect(old in text, f"the example's {path.name} has no `{old}`")
    path.write_text(text.replace(old, new))
