"""One order in several payments or several rows: no break where the parts are the whole. Pure.

A row against several payments that come to it, several rows against the one payment that they come to,
or the same different amounts on both sides. Two equal payments for two equal rows stay *paid twice*.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from decimal import Decimal
from functools import reduce
from typing import Any, Final, TypeAlias

import attrs
import pyarrow as pa
import pyarrow.compute as pc

from .breaks import BIT
from .exact import EXACT
from .statuses import STATES, UNSAID

#: What parts look like as long as they are looked at one by one.
_PARTS: Final = BIT["duplicate_local"] | BIT["paid_twice"] | BIT["amount"]
_SETTLED: Final = STATES.index("settled")
_IDS: Final = ("g_order_id", "l_order_id", "g_session_id", "l_session_id")
_FACTS: Final = (
    "differences",
    "l_code",
    "g_code",
    "l_state",
    "g_state",
    "ledger_rows",
    "gate_rows",
)
_SUMS: Final = ("ledger_sum", "gate_sum")
Row: TypeAlias = dict[str, Any]


class Orders:
    """Orders with several rows, looked for among the rows of an answer, a table at a time."""

    def __init__(self) -> None:
        self._names: list[Any] = []

    def count(self, rows: pa.Table) -> None:
        """Take in the names of rows that differ."""
        names = _order_of(rows).filter(pc.not_equal(rows["differences"], 0))
        self._names.append(pc.drop_null(names))

    def whole(self, tables: Iterable[pa.Table]) -> Whole:
        """Find the orders whose parts are the same whole on both sides, in the same rows once more."""
        names = pa.chunked_array(
            [chunk for array in self._names for chunk in array.chunks], pa.string()
        )
        self._names.clear()
        counts = pc.value_counts(names)
        several = counts.filter(pc.greater(counts.field("counts"), 1)).field("values")
        if not len(several):
            return Whole(frozenset(), 0)
        orders: dict[str, list[tuple[int, Row]]] = defaultdict(list)
        start = 0
        for table in tables:
            differ = pc.not_equal(table["differences"], 0)
            found = _order_of(table)
            places = pc.indices_nonzero(pc.and_(differ, pc.is_in(found, value_set=several)))
            rows = table.select([*_FACTS, *_SUMS]).take(places).to_pylist()
            named = found.take(places).to_pylist()
            for place, order, row in zip(places.to_pylist(), named, rows, strict=True):
                orders[order].append((start + place, row))
            start += table.num_rows
        whole = [
            rows for rows in orders.values() if len(rows) > 1 and _are_whole([r for _, r in rows])
        ]
        return Whole(frozenset(place for rows in whole for place, _ in rows), len(whole))


@attrs.frozen
class Whole:
    """Rows, by their place in the answer, that are one order together; and how many orders they are of."""

    places: frozenset[int]
    orders: int

    def marked(self, rows: pa.Table, start: int, part: str) -> pa.Table:
        """Rows from that place on, where such as are whole have matched, under *part*."""
        mine = sorted(self.places.intersection(range(start, start + rows.num_rows)))
        if not mine:
            return rows
        masks, parts = rows["differences"].to_pylist(), rows["part"].to_pylist()
        for place in mine:
            masks[place - start], parts[place - start] = 0, part
        for name, values in (
            ("differences", pa.array(masks, pa.int64())),
            ("part", pa.array(parts, pa.string())),
        ):
            rows = rows.set_column(rows.column_names.index(name), name, values)
        return rows


def _order_of(answer: pa.Table) -> Any:
    """The order, or else the session, of each row."""
    said = [answer[name] for name in _IDS if name in answer.column_names]
    if not said:
        # What matched plainly comes as sums, without names.
        return pa.chunked_array([pa.nulls(answer.num_rows, pa.string())])
    empty = pa.scalar(None, pa.string())
    return pc.coalesce(*(pc.if_else(pc.equal(ids, ""), empty, ids) for ids in said))


def _are_whole(rows: Sequence[Row]) -> bool:
    """Return whether the parts of one order on both sides are the same whole."""
    ours = [row for row in rows if row["ledger_rows"]]
    theirs = [row for row in rows if row["gate_rows"]]
    if any(row["differences"] & ~_PARTS for row in rows) or not (ours and theirs):
        return False
    if any(row["ledger_rows"] > 1 or row["gate_rows"] > 1 for row in rows):
        return False
    states = {row["l_state"] for row in ours} <= {_SETTLED, UNSAID}
    settled = states and {row["g_state"] for row in theirs} == {_SETTLED}
    codes = {row["l_code"] for row in ours} | {row["g_code"] for row in theirs}
    booked = [row["ledger_sum"] for row in ours]
    paid = [row["gate_sum"] for row in theirs]
    if not settled or len(codes) != 1 or None in booked or None in paid:
        return False
    if min(len(booked), len(paid)) > 1:
        return sorted(booked) == sorted(paid) and len(set(paid)) == len(paid)
    return _sum(booked) == _sum(paid)


def _sum(amounts: Sequence[Decimal]) -> Decimal:
    return reduce(EXACT.add, amounts)
