"""The check of the books bites: a shop that mints a new key per attempt charges twice and loses orders."""

from __future__ import annotations

from typing import Any

import pytest
from zerogate import RetryPolicy, fresh_key
from zerogate_cli.demo.books import charged_twice, lost
from zerogate_cli.demo.customer_scripts import HABITS
from zerogate_cli.demo.fault_plan import MISHAPS
from zerogate_cli.demo.ledger import Order, read_ledger, shipped_ledger
from zerogate_cli.demo.shop import Shop
from zerogate_cli.demo.story import play

HEAD = "order,flow,amount,currency,token_amount,token,network,user,on_the_way"


class NewKeyPerAttempt(Shop):
    """As clients do that make the key where the request is made."""

    retries = RetryPolicy(attempts=1)

    def asked(self, order: Order, attempt: int) -> dict[str, Any]:
        asked = super().asked(order, attempt)
        del asked["order"], asked["attempt"]
        named = {"order_id": order.reference}
        return {**asked, "idempotency_key": fresh_key(), "metadata": named}


def test_a_new_key_per_attempt_charges_twice_and_loses_orders() -> None:
    # Its policy repeats nothing by itself, reads neither; what fails reads is left out.
    ledger = [one for one in shipped_ledger() if not MISHAPS[one.mishap].read_faults]
    careless = play(ledger, NewKeyPerAttempt())
    assert not careless.sound
    twice = {order.reference for order in ledger if MISHAPS[order.mishap].twice}
    assert set(careless.charged_twice) == twice
    unanswered = {"answer lost", "answer cut off", "half an answer", "page with a 502", "outage"}
    unanswered |= {"odd answer"}
    assert {order.reference for order in ledger if order.mishap in unanswered} <= set(careless.lost)


@pytest.mark.parametrize(
    ("user", "reason"), [("pays", "paid"), ("pays less", "underpaid"), ("walks away", "cancelled")]
)
def test_what_a_customer_does_decides_not_what_the_ledger_is_known_for(
    user: str, reason: str
) -> None:
    ledger = read_ledger([HEAD, f"order-1003,,250.00,EUR,,,,{user},"])
    [line] = play(ledger).lines
    assert line.outcome.reason == reason


def test_every_habit_and_every_mishap_is_met_in_the_shipped_ledger() -> None:
    ledger = shipped_ledger()
    assert {order.user for order in ledger} == set(HABITS)
    assert {order.mishap for order in ledger} == set(MISHAPS)


# --- the check alone -----------------------------------------------------------------------------


def books(*events: str, paid: tuple[str, ...] = (), order: str = "a") -> dict[str, Any]:
    """Books of one order, from events such as "created s1"; the digest of the secret of s1 is digest_s1."""
    told = [event.split() for event in events]
    return {
        "events": [{"type": f"gate_session.{what}", "data": {"id": id}} for what, id in told],
        "sessions": [
            {"id": id, "client_secret_sha256": f"digest_{id}", "metadata": {"order_id": order}}
            for what, id in told
            if what == "created"
        ],
        "transactions": [{"session_id": id, "status": "completed"} for id in paid],
    }


BOTH = {"digest_s1", "digest_s2"}
STORIES = [
    pytest.param(books("created s1", paid=("s1",)), BOTH, [], id="paid once"),
    pytest.param(books("created s1", paid=("s1", "s1")), BOTH, [], id="paid twice by the user"),
    pytest.param(books("created s1", "created s2"), BOTH, ["a"], id="both could be paid"),
    pytest.param(
        books("created s1", "created s2"), {"digest_s2"}, [], id="one was never handed over"
    ),
    pytest.param(
        books("created s1", "created s2", paid=("s1", "s2")), (), ["a"], id="both were paid"
    ),
    pytest.param(
        books("created s1", "expired s1", "created s2", paid=("s2",)),
        BOTH,
        [],
        id="one after another",
    ),
    pytest.param(
        books("created s1", "cancelled s1", "created s2", paid=("s1", "s2")),
        BOTH,
        ["a"],
        id="the first was paid after its end",
    ),
    pytest.param(
        books("created s1", "created s2", "cancelled s1"), BOTH, ["a"], id="cancelled too late"
    ),
    pytest.param(
        books("created s1", "created s2", paid=("s1",)),
        {"digest_s2"},
        ["a"],
        id="opened after payment",
    ),
]


@pytest.mark.parametrize(("found", "delivered", "orders"), STORIES)
def test_charged_twice_is_two_sessions_of_one_order_that_could_both_be_paid(
    found: dict[str, Any], delivered: set[str], orders: list[str]
) -> None:
    assert charged_twice(found, delivered) == orders


@pytest.mark.parametrize(
    ("known", "orders"),
    [
        ({"a": ["s1"]}, []),
        ({"a": []}, ["a"]),
        ({"a": ["s2"]}, ["a"]),
        ({"a": ["s1", "s2"]}, ["a"]),
        ({"a": ["s1"], "b": []}, ["b"]),
        ({}, ["a"]),
    ],
)
def test_an_order_is_lost_unless_its_sessions_are_those_in_the_books(
    known: dict[str, list[str]], orders: list[str]
) -> None:
    assert lost(books("created s1"), known) == orders


@pytest.mark.parametrize(
    ("row", "says"),
    [
        ("order-1,,1e5,EUR,,,,pays,", "line 2 of the ledger"),
        ("order-1,,1.00,eur,,,,pays,", "line 2 of the ledger"),
        ("order-1,,1.00,EUR,,,,pays,\norder-1,,1.00,EUR,,,,pays,", "order-1 is there twice"),
    ],
)
def test_a_ledger_with_a_bad_row_is_refused_by_its_line(row: str, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        read_ledger([HEAD, *row.splitlines()])
