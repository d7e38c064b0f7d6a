"""Finds what is only called otherwise in another contract: operations by where they are called,
models and enums by where they are used. Pure.

A rename followed up leaves the real differences; unfollowed, it drowns them.
"""

import re
from collections.abc import Iterable, Iterator

from .facts import Fact, renamed

NAME = re.compile(r"\b[A-Z]\w*")
Key = tuple[str, str]


def renames(before: list[Fact], after: list[Fact]) -> dict[str, str]:
    """Old name -> new name of operations, models and enums."""
    calls = _operations(before, after)
    return {**calls, **_models(before, after, calls)}


def _operations(before: list[Fact], after: list[Fact]) -> dict[str, str]:
    places = {_place(fact): fact.name for fact in after if fact.kind == "operation"}
    old = [fact for fact in before if fact.kind == "operation"]
    kept = {fact.name for fact in old}
    pairs = ((fact.name, places.get(_place(fact), fact.name)) for fact in old)
    return {name: new for name, new in pairs if name != new and new not in kept}


def _place(fact: Fact) -> str:
    """Method and path, whatever the version in front and the names of the ids."""
    return re.sub(r"\{[^}]*\}", "{}", re.sub(r" /v\d+/", " /", fact.type))


def _models(before: list[Fact], after: list[Fact], calls: dict[str, str]) -> dict[str, str]:
    """Follows the structure: what stands where an old model stood is that model."""
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
    """The names that differ in two types of the same structure."""
    if before is None or NAME.sub("_", before.type) != NAME.sub("_", after.type):
        return
    yield from zip(NAME.findall(before.type), NAME.findall(after.type), strict=True)


def _owners(facts: Iterable[Fact]) -> set[str]:
    return {fact.owner for fact in facts if fact.kind in ("field", "enum")}


def _alike(before: list[Fact], after: list[Fact], found: dict[str, str]) -> dict[str, str]:
    """Of those left over, one pair that has the same members, if it is the only such pair."""
    old = {o: m for o, m in _members(before).items() if o not in found}
    new = {o: m for o, m in _members(after).items() if o not in found.values()}
    for name in sorted(old.keys() - new.keys()):
        same = [other for other in new.keys() - old.keys() if new[other] == old[name]]
        if len(same) == 1 and len(old[name]) > 1:
            return {name: same[0]}
    return {}


def _members(facts: list[Fact]) -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for fact in facts:
        if fact.kind in ("field", "enum"):
            found.setdefault(fact.owner, set()).add(fact.member)
    return {owner: frozenset(members) for owner, members in found.items()}
