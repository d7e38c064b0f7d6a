"""How a readable answer differs from what was documented: to be noticed, never to fail a call. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ._wire.operations import RENAMED
from .amounts import fields_of
from .unreadable import UnreadableRow


def drifts_of(record: Any, raw: Mapping[str, Any], mode: str) -> Iterator[tuple[str, str]]:
    """What differs, and the sentence that says how; of a list its newest row stands for all.

    raw: The JSON that the record was read from. mode: The key's.
    """
    rows, told = getattr(record, "rows", None), raw.get("data")
    if isinstance(rows, list) and isinstance(told, list):
        readable = (at for at, row in enumerate(rows) if not isinstance(row, UnreadableRow))
        newest = next(readable, None)
        if newest is None:
            return
        record, raw = rows[newest], told[newest]
    schema = RENAMED.get(type(record).__name__, type(record).__name__)
    for field in fields_of(schema):
        if raw.get(field) is not None and not isinstance(raw[field], str):
            yield (
                f"{schema}.{field}",
                "came as a JSON number, not as a decimal string: read exactly",
            )
    for field in getattr(record, "additional_properties", ()):
        if hasattr(record, field):
            yield (
                f"{schema}.{field}",
                "is not what the contract guesses: it is in additional_properties",
            )
    theirs = raw.get("mode")
    if theirs is not None and theirs != mode:
        yield f"{schema}.mode", f"is {str(theirs)[:16]!r}, the key is of {mode!r}: check the key"
