"""Breaks that somebody has looked at and answers for, with an owner, a reason and an end. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any, Final

import attrs

from .breaks import RANK
from .errors import Unusable

_FIELDS: Final = ("order", "class", "owner", "reason", "until")


@attrs.frozen
class Known:
    """One acknowledged break: what the report looks it up by, and the class it is named after.

    until: The last day on which it is known; afterwards it is a break as any other.
    """

    order: str
    code: str
    owner: str
    reason: str
    until: date

    def holds(self, as_of: int) -> bool:
        """Return whether the day (UTC) of *as_of*, Unix seconds, is not after `until`."""
        return datetime.fromtimestamp(as_of, UTC).date() <= self.until


def known_of(data: Mapping[str, Any], source: str) -> tuple[Known, ...]:
    """Return the known breaks of a file's content; raise Unusable, naming *source*, if wrong.

    Raises:
        Unusable: an entry that is not whole, or two for one break.
    """
    entries = data.get("known", [])
    if set(data) - {"known"} or not isinstance(entries, list):
        raise Unusable(f"{source}: holds [[known]] with {', '.join(_FIELDS)}, and nothing else")
    found = [_entry(entry, f"{source}: [[known]] number {n}") for n, entry in enumerate(entries, 1)]
    names = [(one.order, one.code) for one in found]
    if doubled := sorted({name for name in names if names.count(name) > 1}):
        raise Unusable(f"{source}: {doubled[0][0]!r} is there twice as {doubled[0][1]}: keep one")
    return tuple(found)


def _entry(entry: Any, where: str) -> Known:
    """Return one entry as Known; raise Unusable, beginning with *where*, for a wrong field."""
    if not isinstance(entry, dict) or set(entry) != set(_FIELDS):
        raise Unusable(f"{where} needs {', '.join(_FIELDS)}, each once")
    order, code, owner, reason, until = (entry[name] for name in _FIELDS)
    for name, value in (("order", order), ("owner", owner), ("reason", reason)):
        if not isinstance(value, str) or not value.strip():
            raise Unusable(f"{where}: {name} is a text, not {value!r}")
    if code not in RANK:
        raise Unusable(f"{where}: no class {code!r}; there are {', '.join(RANK)}")
    if not isinstance(until, date) or isinstance(until, datetime):
        raise Unusable(f"{where}: until is a day such as 2026-09-30, without quotes, not {until!r}")
    return Known(order, code, owner, reason, until)


@attrs.define
class KnownBreaks:
    """Known breaks as they are met in a report; those that are not met have been cleared."""

    as_of: int
    _by_name: Mapping[tuple[str, str], Known]
    met: set[tuple[str, str]] = attrs.Factory(set)

    @classmethod
    def of(cls, known: Sequence[Known], as_of: int) -> KnownBreaks:
        """Return the known breaks, none met yet, for a report at *as_of* (Unix seconds)."""
        return cls(as_of, {(one.order, one.code): one for one in known})

    def meet(self, order: str, code: str) -> Known | None:
        """Return a break's entry, also one that no longer holds, and note it as met; else None."""
        if one := self._by_name.get((order, code)):
            self.met.add((order, code))
        return one

    def not_met(self) -> list[Known]:
        """Return entries that no break has met, by order and class: they are gone."""
        return [one for name, one in sorted(self._by_name.items()) if name not in self.met]
