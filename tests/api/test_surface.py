"""Tests that docs/api/surface holds the promises of each package, and shows a change of them."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def surface() -> ModuleType:
    spec = importlib.util.spec_from_file_location("surface", ROOT / "facade" / "surface.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["surface"] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def lines(surface: ModuleType) -> dict[str, str]:
    found: dict[str, str] = surface.surfaces()
    return found


def test_what_is_checked_in_is_what_the_code_promises(
    surface: ModuleType, lines: dict[str, str]
) -> None:
    told = {path.stem: path.read_text("utf-8") for path in surface.SURFACE.glob("*.txt")}
    assert told == lines, "nox -s surface"


@pytest.mark.parametrize(
    ("package", "line"),
    [
        ("zerogate", "zerogate.Gate.sessions.retrieve(self, id: str, "),
        ("zerogate", "zerogate.AsyncGate.journal: AsyncJournal (read only)"),
        ("zerogate", "zerogate.Settled.may_fulfil"),
        ("zerogate", "class zerogate.types.SessionStatus"),
        ("zerogate_store", "zerogate_store.Store.forget(self, *, customer: str | None = None"),
        ("zerogate_sandbox", "class zerogate_sandbox.Sandbox"),
    ],
)
def test_what_users_call_is_in_it(lines: dict[str, str], package: str, line: str) -> None:
    assert any(told.startswith(line) for told in lines[package].splitlines())


def test_no_underscore_is_promised_and_every_name_comes_with_its_package(
    lines: dict[str, str],
) -> None:
    for package, text in lines.items():
        for line in text.splitlines():
            name = line.removeprefix("class ").removeprefix("module ").split("(")[0].split(":")[0]
            parts = name.split(" = ")[0].split(".")
            assert parts[0] == package
            assert not [p for p in parts if p.startswith("_") and not p.startswith("__")], line
