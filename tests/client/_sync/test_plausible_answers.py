# Written by facade/unasync.py from tests/client/_async/test_plausible_answers.py; edit that file.
"""Answers to a create that nobody documented and anybody might give: what each is worth, twice asked.

The first answer is changed after the session was made, the second comes as Gate keeps it. Whatever the
first was, there is one session at the end, and nobody was told that there is none.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from zerogate import Gate, GateError, Money, RetryPolicy
from zerogate_store import Store

from tests.client.fake import FakeGate
from tests.client.scripts import SECRET, VirtualClock, answer

#: Handed out with its secret; handed out without; known by an error; tried again and then good.
GOOD, BARE, KNOWN = "secret", "no secret", "UnexpectedAnswer"


def changed(**values: Any) -> Any:
    return lambda told: answer(201, told | values)


def without(name: str) -> Any:
    return lambda told: answer(201, {n: v for n, v in told.items() if n != name})


def raw(change: Any) -> Any:
    return lambda told: answer(201, change(json.dumps(told)).encode())


CASES: dict[str, tuple[Any, str]] = {
    "amount 100": (changed(amount="100"), GOOD),
    "amount as a number": (raw(lambda text: text.replace('"100.00"', "100.0")), GOOD),
    "amount with a separator": (changed(amount="1,00.00"), KNOWN),
    "amount below zero": (changed(amount="-100.00"), KNOWN),
    "amount of 100 digits": (changed(amount="100." + "0" * 97), GOOD),
    "amount null": (changed(amount=None), KNOWN),
    "another amount": (changed(amount="1.00"), KNOWN),
    "currency in lower case": (changed(currency="eur"), GOOD),
    "another currency": (changed(currency="USD"), KNOWN),
    "metadata empty": (changed(metadata={}), GOOD),
    "metadata null": (changed(metadata=None), GOOD),
    "metadata missing": (without("metadata"), KNOWN),
    "metadata coerced": (changed(metadata={"order_id": "o1", "zerogate_attempt": 1}), GOOD),
    "metadata of another order": (changed(metadata={"order_id": "o2"}), GOOD),
    "id a number": (changed(id=12345), GOOD),
    "id missing": (without("id"), GOOD),
    "created_at a number": (changed(created_at=1_700_000_000), KNOWN),
    "created_at without zone": (changed(created_at="2026-05-26T12:00:00"), KNOWN),
    "created_at null": (changed(created_at=None), GOOD),
    "expires_at null": (changed(expires_at=None), KNOWN),
    "another object": (changed(object="session"), KNOWN),
    "no client_secret": (without("client_secret"), BARE),
    "client_secret null": (changed(client_secret=None), BARE),
    "wrapped": (lambda told: answer(201, {"data": told}), GOOD),
    "200": (lambda told: answer(200, told), GOOD),
    "202 and the session": (lambda told: answer(202, told), GOOD),
    "202 and an id": (lambda told: answer(202, {"id": told["id"], "status": "pending"}), KNOWN),
    "202 empty": (lambda told: answer(202, b""), GOOD),
    "204": (lambda told: answer(204, b""), GOOD),
    "206": (lambda told: answer(206, told), GOOD),
    "207 of results": (lambda told: answer(207, {"results": []}), GOOD),
    "null": (lambda told: answer(201, b"null"), GOOD),
    "a list": (lambda told: answer(201, b"[]"), GOOD),
    "a name twice": (raw(lambda text: text[:-1] + ',"amount":"1.00"}'), GOOD),
    **{
        f"{status}": (lambda told, s=status: answer(s, _envelope(s)), GOOD)
        for status in (408, 409, 423, 425, 429, 500, 502, 503, 504, 520, 599)
    },
    "404 without the envelope": (lambda told: answer(404, b"<html>no route</html>"), GOOD),
}


def _envelope(status: int) -> dict[str, Any]:
    known = {"type": "x", "code": "x", "message": "m", "request_id": "r"}
    return known | {"doc_url": None, "statusCode": status}


@pytest.fixture(params=["store", "no store"])
def gate(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Gate]:
    clock = VirtualClock()
    store = Store(f"sqlite:///{tmp_path / 'gate.db'}") if request.param == "store" else None
    yield Gate(
        SECRET,
        transport=FakeGate(clock),
        clock=clock,
        store=store,
        retries=RetryPolicy(attempts=3),
    )
    if store is not None:
        store.close()


def came(gate: Gate) -> str:
    try:
        made = gate.sessions.create(
            order="o1", amount=Money("100.00", "EUR"), return_url="https://shop.example/"
        )
    except GateError as exc:
        told = str(exc) + repr(exc)
        return "a secret in its words" if "canary" in told else type(exc).__name__
    assert made.id == "gs_test_0001"
    return GOOD if made.client_secret else BARE


@pytest.mark.parametrize(("tamper", "first"), CASES.values(), ids=CASES.keys())
def test_a_plausible_answer_is_worth_what_it_proves(gate: Gate, tamper: Any, first: str) -> None:
    fake, left = gate._calls.transport, [tamper]
    fake.tamper = lambda asked, told: left.pop()(told) if asked == "create" and left else told
    assert came(gate) == first
    assert came(gate) == GOOD
    assert [one["status"] for one in fake.sessions.values()] == ["open"]


@pytest.mark.parametrize(("tamper", "first"), CASES.values(), ids=CASES.keys())
def test_a_plausible_answer_that_never_changes_is_never_a_definite_no(
    gate: Gate, tamper: Any, first: str
) -> None:
    fake = gate._calls.transport
    fake.tamper = lambda asked, told: tamper(told) if asked == "create" else told
    allowed = {GOOD, BARE, KNOWN, "OutcomeUnknown", "RateLimited"}
    for _ in range(2):
        assert came(gate) in ({first} if first != GOOD else allowed)
    assert len(fake.sessions) == 1
