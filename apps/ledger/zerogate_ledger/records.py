"""Gate's JSON as rows of the mirror: text as Gate wrote it, times in seconds, the whole object beside."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Final

import attrs
import pyarrow as pa

from .match_inputs import SESSIONS, TRANSACTIONS

Json = Mapping[str, Any]
LOG: Final = logging.getLogger("zerogate")

#: Rows that no date is known of are kept under this name.
UNDATED: Final = "undated"
#: The days that have a name of their own; the calendar's first and last are nobody's.
FIRST_DAY: Final = int(datetime(1970, 1, 1, tzinfo=UTC).timestamp())
LAST_DAY: Final = int(datetime(9999, 12, 31, tzinfo=UTC).timestamp())
#: Held in place of a number of thousands of digits, or of lists within each other without end.
TOO_LARGE: Final = "[too large to be held]"
#: Digits before or after the point beyond which a number keeps its exponent.
_LONGEST: Final = 1_000


@attrs.frozen
class Kind:
    """One kind of record.

    id: The column that names a row. terminal: Statuses that end one; success: those that money came with.
    names_partner: Whether its records say whose they are.
    """

    name: str
    id: str
    schema: pa.Schema
    read: Callable[[Json], dict[str, Any]]
    terminal: frozenset[str]
    names_partner: bool = False
    success: frozenset[str] = frozenset()

    def rows(self, items: Iterable[Any]) -> list[dict[str, Any]]:
        """Return the records as rows; what is no object or has no id is left out with a warning."""
        items = list(items)
        read = [self.read(item) for item in items if isinstance(item, Mapping)]
        named = [row for row in read if row[self.id]]
        if len(named) < len(items):
            LOG.warning(
                "%d of Gate's %s are left out: no objects, or without %r",
                len(items) - len(named),
                self.name,
                self.id,
            )
        return named


def text(value: Any) -> str | None:
    """Return a JSON value as text, digits kept, objects as JSON; None for null, TypeError for a float."""
    if value is None or isinstance(value, str):
        return value and _encodable(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        # The client reads numbers exactly; a float here has been rounded by somebody else.
        raise TypeError(f"{value!r} is a float: read JSON with parse_float=Decimal")
    if isinstance(value, Decimal):
        return format(value, "f") if abs(value.adjusted()) <= _LONGEST else str(value)
    try:
        return dumped(value) if isinstance(value, Mapping | list) else str(value)
    except (ValueError, RecursionError):
        return TOO_LARGE


def _encodable(value: str) -> str:
    """Return the text with U+FFFD for each half of a surrogate pair, which no file can hold."""
    if not value.isascii() and any("\ud800" <= mark <= "\udfff" for mark in value):
        return value.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return value


def dumped(value: Any) -> str:
    """Return JSON on one line; a Decimal becomes text, for a number would be read as a float."""
    return _encodable(json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=text))


def _raw(row: Json) -> str:
    """Return a record as JSON; where part of it is too large, each field as text."""
    try:
        return dumped(row)
    except (ValueError, RecursionError):
        return dumped({name: text(value) for name, value in row.items()})


def seconds(value: Any) -> int | None:
    """Return Unix seconds, rounded down, of an RFC 3339 text (no zone: UTC); None for all else."""
    if not isinstance(value, str):
        return None
    try:
        at = datetime.fromisoformat(value)
        return int((at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp() // 1)
    except (ValueError, OverflowError):
        return None


def day_of(at: int | None) -> str:
    """Return the UTC day, 2026-01-05, of Unix seconds; `undated` for None, before 1970, from 9999-12-31."""
    if at is None or not FIRST_DAY <= at < LAST_DAY:
        return UNDATED
    return datetime.fromtimestamp(at, UTC).date().isoformat()


def _transaction(row: Json) -> dict[str, Any]:
    """Return a transaction as a row of the mirror, its whole JSON under `raw`."""
    get = row.get
    rail = get("local_rail_transaction_id")
    return {
        "refid": text(get("refid")),
        "session_id": text(get("session_id")),
        # The deprecated alias only where the field itself is missing.
        "rail_id": text(get("facilita_transaction_id") if rail is None else rail),
        "action": text(get("action")),
        "status": text(get("status")),
        "token": text(get("token")),
        "network": text(get("network")),
        "currency": text(get("currency")),
        "fiat_amount": text(get("fiat_amount")),
        "token_amount": text(get("token_amount")),
        "total_pay_or_receive": text(get("total_pay_or_receive")),
        "exchange_rate": text(get("exchange_rate")),
        "total_fees": text(get("total_fees")),
        "past_statuses": dumped(_past(get("status_timeline"), get("status"))),
        "created_at": seconds(get("created_at")),
        "raw": _raw(row),
    }


def _past(timeline: Any, status: Any) -> list[str]:
    """Return each status that a transaction had, once, oldest first, its present one last."""
    steps = timeline if isinstance(timeline, list | tuple) else ()
    told = [step.get("status") for step in steps if isinstance(step, Mapping)]
    return united([*told, status])


def united(statuses: Iterable[Any]) -> list[str]:
    """Return each text once, in order of first appearance; what is no text is left out."""
    return list(dict.fromkeys(status for status in statuses if isinstance(status, str)))


def _session(row: Json) -> dict[str, Any]:
    """Return a session as a row of the mirror, its JSON under `raw` without client_secret."""
    get = row.get
    metadata = get("metadata")
    order = metadata.get("order_id") if isinstance(metadata, Mapping) else None
    return {
        "id": text(get("id")),
        "order_id": text(order),
        "mode": text(get("mode")),
        "status": text(get("status")),
        "flow": text(get("flow")),
        "amount": text(get("amount")),
        "currency": text(get("currency")),
        "target_token": text(get("target_token")),
        "target_network": text(get("target_network")),
        "expires_at": seconds(get("expires_at")),
        "created_at": seconds(get("created_at")),
        "raw": _raw({key: value for key, value in row.items() if key != "client_secret"}),
    }


def partner_of(items: Iterable[Any]) -> str | None:
    """Return the partner_id of the first of these records that says one as text; None: none does."""
    told = (item.get("partner_id") for item in items if isinstance(item, Mapping))
    return next((partner for partner in told if isinstance(partner, str) and partner), None)


def _schema(fields: Any) -> pa.Schema:
    """Return the Arrow schema of these columns, with `raw` added."""
    return fields.to_pyarrow().append(pa.field("raw", pa.string()))


def transactions(terminal: Iterable[str], success: Iterable[str] = ()) -> Kind:
    """Return the kind of transactions; *terminal* and *success* say which statuses are so."""
    names, ends = _schema(TRANSACTIONS), frozenset(terminal)
    return Kind("transactions", "refid", names, _transaction, ends, success=frozenset(success))


def sessions() -> Kind:
    """Return the kind of sessions, of which completed, expired and cancelled are final."""
    ends = frozenset({"completed", "expired", "cancelled"})
    return Kind("sessions", "id", _schema(SESSIONS), _session, ends, names_partner=True)
