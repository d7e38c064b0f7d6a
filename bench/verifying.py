"""One webhook, from bytes and headers to a typed event.

The body is a completed session's, signed afresh each round; both schemes sign "time.body" alike.
- zerogate: `webhooks.verify(body, headers, secret)`, the headers a mapping as a framework gives it,
  the secret a `WebhookSecret(value, mode=…)` made once. Below it, the same with the secret as text,
  which is then looked at in every call.
- stripe: `stripe.Webhook.construct_event(body, header, secret)`; the header is found for it.
- HMAC + json.loads: `hmac.new(…).hexdigest()` of the signed bytes and `json.loads` of the body,
  nothing compared.
"""

from __future__ import annotations

import hmac
import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import samples
from subjects import Run, Subject, Target

_BODY = samples.event()


def _signed() -> str:
    now = str(int(time.time()))
    signed = now.encode() + b"." + _BODY
    return f"t={now},v1={hmac.digest(samples.WEBHOOK_SECRET.encode(), signed, 'sha256').hex()}"


@contextmanager
def zerogate(url: str) -> Iterator[Run]:
    from zerogate.webhooks import WebhookSecret

    yield _verifying(WebhookSecret(samples.WEBHOOK_SECRET, mode="test"))


@contextmanager
def secret_as_text(url: str) -> Iterator[Run]:
    yield _verifying(samples.WEBHOOK_SECRET)


def _verifying(secret: Any) -> Run:
    from zerogate import webhooks

    def run(times: int) -> None:
        headers = {
            "host": "shop.example",
            "user-agent": "0gate-webhooks/1",
            "content-type": "application/json",
            "content-length": str(len(_BODY)),
            "accept": "*/*",
            "x-0bit-timestamp": "1779786180",
            "x-0bit-event-id": "evt_test_example0003",
            "x-0bit-event-type": "gate_session.completed",
            "gate-signature": _signed(),
            "x-forwarded-for": "192.0.2.1",
        }
        for _ in range(times):
            event = webhooks.verify(_BODY, headers, secret)
            assert event.id

    return run


@contextmanager
def stripe(url: str) -> Iterator[Run]:
    import stripe

    def run(times: int) -> None:
        header = _signed()
        for _ in range(times):
            event = stripe.Webhook.construct_event(_BODY, header, samples.WEBHOOK_SECRET)
            assert event.id

    yield run


@contextmanager
def hmac_and_json(url: str) -> Iterator[Run]:
    secret = samples.WEBHOOK_SECRET.encode()

    def run(times: int) -> None:
        for _ in range(times):
            assert hmac.new(secret, b"1779786180." + _BODY, "sha256").hexdigest()
            assert json.loads(_BODY)["id"]

    yield run


SUBJECT = Subject(
    name="webhooks.verify",
    ways={
        "zerogate": zerogate,
        "secret as text": secret_as_text,
        "stripe": stripe,
        "HMAC + json.loads": hmac_and_json,
    },
    targets=(Target("stripe", at_least=4), Target("HMAC + json.loads", at_most=3)),
    operations=1000,
)
