"""Client, store and world as a state machine: Hypothesis chooses the deeds, and makes a failure small."""

from __future__ import annotations

import logging
import os
from functools import partial
from typing import Any

import hypothesis.strategies as st
from hypothesis import HealthCheck, settings
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from tests.simulation.life import Life
from tests.simulation.plans import STREETS
from tests.simulation.profiles import SKIES
from tests.simulation.shop import Shop
from tests.simulation.weather import Weather

ORDERS = st.sampled_from(["order-0", "order-1"])
DEEDS = st.sampled_from(
    [
        *(Shop.create, Shop.intend, Shop.create_next, Shop.reissue, Shop.resolve, Shop.cancel),
        *(Shop.change, Shop.ask),
    ]
)
SKY = st.builds(
    Weather,
    faults=st.sampled_from([0.0, 0.3, 0.7, 1.0]),
    strange=st.sampled_from([0.0, 0.1, 0.5]),
    deaths=st.sampled_from([0.0, 0.05, 0.3]),
    disk=st.sampled_from([0.0, 0.1, 0.5]),
    stalls=st.sampled_from([0.0, 0.05]),
)
PAUSES = st.sampled_from([0.0, 0.1, 1.0, 30.0, 130.0, 700.0, 4000.0, 90_000.0])


class Lives(RuleBasedStateMachine):
    """One street of shops; what is wrong is said by the judge."""

    life: Life

    @initialize(
        seed=st.integers(0, 2**32),
        profile=st.sampled_from(sorted(SKIES)),
        shops=st.sampled_from([shops for shops, _ in STREETS]),
        flow=st.sampled_from(["create", "reconcile", None]),
    )
    def opens(self, seed: int, profile: str, shops: dict[str, str], flow: str | None) -> None:
        logging.disable(logging.CRITICAL)
        calm = Weather(faults=0.0)
        self.life = Life(
            seed, profile, weather=calm, shops=shops, orders=2, flow=flow, odd=None, loss=None
        )

    @rule(number=st.integers(0, 1), deed=DEEDS, order=ORDERS, after=st.sampled_from([0.0, 0.01, 1]))
    def somebody_does(self, number: int, deed: Any, order: str, after: float) -> None:
        shop = self.life.shops[number % len(self.life.shops)]
        self.life.stage.act(after, partial(deed, shop, order))

    @rule()
    def somebody_recovers(self) -> None:
        self.life.stage.act(0.0, self.life.shops[0].recover)

    @rule(sky=SKY)
    def the_weather_changes(self, sky: Weather) -> None:
        for shop in self.life.shops:
            shop.weather = sky

    @rule(seconds=PAUSES)
    def time_passes(self, seconds: float) -> None:
        self.life.stage.run(until=self.life.stage.time + seconds)

    @invariant()
    def no_two_sessions_are_open_whose_secrets_were_handed_out(self) -> None:
        if hasattr(self, "life"):
            assert not [one for one in self.life.diary.of("handed") if one["open_too"]]

    def teardown(self) -> None:
        try:
            if hasattr(self, "life"):
                assert not self.life.judged()
        finally:
            logging.disable(logging.NOTSET)


TestLife = Lives.TestCase
TestLife.settings = settings(
    max_examples=int(os.environ.get("ZEROGATE_LIVES", "15")),
    stateful_step_count=30,
    suppress_health_check=list(HealthCheck),
)
