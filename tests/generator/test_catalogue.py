"""The catalogue of oasdiff is the measure: each of its checks has a row that judges alike, or a reason."""

from __future__ import annotations

from pathlib import Path

import pytest
from attrs import frozen

from tests.generator.alterations import ALTERATIONS
from tests.generator.positions import POSITIONS, steps_at

FILE = Path(__file__).with_name("oasdiff.tsv")
#: Where we judge otherwise: its name in the file, and the reason.
REASONS = {
    "policy": "A rule of the vendor's on what he announces and when: told, and on that day it breaks nobody.",
    "gone": "However long it was announced: whoever calls or sends it has to stop.",
    "key": "Whoever signs in that way is not let in any more.",
    "name": "Generated code is called by this name, and our rows name it: told as called otherwise.",
    "tag": "The first tag is the module of the generated client, which our rows name; others name nothing.",
    "left out": "Whoever leaves it out sends something else now.",
    "tuple": "A place of a tuple that is described binds what was free there; oasdiff counts one place more.",
    "taken": "What was taken is taken as before.",
    "looser": "Who reads may meet what could not come before: an amount with commas, say.",
    "not taken": "What somebody sends is not taken any more.",
    "demanded": "Nobody could send it, and everybody has to.",
    "not sent": "What somebody reads does not come any more.",
    "comes": "One field more that comes: unknown fields are kept.",
    "kept": "The client keeps values that it does not know.",
    "media": "A client asks for one media type by its name, and reads that one.",
    "text": "On the wire it is text; who reads it as what it was may not be able to any more.",
}


@frozen
class Check:
    """One check of oasdiff's. row: What stands for it, if anything; why: What is said instead."""

    id: str
    level: str
    row: str
    why: str

    @property
    def breaks(self) -> bool:
        return self.level != "info"


def _read(line: str) -> Check:
    id, level, told, *reason = line.split("\t")
    if told.startswith("-"):
        return Check(id, level, "", told[1:])
    return Check(id, level, id if told == "=" else told, *reason or [""])


LINES = [line for line in FILE.read_text("utf-8").splitlines() if not line.startswith("#")]
CHECKS = [_read(line) for line in LINES]
#: Every row of the suite by its name, and whether it breaks anybody.
ROWS = {row.name: row.breaks for row in ALTERATIONS} | {
    f"{name}-{step.name}": position.side in step.breaks
    for name, position in POSITIONS.items()
    for step in steps_at(position)
}


def test_the_catalogue_is_whole() -> None:
    assert len({check.id for check in CHECKS}) == len(CHECKS) == 509
    assert {check.level for check in CHECKS} == {"error", "warning", "info"}


@pytest.mark.parametrize("check", CHECKS, ids=[check.id for check in CHECKS])
def test_a_check_has_its_row_or_its_reason(check: Check) -> None:
    if not check.row:
        assert check.why.endswith(".")
    elif ROWS[check.row] != check.breaks:
        assert check.why in REASONS
    else:
        assert not check.why


def test_few_checks_have_no_row_and_no_reason_stands_for_nothing() -> None:
    assert len([check for check in CHECKS if not check.row]) == 6
    assert {check.why for check in CHECKS if check.row and check.why} == REASONS.keys()
