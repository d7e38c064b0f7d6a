"""Real databases that forget, and real processes on one that does not."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import attrs
import pytest
from zerogate import Gate, Money, NotSent
from zerogate_sandbox import PROFILES, Sandbox, WallClock
from zerogate_store import Store
from zerogate_store._journal.statements import Statement

from tests.databases import KINDS, database, in_children

KEY = "sk_test_forgotten00000000000001"
TERMS: Any = {"amount": Money("100.00", "EUR"), "return_url": "https://shop.example/done"}
LOST = Statement("DELETE FROM zerogate_intents WHERE made_at > :since")


def opened(sandbox: Sandbox, url: str) -> tuple[Gate, Store]:
    store = Store(url)
    gate = Gate(KEY, transport=sandbox.transport(), clock=sandbox.clock, store=store)
    return gate, store


def create(gate: Gate, order: str) -> Any:
    return gate.sessions.create(order=order, **TERMS)


@pytest.mark.parametrize("profile", sorted(PROFILES))
def test_a_file_restored_from_yesterdays_backup_makes_no_second_secret(
    tmp_path: Path, profile: str
) -> None:
    file, backup = tmp_path / "gate.db", tmp_path / "backup.db"
    sandbox, url = Sandbox(profile=profile), f"sqlite:///{file}"
    gate, store = opened(sandbox, url)
    create(gate, "order-old")
    store.close()
    shutil.copy(file, backup)
    gate, store = opened(sandbox, url)
    first = create(gate, "order-1")
    store.close()
    assert first.client_secret
    sandbox.advance(2 * 3600)
    for beside in ("", "-wal", "-shm"):
        Path(f"{file}{beside}").unlink(missing_ok=True)
    shutil.copy(backup, file)
    gate, store = opened(sandbox, url)
    with pytest.raises(NotSent) as caught:
        create(gate, "order-2")
    again = create(gate, "order-1")
    assert (again.id, again.client_secret or None) == (first.id, None)
    sandbox.advance(caught.value.retry_after or 0)
    assert create(gate, "order-2").client_secret
    store.close()


class OddList:
    """A transport whose lists have a NUL in one field of one session of another service."""

    def __init__(self, sandbox: Sandbox, id: str, field: str) -> None:
        self._inner, self._id, self._field = sandbox.transport(), id, field

    def send(self, request: Any, until: float) -> Any:
        reply = self._inner.send(request, until)
        if "sessions?" not in request.target:
            return reply
        told = json.loads(reply.body)
        for one in told["data"]:
            if one["id"] == self._id:
                place = one["metadata"] if self._field in one["metadata"] else one
                place[self._field] = "odd\0one"
        headers = {n: v for n, v in reply.headers.items() if n != "content-length"}
        return attrs.evolve(reply, body=json.dumps(told).encode(), headers=headers)


@pytest.mark.parametrize("field", ["status", "id", "zerogate_key", "order_id"])
@pytest.mark.parametrize("kind", KINDS)
def test_a_walk_ends_whatever_texts_it_meets(tmp_path: Path, kind: str, field: str) -> None:
    sandbox = Sandbox()
    elsewhere = Store(f"sqlite:///{tmp_path / 'elsewhere.db'}")
    other = Gate(KEY, transport=sandbox.transport(), clock=sandbox.clock, store=elsewhere)
    odd = [create(other, f"order-{number}") for number in range(3)][1]
    sandbox.advance(60)
    (tmp_path / "here").mkdir()
    with database(kind, tmp_path / "here") as url:
        store = Store(url)
        transport = OddList(sandbox, odd.id, field)
        gate = Gate(KEY, transport=transport, clock=sandbox.clock, store=store)
        for _ in range(2):
            gate.recover()
            sandbox.advance(100_000)
        # It is over, and what was met then is known from now on.
        for number in range(2):
            assert create(gate, f"new-{number}").client_secret
            sandbox.advance(100_000)
            loss = gate.journal.store_loss()
            assert loss is not None
            assert loss.over_at is not None
        store.close()
    elsewhere.close()


def test_a_fail_over_that_lost_the_last_minutes_is_noticed_by_the_process_that_goes_on(
    url: str,
) -> None:
    sandbox = Sandbox(profile="forgetful")
    gate, store = opened(sandbox, url)
    for number in range(5):
        create(gate, f"order-{number}")
        sandbox.advance(60)
    since = sandbox.clock.now() - 130

    def lost() -> Any:
        return (yield LOST(since=since))

    store.run_in_transaction(lost)
    # The connection died with the old primary; the next send looks before it goes on.
    store.understood(ConnectionError("the server closed the connection"))
    with pytest.raises(NotSent):
        create(gate, "order-4")
    assert sum(seen["operation"] == "createSession" for seen in sandbox.requests()) == 5
    store.close()


def test_healthy_processes_on_one_store_never_see_a_loss(url: str) -> None:
    with Sandbox(clock=WallClock()).serve() as served:
        first = Store(url)
        first.migrate()
        first.close()

        def child(number: int) -> None:
            store = Store(url)
            for turn in range(6):
                # Each client looks before its first send, while the others send.
                with Gate(KEY, base_url=served.base_url, store=store) as gate:
                    assert create(gate, f"order-{number}-{turn}").client_secret
                    gate.recover()
            store.close()

        assert in_children(4, child) == [0] * 4
        store = Store(url)
        with Gate(KEY, base_url=served.base_url, store=store) as gate:
            assert gate.journal.store_loss() is None
        store.close()
        assert len(served.sandbox.books()["sessions"]) == 24
