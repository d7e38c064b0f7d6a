"""What a signal's handler raises in the middle of an exchange goes up as it is; a failure stays one."""

from __future__ import annotations

import asyncio
import signal
import socket
import ssl
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from zerogate import Gate, GateError, Money, OutcomeUnknown, ReadFailed
from zerogate._httpx.adapters import HttpxAdapter, HttpxClientAdapter
from zerogate._transport.messages import InOurWords, Request
from zerogate._transport.sync_connections import Connections
from zerogate._transport.thrown import is_of, thrown_in

from tests.client.scripts import VirtualClock
from tests.thrown import THROWN, handled, interrupt, thrown

from .scripted import Act, Peer, Scripted, echoes, resets

EACH = pytest.mark.parametrize("make", THROWN.values(), ids=THROWN.keys())
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 10\r\n\r\n"


def silent(peer: Peer) -> None:
    peer.request()
    interrupt()
    peer.hold()


def in_the_body(peer: Peer) -> None:
    peer.request()
    peer.send(HEAD + b"{}")
    interrupt()
    peer.hold()


def while_sending(peer: Peer) -> None:
    peer.sock.recv(1)
    interrupt()
    peer.hold()


ACTS: dict[str, Act] = {"head": silent, "body": in_the_body}


def post(origin: str, body: bytes = b"{}") -> Request:
    return Request("POST", origin, "/v1/x", (), body)


def soon() -> float:
    return time.monotonic() + 20


@EACH
@pytest.mark.parametrize("act", ACTS.values(), ids=ACTS.keys())
def test_it_comes_out_of_an_exchange_and_leaves_neither_connection_nor_slot(
    act: Act, make: Callable[[], BaseException]
) -> None:
    with Scripted(act, echoes) as server:
        ours = Connections(server.origin, limit=1)
        with thrown(make):
            ours.send(post(server.origin), soon())
        assert not ours._idle
        assert ours.send(Request("GET", server.origin, "/next", (), b""), soon()).body == b"/next"
        ours.close()


@EACH
def test_it_comes_out_of_a_body_that_nobody_reads(make: Callable[[], BaseException]) -> None:
    with Scripted(while_sending, echoes) as server:
        ours = Connections(server.origin, limit=1)
        with thrown(make):
            ours.send(post(server.origin, bytes(30_000_000)), soon())
        assert not ours._idle
        ours.close()


@EACH
def test_it_comes_out_of_a_handshake(
    make: Callable[[], BaseException], client_tls: ssl.SSLContext
) -> None:
    with Scripted(while_sending) as server:
        secure = server.origin.replace("http:", "https:")
        ours = Connections(secure, ssl_context=client_tls)
        with thrown(make):
            ours.send(post(secure), soon())
        ours.close()


@EACH
def test_it_comes_out_of_a_look_up_of_a_name(
    make: Callable[[], BaseException], monkeypatch: pytest.MonkeyPatch
) -> None:
    def looked_up(*_: Any, **__: Any) -> Any:
        interrupt()
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", 9))]

    monkeypatch.setattr(socket, "getaddrinfo", looked_up)
    ours = Connections("http://gate.test")
    with thrown(make):
        ours.send(post("http://gate.test"), soon())
    ours.close()


class Heads(httpx.HTTPTransport):
    """Says when it has read a head: what is thrown in while it sends, httpcore itself passes over."""

    def __init__(self) -> None:
        super().__init__()
        self.read = threading.Event()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        response = super().handle_request(request)
        self.read.set()
        return response


@EACH
@pytest.mark.parametrize("kind", ["client", "transport"])
def test_it_comes_out_of_httpx_which_makes_failures_of_its_own_of_it(
    kind: str, make: Callable[[], BaseException]
) -> None:
    transport = Heads()

    def interrupted(peer: Peer) -> None:
        peer.request()
        peer.send(HEAD + b"{}")
        transport.read.wait(10)
        interrupt()
        peer.hold()

    with Scripted(interrupted) as server, httpx.Client(transport=transport) as client:
        theirs: Any = (
            HttpxClientAdapter(client, server.origin, time.monotonic)
            if kind == "client"
            else HttpxAdapter(transport)
        )
        with thrown(make):
            theirs.send(post(server.origin), soon())


class Foreign:
    """A transport of somebody else's, which fails by itself or is interrupted in its work."""

    def __init__(self, work: Callable[[], object]) -> None:
        self.work, self.count = work, 0

    def send(self, request: Request, until: float) -> Any:
        self.count += 1
        self.work()
        raise AssertionError("it was let go on")


def wraps() -> None:
    """As a library does that knows its own errors only."""
    try:
        interrupt()
    except Exception as exc:
        raise ConnectionError("wrapped") from exc


def _create(transport: Any) -> Any:
    with Gate("sk_test_thrown", transport=transport, clock=VirtualClock()) as gate:
        return gate.sessions.create(
            order="order-1", amount=Money("1", "EUR"), return_url="https://shop.example/"
        )


@EACH
@pytest.mark.parametrize("work", [interrupt, wraps])
def test_it_comes_out_of_anybodys_transport_at_once(
    work: Callable[[], object], make: Callable[[], BaseException]
) -> None:
    transport = Foreign(work)
    with thrown(make):
        _create(transport)
    assert transport.count == 1


class Told(Exception):
    pass


def _raises(exc: Exception) -> Callable[[], object]:
    def work() -> None:
        raise exc

    return work


@pytest.mark.parametrize(
    "exc",
    [
        TimeoutError(),
        ConnectionResetError(),
        RuntimeError("x"),
        Told("secret"),
        httpx.ReadError(""),
    ],
    ids=repr,
)
def test_what_a_transport_raises_itself_is_its_failure_named_by_its_class(exc: Exception) -> None:
    with pytest.raises(OutcomeUnknown) as caught:
        _create(Foreign(_raises(exc)))
    assert str(caught.value.last_error) == type(exc).__name__
    gate = Gate("sk_test_thrown", transport=Foreign(_raises(exc)), clock=VirtualClock())
    with pytest.raises(ReadFailed):
        gate.sessions.retrieve("gs_test_1")


def test_a_failure_inside_of_the_handling_of_an_interruption_is_a_failure() -> None:
    """Python links the two; the interruption was over before the call began."""
    transport = Foreign(_raises(TimeoutError()))
    try:
        with thrown(TimeoutError) as exc:
            interrupt()
        raise exc
    except TimeoutError:
        with pytest.raises(OutcomeUnknown):
            _create(transport)
    assert transport.count > 1


def test_a_signal_whose_handler_returns_changes_nothing() -> None:
    def answers(peer: Peer) -> None:
        peer.request()
        interrupt()
        peer.send(HEAD + b'{"a": 12}\n')

    heard: list[int] = []
    with handled(lambda: heard.append(1)), Scripted(answers) as server:
        ours = Connections(server.origin)
        assert ours.send(post(server.origin), soon()).body == b'{"a": 12}\n'
        ours.close()
    assert heard


def test_what_the_network_raises_stays_a_failure() -> None:
    with Scripted(resets) as server:
        ours = Connections(server.origin)
        with pytest.raises(ConnectionError) as caught:
            ours.send(post(server.origin), soon())
        assert isinstance(caught.value, InOurWords)
        ours.close()


class EarlySocket(socket.socket):
    """As one that a green thread waits on, into which another throws."""

    def recv(self, *_: Any) -> bytes:
        raise TimeoutError


def test_a_time_out_before_the_time_was_thrown_in(monkeypatch: pytest.MonkeyPatch) -> None:
    with Scripted(echoes) as server:
        monkeypatch.setattr(socket, "socket", EarlySocket)
        ours = Connections(server.origin)
        with pytest.raises(TimeoutError) as caught:
            ours.send(post(server.origin), soon())
        assert not isinstance(caught.value, InOurWords)
        ours.close()


async def test_an_event_loop_that_ends_breaks_an_exchange_off_and_keeps_nothing() -> None:
    from zerogate._transport.async_connections import AsyncConnections

    with Scripted(lambda peer: (peer.request(), peer.hold())) as server:  # type: ignore[arg-type]
        ours = AsyncConnections(server.origin, limit=1)
        task = asyncio.create_task(ours.send(post(server.origin), soon()))
        while not server.seen:
            await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert not ours._idle
        assert not ours._slots._free.locked()
        await ours.aclose()


# --- the decision --------------------------------------------------------------------------------


def _caught(work: Callable[[], object]) -> BaseException:
    try:
        work()
    except BaseException as exc:
        return exc
    raise AssertionError("it raised nothing")


class Handler:
    def __call__(self, number: int, frame: object) -> None:
        raise TimeoutError

    def method(self, number: int, frame: object) -> None:
        self(number, frame)


HANDLERS: dict[str, Callable[..., Any]] = {
    "an object": Handler(),
    "a method": Handler().method,
    "any arguments": lambda *given: Handler()(*given),
    "by name as well": lambda number, frame, *, more=1: Handler()(number, frame),
}


@pytest.mark.parametrize("handler", HANDLERS.values(), ids=HANDLERS.keys())
def test_a_handler_of_any_make_is_known_by_the_frame_that_it_is_given(
    handler: Callable[..., Any],
) -> None:
    before = signal.signal(signal.SIGUSR1, handler)
    try:
        exc = _caught(interrupt)
    finally:
        signal.signal(signal.SIGUSR1, before)
    assert thrown_in(exc, None) is exc


def _looks_at_its_caller() -> None:
    frame = sys._getframe(1)
    raise LookupError(frame.f_lineno)


def test_who_looks_at_its_caller_is_no_handler() -> None:
    assert thrown_in(_caught(_looks_at_its_caller), None) is None


def test_a_class_that_nothing_on_the_way_knows_is_not_the_transports() -> None:
    strange = type("Limit", (Exception,), {"__module__": "rq.timeouts"})
    transport = Foreign(_raises(strange()))
    assert not is_of(transport, _caught(lambda: transport.send(post("http://x"), 0)))
    with pytest.raises(strange):
        _create(transport)
    assert not issubclass(strange, GateError)
