"""A field that may be null or left out, in any answer, breaks no method, no recovery and no sweep."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

from zerogate import ANY_AMOUNT, ANY_ORDER, AsyncGate, GateError, Money, RetryPolicy
from zerogate._transport.messages import Reply, Request
from zerogate_sandbox import Sandbox
from zerogate_store import AsyncInbox, EventContext, Store

from tests.client.gaps import EXAMPLES, Gap, gaps, operation_of
from tests.client.scripts import PUBLISHABLE, SECRET, VirtualClock

EUR = Money("100.00", "EUR")
SHOP = "https://shop.example/done"
WHSEC = "whsec_test_0123456789abcdef"
GAPS = gaps()
PRICE: dict[str, Any] = {"amount": EUR, "asset": "USDC", "side": "on_ramp"}


def known(operation: str, field: str = "id") -> str:
    return str(EXAMPLES[operation][field])


async def all_of(items: Any) -> list[Any]:
    return [row async for row in items]


CALLS: dict[str, Callable[[AsyncGate], Any]] = {
    "createSession": lambda c: c.sessions.create(
        amount=Money("49.90", "EUR"), order="order-0001", return_url=SHOP
    ),
    "retrieveSession": lambda c: c.sessions.retrieve(known("retrieveSession")),
    "retrieveSession raw": lambda c: c.sessions.retrieve_raw(known("retrieveSession")),
    "retrieveSession reconciled": lambda c: c.reconcile.session(
        known("retrieveSession"), expect=EUR, order="o-1"
    ),
    "retrieveSession waited for": lambda c: c.reconcile.wait(
        known("retrieveSession"), expect=EUR, order=ANY_ORDER, within=5
    ),
    "cancelSession": lambda c: c.sessions.cancel(known("cancelSession")),
    "listSessions": lambda c: all_of(c.sessions.list()),
    "listSessions raw": lambda c: all_of(c.sessions.list().raw_pages()),
    "listCountries": lambda c: c.capabilities.countries(),
    "listCurrencies": lambda c: c.capabilities.currencies(country_code="DE"),
    "listAssets": lambda c: c.capabilities.assets(country_code="DE"),
    "getAsset": lambda c: c.capabilities.asset(known("getAsset", "symbol")),
    "listPaymentMethods": lambda c: c.capabilities.payment_methods(country_code="DE"),
    "listPayoutMethods": lambda c: c.capabilities.payout_methods(country_code="DE"),
    "checkEligibility": lambda c: c.capabilities.eligibility(country_code="DE"),
    "previewQuotes": lambda c: c.quotes.preview(**PRICE),
    "lockQuote": lambda c: c.quotes.lock(**PRICE, payment_method="bank_transfer"),
    "retrieveSignedQuote": lambda c: c.quotes.retrieve(known("retrieveSignedQuote")),
    "listTransactions": lambda c: all_of(c.transactions.list()),
    "listTransactions raw": lambda c: all_of(c.transactions.list().raw_pages()),
    "listTransactions of a session": lambda c: c.reconcile.session(
        known("retrieveSession"), expect=ANY_AMOUNT, order=ANY_ORDER
    ),
    "retrieveTransaction": lambda c: c.transactions.retrieve(known("retrieveTransaction", "refid")),
    "retrieveTransaction raw": lambda c: c.transactions.retrieve_raw(
        known("retrieveTransaction", "refid")
    ),
    "retrieveTransaction reconciled": lambda c: c.reconcile.transaction(
        known("retrieveTransaction", "refid"), expect=EUR, order="o-1"
    ),
    "createEmbedToken": lambda c: c.embed.bootstrap("gsec_x", origin="https://shop.example"),
    "getBranding": lambda c: c.branding.retrieve(),
    "updateBranding": lambda c: c.branding.update(
        brand_name=EXAMPLES["updateBranding"]["brand_name"]
    ),
    "listPartnerWebhookDeliveries": lambda c: all_of(c.deliveries.list()),
    "replayWebhookDelivery": lambda c: c.deliveries.replay(known("replayWebhookDelivery")),
    "sendTestWebhook": lambda c: c.deliveries.send_test(),
    "createCustomer": lambda c: c.customers.create(
        email="ada@shop.example", external_id="user-0001"
    ),
    "listCustomers": lambda c: all_of(c.customers.list()),
    "getCustomer": lambda c: c.customers.retrieve(known("getCustomer")),
    "updateCustomer": lambda c: c.customers.update(
        known("updateCustomer"), metadata=EXAMPLES["updateCustomer"]["metadata"]
    ),
    "deleteCustomer": lambda c: c.customers.delete(known("deleteCustomer")),
    "createPayIn": lambda c: c.pay_ins.create(
        quote_id=known("createPayIn", "quote_id"), expect=ANY_AMOUNT, order="o-1"
    ),
    "retrievePayIn": lambda c: c.pay_ins.retrieve(known("retrievePayIn")),
    "retrievePayIn reconciled": lambda c: c.reconcile.pay_in(
        known("retrievePayIn"), expect=ANY_AMOUNT, order="o-1"
    ),
    "createPayOut": lambda c: c.pay_outs.create(
        quote_id=known("createPayOut", "quote_id"), expect=ANY_AMOUNT, order="o-1"
    ),
    "retrievePayOut": lambda c: c.pay_outs.retrieve(known("retrievePayOut")),
    "retrievePayOut reconciled": lambda c: c.reconcile.pay_out(
        known("retrievePayOut"), expect=ANY_AMOUNT, order="o-1"
    ),
}


class Shown:
    """Answers each operation as the contract shows it, about the object that was asked for.

    metadata: Of the session that was made last, which it gives back.
    """

    gap: Gap | None = None
    metadata: Any = None

    def send(self, request: Request, until: float) -> Reply:
        operation = operation_of(request)
        if operation == "createSession":
            self.metadata = json.loads(request.body)["metadata"]
        body = self._asked_for(operation, request.target)
        reply = Reply(200, {}, json.dumps(body).encode())
        return reply if self.gap is None else self.gap.made(request, reply)

    def _asked_for(self, operation: str, target: str) -> Any:
        shown = EXAMPLES[operation]
        last = target.partition("?")[0].rpartition("/")[2]
        if operation == "retrieveSignedQuote":
            paid_out = last == known("createPayOut", "quote_id")
            side = "off_ramp" if paid_out else "on_ramp"
            return {**shown, "id": last, "status": "active", "side": side} | {
                "expires_at": "2027-01-01T00:00:00Z"
            }
        if operation == "createSession":
            return {**shown, "metadata": self.metadata}
        if operation == "retrieveSession":
            return {**shown, "id": last, "metadata": self.metadata or shown["metadata"]}
        if operation == "getCustomer":
            return {**shown, "id": last}
        if operation == "listTransactions" and "session_id=" in target:
            session = target.partition("session_id=")[2].partition("&")[0]
            rows = [{**row, "session_id": session} for row in shown["data"]]
            return {**shown, "data": rows, "has_more": False}
        return {**shown, "has_more": False} if "has_more" in shown else shown


async def outcome(call: Callable[[], Awaitable[Any]]) -> GateError | None:
    """The error of ours that a call ends in; another one is raised."""
    try:
        await call()
    except GateError as exc:
        return exc
    return None


#: What was asked for has to be shown: without it a change was not made, and there are no prices.
TOLD = {"updateBranding brand_name null", "previewQuotes data null", "previewQuotes data left out"}


async def test_no_gap_in_an_answer_breaks_a_method() -> None:
    shown = Shown()
    assert {name.partition(" ")[0] for name in CALLS} == EXAMPLES.keys()
    async with AsyncGate(
        SECRET,
        publishable_key=PUBLISHABLE,
        transport=shown,
        clock=VirtualClock(),
        retries=RetryPolicy(attempts=1),
    ) as gate:
        for name, call in CALLS.items():
            shown.gap = None
            assert await outcome(lambda call=call: call(gate)) is None, name
            for gap in GAPS:
                if gap.operation != name.partition(" ")[0]:
                    continue
                shown.gap = gap
                error = await outcome(lambda call=call: call(gate))
                assert error is None or not gap.documented or str(gap) in TOLD, (str(gap), error)
    assert len(GAPS) > 150


class Blanked:
    """A sandbox whose answers have one gap."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._transport: Any = sandbox.transport()
        self.gap: Gap | None = None

    def send(self, request: Request, until: float) -> Reply:
        reply: Reply = self._transport.send(request, until)
        return reply if self.gap is None else self.gap.made(request, reply)


def handle(received: EventContext) -> None:
    if received.read and received.order:
        received.outcome(expect=EUR, order=received.order)


class Shop:
    """One shop with a store and an inbox, through whose hands an order goes."""

    def __init__(self, folder: Path) -> None:
        self.mail: list[Any] = []
        self.sandbox = Sandbox(
            seed=1,
            webhook=lambda body, headers: self.mail.append((body, headers)),
            webhook_secret=WHSEC,
        )
        self.transport = Blanked(self.sandbox)
        self.store = Store(f"sqlite:///{folder / 'gate.db'}")
        self.gate = AsyncGate(
            "sk_test_shop", transport=self.transport, store=self.store, clock=self.sandbox.clock
        )
        self.inbox = AsyncInbox(self.store, WHSEC, gate=self.gate, clock=self.sandbox.clock)

    async def create(self, order: str, attempt: int = 1) -> None:
        self.made = await self.gate.sessions.create(
            amount=EUR, order=order, attempt=attempt, return_url=SHOP
        )

    def steps(self, order: str) -> Iterator[tuple[str, Callable[[], Awaitable[Any]]]]:
        """A payment, a lost answer, a changed mind, and what looks after them."""
        gate, sandbox = self.gate, self.sandbox
        yield "create", lambda: self.create(order)
        sandbox.pay(self.made.id)
        yield "list", lambda: all_of(gate.sessions.list())
        yield "wait", lambda: gate.reconcile.wait(self.made.id, expect=EUR, order=order, within=0)
        yield "order", lambda: gate.reconcile.order(order, expect=EUR)
        yield "transactions", lambda: all_of(gate.transactions.list(session_id=self.made.id))
        yield "again", lambda: self.create(order)
        sandbox.deliver()
        yield "receive", self.receive
        yield "drain", lambda: self.inbox.drain(handle)
        yield "missing", self.inbox.missing
        yield "changed mind", lambda: self.create(f"{order}-b")
        yield "cancel", lambda: gate.sessions.cancel(self.made.id)
        sandbox.faults.add("reset", operations="createSession")
        yield "lost", lambda: self.create(f"{order}-c")
        sandbox.faults.clear()
        sandbox.advance(7_200)
        yield "recover", self.recover
        yield "sweep", self.inbox.sweep

    async def receive(self) -> None:
        while self.mail:
            body, headers = self.mail.pop()
            await self.inbox.receive(body, headers)

    async def recover(self) -> None:
        for found in await self.gate.recover():
            if found.error is not None:
                raise found.error


STORY = {"createSession", "retrieveSession", "listSessions", "cancelSession", "listTransactions"}
STORY |= {"listPartnerWebhookDeliveries"}
#: A create whose answer is lost is in doubt, whatever its answer would have been.
DOUBT = {"lost"}


async def test_no_gap_in_an_answer_breaks_a_recovery_an_inbox_or_a_sweep(tmp_path: Path) -> None:
    shop = Shop(tmp_path)
    async with shop.gate:
        for number, gap in enumerate(GAPS):
            if gap.operation not in STORY or not gap.documented:
                continue
            shop.transport.gap = gap
            for what, step in shop.steps(f"order-{number}"):
                error = await outcome(step)
                assert (error is None) != (what in DOUBT), (str(gap), what, error)
            shop.transport.gap = None
            await shop.gate.recover()
    shop.store.close()
