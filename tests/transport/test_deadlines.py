"""Whatever the other side does or leaves undone, an exchange ends by its deadline, alike in both halves."""

from __future__ import annotations

import asyncio
import itertools
import socket
import ssl
import threading

import pytest
from zerogate._transport.messages import Request, RequestNotSent

from tests.timing import ends_within

from .conftest import Half, Open, half_in_loop, half_in_thread
from .scripted import (
    STALLS,
    Act,
    Peer,
    Scripted,
    byte_by_byte,
    deaf,
    drips,
    echoes,
    full_backlog,
    holds,
    reply,
)

DEADLINE = 0.3

INSIDE_TLS = ["a dripping header", "interim answers without end", "a dripping body"]


async def ended_in_time(half: Half, failure: type[BaseException], body: bytes = b"{}") -> None:
    await all_ended_in_time([half], failure, body)


async def both_ended_in_time(
    origin: str, failure: type[BaseException], **options: ssl.SSLContext
) -> None:
    """At once, for it is the same time that they have to end in."""
    halves = [half_in_thread(origin, **options), half_in_loop(origin, **options)]
    await all_ended_in_time(halves, failure, b"{}")


async def all_ended_in_time(halves: list[Half], failure: type[BaseException], body: bytes) -> None:
    """Each ends by its deadline, which is as long as this machine needs to get a first byte out."""
    for deadline in (DEADLINE, 4 * DEADLINE, 16 * DEADLINE):
        with ends_within(deadline):
            ended = [half.post(body, within=deadline) for half in halves]
            failures = await asyncio.gather(*ended, return_exceptions=True)
        sent = not any(isinstance(one, RequestNotSent) for one in failures)
        if sent or failure is RequestNotSent:
            break
    assert all(isinstance(one, failure) for one in failures), failures


@pytest.mark.parametrize("stall", STALLS.values(), ids=STALLS.keys())
async def test_an_answer_that_does_not_come_to_its_end(stall: Act) -> None:
    with Scripted(stall) as server:
        await both_ended_in_time(server.origin, TimeoutError)


@pytest.mark.parametrize("stall", [STALLS[name] for name in INSIDE_TLS], ids=INSIDE_TLS)
async def test_an_answer_inside_tls_that_does_not_come_to_its_end(
    stall: Act, server_tls: ssl.SSLContext, client_tls: ssl.SSLContext
) -> None:
    with Scripted(stall, tls=server_tls) as server:
        await both_ended_in_time(server.origin, TimeoutError, ssl_context=client_tls)


def first_bytes_then_drip(peer: Peer) -> None:
    """A TLS record that is announced as 16 kB and comes byte by byte."""
    peer.drip(itertools.chain([b"\x16\x03\x03\x40\x00"], itertools.repeat(b"\x02")))


@pytest.mark.parametrize("handshake", [deaf, first_bytes_then_drip], ids=["stalled", "dripping"])
async def test_a_handshake_that_does_not_come_to_its_end(
    handshake: Act, client_tls: ssl.SSLContext
) -> None:
    with Scripted(handshake) as server:
        secure = server.origin.replace("http:", "https:")
        await both_ended_in_time(secure, RequestNotSent, ssl_context=client_tls)


async def test_a_record_inside_tls_that_comes_byte_by_byte(
    server_tls: ssl.SSLContext, client_tls: ssl.SSLContext
) -> None:
    def drip_a_record(peer: Peer) -> None:
        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        tls = server_tls.wrap_bio(incoming, outgoing, server_side=True)
        while True:
            try:
                tls.do_handshake()
                break
            except ssl.SSLWantReadError:
                peer.send(outgoing.read())
                incoming.write(peer.sock.recv(65_536))
        peer.send(outgoing.read())
        tls.write(reply(b"x" * 10_000))
        peer.drip(byte_by_byte(outgoing.read())())

    with Scripted(drip_a_record) as server:
        secure = server.origin.replace("http:", "https:")
        await both_ended_in_time(secure, TimeoutError, ssl_context=client_tls)


async def test_a_peer_that_reads_nothing(open_half: Open) -> None:
    with Scripted(deaf) as server:
        await ended_in_time(open_half(server.origin), TimeoutError, bytes(30_000_000))


async def test_a_peer_inside_tls_that_reads_nothing(
    open_half: Open, server_tls: ssl.SSLContext, client_tls: ssl.SSLContext
) -> None:
    with Scripted(deaf, tls=server_tls) as server:
        half = open_half(server.origin, ssl_context=client_tls)
        await ended_in_time(half, TimeoutError, bytes(30_000_000))


async def test_a_full_backlog(open_half: Open) -> None:
    with full_backlog() as origin:
        await ended_in_time(open_half(origin), RequestNotSent)


async def test_connecting_takes_at_most_its_share_of_a_long_deadline(
    open_half: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("zerogate._transport.deadline.CONNECT_AT_MOST", DEADLINE)
    with full_backlog() as origin:
        half = open_half(origin)
        with ends_within(DEADLINE), pytest.raises(RequestNotSent):
            await half.post(within=60.0)


async def test_a_name_that_never_resolves(open_half: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    over = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: over.wait(30) and [])
    try:
        await ended_in_time(open_half("http://gate.test"), RequestNotSent)
    finally:
        over.set()


async def test_a_name_that_resolves_when_nobody_waits_any_more(
    open_half: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    over = threading.Event()
    before = set(threading.enumerate())
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: over.wait(30) and [])
    await ended_in_time(open_half("http://gate.test"), RequestNotSent)
    over.set()
    for thread in set(threading.enumerate()) - before:
        if thread.name.startswith("look up"):
            await asyncio.to_thread(thread.join, 5)
            assert not thread.is_alive()


async def test_an_address_that_does_not_answer_leaves_time_for_the_next(
    open_half: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    with full_backlog() as silent, Scripted(echoes) as server:
        ports = [int(silent.rpartition(":")[2]), server.port]
        rows = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", p)) for p in ports]
        monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: rows)
        half = open_half("http://gate.test")
        assert (await half.get(within=2.0)).status == 200


async def test_all_addresses_share_one_deadline(
    open_half: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    with full_backlog() as silent:
        port = int(silent.rpartition(":")[2])
        rows = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))] * 3
        monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: rows)
        await ended_in_time(open_half("http://gate.test"), RequestNotSent)


async def test_a_literal_address_is_not_looked_up(
    open_half: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    def not_asked(host: str, *_: object) -> None:
        raise AssertionError(f"{host} was looked up")

    monkeypatch.setattr("zerogate._transport.waiting.look_up", not_asked)
    with Scripted(echoes) as server:
        assert (await open_half(server.origin).get()).status == 200


async def test_waiting_for_a_turn_counts(open_half: Open) -> None:
    with Scripted(holds) as server:
        half = open_half(server.origin, limit=1)
        first = asyncio.create_task(half.get(within=60.0))
        while not server.seen:
            await asyncio.sleep(0)
        with ends_within(DEADLINE), pytest.raises(RequestNotSent, match="under way"):
            await half.post(within=DEADLINE)
        server.over.set()
        with pytest.raises(ConnectionError):
            await first


async def test_a_deadline_that_is_over_sends_nothing(open_half: Open) -> None:
    with Scripted(echoes) as server:
        half = open_half(server.origin)
        await half.get()
        with pytest.raises(RequestNotSent):
            await half.post(within=-1.0)
        assert (await half.get()).status == 200
    assert [seen.method for seen in server.seen] == ["GET", "GET"]


async def test_after_a_stall_the_next_exchange_gets_its_own_answer(open_half: Open) -> None:
    def late_answer(peer: Peer) -> None:
        peer.request()
        peer.server.over.wait(DEADLINE * 2)
        peer.send(reply(b"too late"))

    with Scripted(late_answer, echoes) as server:
        half = open_half(server.origin)
        with pytest.raises(TimeoutError):
            await half.get(within=DEADLINE)
        got = [await half.get(f"/v1/{number}") for number in range(3)]
    assert [answer.body for answer in got] == [b"/v1/0", b"/v1/1", b"/v1/2"]


async def test_deadlines_are_read_on_the_clock_that_was_given(open_half: Open) -> None:
    with Scripted(holds) as server:
        half = open_half(server.origin, monotonic=lambda: 1_000.0)
        with ends_within(DEADLINE), pytest.raises(TimeoutError):
            await half.at(Request("GET", half.origin, "/v1/x", (), b""), 1_000.0 + DEADLINE)


async def test_an_answer_just_in_time_counts(open_half: Open) -> None:
    data = reply(b"y" * 5)
    with Scripted(drips(data[:-5], byte_by_byte(b"y" * 5))) as server:
        assert (await open_half(server.origin).get(within=20.0)).body == b"yyyyy"


async def test_a_deadline_far_away_is_no_trouble(open_half: Open) -> None:
    with Scripted(echoes) as server:
        assert (await open_half(server.origin).get(within=float("inf"))).status == 200
