"""Compares two contracts in the terms of the API, and says whom each change breaks. Pure."""

import re

from attrs import evolve, frozen

from .facts import Fact, renamed
from .renames import renames, schemes
from .verdicts import Mark, surroundings, verdict


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
        same = self.before.name == self.after.name
        return f"~ {old} -> {new.partition(': ')[2] if same else new}"


@frozen
class Report:
    """Everything that a reviewer of a spec bump wants to know.

    methods: What it means for those who call the façade. refusals: Why it was not adopted.
    standing: Notices that were told before and are kept beside the lock.
    """

    renamed: dict[str, str]
    changes: tuple[Change, ...]
    unmatched: tuple[str, ...] = ()
    notices: tuple[str, ...] = ()
    uncovered: tuple[str, ...] = ()
    stale: tuple[str, ...] = ()
    methods: tuple[str, ...] = ()
    refusals: tuple[str, ...] = ()
    standing: int = 0

    @property
    def breaking(self) -> bool:
        """True where code written for the old contract may have to change."""
        return bool(self.renamed) or any(
            {Mark.READERS, Mark.WRITERS} & {*c.marks} for c in self.changes
        )

    def __bool__(self) -> bool:
        told = (
            self.changes,
            self.unmatched,
            self.notices,
            self.uncovered,
            self.stale,
            self.refusals,
        )
        return bool(self.renamed or any(told))


def compare(before: list[Fact], after: list[Fact]) -> Report:
    """Return the differences of two contracts, renamed things followed up; nothing else is set."""
    names, keys = renames(before, after), schemes(before, after)
    followed = [_with_keys(renamed(fact, names), keys) for fact in before]
    spelled = {_in_any_case(fact): fact.name for fact in after}
    followed = [evolve(fact, name=spelled.get(_in_any_case(fact), fact.name)) for fact in followed]
    old = {fact.key: fact for fact in followed}
    new = {fact.key: fact for fact in after}
    around = surroundings(followed, after)
    found = []
    for key in sorted(old.keys() | new.keys()):
        one, other = old.get(key), new.get(key)
        marks = verdict(one, other, around) if one != other else None
        if marks is not None:
            found.append(Change(one, other, marks))
    called = {fact.name: fact for fact in before if fact.kind == "scheme"}
    found += [
        Change(called[name], new["scheme", other], (Mark.ADDITIVE,)) for name, other in keys.items()
    ]
    return Report(names, tuple(found))


def _in_any_case(fact: Fact) -> tuple[str, str]:
    """Return a fact's key, in lower case for a header: HTTP sees no case."""
    is_header = fact.kind in ("header", "event-header") or fact.member.startswith("header ")
    return fact.kind, fact.name.lower() if is_header else fact.name


def _with_keys(fact: Fact, keys: dict[str, str]) -> Fact:
    """Return the fact with security schemes under their new names."""
    if fact.kind == "scheme":
        return evolve(fact, name=keys.get(fact.name, fact.name))
    if fact.kind != "operation" or not keys:
        return fact
    told = (_renamed_ways(note, keys) if note.startswith("key ") else note for note in fact.notes)
    return evolve(fact, notes=tuple(told))


def _renamed_ways(note: str, keys: dict[str, str]) -> str:
    """Return a note `key …` with the schemes' new names, sorted."""
    ways = note.removeprefix("key ").split(" or ")
    new = (re.sub(r"[\w.-]+", lambda word: keys.get(word[0], word[0]), way) for way in ways)
    return f"key {' or '.join(sorted(new))}"


def strangers(before: list[Fact], after: list[Fact]) -> tuple[str, ...]:
    """Return one sentence where the two share no operation: it is another API's; else ()."""
    old, new = (
        {_bare_place(fact) for fact in facts if fact.kind == "operation"}
        for facts in (before, after)
    )
    if (
        not old
        or not new
        or old & new
        or {f.name for f in before if f.kind == "operation"}
        & {f.name for f in after if f.kind == "operation"}
    ):
        return ()
    return (f"this is no contract of Gate: none of its {len(new)} operations is one of our {len(old)}; "
            "is it the right file?",)  # fmt: skip


def _bare_place(fact: Fact) -> str:
    """Return an operation's method and path without version and names of parameters."""
    return re.sub(r"\{[^{}]*\}", "{}", re.sub(r" /v\d+/", " /", fact.type))
