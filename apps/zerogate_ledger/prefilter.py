"""What plainly matches, cleared before the match: one slim pass over all rows leaves it few of them.

A pass that carries only what is compared fits into memory where one with all evidence does not. It
may leave too many rows to the match, never too few: what it clears has no difference at all.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import attrs
import ibis
import ibis.expr.types as ir
import pyarrow as pa
import pyarrow.compute as pc

from .compare import cleared
from .exact import AMOUNT
from .flags import either, whole
from .match import huge
from .match_inputs import Terms
from .normalize import (
    GATE_FIGURES,
    gate_values,
    key_of,
    keyed,
    ledger_rows,
    ledger_values,
    paid_records,
    payer,
    with_sessions,
)


@attrs.frozen
class Screened:
    """What is cleared, in the columns of the match's answer, and the tables that are left to it."""

    cleared: pa.Table
    ledger: ir.Table
    transactions: ir.Table
    sessions: ir.Table | None


@contextmanager
def screened(
    con: Any, ledger: ir.Table, transactions: ir.Table, sessions: ir.Table | None, terms: Terms
) -> Iterator[Screened]:
    """Clear what plainly matches, on DuckDB; the tables that are left live as long as the block."""
    sides = _Sides.of(ledger, transactions, sessions, terms)
    figures = tuple(name for name in GATE_FIGURES if name in ledger.columns)
    found = _screen(con, sides, figures, terms)
    clear = found["clear"]
    left = found.filter(pc.invert(clear))
    with ExitStack() as stack:

        def kept(name: str, rows: ir.Table) -> ir.Table:
            stack.callback(con.drop_table, name, force=True)
            table: ir.Table = con.create_table(name, rows, temp=True, overwrite=True)
            return table

        rows = _left(ledger, key_of(ledger, terms.kinds), left["key"])
        local = kept("zerogate_left_ledger", rows)
        rows = _left(transactions, transactions.refid, _own_ids(left, paid=True))
        paid = kept("zerogate_left_transactions", rows)
        if sessions is not None:
            rows = _sessions_left(sessions, paid, _own_ids(left, paid=False))
            sessions = kept("zerogate_left_sessions", rows)
        totals = found.filter(clear).drop_columns(["clear", "named", "key", "own"])
        yield Screened(totals, local, paid, sessions)


def _own_ids(left: pa.Table, paid: bool) -> pa.ChunkedArray:
    """The ids of transactions, or of sessions without one, among what is left; NULL of one without."""
    there = pc.greater(left["gate_rows"], 0)
    wanted = pc.equal(pc.greater(left["gate_transactions"], 0), paid)
    rows = left.filter(pc.and_(there, wanted))
    return pc.if_else(rows["named"], pc.coalesce(rows["own"], rows["key"]), None)


def _left(rows: ir.Table, name: Any, names: pa.ChunkedArray) -> ir.Table:
    """Rows that have one of these names, or none where that is among them."""
    wanted = ibis.memtable(pa.table({"name_left": names.unique().drop_null()}))
    named = rows.semi_join(wanted, name == wanted.name_left)
    return named.union(rows.filter(name.isnull())) if names.null_count else named


def _sessions_left(sessions: ir.Table, paid: ir.Table, unpaid: pa.ChunkedArray) -> ir.Table:
    """Sessions that are left themselves, and those of transactions that are."""
    own = ibis.memtable(pa.table({"session_id": unpaid.unique()}))
    wanted = own.union(paid.select("session_id")).distinct()
    return sessions.semi_join(wanted, sessions.id == wanted.session_id)


# ── The slim pass ────────────────────────────────────────────────────────────────────────────────


@attrs.frozen
class _Sides:
    """Both sides as `normalize` makes them. keys, payers: Of all records that have one."""

    ledger: ir.Table
    records: ir.Table
    keys: Any
    payers: Any

    @classmethod
    def of(
        cls, ledger: ir.Table, transactions: ir.Table, sessions: ir.Table | None, terms: Terms
    ) -> _Sides:
        local = ledger_rows(ledger, terms.kinds)
        if sessions is None and "order_id" not in terms.kinds and "l_order_id" in local.columns:
            # Only sessions name orders.
            local = local.drop("l_order_id")
        records = keyed(with_sessions(transactions, sessions, terms), local, terms.kinds)
        paid = records.g_record == "transaction"
        own = ibis.ifelse(paid, records.g_refid, records.g_session_id)
        records = records.mutate(g_own=own, g_payer=payer(records), g_twice=False)
        # Sessions have no such id and pay nobody, so this is all of them, without a join.
        alone = terms.kinds[0] if terms.kinds in (("refid",), ("rail_id",)) else None
        keys = transactions[alone] if alone else records.g_key
        return cls(local, records, keys, payer(paid_records(transactions, sessions, terms)))

    def names(self, kinds: tuple[str, ...]) -> Iterator[Any]:
        """Each should be that of one row."""
        yield self.ledger.l_key
        yield self.keys
        yield self.payers
        if kinds != ("refid",):
            yield self.records.g_own


def _screen(con: Any, sides: _Sides, figures: tuple[str, ...], terms: Terms) -> pa.Table:
    """Rows that add up all that is clear, and one for each pair that is not, with its names.

    key: Of the pair. own: The record's own id, where that is not the key. named: Whether it has one.
    """
    # One after the other: at once they would be in memory together.
    several = [con.to_pyarrow(_several(name)) for name in sides.names(terms.kinds)]
    crowd = ibis.memtable(pa.concat_tables(several).group_by("crowd").aggregate([]))
    left = _placed(ledger_values(sides.ledger, terms), ("l_key",), crowd, "l_place", 1)
    names = ("g_key", "g_payer") if terms.kinds == ("refid",) else ("g_key", "g_payer", "g_own")
    right = _placed(gate_values(sides.records, terms, figures), names, crowd, "g_place", 2)
    right = right.mutate(g_own=right.g_own.nullif(right.g_key), g_named=right.g_own.notnull())
    pairs = left.outer_join(right, [left.l_key == right.g_key, left.l_place == right.g_place])
    found: pa.Table = con.to_pyarrow(_folded(cleared(pairs, terms)))
    return found


def _digest(name: Any) -> Any:
    """Where two names have one digest, both are left to the match."""
    return name.hash()


def _several(name: Any) -> ir.Table:
    """Digests of the names that several rows have."""
    names = name.name("known").as_table()
    # Before the digest, for NULL has one too.
    names = names.filter(names.known.notnull())
    digests = names.select(crowd=_digest(names.known))
    counts = digests.group_by("crowd").agg(rows=digests.count())
    return counts.filter(counts.rows > 1).select("crowd")


def _placed(
    rows: ir.Table, names: tuple[str, ...], crowd: ir.Table, place: str, apart: int
) -> ir.Table:
    """Rows with 0 where they are alone under all their names, else with what the other side has not."""
    shared = [_digest(rows[name]).isin(crowd.crowd).fill_null(False) for name in names]
    return rows.mutate(**{place: ibis.ifelse(either(*shared), apart, 0).cast("int8")})


def _folded(p: ir.Table) -> ir.Table:
    alone = (p.l_place.fill_null(0) == 0) & (p.g_place.fill_null(0) == 0)
    named = p.g_named.fill_null(True)
    clear = p.clear & alone & named & ~huge(p.l_value) & ~huge(p.g_value)
    nothing, no_amount = ibis.null("string"), ibis.null(AMOUNT)
    slim = p.select(
        "l_code",
        "g_code",
        "l_state",
        "g_state",
        "here",
        "there",
        l_value=ibis.ifelse(clear, p.l_value, no_amount),
        g_value=ibis.ifelse(clear, p.g_value, no_amount),
        clear=clear,
        named=named,
        paid=p.g_paid.fill_null(False),
        key=ibis.ifelse(clear, nothing, ibis.coalesce(p.l_key, p.g_key)),
        own=ibis.ifelse(clear, nothing, p.g_own),
    )
    totals = slim.group_by(
        "clear", "named", "l_code", "g_code", "l_state", "g_state", "key", "own"
    ).agg(
        ledger_rows=slim.here.sum().cast("int64"),
        ledger_sum=slim.l_value.sum(),
        gate_rows=slim.there.sum().cast("int64"),
        gate_sum=slim.g_value.sum(),
        gate_transactions=slim.paid.sum().cast("int64"),
    )
    return totals.mutate(differences=whole(0), outside=ibis.literal(False))
