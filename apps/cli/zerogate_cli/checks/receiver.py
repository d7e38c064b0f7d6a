"""Checks of your webhook receiver: what nobody signed is refused, and a signed test event is taken."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Final

from zerogate_cli.checks.check import Check
from zerogate_cli.exit_codes import Exit

if TYPE_CHECKING:
    from zerogate import Gate

SECRET: Final = "ZEROGATE_WEBHOOK_SECRET"  # noqa: S105 - the name of a variable
#: Seconds that Gate gives a receiver.
PATIENCE: Final = 10.0
#: Seconds that a test event of Gate's may take, and between two looks at its log.
DELIVERED_IN: Final = 30.0
BETWEEN: Final = 0.5


def receiver(url: str, now: Callable[[], float] = time.time) -> Iterator[Check]:
    """POST a forged and, if the secret is set, a signed event to *url*; yield a check of each."""
    body = json.dumps(
        {
            "id": f"evt_test_doctor_{int(now())}",
            "type": "webhook.test",
            "created_at": int(now()),
            "data": {"object": "webhook_test"},
        }
    ).encode()
    forged = f"t={int(now())},v1={'0' * 64}"
    yield _answer_check(
        "forged webhook",
        _post(url, body, {"Gate-Signature": forged}),
        lambda status: 400 <= status <= 499,
        "verify every request with zerogate.webhooks.verify, over the raw body, before anything else",
    )
    secret = os.environ.get(SECRET)
    if not secret:
        told = f"not sent: {SECRET} is not set"
        yield Check("signed webhook", told, todo=f"set {SECRET} to try it")
        return
    from zerogate import webhooks

    yield _answer_check(
        "signed webhook",
        _post(url, body, webhooks.sign(body, secret, now=now())),
        lambda status: 200 <= status <= 299,
        "check that the receiver has this secret, and hands over the raw body",
    )


def through_gate(
    gate: Gate,
    sleep: Callable[[float], None] = time.sleep,
    monotonic: Callable[[], float] = time.monotonic,
) -> Check:
    """Have Gate send a test event to the account's URL; return how it was answered in 30 s."""
    from zerogate import GateError

    name, ends = "test webhook", monotonic() + DELIVERED_IN
    try:
        sent = gate.deliveries.send_test()
        while monotonic() < ends:
            rows = gate.deliveries.list(limit=20)
            found = next((one for one in rows if one.event_id == sent.event_id), None)
            if found is not None and found.attempts:
                status = found.last_response_status
                answered = status if isinstance(status, int) else None
                return _delivery_check(name, answered, str(found.last_error or ""))
            sleep(BETWEEN)
    except GateError as problem:
        todo = "set a webhook URL in your Gate account, https and reachable from outside"
        return Check(name, str(problem), Exit.DIFFERENCES, todo)
    todo = "look at `zerogate webhooks tail`"
    return Check(name, f"not tried within {DELIVERED_IN:.0f} s", Exit.UNAVAILABLE, todo)


def _delivery_check(name: str, status: int | None, error: str) -> Check:
    """Return the check of a test event: well for a 2xx status; None is no answer."""
    if status is not None and 200 <= status <= 299:
        return Check(name, f"your URL answered {status}")
    told = f"your URL answered {status}" if status else f"your URL did not answer: {error}"
    todo = "look at your receiver's log: it has to answer 2xx within 10 s"
    return Check(name, told, Exit.DIFFERENCES, todo)


def _post(url: str, body: bytes, headers: dict[str, str]) -> int | str:
    """POST the body; return the status, or the error's name where no answer came."""
    import httpx

    sent = {"Content-Type": "application/json", **headers}
    try:
        return httpx.post(url, content=body, headers=sent, timeout=PATIENCE).status_code
    except (httpx.HTTPError, httpx.InvalidURL) as problem:
        return type(problem).__name__


def _answer_check(name: str, answer: int | str, right: Callable[[int], bool], todo: str) -> Check:
    """Return the check of an answer: a status that *right* accepts is well; a text is no answer."""
    if isinstance(answer, str):
        todo = "see that the receiver is running, and that the address is right"
        return Check(name, f"no answer ({answer})", Exit.UNAVAILABLE, todo)
    if right(answer):
        return Check(name, f"answered {answer}")
    return Check(name, f"answered {answer}", Exit.DIFFERENCES, todo)
