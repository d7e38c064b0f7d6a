"""Tells whether two bodies under one event id say the same, by what they say of the payment. Pure.

Bytes may differ and mean the same (order of names, `100.00` and `100.0`), so type, id, status and
amounts are compared. What differs in these was changed by somebody, and neither is believed over the other.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any, Final

from .._erasing import reduced

#: Names of money in an event, beside whatever has `amount` in its name.
_MONEY: Final = frozenset({"currency", "token", "total_paid_or_received", "total_pay_or_receive"})
_FACTS: Final = frozenset({"id", "status", "refid", "tx_refid"})
#: How deep they are looked for: an event's own, and a transaction's in it.
_DEEP: Final = 2


def facts_kept(type: str, body: bytes | None, *, less: bool = False) -> tuple[str, ...] | None:
    """Return an event's type, then ids, statuses and amounts, sorted; None without a usable body.

    less: Only what is left of a body once it is reduced to what must be kept.
    """
    try:
        data = json.loads(bytes(body or b""), parse_float=Decimal)["data"]
    except (ValueError, KeyError, TypeError):
        return None
    if not isinstance(data, Mapping):
        return None
    return (type, *sorted(_payment_facts(reduced(data) if less else data, "", _DEEP)))


def _payment_facts(data: Mapping[str, Any], path: str, deep: int) -> Iterator[str]:
    """Yield `path=value` for each id, status, refid, currency and amount that is not None.

    Metadata is left out, and whatever is deeper than *deep* objects.
    """
    for name, value in data.items():
        if isinstance(value, Mapping) and deep > 1 and name != "metadata":
            yield from _payment_facts(value, f"{path}{name}.", deep - 1)
        elif value is not None and (name in _FACTS or name in _MONEY or "amount" in name):
            yield f"{path}{name}={_normal_text(value)}"


def _normal_text(value: object) -> str:
    """Return a number's value as text, `100.0` as `100`; of any other value its text."""
    try:
        number = Decimal(str(value))
        return str(number.normalize() + 0) if number.is_finite() else str(value)
    except ArithmeticError:
        # No number, or one with more digits than Decimal counts with.
        return str(value)
