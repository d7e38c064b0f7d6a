"""Sums, sentences and limits of outcomes: what was paid in all, and what stands beside a reason."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from zerogate import UnreadableRow
from zerogate._reconciliation import (
    ANY_AMOUNT,
    ANY_ORDER,
    Outcome,
    Settled,
    outcome_of_transaction,
)
from zerogate._reconciliation.sessions import of_one_unit
from zerogate.money import Money

from tests.facade.test_outcomes import ASKED, NOON, SWAP, SWAPPED, judged, paid, session


def alone(row: Any, **asked: Any) -> Outcome:
    return outcome_of_transaction(row, **ASKED | {"order": ANY_ORDER} | asked)


def another_object(text: str) -> str:
    return "".join(list(text))


@pytest.mark.parametrize(
    ("rows", "sum_of_them"),
    [
        ([paid()], Money("100.00", "EUR")),
        ([paid(), paid("tx_2", fiat_amount=Decimal("0.01"))], Money("100.01", "EUR")),
        ([paid(**SWAP)], Money("250.00", "USDC")),
        ([paid(**SWAP), paid("tx_2", **SWAP)], Money("500.00", "USDC")),
        ([paid(**SWAP), paid("tx_2", **SWAP | {"token": "ETH"})], None),
        ([paid(), paid("tx_2", currency="USD")], None),
        ([paid(), paid("tx_2", **SWAP)], None),
        ([paid(), paid("tx_2", action="SELL")], None),
        ([paid(), paid("tx_2", fiat_amount=None)], None),
        ([paid(action="SWEEP")], None),
        ([], None),
    ],
)
def test_payments_add_up_in_one_unit_and_one_direction_or_there_is_no_sum(
    rows: list[Any], sum_of_them: Money | None
) -> None:
    assert judged(session(flow=None), *rows).paid == sum_of_them


def test_amounts_of_no_unit_and_of_two_have_no_sum() -> None:
    one, two = Money("1", "EUR"), Money("2", "USD")
    assert of_one_unit([]) is None
    assert of_one_unit([one, two]) is None
    assert of_one_unit([one, one, one]) == Money("3", "EUR")


def test_a_second_try_in_flight_keeps_an_open_session_from_nothing() -> None:
    waiting = paid("tx_2", "CREATED")
    assert judged(session("open"), paid(), waiting).reason == "completing"
    assert judged(session(), paid(), waiting).reason == "paid_other_in_flight"


def test_a_cancelled_session_may_be_paid_for_as_long_as_nobody_knows_when_it_was() -> None:
    long_ago = {"expires_at": NOON - timedelta(days=9)}
    unknown = judged(session("cancelled", **long_ago))
    assert unknown.reason == "may_still_show"
    assert "it is cancelled, and nobody says since when: pass ended_at=" in unknown.next_step
    assert judged(session("expired", **long_ago)).reason == "expired"
    told = judged(session("cancelled"), ended_at=NOON - timedelta(seconds=9))
    assert told.reason == "may_still_show"
    assert "nobody says" not in told.next_step


@pytest.mark.parametrize(("status", "reason"), [("CREATED", "in_flight"), ("failed", "failed")])
def test_a_transaction_alone_that_has_not_succeeded_is_named(status: str, reason: str) -> None:
    found = alone(paid("tx_77", status, session_id=None))
    assert found.reason == reason
    assert "tx_77" in found.next_step
    # What it would have been wrong with is of no account.
    assert alone(paid("tx_77", status, session_id=None, action="SWEEP")).reason == reason


def test_ids_and_codes_are_compared_by_what_they_say() -> None:
    read = paid(session_id=another_object("gs_1"), currency=another_object("EUR"))
    found = judged(session(), read, expect=Money("100.00", another_object("EUR")))
    assert found.reason == "paid"
    second = paid("tx_2", currency=another_object("EUR"))
    twice = judged(session(), paid(), second, expect=Money.as_read("100.00", another_object("EUR")))
    assert "100.00 EUR more than the 100.00 EUR expected" in twice.next_step


@pytest.mark.parametrize(
    ("wanted", "network", "reason"),
    [
        ("arbitrum", "BASE", "network"),
        ("BASE", "ARBITRUM", "network"),
        ("base", "BASE", "paid"),
        ("base", None, "network"),
    ],
)
def test_the_network_is_the_one_expected_in_any_case_of_letters(
    wanted: str, network: str | None, reason: str
) -> None:
    assert judged(session(), paid(network=network), network=wanted).reason == reason


@pytest.mark.parametrize(
    ("amount", "reason"),
    [("0.01", "paid"), ("1.00", "paid"), ("0.00", "underpaid"), ("-5.00", "underpaid")],
)
def test_of_any_amount_something_has_to_have_been_paid(amount: str, reason: str) -> None:
    found = judged(
        session(amount=Decimal(amount)), paid(fiat_amount=Decimal(amount)), expect=ANY_AMOUNT
    )
    assert found.reason == reason
    assert (type(found) is Settled) == (reason == "paid")


LONG = "s" * 90


@pytest.mark.parametrize(
    ("of", "row"),
    [
        (session(LONG), paid()),
        (session(), paid(status=LONG)),
        (session(), paid(action=LONG)),
    ],
    ids=["a session's status", "a transaction's status", "an action"],
)
def test_an_unknown_word_is_shown_with_its_first_letters(of: Any, row: Any) -> None:
    found = judged(of, row).next_step
    assert "s" * 63 in found
    assert "s" * 64 not in found


def test_a_row_that_could_not_be_read_says_which_it_is_and_why() -> None:
    odd = UnreadableRow("tx_9", "created_at", "is no time: '2026-13-01'", {})
    assert "transaction tx_9: created_at is no time" in judged(session(), odd).next_step
    nameless = UnreadableRow("", "", "", {})
    told = judged(session(), nameless).next_step
    assert "transaction without an id: it cannot be read" in told
    long = UnreadableRow("tx_9", "created_at", "x" * 400, {})
    shown = "transaction tx_9: created_at "
    assert "x" * (200 - len(shown)) in judged(session(), long).next_step
    assert "x" * (201 - len(shown)) not in judged(session(), long).next_step
    assert judged(session(), paid(**SWAP), **SWAPPED | {"network": "base"}).reason != "unreadable"
