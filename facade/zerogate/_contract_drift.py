"""Differences of a readable answer from the contract: to be logged, never to fail a call. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from ._amounts import fields_of
from ._idempotency.answers import Ours, Verdict
from ._idempotency.attempts import Call
from ._unreadable import UnreadableRow
from ._wire.names import RENAMED


def drifts_of(record: Any, raw: Mapping[str, Any], mode: str) -> Iterator[tuple[str, str]]:
    """Yield each field unlike the contract or *mode*, and a sentence on how; of a list its newest row's.

    raw: The JSON that the record was read from. mode: The key's.
    """
    told = raw.get("data")
    if isinstance(told, list) and isinstance(rows := getattr(record, "rows", None), list):
        readable = (at for at, row in enumerate(rows) if not isinstance(row, UnreadableRow))
        newest = next(readable, None)
        if newest is None:
            return
        record, raw = rows[newest], told[newest]
    schema = RENAMED.get(type(record).__name__, type(record).__name__)
    yield from (
        (f"{schema}.{field}", "came as a JSON number, not as a decimal string: read exactly")
        for field in fields_of(schema)
        if raw.get(field) is not None and not isinstance(raw[field], str)
    )
    yield from (
        (f"{schema}.{field}", "is not what the contract guesses: it is in additional_properties")
        for field in getattr(record, "additional_properties", ())
        if hasattr(record, field)
    )
    theirs = raw.get("mode")
    if theirs is not None and theirs != mode:
        yield f"{schema}.mode", f"is {str(theirs)[:16]!r}, the key is of {mode!r}: check the key"


#: What is compared as identity or as a term, is never given back, or is the partner's to fill.
_NO_DRIFT: Final = frozenset(
    {
        "amount",
        "currency",
        "flow",
        "target_token",
        "target_network",
        "wallet_address",
        "side",
        "asset",
    }
    | {"quote_id", "gate_session_id", "external_id", "email", "payment_method", "metadata"}
    | {"quote_preview_id", "kyc_package", "country_code"}
)


def unlike_asked(
    call: Call[Any], raw: Mapping[str, Any], verdict: Verdict
) -> Iterator[tuple[str, str]]:
    """Yield fields other than terms of money in which a keyed write's answer is not as asked, and how."""
    if call.identity is None:
        return
    schema = call.operation.answer
    if isinstance(verdict, Ours) and verdict.unmarked and "metadata" in call.asked:
        yield (
            f"{schema}.metadata",
            "does not echo our marks: what is in doubt cannot be found by them",
        )
    for field, meant in call.asked.items():
        told = raw.get(field)
        if field not in _NO_DRIFT and told is not None and told != meant:
            yield f"{schema}.{field}", "is not what was asked"
