"""The report for a reviewer: one screen, the rest folded; the same for scripts and for GitHub."""

from __future__ import annotations

import json
import re

import pytest

from openapi.regenerate.changes import Change, Report, compare
from openapi.regenerate.facts import Fact
from openapi.regenerate.screens import (
    FIRST_SCREEN,
    LARGEST_MARKDOWN,
    as_annotations,
    as_json,
    as_markdown,
    as_text,
    changelog,
    first_screen,
    suggested,
    verdict,
)
from openapi.regenerate.verdicts import Mark

STATUS = Fact("enum", 'SessionStatus "reversed"')
PHONE = Fact("field", "Customer.phone", "string", required=True)


def gone(fact: Fact) -> Change:
    return Change(fact, None, (Mark.READERS,))


def new(fact: Fact) -> Change:
    return Change(None, fact, (Mark.ADDITIVE,))


def many(count: int) -> Report:
    fields = (Fact("field", f"M{n}.f{n}", "string", required=True) for n in range(count))
    lines = tuple(f"facade/zerogate/m{n}.py:{n}: reads the field f{n}" for n in range(count))
    return Report({f"A{n}": f"B{n}" for n in range(count)}, tuple(map(gone, fields)), stale=lines)


@pytest.mark.parametrize("count", [1, 3, 5, 2000])
def test_the_first_screen_fits_one(count: int) -> None:
    lines = first_screen(many(count))
    assert len(lines) <= FIRST_SCREEN
    assert all(len(line) <= 170 for line in lines)
    assert lines[0].startswith("Breaking: ")
    assert "Write or change:" in lines


@pytest.mark.parametrize(
    ("changes", "word", "version"),
    [
        ((gone(PHONE), new(STATUS)), "Breaking", "the next major (below 1.0: the next minor)"),
        ((new(STATUS),), "Additive", "the next minor (below 1.0: the next patch)"),
        ((Change(PHONE, PHONE, (Mark.WORDS,)),), "Additive", "the next patch"),
        ((), "No change", "as it is"),
    ],
)
def test_a_verdict_suggests_a_version(changes: tuple[Change, ...], word: str, version: str) -> None:
    report = Report({}, changes)
    assert (verdict(report), suggested(report)) == (word, version)


def test_nothing_to_say_is_said_in_no_line() -> None:
    assert as_text(Report({}, ())) == ""
    assert "The API says the same as before." in as_markdown(Report({}, ()))


def test_markdown_is_never_too_long_for_a_pull_request_and_says_what_is_left_out() -> None:
    told = as_markdown(many(2000))
    assert len(told) < LARGEST_MARKDOWN
    assert re.search(r"- and \d+ more: see report.txt among the artifacts of the run", told)
    assert told.count("<details>") == told.count("</details>") > 1
    assert as_text(many(2000)).count("\n") > 6000


def test_what_is_the_same_for_many_owners_is_told_once() -> None:
    fields = [Fact("field", f"{name}List.has_more", "boolean", required=True) for name in "ABCDE"]
    told = as_text(Report({}, tuple(map(gone, fields))))
    assert (
        "- field ….has_more: boolean, required (5 of them: AList, BList, CList and 2 more)" in told
    )
    assert told.count("has_more") == 3  # the first screen, the section, the draft of the changelog


def test_json_says_the_same() -> None:
    report = Report({}, (gone(PHONE), new(STATUS)), stale=("a.py:1: stale",), refusals=("no",))
    told = json.loads(as_json(report))
    assert told["breaking"] is True
    assert told["adopted"] is False
    assert told["changes"][0] == {
        "kind": "field",
        "name": "Customer.phone",
        "before": "field Customer.phone: string, required",
        "after": None,
        "marks": ["breaking for readers"],
    }
    assert told["stale"] == ["a.py:1: stale"]


def test_annotations_stand_at_the_line_to_write_and_hold_no_line_of_another() -> None:
    report = Report(
        {},
        (gone(PHONE),),
        uncovered=("facade/x.py:7: 100% new\n::error::forged",),
        notices=("look",),
    )
    assert as_annotations(report).splitlines() == [
        "::warning title=breaking for readers::- field Customer.phone: string, required",
        "::error file=facade/x.py,line=7,title=not covered by hand yet::100%25 new%0A::error::forged",
        "::notice title=worth a look::look",
    ]


def test_the_draft_for_the_changelog_is_for_the_person_upgrading() -> None:
    assert changelog(Report({"Old": "New"}, (gone(PHONE), new(STATUS)))) == [
        "- Gate calls `Old` `New`.",
        "- **Breaking for readers:** field `Customer.phone` is gone.",
        '- New in the API: `SessionStatus "reversed"`.',
    ]


def test_a_report_of_nothing_new_is_empty() -> None:
    assert not compare([PHONE, STATUS], [PHONE, STATUS])


def test_the_command_prints_for_a_script_and_leaves_the_whole_report_in_a_file(project):
    place, told = project.root / "new.yaml", project.root / "report.txt"
    text = project.contract.read_text("utf-8").replace(
        "[open, completed", "[reversed, open, completed"
    )
    place.write_text(text, "utf-8")

    done = project.regenerate("--spec", str(place), "--format", "json", "--report", str(told))

    assert done.code == 0, done.err
    assert json.loads(done.out)["changes"][0]["after"] == 'enum SessionStatus "reversed"'
    assert told.read_text("utf-8").startswith("Additive: 1 additive\nSuggested version: ")


def test_a_folder_that_is_not_there_is_refused_before_anything_is_read(project):
    done = project.regenerate("--report", str(project.root / "nowhere/report.txt"))
    assert done.code == 2
    assert "there is no such folder to write it to" in done.err
