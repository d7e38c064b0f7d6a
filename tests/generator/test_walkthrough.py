"""docs/spec-bump.md shows what the tools say: the same bump, played again."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from zerogate_probe.facts import facts_from, write
from zerogate_probe.findings import Finding

from tests.generator.walkthrough import DOCUMENT, play, shown, without_lines


@pytest.fixture(scope="module")
def said(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    return dict(play(Path(tmp_path_factory.mktemp("walk")).resolve()))


@pytest.mark.parametrize(
    "name", ["bump", "diff", "files", "red", "edits", "again", "green", "refused"]
)
def test_the_document_shows_what_is_printed(said: dict[str, str], name: str) -> None:
    document = DOCUMENT.read_text("utf-8")
    assert without_lines(shown(document, name)) == without_lines(said[name]), (
        "python -m tests.generator.walkthrough writes it anew"
    )


def test_every_block_of_output_is_played(said: dict[str, str]) -> None:
    document = DOCUMENT.read_text("utf-8")
    assert document.count("<!-- ") == len(said)


def test_the_python_in_it_runs_beside_a_file_of_the_probe(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    memory = Finding("key_memory", "", "", 540.0, {"at_least": 540.0, "below": 660.0})
    write(facts_from([memory], asked_at="", host="", client=""), tmp_path / "gate-facts.toml")
    monkeypatch.chdir(tmp_path)
    (block,) = re.findall(r"```python\n(.*?)```", DOCUMENT.read_text("utf-8"), re.DOTALL)
    scope: dict[str, Any] = {}
    exec(compile(block, "spec-bump.md", "exec"), scope)
    assert scope["store"].idempotency_window == 540
    scope["store"].close()
