"""Runs statements on each kind of connection: SQLAlchemy's, Django's, DB-API; plain or awaited."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any, Final

from zerogate.errors import GateUsageError

from ._journal.statements import BoundStatement, Rows

#: Whose connections have no module of their own name with a paramstyle in it.
_STYLES: Final = {"django": "pyformat", "aiosqlite": "qmark"}


def execute_on(connection: Any, dialect: str = "any") -> Callable[[BoundStatement], Rows]:
    """Return a function that runs a statement on *connection* for its rows, no commit; or GateUsageError.

    connection: SQLAlchemy's, Django's or a DB-API driver's; GateUsageError for anything else.
    dialect: What a connection of DB-API does not tell.
    """
    if hasattr(connection, "exec_driver_sql"):
        return _sqlalchemy(connection)
    if hasattr(connection, "get_bind") and hasattr(connection, "connection"):
        return _sqlalchemy(connection.connection())
    style = style_of(connection)

    def execute(said: BoundStatement) -> Rows:
        """Run a statement on a new cursor; return its rows, none if it has none."""
        cursor = connection.cursor()
        try:
            cursor.execute(*said.written(style, dialect))
            return cursor.fetchall() if cursor.description else ()
        finally:
            cursor.close()

    return execute


def _sqlalchemy(connection: Any) -> Callable[[BoundStatement], Rows]:
    """Return a function that runs a statement on SQLAlchemy's connection and returns its rows."""
    dialect = connection.dialect

    def execute(said: BoundStatement) -> Rows:
        """Run a statement; return its rows, none if it has none."""
        result = connection.exec_driver_sql(*said.written(dialect.paramstyle, dialect.name))
        return result.fetchall() if result.returns_rows else ()

    return execute


def style_of(connection: Any) -> str:
    """Return a DB-API connection's paramstyle, by its driver's module; GateUsageError if unknown.

    Raises:
        GateUsageError: that is no connection, or one of a driver that writes parameters otherwise.
    """
    root = type(connection).__module__.partition(".")[0]
    style = _STYLES.get(root) or getattr(sys.modules.get(root), "paramstyle", None)
    if not hasattr(connection, "cursor") or not isinstance(style, str):
        raise GateUsageError(
            f"{type(connection).__name__} is no connection that can be used here: give SQLAlchemy's, "
            "Django's, or one of a DB-API driver"
        )
    return style


def awaited(connection: Any) -> bool:
    """Return True where a connection's calls have to be awaited."""
    return hasattr(connection, "run_sync") or type(connection).__name__.startswith("Async")
