"""Two hundred and more alterations of a contract: none is passed over, and each breaks whom it breaks."""

from __future__ import annotations

import copy
import json
import re
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from openapi.regenerate import check, factlist, facts, report, source
from openapi.regenerate.prepare import prepare
from openapi.regenerate.refused import Refused
from tests.generator.alterations import ALTERATIONS, Alteration

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


@pytest.mark.parametrize("row", ALTERATIONS, ids=[row.name for row in ALTERATIONS])
def test_an_alteration_is_named_and_marked(row: Alteration) -> None:
    document = copy.deepcopy(contract())
    row.alter(document)
    assert json.dumps(document) != json.dumps(contract())

    found = report.compare(committed(), factlist.facts_of(prepare(document)))

    assert Counter(map(told, found.changes)) == Counter(row.expected)
    assert tuple(f"{old} -> {new}" for old, new in found.renamed.items()) == row.renamed
    assert found.breaking == row.breaks
    shown = report.as_text(found)
    assert bool(shown) == bool(row.expected or row.renamed)
    assert len(shown.partition("\n\n")[0].splitlines()) <= 25
    assert all(line.split(" ")[2] in shown for line in row.expected)


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
