"""Refuses a write that would wait for itself: SQLite has one writer, and a handler's transaction is it.

While an inbox's handler runs in a transaction of a SQLite file, whatever else writes to that file waits
for the transaction to end, which waits for the handler. Reads do not wait: they are let through.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final

from zerogate.errors import GateUsageError

from ._journal.statements import BoundStatement, Rows

#: Files that a handler of this thread or task is writing to.
_HELD: Final[ContextVar[frozenset[str]]] = ContextVar("zerogate_held", default=frozenset())
_READS: Final = ("SELECT ", "PRAGMA ")


class WouldWaitForItself(GateUsageError):
    """A call that writes to the store, made inside of the transaction that holds its one write lock."""


def file_of(dialect: str, database: str | None) -> str | None:
    """Return a SQLite file's real path; None for PostgreSQL and where there is no file."""
    if dialect != "sqlite" or not database:
        return None
    return os.path.realpath(database.removeprefix("file:").partition("?")[0])


@contextmanager
def held(file: str | None) -> Iterator[None]:
    """While this lasts, count this thread or task as writing to the file; None counts nothing."""
    if file is None:
        yield
        return
    token = _HELD.set(_HELD.get() | {file})
    try:
        yield
    finally:
        _HELD.reset(token)


def is_held(file: str | None) -> bool:
    """Return True while this thread or task is inside of `held` with this file."""
    return file is not None and file in _HELD.get()


def reading_only(execute: Callable[[BoundStatement], Rows]) -> Callable[[BoundStatement], Rows]:
    """Return a function that runs SELECT and PRAGMA; WouldWaitForItself for all other statements."""

    def read(said: BoundStatement) -> Rows:
        """Run a statement that reads; raise WouldWaitForItself for any other."""
        if not said.statement.text.startswith(_READS):
            raise refusal()
        return execute(said)

    return read


def refusal() -> WouldWaitForItself:
    """Return (not raise) the error of a call that would wait for a lock which its own handler holds."""
    return WouldWaitForItself(
        "this call writes to the store, and the handler that makes it holds the one write lock of "
        "that SQLite file: it would wait for itself. Nothing was sent. Write it down on the handler's "
        "own connection (gate.journal.intend(received.connection, …)) and gate.recover() sends it "
        "after the commit; or handle with external_effect=True, where no transaction is open"
    )
