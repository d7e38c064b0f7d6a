"""Heads of requests, which our transport writes: h11, which writes its own, says what they have to be."""

from __future__ import annotations

import re

import h11
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from zerogate._transport.messages import Misuse, Request
from zerogate._transport.routes import EncodedRequest, Route

ORIGIN = "http://gate.example:8080"
NAMES = st.one_of(
    st.sampled_from(["Authorization", "Idempotency-Key", "Accept", "X-Much_To.Say", "te"]),
    st.text(st.characters(max_codepoint=0x17F), min_size=1, max_size=6),
)
VALUES = st.one_of(
    st.sampled_from(
        ["", "a", "a b", "a\tb", " a", "a ", "a\r\nEvil: b", "a\nb", "a\0b", "é", "a: b"]
    ),
    st.text(st.characters(max_codepoint=0x17F), max_size=8),
)
METHODS = st.sampled_from(["GET", "POST", "PATCH", "DELETE", "GET /x", "GE\r\nT", "", "M-SEARCH"])
TARGETS = st.one_of(
    st.sampled_from(["/v1/x", "/v1/x?a=b%20c", "/v1/x y", "/v1/x HTTP/1.1\r\nEvil: b", "", "/é"]),
    st.text(st.characters(max_codepoint=0xFF), max_size=6).map("/".__add__),
)


def _request(method: str, target: str, fields: tuple[tuple[str, str], ...], body: bytes) -> Request:
    return Request(method, ORIGIN, target, fields, body)


def _encoded(request: Request) -> EncodedRequest | None:
    try:
        return Route(ORIGIN, "", None).request(request)
    except Misuse:
        return None


def _as_h11_writes(request: Request) -> bytes | None:
    """The same request in the bytes of h11; None where h11, or ASCII, refuses it."""
    length = request.body or request.method in ("POST", "PUT", "PATCH")
    fields = [
        ("Host", "gate.example:8080"),
        *request.headers,
        ("Accept-Encoding", "gzip"),
        *([("Content-Length", str(len(request.body)))] if length else []),
    ]
    connection = h11.Connection(h11.CLIENT)
    try:
        encoded = [(name.encode("ascii"), value.encode("ascii")) for name, value in fields]
        head = h11.Request(
            method=request.method.encode("ascii"),
            target=request.target.encode("ascii"),
            headers=encoded,
        )
        data = connection.send(head) or b""
        data += (connection.send(h11.Data(data=request.body)) or b"") if length else b""
        return data + (connection.send(h11.EndOfMessage()) or b"")
    except (UnicodeEncodeError, h11.LocalProtocolError):
        return None


@given(
    METHODS, TARGETS, st.lists(st.tuples(NAMES, VALUES), max_size=3), st.sampled_from([b"", b"{}"])
)
@example("POST", "/v1/x", [("A", "b\r\nContent-Length: 0")], b"{}")
@example("GET", "/v1/x", [("A", "b"), ("A", "c")], b"")
@example("GET", "/v1/x", [("A: b", "c")], b"")
@example("GET", "/v1/x", [("A b", "c"), ("D", "e\r\nF: g")], b"")
@example("GET\r\nA: b", "/v1/x", [], b"")
@example("GET", "/v1/x", [("A", "\x1f")], b"")
@example("GET", "/v1/x", [("A", "a\x7fb")], b"")
def test_a_head_has_the_bytes_of_h11_or_is_refused(
    method: str, target: str, fields: list[tuple[str, str]], body: bytes
) -> None:
    request = _request(method, target, tuple(fields), body)
    ours, theirs = _encoded(request), _as_h11_writes(request)
    if ours is not None:
        assert ours.data == theirs
    elif theirs is not None:
        # Stricter than h11 in two things: where the body ends is not the caller's to say, and RFC 9110 has no
        # control characters in values.
        said = any(name.lower() in ("content-length", "transfer-encoding") for name, _ in fields)
        assert said or any(re.search(r"[\x01-\x08\x0b-\x1f\x7f]", value) for _, value in fields)


@pytest.mark.parametrize("name", ["Content-Length", "content-length", "Transfer-Encoding"])
def test_a_caller_cannot_say_where_the_body_ends(name: str) -> None:
    with pytest.raises(Misuse, match="cannot be sent"):
        Route(ORIGIN, "", None).request(_request("POST", "/v1/x", ((name, "2"),), b"{}"))


def test_what_is_refused_is_not_shown() -> None:
    with pytest.raises(Misuse) as caught:
        Route(ORIGIN, "", None).request(
            _request("GET", "/v1/x", (("Authorization", "Bearer sk_live_1\n"),), b"")
        )
    assert "sk_live" not in str(caught.value)
    assert caught.value.__context__ is None
