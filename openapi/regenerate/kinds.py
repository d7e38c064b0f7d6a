"""The type of a fact, read from its words, and whether the values of one are values of another. Pure.

Two questions, because two sides ask: may a reader meet what it did not expect, and may a writer send
what is not taken any more? Both are about the wire and about the class that stands for it in Python.
"""

import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from attrs import field, frozen

from .limits import looser, tighter

#: A model's or enum's name among the words of a type: classes begin with a letter that is not small.
NAME = re.compile(r"(?<![\w-])[^\W\d_a-z]\w*")
#: A text in quotes, or all that follows where its end is missing; it is looked at once either way.
QUOTED = r'"(?:[^"\\]|\\[\s\S])*+(?:"|\\?\Z)'
#: Formats of text that have a class of their own in Python, and those that hide a value.
OWN_CLASS = ("decimal", "date-time", "date", "uuid", "binary", "password")
Values = Mapping[str, frozenset[str]]


@frozen
class Kind:
    """One alternative of a type: its name, its bounds, and of a list what is in it."""

    name: str
    limits: dict[str, Any] = field(factory=dict, hash=False)
    items: tuple["Kind", ...] = ()

    @property
    def is_constant(self) -> bool:
        """True for one value written out, as JSON."""
        return self.name[:1] == '"' or self.name in ("true", "false") or _is_number(self.name)


def kinds(words: str) -> tuple[Kind, ...]:
    """Return the alternatives of a type as API.md writes it."""
    return tuple(_kind(part) for part in _split(words))


@cache
def names(words: str) -> tuple[str, ...]:
    """Return the models and enums that a type names; the result is kept."""
    return tuple(NAME.findall(_outside(words)))


def renamed(words: str, new: Mapping[str, str]) -> str:
    """Return the type with other names in it; what stands in quotes is a value and stays."""
    outside = _outside(words)
    parts, start = [], 0
    for found in NAME.finditer(outside):
        parts += [words[start : found.start()], new.get(found[0], found[0])]
        start = found.end()
    return "".join([*parts, words[start:]])


def surprises(old: tuple[Kind, ...], new: tuple[Kind, ...], values: Values) -> bool:
    """Return True where a reader of the old type may meet a value or a class it does not expect."""
    return not all(any(_reads(one, other, values) for other in old) for one in new)


def refuses(old: tuple[Kind, ...], new: tuple[Kind, ...], values: Values) -> bool:
    """Return True where something that a writer sends as the old type is not taken any more."""
    return not all(any(_takes(one, other, values) for other in new) for one in old)


def _reads(given: Kind, expected: Kind, values: Values) -> bool:
    """Return True where a reader of *expected* can take every value that is *given*."""
    if expected.name == "anything":
        return True
    if given.name == expected.name == "list":
        return not looser(expected.limits, given.limits) and not surprises(
            expected.items, given.items, values
        )
    if given.name == expected.name:
        return not looser(expected.limits, given.limits)
    return _is_narrower(given, expected, values)


def _takes(sent: Kind, taken: Kind, values: Values) -> bool:
    """Return True where every value *sent* is still taken."""
    if taken.name == "anything":
        return True
    if sent.name == taken.name == "list":
        return not tighter(sent.limits, taken.limits) and not refuses(
            sent.items, taken.items, values
        )
    if sent.name == taken.name:
        return not tighter(sent.limits, taken.limits)
    return _is_narrower(sent, taken, values) and not tighter(sent.limits, taken.limits)


def _is_narrower(one: Kind, other: Kind, values: Values) -> bool:
    """Return True where the one is part of the other, in Python the same class or a child of it."""
    inside = _values(one, values)
    if inside is not None:
        outside = _values(other, values)
        return inside <= outside if outside is not None else all(_is_a(v, other) for v in inside)
    base, _, form = one.name.partition(" ")
    if base in ("string", "integer", "number") and form:
        return other.name in (base, "number" if base == "integer" else base)
    return (one.name, other.name) in (("integer", "number"), ("password", "string"))


def _values(kind: Kind, values: Values) -> frozenset[str] | None:
    """Return the values of a constant or an enum, as JSON; None for any other kind."""
    if kind.is_constant:
        return frozenset([kind.name])
    return values.get(kind.name)


def _is_a(value: str, kind: Kind) -> bool:
    """Return True for a JSON value that is of a plain kind."""
    match json.loads(value):
        case bool():
            return kind.name == "boolean"
        case str():
            return kind.name == "string"
        case int():
            return kind.name in ("integer", "number")
        case float():
            return kind.name == "number"
    return False


def _is_number(text: str) -> bool:
    """Return whether a text is a number in JSON."""
    return re.fullmatch(r"-?\d+(\.\d+)?([eE][-+]?\d+)?", text) is not None


def _kind(words: str) -> Kind:
    """Return one alternative of a type, read from its words."""
    words = _bare(words)
    outside = _outside(words)
    opening = outside.find(" {") if outside.endswith("}") else -1
    limits = json.loads(words[opening + 1 :]) if opening >= 0 else {}
    words = words[:opening] if opening >= 0 else words
    if words.startswith("list of "):
        return Kind("list", limits, kinds(_bare(words.removeprefix("list of "))))
    return Kind(words, limits)


def _bare(words: str) -> str:
    """Return words without the brackets around all of them; unchanged where there are none."""
    inside = words[1:-1] if words[:1] == "(" and words[-1:] == ")" else None
    return inside if inside is not None and all(d >= 0 for d in _depths(inside)) else words


def _split(words: str) -> Iterator[str]:
    """Yield the alternatives between `or`, not within brackets or quotes."""
    start = 0
    for place, depth in enumerate(_depths(words)):
        if depth == 0 and words.startswith(" or ", place):
            yield words[start:place]
            start = place + 4
    yield words[start:]


def _depths(words: str) -> Iterator[int]:
    """Yield the depth of brackets behind each character; those in quotes do not count."""
    depth = 0
    for character in _outside(words):
        depth += (character in "({[") - (character in ")}]")
        yield depth


def _outside(words: str) -> str:
    """Return text of the same length, with everything in quotes covered."""
    return re.sub(QUOTED, lambda text: "'" + "_" * (len(text[0]) - 2) + "'", words)
