"""A limit on requests a second: its arithmetic, and what it refuses to be made of."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest
from zerogate import GateUsageError
from zerogate_sandbox import VirtualClock
from zerogate_store import RateLimiter, Store
from zerogate_store._rate_limit import RateState

START = RateState(rate=5.0)


def test_slots_follow_each_other_and_a_pause_saves_none_up() -> None:
    first = START.taken(100.0, 1, 5.0)
    assert first.next_at == pytest.approx(100.2)
    assert first.taken(100.0, 3, 5.0).next_at == pytest.approx(100.8)
    assert first.taken(500.0, 1, 5.0).next_at == pytest.approx(500.2)


def test_of_several_429_in_a_second_the_first_counts() -> None:
    slowed = START.slowed(100.0)
    assert slowed.rate == 2.5
    assert slowed.slowed(100.9) == slowed
    assert slowed.slowed(101.0).rate == 1.25


def test_a_rate_comes_back_to_what_it_was_and_never_falls_to_nothing() -> None:
    state = START
    for second in range(50):
        state = state.slowed(100.0 + 2 * second)
    assert state.rate == 0.05
    for _ in range(300):
        state = state.taken(200.0, 1, 5.0)
    assert state.rate == 5.0


def test_without_a_limit_nobody_waits() -> None:
    clock = VirtualClock()
    begun, limiter = clock.now(), RateLimiter(rate=math.inf, clock=clock)
    for _ in range(100):
        limiter.acquire()
        limiter.back_off()
    assert clock.now() == begun


@pytest.mark.parametrize("rate", [0, -1, math.nan])
def test_a_rate_that_is_none_is_refused(rate: float) -> None:
    with pytest.raises(GateUsageError, match="more than zero"):
        RateLimiter(rate=rate)


def test_a_limit_in_a_store_is_one_modes(tmp_path: Path) -> None:
    store: Any = Store(f"sqlite:///{tmp_path}/gate.db")
    with pytest.raises(GateUsageError, match="mode='test' or 'live'"):
        RateLimiter(store)
    store.close()


def test_a_429_raises_no_rate_however_low() -> None:
    assert RateState(rate=0.01).slowed(100.0).rate == 0.01
