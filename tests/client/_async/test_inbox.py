"""The inbox in both halves: receive, handle, look after what nobody told."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from zerogate import AsyncGate, Money, Settled
from zerogate_sandbox import Sandbox
from zerogate_store import AsyncInbox, AsyncRateLimiter, EventContext, Store
from zerogate_store._store import Statement, sync_step_on

SECRET = "whsec_test_0123456789abcdef"
PRICE = Money("100.00", "EUR")
TABLE = Statement("CREATE TABLE IF NOT EXISTS goods (id TEXT PRIMARY KEY)")
SEND = Statement("INSERT INTO goods (id) VALUES (:id)")
SENT = Statement("SELECT id FROM goods")


def run(store: Store, statement: Statement, **values: Any) -> list[Any]:
    def step() -> Any:
        return (yield statement(**values))

    return list(store.run_in_transaction(step))


def handler(received: EventContext) -> None:
    if not received.read or not received.order:
        return
    if isinstance(received.outcome(expect=PRICE, order=received.order), Settled):

        def step() -> Any:
            yield SEND(id=received.order)

        sync_step_on(received.connection, step())


async def test_a_payment_from_its_webhook_to_its_effect(tmp_path: Path) -> None:
    mail: list[Any] = []
    store = Store(f"sqlite:///{tmp_path / 'gate.db'}")
    run(store, TABLE)
    sandbox = Sandbox(
        webhook=lambda body, headers: mail.append((body, headers)), webhook_secret=SECRET
    )
    options: Any = {"clock": sandbox.clock}
    gate = AsyncGate("sk_test_shop", transport=sandbox.transport(), store=store, **options)
    rate_limiter = AsyncRateLimiter(store, mode="test", **options)
    async with gate:
        inbox = AsyncInbox(store, SECRET, gate=gate, rate_limiter=rate_limiter, **options)
        session = await gate.sessions.create(
            amount=PRICE, flow="on_ramp", return_url="https://shop.example/done", order="order-1"
        )
        sandbox.pay(session.id)
        sandbox.deliver()
        body, headers = mail.pop()
        assert (await inbox.receive(body, headers)).verdict == "new"
        assert (await inbox.receive(body, headers)).verdict == "duplicate"
        assert (await inbox.receive(body, {})).verdict == "refused"
        assert await inbox.drain(handler) == 1
        assert not await inbox.process(handler)
        assert [row[0] for row in run(store, SENT)] == ["order-1"]
        assert (await inbox.metrics()).counts == {"done": 1}

        found = await inbox.missing()
        assert (len(found.gaps), found.looked) == (2, 0)
        lost = await gate.sessions.create(
            amount=PRICE, flow="on_ramp", return_url="https://shop.example/done", order="order-2"
        )
        sandbox.pay(lost.id)
        options["clock"].advance(2 * 86_400)
        assert await inbox.sweep() == 1
        await inbox.drain(handler)
        assert [row[0] for row in run(store, SENT)] == ["order-1", "order-2"]
        assert [kept.id for kept in await inbox.kept("parked")] == []
    store.close()


async def test_an_effect_elsewhere_runs_where_the_caller_runs(tmp_path: Path) -> None:
    store = Store(f"sqlite:///{tmp_path / 'gate.db'}")
    mail: list[Any] = []
    sandbox = Sandbox(
        webhook=lambda body, headers: mail.append((body, headers)), webhook_secret=SECRET
    )
    other = AsyncGate("sk_test_shop", transport=sandbox.transport(), clock=sandbox.clock)
    async with other:
        await other.sessions.create(
            amount=PRICE, flow="on_ramp", return_url="https://shop.example/done", order="order-1"
        )
    sandbox.deliver()
    inbox = AsyncInbox(store, SECRET, mode="test", match=False, clock=sandbox.clock)
    for body, headers in mail:
        await inbox.receive(body, headers)
    keys: list[str] = []

    async def send(received: EventContext) -> None:
        keys.append(received.idempotency_key)

    assert await inbox.drain(send, external_effect=True) == 1
    assert len(keys) == 1
    store.close()
