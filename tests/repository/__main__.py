"""Draws functions of shipped code by a seed and prints what a stranger sees: name, signature, first line.

    python -m tests.repository --seed 7 --most 50

A reader says of each, from these lines alone, what it returns or changes; then looks. Files that a tool
writes are left out, for they say what their source says, and so are stubs of overloads, which only say types.
"""

from __future__ import annotations

import argparse
import ast
import random
from collections.abc import Iterator
from pathlib import Path

from tests.roots import ROOT, source_folders

_SHIPPED = ("facade", "store", "celery", "otel", "sandbox", "ledger", "cli")


def functions(parts: tuple[str, ...] = _SHIPPED) -> Iterator[str]:
    """Yield each function of these folders as three lines."""
    for folder in source_folders():
        if folder.name in parts:
            for path in sorted(folder.rglob("*.py")):
                if not _is_written_by_a_tool(path):
                    yield from _functions(path)


def _is_written_by_a_tool(path: Path) -> bool:
    """Return whether a file is the sync half of an async source."""
    return "_sync" in path.parts or path.name == "sync_connections.py"


def _functions(path: Path) -> Iterator[str]:
    place = path.relative_to(ROOT).as_posix()
    tree = ast.parse(path.read_text("utf-8"))
    owners = {
        inner: node.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef)
        for inner in node.body
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and not _is_left_out(node):
            owner = f"{owners[node]}." if node in owners else ""
            returns = f" -> {ast.unparse(node.returns)}" if node.returns else ""
            first = (ast.get_docstring(node) or "").split("\n")[0]
            yield f"{place}\n  {owner}{node.name}({ast.unparse(node.args)}){returns}\n  {first}"


def _is_left_out(node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """Return whether a function is one of Python's own (`__eq__`) or the stub of an overload."""
    stub = any(ast.unparse(each).split(".")[-1] == "overload" for each in node.decorator_list)
    return stub or (node.name.startswith("__") and node.name.endswith("__"))


def main() -> None:
    """Print the draw, numbered."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--most", type=int, default=50)
    parser.add_argument("--parts", nargs="+", default=list(_SHIPPED), help="folders to draw from")
    options = parser.parse_args()
    found = list(functions(tuple(options.parts)))
    drawn = random.Random(options.seed).sample(found, options.most)
    print(f"seed {options.seed}: {options.most} of {len(found)} functions")
    for number, told in enumerate(drawn, 1):
        print(f"{number:2} {told}")


if __name__ == "__main__":
    main()
