"""What the documentation shows is there: names, flags, files, fields."""

from __future__ import annotations

import argparse
import re
from pathlib import Path

import pytest
import zerogate_ledger
from zerogate_ledger.columns import FIELDS
from zerogate_ledger.options import add_arguments
from zerogate_ledger.report.write import NAMES

DOCS = Path(__file__).parents[2] / "docs"


@pytest.fixture(params=["ledger.md", "ledger-at-scale.md"])
def text(request: pytest.FixtureRequest) -> str:
    return (DOCS / request.param).read_text("utf-8")


def test_every_name_of_the_package_exists(text: str) -> None:
    named = set(re.findall(r"\bledger\.([A-Za-z_]+)\(", text))
    assert named
    assert named <= set(zerogate_ledger.__all__)


def test_every_flag_exists(text: str) -> None:
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    known = {flag for action in parser._actions for flag in action.option_strings}
    assert set(re.findall(r"--[a-z][a-z-]+", text)) <= known


def test_every_file_and_field_is_explained() -> None:
    text = (DOCS / "ledger.md").read_text("utf-8")
    for name in (*NAMES, *FIELDS):
        assert f"`{name}`" in text, name


def test_the_public_names_are_sorted_and_there() -> None:
    names = zerogate_ledger.__all__
    assert names == sorted(names, key=lambda name: (not name.isupper(), name[0].islower(), name))
    for name in names:
        assert getattr(zerogate_ledger, name) is not None
