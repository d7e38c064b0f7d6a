"""Whose turn it is, when clocks differ: by the database's clock, or by the time since the machine booted."""

from __future__ import annotations

import time
from typing import Any

import attrs
import pytest
from zerogate_store import EventContext, Inbox, Store
from zerogate_store import _lease_clocks as lease_clocks

from tests.inbox.shop import SECRET, event, signed

LEASE = 60.0


@attrs.define
class Stepped:
    """The machine's clock, set wrong by so much; time goes by when `passed` is counted up."""

    by: float = 0.0
    passed: float = 0.0

    def now(self) -> float:
        return time.time() + self.by + self.passed

    def monotonic(self) -> float:
        return time.monotonic() + self.passed


def opened(store: Store, clock: Stepped) -> Inbox:
    return Inbox(store, SECRET, mode="test", match=False, clock=clock, lease=LEASE)


def keep_one(store: Store) -> None:
    """An event that is due by any of the clocks here."""
    clock = Stepped(-4000.0)
    body = event("evt_1", "gate_session.created", clock.now(), id="gs_1")
    assert opened(store, clock).receive(body, signed(body, clock.now())).verdict == "new"


def taken_meanwhile(store: Store, first: Stepped, second: Stepped, passed: float) -> list[int]:
    """How many events another worker did, while the first was at it, at once and so much later."""
    keep_one(store)
    found: list[int] = []
    other = opened(store, second)

    def handle(received: EventContext) -> None:
        found.append(other.drain(lambda _: None, external_effect=True))
        second.passed = passed
        found.append(other.drain(lambda _: None, external_effect=True))

    opened(store, first).drain(handle, external_effect=True)
    return found


CLOCKS = [
    pytest.param(0.0, 0.0, id="both right"),
    pytest.param(0.0, 3600.0, id="the second an hour ahead"),
    pytest.param(0.0, -3600.0, id="the second an hour behind"),
    pytest.param(3600.0, 0.0, id="the first an hour ahead"),
]


@pytest.mark.parametrize(("first", "second"), CLOCKS)
def test_whoever_works_keeps_it_and_whoever_is_dead_does_not_whatever_clocks_say(
    store: Store, first: float, second: float
) -> None:
    found = taken_meanwhile(store, Stepped(first), Stepped(second), LEASE + 1)
    assert found == [0, 1]


def test_a_clock_that_steps_in_mid_lease_changes_nothing(store: Store) -> None:
    clock = Stepped()
    keep_one(store)
    found: list[int] = []
    other = opened(store, clock)

    def handle(received: EventContext) -> None:
        for clock.by in (3600.0, -3600.0):
            found.append(other.drain(lambda _: None, external_effect=True))
        clock.passed = LEASE + 1
        found.append(other.drain(lambda _: None, external_effect=True))

    opened(store, clock).drain(handle, external_effect=True)
    assert found == [0, 0, 1]


@pytest.fixture
def file(tmp_path: Any) -> Any:
    store = Store(f"sqlite:///{tmp_path / 'gate.db'}")
    yield store
    store.close()


def test_what_another_boot_held_is_free_at_once(
    file: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """PostgreSQL's clock goes on when a client boots."""
    keep_one(file)
    found: list[int] = []

    def handle(received: EventContext) -> None:
        monkeypatch.setattr(lease_clocks, "boot_name", lambda: "another boot")
        found.append(opened(file, Stepped()).drain(lambda _: None, external_effect=True))

    opened(file, Stepped()).drain(handle, external_effect=True)
    assert found == [1]


def test_where_no_boot_has_a_name_what_does_not_change_for_a_lease_is_free(
    file: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lease_clocks, "boot_name", lambda: "")
    # As after a boot whose clock has come less far: only its holder's silence tells.
    found = taken_meanwhile(file, Stepped(passed=1e6), Stepped(), LEASE + 1)
    assert found == [0, 1]
