"""What stands in a project's files, read without the program: state, journal, vault. Nothing here writes to them."""
import hashlib
import json
import pathlib
import shutil
import sqlite3
import tempfile

from command import Failed, expect


class Ledger:
    """The records that count as committed: those of the state file, with those of a journal that continues it."""

    def __init__(self, directory):
        hidden = pathlib.Path(directory) / ".mailkeel"
        document = _json(hidden / "state.json") or {"serial": -1, "payload": {"plain": {"resources": {}}}}
        self.vault = document.get("vault")
        self.records = dict(document["payload"]["plain"]["resources"])
        # The id of the run whose journal waits to be folded in.
        self.interrupted_run = None
        header, entries = _journal(hidden / "state.json.journal")
        if header is None or header["serial"] < document["serial"]:
            return
        expect((header["lineage"], header["serial"]) == (document.get("lineage"), document["serial"]),
               "the journal continues another state")
        self.interrupted_run = header["run"]
        self.vault = header.get("vault", self.vault)
        for entry in entries:
            self.records.pop(entry.get("from"), None)
            self.records[entry["address"]] = entry["record"]
        self.records = {address: record for address, record in self.records.items() if record is not None}

    @property
    def committed(self):
        """What is in service, by address."""
        # The grant may stand beside what it serves.
        beside = {address: {"grant": record["grant"]} if "grant" in record else {}
                  for address, record in self.records.items()}
        return {address: record["committed"] | beside[address]
                for address, record in self.records.items() if record.get("committed")}

    @property
    def grants(self):
        """The grant that each address names, where it names one."""
        return {address: record["grant"] for address, record in self.committed.items() if "grant" in record}


class Vault:
    """The plain columns of a vault. It is read from a copy, since even a reader of SQLite's may write beside the file."""

    def __init__(self, directory):
        self.id, self.statuses, self.accounts, self.definitions, self.with_tokens = None, {}, {}, {}, set()
        # Of what something was observed that is not in service.
        self.stray_observations = set()
        # By grant: which authorization it is for, and which generation of tokens is the newest.
        self.slots, self.generations = {}, {}
        source = pathlib.Path(directory) / ".mailkeel/vault.db"
        if not source.exists():
            return
        with tempfile.TemporaryDirectory(prefix="vault-copy-", dir=pathlib.Path(directory).parent) as place:
            copy = pathlib.Path(place) / "vault.db"
            for suffix in ("", "-wal", "-journal"):
                beside = source.with_name(source.name + suffix)
                if beside.exists():
                    shutil.copyfile(beside, copy.with_name(copy.name + suffix))
            database = sqlite3.connect(copy)
            try:
                self._read(database)
            except sqlite3.DatabaseError as fault:
                raise Failed(f"SQLite says of the vault: {fault}") from fault
            finally:
                database.close()

    def _read(self, database):
        expect(database.execute("PRAGMA integrity_check").fetchall() == [("ok",)], "the vault's database is damaged")
        if not database.execute("SELECT 1 FROM sqlite_schema WHERE name = 'grants'").fetchone():
            return
        expect(not database.execute("PRAGMA foreign_key_check").fetchall(), "a row of the vault points to nothing")
        self.id, = database.execute("SELECT value FROM meta WHERE name = 'vault'").fetchone()
        self.statuses = dict(database.execute("SELECT id, status FROM grants"))
        self.slots = dict(database.execute("SELECT id, 'Authorization/' || profile || ':' || subject FROM grants"))
        self.generations = dict(database.execute("SELECT id, generation FROM grants"))
        self.accounts = dict(database.execute("SELECT address, grant_id FROM accounts"))
        self.definitions = dict(database.execute("SELECT address, grant_id FROM definitions"))
        self.stray_observations = {row[0] for row in database.execute(
            "SELECT address FROM observations LEFT JOIN definitions USING (address) "
            "WHERE observations.grant_id IS NOT definitions.grant_id "
            "OR observations.settings_digest IS NOT definitions.settings_digest")}
        self.with_tokens = {row[0] for row in database.execute(
            "SELECT grant_id FROM tokens JOIN recipes USING (grant_id) WHERE kind = 'access' AND state = 'current'")}

    @property
    def live(self):
        """Grants that are in service or wait to be."""
        return {grant for grant, status in self.statuses.items() if status != "retired"}


def _json(path):
    try:
        return json.loads(path.read_bytes()) if path.exists() else None
    except ValueError as fault:
        raise Failed(f"{path.name} is damaged") from fault


def _journal(path):
    """(header, entries): each line is a check, a space and a JSON object; a line that was cut off ends the journal."""
    whole = path.read_bytes().split(b"\n")[:-1] if path.exists() else []
    opened = []
    for number, line in enumerate(whole, 1):
        check, _, body = line.partition(b" ")
        if check != hashlib.sha256(body).hexdigest()[:16].encode():
            expect(number == len(whole), f"line {number} of {len(whole)} in the journal is damaged")
            break
        opened.append(json.loads(body))
    if not opened:
        return None, []
    # One entry in a line, or the several that were committed together.
    return opened[0], [entry for line in opened[1:] for entry in line.get("entries", [line])]
