"""Tells callers of the façade, method by method, what a bump changes for them. Pure."""

from collections.abc import Iterator, Mapping

from attrs import field, frozen

from . import kinds
from .callers import Method
from .changes import Change, Report
from .facts import Fact, renamed
from .verdicts import Mark


@frozen
class _Uses:
    """Facts of one contract by the models and enums that they name. Each change asks several times."""

    holders: dict[str, list[Fact]] = field(factory=dict)
    pages: dict[str, set[str]] = field(factory=dict)

    def of(self, kind: str, model: str) -> Iterator[Fact]:
        """Return an iterator of the facts of a kind whose type names the model, in their order."""
        return (fact for fact in self.holders.get(model, ()) if fact.kind == kind)


def _uses(facts: list[Fact]) -> _Uses:
    """Return facts by the models and enums that their types name."""
    uses = _Uses()
    for fact in facts:
        if fact.kind in ("body", "field", "parameter", "response"):
            for name in {*kinds.names(fact.type)}:
                uses.holders.setdefault(name, []).append(fact)
                if fact.kind == "field" and fact.member == "data":
                    uses.pages.setdefault(name, set()).add(fact.owner)
    return uses


def effects(
    methods: Mapping[str, Method], old: list[Fact], new: list[Fact], changed: Report
) -> tuple[str, ...]:
    """Return a line for each thing that a bump changes for callers of a method, sorted.

    methods: Operation → the method that asks it.
    """
    before = _uses([renamed(fact, changed.renamed) for fact in old])
    after = _uses(new)
    called = {changed.renamed.get(id, id): method.name for id, method in methods.items()}
    found = {
        line
        for change in changed.changes
        for line in _of_change(change, called, before if change.after is None else after)
    }
    return tuple(sorted(found))


def _of_change(change: Change, called: Mapping[str, str], uses: _Uses) -> Iterator[str]:
    """Yield the lines that one change means for the methods called; none where nobody calls it."""
    fact = change.after or change.before
    assert fact is not None
    if fact.kind == "parameter" and fact.owner in called:
        yield from _of_argument(change, called[fact.owner], fact.member.partition(" ")[2])
    elif fact.kind == "enum":
        yield from _of_value(change, fact, called, uses)
    elif fact.kind == "field":
        for operation in _asking(uses, fact.owner):
            if operation in called:
                yield from _of_argument(change, called[operation], fact.member)
        for operation in _answering(uses, fact.owner):
            if operation in called:
                yield _of_record(change, f"`{called[operation]}()`", fact)
    elif fact.kind == "operation" and change.before is not None and fact.name in called:
        what = "is gone" if change.after is None else "goes elsewhere, or with another key"
        yield f"`{called[fact.name]}()`: its operation {what}"


def _of_argument(change: Change, method: str, name: str) -> Iterator[str]:
    """Yield the line for an argument of a method that is new, gone, wider or narrower."""
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


def _of_value(change: Change, fact: Fact, called: Mapping[str, str], uses: _Uses) -> Iterator[str]:
    """Yield a line for each argument and field whose enum has one value more or less."""
    more = "one value less" if change.after is None else "one value more"
    for holder in uses.holders.get(fact.owner, ()):
        if holder.kind == "parameter" and holder.owner in called:
            name = holder.member.partition(" ")[2]
            yield f"`{called[holder.owner]}({name}=)` takes {more}: {fact.member}"
        elif holder.kind == "field":
            for operation in _asking(uses, holder.owner):
                if operation in called:
                    yield f"`{called[operation]}({holder.member}=)` takes {more}: {fact.member}"
            for operation in _answering(uses, holder.owner):
                if operation in called:
                    yield f"`{called[operation]}()`: {holder.name} may have {more}: {fact.member}"


def _of_record(change: Change, call: str, fact: Fact) -> str:
    """Return the line for a field of a method's result that is new, gone or another."""
    if change.before is None:
        return f"{call} brings {fact.name}"
    if change.after is None:
        return f"{call} brings {fact.name} no more"
    return f"{call}: {fact.name} is {change.after.type}"


def _asking(uses: _Uses, model: str) -> Iterator[str]:
    """Yield the operations whose request body is this model."""
    for fact in uses.of("body", model):
        yield fact.owner


def _answering(uses: _Uses, model: str) -> Iterator[str]:
    """Yield the operations whose success is this model, or a list of it."""
    for name in sorted({model, *uses.pages.get(model, ())}):
        for fact in uses.of("response", name):
            if fact.member[:1] == "2":
                yield fact.owner
