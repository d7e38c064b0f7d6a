"""On whose connection a handler writes, where it is awaited, and on Django's."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine, async_sessionmaker, create_async_engine
from zerogate import AsyncGate, GateUsageError
from zerogate_sandbox import Sandbox
from zerogate_store import AsyncInbox, EventContext, Store
from zerogate_store._store import async_step_on, sync_step_on

from tests.databases import schema
from tests.django_ready import ready
from tests.inbox.shop import PRICE, RETURN, SECRET, Shop, ordered, settled, shop_on


@pytest.fixture
async def engine() -> AsyncIterator[AsyncEngine]:
    with schema() as url:
        made = create_async_engine(sa.make_url(url).set(drivername="postgresql+psycopg"))
        yield made
        await made.dispose()


@pytest.fixture
def plain(engine: AsyncEngine) -> Iterator[Store]:
    """The same database, to prepare and to look."""
    store = Store(engine.url.render_as_string(hide_password=False))
    yield store
    store.close()


@pytest.mark.parametrize("kind", ["engine", "core", "session", "driver"])
async def test_an_awaited_handler_writes_in_the_transaction_of_the_mark(
    engine: AsyncEngine, plain: Store, kind: str
) -> None:
    with shop_on(plain) as shop:
        session = shop.order("order-1")
        shop.sandbox.pay(session.id)
        shop.deliver()
        url = engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
        transaction: dict[str, Callable[[], Any] | None] = {
            "engine": None,
            "core": engine.begin,
            "session": async_sessionmaker(engine).begin,
            "driver": lambda: Psycopg(url),
        }
        gate = AsyncGate("sk_test_shop", transport=shop.sandbox.transport(), clock=shop.clock)
        failing = True

        async def handler(received: EventContext) -> None:
            state = received.standing
            if received.read:
                outcome = received.outcome(expect=PRICE, order="order-1")
                state = type(outcome).__name__  # type: ignore[assignment]
            await async_step_on(received.connection, settled(received, state))
            if failing:
                raise LookupError

        async with gate:
            inbox = AsyncInbox(Store(engine), SECRET, gate=gate, clock=shop.clock)
            await inbox.drain(handler, transaction=transaction[kind])
            assert shop.effects == []
            failing = False
            shop.clock.advance(60)
            await inbox.drain(handler, transaction=transaction[kind])
            assert shop.orders == {"order-1": ("Settled", 1)}
            assert shop.counts == {"done": 3}


class Psycopg:
    """psycopg's connection commits at its end; making one has to be awaited."""

    def __init__(self, url: str) -> None:
        self._url = url

    async def __aenter__(self) -> Any:
        self._connection = await psycopg.AsyncConnection.connect(self._url)
        return await self._connection.__aenter__()

    async def __aexit__(self, *error: Any) -> None:
        await self._connection.__aexit__(*error)


async def test_without_an_awaited_connection_a_plain_handler_runs_in_a_thread(shop: Shop) -> None:
    session = shop.order("order-1")
    shop.sandbox.pay(session.id)
    shop.deliver()
    gate = AsyncGate("sk_test_shop", transport=shop.sandbox.transport(), clock=shop.clock)

    def handler(received: EventContext) -> None:
        sync_step_on(received.connection, settled(received, received.standing))

    async def awaited(received: EventContext) -> None:
        raise AssertionError

    async with gate:
        inbox = AsyncInbox(shop.store, SECRET, gate=gate, clock=shop.clock)
        with pytest.raises(GateUsageError, match="AsyncEngine"):
            await inbox.drain(awaited)
        assert await inbox.drain(handler) == 3
    assert shop.orders["order-1"][0] == "succeeded"


@pytest.fixture
def django_connection(url: str) -> Iterator[Any]:
    """Django's own connection to the same database, and nothing else of Django."""
    ready()
    from django.db.utils import ConnectionHandler

    parts = sa.make_url(url)
    if url.startswith("sqlite"):
        settings: dict[str, Any] = {"ENGINE": "django.db.backends.sqlite3", "NAME": parts.database}
    else:
        settings = {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": parts.database,
            "USER": parts.username,
            "PASSWORD": parts.password or "",
            "HOST": parts.host,
            "PORT": str(parts.port or ""),
            "OPTIONS": {"options": parts.query["options"]},
        }
    handler = ConnectionHandler({"default": settings})
    yield handler["default"]
    handler.close_all()


def test_a_handler_writes_on_djangos_connection(shop: Shop, django_connection: Any) -> None:
    session = shop.order("order-1")
    shop.sandbox.pay(session.id)
    shop.deliver()

    @contextmanager
    def atomic() -> Iterator[Any]:
        django_connection.ensure_connection()
        django_connection.set_autocommit(False)
        try:
            yield django_connection
            django_connection.commit()
        except BaseException:
            django_connection.rollback()
            raise
        finally:
            django_connection.set_autocommit(True)

    failing = True

    def handler(received: EventContext) -> None:
        sync_step_on(received.connection, settled(received, received.standing))
        if failing:
            raise LookupError

    shop.drain(handler, transaction=atomic)
    assert shop.effects == []
    failing = False
    shop.clock.advance(60)
    shop.drain(handler, transaction=atomic)
    assert shop.orders["order-1"][0] == "succeeded"


async def test_a_cancelled_worker_gives_its_events_back(shop: Shop) -> None:
    sandbox: Sandbox = shop.sandbox
    gate = AsyncGate("sk_test_shop", transport=sandbox.transport(), clock=shop.clock)
    shop.store.run_in_transaction(lambda: ordered("order-1"))
    shop.gate.sessions.create(amount=PRICE, flow="on_ramp", return_url=RETURN, order="order-1")
    shop.deliver()
    begun = asyncio.Event()

    async def hangs(received: EventContext) -> None:
        begun.set()
        await asyncio.Event().wait()

    async with gate:
        inbox = AsyncInbox(shop.store, SECRET, gate=gate, clock=shop.clock)
        task = asyncio.create_task(inbox.process(hangs, external_effect=True))
        await begun.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    assert shop.drain() == 1
