"""A copy of the sandbox's example project with keys and a home of its own, and what stands in its files."""
import fcntl
import json
import pathlib
import re
import shutil
import sqlite3
import tempfile

import command
from command import Failed, expect
from due import make_due
from sandbox import ADDRESSES

MANIFESTS = ("profile.yaml", "accounts.yaml", "ca.pem", "secrets")
APPLY = ("apply", "--auto-approve")


class Project:
    """Everything that a command may write is below `root`."""

    def __init__(self, binary, root, example=None):
        self.binary, self.root = binary, pathlib.Path(root)
        self.directory, self.keys = self.root / "project", self.root / "keys"
        self.variables = command.variables(self.root / "home", self.keys)
        # Where its state is, as this test sees it: another path than the program's when the program sees other mounts.
        self.hidden = self.directory / ".mailkeel"
        self.within = ()
        self.answers = []
        if example is not None:
            self.directory.mkdir(parents=True)
            (self.root / "home").mkdir()
            self.keys.mkdir(mode=0o700)
            for name in MANIFESTS:
                source = pathlib.Path(example) / name
                (shutil.copytree if source.is_dir() else shutil.copy)(source, self.directory / name)

    def copy(self, name):
        """Another one, named `name`, in the same condition."""
        shutil.copytree(self.root, self.root.with_name(name))
        return Project(self.binary, self.root.with_name(name))

    # ---- Commands ----

    def run(self, *arguments, within=None, environment=None, **more):
        within = self.within if within is None else within
        answer = command.run(self.binary, self.directory, environment or self.variables, *arguments, within=within, **more)
        self.answers.append(answer)
        return answer

    def start(self, *arguments, within=None, **more):
        within = self.within if within is None else within
        return command.Background(self.binary, self.directory, self.variables, *arguments, within=within, **more)

    def apply(self, *arguments, **more):
        return self.run(*APPLY, *arguments, **more)

    # ---- Manifests ----

    def reroute(self, account, port):
        """Gives an account another port; returns the one it had. Its token goes by XOAUTH2 from then on: OAUTHBEARER names the
        port to the server, which would notice (RFC 7628 section 3.1)."""
        path = self.directory / "accounts.yaml"
        documents = path.read_text().split("---\n")
        for index, text in enumerate(documents):
            if f"name: {account}\n" in text:
                former = re.search(r"port: (\d+)", text)[1]
                mechanism = "" if "mechanism:" in text else "\n  mechanism: XOAUTH2"
                documents[index] = text.replace(f"port: {former}", f"port: {port}{mechanism}")
                path.write_text("---\n".join(documents))
                return int(former)
        raise Failed(f"the example has no account {account}")

    def ask_for_tokens_at(self, port):
        """Has the profile name a token endpoint on loopback instead of an issuer."""
        path = self.directory / "profile.yaml"
        path.write_text(re.sub(r"( +)(issuer|endpoints): .*", rf'\1endpoints: {{ token: "https://127.0.0.1:{port}/token" }}',
                               path.read_text()))

    def change(self):
        """Changes an account so that it must be proven and recorded again; each time differently."""
        path = self.directory / "accounts.yaml"
        text = path.read_text()
        if "debug: true" in text:
            path.write_text(text.replace("\n  debug: true", ""))
        else:
            path.write_text(text.replace("oauthProfile: sandbox", "oauthProfile: sandbox\n  debug: true"))

    def announce_rotation(self, version):
        """Has the next apply obtain a new grant and prove every account with it."""
        path = self.directory / "profile.yaml"
        path.write_text(re.sub(r"(fromFile: secrets/client-secret)(, version: \S+)?( })", rf'\1, version: "{version}"\3',
                               path.read_text()))

    # ---- What is stored ----

    def make_due(self):
        make_due(self.hidden)

    @property
    def state(self):
        return self.hidden / "state.json"

    @property
    def serial(self):
        return json.loads(self.state.read_bytes())["serial"]

    @property
    def committed(self):
        """The addresses in service, as the program tells them."""
        lines = self.run("state", "list", "--json").exits(0).out.splitlines()
        return {entry["address"] for entry in map(json.loads, lines) if entry["committed"]}

    @property
    def grants(self):
        """The grant that the state names for each address that has one."""
        lines = self.run("show", "--json").exits(0).out.splitlines() if self.state.exists() else []
        records = {entry["address"]: entry["record"] for entry in map(json.loads, lines)}
        named = {address: record.get("grant") or (record.get("committed") or {}).get("grant")
                 for address, record in records.items()}
        return {address: grant for address, grant in named.items() if grant}

    def held_locks(self):
        """The lock files that somebody holds now."""
        held = []
        for path in self.hidden.rglob("*.lock"):
            with open(path, "rb") as file:
                try:
                    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError:
                    held.append(path.name)
        return sorted(held)

    def leftovers(self):
        """What no run leaves behind that comes to its end."""
        return sorted(path.name for path in self.hidden.rglob("*")
                      if ".tmp-" in path.name or path.name in ("state.json.journal", "state.json.lock.info"))

    # ---- What must hold ----

    def agrees(self, wanted=ADDRESSES):
        """State and vault tell of the same, no run left anything behind, and nobody holds a lock."""
        committed = self.committed
        expect(committed == wanted, f"in service are {', '.join(sorted(committed))}")
        grants = self.grants
        statuses, accounts = self.vault()
        live = {grant for grant, status in statuses.items() if status == "current"}
        expect(not [grant for grant, status in statuses.items() if status == "candidate"], "a candidate grant is left")
        expect(live == set(grants.values()), f"{len(live)} grants are in service in the vault, the state names "
               f"{len(set(grants.values()))}, or they are others")
        named = {address: grant for address, grant in grants.items() if address.startswith("EmailAccount/")}
        expect(accounts == named, "the vault serves other accounts than the state has, or with other grants")
        expect(not self.leftovers(), f"left over: {', '.join(self.leftovers())}")
        expect(not self.held_locks(), f"somebody holds {', '.join(self.held_locks())}")

    def is_clean(self, wanted=ADDRESSES):
        """Nothing is left to do, and everything in service works."""
        self.agrees(wanted)
        self.run("plan", "--detailed-exitcode").exits(0)
        accounts = [address for address in wanted if address.startswith("EmailAccount/")]
        self.run("test").exits(0).says(rf"{len(accounts)} passed, 0 failed")

    def converges(self, *arguments, wanted=ADDRESSES):
        """The next apply mends everything: what comes after it finds nothing to do and nothing to mend."""
        answer = self.apply(*arguments).exits(0)
        self.apply().exits(0).says("No changes").does_not_say("earlier run")
        self.is_clean(wanted)
        return answer

    def vault(self):
        """(the status of each grant, the grant of each account) from the vault's plain columns."""
        with tempfile.TemporaryDirectory(prefix="vault-", dir=self.root) as place:
            # Even a reader of SQLite's may write beside the file.
            for name in ("vault.db", "vault.db-wal"):
                if (self.hidden / name).exists():
                    shutil.copyfile(self.hidden / name, pathlib.Path(place) / name)
            if not (pathlib.Path(place) / "vault.db").exists():
                return {}, {}
            database = sqlite3.connect(f"{place}/vault.db")
            try:
                return (dict(database.execute("SELECT id, status FROM grants")),
                        dict(database.execute("SELECT address, grant_id FROM accounts")))
            except sqlite3.DatabaseError as fault:
                raise Failed(f"SQLite says of the vault: {fault}") from fault
            finally:
                database.close()
