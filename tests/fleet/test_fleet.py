"""A fleet in trouble: workers killed, the broker away, rings lost and doubled. All effects once, in order."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from celery import Celery
from zerogate import Gate, GateError, GateUsageError, OutcomeUnknown
from zerogate_celery import Fleet, Work
from zerogate_celery.wakeup import WorkerWakeup
from zerogate_store import RateLimiter, Store

from tests.databases import database, schema
from tests.fleet.broker import Door, door, purge, queue
from tests.fleet.crew import fleet
from tests.inbox.feeding import TABLE, Feed, once
from tests.inbox.shop import PRICE, RETURN, fulfil, ordered, shop_on
from tests.timing import without_waiting

ROOT = Path(__file__).parents[2]
KILLS = int(os.environ.get("ZEROGATE_KILLS", "2"))


class Crew:
    """Celery workers in processes of their own, each with a beat: one of them is enough, more do no harm."""

    def __init__(self, folder: Path, environment: dict[str, str], size: int) -> None:
        self._folder, self._environment, self._made = folder, environment, 0
        self.workers = [self._started() for _ in range(size)]

    def _started(self) -> subprocess.Popen[bytes]:
        self._made += 1
        name, beat = f"crew-{self._made}@%h", str(self._folder / f"beat-{self._made}")
        quiet = ["--loglevel", "WARNING", "--without-gossip", "--without-mingle"]
        which = ["-Q", self._environment["CREW_QUEUE"], "-n", name, "-B", "-s", beat]
        celery = [sys.executable, "-m", "celery", "-A", "tests.fleet.crew", "worker", "-c", "2"]
        with (self._folder / f"worker-{self._made}.log").open("wb") as log:
            return subprocess.Popen(
                [*celery, *which, *quiet],
                cwd=ROOT,
                env={**os.environ, **self._environment},
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def kill(self, worker: subprocess.Popen[bytes]) -> None:
        """All its processes at once, in the middle of whatever they do."""
        os.killpg(worker.pid, signal.SIGKILL)
        worker.wait()

    def lose_one(self) -> None:
        self.kill(self.workers.pop(0))
        self.workers.append(self._started())

    def dismiss(self) -> None:
        while self.workers:
            self.kill(self.workers.pop())


class Scene:
    """A store, a broker behind a door, workers, and a feed that rings."""

    def __init__(self, folder: Path, url: str, broker: str, name: str, the_door: Door) -> None:
        self.folder, self.url, self.broker, self.queue = folder, url, broker, name
        self.door, self.store = the_door, Store(url)
        self.store.run_in_transaction(lambda: once(TABLE))
        self.fleet = fleet(broker, name, poll=1.0)
        self.feed = Feed(self.store, self.fleet.wake)

    @contextmanager
    def crew(self, size: int, poll: float = 1.0) -> Iterator[Crew]:
        made = Crew(
            self.folder,
            {
                "CREW_STORE": self.url,
                "CREW_BROKER": self.broker,
                "CREW_QUEUE": self.queue,
                "CREW_POLL": str(poll),
            },
            size,
        )
        try:
            yield made
        finally:
            made.dismiss()


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    with schema() as url, queue() as name, door() as (the_door, broker):
        made = Scene(tmp_path, url, broker, name, the_door)
        yield made
        made.store.close()


def test_a_ring_is_enough(scene: Scene) -> None:
    with scene.crew(1, poll=3600):
        for number in range(40):
            scene.feed.send(number)
        scene.feed.settled()
    scene.feed.checked()


def test_a_fleet_in_trouble_loses_and_doubles_nothing(scene: Scene) -> None:
    number = 0

    def more(sessions: int) -> None:
        nonlocal number
        for _ in range(sessions):
            scene.feed.send(number)
            number += 1

    with scene.crew(2) as crew:
        more(20)
        for _ in range(KILLS):
            more(10)
            crew.lose_one()
        # The broker goes away in the middle: events are taken in as before, and the wake-up is patient.
        more(10)
        scene.door.shut()
        with without_waiting():
            more(10)
        scene.door.open()
        # Rings get lost, and others come more than once.
        more(10)
        purge(scene.queue)
        for _ in range(20):
            scene.fleet.wake()
            time.sleep(0.01)
        more(10)
        scene.feed.settled()
    scene.feed.checked()


def test_what_was_never_rung_for_is_found(scene: Scene) -> None:
    silent = Feed(scene.store)
    silent.send(1)
    with scene.crew(1, poll=0.5):
        silent.settled()
    silent.checked()


# --- without a broker ---


def test_a_broker_that_is_away_fails_no_receiver() -> None:
    app = Celery("away", broker="amqp://guest@127.0.0.1:1//")
    fleet = Fleet(app, lambda: pytest.fail("nothing is to be done here"))
    with without_waiting():
        for _ in range(1000):
            fleet.wake()


def test_several_wake_ups_at_once_are_one() -> None:
    going, rung = threading.Semaphore(0), []

    def push() -> None:
        rung.append(1)
        going.acquire()

    wakeup = WorkerWakeup(push)
    for _ in range(100):
        wakeup.request()
    while not rung:
        time.sleep(0.001)
    for _ in range(100):
        wakeup.request()
    going.release(2)
    ends = time.monotonic() + 5
    while len(rung) < 2 and time.monotonic() < ends:
        time.sleep(0.001)
    assert len(rung) <= 3


def test_the_beat_is_set_beside_the_partners_own() -> None:
    app = Celery("partner")
    app.conf.beat_schedule = {"theirs": {"task": "theirs.nightly", "schedule": 3600}}
    app.conf.task_routes = {"theirs.*": {"queue": "theirs"}}
    Fleet(app, lambda: pytest.fail("not yet"), poll=2, maintain=60)
    assert set(app.conf.beat_schedule) == {"theirs", "zerogate-handle", "zerogate-maintain"}
    assert app.conf.beat_schedule["zerogate-handle"]["schedule"] == 2
    assert set(app.conf.task_routes) == {"theirs.*", "zerogate.*"}
    with pytest.raises(GateUsageError, match="seconds"):
        Fleet(app, lambda: pytest.fail("never"), poll=0)


def test_tending_recovers_compares_and_sweeps_at_its_pace(tmp_path: Path) -> None:
    with database("sqlite", tmp_path) as url:
        store = Store(url)
        with shop_on(store) as shop:
            # A create whose answer was lost, a session whose events were, and one that nobody paid.
            shop.sandbox.faults.add("reset", operations="createSession", times=20)
            store.run_in_transaction(lambda: ordered("order-1"))
            with pytest.raises(OutcomeUnknown):
                shop.gate.sessions.create(amount=PRICE, return_url=RETURN, order="order-1")
            shop.sandbox.faults.clear()
            paid = shop.order("order-2")
            shop.sandbox.pay(paid.id)
            shop.sandbox.deliver()
            shop.mail.clear()
            shop.clock.advance(2 * 86_400)
            rate_limiter = RateLimiter(store, mode="test", rate=5, clock=shop.clock)
            bulk = Gate(
                "sk_test_shop",
                transport=shop.sandbox.transport(),
                clock=shop.clock,
                store=store,
                observer=rate_limiter.observe,
            )
            begun = shop.clock.now()
            work = Work(
                inbox=shop.opened(gate=bulk, rate_limiter=rate_limiter),
                handler=fulfil,
                gate=bulk,
                rate_limiter=rate_limiter,
                retention=30,
            )
            before = len(shop.sandbox.requests())
            assert work.maintain() == []
            while work.handle(25):
                pass
            asked = len(shop.sandbox.requests()) - before
            assert shop.orders["order-2"] == ("Settled", 1)
            assert shop.clock.now() - begun >= (asked - 5) / 5
            bulk.close()
        store.close()


def test_recovery_of_what_fails_ends_however_long_a_round_takes(tmp_path: Path) -> None:
    class Failing:
        rounds = 0

        def recover(self, limit: int) -> list[Any]:
            assert self.rounds < 3, "it does not end"
            self.rounds += 1
            one = SimpleNamespace(error=GateError("no"))
            return [one] * (limit - 1) + [SimpleNamespace(error=None) if self.rounds == 1 else one]

    with database("sqlite", tmp_path) as url:
        store = Store(url)
        with shop_on(store) as shop:
            failing: Any = Failing()
            Work(inbox=shop.inbox, handler=fulfil)._recover(failing)
            assert failing.rounds == 2
        store.close()


def test_a_task_that_fails_keeps_none_of_the_others_from_its_turn(tmp_path: Path) -> None:
    with database("sqlite", tmp_path) as url:
        store = Store(url)
        with shop_on(store) as shop:
            shop.sandbox.faults.add("error", operations="listPartnerWebhookDeliveries")
            session = shop.order("order-1")
            shop.clock.advance(2 * 86_400)
            work = Work(inbox=shop.inbox, handler=fulfil, gate=shop.gate)
            assert work.maintain() == ["missing"]
            shop.drain()
            assert session.id
            assert shop.orders["order-1"][0] == "Pending"
        store.close()
