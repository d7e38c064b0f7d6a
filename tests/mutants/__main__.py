"""Runs the tests near a module against each small change of it: `python -m tests.mutants money --sample 40`.

The changes are cosmic-ray's. Each is tried in a fork, by the tests that run through its line, up to the first
that fails; no file is changed. What is not noticed has to stand in `known.py`, with its reason.
"""

from __future__ import annotations

import argparse
import json
import random
import select
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Final

import attrs

from tests.mutants import running
from tests.mutants.changes import Change, changes_of, concerned
from tests.mutants.known import KNOWN
from tests.mutants.modules import MODULES, Module

ROOT: Final = Path(__file__).resolve().parents[2]
#: Of those that were tried, so many have to be noticed.
ENOUGH: Final = 0.9
#: Exit codes of a run in which nothing was tried: it could not be begun, or had no test.
_TOLD_NOTHING: Final = (99, 5)
#: Seconds after which one that only waits counts as noticed.
WAITS: Final = 300


@attrs.frozen
class Tried:
    """Result of one change. by: The test that failed, or how it ended otherwise; None: unnoticed."""

    change: Change
    by: str | None


def main(argv: list[str]) -> int:
    asked = argparse.ArgumentParser(prog="python -m tests.mutants", description=__doc__)
    asked.add_argument("module", choices=list(MODULES))
    asked.add_argument("--sample", type=int, help="try so many of the changes, drawn by --seed")
    asked.add_argument("--seed", type=int, default=1)
    asked.add_argument("--jobs", type=int, default=2, help="so many at a time (2)")
    asked.add_argument("--survivors", type=Path, help="write what was not noticed, as JSON")
    asked.add_argument("--again", type=Path, help="try those alone that such a file names")
    given = asked.parse_args(argv)
    module = MODULES[given.module]
    found = running.baseline(ROOT / module.path, module.tests)
    changes = changes_of((ROOT / module.path).read_text("utf-8"))
    if given.again:
        names = {(one["where"], one["after"]) for one in json.loads(given.again.read_text("utf-8"))}
        changes = [one for one in changes if (one.where, one.after) in names]
    whole = given.sample is None and given.again is None
    if given.sample is not None:
        changes = random.Random(given.seed).sample(changes, min(given.sample, len(changes)))
    running.import_ahead(found.modules)
    tried = _tried(Tests(module, found, given.jobs), changes)
    if given.survivors:
        missed = [attrs.asdict(one.change) | {"text": ""} for one in tried if one.by is None]
        given.survivors.write_text(json.dumps(missed, indent=1), "utf-8")
    return _told(given.module, tried, whole=whole)


@attrs.frozen
class Tests:
    """The tests of a module, what each of them runs through, and how many run at a time."""

    module: Module
    found: running.Baseline
    jobs: int

    @property
    def path(self) -> Path:
        return ROOT / self.module.path

    def of(self, change: Change) -> list[str]:
        return concerned(change, self.found.reached, self.module.tests[0])

    def attempt(self, text: str, tests: Sequence[str]) -> running.Fork:
        cpu = 5 + self.found.allowed(tests)
        return running.attempt(self.module.name, self.path, text, tests, cpu)


def _tried(tests: Tests, changes: Sequence[Change]) -> list[Tried]:
    """Try the changes: inside of functions quickly at first, and whole what that did not notice.

    What is done at import concerns every test: those of the nearest file are the first to look.
    """
    text, everything = tests.path.read_text("utf-8"), list(tests.found.reached)
    ends: dict[int, str | None] = {}
    numbered = {number: change for number, change in enumerate(changes) if tests.of(change)}
    quick = {number: change for number, change in numbered.items() if not change.at_import}

    def quickly(collected: running.Collected) -> dict[str, Any]:
        def begin(text: str, chosen: Sequence[str]) -> running.Fork:
            return collected.attempt(text, chosen, tests.found)

        if said := _by(begin(text, everything).result(WAITS)):
            return {"": said}
        begun = {
            number: partial(begin, change.text, tests.of(change))
            for number, change in quick.items()
        }
        return {str(number): said for number, said in _pool(begun, tests.jobs)}

    if quick:
        said = running.with_collected(tests.path, tests.module.tests, quickly)
        if "" in said:
            sys.exit(f"noticed without a change: {said}")
        ends |= {int(number): end for number, end in said.items()}
    if said := _by(tests.attempt(text, everything).result(WAITS)):
        sys.exit(f"noticed without a change: {said}")
    whole = {
        number: partial(tests.attempt, change.text, tests.of(change))
        for number, change in numbered.items()
        if ends.get(number) is None
    }
    ends |= dict(_pool(whole, tests.jobs))
    others = [test for test in everything if not test.startswith(tests.module.tests[0])]
    farther = {
        number: partial(tests.attempt, change.text, others)
        for number, change in numbered.items()
        if others and change.at_import and ends[number] is None
    }
    ends |= dict(_pool(farther, tests.jobs))
    return [Tried(change, ends.get(number)) for number, change in enumerate(changes)]


def _pool(
    begin: Mapping[int, Callable[[], running.Fork]], jobs: int
) -> Iterator[tuple[int, str | None]]:
    """Begin some at a time; yield the number of each with what came of it."""
    left = iter(begin.items())
    under_way: dict[running.Fork, int] = {}
    while True:
        while len(under_way) < jobs and (following := next(left, None)) is not None:
            under_way[following[1]()] = following[0]
        if not under_way:
            return
        select.select(list(under_way), [], [], 5)
        for fork in list(under_way):
            ready = select.select([fork], [], [], 0)[0]
            if (ready and fork.read()) or time.monotonic() > fork.begun + WAITS:
                yield under_way.pop(fork), _by(fork.end())


def _by(said: Mapping[str, Any] | None) -> str | None:
    """Return what noticed a change, from the result of its fork: a test, or how the run ended."""
    if said is None:
        return "did not end"
    if said["code"] in _TOLD_NOTHING:
        sys.exit(f"a run told nothing: {said}")
    failed = [*said["failed"], f"exit {said['code']}"]
    return None if said["code"] == 0 else str(failed[0])


def _told(name: str, tried: Sequence[Tried], *, whole: bool) -> int:
    """Print how many changes were noticed, and each that was not; return the exit code."""
    known = [(one.where, part) for one in KNOWN.get(name, ()) for part in one.parts]
    met: set[tuple[str, str]] = set()
    missed = [one.change for one in tried if one.by is None]
    unlisted = 0
    for change in missed:
        found = {(where, part) for where, part in known if _is(change, where, part)}
        met |= found
        if not found:
            unlisted += 1
            print(f"not noticed: line {change.line}, {change.where}, {change.operator}")
            print(f"    -{change.before}\n    +{change.after}")
    stale = [place for place in known if place not in met] if whole else []
    for where, part in stale:
        print(f"in known.py, and noticed or gone: {where}: {part}")
    ends = Counter((one.by or "").split("::")[0] for one in tried if one.by is not None)
    print(", ".join(f"{count} by {what}" for what, count in ends.most_common()))
    noticed = len(tried) - len(missed)
    share = noticed / len(tried) if tried else 1.0
    print(
        f"{name}: {noticed} of {len(tried)} noticed ({share:.1%}), "
        f"{len(missed) - unlisted} known, {unlisted} not"
    )
    return 0 if share >= ENOUGH and not unlisted and not stale else 1


def _is(change: Change, where: str, part: str) -> bool:
    gone = part.startswith("- ")
    shown, other = (change.before, change.after) if gone else (change.after, change.before)
    text = part.removeprefix("- ")
    return change.where == where and text in shown and text not in other


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
