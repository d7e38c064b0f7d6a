"""Whatever order events come in, and however often, it ends in the same state."""

from __future__ import annotations

import json
import os
import random
from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import permutations
from math import gcd
from pathlib import Path
from typing import TypeVar

import pytest
from zerogate_store import EventContext, Store
from zerogate_store._store import Statement, Step

from tests.inbox.shop import Mail, Shop, fulfil, shop_on

Event = TypeVar("Event")
_RESET = (
    "DELETE FROM zerogate_events",
    "DELETE FROM zerogate_subjects",
    "DELETE FROM shop_effects",
    "UPDATE shop_orders SET state = 'open', fulfilled = 0",
)
_STANDS = Statement("SELECT succeeded, ended, holder FROM zerogate_subjects")


def emptied() -> Step[None]:
    for text in _RESET:
        yield Statement(text)()


def stands() -> Step[list[tuple[object, ...]]]:
    rows = yield _STANDS()
    return [tuple(row) for row in rows]


def second_try(shop: Shop, order: str = "order-1") -> None:
    """One payment failed, another succeeded, a third never came to anything."""
    session = shop.order(order)
    one, two, _ = (shop.sandbox.start(session.id)["refid"] for _ in range(3))
    shop.clock.advance(1)
    shop.sandbox.fail_transaction(one)
    shop.clock.advance(1)
    shop.sandbox.settle(two)


def late_money(shop: Shop) -> None:
    """A payment failed; while another was under way the shop cancelled, and then it succeeded."""
    session = shop.order("order-1")
    refid = shop.sandbox.start(session.id)["refid"]
    shop.clock.advance(1)
    shop.sandbox.fail_transaction(refid)
    refid = shop.sandbox.start(session.id)["refid"]
    shop.clock.advance(1)
    shop.gate.sessions.cancel(session.id)
    shop.clock.advance(1)
    shop.sandbox.settle(refid)


def paid_twice(shop: Shop) -> None:
    """Three payments were begun, and two of them succeeded."""
    session = shop.order("order-1")
    one, two, _ = (shop.sandbox.start(session.id)["refid"] for _ in range(3))
    shop.sandbox.settle(one)
    shop.clock.advance(1)
    shop.sandbox.settle(two)


#: What each life ends as.
LIVES = {
    "second_try": (second_try, {"order-1": ("Settled", 1)}, (1, 0)),
    "late_money": (late_money, {"order-1": ("Hold", 0)}, (1, 1)),
    "paid_twice": (paid_twice, {"order-1": ("Mismatch", 0)}, (1, 0)),
}
#: How many of the 720 orders of each life are tried, about; ZEROGATE_ORDERS=720 for all.
ORDERS = int(os.environ.get("ZEROGATE_ORDERS", "120"))
#: Every so many-th. By a step that divides 720, all that are tried would end in a few ways alone.
STEP = next(step for step in range(720 // ORDERS, 720) if gcd(step, 720) == 1)


def tried(events: Iterable[Event]) -> list[tuple[Event, ...]]:
    """Return orders of six events: a part of all, with the first and the last of them."""
    every = list(permutations(events))
    return [*every[::STEP], *(every[-1:] if STEP > 1 else ())]


@pytest.fixture
def quick_store(tmp_path: Path) -> Iterator[Store]:
    """What counts here is the order, not the disk."""
    shared = Path("/dev/shm")
    folder = tmp_path if not os.access(shared, os.W_OK) else shared / tmp_path.name
    folder.mkdir(exist_ok=True)
    store = Store(f"sqlite:///{folder / f'gate-{os.getpid()}.db'}")
    yield store
    store.close()
    for left in folder.glob(f"gate-{os.getpid()}.db*"):
        left.unlink()


@pytest.mark.parametrize("name", LIVES)
def test_a_life_ends_the_same_in_every_order_of_its_events(quick_store: Store, name: str) -> None:
    live, orders, stood = LIVES[name]
    with shop_on(quick_store, profile={"base": "documented", "late_success": "completes"}) as shop:
        live(shop)
        shop.sandbox.deliver()
        mail, shop.mail[:] = tuple(shop.mail), []
        assert len(mail) == 6
        chance = random.Random(name)
        for order in tried(mail):
            quick_store.run_in_transaction(emptied)
            for one in order:
                copies = (one,) * chance.randint(1, 2) + (chance.choice(order),) * chance.randint(
                    0, 1
                )
                shop.deliver(*copies)
                if chance.random() < 0.5:
                    shop.drain()
            shop.drain()
            shop.deliver(*order)
            assert shop.drain() == 0
            assert (shop.orders, quick_store.run_in_transaction(stands)) == (
                orders,
                [(*stood, "")],
            ), order
            assert shop.counts == {"done": 6}


#: What says that it is paid.
PAID = "gate_session.completed"


class Poisoned:
    """A handler that cannot bear one event of each order, until it is mended."""

    def __init__(self, poison: set[str]) -> None:
        self.poison, self.mended = poison, False
        self.failed: set[str] = set()

    def __call__(self, received: EventContext) -> None:
        if received.event.id in self.poison and not self.mended:
            self.failed.add(received.event.id)
            raise ValueError("the handler's own fault")
        fulfil(received)


def events_of(mail: list[Mail]) -> dict[str, list[tuple[Mail, str, str]]]:
    """What came of each session: the mail, and the event's id and type."""
    found: dict[str, list[tuple[Mail, str, str]]] = defaultdict(list)
    for one in mail:
        told = json.loads(one[0])
        session = told["data"].get("session_id") or told["data"]["id"]
        found[session].append((one, told["id"], told["type"]))
    return found


def test_in_every_order_a_poisoned_event_delays_no_payment(quick_store: Store) -> None:
    """Many orders of one life, each with its events in another order, and another of them poisoned.

    They are more than one page of what a drain reads, and so are those of them that fail.
    """
    lived = tried(range(6))
    with shop_on(quick_store, profile={"base": "documented", "late_success": "completes"}) as shop:
        for number in range(len(lived)):
            second_try(shop, f"order-{number}")
        shop.sandbox.deliver()
        lives = events_of(shop.mail)
        shop.mail.clear()
        assert {len(life) for life in lives.values()} == {6}
        mixed = [
            [life[n] for n in order] for life, order in zip(lives.values(), lived, strict=True)
        ]
        harmless = [[id for _, id, type in life if type != PAID] for life in mixed]
        handler = Poisoned({some[n % len(some)] for n, some in enumerate(harmless)})
        paid: set[str] = set()
        for turn in range(6):
            for life in mixed:
                one, id, type = life[turn]
                shop.deliver(one)
                paid |= {id} if type == PAID else set()
            shop.drain(handler)
            # Not one waits for a later drain, whatever fails before it.
            assert paid <= {event for event, _, _ in shop.effects}
        assert len(paid) == len(lived) > 100
        assert handler.failed
        assert set(shop.orders.values()) == {("Settled", 1)}
        handler.mended = True
        shop.clock.advance(10)
        shop.drain(handler)
        assert shop.counts == {"done": len(lived) * 6}
        assert set(shop.orders.values()) == {("Settled", 1)}
