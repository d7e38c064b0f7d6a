"""Knows until when a step may wait for its database, and ends the waits of a driver that knows no such time.

Neither a pool such as PgBouncer whose server is away nor a server that hangs refuses anything: a statement
waits for as long as they like, whatever is left of the call that it belongs to. What was not answered in
time may have been done all the same, a commit as well: its connection is closed, and nothing is tried again.
"""

from __future__ import annotations

import os
import socket
import sys
import time
from collections.abc import Callable, Generator
from contextlib import suppress
from contextvars import ContextVar
from functools import cache
from typing import Any, Final, TypeAlias

#: As psycopg's: asks for a socket to be ready, and is told.
Waiting: TypeAlias = Generator[Any, Any, Any]

#: By the monotonic clock of this machine; None: a step may take as long as it takes.
_UNTIL: Final[ContextVar[float | None]] = ContextVar("zerogate_database_until", default=None)
#: Seconds that a step has even where its call has none left: an answer has to be written down.
LEAST: Final = 0.5
#: Seconds after which a driver looks up whether somebody wants to break a wait off, as psycopg's own.
_LOOKS_UP: Final = 0.1
#: Seconds for a step that belongs to no call with a time of its own: a webhook's, a client's that ends.
WAITED_AT_MOST: Final = 10.0
UNANSWERED: Final = "the database did not answer in time: it hangs, or a pool has no server for it"


class _Limit:
    """A context in which waits for the database have a limit, by the monotonic clock; None is no limit."""

    # No generator: each transaction is in two of them.
    __slots__ = ("_token", "_until")

    def __init__(self, until: float | None) -> None:
        self._until = until

    def __enter__(self) -> None:
        self._token = _UNTIL.set(self._until)

    def __exit__(self, *ending: object) -> None:
        # What is thrown away with its loop ends in a context that is not its own.
        with suppress(ValueError):
            _UNTIL.reset(self._token)


def waited_for(seconds: float) -> _Limit:
    """Return a context that limits waits for the database to so many seconds, or to an earlier limit."""
    until, before = time.monotonic() + max(0.0, seconds), _UNTIL.get()
    return _Limit(until if before is None else min(until, before))


def one_step() -> _Limit:
    """Return a context that gives a step half a second at least, whatever limit is set; none if none is."""
    until = _UNTIL.get()
    return _Limit(None if until is None else max(until, time.monotonic() + LEAST))


def seconds_left(most: float) -> float:
    """Return the seconds that the database may still be waited for: the limit's, *most* at most."""
    until = _UNTIL.get()
    return most if until is None else max(0.0, min(most, until - time.monotonic()))


def is_over() -> bool:
    """Return True once the time of a step is over; False where it has no limit."""
    until = _UNTIL.get()
    return until is not None and time.monotonic() >= until


def cut_waits(driver: Any) -> None:
    """Make psycopg's connection end its waits with the step's time; ignore other drivers.

    It looks up ten times a second anyway, so that no thread is needed for it.
    """
    psycopg = sys.modules.get("psycopg")
    if psycopg is None or not isinstance(driver, psycopg.Connection) or "wait" in vars(driver):
        return
    waits, at = driver.wait, psycopg.waiting

    def wait(work: Any, interval: float = _LOOKS_UP, *args: Any, **options: Any) -> Any:
        """Wait as psycopg does; once time is over, close and raise OperationalError."""
        if _UNTIL.get() is None:
            return waits(work, interval, *args, **options)
        try:
            return at.wait(_in_time(work, driver.close), driver.pgconn.socket, interval=interval)
        except BaseException:
            # Left in the middle: psycopg would wait ten seconds for a server that hangs to let go of it.
            if driver.pgconn.transaction_status == psycopg.pq.TransactionStatus.ACTIVE:
                driver.close()
            raise

    driver.wait = wait


def _in_time(work: Waiting, close: Callable[[], None]) -> Waiting:
    """Yield a driver's waits, return its result; once time is over, close and raise OperationalError."""
    ready: Any = None
    while True:
        try:
            asked = work.send(ready)
        except StopIteration as end:
            return end.value
        ready = yield asked
        if not ready and is_over():
            work.close()
            close()
            raise sys.modules["psycopg"].OperationalError(UNANSWERED)


@cache
def _connections() -> Any:
    """Return a class of psycopg's connections that connect within a step's time."""
    import psycopg

    class Connection(psycopg.Connection[Any]):
        # What a connection's driver is, others tell by where its class stands.
        __module__ = psycopg.__name__

        # Its own connect_timeout is in whole seconds, of which it takes two at least.
        @classmethod
        def _connect_gen(cls, *args: Any, **options: Any) -> Any:
            """Connect as psycopg does; raise OperationalError once time is over."""
            return _in_time(super()._connect_gen(*args, **options), lambda: None)

    return Connection


def connect(_dialect: object, _record: object, args: Any, options: Any) -> Any:
    """Return a PostgreSQL connection made in the step's time; None without a limit: SQLAlchemy's way."""
    return None if _UNTIL.get() is None else _connections().connect(*args, **options)


def break_off(driver: Any) -> None:
    """Cut an awaited driver's connection: whatever waits on it fails at once; swallow failures."""
    if hasattr(driver, "terminate"):
        driver.terminate()
    elif hasattr(driver, "fileno"):
        with suppress(Exception), socket.socket(fileno=os.dup(driver.fileno())) as line:
            line.shutdown(socket.SHUT_RDWR)
