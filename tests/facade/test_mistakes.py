"""The mistakes of a first day: each is told what happened, which value, and what to do instead.

Grade A names all three. Grade B leaves the value out, because it may be a secret or about a person, or
because there is none. Nothing is graded lower: a row here is what keeps it so.
"""

from __future__ import annotations

import asyncio
import copy
import datetime as dt
import gc
import pickle
import re
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from functools import partial
from pathlib import Path
from threading import Barrier
from typing import Any

import attrs
import httpx
import pytest
import zerogate
from zerogate import (
    AsyncGate,
    Gate,
    Money,
    RetryPolicy,
    Settled,
    errors,
    for_browser,
    webhooks,
)
from zerogate_sandbox import Sandbox
from zerogate_store import AsyncInbox, AsyncRateLimiter, Inbox, RateLimiter, Store

from tests.frames import values

KEY = "sk_test_mistakes"
URL = "http://127.0.0.1:4000/v1"
EUR = Money("100.00", "EUR")
SECRET = "whsec_test_mistakes"
SIGNED = {"Gate-Signature": "t=1,v1=00"}


@attrs.frozen
class Place:
    """Where a mistake is made: a client of each half, over a sandbox in memory, and a folder."""

    gate: Gate
    folder: Path
    make_async: Callable[[], AsyncGate]

    def create(self, **terms: Any) -> Any:
        """Create a session; what is not said is right."""
        said = {"amount": EUR, "order": "order-1", "return_url": "https://shop.example/done"}
        return self.gate.sessions.create(**{**said, **terms})

    def awaiting(self, act: Callable[[AsyncGate], Any]) -> Any:
        """Do something in an event loop; what it returns is awaited where it can be."""

        async def main() -> Any:
            async with self.make_async() as gate:
                said = act(gate)
                return await said if hasattr(said, "__await__") else said

        return asyncio.run(main())


@pytest.fixture
def place(tmp_path: Path) -> Place:
    sandbox = Sandbox(seed=7)

    def make_async() -> AsyncGate:
        return AsyncGate(KEY, transport=sandbox.transport(), clock=sandbox.clock)

    gate = Gate(KEY, transport=sandbox.transport(), clock=sandbox.clock)
    return Place(gate, tmp_path, make_async)


@attrs.frozen
class Mistake:
    """One slip.

    error: Class of the error, by name. value: What of the value the message shows; None is grade B.
    remedy: What the message tells to do.
    """

    label: str
    act: Callable[[Place], Any]
    error: str
    value: str | None
    remedy: str


def _iterate(gate: AsyncGate) -> None:
    for _ in gate.sessions.list():  # type: ignore[attr-defined]
        pass


def _in_with(gate: Any) -> None:
    with gate:
        pass


async def _in_async_with(gate: Any) -> None:
    async with gate:
        pass


def _conflict(place: Place, **other: Any) -> None:
    place.create(metadata={"a": "1"})
    place.create(**{"metadata": {"a": "1"}, **other})


def _two_loops(place: Place) -> None:
    with Sandbox().serve() as served:
        gate = AsyncGate(KEY, base_url=served.base_url)
        for _ in range(2):
            asyncio.run(_first(gate))


def _closed(place: Place) -> None:
    gate = Gate(KEY, base_url=URL)
    gate.close()
    gate.sessions.list().first()


async def _first(gate: AsyncGate) -> Any:
    return await gate.sessions.list().first()


M = Mistake
USAGE, MONEY, TYPE, ATTRIBUTE = "GateUsageError", "MoneyError", "TypeError", "AttributeError"
IMPORT = "ImportError"
MISTAKES = [
    # Money
    M("a float", lambda p: Money(100.0, "EUR"), MONEY, r"100\.0 is a float", r"'0\.10'"),  # type: ignore[arg-type]
    M("a comma", lambda p: Money("100,00", "EUR"), MONEY, "'100,00'", r"'1234\.50'"),
    M("small letters", lambda p: Money("1", "eur"), MONEY, "'eur'", "write it in capitals, 'EUR'"),
    M("text as amount", lambda p: p.create(amount="1.00"), MONEY, r"str '1\.00'", r"write Money\("),
    M(
        "Decimal as amount",
        lambda p: p.create(amount=Decimal(1)),
        MONEY,
        "Decimal '1'",
        r"write Money\(",
    ),
    M("no amount", lambda p: p.create(amount=None), MONEY, "NoneType", r"write Money\("),
    M(
        "too many digits",
        lambda p: p.create(amount=Money("1.001", "EUR")),
        MONEY,
        r"1\.001",
        "round it",
    ),
    M(
        "half a yen",
        lambda p: p.create(amount=Money("1.5", "JPY")),
        MONEY,
        r"1\.5 has 1",
        "round it",
    ),
    M(
        "no such currency",
        lambda p: p.create(amount=Money("1", "EURO")),
        MONEY,
        "EURO",
        "give it in EUR",
    ),
    M(
        "crypto as fiat",
        lambda p: p.create(amount=Money("1", "ETH")),
        MONEY,
        "ETH",
        "give it in EUR",
    ),
    M("less than zero", lambda p: p.create(amount=-EUR), MONEY, r"-100\.00 EUR", "more than zero"),
    M("zero", lambda p: p.create(amount=Money(0, "EUR")), MONEY, "0 EUR", "more than zero"),
    M("two currencies", lambda p: EUR + Money(1, "USD"), MONEY, "EUR and USD", "convert one"),
    M("plus a number", lambda p: EUR + 1, TYPE, "int: '1'", r"write Money\('1', 'EUR'\)"),  # type: ignore[operator]
    M("times a float", lambda p: EUR * 1.19, TYPE, r"1\.19", r"write Decimal\('1\.19'\)"),  # type: ignore[operator]
    M("float times it", lambda p: 1.19 * EUR, TYPE, r"1\.19", r"write Decimal\('1\.19'\)"),  # type: ignore[operator]
    M("divided", lambda p: EUR / 3, TYPE, "divided with /", r"\.split\(3\)"),  # type: ignore[operator]
    M("as a float", lambda p: float(EUR), TYPE, "a float", r"\.amount"),  # type: ignore[arg-type]
    M("as an int", lambda p: int(EUR), TYPE, "an int", r"\.amount"),  # type: ignore[call-overload]
    M("sum()", lambda p: sum([EUR, EUR]), TYPE, "begins with 0", r"Money\.total"),  # type: ignore[list-item]
    M("== text", lambda p: EUR == "100.00 EUR", TYPE, r"str '100\.00 EUR'", r"write Money\("),
    M("== Decimal", lambda p: Decimal(100) == EUR, TYPE, "Decimal '100'", r"compare \.amount"),
    M("!= a number", lambda p: EUR != 100, TYPE, "int '100'", r"compare \.amount"),
    # a session
    M("no order", lambda p: p.create(order=None), USAGE, "createSession", "order='…'"),
    M("order is a number", lambda p: p.create(order=1001), USAGE, "int 1001", "write order='1001'"),
    M("order is an e-mail", lambda p: p.create(order="a@b.de"), USAGE, None, "use a reference"),
    M(
        "by place",
        lambda p: p.gate.sessions.create(EUR, "o"),
        TYPE,
        "was given 2",
        r"create\(amount=…",
    ),  # type: ignore[misc]
    M("orderid=", lambda p: p.create(orderid="o"), TYPE, "orderid=", "did you mean order="),
    M("order_id=", lambda p: p.create(order_id="o"), TYPE, "order_id=", "write order="),
    M("currency=", lambda p: p.create(currency="EUR"), TYPE, "currency=", r"amount=Money\("),
    M(
        "success_url=",
        lambda p: p.create(success_url="x"),
        TYPE,
        "success_url=",
        "write return_url=",
    ),
    M(
        "nothing at all",
        lambda p: p.gate.sessions.create(),
        TYPE,
        r"Sessions\.create\(\)",
        r"amount=Money\(",
    ),  # type: ignore[call-arg]
    M(
        "http",
        lambda p: p.create(return_url="http://a.example/"),
        USAGE,
        "http://…",
        "https://",
    ),
    M("relative", lambda p: p.create(return_url="/done"), USAGE, "a relative one", "https://"),
    M("flow", lambda p: p.create(flow="onramp"), USAGE, "'onramp'", "did you mean 'on_ramp'"),
    M("own order_id", lambda p: p.create(metadata={"order_id": "x"}), USAGE, "'x'", "leave it out"),
    M(
        "a datetime",
        lambda p: p.create(metadata={"at": dt.datetime(2026, 1, 1)}),
        USAGE,
        r"metadata\.at \(a datetime\)",
        "isoformat",
    ),
    M("attempt=0", lambda p: p.create(attempt=0), USAGE, "'0'", "count up"),
    M(
        "another amount",
        lambda p: _conflict(p, amount=EUR + EUR),
        "KeyReused",
        "order and attempt",
        "attempt= up",
    ),
    M(
        "other metadata",
        lambda p: _conflict(p, metadata={"a": "2"}),
        "KeyReused",
        "metadata",
        "exactly what was sent",
    ),
    # the client
    M("a pk_ key", lambda p: Gate("pk_test_abcdefgh"), USAGE, "pk_ key", "secret key"),
    M(
        "a live key here",
        lambda p: Gate("sk_live_abcdefgh", base_url=URL),
        USAGE,
        r"127\.0\.0\.1",
        "test key",
    ),
    M("no key", lambda p: Gate(), USAGE, "no key", "ZEROGATE_SECRET_KEY"),
    M("no key in env", lambda p: Gate.from_env({}), USAGE, "no key", "ZEROGATE_SECRET_KEY"),
    M("newline", lambda p: Gate(KEY + "\n"), USAGE, None, "strip the newline"),
    M("bytes", lambda p: Gate(KEY.encode()), USAGE, "not bytes", "plain str"),  # type: ignore[arg-type]
    M("api_key=", lambda p: Gate(api_key=KEY), TYPE, "api_key=", "secret_key"),  # type: ignore[call-arg]
    M(
        "max_retries=",
        lambda p: Gate(KEY, max_retries=3),
        TYPE,
        "max_retries=",
        r"RetryPolicy\(attempts=",
    ),  # type: ignore[call-arg]
    M(
        "from_env(api_key=)",
        lambda p: Gate.from_env({}, api_key=KEY),
        TYPE,
        "api_key=",
        "secret_key",
    ),
    M(
        "AsyncGate(api_key=)",
        lambda p: AsyncGate(api_key=KEY),
        TYPE,
        r"AsyncGate\(\).* api_key=",
        "secret_key",
    ),  # type: ignore[call-arg]
    M("tiemout=", lambda p: Gate(KEY, tiemout=3), TYPE, "tiemout=", "did you mean timeout="),  # type: ignore[call-arg]
    M(
        "no scheme",
        lambda p: Gate(KEY, base_url="localhost:4000/v1"),
        USAGE,
        "localhost:4000/v1",
        "https://",
    ),
    M(
        "another host",
        lambda p: Gate(KEY, base_url="https://a.example/v1"),
        USAGE,
        r"a\.example",
        "allow_host=",
    ),
    M(
        "timeout pair",
        lambda p: p.gate.sessions.retrieve("x", timeout=(1, 2)),
        USAGE,
        r"\(1, 2\)",
        "one number",
    ),  # type: ignore[arg-type]
    M(
        "timeout=0",
        lambda p: p.gate.sessions.retrieve("x", timeout=0),
        USAGE,
        "not 0",
        r"0\.05 to 600",
    ),
    M("timeout=None", lambda p: Gate(KEY, timeout=None), USAGE, "not None", r"0\.05 to 600"),  # type: ignore[arg-type]
    M(
        "store is a URL",
        lambda p: Gate(KEY, store="sqlite:///x.db"),
        USAGE,
        "not str",
        r"Store\(…\)",
    ),  # type: ignore[arg-type]
    M(
        "transport of httpx",
        lambda p: Gate(KEY, transport=httpx.HTTPTransport()),
        USAGE,
        r"httpx\.HTTPTransport",
        "HttpxAdapter",
    ),  # type: ignore[arg-type]
    M(
        "client as transport",
        lambda p: Gate(KEY, transport=httpx.Client()),
        USAGE,
        r"httpx\.Client",
        "http_client=",
    ),  # type: ignore[arg-type]
    M(
        "async client",
        lambda p: Gate(KEY, http_client=httpx.AsyncClient()),
        USAGE,
        r"httpx\.AsyncClient",
        "is for AsyncGate",
    ),  # type: ignore[arg-type]
    M(
        "sync client",
        lambda p: AsyncGate(KEY, http_client=httpx.Client()),
        USAGE,
        r"httpx\.Client",
        "is for Gate",
    ),  # type: ignore[arg-type]
    M("observer=3", lambda p: Gate(KEY, observer=3), USAGE, "not int", "function"),  # type: ignore[arg-type]
    M("pickled", lambda p: pickle.dumps(p.gate), TYPE, "Gate", "make one where it is used"),
    M(
        "closed",
        _closed,
        USAGE,
        "closed",
        "make another",
    ),
    M("gate.rails", lambda p: p.gate.rails, ATTRIBUTE, "'rails'", r"gate\.pay_ins"),  # type: ignore[attr-defined]
    M("gate.payments", lambda p: p.gate.payments, ATTRIBUTE, "'payments'", r"gate\.sessions"),  # type: ignore[attr-defined]
    M("gate.session", lambda p: p.gate.session, ATTRIBUTE, "'session'", "did you mean sessions"),  # type: ignore[attr-defined]
    M(
        "sessions.get",
        lambda p: p.gate.sessions.get("x"),
        ATTRIBUTE,
        "'get'",
        "did you mean retrieve",
    ),  # type: ignore[attr-defined]
    M(
        "sessions.refund",
        lambda p: p.gate.sessions.refund,
        ATTRIBUTE,
        "'refund'",
        "there are .*cancel",
    ),  # type: ignore[attr-defined]
    M("gate.aclose", lambda p: p.gate.aclose(), ATTRIBUTE, "'aclose'", "did you mean close"),  # type: ignore[attr-defined]
    # the halves
    M(
        "no await",
        lambda p: p.awaiting(lambda g: g.sessions.retrieve("x").id),
        ATTRIBUTE,
        r"AsyncSessions\.retrieve\(…\) .*'id'",
        "write `await`",
    ),  # type: ignore[attr-defined]
    M(
        "no await, for",
        lambda p: p.awaiting(lambda g: [*g.capabilities.assets(country_code="DE")]),
        TYPE,
        r"AsyncCapabilities\.assets",
        "write `await`",
    ),  # type: ignore[misc]
    M("AsyncGate in with", lambda p: _in_with(p.make_async()), TYPE, "AsyncGate", "`async with"),
    M(
        "Gate in async with",
        lambda p: asyncio.run(_in_async_with(p.gate)),
        TYPE,
        "Gate",
        "`with Gate",
    ),
    M("for over async", lambda p: p.awaiting(_iterate), TYPE, "AsyncAutoPager", "`async for"),
    M(
        "await a list",
        lambda p: p.awaiting(lambda g: g.sessions.list()),
        TYPE,
        "AsyncAutoPager",
        "`async for",
    ),
    M("async for", lambda p: asyncio.run(_async_for(p.gate)), TYPE, "AutoPager", "`for row"),
    M("two loops", _two_loops, USAGE, "another", "make one in each loop"),
    # lists and ids
    M(
        "status typo",
        lambda p: p.gate.sessions.list(status="opne"),
        USAGE,
        "'opne'",
        "did you mean 'open'",
    ),
    M(
        "limit=1000",
        lambda p: p.gate.sessions.list(limit=1000).first(),
        USAGE,
        "not 1000",
        "1 to 100",
    ),
    M(
        "page_size=",
        lambda p: p.gate.sessions.list(page_size=9),
        TYPE,
        "page_size=",
        "write limit=",
    ),  # type: ignore[call-arg]
    M("len()", lambda p: len(p.gate.sessions.list()), TYPE, "AutoPager", "count while you read"),  # type: ignore[arg-type]
    M("list()[0]", lambda p: p.gate.sessions.list()[0], TYPE, "AutoPager", r"\.first\(\)"),  # type: ignore[index]
    M("if a list", lambda p: bool(p.gate.sessions.list()), TYPE, "AutoPager", r"\.first\(\)"),
    M("id None", lambda p: p.gate.sessions.retrieve(None), USAGE, "not None", r"\.id"),  # type: ignore[arg-type]
    M("id empty", lambda p: p.gate.sessions.retrieve(""), USAGE, "an empty text", r"\.id"),
    M(
        "id a path",
        lambda p: p.gate.sessions.retrieve("../x"),
        USAGE,
        r"'\.\./x'",
        "printable characters",
    ),
    M(
        "a refid",
        lambda p: p.gate.sessions.retrieve("0g_txn_1"),
        "NotFound",
        "'0g_txn_1'",
        r"transactions\.retrieve",
    ),
    M(
        "not there",
        lambda p: p.gate.sessions.retrieve("gs_1"),
        "NotFound",
        "'gs_1'",
        "check the id",
    ),
    M(
        "not there either",
        lambda p: p.gate.transactions.retrieve("t_1"),
        "NotFound",
        "'t_1'",
        "check the id",
    ),
    M(
        "country",
        lambda p: p.gate.capabilities.eligibility(country_code="Germany"),
        USAGE,
        "'Germany'",
        "'DE'",
    ),
    M(
        "no country",
        lambda p: p.gate.capabilities.assets(),
        TYPE,
        r"assets\(\)",
        "country_code='DE'",
    ),  # type: ignore[call-arg]
    # reconciling
    M(
        "no expect",
        lambda p: p.gate.reconcile.session("x", order="o"),
        TYPE,
        r"session\(\)",
        r"expect=Money\(",
    ),  # type: ignore[call-arg]
    M(
        "expect text",
        lambda p: p.gate.reconcile.session("x", expect="1", order="o"),
        USAGE,
        "not str",
        r"expect=Money\(",
    ),  # type: ignore[arg-type]
    M(
        "expect None",
        lambda p: p.gate.reconcile.session("x", expect=None, order="o"),
        USAGE,
        "not None",
        r"expect=Money\(",
    ),  # type: ignore[arg-type]
    M(
        "order None",
        lambda p: p.gate.reconcile.session("x", expect=EUR, order=None),
        USAGE,
        "not None",
        "ANY_ORDER",
    ),  # type: ignore[arg-type]
    M(
        "if outcome",
        lambda p: bool(p.gate.reconcile.session(p.create().id, expect=EUR, order="order-1")),
        TYPE,
        "Pending",
        "may_fulfil",
    ),
    # webhooks
    M(
        "body as text",
        lambda p: webhooks.verify("{}", SIGNED, SECRET),
        USAGE,
        "not str",
        r"request\.body",
    ),  # type: ignore[arg-type]
    M(
        "body as dict",
        lambda p: webhooks.verify({}, SIGNED, SECRET),
        USAGE,
        "not dict",
        r"request\.body",
    ),  # type: ignore[arg-type]
    M(
        "no header",
        lambda p: webhooks.verify(b"{}", {}, SECRET),
        "SignatureRejected",
        "no Gate-Signature",
        "proxy",
    ),
    M(
        "old",
        lambda p: webhooks.verify(b"{}", SIGNED, SECRET),
        "SignatureRejected",
        "seconds before now",
        "clock",
    ),
    M(
        "no signature",
        lambda p: webhooks.verify(b"{}", {"Gate-Signature": "x"}, SECRET),
        "SignatureRejected",
        "t=<seconds>",
        "not from Gate",
    ),
    M(
        "secret None",
        lambda p: webhooks.verify(b"{}", SIGNED, None),
        USAGE,
        None,
        "pass the endpoint's whsec_",
    ),  # type: ignore[arg-type]
    M(
        "secret empty",
        lambda p: webhooks.verify(b"{}", SIGNED, ""),
        USAGE,
        None,
        "pass it as it stands",
    ),
    M(
        "secret newline",
        lambda p: webhooks.verify(b"{}", SIGNED, SECRET + "\n"),
        USAGE,
        None,
        "stripped",
    ),
    M("secret is sk_", lambda p: webhooks.verify(b"{}", SIGNED, KEY), USAGE, None, "whsec_"),
    # the store
    M(
        "a file's name",
        lambda p: Store("shop.db"),
        USAGE,
        r"shop\.db",
        r"Store\('sqlite:///shop\.db'\)",
    ),
    M(
        "scheme typo",
        lambda p: Store("postgress://h/x"),
        USAGE,
        "postgress://",
        "did you mean postgresql",
    ),
    M("mysql", lambda p: Store("mysql://h/x"), USAGE, "mysql://", r"sqlite:///FILE, postgresql"),
    M("in memory", lambda p: Store("sqlite://"), USAGE, "in memory", "sqlite:///gate"),
    M(
        "no folder",
        lambda p: Store(f"sqlite:///{p.folder}/none/x.db"),
        USAGE,
        "/none is not there",
        "make it",
    ),
    M("unreachable", lambda p: _unreachable(), "NotSent", r"127\.0\.0\.1", "safe to call again"),
    # a second round: what the first did not make
    M("order is empty", lambda p: p.create(order=""), USAGE, "not ''", "1 to 128 printable"),
    M("order with blanks", lambda p: p.create(order=" a 1 "), USAGE, "' a 1 '", "strip it"),
    M(
        "a tuple for Money",
        lambda p: p.create(amount=("1.00", "EUR")),
        MONEY,
        "tuple",
        "write Money",
    ),
    M("a dict for Money", lambda p: p.create(amount={"amount": "1"}), MONEY, "dict", "write Money"),
    M(
        "an int for Money",
        lambda p: p.create(amount=100),
        MONEY,
        "'100'",
        r"Money\('100\.00', 'EUR'\)",
    ),
    M("Money of one text", lambda p: Money("100.00 EUR"), MONEY, "'100.00 EUR'", "code beside"),  # type: ignore[call-arg]
    M("Money without a code", lambda p: Money("1"), MONEY, "no code", r"Money\('25.00', 'EUR'\)"),  # type: ignore[call-arg]
    M("Money()", lambda p: Money(), MONEY, "None", "give the text"),  # type: ignore[call-arg]
    M("Money, swapped", lambda p: Money("EUR", "100.00"), MONEY, "'EUR'", "plain digits"),
    M("Money with a sign", lambda p: Money("$100", "USD"), MONEY, r"'\$100'", "plain digits"),
    M("Money of None", lambda p: Money(None, "EUR"), MONEY, "None", "give the text"),  # type: ignore[arg-type]
    M("Money of True", lambda p: Money(True, "EUR"), MONEY, "True is a bool", "give the text"),
    M("Money + int", lambda p: EUR + 5, TYPE, "'5' has no code", "write Money"),  # type: ignore[operator]
    M("Money > Decimal", lambda p: Decimal(5) < EUR, TYPE, "'5' has no code", "write Money"),  # type: ignore[operator]
    M("round(Money)", lambda p: round(EUR, 1), TYPE, "an amount", r"decide how on \.amount"),  # type: ignore[call-overload]
    M("int(Money)", lambda p: int(EUR), TYPE, "a float or an int", r"\.amount is"),  # type: ignore[call-overload]
    M("f'{money:.2f}'", lambda p: f"{EUR:.2f}", MONEY, r"'\.2f'", r"format \.wire"),
    M(
        "return_url=None",
        lambda p: p.create(return_url=None),
        USAGE,
        "not None",
        "such as 'https://",
    ),
    M(
        "return_url bytes",
        lambda p: p.create(return_url=b"https://x/"),
        USAGE,
        "bytes",
        "'https://",
    ),
    M("metadata is a list", lambda p: p.create(metadata=["a"]), USAGE, "not list", "a mapping"),
    M("attempt is text", lambda p: p.create(attempt="2"), USAGE, "'2'", "count up"),
    M("timeout is text", lambda p: p.create(timeout="5"), USAGE, "not '5'", "one number"),
    M("timeout is nan", lambda p: p.create(timeout=float("nan")), USAGE, "nan", "one number"),
    M("limit is text", lambda p: p.gate.sessions.list(limit="5"), USAGE, "'5'", "1 to 100"),  # type: ignore[arg-type]
    M("within is text", lambda p: _wait(p, "5m"), USAGE, "'5m'", "300 for five minutes"),
    M("within is a span", lambda p: _wait(p, dt.timedelta(minutes=5)), USAGE, "0:05:00", "300 for"),
    M(
        "a session for its id",
        lambda p: p.gate.sessions.cancel(p.create()),
        USAGE,
        "Created",
        r"\.id",
    ),
    M(
        "statuses is a dict",
        lambda p: _judge(p, statuses={"success": ["paid"]}),
        USAGE,
        "dict",
        "extended",
    ),
    M("expect is an int", lambda p: _judge(p, expect=100), USAGE, "not int", "write expect=Money"),
    M("outcome.is_paid", lambda p: _judge(p).is_paid, ATTRIBUTE, "'is_paid'", r"ask \.may_fulfil"),
    M(
        "outcome == text",
        lambda p: _judge(p) == "Settled",
        TYPE,
        "Pending",
        r"may_fulfil, or isins",
    ),
    M("outcome == class", lambda p: _judge(p) == Settled, TYPE, "Pending", r"may_fulfil, or isins"),
    M("text in outcomes", lambda p: _judge(p) in ("Settled",), TYPE, "Pending", "may_fulfil"),
    M("not outcome", lambda p: not _judge(p), TYPE, "Pending", r"ask outcome\.may_fulfil"),
    M("list.data", lambda p: p.gate.sessions.list().data, ATTRIBUTE, "'data'", "`for row in"),  # type: ignore[attr-defined]
    M(
        "for_browser(id)",
        lambda p: for_browser("gs_1"),
        USAGE,
        "not str",
        r"that create\(\) returned",
    ),  # type: ignore[arg-type]
    M("for_browser(None)", lambda p: for_browser(None), USAGE, "NoneType", r"that create\(\)"),  # type: ignore[arg-type]
    M("gate of the key and the URL", lambda p: Gate(KEY, URL), TYPE, "given 2", "each by its name"),  # type: ignore[misc]
    M(
        "a misspelt key",
        lambda p: _env(ZEROGATE_SECRETKEY=KEY),
        USAGE,
        "_SECRETKEY",
        "ZEROGATE_SECRET_KEY",
    ),
    M(
        "a misspelt URL",
        lambda p: _env(**_SET, ZEROGATE_BASEURL=URL),
        USAGE,
        "_BASEURL",
        "ZEROGATE_BASE_URL",
    ),
    M(
        "a URL in small letters",
        lambda p: _env(**_SET, zerogate_base_url=URL),
        USAGE,
        "zerogate_b",
        "did you",
    ),
    M(
        "RetryPolicy(max_retries=)",
        lambda p: RetryPolicy(max_retries=3),
        TYPE,
        r"RetryPolicy\(\).* max_retries=",
        "write attempts=4",
    ),  # type: ignore[call-arg]
    M("RetryPolicy(3)", lambda p: RetryPolicy(3), TYPE, "given 1", "each by its name"),  # type: ignore[misc]
    M(
        "RetryPolicy(backoff=)",
        lambda p: RetryPolicy(backoff=1),
        TYPE,
        "backoff=",
        "first_wait=0.5",
    ),  # type: ignore[call-arg]
    M("retries=3", lambda p: Gate(KEY, retries=3), USAGE, "not int", r"RetryPolicy\(attempts="),  # type: ignore[arg-type]
    M("a log of no kind", lambda p: _log("verbose"), USAGE, "'verbose'", "debug or info"),
    M(
        "Store(Path)",
        lambda p: Store(Path("gate.db")),
        USAGE,
        "Path",
        r"write Store\('sqlite:///gate",
    ),  # type: ignore[arg-type]
    M("Store(None)", lambda p: Store(None), USAGE, "not NoneType", "a store is sqlite:///FILE"),  # type: ignore[arg-type]
    M("Store()", lambda p: Store(), TYPE, r"Store\(\) needs", r"Store\('sqlite:///gate\.db'\)"),  # type: ignore[call-arg]
    M("Store(dsn=)", lambda p: Store(dsn="x"), TYPE, "dsn=", "takes the address first"),  # type: ignore[call-arg]
    M("Inbox()", lambda p: Inbox(), TYPE, r"Inbox\(\) needs", r"store=Store\("),  # type: ignore[call-arg]
    M("Store(class)", lambda p: Gate(KEY, store=Store), USAGE, "the class Store", "make one"),  # type: ignore[arg-type]
    M(
        "Inbox of a URL",
        lambda p: Inbox("sqlite:///x.db", SECRET),
        USAGE,
        "not str",
        r"write Store\('sqlite:///x",
    ),  # type: ignore[arg-type]
    M(
        "Inbox of the other half",
        lambda p: p.awaiting(lambda g: _inbox(p, gate=g)),
        USAGE,
        "AsyncGate",
        "to AsyncInbox",
    ),
    M(
        "AsyncInbox of a Gate",
        lambda p: _async_inbox(p),
        USAGE,
        "not Gate",
        "to Inbox, or make an AsyncG",
    ),
    M("Inbox of a key", lambda p: _inbox(p, gate="gate"), USAGE, "not str", "make one, or leave"),
    M("mode prod", lambda p: _inbox(p, mode="prod"), USAGE, "'prod'", "'test' or 'live'"),
    M("secret=", lambda p: _inbox(p, secret=SECRET), TYPE, "secret=", "did you mean secrets="),
    M("drain()", lambda p: _inbox(p).drain(), TYPE, r"drain\(\) needs", r"def fulfil\(received\)"),
    M(
        "drain(handle=)",
        lambda p: _inbox(p).drain(handle=print),
        TYPE,
        "handle=",
        r"drain\(fulfil\)",
    ),
    M("receive()", lambda p: _inbox(p).receive(), TYPE, r"receive\(\) needs", "raw body"),
    M("inbox.handle", lambda p: _inbox(p).handle, ATTRIBUTE, "'handle'", "did you mean drain"),
    M("inbox.drian", lambda p: _inbox(p).drian, ATTRIBUTE, "'drian'", "did you mean drain"),
    M("drain(3)", lambda p: _inbox(p).drain(3), USAGE, "not int", r"def fulfil\(received\)"),
    M(
        "async handler",
        lambda p: _inbox(p).drain(_handle),
        USAGE,
        "_handle",
        "write def, or use AsyncInbox",
    ),
    M(
        "transaction=True",
        lambda p: _inbox(p).drain(print, transaction=True),
        USAGE,
        "not bool",
        r"engine\.begin",
    ),
    M(
        "forget(naive)",
        lambda p: _inbox(p).forget(dt.datetime(2026, 5, 1)),
        USAGE,
        "2026-05-01",
        "UTC",
    ),
    M("forget(90)", lambda p: _inbox(p).forget(90), USAGE, "not int", "timedelta"),
    M(
        "forget(date)",
        lambda p: _inbox(p).forget(dt.date(2026, 5, 1)),
        USAGE,
        "not date",
        "timedelta",
    ),
    M("tolerance=None", lambda p: _verify(tolerance=None), USAGE, "not None", "leave it out"),
    M(
        "now is a datetime",
        lambda p: _verify(now=dt.datetime.now(dt.UTC)),
        USAGE,
        "datetime",
        "seconds",
    ),
    M("sign(str)", lambda p: webhooks.sign("{}", SECRET), USAGE, "not str", r"body\.encode"),  # type: ignore[arg-type]
    M(
        "receive(str)",
        lambda p: _inbox(p).receive("{}", {}),
        USAGE,
        "not str",
        r"request\.body in Django",
    ),
    # what was answered
    M("session['id']", lambda p: p.create()["id"], "UnknownItem", "'id'", r"write \.id"),
    M(
        "session['idd']",
        lambda p: p.create()["idd"],
        "UnknownItem",
        "'idd'",
        r"did you mean \.id\?",
    ),
    M("session.statuss", lambda p: p.create().statuss, ATTRIBUTE, "'statuss'", r"mean \.status\?"),
    M(
        "session.order_id",
        lambda p: p.create().order_id,
        ATTRIBUTE,
        "'order_id'",
        r"mean \.metadata",
    ),
    M("session.url", lambda p: p.create().url, ATTRIBUTE, "'url'", r"mean \.client_secret"),
    M("transaction.id", lambda p: _paid(p).id, ATTRIBUTE, "'id'", r"did you mean \.refid\?"),
    M("transaction.amount", lambda p: _paid(p).amount, ATTRIBUTE, "'amount'", r"\.fiat_amount"),
    M(
        "session.model_dump()",
        lambda p: p.create().model_dump(),
        ATTRIBUTE,
        "'model_",
        r"\.to_dict\(\)",
    ),
    M("session.get()", lambda p: p.create().get("id"), ATTRIBUTE, "'get'", r"\.to_dict\(\)"),
    M(
        "session['status'] =",
        lambda p: _set_item(p.create()),
        ATTRIBUTE,
        "'status' stays",
        "read it",
    ),
    M("money.currency", lambda p: EUR.currency, ATTRIBUTE, "'currency'", "did you mean code"),  # type: ignore[attr-defined]
    M("money.value", lambda p: EUR.value, ATTRIBUTE, "'value'", "did you mean amount"),  # type: ignore[attr-defined]
    M("money.cents", lambda p: EUR.cents, ATTRIBUTE, "'cents'", "did you mean amount"),  # type: ignore[attr-defined]
    # what is elsewhere
    M(
        "AsyncStore",
        lambda p: _import("zerogate_store", "AsyncStore"),
        IMPORT,
        "'AsyncStore'",
        "one Store",
    ),
    M(
        "a store of zerogate",
        lambda p: _import("zerogate", "AsyncStore"),
        IMPORT,
        "'AsyncStore'",
        "Store",
    ),
    M(
        "zerogate.Inbox",
        lambda p: _import("zerogate", "Inbox"),
        IMPORT,
        "'Inbox'",
        "in zerogate_store",
    ),
    M(
        "zerogate.Client",
        lambda p: _import("zerogate", "Client"),
        IMPORT,
        "'Client'",
        "client is Gate",
    ),
    M(
        "zerogate.Session",
        lambda p: _import("zerogate", "Session"),
        IMPORT,
        "'Session'",
        r"zerogate\.types",
    ),
    M(
        "zerogate.APIError",
        lambda p: _import("zerogate", "APIError"),
        IMPORT,
        "'APIError'",
        "GateError",
    ),
    M(
        "errors.APIError",
        lambda p: _import("zerogate.errors", "APIError"),
        IMPORT,
        "'APIError'",
        "GateError",
    ),
    M("errors.NotFoun", lambda p: errors.NotFoun, ATTRIBUTE, "'NotFoun'", "mean NotFound"),  # type: ignore[attr-defined]
    M(
        "construct_event",
        lambda p: _import("zerogate.webhooks", "construct_event"),
        IMPORT,
        "'construct_event'",
        r"webhooks\.verify\(",
    ),
    M(
        "with_raw_response",
        lambda p: p.gate.sessions.with_raw_response,  # type: ignore[attr-defined]
        ATTRIBUTE,
        "'with_raw_response'",
        r"captured_responses\(\)",
    ),
    M("dict(session)", lambda p: dict(p.create()), "UnknownItem", "no dict", r"\.to_dict\(\)"),
    M("zerogate.GateErr", lambda p: zerogate.GateErr, ATTRIBUTE, "'GateErr'", "mean GateError"),  # type: ignore[attr-defined]
    M("gate.store", lambda p: p.gate.store, ATTRIBUTE, "'store'", r"store=store"),  # type: ignore[attr-defined]
    M("gate.inbox", lambda p: p.gate.inbox, ATTRIBUTE, "'inbox'", r"Inbox\(store"),  # type: ignore[attr-defined]
    # what is handed over
    M(
        "headers None",
        lambda p: webhooks.verify(b"{}", None, SECRET),
        "SignatureRejected",
        "not None:",
        r"request\.headers",
    ),
    M(
        "headers a text",
        lambda p: webhooks.verify(b"{}", "t=1", SECRET),
        USAGE,
        "not str",
        "Django and Flask",
    ),
    M(
        "no secrets",
        lambda p: webhooks.verify(b"{}", SIGNED, []),
        USAGE,
        "no webhook secret",
        "whsec_",
    ),
    M(
        "no await, receive",
        lambda p: _receive(p),
        ATTRIBUTE,
        r"receive\(…\).*'status'",
        "write `await`",
    ),
    M(
        "gate.reconcile(id)",
        lambda p: p.gate.reconcile("gs_1"),
        TYPE,
        "Reconcile",
        "one of its meth",
    ),  # type: ignore[operator]
    M("for_browser(coroutine)", lambda p: _unawaited(p), USAGE, "PendingCall", "after `await`"),
    M(
        "sandbox.pay(session)",
        lambda p: Sandbox().pay(p.create()),
        TYPE,
        "CreatedG",
        r"write \.id",
    ),
    M(
        "a proxy of no kind",
        lambda p: Gate(KEY, proxy="socks5://h:1"),
        USAGE,
        "SOCKS",
        "http://host:port",
    ),
]


def _paid(place: Place) -> Any:
    """Return a transaction; what pays it stands behind the client's transport."""
    sandbox = Sandbox(seed=7)
    gate = Gate(KEY, transport=sandbox.transport(), clock=sandbox.clock)
    session = gate.sessions.create(order="order-1", amount=EUR, return_url="https://shop.example/")
    sandbox.pay(session.id)
    return gate.transactions.list().first()


def _set_item(record: Any) -> None:
    record["status"] = "completed"


def _import(module: str, name: str) -> None:
    exec(f"from {module} import {name}", {})


def _receive(place: Place) -> Any:
    store = Store(f"sqlite:///{place.folder}/inbox.db")
    call: Any = AsyncInbox(store, SECRET, mode="test").receive(b"{}", {})
    try:
        return call.status
    finally:
        call.close()


def _unawaited(place: Place) -> Any:
    said = {"amount": EUR, "order": "order-1", "return_url": "https://shop.example/done"}

    def hand_over(gate: Any) -> None:
        call = gate.sessions.create(**said)
        try:
            for_browser(call)
        finally:
            call.close()

    return place.awaiting(hand_over)


def _wait(place: Place, within: Any) -> Any:
    return place.gate.reconcile.wait("gs_1", expect=EUR, order="order-1", within=within)


def _judge(place: Place, **terms: Any) -> Any:
    said = {"expect": EUR, "order": "order-1"} | terms
    return place.gate.reconcile.session(place.create().id, **said)


_SET: dict[str, str] = {"ZEROGATE_SECRET_KEY": KEY}


def _env(**environ: str) -> Gate:
    return Gate.from_env(environ)


def _log(level: str) -> None:
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("ZEROGATE_LOG", level)
        Gate(KEY, base_url=URL)


def _inbox(place: Place, **options: Any) -> Any:
    given = {"mode": "test"} | options
    return Inbox(Store(f"sqlite:///{place.folder}/inbox.db"), SECRET, **given)


def _async_inbox(place: Place) -> Any:
    store = Store(f"sqlite:///{place.folder}/inbox.db")
    return AsyncInbox(store, SECRET, gate=place.gate)  # type: ignore[arg-type]


async def _handle(received: Any) -> None: ...


def _verify(**options: Any) -> Any:
    return webhooks.verify(b"{}", SIGNED, SECRET, **options)


async def _async_for(gate: Any) -> None:
    async for _ in gate.sessions.list():
        pass


def _unreachable() -> None:
    store = Store("postgresql://nobody@127.0.0.1:1/x")
    # It asks again until its time is over.
    Gate(KEY, base_url=URL, store=store, timeout=1).sessions.create(
        amount=EUR, order="o", return_url="https://shop.example/done"
    )


# A coroutine that nobody awaited is the mistake itself; Python warns of it as well.
@pytest.mark.filterwarnings("ignore:coroutine .* was never awaited:RuntimeWarning")
@pytest.mark.filterwarnings("ignore:an async client was dropped:ResourceWarning")
@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda mistake: mistake.label)
def test_a_mistake_is_told_with_its_value_and_what_to_do(place: Place, mistake: Mistake) -> None:
    with pytest.raises(Exception) as raised:  # noqa: PT011 - which one is the table's
        mistake.act(place)
    said = str(raised.value)
    assert mistake.error in {kind.__name__ for kind in type(raised.value).__mro__[:2]}, said
    assert mistake.value is None or re.search(mistake.value, said), said
    assert re.search(mistake.remedy, said), said
    assert not any(secret in said for secret in (KEY, SECRET, "a@b.de"))
    if mistake.act is _two_loops or mistake.label.startswith("no await"):
        # Its client or coroutine is dropped here, where that is expected, not in whichever test is next.
        del raised
        gc.collect()


def test_every_mistake_has_grade_a_unless_its_value_is_private() -> None:
    private = [one.label for one in MISTAKES if one.value is None]
    assert private == [
        "order is an e-mail",
        "newline",
        "secret None",
        "secret empty",
        "secret newline",
        "secret is sk_",
    ]
    assert len({one.label for one in MISTAKES}) == len(MISTAKES) >= 210


# --- what only looks like a mistake --------------------------------------------------------------


def test_no_variable_that_is_documented_is_taken_for_another_one() -> None:
    page = Path(__file__).parents[2] / "docs" / "environment.md"
    known = sorted(set(re.findall(r"ZEROGATE_\w+", page.read_text("utf-8"))))
    assert len(known) > 10
    for name in known:
        told = {name: "x", "ZEROGATE_SECRET_KEY": KEY, "ZEROGATE_BASE_URL": URL}
        if name != "ZEROGATE_PUBLISHABLE_KEY":
            assert Gate.from_env(told).mode == "test"


def test_what_is_right_stays_right(place: Place) -> None:
    assert Money(100, "EUR") == EUR
    assert (EUR == None, EUR in (None, ""), object() != EUR) == (False, False, True)  # noqa: E711
    assert place.create(order="o-2", metadata={"a": 1.5}).metadata["a"] == Decimal("1.5")
    assert place.gate.capabilities.eligibility(country_code="de").eligible
    rows = place.gate.sessions.list(limit=2)
    assert len(list(rows)) == len(list(rows)) == 1
    assert isinstance(hash(EUR), int)
    # As HTTPS_PROXY is read, without a scheme as well.
    assert Gate(KEY, base_url=URL, proxy="proxy:80").mode == "test"
    assert not hasattr(place.gate, "_nothing")
    assert not hasattr(zerogate, "nothing")
    assert attrs.evolve(place.create(order="o-3"), status="open").status == "open"
    again = pickle.loads(pickle.dumps(copy.copy(place.create(order="o-4"))))
    assert again.to_dict()["metadata"]["order_id"] == "o-4"
    assert not hasattr(place.gate, "payments")


async def test_a_call_that_waits_to_be_awaited_is_a_coroutine_to_everybody(place: Place) -> None:
    import inspect
    from unittest.mock import AsyncMock, create_autospec

    async with place.make_async() as gate:
        call = gate.sessions.list().first()
        assert await call is None
        for way in (asyncio.create_task, asyncio.ensure_future, asyncio.gather):
            with pytest.raises(Exception, match="check the id"):
                await way(gate.sessions.retrieve("gs_1"))
        async with asyncio.timeout(60), asyncio.TaskGroup() as group:
            task = group.create_task(gate.capabilities.assets(country_code="DE"))
        assert task.result()
        waiting: Any = gate.sessions.retrieve("gs_1")
        assert inspect.isawaitable(waiting)
        assert asyncio.iscoroutine(waiting)
        assert "not awaited" in repr(waiting)
        waiting.close()
        # asyncio's own question warns from Python 3.14 on, and before 3.12 nothing else can be asked.
        asked: Any = inspect if sys.version_info >= (3, 12) else asyncio
        assert asked.iscoroutinefunction(gate.sessions.retrieve)
        assert isinstance(create_autospec(type(gate.sessions)).retrieve, AsyncMock)


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="Python marks its own from 3.12 on")
def test_clients_made_at_once_mark_every_call(monkeypatch: pytest.MonkeyPatch) -> None:
    from zerogate._mistakes import forgotten_await

    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        with ThreadPoolExecutor(8) as threads:
            for _ in range(50):
                calls = [partial(print) for _ in range(60)]
                monkeypatch.setattr(forgotten_await, "_unmarked", [*calls])
                start = Barrier(8)

                def mark(start: Barrier = start, calls: list[Any] = calls) -> bool:
                    start.wait(timeout=60)
                    forgotten_await.mark_for_asyncio()
                    return all(asyncio.iscoroutinefunction(call) for call in calls)

                asked = [threads.submit(mark) for _ in range(8)]
                assert all(one.result() for one in asked)
    finally:
        sys.setswitchinterval(before)


# --- options of a store, an inbox and a limit, before anything is done with them ------------------


@pytest.mark.parametrize(
    ("option", "wrong", "told"),
    [
        ("account", None, "a label of your own, text, not None"),
        ("namespace", 3, "text, as the client has it, not 3"),
        ("account", KEY.encode(), "a label of your own, text, not bytes"),
        ("match", "no", "True or False, not 'no'"),
        ("wait", "10 min", "seconds, from 0, not '10 min'"),
        ("wait", float("nan"), "seconds, from 0, not nan"),
        ("tries", 0, "a whole number from 1, not 0"),
        ("tries", 2.5, r"not 2\.5"),
        ("order", "stirct", "'results_first' or 'strict', not 'stirct'"),
        ("lease", 0, "more than 0, not 0"),
        ("lease", dt.timedelta(minutes=1), "not timedelta"),
        ("tolerance", "300", "not '300'"),
        ("tolerance", -1, "not -1"),
        ("max_bytes", None, "not None"),
        ("max_bytes", True, "not True"),
        ("rejected_status", 200, "an HTTP status, 400 to 599, not 200"),
        ("rejected_status", "400", "not '400'"),
        ("rate_limiter", 5, "not 5"),
        ("clock", 3, "an object with now() and monotonic(), both of seconds, not 3"),
        ("clock", dt.datetime, "not type"),
    ],
)
@pytest.mark.parametrize("half", [Inbox, AsyncInbox])
def test_an_option_of_an_inbox_is_refused_where_it_is_given(
    place: Place, half: Any, option: str, wrong: Any, told: str
) -> None:
    store = Store(f"sqlite:///{place.folder}/inbox.db")
    with pytest.raises(zerogate.GateUsageError, match=f"^{option}= takes ") as refused:
        half(store, SECRET, **{"mode": "test", option: wrong})
    assert told.replace("\\", "") in str(refused.value)
    assert KEY not in str(refused.value)
    assert f": write {option}=" in str(refused.value)


@pytest.mark.parametrize("half", [RateLimiter, AsyncRateLimiter])
@pytest.mark.parametrize("rate", [0, -1, None, "5/s", float("nan"), True, Decimal("sNaN")])
def test_a_rate_that_is_no_number_above_zero_is_refused(half: Any, rate: Any) -> None:
    with pytest.raises(zerogate.GateUsageError, match=r"rate= takes requests a second, .* write"):
        half(rate=rate)
    with pytest.raises(zerogate.GateUsageError, match="clock= takes an object"):
        half(clock=rate or 3)


@pytest.mark.parametrize(
    ("option", "wrong"),
    [
        ("idempotency_window", "600"),
        ("idempotency_window", None),
        ("idempotency_window", float("inf")),
        ("idempotency_window", -1),
        ("statuses", None),
        ("statuses", {"success": {"paid"}}),
        ("migrate", "no"),
        ("migrate", None),
    ],
)
def test_an_option_of_a_store_is_refused_where_it_is_given(
    place: Place, option: str, wrong: Any
) -> None:
    with pytest.raises(zerogate.GateUsageError, match=f"^{option}= takes .*: write {option}="):
        Store(f"sqlite:///{place.folder}/gate.db", **{option: wrong})


# --- values that would be found out in the middle of a payment -------------------------------------


@pytest.mark.parametrize("wrong", [Decimal("0.5"), "0.5", None, True, 10**400, Decimal("sNaN")])
@pytest.mark.parametrize("option", ["first_wait", "longest_wait", "tokens", "cost", "per_success"])
def test_a_retry_policy_takes_plain_numbers(option: str, wrong: Any) -> None:
    names = {field.name for field in attrs.fields(RetryPolicy)}
    if option in names:
        with pytest.raises(zerogate.GateUsageError, match=rf"RetryPolicy\({option}=…\) must be"):
            RetryPolicy(**{option: wrong})


@pytest.mark.parametrize("wrong", ["paid", ["paid"], None, ("paid",), 3])
@pytest.mark.parametrize("meaning", ["success", "in_flight", "failure"])
def test_statuses_are_sets_and_a_text_is_not_its_letters(meaning: str, wrong: Any) -> None:
    with pytest.raises(zerogate.GateUsageError, match=r"in sets: success=\{…\}"):
        zerogate.TransactionStatuses(**{meaning: wrong})
    assert zerogate.TransactionStatuses(success={"paid"}).standing("paid") == "success"  # type: ignore[arg-type]


@pytest.mark.parametrize("wrong", ["no", "false", 0, None, 1])
def test_earlier_attempts_are_cancelled_on_a_plain_true_only(place: Place, wrong: Any) -> None:
    sandbox = Sandbox(seed=5)
    store = Store(f"sqlite:///{place.folder}/gate.db")
    gate = Gate(KEY, transport=sandbox.transport(), clock=sandbox.clock, store=store)
    terms: dict[str, Any] = {"return_url": "https://shop.example/done", "order": "order-9"}
    first = gate.sessions.create(amount=EUR, **terms)
    with pytest.raises(zerogate.GateUsageError, match="at_once= is True or False"):
        gate.sessions.create(amount=Money("5.00", "EUR"), attempt=2, at_once=wrong, **terms)
    if not isinstance(wrong, str):
        with pytest.raises(zerogate.GateUsageError):
            gate.journal.reissue(order="order-9", at_once=wrong)
    assert gate.sessions.retrieve(first.id).status == "open"


@pytest.mark.parametrize("wrong", [5, True, object(), 1.5, {"a": 1}, b"scope"])
def test_a_list_of_texts_is_a_list(place: Place, wrong: Any) -> None:
    for option in ("pay_ins", "pay_outs"):
        with pytest.raises(zerogate.GateUsageError, match=f"{option} takes a list, not"):
            place.gate.reconcile.order("order-1", expect=EUR, **{option: wrong})


@pytest.mark.parametrize("wrong", [KEY, None, 3, [KEY]])
def test_an_environment_is_a_mapping_and_no_key(wrong: Any) -> None:
    with pytest.raises(zerogate.GateUsageError, match=r"from_env\(\) takes .*os\.environ") as told:
        Gate.from_env(wrong)
    assert KEY not in str(told.value)
    assert not [value for value in values(told.value) if KEY in value]
