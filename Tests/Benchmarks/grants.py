"""What the clients of mailboxes and cron ask for again and again: a token of a warm vault, and a pass for which nothing is due."""

import contextlib
import pathlib
import sqlite3
import sys
import time

from measure import compare

sys.path.append(str(pathlib.Path(__file__).resolve().parent.parent / "EndToEnd"))
import command  # noqa: E402
from project import Project  # noqa: E402
from sandbox import Sandbox  # noqa: E402

FEW, MANY = 100, 100_000
DAY = 86_400


def rows(binary, empty, directory):
    """`directory` is a scratch place; the tokens are the sandbox's."""
    home = directory / "home"
    home.mkdir()
    with Sandbox(binary, directory / "sandbox", command.variables(home, directory / "keys")) as sandbox:
        few = Project(binary, directory / "few", sandbox.directory)
        few.apply().exits(0)
    many = few.copy("many")
    yield compare(
        "token of a warm vault against an empty program", [binary, "token", "support", "--chdir", few.directory], [empty], 41,
        "at most 3", few.variables)
    for project, count in (few, FEW), (many, MANY):
        multiply(project.hidden / "vault.db", count)
        # A pass that had something to do would be the wrong one to measure, and would ask a provider that is gone.
        answer = project.run("refresh").exits(0)
        command.expect(not answer.text, f"a pass with nothing due says {answer.text[:200]!r}")
    yield compare(
        f"refresh of {MANY:,} grants, none due, against {FEW}", [binary, "refresh", "--chdir", many.directory],
        [binary, "refresh", "--chdir", few.directory], 15, "the same", few.variables)


def multiply(vault, count):
    """Fills a vault with copies of its grant, due in a day. Nobody reads what is sealed in them until they are due."""
    with contextlib.closing(sqlite3.connect(vault)) as database, database:
        database.execute("UPDATE grants SET renewal_due = ?", [int(time.time()) + DAY])
        database.execute("CREATE TEMP TABLE copies AS WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers"
                         " WHERE n < ?) SELECT n FROM numbers", [count - 1])
        for table, key in (("grants", "id"), ("recipes", "grant_id"), ("tokens", "grant_id")):
            columns = [row[1] for row in database.execute(f"PRAGMA table_info ({table})")]
            values = [f"{key} || n" if column == key else "subject || n" if column == "subject" else column for column in columns]
            database.execute(f"INSERT INTO {table} ({', '.join(columns)}) SELECT {', '.join(values)} FROM {table}, copies")
        held = database.execute("SELECT count(*) FROM grants").fetchone()[0]
        command.expect(held == count, f"the vault holds {held} grants, not {count}")
