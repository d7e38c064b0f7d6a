"""Recovery of many writes at once: how often the list is read, what is sent, and whom it keeps waiting."""

from __future__ import annotations

import base64
import threading
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from zerogate import Gate, NotSent, OutcomeUnknown, RetryPolicy
from zerogate.transports import Reply
from zerogate_sandbox import Sandbox, VirtualClock, WallClock
from zerogate_store import Store, _commits

from tests.store.crashing import KEY, TERMS


class Line:
    """A sandbox for many threads; `before` is called with each write, and may keep it."""

    def __init__(self, clock: Any, **options: Any) -> None:
        self.sandbox = Sandbox(seed=1, clock=clock, **options)
        self.seen: Counter[str] = Counter()
        self.lost = "none"
        self.before: Any = lambda request: None
        self._lock = threading.Lock()

    def send(self, request: Any, until: float) -> Any:
        if request.method == "POST":
            self.before(request)
        with self._lock:
            self.seen[request.method] += 1
            if request.method == "POST" and self.lost == "request":
                raise ConnectionResetError
            reply = self.sandbox.answer(request)
            if request.method == "POST" and self.lost == "answer":
                raise ConnectionResetError
        return reply

    def close(self) -> None:
        """Nothing is open."""

    def opened(self, store: Store, **options: Any) -> Gate:
        policy = RetryPolicy(attempts=1)
        clock = self.sandbox.clock
        return Gate(KEY, transport=self, clock=clock, store=store, retries=policy, **options)

    @property
    def sessions(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.sandbox.books()["sessions"]
        return found


@pytest.fixture(params=["at once", "one by one"])
def line(request: pytest.FixtureRequest) -> Line:
    """Side by side, and as on a virtual clock, where nothing happens at once."""
    return Line(WallClock() if request.param == "at once" else VirtualClock())


def create(gate: Gate, order: str, **more: Any) -> Any:
    return gate.sessions.create(order=order, **TERMS | more)


def lose(line: Line, gate: Gate, what: str, count: int) -> None:
    line.lost = what
    for number in range(count):
        with pytest.raises(OutcomeUnknown):
            create(gate, f"order-{number}")
    line.lost = "none"
    line.seen.clear()


class Statements:
    """Counts what is asked of a database: each statement is a way there and back."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.seen = self.transactions = 0
        whole = _commits.execute_on

        def execute_on(*connection: Any) -> Any:
            self.transactions += 1
            execute = whole(*connection)

            def counted(said: Any) -> Any:
                self.seen += 1
                return execute(said)

            return counted

        monkeypatch.setattr(_commits, "execute_on", execute_on)


@pytest.mark.parametrize(("what", "each"), [("answer", 1), ("request", 3)])
def test_one_walk_of_the_list_answers_for_all_and_what_is_sent_is_read_again_first(
    store: Store, line: Line, what: str, each: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    count = 120
    gate = line.opened(store)
    lose(line, gate, what, count)
    asked = Statements(monkeypatch)
    done = gate.recover()
    # Of one that is there one statement: its record. Of one that is sent again three: that it is sent, what
    # came of it, and that no other is listed. The rest is shared by sixteen of them, or a hundred.
    assert each * count <= asked.seen <= each * count + count // 2
    if isinstance(line.sandbox.clock, WallClock):
        assert asked.transactions <= count // 2
    assert [one.error for one in done] == [None] * count
    assert done.left == 0
    assert sorted(one.id for one in done) == sorted(one["id"] for one in line.sessions)
    assert {one["status"] for one in line.sessions} == {"open"}
    # The page that a client compares first, the walk, and the newer pages before and after sends.
    assert line.seen["GET"] <= 1 + 2 * (count // 100 + 1) + 4
    assert line.seen["POST"] == (count if what == "request" else 0)
    assert gate.recover() == []


def test_what_was_made_since_the_walk_began_is_found_before_it_is_sent_again(
    store: Store, line: Line
) -> None:
    """A create that was on its way for long comes through while recovery reads the list."""
    gate = line.opened(store)
    late: list[Any] = []
    line.before = late.append
    lose(line, gate, "request", 2)
    line.before = lambda request: None
    whole, reads = line.sandbox.answer, []

    def answer(request: Any) -> Any:
        reply = whole(request)
        if request.method == "GET" and "gate_sessions?" in request.target:
            reads.append(request)
            if len(reads) == 1:
                for one in late:
                    whole(one)
        return reply

    line.sandbox.answer = answer  # type: ignore[method-assign]
    done = gate.recover()
    assert [one.error for one in done] == [None, None]
    assert len(line.sessions) == 2
    assert line.seen["POST"] == 0


def test_recovery_says_what_is_left_and_goes_on_where_it_ended(store: Store, line: Line) -> None:
    gate = line.opened(store)
    lose(line, gate, "answer", 5)
    first = gate.recover(limit=2)
    assert (len(first), first.left) == (2, 3)
    second = gate.recover()
    assert (len(second), second.left) == (3, 0)
    assert {one.order for one in first} | {one.order for one in second} == {
        f"order-{number}" for number in range(5)
    }


def test_what_cannot_be_sent_is_put_off_and_keeps_no_other_from_being_sent(tmp_path: Path) -> None:
    """Five intents under a key that is lost, and a limit of five."""
    line, path = Line(VirtualClock()), f"sqlite:///{tmp_path / 'gate.db'}"
    lost, own = (
        Store(path, encryption_key=base64.urlsafe_b64encode(bytes([at] * 32))) for at in (1, 2)
    )
    lost.migrate()
    with line.opened(lost) as before, line.opened(own) as gate:
        for store, made_by, name in ((lost, before, "old"), (own, gate, "new")):
            for number in range(5):
                with store.engine.begin() as connection:
                    made_by.journal.intend(connection, order=f"{name}-{number}", **TERMS)
            line.sandbox.advance(120)
        line.sandbox.advance(3600)
        first = gate.recover(limit=5)
        assert {type(one.error) for one in first} == {NotSent}
        # Their leases are over by then.
        line.sandbox.advance(120)
        second = gate.recover(limit=5)
        assert {(one.order or "")[:3] for one in second if one.id} == {"new"}
        # They are tried again, later.
        assert len(gate.recover()) == 0
        line.sandbox.advance(3600)
        assert len(gate.recover()) == 5
    lost.close()
    own.close()


@pytest.mark.parametrize("status", [404, 400, 500])
def test_an_attempt_that_made_way_and_cannot_be_read_is_put_off(store: Store, status: int) -> None:
    line = Line(VirtualClock())
    answer, gone = line.sandbox.answer, set[str]()

    def odd(request: Any) -> Any:
        if request.target.rpartition("/")[2] not in gone:
            return answer(request)
        body = b'{"type": "odd", "code": "odd", "message": "not this one"}'
        return Reply(status, {"content-type": "application/json"}, body)

    line.sandbox.answer = odd  # type: ignore[method-assign]  # some of its sessions cannot be read
    with line.opened(store) as gate:
        for number in range(5):
            gone.add(create(gate, f"order-{number}").id)
            answered, gone = gone, set()
            gate.journal.reissue(order=f"order-{number}", at_once=True)
            gone = answered
        with store.engine.begin() as connection:
            gate.journal.intend(connection, order="fresh", **TERMS)
        line.sandbox.advance(90_000)
        found = []
        for _ in range(3):
            found += gate.recover(limit=5)
            line.sandbox.advance(120)
        assert len(found) == 6
        assert [one.order for one in found if one.error is None] == ["fresh"]


def test_a_429_of_one_makes_room_for_all(store: Store) -> None:
    line = Line(WallClock())
    gate = line.opened(store)
    lose(line, gate, "request", 40)
    now, most, lock = [0], [0], threading.Lock()
    together = threading.Event()

    class Counting:
        def send(self, request: Any, until: float) -> Any:
            if request.method == "GET":
                return line.send(request, until)
            with lock:
                now[0] += 1
                most[0] = max(most[0], now[0])
                if now[0] > 1:
                    together.set()
            try:
                # The line is so quick that the first could be back before the second one leaves.
                together.wait(30)
                together.set()
                return line.send(request, until)
            finally:
                with lock:
                    now[0] -= 1

        close = line.close

    line.sandbox.faults.add("error", status=429, operations="createSession", times=4)
    second = Gate(
        KEY,
        transport=Counting(),
        clock=line.sandbox.clock,
        store=store,
        retries=RetryPolicy(attempts=1),
    )
    done: list[Any] = []
    for _ in range(3):
        done += second.recover()
    assert {one.order for one in done if one.error is None} == {f"order-{n}" for n in range(40)}
    assert len(line.sessions) == 40
    assert 1 < most[0] <= 16


@pytest.mark.parametrize("operation", ["looks", "sends"])
def test_a_create_takes_over_what_recovery_looks_for_and_waits_for_what_it_sends(
    store: Store, operation: str
) -> None:
    line = Line(WallClock())
    gate = line.opened(store)
    lose(line, gate, "request", 1)
    begun, go = threading.Event(), threading.Event()
    results: list[Any] = []

    def keep(request: Any) -> None:
        begun.set()
        go.wait()

    class Keeping:
        def send(self, request: Any, until: float) -> Any:
            is_list = request.method == "GET" and "gate_sessions?" in request.target
            if (is_list and operation == "looks") or (
                request.method == "POST" and operation == "sends"
            ):
                keep(request)
            return line.send(request, until)

        close = line.close

    slow = Gate(
        KEY,
        transport=Keeping(),
        clock=line.sandbox.clock,
        store=store,
        retries=RetryPolicy(attempts=1),
    )
    recovering = threading.Thread(target=lambda: results.append(slow.recover()))
    recovering.start()
    begun.wait()
    if operation == "looks":
        assert create(gate, "order-0").client_secret
        go.set()
    else:
        creating = threading.Thread(target=lambda: results.append(create(gate, "order-0")))
        creating.start()
        creating.join(0.5)
        assert creating.is_alive(), "it did not wait"
        assert line.seen["POST"] == 0
        go.set()
        creating.join()
    recovering.join()
    assert len(line.sessions) == 1
    assert create(gate, "order-0").id == line.sessions[0]["id"]


def test_what_is_thrown_into_recovery_leaves_nothing_held(store: Store) -> None:
    line = Line(WallClock())
    gate = line.opened(store)
    lose(line, gate, "request", 20)

    count = [0]

    def stop(request: Any) -> None:
        count[0] += 1
        if count[0] == 5:
            raise KeyboardInterrupt

    line.before = stop
    with pytest.raises(KeyboardInterrupt):
        gate.recover()
    line.before = lambda request: None
    until = [gate.recover() for _ in range(2)]
    assert all(one.error is None for some in until for one in some)
    for number in range(20):
        assert create(gate, f"order-{number}", timeout=12).id
    assert len(line.sessions) == 20
