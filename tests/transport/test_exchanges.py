"""One exchange over real sockets: what is sent, what comes back, and what of a connection is used again."""

from __future__ import annotations

import asyncio
import gzip
import json
import socket
import threading
from pathlib import Path
from typing import Any

import pytest
from zerogate._transport.bodies import Body, BodyRefused
from zerogate._transport.messages import Misuse, Request
from zerogate._transport.streams import Connection

from .conftest import Open
from .scripted import Peer, Scripted, answers, echoes, reply, zipped


async def test_a_request_arrives_as_it_was_given(open_half: Open) -> None:
    with Scripted(answers(reply(b'{"id":"gs_1"}', "201 Created"))) as server:
        got = await open_half(server.origin).post(b'{"amount":"10.00"}')
    [seen] = server.seen
    assert (got.status, got.body) == (201, b'{"id":"gs_1"}')
    assert (seen.method, seen.target, seen.body) == (
        "POST",
        "/v1/gate_sessions",
        b'{"amount":"10.00"}',
    )
    assert seen.headers == {
        "host": f"127.0.0.1:{server.port}",
        "authorization": "Bearer sk_test_canary",
        "content-type": "application/json",
        "content-length": "18",
        "accept-encoding": "gzip",
    }


async def test_a_target_is_sent_as_it_was_encoded(open_half: Open) -> None:
    with Scripted(echoes) as server:
        got = await open_half(server.origin).get("/v1/x?q=a%2Fb%20c&cursor=%C3%BC")
    assert got.body == b"/v1/x?q=a%2Fb%20c&cursor=%C3%BC"


async def test_reply_headers_have_lower_case_names_and_the_values_of_one_name_are_joined(
    open_half: Open,
) -> None:
    headers = (
        "X-Request-Id: req_1",
        "Via: a",
        "VIA: b",
        "X-Name: J\u00fcrgen".encode().decode("latin-1"),
    )
    with Scripted(answers(reply(b"", "200 OK", *headers))) as server:
        got = await open_half(server.origin).get()
    assert got.headers["x-request-id"] == "req_1"
    assert got.headers["via"] == "a, b"


async def test_a_post_without_a_body_says_so(open_half: Open) -> None:
    with Scripted(answers(reply())) as server:
        half = open_half(server.origin)
        await half.post(b"")
        await half.get()
    assert [seen.headers.get("content-length") for seen in server.seen] == ["0", None]


async def test_a_sound_connection_is_used_again(open_half: Open) -> None:
    with Scripted(echoes) as server:
        half = open_half(server.origin)
        got = [(await half.get(f"/v1/{number}")).body for number in range(5)]
    assert got == [b"/v1/0", b"/v1/1", b"/v1/2", b"/v1/3", b"/v1/4"]
    assert server.connections == 1


async def test_a_connection_that_the_server_is_about_to_close_is_not_used_again(
    open_half: Open,
) -> None:
    with Scripted(answers(reply(b"{}", "200 OK", "Connection: close")), echoes) as server:
        half = open_half(server.origin)
        await half.get()
        assert (await half.get("/v1/second")).body == b"/v1/second"
    assert server.connections == 2


@pytest.mark.parametrize("last", [b"", reply(b"", "408 Request Timeout")], ids=["the end", "a 408"])
async def test_what_the_server_did_to_an_idle_connection_is_noticed_before_it_is_used(
    open_half: Open, last: bytes
) -> None:
    done = threading.Event()

    def impatient(peer: Peer) -> None:
        peer.request()
        peer.send(reply(b"first"))
        peer.send(last)
        peer.sock.shutdown(socket.SHUT_WR)
        done.set()
        peer.hold()

    with Scripted(impatient, echoes) as server:
        half = open_half(server.origin)
        assert (await half.get()).body == b"first"
        await asyncio.to_thread(done.wait)
        assert (await half.post()).body == b"/v1/gate_sessions"


async def test_an_idle_connection_that_is_too_old_is_not_used_again(
    open_half: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("zerogate._transport.streams.IDLE_AT_MOST", -1.0)
    with Scripted(echoes) as server:
        half = open_half(server.origin)
        await half.get()
        await half.get()
    assert server.connections == 2


async def test_an_answer_that_was_there_before_the_request_is_nobodys(open_half: Open) -> None:
    def twice(peer: Peer) -> None:
        peer.request()
        peer.send(reply(b"mine") + reply(b"another's"))
        peer.request()
        peer.hold()

    with Scripted(twice, echoes) as server:
        half = open_half(server.origin)
        assert (await half.get()).body == b"mine"
        assert (await half.get("/v1/own")).body == b"/v1/own"
    assert server.connections == 2


@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "307 Temporary", "308 Permanent"])
async def test_a_redirect_is_an_answer_and_is_not_followed(open_half: Open, status: str) -> None:
    with Scripted(echoes) as elsewhere:
        location = f"Location: {elsewhere.origin}/v1/gate_sessions"
        with Scripted(answers(reply(b"", status, location))) as server:
            got = await open_half(server.origin).post()
    assert got.status == int(status[:3])
    assert got.headers["location"] == f"{elsewhere.origin}/v1/gate_sessions"
    assert elsewhere.connections == 0


async def test_a_cookie_is_not_sent_back(open_half: Open) -> None:
    with Scripted(answers(reply(b"{}", "200 OK", "Set-Cookie: session=abc; Path=/"))) as server:
        half = open_half(server.origin)
        await half.get()
        await half.get()
    assert len(server.seen) == 2
    assert not any("cookie" in seen.headers for seen in server.seen)


async def test_netrc_is_ignored(
    open_half: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    netrc = tmp_path / ".netrc"
    netrc.write_text("machine 127.0.0.1 login someone password else\ndefault login a password b\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("NETRC", str(netrc))
    with Scripted(answers(reply())) as server:
        half = open_half(server.origin)
        await half.get()
        await half.post()
    assert [seen.headers.get("authorization") for seen in server.seen] == [
        None,
        "Bearer sk_test_canary",
    ]


async def test_interim_answers_are_passed_over(open_half: Open) -> None:
    hints = b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n"
    with Scripted(answers(hints * 3 + reply(b"final"))) as server:
        assert (await open_half(server.origin).get()).body == b"final"


async def test_a_chunked_body_is_read_whole(open_half: Open) -> None:
    data = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"
    with Scripted(answers(data)) as server:
        half = open_half(server.origin)
        assert [(await half.get()).body for _ in range(2)] == [b"abcde", b"abcde"]
    assert server.connections == 1


async def test_an_answer_without_a_body_leaves_the_connection_sound(open_half: Open) -> None:
    with Scripted(answers(b"HTTP/1.1 204 No Content\r\n\r\n", reply(b"next"))) as server:
        half = open_half(server.origin)
        assert (await half.get()).body == b""
        assert (await half.get()).body == b"next"
    assert server.connections == 1


async def test_a_gzip_body_is_unzipped(open_half: Open) -> None:
    text = json.dumps({"data": list(range(1000))}).encode()
    with Scripted(answers(zipped(text))) as server:
        assert (await open_half(server.origin).get()).body == text


async def test_a_body_may_have_as_many_bytes_as_the_cap_and_not_one_more(open_half: Open) -> None:
    with Scripted(answers(reply(b"x" * 1000), reply(b"x" * 1001))) as server:
        half = open_half(server.origin, cap=1000)
        assert len((await half.get()).body) == 1000
        with pytest.raises(BodyRefused, match="more than 1000 bytes"):
            await half.get()


async def test_a_gzip_bomb_is_refused_before_it_is_held(open_half: Open) -> None:
    bomb = gzip.compress(bytes(100_000_000), compresslevel=1)
    with Scripted(answers(reply(bomb, "200 OK", "Content-Encoding: gzip"))) as server:
        half = open_half(server.origin)
        with pytest.raises(BodyRefused, match="more than 8000000 bytes"):
            await half.get()


@pytest.mark.parametrize("coding", ["br", "deflate", "gzip, gzip", "zstd"])
async def test_a_coding_that_was_not_asked_for_is_refused(open_half: Open, coding: str) -> None:
    data = reply(b"x", "200 OK", f"Content-Encoding: {coding}")
    with Scripted(answers(data), echoes) as server:
        half = open_half(server.origin)
        with pytest.raises(BodyRefused, match="not asked for"):
            await half.get()
        assert (await half.get()).body == b"/v1/x"


HALVES = (gzip.compress(b"pla"), gzip.compress(b"in"))
READABLE: dict[str, tuple[bytes, str, str]] = {
    "a charset": (b"plain", "UTF-8", "utf-8 is no coding"),
    "a charset and gzip": (gzip.compress(b"plain"), "utf-8, gzip", "utf-8 is no coding"),
    "none": (b"plain", "none", "none is no coding"),
    "a word that cannot be shown": (b"plain", "x" * 50, "what it says is no coding"),
    "identity": (b"plain", "Identity", ""),
    "identity and gzip": (gzip.compress(b"plain"), "identity, gzip", ""),
    "gzip in members": (b"".join(HALVES), "gzip", ""),
    "an empty member first": (gzip.compress(b"") + gzip.compress(b"plain"), "gzip", ""),
    "gzip with zeros behind it": (gzip.compress(b"plain") + bytes(7), "gzip", "zeros behind it"),
    "plain text called gzip": (b"plain", "gzip", "says gzip and the body is none"),
    "nothing called gzip": (b"", "gzip", ""),
}


@pytest.mark.parametrize(("body", "coding", "said"), READABLE.values(), ids=READABLE)
async def test_a_body_is_read_in_spite_of_its_wrapping(
    open_half: Open, body: bytes, coding: str, said: str
) -> None:
    with Scripted(answers(reply(body, "200 OK", f"Content-Encoding: {coding}"))) as server:
        got = await open_half(server.origin).get()
    assert got.body == (b"plain" if body else b"")
    told = [f"{what} {how}" for what, how in got.oddities]
    assert [said in line for line in told] == ([True] if said else [])


@pytest.mark.parametrize("size", [1, 2, 3, 1000])
def test_gzip_in_members_is_read_however_it_is_cut_into_chunks(size: int) -> None:
    data = gzip.compress(b"pla") + gzip.compress(b"") + gzip.compress(b"in") + bytes(5)
    body = Body("gzip", 1000)
    for start in range(0, len(data), size):
        body.add(data[start : start + size])
    assert body.whole() == b"plain"


def test_gzip_of_very_many_members_is_refused() -> None:
    body = Body("gzip", 8_000_000)
    with pytest.raises(BodyRefused, match="more than 256 parts"):
        body.add(gzip.compress(b"") * 10_000)


@pytest.mark.parametrize("rest", [b"\x1f", b"\x1f\x8b", b"\x1f\x8b\x08"], ids=["1", "2", "3"])
def test_a_member_that_is_only_begun_is_a_body_that_breaks_off(rest: bytes) -> None:
    body = Body("gzip", 1000)
    body.add(gzip.compress(b"plain") + rest)
    with pytest.raises(BodyRefused, match="breaks off"):
        body.whole()


async def test_interim_answers_without_end_at_full_speed_are_cut_off(open_half: Open) -> None:
    def floods(peer: Peer) -> None:
        peer.request()
        while True:
            # Long ones: what is cut off is counted in bytes, and short ones take longer to read.
            peer.send(b"HTTP/1.1 103 Early Hints\r\nLink: %b\r\n\r\n" % (b"x" * 50_000))

    with Scripted(floods) as server:
        half = open_half(server.origin, cap=1000)
        with pytest.raises(ConnectionError, match="does not end"):
            await half.get(within=600.0)


async def test_a_request_for_another_origin_is_refused(open_half: Open) -> None:
    with Scripted(echoes) as server:
        half = open_half(server.origin)
        with pytest.raises(Misuse, match=r"the request is for https://elsewhere\.example"):
            await half.send(Request("GET", "https://elsewhere.example", "/v1/x", (), b""))
    assert server.connections == 0


@pytest.mark.parametrize(
    "value",
    [
        "Bearer sk_test_canary\n",
        "Bearer sk_test_canary\r\nX-More: 1",
        "Bearer sk_test_can\u00e4ry",
        "a\0b",
    ],
    ids=["newline", "another header", "not ASCII", "nul"],
)
async def test_a_header_that_cannot_be_sent_is_refused_without_showing_it(
    open_half: Open, value: str
) -> None:
    with Scripted(echoes) as server:
        half = open_half(server.origin)
        with pytest.raises(Misuse) as caught:
            await half.send(Request("GET", half.origin, "/v1/x", (("Authorization", value),), b""))
        assert "canary" not in str(caught.value)
        assert caught.value.__cause__ is caught.value.__context__ is None
    assert server.seen == []


async def test_after_closing_nothing_is_sent(open_half: Open) -> None:
    with Scripted(echoes) as server:
        half = open_half(server.origin)
        await half.get()
        await half.close()
        await half.close()
        with pytest.raises(Misuse, match="closed"):
            await half.get()
    assert len(server.seen) == 1


@pytest.mark.parametrize("moment", ["make_idle", "has_expired"])
async def test_closing_while_a_connection_is_put_back_closes_that_too(
    open_half: Open, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    """Another thread closes after the look at whether it is closed, and before the append."""
    both, gone = threading.Barrier(2), threading.Semaphore(0)

    def together(peer: Peer) -> None:
        peer.request()
        both.wait(10)
        peer.send(reply())
        if peer.request() is None:
            gone.release()

    with Scripted(together) as server:
        half = open_half(server.origin)
        unchanged = getattr(Connection, moment)

        def closing(connection: Connection[Any]) -> object:
            half.connections._shut()
            return unchanged(connection)

        monkeypatch.setattr(Connection, moment, closing)
        await asyncio.gather(half.get(), half.get())
        for _ in range(2):
            assert await asyncio.to_thread(gone.acquire, timeout=5)


def test_a_request_and_a_reply_show_neither_header_values_nor_bodies() -> None:
    from zerogate._transport.messages import Reply

    request = Request("POST", "https://x", "/v1/y", (("Authorization", "canary"),), b"canary")
    assert "canary" not in repr(request)
    assert "canary" not in repr(Reply(200, {"set-cookie": "canary"}, b"canary"))
