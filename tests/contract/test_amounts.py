"""Money is decimal strings throughout: found by name, so that a new amount cannot escape."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from .reading import Contract, Node

pytestmark = pytest.mark.usefixtures("written_by_us")
MONEY = re.compile(r"(^|_)(amounts?|rates?|fees?|totals?|prices?|costs?|balances?)(_|$)")
DECIMAL = r"^-?(0|[1-9][0-9]*)(\.[0-9]+)?$"
MORE_THAN_ZERO = r"^(?!0+(\.0+)?$)(0|[1-9][0-9]*)(\.[0-9]{1,8})?$"
# Requests carry a tighter pattern only where the documentation states one.
STATED = {"PreviewQuotesRequest.amount": MORE_THAN_ZERO, "LockQuoteRequest.amount": MORE_THAN_ZERO}


def fields(contract: Contract) -> dict[str, Node]:
    """Every field whose name says money; of alternatives, the first."""
    return {
        place: schema.get("anyOf", [schema])[0]
        for place, schema in contract.schemas()
        if "." in place and MONEY.search(place.rpartition(".")[2])
    }


def wrong_amounts(contract: Contract) -> list[str]:
    money = fields(contract)
    wrong = []
    for place, schema in money.items():
        if schema.get("type") not in ("string", ["string", "null"]):
            wrong.append(f"{place}: type {schema.get('type')}")
        if schema.get("format") != "decimal":
            wrong.append(f"{place}: format {schema.get('format')}")
        if schema.get("pattern") != STATED.get(place, DECIMAL):
            wrong.append(f"{place}: pattern {schema.get('pattern')}")
    for place, schema in contract.schemas():
        if "number" in (schema.get("type"), *schema.get("type", ())):
            wrong.append(f"{place}: a JSON number")
        if schema.get("format") == "decimal" and place.removesuffix(".anyOf[0]") not in money:
            wrong.append(f"{place}: a decimal under a name the rule does not know")
    return wrong


def test_every_amount_rate_and_fee_is_a_decimal_string(contract: Contract) -> None:
    assert wrong_amounts(contract) == []


def test_the_rule_finds_the_amounts_that_reconciliation_rests_on(contract: Contract) -> None:
    assert {
        "GateSession.amount",
        "CreateSessionRequest.amount",
        "PartnerTransaction.fiat_amount",
        "PartnerTransaction.token_amount",
        "PartnerTransaction.total_pay_or_receive",
        "PartnerTransaction.exchange_rate",
        "PartnerTransaction.total_fees",
        "SignedQuote.fees",
        "RailPayIn.amount",
        "RailPayOut.amount",
        "EmbedToken.amount",
        "Asset.max_amount",
        "WebhookTransaction.crypto_amount",
        "WebhookTransaction.total_paid_or_received",
    } <= fields(contract).keys()


def put(schema: str, name: str, value: Node) -> Callable[[Any], object]:
    return lambda d: d["components"]["schemas"][schema]["properties"].update({name: value})


BREAKS: dict[str, tuple[Callable[[Any], object], str]] = {
    "a new fee as a number": (
        put("RailPayIn", "network_fee", {"type": "number"}),
        "RailPayIn.network_fee: a JSON number",
    ),
    "a new rate without a format": (
        put("Asset", "spot_rate", {"type": "string"}),
        "Asset.spot_rate: format None",
    ),
    "an amount without a pattern": (
        put("GateSession", "amount", {"type": "string", "format": "decimal"}),
        "GateSession.amount: pattern None",
    ),
    "a decimal by another name": (
        put("Asset", "minimum", {"type": "string", "format": "decimal"}),
        "Asset.minimum: a decimal under a name the rule does not know",
    ),
}


@pytest.mark.parametrize("case", BREAKS.values(), ids=BREAKS)
def test_a_careless_amount_is_noticed(
    contract: Contract, case: tuple[Callable[[Any], object], str]
) -> None:
    change, finding = case
    assert finding in wrong_amounts(contract.changed(change))
