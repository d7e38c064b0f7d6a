"""Findings of a match: control totals that are proven to add up, and the breaks in one order.

Sums are made here, in Python, where nothing is rounded. Knows no engine and writes no file.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from functools import reduce
from typing import Any, Final

import attrs
import pyarrow as pa
import pyarrow.compute as pc

from .booking import Books
from .breaks import (
    BIT,
    MATCHED,
    OUTSIDE,
    PARTS,
    RANK,
    REFUNDS,
    WAITING,
    primary,
)
from .controls import Control, Tolerance, Total
from .errors import DoesNotAddUp
from .exact import EXACT, is_plain
from .match_inputs import Terms
from .parts import Orders
from .row_places import RowPlaces
from .spool import Spool
from .suspicions import Suspects, Suspicion

_SUMS: Final = ("ledger_sum", "gate_sum")


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
    #: The breaks in their order.
    _listed: Spool
    #: Where a ledger row stands; None for the number of its record.
    _places: RowPlaces | None = None

    @property
    def breaks(self) -> int:
        """Count of breaks on either side, also those merely young; matched and left out aside."""
        return sum(self.classes.get(code, 0) for code in RANK)

    @property
    def urgent(self) -> int:
        """Count of breaks that somebody has to look at: all but those that are merely young."""
        return self.breaks - self.classes.get(WAITING, 0)

    def rows(self) -> Iterator[dict[str, Any]]:
        """Yield breaks, worst first, sums as Decimal, with line and file if known; read anew."""
        for table in self._listed.tables():
            for row in table.to_pylist():
                for name in _SUMS:
                    row[name] = None if row[name] is None else Decimal(row[name])
                number = row.get("l_line")
                if number is not None and self._places is not None:
                    row["l_line"] = self._places.line(number)
                    row["l_file"] = self._places.file(number)
                yield row


def findings(
    answer: Iterable[pa.Table],
    ledger: Mapping[tuple[str, str], Total],
    transactions: int,
    terms: Terms,
    tolerance: Tolerance | None = None,
    *,
    spool: Callable[[], Spool] = Spool,
) -> Findings:
    """Return the findings of a match's answer, which is read once; DoesNotAddUp where sums do not agree.

    ledger: The ledger counted by itself, by currency and state.
    transactions: How many Gate has.
    spool: Makes what holds more rows than fit in memory.

    Raises:
        DoesNotAddUp: matched rows and breaks are not the ledger; nothing of it can be believed.
    """
    rows, suspects, orders = spool(), Suspects(terms), Orders(spool)
    for table in answer:
        if "part" not in table.column_names:
            table = table.append_column("part", pa.nulls(table.num_rows, pa.string()))
        table = _with_exact_sums(table)
        rows.add(table)
        suspects.count(table)
        orders.count(table)
    whole = orders.whole(map(suspects.without_suspected, rows.tables()))
    books, listed, forgiven = Books(ledger), spool(), Total()
    for table in map(suspects.without_suspected, rows.tables()):
        marked = _without_forgiven(whole.mark(table, PARTS), tolerance, forgiven)
        books.add(marked, terms.as_of)
        listed.add(_ranked(marked.filter(pc.not_equal(marked["differences"], 0))))
    del rows
    _prove(books, transactions)
    classes = books.classes
    return Findings(
        terms=terms,
        controls=dict(sorted(books.controls.items())),
        classes={
            code: classes[code] for code in (*RANK, MATCHED, OUTSIDE, REFUNDS) if classes[code]
        },
        ages=books.ages,
        hours=books.hours,
        money=books.money,
        forgiven=forgiven,
        ledger_rows=sum(total.rows for total in ledger.values()),
        gate_rows=books.gate_rows,
        suspicions=(*suspects.found(), *whole.suspicions),
        in_parts=whole.orders,
        listed=listed.in_order(_order(listed.schema.names)),
    )


def at_lines(found: Findings, places: RowPlaces) -> Findings:
    """Return findings whose rows give line and file instead of the record; reads the files for them now."""
    if "l_line" not in found._listed.schema.names:
        return found
    tables = found._listed.tables(["l_line"])
    places.look_up(table["l_line"].drop_null().to_numpy() for table in tables)
    return attrs.evolve(found, places=places)


def _with_exact_sums(answer: pa.Table) -> pa.Table:
    """Return the answer with one exact sum a side: where `…_large` is given, that times the rows."""
    for side in ("ledger", "gate"):
        at = answer.column_names.index(f"{side}_sum")
        sums = answer[f"{side}_sum"].cast(pa.decimal256(76, 18))
        large = f"{side}_large"
        if large not in answer.column_names:
            answer = answer.set_column(at, f"{side}_sum", sums)
            continue
        if places := pc.indices_nonzero(pc.is_valid(answer[large])).to_pylist():
            known = sums.to_pylist()
            for place in places:
                one, rows = answer[large][place].as_py(), answer[f"{side}_rows"][place].as_py()
                known[place] = EXACT.multiply(one, Decimal(rows))
            sums = pa.array(known, pa.decimal256(76, 18))
        answer = answer.set_column(at, f"{side}_sum", sums).drop_columns(large)
    return answer


def _without_forgiven(rows: pa.Table, tolerance: Tolerance | None, forgiven: Total) -> pa.Table:
    """Return rows without the amount bit where the tolerance forgives it; counts those into *forgiven*."""
    if tolerance is None:
        return rows
    masks = rows["differences"].to_pylist()
    bit = BIT["amount"]
    for place, mask in enumerate(masks):
        if not mask & bit:
            continue
        one, other = rows["ledger_sum"][place].as_py(), rows["gate_sum"][place].as_py()
        code = rows["l_code"][place].as_py()
        if _same_tokens(rows, place) and tolerance.forgives(one, other, code):
            masks[place] = mask & ~bit
            forgiven.add(1, EXACT.subtract(other, one))
    index = rows.column_names.index("differences")
    return rows.set_column(index, "differences", pa.array(masks, pa.int64()))


def _same_tokens(answer: pa.Table, place: int) -> bool:
    """Return whether a row's token amounts agree, or the ledger has none: only fiat is forgiven."""
    if "l_token_amount" not in answer.column_names:
        return True
    ours, theirs = (answer[name][place].as_py() for name in ("l_token_amount", "g_token_amount"))
    if not ours or theirs is None:
        return True
    return is_plain(ours) and is_plain(theirs) and Decimal(ours) == Decimal(theirs)


def _prove(books: Books, transactions: int) -> None:
    """Raise DoesNotAddUp unless parts sum to the ledger in each state, and Gate has *transactions* rows."""
    for code, control in books.controls.items():
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
    if books.transactions != transactions:
        raise DoesNotAddUp(
            f"Gate has {transactions} transactions, the match has {books.transactions}"
        )


def _ranked(found: pa.Table) -> pa.Table:
    """Return breaks with columns `rank` (0 is worst) and `order` (its id), and their sums as text."""
    # Many rows differ in few ways.
    masks = pc.unique(found["differences"])
    ranks = pa.array([RANK[primary(mask)] for mask in masks.to_pylist()], pa.int16())
    places = pc.index_in(found["differences"], masks)
    rank = pa.chunked_array([ranks.take(chunk) for chunk in places.chunks], pa.int16())
    for name in _SUMS:
        texts = found[name].cast(pa.string())
        found = found.set_column(found.column_names.index(name), name, texts)
    orders = [found[name] for name in ("l_order_id", "g_order_id") if name in found.column_names]
    # Of several payments for one order only one stands beside the ledger's row.
    order = pc.coalesce(*orders) if orders else pa.nulls(found.num_rows, pa.string())
    return found.append_column("rank", rank).append_column("order", order)


def _order(names: Sequence[str]) -> list[str]:
    """Return all columns in the order that breaks are sorted by, rank and order first."""
    first = ["rank", "order", "l_order_id", "g_order_id", "l_line", "l_refid", "g_refid"]
    given = [name for name in first if name in names]
    return given + sorted(set(names) - set(given))
