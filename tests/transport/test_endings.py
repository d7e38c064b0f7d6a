"""What went wrong is told in Python's own words: whether anything left, nothing of the library, no secret."""

from __future__ import annotations

import logging
import pickle
import socket
import ssl
import time
import traceback
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from zerogate._transport.messages import InOurWords, Reply, Request, RequestNotSent
from zerogate._transport.routes import default_ssl_context
from zerogate._transport.sync_connections import Connections

from .conftest import Half, Open
from .scripted import Act, Peer, Scripted, answers_once, deaf, echoes, reply, resets, zipped

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"

BROKEN: dict[str, Act] = {
    "reset": resets,
    "closed": answers_once(b""),
    "a head cut off": answers_once(HEAD),
    "a body cut off": answers_once(HEAD + b"Content-Length: 10\r\n\r\n{}"),
    "chunks cut off": answers_once(HEAD + b"Transfer-Encoding: chunked\r\n\r\n5\r\nab"),
    "gzip cut off": answers_once(
        reply(
            zipped(b"x" * 1000).partition(b"\r\n\r\n")[2][:-9], "200 OK", "Content-Encoding: gzip"
        )
    ),
    "gzip that is none": answers_once(
        reply(b"\x1f\x8bno gzip", "200 OK", "Content-Encoding: gzip")
    ),
    "gzip and more": answers_once(
        reply(zipped(b"x").partition(b"\r\n\r\n")[2] + b"more", "200 OK", "Content-Encoding: gzip")
    ),
    "no HTTP": answers_once(b"SSH-2.0-OpenSSH_9.6\r\n\r\n"),
    "HTTP/2": answers_once(b"HTTP/2 200\r\n\r\n"),
    "a malformed header": answers_once(HEAD + b"no colon sk_test_canary\r\n\r\n"),
    "two lengths": answers_once(HEAD + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\n{}"),
    "a length that is none": answers_once(HEAD + b"Content-Length: -1\r\n\r\n{}"),
    "a head without end": answers_once(HEAD + b"X: " + b"x" * 500_000),
}


async def failure_of(half: Half) -> BaseException:
    with pytest.raises(Exception) as caught:  # noqa: PT011 # which one is what the tests are about
        await half.post()
    return caught.value


def assert_clean(error: BaseException) -> None:
    """Nothing hangs on it, no secret is in it or in the locals that led to it, and it pickles."""
    assert error.__cause__ is None
    assert error.__context__ is None
    told = traceback.TracebackException.from_exception(error, capture_locals=True)
    assert "canary" not in "".join(told.format())
    assert str(pickle.loads(pickle.dumps(error))) == str(error)


@pytest.mark.parametrize(
    ("broken", "reason"),
    [
        ("closed", "closed before a whole answer"),
        ("a body cut off", "closed before a whole answer"),
        ("chunks cut off", "closed before a whole answer"),
        ("no HTTP", "no HTTP/1.1"),
        ("a malformed header", "no HTTP/1.1"),
        ("gzip cut off", "gzip body breaks off"),
        ("gzip that is none", "not gzip"),
    ],
)
async def test_a_failure_says_in_our_own_words_what_came(
    open_half: Open, broken: str, reason: str
) -> None:
    with Scripted(BROKEN[broken]) as server:
        error = await failure_of(open_half(server.origin))
    assert reason in str(error)
    assert isinstance(error, InOurWords)
    assert "canary" not in str(error)


@pytest.mark.parametrize("broken", BROKEN.values(), ids=BROKEN.keys())
async def test_an_answer_that_breaks_off_or_is_none_is_a_connection_error(
    open_half: Open, broken: Act
) -> None:
    with Scripted(broken, echoes) as server:
        half = open_half(server.origin)
        error = await failure_of(half)
        assert isinstance(error, ConnectionError)
        assert not isinstance(error, RequestNotSent)
        assert f"127.0.0.1:{server.port}" in str(error)
        assert_clean(error)
        # And the next exchange is untouched by it.
        assert (await half.get("/v1/next")).body == b"/v1/next"


async def test_an_answer_to_half_a_request_is_read(open_half: Open) -> None:
    def refuses_early(peer: Peer) -> None:
        peer.sock.recv(1000)
        peer.send(reply(b"too large", "413 Content Too Large", "Connection: close"))
        peer.sock.shutdown(socket.SHUT_WR)
        while peer.sock.recv(65_536):
            pass

    with Scripted(refuses_early) as server:
        got = await open_half(server.origin).post(bytes(20_000_000))
    assert got.status == 413


async def test_a_refused_connection_sends_nothing(open_half: Open) -> None:
    with socket.create_server(("127.0.0.1", 0)) as gone:
        port = gone.getsockname()[1]
    error = await failure_of(open_half(f"http://127.0.0.1:{port}"))
    assert isinstance(error, RequestNotSent)
    assert "refused" in str(error)
    assert_clean(error)


async def test_an_unknown_name_sends_nothing(
    open_half: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unknown(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    error = await failure_of(open_half("http://gate.test"))
    assert isinstance(error, RequestNotSent)
    assert "gate.test" in str(error)
    assert "Name or service not known" in str(error)
    assert_clean(error)


async def test_a_name_without_addresses_or_that_is_none_sends_nothing(
    open_half: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert isinstance(await failure_of(open_half(f"http://{'a' * 70}.test")), RequestNotSent)
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: [])
    assert isinstance(await failure_of(open_half("http://gate.test")), RequestNotSent)


async def test_a_certificate_of_a_stranger_sends_nothing(
    open_half: Open, server_tls: ssl.SSLContext
) -> None:
    with Scripted(echoes, tls=server_tls) as server:
        error = await failure_of(open_half(server.origin))
    assert isinstance(error, RequestNotSent)
    assert "certificate was not accepted" in str(error)
    assert "ssl_context=" in str(error)
    assert_clean(error)
    assert server.seen == []


async def test_a_certificate_for_another_host_sends_nothing(
    open_half: Open,
    server_tls: ssl.SSLContext,
    client_tls: ssl.SSLContext,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with Scripted(echoes, tls=server_tls) as server:
        rows = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", server.port))]
        monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: rows)
        half = open_half(f"https://other.test:{server.port}", ssl_context=client_tls)
        assert isinstance(await failure_of(half), RequestNotSent)
    assert server.seen == []


async def test_an_authority_of_ones_own(
    open_half: Open, server_tls: ssl.SSLContext, client_tls: ssl.SSLContext
) -> None:
    with Scripted(echoes, tls=server_tls) as server:
        half = open_half(server.origin, ssl_context=client_tls)
        got = [(await half.get(f"/v1/{number}")).body for number in range(3)]
    assert got == [b"/v1/0", b"/v1/1", b"/v1/2"]
    assert server.connections == 1


async def test_a_large_body_both_ways_inside_tls(
    open_half: Open, server_tls: ssl.SSLContext, client_tls: ssl.SSLContext
) -> None:
    def mirrors(peer: Peer) -> None:
        while (seen := peer.request()) is not None:
            peer.send(reply(seen.body))

    body = bytes(range(256)) * 8_000
    with Scripted(mirrors, tls=server_tls) as server:
        half = open_half(server.origin, ssl_context=client_tls)
        assert [(await half.post(body)).body == body for _ in range(2)] == [True, True]
    assert server.connections == 1


async def test_a_body_without_a_length_that_tls_does_not_end_is_not_whole(
    open_half: Open, server_tls: ssl.SSLContext, client_tls: ssl.SSLContext
) -> None:
    with Scripted(answers_once(HEAD + b"\r\n{}"), tls=server_tls) as server:
        half = open_half(server.origin, ssl_context=client_tls)
        error = await failure_of(half)
    assert isinstance(error, ssl.SSLError)
    assert_clean(error)


async def test_no_tls_where_tls_is_expected_sends_nothing(
    open_half: Open, client_tls: ssl.SSLContext
) -> None:
    def greets(peer: Peer) -> None:
        peer.send(b"220 mail.example ESMTP\r\n")
        peer.hold()

    with Scripted(greets) as server:
        secure = server.origin.replace("http:", "https:")
        error = await failure_of(open_half(secure, ssl_context=client_tls))
    assert isinstance(error, RequestNotSent)
    assert_clean(error)


async def test_the_library_logs_no_secret_either(
    open_half: Open, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    with Scripted(echoes) as server:
        await open_half(server.origin).post(b'{"canary": 1}')
    with Scripted(answers_once(reply(b"", "407 No"))) as proxy:
        where = f"http://someone:canary@127.0.0.1:{proxy.port}"
        await failure_of(open_half("https://gate.test", proxy=where))
    assert "canary" not in caplog.text


async def test_the_machines_authorities_are_loaded_when_first_needed_and_once(
    open_half: Open, server_tls: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    loaded: list[ssl.SSLContext] = []
    load = ssl.create_default_context
    monkeypatch.setattr(ssl, "create_default_context", lambda: loaded.append(load()) or loaded[-1])
    default_ssl_context.cache_clear()
    with Scripted(echoes, tls=server_tls) as server:
        halves = [open_half(server.origin) for _ in range(2)]
        assert loaded == []
        for half in halves:
            assert isinstance(await failure_of(half), RequestNotSent)
    assert len(loaded) == 1


async def test_a_time_out_shows_no_secret_either(open_half: Open) -> None:
    with Scripted(deaf) as server:
        half = open_half(server.origin)
        with pytest.raises(TimeoutError) as caught:
            await half.post(bytes(8_000_000), within=0.3)
    assert_clean(caught.value)


@pytest.fixture(scope="module")
def stranger() -> Iterator[tuple[Scripted, list[bytes]]]:
    says = [b""]

    def act(peer: Peer) -> None:
        if peer.request() is not None:
            peer.send(says[0])

    with Scripted(act) as server:
        yield server, says


LINES = st.sampled_from(
    [
        *(
            b"HTTP/1.1 200 OK\r\n",
            b"HTTP/1.0 201 \r\n",
            b"HTTP/1.1 999 x\r\n",
            b"HTTP/1.1 0200 x\r\n",
        ),
        *(b"HTTP/1.1 103 x\r\n\r\n", b"HTTP/1.1 101 x\r\n\r\n", b"Connection: close\r\n"),
        *(
            b"Content-Length: 3\r\n",
            b"Transfer-Encoding: chunked\r\n",
            b"Content-Encoding: gzip\r\n",
        ),
        *(b": x\r\n", b" folded\r\n", b"X-\xc3\xbc: \xff\r\n"),
        *(b"\r\n", b"{}", b"3\r\nabc\r\n0\r\n\r\n"),
    ]
)


@given(st.lists(LINES | st.binary(max_size=20), max_size=8).map(b"".join))
@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_a_stranger_answers_is_a_reply_or_an_error_of_ours(
    stranger: tuple[Scripted, list[bytes]], data: bytes
) -> None:
    server, says = stranger
    says[0] = data
    connections = Connections(server.origin)
    until = time.monotonic() + 2.0
    ended: Reply | BaseException
    try:
        ended = connections.send(Request("GET", server.origin, "/", (), b""), until)
    except (ConnectionError, TimeoutError) as exc:
        ended = exc
    finally:
        connections.close()
    assert isinstance(ended, Reply) or ended.__context__ is None
