"""A Gate on real sockets that does one move after the other, whatever connection a request comes on."""

from __future__ import annotations

import gzip
import json
import threading
from collections.abc import Callable, Mapping
from typing import Any

from zerogate._idempotency.retries import RetryPolicy

from tests.client.scripts import created
from tests.transport.scripted import Act, Peer, Scripted, Seen, reply

#: Patient enough to try four times, and quick about it.
QUICK = RetryPolicy(first_wait=0.01, longest_wait=0.02)

#: What is done with a request; whether the connection can be used again.
Move = Callable[[Peer, Seen], bool]


def in_turn(*moves: Move) -> Act:
    """The n-th request is met by the n-th move, all that come after by the last."""
    lock, count = threading.Lock(), 0

    def act(peer: Peer) -> None:
        nonlocal count
        while (seen := peer.request()) is not None:
            with lock:
                move, count = moves[min(count, len(moves) - 1)], count + 1
            if not move(peer, seen):
                return

    return act


def base_url(server: Scripted) -> str:
    return f"{server.origin}/v1"


def wire(body: object, status: str = "200 OK", *headers: str) -> bytes:
    """A whole answer; bytes go out as they are, all else as JSON."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return reply(content, status, "X-Request-Id: req_wire_1", *headers)


def says(body: object, status: str = "200 OK", *headers: str) -> Move:
    data = wire(body, status, *headers)

    def move(peer: Peer, seen: Seen) -> bool:
        peer.send(data)
        return True

    return move


def refuses(status: str, code: str, *headers: str) -> Move:
    """The error envelope."""
    number = int(status.split()[0])
    envelope = {"type": code, "code": code, "message": "Fake.", "request_id": "req_wire_1"}
    return says({**envelope, "doc_url": None, "statusCode": number}, status, *headers)


def breaks(peer: Peer, seen: Seen) -> bool:
    """The request was read, and that is all."""
    peer.reset()
    return False


def cut(data: bytes) -> Move:
    """Part of an answer, and then an orderly end of the connection."""

    def move(peer: Peer, seen: Seen) -> bool:
        peer.send(data)
        return False

    return move


def then_breaks(data: bytes) -> Move:
    """Part of an answer, and then a reset."""

    def move(peer: Peer, seen: Seen) -> bool:
        peer.send(data)
        peer.reset()
        return False

    return move


class Books:
    """Sessions by their idempotency keys, as Gate keeps them: one for each key, however often it is asked."""

    def __init__(self) -> None:
        self.sessions: dict[str, dict[str, Any]] = {}
        self.asked: list[Seen] = []
        self._lock = threading.Lock()

    def commits(self, move: Move | None = None, pause: float = 0) -> Move:
        """The session is written down; then comes *move*, or the true answer."""

        def committed(peer: Peer, seen: Seen) -> bool:
            made = self._written(seen)
            if pause:
                peer.server.over.wait(pause)
            if move is not None:
                return move(peer, seen)
            peer.send(wire(made, "201 Created"))
            return True

        return committed

    def _written(self, seen: Seen) -> dict[str, Any]:
        asked = json.loads(seen.body)
        with self._lock:
            self.asked.append(seen)
            number = len(self.sessions)
            made = created(id=f"gs_test_{number}", metadata=asked["metadata"])
            return self.sessions.setdefault(seen.headers["idempotency-key"], made)


_GONE = json.dumps(created()).encode()
_BOMB = gzip.compress(bytes(50_000_000))
_DEEP = b'{"id": "gs_test_0001", "metadata": ' + b"[" * 200_000 + b"]" * 200_000 + b"}"

#: First answers that say nothing to rely on, though the write may have happened.
AMBIGUOUS: Mapping[str, Move] = {
    "a reset": breaks,
    "an end without a word": cut(b""),
    "half a status line": cut(b"HTTP/1.1 20"),
    "half of its headers": then_breaks(b"HTTP/1.1 201 Created\r\nContent-Type: appl"),
    "half of its body": then_breaks(wire(_GONE, "201 Created")[:-200]),
    "a body shorter than it says": cut(reply(_GONE[:-200], "201 Created", length=len(_GONE))),
    "a chunk that breaks off": cut(
        b"HTTP/1.1 201 Created\r\nTransfer-Encoding: chunked\r\n\r\nfff\r\n{"
    ),
    "no HTTP": cut(b"220 mail.example ESMTP\r\n"),
    "truncated JSON": says(_GONE[:-20], "201 Created"),
    "200 and a page of HTML": says(b"<html>Please log in</html>", "200 OK"),
    "502 and a page of HTML": says(b"<html>Bad Gateway</html>", "502 Bad Gateway"),
    "an empty body": says(b"", "201 Created"),
    "204": cut(b"HTTP/1.1 204 No Content\r\n\r\n"),
    "a list": says([created()], "201 Created"),
    "a name that comes twice": says(b'{"id": "gs_a", "id": "gs_b"}', "201 Created"),
    "NaN": says(_GONE.replace(b'"100.00"', b"NaN"), "201 Created"),
    "an integer of 5,000 digits": says(_GONE.replace(b'"100.00"', b"1" * 5_000), "201 Created"),
    "deep JSON": says(_DEEP, "201 Created"),
    "not UTF-8": says(_GONE.replace(b"EUR", b"\xff\xfe\xfd"), "201 Created"),
    "a gzip bomb": says(_BOMB, "201 Created", "Content-Encoding: gzip"),
    "gzip that is none": says(b"\x1f\x8b" + _GONE, "201 Created", "Content-Encoding: gzip"),
    "a coding that nobody asked for": says(_GONE, "201 Created", "Content-Encoding: br"),
    "520": says(b"error code: 520", "520 Unknown Error"),
    "499": says(b"", "499 Client Closed Request"),
    "408": says(b"", "408 Request Timeout"),
    "503": refuses("503 Service Unavailable", "unavailable"),
    "500": refuses("500 Internal Server Error", "internal_error"),
}
