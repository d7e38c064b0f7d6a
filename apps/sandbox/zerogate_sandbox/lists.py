"""Pages of a list, by cursor or by offset: how many rows, whether there are more."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any


def page(path: str, rows: Iterable[Any], limit: int, *, short: bool = False) -> dict[str, Any]:
    """Return the list envelope with up to *limit* rows, half of that for a *short* page."""
    size = max(1, limit // 2) if short else limit
    taken: list[Any] = []
    has_more = False
    for row in rows:
        if len(taken) == size:
            has_more = True
            break
        taken.append(row)
    return {"object": "list", "data": taken, "has_more": has_more, "url": path}


def limit_of(query: dict[str, Any], default: int = 10) -> int:
    """Return the number of rows asked for; the contract has refused what is out of range."""
    limit: int = query.get("limit", default)
    return limit
