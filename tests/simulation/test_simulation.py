"""What a journal is for, over whole lives of orders in every profile; a tenth of `nox -s simulate`."""

from __future__ import annotations

import os
from typing import Any

import pytest
from zerogate._sync.search import Search
from zerogate.journal import Looked
from zerogate_sandbox import PROFILES

from tests.simulation.shop import lived, lived_without

SCHEDULES = int(os.environ.get("ZEROGATE_SCHEDULES", "1000"))


@pytest.fixture(autouse=True)
def _quiet(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("CRITICAL", logger="zerogate")


@pytest.mark.parametrize("profile", PROFILES)
def test_no_order_is_paid_twice_or_lost_and_no_session_is_an_orphan(profile: str) -> None:
    for seed in range(SCHEDULES):
        wrong = lived(seed, profile).judged()
        assert not wrong, f"python -m tests.simulation --profile {profile} --seed {seed}"


def test_the_same_seed_is_the_same_life() -> None:
    def told(seed: int) -> Any:
        shop = lived(seed, "hostile")
        return shop.judged(), shop.sandbox.books(), shop.stage.time

    for seed in range(5):
        assert told(seed) == told(seed)


def test_a_client_with_a_new_key_per_attempt_makes_three_in_ten_orders_twice() -> None:
    """The control: where this one does no harm, the weather proves nothing."""
    lives = [lived_without(seed, "documented") for seed in range(200)]
    orders, twice = (sum(column) for column in zip(*lives, strict=True))
    assert twice / orders > 0.3


def test_a_journal_that_does_not_look_first_leaves_orphans(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        Search,
        "sessions",
        lambda self, intents, ends: {one.key: Looked(complete=True) for one in intents},
    )
    assert any(lived(seed, "forgetful").judged() for seed in range(30))
