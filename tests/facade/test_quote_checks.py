"""A quote before it is redeemed: other money is refused, another spelling of the same is not."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from zerogate import Money
from zerogate._reconciliation.quote_checks import QuoteExpectation, check_before_redeeming
from zerogate.errors import GateUsageError

NOON = datetime(2026, 5, 26, 12, tzinfo=UTC)
BELIEVED = QuoteExpectation(
    side="on_ramp", expect=Money("100.00", "EUR"), asset="USDC", network="base"
)


def check(aliases: Any = (), session: Any = None, **fields: Any) -> None:
    quote: Any = SimpleNamespace(
        **{
            "id": "q_1",
            "status": "active",
            "side": "on_ramp",
            "currency": "EUR",
            "asset": "USDC",
            "network": "base",
            "fiat_amount": Decimal("100.00"),
            "expires_at": NOON,
        }
        | fields
    )
    now = NOON.timestamp() - 60
    terms: dict[str, Any] = {"mode": "test", "order": "order-1", "now": now}
    check_before_redeeming(BELIEVED, quote, session, aliases=aliases, **terms)


@pytest.mark.parametrize(
    "spelled",
    [
        {"currency": "eur"},
        {"asset": "usdc"},
        {"network": "BASE"},
        {"side": "ON_RAMP"},
        {"fiat_amount": Decimal(100)},
    ],
    ids=str,
)
def test_letter_case_of_codes_and_networks_is_gates(spelled: dict[str, Any]) -> None:
    check(**spelled)


@pytest.mark.parametrize(
    "other",
    [
        {"currency": "USD"},
        {"asset": "USDT"},
        {"network": "tron"},
        {"side": "OFF_RAMP"},
        {"fiat_amount": Decimal(99)},
    ],
    ids=str,
)
def test_other_money_is_refused(other: dict[str, Any]) -> None:
    with pytest.raises(GateUsageError, match="must not be redeemed"):
        check(**other)


def test_a_network_has_the_names_that_the_shop_knows_it_by() -> None:
    aliases = (frozenset({"base", "base-mainnet"}),)
    check(aliases=aliases, network="Base-Mainnet")
    with pytest.raises(GateUsageError, match="the quote is for tron, not base"):
        check(aliases=aliases, network="tron")


def of_status(status: str, mode: str = "test", order: str = "order-1") -> Any:
    return SimpleNamespace(status=status, mode=mode, metadata={"order_id": order})


@pytest.mark.parametrize("status", ["completed", "expired", "cancelled", "paused"])
def test_a_consumed_quote_passes_whatever_its_session_has_become(status: str) -> None:
    """The write may have been made before, and have ended the session: its key brings it back."""
    check(session=of_status(status), status="consumed")
    with pytest.raises(GateUsageError, match=f"the session is {status}"):
        check(session=of_status(status))


@pytest.mark.parametrize(
    ("other", "told"), [({"mode": "live"}, "live mode"), ({"order": "order-2"}, "'order-2'")]
)
def test_a_consumed_quote_is_not_taken_to_a_session_of_another(
    other: dict[str, str], told: str
) -> None:
    with pytest.raises(GateUsageError, match=told):
        check(session=of_status("completed", **other), status="consumed")
