"""What changed between two contracts, in the terms of the API, and whom it breaks. Pure.

Readers read what Gate returns and reports; writers build what it is sent. Enums of the client keep
values they do not know, so a new value breaks no reader; fields nobody knows are kept too.
"""

from collections import Counter
from collections.abc import Callable, Iterable
from enum import StrEnum
from typing import Any

from attrs import frozen

from .facts import DEFAULT, DEPRECATED, Fact, renamed
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
    uncovered: tuple[str, ...] = ()
    stale: tuple[str, ...] = ()

    @property
    def breaking(self) -> bool:
        """Whether code written for the old contract may have to change."""
        return bool(self.renamed) or any(c.marks != (Mark.ADDITIVE,) for c in self.changes)

    def __bool__(self) -> bool:
        told = (self.changes, self.unmatched, self.notices, self.uncovered, self.stale)
        return bool(self.renamed or any(told))


@frozen
class Surroundings:
    """What a single fact does not say: where its values go, and what there was before."""

    read: frozenset[str]
    written: frozenset[str]
    old_calls: frozenset[str]
    new_calls: frozenset[str]
    old_models: frozenset[str]
    old_values: dict[str, int]


def compare(before: list[Fact], after: list[Fact]) -> Report:
    """The differences that remain when renamed things have been followed up."""
    names = renames(before, after)
    old = {fact.key: fact for fact in (renamed(fact, names) for fact in before)}
    new = {fact.key: fact for fact in after}
    around = _surroundings(list(old.values()), after)
    found = []
    for key in sorted(old.keys() | new.keys()):
        one, other = old.get(key), new.get(key)
        marks = MARKERS[key[0]](one, other, around) if one != other else None
        if marks is not None:
            told = tuple(sorted(set(marks))) or (Mark.ADDITIVE,)
            found.append(Change(one, other, told))
    return Report(names, tuple(found))


def _surroundings(before: list[Fact], after: list[Fact]) -> Surroundings:
    inside: dict[str, set[str]] = {}
    for fact in (*before, *after):
        if fact.kind == "field":
            inside.setdefault(fact.owner, set()).update(NAME.findall(fact.type))

    def reached(*kinds: str) -> frozenset[str]:
        facts = [fact for fact in (*before, *after) if fact.kind in kinds]
        waiting = [name for fact in facts for name in NAME.findall(fact.type)]
        seen: set[str] = set()
        while waiting:
            name = waiting.pop()
            if name not in seen:
                seen.add(name)
                waiting.extend(inside.get(name, ()))
        return frozenset(seen)

    return Surroundings(
        read=reached("response", "event"),
        written=reached("body", "parameter"),
        old_calls=frozenset(fact.name for fact in before if fact.kind == "operation"),
        new_calls=frozenset(fact.name for fact in after if fact.kind == "operation"),
        old_models=frozenset(fact.owner for fact in before if fact.kind == "field"),
        old_values=Counter(fact.owner for fact in before if fact.kind == "enum"),
    )


# Nothing at all: not worth a line. An empty list: additive.
Found = Iterable[Mark] | None


def _operation(one: Fact | None, other: Fact | None, _: Surroundings) -> Found:
    if one is None:
        return ()
    caller = Mark.READERS if one.type.startswith("GET") else Mark.WRITERS
    if other is None or one.type != other.type:
        return (caller,)
    if any(_note(one, note) != _note(other, note) for note in ("key", "tag")):
        return (caller,)
    # A changed list of answers is told by the answers themselves.
    return None if _note(one, DEPRECATED) == _note(other, DEPRECATED) else ()


def _sent(one: Fact | None, other: Fact | None, around: Surroundings) -> Found:
    """A parameter, a body, or a field of one."""
    fact = other or one
    assert fact is not None
    if one is None:
        known = fact.kind == "field" or fact.owner in around.old_calls
        return (Mark.WRITERS,) if fact.required and known else ()
    return (Mark.WRITERS,) if other is None else _written(one, other)


def _of_call(one: Fact | None, other: Fact | None, around: Surroundings) -> Found:
    """A parameter or body; of a call that is gone, its own line says enough."""
    gone = other is None and one is not None and one.owner not in around.new_calls
    return None if gone else _sent(one, other, around)


def _response(one: Fact | None, other: Fact | None, around: Surroundings) -> Found:
    if one is not None and other is None:
        if one.owner not in around.new_calls:
            return None
        return (Mark.READERS,) if one.member.startswith("2") else ()
    return _read(one, other) if one and other else ()


def _event(one: Fact | None, other: Fact | None, _: Surroundings) -> Found:
    if one is None:
        return ()
    return (Mark.READERS,) if other is None else _read(one, other)


def _field(one: Fact | None, other: Fact | None, around: Surroundings) -> Found:
    fact = other or one
    assert fact is not None
    marks: list[Mark] = []
    if fact.owner in around.read:
        marks += _read(one, other) if one and other else [Mark.READERS] if one else []
    if fact.owner in around.written and (one or fact.owner in around.old_models):
        marks += _sent(one, other, around) or ()
    return marks


def _value(one: Fact | None, other: Fact | None, around: Surroundings) -> Found:
    fact = other or one
    assert fact is not None
    if one is None:
        # The client keeps an enum of one value closed.
        closed = around.old_values.get(fact.owner) == 1
        return (Mark.READERS,) if closed and fact.owner in around.read else ()
    return (Mark.WRITERS,) if fact.owner in around.written else ()


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


MARKERS: dict[str, Callable[[Fact | None, Fact | None, Surroundings], Found]] = {
    "body": _of_call,
    "enum": _value,
    "event": _event,
    "field": _field,
    "operation": _operation,
    "parameter": _of_call,
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
        ("not covered by hand yet", list(report.uncovered)),
        ("stale, written by hand", list(report.stale)),
        ("worth a look", list(report.notices)),
    ]
    return [(title, lines) for title, lines in sections if lines]


def _code(line: str) -> str:
    fence = "``" if "`" in line else "`"
    pad = " " if "`" in line else ""
    return f"{fence}{pad}{line}{pad}{fence}"
