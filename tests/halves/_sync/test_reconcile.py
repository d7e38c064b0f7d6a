# Written by facade/unasync.py from tests/halves/_async/test_reconcile.py; edit that file.
"""`gate.reconcile`: what the reads say, and that nothing is fulfilled on anything doubtful."""

from __future__ import annotations

from typing import Any

import pytest
from zerogate import (
    ANY_AMOUNT,
    ANY_ORDER,
    Failed,
    Gate,
    Hold,
    Mismatch,
    Money,
    NotFound,
    Outcome,
    Pending,
    Settled,
)

from tests.halves.scripts import (
    SECRET,
    Script,
    VirtualClock,
    answer,
    page,
    refusal,
    session,
    transaction,
)

EUR = Money("100.00", "EUR")


def outcome(seen: dict[str, Any], *rows: dict[str, Any], **asked: Any) -> Outcome:
    script = Script(answer(200, seen), answer(200, page(*rows)))
    with Gate(SECRET, transport=script, clock=VirtualClock()) as client:
        given = {"expect": EUR, "order": "order-1", **asked}
        return client.reconcile.session("gs_test_0001", **given)


STORIES = [
    pytest.param(
        session(status="completed"), [transaction()], Settled, True, id="completed, one success"
    ),
    pytest.param(session(), [], Pending, False, id="open, nothing yet"),
    pytest.param(
        session(status="completed"), [], Pending, False, id="completed, no transaction yet"
    ),
    pytest.param(
        session(status="completed"),
        [transaction(fiat_amount="99.99", total_pay_or_receive="100.99")],
        Mismatch,
        False,
        id="underpaid by a cent",
    ),
    pytest.param(
        session(status="completed"),
        [transaction(), transaction(refid="0g_txn_0002")],
        Mismatch,
        False,
        id="paid twice",
    ),
    pytest.param(
        session(status="completed"),
        [transaction(status="Completed")],
        Hold,
        False,
        id="a status that differs in case only",
    ),
    pytest.param(session(status="paused"), [transaction()], Hold, False, id="unknown status"),
    pytest.param(session(status="cancelled"), [], Failed, False, id="cancelled, nothing paid"),
    pytest.param(session(status="expired"), [], Failed, False, id="expired, nothing paid"),
    pytest.param(
        session(status="cancelled"), [transaction()], Hold, False, id="money after the cancel"
    ),
]


@pytest.mark.parametrize(("seen", "rows", "kind", "fulfil"), STORIES)
def test_an_outcome_follows_from_the_session_and_its_transactions(
    seen: Any, rows: Any, kind: type[Outcome], fulfil: bool
) -> None:
    found = outcome(seen, *rows)
    assert isinstance(found, kind)
    assert found.may_fulfil is fulfil


def test_a_payment_shown_for_another_order_settles_nothing() -> None:
    found = outcome(session(status="completed"), transaction(), order="order-2")
    assert isinstance(found, Mismatch)
    assert not found.may_fulfil


def test_expect_and_order_are_required_and_opting_out_is_explicit() -> None:
    with Gate(SECRET, transport=Script(), clock=VirtualClock()) as client:
        with pytest.raises(TypeError, match="expect"):
            client.reconcile.session("gs_test_0001", order="order-1")  # type: ignore[call-arg]
        with pytest.raises(TypeError, match="order"):
            client.reconcile.session("gs_test_0001", expect=EUR)  # type: ignore[call-arg]
    found = outcome(session(status="completed"), transaction(), expect=ANY_AMOUNT, order=ANY_ORDER)
    assert isinstance(found, Settled)


def test_a_test_payment_settles_nothing_for_a_live_key() -> None:
    script = Script(
        answer(200, session(status="completed", mode="test")), answer(200, page(transaction()))
    )
    live = SECRET.replace("sk_test", "sk_live")
    with Gate(live, transport=script, clock=VirtualClock()) as client:
        found = client.reconcile.session("gs_test_0001", expect=EUR, order="order-1")
    assert not found.may_fulfil


def test_transactions_are_read_after_the_session_and_all_of_them() -> None:
    script = Script(
        answer(200, session(status="completed")),
        answer(200, page(transaction(refid="t1"), has_more=True)),
        answer(200, page(transaction(refid="t2"))),
    )
    with Gate(SECRET, transport=script, clock=VirtualClock()) as client:
        found = client.reconcile.session("gs_test_0001", expect=EUR, order="order-1")
    assert isinstance(found, Mismatch)
    assert [r.target.partition("?")[0] for r in script.seen] == [
        "/v1/gate_sessions/gs_test_0001",
        "/v1/transactions",
        "/v1/transactions",
    ]


def test_a_session_that_is_not_there_is_an_error_and_no_outcome() -> None:
    with Gate(SECRET, transport=Script(refusal(404, "not_found")), clock=VirtualClock()) as client:
        with pytest.raises(NotFound):
            client.reconcile.session("gs_test_0001", expect=EUR, order="order-1")


def test_a_single_transaction_is_judged_with_the_session_that_names_its_order() -> None:
    script = Script(
        answer(200, transaction()),
        answer(200, session(status="completed")),
        answer(200, page(transaction())),
    )
    with Gate(SECRET, transport=script, clock=VirtualClock()) as client:
        found = client.reconcile.transaction("0g_txn_0001", expect=EUR, order="order-1")
    assert isinstance(found, Settled)
