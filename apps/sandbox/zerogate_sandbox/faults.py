"""Decides what goes wrong on purpose: the faults there are, their options, when each one strikes.

A fault strikes a request before the operation runs (nothing is committed) or after it (committed,
and the answer suffers), or it strikes the delivery of an event. Every option that any fault knows:

`operations`  one operation id, or several; every one without it
`events`      for faults of deliveries: one event type, or several
`contains`    only requests (path, query, body) or events with this text in them
`when`        `before` or `after` the commit, where a fault can be either
`skip`        how many matches pass unharmed first
`times`       how many it strikes; without end when missing
`chance`      how likely each match is struck, drawn from the seed
`seconds`     for how long the fault stays, from when it was added
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import attrs

from zerogate_sandbox.alterations import ANSWER_FAULTS, CHOICES, Kind, When
from zerogate_sandbox.events import EVENT_TYPES
from zerogate_sandbox.responses import Draft
from zerogate_sandbox.routes import OPERATIONS
from zerogate_sandbox.seeds import Seeds

if TYPE_CHECKING:
    from zerogate_sandbox.world import World


@attrs.define
class Fault:
    """A rule, and how often it matched and struck."""

    id: str
    name: str
    when: When | None
    operations: tuple[str, ...]
    events: tuple[str, ...]
    contains: str | None
    skip: int
    times: int | None
    chance: float
    ends_at: float | None
    options: dict[str, Any]
    matched: int = 0
    struck: int = 0

    def view(self) -> dict[str, Any]:
        """Return the rule as plain data, with how often it matched and struck."""
        return attrs.asdict(self)


EVENT_FAULTS: dict[str, Kind] = {
    "duplicate": Kind((None,), {"copies": 1, "wait": 0.0}, None),
    "reorder": Kind((None,), {"wait": 60.0}, None),
    "late": Kind((None,), {"wait": 600.0}, None),
    "lost": Kind((None,), {}, None),
}
KINDS = {**ANSWER_FAULTS, **EVENT_FAULTS}
_MATCHING = ("operations", "events", "contains", "when", "skip", "times", "chance", "seconds")


@attrs.define
class Faults:
    seeds: Seeds
    rules: list[Fault] = attrs.field(factory=list)
    added: int = 0

    def add(self, name: str, *, now: float = 0.0, **options: Any) -> Fault:
        """Arm a fault and return it; ValueError names what there is for a wrong name or option."""
        kind = KINDS.get(name)
        if kind is None:
            raise ValueError(f"no fault {name!r}; there are {', '.join(KINDS)}")
        _check_known(name, kind, options)
        self.added += 1
        seconds = _checked_number("seconds", options.get("seconds"), None)
        fault = Fault(
            id=f"fault_{self.added}",
            name=name,
            when=_checked_when(name, kind, options.get("when")),
            operations=_checked_operations(options.get("operations")),
            events=_checked_events(options.get("events")),
            contains=_checked_text("contains", options.get("contains")),
            skip=_checked_count("skip", options.get("skip")) or 0,
            times=_checked_count("times", options.get("times")),
            chance=_checked_number("chance", options.get("chance"), 1.0) or 0.0,
            ends_at=None if seconds is None else now + seconds,
            options={key: options.get(key, default) for key, default in kind.options.items()},
        )
        self.rules.append(fault)
        return fault

    def clear(self) -> None:
        """Disarm all faults."""
        self.rules.clear()

    def remove(self, id: str) -> bool:
        """Disarm the fault with this id; return False where none is armed."""
        before = len(self.rules)
        self.rules = [rule for rule in self.rules if rule.id != id]
        return len(self.rules) < before

    def strike(self, when: When, operation: str, text: str, now: float) -> list[Fault]:
        """Return the faults that strike this request now, in the order added; counts them."""
        return [
            rule
            for rule in self.rules
            if rule.when == when
            and (not rule.operations or operation in rule.operations)
            and self._hits(rule, text, now)
        ]

    def strike_event(self, type: str, text: str, now: float) -> list[Fault]:
        """Return the faults that strike this event, in the order added; counts them."""
        return [
            rule
            for rule in self.rules
            if rule.when is None
            and (not rule.events or type in rule.events)
            and self._hits(rule, text, now)
        ]

    def _hits(self, rule: Fault, text: str, now: float) -> bool:
        """Count a match; return True, and count a strike, where the rule strikes as well."""
        if rule.contains is not None and rule.contains not in text:
            return False
        if rule.ends_at is not None and now >= rule.ends_at:
            return False
        rule.matched += 1
        if rule.matched <= rule.skip or (rule.times is not None and rule.struck >= rule.times):
            return False
        if rule.chance < 1 and self.seeds.chance(rule.id) >= rule.chance:
            return False
        rule.struck += 1
        return True


def alter(draft: Draft, fault: Fault, world: World) -> None:
    """Apply a fault of answers to the draft, in place."""
    change = KINDS[fault.name].alter
    assert change is not None
    change(draft, fault.options, world)


# --- what a script may say -----------------------------------------------------------------------


def _check_known(name: str, kind: Kind, options: Mapping[str, Any]) -> None:
    """Raise ValueError for an unknown option or a value of another kind than its default."""
    known = (*_MATCHING, *kind.options)
    for option in options:
        if option not in known:
            raise ValueError(f"the fault {name!r} has no {option!r}; it takes {', '.join(known)}")
    for option, default in kind.options.items():
        given = options.get(option, default)
        fits = type(given) is type(default) or default is None or option in _FREE
        if isinstance(default, float):
            fits = isinstance(given, (int, float)) and not isinstance(given, bool) and given >= 0
        elif type(default) is int and option not in _FREE:
            fits = type(given) is int and given >= 0
        if not fits:
            raise ValueError(f"{option} takes a value like {default!r}, not {given!r}")
    for option, words in CHOICES.get(name, {}).items():
        if options.get(option, words[0]) not in words:
            raise ValueError(f"{option} is one of {', '.join(words)}, not {options[option]!r}")
    status = options.get("status", 500)
    if type(status) is not int or not 200 <= status <= 599:
        raise ValueError(f"status takes a number from 200 to 599, not {status!r}")


_FREE = {"value", "retry_after"}


def _checked_when(name: str, kind: Kind, when: Any) -> When | None:
    """Return the moment given, by default the kind's first (may be None); ValueError if impossible."""
    if when is None:
        return kind.whens[0]
    if when not in kind.whens:
        possible = ", ".join(str(one) for one in kind.whens if one) or "not about requests"
        raise ValueError(f"the fault {name!r} cannot strike {when!r}; possible: {possible}")
    found: When = when
    return found


def _checked_operations(value: Any) -> tuple[str, ...]:
    """Return the operations as a tuple, () for None; ValueError for an unknown one."""
    names = _checked_names("operations", value)
    for name in names:
        if name not in OPERATIONS:
            raise ValueError(f"no operation {name!r}; there are {', '.join(OPERATIONS)}")
    return names


def _checked_events(value: Any) -> tuple[str, ...]:
    """Return the event types as a tuple, () for None; ValueError for an unknown one."""
    names = _checked_names("events", value)
    for name in names:
        if name not in EVENT_TYPES:
            raise ValueError(f"no event {name!r}; there are {', '.join(EVENT_TYPES)}")
    return names


def _checked_text(option: str, value: Any) -> str | None:
    """Return the text, or None; ValueError for anything else."""
    if value is not None and not isinstance(value, str):
        raise ValueError(f"{option} takes a text, not {value!r}")
    return value


def _checked_names(option: str, value: Any) -> tuple[str, ...]:
    """Return one name or several as a tuple, () for None; ValueError for what is no text."""
    if value is None:
        return ()
    names = (value,) if isinstance(value, str) else tuple(value)
    if not all(isinstance(name, str) for name in names):
        raise ValueError(f"{option} takes a name or a list of names, not {value!r}")
    return names


def _checked_count(option: str, value: Any) -> int | None:
    """Return the whole number, 0 or more, or None; ValueError for anything else."""
    if value is not None and (type(value) is not int or value < 0):
        raise ValueError(f"{option} takes a whole number, not {value!r}")
    return value


def _checked_number(option: str, value: Any, default: float | None) -> float | None:
    """Return the number, 0 or more, as a float, the default for None; else ValueError."""
    if value is None:
        return default
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not value >= 0:
        raise ValueError(f"{option} takes a number, 0 or more, not {value!r}")
    return float(value)
