"""Reads records that came from Gate, whatever they lack: texts, amounts, and what is shown of them. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Final

from .._unreadable import UnreadableRow
from ..errors import MoneyError
from ..money import Money
from .kinds import Evidence

#: What is shown of a record in evidence: an allow-list.
_FACTS: Final[Mapping[str, str]] = {
    "gate_session": "mode amount currency flow target_token target_network created_at expires_at",
    "transaction": "session_id action fiat_amount currency token_amount token network "
    "total_pay_or_receive total_fees created_at updated_at",
    "rail": "kind gate_session_id quote_id method amount currency created_at",
    "signed_quote": "side fiat_amount currency crypto_amount asset fees expires_at",
}
_LAST_MOMENT: Final = datetime.max.replace(tzinfo=UTC).timestamp() - 86_400


def text(record: object, name: str) -> str | None:
    """Return an attribute that is text, of an enum its value; None for anything else."""
    value = getattr(record, name, None)
    return str.__str__(value) if isinstance(value, str) else None


def money(record: object, field: str, code: str) -> Money | None:
    """Return Money of two attributes, named *field* and *code*; None where either is missing or unfit."""
    amount, unit = getattr(record, field, None), text(record, code)
    try:
        return Money.as_read(amount, unit) if isinstance(amount, Decimal) and unit else None
    except MoneyError:
        return None


def is_same_code(code: str | None, other: str | None) -> bool:
    """Return True if two codes or words are equal, letter case aside; False if either is None."""
    return code is not None and other is not None and code.casefold() == other.casefold()


def spelled(amount: Money, code: str) -> Money:
    """Return the amount, its code spelled as *code* if only the case differs; else as it is."""
    return Money.as_read(amount.amount, code) if is_same_code(amount.code, code) else amount


def seconds(record: object, name: str) -> float | None:
    """Return a time in Unix seconds; None where there is none or it has no time zone."""
    value = getattr(record, name, None)
    return (
        value.timestamp() if isinstance(value, datetime) and value.utcoffset() is not None else None
    )


def moment(at: float) -> datetime:
    """Return Unix seconds as a datetime in UTC; what lies beyond the calendar is its last day."""
    return datetime.fromtimestamp(min(at, _LAST_MOMENT), UTC)


def is_unreadable(row: object) -> bool:
    """Return True if a row was set aside because it could not be read (`UnreadableRow`)."""
    return isinstance(row, UnreadableRow)


def row_id(row: object) -> str | None:
    """Return a transaction's refid; of an unreadable row, whatever id was found in it, or None."""
    return text(row, "id") if is_unreadable(row) else text(row, "refid")


def refids(rows: Iterable[object]) -> str:
    """Return the rows' ids, joined by commas."""
    return ", ".join(row_id(row) or "" for row in rows)


def one_each(rows: Iterable[object]) -> tuple[list[object], bool]:
    """Return one row per refid, for pages may overlap; and True if one came twice and differed."""
    found: dict[str | None, object] = {}
    changed = False
    for row in rows:
        first = found.setdefault(row_id(row), row)
        changed |= first is not row and shown("transaction", first) != shown("transaction", row)
    return list(found.values()), changed


def shown(kind: str, record: object) -> Evidence:
    """Return what may be shown of a record as evidence: ids, amounts, times, a wallet's ends."""
    if is_unreadable(record):
        told = (("field", text(record, "field")), ("why", text(record, "why")))
        facts = tuple((name, value) for name, value in told if value)
        return Evidence(kind, row_id(record) or "", "unreadable", facts)
    facts_of = {name: _plain(getattr(record, name, None)) for name in _FACTS[kind].split()}
    if wallet := text(record, "wallet_address"):
        facts_of["wallet"] = f"{wallet[:4]}…{wallet[-4:]}" if len(wallet) > 16 else "…"
    for number, point in enumerate(getattr(record, "status_timeline", None) or (), 1):
        at = _plain(getattr(point, "at", None))
        facts_of[f"status_{number}"] = f"{text(point, 'status')} {at}"
    id = text(record, "id") or text(record, "refid") or ""
    facts = tuple((name, value) for name, value in facts_of.items() if value)
    return Evidence(kind, id, text(record, "status") or "", facts)


def _plain(value: object) -> str:
    """Return text, a Decimal or a datetime as text; empty for anything else."""
    match value:
        case str():
            return str.__str__(value)
        case Decimal():
            return format(value, "f")
        case datetime():
            return value.isoformat()
        case _:
            return ""
