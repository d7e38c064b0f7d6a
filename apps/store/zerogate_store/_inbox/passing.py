"""Tells failures of a database that are nobody's fault and pass when the same is tried again. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

#: PostgreSQL's: serialization failure, deadlock, lock not available.
_STATES: Final = frozenset({"40001", "40P01", "55P03"})
#: SQLite's primary codes: busy, locked.
_CODES: Final = frozenset({5, 6})
#: How far an exception is followed to what it was raised from.
_DEEP: Final = 8


def is_conflict(exc: BaseException) -> bool:
    """Return whether an exception comes from two transactions that met: one of them is to try again."""
    return any(_met_another(one) for one in _origins(exc))


def _origins(exc: BaseException) -> Iterator[Any]:
    """The exception and what it was made of: SQLAlchemy says `orig`, Django and `raise … from` a cause."""
    one: Any = exc
    for _ in range(_DEEP):
        if one is None:
            return
        yield one
        one = getattr(one, "orig", None) or one.__cause__


def _met_another(exc: Any) -> bool:
    # psycopg and asyncpg say sqlstate, psycopg2 says pgcode.
    state = getattr(exc, "sqlstate", None) or getattr(exc, "pgcode", None)
    code = getattr(exc, "sqlite_errorcode", None)
    return state in _STATES or (isinstance(code, int) and code & 0xFF in _CODES)
