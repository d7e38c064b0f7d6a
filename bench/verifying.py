"""One webhook, from bytes and headers to a typed event.

The body is a completed session's, signed afresh each round; both schemes sign "time.body" alike.
- zerogate: `webhooks.verify(body, headers, secret)`, the headers a mapping as a framework gives it.
- stripe: `stripe.Webhook.construct_event(body, header, secret)`; the header is found for it.
- HMAC + json.loads: `hmac.digest` of the signed bytes and `json.loads` of the body, nothing compared.
"""

from __future__ import annotations

import hmac
import json
import time
from collections.abc import Iterator
from contextlib import contextmanager

import samples
from subjects import Run, Subject, Target

_BODY = samples.event()


def _signed() -> str:
    now = str(int(time.time()))
    signed = now.encode() + b"." + _BODY
    return f"t={now},v1={hmac.digest(samples.WEBHOOK_SECRET.encode(), signed, 'sha256').hex()}"


@contextmanager
def zerogate(url: str) -> Iterator[Run]:
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
            event = webhooks.verify(_BODY, headers, samples.WEBHOOK_SECRET)
            assert event.data.id

    yield run


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
            hmac.digest(secret, b"1779786180." + _BODY, "sha256").hex()
            assert json.loads(_BODY)["id"]

    yield run


SUBJECT = Subject(
    name="webhooks.verify",
    ways={"zerogate": zerogate, "stripe": stripe, "HMAC + json.loads": hmac_and_json},
    targets=(Target("stripe", at_least=4), Target("HMAC + json.loads", at_most=3)),
    operations=1000,
)
