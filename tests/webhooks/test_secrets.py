"""A webhook secret, and what was given in its place, reach no message, no log and no frame of ours."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable
from typing import Any

import pytest
from zerogate import GateError, webhooks
from zerogate.webhooks import WebhookSecret

SECRET = "whsec_c4n4ry0000"
API_KEY = "sk_live_c4n4ry00000000000000001"


def frames_of_ours(error: BaseException) -> str:
    told = traceback.TracebackException.from_exception(error, capture_locals=True)
    return "\n".join(
        repr(frame.locals) for frame in told.stack if "/facade/zerogate/" in frame.filename
    )


def verified(header: str, secrets: Any, body: bytes = b"{}") -> Any:
    return webhooks.verify(body, {"Gate-Signature": header}, secrets, now=1_780_000_000)


REFUSED: dict[str, Callable[[], Any]] = {
    "a forged signature": lambda: verified(f"t=1780000000,v1={'0' * 64}", SECRET),
    "one of several": lambda: verified("t=1,v1=00", [WebhookSecret(SECRET, mode="live"), SECRET]),
    "no signature": lambda: verified("", SECRET),
    "an API key in its place": lambda: verified("t=1,v1=00", API_KEY),
    "an API key among others": lambda: verified("t=1,v1=00", [SECRET, API_KEY]),
    "an API key as a secret": lambda: WebhookSecret(API_KEY),
    "a mode that is none": lambda: WebhookSecret(SECRET, mode="prod"),  # type: ignore[arg-type]
    "a line break": lambda: WebhookSecret(SECRET + "\n"),
    "two modes": lambda: verified(
        "t=1,v1=00", [WebhookSecret(SECRET, mode="live"), WebhookSecret(SECRET, mode="test")]
    ),
}


@pytest.mark.parametrize("refused", REFUSED.values(), ids=REFUSED.keys())
def test_a_refusal_shows_no_secret(
    refused: Callable[[], Any], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    with pytest.raises(GateError) as caught:
        refused()
    error = caught.value
    shown = frames_of_ours(error) + str(error) + repr(error) + repr(vars(error)) + caplog.text
    assert frames_of_ours(error)
    assert "c4n4ry" not in shown
    assert error.__context__ is None


def test_a_refusal_shows_nothing_of_the_body_either() -> None:
    with pytest.raises(GateError) as caught:
        verified(f"t=1780000000,v1={'0' * 64}", SECRET, b'{"email": "c4n4ry@partner.example"}')
    assert frames_of_ours(caught.value)
    assert "c4n4ry" not in frames_of_ours(caught.value) + str(caught.value)


CALLED: dict[str, tuple[Callable[..., Any], dict[str, Any], str]] = {
    "a secret's kind": (
        WebhookSecret,
        {"value": SECRET, "kind": "live"},
        "no argument kind=: it takes value=, mode=",
    ),
    "one secret, by another name": (
        webhooks.verify,
        {"body": b"{}", "headers": {}, "secret": SECRET},
        r"no argument secret=: did you mean secrets=\?",
    ),
    "no secret": (webhooks.sign, {"body": b"{}"}, "sign.. needs the endpoint's secret"),
}


@pytest.mark.parametrize(("call", "given", "told"), CALLED.values(), ids=CALLED)
def test_a_call_that_cannot_be_made_is_told_what_to_write(
    call: Callable[..., Any], given: dict[str, Any], told: str
) -> None:
    with pytest.raises(TypeError, match=told) as caught:
        call(**given)
    assert "c4n4ry" not in frames_of_ours(caught.value) + str(caught.value)
