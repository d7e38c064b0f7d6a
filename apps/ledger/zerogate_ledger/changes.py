"""Changes since an earlier report: breaks that are new, carried over, or gone. Pure."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any, Final, Literal, TypeAlias

import attrs

from .controls import Total
from .errors import Unusable

Change: TypeAlias = Literal["new", "carried over"]
#: What names a break from one report to the next: not its line, which moves, nor its figures.
_NAMES: Final = ("order_id", "refid", "session_id", "rail_id")
Identity: TypeAlias = tuple[str | None, ...]


def identity(code: str, ledger: Mapping[str, str], gate: Mapping[str, str]) -> Identity:
    """The name of a break in any report."""
    return (code, *(side.get(name) for side in (ledger, gate) for name in _NAMES))


@attrs.define
class Since:
    """An earlier report's breaks, taken away one by one as they are met again."""

    as_of: str
    _left: Counter[tuple[Identity, str, str]]
    _names: Counter[Identity]
    counts: dict[str, dict[str, Total]] = attrs.Factory(dict)

    @classmethod
    def of(cls, as_of: str, lines: Iterable[str], source: str) -> Since:
        """Read an earlier report from the lines of its breaks.jsonl.

        Raises:
            Unusable: it is none.
        """
        left: Counter[tuple[Identity, str, str]] = Counter()
        names: Counter[Identity] = Counter()
        try:
            for line in lines:
                row = json.loads(line)
                name = identity(row["class"], row["ledger"], row["gate"])
                names[name] += 1
                left[(name, *_money(row["ledger"], row["gate"]))] += 1
        except (ValueError, KeyError, TypeError, AttributeError) as problem:
            raise Unusable(f"{source} is not the breaks.jsonl of a report") from problem
        return cls(as_of, left, names)

    def count_met(self, code: str, ledger: Mapping[str, str], gate: Mapping[str, str]) -> Change:
        """Return whether a break was there before, and count it."""
        name = identity(code, ledger, gate)
        change: Change = "new"
        if self._names[name] > 0:
            self._names[name] -= 1
            change = "carried over"
        self._count(change, *_money(ledger, gate))
        return change

    def count_cleared(self) -> None:
        """Count what was there before and is no more."""
        for (name, currency, amount), rows in self._left.items():
            gone = min(rows, self._names[name])
            self._names[name] -= gone
            for _ in range(gone):
                self._count("cleared", currency, amount)

    def _count(self, change: str, currency: str, amount: str) -> None:
        try:
            value = Decimal(amount)
        except InvalidOperation:
            value = Decimal()
        by_currency = self.counts.setdefault(change, {})
        by_currency.setdefault(currency, Total()).add(1, value if value.is_finite() else None)


def _money(ledger: Mapping[str, str], gate: Mapping[str, str]) -> tuple[str, str]:
    side: Mapping[str, Any] = ledger or gate
    return side.get("currency") or "", side.get("amount") or ""
