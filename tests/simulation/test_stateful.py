"""Client, store and world as a state machine: Hypothesis chooses the deeds, and makes a failure small."""

from __future__ import annotations

import logging
import os
from functools import partial
from typing import Any

import hypothesis.strategies as st
from hypothesis import HealthCheck, settings
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from zerogate_sandbox import PROFILES, Sandbox

from tests.simulation.shop import Shop
from tests.simulation.stage import Stage
from tests.simulation.weather import Disk, Weather

ORDERS = st.sampled_from(["order-0", "order-1"])
DEEDS = st.sampled_from(
    [Shop.create, Shop.intend, Shop.create_next, Shop.reissue, Shop.resolve, Shop.cancel]
)
SKIES = st.builds(
    Weather,
    faults=st.sampled_from([0.0, 0.3, 0.7, 1.0]),
    deaths=st.sampled_from([0.0, 0.05, 0.3]),
    disk=st.sampled_from([0.0, 0.1, 0.5]),
    stalls=st.sampled_from([0.0, 0.05]),
)
PAUSES = st.sampled_from([0.0, 0.1, 1.0, 30.0, 130.0, 700.0, 4000.0, 90_000.0])


class Life(RuleBasedStateMachine):
    """One shop; what is wrong is said by `Shop`."""

    shop: Shop

    @initialize(seed=st.integers(0, 2**32), profile=st.sampled_from(sorted(PROFILES)))
    def opens(self, seed: int, profile: str) -> None:
        logging.disable(logging.CRITICAL)
        stage = Stage(seed)
        sandbox = Sandbox(seed=seed, clock=stage, profile=profile)
        self.shop = Shop(stage, sandbox, Weather(faults=0.0), Disk(stage))

    @rule(deed=DEEDS, order=ORDERS, after=st.sampled_from([0.0, 0.01, 1.0]))
    def somebody_does(self, deed: Any, order: str, after: float) -> None:
        self.shop.stage.act(after, partial(deed, self.shop, order))

    @rule()
    def somebody_recovers(self) -> None:
        self.shop.stage.act(0.0, self.shop.recover)

    @rule(sky=SKIES)
    def the_weather_changes(self, sky: Weather) -> None:
        self.shop.weather = sky

    @rule(seconds=PAUSES)
    def time_passes(self, seconds: float) -> None:
        self.shop.stage.run(until=self.shop.stage.time + seconds)

    @invariant()
    def nothing_is_wrong_so_far(self) -> None:
        assert not getattr(self, "shop", None) or not self.shop.wrong

    def teardown(self) -> None:
        try:
            if getattr(self, "shop", None):
                assert not self.shop.judged()
        finally:
            logging.disable(logging.NOTSET)


TestLife = Life.TestCase
TestLife.settings = settings(
    max_examples=int(os.environ.get("ZEROGATE_LIVES", "40")),
    stateful_step_count=50,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
