"""Our connections as a transport of httpx, and httpx's as one of ours."""

from __future__ import annotations

import asyncio
import gzip
import json
import ssl
import subprocess
import sys
import time

import httpx
import pytest
from zerogate._transport.async_connections import AsyncConnections
from zerogate._transport.bodies import BodyRefused
from zerogate._transport.messages import Reply, Request, RequestNotSent
from zerogate._transport.sync_connections import Connections
from zerogate.transports import AsyncHttpxAdapter, AsyncHttpxTransport, HttpxAdapter, HttpxTransport

from tests.timing import ends_within

from .scripted import Act, Scripted, answers, drips, echoes, holds, reply, resets, zipped


async def over_ours(server: Scripted, method: str = "GET", **given: object) -> httpx.Response:
    """The same request by both clients of httpx over ours; one answer, if they agree."""
    url = f"{server.origin}/v1/x?y=%2F"
    ours = Connections(server.origin)
    with httpx.Client(transport=HttpxTransport(ours)) as client:
        first = await asyncio.to_thread(client.request, method, url, **given)  # type: ignore[arg-type]
    ours.close()
    theirs = AsyncConnections(server.origin)
    async with httpx.AsyncClient(transport=AsyncHttpxTransport(theirs)) as aclient:
        second = await aclient.request(method, url, **given)  # type: ignore[arg-type]
    await theirs.aclose()
    assert (first.status_code, first.content, first.headers) == (
        second.status_code,
        second.content,
        second.headers,
    )
    return second


async def test_httpx_speaks_over_our_connections() -> None:
    with Scripted(answers(reply(b'{"id":"gs_1"}', "201 Created", "X-Request-Id: req_1"))) as server:
        got = await over_ours(server, "POST", json={"amount": "1"}, headers={"X-Own": "a"})
    assert got.status_code == 201
    assert got.json() == {"id": "gs_1"}
    assert got.headers["x-request-id"] == "req_1"
    one, other = server.seen
    assert one == other
    assert (one.method, one.target) == ("POST", "/v1/x?y=%2F")
    assert json.loads(one.body) == {"amount": "1"}
    assert one.headers["host"] == f"127.0.0.1:{server.port}"
    assert one.headers["content-length"] == str(len(one.body))
    assert one.headers["x-own"] == "a"


async def test_httpx_gets_a_body_that_is_unzipped_already() -> None:
    with Scripted(answers(zipped(b"plain" * 100))) as server:
        got = await over_ours(server)
    assert got.content == b"plain" * 100
    assert "content-encoding" not in got.headers
    assert got.headers["content-length"] == "500"


FAULTS: dict[str, tuple[Act, type[httpx.TransportError]]] = {
    "reset": (resets, httpx.ReadError),
    "a drip": (
        drips(b"HTTP/1.1 200 OK\r\n", lambda: iter(lambda: b"X: y\r\n", b"")),
        httpx.ReadTimeout,
    ),
}


@pytest.mark.parametrize(("act", "expected"), FAULTS.values(), ids=FAULTS.keys())
async def test_httpx_is_told_in_its_own_errors(
    act: Act, expected: type[httpx.TransportError]
) -> None:
    with Scripted(act) as server:
        ours, theirs = Connections(server.origin), AsyncConnections(server.origin)
        with (
            ends_within(0.3),
            httpx.Client(transport=HttpxTransport(ours), timeout=0.3) as client,
            pytest.raises(expected) as caught,
        ):
            client.get(server.origin)
        assert caught.value.request.url == server.origin
        async with httpx.AsyncClient(
            transport=AsyncHttpxTransport(theirs), timeout=httpx.Timeout(0.3)
        ) as aclient:
            with ends_within(0.3), pytest.raises(expected):
                await aclient.get(server.origin)


def test_httpx_is_told_when_nothing_was_sent() -> None:
    with Scripted(echoes) as gone:
        pass
    with (
        httpx.Client(transport=HttpxTransport(Connections(gone.origin)), timeout=None) as client,
        pytest.raises(httpx.ConnectError, match="nothing was sent"),
    ):
        client.get(gone.origin)


async def test_closing_a_client_of_httpx_leaves_our_connections_open() -> None:
    with Scripted(echoes) as server:
        ours = Connections(server.origin)
        for _ in range(2):
            with httpx.Client(transport=HttpxTransport(ours)) as client:
                assert client.get(f"{server.origin}/v1/x").content == b"/v1/x"
        ours.close()
    assert server.connections == 1


async def test_a_plain_send_serves_the_async_client_too() -> None:
    class Plain:
        def send(self, request: Request, until: float) -> Reply:
            return Reply(200, {}, request.target.encode())

    async with httpx.AsyncClient(transport=AsyncHttpxTransport(Plain())) as client:
        assert (await client.get("https://gate.test/v1/x")).content == b"/v1/x"


async def over_httpx(origin: str, request: Request, seconds: float = 3.0, **given: object) -> Reply:
    """The same exchange by both transports of httpx as ours; one reply, or one kind of failure."""
    sync, loop = (
        HttpxAdapter(httpx.HTTPTransport(**given)),
        AsyncHttpxAdapter(  # type: ignore[arg-type]
            httpx.AsyncHTTPTransport(**given)  # type: ignore[arg-type]
        ),
    )
    ended = [
        *await asyncio.gather(
            asyncio.to_thread(sync.send, request, time.monotonic() + seconds),
            return_exceptions=True,
        ),
        *await asyncio.gather(
            loop.send(request, time.monotonic() + seconds), return_exceptions=True
        ),
    ]
    sync.close()
    await loop.aclose()
    first, second = ended
    assert type(first) is type(second), ended
    if isinstance(second, BaseException):
        assert second.__cause__ is second.__context__ is None
        raise second
    assert first == second
    return second


async def test_we_speak_over_a_transport_of_httpx() -> None:
    with Scripted(answers(reply(b"{}", "201 Created", "Via: a", "Via: b"))) as server:
        headers = (("Authorization", "Bearer sk_test_canary"),)
        request = Request("POST", server.origin, "/v1/x?y=%2F", headers, b"body")
        got = await over_httpx(server.origin, request)
    assert (got.status, got.body, got.headers["via"]) == (201, b"{}", "a, b")
    one, other = server.seen
    assert one == other
    assert (one.method, one.target, one.body) == ("POST", "/v1/x?y=%2F", b"body")
    assert one.headers == {
        "host": f"127.0.0.1:{server.port}",
        "authorization": "Bearer sk_test_canary",
        "accept-encoding": "gzip",
        "content-length": "4",
    }


async def test_over_httpx_too_a_body_is_unzipped_and_capped() -> None:
    bomb = gzip.compress(bytes(50_000_000), compresslevel=1)
    with Scripted(
        answers(zipped(b"plain")),
        answers(zipped(b"plain")),
        answers(reply(bomb, "200 OK", "Content-Encoding: gzip")),
    ) as server:
        request = Request("GET", server.origin, "/", (), b"")
        assert (await over_httpx(server.origin, request)).body == b"plain"
        with pytest.raises(BodyRefused):
            await over_httpx(server.origin, request)


@pytest.mark.parametrize(
    ("act", "expected"),
    [
        (resets, ConnectionError),
        (holds, TimeoutError),
        (drips(b"HTTP/1.1 200 OK\r\n\r\n", lambda: iter(lambda: b"x", b"")), TimeoutError),
    ],
    ids=["reset", "no answer", "a dripping body"],
)
async def test_over_httpx_what_may_have_been_sent_is_never_called_unsent(
    act: Act, expected: type[BaseException]
) -> None:
    with Scripted(act) as server, pytest.raises(expected) as caught:
        await over_httpx(server.origin, Request("GET", server.origin, "/", (), b""), 0.3)
    assert not isinstance(caught.value, RequestNotSent)


async def test_over_httpx_a_refused_connection_and_a_stranger_have_been_sent_nothing(
    server_tls: ssl.SSLContext,
) -> None:
    with Scripted(echoes, tls=server_tls) as server, pytest.raises(RequestNotSent):
        await over_httpx(server.origin, Request("GET", server.origin, "/", (), b""))
    with pytest.raises(RequestNotSent):
        await over_httpx(server.origin, Request("GET", server.origin, "/", (), b""))
    with pytest.raises(RequestNotSent, match="time was up"):
        HttpxAdapter(httpx.HTTPTransport()).send(
            Request("GET", "http://gate.test", "/", (), b""), 0.0
        )


def test_a_connect_time_out_of_a_foreign_transport_is_not_believed() -> None:
    def disconnects(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectTimeout("after sending")

    transport = HttpxAdapter(httpx.MockTransport(disconnects))
    with pytest.raises(TimeoutError):
        transport.send(Request("GET", "http://gate.test", "/", (), b""), time.monotonic() + 1)


def test_only_who_asks_for_the_adapters_imports_httpx() -> None:
    script = "import sys, {}; print('httpx' in sys.modules)"
    asked = [
        subprocess.run(
            [sys.executable, "-c", script.format(module)],
            capture_output=True,
            text=True,
            check=True,
        ).stdout.strip()
        for module in (
            "zerogate._transport.sync_connections, zerogate._transport.async_connections",
            "zerogate._httpx.adapters",
            "zerogate.transports",
        )
    ]
    assert asked == ["False", "False", "True"]
