"""A handler that fails on one event: what passes keeps its place, and a payment is not late for the rest."""

from __future__ import annotations

import sqlite3
from typing import Any

import psycopg
import pytest
import sqlalchemy as sa
from zerogate import GateUsageError, Settled
from zerogate_store import EventContext, Inbox, StoredEvent
from zerogate_store._inbox.ordering import PASSING, may_go, next_turn
from zerogate_store._troubles import is_conflict

from tests.inbox.shop import PRICE, STATUSES, Shop, event, fulfil, signed


def paid(shop: Shop, order: str = "order-1") -> str:
    """A session whose three events are in the inbox, each a second after the one before."""
    session = shop.order(order)
    shop.clock.advance(1)
    refid = shop.sandbox.start(session.id)["refid"]
    shop.clock.advance(1)
    shop.sandbox.settle(refid)
    shop.deliver()
    return str(session.id)


def waiting(shop: Shop) -> list[StoredEvent]:
    """What is not done, as it happened."""
    return sorted(shop.inbox.kept("pending"), key=lambda one: one.happened_at)


def failing_on(*names: str) -> tuple[Any, list[tuple[str, tuple[str, ...]]]]:
    """A handler that cannot bear these events, and what it was given of the others."""
    seen: list[tuple[str, tuple[str, ...]]] = []

    def handler(received: EventContext) -> None:
        name = received.event.type.rpartition(".")[2]
        if name in names:
            raise RuntimeError("poison")
        seen.append((name, received.behind))
        fulfil(received)

    return handler, seen


def test_a_paid_event_goes_past_one_that_fails(shop: Shop) -> None:
    paid(shop)
    ids = [one.id for one in waiting(shop)]
    handler, seen = failing_on("processing")
    assert shop.drain(handler) == 2
    assert seen == [("created", ()), ("completed", (ids[1],))]
    assert shop.orders == {"order-1": ("Settled", 1)}
    # What was progress then is over, and reaches no handler any more.
    shop.clock.advance(5)
    shop.drain(handler)
    assert shop.counts == {"done": 3}
    assert len(seen) == 2


def test_it_goes_past_two_that_fail_and_other_progress_waits(shop: Shop) -> None:
    paid(shop)
    ids = [one.id for one in waiting(shop)]
    handler, seen = failing_on("created")
    assert shop.drain(handler) == 1
    assert seen == [("completed", (ids[0],))]
    first, second = waiting(shop)
    assert [(one.id, one.attempts) for one in (first, second)] == [(ids[0], 1), (ids[1], 0)]
    # Whoever comes behind it waits with it, and no worker spins on that.
    assert first.due_at == second.due_at


def test_strict_order_is_kept_whatever_it_costs(shop: Shop) -> None:
    paid(shop)
    inbox = shop.opened(order="strict")
    handler, seen = failing_on("processing")
    assert inbox.drain(handler) == 1
    assert seen == [("created", ())]
    handler, seen = failing_on()
    shop.clock.advance(5)
    assert inbox.drain(handler) == 2
    assert seen == [("processing", ()), ("completed", ())]


def failed_tries(shop: Shop, session: str, count: int) -> None:
    """So many events of one session: a try of the customer's that came to nothing."""
    now = shop.clock.now()
    for one in range(count):
        body = event(f"evt_{one:03}", "gate_session.failed", now, id=session, status="open")
        shop.deliver((body, signed(body, now)))


@pytest.mark.parametrize("order", ["results_first", "strict"])
def test_one_session_on_which_everything_fails_keeps_no_other_waiting(
    shop: Shop, order: str
) -> None:
    failed_tries(shop, shop.order("order-1").id, 75)
    inbox = shop.opened(order=order)
    handler, _ = failing_on("failed")
    inbox.drain(handler)
    shop.clock.advance(1)
    paid(shop, "order-2")
    assert inbox.drain(handler) == 3
    assert shop.orders["order-2"] == ("Settled", 1)
    # Nor does a worker spin on what waits: all of it waits with the first.
    (due,) = {one.due_at for one in waiting(shop)}
    assert due is not None
    assert due > shop.clock.now()
    assert inbox.process(handler) is False


def test_a_payment_goes_past_however_many_that_fail(shop: Shop) -> None:
    session = shop.order("order-1")
    failed_tries(shop, session.id, 60)
    handler, seen = failing_on("failed")
    assert shop.drain(handler) == 0
    shop.sandbox.pay(session.id)
    shop.deliver()
    shop.drain(handler)
    assert ("completed", ("evt_000",)) in [(name, behind[:1]) for name, behind in seen]
    assert shop.orders["order-1"] == ("Settled", 1)
    # What is left is tried in its order still.
    tried: list[str] = []

    def bearing(received: EventContext) -> None:
        tried.append(received.event.id)

    shop.clock.advance(60)
    shop.drain(bearing)
    assert [id for id in tried if id.startswith("evt_0")] == [f"evt_{one:03}" for one in range(60)]


def test_a_success_that_waits_is_known_to_the_end_that_goes_past_it(shop: Shop) -> None:
    session = shop.order("order-1")
    now = shop.clock.now()
    for step, name in enumerate(("completed", "expired")):
        body = event(f"evt_{name}", f"gate_session.{name}", now + step, id=session.id, mode="test")
        shop.deliver((body, signed(body, now)))
    shop.clock.advance(2)
    seen: list[tuple[str, str, Any]] = []

    def handler(received: EventContext) -> None:
        seen.append((received.event.id, received.standing, received.hold))
        if received.event.id == "evt_completed":
            raise RuntimeError("the goods are out of stock")

    shop.drain(handler)
    assert [(id, standing) for id, standing, _ in seen[-2:]] == [
        ("evt_completed", "succeeded"),
        ("evt_expired", "hold"),
    ]
    assert seen[-1][2].reason == "late_money"


class Deadlock(Exception):
    sqlstate = "40P01"


def test_a_deadlock_is_tried_again_at_once_and_the_order_is_kept(shop: Shop) -> None:
    paid(shop)
    tried: list[str] = []

    def handler(received: EventContext) -> None:
        tried.append(received.event.type.rpartition(".")[2])
        assert not received.behind
        if tried[-1] == "processing" and tried.count("processing") < 4:
            raise Deadlock

    assert shop.drain(handler) == 3
    assert tried == ["created", *["processing"] * 4, "completed"]
    assert shop.counts == {"done": 3}


def test_what_keeps_meeting_others_keeps_its_place_for_half_a_minute(shop: Shop) -> None:
    paid(shop)
    done: list[tuple[str, float]] = []
    began = shop.clock.now()

    def handler(received: EventContext) -> None:
        name = received.event.type.rpartition(".")[2]
        if name == "processing":
            raise Deadlock
        done.append((name, shop.clock.now() - began))

    for _ in range(60):
        shop.drain(handler)
        shop.clock.advance(1)
    assert done[0] == ("created", 0)
    name, seconds = done[1]
    assert name == "completed"
    assert 25 <= seconds <= 35
    assert "parked" not in shop.counts


def test_the_conflicts_of_real_databases_are_known(shop: Shop, url: str) -> None:
    """Two transactions of the handler's own that meet, as its driver tells of it."""
    if url.startswith("sqlite"):
        path = url.removeprefix("sqlite:///")
        one, two = (sqlite3.connect(path, timeout=0, isolation_level=None) for _ in range(2))
        one.execute("BEGIN IMMEDIATE")
        with pytest.raises(sqlite3.OperationalError) as met:
            two.execute("BEGIN IMMEDIATE")
        one.close(), two.close()
    else:
        engine = sa.create_engine(url.replace("postgresql:", "postgresql+psycopg:"))
        with engine.begin() as one:
            one.exec_driver_sql("INSERT INTO shop_orders VALUES ('o', 'open', 0)")
        serial = engine.execution_options(isolation_level="REPEATABLE READ")
        with serial.connect() as one, serial.connect() as two:
            for connection in (one, two):
                connection.exec_driver_sql("SELECT * FROM shop_orders").fetchall()
            one.exec_driver_sql("UPDATE shop_orders SET state = 'a'")
            one.commit()
            with pytest.raises(sa.exc.OperationalError) as met:
                two.exec_driver_sql("UPDATE shop_orders SET state = 'b'")
            two.rollback()
        engine.dispose()
    assert is_conflict(met.value)
    wrapped = RuntimeError("could not save")
    wrapped.__cause__ = met.value
    assert is_conflict(wrapped)


@pytest.mark.parametrize(
    "exc",
    [RuntimeError("deadlock"), psycopg.errors.UniqueViolation(), KeyError("40001")],
    ids=["words", "a violated constraint", "a key"],
)
def test_other_failures_are_no_conflicts(exc: Exception) -> None:
    assert not is_conflict(exc)


def stored(
    id: str, name: str, due: float, *, attempts: int = 0, reason: str | None = None
) -> StoredEvent:
    return StoredEvent(
        id, "test", f"gate_session.{name}", "session", "gs_1", "gs_1", "o", 0.0, 0.0, None, 0,
        "pending", 0, attempts, due, reason,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("events", "strict", "due"),
    [
        ([stored("a", "processing", 5)], False, 5),
        ([stored("a", "processing", 5), stored("b", "completed", 0)], False, None),
        ([stored("a", "processing", 5), stored("b", "completed", 0)], True, 5),
        ([stored("a", "processing", 5), stored("b", "failed", 0)], False, 5),
        (
            [stored("a", "processing", 5), stored("b", "completed", 7), stored("c", "failed", 0)],
            False,
            5,
        ),
        (
            [
                stored("a", "processing", 5, attempts=4, reason=PASSING + "X"),
                stored("b", "expired", 0),
            ],
            False,
            5,
        ),
        (
            [
                stored("a", "processing", 5, attempts=5, reason=PASSING + "X"),
                stored("b", "expired", 0),
            ],
            False,
            None,
        ),
    ],
)
def test_whose_turn_it_is(events: list[StoredEvent], strict: bool, due: float | None) -> None:
    assert next_turn(events, now=1.0, strict=strict) == due


def test_nothing_waits_behind_nothing() -> None:
    assert may_go(stored("a", "processing", 0), (), strict=True)


def test_an_unknown_order_is_refused(shop: Shop) -> None:
    with pytest.raises(GateUsageError, match="results_first"):
        shop.opened(order="random")


def test_what_goes_past_is_judged_by_a_read_of_its_own(shop: Shop) -> None:
    paid(shop)
    judged: list[Any] = []

    def handler(received: EventContext) -> None:
        if not received.event.type.endswith("completed"):
            raise RuntimeError("poison")
        assert received.read
        judged.append(received.outcome(expect=PRICE, order="order-1", statuses=STATUSES))

    assert Inbox.drain(shop.inbox, handler) == 1
    assert isinstance(judged[0], Settled)
