"""The unit of each amount of a record: one table, compared with the contract."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from functools import cache
from typing import Final

import attrs

from ._wire.names import RENAMED
from .errors import MoneyError
from .money import Money


@attrs.frozen
class NoUnit:
    """The reason why an amount is no Money: there is no unit, or nobody says which."""

    why: str


@attrs.frozen
class Unless:
    """A unit that holds only for these actions; compared as they stand, for the set is open."""

    code: str
    actions: frozenset[str]
    why: str


_RATE: Final = NoUnit("a rate is not money: it has two units")
_QUOTED: Final = NoUnit("the unit of a quote's amount is documented nowhere")
_FEES: Final = NoUnit("the unit of a quote's fees is documented nowhere")
_LIMIT: Final = NoUnit("the unit of an asset's limits is documented nowhere")
_EVENT: Final = NoUnit("an event's transaction names no unit: read the transaction by its refid")
_NOT_SWAP: Final = Unless(
    "currency",
    frozenset({"BUY", "SELL"}),
    "its unit is documented for BUY and SELL only (on a SWAP it is not `currency`): "
    "use token_amount, which is in `token`",
)

#: (schema of the contract, field) → the field that holds its code, or why there is none.
UNITS: Final[Mapping[tuple[str, str], str | NoUnit | Unless]] = {
    ("GateSession", "amount"): "currency",
    ("CreatedGateSession", "amount"): "currency",
    ("SessionEventData", "amount"): "currency",
    ("CreateSessionRequest", "amount"): "currency",
    ("PartnerTransaction", "fiat_amount"): "currency",
    ("PartnerTransaction", "token_amount"): "token",
    ("PartnerTransaction", "total_pay_or_receive"): _NOT_SWAP,
    ("PartnerTransaction", "total_fees"): _NOT_SWAP,
    ("PartnerTransaction", "exchange_rate"): _RATE,
    ("WebhookTransaction", "crypto_amount"): _EVENT,
    ("WebhookTransaction", "total_paid_or_received"): _EVENT,
    ("EmbedToken", "amount"): "currency",
    ("Asset", "min_amount"): _LIMIT,
    ("Asset", "max_amount"): _LIMIT,
    ("PreviewQuotesRequest", "amount"): _QUOTED,
    ("LockQuoteRequest", "amount"): _QUOTED,
    ("QuotePreview", "fiat_amount"): "currency",
    ("QuotePreview", "crypto_amount"): "asset",
    ("QuotePreview", "exchange_rate"): _RATE,
    ("QuotePreview", "fees"): _FEES,
    ("SignedQuote", "fiat_amount"): "currency",
    ("SignedQuote", "crypto_amount"): "asset",
    ("SignedQuote", "exchange_rate"): _RATE,
    ("SignedQuote", "fees"): _FEES,
    ("RailPayIn", "amount"): "currency",
    ("RailPayOut", "amount"): "currency",
}


def amount_of(record: object, field: str) -> Money:
    """Return the amount in a record's field as Money; MoneyError if it is unknown yet or has no unit.

    Raises MoneyError where there is no such amount, it is not known yet, or its unit is documented
    nowhere: a guess would be a wrong amount.
    """
    schema = RENAMED.get(type(record).__name__, type(record).__name__)
    unit = UNITS.get((schema, field))
    if isinstance(unit, Unless):
        unit = unit.code if getattr(record, "action", None) in unit.actions else NoUnit(unit.why)
    if unit is None or isinstance(unit, NoUnit):
        why = unit.why if unit else f"its amounts are {', '.join(fields_of(schema)) or 'none'}"
        raise MoneyError(f"{schema}.{field} is no Money: {why}")
    amount, code = getattr(record, field, None), getattr(record, unit, None)
    if not isinstance(amount, Decimal) or not isinstance(code, str):
        raise MoneyError(f"{schema}.{field} is not known (yet): read the record again later")
    return Money.as_read(amount, code)


@cache
def fields_of(schema: str) -> tuple[str, ...]:
    """Return the names of a schema's fields that are amounts; () for an unknown one."""
    return tuple(field for name, field in UNITS if name == schema)
