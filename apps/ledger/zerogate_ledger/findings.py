"""Findings of a match: control totals that are proven to add up, and the breaks in one order.

Sums are made here, in Python, where nothing is rounded. Knows no engine and writes no file.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from functools import reduce
from typing import Any, Final

import attrs
import pyarrow as pa
import pyarrow.compute as pc

from .breaks import (
    BIT,
    MATCHED,
    OUTSIDE,
    PARTS,
    RANK,
    REFUNDS,
    WAITING,
    age_bucket,
    differences,
    primary,
)
from .errors import DoesNotAddUp
from .exact import EXACT, is_plain
from .match import GATE_EVIDENCE, LEDGER_EVIDENCE
from .match_inputs import Terms
from .parts import parts_joined
from .statuses import STATES
from .suspicions import Suspicion, without_suspected

_SIDES: Final = (*LEDGER_EVIDENCE, *GATE_EVIDENCE)
_AMOUNTS: Final = ("ledger_rows", "ledger_sum", "gate_rows", "gate_sum")


@attrs.define
class Total:
    """Count of rows, and their sum as far as they can be read."""

    rows: int = 0
    amount: Decimal = Decimal(0)

    def add(self, rows: int, amount: Decimal | None) -> None:
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
        """Count rows into the whole and into their state."""
        for parts in (self, self.states.setdefault(state, Parts())):
            getattr(parts, part).add(rows, amount)

    def in_order(self) -> Iterator[tuple[str, Parts]]:
        """The states that occur, settled first."""
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
        if one is None or other is None:
            return False
        part = EXACT.multiply(abs(other), EXACT.multiply(self.percent, Decimal("0.01")))
        limit = max(self.by_currency.get(code or "", self.limit), part)
        return abs(EXACT.subtract(one, other)) <= limit


@attrs.frozen
class Findings:
    """Result of a match.

    controls: By currency or token; "" where a row names none.
    classes: Class → rows of either side that are named after it; `matched` counts pairs,
        `outside_period` what was left out, and `refunds` those that a payment bears out.
    ages, hours: Breaks by age bucket, and by the UTC hour in which they began, as hours since 1970.
    money: (Class, currency, age bucket) → breaks of it, and what they come to: the ledger's amounts, or
        Gate's where the ledger has no row.
    forgiven: Rows that match only within the tolerance, and by how much they differ together.
    in_parts: Orders that match in several payments or rows.
    suspicions: What most rows have in common, and so is rather one mistake than many breaks.
    """

    terms: Terms
    controls: Mapping[str, Control]
    classes: Mapping[str, int]
    ages: Mapping[tuple[str, str], int]
    hours: Mapping[tuple[int | None, str], int]
    money: Mapping[tuple[str, str, str], Total]
    forgiven: Total
    ledger_rows: int
    gate_rows: int
    suspicions: tuple[Suspicion, ...]
    in_parts: int
    table: pa.Table

    @property
    def breaks(self) -> int:
        return sum(self.classes.get(code, 0) for code in RANK)

    @property
    def urgent(self) -> int:
        """Breaks that somebody has to look at: all but those that are merely young."""
        return self.breaks - self.classes.get(WAITING, 0)

    def at_lines(
        self,
        lines: Callable[[list[int]], Mapping[int, int]],
        files: Callable[[list[int]], Mapping[int, str]],
    ) -> Findings:
        """The same, with each ledger row by its line, and its file of several, instead of its record."""
        if "l_line" not in self.table.column_names:
            return self
        at = self.table.column_names.index("l_line")
        numbers = self.table["l_line"].to_pylist()
        said = [number for number in numbers if number is not None]
        known, named = lines(said), files(said)
        placed = pa.array([number and known[number] for number in numbers], pa.int64())
        table = self.table.set_column(at, "l_line", placed)
        if named:
            names = pa.array([number and named.get(number) for number in numbers], pa.string())
            table = table.append_column("l_file", names)
        return attrs.evolve(self, table=table)

    def rows(self) -> Iterator[dict[str, Any]]:
        """The breaks, worst first, then by what they show; a batch at a time."""
        for batch in self.table.to_batches(max_chunksize=5_000):
            yield from batch.to_pylist()


def findings(
    answer: pa.Table,
    ledger: Mapping[tuple[str, str], Total],
    transactions: int,
    terms: Terms,
    tolerance: Tolerance | None = None,
) -> Findings:
    """Return the findings of the expression's answer.

    ledger: The ledger counted by itself, by currency and state.
    transactions: How many Gate has.

    Raises:
        DoesNotAddUp: matched rows and breaks are not the ledger; nothing of it can be believed.
    """
    if "part" not in answer.column_names:
        answer = answer.append_column("part", pa.nulls(answer.num_rows, pa.string()))
    answer, suspicions = without_suspected(_summed(answer), terms)
    answer, in_parts = parts_joined(answer, PARTS)
    answer, forgiven = _within(answer, tolerance)
    controls: dict[str, Control] = {}
    for (code, state), total in ledger.items():
        control = controls.setdefault(code, Control())
        control.book("ledger", state, total.rows, total.amount)
    classes: Counter[str] = Counter()
    for row in _counted(answer):
        _book(controls, classes, row)
    found = _listed(answer)
    ages, hours, money = _spread(found, terms)
    _prove(controls, answer, transactions)
    return Findings(
        terms=terms,
        controls=dict(sorted(controls.items())),
        classes={
            code: classes[code] for code in (*RANK, MATCHED, OUTSIDE, REFUNDS) if classes[code]
        },
        ages=ages,
        hours=hours,
        money=money,
        forgiven=forgiven,
        ledger_rows=sum(total.rows for total in ledger.values()),
        gate_rows=pc.sum(answer["gate_rows"]).as_py() or 0,
        suspicions=suspicions,
        in_parts=in_parts,
        table=found,
    )


def _summed(answer: pa.Table) -> pa.Table:
    """The answer with one exact sum a side, whatever its size."""
    for side in ("ledger", "gate"):
        at = answer.column_names.index(f"{side}_sum")
        sums = answer[f"{side}_sum"].cast(pa.decimal256(76, 18))
        if places := pc.indices_nonzero(pc.is_valid(answer[f"{side}_large"])).to_pylist():
            known = sums.to_pylist()
            for place in places:
                large, rows = answer[f"{side}_large"][place].as_py(), answer[f"{side}_rows"][place]
                known[place] = EXACT.multiply(large, Decimal(rows.as_py()))
            sums = pa.array(known, pa.decimal256(76, 18))
        answer = answer.set_column(at, f"{side}_sum", sums).drop_columns(f"{side}_large")
    return answer


def _within(answer: pa.Table, tolerance: Tolerance | None) -> tuple[pa.Table, Total]:
    """The answer without differences of amount that the tolerance forgives."""
    forgiven = Total()
    if tolerance is None:
        return answer, forgiven
    masks = answer["differences"].to_pylist()
    bit = BIT["amount"]
    for place, mask in enumerate(masks):
        if not mask & bit:
            continue
        one, other = answer["ledger_sum"][place].as_py(), answer["gate_sum"][place].as_py()
        code = answer["l_code"][place].as_py()
        if _same_tokens(answer, place) and tolerance.forgives(one, other, code):
            masks[place] = mask & ~bit
            forgiven.add(1, EXACT.subtract(other, one))
    index = answer.column_names.index("differences")
    return answer.set_column(index, "differences", pa.array(masks, pa.int64())), forgiven


def _same_tokens(answer: pa.Table, place: int) -> bool:
    """Return whether the amounts of tokens are none of the difference: only money is forgiven."""
    if "l_token_amount" not in answer.column_names:
        return True
    ours, theirs = (answer[name][place].as_py() for name in ("l_token_amount", "g_token_amount"))
    if not ours or theirs is None:
        return True
    return is_plain(ours) and is_plain(theirs) and Decimal(ours) == Decimal(theirs)


def _counted(answer: pa.Table) -> Iterator[dict[str, Any]]:
    names = [
        "differences",
        "l_code",
        "g_code",
        "l_state",
        "g_state",
        "outside",
        "part",
        "ledger_rows",
        "ledger_sum",
        "gate_rows",
        "gate_sum",
    ]
    for batch in answer.select(names).to_batches(max_chunksize=10_000):
        yield from batch.to_pylist()


def _book(controls: dict[str, Control], classes: Counter[str], row: Mapping[str, Any]) -> None:
    here, there = row["ledger_rows"], row["gate_rows"]
    matched = row["differences"] == 0
    if here:
        control = controls.setdefault(row["l_code"] or "", Control())
        part = "outside" if row["outside"] else "matched" if matched else "breaks"
        if row["part"] == REFUNDS and matched:
            part = REFUNDS
        control.book(part, STATES[row["l_state"]], here, row["ledger_sum"])
    if there:
        control = controls.setdefault(row["g_code"] or "", Control())
        part = "gate_breaks" if not matched else "gate_matched" if here else "gate_idle"
        part = "gate_outside" if row["outside"] else part
        part = "gate_matched" if row["part"] == PARTS and matched else part
        control.book(part, STATES[row["g_state"]], there, row["gate_sum"])
    if row["outside"]:
        classes[OUTSIDE] += max(here, there)
    elif row["part"] == REFUNDS and matched:
        classes[REFUNDS] += here
    elif here or not matched:
        classes[primary(row["differences"])] += max(here, there)


def _prove(controls: Mapping[str, Control], answer: pa.Table, transactions: int) -> None:
    for code, control in controls.items():
        for state, parts in control.states.items():
            went = (parts.matched, parts.breaks, parts.outside, parts.refunds)
            sums = reduce(EXACT.add, (part.amount for part in went))
            rows = sum(part.rows for part in went)
            if rows != parts.ledger.rows or sums != parts.ledger.amount:
                raise DoesNotAddUp(
                    f"{code or 'rows without a currency'}, {state}: the ledger has "
                    f"{parts.ledger.rows} rows of {parts.ledger.amount}, matched, breaks and those "
                    "outside the period have "
                    f"{rows} of {sums}"
                )
    seen = pc.sum(answer["gate_transactions"]).as_py() or 0
    if seen != transactions:
        raise DoesNotAddUp(f"Gate has {transactions} transactions, the match has {seen}")


def _listed(answer: pa.Table) -> pa.Table:
    """The breaks in an order that follows from nothing but what they show."""
    found = answer.filter(pc.not_equal(answer["differences"], 0))
    # Many rows differ in few ways.
    masks = pc.unique(found["differences"])
    ranks = pa.array([RANK[primary(mask)] for mask in masks.to_pylist()], pa.int16())
    rank = ranks.take(pc.index_in(found["differences"], masks).combine_chunks())
    found = found.append_column("rank", rank)
    orders = [found[name] for name in ("l_order_id", "g_order_id") if name in found.column_names]
    # Of several payments for one order only one stands beside the ledger's row.
    by = found.append_column("order", pc.coalesce(*orders))
    first = ["rank", "order", "l_order_id", "g_order_id", "l_line", "l_refid", "g_refid"]
    names = [name for name in first if name in by.column_names]
    names += sorted(set(by.column_names) - set(names))
    return by.sort_by([(name, "ascending") for name in names]).drop_columns("order")


def _spread(
    found: pa.Table, terms: Terms
) -> tuple[Counter[Any], Counter[Any], dict[tuple[str, str, str], Total]]:
    ages: Counter[tuple[str, str]] = Counter()
    hours: Counter[tuple[int | None, str]] = Counter()
    money: dict[tuple[str, str, str], Total] = {}
    names = ("differences", "l_created_at", "g_created_at", "l_code", "g_code", *_AMOUNTS)
    slim = found.select([name for name in names if name in found.column_names])
    for batch in slim.to_batches(max_chunksize=10_000):
        for row in batch.to_pylist():
            code = primary(row["differences"])
            at = began(row)
            rows = max(row["ledger_rows"], row["gate_rows"])
            age = age_bucket(at, terms.as_of)
            ages[age, code] += rows
            side = "ledger" if row["ledger_rows"] else "gate"
            currency = row["l_code"] if row["ledger_rows"] else row["g_code"]
            total = money.setdefault((code, currency or "", age), Total())
            total.add(rows, row[f"{side}_sum"])
            hours[None if at is None else at // 3_600, code] += rows
    return ages, hours, money


def began(row: Mapping[str, Any]) -> int | None:
    """Return when what a break is about began: by the ledger, else by Gate."""
    at = row.get("l_created_at")
    found: int | None = row["g_created_at"] if at is None else at
    return found


def all_of(mask: int) -> list[str]:
    """The classes of a break, worst first."""
    return list(differences(mask))
