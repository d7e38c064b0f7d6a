"""What a payment came to: nothing is fulfilled without proof, nothing is ended on a guess."""

from __future__ import annotations

import copy
import itertools
import pickle
from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum
from types import SimpleNamespace
from typing import Any, assert_never

import pytest
from zerogate import outcomes
from zerogate.errors import GateUsageError
from zerogate.money import Money
from zerogate.outcomes import (
    ANY_AMOUNT,
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


def at(*statuses: str) -> list[Any]:
    return [SimpleNamespace(status=status, at=NOON) for status in statuses]


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
SWAP = {"action": "SWAP", "fiat_amount": Decimal("0.00"), "token_amount": Decimal("250.00")}
SWAPPED = {"expect": Money("250.00", "USDC")}
#: id: (session, transactions, what else is asked, the outcome, its reason)
CASES: dict[str, tuple[Any, list[Any], dict[str, Any], type[Outcome], str]] = {
    # The one way to settle
    "paid exactly": (session(), [paid()], {}, Settled, "paid"),
    "after a failed try": (session(), [paid("tx_0", "failed"), paid()], {}, Settled, "paid"),
    "the same row on two pages": (session(), [paid(), paid()], {}, Settled, "paid"),
    "flow left to the user": (session(flow=None), [paid()], {}, Settled, "paid"),
    "digits differ, amount does not": (
        session(),
        [paid()],
        {"expect": Money("100", "EUR")},
        Settled,
        "paid",
    ),
    "with its checkpoints": (
        session(),
        [paid(status_timeline=at("CREATED", "completed"))],
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
    "any amount": (
        session(amount=Decimal("7.00")),
        [paid()],
        {"expect": ANY_AMOUNT},
        Settled,
        "paid",
    ),
    "any order": (session(metadata={}), [paid()], {"order": ANY_ORDER}, Settled, "paid"),
    "metadata as a model": (
        session(metadata=SimpleNamespace(additional_properties={"order_id": "order_1"})),
        [paid()],
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
    # Over
    "expired": (session("expired"), [], {}, Failed, "expired"),
    "cancelled": (session("cancelled"), [], {}, Failed, "cancelled"),
    "cancelled after a failed try": (
        session("cancelled"),
        [paid(status="failed")],
        {},
        Failed,
        "cancelled",
    ),
    "expired, of another amount": (
        session("expired", amount=Decimal("1.00")),
        [],
        {},
        Failed,
        "expired",
    ),
    # Clear, and wrong
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
        [paid(status="failed", status_timeline=at("CREATED", "completed", "failed"))],
        {},
        Hold,
        "reversed",
    ),
    "reversed on a session that is over": (
        session("cancelled"),
        [paid(status="failed", status_timeline=at("completed"))],
        {},
        Hold,
        "reversed",
    ),
    "back to the beginning": (
        session(),
        [paid(status="CREATED", status_timeline=at("completed", "CREATED"))],
        {},
        Hold,
        "reversed",
    ),
    "one paid, one reversed": (
        session(),
        [paid(), paid("tx_2", "failed", status_timeline=at("completed"))],
        {},
        Hold,
        "reversed",
    ),
    "checkpoints after the success": (
        session(),
        [paid(status_timeline=at("completed", "disputed"))],
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
        SWAPPED | {"network": "Base"},
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
    rails = {"failed", "quote", "quote_amount", "quote_needed", "quote_unredeemed"}
    single = {"session_needed", "paid_by_another"}
    orders = {case[-1] for case in test_orders.CASES.values()}
    assert {case[-1] for case in CASES.values()} | rails | single | orders == set(REASONS)
    assert all(step.endswith(".") for _, step in REASONS.values())


def test_money_is_released_on_one_combination_only() -> None:
    """Every session status with up to three transactions, against a slow and obvious opinion."""
    states = ["completed", "CREATED", "failed", "COMPLETED", "reversed"]
    amounts = [Decimal("100.00"), Decimal("99.00")]
    kinds = list(itertools.product(states, amounts))
    for status, overdue in itertools.product(
        ("open", "completed", "expired", "cancelled", "new"), (False, True)
    ):
        for count in range(4):
            for picked in itertools.combinations_with_replacement(kinds, count):
                rows = [
                    paid(f"tx_{i}", state, fiat_amount=amount)
                    for i, (state, amount) in enumerate(picked)
                ]
                outcome = judged(session(status, **(OVERDUE if overdue else {})), *rows)
                found = [state for state, _ in picked]
                known = not {"COMPLETED", "reversed"} & set(found)
                once = found.count("completed") == 1 and ("completed", amounts[0]) in picked
                assert outcome.may_fulfil == (status == "completed" and once and known)
                dead = status in ("expired", "cancelled") and set(found) <= {"failed"}
                assert outcome.may_retry == dead
                twice = found.count("completed") > 1
                assert (outcome.reason == "paid_twice") == twice
                if twice:
                    assert isinstance(outcome, Mismatch)


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
    outcome = judged(session(), paid(status_timeline=at("CREATED", "completed")))
    told = repr(outcome)
    for needed in ("gs_1", "tx_1", "completed", "100.00", "101.50", "EUR", "BASE", "2026-05-27"):
        assert needed in told
    for private in ("jane", "Jane", "fakefakefakefake"):
        assert private not in told
    assert dict(outcome.evidence[0].facts)["wallet"] == "0xfa…0001"


def test_an_outcome_cannot_be_changed_and_travels() -> None:
    outcome = judged(session(), paid())
    with pytest.raises(AttributeError):
        outcome.reason = "other"  # type: ignore[misc]
    assert pickle.loads(pickle.dumps(outcome)) == outcome == copy.deepcopy(outcome)
    assert hash(outcome) == hash(copy.deepcopy(outcome))
    assert outcome.next_step == "Fulfil the order, once."
    assert outcome != judged(session("expired"))


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
    ],
    ids=str,
)
def test_a_question_that_cannot_be_right_is_refused(asked: dict[str, Any]) -> None:
    with pytest.raises(GateUsageError, match=r"(expect|order|amount_basis)="):
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


ALONE = {"order": ANY_ORDER}
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
        paid(status="failed", session_id=None, status_timeline=at("completed")),
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
    "no reference": (rail(reference=None), quote(), {}, Hold, "order_missing"),
    "a status of tomorrow": (rail("returned"), quote(), {}, Hold, "unknown_status"),
    "no quote": (rail(), None, {}, Hold, "quote_needed"),
    "another quote": (rail(), quote(id="qt_2"), {}, Mismatch, "quote"),
    "a quote for selling": (rail(), quote("off_ramp"), {}, Mismatch, "direction"),
    "a pay-out where a pay-in is meant": (rail(kind="pay_out"), quote(), {}, Mismatch, "direction"),
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
    "fees not in it": (rail(amount=Decimal("100.00")), quote(), {}, Hold, "amount_basis"),
    "fees not in it, and said so": (
        rail(amount=Decimal("100.00")),
        quote(),
        {"amount_basis": "fiat_amount"},
        Settled,
        "paid",
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
    outcome = judge(of, by, **{"expect": Money("100.00", "EUR"), "order": "order_1"} | asked)
    assert (type(outcome), outcome.reason) == (kind, reason)


@pytest.mark.parametrize("status", list(outcomes.RAIL_STATUSES))
def test_a_blocked_account_changes_no_outcome(status: str) -> None:
    asked: dict[str, Any] = {"expect": Money("100.00", "EUR"), "order": "order_1"}
    free = outcome_of_pay_in(rail(status), quote(), **asked)
    blocked = outcome_of_pay_in(rail(status, account_blocked=True), quote(), **asked)
    assert (type(blocked), blocked.reason) == (type(free), free.reason)
    assert (blocked.account_blocked, free.account_blocked) == (True, False)
