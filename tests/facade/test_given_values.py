"""Values given to inbox, store, fleet and spans in a later call: refused with what to write, nothing done."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from celery import Celery
from zerogate import AsyncGate, Gate, GateUsageError, Money
from zerogate_celery import Fleet, Work
from zerogate_otel import spans
from zerogate_sandbox import Sandbox
from zerogate_store import AsyncInbox, AsyncRateLimiter, Inbox, Store

KEY, SECRET = "sk_test_given", "whsec_test_given_values"


@pytest.fixture
def inbox(tmp_path: Path) -> Iterator[Inbox]:
    sandbox = Sandbox(seed=3)
    store = Store(f"sqlite:///{tmp_path}/gate.db")
    with Gate(KEY, transport=sandbox.transport(), clock=sandbox.clock, store=store) as gate:
        yield Inbox(store, SECRET, gate=gate, clock=sandbox.clock)
    store.close()


@pytest.mark.parametrize("state", ["parkd", "", None, "PARKED", ["parked"]])
def test_a_state_that_no_event_has_is_no_empty_list(inbox: Inbox, state: Any) -> None:
    with pytest.raises(GateUsageError, match=r"state= takes one of pending, .*parked"):
        inbox.kept(state)


@pytest.mark.parametrize("most", [0, -1, "10", None, 1.5])
def test_how_many_are_listed_is_a_whole_number(inbox: Inbox, most: Any) -> None:
    with pytest.raises(GateUsageError, match="most= takes a whole number from 1"):
        inbox.kept("parked", most=most)


@pytest.mark.parametrize("wrong", ["no", 0, None, 1])
def test_an_external_effect_is_said_with_true(inbox: Inbox, wrong: Any) -> None:
    for act in (inbox.drain, inbox.process):
        with pytest.raises(GateUsageError, match="external_effect= takes True or False"):
            act(print, external_effect=wrong)


@pytest.mark.parametrize("days", [-90, -0.1, float("nan"), "90", None, True, float("inf")])
def test_days_that_are_no_number_from_zero_erase_nothing(inbox: Inbox, days: Any) -> None:
    with pytest.raises(GateUsageError, match="days= takes days, from 0"):
        inbox._store.retain(days=days)


@pytest.mark.parametrize("name", ["order", "key"])
@pytest.mark.parametrize("wrong", [1001, b"o-1", ["o-1"], "", 1.5])
def test_whom_to_forget_is_a_text(inbox: Inbox, name: str, wrong: Any) -> None:
    with pytest.raises(GateUsageError, match="say whom to forget, by a text"):
        inbox._store.forget(**{name: wrong})


@pytest.mark.parametrize(
    ("option", "wrong"),
    [
        ("limit", "5"),
        ("limit", 0),
        ("limit", -1),
        ("limit", True),
        ("timeout", None),
        ("timeout", "60"),
        ("timeout", float("nan")),
        ("timeout", -1),
    ],
)
def test_a_recovery_takes_numbers(inbox: Inbox, option: str, wrong: Any) -> None:
    assert inbox._gate is not None
    with pytest.raises(GateUsageError, match=f"{option}= takes "):
        inbox._gate.recover(**{option: wrong})


def test_work_is_made_of_what_a_worker_needs(inbox: Inbox) -> None:
    async def handle(received: Any) -> None: ...

    wrong: dict[str, list[Any]] = {
        "inbox": [None, 42, AsyncInbox(inbox._store, SECRET, mode="test"), Inbox],
        "handler": [None, "print", handle],
        "transaction": [True, "engine.begin"],
        "external_effect": ["no", None, 1],
        "gate": [KEY, AsyncGate(KEY, base_url="http://127.0.0.1:1/v1"), Gate],
        "rate_limiter": [5, AsyncRateLimiter()],
        "retention": [-90, "90", True, float("nan")],
    }
    good: dict[str, Any] = {"inbox": inbox, "handler": print}
    for name, values in wrong.items():
        for value in values:
            with pytest.raises(GateUsageError, match=f"{name}= of Work takes "):
                Work(**{**good, name: value})
    assert Work(**good, retention=90).retention == 90


@pytest.mark.parametrize(
    ("option", "wrong", "told"),
    [
        ("work", None, "a function that returns a Work, not NoneType"),
        ("work", 3, "not int"),
        ("poll", "5", "poll= and maintain= are seconds"),
        ("maintain", float("nan"), "poll= and maintain= are seconds"),
        ("poll", True, "poll= and maintain= are seconds"),
        ("queue", None, "the name of a queue"),
        ("queue", "", "the name of a queue"),
        ("app", "amqp://broker", "a Celery"),
    ],
)
def test_a_fleet_is_made_of_a_celery_and_a_function(option: str, wrong: Any, told: str) -> None:
    given: dict[str, Any] = {"app": Celery("given"), "work": lambda: None, option: wrong}
    with pytest.raises(GateUsageError, match=told):
        Fleet(given.pop("app"), given.pop("work"), **given)


@pytest.mark.parametrize("wrong", [3, "otlp", object(), Gate])
@pytest.mark.parametrize("name", ["tracer_provider", "meter_provider"])
def test_spans_take_providers(name: str, wrong: Any) -> None:
    with pytest.raises(GateUsageError, match="a TracerProvider and a MeterProvider"):
        spans(**{name: wrong})


def test_what_is_right_is_taken(inbox: Inbox) -> None:
    assert inbox._gate is not None
    inbox._gate.sessions.create(
        amount=Money("1.00", "EUR"), order="o-1", return_url="https://shop.example/done"
    )
    assert inbox.kept("parked", most=1) == []
    assert inbox.heard_of(datetime.now(UTC)) == []
    assert list(inbox._gate.recover(limit=1, timeout=5)) == []
    inbox._store.retain(days=0)
    inbox._store.forget(order="o-1")
    spans()
