"""docs/spec-bump.md shows what the tools say: the same bump, played again."""

from __future__ import annotations

from pathlib import Path

import pytest

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
