"""Sessions as a list has them: whose they are and when they were made, read row by row. Pure.

They are read as Gate wrote them: a row that cannot be read is passed over and harms no other.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

import attrs
from zerogate._idempotency.identity import Marks, echoes, marks_of
from zerogate._idempotency.keys import DERIVED


@attrs.frozen
class Listed:
    """A session as a list has it, as far as it can be read."""

    id: str
    status: str | None
    created_at: float | None
    marks: Marks


def ours(rows: Iterable[object], namespace: str) -> list[Listed]:
    """Return the sessions of this namespace that carry a key; unreadable rows are left out.

    A list that shows keys cut short or changed says nothing of whose its sessions are.
    """
    found = [_read_session(row) for row in rows if isinstance(row, Mapping)]
    return [one for one in found if one and _is_of(one.marks, namespace)]


def _is_of(marks: Marks, namespace: str) -> bool:
    """Return True for marks of this namespace whose key came back whole."""
    if not marks.key or marks.namespace != namespace:
        return False
    return not marks.key.startswith(DERIVED) or echoes(marks, "createSession")


def _read_session(row: Mapping[str, Any]) -> Listed | None:
    """Return a list's row as Listed; None where its id is no text, or empty."""
    id, status = row.get("id"), row.get("status")
    if not isinstance(id, str) or not id:
        return None
    return Listed(
        id,
        status if isinstance(status, str) else None,
        time_of(row.get("created_at")),
        marks_of(row),
    )


def time_of(told: object) -> float | None:
    """Return a time as Gate writes it, in Unix seconds; None where it cannot be read."""
    try:
        when = told if isinstance(told, datetime) else datetime.fromisoformat(str(told))
        return when.timestamp() if when.tzinfo is not None else None
    except ValueError:
        return None


def partner_of(rows: Iterable[object]) -> str:
    """Return the partner id of the first row that has one; empty where none has."""
    found = (row.get("partner_id") for row in rows if isinstance(row, Mapping))
    return next((told for told in found if isinstance(told, str)), "")
