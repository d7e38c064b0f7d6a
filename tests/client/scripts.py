"""A Gate that answers from a script, and a clock that moves only when told: for one fault at a time."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from zerogate._idempotency.keys import idempotency_key
from zerogate._transport.messages import Reply, Request, RequestNotSent

SECRET = "sk_test_scripted0000000000000001"
PUBLISHABLE = "pk_test_scripted0000000000000001"
#: Of the first attempt of order-1, whose session is what a script answers with.
KEY = idempotency_key(namespace="", operation="createSession", order="order-1", attempt=1)


@dataclass
class VirtualClock:
    """Starts at a round instant; a wait moves it at once and is remembered."""

    at: float = 1_780_000_000.0
    ticks: float = 1_000.0
    waits: list[float] = field(default_factory=list)

    def now(self) -> float:
        return self.at

    def monotonic(self) -> float:
        return self.ticks

    def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.advance(seconds)

    def advance(self, seconds: float) -> None:
        self.at += seconds
        self.ticks += seconds


def answer(
    status: int, body: object = None, headers: Mapping[str, str] | None = None, **more: Any
) -> Reply:
    """A reply with a JSON body (bytes go out as they are) and a request id."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Reply(
        status=status,
        headers={"x-request-id": "req_test_1", **(headers or {}), **more},
        body=content,
    )


def refusal(status: int, code: str, message: object = "Fake.") -> Reply:
    """The error envelope."""
    return answer(
        status,
        {
            "type": code,
            "code": code,
            "message": message,
            "request_id": "req_test_1",
            "doc_url": None,
            "statusCode": status,
        },
    )


def session(**changed: Any) -> dict[str, Any]:
    """A session as Gate writes it."""
    return {
        "id": "gs_test_0001",
        "object": "gate_session",
        "partner_id": "partner_test_1",
        "mode": "test",
        "amount": "100.00",
        "currency": "EUR",
        "return_url": "https://shop.example/done",
        "cancel_url": None,
        "status": "open",
        "expires_at": "2026-06-02T12:00:00.000Z",
        "created_at": "2026-06-01T12:00:00.000Z",
        "flow": None,
        "target_token": None,
        "target_network": None,
        "wallet_address": None,
        "user_reference": None,
        "kyc_pre_verified": False,
        "metadata": {"order_id": "order-1", "zerogate_attempt": "1", "zerogate_key": KEY},
        **changed,
    }


def transaction(**changed: Any) -> dict[str, Any]:
    """A transaction as Gate writes it in REST."""
    return {
        "object": "transaction",
        "refid": "0g_txn_0001",
        "session_id": "gs_test_0001",
        "action": "BUY",
        "status": "completed",
        "token": "USDC",
        "network": "base",
        "currency": "EUR",
        "payment_method": "bank_transfer",
        "fiat_amount": "100.00",
        "token_amount": "107.500000",
        "total_pay_or_receive": "101.00",
        "exchange_rate": "1.0750",
        "total_fees": "1.00",
        "created_at": "2026-06-01T12:01:00Z",
        "updated_at": "2026-06-01T12:02:00Z",
        "status_timeline": [{"status": "completed", "at": "2026-06-01T12:02:00Z"}],
        **changed,
    }


def created(**changed: Any) -> dict[str, Any]:
    made = session(**changed)
    return {"client_secret": f"gsec_{made['id']}_canary"} | made


def echoed(request: Request, **changed: Any) -> Reply:
    """A 201 to a create as Gate gives it: what was asked is what stands."""
    return answer(201, created(**json.loads(request.body) | changed))


def page(*rows: Mapping[str, Any], has_more: bool = False, url: str = "/v1/x") -> dict[str, Any]:
    return {"object": "list", "data": list(rows), "has_more": has_more, "url": url}


Step = Reply | BaseException | Callable[[Request], Reply]


class Script:
    """Answers each request with the next step: a reply, an exception to raise, or what a function says."""

    def __init__(self, *steps: Step, clock: VirtualClock | None = None, takes: float = 0) -> None:
        self.steps, self.clock, self.takes = list(steps), clock, takes
        self.seen: list[Request] = []
        self.untils: list[float] = []

    def send(self, request: Request, until: float) -> Reply:
        self.seen.append(request)
        self.untils.append(until)
        if self.clock is not None:
            self.clock.advance(min(self.takes, max(0.0, until - self.clock.ticks)))
        step = self.steps.pop(0) if self.steps else RequestNotSent("the script is over")
        if isinstance(step, BaseException):
            raise step
        return step(request) if callable(step) else step

    def header(self, name: str) -> list[str | None]:
        """What each request said in one header."""
        return [
            next((v for k, v in r.headers if k.lower() == name.lower()), None) for r in self.seen
        ]

    def bodies(self) -> list[Any]:
        return [json.loads(r.body) for r in self.seen]
