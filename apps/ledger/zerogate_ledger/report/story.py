"""A break in the words of the report: both sides, the difference, how old. Pure; escapes nothing."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from itertools import islice
from typing import Any, Final

import attrs

from ..breaks import age_bucket, differences
from ..changes import Change
from ..exact import EXACT, is_plain
from ..known import Known
from ..number_formats import remedy

#: What the report says of the ledger's row: its name there, and in the match.
LEDGER_FIELDS: Final = (
    ("file", "l_file"),
    ("line", "l_line"),
    ("order_id", "l_order_id"),
    ("refid", "l_refid"),
    ("session_id", "l_session_id"),
    ("rail_id", "l_rail_id"),
    ("created_at", "l_created_at"),
    ("mode", "l_mode"),
    ("action", "l_action"),
    ("status", "l_status"),
    ("currency", "l_code"),
    ("amount", "l_amount"),
    ("token", "l_token"),
    ("network", "l_network"),
    ("token_amount", "l_token_amount"),
    ("fee", "l_fee"),
    ("rate", "l_rate"),
    ("problem", "l_trouble"),
)
GATE_FIELDS: Final = (
    ("record", "g_record"),
    ("order_id", "g_order_id"),
    ("refid", "g_refid"),
    ("session_id", "g_session_id"),
    ("rail_id", "g_rail_id"),
    ("created_at", "g_created_at"),
    ("mode", "g_mode"),
    ("action", "g_action"),
    ("status", "g_status"),
    ("session_status", "g_session_status"),
    ("expires_at", "g_expires_at"),
    ("currency", "g_code"),
    ("amount", "g_amount"),
    ("token", "g_token"),
    ("network", "g_network"),
    ("token_amount", "g_token_amount"),
    ("fee", "g_total_fees"),
    ("rate", "g_exchange_rate"),
    ("total", "g_total_pay_or_receive"),
)
_NUMBERS: Final = ("amount", "token_amount", "fee", "rate")
#: Class → what both sides say otherwise, beyond amount, currency and status.
_OTHERWISE: Final[Mapping[str, tuple[str, ...]]] = {
    "mode": ("mode",),
    "asset": ("token", "network"),
    "action": ("action",),
    "amount": ("token_amount",),
    "fee": ("fee",),
    "rate": ("rate",),
    "date": ("created_at",),
    "broken_link": ("order_id", "refid", "session_id", "rail_id"),
}
#: Class → what Gate says that makes it one.
_OF_GATE: Final[Mapping[str, tuple[str, ...]]] = {
    "fee_identity": ("fee", "total"),
    "late_money": ("session_status",),
    "open_past_expiry": ("expires_at",),
    "stale_in_flight": ("created_at",),
}
#: Class → fields that every break shows, which are what this one is about.
_SHOWN: Final[Mapping[str, tuple[str, ...]]] = {
    "currency": ("currency",),
    "amount": ("amount",),
    "status_regressed": ("status",),
    "status_behind": ("status",),
    "status_conflict": ("status",),
}
#: Class → fields that show it where no two differ: the first of them that either side has.
_BY_ITSELF: Final[Mapping[str, tuple[str, ...]]] = {
    "unreadable": ("problem", "amount", "currency"),
    "duplicate_local": ("line", "order_id", "refid", "session_id", "rail_id"),
    "duplicate_remote": ("refid", "rail_id", "session_id", "record"),
    "paid_twice": ("refid", "rail_id", "session_id"),
    "over_refunded": ("amount",),
    "mode": ("mode",),
    "status_regressed": ("status",),
    "status_conflict": ("status",),
    "not_settled": ("status",),
    "late_money": ("status",),
    "currency": ("currency",),
    "asset": ("token", "network", "currency"),
    "action": ("action",),
    "amount": ("amount", "token_amount"),
    "unknown_status": ("status", "session_status"),
    "fee_identity": ("fee", "amount"),
    "fee": ("fee",),
    "rate": ("rate",),
    "date": ("created_at",),
    "status_behind": ("status",),
    "broken_link": ("order_id", "refid", "session_id", "rail_id"),
    "stale_in_flight": ("status",),
    "open_past_expiry": ("status", "session_status"),
}
TIMES: Final = ("created_at", "expires_at")


@attrs.frozen
class Story:
    """One break.

    difference: Gate's amount less the ledger's, where both are in one currency; with the decimals of
        the finer of the two.
    """

    classes: tuple[str, ...]
    ledger: Mapping[str, str]
    gate: Mapping[str, str]
    difference: str | None
    age: str
    note: str | None
    known: Known | None = None
    change: Change | None = None
    expired: bool = False

    @property
    def order(self) -> str:
        """Order id, refid or session id, the ledger's first; else its line, else `no id`."""
        for side in (self.ledger, self.gate):
            for name in ("order_id", "refid", "session_id"):
                if side.get(name):
                    return side[name]
        return f"line {self.ledger['line']}" if "line" in self.ledger else "no id"

    @property
    def about(self) -> tuple[str, ...]:
        """Fields that show why it is a break, besides amount, currency and status."""
        fields: dict[str, None] = {}
        for code in self.classes:
            of_gate = _OF_GATE.get(code, ())
            fields |= dict.fromkeys(filter(self._says_otherwise, _OTHERWISE.get(code, ())))
            fields |= dict.fromkeys(name for name in of_gate if name in self.gate)
        return tuple(fields)

    @property
    def differing(self) -> frozenset[str]:
        """All fields that both sides say otherwise, or that make the break.

        Empty where a whole record is missing: then its absence is what differs.
        """
        return frozenset(name for code in self.classes for name in self._marks(code))

    def _marks(self, code: str) -> Iterator[str]:
        """Yield the fields that show one class, or the first that stands for it; may be none."""
        said = [*_OTHERWISE.get(code, ()), *_SHOWN.get(code, ())]
        marks = [*filter(self._says_otherwise, said), *self._unread_numbers(code)]
        marks += [name for name in _OF_GATE.get(code, ()) if name in self.gate]
        alone = (name for name in _BY_ITSELF.get(code, ()) if name in {**self.ledger, **self.gate})
        yield from marks or islice(alone, 1)

    def _unread_numbers(self, code: str) -> list[str]:
        """Return fields whose number is unreadable on a side, if *code* is unreadable; else []."""
        sides = (self.ledger, self.gate) if code == "unreadable" else ()
        return [
            name
            for name in _NUMBERS
            if any(name in side and not is_plain(side[name]) for side in sides)
        ]

    def _says_otherwise(self, name: str) -> bool:
        """Return whether both sides have this field and differ in it, case aside."""
        one, other = self.ledger.get(name), self.gate.get(name)
        return one is not None and other is not None and one.lower() != other.lower()


def story(row: Mapping[str, Any], as_of: int, said: Container[str] = ()) -> Story:
    """Return the break that a row of the match tells. said: Suspicions that explain many rows."""
    ledger = _side(row, LEDGER_FIELDS) if row["ledger_rows"] else {}
    gate = _side(row, GATE_FIELDS) if row["gate_rows"] else {}
    classes = tuple(differences(row["differences"]))
    return Story(
        classes=classes,
        ledger=ledger,
        gate=gate,
        difference=_difference(row, ledger, gate),
        age=age_bucket(began(row), as_of),
        note=_note(classes, ledger, gate, said),
    )


def _side(row: Mapping[str, Any], fields: tuple[tuple[str, str], ...]) -> dict[str, str]:
    """Return the fields that a side has as text, times in RFC 3339; empty ones are left out."""
    found = {}
    for name, column in fields:
        value = row.get(column)
        if value is not None and value != "":
            found[name] = when(value) if name in TIMES else str(value)
    return found


def began(row: Mapping[str, Any]) -> int | None:
    """Return Unix seconds of when a break's record was made: the ledger's, else Gate's, or None."""
    at = row.get("l_created_at")
    found: int | None = row["g_created_at"] if at is None else at
    return found


def when(seconds: int) -> str:
    """Return Unix seconds as RFC 3339 in UTC; as a bare number where no calendar has them."""
    try:
        return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    except (ValueError, OverflowError, OSError):
        return str(seconds)


def _difference(
    row: Mapping[str, Any], ledger: Mapping[str, str], gate: Mapping[str, str]
) -> str | None:
    """Return Gate's sum less the ledger's as text; None if equal, unreadable, or of two codes."""
    one, other = row["ledger_sum"], row["gate_sum"]
    same = ledger.get("currency") == gate.get("currency")
    if not same or one is None or other is None or one == other:
        return None
    difference = plain_text(EXACT.subtract(other, one))
    return _with_decimals(
        difference, max(map(_decimals, (ledger.get("amount"), gate.get("amount"))))
    )


def _decimals(text: str | None) -> int:
    """Return how many digits stand behind the point; 0 for None or an unreadable text."""
    return len((text or "").partition(".")[2]) if is_plain(text) else 0


def _with_decimals(amount: str, decimals: int) -> str:
    """Return an amount with at least so many decimals, zeros added."""
    missing = decimals - _decimals(amount)
    return amount + ("" if "." in amount or missing <= 0 else ".") + "0" * missing


def _note(
    classes: tuple[str, ...],
    ledger: Mapping[str, str],
    gate: Mapping[str, str],
    said: Container[str],
) -> str | None:
    """Return what explains a break: what is unreadable, or that fees are included; else None."""
    if "unreadable" in classes:
        return _unreadable_values(ledger, gate)
    booked, total, amount = ledger.get("amount"), gate.get("total"), gate.get("amount")
    if "amount_basis" in said or not (is_plain(booked) and is_plain(total) and is_plain(amount)):
        return None
    one, whole, part = (Decimal(text or "") for text in (booked, total, amount))
    if one == whole and one != part:
        return "the ledger's amount is Gate's total with fees (see --amount-basis total)"
    return None


def _unreadable_values(ledger: Mapping[str, str], gate: Mapping[str, str]) -> str:
    """Return which values can't be read or are missing, on which line; "" for none."""
    found = [ledger["problem"]] if "problem" in ledger else []
    for name, side in (("ledger", ledger), ("Gate", gate)):
        bad = [key for key in _NUMBERS if key in side and not is_plain(side[key])]
        found += [f"{name} {key} {side[key]!r}{_remedy(name, side[key])}" for key in bad]
        if side and "amount" not in side and side.get("record") != "session":
            found.append(f"{name} amount missing")
        if side and "currency" not in side:
            found.append(f"{name} currency missing")
    if ledger and not any(key in ledger for key in ("refid", "rail_id", "session_id", "order_id")):
        found.append("ledger id missing")
    line, said = f"line {ledger['line']}" if "line" in ledger else "", "; ".join(found)
    return f"{line}: {said}" if line and said else line or said


def _remedy(side: str, figure: str) -> str:
    """Return ": " and what to do about a ledger's figure; "" for one of Gate's."""
    return f": {remedy(figure)}" if side == "ledger" else ""


def plain_text(amount: Decimal) -> str:
    """Return an exact amount as text without trailing zeros; a zero as 0."""
    text = f"{amount:f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text
