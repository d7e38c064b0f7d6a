"""Every amount of the contract has a unit in the table, or a reason why it has none."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from zerogate._amounts import UNITS, NoUnit, Unless, amount_of, fields_of
from zerogate.errors import MoneyError
from zerogate.money import Money

from tests.facade.contract import CONTRACT


def properties(schemas: dict[str, Any], schema: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    if "$ref" in schema:
        yield from properties(schemas, schemas[schema["$ref"].rsplit("/", 1)[1]])
    yield from schema.get("properties", {}).items()
    for part in schema.get("allOf", []):
        yield from properties(schemas, part)


@pytest.fixture(scope="module")
def schemas() -> dict[str, Any]:
    found: dict[str, Any] = CONTRACT.document["components"]["schemas"]
    return found


def test_the_table_has_exactly_the_amounts_of_the_contract(schemas: dict[str, Any]) -> None:
    amounts = {
        (name, field)
        for name, schema in schemas.items()
        for field, kind in properties(schemas, schema)
        if kind.get("format") == "decimal"
    }
    assert set(UNITS) == amounts


def test_every_code_is_a_field_of_the_same_record(schemas: dict[str, Any]) -> None:
    for (name, _), unit in UNITS.items():
        if not isinstance(unit, NoUnit):
            code = unit.code if isinstance(unit, Unless) else unit
            assert code in dict(properties(schemas, schemas[name])), name


def record(schema: str, **fields: Any) -> Any:
    return type(schema, (SimpleNamespace,), {})(**fields)


def transaction(action: str) -> Any:
    return record(
        "PartnerTransaction",
        action=action,
        currency="EUR",
        token="USDT",
        fiat_amount=Decimal("0.00"),
        token_amount=Decimal("250.00"),
        total_pay_or_receive=Decimal("249.40"),
        total_fees=Decimal("0.60"),
        exchange_rate=Decimal("0.9976"),
    )


@pytest.mark.parametrize(
    ("action", "field", "money"),
    [
        ("BUY", "fiat_amount", Money("0.00", "EUR")),
        ("BUY", "token_amount", Money("250.00", "USDT")),
        ("SELL", "total_pay_or_receive", Money("249.40", "EUR")),
        ("BUY", "total_fees", Money("0.60", "EUR")),
        ("SWAP", "token_amount", Money("250.00", "USDT")),
    ],
)
def test_an_amount_comes_with_its_code(action: str, field: str, money: Money) -> None:
    assert amount_of(transaction(action), field) == money


@pytest.mark.parametrize(
    ("action", "field", "why"),
    [
        ("SWAP", "total_pay_or_receive", "SWAP"),
        ("SWAP", "total_fees", "SWAP"),
        ("STAKE", "total_fees", "BUY and SELL only"),
        ("BUY", "exchange_rate", "a rate is not money"),
        ("BUY", "refid", "its amounts are fiat_amount, token_amount"),
    ],
)
def test_a_unit_that_nobody_documents_is_refused_not_guessed(
    action: str, field: str, why: str
) -> None:
    with pytest.raises(MoneyError, match=why):
        amount_of(transaction(action), field)


def test_an_amount_that_is_not_known_yet_is_said_to_be() -> None:
    quote = record("QuotePreview", fiat_amount=None, currency="EUR")
    with pytest.raises(MoneyError, match=r"not known \(yet\)"):
        amount_of(quote, "fiat_amount")


def test_a_schema_is_known_by_its_name_whoever_made_the_text() -> None:
    schema = next(name for name, _ in UNITS if fields_of(name))
    assert fields_of("".join((schema[:2], schema[2:]))) == fields_of(schema)
    assert fields_of(schema[:-1]) == ()


def test_a_record_of_another_kind_has_no_amounts() -> None:
    with pytest.raises(MoneyError, match=r"Customer\.amount is no Money: its amounts are none"):
        amount_of(record("Customer"), "amount")
