"""Every step of every keyword at every position breaks whom it breaks, and none goes without a word."""

from __future__ import annotations

import copy
from functools import cache

import pytest

from openapi.regenerate import factlist, report
from openapi.regenerate.prepare import prepare
from tests.generator.positions import POSITIONS, WRAPPINGS, altered, expected
from tests.generator.test_alterations import contract, told, written


@cache
def lines(position: str) -> tuple[str, ...]:
    """Return what the report says of all steps at once: each has a name of its own there."""
    old, new = copy.deepcopy(contract()), copy.deepcopy(contract())
    altered(old, POSITIONS[position], after=False)
    altered(new, POSITIONS[position], after=True)
    found = report.compare(written(old), factlist.facts_of(prepare(new)))
    assert not found.renamed
    return tuple(map(told, found.changes))


@pytest.mark.parametrize("position", POSITIONS)
def test_every_step_is_named_and_marked_for_the_side_it_is_on(position: str) -> None:
    steps = expected(POSITIONS[position])
    wanted = [line for told_of in steps.values() for line in told_of]
    assert len(steps) > 100
    assert sorted(lines(position)) == sorted(wanted)


@pytest.mark.parametrize("wrapping", WRAPPINGS)
@pytest.mark.parametrize("position", ["request-property", "response-property", "request-parameter"])
def test_a_step_inside_of_something_breaks_the_same_people(position: str, wrapping: str) -> None:
    old, new = copy.deepcopy(contract()), copy.deepcopy(contract())
    altered(old, POSITIONS[position], after=False, wrap=WRAPPINGS[wrapping])
    altered(new, POSITIONS[position], after=True, wrap=WRAPPINGS[wrapping])
    found = report.compare(written(old), factlist.facts_of(prepare(new)))

    wanted = expected(POSITIONS[position])
    if wrapping == "it or null":
        # It is so already.
        wanted |= {"became-nullable": (), "became-not-nullable": ()}
    assert sorted(map(told, found.changes)) == sorted(line for of in wanted.values() for line in of)
