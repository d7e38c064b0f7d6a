"""Finds our callers of each operation: rows that stand for operations, methods that use them."""

import ast
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from attrs import field, frozen

from .modules import FUNCTIONS, Module

HTTP = ("GET", "PUT", "POST", "DELETE", "PATCH", "HEAD", "OPTIONS", "TRACE")


@frozen
class Row:
    """A call that makes an operation of a table. given: Its arguments, by name.

    constant: The name that the call, or the table that it is in, is assigned to.
    """

    line: int
    given: dict[str, Any]
    end_of_table: int
    constant: str = ""

    @property
    def id(self) -> str:
        """The operation's name."""
        return str(self.given["id"])

    @property
    def where(self) -> str:
        """Method and path: `GET /gate_sessions`."""
        return f"{self.given['method']} {self.given['route']}"


@frozen
class Method:
    """A method of a resource. name: As it is called, `sessions.create`."""

    path: Path
    line: int
    name: str
    keywords: frozenset[str] = field(repr=False)


ORDER = ("id", "method", "route", "builder", "answer")


def rows_of(module: Module) -> list[Row]:
    """Return every call in the module's tables that makes an operation, in the order of lines."""
    found = []
    for constant, table in module.tables.items():
        for node in ast.walk(table):
            if isinstance(node, ast.Call) and len(node.args) >= 3:
                first = [plain(argument) for argument in node.args[:3]]
                if first[1] in HTTP and str(first[2]).startswith("/"):
                    given = dict(zip(ORDER, map(plain, node.args), strict=False))
                    given |= {str(kw.arg): plain(kw.value) for kw in node.keywords}
                    end = int(table.end_lineno or node.lineno)
                    found.append(Row(node.lineno, given, end, constant))
    return sorted(found, key=lambda row: row.line)


def plain(node: ast.expr) -> Any:
    """Return a constant's value; None for any other expression."""
    try:
        return ast.literal_eval(node)
    except (ValueError, TypeError):
        return None


def methods(modules: Iterable[Module], rows: Iterable[Row]) -> dict[str, Method]:
    """Return operation → the method that asks for it; of several, the one that asks for least."""
    ids = {word: row.id for row in rows for word in (row.constant, row.id)}
    found: dict[str, tuple[int, Method]] = {}
    for resource, path, node, helpers in _resources(list(modules)):
        own = {one.name: one for one in node.body if isinstance(one, FUNCTIONS)}
        known = {**helpers, **own}
        for name, function in own.items():
            asks = (
                _operations_asked(function, known, ids, set())
                if not name.startswith("_")
                else set()
            )
            arguments = function.args.args + function.args.kwonlyargs
            keywords = frozenset(argument.arg for argument in arguments)
            method = Method(path, function.lineno, f"{resource}.{name}", keywords)
            for id in asks:
                rival = found.get(id, (99, method))
                found[id] = min(rival, (len(asks), method), key=lambda pair: pair[0])
    return {id: method for id, (_, method) in found.items()}


def _resources(
    modules: list[Module],
) -> Iterator[tuple[str, Path, ast.ClassDef, dict[str, ast.AST]]]:
    """Yield (attribute, path, class, functions beside it) of each `gate.…` made of our class."""
    classes = {
        node.name: (module.path, node, _functions(module))
        for module in modules
        for node in module.tree.body
        if isinstance(node, ast.ClassDef)
    }
    for module in modules:
        for name, maker in _attributes(module):
            if maker in classes and not name.startswith("_"):
                yield name, *classes[maker]


def _functions(module: Module) -> dict[str, ast.AST]:
    """Return name → function of those at the top of a module."""
    return {node.name: node for node in module.tree.body if isinstance(node, FUNCTIONS)}


def _attributes(module: Module) -> Iterator[tuple[str, str]]:
    """Yield the name and the class of each `self.name = Class(…)`."""
    for node in module.nodes:
        if not isinstance(node, ast.Assign | ast.AnnAssign) or not isinstance(node.value, ast.Call):
            continue
        target = node.targets[0] if isinstance(node, ast.Assign) else node.target
        own = isinstance(target, ast.Attribute) and _is_self(target.value)
        if own and isinstance(target, ast.Attribute) and isinstance(node.value.func, ast.Name):
            yield target.attr, node.value.func.id


def _operations_asked(
    function: ast.AST, known: Mapping[str, ast.AST], ids: Mapping[str, str], seen: set[str]
) -> set[str]:
    """Return the operations that a method asks for, itself or through others beside it."""
    found = set()
    for node in ast.walk(function):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute | ast.Name):
            continue
        beside = isinstance(node.func, ast.Name)
        name = node.func.id if isinstance(node.func, ast.Name) else node.func.attr
        first = _argument_name(node.args[0]) if node.args else None
        if first is not None and first in ids:
            found.add(ids[first])
        own = beside or _is_self(getattr(node.func, "value", node))
        if name in known and name not in seen and own:
            found |= _operations_asked(known[name], known, ids, seen | {name})
    return found


def _argument_name(node: ast.expr) -> str | None:
    """Return the name in an argument: its text, a constant, or its origin's; None for others."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        return _argument_name(node.func.value)
    if isinstance(node, ast.Attribute):
        return node.attr
    if isinstance(node, ast.Name):
        return node.id
    told = plain(node)
    return told if isinstance(told, str) else None


def _is_self(node: ast.AST) -> bool:
    return isinstance(node, ast.Name) and node.id == "self"
