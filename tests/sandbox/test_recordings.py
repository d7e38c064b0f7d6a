"""What was recorded is answered again, to the same request and no other; no secret is in the file."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from zerogate import AsyncGate, Gate, Money, OutcomeUnknown, for_browser
from zerogate_sandbox import Recorder, Replay, Sandbox, Unrecorded

TERMS: dict[str, Any] = {
    "amount": Money("100.00", "EUR"),
    "flow": "on_ramp",
    "return_url": "https://shop.example/",
}


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    """One order: created, read, listed."""
    sandbox, path = Sandbox(seed=1), tmp_path / "order.json"
    recorder = Recorder(sandbox.transport())
    with Gate("sk_test_recorded", transport=recorder, clock=sandbox.clock) as gate:
        session = gate.sessions.create(order="order-1", **TERMS)
        gate.sessions.retrieve(session.id)
        sandbox.pay(session.id)
        gate.sessions.retrieve(session.id)
        assert len(list(gate.sessions.list())) == 1
    recorder.save(path)
    return path


def replayed(path: Path) -> tuple[Gate, Replay]:
    replay = Replay.of(path)
    return Gate("sk_test_other", transport=replay, clock=replay.clock), replay


def test_every_answer_comes_once_and_in_its_order(recording: Path) -> None:
    gate, replay = replayed(recording)
    session = gate.sessions.create(order="order-1", **TERMS)
    statuses = [str(gate.sessions.retrieve(session.id).status) for _ in range(2)]
    assert statuses == ["open", "completed"]
    assert [one.id for one in gate.sessions.list()] == [session.id]
    assert replay.left == []
    with pytest.raises(Unrecorded, match=r"is not in the recording, or all of it was answered"):
        gate.sessions.retrieve(session.id)
    gate.close()


async def test_the_awaited_half_records_and_replays_too(tmp_path: Path) -> None:
    sandbox, path = Sandbox(seed=2), tmp_path / "awaited.json"
    recorder = Recorder(sandbox.transport())
    async with AsyncGate("sk_test_a", transport=recorder, clock=sandbox.clock) as gate:
        made = await gate.sessions.create(order="order-1", **TERMS)
    recorder.save(path)
    replay = Replay.of(path)
    async with AsyncGate("sk_test_a", transport=replay, clock=replay.clock) as gate:
        assert (await gate.sessions.create(order="order-1", **TERMS)).id == made.id


def test_a_transport_that_is_awaited_is_recorded(tmp_path: Path) -> None:
    class Awaited:
        def __init__(self, sandbox: Sandbox) -> None:
            self.inner = sandbox.transport()

        async def send(self, request: Any, until: float) -> Any:
            return self.inner.send(request, until)

    async def go() -> int:
        sandbox = Sandbox(seed=3)
        recorder = Recorder(Awaited(sandbox))
        recorder.offline = True
        async with AsyncGate("sk_test_a", transport=recorder, clock=sandbox.clock) as gate:
            await gate.branding.retrieve()
        return len(recorder.exchanges)

    assert asyncio.run(go()) == 1


@pytest.mark.parametrize("ways", [{"aclose"}, {"close"}, set()], ids=["awaited", "plain", "none"])
def test_a_recorder_closes_the_other_transport_as_that_is_closed(ways: set[str]) -> None:
    closed = []

    class Other:
        def send(self, request: Any, until: float) -> Any: ...

    async def aclose() -> None:
        closed.append("aclose")

    other: Any = Other()
    for name, closing in (("aclose", aclose), ("close", lambda: closed.append("close"))):
        if name in ways:
            setattr(other, name, closing)

    async def opened_and_closed() -> None:
        async with AsyncGate("sk_test_shop", transport=Recorder(other)):
            pass

    asyncio.run(opened_and_closed())
    assert closed == sorted(ways)


def test_another_order_is_not_answered_with_this_ones_payment(recording: Path) -> None:
    gate, _ = replayed(recording)
    with pytest.raises(Unrecorded, match="was recorded with another body"):
        gate.sessions.create(order="order-2", **TERMS)
    gate.close()


def test_no_key_and_no_secret_is_in_the_file(recording: Path) -> None:
    text = recording.read_text("utf-8")
    assert "sk_test_recorded" not in text
    assert "gsec_" not in text
    gate, _ = replayed(recording)
    session = gate.sessions.create(order="order-1", **TERMS)
    assert for_browser(session)["client_secret"] == "recorded"
    gate.close()


def test_what_failed_on_the_way_is_not_in_it(tmp_path: Path) -> None:
    sandbox = Sandbox(seed=4)
    sandbox.faults.add("reset", operations="createSession", times=4)
    recorder = Recorder(sandbox.transport())
    with (
        Gate("sk_test_a", transport=recorder, clock=sandbox.clock) as gate,
        pytest.raises(OutcomeUnknown),
    ):
        gate.sessions.create(order="order-1", **TERMS)
    assert [one.method for one in recorder.exchanges if one.method == "POST"] == []


def test_a_file_of_another_format_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "old.json"
    path.write_text(json.dumps({"format": 0, "exchanges": []}), "utf-8")
    with pytest.raises(ValueError, match="record it anew"):
        Replay.of(path)


def test_it_reaches_nothing(monkeypatch: pytest.MonkeyPatch, recording: Path) -> None:
    monkeypatch.setenv("ZEROGATE_OFFLINE", "1")
    gate, _ = replayed(recording)
    assert gate.sessions.create(order="order-1", **TERMS).id
    gate.close()
