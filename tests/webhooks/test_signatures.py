"""A request is a webhook when a secret of ours signed it just now; else it is nothing at all."""

from __future__ import annotations

import copy
import hmac
import json
import pickle
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from zerogate.errors import GateUsageError, SignatureRejected
from zerogate.webhooks import Event, WebhookSecret, verify

VECTORS = json.loads(
    (Path(__file__).parents[1] / "vectors" / "webhook_signatures.json").read_text("utf-8")
)["vectors"]
SECRET, OTHER = "whsec_example_0123456789abcdef", "whsec_example_fedcba9876543210"
NOW = 1_779_786_060
BODY = VECTORS[0]["body"].encode()


def signed(body: bytes = BODY, secret: str = SECRET, at: int = NOW) -> dict[str, str]:
    digest = hmac.new(secret.encode(), b"%d." % at + body, "sha256").hexdigest()
    return {"Gate-Signature": f"t={at},v1={digest}"}


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["name"])
def test_a_published_vector(vector: dict[str, Any]) -> None:
    body, given = vector["body"].encode(), (vector["headers"], vector["secrets"])
    if "reason" not in vector:
        event = verify(body, *given, now=vector["now"])
        assert (event.id, event.raw) == (vector["id"], body)
        return
    with pytest.raises(SignatureRejected) as caught:
        verify(body, *given, now=vector["now"])
    assert caught.value.reason == vector["reason"]
    assert ": " in str(caught.value)
    assert "evt_test" not in str(caught.value)


@pytest.mark.parametrize("vector", VECTORS[:3], ids=lambda vector: vector["name"])
def test_no_single_bit_may_flip(vector: dict[str, Any]) -> None:
    body, secrets, now = vector["body"].encode(), vector["secrets"], vector["now"]
    ((name, header),) = vector["headers"].items()
    assert isinstance(verify(body, vector["headers"], secrets, now=now), Event)
    for changed in flips(body):
        with pytest.raises(SignatureRejected):
            verify(changed, vector["headers"], secrets, now=now)
    for changed in flips(header.encode()):
        with pytest.raises(SignatureRejected):
            verify(body, [(name.encode(), changed)], secrets, now=now)


def flips(text: bytes) -> list[bytes]:
    return [
        text[:place] + bytes([text[place] ^ (1 << bit)]) + text[place + 1 :]
        for place in range(len(text))
        for bit in range(8)
    ]


@pytest.mark.parametrize(
    "headers",
    [
        {"gate-signature": signed()["Gate-Signature"].encode()},
        [(b"host", b"shop.example"), (b"gate-signature", signed()["Gate-Signature"].encode())],
        [["Gate-Signature", signed()["Gate-Signature"]]],
        {"REQUEST_METHOD": "POST", "HTTP_GATE_SIGNATURE": signed()["Gate-Signature"], "n": 1},
        iter(signed().items()),
    ],
    ids=["bytes", "ASGI", "lists", "WSGI", "an iterator"],
)
def test_headers_come_as_the_framework_has_them(headers: Any) -> None:
    assert verify(BODY, headers, SECRET, now=NOW).id == "evt_test_example0001"


@pytest.mark.parametrize("kind", [bytes, bytearray, memoryview])
def test_the_body_is_bytes(kind: Any) -> None:
    event = verify(kind(BODY), signed(), SECRET, now=NOW)
    assert type(event.raw) is bytes
    assert event.raw == BODY


@pytest.mark.parametrize("body", [BODY.decode(), json.loads(BODY), None, 7])
def test_a_parsed_body_is_a_mistake_that_names_the_right_call(body: Any) -> None:
    with pytest.raises(
        GateUsageError, match=r"raw bytes.*request\.body\(\).*Django.*Flask.*Lambda"
    ):
        verify(body, signed(), SECRET, now=NOW)


WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "a body of text": ({"body": "{}"}, "raw bytes of the request, not str"),
    "a body of numbers": ({"body": [123, 125]}, "raw bytes of the request, not list"),
    "headers of text": (
        {"headers": "Gate-Signature: t=1"},
        "must be those of the request, not str: request.headers",
    ),
    "headers of bytes": (
        {"headers": b"Gate-Signature: t=1"},
        "must be those of the request, not bytes",
    ),
    "a number as headers": ({"headers": 7}, "must be those of the request, not int"),
    "no secret": ({"secrets": None}, "no webhook secret was given"),
    "a secret of bytes": ({"secrets": SECRET.encode()}, "is text of at least 8"),
    "a number as a secret": ({"secrets": 7}, "no webhook secret was given"),
    "secrets in secrets": ({"secrets": [[SECRET]]}, "is text of at least 8"),
    "a limit of text": ({"max_bytes": "1"}, "whole number of bytes, not '1': .*262_144"),
    "no limit": ({"max_bytes": None}, "whole number of bytes, not None"),
    "a limit with a point": ({"max_bytes": 1e6}, "whole number of bytes, not 1000000.0"),
    "a limit below nothing": ({"max_bytes": -1}, "whole number of bytes, not -1"),
    "a limit that is a flag": ({"max_bytes": True}, "whole number of bytes, not bool"),
    "a limit of another kind": ({"max_bytes": [1]}, "whole number of bytes, not list"),
    "a time of another kind": ({"now": datetime.now(UTC)}, "number of seconds.*not datetime"),
    "a tolerance of another kind": ({"tolerance": timedelta(1)}, "seconds.*not timedelta: .*300"),
    "no tolerance": ({"tolerance": None}, "number of seconds, a finite one, not None"),
    "a word for a flag": ({"typed": "no"}, "True or False, not 'no': .*typed=False"),
}


@pytest.mark.parametrize(("argument", "why"), WRONG.values(), ids=WRONG)
def test_an_argument_of_a_wrong_kind_is_told_with_what_to_write(
    argument: dict[str, Any], why: str
) -> None:
    given: dict[str, Any] = {"body": BODY, "headers": signed(), "secrets": SECRET, "now": NOW}
    with pytest.raises(GateUsageError, match=why) as caught:
        verify(**given | argument)
    assert SECRET not in str(caught.value)


def test_the_event_has_the_mode_of_the_secret_that_matched() -> None:
    secrets = [WebhookSecret(OTHER, mode="live"), WebhookSecret(SECRET, mode="test")]
    assert verify(BODY, signed(), secrets, now=NOW).mode == "test"
    assert verify(BODY, signed(secret=OTHER), secrets, now=NOW).mode == "live"
    assert verify(BODY, signed(), SECRET, now=NOW).mode is None


@pytest.mark.parametrize(
    ("secrets", "why"),
    [
        ("", "at least 8"),
        ("   ", "at least 8"),
        ("w", "at least 8"),
        (SECRET + "\n", "at least 8"),
        ("whsec_schlüssel", "at least 8"),
        (f'"{SECRET}"', "at least 8"),
        (f"'{SECRET}'", "at least 8"),
        (f"{SECRET},{OTHER}", "at least 8"),
        (["whsec_example_0123456789abcdef", ""], "at least 8"),
        (SECRET.encode(), "at least 8"),
        ([SECRET.encode()], "at least 8"),
        ([None], "at least 8"),
        (tuple(SECRET), "at least 8"),
        ("sk_test_c4n4ry000000", "an API key"),
        ("pk_live_c4n4ry000000", "an API key"),
        ("whsec_xxxxxxxxxxxxxxxx", "a placeholder"),
        ("whsec_your_secret_here", "a placeholder"),
        ([], "no webhook secret"),
        (None, "no webhook secret"),
        (7, "no webhook secret"),
        ([WebhookSecret(SECRET, mode="test"), WebhookSecret(SECRET, mode="live")], "two modes"),
        ([WebhookSecret(SECRET, mode="live"), SECRET], "two modes"),
    ],
    ids=ascii,
)
def test_secrets_that_cannot_be_right_are_refused_before_any_hash(
    secrets: Any, why: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hmac, "digest", None)
    with pytest.raises(GateUsageError, match=why) as caught:
        verify(BODY, signed(), secrets, now=NOW)
    assert "c4n4ry" not in str(caught.value)


def test_a_plain_text_is_one_secret_and_not_its_letters() -> None:
    forged = {
        "Gate-Signature": f"t={NOW},v1={hmac.new(b'w', b'%d.' % NOW + BODY, 'sha256').hexdigest()}"
    }
    with pytest.raises(SignatureRejected, match="no secret of ours"):
        verify(BODY, forged, SECRET, now=NOW)


def test_the_same_secret_twice_is_one() -> None:
    assert verify(BODY, signed(), [SECRET, SECRET], now=NOW).id == "evt_test_example0001"


def test_of_several_that_signed_it_the_first_that_was_given_counts() -> None:
    both = signed()["Gate-Signature"] + "," + signed(secret=OTHER)["Gate-Signature"]
    live, test = WebhookSecret(OTHER, mode="live"), WebhookSecret(SECRET, mode="test")
    assert verify(BODY, {"Gate-Signature": both}, [live, test], now=NOW).mode == "live"
    assert verify(BODY, {"Gate-Signature": both}, [test, live], now=NOW).mode == "test"
    empty = signed(b"[]")["Gate-Signature"] + "," + signed(b"[]", OTHER)["Gate-Signature"]
    for body, header, now in ((BODY, both, NOW + 4000), (b"[]", empty, NOW)):
        with pytest.raises(SignatureRejected) as caught:
            verify(body, {"Gate-Signature": header}, [live, test], now=now)
        assert (caught.value.reason != "mismatch", caught.value.mode) == (True, "live")


def test_as_many_secrets_as_there_are_endpoints() -> None:
    secrets = [SECRET, *(f"whsec_endpoint_{number}" for number in range(300))]
    assert verify(BODY, signed(), secrets, now=NOW).id == "evt_test_example0001"


def test_a_secret_shows_itself_to_nobody() -> None:
    secret = WebhookSecret("whsec_c4n4ry0000", mode="live")
    assert repr(secret) == str(secret) == "WebhookSecret(mode='live')"
    for travel in (pickle.dumps, copy.copy, copy.deepcopy):
        with pytest.raises(TypeError, match="read it where it is needed"):
            travel(secret)
    with pytest.raises(GateUsageError, match="'test' or 'live'"):
        WebhookSecret(SECRET, mode="prod")  # type: ignore[arg-type]


def test_tolerance_is_seconds_and_zero_is_zero_seconds() -> None:
    assert verify(BODY, signed(), SECRET, now=NOW, tolerance=0)
    for now in (NOW - 1, NOW + 1, NOW + 0.5):
        with pytest.raises(SignatureRejected) as caught:
            verify(BODY, signed(), SECRET, now=now, tolerance=0)
        assert caught.value.reason == "stale_but_genuine"


@pytest.mark.parametrize("seconds", [float("nan"), float("inf"), -1, "300", True, 10**400], ids=str)
def test_a_clock_or_tolerance_that_cannot_be_right_is_refused(seconds: Any) -> None:
    with pytest.raises(GateUsageError, match="tolerance must be a number of seconds"):
        verify(BODY, signed(), SECRET, now=NOW, tolerance=seconds)
    with pytest.raises(GateUsageError, match="now must be a number of seconds"):
        verify(BODY, signed(), SECRET, now=seconds)


@pytest.mark.parametrize(
    ("seconds", "told"),
    [
        (-1, "-1"),
        (None, "None"),
        ("5", "'5'"),
        ([5], "list"),
        ("x" * 50, "'" + "x" * 39),
        (10**39, "1" + "0" * 39),
        # Too long for a sentence, and Python writes none that is longer still.
        (int(1e40), "int"),
        (10**5000, "int"),
    ],
    ids=["below nothing", "none", "text", "a list", "long text", "large", "larger", "endless"],
)
def test_what_was_given_for_seconds_is_told(seconds: Any, told: str) -> None:
    with pytest.raises(GateUsageError, match=f"not {told}: leave it out"):
        verify(BODY, signed(), SECRET, now=NOW, tolerance=seconds)


def test_a_time_has_fifteen_digits_at_most() -> None:
    with pytest.raises(SignatureRejected) as caught:
        verify(BODY, signed(), SECRET, now=10**15 - 1)
    assert caught.value.reason == "stale_but_genuine"
    with pytest.raises(GateUsageError, match="now must be a number of seconds"):
        verify(BODY, signed(), SECRET, now=10**15)


def test_without_a_clock_this_machines_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("zerogate.webhooks._signatures._clock", lambda: NOW + 10.5)
    assert verify(BODY, signed(), SECRET).id == "evt_test_example0001"
    with pytest.raises(SignatureRejected, match="signed 10 seconds before now"):
        verify(BODY, signed(), SECRET, tolerance=10)


def test_a_large_body_is_refused_unread(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hmac, "digest", None)
    with pytest.raises(SignatureRejected, match="more than 262144 bytes") as caught:
        verify(b"x" * 262_145, signed(), SECRET, now=NOW)
    assert caught.value.reason == "too_large"


def test_the_limit_can_be_set_and_counts_bytes() -> None:
    assert verify(BODY, signed(), SECRET, now=NOW, max_bytes=len(BODY))
    with pytest.raises(SignatureRejected, match="more than 8 bytes"):
        verify(BODY, signed(), SECRET, now=NOW, max_bytes=8)
    wide = memoryview(bytearray(64)).cast("q")
    with pytest.raises(SignatureRejected, match="more than 8 bytes"):
        verify(wide, signed(), SECRET, now=NOW, max_bytes=8)  # type: ignore[arg-type]
