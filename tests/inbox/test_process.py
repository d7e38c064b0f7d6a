"""What follows from an event: once, undone as a whole or not at all, and nothing waits for what is parked."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import pairwise
from typing import Any

import psycopg
import pytest
import sqlalchemy as sa
from sqlalchemy.orm import sessionmaker
from zerogate import Gate, GateUsageError, Hold, Settled
from zerogate_store import EventContext, RetryLater, Store
from zerogate_store._store import sync_step_on
from zerogate_store._sync import inbox as half

from tests.inbox.shop import (
    PRICE,
    RETURN,
    Shop,
    event,
    fulfil,
    ordered,
    settled,
    shop_on,
    signed,
)
from tests.thrown import THROWN, interrupt, thrown


def test_a_paid_order_is_fulfilled_once(shop: Shop) -> None:
    session = shop.order("order-1")
    shop.sandbox.pay(session.id)
    shop.sandbox.deliver()
    mail = shop.mail * 3
    shop.deliver(*mail)
    shop.drain()
    shop.deliver(*mail)
    shop.drain()
    assert shop.orders == {"order-1": ("Settled", 1)}
    assert shop.counts == {"done": len(mail) // 3}


def test_what_a_handler_wrote_is_undone_with_its_failure(shop: Shop) -> None:
    session = shop.order("order-1")
    shop.sandbox.pay(session.id)
    shop.deliver()
    failing = True

    def handler(received: EventContext) -> None:
        fulfil(received)
        if failing:
            raise LookupError("after its writes")

    assert shop.drain(handler) == 0
    assert shop.effects == []
    assert shop.orders == {"order-1": ("open", 0)}
    failing = False
    assert shop.drain(handler) == 0, "it is not due yet"
    shop.clock.advance(3600)
    shop.drain(handler)
    assert shop.orders == {"order-1": ("Settled", 1)}


def test_pauses_grow_and_in_the_end_an_event_is_parked(shop: Shop) -> None:
    shop.order("order-1")
    shop.deliver()
    tried: list[float] = []

    def handler(received: EventContext) -> None:
        tried.append(shop.clock.now())
        raise LookupError

    inbox = shop.opened(tries=5)
    for _ in range(60):
        inbox.drain(handler)
        shop.clock.advance(1)
    waits = [after - before for before, after in pairwise(tried)]
    assert waits == [2, 4, 8, 16]
    [parked] = inbox.kept("parked")
    assert (parked.attempts, parked.reason, parked.due_at) == (5, "LookupError", None)


def test_a_parked_event_does_not_block_its_session(shop: Shop) -> None:
    session = shop.order("order-1")
    shop.deliver()

    def broken(received: EventContext) -> None:
        raise LookupError

    inbox = shop.opened(tries=1)
    inbox.drain(broken)
    assert inbox.metrics().counts == {"parked": 1}
    shop.clock.advance(60)
    shop.sandbox.start(session.id)
    shop.deliver()
    seen: list[tuple[str, bool]] = []
    inbox.drain(lambda received: seen.append((received.event.type, received.read)))
    # Something was missed, so even progress comes with what the server says now.
    assert seen == [("gate_session.processing", True)]
    [parked] = inbox.kept("parked")
    assert inbox.retry(parked.id)
    assert not inbox.retry(parked.id)
    inbox.drain(lambda received: seen.append((received.event.type, received.read)))
    assert seen[1] == ("gate_session.created", False)
    assert inbox.metrics().counts == {"done": 2}


def test_events_of_a_session_are_handled_in_the_order_they_happened(shop: Shop) -> None:
    session = shop.order("order-1")
    shop.clock.advance(1)
    refid = shop.sandbox.start(session.id)["refid"]
    shop.clock.advance(1)
    shop.sandbox.settle(refid)
    shop.sandbox.deliver()
    mail, shop.mail[:] = shop.mail[::-1], []
    shop.deliver(*mail)
    seen: list[str] = []
    shop.drain(lambda received: seen.append(received.event.type.partition(".")[2]))
    assert seen == ["created", "processing", "completed"]


def test_late_progress_reaches_no_handler(shop: Shop) -> None:
    session = shop.order("order-1")
    shop.sandbox.deliver()
    created = shop.mail[:]
    shop.mail.clear()
    shop.clock.advance(1)
    shop.sandbox.pay(session.id)
    shop.deliver()
    shop.drain()
    effects = shop.effects
    shop.deliver(*created)
    assert shop.drain() == 1
    assert shop.effects == effects
    assert shop.orders == {"order-1": ("Settled", 1)}


def test_a_success_after_the_end_is_held(shop: Shop) -> None:
    session = shop.order("order-1")
    shop.gate.sessions.cancel(session.id)
    shop.deliver()
    shop.drain()
    assert shop.orders == {"order-1": ("Pending", 0)}
    shop.clock.advance(601)
    assert shop.drain() == 1
    assert shop.orders == {"order-1": ("Failed", 0)}
    now = shop.clock.now()
    body = event(
        "evt_late",
        "gate_session.completed",
        now,
        id=session.id,
        mode="test",
        metadata={"order_id": "order-1"},
    )
    shop.deliver((body, signed(body, now)))
    seen: list[EventContext] = []
    shop.drain(seen.append)
    assert (seen[0].standing, seen[0].late) == ("hold", True)
    assert isinstance(seen[0].hold, Hold)
    assert seen[0].hold.reason == "late_money"


def test_money_that_came_after_a_cancel_is_held_by_what_is_read(store: Store) -> None:
    with shop_on(store, profile={"base": "documented", "late_success": "completes"}) as shop:
        session = shop.order("order-1")
        refid = shop.sandbox.start(session.id)["refid"]
        shop.gate.sessions.cancel(session.id)
        shop.deliver()
        shop.drain()
        shop.clock.advance(5)
        shop.sandbox.settle(refid)
        shop.deliver()
        shop.drain()
        assert shop.orders == {"order-1": ("Hold", 0)}


def test_a_second_payment_is_told(shop: Shop) -> None:
    session = shop.order("order-1")
    shop.sandbox.pay_twice(session.id)
    shop.deliver()
    shop.drain()
    assert shop.orders == {"order-1": ("Mismatch", 0)}


def test_a_payment_that_is_not_listed_yet_is_tried_again(store: Store) -> None:
    with shop_on(store, profile={"base": "documented", "list_lag": 30}) as shop:
        session = shop.order("order-1")
        shop.clock.advance(60)
        shop.sandbox.pay(session.id)
        shop.deliver()
        shop.drain()
        assert shop.orders["order-1"][1] == 0
        for _ in range(100):
            shop.clock.advance(1)
            shop.drain()
        assert shop.orders == {"order-1": ("Settled", 1)}


def test_a_handler_can_ask_for_more_time(shop: Shop) -> None:
    shop.order("order-1")
    shop.deliver()

    def later(received: EventContext) -> None:
        raise RetryLater("the warehouse is asleep", seconds=100)

    shop.drain(later)
    shop.clock.advance(99)
    assert shop.drain() == 0
    shop.clock.advance(1)
    assert shop.drain() == 1


# --- what was not made here ---


def test_an_event_before_its_create_was_recorded_waits_for_it(shop: Shop) -> None:
    other = Gate("sk_test_shop", transport=shop.sandbox.transport(), clock=shop.clock)
    session = other.sessions.create(
        amount=PRICE, flow="on_ramp", return_url=RETURN, order="order-1"
    )
    shop.deliver()
    assert shop.drain() == 0
    assert shop.counts == {"pending": 1}
    shop.store.run_in_transaction(lambda: ordered("order-1"))
    # It was made outside of this store, as if a row were late: to the store it is a new order.
    again = shop.gate.sessions.create(
        amount=PRICE, flow="on_ramp", return_url=RETURN, order="order-1", new_order=True
    )
    assert again.id == session.id
    shop.clock.advance(60)
    assert shop.drain() == 1
    other.close()


def test_an_event_of_somebody_elses_session_is_kept_apart_and_can_be_routed(shop: Shop) -> None:
    other = Gate("sk_test_shop", transport=shop.sandbox.transport(), clock=shop.clock)
    session = other.sessions.create(
        amount=PRICE, flow="on_ramp", return_url=RETURN, order="theirs-1"
    )
    shop.deliver()
    for _ in range(20):
        assert shop.drain() == 0
        shop.clock.advance(60)
    assert shop.counts == {"unmatched": 1}
    [kept] = shop.inbox.kept("unmatched")
    assert (kept.subject, kept.order) == (session.id, "theirs-1")
    assert shop.inbox.route(kept.id)
    seen: list[str | None] = []
    shop.drain(lambda received: seen.append(received.order))
    assert seen == ["theirs-1"]
    other.close()


def test_without_a_journal_everything_is_handled(shop: Shop) -> None:
    other = Gate("sk_test_shop", transport=shop.sandbox.transport(), clock=shop.clock)
    other.sessions.create(amount=PRICE, flow="on_ramp", return_url=RETURN, order="order-1")
    shop.deliver()
    assert shop.opened(match=False).drain(lambda received: None) == 1
    other.close()


# --- several workers ---


def test_a_subject_is_one_workers_at_a_time(shop: Shop) -> None:
    one, two = shop.order("order-1"), shop.order("order-2")
    shop.deliver()
    other = shop.opened()
    inner: list[str] = []

    def handler(received: EventContext) -> None:
        if not inner:
            inner.append("")
            # Only to look: SQLite has one writer, so there the other worker would wait for us.
            other.process(lambda nested: inner.append(nested.subject), external_effect=True)

    shop.drain(handler, external_effect=True)
    assert len(inner) == 2
    assert inner[1] in (one.id, two.id)
    assert shop.counts == {"done": 2}


def test_a_worker_that_was_taken_over_leaves_nothing(shop: Shop) -> None:
    session = shop.order("order-1")
    shop.sandbox.pay(session.id)
    shop.deliver()
    other = shop.opened(lease=5)

    def slow(received: EventContext) -> None:
        # Its transaction has not begun: as if it had been asleep between its claim and its fence.
        raise AssertionError("a worker without a lease handles nothing")

    @contextmanager
    def after_a_nap() -> Iterator[Any]:
        shop.clock.advance(61)
        other.drain(fulfil)
        with shop.store.engine.begin() as connection:
            yield connection

    shop.inbox.process(slow, transaction=after_a_nap)
    assert shop.orders == {"order-1": ("Settled", 1)}
    assert set(shop.counts) == {"done"}


def test_the_lease_of_a_worker_that_died_runs_out(shop: Shop) -> None:
    shop.order("order-1")
    shop.deliver()

    class Killed(BaseException):
        pass

    def dies(received: EventContext) -> None:
        raise Killed

    dying = shop.opened(lease=30)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(half.steps, "release", lambda *_: iter(()))
        with pytest.raises(Killed):
            dying.process(dies)
    assert shop.drain() == 0
    shop.clock.advance(31)
    assert shop.drain() == 1


# --- where the effect is ---


def test_an_effect_elsewhere_has_a_key_and_no_transaction(shop: Shop) -> None:
    session = shop.order("order-1")
    shop.sandbox.pay(session.id)
    shop.deliver()
    sent: list[tuple[str, Any]] = []

    def handler(received: EventContext) -> None:
        sent.append((received.idempotency_key, received.connection))
        if len(sent) == 1:
            raise ConnectionError("the mail server")

    shop.drain(handler, external_effect=True)
    shop.clock.advance(10)
    shop.drain(handler, external_effect=True)
    assert sent[0] == sent[1]
    assert sent[0][1] is None


def driver_url(url: str) -> sa.URL:
    kind = "sqlite" if url.startswith("sqlite") else "postgresql+psycopg"
    return sa.make_url(url).set(drivername=kind)


def raw_connections(url: str) -> Any:
    @contextmanager
    def begin() -> Iterator[Any]:
        if url.startswith("sqlite"):
            connection: Any = sqlite3.connect(url.removeprefix("sqlite:///"))
        else:
            connection = psycopg.connect(url)
        try:
            with connection:
                yield connection
        finally:
            connection.close()

    return begin


@pytest.mark.parametrize("kind", ["core", "session", "driver"])
def test_a_handler_writes_on_the_partners_own_connection(url: str, shop: Shop, kind: str) -> None:
    session = shop.order("order-1")
    shop.sandbox.pay(session.id)
    shop.deliver()
    engine = sa.create_engine(driver_url(url))
    transaction = {
        "core": engine.begin,
        "session": sessionmaker(engine).begin,
        "driver": raw_connections(url),
    }[kind]
    failing = True

    def handler(received: EventContext) -> None:
        outcome = received.outcome(expect=PRICE, order="order-1") if received.read else None
        state = "Settled" if isinstance(outcome, Settled) else received.standing
        sync_step_on(received.connection, settled(received, state))
        if failing:
            raise LookupError

    shop.drain(handler, transaction=transaction)
    assert shop.effects == []
    failing = False
    shop.clock.advance(60)
    shop.drain(handler, transaction=transaction)
    assert shop.orders == {"order-1": ("Settled", 1)}
    engine.dispose()


def test_a_handler_that_has_to_be_awaited_is_not_quietly_dropped(shop: Shop) -> None:
    shop.order("order-1")
    shop.deliver()

    async def awaited(received: EventContext) -> None:
        raise AssertionError

    for external_effect in (False, True):
        with pytest.raises(GateUsageError, match="write def, or use AsyncInbox"):
            shop.drain(awaited, external_effect=external_effect)
    assert shop.drain() == 1


def test_without_a_gate_nothing_is_proved(shop: Shop) -> None:
    session = shop.order("order-1")
    shop.sandbox.pay(session.id)
    shop.deliver()
    blind = shop.opened(gate=None)
    said: list[str] = []

    def handler(received: EventContext) -> None:
        with pytest.raises(GateUsageError, match="give the inbox gate="):
            received.outcome(expect=PRICE, order="order-1")
        said.append(received.standing)

    blind.drain(handler)
    assert said[-1] == "succeeded"


def test_while_gate_cannot_be_read_an_event_waits_and_is_never_parked(shop: Shop) -> None:
    session = shop.order("order-1")
    shop.sandbox.pay(session.id)
    shop.deliver()
    shop.sandbox.faults.add("error", operations="retrieveSession")
    impatient = shop.opened(tries=1)
    for _ in range(5):
        impatient.drain(fulfil)
        shop.clock.advance(3600)
    assert "parked" not in shop.counts
    shop.sandbox.faults.clear()
    impatient.drain(fulfil)
    assert shop.orders == {"order-1": ("Settled", 1)}


@pytest.mark.parametrize("make", THROWN.values(), ids=THROWN.keys())
@pytest.mark.parametrize("external_effect", [False, True], ids=["in the transaction", "elsewhere"])
def test_a_time_limit_in_the_middle_of_a_handler_is_no_failure_of_its_event(
    shop: Shop, make: Callable[[], BaseException], external_effect: bool
) -> None:
    shop.order("order-1")
    shop.deliver()

    def handler(received: EventContext) -> None:
        if not external_effect:
            fulfil(received)
        interrupt()

    with thrown(make):
        shop.drain(handler, external_effect=external_effect)
    assert shop.effects == []
    tried: list[int] = []
    assert shop.drain(lambda received: tried.append(received.tried)) > 0, "it is free at once"
    assert tried[0] == 0


@pytest.mark.parametrize("text", ["a\0b", "a\ud800b"], ids=["NUL", "surrogate"])
@pytest.mark.parametrize("name", ["order_id", "zerogate_key", "zerogate_namespace"])
def test_a_text_that_no_database_takes_keeps_no_other_event_from_its_handler(
    shop: Shop, name: str, text: str
) -> None:
    now = shop.clock.now()
    body = event("evt_odd", "gate_session.created", now, id="cs_odd", metadata={name: text})
    assert shop.deliver((body, signed(body, now))) in (["new"], ["quarantined"])
    session = shop.order("order-1")
    shop.sandbox.pay(session.id)
    shop.deliver()
    shop.drain()
    assert shop.orders == {"order-1": ("Settled", 1)}
