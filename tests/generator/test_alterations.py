"""Two hundred and more alterations of a contract: none is passed over, and each breaks whom it breaks."""

from __future__ import annotations

import copy
import io
import json
import re
import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import redirect_stderr, redirect_stdout
from functools import cache
from operator import attrgetter
from pathlib import Path
from typing import Any

import pytest
from attrs import frozen

from openapi.regenerate import check, factlist, facts, report, source, steps
from openapi.regenerate.cli import main
from openapi.regenerate.prepare import prepare
from openapi.regenerate.refused import Refused
from tests.generator import gate_like_house
from tests.generator.alterations import ALTERATIONS, Alteration
from tests.thorough import divided

CONTRACT = Path(__file__).with_name("gate_like.yaml")
LETTERS = {"R": report.Mark.READERS, "W": report.Mark.WRITERS, "M": report.Mark.WORDS,
           "A": report.Mark.ADDITIVE}  # fmt: skip


@cache
def contract() -> Any:
    return source.parse(CONTRACT.read_text("utf-8"), "gate_like.yaml")


@cache
def committed() -> list[facts.Fact]:
    """As a committed API.md has them, so that what is compared has been written and read back."""
    return written(contract())


def written(document: Any) -> list[facts.Fact]:
    return facts.read_back(factlist.api_md(prepare(document)))


def told(change: report.Change) -> str:
    fact = change.after or change.before
    assert fact is not None
    sign = "+" if change.before is None else "-" if change.after is None else "~"
    letters = "".join(letter for letter, mark in LETTERS.items() if mark in change.marks)
    return f"{sign} {fact.kind} {fact.name} {letters}"


def altered(row: Alteration) -> Any:
    document = copy.deepcopy(contract())
    row.alter(document)
    return document


@frozen
class Bump:
    """Answer of the command to a contract: its exit code, its report as JSON, its errors."""

    code: int
    report: dict[str, Any]
    err: str


@pytest.fixture(scope="module")
def bump(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[Any], Bump]]:
    """The whole command, in a tree with a small façade; it makes no client, as test_rehearsals.py does."""
    root = tmp_path_factory.mktemp("gate-like")
    gate_like_house.build(root)
    for folder in ("openapi", "generated"):
        (root / folder).mkdir()
    shutil.copy(CONTRACT, root / "openapi/gate-v1.yaml")
    (root / "openapi/overlay.yaml").write_text(OVERLAY, "utf-8")
    (root / "generated/API.md").write_text(factlist.api_md(prepare(contract())), "utf-8")

    def run(document: Any) -> Bump:
        given = root / "bump.json"
        given.write_text(json.dumps(document), "utf-8")
        out, err = io.StringIO(), io.StringIO()
        with redirect_stdout(out), redirect_stderr(err):
            code = main(["--spec", str(given), "--format", "json"], root)
        return Bump(code, json.loads(out.getvalue()), err.getvalue())

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(steps, "_replace", lambda *_, **__: [])
        yield run


#: A correction has to match something, and means nothing here.
OVERLAY = """\
overlay: 1.0.0
info: { title: Nothing, version: "1" }
actions: [{ target: "$", description: A mark., update: { x-corrected: true } }]
"""
#: Row of the suite -> the lines to write or change in the small façade.
BY_HAND: dict[str, list[str]] = json.loads(
    CONTRACT.with_name("gate_like_by_hand.json").read_text("utf-8")
)


@pytest.mark.parametrize("row", ALTERATIONS, ids=[row.name for row in ALTERATIONS])
def test_an_alteration_is_named_and_marked(row: Alteration) -> None:
    document = altered(row)
    assert json.dumps(document) != json.dumps(contract())

    found = report.compare(committed(), factlist.facts_of(prepare(document)))

    assert Counter(map(told, found.changes)) == Counter(row.expected)
    assert tuple(f"{old} -> {new}" for old, new in found.renamed.items()) == row.renamed
    assert found.breaking == row.breaks
    shown = report.as_text(found)
    assert bool(shown) == bool(row.expected or row.renamed)
    assert len(shown.partition("\n\n")[0].splitlines()) <= 25
    assert all(line.split(" ")[2] in shown for line in row.expected)


@pytest.mark.parametrize(
    "row",
    divided(
        ALTERATIONS, lambda row: row.refused or row in ALTERATIONS[::10], name=attrgetter("name")
    ),
)
def test_the_command_says_the_same_and_places_it(
    row: Alteration, bump: Callable[[Any], Bump]
) -> None:
    """Four alterations in five say it by the command in `nox -s thorough` alone."""
    document = altered(row)
    found = report.compare(committed(), factlist.facts_of(prepare(document)))

    done = bump(document)

    assert done.code == (2 if row.refused else 3 if row.breaks else 0), done.err
    assert row.refused in done.err
    assert done.report["adopted"] == (not row.refused)
    marks = [[str(mark) for mark in change.marks] for change in found.changes]
    assert [one["marks"] for one in done.report["changes"]] == marks
    assert [*done.report["not_covered"], *done.report["stale"]] == BY_HAND.get(row.name, [])


def test_the_small_facade_covers_the_contract_as_it_is(bump: Callable[[Any], Bump]) -> None:
    done = bump(contract())
    assert (done.code, done.report["not_covered"], done.report["stale"]) == (0, [], [])


def test_every_row_with_lines_to_write_is_a_row() -> None:
    assert BY_HAND.keys() <= {row.name for row in ALTERATIONS}
    assert len(BY_HAND) > 70


#: What may go without a word: prose that tells nothing, a `type` beside values that say it already, and a
#: `format: password` that our own rule puts back.
HARMLESS = re.compile(
    r".*/(summary|type)|webhooks/session.completed/post/description|.*/note/description"
    r"|.*/client_secret/format"
)


def test_no_word_can_be_taken_out_without_being_told() -> None:
    silent = []
    for place in places(contract()):
        document = copy.deepcopy(contract())
        holder = document
        for part in place[:-1]:
            holder = holder[part]
        del holder[place[-1]]
        if not HARMLESS.fullmatch("/".join(map(str, place))) and is_silent(document):
            silent.append(place)
    assert silent == []


def places(node: Any, above: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Where a word, a number or a flag stands."""
    inside = (
        node.items()
        if isinstance(node, dict)
        else enumerate(node)
        if isinstance(node, list)
        else ()
    )
    for key, value in inside:
        if not isinstance(value, dict | list):
            yield (*above, key)
        yield from places(value, (*above, key))


def is_silent(document: Any) -> bool:
    """What breaks a reference or a rule of OpenAPI is refused, with its place, and so not silent."""
    try:
        if report.compare(committed(), factlist.facts_of(prepare(document))):
            return False
    except (Refused, AttributeError, KeyError, TypeError):
        pass
    return not check.unsound(document, "a contract")


def test_there_are_enough_of_them_and_no_two_are_called_the_same() -> None:
    names = [row.name for row in ALTERATIONS]
    assert len(names) == len(set(names)) >= 200
