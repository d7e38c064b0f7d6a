"""The modules written by hand around the client, found by their packages, with the tables in them.

Source is read, not imported and never evaluated: nothing has to be installed or to work, and a file may
move within its package without anybody saying so here.
"""

import ast
import re
from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

from attrs import frozen

#: Where our packages lie, and what in them is written by a tool.
HOMES = ("facade", "apps")
WRITTEN = ("_sync",)
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
LONGEST_NAME = 80


@frozen(slots=False)
class Module:
    """One module of ours as it is written. package: `zerogate`, `zerogate_sandbox`."""

    path: Path
    package: str
    tree: ast.Module

    @cached_property
    def tables(self) -> dict[str, ast.expr]:
        """Name → the expression assigned to it at the module's top, in order."""
        found: dict[str, ast.expr] = {}
        for node in self.tree.body:
            if isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
                targets = node.targets if isinstance(node, ast.Assign) else [node.target]
                found |= {one.id: node.value for one in targets if isinstance(one, ast.Name)}
        return found

    @cached_property
    def values(self) -> dict[str, Any]:
        """Name → value, of those tables that are made of constants."""
        known: dict[str, Any] = {}
        for name, node in self.tables.items():
            try:
                known[name] = value(node, known)
            except (Unreadable, TypeError, ValueError):
                continue
        return known

    @cached_property
    def nodes(self) -> list[ast.AST]:
        """All nodes of its syntax tree."""
        return list(ast.walk(self.tree))

    @cached_property
    def texts(self) -> dict[str, list[int]]:
        """Text → lines where it stands as a value; docstrings are left out."""
        prose = {id(node.body[0].value) for node in self.nodes if _has_docstring(node)}  # type: ignore[attr-defined]
        found: dict[str, list[int]] = {}
        for node in self.nodes:
            if (
                isinstance(node, ast.Constant)
                and isinstance(node.value, str)
                and id(node) not in prose
            ):
                found.setdefault(node.value, []).append(node.lineno)
        return found

    @cached_property
    def words(self) -> dict[tuple[str, ...], set[int]]:
        """Words of each name and text in it → lines where it stands."""
        found: dict[tuple[str, ...], set[int]] = {}
        for name, line in _names_used(self.nodes):
            found.setdefault(spelled(name), set()).add(line)
        for text, lines in self.texts.items():
            if len(text) < LONGEST_NAME:
                found.setdefault(spelled(text), set()).update(lines)
        return found

    @cached_property
    def functions(self) -> list[tuple[int, int]]:
        """(First line, last line) of each function."""
        found = (node for node in self.nodes if isinstance(node, FUNCTIONS))
        return [(node.lineno, int(node.end_lineno or node.lineno)) for node in found]

    def line_of(self, within: ast.AST, text: str) -> int:
        """Return the line of a text in a table; the table's own where the text is put together."""
        for node in ast.walk(within):
            if isinstance(node, ast.Constant) and node.value == text:
                return node.lineno
        return int(getattr(within, "lineno", 1))


def spelled(name: str) -> tuple[str, ...]:
    """Return `RailPayIn`, `rail_pay_in` and `rail.pay_in` as the same words in lower case."""
    return tuple(re.findall(r"[a-z0-9]+", re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", name).lower()))


def _names_used(nodes: list[ast.AST]) -> Iterator[tuple[str, int]]:
    """Yield (name, line) of each variable, attribute, function, class and import."""
    for node in nodes:
        match node:
            case ast.Name(id=name) | ast.Attribute(attr=name):
                yield name, node.lineno
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                yield name, node.lineno
            case ast.ClassDef(name=name) | ast.alias(name=name):
                yield name, node.lineno


def by_hand(root: Path) -> list[Module]:
    """Read every module of our packages, without those that a tool writes or that don't parse."""
    found = []
    for home in HOMES:
        for path in sorted((root / home).glob("*/**/*.py")):
            if not {*WRITTEN, "__pycache__"} & {*path.relative_to(root).parts}:
                tree = _parsed(path)
                if tree is not None:
                    found.append(Module(path.relative_to(root), _package_of(path, root), tree))
    return found


def _package_of(path: Path, root: Path) -> str:
    """Return the package that a module belongs to: the outermost folder around it that is one."""
    inside = [folder for folder in path.parents if root in folder.parents]
    packages = [folder.name for folder in inside if (folder / "__init__.py").is_file()]
    return packages[-1] if packages else inside[-2].name if len(inside) > 1 else inside[0].name


def _parsed(path: Path) -> ast.Module | None:
    """Return a file's syntax tree; None where it can't be read."""
    try:
        return ast.parse(path.read_text("utf-8"))
    except (OSError, SyntaxError, ValueError):
        return None


def _has_docstring(node: ast.AST) -> bool:
    """Return whether a node begins with a constant expression, as a docstring is."""
    holders = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    if not isinstance(node, holders) or not node.body:
        return False
    first = node.body[0]
    return isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant)


# --- tables made of constants ----------------------------------------------------------------------


class Unreadable(Exception):
    """A table is made of something that is no constant."""


class Opaque:
    """Something in a table that is not a constant: an object of ours, which nobody compares."""


MAKERS: Mapping[str, Callable[..., Any]] = {
    "dict": dict, "frozenset": frozenset, "list": list, "set": set, "tuple": tuple, "sorted": sorted,
    "MappingProxyType": dict,
}  # fmt: skip


def value(node: ast.expr, known: Mapping[str, Any]) -> Any:
    """Return a table's value, its foreign parts as Opaque; raise Unreadable for other forms."""
    match node:
        case ast.Constant():
            return node.value
        case ast.Name() if node.id in known:
            return known[node.id]
        case ast.Tuple() | ast.List() | ast.Set():
            return tuple(_elements(node.elts, known))
        case ast.Dict():
            return _mapping(node, known)
        case ast.JoinedStr():
            return "".join(_piece(part, known) for part in node.values)
        case ast.GeneratorExp() | ast.ListComp() | ast.SetComp():
            return tuple(value(node.elt, scope) for scope in _scopes(node.generators, known))
        case ast.BinOp(op=ast.BitOr() | ast.Add()):
            return _joined(value(node.left, known), value(node.right, known))
        case ast.Subscript(value=ast.Name(id="Literal"), slice=inside):
            # A type that lists words is a table of them.
            return tuple(
                _elements(inside.elts if isinstance(inside, ast.Tuple) else [inside], known)
            )
        case ast.Call():
            return _made_by_call(node, known)
    raise Unreadable(ast.dump(node)[:80])


def _or_opaque(node: ast.expr, known: Mapping[str, Any]) -> Any:
    """Return an expression's value, or an Opaque where it has none."""
    try:
        return value(node, known)
    except Unreadable:
        return Opaque()


def _elements(nodes: list[ast.expr], known: Mapping[str, Any]) -> Iterator[Any]:
    """Yield the values of elements, starred ones spread out; foreign ones as Opaque."""
    for node in nodes:
        if isinstance(node, ast.Starred):
            yield from value(node.value, known)
        else:
            yield _or_opaque(node, known)


def _mapping(node: ast.Dict, known: Mapping[str, Any]) -> dict[Any, Any]:
    """Return a dict's value; foreign keys and values as Opaque."""
    found: dict[Any, Any] = {}
    for key, held in zip(node.keys, node.values, strict=True):
        if key is None:
            found |= value(held, known)
        else:
            found[_or_opaque(key, known)] = _or_opaque(held, known)
    return found


def _piece(part: ast.expr, known: Mapping[str, Any]) -> str:
    """Return one piece of an f-string as text."""
    return str(value(part.value if isinstance(part, ast.FormattedValue) else part, known))


def _scopes(
    loops: list[ast.comprehension], known: Mapping[str, Any]
) -> Iterator[Mapping[str, Any]]:
    """Yield the names known for each turn of nested loops; raise Unreadable for a condition."""
    if not loops:
        yield known
        return
    loop = loops[0]
    if loop.ifs or not isinstance(loop.target, ast.Name):
        raise Unreadable("a comprehension with a condition")
    for item in value(loop.iter, known):
        yield from _scopes(loops[1:], {**known, loop.target.id: item})


def _joined(one: Any, other: Any) -> Any:
    """Return two tables as one: dicts merged, texts and sequences one after the other."""
    if isinstance(one, dict):
        return {**one, **other}
    return one + other if isinstance(one, str) else (*one, *other)


def _made_by_call(node: ast.Call, known: Mapping[str, Any]) -> Any:
    """Return what a call of dict, tuple, sorted and the like makes; raise Unreadable for others."""
    arguments = [value(argument, known) for argument in node.args]
    match node.func:
        case ast.Attribute(value=ast.Name(id="dict"), attr="fromkeys"):
            return dict.fromkeys(*arguments)
        case ast.Name(id=name) if name in MAKERS and not node.keywords:
            return MAKERS[name](*arguments)
    raise Unreadable("a call")
