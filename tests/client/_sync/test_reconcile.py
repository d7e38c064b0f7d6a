# Written by facade/unasync.py from tests/client/_async/test_reconcile.py; edit that file.
"""`gate.reconcile`: what the reads say, and that nothing is fulfilled on anything doubtful."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest
from zerogate import (
    ANY_AMOUNT,
    ANY_NAMESPACE,
    ANY_ORDER,
    Failed,
    Gate,
    GateUsageError,
    Hold,
    Mismatch,
    Money,
    NotFound,
    Outcome,
    Pending,
    Settled,
)
from zerogate_store import Store

from tests.client.scripts import (
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
        given = {"expect": EUR, "order": "order-1", "flow": "on_ramp", **asked}
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
    pytest.param(
        session(status="cancelled"), [], Pending, False, id="cancelled, nobody knows when"
    ),
    pytest.param(
        session(status="expired", expires_at="2026-05-28T18:00:00Z"),
        [],
        Failed,
        False,
        id="expired long ago, nothing paid",
    ),
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
        found = client.reconcile.transaction(
            "0g_txn_0001", expect=EUR, order="order-1", flow="on_ramp"
        )
    assert isinstance(found, Settled)


# Whose it is, and which way the money goes


def test_money_settles_only_the_way_that_somebody_named() -> None:
    done, sold = session(status="completed"), transaction(action="SELL")
    assert (outcome(done, transaction(), flow=None)).reason == "direction_needed"
    assert (outcome(done, sold, flow=None)).reason == "direction_needed"
    assert (outcome(done, sold)).reason == "direction"
    assert (outcome(done, sold, flow="off_ramp")).may_fulfil
    bound = session(status="completed", flow="on_ramp")
    assert (outcome(bound, transaction(), flow=None)).may_fulfil
    assert (outcome(bound, sold, flow=None)).reason == "direction"


@pytest.mark.parametrize(
    ("mark", "of", "asked", "reason"),
    [
        pytest.param("billing", "shop", {}, "namespace", id="another service's"),
        pytest.param(None, "shop", {}, "namespace", id="the default service's"),
        pytest.param("billing", "", {}, "namespace", id="another's, for the default one"),
        pytest.param([], "", {}, "namespace", id="one that cannot be read, for the default one"),
        pytest.param("shop", "shop", {}, "paid", id="ours"),
        pytest.param(None, "", {}, "paid", id="the default one's, ours"),
        pytest.param("billing", "shop", {"namespace": ANY_NAMESPACE}, "paid", id="any service's"),
        pytest.param(
            "billing", "shop", {"namespace": "billing"}, "paid", id="the one that is named"
        ),
    ],
)
def test_an_order_of_another_service_settles_nothing_of_ours(
    mark: str | list[str] | None, of: str, asked: dict[str, Any], reason: str
) -> None:
    marks: dict[str, Any] = {"order_id": "order-1"}
    marks |= {} if mark is None else {"zerogate_namespace": mark}
    seen = session(status="completed", flow="on_ramp", metadata=marks)
    script = Script(answer(200, seen), answer(200, page(transaction())))
    with Gate(SECRET, transport=script, clock=VirtualClock(), namespace=of) as client:
        found = client.reconcile.session("gs_test_0001", expect=EUR, order="order-1", **asked)
    assert found.reason == reason


RAIL = {
    "object": "rail_pay_in",
    "id": "rail_1",
    "kind": "pay_in",
    "status": "settled",
    "gate_session_id": "gs_test_0001",
    "quote_id": "qt_1",
    "method": "bank_transfer",
    "amount": "101.00",
    "currency": "EUR",
    "reference": "order-1",
    "created_at": "2026-06-01T12:00:00Z",
}
QUOTE = {
    "object": "signed_quote",
    "id": "qt_1",
    "status": "consumed",
    "side": "on_ramp",
    "currency": "EUR",
    "asset": "USDC",
    "payment_method": "bank_transfer",
    "fiat_amount": "100.00",
    "crypto_amount": "107.5",
    "exchange_rate": "1.075",
    "fees": "1.00",
    "signature": "fake",
    "expires_at": "2026-06-01T12:10:00Z",
    "created_at": "2026-06-01T12:00:00Z",
}
OUT = RAIL | {"object": "rail_pay_out", "kind": "pay_out", "amount": "100.00"}


@pytest.mark.parametrize(
    ("theirs", "reason"),
    [
        pytest.param(answer(200, session()), "paid", id="ours"),
        pytest.param(
            answer(200, session(metadata={"order_id": "order-2"})), "order", id="another order's"
        ),
        pytest.param(
            answer(200, session(metadata={"order_id": "order-1", "zerogate_namespace": "other"})),
            "namespace",
            id="another service's",
        ),
        pytest.param(answer(200, session(mode="live")), "mode", id="of the other mode"),
        pytest.param(refusal(404, "not_found"), "session_needed", id="not this partner's"),
    ],
)
@pytest.mark.parametrize("kind", ["pay_in", "pay_out"])
def test_a_rail_is_ours_by_its_session(kind: str, theirs: Any, reason: str) -> None:
    rail, side = (RAIL, "on_ramp") if kind == "pay_in" else (OUT, "off_ramp")
    script = Script(answer(200, rail), answer(200, QUOTE | {"side": side}), theirs)
    with Gate(SECRET, transport=script, clock=VirtualClock()) as client:
        judge = getattr(client.reconcile, kind)
        found = judge("rail_1", expect=EUR, order="order-1")
    assert found.reason == reason
    assert script.seen[-1].target == "/v1/gate_sessions/gs_test_0001"


def test_what_a_pay_in_costs_is_its_quotes_base_and_fees() -> None:
    script = Script(
        answer(200, RAIL | {"amount": "100.00"}), answer(200, QUOTE), answer(200, session())
    )
    with Gate(SECRET, transport=script, clock=VirtualClock()) as client:
        found = client.reconcile.pay_in(
            "rail_1", expect=EUR, order="order-1", amount_basis="fiat_amount"
        )
    assert (type(found), found.reason) == (Mismatch, "quote_amount")


# Over means over


def at(clock: VirtualClock, seconds: float) -> datetime:
    return datetime.fromtimestamp(clock.at + seconds, UTC)


def test_over_is_over_by_gates_clock_and_a_grace_after_its_end() -> None:
    clock = VirtualClock()
    dated = {"date": format_datetime(at(clock, 3600), usegmt=True)}

    def seen(status: str, **terms: Any) -> Outcome:
        script = Script(
            answer(200, session(status=status, expires_at="2027-01-01T00:00:00Z"), dated),
            answer(200, page(), dated),
        )
        with Gate(SECRET, transport=script, clock=clock) as client:
            return client.reconcile.session("gs_test_0001", expect=EUR, order="order-1", **terms)

    late = seen("cancelled", ended_at=at(clock, 3001))
    assert (type(late), late.reason, late.status) == (Pending, "may_still_show", "cancelled")
    assert late.look_again_at == at(clock, 3601)
    over = seen("cancelled", ended_at=at(clock, 3000))
    assert (type(over), over.reason, over.may_retry) == (Failed, "cancelled", True)
    unknown = seen("cancelled")
    assert isinstance(unknown, Pending)
    assert "ended_at=" in unknown.next_step
    with pytest.raises(GateUsageError, match="ended_at="):
        seen("cancelled", ended_at=datetime(2026, 6, 1))


@pytest.mark.parametrize(
    ("within", "kind", "waited"), [(60.0, Pending, False), (700.0, Failed, True)]
)
def test_waiting_for_what_is_over_ends_at_once_unless_there_is_time_for_it(
    within: float, kind: type[Outcome], waited: bool
) -> None:
    clock = VirtualClock()

    class Cancelled:
        def send(self, request: Any, until: float) -> Any:
            seen = page() if "transactions" in request.target else session(status="cancelled")
            return answer(200, seen)

        def close(self) -> None:
            """Nothing to close."""

    with Gate(SECRET, transport=Cancelled(), clock=clock) as client:
        found = client.reconcile.wait("gs_test_0001", expect=EUR, order="order-1", within=within)
    assert isinstance(found, kind)
    assert bool(clock.waits) == waited
    assert sum(clock.waits) <= within


def test_networks_that_the_shop_calls_one_are_one_in_outcomes_too(tmp_path: Path) -> None:
    store = Store(f"sqlite:///{tmp_path / 'gate.db'}", aliases={"base": "base-mainnet"})
    seen, row = (
        session(status="completed", target_network="base"),
        transaction(network="Base-Mainnet"),
    )
    script = Script(answer(200, seen), answer(200, page(row)))
    with Gate(SECRET, transport=script, clock=VirtualClock(), store=store) as client:
        found = client.reconcile.session(
            "gs_test_0001", expect=EUR, order="order-1", flow="on_ramp"
        )
    assert (type(found), found.reason) == (Settled, "paid")
    store.close()
