"""The calls that users of the inbox and the fleet make: checked, never run."""

from __future__ import annotations

from datetime import datetime
from typing import Any, assert_type

from celery import Celery
from zerogate import AsyncGate, Gate, Money, Outcome
from zerogate.webhooks import WebhookSecret
from zerogate_celery import Fleet, Work
from zerogate_store import (
    AsyncInbox,
    AsyncRateLimiter,
    EventContext,
    Inbox,
    Metrics,
    Missing,
    RateLimiter,
    Receipt,
    RetryLater,
    Store,
    StoredEvent,
)


def handler(received: EventContext) -> None:
    assert_type(received.idempotency_key, str)
    assert_type(received.order, str | None)
    assert_type(received.behind, tuple[str, ...])
    outcome: Outcome = received.outcome(expect=Money("100.00", "EUR"), order="order-1")
    if not outcome.may_fulfil:
        raise RetryLater(seconds=60)


async def awaited(received: EventContext) -> None:
    await received.connection.execute("…")


def sync_half(store: Store, gate: Gate, body: bytes, headers: dict[str, str], within: Any) -> None:
    secrets = [WebhookSecret("whsec_…", mode="live"), WebhookSecret("whsec_…", mode="test")]
    inbox = Inbox(
        store, secrets, gate=gate, mode="live", rate_limiter=RateLimiter(store, mode="live", rate=2)
    )
    assert_type(inbox.receive(body, headers), Receipt)
    assert_type(inbox.process(handler), bool)
    assert_type(inbox.drain(handler, transaction=within), int)
    assert_type(inbox.drain(handler, external_effect=True), int)
    assert_type(inbox.missing(gate), Missing)
    assert_type(inbox.sweep(most=10), int)
    assert_type(inbox.rebuild(since=datetime.min), int)
    assert_type(inbox.metrics(), Metrics)
    assert_type(inbox.metrics().counts["quarantined"], int)
    Inbox(store, secrets, mode="live", order="strict", lease=30)
    assert_type(inbox.kept("parked"), list[StoredEvent])
    assert_type(inbox.retry("evt_1"), bool)
    assert_type(inbox.forget(datetime.min), int)


async def async_half(store: Store, gate: AsyncGate, body: bytes, headers: Any) -> None:
    inbox = AsyncInbox(
        store, "whsec_…", gate=gate, rate_limiter=AsyncRateLimiter(store, mode="test")
    )
    assert_type(await inbox.receive(body, headers), Receipt)
    assert_type(await inbox.drain(awaited), int)
    assert_type(await inbox.drain(handler), int)
    assert_type(await inbox.missing(), Missing)


def fleet(store: Store, gate: Gate) -> None:
    def work() -> Work:
        return Work(inbox=Inbox(store, gate=gate), handler=handler, gate=gate, retention=90)

    Fleet(Celery("shop"), work, poll=5, maintain=300).wake()
