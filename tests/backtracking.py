"""Engine for regular expressions whose steps over a text are counted; no time is measured.

An engine that backtracks, as Python's does, written out over Python's own parse of the pattern. The real
one takes short cuts, and never more steps than this by more than a factor.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from itertools import product
from math import inf
from re import _constants as op  # type: ignore[attr-defined]  # the parse that `re` itself uses
from re import _parser  # type: ignore[attr-defined]
from typing import Any, TypeAlias

Nodes: TypeAlias = Sequence[tuple[Any, Any]]
#: Of these the one is put at the end that fits least of a pattern: it makes an engine go back.
ENDS = '\x00@\n x1"{'
#: More than this over a few dozen characters is without bounds.
_MOST = 300_000
_BLANKS = " \t\n\r\f\v"


class Unbounded(Exception):
    """A text of a few dozen characters took more steps than anybody counts."""


class Engine:
    """One pattern. steps: How many characters and places were looked at since this was set to 0."""

    def __init__(self, pattern: re.Pattern[Any]) -> None:
        self._known: dict[tuple[int, str], bool] = {}
        text = pattern.pattern
        self._flags = pattern.flags
        flags = pattern.flags & ~re.DEBUG
        if isinstance(text, bytes):
            text = text.decode("latin-1")
            flags &= ~re.ASCII
        self.nodes: Nodes = list(_parser.parse(text, flags & ~re.UNICODE))
        self.steps = 0

    def at(self, text: str, place: int) -> bool:
        """Return whether the pattern fits there."""
        return next(self._sequence(self.nodes, 0, text, place), None) is not None

    def full(self, text: str) -> bool:
        """Return whether it fits the whole text."""
        return any(end == len(text) for end in self._sequence(self.nodes, 0, text, 0))

    def all(self, text: str) -> None:
        """Look for it everywhere, as `sub` and `findall` do."""
        place = 0
        while place <= len(text):
            end = next(self._sequence(self.nodes, 0, text, place), None)
            place = place + 1 if end is None else max(end, place + 1)

    def _sequence(self, nodes: Nodes, number: int, text: str, place: int) -> Iterator[int]:
        if number == len(nodes):
            yield place
            return
        for middle in self._one(nodes[number], text, place):
            yield from self._sequence(nodes, number + 1, text, middle)

    def _one(self, node: tuple[Any, Any], text: str, place: int) -> Iterator[int]:
        self.steps += 1
        if self.steps > _MOST:
            raise Unbounded
        kind, given = node
        if kind in (op.LITERAL, op.NOT_LITERAL, op.ANY, op.IN):
            if place < len(text) and self._fits(node, text[place]):
                yield place + 1
        elif kind is op.SUBPATTERN:
            yield from self._sequence(given[3], 0, text, place)
        elif kind is op.ATOMIC_GROUP:
            yield from list(self._sequence(given, 0, text, place))[:1]
        elif kind is op.BRANCH:
            for way in given[1]:
                yield from self._sequence(way, 0, text, place)
        elif kind in (op.MAX_REPEAT, op.MIN_REPEAT, op.POSSESSIVE_REPEAT):
            yield from self._repeat(kind, *given, text, place)
        elif kind is op.AT:
            if _is_there(given, text, place):
                yield place
        elif kind in (op.ASSERT, op.ASSERT_NOT):
            yield from self._look(kind, *given, text, place)
        else:
            # A reference to a group: of one character, in all of ours.
            yield place + 1

    def _fits(self, node: tuple[Any, Any], character: str) -> bool:
        # A node of the parse lives as long as we do, so that its address names it.
        key = id(node), character
        if key not in self._known:
            self._known[key] = fits(node, character, self._flags)
        return self._known[key]

    def _look(self, kind: Any, way: int, nodes: Nodes, text: str, place: int) -> Iterator[int]:
        starts = [place] if way > 0 else range(place, -1, -1)
        found = any(
            way > 0 or end == place
            for start in list(starts)[:4]
            for end in self._sequence(nodes, 0, text, start)
        )
        if found is (kind is op.ASSERT):
            yield place

    def _repeat(
        self, kind: Any, least: int, most: Any, nodes: Nodes, text: str, place: int
    ) -> Iterator[int]:
        most = len(text) + 1 if most is op.MAXREPEAT else most
        if kind is op.MIN_REPEAT:
            yield from self._lazily(least, most, nodes, text, place)
            return
        if len(nodes) == 1 and nodes[0][0] in (op.LITERAL, op.NOT_LITERAL, op.ANY, op.IN):
            ends = [place]
            while len(ends) <= most and next(self._one(nodes[0], text, ends[-1]), None):
                ends.append(ends[-1] + 1)
            found: Iterator[int] = reversed(ends[least:])
        else:
            found = self._greedily(least, most, nodes, text, place)
        yield from list(found)[:1] if kind is op.POSSESSIVE_REPEAT else found

    def _greedily(
        self, least: int, most: int, nodes: Nodes, text: str, place: int
    ) -> Iterator[int]:
        if most:
            for middle in self._sequence(nodes, 0, text, place):
                if middle > place or least:
                    yield from self._greedily(max(0, least - 1), most - 1, nodes, text, middle)
        if not least:
            yield place

    def _lazily(self, least: int, most: int, nodes: Nodes, text: str, place: int) -> Iterator[int]:
        if not least:
            yield place
        if most:
            for middle in self._sequence(nodes, 0, text, place):
                if middle > place or least:
                    yield from self._lazily(max(0, least - 1), most - 1, nodes, text, middle)


def _is_there(given: Any, text: str, place: int) -> bool:
    if given in (op.AT_BEGINNING, op.AT_BEGINNING_STRING):
        return place == 0
    if given in (op.AT_END, op.AT_END_STRING):
        return place == len(text)
    sides = [0 <= one < len(text) and text[one].isalnum() for one in (place - 1, place)]
    return (sides[0] is not sides[1]) is (given is op.AT_BOUNDARY)


def fits(node: tuple[Any, Any], character: str, flags: int) -> bool:
    """Return whether one character is the one that a node asks for."""
    kind, given = node
    same = (
        {character, character.lower(), character.upper()} if flags & re.IGNORECASE else {character}
    )
    match kind:
        case op.LITERAL:
            return any(ord(one) == given for one in same)
        case op.NOT_LITERAL:
            return all(ord(one) != given for one in same)
        case op.ANY:
            return character != "\n" or bool(flags & re.DOTALL)
    inside = any(_in_set(item, one) for item in given for one in same if item[0] is not op.NEGATE)
    return inside is not (given[0][0] is op.NEGATE)


def _in_set(item: tuple[Any, Any], character: str) -> bool:
    kind, given = item
    if kind is op.LITERAL:
        return ord(character) == given
    if kind is op.RANGE:
        return bool(given[0] <= ord(character) <= given[1])
    word = character.isalnum() or character == "_"
    return {
        op.CATEGORY_DIGIT: character.isdigit(),
        op.CATEGORY_NOT_DIGIT: not character.isdigit(),
        op.CATEGORY_SPACE: character in _BLANKS,
        op.CATEGORY_NOT_SPACE: character not in _BLANKS,
        op.CATEGORY_WORD: word,
        op.CATEGORY_NOT_WORD: not word,
    }[given]


# --- texts that make an engine go back ------------------------------------------------------------


def growth(
    pattern: re.Pattern[Any], way: str, short: int = 12, times: int = 4
) -> tuple[float, str]:
    """The most by which the steps grow where a text grows fourfold, and a text of which that is true.

    way: How it is used: `full`, `at` its beginning, or `all` over a text.
    """
    worst, on, engine = 0.0, "", Engine(pattern)
    for before, pump, behind in attacks(pattern):
        try:
            few, many = (
                _steps(engine, way, before + pump * n + behind) for n in (short, times * short)
            )
        except Unbounded:
            return inf, before + pump * 3 + behind
        if many / few > max(worst, 5.0):
            # Bounds of a pattern's own may grow at first: then a longer text shows it.
            few, many = (
                _steps(engine, way, before + pump * n + behind)
                for n in (5 * short, 5 * times * short)
            )
        if many / few > worst:
            worst, on = many / few, before + pump * 3 + behind
    return worst, on


def _steps(engine: Engine, way: str, text: str) -> int:
    engine.steps = 0
    run: dict[str, Callable[[], object]] = {
        "full": lambda: engine.full(text),
        "at": lambda: engine.at(text, 0),
        "all": lambda: engine.all(text),
    }
    run[way]()
    return engine.steps


def attacks(pattern: re.Pattern[Any]) -> Iterator[tuple[str, str, str]]:
    """What stands before, what is repeated, and what stands behind."""
    nodes, flags = Engine(pattern).nodes, pattern.flags
    letters = list(dict.fromkeys(_letters(nodes, flags)))[:6]
    pumps = [*letters, *("".join(pair) for pair in product(letters, letters) if len({*pair}) > 1)]
    before = list(dict.fromkeys(["", *_openings(nodes, flags)]))[:4]
    pumps += [one for one in before if len(one) > 1]
    places = list(_leaves(nodes))
    odd = min(ENDS, key=lambda end: sum(fits(place, end, flags) for place in places))
    yield from product(before, pumps, (odd, ""))


def _openings(nodes: Nodes, flags: int) -> Iterator[str]:
    """What fits a pattern up to each of its repetitions."""
    text = ""
    for kind, given in nodes:
        if kind in (op.MAX_REPEAT, op.MIN_REPEAT, op.POSSESSIVE_REPEAT):
            yield text
            text += _example(given[2], flags) * max(1, given[0])
            yield text
        elif kind is op.SUBPATTERN:
            yield from (text + inner for inner in _openings(given[3], flags))
            text += _example(given[3], flags)
        else:
            text += _example([(kind, given)], flags)


def _example(nodes: Nodes, flags: int) -> str:
    text = ""
    for kind, given in nodes:
        match kind:
            case op.SUBPATTERN:
                text += _example(given[3], flags)
            case op.BRANCH:
                text += _example(given[1][0], flags)
            case op.MAX_REPEAT | op.MIN_REPEAT | op.POSSESSIVE_REPEAT:
                text += _example(given[2], flags) * min(given[0], 4)
            case op.LITERAL | op.NOT_LITERAL | op.ANY | op.IN:
                text += next(_members((kind, given), flags), "")
    return text


def _letters(nodes: Nodes, flags: int) -> Iterator[str]:
    """A few of what each place of a pattern takes; what several take comes first."""
    single: list[str] = []
    for node in _leaves(nodes):
        single += list(_members(node, flags))[:3]
    yield from sorted(dict.fromkeys(single), key=lambda one: -single.count(one))


def _leaves(nodes: Nodes) -> Iterator[tuple[Any, Any]]:
    for kind, given in nodes:
        match kind:
            case op.SUBPATTERN:
                yield from _leaves(given[3])
            case op.BRANCH:
                for way in given[1]:
                    yield from _leaves(way)
            case op.MAX_REPEAT | op.MIN_REPEAT | op.POSSESSIVE_REPEAT:
                yield from _leaves(given[2])
            case op.ASSERT | op.ASSERT_NOT:
                yield from _leaves(given[1])
            case op.LITERAL | op.NOT_LITERAL | op.ANY | op.IN:
                yield kind, given


def _members(node: tuple[Any, Any], flags: int) -> Iterator[str]:
    kind, given = node
    if kind is op.LITERAL:
        yield chr(given)
        return
    ours = "a1 .-_[\"'\n\\/A+,({<é"
    if kind is op.IN:
        ours = "".join(chr(one[1]) for one in given if one[0] is op.LITERAL)[:2] + ours
        ours += "".join(chr(one[1][0]) for one in given if one[0] is op.RANGE)
    yield from (one for one in dict.fromkeys(ours) if fits(node, one, flags))
