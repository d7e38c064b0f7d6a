"""Draws functions of shipped code by a seed and prints what a stranger sees: name, signature, first line.

    python -m tests.repository --seed 7 --most 50

A reader says of each, from these lines alone, what it returns or changes; then looks. Written sync halves are
left out, for they say what their source says.
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
                if "_sync" not in path.parts:
                    yield from _functions(path)


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
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and not _is_dunder(node.name):
            owner = f"{owners[node]}." if node in owners else ""
            returns = f" -> {ast.unparse(node.returns)}" if node.returns else ""
            first = (ast.get_docstring(node) or "").split("\n")[0]
            yield f"{place}\n  {owner}{node.name}({ast.unparse(node.args)}){returns}\n  {first}"


def _is_dunder(name: str) -> bool:
    return name.startswith("__") and name.endswith("__")


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
