"""The answer to a create is lost; the event that Gate signed tells which session it made."""

from __future__ import annotations

import json
from typing import Any

import pytest
from zerogate import Gate, GateError, Hold, OutcomeUnknown, RetryPolicy
from zerogate._idempotency.keys import Identity
from zerogate.transports import Request
from zerogate_store import EventContext, Store
from zerogate_store._journal.intents import Intent, new_intent
from zerogate_store._journal.leases import LeaseClock
from zerogate_store._journal.steps import intents_under, save_intent, take_over, write_intent
from zerogate_store._journal.told_by_events import identify
from zerogate_store._scope import Scope

from tests.inbox.shop import PRICE, RETURN, STATUSES, Shop, event, fulfil, ordered, signed

SCOPE = Scope("", "test", "")


@pytest.fixture
def impatient(shop: Shop) -> Any:
    """A client that asks once."""
    gate = Gate(
        "sk_test_shop",
        transport=shop.sandbox.transport(),
        clock=shop.clock,
        store=shop.store,
        retries=RetryPolicy(attempts=1),
    )
    yield gate
    gate.close()


def lost(shop: Shop, gate: Gate, order: str = "order-1") -> dict[str, Any]:
    """A session that was made, and whose maker does not know it."""
    shop.store.run_in_transaction(lambda: ordered(order))
    shop.sandbox.faults.add("reset", operations="createSession")
    with pytest.raises(OutcomeUnknown):
        gate.sessions.create(amount=PRICE, flow="on_ramp", return_url=RETURN, order=order)
    shop.sandbox.faults.clear()
    [session] = [
        one for one in shop.sandbox.books()["sessions"] if one["metadata"]["order_id"] == order
    ]
    return dict(session)


def intent_of(store: Store, session: dict[str, Any]) -> Intent:
    key = session["metadata"]["zerogate_key"]
    [row] = store.run_in_transaction(lambda: intents_under(SCOPE, key))
    return row


def told(session: dict[str, Any], name: str, event_id: str, at: float, **changes: Any) -> bytes:
    return event(event_id, f"gate_session.{name}", at, **{**session, **changes})


def told_of(operation: str, id: str, data: dict[str, Any], now: float) -> Any:
    return identify(SCOPE, operation, id, data, now, LeaseClock("tests", now))


def twin_of(shop: Shop, session: dict[str, Any]) -> str:
    """Another session with the very marks of this one, as a server makes it that forgot a key."""
    body = {
        name: session[name] for name in ("amount", "currency", "return_url", "flow", "metadata")
    }
    request = Request(
        method="POST",
        origin="https://gate-api-sandbox.0bit.app",
        target="/v1/gate_sessions",
        headers=(
            ("Authorization", "Bearer sk_test_shop"),
            ("Content-Type", "application/json"),
            ("Idempotency-Key", "a key that nobody has"),
        ),
        body=json.dumps(body).encode(),
    )
    reply = shop.sandbox.transport().send(request, shop.clock.monotonic() + 10)
    return str(json.loads(reply.body)["id"])


def test_the_event_gives_the_intent_its_id_and_the_payment_is_handled(
    shop: Shop, impatient: Gate
) -> None:
    session = lost(shop, impatient)
    shop.sandbox.pay(session["id"])
    # The list is an hour behind, so that nothing but the event tells.
    shop.sandbox.faults.add("error", operations="listSessions")
    shop.deliver()
    assert shop.drain() >= 1
    assert shop.orders == {"order-1": ("Settled", 1)}
    row = intent_of(shop.store, session)
    assert (row.state, row.object_id, row.body) == ("known", session["id"], None)
    assert row.secret_at is None
    again = shop.gate.sessions.create(
        amount=PRICE, flow="on_ramp", return_url=RETURN, order="order-1"
    )
    assert again.id == session["id"]
    assert len(shop.sandbox.books()["sessions"]) == 1


def test_whoever_holds_the_intent_keeps_it(shop: Shop, impatient: Gate) -> None:
    session = lost(shop, impatient)
    row = intent_of(shop.store, session)
    lease = LeaseClock("tests", now=shop.clock.now()).lasting(30)

    taken = lambda: take_over(row, lease=lease, holder="somebody")  # noqa: E731
    assert shop.store.run_in_transaction(taken) is not None
    before = intent_of(shop.store, session)
    shop.deliver()
    shop.drain(lambda received: None)
    after = intent_of(shop.store, session)
    assert after.object_id == session["id"]
    for name in ("holder", "state", "secret_at", "due_at", "outcome"):
        assert getattr(after, name) == getattr(before, name), name
    assert before.lease is not None
    assert after.lease is not None
    assert after.lease.until == before.lease.until > 0
    # Its holder ends in doubt, and the id is not forgotten: recovery reads it, and searches for nothing.
    shop.store.run_in_transaction(
        lambda: save_intent(before.doubtful(shop.clock.now(), "no answer"))
    )
    assert intent_of(shop.store, session).object_id == session["id"]
    shop.sandbox.faults.add("error", operations="listSessions")
    shop.clock.advance(60)
    [recovered] = shop.gate.recover()
    assert (recovered.id, recovered.error) == (session["id"], None)
    assert len(shop.sandbox.books()["sessions"]) == 1


def test_a_secret_that_leaves_under_another_holder_is_noted_first(shop: Shop) -> None:
    """A create is slow; its lease runs out, an event tells of its session, and then its answer comes."""
    inner = shop.sandbox.transport()
    shop.store.run_in_transaction(lambda: ordered("order-1"))

    class Slow:
        def send(self, request: Any, until: float) -> Any:
            reply = inner.send(request, until)
            if request.method == "POST":
                shop.clock.advance(100)
                shop.deliver()
                shop.drain(lambda received: None)
            return reply

    gate = Gate("sk_test_shop", transport=Slow(), clock=shop.clock, store=shop.store, timeout=20)
    made = gate.sessions.create(amount=PRICE, flow="on_ramp", return_url=RETURN, order="order-1")
    assert made.client_secret
    [session] = shop.sandbox.books()["sessions"]
    row = intent_of(shop.store, session)
    assert (row.state, row.object_id) == ("known", made.id)
    assert row.secret_at is not None
    gate.close()


def test_an_event_of_another_session_under_the_key_holds_the_order(shop: Shop) -> None:
    session = shop.order("order-1")
    [row] = [one for one in shop.sandbox.books()["sessions"] if one["id"] == session.id]
    made = twin_of(shop, row)
    shop.sandbox.pay(made)
    shop.mail.clear()
    now = shop.clock.now()
    body = told(row, "completed", "evt_other", now, id=made, status="completed")
    shop.deliver((body, signed(body, now)))
    seen: list[Any] = []

    def handler(received: EventContext) -> None:
        seen.append(received.outcome(expect=PRICE, order="order-1", statuses=STATUSES))

    assert shop.drain(handler) == 1
    assert (type(seen[0]), seen[0].reason) == (Hold, "another_session")
    stands = intent_of(shop.store, row)
    assert (stands.object_id, stands.another) == (session.id, made)
    for id in (session.id, made):
        outcome = shop.gate.reconcile.session(id, expect=PRICE, order="order-1")
        assert (type(outcome), outcome.reason) == (Hold, "another_session")
    whole = shop.gate.reconcile.order("order-1", expect=PRICE)
    assert (type(whole), whole.reason) == (Hold, "another_session")
    # Nobody cancels either of them, and no attempt follows.
    shop.clock.advance(4000)
    shop.gate.recover()
    assert str(shop.gate.sessions.retrieve(session.id).status) == "open"
    with pytest.raises(GateError, match="a person has to decide"):
        shop.gate.sessions.create(amount=PRICE, return_url=RETURN, order="order-1", attempt=3)
    with pytest.raises(GateError, match="a person has to decide"):
        shop.gate.sessions.create(
            amount=PRICE, return_url=RETURN, order="order-1", attempt=3, at_once=True
        )


def test_an_event_of_another_session_of_a_closed_attempt_holds_the_order(shop: Shop) -> None:
    """All attempts are over; then an event tells of a second session under the key of the first, paid."""
    first = shop.order("order-1")
    [row] = shop.sandbox.books()["sessions"]
    shop.gate.sessions.cancel(first.id)
    shop.clock.advance(4000)
    second = shop.gate.sessions.create(
        amount=PRICE, flow="on_ramp", return_url=RETURN, order="order-1", attempt=2
    )
    shop.gate.sessions.cancel(second.id)
    shop.clock.advance(4000)
    made = twin_of(shop, row)
    shop.sandbox.pay(made)
    shop.mail.clear()
    now = shop.clock.now()
    body = told(row, "completed", "evt_other", now, id=made, status="completed")
    shop.deliver((body, signed(body, now)))
    assert shop.drain(lambda received: None) == 1
    with pytest.raises(GateError, match="a person has to decide"):
        shop.gate.sessions.create(
            amount=PRICE, flow="on_ramp", return_url=RETURN, order="order-1", attempt=3
        )
    whole = shop.gate.reconcile.order("order-1", expect=PRICE)
    assert (type(whole), whole.reason) == (Hold, "another_session")


def test_strangers_marks_give_nothing(shop: Shop, impatient: Gate) -> None:
    session = lost(shop, impatient)
    marks = session["metadata"]
    for changes in (
        {"metadata": {}},
        {"metadata": {**marks, "zerogate_key": "another"}},
        {"metadata": {**marks, "zerogate_namespace": "another"}},
        {"metadata": {**marks, "order_id": "another"}},
        {"metadata": {**marks, "zerogate_attempt": "2"}},
        {"created_at": "2001-01-01T00:00:00Z"},
    ):
        data = {**session, **changes}
        now = shop.clock.now()
        step = lambda data=data, now=now: told_of("createSession", "gs_x", data, now)  # noqa: E731
        assert shop.store.run_in_transaction(step) is False
    assert intent_of(shop.store, session).object_id is None


def test_a_rail_is_known_by_the_quote_that_it_redeemed(shop: Shop, impatient: Gate) -> None:
    shop.order("order-1")
    [session] = shop.sandbox.books()["sessions"]
    quote = impatient.quotes.lock(
        amount=PRICE, asset="USDC", side="on_ramp", payment_method="bank_transfer"
    )
    shop.sandbox.faults.add("reset", operations="createPayIn")
    with pytest.raises(OutcomeUnknown):
        impatient.pay_ins.create(
            quote_id=quote.id, gate_session_id=session["id"], order="order-1", expect=PRICE
        )
    shop.sandbox.faults.clear()
    [rail] = shop.sandbox.books()["pay_ins"]
    now = shop.clock.now()
    assert shop.store.run_in_transaction(lambda: told_of("createPayIn", rail["id"], rail, now))
    assert not shop.store.run_in_transaction(
        lambda: told_of("createPayIn", "pi_x", {**rail, "quote_id": "q"}, now)
    )
    assert [one.error for one in shop.gate.recover()] in ([], [None])
    assert json.dumps(shop.sandbox.books()["pay_ins"]).count(rail["id"]) >= 1


@pytest.mark.parametrize("order", ["order-1", None])
def test_a_pay_out_without_a_session_is_known_by_the_quote_that_it_redeemed(
    shop: Shop, order: str | None
) -> None:
    """The contract lets it have none: then the event has null for what the body left out."""
    now = shop.clock.now()
    body = b'{"quote_id":"q_1"}'
    identity = Identity(order, 1 if order else None, "key-1")
    made = new_intent(SCOPE, "createPayOut", identity, body, now)
    shop.store.run_in_transaction(
        lambda: write_intent(made.doubtful(now, "no answer", state="sent"))
    )
    told = {"quote_id": "q_1", "gate_session_id": None, "reference": order, "status": "processing"}
    assert shop.store.run_in_transaction(lambda: told_of("createPayOut", "po_1", told, now))
    [row] = shop.store.run_in_transaction(lambda: intents_under(SCOPE, "key-1"))
    assert (row.state, row.object_id) == ("known", "po_1")


def test_what_was_lost_is_fulfilled_by_the_usual_handler(shop: Shop, impatient: Gate) -> None:
    session = lost(shop, impatient)
    shop.sandbox.pay(session["id"])
    shop.deliver()
    shop.drain(fulfil)
    assert shop.orders == {"order-1": ("Settled", 1)}
    outcome = shop.gate.reconcile.order("order-1", expect=PRICE, statuses=STATUSES)
    assert outcome.may_fulfil
