"""Who holds an order, and for how long: until it is let go, or eight seconds after its holder has died."""

from __future__ import annotations

import asyncio
import os
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import attrs
import pytest
from zerogate import AsyncGate, Gate, GateError, OutcomeUnknown
from zerogate_sandbox import Sandbox, VirtualClock, WallClock
from zerogate_store import Store
from zerogate_store import _lease_clocks as lease_clocks
from zerogate_store._journal import leases
from zerogate_store._journal.leases import LeaseClock
from zerogate_store._journal.statements import Statement, Step

from tests.store.crashing import KEY, TERMS
from tests.store.slow_gate import SlowGate, slow_gate

#: Seconds of a lease here, and of a slice of a wait; all else follows.
LASTS, SLICE = 1.2, 0.3


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leases as always, in a seventh of the time."""
    monkeypatch.setattr(leases, "LASTS", LASTS)
    monkeypatch.setattr(leases, "SLICE", SLICE)
    monkeypatch.setattr("zerogate._transport.deadline.EVERY", SLICE)


@pytest.fixture
def slow() -> Iterator[SlowGate]:
    with slow_gate() as made:
        yield made


@attrs.frozen
class Stepped:
    """The machine's clock, set wrong."""

    by: float

    def now(self) -> float:
        return time.time() + self.by

    def monotonic(self) -> float:
        return time.monotonic()


def create(gate: Gate, **more: Any) -> Any:
    return gate.sessions.create(order="order-1", **TERMS | more)


def rows(store: Store, what: str = "state, holder, lease_until, lease_clock") -> list[Any]:
    def step() -> Step[list[Any]]:
        return list((yield Statement(f"SELECT {what} FROM zerogate_intents ORDER BY order_ref")()))

    return store.run_in_transaction(step)


def killed_in_mid_create(url: str, slow: SlowGate, **options: Any) -> None:
    """A process whose create has reached Gate, and that dies before the answer does."""
    pid = os.fork()
    if pid == 0:
        try:
            create(Gate(KEY, base_url=slow.url, store=Store(url), **options))
        finally:
            os._exit(1)
    slow.begun.wait()
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    slow.go.set()


@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
@pytest.mark.parametrize("by", [0.0, 3600.0, -3600.0], ids=["", "an hour ahead", "an hour behind"])
def test_what_a_dead_process_held_is_free_when_its_lease_is_over_whatever_clocks_say(
    url: str, store: Store, slow: SlowGate, quick: None, by: float
) -> None:
    store.migrate()
    killed_in_mid_create(url, slow, clock=Stepped(by))
    with Gate(KEY, base_url=slow.url, store=store) as gate:
        begun = time.monotonic()
        made = create(gate)
        assert time.monotonic() - begun < LASTS + 2
    assert made.client_secret
    assert len(slow.sandbox.books()["sessions"]) == 1


@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
@pytest.mark.parametrize("by", [3600.0, -3600.0], ids=["an hour ahead", "an hour behind"])
def test_recovery_finds_what_a_dead_process_with_a_wrong_clock_left(
    url: str, store: Store, slow: SlowGate, quick: None, by: float
) -> None:
    store.migrate()
    killed_in_mid_create(url, slow, clock=Stepped(by))
    with Gate(KEY, base_url=slow.url, store=store) as gate:
        until, done = time.monotonic() + LASTS + 2, []
        while not done and time.monotonic() < until:
            done = gate.recover()
        assert [one.error for one in done] == [None]


@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_what_another_boot_held_is_free_at_once(
    tmp_path: Path, slow: SlowGate, monkeypatch: pytest.MonkeyPatch
) -> None:
    """PostgreSQL's clock goes on when a client boots."""
    url = f"sqlite:///{tmp_path / 'gate.db'}"
    store = Store(url)
    killed_in_mid_create(url, slow)
    monkeypatch.setattr(lease_clocks, "boot_name", lambda: "another boot")
    with Gate(KEY, base_url=slow.url, store=store) as gate:
        create(gate, timeout=3)
    store.close()


@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_where_no_boot_has_a_name_what_does_not_change_is_free(
    tmp_path: Path, slow: SlowGate, quick: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lease_clocks, "boot_name", lambda: "")
    url = f"sqlite:///{tmp_path / 'gate.db'}"
    store = Store(url)
    killed_in_mid_create(url, slow)
    with Gate(KEY, base_url=slow.url, store=store) as gate:
        begun = time.monotonic()
        create(gate)
        assert time.monotonic() - begun >= LASTS - 0.1, "it has to be seen for so long"
    store.close()


def winner_and_loser(
    url: str, slow: SlowGate, half: str, timeout: float, held: float
) -> tuple[Any, Any]:
    """Two clients with one order; the first is being answered while the second asks."""
    results: list[Any] = [None, None]
    stores = [Store(url), Store(url)]

    def first() -> None:
        if half == "sync":
            with Gate(KEY, base_url=slow.url, store=stores[0]) as gate:
                results[0] = create(gate)
        else:
            asyncio.run(awaited())

    async def awaited() -> None:
        async with AsyncGate(KEY, base_url=slow.url, store=stores[0]) as gate:
            results[0] = await gate.sessions.create(order="order-1", **TERMS)

    def second() -> None:
        with Gate(KEY, base_url=slow.url, store=stores[1]) as gate:
            try:
                results[1] = create(gate, timeout=timeout)
            except GateError as exc:
                results[1] = exc

    threads = [threading.Thread(target=work) for work in (first, second)]
    threads[0].start()
    slow.begun.wait()
    threads[1].start()
    threads[1].join(held)
    writes = slow.writes
    slow.go.set()
    for thread in threads:
        thread.join()
    for store in stores:
        store.close()
    assert writes == 1, "the second has sent while the first was at it"
    return results[0], results[1]


@pytest.mark.parametrize("half", ["sync", "async"])
def test_a_living_holder_is_waited_for_however_long_it_takes_and_its_result_is_given(
    url: str, store: Store, slow: SlowGate, quick: None, half: str
) -> None:
    store.migrate()
    winner, loser = winner_and_loser(url, slow, half, 30, held=3 * LASTS)
    assert winner.id == loser.id
    assert loser.client_secret == winner.client_secret
    assert len(slow.sandbox.books()["sessions"]) == 1


def test_where_time_ends_before_a_living_holder_does_it_says_when_to_call_again(
    url: str, store: Store, slow: SlowGate, quick: None
) -> None:
    store.migrate()
    _, loser = winner_and_loser(url, slow, "sync", 2, held=60)
    assert isinstance(loser, OutcomeUnknown)
    assert loser.retry_after is not None
    assert 0 < loser.retry_after <= LASTS + 0.1


def test_over_a_transport_of_the_users_a_lease_lasts_for_the_attempt_and_three_seconds(
    store: Store,
) -> None:
    sandbox, seen = Sandbox(seed=1, clock=VirtualClock()), []

    class Watching:
        def send(self, request: Any, until: float) -> Any:
            if request.method == "POST":
                [(lease_until,)] = rows(store, "lease_until")
                seen.append((lease_until, until))
                sandbox.clock.sleep(until - sandbox.clock.monotonic())
                raise TimeoutError
            return sandbox.transport().send(request, until)

        def close(self) -> None:
            """Nothing."""

    gate = Gate(KEY, transport=Watching(), clock=sandbox.clock, store=store)
    with gate, pytest.raises(GateError):
        create(gate)
    assert len(seen) > 1
    for lease_until, until in seen:
        assert until + 2.9 <= lease_until <= until + 3.1 or lease_until >= until + 3


def test_a_lease_is_told_by_the_databases_clock_on_postgresql_and_by_the_boot_on_sqlite(
    url: str, store: Store
) -> None:
    sandbox, told = Sandbox(seed=1, clock=WallClock()), []

    class Watching:
        def send(self, request: Any, until: float) -> Any:
            if request.method == "POST":
                told.extend(rows(store))
            return sandbox.transport().send(request, until)

        def close(self) -> None:
            """Nothing."""

    with Gate(KEY, transport=Watching(), clock=Stepped(-3600), store=store) as gate:
        create(gate)
    [(_, holder, lease_until, clock)] = told
    assert holder
    if url.startswith("sqlite"):
        assert clock == lease_clocks.boot_name()
        assert 0 < lease_until - time.monotonic() <= 20
    else:
        assert clock == "database"
        assert 0 < lease_until - time.time() <= 20


def test_a_disputed_object_that_was_resolved_by_its_id_is_nobodys(store: Store) -> None:
    """Refused in the end: what was taken over for that is let go."""
    sandbox = Sandbox(seed=1)
    clock = sandbox.clock
    with Gate(KEY, transport=sandbox.transport(), clock=clock, store=store) as gate:
        sandbox.faults.add("reset", operations="createSession")
        with pytest.raises(OutcomeUnknown) as caught:
            create(gate)
        sandbox.faults.clear()
        [session] = sandbox.books()["sessions"]
        sandbox.faults.add("error", status=500, operations="retrieveSession")
        with pytest.raises(GateError):
            gate.resolve(caught.value, id=session["id"])
        assert [row[2] for row in rows(store)] == [0]
        sandbox.faults.clear()
        assert create(gate).id == session["id"]


# --- the clock ---


def test_a_lease_of_another_clock_is_over_and_none_is_longer_than_an_hour() -> None:
    clock = LeaseClock("boot", 100.0)
    assert clock.read("a", 0.0, 0.0) is None
    over = clock.read("a", 90.0, -10.0)
    assert over is not None
    assert over.left < 0
    strange = clock.read("a", 1e9, 1e9)
    assert strange is not None
    assert strange.left == 0


def test_without_a_name_a_renewal_counts_from_when_it_was_seen_first() -> None:
    seen: dict[tuple[str, float], float] = {}

    def left(now: float, until: float) -> float:
        lease = LeaseClock("", now, seen=seen).read("a", until, 0.0)
        assert lease is not None
        return lease.left

    assert left(100, 7.0) == leases.LASTS
    assert left(103, 7.0) == leases.LASTS - 3
    assert left(104, 9.0) == leases.LASTS, "it was renewed"
    assert left(112, 9.0) <= 0
