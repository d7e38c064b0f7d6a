"""Finds what is only called otherwise in another contract: operations by where they are called,
models and enums by where they are used. Pure.

A rename followed up leaves the real differences; unfollowed, it drowns them.
"""

import re
from collections.abc import Iterable, Iterator

from . import kinds
from .facts import PLAIN, Fact, renamed

Key = tuple[str, str]
#: The share of common members from which two models are one model under two names.
ALIKE = 0.75


def renames(before: list[Fact], after: list[Fact]) -> dict[str, str]:
    """Return old name → new name of operations, models and enums."""
    calls = _operations(before, after)
    models = _models(before, after, calls)
    moved = _moved(before, after, {**calls, **models})
    return {**calls, **models, **moved}


def schemes(before: list[Fact], after: list[Fact]) -> dict[str, str]:
    """Return old name → new name of keys that are only called otherwise."""
    old = {fact.name: (fact.type, fact.notes) for fact in before if fact.kind == "scheme"}
    new = {fact.name: (fact.type, fact.notes) for fact in after if fact.kind == "scheme"}
    found = {}
    for name in old.keys() - new.keys():
        alike = [other for other in new.keys() - old.keys() if new[other] == old[name]]
        rivals = [other for other in old.keys() - new.keys() if old[other] == old[name]]
        if len(alike) == len(rivals) == 1:
            found[name] = alike[0]
    return found


def _operations(before: list[Fact], after: list[Fact]) -> dict[str, str]:
    """Return old name → new name of operations that are at the same place."""
    places = {_place(fact): fact.name for fact in after if fact.kind == "operation"}
    old = [fact for fact in before if fact.kind == "operation"]
    kept = {fact.name for fact in old}
    pairs = ((fact.name, places.get(_place(fact), fact.name)) for fact in old)
    return {name: new for name, new in pairs if name != new and new not in kept}


def _place(fact: Fact) -> str:
    """Return method and path, without version and the names of ids."""
    return re.sub(r"\{[^{}]*\}", "{}", re.sub(r" /v\d+/", " /", fact.type))


def _moved(before: list[Fact], after: list[Fact], names: dict[str, str]) -> dict[str, str]:
    """Return old → new name of operations elsewhere that alone take and answer the same."""
    old = _calls(renamed(fact, names) for fact in before)
    new = _calls(after)
    back = {new_name: name for name, new_name in names.items()}
    found = {}
    for name in sorted(old.keys() - new.keys()):
        alike = [other for other in new.keys() - old.keys() if new[other] == old[name]]
        rivals = [other for other in old.keys() - new.keys() if old[other] == old[name]]
        if len(alike) == len(rivals) == 1:
            found[back.get(name, name)] = alike[0]
    return found


def _calls(facts: Iterable[Fact]) -> dict[str, frozenset[Key]]:
    """Return operation → what it takes and answers, with method and number of ids."""
    found: dict[str, set[Key]] = {}
    for fact in facts:
        if fact.kind == "operation":
            shape = f"{fact.type.partition(' ')[0]} {fact.type.count('{')}"
            found.setdefault(fact.name, set()).add(("operation", shape))
        elif fact.kind == "response" and fact.member[:1] == "2":
            found.setdefault(fact.owner, set()).add(("response", fact.type))
        elif fact.kind == "body" or (fact.kind == "parameter" and fact.member[:5] != "path "):
            found.setdefault(fact.owner, set()).add((fact.member, fact.type))
    return {name: frozenset(parts) for name, parts in found.items()}


def _models(before: list[Fact], after: list[Fact], calls: dict[str, str]) -> dict[str, str]:
    """Return old name → new name of models: what stands where an old one stood is that one."""
    old, new = _owners(before), _owners(after)
    found: dict[str, str] = {}
    while True:
        names = {**calls, **found}
        followed = {renamed(fact, names).key: renamed(fact, names) for fact in before}
        step = {
            name: other
            for fact in after
            for name, other in _differing(followed.get(fact.key), fact)
            if name in old - new and other in new - old and name not in found
        }
        step = step or _alike(before, after, found)
        if not step:
            return found
        found |= step


def _differing(before: Fact | None, after: Fact) -> Iterator[Key]:
    """Yield (old, new) of names that differ in two types of the same structure."""
    if before is None or before.kind in PLAIN:
        return
    old, new = kinds.names(before.type), kinds.names(after.type)
    if len(old) == len(new) and _shape(before.type) == _shape(after.type):
        yield from zip(old, new, strict=True)


def _shape(words: str) -> str:
    """Return a type with `_` for each name in it."""
    return kinds.renamed(words, dict.fromkeys(kinds.names(words), "_"))


def _owners(facts: Iterable[Fact]) -> set[str]:
    """Return the names of models and enums."""
    return {fact.owner for fact in facts if fact.kind in ("field", "enum")}


def _alike(before: list[Fact], after: list[Fact], found: dict[str, str]) -> dict[str, str]:
    """Return one pair left over of nearly the same members, if none other is like it; else {}."""
    old = {o: m for o, m in _members(before).items() if o not in found}
    new = {o: m for o, m in _members(after).items() if o not in found.values()}
    lost, come = sorted(old.keys() - new.keys()), sorted(new.keys() - old.keys())
    for name in lost:
        near = [other for other in come if _likeness(old[name], new[other]) >= ALIKE]
        if len(near) == 1 and [o for o in lost if _likeness(old[o], new[near[0]]) >= ALIKE] == [
            name
        ]:
            return {name: near[0]}
    return {}


def _likeness(one: frozenset[str], other: frozenset[str]) -> float:
    """Return the share of members that both have, from 0 to 1; 0 for a single one."""
    return len(one & other) / len(one | other) if len(one) > 1 else 0.0


def _members(facts: list[Fact]) -> dict[str, frozenset[str]]:
    """Return model or enum → its fields or values."""
    found: dict[str, set[str]] = {}
    for fact in facts:
        if fact.kind in ("field", "enum"):
            found.setdefault(fact.owner, set()).add(fact.member)
    return {owner: frozenset(members) for owner, members in found.items()}
