"""A pattern takes no more steps than a text has characters, a few times over, whoever wrote the text."""

from __future__ import annotations

import ast
import importlib
import re
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, Final

import attrs
import pytest

from tests.backtracking import growth
from tests.roots import ROOT, source_folders

#: Fourfold the text, fourfold the steps, and a few more at its ends; a square would be sixteenfold.
_LINEAR: Final = 5.5
_WAYS = {"fullmatch": "full", "match": "at"}
#: What is read by these was written by ourselves, and is as long as we made it.
OUR_OWN = {
    "facade/api_check.py": "two files of ours, and what griffe says of them",
    "facade/unasync.py": "our own sources",
    "facade/tracked_tree.py": "our own list of files",
    "openapi/regenerate/rewrites.py": "modules that the generator wrote, of bounded lines",
    "openapi/regenerate/screens.py": "what mypy says of our own sources",
}
#: What only a function knows; each has a test of its own beside this.
MADE_LATER = {
    ("apps/ledger/zerogate_ledger/number_formats.py", "_shape"),
    ("apps/ledger/zerogate_ledger/number_formats.py", "_bare"),
    ("apps/ledger/zerogate_ledger/number_formats.py", "remedy"),
    ("apps/cli/zerogate_probe/questions.py", "creating"),
    ("openapi/regenerate/limits.py", "pattern_narrows"),
    ("openapi/regenerate/source.py", ""),
    ("openapi/regenerate/facts.py", "owner"),
    ("facade/zerogate/_validation.py", "fits"),
    ("facade/zerogate/_wire/masking.py", "_without"),
}


#: Patterns that nobody looks at.
LATER: list[str] = []


#: What never gets a long text, and where that is seen to.
BOUNDED = {
    ("facade/index_readme.py", "_LINK"): "our own README, which no stranger writes",
}


@attrs.frozen
class Use:
    """A pattern at one place of our code, and how it is used there."""

    where: str
    pattern: Any
    way: str


def uses() -> Iterator[Use]:
    folders = [*source_folders(), ROOT / "openapi"]
    for path in sorted(path for folder in folders for path in folder.rglob("*.py")):
        name = path.relative_to(ROOT).as_posix()
        if "_sync/" in name or name.startswith("generated/") or name in OUR_OWN:
            continue
        text = path.read_text("utf-8")
        if re.search(r"\bre\.\w+\(", text):
            yield from _of(name, ast.parse(text), path)


def _of(name: str, tree: ast.Module, path: Path) -> Iterator[Use]:
    asked: dict[str, set[str]] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            owner = ast.unparse(node.func.value)
            asked.setdefault(owner.rpartition(".")[2], set()).add(node.func.attr)
        elif isinstance(node, ast.Call) and ast.unparse(node.func) == "fits":
            asked.setdefault(ast.unparse(node.args[0]), set()).add("fullmatch")
    for holder, node in _calls(tree, ""):
        method = node.func.attr if isinstance(node.func, ast.Attribute) else ""
        where = f"{name}:{node.lineno}"
        found = _value(node, path)
        if found is None:
            if (name, holder) not in MADE_LATER:
                LATER.append(f"{where}: made in {holder!r}")
            continue
        if (name, _target(tree, node)) in BOUNDED:
            continue
        methods = asked.get(_target(tree, node), set()) if method == "compile" else {method}
        ways = {_WAYS.get(one, "all") for one in methods & _METHODS} or {"all"}
        yield from (Use(where, found, way) for way in sorted(ways))


_ASKED: Final = {f"re.{name}" for name in ("compile", "fullmatch", "match", "search")}
_ASKED |= {f"re.{name}" for name in ("sub", "subn", "findall", "finditer", "split")}
_METHODS: Final = {"fullmatch", "match", "search", "sub", "subn", "findall", "finditer", "split"}


def _calls(tree: ast.AST, holder: str) -> Iterator[tuple[str, ast.Call]]:
    """Every `re.…(…)`, and the function that it stands in."""
    for node in ast.iter_child_nodes(tree):
        inside = node.name if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) else holder
        if isinstance(node, ast.Call) and ast.unparse(node.func) in _ASKED:
            yield inside, node
        yield from _calls(node, inside)


def _target(tree: ast.Module, call: ast.Call) -> str:
    """The name that a pattern is given."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign | ast.AnnAssign) and node.value is call:
            target = node.targets[0] if isinstance(node, ast.Assign) else node.target
            return ast.unparse(target)
    return ""


def _value(call: ast.Call, path: Path) -> re.Pattern[Any] | None:
    """The pattern, where the names in it are the module's own."""
    flags = [*call.args[1:2]] if ast.unparse(call.func) in ("re.compile",) else []
    flags += [one.value for one in call.keywords if one.arg == "flags"]
    if not flags and ast.unparse(call.func) != "re.compile":
        flags = [one for one in call.args if isinstance(one, ast.Attribute) and _is_flag(one)]
    try:
        values = [_evaluated(one, path) for one in (call.args[0], *flags)]
    except NameError:
        return None
    return re.compile(values[0], *map(int, values[1:]))


def _is_flag(node: ast.Attribute) -> bool:
    return ast.unparse(node.value) == "re"


def _evaluated(node: ast.expr, path: Path) -> Any:
    """A pattern that stands there as it is, or is made of the module's own names."""
    try:
        return eval(_code(node), {"re": re})
    except NameError:
        return eval(_code(node), _namespace(path))


def _code(node: ast.expr) -> Any:
    return compile(ast.Expression(node), "<a pattern>", "eval")


@cache
def _namespace(path: Path) -> dict[str, Any]:
    """What a module's own names stand for: by importing it where we can."""
    folder = next(one for one in [*source_folders(), ROOT / "openapi"] if path.is_relative_to(one))
    name = ".".join(path.relative_to(folder).with_suffix("").parts).removesuffix(".__init__")
    if folder.name == "openapi" and str(folder) not in sys.path:
        sys.path.append(str(folder))
    return dict(vars(importlib.import_module(name)))


FOUND: Final = list(uses())


@pytest.mark.parametrize("use", FOUND, ids=lambda use: f"{use.where}-{use.way}")
def test_the_steps_of_a_pattern_grow_with_the_text(use: Use) -> None:
    grown, on = growth(use.pattern, use.way)
    assert grown < _LINEAR, f"{use.pattern.pattern!r} on texts like {on!r}"


def test_they_are_looked_for_everywhere() -> None:
    assert len(FOUND) > 90
    assert {use.where.split("/")[0] for use in FOUND} == {"facade", "apps", "openapi"}
    assert LATER == []


@pytest.mark.parametrize(
    ("pattern", "way"),
    [
        (r'"(?:[^"\\]|\\.)*"', "all"),
        (r"\{[^}]*\}", "all"),
        (r"[^\s@]+@[^\s@]+\.[^\s@]+", "full"),
        (r":\d{2}.*[A-Za-z]{2,5}\s*$", "all"),
        (r"(a+)+b", "full"),
        (r"(?:a|a)*b", "at"),
        (r"\s*x", "all"),
        (r"a*a*b", "full"),
    ],
)
def test_control_a_pattern_that_goes_back_is_noticed(pattern: str, way: str) -> None:
    assert growth(re.compile(pattern), way)[0] > _LINEAR
