"""Makes a store's engines, set up as it needs them. Alone loads SQLAlchemy, once a Store is made."""

from __future__ import annotations

import os
import re
from contextlib import suppress
from difflib import get_close_matches
from functools import partial
from pathlib import PurePath
from typing import Any, Final

from zerogate.errors import GateUsageError

from ._commits import HASTY, begin_durably, begin_writing
from ._deadlines import connect, cut_waits, seconds_left
from ._nested import file_of, is_held

try:
    import sqlalchemy as sa
    from sqlalchemy import event
    from sqlalchemy.exc import ArgumentError
    from sqlalchemy.ext.asyncio import AsyncEngine
except ImportError as _missing:
    raise ImportError(
        "a store needs SQLAlchemy: in a clone of the project, run `python -m pip install -e '.[store]'`"
    ) from _missing

#: Seconds that a connection to PostgreSQL is waited for, unless the URL says otherwise.
CONNECTED_AT_MOST: Final = 5
#: The kinds of databases that there are.
_KINDS: Final = ("sqlite", "postgresql")
_PARTS: Final = (
    "the store's URL cannot be read: it is postgresql://user:password@host:port/database, with one host, a "
    "number as its port, and in a password %40 for @, %2F for / and %3A for :"
)
_WANTED: Final = (
    "a store is sqlite:///FILE, postgresql://… (psycopg 3), or SQLAlchemy's engine for one of them"
)


def given_database(
    url_or_engine: str | sa.Engine | AsyncEngine,
) -> tuple[sa.URL | None, sa.Engine | None, AsyncEngine | None]:
    """Return the URL, Engine or AsyncEngine, others None; limit an Engine's connects; or GateUsageError.

    An Engine of psycopg connects within the time of a step from now on.

    Raises:
        GateUsageError: it is none of them, or of a database that is not known here.
    """
    match url_or_engine:
        case str():
            return checked_url(url_or_engine), None, None
        case AsyncEngine() if url_or_engine.dialect.name in _KINDS:
            return None, None, url_or_engine
        case sa.Engine() if url_or_engine.dialect.name in _KINDS:
            connect_in_time(url_or_engine)
            return None, url_or_engine, None
    dialect: Any = getattr(url_or_engine, "dialect", None)
    found = type(url_or_engine).__name__ if dialect is None else dialect.name
    named = f": write Store('sqlite:///{url_or_engine}')"
    raise GateUsageError(
        f"{_WANTED}, not {found}{named if isinstance(url_or_engine, PurePath) else ''}"
    )


def checked_url(text: str) -> sa.URL:
    """Return a store's URL, for psycopg 3 on PostgreSQL; GateUsageError where it is not usable."""
    if text != text.strip() or not text.isprintable():
        # With a line's end after it, it would be another file.
        raise GateUsageError(
            "a store's URL has no white space around it: strip it where it is read"
        )
    try:
        url = sa.make_url(text)
    except ValueError:
        raise GateUsageError(_PARTS) from None
    except ArgumentError:
        # A text without a scheme is a file's name as a rule; anything else may hold a password.
        file = text if re.fullmatch(r"[\w./-]{1,80}", text) else "FILE"
        raise GateUsageError(f"{_WANTED}; a file is Store('sqlite:///{file}')") from None
    # What stands before the last @ is told to nobody: it may be the end of a password.
    if re.search(r"[@,\[\]]", url.host or ""):
        raise GateUsageError(_PARTS)
    if url.drivername in ("postgresql", "postgres"):
        return url.set(drivername="postgresql+psycopg")
    if url.drivername not in ("sqlite", "postgresql+psycopg"):
        near = get_close_matches(url.drivername, ("sqlite", "postgresql"), n=1)
        meant = f": did you mean {near[0]}://?" if near else ""
        raise GateUsageError(f"{_WANTED}, not {url.drivername}://{meant}")
    database = url.database or ":memory:"
    if url.drivername == "sqlite" and (
        database.endswith(":memory:") or url.query.get("mode") == "memory"
    ):
        raise GateUsageError(
            "a store in memory remembers nothing after a crash: name a file, sqlite:///gate.db"
        )
    if url.drivername == "sqlite" and not database.startswith("file:"):
        folder = os.path.dirname(os.path.abspath(database))
        if not os.path.isdir(folder):
            raise GateUsageError(
                f"the store's folder {folder} is not there: make it, or name another file "
                "(sqlite:///gate.db is relative, sqlite:////var/gate.db absolute)"
            )
    return url


class ClosingPool(sa.QueuePool):
    """Pool that is over once it was disposed of: what comes back to it later is closed."""

    _is_over = False
    _longest = 30.0

    @property
    def _timeout(self) -> float:
        """Return the seconds to wait for a connection, cut to what the step has left."""
        return seconds_left(self._longest)

    @_timeout.setter
    def _timeout(self, seconds: float) -> None:
        """Set the longest wait for a connection, in seconds."""
        self._longest = seconds

    def dispose(self) -> None:
        """Close idle connections; from now on close each one that comes back as well."""
        self._is_over = True
        super().dispose()

    def _do_return_conn(self, record: Any) -> None:
        """Take a connection back; close it where the pool was disposed of."""
        super()._do_return_conn(record)
        if self._is_over:
            super().dispose()


def close_for_good(engine: sa.Engine, *, ours: bool) -> None:
    """Close an engine's idle connections, others when they come back; none where *ours* is False.

    ours: Whether this process made them; a parent's are left alone.
    """
    engine.dispose(close=ours)
    # The one that takes its place.
    engine.pool.dispose()


def open_engine(url: sa.URL) -> sa.Engine:
    """Return a new engine for a checked URL; nothing is connected yet."""
    if url.get_backend_name() == "postgresql":
        return _open_postgresql(url)
    engine = sa.create_engine(url, poolclass=ClosingPool)
    event.listen(engine, "do_connect", _private_file)
    event.listen(engine, "connect", _set_up_sqlite)
    event.listen(engine, "begin", partial(_begin_sqlite, file_of("sqlite", url.database)))
    return engine


def _open_postgresql(url: sa.URL) -> sa.Engine:
    """Return a new engine: psycopg 3, READ COMMITTED, UTF8, no prepared statements.

    So it works whatever the server's defaults are and whatever pools stand in between.

    A statement that was prepared on one server connection is not there on the next that a pool such as
    PgBouncer gives: none is prepared. Each step decides by rows that others have just committed, which
    snapshots of a whole transaction hide: it is READ COMMITTED.
    """
    engine = sa.create_engine(
        url.difference_update_query(["prepare_threshold"]),
        poolclass=ClosingPool,
        isolation_level="READ COMMITTED",
        connect_args={
            "prepare_threshold": None,
            "client_encoding": "utf8",
            # A machine that is gone refuses nothing: its packets are lost.
            "connect_timeout": url.query.get("connect_timeout", CONNECTED_AT_MOST),
        },
    )
    connect_in_time(engine)
    event.listen(engine, "connect", _set_up_postgresql)
    event.listen(
        engine,
        "begin",
        lambda begun: begin_durably(begun.connection, begun.connection.driver_connection),
    )
    return engine


def connect_in_time(engine: sa.Engine) -> None:
    """Make a psycopg engine connect within the time of a step; do nothing for other drivers."""
    if engine.driver == "psycopg":
        event.listen(engine, "do_connect", connect)


def _private_file(_dialect: object, _record: object, args: Any, _options: object) -> None:
    """Create a new database file with mode 0600; one that is there or fails is left to SQLite."""
    # It is there, or cannot be: then SQLite says so.
    with suppress(OSError):
        path = str(file_of("sqlite", args[0]))
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))


def _begin_sqlite(file: str | None, connection: Any) -> None:
    """Take SQLite's write lock, unless a handler of this thread or task has it."""
    if not is_held(file):
        begin_writing(connection.connection)


def _set_up_sqlite(connection: Any, _record: object) -> None:
    """Set up a connection: a commit is on the disk when it returns, readers wait for no writer."""
    connection.isolation_level = None
    for setting in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "busy_timeout=50",
        # What is taken out of a row is overwritten, and not left where the row was.
        "secure_delete=ON",
    ):
        connection.execute(f"PRAGMA {setting}").close()


def _set_up_postgresql(connection: Any, record: Any) -> None:
    """Make a connection's waits end with the step's time; note if its synchronous_commit is off."""
    cut_waits(connection)
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('synchronous_commit')")
        record.info[HASTY] = cursor.fetchone()[0] == "off"
    connection.commit()


ENCODING_WANTED: Final = (
    "the store needs a PostgreSQL database whose encoding is UTF8, for references and names are in "
    "every script: CREATE DATABASE … ENCODING 'UTF8' TEMPLATE template0, and connections whose "
    "client_encoding is UTF8"
)


def check_encoding(connection: sa.Connection) -> None:
    """Raise GateUsageError where PostgreSQL's server or client encoding is not UTF8; SQLite passes.

    Raises:
        GateUsageError: its encoding, or the connection's, is another than UTF8.
    """
    if connection.dialect.name != "postgresql":
        return
    row = connection.exec_driver_sql(
        "SELECT current_setting('server_encoding'), current_setting('client_encoding')"
    ).fetchone()
    found = [told.decode() if isinstance(told, bytes) else str(told) for told in row or ()]
    if found != ["UTF8", "UTF8"]:
        raise GateUsageError(f"{ENCODING_WANTED}; it is {found[0]}, read as {found[1]}")
