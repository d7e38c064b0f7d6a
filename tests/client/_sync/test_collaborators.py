# Written by facade/unasync.py from tests/client/_async/test_collaborators.py; edit that file.
"""A client that was given the wrong kind of thing says so when it is made, and what to write instead."""

from __future__ import annotations

import asyncio
import ssl
import time
import warnings
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import httpx2
import pytest
import sqlalchemy as sa
from zerogate import Gate, GateUsageError, Money, RetryPolicy
from zerogate._clocks import SystemClock
from zerogate_store import Inbox, Store

from tests.client.awaited import AwaitedCall, AwaitedClock, awaited, yields
from tests.client.scripts import SECRET, Script, VirtualClock, answer, session

LIVE = "sk_live_guarded0000000000000001"


class OfDates:
    def now(self) -> Any:
        return datetime.now(UTC)

    monotonic = now


class TooFew:
    def send(self, request: object) -> None:
        raise AssertionError("it cannot be told of a deadline")


class Session:
    """As requests has one."""

    def send(self, request: object, **options: object) -> None:
        raise AssertionError("it sends another kind of request")


def server_context() -> ssl.SSLContext:
    return ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)


class Unopened:
    """What httpx's transports are told by, without the cost of one."""

    def handle_request(self, request: object) -> None: ...


class UnopenedAsync:
    def handle_async_request(self, request: object) -> None: ...


#: What is given, and what the message says of it.
WRONG: dict[str, tuple[str, Callable[[], Any], str]] = {
    "a URL for a store": ("store", lambda: "sqlite:///x", r"write store=Store\(…\) around it"),
    "a path for a store": ("store", lambda: Path("x.db"), r"store=Store\('sqlite:///gate\.db'\)"),
    "a number for a store": ("store", lambda: 3, "takes a zerogate_store.Store, not int"),
    "the class of stores": ("store", lambda: Store, "not the class Store: make one"),
    "an engine for a store": (
        "store",
        lambda: sa.create_engine("sqlite:///x"),
        r"not sqlalchemy\.Engine: write store=Store\(…\)",
    ),
    "no store but yes": ("store", lambda: True, "store= takes"),
    "a URL for a transport": ("transport", lambda: "https://x", "send.request, until., not str"),
    "a number for a transport": ("transport", lambda: 4, "not int"),
    "nothing that sends": ("transport", object, "not object"),
    "a function for a transport": ("transport", lambda: awaited, "not function"),
    "the class of a transport": ("transport", lambda: Script, "the class Script: make one"),
    "a transport without a deadline": ("transport", TooFew, "send.request, until."),
    "a session of another library": ("transport", Session, "http_client="),
    "a client of httpx as a transport": ("transport", lambda: httpx.Client(), "http_client="),
    "a client of httpx2 as a transport": (
        "transport",
        lambda: httpx2.Client(),
        "http_client=",
    ),
    "a transport of httpx": ("transport", Unopened, "HttpxAdapter"),
    "an transport of httpx": (
        "transport",
        UnopenedAsync,
        "HttpxAdapter",
    ),
    "a number for an httpx client": ("http_client", lambda: 4, "takes an httpx."),
    "a mocked transport for an httpx client": (
        "http_client",
        lambda: httpx.MockTransport(lambda request: httpx.Response(200)),
        r"Client\(transport=…\)",
    ),
    "a transport of ours for an httpx client": ("http_client", Script, "takes an httpx."),
    "the class of an httpx client": (
        "http_client",
        lambda: httpx.Client,
        "not the class Client",
    ),
    "a path for TLS": ("ssl_context", lambda: "ca.pem", r"create_default_context\(cafile=…\)"),
    "a Path for TLS": ("ssl_context", lambda: Path("ca.pem"), r"\(cafile=…\)"),
    "no for TLS": ("ssl_context", lambda: False, r"ssl\.create_default_context\(\)"),
    "yes for TLS": ("ssl_context", lambda: True, r"ssl\.create_default_context\(\)"),
    "the class of contexts": ("ssl_context", lambda: ssl.SSLContext, "the class SSLContext"),
    "a server's context": ("ssl_context", server_context, "is a server's"),
    "a number for an observer": ("observer", lambda: 3, "plain function of one record, not int"),
    "a text for an observer": ("observer", lambda: "print", "not str"),
    "an observer of nothing": ("observer", lambda: lambda: None, "AttemptRecord or a CallRecord"),
    "an observer of two": ("observer", lambda: lambda a, b: None, "AttemptRecord or a CallRecord"),
    "an observer that is awaited": ("observer", lambda: awaited, "nobody would"),
    "one whose call is awaited": ("observer", AwaitedCall, "nobody would"),
    "an observer that yields": ("observer", lambda: yields, "nobody would"),
    "the class of an observer": ("observer", lambda: AwaitedCall, "the class AwaitedCall"),
    "a number for a clock": ("clock", lambda: 3, r"now\(\) and monotonic\(\)"),
    "a function for a clock": ("clock", lambda: time.time, r"now\(\) and monotonic\(\)"),
    "the module time": ("clock", lambda: time, r"now\(\) and monotonic\(\)"),
    "the class datetime": ("clock", lambda: datetime, "the class datetime"),
    "the class of clocks": ("clock", lambda: SystemClock, "the class SystemClock"),
    "a clock of dates": ("clock", OfDates, "are no numbers"),
    "a clock that is awaited": ("clock", AwaitedClock, "takes an object"),
    "a number of retries": ("retries", lambda: 3, r"RetryPolicy\(attempts="),
    "no retries but no": ("retries", lambda: False, r"RetryPolicy\(attempts="),
    "the class of policies": ("retries", lambda: RetryPolicy, "the class RetryPolicy"),
    "a dict of policies": ("retries", lambda: {"attempts": 3}, "not dict"),
    "a dict of proxies": ("proxy", lambda: {"https": "http://p:1"}, "proxy= takes a URL, not dict"),
    "a number for an account": ("account", lambda: 7, "account is a label"),
    "a text for a yes": ("read_only", lambda: "false", "read_only is True or False, not str"),
    "nothing for a yes": ("read_only", lambda: None, "read_only is True or False"),
    "a list of hosts": ("allow_host", lambda: ["gate.test"], "allow_host is one host's name"),
    "a key that is awaited": ("secret_key", lambda: awaited, "a plain function"),
    "the class of a key": ("secret_key", lambda: str, "a plain function"),
}


@pytest.mark.parametrize(("name", "make", "why"), WRONG.values(), ids=WRONG.keys())
def test_the_wrong_kind_is_refused_when_the_client_is_made(
    name: str, make: Callable[[], Any], why: str
) -> None:
    with pytest.raises(GateUsageError, match=why):
        Gate(**{"secret_key": SECRET, name: make()})


def test_a_refusal_shows_no_password() -> None:
    url = "postgresql://shop:c4n4ry@db.shop.example/shop"
    for wrong in ({"store": url}, {"transport": url}, {"http_client": url}, {"clock": url}):
        with pytest.raises(GateUsageError) as caught:
            Gate(SECRET, **wrong)
        assert "c4n4ry" not in str(caught.value) + repr(caught.value)


@pytest.mark.parametrize(
    "beside",
    [
        {"transport": Script()},
        {"proxy": "http://proxy.shop.example:3128"},
        {"proxy": ""},
        {"ssl_context": ssl.create_default_context()},
    ],
    ids=["transport", "proxy", "no proxy", "ssl_context"],
)
def test_only_one_says_how_to_connect(beside: dict[str, Any]) -> None:
    with httpx.Client() as client:
        with pytest.raises(GateUsageError, match=f"http_client= and {next(iter(beside))}="):
            Gate(SECRET, http_client=client, **beside)
    if "transport" not in beside:
        with pytest.raises(GateUsageError, match="transport= and"):
            Gate(SECRET, transport=Script(), **beside)


def test_a_closed_httpx_client_is_not_taken() -> None:
    client = httpx.Client()
    client.close()
    with pytest.raises(GateUsageError, match="it is closed"):
        Gate(SECRET, http_client=client)


def test_what_is_right_is_taken(tmp_path: Path) -> None:
    class Listener:
        def __call__(self, record: object) -> None: ...

    for right in (
        {"store": Store(f"sqlite:///{tmp_path}/gate.db")},
        {"observer": [].append},
        {"observer": print},
        {"observer": lambda record, *more: None},
        {"observer": Listener()},
        {"clock": SystemClock()},
        {"retries": RetryPolicy(attempts=1)},
        {"ssl_context": ssl.create_default_context()},
        {"proxy": "http://proxy.shop.example:3128"},
        {"account": "the shop"},
    ):
        given: dict[str, Any] = {"transport": Script(), **right}
        if right.keys() & {"proxy", "ssl_context"}:
            del given["transport"]
        Gate(SECRET, **given).close()


@pytest.mark.parametrize(
    "inbox",
    [42, "inbox", object(), Inbox, Store("sqlite:///never-opened.db")],
    ids=["number", "text", "object", "class", "store"],
)
def test_an_inbox_that_is_none_is_refused_before_anything_is_read(inbox: Any) -> None:
    script = Script(answer(200, session()))
    with Gate(SECRET, transport=script, clock=VirtualClock()) as gate:
        asked: dict[str, Any] = {"expect": Money("100.00", "EUR"), "inbox": inbox}
        with pytest.raises(GateUsageError, match="inbox= takes an Inbox"):
            gate.reconcile.wait("gs_test_0001", order="order-1", **asked)
        with pytest.raises(GateUsageError, match="inbox= takes an Inbox"):
            gate.reconcile.order("order-1", since=datetime.now(UTC), **asked)
    assert not script.seen


# an ssl_context that lets anybody read the key


def unverified() -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


def of_any_host() -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.check_hostname = False
    return context


@pytest.mark.parametrize("context", [unverified, of_any_host])
def test_a_live_key_is_given_to_nobody_who_has_not_shown_who_he_is(
    context: Callable[[], ssl.SSLContext],
) -> None:
    with pytest.raises(GateUsageError, match=r"ssl_context= (verifies|checks) no .* a live one"):
        Gate(LIVE, ssl_context=context())


@pytest.mark.parametrize("context", [unverified, of_any_host])
def test_a_test_key_is_with_a_warning(context: Callable[[], ssl.SSLContext]) -> None:
    with pytest.warns(UserWarning, match=r"ssl_context= (verifies|checks) no ") as warned:
        gate = Gate(SECRET, ssl_context=context())
    assert [warning.filename for warning in warned] == [__file__]
    gate.close()


@pytest.mark.parametrize("key", [SECRET, LIVE])
def test_a_context_that_verifies_is_taken_without_a_word(key: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        Gate(key, ssl_context=ssl.create_default_context()).close()


def test_the_event_loop_is_not_needed_to_make_one() -> None:
    with pytest.raises(RuntimeError):
        asyncio.get_running_loop()
    assert Gate(SECRET, transport=Script()).mode == "test"
