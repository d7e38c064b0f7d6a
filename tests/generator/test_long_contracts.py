"""The text of a contract is read in work that grows with its length: counted, not timed."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from openapi.regenerate import kinds, limits
from openapi.regenerate.facts import read_line
from openapi.regenerate.limits import LONGEST_SAMPLE, longest_sample, pattern_narrows
from openapi.regenerate.prose import sentences, units
from openapi.regenerate.refused import Refused
from openapi.regenerate.renames import renames
from openapi.regenerate.source import parse
from tests import backtracking
from tests.working import grows_faster

TEXTS: dict[str, Callable[[int], str]] = {
    "open braces": lambda n: "{" * n,
    "open brackets": lambda n: " [" * (n // 2),
    "an open text of escapes": lambda n: '"' + '\\"' * (n // 2),
    "texts": lambda n: '"a"' * (n // 3),
    "limits": lambda n: "string" + " {" * (n // 2),
    "either": lambda n: "string" + " or string" * (n // 10),
    "commas": lambda n: "a, " * (n // 3),
    "sentences": lambda n: "An amount in cents. " * (n // 20),
    "blank lines": lambda n: "\n \t" * (n // 3),
    "blanks": lambda n: "." + " " * n,
    "numbers": lambda n: "1." * (n // 2),
    "letters": lambda n: "A" * n,
    "dashes": lambda n: "-" * n,
}


def refusing(read: Callable[[str], object]) -> Callable[[str], object]:
    def call(text: str) -> object:
        try:
            return read(text)
        except Refused:
            return None

    return call


READERS: dict[str, Callable[[str], object]] = {
    "a file": lambda text: parse(text, "contract.yaml"),
    "a description": sentences,
    "units": units,
    "a type": lambda text: kinds.kinds(text),
    "a fact": lambda text: read_line(f"field Session.amount: {text}"),
    "an operation": lambda text: renames(
        [read_line(f"operation a: {text}")], [read_line(f"operation b: {text} ")]
    ),
}


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("text", TEXTS)
def test_the_work_does_not_grow_faster_than_the_text(reader: str, text: str) -> None:
    assert grows_faster(refusing(READERS[reader]), TEXTS[text], 300) is None


SLOW = {
    "many repetitions": "a*" * 8 + "c",
    "many that may be there": "a?" * 30 + "a" * 30,
    "many ways": "(?:a|a)" * 20 + "c",
    "long bounds": "a{0,200}" * 6 + "c",
    "lazily": ".*?" * 9 + "c",
}


@pytest.mark.parametrize("pattern", SLOW.values(), ids=SLOW)
def test_a_pattern_of_a_stranger_is_tried_on_no_text_that_it_is_slow_on(
    pattern: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert longest_sample(pattern) < 40
    # Fewer than are allowed, for here each is a few lines of Python; one try is a step for each part.
    monkeypatch.setattr(limits, "MOST_STEPS", 10_000)
    monkeypatch.setattr(backtracking, "_MOST", 200_000)
    backtracking.Engine(re.compile(pattern)).all("a" * longest_sample(pattern))
    with pytest.raises(backtracking.Unbounded):
        backtracking.Engine(re.compile(pattern)).all("a" * LONGEST_SAMPLE)
    assert pattern_narrows("^[a-z]{1,3}$", pattern) in (True, False)


@pytest.mark.parametrize(
    "pattern", [r"^[A-Z]{3}$", "^(EUR|USD|GBP)$", r"^0x[0-9a-f]{40}$", "^.{1,128}$"]
)
def test_a_plain_pattern_is_tried_on_all(pattern: str) -> None:
    assert longest_sample(pattern) == LONGEST_SAMPLE
