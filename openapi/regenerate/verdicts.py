"""Judges whom a change of one fact breaks. Pure.

Readers read what Gate returns and reports; writers build what it is sent. Enums of the client keep
values they do not know, so a new value breaks no reader; fields nobody knows are kept too.
"""

import json
import re
from collections import Counter
from collections.abc import Callable, Iterable
from enum import StrEnum
from typing import Any

from attrs import evolve, frozen

from . import kinds, prose
from .facts import (
    CLOSED,
    DEFAULT,
    DETAIL,
    EXAMPLE,
    OF_EACH,
    READ_ONLY,
    STABILITY,
    SUNSET,
    WRITE_ONLY,
    Fact,
)
from .kinds import Values
from .limits import looser


class Mark(StrEnum):
    """Kind of a change: the side that it breaks, or none."""

    READERS = "breaking for readers"
    WRITERS = "breaking for writers"
    WORDS = "money, time or keys in other words"
    ADDITIVE = "additive"


BOTH = (Mark.READERS, Mark.WRITERS)
#: Dialects in which a schema means what it means where none is named.
DIALECTS = (
    "https://spec.openapis.org/oas/3.1/dialect/base",
    "https://json-schema.org/draft/2020-12/schema",
)
LEVELS = ("draft", "alpha", "beta", "stable")


@frozen
class Surroundings:
    """Surroundings of a single fact: the way its values go, and what there was before."""

    read: frozenset[str]
    written: frozenset[str]
    old_calls: frozenset[str]
    new_calls: frozenset[str]
    old_models: frozenset[str]
    new_models: frozenset[str]
    old_events: frozenset[str]
    new_events: frozenset[str]
    old_closed: frozenset[str]
    new_closed: frozenset[str]
    old_values: dict[str, int]
    values: Values
    answers: dict[str, frozenset[str]]
    failures: frozenset[str]
    keys: frozenset[str]
    kept: frozenset[str]


# Nothing at all: not worth a line. An empty list: additive.
Found = Iterable[Mark] | None


def verdict(one: Fact | None, other: Fact | None, around: Surroundings) -> tuple[Mark, ...] | None:
    """Return a change's marks, ADDITIVE where it breaks nobody; None if other changes say it."""
    fact = other or one
    assert fact is not None
    marks = MARKERS[fact.kind](one, other, around)
    if marks is not None and one and other:
        # Other figures are no news; amounts that had decimals and have none may be in another unit.
        written = prose.gainsays(_note(one, EXAMPLE), _note(other, EXAMPLE))
        marks = [*marks, *([Mark.WORDS] if written else [])]
    return (
        None
        if marks is None
        else tuple(sorted(set(marks), key=list(Mark).index)) or (Mark.ADDITIVE,)
    )


def surroundings(before: list[Fact], after: list[Fact]) -> Surroundings:
    """Return what the two contracts say together, as the surroundings of each of their facts."""
    facts = [*before, *after]
    return Surroundings(
        read=_reached(facts, "response", "event", "header", "event-header"),
        written=_reached(facts, "body", "parameter"),
        old_calls=_names_of_kind(before, "operation"),
        new_calls=_names_of_kind(after, "operation"),
        old_models=_owners(before),
        new_models=_owners(after),
        old_events=_names_of_kind(before, "event"),
        new_events=_names_of_kind(after, "event"),
        old_closed=_closed(before),
        new_closed=_closed(after),
        old_values=Counter(fact.owner for fact in before if fact.kind == "enum"),
        values=_values(facts),
        answers=_answers(before),
        failures=frozenset(f.type for f in before if f.kind == "response" and f.member[:1] in "45"),
        keys=frozenset(
            re.findall(r"[\w.-]+", " ".join(_keys(f) for f in before if f.kind == "operation"))
        ),
        kept=frozenset(_subjects(before) & _subjects(after)),
    )


def _subjects(facts: list[Fact]) -> set[str]:
    """Return the names of everything that something may be said of."""
    told = {fact.name for fact in facts if fact.kind not in ("event", "event-header")}
    events = [fact for fact in facts if fact.kind in ("event", "event-header")]
    heads = {f"events {fact.member}" for fact in events if fact.kind == "event-header"}
    heads |= {
        f"answers {f.name.rpartition(' ')[2]}" for f in facts if f.kind in ("response", "header")
    }
    heads |= {f"{fact.name} body" for fact in facts if fact.kind == "body"}
    return {*told, *heads, *(f"event {fact.name}" for fact in events), *_owners(facts), "info"}


def _reached(facts: list[Fact], *of: str) -> frozenset[str]:
    """Return the models that facts of these kinds are made of, however deep."""
    inside: dict[str, set[str]] = {}
    for fact in facts:
        if fact.kind == "field":
            inside.setdefault(fact.owner, set()).update(kinds.names(fact.type))
    waiting = [name for fact in facts if fact.kind in of for name in kinds.names(fact.type)]
    seen: set[str] = set()
    while waiting:
        name = waiting.pop()
        if name not in seen:
            seen.add(name)
            waiting.extend(inside.get(name, ()))
    return frozenset(seen)


def _names_of_kind(facts: list[Fact], kind: str) -> frozenset[str]:
    """Return the names of the facts of a kind."""
    return frozenset(fact.name for fact in facts if fact.kind == kind)


def _owners(facts: list[Fact]) -> frozenset[str]:
    """Return the names of models and enums."""
    return frozenset(fact.owner for fact in facts if fact.kind in ("field", "enum", "model"))


def _closed(facts: list[Fact]) -> frozenset[str]:
    """Return the models that take no other fields."""
    return frozenset(f.name for f in facts if f.kind == "model" and CLOSED in f.notes)


def _values(facts: list[Fact]) -> Values:
    """Return enum → its values, as JSON."""
    found: dict[str, set[str]] = {}
    for fact in facts:
        if fact.kind == "enum":
            found.setdefault(fact.owner, set()).add(fact.member)
    return {name: frozenset(values) for name, values in found.items()}


def _answers(before: list[Fact]) -> dict[str, frozenset[str]]:
    """Return the types that each call answers with when it succeeds."""
    found: dict[str, set[str]] = {}
    for fact in before:
        if fact.kind == "response" and fact.member[:1] == "2":
            found.setdefault(fact.owner, set()).add(fact.type)
    return {name: frozenset(types) for name, types in found.items()}


# --- one function for each kind of fact ------------------------------------------------------------


def _operation(one: Fact | None, other: Fact | None, _: Surroundings) -> Found:
    """Judge an operation: gone, moved, other tag, other key or withdrawn breaks its callers."""
    if one is None:
        return ()
    caller = Mark.READERS if one.type.startswith("GET") else Mark.WRITERS
    if other is None or one.type != other.type or _note(one, "tag ") != _note(other, "tag "):
        return (caller,)
    if not _still_opens(_ways(_keys(one)), _ways(_keys(other))) or _is_withdrawn(one, other):
        return (caller,)
    # A changed list of answers is told by the answers themselves.
    said = [[n for n in fact.notes if not n.startswith("answers ")] for fact in (one, other)]
    return None if said[0] == said[1] else ()


def _keys(fact: Fact) -> str:
    """Return the ways to sign a call as API.md writes them; `none` where it says none."""
    return (_note(fact, "key ") or "key none").removeprefix("key ")


Way = frozenset[tuple[str, str]]


def _ways(keys: str) -> list[Way]:
    """Return each way to sign a call as what it asks for: keys, with scopes."""
    return [_way(way) for way in keys.split(" or ")]


def _way(way: str) -> Way:
    """Return the keys that one way asks for, each with "" and with each of its scopes."""
    found: set[tuple[str, str]] = set()
    for name, scopes in re.findall(r'([\w.-]+)(\[(?:"[^"]*"[, ]*)*\])?', way):
        if name not in ("and", "none"):
            found |= {(name, ""), *((name, scope) for scope in json.loads(scopes or "[]"))}
    return frozenset(found)


def _still_opens(old: list[Way], new: list[Way]) -> bool:
    """Return True where each old way has all that some new way asks for."""
    return all(any(way <= one for way in new) for one in old)


def _is_withdrawn(one: Fact, other: Fact) -> bool:
    """Return True where a sunset comes sooner, or a stability level is lower."""
    old, new = _note(one, SUNSET), _note(other, SUNSET)
    if old and new and new < old:
        return True
    told = [(_note(f, STABILITY) or f"{STABILITY}stable").split()[1] for f in (one, other)]
    known = [LEVELS.index(level) for level in told if level in LEVELS]
    return len(known) == 2 and known[1] < known[0]


def _of_call(one: Fact | None, other: Fact | None, around: Surroundings) -> Found:
    """Judge a parameter or body; None where its call is gone, which says enough."""
    if other is None and one is not None and one.owner not in around.new_calls:
        return None
    if one is None:
        assert other is not None
        return (Mark.WRITERS,) if other.required and other.owner in around.old_calls else ()
    return (Mark.WRITERS,) if other is None else _written(one, other, around)


def _response(one: Fact | None, other: Fact | None, around: Surroundings) -> Found:
    """Judge an answer: a new one breaks readers where its type is another than before."""
    if one and other:
        return _read(one, other, around)
    if one is not None:
        if one.owner not in around.new_calls:
            return None
        return (Mark.READERS,) if one.member[:1] in "123d" else ()
    assert other is not None
    known = around.answers.get(other.owner)
    if known is None:
        return ()
    if other.member[:1] in "45d":
        # Whoever reads an error of one shape meets another.
        strange = around.failures and other.type not in around.failures
        return (Mark.READERS,) if strange and other.member[:1] != "d" else ()
    return () if other.type in known else (Mark.READERS,)


def _header(one: Fact | None, other: Fact | None, around: Surroundings) -> Found:
    """Judge a header of an answer; None where the answer came or went, which says enough."""
    fact = other or one
    assert fact is not None
    if fact.name.rpartition(" ")[0] not in around.kept:
        return None
    return _received(one, other, around)


def _event_header(one: Fact | None, other: Fact | None, around: Surroundings) -> Found:
    """Judge a header of an event; None where the event is gone."""
    fact = other or one
    assert fact is not None
    if fact.owner not in around.new_events:
        return None
    if fact.owner not in around.old_events:
        return ()
    return _received(one, other, around)


def _event_answer(one: Fact | None, other: Fact | None, around: Surroundings) -> Found:
    """Judge an answer that Gate wants of a receiver: it is one who says what counted until now."""
    fact = other or one
    assert fact is not None
    if fact.owner not in around.new_events:
        return None
    if one is None or fact.owner not in around.old_events:
        return ()
    return (Mark.READERS,) if other is None or one.type != other.type else ()


def _received(one: Fact | None, other: Fact | None, around: Surroundings) -> list[Mark]:
    """Return READERS where a reader may miss or not understand a value; what is sent is none."""
    one, other = _unless(WRITE_ONLY, one), _unless(WRITE_ONLY, other)
    if one is None:
        return []
    return [Mark.READERS] if other is None else _read(one, other, around)


def _unless(word: str, fact: Fact | None) -> Fact | None:
    """Return the fact, or None where *word* is among its notes: it is nothing to that side."""
    return None if fact is None or word in fact.notes else fact


def _event(one: Fact | None, other: Fact | None, around: Surroundings) -> Found:
    """Judge an event: gone, sent otherwise or of another type breaks readers."""
    if one and other:
        # A receiver reads what it is sent: one way more is one that it does not expect.
        more = _media(other, "as ") - _media(one, "as ")
        if more or _note(one, "by ") != _note(other, "by "):
            return (Mark.READERS,)
    return _received(one, other, around)


def _field(one: Fact | None, other: Fact | None, around: Surroundings) -> Found:
    """Judge a field for readers and writers, by whether its model is read or written."""
    fact = other or one
    assert fact is not None
    marks: list[Mark] = []
    if fact.owner in around.read:
        marks += _received(one, other, around)
    if fact.owner in around.written and (one or fact.owner in around.old_models):
        marks += _sent(one, other, around)
    return marks


def _sent(one: Fact | None, other: Fact | None, around: Surroundings) -> list[Mark]:
    """Return WRITERS where a field of a request is refused, demanded or of a narrower type."""
    if one and other and READ_ONLY not in one.notes:
        return _written(one, other, around)
    one, other = _unless(READ_ONLY, one), _unless(READ_ONLY, other)
    fact = one or other
    if fact is None:
        return []
    if fact.member == "*":
        # Others were free before, if the object was open; and are free again, if it is.
        shut = fact.owner in (around.new_closed if one else around.old_closed)
        return [Mark.WRITERS] if shut == bool(one) else []
    return [Mark.WRITERS] if one or fact.required else []


def _value(one: Fact | None, other: Fact | None, around: Surroundings) -> Found:
    """Judge an enum's value: gone breaks writers, new breaks readers where there was but one."""
    fact = other or one
    assert fact is not None
    if one is None:
        # The client keeps an enum of one value closed.
        closed = around.old_values.get(fact.owner) == 1
        return (Mark.READERS,) if closed and fact.owner in around.read else ()
    return (Mark.WRITERS,) if fact.owner in around.written else ()


def _model(one: Fact | None, other: Fact | None, around: Surroundings) -> Found:
    """Judge a class as a whole; None where it is gone."""
    fact = other or one
    assert fact is not None
    if fact.owner not in around.old_models & around.new_models:
        return () if one is None else None
    plain = Fact("model", fact.name, fact.type)
    one, other = one or plain, other or plain
    marks: list[Mark] = []
    if fact.name in around.read:
        marks += [Mark.READERS] if looser(one.limits, other.limits) else []
    if fact.name in around.written:
        shut = CLOSED in other.notes and CLOSED not in one.notes
        marks += [Mark.WRITERS] if shut else []
        marks += _written(one, other, around)
    return marks


def _server(one: Fact | None, other: Fact | None, _: Surroundings) -> Found:
    """Judge a server: another one breaks both sides, another description only changes words."""
    if one and other:
        return BOTH if one.notes != other.notes else (Mark.WORDS,)
    return BOTH if one else ()


def _scheme(one: Fact | None, other: Fact | None, around: Surroundings) -> Found:
    """Judge a key: gone, or of another type or fewer scopes, breaks both where it is in use."""
    if one is None:
        return ()
    same = other is not None and one.type == other.type and _offers(one) <= _offers(other)
    return BOTH if not same and one.name in around.keys else ()


def _offers(scheme: Fact) -> set[tuple[str, str, str]]:
    """Return what is used of a scheme's flows: addresses and scopes, whatever is said of those."""
    flows: dict[str, dict[str, Any]] = next(
        (json.loads(note) for note in scheme.notes if note.startswith("{")), {}
    )
    return {
        (flow, key, str(name))
        for flow, told in flows.items()
        for key, value in told.items()
        for name in (value if isinstance(value, dict) else [value])
    }


def _prose(one: Fact | None, other: Fact | None, around: Surroundings) -> Found:
    """Judge other words: breaking where they say that a number means something else."""
    fact = other or one
    assert fact is not None
    if fact.name not in around.kept:
        return None
    if other is None or not _means_other(one, other):
        return (Mark.WORDS,)
    if fact.owner in around.old_models:
        sides = {Mark.READERS: around.read, Mark.WRITERS: around.written}
        return [mark for mark, models in sides.items() if fact.owner in models] or (Mark.WORDS,)
    if fact.owner in ("event", "events", "answers") or re.match(r"[1-5]|default", fact.member):
        return (Mark.READERS,)
    return (Mark.WRITERS,) if fact.member == "body" else BOTH


def _means_other(one: Fact | None, other: Fact) -> bool:
    """Return True where two texts differ in units, numbers or how examples are written."""
    samples = [prose.shown(fact.type.strip('"')) for fact in (one, other) if fact]
    if len(samples) == 2 and all(samples) and samples[0] != samples[1]:
        return True
    old = prose.units(one.type.strip('"')) if one else frozenset()
    new = prose.units(other.type.strip('"'))
    return old != new if one else "minor" in new


def _callback(one: Fact | None, other: Fact | None, around: Surroundings) -> Found:
    """Judge a callback: changed or gone breaks readers; None where its call is gone."""
    if one is not None and one.owner not in around.new_calls:
        return None
    return (Mark.READERS,) if one else ()


def _link(one: Fact | None, other: Fact | None, around: Surroundings) -> Found:
    """Judge a link: additive, for no code of ours follows it; None where its call is gone."""
    fact = other or one
    assert fact is not None
    return () if fact.owner in around.new_calls else None


def _info(one: Fact | None, other: Fact | None, _: Surroundings) -> Found:
    """Judge version, title and dialect: only another dialect of schemas breaks, and both sides."""
    fact = other or one
    assert fact is not None
    if fact.name != "dialect":
        return ()
    return (
        ()
        if all(told is None or told.type.strip('"') in DIALECTS for told in (one, other))
        else BOTH
    )


# --- what two facts say of the same thing ----------------------------------------------------------


def _read(one: Fact, other: Fact, around: Surroundings) -> list[Mark]:
    """Return READERS where something a reader expects may not come, or something else may."""
    one, other = _in_one(one), _in_one(other)
    if _is_told_of_both(WRITE_ONLY, one, other):
        return []
    lost = bool(one.required) and not other.required and other.required is not None
    hidden = _is_added(WRITE_ONLY, one, other)
    null = other.null and not one.null and "anything" not in one.type.split(" or ")
    media = _media(one, "as ") - _media(other, "as ") or _others(one, other)
    strange = kinds.surprises(_kinds(one), _kinds(other), around.values)
    gone = _is_withdrawn(one, other)
    # Nobody compares what is in a header of fields; another one may hold anything.
    inside = bool(_note(one, DETAIL)) and _note(one, DETAIL) != _note(other, DETAIL)
    return [Mark.READERS] if strange or null or lost or hidden or media or gone or inside else []


def _written(one: Fact, other: Fact, around: Surroundings) -> list[Mark]:
    """Return WRITERS where something a writer sends, or leaves out, may be refused now."""
    one, other = _in_one(one), _in_one(other)
    if _is_told_of_both(READ_ONLY, one, other):
        return []
    demanded = bool(other.required) and not one.required
    null_lost = one.null and not other.null and "anything" not in other.type.split(" or ")
    another = any(_note(one, word) != _note(other, word) for word in MANNERS)
    refused = any(_is_added(word, one, other) for word in (READ_ONLY, CLOSED))
    media = _media(one, "as ") - _media(other, "as ") or _others(one, other)
    narrower = kinds.refuses(_kinds(one), _kinds(other), around.values)
    told = narrower or demanded or null_lost or another or refused or media
    return [Mark.WRITERS] if told or _is_withdrawn(one, other) else []


def _is_told_of_both(word: str, one: Fact, other: Fact) -> bool:
    """Return whether both facts have this note."""
    return word in one.notes and word in other.notes


def _is_added(word: str, one: Fact, other: Fact) -> bool:
    """Return whether only the second fact has this note."""
    return word in other.notes and word not in one.notes


def _in_one(fact: Fact) -> Fact:
    """Return the fact with notes on a list's elements as notes on the values."""
    return evolve(fact, notes=tuple(note.replace(OF_EACH, "") for note in fact.notes))


#: Notes that say how a value is written, or what stands for one that is left out.
MANNERS = (
    DEFAULT,
    "style ",
    "exploded",
    "not exploded",
    "as JSON",
    "demands ",
    "allowReserved",
    "encoding ",
)


def _kinds(fact: Fact) -> tuple[kinds.Kind, ...]:
    """Return the alternatives of a fact's type; its limits added where it is a single one."""
    found = kinds.kinds(fact.type)
    if len(found) == 1 and fact.limits:
        found = (kinds.Kind(found[0].name, {**found[0].limits, **fact.limits}, found[0].items),)
    return found


def _media(fact: Fact, word: str) -> set[str]:
    """Return the content types that a note lists; JSON alone where there is no such note."""
    told = _note(fact, word)
    if told is None or told == "as JSON":
        return {"application/json"}
    return set(told.removeprefix(word).split(" or "))


def _others(one: Fact, other: Fact) -> bool:
    """Return True where a content type that is not JSON holds something else now."""
    old, new = (
        {note.partition(" of ")[0]: note for note in fact.notes if "/" in note.partition(" of ")[0]}
        for fact in (one, other)
    )
    both = _media(one, "as ") & _media(other, "as ") | old.keys() & new.keys()
    return any(old.get(media) != new.get(media) for media in both)


def _note(fact: Fact, beginning: str) -> str | None:
    """Return the first note that begins so; None where there is none."""
    return next((note for note in fact.notes if note.startswith(beginning)), None)


MARKERS: dict[str, Callable[[Fact | None, Fact | None, Surroundings], Found]] = {
    "body": _of_call,
    "callback": _callback,
    "enum": _value,
    "event": _event,
    "event-answer": _event_answer,
    "event-header": _event_header,
    "field": _field,
    "header": _header,
    "info": _info,
    "link": _link,
    "model": _model,
    "operation": _operation,
    "parameter": _of_call,
    "prose": _prose,
    "response": _response,
    "scheme": _scheme,
    "server": _server,
}
