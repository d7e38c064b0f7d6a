"""Whatever a stranger sends is an event or SignatureRejected, and a forgery is never an event.

ZEROGATE_FUZZ: how many cases the seeded run tries; 50,000 unless it says otherwise.
"""

from __future__ import annotations

import hmac
import json
import os
import random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from zerogate.errors import SignatureRejected
from zerogate.webhooks import Event, verify

SECRET, NOW = "whsec_example_0123456789abcdef", 1_779_786_060
CASES = int(os.environ.get("ZEROGATE_FUZZ", "50000"))
DATA = {"id": "gs_1", "status": "open", "amount": "1.00", "metadata": {"a": [1, 2.5, None]}}
BODY = json.dumps(
    {"id": "evt_1", "type": "gate_session.created", "created_at": NOW, "data": DATA}
).encode()


def digest(body: bytes, at: bytes = b"%d" % NOW) -> bytes:
    return hmac.digest(SECRET.encode(), at + b"." + body, "sha256").hex().encode()


def tried(body: bytes, headers: Any) -> Event | None:
    try:
        return verify(body, headers, SECRET, now=NOW)
    except SignatureRejected:
        return None


names = st.sampled_from(
    ["Gate-Signature", "gate-signature", "HTTP_GATE_SIGNATURE", b"gate-signature"]
)
odd = st.one_of(
    st.none(), st.integers(), st.text(), st.binary(), st.lists(st.text(), max_size=2)
) | st.text(st.characters(categories=["Cs", "Nd", "Zs"]))
parts = st.sampled_from(
    [b"t=%d" % NOW, b"v1=" + digest(BODY), b"v1=", b"t=", b"t=+1", b"=", b"v1", b" ", b"\xff"]
)
some_headers = st.dictionaries(names | st.text() | st.binary(), odd) | st.lists(
    st.tuples(names | odd, odd)
)
some_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["id", "type", "created_at", "data", "x"]), inner, max_size=5
        )
    ),
).map(lambda value: json.dumps(value).encode())


@given(st.binary(max_size=300), some_headers)
@settings(max_examples=300)
def test_any_headers_and_body(body: bytes, headers: Any) -> None:
    assert tried(body, headers) is None


@given(st.lists(parts, max_size=6).map(b",".join), names, st.booleans())
@settings(max_examples=300)
def test_any_header_made_of_the_right_pieces(value: bytes, name: Any, text: bool) -> None:
    pieces = [piece.strip(b" ") for piece in value.split(b",")]
    genuine = (
        b"t=%d" % NOW in pieces
        and not any(piece.startswith(b"t=") and piece != b"t=%d" % NOW for piece in pieces)
        and b"v1=" + digest(BODY) in pieces
        and value.isascii()
    )
    event = tried(BODY, [(name, value.decode("latin-1") if text else value)])
    assert (event is not None) == genuine


@given(st.binary(max_size=300) | some_json)
@settings(max_examples=300)
def test_any_body_that_gate_signed(body: bytes) -> None:
    tried(body, {"Gate-Signature": b"t=%d,v1=%b" % (NOW, digest(body))})


def test_a_long_seeded_run_accepts_no_forgery() -> None:
    """Good requests with random damage: to the header, the body, or the body before it was signed."""
    chance = random.Random(20261120)
    accepted = 0
    for number in range(CASES):
        body, at = BODY, b"%d" % (NOW + chance.randint(-400, 400))
        kind = number % 4
        if kind == 0:
            body = damaged(chance, body)
        header = b"t=%b,v1=%b" % (at, digest(body, at))
        sent = damaged(chance, body) if kind == 1 else body
        value = damaged(chance, header) if kind == 2 else header
        as_text = chance.random() < 0.5
        event = tried(sent, {"Gate-Signature": value.decode("latin-1") if as_text else value})
        if event is not None:
            accepted += 1
            assert sent == body
            assert fields(value) >= fields(header)
    assert accepted > CASES // 8


def fields(header: bytes) -> set[bytes]:
    """Return a header's value without the blanks around it: they are HTTP's, and nobody signs them."""
    return {part.strip(b" \t") for part in header.strip(b" \t\r\n").split(b",")}


def damaged(chance: random.Random, text: bytes) -> bytes:
    """One to three bytes changed, put in, or taken out; sometimes a slice doubled."""
    told = bytearray(text)
    for _ in range(chance.randint(1, 3)):
        place = chance.randrange(len(told) + 1)
        match chance.randrange(4):
            case 0:
                told[place : place + 1] = bytes([chance.randrange(256)])
            case 1:
                told[place:place] = bytes([chance.choice(b'"{}[]:,=tv1 \\u0-+.eE\xff\x00')])
            case 2:
                del told[place : place + chance.randint(1, 9)]
            case _:
                told[place:place] = told[place : place + chance.randint(1, 40)]
    return bytes(told)
