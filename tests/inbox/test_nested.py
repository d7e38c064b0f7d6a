"""A handler that calls the client: what would wait for the handler's own transaction is refused at once."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from zerogate import AsyncGate, Gate, GateUsageError
from zerogate_sandbox import Sandbox
from zerogate_store import AsyncInbox, EventContext, Store, _store

from tests.inbox.shop import PRICE, RETURN, SECRET, Shop, event, fulfil, shop_on, signed


@pytest.fixture
def file(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'gate.db'}"


def completed(shop: Shop) -> str:
    session = shop.order("order-1")
    shop.sandbox.pay(session.id)
    shop.deliver()
    return str(session.id)


@pytest.mark.parametrize("gate_store", ["the same", "another on the same file"])
def test_a_write_is_refused_before_anything_is_sent(
    file: str, gate_store: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    locks: list[Any] = []
    take = _store.begin_writing
    monkeypatch.setattr(_store, "begin_writing", lambda given: (locks.append(given), take(given)))
    store = Store(file)
    with shop_on(store) as shop:
        completed(shop)
        other = store if gate_store == "the same" else Store(file)
        gate = Gate(
            "sk_test_shop", transport=shop.sandbox.transport(), clock=shop.clock, store=other
        )
        refused: list[tuple[str, int]] = []
        asked: list[Any] = []

        def handler(received: EventContext) -> None:
            before, sent = len(locks), len(shop.sandbox.requests())
            try:
                gate.sessions.create(order="order-2", amount=PRICE, return_url=RETURN)
            except GateUsageError as exc:
                refused.append((str(exc), len(locks) - before))
            asked.extend(shop.sandbox.requests()[sent:])
            fulfil(received)

        shop.drain(handler)
        assert refused
        assert all("intend(received.connection" in said for said, _ in refused)
        # SQLite would wait ten seconds for the lock that the handler has: none is asked for.
        assert [taken for _, taken in refused] == [0] * len(refused)
        assert locks
        # Nor is Gate asked for anything, while the handler keeps everybody from the file.
        assert asked == []
        assert shop.orders == {"order-1": ("Settled", 1)}
        # Outside of the handler it is a client as any other.
        gate.sessions.create(order="order-2", amount=PRICE, return_url=RETURN)
        gate.close()
        other.close()
    store.close()


def test_nothing_is_given_up_for_an_attempt_that_is_refused(file: str) -> None:
    store = Store(file)
    with shop_on(store) as shop:
        completed(shop)
        basket = shop.order("order-2")
        refused: list[str] = []

        def handler(received: EventContext) -> None:
            with pytest.raises(GateUsageError, match="would wait for itself") as caught:
                shop.gate.sessions.create(
                    order="order-2", attempt=2, amount=PRICE, return_url=RETURN, at_once=True
                )
            refused.append(str(caught.value))
            fulfil(received)

        shop.drain(handler)
        assert refused
        assert str(shop.gate.sessions.retrieve(basket.id).status) == "open"
    store.close()


def test_what_else_writes_to_the_store_is_refused_at_its_first_statement(
    file: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not only what creates: a word about an order is a row as well, and so is a recovery's."""
    locks: list[Any] = []
    take = _store.begin_writing
    monkeypatch.setattr(_store, "begin_writing", lambda given: (locks.append(given), take(given)))
    store = Store(file)
    with shop_on(store) as shop:
        completed(shop)
        shop.gate.sessions.list().first()
        refused: list[int] = []

        def handler(received: EventContext) -> None:
            before = len(locks)
            with pytest.raises(GateUsageError, match="would wait for itself"):
                shop.gate.journal.vouch("order-2")
            refused.append(len(locks) - before)
            fulfil(received)

        shop.drain(handler)
        assert refused
        assert set(refused) == {0}
    store.close()


def test_what_reads_goes_on_and_what_is_intended_is_sent_after_the_commit(file: str) -> None:
    store = Store(file)
    with shop_on(store) as shop:
        id = completed(shop)
        seen: list[Any] = []

        def handler(received: EventContext) -> None:
            if received.event.type.endswith("completed"):
                seen.append(shop.gate.sessions.retrieve(id).status)
                seen.append(shop.gate.reconcile.session(id, expect=PRICE, order="order-1"))
                shop.gate.journal.intend(
                    received.connection, order="order-2", amount=PRICE, return_url=RETURN
                )
            fulfil(received)

        assert shop.drain(handler) == 3
        assert seen[0] == "completed"
        assert type(seen[1]).__name__ in ("Settled", "Hold")
        shop.clock.advance(120)
        [recovered] = shop.gate.recover()
        assert (recovered.order, recovered.error) == ("order-2", None)
    store.close()


def test_a_database_with_many_writers_takes_it(shop: Shop, url: str) -> None:
    if url.startswith("sqlite"):
        pytest.skip("that has one")
    completed(shop)

    def handler(received: EventContext) -> None:
        shop.gate.sessions.create(order="order-2", amount=PRICE, return_url=RETURN)
        fulfil(received)

    assert shop.drain(handler) == 3
    assert shop.orders == {"order-1": ("Settled", 1)}


def test_where_no_transaction_is_open_everything_may_be_called(file: str) -> None:
    store = Store(file)
    with shop_on(store) as shop:
        completed(shop)
        made: list[str] = []

        def handler(received: EventContext) -> None:
            made.append(
                shop.gate.sessions.create(order="order-2", amount=PRICE, return_url=RETURN).id
            )

        shop.drain(handler, external_effect=True)
        assert len(set(made)) == 1
    store.close()


async def test_the_async_half_refuses_it_too(file: str) -> None:
    store = Store(file)
    sandbox = Sandbox(webhook_secret=SECRET)
    gate = AsyncGate(
        "sk_test_shop", transport=sandbox.transport(), clock=sandbox.clock, store=store
    )
    inbox = AsyncInbox(store, SECRET, mode="test", match=False, clock=sandbox.clock)
    now = sandbox.clock.now()
    body = event("evt_1", "gate_session.processing", now, id="gs_1")
    await inbox.receive(body, signed(body, now))
    refused: list[str] = []

    async def handler(received: EventContext) -> None:
        with pytest.raises(GateUsageError, match="would wait for itself") as caught:
            await gate.sessions.create(order="order-2", amount=PRICE, return_url=RETURN)
        refused.append(str(caught.value))

    @asynccontextmanager
    async def transaction() -> AsyncIterator[Any]:
        with store.engine.begin() as connection:
            yield connection

    assert await inbox.drain(handler, transaction=transaction) == 1
    assert len(refused) == 1
    await gate.sessions.create(order="order-2", amount=PRICE, return_url=RETURN)
    await gate.aclose()
    store.close()


def test_the_partners_own_engine_on_the_same_file_is_known(file: str) -> None:
    store = Store(file)
    engine = sa.create_engine(file)
    with shop_on(store) as shop:
        completed(shop)
        said: list[str] = []

        def handler(received: EventContext) -> None:
            with pytest.raises(GateUsageError) as caught:
                shop.gate.sessions.create(order="order-2", amount=PRICE, return_url=RETURN)
            said.append(str(caught.value))

        shop.drain(handler, transaction=engine.begin)
        assert said
    engine.dispose()
    store.close()
