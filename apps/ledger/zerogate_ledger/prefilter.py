"""Prefilter of a match: one slim pass clears what plainly matches, and leaves the match few rows.

Rows are joined by a 64-bit digest of their key and agree by a second one over all that has to be equal,
so no id is held as text. The pass may leave too many rows to the match, never too few: what it clears has
no difference at all, and two keys of one digest are both left.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import reduce
from operator import and_
from typing import Any, Final, TypeAlias

import attrs
import ibis
import ibis.expr.types as ir
import pyarrow as pa

from .digests import SMALL, digest, digest_or_null, repeated
from .exact import EXACT
from .match_inputs import Terms
from .normalize import key_of
from .slim_rows import SlimRows

#: Makes a temporary table that lives as long as the pass.
Keep: TypeAlias = Callable[[str, Any], ir.Table]
_NO_DIGEST: Final = ibis.null("uint64")
_CLEARED: Final = pa.schema(
    {
        "differences": pa.int64(),
        "outside": pa.bool_(),
        "l_code": pa.string(),
        "g_code": pa.string(),
        "l_state": pa.int8(),
        "g_state": pa.int8(),
        "ledger_rows": pa.int64(),
        "ledger_sum": pa.decimal128(38, 18),
        "gate_rows": pa.int64(),
        "gate_sum": pa.decimal128(38, 18),
        "gate_transactions": pa.int64(),
    }
)


@attrs.frozen
class Screened:
    """Cleared rows, in the columns of the match's answer, and the tables that are left to it."""

    cleared: pa.Table
    ledger: ir.Table
    transactions: ir.Table
    sessions: ir.Table | None


@contextmanager
def screened(
    con: Any,
    ledger: ir.Table,
    transactions: ir.Table,
    sessions: ir.Table | None,
    terms: Terms,
    twice: ir.Table | None = None,
) -> Iterator[Screened]:
    """Yield sums of what plainly matches, and tables of what is left; they are dropped after.

    On DuckDB.

    twice: Digests of payers who paid more than once, where these are not all transactions.
    """
    with ExitStack() as stack:

        def keep(name: str, rows: Any) -> ir.Table:
            """Return rows as a temporary table, over one so called; `screened` drops it as its block ends."""
            stack.callback(con.drop_table, name, force=True)
            table: ir.Table = con.create_table(name, rows, temp=True, overwrite=True)
            return table

        slim = SlimRows(ledger, transactions, sessions, terms)
        pairs, left, gate = _join_sides(con, keep, slim, twice)
        keys = left.select(digest=left.h).filter(left.h.notnull()).distinct()
        own = left.select(digest=left.own).filter(left.own.notnull()).distinct()
        alone = con.to_pyarrow(slim.alone_totals(gate)).to_pylist()
        still = con.to_pyarrow(slim.alone_totals(gate, own)).to_pylist() if alone else []
        local = keep("zerogate_left_ledger", _rows_left(ledger, key_of(ledger, terms.kinds), keys))
        paid = keep("zerogate_left_transactions", _rows_left(transactions, transactions.refid, own))
        if sessions is not None:
            theirs = paid.select(digest=digest(paid.session_id)).union(own).distinct()
            sessions = keep("zerogate_left_sessions", _rows_left(sessions, sessions.id, theirs))
        yield Screened(_cleared(pairs, alone, still), local, paid, sessions)


def _rows_left(rows: ir.Table, name: Any, digests: ir.Table) -> ir.Table:
    """Return rows whose name's digest is among these, and rows without a name."""
    return rows.filter(name.isnull() | digest(name).isin(digests.digest))


# ── The join ─────────────────────────────────────────────────────────────────────────────────────


def _join_sides(
    con: Any, keep: Keep, slim: SlimRows, twice: ir.Table | None
) -> tuple[list[dict[str, Any]], ir.Table, ir.Table]:
    """Join both sides; return sums of pairs that agree, digests of other rows, Gate's side."""
    left, right = slim.ledger_side(), slim.gate_side()
    by_refid = slim.terms.kinds == ("refid",)
    # A transaction's own id is the key then, and there is nothing else that has one.
    one_name = by_refid and slim.sessions is None
    if slim.sessions is not None or len(slim.terms.kinds) > 1:
        right = keep("zerogate_gate", right)
    crowd = keep("zerogate_crowd", _crowd(con, keep, slim, twice, left, right))
    p = left.outer_join(right, left.h == right.gh)
    key = ibis.coalesce(p.h, p.gh)
    crowded = key.isin(crowd.digest).fill_null(False)
    if not by_refid:
        crowded = crowded | p.own.isin(crowd.digest).fill_null(False)
    same = [p.l_same == p.g_same]
    for name in (*slim.compared, *slim.other_kinds):
        same.append((p[f"l_{name}"] == p[f"g_{name}"]).fill_null(True))
    if slim.dated:
        same.append(p.g_at.between(p.l_from, p.l_until).fill_null(True))
    p = p.mutate(key=key, crowded=crowded, agree=reduce(and_, same).fill_null(False))
    p = p.mutate(clear=p.agree & ~p.crowded)
    # What is cleared without a row of the ledger is counted by itself: most runs have none.
    p = p.filter(~(p.l_state.isnull() & p.g_alone & ~p.crowded).fill_null(False))
    p = p.select(
        code=ibis.ifelse(p.clear, p.l_code, ibis.null("string")),
        l_state=ibis.ifelse(p.clear, p.l_state, ibis.null("int8")),
        g_state=ibis.ifelse(p.clear, p.l_stand, ibis.null("int8")),
        alone=p.clear & p.g_alone,
        value=ibis.ifelse(p.clear, p.l_value, ibis.null(SMALL)),
        paid=p.clear & p.g_paid,
        h=ibis.ifelse(p.clear, _NO_DIGEST, p.key if one_name else p.h),
        own=ibis.ifelse(p.clear, _NO_DIGEST, p.key if one_name else p.own),
    )
    keys = ["code", "l_state", "g_state", "alone", "h", "own"]
    found = p.group_by(keys).agg(rows=p.count(), sum=p.value.sum(), transactions=p.paid.sum())
    found = keep("zerogate_pairs", found)
    pairs = con.to_pyarrow(found.filter(found.l_state.notnull())).to_pylist()
    return pairs, found.filter(found.l_state.isnull()), right


def _crowd(
    con: Any,
    keep: Keep,
    slim: SlimRows,
    twice: ir.Table | None,
    left: ir.Table,
    right: ir.Table,
) -> pa.Table:
    """Return digests that several rows share, and those of payers who paid twice; some repeated."""
    kinds = slim.terms.kinds
    names = [left.h, right.gh]
    if kinds == ("rail_id",):
        # Sessions have no such id, so this is all of them, without what stands beside.
        names[1] = digest_or_null(slim.transactions.rail_id)
    if kinds != ("refid",):
        names.append(right.own)
    rows = max(con.to_pyarrow(side.count()).as_py() for side in (slim.ledger, slim.transactions))
    # One after the other: at once they would be in memory together.
    found = [pa.table({"digest": repeated(con, name, rows)}) for name in names]
    if twice is None:
        often = repeated(con, right.payer, rows)
        twice = keep("zerogate_paid_twice", pa.table({"digest": often}))
    if con.to_pyarrow(twice.count()).as_py():
        of = right.filter(right.payer.isin(twice.digest))
        found += [con.to_pyarrow(of.select(digest=name)) for name in (of.gh, of.own)]
    return pa.concat_tables(found)


def _cleared(
    pairs: list[dict[str, Any]], alone: list[dict[str, Any]], still: list[dict[str, Any]]
) -> pa.Table:
    """Return the answer's rows for pairs that agree, and for records *alone* less those *still* left.

    alone: All such records. still: Those of them that are left to the match.
    """
    rows = [
        {
            "l_code": pair["code"],
            "g_code": pair["code"],
            "l_state": pair["l_state"],
            "g_state": pair["g_state"],
            "ledger_rows": pair["rows"],
            "ledger_sum": pair["sum"],
            "gate_rows": pair["rows"],
            "gate_sum": pair["sum"],
            "gate_transactions": pair["transactions"],
        }
        for pair in pairs
    ]
    left = [(row["code"], row["state"], row) for row in still]
    left += [(pair["code"], pair["g_state"], pair) for pair in pairs if pair["alone"]]
    for one in alone:
        minus = [row for code, state, row in left if (code, state) == (one["code"], one["state"])]
        count = one["rows"] - sum(row["rows"] for row in minus)
        if count:
            rows.append(
                {
                    "g_code": one["code"],
                    "g_state": one["state"],
                    "ledger_rows": 0,
                    "gate_rows": count,
                    "gate_sum": reduce(EXACT.subtract, (r["sum"] for r in minus), one["sum"]),
                    "gate_transactions": one["transactions"]
                    - sum(row["transactions"] for row in minus),
                }
            )
    whole = [{"differences": 0, "outside": False, **row} for row in rows]
    return pa.Table.from_pylist(whole, schema=_CLEARED)
