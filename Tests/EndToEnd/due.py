"""Grants that are due at once, and not only when their tokens have lasted."""
import contextlib
import pathlib
import sqlite3
import time


def make_due(hidden):
    """Has every access token in the vault of `hidden`, a project's `.mailkeel`, look as if it had run out, and every renewal as
    if its time had come; at the provider nothing changes."""
    with contextlib.closing(sqlite3.connect(pathlib.Path(hidden) / "vault.db")) as database, database:
        past = int(time.time()) - 60
        database.execute("UPDATE tokens SET expires = ?1, obtained = ?1 - 3600 WHERE kind = 'access'", [past])
        database.execute("UPDATE grants SET access_expires = ?1, renewal_due = ?1 WHERE status = 'current'", [past])
