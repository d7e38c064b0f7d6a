"""What changed between two contracts, in the terms of the API, and whom it breaks. Pure.

Readers read what Gate returns and reports; writers build what it is sent. Enums of the client keep
values they do not know, so a new value breaks no reader; fields nobody knows are kept too.
"""

from collections.abc import Callable, Iterable
from enum import StrEnum
from typing import Any

from attrs import frozen

from .facts import DEFAULT, Fact, renamed
from .renames import NAME, renames

LOWER = ("minimum", "exclusiveMinimum", "minLength", "minItems")
UPPER = ("maximum", "exclusiveMaximum", "maxLength", "maxItems")


class Mark(StrEnum):
    """Whom a change breaks."""

    READERS = "breaking for readers"
    WRITERS = "breaking for writers"
    ADDITIVE = "additive"


@frozen
class Change:
    """One fact that came, went, or is another."""

    before: Fact | None
    after: Fact | None
    marks: tuple[Mark, ...]

    def __str__(self) -> str:
        if self.before is None:
            return f"+ {self.after}"
        if self.after is None:
            return f"- {self.before}"
        old, new = str(self.before), str(self.after)
        return f"~ {old} -> {new.partition(': ')[2]}"


@frozen
class Report:
    """Everything that a reviewer of a spec bump wants to know first."""

    renamed: dict[str, str]
    changes: tuple[Change, ...]
    unmatched: tuple[str, ...] = ()
    notices: tuple[str, ...] = ()

    @property
    def breaking(self) -> bool:
        """Whether code written for the old contract may have to change."""
        return bool(self.renamed) or any(c.marks != (Mark.ADDITIVE,) for c in self.changes)

    def __bool__(self) -> bool:
        return bool(self.renamed or self.changes or self.unmatched or self.notices)


@frozen
class Directions:
    """Which models Gate returns, and which it is sent."""

    read: frozenset[str]
    written: frozenset[str]


def compare(before: list[Fact], after: list[Fact]) -> Report:
    """The differences that remain when renamed things have been followed up."""
    names = renames(before, after)
    old = {fact.key: fact for fact in (renamed(fact, names) for fact in before)}
    new = {fact.key: fact for fact in after}
    ways = _directions([*old.values(), *after])
    found = []
    for key in sorted(old.keys() | new.keys()):
        one, other = old.get(key), new.get(key)
        if one != other:
            marks = _marks(one, other, ways, before)
            found.append(Change(one, other, marks) if marks else None)
    return Report(names, tuple(change for change in found if change))


def _directions(facts: list[Fact]) -> Directions:
    inside: dict[str, set[str]] = {}
    for fact in facts:
        if fact.kind == "field":
            inside.setdefault(fact.owner, set()).update(NAME.findall(fact.type))

    def reached(*kinds: str) -> frozenset[str]:
        waiting = [n for f in facts if f.kind in kinds for n in NAME.findall(f.type)]
        seen: set[str] = set()
        while waiting:
            name = waiting.pop()
            if name not in seen:
                seen.add(name)
                waiting.extend(inside.get(name, ()))
        return frozenset(seen)

    return Directions(reached("response", "event"), reached("body", "parameter"))


def _marks(
    one: Fact | None, other: Fact | None, ways: Directions, before: list[Fact]
) -> tuple[Mark, ...]:
    fact = other or one
    assert fact is not None
    found = MARKERS[fact.kind](one, other, ways, before)
    if found is None:
        return ()
    return tuple(sorted(set(found))) or (Mark.ADDITIVE,)


Found = Iterable[Mark] | None


def _operation(one: Fact | None, other: Fact | None, *_: Any) -> Found:
    if one is None:
        return ()
    caller = Mark.READERS if one.type.startswith("GET") else Mark.WRITERS
    if other is None or one.type != other.type or _note(one, "key") != _note(other, "key"):
        return (caller,)
    if _note(one, "tag") != _note(other, "tag"):
        return (caller,)
    # A changed list of answers is told by the answers themselves.
    same = [_without(f, "answers") for f in (one, other)]
    return None if same[0] == same[1] else ()


def _sent(one: Fact | None, other: Fact | None, *_: Any) -> Found:
    """A parameter or a body."""
    if one is None or other is None:
        return (Mark.WRITERS,) if one is not None or (other and other.required) else ()
    return _written(one, other)


def _response(one: Fact | None, other: Fact | None, *_: Any) -> Found:
    if one is None or other is None:
        return (Mark.READERS,) if one is not None and one.member.startswith("2") else ()
    return _read(one, other)


def _event(one: Fact | None, other: Fact | None, *_: Any) -> Found:
    if one is None:
        return ()
    return (Mark.READERS,) if other is None else _read(one, other)


def _field(one: Fact | None, other: Fact | None, ways: Directions, *_: Any) -> Found:
    fact = other or one
    assert fact is not None
    marks: list[Mark] = []
    if fact.owner in ways.read:
        marks += _read(one, other) if one and other else [Mark.READERS] if one else []
    if fact.owner in ways.written:
        marks += _sent(one, other) or ()
    return marks


def _value(one: Fact | None, other: Fact | None, ways: Directions, before: list[Fact]) -> Found:
    fact = other or one
    assert fact is not None
    if one is None:
        values = sum(f.kind == "enum" and f.owner == fact.owner for f in before)
        # The client keeps an enum of one value closed.
        return (Mark.READERS,) if values == 1 and fact.owner in ways.read else ()
    return (Mark.WRITERS,) if fact.owner in ways.written else ()


def _read(one: Fact, other: Fact) -> list[Mark]:
    """What a reader expects may not come any more."""
    narrower = _within(other, one)
    lost = bool(one.required) and not other.required and other.required is not None
    return [Mark.READERS] if not narrower or (other.null and not one.null) or lost else []


def _written(one: Fact, other: Fact) -> list[Mark]:
    """What a writer sends, or leaves out, may not be taken any more."""
    wider = _within(one, other)
    demanded = bool(other.required) and not one.required
    null_lost = one.null and not other.null
    tighter = _tighter(one.limits, other.limits)
    another = _note(one, DEFAULT) != _note(other, DEFAULT)
    return [Mark.WRITERS] if not wider or demanded or null_lost or tighter or another else []


def _within(one: Fact, other: Fact) -> bool:
    """Whether every value of the one is a value of the other."""
    kinds = set(other.type.split(" or "))
    return "anything" in kinds or set(one.type.split(" or ")) <= kinds


def _tighter(one: dict[str, Any], other: dict[str, Any]) -> bool:
    for key, limit in other.items():
        if key not in one:
            return True
        if (key in LOWER and limit > one[key]) or (key in UPPER and limit < one[key]):
            return True
        if key not in (*LOWER, *UPPER) and limit != one[key]:
            return True
    return False


def _note(fact: Fact, beginning: str) -> str | None:
    return next((note for note in fact.notes if note.startswith(beginning)), None)


def _without(fact: Fact, beginning: str) -> Fact:
    kept = tuple(note for note in fact.notes if not note.startswith(beginning))
    return Fact(fact.kind, fact.name, fact.type, notes=kept)


MARKERS: dict[str, Callable[[Fact | None, Fact | None, Directions, list[Fact]], Found]] = {
    "body": _sent,
    "enum": _value,
    "event": _event,
    "field": _field,
    "operation": _operation,
    "parameter": _sent,
    "response": _response,
}


def as_text(report: Report) -> str:
    """For a terminal; empty if there is nothing to say."""
    blocks = [
        "\n".join([f"{title} ({len(lines)})", *(f"  {line}" for line in lines)])
        for title, lines in _sections(report)
    ]
    return "\n\n".join(blocks) + "\n" if blocks else ""


def as_markdown(report: Report, refused: Iterable[str] = ()) -> str:
    """For the description of a pull request."""
    verdict = "Breaking" if report.breaking else "Additive" if report.changes else "No change"
    blocks = [f"## {verdict}: what the new contract changes"]
    if refused := list(refused):
        blocks.append("**Not adopted.** " + " ".join(_code(line) for line in refused))
    for title, lines in _sections(report):
        listed = "\n".join(f"- {_code(line)}" for line in lines)
        blocks.append(f"### {title} ({len(lines)})\n\n{listed}")
    if len(blocks) == 1:
        blocks.append("The API says the same as before.")
    return "\n\n".join(blocks) + "\n"


def _sections(report: Report) -> list[tuple[str, list[str]]]:
    by_mark = {
        mark: [str(change) for change in report.changes if mark in change.marks] for mark in Mark
    }
    named = [f"{old} -> {new}" for old, new in sorted(report.renamed.items())]
    sections = [
        ("renamed", named),
        *((str(mark), lines) for mark, lines in by_mark.items()),
        ("overlay actions that match nothing", list(report.unmatched)),
        ("worth a look", list(report.notices)),
    ]
    return [(title, lines) for title, lines in sections if lines]


def _code(line: str) -> str:
    fence = "``" if "`" in line else "`"
    pad = " " if "`" in line else ""
    return f"{fence}{pad}{line}{pad}{fence}"
