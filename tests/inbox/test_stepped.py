"""A host's clock that is set by an hour: an event waits neither longer nor shorter for it."""

from __future__ import annotations

import pytest
from zerogate_store import EventContext, Inbox, RateLimiter, Store
from zerogate_store._sync import rate_limiter as limiting

from tests.inbox.shop import SECRET, event, signed
from tests.inbox.test_leases import Stepped, opened

HOUR = 3600.0
BY = pytest.mark.parametrize("by", [-HOUR, HOUR], ids=["set back", "set forward"])


def kept(store: Store, clock: Stepped, id: str = "evt_1") -> None:
    body = event(id, "gate_session.created", clock.now(), id="gs_1")
    assert opened(store, clock).receive(body, signed(body, clock.now())).verdict == "new"


def failing(_: EventContext) -> None:
    raise ValueError("not yet")


@BY
def test_an_event_that_waits_for_another_try(store: Store, by: float) -> None:
    clock = Stepped()
    kept(store, clock)
    inbox = opened(store, clock)
    assert inbox.drain(failing, external_effect=True) == 0
    clock.by = by
    assert inbox.drain(lambda _: None, external_effect=True) == 0, "hurried"
    clock.passed = 5.0
    assert inbox.drain(lambda _: None, external_effect=True) == 1, "delayed"


@BY
def test_an_event_that_another_host_keeps(store: Store, by: float) -> None:
    """One whose clock is wrong keeps it, one whose clock is right handles it; and the age is the true one."""
    right, wrong = Stepped(), Stepped(by)
    opened(store, right).metrics()
    body = event("evt_1", "gate_session.created", wrong.now(), id="gs_1")
    assert opened(store, wrong).receive(body, signed(body, wrong.now())).verdict == "new"
    age = opened(store, right).metrics().oldest
    assert age is not None
    assert age < 60
    assert opened(store, right).drain(lambda _: None, external_effect=True) == 1


def test_an_event_whose_create_is_on_its_way_is_not_given_up(store: Store) -> None:
    clock = Stepped()
    kept(store, clock)
    clock.by = HOUR
    inbox = Inbox(store, SECRET, mode="test", clock=clock)
    inbox.drain(lambda _: None, external_effect=True)
    assert dict(inbox.metrics().counts) == {"pending": 1}
    clock.passed = 700.0
    inbox.drain(lambda _: None, external_effect=True)
    assert dict(inbox.metrics().counts) == {"unmatched": 1}


def test_what_is_in_quarantine(store: Store) -> None:
    clock = Stepped()
    opened(store, clock).metrics()
    clock.by = HOUR
    body = b'{"id": 7}'
    assert opened(store, clock).receive(body, signed(body, clock.now())).verdict == "quarantined"
    clock.by = 0.0
    inbox = opened(store, clock)
    assert inbox.process(lambda _: None, external_effect=True) is False
    [found] = inbox.kept("quarantined")
    assert found.attempts == 1


@BY
def test_the_pace_of_bulk_work(store: Store, by: float, monkeypatch: pytest.MonkeyPatch) -> None:
    waited: list[float] = []
    monkeypatch.setattr(limiting, "sync_sleep", lambda _, seconds: waited.append(seconds))
    clock = Stepped()
    rate_limiter = RateLimiter(store, mode="test", rate=0.05, clock=clock)
    rate_limiter.acquire()
    clock.by = by
    rate_limiter.acquire()
    [seconds] = waited
    assert seconds <= 20.0
