"""Breaks that are of one payment, told together. Pure; escapes nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Final

import attrs

from ..breaks import AGES, RANK
from ..exact import EXACT, is_plain
from .story import Story

#: A ledger may give thousands of rows one id that names nothing ("n/a").
MOST_TOGETHER: Final = 6
#: Oldest last; nobody knows how old what has no time is.
_BY_AGE: Final = (AGES[-1], *AGES[:-1])


@attrs.frozen
class Side:
    """One record of the ledger or of Gate. marked: Fields that show why it is a break.

    fields: Empty where this side has none. alone: It has nothing on the other side, which is the break.
    """

    name: str
    fields: Mapping[str, str]
    marked: frozenset[str]
    alone: bool = False


@attrs.frozen
class Payment:
    """The breaks of one order, worst first."""

    stories: tuple[Story, ...]

    @property
    def worst(self) -> str:
        """The code of its worst class."""
        return self.stories[0].classes[0]

    @property
    def order(self) -> str:
        """Return the worst break's order id, else its refid, session id, `line N`, or `no id`."""
        return self.stories[0].order

    @property
    def also(self) -> tuple[str, ...]:
        """Codes of the payment's other classes, worst first."""
        found = {code for told in self.stories for code in told.classes} - {self.worst}
        return tuple(sorted(found, key=RANK.__getitem__))

    @property
    def age(self) -> str:
        """The age of its oldest break, in words; unknown counts as youngest."""
        return max((told.age for told in self.stories), key=_BY_AGE.index)

    @property
    def money(self) -> tuple[tuple[str, str], ...]:
        """(Amount, currency) in question, a sum for each currency; unreadable amounts left out."""
        sums: dict[str, tuple[Decimal, str]] = {}
        for told in self.stories:
            side = told.ledger or told.gate
            amount, code = side.get("amount", ""), side.get("currency", "").upper()
            if not is_plain(amount):
                continue
            before, longest = sums.get(code, (Decimal(0), amount))
            finer = max(longest, amount, key=_decimals)
            sums[code] = EXACT.add(before, Decimal(amount)), finer
        return tuple((_with_decimals(one, like), code) for code, (one, like) in sums.items())

    @property
    def difference(self) -> str | None:
        """The largest difference of its breaks, its sign aside, as text; None without one."""
        found = [told.difference for told in self.stories if told.difference]
        return max(found, key=lambda text: abs(Decimal(text)), default=None)

    def sides(self) -> tuple[Side, ...]:
        """Return each record once, the ledger's first; an empty one where a side has none."""
        return (*self._records("Ledger"), *self._records("Gate"))

    def _records(self, name: str) -> Iterator[Side]:
        """Yield a side's records, equal ones as one; one empty Side where it has none."""
        found: list[Side] = []
        for told in self.stories:
            here, there = (told.ledger, told.gate)[:: 1 if name == "Ledger" else -1]
            side = Side(name, here, told.differing, alone=not there and not told.differing)
            at = next((at for at, one in enumerate(found) if one.fields == here), None)
            if at is None:
                found.append(side)
            else:
                both = found[at].marked | side.marked
                found[at] = Side(name, here, both, alone=found[at].alone or side.alone)
        yield from [side for side in found if side.fields] or found[:1]


def payments(stories: Sequence[Story]) -> list[Payment]:
    """Return breaks by payment, at most six each; a payment stands where its worst break does."""
    found: list[list[Story]] = []
    open_ones: dict[str, list[Story]] = {}
    for told in stories:
        name = _first_id(told)
        group = open_ones.get(name) if name else None
        if group is None or len(group) == MOST_TOGETHER:
            group = []
            found.append(group)
            if name:
                open_ones[name] = group
        group.append(told)
    return [Payment(tuple(group)) for group in found]


def _first_id(told: Story) -> str | None:
    """Return the first id of a break, with its kind, the ledger's first; None where it has none."""
    for name in ("order_id", "refid", "session_id", "rail_id"):
        for side in (told.ledger, told.gate):
            if side.get(name):
                return f"{name} {side[name]}"
    return None


def _decimals(text: str) -> int:
    """Return how many digits stand behind the point."""
    return len(text.partition(".")[2])


def _with_decimals(amount: Decimal, like: str) -> str:
    """Return an exact sum as text with as many decimals as *like* has."""
    return f"{amount:.{_decimals(like)}f}"
