"""Small changes of a module's text, as cosmic-ray makes them, and the tests that each can concern."""

from __future__ import annotations

import ast
import difflib
import re
import warnings
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import attrs
from cosmic_ray.mutating import mutate_code
from cosmic_ray.plugins import get_operator, operator_names

#: A `|` is written between types here, and those are not evaluated. The others want to be told what.
_NOT_MADE: Final = (
    "core/ReplaceBinaryOperator_BitOr_",
    *("core/VariableReplacer", "core/VariableInserter", "core/ExceptionReplacer"),
)

#: A `*` before what is given by name alone is no product.
_KEYWORDS_GONE: Final = re.compile(r"(?:^|[(,])\s*/,", re.M)


@attrs.frozen
class Change:
    """One small change. lines: First and last line of the statement that it is in.

    at_import: The statement is carried out while the module is imported, or a function is made.
    """

    operator: str
    where: str
    lines: tuple[int, int]
    at_import: bool
    before: str
    after: str
    text: str = attrs.field(repr=False)

    @property
    def line(self) -> int:
        return self.lines[0]


def changes_of(text: str) -> list[Change]:
    """Return every change of a module, in the order of its lines."""
    statements = list(_statements(ast.parse(text)))
    kinds: dict[str, list[str]] = {}
    for name in sorted(operator_names()):
        if not name.startswith(_NOT_MADE):
            kinds.setdefault(_kind(name), []).append(name)
    made = [
        _change(name, text, changed, statements)
        for names in kinds.values()
        for before, part, after in _parts(text)
        for name, changed in _by(names, before, part, after)
    ]
    return sorted(made, key=lambda one: (one.line, one.operator, one.after))


def _kind(name: str) -> str:
    """Return what operators that look for the same thing have in common: what they put there comes last."""
    return name.rpartition("_")[0] or name


def _by(names: Sequence[str], before: str, part: str, after: str) -> Iterator[tuple[str, str]]:
    """Yield a module's text with each change of a statement of one kind, and the operator."""
    for name in names:
        operator = get_operator(name)()
        number = 0
        while (changed := mutate_code(part, operator, number)) is not None:
            number += 1
            whole = before + changed + after
            if not _KEYWORDS_GONE.search(changed) and _compiles(whole):
                yield name, whole
        if not number and "Comparison" not in name:
            return  # nothing of the kind is here; `is` and `==` are each put only where they can be meant


def _parts(text: str) -> Iterator[tuple[str, str, str]]:
    """Yield each statement of a module with what stands before and after it."""
    lines = text.splitlines(keepends=True)
    for one in ast.parse(text).body:
        decorators = getattr(one, "decorator_list", ())
        first = min([one.lineno, *(each.lineno for each in decorators)]) - 1
        last = one.end_lineno or first + 1
        yield "".join(lines[:first]), "".join(lines[first:last]), "".join(lines[last:])


def _compiles(text: str) -> bool:
    """Return whether Python takes a text, without a word against it: `is 0` is none of our slips."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            compile(text, "changed", "exec", dont_inherit=True)
        except SyntaxError:
            return False
    return True


@attrs.frozen
class _Statement:
    first: int
    last: int
    function: str
    at_import: bool


def _statements(tree: ast.AST, function: str = "", inside: bool = False) -> Iterator[_Statement]:
    """Yield each statement with its own lines: of one with a body those of its head."""
    for field in ast.iter_child_nodes(tree):
        if not isinstance(field, ast.stmt | ast.ExceptHandler | ast.match_case):
            continue
        body: Sequence[Any] = getattr(field, "body", ())
        name, within = function, inside
        if isinstance(field, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            name = f"{function}.{field.name}".lstrip(".")
            within = inside or not isinstance(field, ast.ClassDef)
        place: Any = field.pattern if isinstance(field, ast.match_case) else field
        decorators = getattr(field, "decorator_list", ())
        first = min([place.lineno, *(one.lineno for one in decorators)])
        last = max(first, body[0].lineno - 1) if body else place.end_lineno
        yield _Statement(first, last, name or "the module", not inside)
        yield from _statements(field, name, within)


def _change(operator: str, text: str, changed: str, statements: Sequence[_Statement]) -> Change:
    old, new = text.splitlines(), changed.splitlines()
    parts = difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
    _, start, end, new_start, new_end = next(one for one in parts if one[0] != "equal")
    line = start + 1
    around = [one for one in statements if one.first <= line <= one.last]
    found = max(around, key=lambda one: one.first, default=_Statement(line, line, "?", True))
    before, after = (
        "\n".join(one.strip() for one in lines)
        for lines in (old[start:end], new[new_start:new_end])
    )
    name = operator.removeprefix("core/")
    return Change(
        name, found.function, (found.first, found.last), found.at_import, before, after, changed
    )


def concerned(change: Change, reached: Mapping[str, frozenset[int]], nearest: str) -> list[str]:
    """Return the tests that can notice a change; of what is done at import those of the nearest file.

    reached: Lines that each test runs through, in the order of the tests.
    """
    lines = range(change.lines[0], change.lines[1] + 1)
    if change.at_import:
        return [test for test in reached if test.startswith(nearest)]
    return [test for test, seen in reached.items() if not seen.isdisjoint(lines)]
