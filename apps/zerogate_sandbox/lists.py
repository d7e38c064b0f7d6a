"""Pages of a list, by cursor or by offset: how many rows, whether there are more."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from zerogate_sandbox.answers import Refused


def page(path: str, rows: Iterable[Any], limit: int, *, short: bool = False) -> dict[str, Any]:
    """The list envelope with up to `limit` rows; a short page holds half of that."""
    size = max(1, limit // 2) if short else limit
    taken: list[Any] = []
    has_more = False
    for row in rows:
        if len(taken) == size:
            has_more = True
            break
        taken.append(row)
    return {"object": "list", "data": taken, "has_more": has_more, "url": path}


def limit_of(query: dict[str, str], default: int = 10, largest: int = 100) -> int:
    return _whole("limit", query.get("limit"), default, 1, largest)


def skip_of(query: dict[str, str]) -> int:
    return _whole("skip", query.get("skip"), 0, 0, 10**12)


def _whole(name: str, text: str | None, default: int, least: int, largest: int) -> int:
    if text is None:
        return default
    # isascii, for isdigit also accepts the digits of other scripts.
    if not (text.isascii() and text.isdigit() and least <= int(text[:15]) <= largest):
        raise Refused(400, f"{name} must be a whole number from {least} to {largest}")
    return int(text)
