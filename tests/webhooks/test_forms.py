"""Headers and bodies as frameworks, gateways and proxies hand them over: read, or refused with the reason."""

from __future__ import annotations

import gzip
import hmac
from collections.abc import Iterator
from typing import Any

import pytest
from zerogate.errors import GateUsageError, SignatureRejected
from zerogate.webhooks import WebhookSecret, verify

SECRET = "whsec_example_0123456789abcdef"
NOW = 1_779_786_060
BODY = b'{"id":"evt_1","type":"webhook.test","created_at":1779786060,"data":{}}'
DIGEST = hmac.new(SECRET.encode(), b"%d." % NOW + BODY, "sha256").hexdigest()
SIGNED = f"t={NOW},v1={DIGEST}"
EARLIER = hmac.new(SECRET.encode(), b"%d." % (NOW - 1) + BODY, "sha256").hexdigest()


class OnlyKeys:
    """A mapping that has keys and no items, as some frameworks' headers are."""

    def __init__(self, told: dict[str, str]) -> None:
        self._told = told

    def keys(self) -> Iterator[str]:
        return iter(self._told)

    def __getitem__(self, name: str) -> str:
        return self._told[name]


@pytest.mark.parametrize(
    "headers",
    [
        {"gate-signature": [SIGNED]},
        {"gate-signature": [SIGNED, SIGNED]},
        {"gate-signature": (SIGNED.encode(),)},
        {"headers": None, "multiValueHeaders": {"gate-signature": [SIGNED]}},
        {"headers": {"Gate-Signature": SIGNED}, "multiValueHeaders": {"Gate-Signature": [SIGNED]}},
        {"type": "http", "headers": [(b"host", b"x"), (b"gate-signature", SIGNED.encode())]},
        [("Gate-Signature", SIGNED), ("gate-signature", SIGNED)],
        {"HTTP_GATE_SIGNATURE": SIGNED, "Gate-Signature": SIGNED},
        {"HTTP_GATE_SIGNATURE": f"{SIGNED},{SIGNED}", "REQUEST_METHOD": "POST"},
        {"Gate-Signature": f"{SIGNED}, {SIGNED}"},
        {"Gate-Signature": f"t={NOW},v1={DIGEST.upper()}"},
        {"Gate-Signature": f"t={NOW},\tv1={DIGEST}"},
        {"Gate-Signature": f" {SIGNED} \r\n"},
        {"Gate-Signature": f"{SIGNED},"},
        OnlyKeys({"Gate-Signature": SIGNED}),
        {"x": None, "Gate-Signature": SIGNED},
        ["Host", "shop.example", "Gate-Signature", SIGNED],
        ("gate-signature", SIGNED, "gate-signature", SIGNED),
        {"headers": [b"gate-signature", SIGNED.encode()]},
        {"Content-Length": "70", "HTTP_CONTENT_ENCODING": "br", "Gate-Signature": SIGNED},
        [("Gate-Signature",), 7, ("Gate-Signature", SIGNED), ("Gate-Signature", "t=1", "v1=00")],
        {"Gate-Signature": f"{SIGNED},x={'y' * (4096 - len(SIGNED) - 3)}"},
    ],
    ids=[
        "an ALB's list of one",
        "a list of two equal ones",
        "a tuple of bytes",
        "an ALB's event",
        "a REST API's event",
        "an ASGI scope",
        "twice in pairs",
        "environ and headers merged",
        "joined by WSGI",
        "joined with a space",
        "in capitals",
        "a tab after the comma",
        "with white space around",
        "with a comma at its end",
        "a mapping without items",
        "beside a header without a value",
        "names and values in turn, as Node's rawHeaders",
        "twice in turn",
        "in turn and in bytes, in an event",
        "beside others as long",
        "beside what are no pairs",
        "with as much behind it as fits in 4096 bytes",
    ],
)
def test_it_is_read(headers: Any) -> None:
    assert verify(BODY, headers, SECRET, now=NOW).id == "evt_1"


@pytest.mark.parametrize(
    ("headers", "reason"),
    [
        (None, "missing"),
        ({"headers": None, "multiValueHeaders": None}, "missing"),
        (["X-Name", "Gate-Signature", SIGNED, "x"], "missing"),
        (["Gate-Signature"], "missing"),
        (["Gate-Signature", SIGNED, "Gate-Signature", f"t={NOW - 1},v1={EARLIER}"], "malformed"),
        ({"gate-signature": []}, "missing"),
        ({"gate-signature": [None]}, "malformed"),
        ({"gate-signature": [SIGNED, f"t={NOW - 1},v1={EARLIER}"]}, "malformed"),
        ({"Gate-Signature": f"{SIGNED},t={NOW - 1},v1={EARLIER}"}, "malformed"),
        ({"Gate-Signature": f'"{SIGNED}"'}, "malformed"),
        ({"Gate-Signature": f"{SIGNED},x={'y' * (4097 - len(SIGNED) - 3)}"}, "malformed"),
        ({"queryStringParameters": {"Gate-Signature": SIGNED}}, "missing"),
        ({"Content-Length": "70"}, "missing"),
        ({"Gate-Signature": f"t={NOW},v1={DIGEST[:32].upper()}{DIGEST[32:]}"}, "mismatch"),
    ],
    ids=[
        "nothing",
        "an event without headers",
        "its name where values stand",
        "a name without a value",
        "two that differ, in turn",
        "an empty list",
        "a list of nothing",
        "two that differ",
        "two that differ, joined",
        "quoted",
        "of 4097 bytes",
        "in what is no holder of headers",
        "another as long",
        "of both cases",
    ],
)
def test_it_is_refused_with_the_reason(headers: Any, reason: str) -> None:
    with pytest.raises(SignatureRejected) as caught:
        verify(BODY, headers, SECRET, now=NOW)
    assert caught.value.reason == reason
    assert caught.value.mode is None


@pytest.mark.parametrize(
    ("headers", "told"),
    [(None, "must be those of the request, not None: "), ({}, "no Gate-Signature header: ")],
    ids=["no headers", "none of them"],
)
def test_what_is_missing_is_told_apart(headers: Any, told: str) -> None:
    with pytest.raises(SignatureRejected, match=told) as caught:
        verify(BODY, headers, SECRET, now=NOW)
    assert caught.value.reason == "missing"


@pytest.mark.parametrize("headers", ["Gate-Signature: " + SIGNED, b"Gate-Signature", 3])
def test_what_no_stranger_can_send_is_the_receivers_own_mistake(headers: Any) -> None:
    with pytest.raises(
        GateUsageError, match=r"must be those of the request, not .*: request\.headers in"
    ):
        verify(BODY, headers, SECRET, now=NOW)


def test_a_body_that_something_compressed_says_so() -> None:
    with pytest.raises(SignatureRejected, match="the body is gzip") as caught:
        verify(gzip.compress(BODY), {"Gate-Signature": SIGNED}, SECRET, now=NOW)
    assert caught.value.reason == "mismatch"


def test_what_gate_signed_and_is_refused_tells_the_mode_of_its_secret() -> None:
    secrets = [WebhookSecret("whsec_live_0123456789", mode="live"), WebhookSecret(SECRET, "test")]
    with pytest.raises(SignatureRejected) as late:
        verify(BODY, {"Gate-Signature": SIGNED}, secrets, now=NOW + 4000)
    assert (late.value.reason, late.value.mode) == ("stale_but_genuine", "test")
    digest = hmac.new(SECRET.encode(), b"%d.[]" % NOW, "sha256").hexdigest()
    with pytest.raises(SignatureRejected) as unread:
        verify(b"[]", {"Gate-Signature": f"t={NOW},v1={digest}"}, secrets, now=NOW)
    assert (unread.value.reason, unread.value.mode) == ("unreadable", "test")
