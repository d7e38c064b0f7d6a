"""Finds, by file and line, what our code reads or sends and a contract does not have any more.

The other direction of coverage: not what is new and has no place, but what has a place and is gone.
Found by what the code says: attributes, keys, keywords and numbers, in every package of ours.
"""

import ast
from collections.abc import Iterable, Iterator, Mapping

from attrs import frozen
from openapi_python_client.strings import PythonIdentifier

from .changes import Report
from .facts import Fact
from .house import Finding
from .modules import Module, spelled
from .naming import PREFIX

MOST_PLACES = 8


@frozen
class Lost:
    """A name that was read or sent. owners: The models or operations that have it no more.

    spoken: What our code calls those, and what the contract does.
    """

    what: str
    name: str
    owners: tuple[str, ...]
    spoken: tuple[str, ...]
    elsewhere: bool


def findings(
    modules: list[Module], new: list[Fact], changed: Report, ours: Mapping[str, str]
) -> Iterator[Finding]:
    """Yield a finding for each place, up to eight of each name in a package, then their number.

    ours: Our name of a model → the contract's, where that is another.
    """
    for lost in _lost(new, changed, {theirs: name for name, theirs in ours.items()}):
        has = "has" if len(lost.owners) == 1 else "have"
        owners = ", ".join(lost.owners[:3]) + (" and others" if len(lost.owners) > 3 else "")
        text = f"reads {lost.what} {lost.name}, which {owners} {has} no more"
        inside: dict[str, list[tuple[Module, int]]] = {}
        for module in modules:
            inside.setdefault(module.package, []).extend(_places(module, lost))
        for found in inside.values():
            for module, line in found[:MOST_PLACES]:
                yield Finding(module.path, line, text, stale=True)
            if len(found) > MOST_PLACES:
                module, line = found[MOST_PLACES]
                rest = f"{text} (and at {len(found) - MOST_PLACES} places from here on)"
                yield Finding(module.path, line, rest, stale=True)


def _lost(new: list[Fact], changed: Report, names: Mapping[str, str]) -> Iterator[Lost]:
    """Yield each name that went although its owner stays, once for all owners that lost it."""
    grouped: dict[tuple[str, str], set[str]] = {}
    operations = {fact.name for fact in new if fact.kind == "operation"}
    models = {fact.owner for fact in new if fact.kind == "field"}
    events = {fact.name for fact in new if fact.kind == "event"}
    kept = {"field": models, "parameter": operations, "header": operations, "response": operations,
            "event-header": events}  # fmt: skip
    for change in changed.changes:
        fact = change.before
        if change.after is None and fact is not None and fact.owner in kept.get(fact.kind, ()):
            grouped.setdefault((WHAT[fact.kind], _name(fact)), set()).add(fact.owner)
    # A text that names a parameter may name a field of the same name.
    there = {_name(fact) for fact in new if fact.kind in WHAT}
    for (what, name), owners in grouped.items():
        spoken = {*owners, *(names[owner] for owner in owners if owner in names)}
        yield Lost(what, name, tuple(sorted(owners)), tuple(sorted(spoken)), name in there)


WHAT = {
    "field": "the field",
    "parameter": "the parameter",
    "header": "the header",
    "event-header": "the header",
    "response": "the status",
}


def _name(fact: Fact) -> str:
    """Return the wire name of a field, parameter, header or status."""
    return fact.member.rpartition(" ")[2] if fact.kind != "event-header" else fact.member


def _places(module: Module, lost: Lost) -> Iterator[tuple[Module, int]]:
    """Yield the lines that speak of it; where others still have it, only beside its owners."""
    if lost.elsewhere and not any(_speaks_of(_words_of(module), owner) for owner in lost.spoken):
        return
    for line in sorted({*_lines(module, lost)}):
        if not lost.elsewhere or _is_beside(module, line, lost.spoken):
            yield module, line


def _is_beside(module: Module, line: int, owners: tuple[str, ...]) -> bool:
    """Return whether a line is within a function, or names the owner itself."""
    inside = any(start <= line <= end for start, end in module.functions)
    row = {words for words, lines in module.words.items() if line in lines}
    return inside or any(_speaks_of(row, owner) for owner in owners)


def _lines(module: Module, lost: Lost) -> Iterator[int]:
    """Yield the lines where a module reads or sends this name; some may come twice."""
    if lost.what == "the status":
        yield from _status_lines(module, lost)
        return
    plain = lost.name.lower()
    for text, lines in module.texts.items():
        # Names of headers are written in either case.
        if text == lost.name or ("-" in lost.name and text.lower() == plain):
            yield from lines
    if lost.what == "the header":
        return
    names = {lost.name, str(PythonIdentifier(lost.name, PREFIX))}
    is_field = lost.what == "the field"
    for node in module.nodes:
        match node:
            case ast.Attribute(attr=name, ctx=ast.Load()) if name in names and is_field:
                yield node.lineno
            case ast.AnnAssign(target=ast.Name(id=name)) if name in names:
                yield node.lineno
            case ast.keyword(arg=name) if name in names and not is_field:
                yield node.lineno


def _status_lines(module: Module, lost: Lost) -> Iterator[int]:
    """Yield the lines with this number."""
    status = int(lost.name) if lost.name.isdigit() else None
    for node in module.nodes:
        if isinstance(node, ast.Constant) and type(node.value) is int and node.value == status:
            yield node.lineno


def _speaks_of(said: Iterable[tuple[str, ...]], owner: str) -> bool:
    """Return True where a model, an operation or an event is named, in any spelling of ours."""
    words = spelled(owner)
    return any(words == one or (len(one) > 1 and one == words[-len(one) :]) for one in said)


def _words_of(module: Module) -> Iterable[tuple[str, ...]]:
    """Return all names and texts of a module, as words."""
    return module.words.keys()
