"""Control totals of a reconciliation, and the tolerance of its amounts. Exact, pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal

import attrs

from .exact import EXACT
from .statuses import STATES


@attrs.define
class Total:
    """Count of rows, and their sum as far as they can be read."""

    rows: int = 0
    amount: Decimal = Decimal(0)

    def add(self, rows: int, amount: Decimal | None) -> None:
        """Count *rows* rows and add their sum; None (not readable) adds rows only."""
        self.rows += rows
        if amount is not None:
            self.amount = EXACT.add(self.amount, amount)


@attrs.define
class Parts:
    """Rows that say the same of their money: as the ledger was counted by itself, and where they went."""

    ledger: Total = attrs.Factory(Total)
    matched: Total = attrs.Factory(Total)
    breaks: Total = attrs.Factory(Total)
    gate_matched: Total = attrs.Factory(Total)
    gate_breaks: Total = attrs.Factory(Total)
    gate_idle: Total = attrs.Factory(Total)
    outside: Total = attrs.Factory(Total)
    gate_outside: Total = attrs.Factory(Total)
    refunds: Total = attrs.Factory(Total)


@attrs.define
class Control(Parts):
    """One currency or token. states: The same by what the amounts stand for, settled first."""

    states: dict[str, Parts] = attrs.Factory(dict)

    def book(self, part: str, state: str, rows: int, amount: Decimal | None) -> None:
        """Add rows and their sum to *part*, a field of Parts, of the whole and of *state*."""
        for parts in (self, self.states.setdefault(state, Parts())):
            getattr(parts, part).add(rows, amount)

    def in_order(self) -> Iterator[tuple[str, Parts]]:
        """Return an iterator of (state, its parts) for the states that occur, settled first."""
        return ((name, self.states[name]) for name in STATES if name in self.states)


@attrs.frozen
class Tolerance:
    """Amounts that differ by no more than this, in major units, count as the same. Off by default.

    by_currency: In place of the limit, for a currency or token. percent: Of Gate's amount, where that is
        more than the limit.
    """

    limit: Decimal = Decimal(0)
    by_currency: Mapping[str, Decimal] = attrs.field(factory=dict)
    percent: Decimal = Decimal(0)

    def forgives(self, one: Decimal | None, other: Decimal | None, code: str | None) -> bool:
        """Return whether two amounts are within the tolerance; False where either is None."""
        if one is None or other is None:
            return False
        part = EXACT.multiply(abs(other), EXACT.multiply(self.percent, Decimal("0.01")))
        limit = max(self.by_currency.get(code or "", self.limit), part)
        return abs(EXACT.subtract(one, other)) <= limit
