"""What we run but do not ship is pinned by version, by commit or by the hash of each file."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.distributions.folders import read
from tests.roots import ROOT

PINS = ("openapi/regenerate", ".github/release")
HASHED = re.compile(r"(?:\s+--hash=sha256:[0-9a-f]{64})+")


def _pins(folder: str) -> list[tuple[str, str, str]]:
    """Return name, version and what follows of every requirement, its continued lines joined."""
    text = (ROOT / folder / "requirements.txt").read_text("utf-8").replace("\\\n", "")
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    found = [re.fullmatch(r"([\w.-]+)==([\w.]+)( ; [^-]*?)?(\s+--hash.*)?", line) for line in lines]
    assert None not in found
    return [(m[1], m[2], m[4] or "") for m in found if m is not None]


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


@pytest.mark.parametrize("folder", PINS)
def test_every_pin_has_the_hash_of_its_files(folder: str) -> None:
    assert _pins(folder)
    assert [name for name, _, rest in _pins(folder) if not HASHED.fullmatch(rest)] == []


@pytest.mark.parametrize("folder", PINS)
def test_the_pins_are_those_that_they_were_made_from(folder: str) -> None:
    lines = (ROOT / folder / "requirements.in").read_text("utf-8").splitlines()
    asked = [line.split("==") for line in lines if not line.startswith("#")]
    pinned = {_plain(name): version for name, version, _ in _pins(folder)}
    assert {_plain(name): version for name, version in asked}.items() <= pinned.items()


@pytest.mark.parametrize("folder", PINS)
def test_no_address_of_an_index_is_written_into_the_pins(folder: str) -> None:
    for name in ("requirements.in", "requirements.txt"):
        assert "://" not in (ROOT / folder / name).read_text("utf-8")


def _commands() -> Any:
    """Return how the noxfile puts an installation into commands; nox itself is not needed for it."""
    tree = ast.parse((ROOT / "noxfile.py").read_text("utf-8"))
    (found,) = [n for n in tree.body if isinstance(n, ast.FunctionDef) and n.name == "_commands"]
    known: dict[str, Any] = {"Path": Path, "re": re, "PINS": ROOT / PINS[0] / "requirements.txt"}
    future = ast.ImportFrom("__future__", [ast.alias("annotations")], 0)
    module = ast.fix_missing_locations(ast.Module([future, found], []))
    exec(compile(module, "noxfile.py", "exec"), known)
    return known["_commands"]


def test_hashed_pins_are_installed_by_a_command_of_their_own(tmp_path: Path) -> None:
    first, second = _commands()(tmp_path, ("-e", ".", "pytest"), pinned=True)
    assert first == ("-r", str(ROOT / PINS[0] / "requirements.txt"))
    assert second[0] == "-c"
    assert second[2:] == ("-e", ".", "pytest")
    kept = Path(second[1]).read_text("utf-8")
    assert "--hash" not in kept
    assert {f"{name}=={version}" for name, version, _ in _pins(PINS[0])} == {
        line.split(" ;")[0] for line in kept.splitlines()
    }


def test_pins_alone_need_one_command(tmp_path: Path) -> None:
    assert len(_commands()(tmp_path, (), pinned=True)) == 1
    assert _commands()(tmp_path, ("pytest",), pinned=False) == [("pytest",)]


@pytest.mark.parametrize("group", ["api", "audit", "bench", "coverage", "lint"])
def test_tools_whose_verdict_we_follow_are_pinned(group: str) -> None:
    assert all("==" in one for one in read(".")["dependency-groups"][group])


def test_dependabot_looks_at_all_that_is_pinned_and_waits_a_week() -> None:
    told = yaml.safe_load((ROOT / ".github" / "dependabot.yml").read_text("utf-8"))["updates"]
    looked = {(one["package-ecosystem"], one["directory"]) for one in told}
    assert looked == {("github-actions", "/"), ("pip", "/"), *(("pip", f"/{one}") for one in PINS)}
    assert all(one["cooldown"]["default-days"] >= 7 for one in told)
