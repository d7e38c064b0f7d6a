"""What a payment came to: nothing is fulfilled without proof, nothing is ended on a guess."""

from __future__ import annotations

import copy
import itertools
import pickle
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from types import SimpleNamespace
from typing import Any, assert_never

import pytest
from zerogate import UnreadableRow
from zerogate import _reconciliation as outcomes
from zerogate._idempotency.keys import idempotency_key
from zerogate._reconciliation import (
    ANY_AMOUNT,
    ANY_NAMESPACE,
    ANY_ORDER,
    DEFAULT_STATUSES,
    REASONS,
    Failed,
    Hold,
    Mismatch,
    Outcome,
    Pending,
    Settled,
    TransactionStatuses,
    outcome_of_pay_in,
    outcome_of_pay_out,
    outcome_of_session,
    outcome_of_transaction,
)
from zerogate.errors import GateUsageError
from zerogate.money import Money

from tests.facade import test_orders
from tests.facade.contract import CONTRACT

NOON = datetime(2026, 5, 26, 12, tzinfo=UTC)
NOW = NOON.timestamp()
STATUSES = DEFAULT_STATUSES.extended(failure={"failed"})


class Status(StrEnum):
    OPEN = "open"


def session(status: str = "completed", **fields: Any) -> Any:
    return SimpleNamespace(
        **{
            "id": "gs_1",
            "mode": "test",
            "status": status,
            "amount": Decimal("100.00"),
            "currency": "EUR",
            "flow": "on_ramp",
            "target_token": None,
            "target_network": None,
            "wallet_address": "0xfakefakefakefakefakefakefake0001",
            "user_reference": "jane@partner.example",
            "expires_at": datetime(2026, 5, 27, 12, tzinfo=UTC),
            "created_at": NOON,
            "metadata": {"order_id": "order_1", "customer": "Jane"},
        }
        | fields
    )


def paid(refid: str = "tx_1", status: str = "completed", **fields: Any) -> Any:
    return SimpleNamespace(
        **{
            "refid": refid,
            "session_id": "gs_1",
            "action": "BUY",
            "status": status,
            "token": "USDC",
            "network": "BASE",
            "currency": "EUR",
            "fiat_amount": Decimal("100.00"),
            "token_amount": Decimal("107.5"),
            "total_pay_or_receive": Decimal("101.50"),
            "total_fees": Decimal("1.50"),
            "status_timeline": [],
        }
        | fields
    )


def at(*points: tuple[str, int | None]) -> list[Any]:
    """Checkpoints, each at so many minutes past noon."""
    return [
        SimpleNamespace(status=status, at=None if m is None else NOON + timedelta(minutes=m))
        for status, m in points
    ]


ASKED: dict[str, Any] = {
    "expect": Money("100.00", "EUR"),
    "order": "order_1",
    "now": NOW,
    "mode": "test",
    "statuses": STATUSES,
}


def judged(of: Any, *rows: Any, **asked: Any) -> Outcome:
    return outcome_of_session(of, rows, **ASKED | asked)


OVERDUE = {"expires_at": NOON}
MINE = {"order_id": "order_1", "zerogate_namespace": "shop"}
THIRD = idempotency_key(namespace="shop", operation="createSession", order="order_1", attempt=3)
#: It ended so long ago that nothing can show any more.
OVER: dict[str, Any] = {"ended_at": NOON - timedelta(seconds=600)}
HALF = {"fiat_amount": Decimal("50.00"), "total_pay_or_receive": Decimal("51.00")}
ODD = UnreadableRow("tx_9", "created_at", "is no time: '2026-13-01'", {})
SWAP = {"action": "SWAP", "fiat_amount": Decimal("0.00"), "token_amount": Decimal("250.00")}
SWAPPED = {"expect": Money("250.00", "USDC")}
#: id: (session, transactions, what else is asked, the outcome, its reason)
CASES: dict[str, tuple[Any, list[Any], dict[str, Any], type[Outcome], str]] = {
    # The one way to settle
    "paid exactly": (session(), [paid()], {}, Settled, "paid"),
    "after a failed try": (session(), [paid("tx_0", "failed"), paid()], {}, Settled, "paid"),
    "the same row on two pages": (session(), [paid(), paid()], {}, Settled, "paid"),
    "flow left to the user, and named now": (
        session(flow=None),
        [paid()],
        {"flow": "on_ramp"},
        Settled,
        "paid",
    ),
    "flow named twice, alike": (session(), [paid()], {"flow": "on_ramp"}, Settled, "paid"),
    "digits differ, amount does not": (
        session(),
        [paid()],
        {"expect": Money("100", "EUR")},
        Settled,
        "paid",
    ),
    "with its checkpoints": (
        session(),
        [paid(status_timeline=at(("CREATED", 1), ("completed", 2)))],
        {},
        Settled,
        "paid",
    ),
    "another try is under way": (
        session(),
        [paid(), paid("tx_2", "CREATED")],
        {},
        Settled,
        "paid_other_in_flight",
    ),
    "a sale": (session(flow="off_ramp"), [paid(action="SELL")], {}, Settled, "paid"),
    "an action in another case": (session(), [paid(action="buy")], {}, Settled, "paid"),
    "a swap in another case": (
        session(flow="swap", target_network="base"),
        [paid(**SWAP | {"action": "Swap"})],
        {"expect": Money("250.00", "USDC")},
        Settled,
        "paid",
    ),
    "bought and sold, in whatever case": (
        session(flow=None),
        [paid(), paid("tx_2", action="sell")],
        {},
        Hold,
        "both_directions",
    ),
    "any amount": (
        session(amount=Decimal("7.00")),
        [paid()],
        {"expect": ANY_AMOUNT},
        Settled,
        "paid",
    ),
    "any order": (session(metadata={}), [paid()], {"order": ANY_ORDER}, Settled, "paid"),
    "an order that Gate keeps as a number": (
        session(metadata={"order_id": 1}),
        [paid()],
        {"order": "1"},
        Settled,
        "paid",
    ),
    "of our namespace": (
        session(metadata=MINE),
        [paid()],
        {"namespace": "shop"},
        Settled,
        "paid",
    ),
    "of any namespace": (
        session(metadata=MINE),
        [paid()],
        {"namespace": ANY_NAMESPACE},
        Settled,
        "paid",
    ),
    "recorded by us, metadata not kept": (
        session(metadata={}),
        [paid()],
        {"namespace": "shop", "recorded": True},
        Settled,
        "paid",
    ),
    "of one of our keys": (
        session(metadata=MINE | {"zerogate_key": "zg1_a"}),
        [paid()],
        {"namespace": "shop", "keys": {"zg1_a", "zg1_b"}},
        Settled,
        "paid",
    ),
    "of an attempt that the store has forgotten": (
        session(metadata=MINE | {"zerogate_key": THIRD, "zerogate_attempt": "3"}),
        [paid()],
        {"namespace": "shop", "keys": {"zg1_a"}},
        Settled,
        "paid",
    ),
    "its timeline is written newest first": (
        session(),
        [paid(status_timeline=at(("completed", 9), ("CREATED", 1)))],
        {},
        Settled,
        "paid",
    ),
    "its timeline has no times": (
        session(),
        [paid(status_timeline=at(("completed", None), ("CREATED", None)))],
        {},
        Settled,
        "paid",
    ),
    "two checkpoints at one time": (
        session(),
        [paid(status_timeline=at(("completed", 1), ("CREATED", 1)))],
        {},
        Settled,
        "paid",
    ),
    "the total was meant": (
        session(),
        [paid()],
        {"expect": Money("101.50", "EUR"), "amount_basis": "total"},
        Settled,
        "paid",
    ),
    "currency and token in another case": (
        session(currency="eur", target_token="usdc"),
        [paid()],
        {},
        Settled,
        "paid",
    ),
    "paid in a currency in another case": (session(), [paid(currency="eur")], {}, Settled, "paid"),
    "network in another case": (session(target_network="base"), [paid()], {}, Settled, "paid"),
    # Not over
    "open": (session("open"), [], {}, Pending, "open"),
    "open, of an enum": (session(Status.OPEN), [], {}, Pending, "open"),
    "open after its time": (session("open", **OVERDUE), [], {}, Pending, "overdue"),
    "open, a try failed": (session("open"), [paid(status="failed")], {}, Pending, "open"),
    "open, under way": (session("open"), [paid(status="CREATED")], {}, Pending, "in_flight"),
    "open after its time, under way": (
        session("open", **OVERDUE),
        [paid(status="CREATED")],
        {},
        Pending,
        "in_flight",
    ),
    "open, and paid": (session("open"), [paid()], {}, Pending, "completing"),
    "completed, none listed": (session(), [], {}, Pending, "no_success_yet"),
    "completed, only a failed one listed": (
        session(),
        [paid(status="failed")],
        {},
        Pending,
        "no_success_yet",
    ),
    "completed, under way": (session(), [paid(status="CREATED")], {}, Pending, "in_flight"),
    "expired, under way": (session("expired"), [paid(status="CREATED")], {}, Pending, "in_flight"),
    "cancelled, under way": (
        session("cancelled"),
        [paid(status="CREATED"), paid("tx_2", "failed")],
        {},
        Pending,
        "in_flight",
    ),
    "expired just now": (
        session("expired"),
        [],
        {"ended_at": NOON - timedelta(seconds=599)},
        Pending,
        "may_still_show",
    ),
    "cancelled, nobody knows when": (session("cancelled"), [], {}, Pending, "may_still_show"),
    "expired, its widget may be open": (
        session("expired", expires_at=NOON - timedelta(seconds=4199)),
        [],
        {},
        Pending,
        "may_still_show",
    ),
    # Over
    "expired": (session("expired"), [], OVER, Failed, "expired"),
    "expired, and its last widget": (
        session("expired", expires_at=NOON - timedelta(seconds=4200)),
        [],
        {},
        Failed,
        "expired",
    ),
    "cancelled": (session("cancelled"), [], OVER, Failed, "cancelled"),
    "cancelled, nobody had its secret": (
        session("cancelled"),
        [],
        {"secret_out": False},
        Failed,
        "cancelled",
    ),
    "cancelled after a failed try": (
        session("cancelled"),
        [paid(status="failed")],
        OVER,
        Failed,
        "cancelled",
    ),
    "expired, of another amount": (
        session("expired", amount=Decimal("1.00")),
        [],
        OVER,
        Failed,
        "expired",
    ),
    # Clear, and wrong
    "paid in two halves": (
        session(),
        [paid(**HALF), paid("tx_2", **HALF)],
        {},
        Mismatch,
        "paid_in_parts",
    ),
    "half is paid, twice a quarter": (
        session(),
        [paid(fiat_amount=Decimal("25.00")), paid("tx_2", fiat_amount=Decimal("25.00"))],
        {},
        Mismatch,
        "paid_in_parts",
    ),
    "of another service of the account": (
        session(metadata=MINE),
        [paid()],
        {},
        Mismatch,
        "namespace",
    ),
    "of the default service, ours has a name": (
        session(),
        [paid()],
        {"namespace": "shop"},
        Mismatch,
        "namespace",
    ),
    "recorded by us, and says it is another's": (
        session(metadata=MINE),
        [paid()],
        {"recorded": True, "namespace": "other"},
        Mismatch,
        "namespace",
    ),
    "late, on an attempt that made way for another": (
        session("cancelled"),
        [paid()],
        {"replaced": True},
        Hold,
        "late_money_replaced",
    ),
    "an attempt that made way, and nothing of it": (
        session("cancelled"),
        [],
        {"replaced": True, "secret_out": False},
        Failed,
        "cancelled",
    ),
    "of a namespace that cannot be read, ours is the default": (
        session(metadata={"order_id": "order_1", "zerogate_namespace": []}),
        [paid()],
        {},
        Mismatch,
        "namespace",
    ),
    "recorded by us, of a namespace that cannot be read": (
        session(metadata={"order_id": "order_1", "zerogate_namespace": ["shop"]}),
        [paid()],
        {"recorded": True, "namespace": "shop"},
        Mismatch,
        "namespace",
    ),
    "under a key that nobody here has used": (
        session(metadata=MINE | {"zerogate_key": "zg1_c"}),
        [paid()],
        {"namespace": "shop", "keys": {"zg1_a", "zg1_b"}},
        Mismatch,
        "key",
    ),
    "sold where buying was meant": (
        session(flow=None),
        [paid(action="SELL")],
        {"flow": "on_ramp"},
        Mismatch,
        "direction",
    ),
    "bound to the other flow than meant": (
        session(),
        [paid()],
        {"flow": "off_ramp"},
        Mismatch,
        "direction",
    ),
    "paid twice": (session(), [paid(), paid("tx_2")], {}, Mismatch, "paid_twice"),
    "paid twice, one unknown besides": (
        session(),
        [paid(), paid("tx_2"), paid("tx_3", "refunding")],
        {},
        Mismatch,
        "paid_twice",
    ),
    "paid twice after the end": (
        session("expired"),
        [paid(), paid("tx_2")],
        {},
        Mismatch,
        "paid_twice",
    ),
    "paid twice for any amount": (
        session(),
        [paid(), paid("tx_2", fiat_amount=Decimal("1.00"))],
        {"expect": ANY_AMOUNT},
        Mismatch,
        "paid_twice",
    ),
    "one cent less": (
        session(),
        [paid(fiat_amount=Decimal("99.99"))],
        {},
        Mismatch,
        "underpaid",
    ),
    "one cent more": (session(), [paid(fiat_amount=Decimal("100.01"))], {}, Mismatch, "overpaid"),
    "the last of 18 digits": (
        session(),
        [paid(fiat_amount=Decimal("99.999999999999999999"))],
        {},
        Mismatch,
        "underpaid",
    ),
    "nothing paid, any amount": (
        session(),
        [paid(fiat_amount=Decimal("0.00"))],
        {"expect": ANY_AMOUNT},
        Mismatch,
        "underpaid",
    ),
    "the total is wrong, and was meant": (
        session(),
        [paid()],
        {"amount_basis": "total"},
        Mismatch,
        "overpaid",
    ),
    "the fiat amount is wrong, and was meant": (
        session(),
        [paid()],
        {"expect": Money("101.50", "EUR"), "amount_basis": "fiat_amount"},
        Mismatch,
        "underpaid",
    ),
    "made for another amount": (
        session(amount=Decimal("90.00")),
        [paid()],
        {},
        Mismatch,
        "session_amount",
    ),
    "open, and underpaid": (
        session("open"),
        [paid(fiat_amount=Decimal("1.00"))],
        {},
        Mismatch,
        "underpaid",
    ),
    "expected in dollars": (
        session(),
        [paid()],
        {"expect": Money(100, "USD")},
        Mismatch,
        "currency",
    ),
    "paid in dollars": (session(), [paid(currency="USD")], {}, Mismatch, "currency"),
    "paid in dollars, any amount": (
        session(),
        [paid(currency="USD")],
        {"expect": ANY_AMOUNT},
        Mismatch,
        "currency",
    ),
    "sold where buying was agreed": (session(), [paid(action="SELL")], {}, Mismatch, "direction"),
    "swapped where buying was agreed": (session(), [paid(**SWAP)], SWAPPED, Mismatch, "direction"),
    "another token": (session(target_token="USDT"), [paid()], {}, Mismatch, "token"),
    "another network": (session(target_network="tron"), [paid()], {}, Mismatch, "network"),
    "live where test is meant": (session(mode="live"), [paid()], {}, Mismatch, "mode"),
    "test where live is meant": (session(), [paid()], {"mode": "live"}, Mismatch, "mode"),
    "another order's, paid": (session(), [paid()], {"order": "order_2"}, Mismatch, "order"),
    "another order's, over": (session("expired"), [], {"order": "order_2"}, Mismatch, "order"),
    "an order that is a number": (
        session(metadata={"order_id": 1}),
        [paid()],
        {"order": "order_1"},
        Mismatch,
        "order",
    ),
    # Unclear
    "flow left to the user": (session(flow=None), [paid()], {}, Hold, "direction_needed"),
    "flow left to the user, who sells": (
        session(flow=None),
        [paid(action="SELL")],
        {},
        Hold,
        "direction_needed",
    ),
    "bought, and sold again": (
        session(flow=None),
        [paid(), paid("tx_2", action="SELL")],
        {"flow": "on_ramp"},
        Hold,
        "both_directions",
    ),
    "a row that cannot be read": (session(), [paid(), ODD], {}, Hold, "unreadable"),
    "over, with a row that cannot be read": (
        session("cancelled"),
        [ODD],
        OVER,
        Hold,
        "unreadable",
    ),
    "only the total fits": (
        session(),
        [paid()],
        {"expect": Money("101.50", "EUR")},
        Hold,
        "amount_basis",
    ),
    "no order": (session(metadata={}), [paid()], {}, Hold, "order_missing"),
    "no order, over": (session("expired", metadata={}), [], {}, Hold, "order_missing"),
    "a status of tomorrow": (session("suspended"), [paid()], {}, Hold, "unknown_status"),
    "a status in capitals": (session("COMPLETED"), [paid()], {}, Hold, "unknown_status"),
    "no status": (session(status=None), [paid()], {}, Hold, "unknown_status"),
    "a transaction in capitals": (
        session(),
        [paid(status="COMPLETED")],
        {},
        Hold,
        "unknown_transaction_status",
    ),
    "one paid, one unknown": (
        session(),
        [paid(), paid("tx_2", "pending_review")],
        {},
        Hold,
        "unknown_transaction_status",
    ),
    "over, one unknown": (
        session("expired"),
        [paid(status="expired")],
        {},
        Hold,
        "unknown_transaction_status",
    ),
    "two sessions under one key": (
        session("completed"),
        [paid()],
        {"another": "gs_1 and gs_2"},
        Hold,
        "another_session",
    ),
    "money after it expired": (session("expired"), [paid()], {}, Hold, "late_money"),
    "money after it was cancelled": (session("cancelled"), [paid()], {}, Hold, "late_money"),
    "late money, another under way": (
        session("expired"),
        [paid(), paid("tx_2", "CREATED")],
        {},
        Hold,
        "late_money",
    ),
    "reversed": (
        session(),
        [
            paid(
                status="failed", status_timeline=at(("CREATED", 1), ("completed", 2), ("failed", 3))
            )
        ],
        {},
        Hold,
        "reversed",
    ),
    "reversed on a session that is over": (
        session("cancelled"),
        [paid(status="failed", status_timeline=at(("completed", 1)))],
        {},
        Hold,
        "reversed",
    ),
    "back to the beginning": (
        session(),
        [paid(status="CREATED", status_timeline=at(("completed", 1), ("CREATED", 2)))],
        {},
        Hold,
        "reversed",
    ),
    "one paid, one reversed": (
        session(),
        [paid(), paid("tx_2", "failed", status_timeline=at(("completed", 1)))],
        {},
        Hold,
        "reversed",
    ),
    "checkpoints after the success": (
        session(),
        [paid(status_timeline=at(("completed", 1), ("disputed", 2)))],
        {},
        Hold,
        "reversed",
    ),
    "paid, open after its time": (
        session("open", **OVERDUE),
        [paid()],
        {},
        Hold,
        "paid_while_overdue",
    ),
    "of another session": (
        session(),
        [paid(session_id="gs_2")],
        {},
        Hold,
        "foreign_transaction",
    ),
    "of no session": (session(), [paid(session_id=None)], {}, Hold, "foreign_transaction"),
    "changed between two pages": (
        session(),
        [paid(status="CREATED"), paid()],
        {},
        Hold,
        "changed_while_reading",
    ),
    "an action of tomorrow": (
        session(flow=None),
        [paid(action="STAKE")],
        {},
        Hold,
        "unknown_action",
    ),
    "no amount": (session(), [paid(fiat_amount=None)], {}, Hold, "unreadable"),
    "a float for an amount": (session(), [paid(fiat_amount=100.0)], {}, Hold, "unreadable"),
    "no total": (session(), [paid(total_pay_or_receive=None)], {}, Hold, "unreadable"),
    "no refid": (session(), [paid(refid=None)], {}, Hold, "unreadable"),
    "no id": (session(id=""), [paid(session_id="")], {}, Hold, "unreadable"),
    # Swaps: only the token amount, with its network
    "a swap": (
        session(flow="swap", target_network="base"),
        [paid(**SWAP)],
        SWAPPED,
        Settled,
        "paid",
    ),
    "a swap, the network said": (
        session(flow=None),
        [paid(**SWAP)],
        SWAPPED | {"network": "Base", "flow": "swap"},
        Settled,
        "paid",
    ),
    "a swap of any amount": (
        session(flow="swap"),
        [paid(**SWAP)],
        {"expect": ANY_AMOUNT},
        Settled,
        "paid",
    ),
    "a swap, no network": (session(flow="swap"), [paid(**SWAP)], SWAPPED, Hold, "network_needed"),
    "a swap into another token": (
        session(flow="swap", target_token="USDC"),
        [paid(**SWAP | {"token": "SHIB", "token_amount": Decimal("0.000001")})],
        {"expect": ANY_AMOUNT},
        Mismatch,
        "token",
    ),
    "a swap into the token of the session, in another case": (
        session(flow="swap", target_token="usdc", target_network="base"),
        [paid(**SWAP)],
        SWAPPED,
        Settled,
        "paid",
    ),
    "a swap elsewhere": (
        session(flow="swap"),
        [paid(**SWAP)],
        SWAPPED | {"network": "tron"},
        Mismatch,
        "network",
    ),
    "a swap for less": (
        session(flow="swap"),
        [paid(**SWAP)],
        {"expect": Money("250.01", "USDC"), "network": "base"},
        Mismatch,
        "underpaid",
    ),
    "a swap, fiat expected": (
        session(flow="swap"),
        [paid(**SWAP)],
        {"network": "base"},
        Mismatch,
        "currency",
    ),
    "a swap by its total": (
        session(flow="swap"),
        [paid(**SWAP)],
        SWAPPED | {"network": "base", "amount_basis": "total"},
        Hold,
        "amount_basis",
    ),
    "a swap without an amount": (
        session(flow="swap"),
        [paid(**SWAP | {"token_amount": None})],
        SWAPPED | {"network": "base"},
        Hold,
        "unreadable",
    ),
}


@pytest.mark.parametrize(("of", "rows", "asked", "kind", "reason"), CASES.values(), ids=list(CASES))
def test_a_session_settles_only_through_its_transactions(
    of: Any, rows: list[Any], asked: dict[str, Any], kind: type[Outcome], reason: str
) -> None:
    for order in itertools.permutations(rows):
        outcome = judged(of, *order, **asked)
        assert (type(outcome), outcome.reason) == (kind, reason)


def test_every_reason_is_shown_by_a_case_and_says_what_to_do() -> None:
    tables = (CASES, SINGLE, RAILS, test_orders.CASES)
    assert {case[-1] for table in tables for case in table.values()} == set(REASONS)
    assert all(step.endswith(".") for _, step in REASONS.values())


def test_an_outcome_is_for_match() -> None:
    def told(outcome: Outcome) -> str:
        match outcome:
            case Settled():
                return "fulfil"
            case Pending() | Hold():
                return "wait"
            case Failed() | Mismatch():
                return "stop"
            case _:
                assert_never(outcome)

    assert told(judged(session(), paid())) == "fulfil"
    assert told(judged(session("open"))) == "wait"


def test_only_settled_may_be_fulfilled_and_only_failed_tried_again() -> None:
    kinds = (Settled, Pending, Failed, Mismatch, Hold)
    assert [kind.may_fulfil for kind in kinds] == [True, False, False, False, False]
    assert [kind.may_retry for kind in kinds] == [False, False, True, False, False]
    assert {kind for kind, _ in REASONS.values()} == set(kinds)


def test_evidence_names_what_support_needs_and_no_person() -> None:
    outcome = judged(session(), paid(status_timeline=at(("CREATED", 1), ("completed", 2))))
    told = repr(outcome)
    for needed in ("gs_1", "tx_1", "completed", "100.00", "101.50", "EUR", "BASE", "2026-05-27"):
        assert needed in told
    for private in ("jane", "Jane", "fakefakefakefake"):
        assert private not in told
    assert dict(outcome.evidence[0].facts)["wallet"] == "0xfa…0001"


def test_what_may_still_show_keeps_its_status_and_says_when_to_look_again() -> None:
    ended = NOON - timedelta(seconds=200)
    outcome = judged(session("cancelled"), ended_at=ended)
    assert isinstance(outcome, Pending)
    assert outcome.status == "cancelled"
    assert outcome.look_again_at == ended + timedelta(seconds=600)
    assert "2026-05-26T12:06:40+00:00" in outcome.next_step
    longer = judged(session("cancelled"), ended_at=ended, late_payment_grace=1200)
    assert longer.look_again_at == ended + timedelta(seconds=1200)
    assert isinstance(judged(session("cancelled"), ended_at=ended, late_payment_grace=0), Failed)


def test_an_overdue_session_has_not_failed_however_long_ago_it_was_due() -> None:
    open_ = session("open", **OVERDUE)
    years = judged(open_, now=NOW + 3e8, ended_at=NOON, secret_out=False)
    assert (type(years), years.reason) == (Pending, "overdue")


def test_a_payment_in_parts_names_its_sum() -> None:
    halves = judged(session(), paid(**HALF), paid("tx_2", **HALF))
    assert halves.paid == Money("100.00", "EUR")
    assert "tx_1, tx_2: together 100.00 EUR, exactly what was expected" in halves.next_step
    assert "return" not in halves.next_step.partition("else")[0]
    twice = judged(session(), paid(), paid("tx_2"))
    assert "together 200.00 EUR, 100.00 EUR more than the 100.00 EUR expected" in twice.next_step
    short = judged(session(), paid(**HALF), paid("tx_2", fiat_amount=Decimal("25.00")))
    assert "together 75.00 EUR, 25.00 EUR short of 100.00 EUR" in short.next_step
    by_total = judged(session(), paid(**HALF), paid("tx_2", **HALF), amount_basis="total")
    assert by_total.paid == Money("102.00", "EUR")


def test_what_happened_its_figures_and_what_to_do_are_one_sentence() -> None:
    less = judged(session(), paid(fiat_amount=Decimal("99.00")))
    assert less.next_step == (
        "Less was paid than agreed (expected 100.00 EUR, found 99.00 EUR): do not fulfil, and "
        "collect the rest or return it."
    )


def test_an_outcome_cannot_be_changed_and_travels() -> None:
    outcome = judged(session(), paid())
    with pytest.raises(AttributeError):
        outcome.reason = "other"  # type: ignore[misc]
    assert pickle.loads(pickle.dumps(outcome)) == outcome == copy.deepcopy(outcome)
    assert hash(outcome) == hash(copy.deepcopy(outcome))
    assert outcome.next_step == "Fulfil the order, once."
    assert outcome != judged(session("expired"))
    late = judged(session("cancelled"))
    assert pickle.loads(pickle.dumps(late)) == late


@pytest.mark.parametrize(
    "asked",
    [
        {"expect": None},
        {"expect": 100},
        {"expect": "100.00"},
        {"expect": Money(0, "EUR")},
        {"expect": Money(-1, "EUR")},
        {"order": None},
        {"order": ""},
        {"order": 7},
        {"amount_basis": "net"},
        {"namespace": None},
        {"flow": "sideways"},
        {"ended_at": datetime(2026, 5, 26)},
        {"ended_at": 1_780_000_000},
        {"late_payment_grace": -1},
        {"late_payment_grace": float("inf")},
    ],
    ids=str,
)
def test_a_question_that_cannot_be_right_is_refused(asked: dict[str, Any]) -> None:
    with pytest.raises(
        GateUsageError,
        match=r"[a-z_]+= (?:is|takes) ",
    ):
        judged(session(), paid(), **asked)


# Statuses are data


def test_the_tables_have_every_status_of_the_contract() -> None:
    schemas = CONTRACT.document["components"]["schemas"]
    for name, table in {
        "SessionStatus": outcomes.SESSION_STATUSES,
        "RailStatus": outcomes.RAIL_STATUSES,
        "QuoteStatus": outcomes.QUOTE_STATUSES,
    }.items():
        assert set(table) == set(schemas[name]["enum"])
    assert set(outcomes.FLOWS) == {"BUY", "SELL", "SWAP"}
    assert set(outcomes.FLOWS.values()) == set(schemas["Flow"]["enum"])


def test_a_partner_extends_the_table_and_the_default_stays() -> None:
    more = DEFAULT_STATUSES.extended(success={"SETTLED"}, in_flight=["PROCESSING"])
    assert more.standing("SETTLED") == "success"
    assert more.standing("completed") == "success"
    assert more.standing("PROCESSING") == "in_flight"
    assert more.standing("settled") is None
    assert DEFAULT_STATUSES.standing("SETTLED") is None
    assert TransactionStatuses() == DEFAULT_STATUSES


@pytest.mark.parametrize(
    "more", [{"success": "SETTLED"}, {"succes": {"SETTLED"}}, {"failure": {"completed"}}], ids=str
)
def test_a_table_that_contradicts_itself_is_refused(more: dict[str, Any]) -> None:
    with pytest.raises(GateUsageError, match=r"extended\(\)"):
        DEFAULT_STATUSES.extended(**more)


# One transaction


def of_one(row: Any, of: Any = None, rows: tuple[Any, ...] = (), **asked: Any) -> Outcome:
    return outcome_of_transaction(row, of, rows, **ASKED | asked)


ALONE = {"order": ANY_ORDER, "flow": "on_ramp"}
SINGLE: dict[str, tuple[Any, Any, tuple[Any, ...], dict[str, Any], type[Outcome], str]] = {
    "with its session": (paid(), session(), (paid(),), {}, Settled, "paid"),
    "not listed yet": (paid(), session(), (), {}, Settled, "paid"),
    "its session paid twice": (
        paid(),
        session(),
        (paid("tx_2"),),
        {},
        Mismatch,
        "paid_twice",
    ),
    "another order's": (paid(), session(), (), {"order": "order_2"}, Mismatch, "order"),
    "the session of another": (
        paid(session_id="gs_2"),
        session(),
        (),
        {},
        Hold,
        "foreign_transaction",
    ),
    "failed, another paid": (
        paid(status="failed"),
        session(),
        (paid("tx_2"),),
        {},
        Hold,
        "paid_by_another",
    ),
    "under way, another paid": (
        paid(status="CREATED"),
        session(),
        (paid("tx_2"),),
        {},
        Pending,
        "in_flight",
    ),
    "failed, the session is open": (
        paid(status="failed"),
        session("open"),
        (),
        {},
        Pending,
        "open",
    ),
    "changed since it was listed": (
        paid(),
        session(),
        (paid(status="CREATED"),),
        {},
        Hold,
        "changed_while_reading",
    ),
    "its session not read": (paid(), None, (), ALONE, Hold, "session_needed"),
    "of no session": (paid(session_id=None), None, (), {}, Hold, "order_missing"),
    "of no session, any order": (paid(session_id=None), None, (), ALONE, Settled, "paid"),
    "of no session, underpaid": (
        paid(session_id=None, fiat_amount=Decimal(1)),
        None,
        (),
        ALONE,
        Mismatch,
        "underpaid",
    ),
    "of no session, under way": (
        paid(status="CREATED", session_id=None),
        None,
        (),
        ALONE,
        Pending,
        "in_flight",
    ),
    "of no session, failed": (
        paid(status="failed", session_id=None),
        None,
        (),
        ALONE,
        Failed,
        "failed",
    ),
    "of no session, reversed": (
        paid(status="failed", session_id=None, status_timeline=at(("completed", 1))),
        None,
        (),
        ALONE,
        Hold,
        "reversed",
    ),
    "of no session, unknown": (
        paid(status="odd", session_id=None),
        None,
        (),
        ALONE,
        Hold,
        "unknown_transaction_status",
    ),
}


@pytest.mark.parametrize(
    ("row", "of", "rows", "asked", "kind", "reason"), SINGLE.values(), ids=list(SINGLE)
)
def test_a_transaction_is_judged_with_its_session(
    row: Any,
    of: Any,
    rows: tuple[Any, ...],
    asked: dict[str, Any],
    kind: type[Outcome],
    reason: str,
) -> None:
    outcome = of_one(row, of, rows, **asked)
    assert (type(outcome), outcome.reason) == (kind, reason)


# Rails


def rail(status: str = "settled", kind: str = "pay_in", **fields: Any) -> Any:
    return SimpleNamespace(
        **{
            "id": "rail_1",
            "kind": kind,
            "status": status,
            "quote_id": "qt_1",
            "gate_session_id": "gs_1",
            "amount": Decimal("101.50" if kind == "pay_in" else "100.00"),
            "currency": "EUR",
            "reference": "order_1",
        }
        | fields
    )


def quote(side: str = "on_ramp", **fields: Any) -> Any:
    return SimpleNamespace(
        **{
            "id": "qt_1",
            "status": "consumed",
            "side": side,
            "currency": "EUR",
            "fiat_amount": Decimal("100.00"),
            "fees": Decimal("1.50"),
            "asset": "USDC",
            "crypto_amount": Decimal("107.5"),
        }
        | fields
    )


def out(status: str = "settled", **fields: Any) -> Any:
    return rail(status, "pay_out", **fields)


SALE = quote("off_ramp")
TOTAL = {"expect": Money("101.50", "EUR"), "amount_basis": "total"}
RAILS: dict[str, tuple[Any, Any, dict[str, Any], type[Outcome], str]] = {
    "settled": (rail(), quote(), {}, Settled, "paid"),
    "settled, by the total": (rail(), quote(), TOTAL, Settled, "paid"),
    "settled, by the total, no quote": (rail(), None, TOTAL, Settled, "paid"),
    "settled, the quote has elapsed": (rail(), quote(status="expired"), {}, Settled, "paid"),
    "settled, no fees": (
        rail(amount=Decimal("100.00")),
        quote(fees=Decimal("0.00")),
        {},
        Settled,
        "paid",
    ),
    "settled for any amount": (rail(), None, {"expect": ANY_AMOUNT}, Settled, "paid"),
    "any order": (rail(reference=None), quote(), {"order": ANY_ORDER}, Settled, "paid"),
    "pending": (rail("pending"), quote(), {}, Pending, "in_flight"),
    "processing": (rail("processing"), None, {}, Pending, "in_flight"),
    "failed": (rail("failed"), None, {}, Failed, "failed"),
    "cancelled": (rail("cancelled"), None, {}, Failed, "cancelled"),
    "failed, another order's": (rail("failed", reference="x"), None, {}, Mismatch, "order"),
    "another order's": (rail(reference="order_2"), quote(), {}, Mismatch, "order"),
    "no reference, the session names it": (rail(reference=None), quote(), {}, Settled, "paid"),
    "no reference, and the session is silent": (
        rail(reference=None),
        quote(),
        {"session": session("open", metadata={})},
        Hold,
        "order_missing",
    ),
    "the session is silent": (
        rail(),
        quote(),
        {"session": session("open", metadata={})},
        Settled,
        "paid",
    ),
    "the session is another order's": (
        rail(),
        quote(),
        {"session": session("open", metadata={"order_id": "order_2"})},
        Mismatch,
        "order",
    ),
    "the session is another service's": (
        rail(),
        quote(),
        {"session": session("open", metadata=MINE)},
        Mismatch,
        "namespace",
    ),
    "failed, the session is another service's": (
        rail("failed"),
        quote(),
        {"session": session("open", metadata=MINE)},
        Mismatch,
        "namespace",
    ),
    "the session is of the other mode": (
        rail(),
        quote(),
        {"session": session("open", mode="live"), "mode": "test"},
        Mismatch,
        "mode",
    ),
    "another session": (
        rail(),
        quote(),
        {"session": session("open", id="gs_2")},
        Hold,
        "session_needed",
    ),
    "its session not read": (rail(), quote(), {"session": None}, Hold, "session_needed"),
    "its session not read, recorded by us": (
        rail(),
        quote(),
        {"session": None, "recorded": True},
        Settled,
        "paid",
    ),
    "its session not read, of any service": (
        rail(),
        quote(),
        {"session": None, "namespace": ANY_NAMESPACE},
        Settled,
        "paid",
    ),
    "meant to go out": (rail(), quote(), {"flow": "off_ramp"}, Mismatch, "direction"),
    "a status of tomorrow": (rail("returned"), quote(), {}, Hold, "unknown_status"),
    "no quote": (rail(), None, {}, Hold, "quote_needed"),
    "another quote": (rail(), quote(id="qt_2"), {}, Mismatch, "quote"),
    "a quote for selling": (rail(), quote("off_ramp"), {}, Mismatch, "direction"),
    "a pay-out where a pay-in is meant": (rail(kind="pay_out"), quote(), {}, Mismatch, "direction"),
    "its kind and its quote's side in another case": (
        rail(kind="PAY_IN", amount=Decimal("101.50")),
        quote(side="On_Ramp"),
        {},
        Settled,
        "paid",
    ),
    "a quote still active": (rail(), quote(status="active"), {}, Hold, "quote_unredeemed"),
    "a quote of tomorrow": (rail(), quote(status="split"), {}, Hold, "unknown_status"),
    "a quote in dollars": (rail(), quote(currency="USD"), {}, Mismatch, "currency"),
    "expected in dollars": (rail(), quote(), {"expect": Money(100, "USD")}, Mismatch, "currency"),
    "expected more": (rail(), quote(), {"expect": Money(102, "EUR")}, Mismatch, "underpaid"),
    "expected less": (rail(), quote(), {"expect": Money(99, "EUR")}, Mismatch, "overpaid"),
    "expected more, by the total": (
        rail(),
        quote(),
        TOTAL | {"expect": Money(102, "EUR")},
        Mismatch,
        "underpaid",
    ),
    "expected more, by the total, no quote": (
        rail(),
        None,
        TOTAL | {"expect": Money(102, "EUR")},
        Mismatch,
        "underpaid",
    ),
    "only the total fits": (
        rail(),
        quote(),
        {"expect": Money("101.50", "EUR")},
        Hold,
        "amount_basis",
    ),
    "fees not in it": (rail(amount=Decimal("100.00")), quote(), {}, Mismatch, "quote_amount"),
    "fees not in it, and said so": (
        rail(amount=Decimal("100.00")),
        quote(),
        {"amount_basis": "fiat_amount"},
        Mismatch,
        "quote_amount",
    ),
    "fees not in it, and its own amount meant": (
        rail(amount=Decimal("100.00")),
        quote(),
        {"amount_basis": "total"},
        Mismatch,
        "quote_amount",
    ),
    "fees unknown": (rail(), quote(fees=None), {}, Hold, "amount_basis"),
    "fees unknown, by the fiat amount": (
        rail(),
        quote(fees=None),
        {"amount_basis": "fiat_amount"},
        Hold,
        "amount_basis",
    ),
    "fees unknown, by the total": (rail(), quote(fees=None), TOTAL, Settled, "paid"),
    "not its quote's amount": (
        rail(amount=Decimal("50.00")),
        quote(),
        {},
        Mismatch,
        "quote_amount",
    ),
    "not its quote's amount, any expected": (
        rail(amount=Decimal("50.00")),
        quote(),
        {"expect": ANY_AMOUNT},
        Mismatch,
        "quote_amount",
    ),
    "no amount": (rail(amount=None), quote(), {}, Hold, "unreadable"),
    "no amount in the quote": (rail(), quote(fiat_amount=None), {}, Hold, "unreadable"),
    "no id": (rail(id=None), quote(), {}, Hold, "unreadable"),
    "paid out": (out(), SALE, {}, Settled, "paid"),
    "paid out net": (out(amount=Decimal("98.50")), SALE, {}, Hold, "amount_basis"),
    "paid out net, and said so": (
        out(amount=Decimal("98.50")),
        SALE,
        {"amount_basis": "fiat_amount"},
        Settled,
        "paid",
    ),
    "paid out net, its own amount meant": (
        out(amount=Decimal("98.50")),
        SALE,
        {"expect": Money("98.50", "EUR"), "amount_basis": "total"},
        Settled,
        "paid",
    ),
    "paid out, no quote": (out(), None, {}, Hold, "quote_needed"),
    "paid out, no quote, by the total": (
        out(),
        None,
        {"amount_basis": "total"},
        Hold,
        "quote_needed",
    ),
    "paid out, fees unknown": (
        out(amount=Decimal("50.00")),
        quote("off_ramp", fees=None),
        {"amount_basis": "fiat_amount"},
        Hold,
        "amount_basis",
    ),
    "paid out too little": (
        out(amount=Decimal("50.00")),
        SALE,
        {"amount_basis": "fiat_amount"},
        Mismatch,
        "quote_amount",
    ),
    "paid out for buying": (out(), quote(), {}, Mismatch, "direction"),
}


@pytest.mark.parametrize(
    ("name", "of", "by", "asked", "kind", "reason"),
    [(name, *case) for name, case in RAILS.items()],
    ids=list(RAILS),
)
def test_a_rail_is_compared_with_its_quote(
    name: str, of: Any, by: Any, asked: dict[str, Any], kind: type[Outcome], reason: str
) -> None:
    judge = outcome_of_pay_out if name.startswith("paid out") else outcome_of_pay_in
    asked = {"expect": Money("100.00", "EUR"), "order": "order_1"} | asked
    outcome = judge(of, by, asked.pop("session", session("open")), **asked)
    assert (type(outcome), outcome.reason) == (kind, reason)


@pytest.mark.parametrize("status", list(outcomes.RAIL_STATUSES))
def test_a_blocked_account_changes_no_outcome(status: str) -> None:
    asked: dict[str, Any] = {"expect": Money("100.00", "EUR"), "order": "order_1"}
    free = outcome_of_pay_in(rail(status), quote(), session("open"), **asked)
    blocked = outcome_of_pay_in(rail(status, account_blocked=True), quote(), session(), **asked)
    assert (type(blocked), blocked.reason) == (type(free), free.reason)
    assert (blocked.account_blocked, free.account_blocked) == (True, False)


@pytest.mark.parametrize("flow", ["on_ramp", "ON_RAMP", "On_Ramp"])
def test_the_way_of_a_session_is_the_same_in_any_case(flow: str) -> None:
    found = judged(session(flow=flow), paid())
    assert (type(found), found.reason) == (Settled, "paid")
