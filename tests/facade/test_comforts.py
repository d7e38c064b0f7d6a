"""Small comforts: what Gate answered beside the record, the log that a variable asks for, JSON."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import subprocess
import sys
import threading
from collections.abc import Iterator

import pytest
from zerogate import (
    AsyncGate,
    Gate,
    GateUsageError,
    Money,
    NotFound,
    captured_responses,
    for_browser,
)
from zerogate._log import show_log
from zerogate_sandbox import Sandbox

KEY = "sk_test_comforts"
TERMS = {"amount": Money("1.00", "EUR"), "return_url": "https://shop.example/done"}


@pytest.fixture
def sandbox() -> Sandbox:
    return Sandbox(seed=7)


@pytest.fixture
def gate(sandbox: Sandbox) -> Iterator[Gate]:
    with Gate(KEY, transport=sandbox.transport(), clock=sandbox.clock) as gate:
        yield gate


# --- responses -----------------------------------------------------------------------------------


def test_each_answer_is_captured_with_its_request_id_and_headers(gate: Gate) -> None:
    with captured_responses() as responses:
        session = gate.sessions.create(order="o-1", **TERMS)  # type: ignore[arg-type]
        gate.sessions.retrieve(session.id)
        with pytest.raises(NotFound) as raised:
            gate.sessions.retrieve("gs_1")
    assert [(one.operation, one.status) for one in responses] == [
        ("createSession", 201),
        ("retrieveSession", 200),
        ("retrieveSession", 404),
    ]
    assert responses[-1].request_id == raised.value.request_ids[-1]
    assert responses[0].headers["x-request-id"] == responses[0].request_id
    assert "headers" not in repr(responses[0])
    with pytest.raises(TypeError):
        responses[0].headers["x"] = "y"  # type: ignore[index]
    gate.sessions.retrieve(session.id)
    assert len(responses) == 3


def test_attempts_and_pages_are_captured_too(gate: Gate, sandbox: Sandbox) -> None:
    for number in range(3):
        gate.sessions.create(order=f"o-{number}", **TERMS)  # type: ignore[arg-type]
    sandbox.faults.add("error", operations="listSessions", status=503, times=1)
    with captured_responses() as outer, captured_responses() as responses:
        assert len(list(gate.sessions.list(limit=2))) == 3
    assert [one.status for one in responses] == [503, 200, 200]
    assert outer == responses


def test_what_another_thread_does_is_its_own(gate: Gate) -> None:
    with captured_responses() as responses:
        thread = threading.Thread(target=lambda: gate.sessions.list().first())
        thread.start()
        thread.join()
    assert responses == []


async def test_tasks_of_the_block_are_captured_and_others_are_not(sandbox: Sandbox) -> None:
    async with AsyncGate(KEY, transport=sandbox.transport(), clock=sandbox.clock) as gate:

        async def first() -> None:
            await gate.sessions.list().first()

        before = asyncio.Event()

        async def meanwhile() -> None:
            await before.wait()
            await gate.transactions.list().first()

        other = asyncio.create_task(meanwhile())
        with captured_responses() as responses:
            await asyncio.gather(first(), first())
            before.set()
            await other
    assert [one.operation for one in responses] == ["listSessions", "listSessions"]


# --- the log -------------------------------------------------------------------------------------

CALL = """
from zerogate import Gate
from zerogate_sandbox import Sandbox
sandbox = Sandbox(seed=7)
gate = Gate("sk_test_comforts", transport=sandbox.transport(), clock=sandbox.clock)
gate.sessions.list().first()
"""


@pytest.mark.parametrize(
    ("level", "lines"), [("debug", ["AttemptRecord(", "CallRecord("]), ("info", []), ("", [])]
)
def test_the_log_shows_calls_where_the_variable_asks_for_it(level: str, lines: list[str]) -> None:
    env = {**os.environ, "ZEROGATE_LOG": level}
    ran = subprocess.run(
        [sys.executable, "-c", CALL], env=env, capture_output=True, text=True, check=True
    )
    said = ran.stderr.splitlines()
    assert len(said) == len(lines)
    for line, what in zip(said, lines, strict=True):
        assert f"DEBUG zerogate: {what}operation='listSessions'" in line
    assert KEY not in ran.stderr


def test_a_level_that_is_none_is_refused() -> None:
    with pytest.raises(GateUsageError, match="ZEROGATE_LOG is debug or info, not 'loud'"):
        show_log({"ZEROGATE_LOG": "loud"})


def test_handlers_of_an_application_are_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    log = logging.getLogger("zerogate")
    ours = logging.NullHandler()
    monkeypatch.setattr(log, "handlers", [ours])
    monkeypatch.setattr(log, "level", log.level)
    show_log({"ZEROGATE_LOG": "info"})
    assert log.handlers == [ours]
    assert log.propagate
    log.setLevel(logging.NOTSET)


# --- JSON ----------------------------------------------------------------------------------------


def test_what_the_browser_gets_and_what_a_record_says_is_json(gate: Gate) -> None:
    session = gate.sessions.create(order="o-1", **TERMS)  # type: ignore[arg-type]
    told = json.loads(json.dumps(for_browser(session)))
    assert set(told) == {"client_secret", "mode", "expires_at"}
    assert told["expires_at"].endswith("+00:00")
    record = gate.sessions.retrieve(session.id)
    assert json.loads(json.dumps(record.to_dict()))["amount"] == "1.00"


def test_a_notebook_and_rich_show_an_outcome_with_what_to_do(gate: Gate, sandbox: Sandbox) -> None:
    from rich.console import Console

    session = gate.sessions.create(order="o-1", flow="on_ramp", **TERMS)  # type: ignore[arg-type]
    expect = {"expect": TERMS["amount"], "order": "o-1"}
    outcome = gate.reconcile.session(session.id, **expect)  # type: ignore[arg-type]
    assert outcome._repr_html_().startswith("<b>✗ Pending</b> <code>open</code><br>The session is")
    sandbox.pay(session.id)
    outcome = gate.reconcile.session(session.id, **expect)  # type: ignore[arg-type]
    assert outcome._repr_html_() == "<b>✓ Settled</b> <code>paid</code><br>Fulfil the order, once."
    console = Console(width=200)
    with console.capture() as shown:
        console.print(outcome, Money("1.00", "EUR"))
    assert "Settled" in shown.get()
    assert "Money('1.00', 'EUR')" in shown.get()


def test_a_value_in_a_notebook_is_text_and_no_markup() -> None:
    from zerogate import Hold

    hold = Hold(reason="unknown_status", detail="<script>alert(1)</script>")
    assert "<script>" not in hold._repr_html_()
