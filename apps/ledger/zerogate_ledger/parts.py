"""One order in several payments or several rows: no break where the parts are the whole. Pure.

A row against several payments that come to it, several rows against the one payment that they come to,
or the same different amounts on both sides. Two equal payments for two equal rows stay *paid twice*.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from decimal import Decimal
from functools import reduce
from typing import Any, Final, TypeAlias

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


def parts_joined(answer: pa.Table, part: str) -> tuple[pa.Table, int]:
    """The answer with such rows as matched, under *part*, and how many orders they are of."""
    orders: dict[str, list[tuple[int, Row]]] = defaultdict(list)
    names = _order_of(answer)
    differ = pc.not_equal(answer["differences"], 0)
    counts = pc.value_counts(names.filter(differ).drop_null())
    several = counts.filter(pc.greater(counts.field("counts"), 1)).field("values")
    places = pc.indices_nonzero(pc.and_(differ, pc.is_in(names, value_set=several)))
    rows = answer.select([*_FACTS, *_SUMS]).take(places).to_pylist()
    for place, order, row in zip(
        places.to_pylist(), names.take(places).to_pylist(), rows, strict=True
    ):
        orders[order].append((place, row))
    whole = [rows for rows in orders.values() if _are_whole([r for _, r in rows])]
    if not whole:
        return answer, 0
    masks, parts = answer["differences"].to_pylist(), answer["part"].to_pylist()
    for rows in whole:
        for place, _ in rows:
            masks[place], parts[place] = 0, part
    for name, values in (
        ("differences", pa.array(masks, pa.int64())),
        ("part", pa.array(parts, pa.string())),
    ):
        answer = answer.set_column(answer.column_names.index(name), name, values)
    return answer, len(whole)


def _order_of(answer: pa.Table) -> Any:
    """The order, or else the session, of each row."""
    said = [answer[name] for name in _IDS if name in answer.column_names]
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
