"""How a database is opened and set up, so that what was committed stays and what was erased is gone."""

from __future__ import annotations

import os
import sqlite3
import time
from functools import partial
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.exc import ArgumentError

from .errors import GateUsageError
from .nested import file_of, is_held

#: Seconds that a locked SQLite database is waited for.
LOCKED_AT_MOST: Final = 10.0
WANTED: Final = (
    "a store is sqlite:///FILE, postgresql://… (psycopg 3), or SQLAlchemy's engine for one of them"
)


def checked_url(text: str) -> sa.URL:
    try:
        url = sa.make_url(text)
    except ArgumentError:
        raise GateUsageError(WANTED) from None
    if url.drivername in ("postgresql", "postgres"):
        return url.set(drivername="postgresql+psycopg")
    if url.drivername not in ("sqlite", "postgresql+psycopg"):
        raise GateUsageError(WANTED)
    if url.drivername == "sqlite" and url.database in (None, "", ":memory:"):
        raise GateUsageError("a store in memory remembers nothing after a crash: name a file")
    return url


def opened(url: sa.URL) -> sa.Engine:
    engine = sa.create_engine(url)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "do_connect", _private_file)
    event.listen(engine, "connect", SETTING_UP[engine.dialect.name])
    if engine.dialect.name == "sqlite":
        file = file_of("sqlite", url.database)
        event.listen(engine, "begin", partial(_begun, file))
    return engine


def _private_file(_dialect: object, _record: object, args: Any, _options: object) -> None:
    """Make a new database readable by its owner alone; SQLite gives its log the same mode."""
    path = args[0]
    if path.startswith("file:"):
        return
    try:
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    except OSError:
        # It is there, or cannot be: then SQLite says so.
        return


def _begun(file: str | None, connection: Any) -> None:
    if not is_held(file):
        begin_writing(connection.connection)


def cut_log(connection: Any) -> bool:
    """Bring SQLite's log into its database and cut it to nothing; False where somebody still reads it."""
    cursor = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    try:
        return bool(cursor.fetchone()[0] == 0)
    finally:
        cursor.close()


def begin_writing(connection: Any) -> None:
    """The write lock when a transaction begins, not when it is half done; with patience.

    SQLite's own waits grow until, in a crowd, whoever waits longest comes last: so they are short,
    and begin anew.
    """
    until = time.monotonic() + LOCKED_AT_MOST
    while True:
        try:
            connection.execute("BEGIN IMMEDIATE")
            return
        except sqlite3.OperationalError as exc:
            if "locked" not in str(exc) or time.monotonic() > until:
                raise


def _sqlite(connection: Any, _record: object) -> None:
    """What a commit returns from is on the disk, and readers do not wait for writers."""
    connection.isolation_level = None
    for setting in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "busy_timeout=50",
        # What is taken out of a row is overwritten, and not left where the row was.
        "secure_delete=ON",
    ):
        connection.execute(f"PRAGMA {setting}").close()


def _postgresql(connection: Any, _record: object) -> None:
    """Where a server is set to acknowledge before it has written, ours are not."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT set_config('synchronous_commit', 'on', false) "
            "WHERE current_setting('synchronous_commit') = 'off'"
        )
    connection.commit()


SETTING_UP: Final = {"sqlite": _sqlite, "postgresql": _postgresql}
