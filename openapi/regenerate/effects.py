"""Tells callers of the façade, method by method, what a bump changes for them. Pure."""

from collections.abc import Iterator, Mapping

from . import kinds
from .callers import Method
from .changes import Change, Report
from .facts import Fact, renamed
from .verdicts import Mark


def effects(
    methods: Mapping[str, Method], old: list[Fact], new: list[Fact], changed: Report
) -> tuple[str, ...]:
    """One line each, sorted. methods: Operation → the method that asks it."""
    followed = [renamed(fact, changed.renamed) for fact in old]
    called = {changed.renamed.get(id, id): method.name for id, method in methods.items()}
    found = {
        line
        for change in changed.changes
        for line in _of_change(change, called, followed if change.after is None else new)
    }
    return tuple(sorted(found))


def _of_change(change: Change, called: Mapping[str, str], facts: list[Fact]) -> Iterator[str]:
    fact = change.after or change.before
    assert fact is not None
    if fact.kind == "parameter" and fact.owner in called:
        yield from _of_argument(change, called[fact.owner], fact.member.partition(" ")[2])
    elif fact.kind == "enum":
        yield from _of_value(change, fact, called, facts)
    elif fact.kind == "field":
        for operation in _asking(facts, fact.owner):
            if operation in called:
                yield from _of_argument(change, called[operation], fact.member)
        for operation in _answering(facts, fact.owner):
            if operation in called:
                yield _of_record(change, f"`{called[operation]}()`", fact)
    elif fact.kind == "operation" and change.before is not None and fact.name in called:
        what = "is gone" if change.after is None else "goes elsewhere, or with another key"
        yield f"`{called[fact.name]}()`: its operation {what}"


def _of_argument(change: Change, method: str, name: str) -> Iterator[str]:
    call = f"`{method}({name}=)`"
    if change.before is None:
        needed = change.after is not None and bool(change.after.required)
        yield f"{call} is new, and has to be given" if needed else f"{call} may be given"
    elif change.after is None:
        yield f"{call} is not taken any more"
    elif Mark.WRITERS in change.marks:
        yield f"{call} takes less, or has to be given now"
    else:
        yield f"{call} takes more"


def _of_value(
    change: Change, fact: Fact, called: Mapping[str, str], facts: list[Fact]
) -> Iterator[str]:
    more = "one value less" if change.after is None else "one value more"
    for holder in facts:
        if fact.owner not in kinds.names(holder.type):
            continue
        if holder.kind == "parameter" and holder.owner in called:
            name = holder.member.partition(" ")[2]
            yield f"`{called[holder.owner]}({name}=)` takes {more}: {fact.member}"
        elif holder.kind == "field":
            for operation in _asking(facts, holder.owner):
                if operation in called:
                    yield f"`{called[operation]}({holder.member}=)` takes {more}: {fact.member}"
            for operation in _answering(facts, holder.owner):
                if operation in called:
                    yield f"`{called[operation]}()`: {holder.name} may have {more}: {fact.member}"


def _of_record(change: Change, call: str, fact: Fact) -> str:
    if change.before is None:
        return f"{call} brings {fact.name}"
    if change.after is None:
        return f"{call} brings {fact.name} no more"
    return f"{call}: {fact.name} is {change.after.type}"


def _asking(facts: list[Fact], model: str) -> Iterator[str]:
    for fact in facts:
        if fact.kind == "body" and model in kinds.names(fact.type):
            yield fact.owner


def _answering(facts: list[Fact], model: str) -> Iterator[str]:
    """Operations whose success is this model, or a list of it."""
    lists = {
        fact.owner
        for fact in facts
        if fact.kind == "field" and fact.member == "data" and model in kinds.names(fact.type)
    }
    for fact in facts:
        success = fact.kind == "response" and fact.member[:1] == "2"
        if success and {model, *lists} & {*kinds.names(fact.type)}:
            yield fact.owner
