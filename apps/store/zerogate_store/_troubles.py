"""Decides what a database's failure asks for: the same again, another connection, or to give up. Pure.

A step bears being run again after it may have been committed, so that trying again is always allowed;
how often is decided here.
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import IntEnum
from typing import Any, Final

import attrs

#: Serialization failure and deadlock: of two transactions that met, one is to begin anew.
_CONFLICTS: Final = frozenset({"40001", "40P01"})
#: Of two transactions that met, where a handler's own asks for no wait: lock not available.
_NOT_AVAILABLE: Final = "55P03"
#: SQLite's primary codes for the same: busy, locked.
_BUSY: Final = frozenset({5, 6})
#: How far an exception is followed to what it was raised from.
_DEEP: Final = 8
#: Read-only transaction, and a server that is stopping or starting: after a fail-over a pool has
#: connections to what was the primary before.
_GONE: Final = frozenset({"25006", "57P01", "57P02", "57P03"})
#: As it passes: too many clients, and what a pool such as PgBouncer says of a server that is away.
_PASSING: Final = _GONE | _CONFLICTS | {"53300"}
#: What libpq, which has no code for it, says of a connection that will be refused again.
_REFUSED: Final = ("does not exist", "authentication", "pg_hba.conf", "no password")
#: Seconds after which a database that is away may be asked again.
AWAY: Final = 1.0
#: What two processes that make the same tables at once may meet, where no lock stands between them.
_RACES: Final = frozenset({"23505", "42P07", "42710", "42701"})
#: As many of a pool as may have died with their server, and be met one after the other.
_DEAD_AT_MOST: Final = 16
_CONFLICTS_AT_MOST: Final = 40
#: Seconds of the first pause after a conflict, and of the longest.
_FIRST: Final = 0.002
_LONGEST: Final = 0.25


class Remedy(IntEnum):
    """Remedy for a failed step; NOTHING is false."""

    NOTHING = 0
    RECONNECT = 1
    AGAIN = 2


def remedy_for(exc: BaseException, *, disconnected: bool, racing: bool = False) -> Remedy:
    """Return RECONNECT, AGAIN or NOTHING for a driver's failure, by its SQLSTATE.

    disconnected: Whether the driver says that the connection is gone. racing: While tables are made.
    """
    state = sqlstate_of(exc)
    if disconnected or state in _GONE:
        return Remedy.RECONNECT
    if state in _CONFLICTS or (racing and (state in _RACES or is_conflict(exc))):
        return Remedy.AGAIN
    return Remedy.NOTHING


def is_passing(exc: BaseException, *, disconnected: bool) -> bool:
    """Return True if a PostgreSQL failure may pass: disconnected, conflict, too many clients."""
    state = sqlstate_of(exc)
    if disconnected or state in _PASSING or (state or "").startswith("08"):
        return True
    met = next((one for one in _origins(exc) if not getattr(one, "orig", None)), exc)
    cannot_connect = state is None and type(met).__name__ in (
        "OperationalError",
        "ConnectionTimeout",
    )
    return cannot_connect and not any(told in str(met) for told in _REFUSED)


def is_conflict(exc: BaseException) -> bool:
    """Return True for a deadlock, serialization failure, lock not free or busy SQLite."""
    codes = [getattr(one, "sqlite_errorcode", None) for one in _origins(exc)]
    busy = any(isinstance(code, int) and code & 0xFF in _BUSY for code in codes)
    return busy or sqlstate_of(exc) in _CONFLICTS | {_NOT_AVAILABLE}


def sqlstate_of(exc: BaseException) -> str | None:
    """Return the first SQLSTATE of an exception or what it came from; None where there is none."""
    for one in _origins(exc):
        # psycopg and asyncpg say sqlstate, psycopg2 says pgcode.
        state = getattr(one, "sqlstate", None) or getattr(one, "pgcode", None)
        if isinstance(state, str):
            return state
    return None


def _origins(exc: BaseException) -> Iterator[Any]:
    """Yield the exception, then what each came from (`orig`, else the cause), eight at most."""
    one: Any = exc
    for _ in range(_DEEP):
        if one is None:
            return
        yield one
        one = getattr(one, "orig", None) or one.__cause__


@attrs.define
class Patience:
    """Count of the tries of one step, by what they were for."""

    _dead: int = 0
    _conflicts: int = 0

    def pause(self, remedy: Remedy, chance: float) -> float | None:
        """Count a failed try; return seconds to wait before the next, None where there is none.

        chance: From 0 to 1, so that two that met do not meet again.
        """
        if remedy is Remedy.RECONNECT:
            self._dead += 1
            return 0.0 if self._dead <= _DEAD_AT_MOST else None
        if remedy is Remedy.AGAIN:
            self._conflicts += 1
            if self._conflicts <= _CONFLICTS_AT_MOST:
                return chance * min(_LONGEST, _FIRST * 2.0 ** min(self._conflicts, 10))
        return None
