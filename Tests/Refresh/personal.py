"""A project with one mailbox that a person opens, below a directory of its own with its keys."""
import pathlib
import shutil
import tempfile

import command
from due import make_due
from people import manifest

USER = "support@sandbox.example"
SLOT = f"Authorization/people:{USER}"


class Project:
    def __init__(self, binary, root, sandbox):
        self.binary, self.root = binary, pathlib.Path(root)
        self.directory = self.root / "project"
        self.directory.mkdir(parents=True)
        (self.root / "home").mkdir()
        shutil.copy(sandbox.directory / "ca.pem", self.directory)
        self.manifest = self.directory / "people.yaml"
        self.manifest.write_text(manifest(sandbox, "people", "support", USER))
        self.variables = command.variables(self.root / "home", self.root / "keys")

    def run(self, *arguments, within=(), **more):
        return command.run(self.binary, self.directory, {**self.variables, **more}, *arguments, within=within)

    def adopt(self, token, *options):
        """Makes a refresh token a candidate of the project's only slot; that renews it once."""
        with tempfile.TemporaryFile() as file:
            file.write(token.encode())
            file.seek(0)
            return command.run(
                self.binary, self.directory, self.variables, "authorize", SLOT, "--adopt", *options, stdin=file)

    def make_due(self):
        make_due(self.directory / ".mailkeel")

    def together(self, count, *arguments):
        return command.together(count, self.binary, self.directory, self.variables, *arguments)
