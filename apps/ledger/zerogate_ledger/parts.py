"""One order in several payments or several rows: no break where the parts are the whole.

A row against several payments that come to it, several rows against the one payment that they come to,
or the same different amounts on both sides. Two equal payments for two equal rows stay *paid twice*.
An order in more than MOST rows is none that somebody paid so: it is named as a suspicion, and left as it is.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from decimal import Decimal
from functools import reduce
from itertools import groupby, islice, product
from typing import Any, Final, TypeAlias

import attrs
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from .breaks import BIT
from .exact import EXACT
from .spool import Spool
from .statuses import STATES, UNSAID
from .suspicions import Suspicion

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
_PLACE: Final = pa.schema({"place": pa.int64()})
#: Sixteen megabytes. Two names in one only cost a look at both.
_BUCKETS: Final = 1 << 24
#: Rows of one order that are looked at together, in memory.
MOST: Final = 10_000


class Orders:
    """Orders with several rows, looked for among the rows of an answer, a table at a time.

    spool: Makes what holds more rows than fit in memory.
    """

    def __init__(self, spool: Callable[[], Spool]) -> None:
        self._spool = spool
        self._differ = 0
        #: Names by a few bits of their hash: none, one, or several. So much room, however many there are.
        self._times = np.zeros(_BUCKETS, np.uint8)

    def count(self, rows: pa.Table) -> None:
        """Count the orders that rows which differ name, by hash, to know which come again."""
        names = _order_of(rows).filter(pc.not_equal(rows["differences"], 0))
        self._differ += len(names)
        buckets, times = np.unique(_buckets(pc.drop_null(names)), return_counts=True)
        self._times[buckets] = np.minimum(self._times[buckets] + times, 2)

    def whole(self, tables: Iterable[pa.Table]) -> Whole:
        """Return a Whole: places of the rows whose orders add up in parts. tables: Those counted before."""
        places, orders, crowded = self._spool(), 0, Counter[str]()
        places.add(_PLACE.empty_table())
        for rows in _together(self._suspected(tables)):
            if isinstance(rows, Crowded):
                crowded[rows.name] = rows.rows
            elif _are_whole(rows):
                orders += 1
                places.add(pa.table({"place": [row["place"] for row in rows]}, schema=_PLACE))
        return Whole(places.in_order(["place"]), orders, _too_many(crowded, self._differ))

    def _suspected(self, tables: Iterable[pa.Table]) -> Spool:
        """Return the differing rows of orders that may have two or more rows, sorted by order and place."""
        found, start = self._spool(), 0
        for table in tables:
            names = _order_of(table)
            asked = pc.and_(pc.not_equal(table["differences"], 0), pc.is_valid(names))
            places = pc.indices_nonzero(asked).to_numpy()
            places = places[self._times[_buckets(names.take(places))] > 1]
            rows = table.select([*_FACTS, *_SUMS]).take(places)
            for name in _SUMS:
                # DuckDB, which sorts what does not fit, has no number of so many digits.
                text = rows[name].cast(pa.string())
                rows = rows.set_column(rows.column_names.index(name), name, text)
            rows = rows.append_column("name", names.take(places))
            found.add(rows.append_column("place", pa.array(places + start, pa.int64())))
            start += table.num_rows
        return found.in_order(["name", "place"])


def _buckets(names: Any) -> Any:
    """Return the bucket of each name: its hash, cut to 24 bits."""
    return np.fromiter(map(hash, names.to_pylist()), np.int64, len(names)) & (_BUCKETS - 1)


@attrs.frozen
class Crowded:
    """An order with more rows than are looked at together."""

    name: str
    rows: int


def _together(rows: Spool) -> Iterator[list[Row] | Crowded]:
    """Yield the rows of each order with two or more; for one with more than MOST, a Crowded instead."""
    each = (row for table in rows.tables() for row in table.to_pylist())
    for name, of_order in groupby(each, key=lambda row: row["name"]):
        some = list(islice(of_order, MOST + 1))
        if len(some) > MOST:
            yield Crowded(name, len(some) + sum(1 for _ in of_order))
        elif len(some) > 1:
            for row, sum_ in product(some, _SUMS):
                row[sum_] = None if row[sum_] is None else Decimal(row[sum_])
            yield some


def _too_many(crowded: Counter[str], differ: int) -> tuple[Suspicion, ...]:
    """Return the suspicion about orders of more than MOST rows; () where there are none."""
    if not crowded:
        return ()
    ((name, most),) = crowded.most_common(1)
    rows, orders = crowded.total(), "order" if len(crowded) == 1 else "orders"
    return (
        Suspicion(
            "order_in_many_rows",
            rows,
            differ,
            f"{rows:,} rows that differ belong to {len(crowded):,} {orders} of more than "
            f"{MOST:,} rows each, such as {name[:80]!r} with {most:,}: that is rarely one order, see whether "
            "the column of ids is the right one; such rows are not put together from parts",
        ),
    )


class Whole:
    """Rows that are one order together, by their place in the answer; and how many orders they are of.

    suspicions: Orders in more than MOST rows, at which nobody looked.
    """

    def __init__(self, places: Spool, orders: int, suspicions: tuple[Suspicion, ...]) -> None:
        self.orders, self.suspicions = orders, suspicions
        self._places = (place for table in places.tables() for place in table["place"].to_pylist())
        self._next, self._start = next(self._places, None), 0

    def mark(self, rows: pa.Table, part: str) -> pa.Table:
        """Return *rows*, the answer's next, those of whole orders as matched under *part*; moves on."""
        start, self._start = self._start, self._start + rows.num_rows
        mine = []
        while self._next is not None and self._next < self._start:
            mine.append(self._next - start)
            self._next = next(self._places, None)
        if not mine:
            return rows
        masks, parts = rows["differences"].to_pylist(), rows["part"].to_pylist()
        for place in mine:
            masks[place], parts[place] = 0, part
        for name, values in (
            ("differences", pa.array(masks, pa.int64())),
            ("part", pa.array(parts, pa.string())),
        ):
            rows = rows.set_column(rows.column_names.index(name), name, values)
        return rows


def _order_of(answer: pa.Table) -> Any:
    """Return the order, else the session, of each row; NULL where it names neither."""
    said = [answer[name] for name in _IDS if name in answer.column_names]
    if not said:
        # What matched plainly comes as sums, without names.
        return pa.chunked_array([pa.nulls(answer.num_rows, pa.string())])
    empty = pa.scalar(None, pa.string())
    return pc.coalesce(*(pc.if_else(pc.equal(ids, ""), empty, ids) for ids in said))


def _are_whole(rows: Sequence[Row]) -> bool:
    """Return whether an order's settled rows and payments are one sum, or the same amounts."""
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
    """Return the exact sum of amounts, of which there is one at least."""
    return reduce(EXACT.add, amounts)
