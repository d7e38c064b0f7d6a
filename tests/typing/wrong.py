"""Mistakes that the type checkers find: each line has one, for mypy and for pyright, and is never run."""

# A line that either checker takes makes its ignore unnecessary, and that is an error.
# pyright: reportUnnecessaryTypeIgnoreComment=true

from __future__ import annotations

import time
from typing import Literal

import httpx
from zerogate import AsyncGate, AttemptRecord, CallRecord, Gate, Money, Outcome
from zerogate.webhooks import WebhookSecret
from zerogate_store import Inbox, Store


async def awaited(record: AttemptRecord | CallRecord) -> None: ...


def amounts(price: Money) -> None:
    Money(1.5, "EUR")  # type: ignore[arg-type]
    Money(amount=float("1.5"), code="EUR")  # type: ignore[arg-type]
    Money(None, "EUR")  # type: ignore[arg-type]
    Money("1.50", 978)  # type: ignore[arg-type]
    price * 1.5  # type: ignore[operator]
    price.split(2.0)  # type: ignore[arg-type]
    price.allocate([0.5, 0.5])  # type: ignore[list-item]
    price + 1  # type: ignore[operator]


def collaborators(client: httpx.Client, aclient: httpx.AsyncClient) -> None:
    Gate("sk_test_x", transport=4)  # type: ignore[arg-type]
    Gate("sk_test_x", transport=client)  # type: ignore[arg-type]
    Gate("sk_test_x", transport=httpx.HTTPTransport())  # type: ignore[arg-type]
    Gate("sk_test_x", http_client=aclient)  # type: ignore[arg-type]
    AsyncGate("sk_test_x", http_client=client)  # type: ignore[arg-type]
    AsyncGate("sk_test_x", transport=aclient)  # type: ignore[arg-type]
    Gate("sk_test_x", http_client=4)  # type: ignore[arg-type]
    Gate("sk_test_x", http_client=httpx.Client)  # type: ignore[arg-type]
    Gate("sk_test_x", store="sqlite:///gate.db")  # type: ignore[arg-type]
    Gate("sk_test_x", store=Store)  # type: ignore[arg-type]
    Gate("sk_test_x", ssl_context="ca.pem")  # type: ignore[arg-type]
    Gate("sk_test_x", observer=3)  # type: ignore[arg-type]
    Gate("sk_test_x", observer=awaited)  # type: ignore[arg-type]
    Gate("sk_test_x", observer=lambda: None)  # type: ignore[arg-type, misc]
    Gate("sk_test_x", clock=3)  # type: ignore[arg-type]
    Gate("sk_test_x", clock=time)  # type: ignore[arg-type]
    Gate("sk_test_x", retries=3)  # type: ignore[arg-type]
    Gate("sk_test_x", proxy={"https": "http://p:1"})  # type: ignore[arg-type]
    Gate("sk_test_x", read_only="no")  # type: ignore[arg-type]
    Gate("sk_test_x", account=7)  # type: ignore[arg-type]


def calls(gate: Gate, price: Money) -> None:
    gate.reconcile.wait("gs_1", expect=price, order="o", inbox=42)  # type: ignore[arg-type]
    gate.reconcile.order("o", expect=price, inbox="inbox")  # type: ignore[arg-type]
    gate.sessions.create(amount=1.5, order="o", return_url="https://x.example/")  # type: ignore[call-overload]
    gate.reconcile.session("gs_1", expect=1.5, order="o")  # type: ignore[arg-type]


def words(gate: Gate, inbox: Inbox, price: Money) -> None:
    url = "https://x.example/"
    gate.sessions.create(amount=price, order="o", return_url=url, flow="onramp")  # type: ignore[call-overload]
    gate.sessions.list(status="paid")  # type: ignore[arg-type]
    gate.deliveries.list(status="failed")  # type: ignore[arg-type]
    gate.quotes.preview(amount=price, asset="USDC", side="swap")  # type: ignore[arg-type]
    gate.capabilities.assets(country_code="DE", side="buy")  # type: ignore[arg-type]
    gate.reconcile.session("gs_1", expect=price, order="o", flow="buy")  # type: ignore[arg-type]
    inbox.kept("broken")  # type: ignore[arg-type]
    state: Literal["lost"] = inbox.kept("parked")[0].state  # type: ignore[assignment]
    del state
    WebhookSecret("whsec_x", mode="production")  # type: ignore[arg-type]


def which_write(gate: Gate, price: Money, quote: str) -> None:
    url = "https://x.example/"
    gate.sessions.create(amount=price, return_url=url)  # type: ignore[call-overload]
    gate.sessions.create(amount=price, return_url=url, idempotency_key="k", attempt=2)  # type: ignore[call-overload]
    gate.sessions.create(amount=price, return_url=url, idempotency_key="k", at_once=True)  # type: ignore[call-overload]
    gate.sessions.create(order="o", return_url=url)  # type: ignore[call-overload]
    gate.pay_ins.create(quote_id=quote, expect=price)  # type: ignore[call-overload]
    gate.pay_outs.create(quote_id=quote, expect=price, idempotency_key="k", attempt=2)  # type: ignore[call-overload]
    gate.customers.create(email="a@shop.example")  # type: ignore[call-overload]
    gate.journal.intend(object(), amount=price, return_url=url)  # type: ignore[call-overload]
    gate.pay_ins.intend(object(), quote_id=quote, expect=price)  # type: ignore[call-overload]


async def of_the_other_half(gate: AsyncGate, price: Money) -> None:
    await gate.sessions.create(amount=price, return_url="https://x.example/")  # type: ignore[call-overload]
    gate.sessions.list(status="paid")  # type: ignore[arg-type]
    await gate.journal.intend(object(), amount=price, return_url="https://x/")  # type: ignore[call-overload]


def an_outcome_is_no_yes(outcome: Outcome) -> bool:
    return bool(outcome.may_fulfil)
