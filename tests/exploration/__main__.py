"""Explores everything and says how many states that were: `python -m tests.exploration --troubles 1`."""

from __future__ import annotations

import argparse
import logging
import sys
import time
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from attrs import evolve

from tests.exploration.broken_rules import BROKEN_INBOXES, BROKEN_RULES
from tests.exploration.events import Postroom, Trouble
from tests.exploration.profiles import DIFFERENT
from tests.exploration.search import Explored, explore
from tests.exploration.writes import SCENARIOS, World
from tests.simulation.life import collect_rarely


def main(argv: list[str]) -> int:
    asked = argparse.ArgumentParser(prog="python -m tests.exploration", description=__doc__)
    asked.add_argument("--scenario", choices=[*SCENARIOS, "inbox", "broken"], help="this one alone")
    asked.add_argument("--profile", choices=list(DIFFERENT), help="in this one alone")
    asked.add_argument("--troubles", type=int, default=1, help="that may come in one story (1)")
    asked.add_argument(
        "--most", type=int, help="steps to try in each, if they do not all end before"
    )
    given = asked.parse_args(argv)
    logging.disable(logging.CRITICAL)
    collect_rarely()
    wrong = 0
    profiles = [given.profile] if given.profile else list(DIFFERENT)
    for name in SCENARIOS if given.scenario is None else {given.scenario} & set(SCENARIOS):
        scenario = evolve(SCENARIOS[name], most=given.troubles)
        for profile in profiles:
            make = partial(World, scenario, DIFFERENT[profile])
            wrong += told(f"{name}, {profile}", make, given.most)
    if given.scenario in (None, "inbox"):
        trouble = Trouble(most=given.troubles)
        wrong += told("inbox", partial(Postroom, trouble), given.most)
    if given.scenario in (None, "broken"):
        wrong += not all_found()
    return 1 if wrong else 0


def told(name: str, make: Callable[[], Any], most: int | None) -> bool:
    """Explore one system and print what came of it; whether something is wrong."""
    begun = time.monotonic()
    result = explore(make, most=most)
    print(f"{name}: {result}, {time.monotonic() - begun:.0f} s", flush=True)
    if result.found is not None:
        print(result.found, flush=True)
    return result.found is not None


def all_found() -> bool:
    """Take each rule away, and print how its harm shows; whether all did."""
    found = True
    for name, rule in BROKEN_RULES.items():
        with pytest.MonkeyPatch.context() as patch:
            rule.take_away(patch)
            make = partial(World, rule.of(SCENARIOS[rule.scenario]), DIFFERENT[rule.profile])
            found = _harm(name, explore(make)) and found
    for name, broken in BROKEN_INBOXES.items():
        with pytest.MonkeyPatch.context() as patch:
            broken.take_away(patch)
            found = _harm(f"inbox, {name}", explore(partial(Postroom, Trouble()))) and found
    return found


def _harm(name: str, result: Explored) -> bool:
    if result.found is None:
        print(f"{name}: not found, {result}", flush=True)
        return False
    print(f"{name}: found in {result.states} states, told in {len(result.found.steps)} steps")
    print(result.found, flush=True)
    return True


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
