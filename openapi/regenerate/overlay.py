"""Applies an OpenAPI Overlay 1.0 document and counts what each action matched. Knows no OpenAPI."""

import re
from collections import defaultdict
from collections.abc import Iterator
from copy import deepcopy
from difflib import get_close_matches
from typing import Any

import jsonpath
from attrs import frozen

from .documents import DATA
from .refused import Refused

FIELDS = {"target", "description", "update", "remove"}


@frozen
class Action:
    """One correction. `group` names alternatives: it is enough that one of a group matches."""

    number: int
    target: str
    description: str
    update: Any
    remove: bool
    group: str | None


@frozen
class Unmatched:
    """An action that found nothing, with the names it may have meant."""

    action: Action
    nearest: tuple[str, ...]

    def __str__(self) -> str:
        hint = f"; nearest: {', '.join(self.nearest)}" if self.nearest else "; nothing similar"
        return f"overlay action {self.action.number} matches nothing: {self.action.target}{hint}"


@frozen
class Applied:
    """The corrected document, how often each action matched, and the actions that are missed."""

    document: dict[str, Any]
    matches: tuple[tuple[Action, int], ...]
    unmatched: tuple[Unmatched, ...]


def actions_of(overlay: dict[str, Any], place: str) -> tuple[Action, ...]:
    """Return the actions of an Overlay; raise Refused where one is wrong or gives no reason."""
    version = overlay.get("overlay")
    if not isinstance(version, str) or not version.startswith("1."):
        raise Refused(f'{place}: `overlay` must be "1.0.0", not {version!r}')
    listed = overlay.get("actions")
    if not isinstance(listed, list) or not listed:
        raise Refused(f"{place}: `actions` must be a list with at least one action")
    return tuple(_action(number, given, place) for number, given in enumerate(listed, 1))


def apply(document: dict[str, Any], actions: tuple[Action, ...]) -> Applied:
    """Return a corrected copy; an action missed is reported, of a group if all of it missed."""
    corrected = deepcopy(document)
    matches = tuple((action, _apply_one(corrected, action)) for action in actions)
    met: dict[str, int] = defaultdict(int)
    for action, count in matches:
        met[action.group or f"#{action.number}"] += count
    missed = (action for action, _ in matches if not met[action.group or f"#{action.number}"])
    unmatched = tuple(Unmatched(action, _nearest(document, action.target)) for action in missed)
    return Applied(corrected, matches, unmatched)


def _action(number: int, given: Any, place: str) -> Action:
    """Return one action; raise Refused, naming its number, where it is wrong."""
    where = f"{place}: action {number}"
    if not isinstance(given, dict) or not isinstance(given.get("target"), str):
        raise Refused(f"{where} has no `target`; write a JSONPath")
    unknown = [key for key in given if key not in FIELDS and not key.startswith("x-")]
    if unknown:
        raise Refused(
            f"{where} has an unknown key {unknown[0]!r}; known: {', '.join(sorted(FIELDS))}"
        )
    if not isinstance(given.get("description"), str) or not given["description"].strip():
        raise Refused(f"{where} has no `description`; say why the contract needs it")
    if given.get("remove") is not True and "update" not in given:
        raise Refused(f"{where} neither updates nor removes; give one of the two")
    try:
        jsonpath.compile(given["target"])
    except jsonpath.JSONPathError as error:
        raise Refused(f"{where}: {given['target']!r} is not a JSONPath: {error}") from None
    return Action(
        number=number,
        target=given["target"],
        description=given["description"],
        update=given.get("update"),
        remove=given.get("remove") is True,
        group=given.get("x-group"),
    )


def _apply_one(document: dict[str, Any], action: Action) -> int:
    """Correct the document in its place and return how many places the action matched."""
    found = list(matches(document, action.target))
    # From the end, so that removing an element of a list does not move the others.
    for match in reversed(found):
        if action.remove and match.holder is not None:
            del match.holder[match.key]
        elif not action.remove:
            _update(match.node, action, match.where)
    return len(found)


@frozen
class Match:
    """A place that a target names: what stands there, and what holds it under which key."""

    holder: Any
    key: Any
    node: Any
    where: str


def matches(document: dict[str, Any], target: str) -> Iterator[Match]:
    """Yield every place that a JSONPath names.

    Most of ours name fields wherever they stand. Those are found in one plain walk: the library makes a
    node with its path of everything that it passes, which took most of a long contract's time.
    """
    short = _ANYWHERE.fullmatch(target)
    if short is None:
        for match in jsonpath.finditer(target, document):
            holder = match.parent.obj if match.parent else None
            yield Match(holder, match.parts[-1] if match.parts else None, match.obj, match.path)
        return
    names = re.findall(r"\w+", short[2])
    for holder, where in list(_under(document, short[1], "$")):
        for name in names:
            if name in holder:
                yield Match(holder, name, holder[name], f"{where}['{name}']")


#: `$..properties.metadata`, `$..properties['email', 'phone']`.
_ANYWHERE = re.compile(r"\$\.\.(\w+)(\.\w+|\['\w+'(?:, ?'\w+')*\])", re.ASCII)


def _under(node: Any, key: str, where: str) -> Iterator[tuple[dict[str, Any], str]]:
    """Yield every object that stands under this key, however deep, and its path."""
    if isinstance(node, dict):
        held = node.get(key)
        if isinstance(held, dict):
            yield held, f"{where}['{key}']"
        for name, value in node.items():
            if isinstance(value, dict | list):
                yield from _under(value, key, f"{where}['{name}']")
    elif isinstance(node, list):
        for number, value in enumerate(node):
            if isinstance(value, dict | list):
                yield from _under(value, key, f"{where}[{number}]")


def _update(target: Any, action: Action, where: str) -> None:
    """Change a matched node as Overlay 1.0 says: merge objects, append to lists; else Refused."""
    if isinstance(target, list):
        target.append(deepcopy(action.update))
    elif isinstance(target, dict) and isinstance(action.update, dict):
        _merge(target, action.update)
    else:
        kind = type(action.update if isinstance(target, dict) else target).__name__
        raise Refused(f"overlay action {action.number} at {where}: {kind} cannot be merged in")


def _merge(target: dict[str, Any], update: dict[str, Any]) -> None:
    """Merge *update* into *target*, deeply; lists grow, all else is replaced."""
    for key, value in update.items():
        now = target.get(key)
        if isinstance(now, dict) and isinstance(value, dict):
            _merge(now, value)
        elif isinstance(now, list) and isinstance(value, list):
            now.extend(deepcopy(value))
        else:
            target[key] = deepcopy(value)


def _nearest(document: dict[str, Any], target: str) -> tuple[str, ...]:
    """Return up to three names like the target's first that the document lacks; () for none."""
    for name in re.findall(r"[A-Za-z][\w-]*", re.sub(r"\?.*", "", target)):
        known = set(_names(document))
        if name not in known:
            return tuple(get_close_matches(name, sorted(known), n=3, cutoff=0.5))
    return ()


def _names(node: Any) -> Iterator[str]:
    """Yield every key of the document but those in examples and other data."""
    if isinstance(node, dict):
        for key, value in node.items():
            yield key
            # What an example shows is no name of the contract, and keeps the old one longest.
            yield from _names(value) if key not in DATA else ()
    elif isinstance(node, list):
        for value in node:
            yield from _names(value)
