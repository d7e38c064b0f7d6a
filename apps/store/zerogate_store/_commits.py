"""Begins and commits transactions, so that what was committed stays, and cuts SQLite's log."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Final, TypeVar

from ._deadlines import cut_waits, seconds_left
from ._drivers import execute_on
from ._journal.statements import Step, run_step
from ._nested import reading_only

T = TypeVar("T")
#: Seconds that a locked SQLite database is waited for.
LOCKED_AT_MOST: Final = 10.0
#: Seconds after which what rows have lost is cut out of SQLite's log, with whatever is done next.
CUT_EVERY: Final = 60.0
CUT_LOG: Final = "PRAGMA wal_checkpoint(TRUNCATE)"
NOT_CUT: Final = (
    "it is erased, but may still be read in the database's log, for another connection has not ended "
    "its transaction: call again"
)


def cut_log(connection: Any) -> bool:
    """Move SQLite's log into its database and empty it; False where somebody still reads it."""
    cursor = connection.execute(CUT_LOG)
    try:
        return bool(cursor.fetchone()[0] == 0)
    finally:
        cursor.close()


def begin_writing(connection: Any) -> None:
    """Begin a transaction with SQLite's write lock, trying for ten seconds; then OperationalError.

    SQLite's own waits grow until, in a crowd, whoever waits longest comes last: so they are short,
    and begin anew.
    """
    until = time.monotonic() + seconds_left(LOCKED_AT_MOST)
    while True:
        try:
            connection.execute("BEGIN IMMEDIATE")
            return
        except sqlite3.OperationalError as exc:
            if "locked" not in str(exc) or time.monotonic() > until:
                raise


#: Whether a connection's server acknowledges before it has written.
HASTY: Final = "zerogate_hasty"


def begin_durably(connection: Any, driver: Any) -> None:
    """Make this transaction's commit wait for the disk, where the server's default does not.

    For the transaction alone: behind a pool the next one may be on another server connection.
    """
    if connection.info.get(HASTY):
        cursor = driver.cursor()
        cursor.execute("SET LOCAL synchronous_commit TO on")
        cursor.close()


def commit_alone(connection: Any, step: Callable[[], Step[T]], dialect: str, *, nested: bool) -> T:
    """Run a step on the driver's connection, commit, return its result; roll back on failure.

    That costs a third of what SQLAlchemy's own way does.

    nested: Inside of a handler's transaction, which has the one write lock: then it may only read.
    """
    driver = connection.driver_connection
    cut_waits(driver)
    execute = execute_on(driver, dialect)
    try:
        if nested:
            execute = reading_only(execute)
        elif dialect == "sqlite":
            begin_writing(driver)
        else:
            begin_durably(connection, driver)
        result = run_step(step(), execute)
        driver.commit()
    except BaseException:
        # What ended the step is what is told, and not that its connection is closed since.
        with suppress(Exception):
            driver.rollback()
        raise
    return result
