"""An odd row of another payment stops no recovery, order or sweep; an odd one of ours is no absence."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import attrs
import pytest
from zerogate import (
    AsyncGate,
    Hold,
    Money,
    OutcomeUnknown,
    ReadFailed,
    RetryPolicy,
    Settled,
)
from zerogate._transport.messages import Reply, Request
from zerogate_sandbox import Sandbox
from zerogate_store import AsyncInbox, Store

EUR = Money("100.00", "EUR")
SHOP = "https://shop.example/done"
WHSEC = "whsec_test_0123456789abcdef"


class Odd:
    """A sandbox some of whose objects read oddly, alone and in lists."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._transport: Any = sandbox.transport()
        self.fields: dict[str, dict[str, Any]] = {}
        self.created: list[str] = []

    def send(self, request: Request, until: float) -> Reply:
        reply: Reply = self._transport.send(request, until)
        told = json.loads(reply.body)
        if request.method == "POST" and request.target == "/v1/gate_sessions":
            self.created.append(told.get("id"))
        for row in told.get("data", [told]):
            if isinstance(row, dict) and request.method == "GET":
                row |= self.fields.get(str(row.get("id")), {})
        return attrs.evolve(reply, body=json.dumps(told).encode())


class Shop:
    """One shop, and what Gate tells it."""

    def __init__(self, folder: Path) -> None:
        self.sandbox = Sandbox(seed=2, webhook=lambda body, headers: None, webhook_secret=WHSEC)
        self.odd = Odd(self.sandbox)
        self.store = Store(
            f"sqlite:///{folder / 'gate.db'}", encryption_key=base64.urlsafe_b64encode(bytes(32))
        )
        self.gate = AsyncGate(
            "sk_test_shop",
            transport=self.odd,
            store=self.store,
            clock=self.sandbox.clock,
            retries=RetryPolicy(attempts=1),
        )

    async def create(self, order: str) -> Any:
        return await self.gate.sessions.create(amount=EUR, order=order, return_url=SHOP)

    async def lose(self, order: str) -> None:
        self.sandbox.faults.add("reset", operations="createSession")
        with pytest.raises(OutcomeUnknown):
            await self.create(order)
        self.sandbox.faults.clear()
        self.sandbox.advance(3_600)


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    made = Shop(tmp_path)
    yield made
    made.store.close()


ODD: list[dict[str, Any]] = [{"amount": "1e-7"}, {"created_at": "2026-06-01T12:00:00"}]
ODD += [{"currency": 7}, {"amount": None, "metadata": None}]
#: What a partner may keep, and Gate gives back verbatim: it makes no page unreadable.
KEPT: list[dict[str, Any]] = [{"score": 1e-120}, {"score": -1.5e300}, {"count": 10**120}]
KEPT += [{"cart": json.loads("[" * 90 + "]" * 90)}, {"note": "\ud83d"}]
ODD += [{"metadata": one} for one in KEPT]


@pytest.mark.parametrize("fields", ODD, ids=str)
async def test_a_recovery_goes_on_past_somebody_elses_odd_row(
    shop: Shop, fields: dict[str, Any]
) -> None:
    async with shop.gate:
        await shop.lose("mine")
        theirs = await shop.create("theirs")
        shop.odd.fields[theirs.id] = fields
        (found,) = await shop.gate.recover()
        assert found.error is None
        assert found.id not in (None, theirs.id)


@pytest.mark.parametrize("metadata", KEPT[:-1], ids=lambda kept: next(iter(kept)))
async def test_whatever_is_kept_in_metadata_a_session_is_made_and_read(
    shop: Shop, metadata: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    async with shop.gate:
        made = await shop.gate.sessions.create(
            amount=EUR, order="mine", return_url=SHOP, metadata=metadata
        )
        assert made.client_secret
        assert (await shop.gate.sessions.retrieve(made.id)).metadata["order_id"] == "mine"
        assert [row.id async for row in shop.gate.sessions.list()] == [made.id]
        (page,) = [one async for one in shop.gate.sessions.list().raw_pages()]
        assert (page.items[0]["amount"], page.unreadable) == ("100.00", ())
    assert "its JSON" in caplog.text


@pytest.mark.parametrize("status", [404, 503])
async def test_a_row_that_gate_has_not_keeps_no_other_from_being_read_by_its_id(
    shop: Shop, status: int
) -> None:
    """A list without metadata, and one more row on it, which cannot be read."""
    send = shop.odd.send

    def ghostly(request: Request, until: float) -> Reply:
        reply = send(request, until)
        told = json.loads(reply.body)
        if request.target.endswith("/gs_ghost"):
            error = {"type": "invalid_request", "code": "resource_missing", "message": "no"}
            return attrs.evolve(reply, status=status, body=json.dumps(error).encode())
        if request.method == "GET" and request.target.startswith("/v1/gate_sessions?"):
            told["data"] = [row | {"metadata": None} for row in told["data"]]
            told["data"].insert(0, told["data"][0] | {"id": "gs_ghost"})
        return attrs.evolve(reply, body=json.dumps(told).encode())

    async with shop.gate:
        await shop.lose("mine")
        id = await ours(shop)
        shop.odd.send = ghostly  # type: ignore[method-assign]  # one more row on its lists
        (found,) = await shop.gate.recover()
        assert (found.id, found.error is None) == ((id, True) if status == 404 else (None, False))
        assert shop.odd.created == []


async def ours(shop: Shop) -> str:
    """The id of the session whose create got no answer."""
    rows = [row async for row in shop.gate.sessions.list()]
    return next(str(row.id) for row in rows if row.metadata["order_id"] == "mine")


@pytest.mark.parametrize("fields", [ODD[0], {"metadata": "text"}], ids=str)
async def test_a_row_that_may_be_ours_and_cannot_be_read_is_no_absence(
    shop: Shop, fields: dict[str, Any]
) -> None:
    async with shop.gate:
        await shop.lose("mine")
        shop.odd.fields[await ours(shop)] = fields
        for _ in range(3):
            (found,) = await shop.gate.recover()
            assert found.error is not None
            shop.sandbox.advance(86_400)
        assert shop.odd.created == []


async def test_a_customer_that_may_be_ours_and_cannot_be_read_is_no_absence(shop: Shop) -> None:
    async with shop.gate:
        shop.sandbox.faults.add("reset", operations="createCustomer")
        with pytest.raises(OutcomeUnknown):
            await shop.gate.customers.create(email="eve@shop.example", external_id="u-2")
        shop.sandbox.faults.clear()
        shop.sandbox.advance(3_600)
        (listed,) = [one async for one in shop.gate.customers.list(external_id="u-2")]
        shop.odd.fields[listed.id] = {"first_name": ["odd"], "email": 7}
        (found,) = await shop.gate.recover()
        assert "cannot be read" in str(found.error)
        shop.odd.fields.clear()
        shop.sandbox.advance(3_600)
        (found,) = await shop.gate.recover()
        assert (found.id, found.error) == (listed.id, None)


@pytest.mark.parametrize(
    "fields", [{"amount": "1e-7"}, {"created_at": "1970-01-01T00:00:00Z"}], ids=str
)
async def test_without_a_store_an_order_is_found_past_somebody_elses_odd_row(
    shop: Shop, fields: dict[str, Any]
) -> None:
    other = AsyncGate("sk_test_shop", transport=shop.odd, clock=shop.sandbox.clock)
    since = datetime.fromtimestamp(shop.sandbox.clock.now(), UTC) - timedelta(hours=1)
    async with shop.gate, other:
        mine = await shop.create("mine")
        theirs = await shop.create("theirs")
        shop.sandbox.pay(mine.id)
        shop.odd.fields[theirs.id] = fields
        assert isinstance(
            await other.reconcile.order("mine", expect=EUR, since=since, flow="on_ramp"), Settled
        )


async def test_what_cannot_be_read_of_an_order_itself_is_held_and_no_error_for_ever(
    shop: Shop,
) -> None:
    other = AsyncGate("sk_test_shop", transport=shop.odd, clock=shop.sandbox.clock)
    since = datetime.fromtimestamp(shop.sandbox.clock.now(), UTC) - timedelta(hours=1)
    async with shop.gate, other:
        mine = await shop.create("mine")
        shop.odd.fields[mine.id] = {"amount": "1e-7"}
        shop.sandbox.pay(mine.id)
        asked: dict[str, Any] = {"expect": EUR, "flow": "on_ramp"}
        for outcome in (
            await shop.gate.reconcile.order("mine", **asked),
            await other.reconcile.order("mine", since=since, **asked),
            await other.reconcile.session(mine.id, order="mine", **asked),
            await other.reconcile.wait(mine.id, order="mine", **asked),
        ):
            assert isinstance(outcome, Hold)
            assert (outcome.reason, outcome.paid) == ("unreadable", EUR)
            assert mine.id in outcome.detail
            assert "amount" in outcome.detail
            assert outcome.evidence[0].status == "unreadable"
        shop.odd.fields.clear()
        outcome = await shop.gate.reconcile.order("mine", **asked)
        assert isinstance(outcome, Settled)


async def test_another_services_session_of_our_number_that_cannot_be_read_is_not_ours(
    shop: Shop,
) -> None:
    north = AsyncGate(
        "sk_test_shop", transport=shop.odd, clock=shop.sandbox.clock, namespace="north"
    )
    since = datetime.fromtimestamp(shop.sandbox.clock.now(), UTC) - timedelta(hours=1)
    async with shop.gate, north:
        theirs = await shop.create("mine")
        shop.odd.fields[theirs.id] = {"amount": "1e-7"}
        mine = await north.sessions.create(amount=EUR, order="mine", return_url=SHOP)
        shop.sandbox.pay(mine.id)
        outcome = await north.reconcile.order("mine", expect=EUR, since=since, flow="on_ramp")
        assert isinstance(outcome, Settled)
        assert theirs.id not in {one.id for one in outcome.evidence}


async def test_a_read_that_fails_is_no_oddity_of_the_record(shop: Shop) -> None:
    async with shop.gate:
        mine = await shop.create("mine")
        shop.sandbox.faults.add("error", operations="retrieveSession", status=503)
        with pytest.raises(ReadFailed):
            await shop.gate.reconcile.order("mine", expect=EUR)
        assert mine.id


async def test_a_sweep_goes_on_past_an_object_that_cannot_be_read(
    shop: Shop, caplog: pytest.LogCaptureFixture
) -> None:
    async with shop.gate:
        inbox = AsyncInbox(shop.store, WHSEC, gate=shop.gate, clock=shop.sandbox.clock)
        made = [await shop.create(f"order-{number}") for number in range(4)]
        for session in made:
            shop.sandbox.pay(session.id)
        for session in made[:2]:
            shop.odd.fields[session.id] = {"amount": "1e-7"}
        shop.sandbox.advance(2 * 86_400)
        assert await inbox.sweep() == 2
        assert [one.id in caplog.text for one in made] == [True, True, False, False]
        # What was odd is looked at again later, and no other is kept waiting by it.
        assert await inbox.sweep() == 0
        shop.odd.fields.clear()
        shop.sandbox.advance(2 * 86_400)
        assert await inbox.sweep() == 2


async def test_a_sweep_that_can_read_nothing_says_so(shop: Shop) -> None:
    async with shop.gate:
        inbox = AsyncInbox(shop.store, WHSEC, gate=shop.gate, clock=shop.sandbox.clock)
        made = [await shop.create(f"order-{number}") for number in range(5)]
        for session in made:
            shop.odd.fields[session.id] = {"amount": "1e-7"}
        shop.sandbox.advance(2 * 86_400)
        with pytest.raises(ReadFailed, match="'amount'"):
            await inbox.sweep()


async def test_a_rebuild_goes_on_past_a_row_that_cannot_be_read(shop: Shop) -> None:
    async with shop.gate:
        inbox = AsyncInbox(shop.store, WHSEC, gate=shop.gate, clock=shop.sandbox.clock)
        made = [await shop.create(f"order-{number}") for number in range(3)]
        since = datetime.fromtimestamp(shop.sandbox.clock.now(), UTC) - timedelta(hours=1)
        shop.odd.fields[made[1].id] = {"amount": "1e-7"}
        assert await inbox.rebuild(since=since) == 2
