"""The calls that users make, checked by the type checkers and never run."""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, Literal, assert_never, assert_type

import httpx
import httpx2
import zerogate
from zerogate import (
    ANY_AMOUNT,
    ANY_ORDER,
    BY_CALLER_IP,
    UNCHANGED,
    AsyncAutoPager,
    AsyncGate,
    AttemptRecord,
    AutoPager,
    CallRecord,
    Failed,
    Gate,
    GateError,
    Hold,
    JournalEntry,
    Mismatch,
    Money,
    Outcome,
    OutcomeUnknown,
    Page,
    Pending,
    RateLimited,
    ReadFailed,
    Recovered,
    Recovery,
    RetryPolicy,
    Settled,
    UnexpectedAnswer,
    UnreadableRow,
    amount_of,
    for_browser,
    fresh_key,
    webhooks,
)
from zerogate.transports import AsyncHttpxAdapter, HttpxAdapter
from zerogate.types import (
    Asset,
    Branding,
    CreatedSession,
    Customer,
    DeletedCustomer,
    Delivery,
    Eligibility,
    EmbedToken,
    Flow,
    FlowName,
    PayIn,
    PayOut,
    QuotePreview,
    Session,
    SessionStatus,
    SignedQuote,
    Transaction,
    Unset,
)
from zerogate_sandbox import Sandbox
from zerogate_store import Store


def amounts(price: Money) -> None:
    assert_type(Money(Decimal("1.50"), "EUR").amount, Decimal)
    assert_type(price.split(3), list[Money])
    assert_type(price.allocate([1, Decimal("0.5")], digits=6), list[Money])
    assert_type(f"{price:>12}", str)


def clients() -> Gate:
    Gate("sk_test_x", timeout=10, retries=RetryPolicy(attempts=2), namespace="shop")
    Gate(lambda: "sk_test_x", base_url="http://127.0.0.1:4000/v1", read_only=True)
    Gate("sk_test_x", account="my-shop", proxy="", ssl_context=ssl.create_default_context())
    Gate("sk_test_x", transport=Sandbox().transport(), clock=Sandbox().clock)
    Gate("sk_test_x", transport=HttpxAdapter(httpx.HTTPTransport()))
    Gate("sk_test_x", http_client=httpx.Client())
    Gate("sk_test_x", http_client=httpx2.Client(), observer=print)
    AsyncGate("sk_test_x", transport=Sandbox().transport())
    AsyncGate("sk_test_x", transport=AsyncHttpxAdapter(httpx.AsyncHTTPTransport()))
    AsyncGate("sk_test_x", http_client=httpx.AsyncClient())
    AsyncGate("sk_test_x", http_client=httpx2.AsyncClient(), observer=print)
    Gate.from_env({"ZEROGATE_SECRET_KEY": "sk_test_x"}, timeout=5)
    with Gate("sk_test_x", publishable_key="pk_test_x") as gate:
        assert_type(gate.mode, Literal["test", "live"])
        return gate


def payments(gate: Gate) -> None:
    session = gate.sessions.create(
        amount=Money("100.00", "EUR"),
        order="order-1",
        attempt=2,
        return_url="https://shop.example/",
        metadata={"basket": "b-1"},
    )
    assert_type(session, CreatedSession)
    assert_type(session.amount, Decimal)
    assert_type(session.client_secret, str | Unset)
    assert_type(for_browser(session)["expires_at"], str)
    assert_type(amount_of(session, "amount"), Money)
    gate.sessions.create(
        amount=Money(100, "EUR"), idempotency_key=fresh_key(), return_url="https://shop.example/"
    )
    gate.sessions.create(
        amount=Money(100, "EUR"),
        order="o",
        idempotency_key="mine",
        flow=Flow.SWAP,
        return_url="https://x/",
    )
    flow: FlowName = "on_ramp"
    gate.sessions.create(amount=Money(100, "EUR"), order="o", flow=flow, return_url="https://x/")
    assert_type(gate.sessions.retrieve("gs_1"), Session)
    assert_type(gate.sessions.retrieve_raw("gs_1"), dict[str, Any])
    assert_type(gate.sessions.cancel("gs_1", timeout=3), Session)
    sessions = gate.sessions.list(status=SessionStatus.OPEN, starting_after="gs_0")
    assert_type(sessions, AutoPager[Session])
    assert_type(sessions.first(), Session | None)
    for page in sessions.pages():
        assert_type(page, Page[Session])
        assert_type(page.unreadable, tuple[UnreadableRow, ...])
    for row in sessions.all_rows():
        assert_type(row, Session | UnreadableRow)
    for transaction in gate.transactions.list(session_id="gs_1", status="completed"):
        assert_type(transaction, Transaction)
        assert_type(transaction.total_fees, Decimal | None)


def everything_else(gate: Gate) -> None:
    assert_type(gate.capabilities.assets(country_code="DE", side="off_ramp"), list[Asset])
    gate.capabilities.currencies(country_code=BY_CALLER_IP)
    assert_type(gate.capabilities.eligibility(country_code="DE", asset="USDC"), Eligibility)
    price = Money("100.00", "EUR")
    previews = gate.quotes.preview(amount=price, asset="USDC", side="on_ramp")
    assert_type(previews, list[QuotePreview])
    quote = gate.quotes.lock(
        amount=price, asset="USDC", side="on_ramp", payment_method="bank_transfer"
    )
    assert_type(quote, SignedQuote)
    pay_in = gate.pay_ins.create(quote_id=quote.id, expect=price, order="order-1")
    assert_type(pay_in, PayIn)
    pay_out = gate.pay_outs.create(quote_id=quote.id, expect=ANY_AMOUNT, order="order-2")
    assert_type(pay_out, PayOut)
    assert_type(gate.embed.bootstrap("gsec_x", origin="https://shop.example"), EmbedToken)
    assert_type(gate.branding.update(brand_name=None, logo_url=UNCHANGED), Branding)
    assert_type(gate.deliveries.list(skip=50), AutoPager[Delivery])
    assert_type(gate.deliveries.replay("whd_1"), Delivery)
    customer = gate.customers.create(email="ada@shop.example", external_id="u-1")
    assert_type(customer, Customer)
    assert_type(gate.customers.create(email="ada@shop.example", idempotency_key="c"), Customer)
    gate.pay_outs.create(quote_id=quote.id, expect=price, idempotency_key="p")
    gate.customers.update(customer.id, first_name=None, metadata={"plan": "basic"})
    assert_type(gate.customers.delete(customer.id), DeletedCustomer)


def outcomes(gate: Gate) -> str:
    outcome = gate.reconcile.session("gs_1", expect=Money("100.00", "EUR"), order="order-1")
    assert_type(outcome, Outcome)
    gate.reconcile.session("gs_1", expect=ANY_AMOUNT, order=ANY_ORDER)
    match outcome:
        case Settled():
            return "ship"
        case Pending() | Hold():
            return outcome.next_step
        case Failed():
            return "again" if outcome.may_retry else "no"
        case Mismatch(reason=reason):
            return reason
        case _:
            assert_never(outcome)


def errors(gate: Gate) -> tuple[str, ...]:
    try:
        gate.sessions.retrieve("gs_1")
    except OutcomeUnknown as exc:
        assert_type(exc.idempotency_key, str | None)
    except ReadFailed as exc:
        assert_type(exc.cursor, str | int | None)
    except UnexpectedAnswer as exc:
        assert_type(exc.id, str | None)
    except RateLimited as exc:
        assert_type(exc.retry_after, float | None)
    except GateError as exc:
        assert_type(exc.status, int | None)
        assert_type(exc.last_error, GateError | None)
        return exc.request_ids
    return ()


def observed(record: AttemptRecord | CallRecord) -> float:
    return record.seconds


def received(body: bytes, headers: Mapping[str, str]) -> webhooks.Event:
    secret = webhooks.WebhookSecret("whsec_x", mode="live")
    event = webhooks.verify(body, headers, [secret, "whsec_y"], now=1_780_000_000.0, tolerance=60)
    webhooks.verify(body, headers, secret, typed=False)
    assert_type(event.id, str)
    assert_type(event.created_at, datetime)
    assert_type(webhooks.sign(body, secret, now=1.0), dict[str, str])
    return event


def written_down(connection: object, unresolved: OutcomeUnknown) -> None:
    store = Store(
        "sqlite:///gate.db", encryption_key=b"k", idempotency_window=600.0, late_payment_grace=600.0
    )
    gate = Gate("sk_test_x", store=store, account="shop", namespace="orders")
    store.migrate()
    intent = gate.journal.intend(
        connection,
        amount=Money("100.00", "EUR"),
        order="order-1",
        return_url="https://shop.example/",
    )
    assert_type(intent, JournalEntry)
    gate.journal.send(intent, timeout=10)
    gate.resolve(unresolved)
    gate.resolve("zg1_x")
    recovery = gate.recover(limit=10, timeout=30)
    assert_type(recovery, Recovery)
    assert_type(recovery.left, int)
    for done in recovery:
        assert_type(done, Recovered)
        assert_type(done.id, str | None)
        assert_type(done.error, GateError | None)
    assert_type(gate.journal.reissue(order="order-1"), CreatedSession)
    assert_type(gate.journal.recover(), Recovery)
    rail = gate.pay_outs.intend(
        connection, quote_id="q_1", expect=Money("10.00", "EUR"), order="order-2"
    )
    assert_type(rail, JournalEntry)
    customer = gate.customers.intend(connection, external_id="c-1", email="a@shop.example")
    assert_type(customer, JournalEntry)
    store.forget(customer="customer-1")
    store.retain(days=30)
    store.close()


async def the_other_half() -> None:
    async with AsyncGate.from_env(observer=observed) as gate:
        session = await gate.sessions.create(
            amount=Money("100.00", "EUR"), order="order-1", return_url="https://shop.example/"
        )
        assert_type(session, CreatedSession)
        sessions = gate.sessions.list()
        assert_type(sessions, AsyncAutoPager[Session])
        async for found in sessions:
            assert_type(found, Session)
        outcome = await gate.reconcile.session(session.id, expect=ANY_AMOUNT, order="order-1")
        assert_type(outcome, zerogate.Outcome)
        assert_type(await gate.recover(timeout=5), Recovery)
