"""One part of a match whose keys have too many rows for one query, cut by each row's place under its key.

A single key may have any number of rows, and parts are cut by key. Rows are paired by key and place: once
each knows its place, those of the same places on both sides are matched by themselves. On DuckDB.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from typing import Any, Final, TypeAlias

import ibis
import ibis.expr.types as ir

from .engine import in_less_memory
from .match import keyed_sides
from .match_inputs import Terms
from .normalize import as_written, best_first, numbered
from .shards import Sides

#: Makes a temporary table that lives as long as the block.
_Keep: TypeAlias = Callable[[str, Any], ir.Table]
_ROW: Final = "in_table"
#: Rows without a key that are in one slice.
_NAMELESS: Final = 125_000


@contextmanager
def cut_by_place(
    con: Any, sides: Sides, terms: Terms, size: int
) -> Iterator[Iterator[tuple[ir.Table, ir.Table]]]:
    """Yield an iterator of (ledger, Gate) tables, slices with at most *size* rows of one key on a side.

    Each slice has tables of the same names, over those of the last; all are dropped in the end.

    size: Rows of one key on a side.
    """
    with ExitStack() as stack:

        def keep(name: str, rows: Any) -> ir.Table:
            """Write rows to a temporary table, over one so called; drop it after the block."""
            name = f"zerogate_long_{name}"
            stack.callback(con.drop_table, name, force=True)
            make = partial(con.create_table, name, rows, temp=True, overwrite=True)
            # Beside the answer's rows, which leave the engine between one slice and the next.
            table: ir.Table = in_less_memory(con, make)
            return table

        local, remote = keyed_sides(*_tables(sides), terms, sides.twice)
        left = _placed(keep, "l", local, as_written, size)
        right = _placed(keep, "g", remote, best_first, size)
        yield _slices(con, keep, left, right)


def _tables(sides: Sides) -> tuple[ir.Table, ir.Table, ir.Table | None]:
    """Return the three tables of the sides; sessions may be None."""
    return sides.ledger, sides.transactions, sides.sessions


def _placed(
    keep: _Keep, side: str, rows: ir.Table, order: Callable[[ir.Table], list[Any]], size: int
) -> tuple[ir.Table, ir.Table]:
    """Write temporary tables of a side's rows, and of each row's place and slice; return both."""
    rows = keep(side, rows)
    # An engine holds all rows of one key together while it numbers them: so these are slim.
    by = order(rows)
    slim = rows.select(
        **{f"{side}_key": rows[f"{side}_key"], _ROW: rows.rowid()},
        **{f"by_{number}": value for number, value in enumerate(by)},
    )
    names = [f"by_{number}" for number in range(len(by))]
    places = numbered(slim, side, lambda t: [t[name] for name in names])
    nameless, nth = places[f"{side}_key"].isnull(), places[f"{side}_nth"]
    # A row without a key meets nothing, so any slice will do.
    part = ibis.ifelse(nameless, places[_ROW] // _NAMELESS, (nth - 1) // size)
    told = {name: places[name] for name in (_ROW, f"{side}_nth", f"{side}_same")}
    return rows, keep(f"{side}_places", places.select(**told, slice=part))


def _slices(
    con: Any,
    keep: _Keep,
    left: tuple[ir.Table, ir.Table],
    right: tuple[ir.Table, ir.Table],
) -> Iterator[tuple[ir.Table, ir.Table]]:
    """Yield (ledger, Gate) tables of each slice, by number; the next overwrites the last."""
    last = max(con.to_pyarrow(places.slice.max()).as_py() or 0 for _, places in (left, right))
    for number in range(last + 1):
        yield _slice(keep, "l_slice", *left, number), _slice(keep, "g_slice", *right, number)


def _slice(keep: _Keep, name: str, rows: ir.Table, places: ir.Table, number: int) -> ir.Table:
    """Write one slice's rows, with places, to a temporary table, over the last slice; return it."""
    mine = places.filter(places.slice == number).drop("slice")
    rows = rows.mutate(row=rows.rowid())
    return keep(name, rows.inner_join(mine, rows.row == mine[_ROW]).drop("row", _ROW))
