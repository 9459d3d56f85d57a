"""What every case has: its name, a place and projects of its own, and ways to skip and to complain more than once."""
import pathlib

from command import Failed
from gate import Gate
from project import Project

CASES = []


class Skipped(Exception):
    """The case cannot be tried here; the text says why."""


class Case:
    def __init__(self, name, go):
        self.name, self.go = name, go


def case(name):
    """Registers the function below it, which takes a `Bench`."""
    def register(go):
        CASES.append(Case(name, go))
        return go
    return register


class Bench:
    """What a case works with."""

    def __init__(self, binary, place, sandbox, shim):
        self.binary, self.place, self.sandbox, self.shim = binary, pathlib.Path(place), sandbox, shim
        self._projects = []

    def project(self, name="a", sandbox=None):
        """A fresh project for the sandbox, to which nothing has happened."""
        project = Project(self.binary, self.place / name, (sandbox or self.sandbox).directory)
        self._projects.append(project)
        return project

    def empty(self, name="a"):
        """One without a manifest."""
        root = self.place / name
        for directory in ("project", "home"):
            (root / directory).mkdir(parents=True)
        (root / "keys").mkdir(mode=0o700)
        project = Project(self.binary, root)
        self._projects.append(project)
        return project

    def applied(self, name="a", sandbox=None):
        """A project that was applied."""
        project = self.project(name, sandbox)
        project.apply().exits(0)
        return project

    def imap_gate(self, project, account="alerts"):
        """A shut gate between an account and its mail server."""
        gate = Gate(self.sandbox.imap_port)
        project.reroute(account, gate.port)
        return gate

    def token_gate(self, project, sandbox=None):
        """A shut gate between the profile and its token endpoint."""
        gate = Gate((sandbox or self.sandbox).oauth_port)
        project.ask_for_tokens_at(gate.port)
        return gate

    def words(self):
        """What the commands said that did not exit with 0."""
        said = []
        for project in self._projects:
            for answer in project.answers:
                if answer.code:
                    text = answer.err + ("" if answer.out.startswith("Mailkeel will") else answer.out)
                    said += [f"    | $ mailkeel {answer.command}   (exit code {answer.code})",
                             *(f"    | {line}" for line in text.splitlines())]
        return "\n".join(said)


class Complaints:
    """Collects what is wrong in many similar attempts, so that one does not hide the others."""

    def __init__(self):
        self._count, self._reasons = 0, {}

    def attempt(self, label, action, *arguments):
        self._count += 1
        try:
            action(*arguments)
        except Failed as fault:
            self._reasons.setdefault(str(fault), []).append(label)

    def settle(self):
        """Fails with every different reason, and where it was met."""
        if self._reasons:
            raise Failed("; ".join(f"{reason} [{len(labels)} of {self._count}: {', '.join(labels[:5])}"
                                   f"{', ...' if len(labels) > 5 else ''}]" for reason, labels in self._reasons.items()))
