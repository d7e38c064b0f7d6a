"""No file of a package imports itself in a circle when it is loaded; what is imported later is listed."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import pytest

from tests.roots import source_folders

#: Imports within functions that would close a circle if they stood at the top of their file: who → whom.
LATER: dict[str, str] = {}


def files() -> dict[str, Path]:
    """Every module of ours by its name; a package is its `__init__`."""
    found = {}
    for folder in source_folders():
        for path in sorted(folder.rglob("*.py")):
            parts = path.relative_to(folder).with_suffix("").parts
            name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
            if name.startswith("zerogate"):
                found[name] = path
    return found


def at_load(body: Iterable[ast.stmt]) -> Iterator[ast.Import | ast.ImportFrom]:
    """The imports that run when a file is loaded."""
    for node in body:
        match node:
            case ast.Import() | ast.ImportFrom():
                yield node
            case ast.If(test=test) if "TYPE_CHECKING" in ast.unparse(test):
                yield from at_load(node.orelse)
            case ast.If() | ast.Try() | ast.With() | ast.ClassDef():
                inner = [*node.body, *getattr(node, "orelse", []), *getattr(node, "finalbody", [])]
                inner += [one for handler in getattr(node, "handlers", []) for one in handler.body]
                yield from at_load(inner)


def in_functions(tree: ast.Module) -> Iterator[ast.Import | ast.ImportFrom]:
    """The imports that run when a function is called."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield from (n for n in ast.walk(node) if isinstance(n, ast.Import | ast.ImportFrom))


def imported(
    nodes: Iterable[ast.Import | ast.ImportFrom], name: str, known: Mapping[str, Path]
) -> set[str]:
    """The modules of ours that these imports of one file load first."""
    package = name if known[name].name == "__init__.py" else name.rpartition(".")[0]
    found = set()
    for node in nodes:
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
            continue
        parts = package.split(".")[: len(package.split(".")) + 1 - node.level] if node.level else []
        base = ".".join([*parts, *([node.module] if node.module else [])])
        for alias in node.names:
            inner = f"{base}.{alias.name}"
            found.add(inner if inner in known else base)
    return {one for one in found if one in known and one != name}


def circles(graph: Mapping[str, set[str]]) -> list[set[str]]:
    """Sets of files of which each reaches each other: Tarjan's components of more than one."""
    number: dict[str, int] = {}
    lowest: dict[str, int] = {}
    open_: list[str] = []
    found: list[set[str]] = []

    def visit(one: str) -> None:
        number[one] = lowest[one] = len(number)
        open_.append(one)
        for other in sorted(graph[one]):
            if other not in number:
                visit(other)
                lowest[one] = min(lowest[one], lowest[other])
            elif other in open_:
                lowest[one] = min(lowest[one], number[other])
        if lowest[one] == number[one]:
            at = open_.index(one)
            if len(open_) - at > 1:
                found.append(set(open_[at:]))
            del open_[at:]

    for one in sorted(graph):
        if one not in number:
            visit(one)
    return found


@pytest.fixture(scope="module")
def known() -> dict[str, Path]:
    return files()


@pytest.fixture(scope="module")
def loaded(known: dict[str, Path]) -> dict[str, set[str]]:
    trees = {name: ast.parse(path.read_text("utf-8")) for name, path in known.items()}
    return {name: imported(at_load(tree.body), name, known) for name, tree in trees.items()}


def test_no_files_import_each_other_in_a_circle(loaded: dict[str, set[str]]) -> None:
    assert len(loaded) > 300
    assert circles(loaded) == []


def test_imports_that_wait_for_a_call_are_listed_where_they_hide_a_circle(
    known: dict[str, Path], loaded: dict[str, set[str]]
) -> None:
    later = {}
    for name, path in known.items():
        tree = ast.parse(path.read_text("utf-8"))
        for other in imported(in_functions(tree), name, known) - loaded[name]:
            if any(
                {name, other} <= ring for ring in circles(loaded | {name: loaded[name] | {other}})
            ):
                later[name] = other
    assert later == LATER


def test_a_circle_is_found() -> None:
    graph = {"a": {"b"}, "b": {"c"}, "c": {"b", "d"}, "d": set[str]()}
    assert circles(graph) == [{"b", "c"}]
    tree = ast.parse(
        "if TYPE_CHECKING:\n    import x\ntry:\n    import y\nexcept E:\n    import z\n"
    )
    assert [node.names[0].name for node in at_load(tree.body) if isinstance(node, ast.Import)] == [
        "y",
        "z",
    ]
