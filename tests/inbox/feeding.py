"""Gate as it sends: events twice, each until it was acknowledged; and what has become of all of them."""

from __future__ import annotations

import contextlib
import random
import time
from collections.abc import Callable
from typing import Any

from zerogate import StoreFailed
from zerogate_store import EventContext, Inbox, Store
from zerogate_store._store import Statement, Step, sync_step_on

from tests.inbox.shop import SECRET, event, signed

LIFE = ("created", "processing", "completed")
TABLE = Statement(
    "CREATE TABLE effects (nr BIGINT GENERATED ALWAYS AS IDENTITY, event TEXT, subject TEXT)"
)
EFFECT = Statement("INSERT INTO effects (event, subject) VALUES (:event, :subject)")
EFFECTS = Statement("SELECT subject, event FROM effects ORDER BY nr")


def once(statement: Statement, **values: Any) -> Step[list[Any]]:
    rows = yield statement(**values)
    return list(rows)


def inbox_on(store: Store) -> Inbox:
    return Inbox(store, SECRET, mode="test", match=False, lease=0.5)


def leave_a_trace(received: EventContext) -> None:
    """An effect that shows if it happened twice, and takes a moment, so that it can be interrupted."""
    values = {"event": received.event.id, "subject": received.subject}
    sync_step_on(received.connection, once(EFFECT, **values))
    time.sleep(random.random() / 100)


class Feed:
    """Gate: sends each event until it was acknowledged, and some of them twice."""

    def __init__(self, store: Store, ring: Callable[[], object] = lambda: None) -> None:
        self._store, self._ring = store, ring
        self._inbox = inbox_on(store)
        self._chance = random.Random(1)
        self.sent: dict[str, list[str]] = {}

    def send(self, number: int) -> None:
        """The life of one session."""
        subject = f"gs_{number:05}"
        now = time.time() - 30
        for step, name in enumerate(LIFE):
            id = f"evt_{number:05}_{step}"
            body = event(id, f"gate_session.{name}", now + step, id=subject, mode="test")
            for _ in range(self._chance.randint(1, 2)):
                self._until_acknowledged(body)
            self.sent.setdefault(subject, []).append(id)

    def _until_acknowledged(self, body: bytes) -> None:
        for _ in range(600):
            with contextlib.suppress(StoreFailed):
                receipt = self._inbox.receive(body, signed(body, time.time()))
                assert receipt.status == 200
                self._ring()
                return
            time.sleep(0.05)
        raise AssertionError("the database did not come back")

    def settled(self, seconds: float = 60) -> None:
        """Wait until nothing waits any more."""
        ends = time.monotonic() + seconds
        while (told := self._inbox.metrics()).oldest is not None:
            assert time.monotonic() < ends, told
            time.sleep(0.05)

    def checked(self) -> None:
        """Every event that was acknowledged had its effect, once, and those of a session in order."""
        effects: dict[str, list[str]] = {}
        for subject, id in self._store.run_in_transaction(lambda: once(EFFECTS)):
            effects.setdefault(subject, []).append(id)
        assert effects == self.sent
        assert sum(self._inbox.metrics().counts.values()) == len(self.sent) * len(LIFE)
        assert set(self._inbox.metrics().counts) == {"done"}
