"""Refunds and reversals that stand in a ledger as rows of their own, held against what the ledger was paid.

Gate has no such record: its payment stays what it was. So these rows are taken out before the match, and
looked at by themselves: no order may be refunded more than was booked for it.
"""

from __future__ import annotations

from typing import Any, Final

import attrs
import ibis
import ibis.expr.types as ir
import pyarrow as pa

from .breaks import BIT
from .exact import AMOUNT
from .match import LEDGER_EVIDENCE
from .match_inputs import KIND, Terms
from .normalize import ledger_rows, ledger_values
from .statuses import PLACE, REFUND

_NOT_PAID: Final = (PLACE["failure"], PLACE["in_flight"])


@attrs.frozen
class Apart:
    """A ledger without its refunds, and these; None where nothing says which rows are some."""

    payments: ir.Table
    refunds: ir.Table | None


def apart(ledger: ir.Table, terms: Terms) -> Apart:
    """Return payments and refunds apart, by `kind` or status and minus; refunds None if neither tells."""
    flags = []
    if KIND in ledger.columns:
        flags.append(ledger[KIND] == REFUND)
    if terms.refund_words and "status" in ledger.columns:
        negative = ledger.amount.startswith("-")
        flags.append(ledger.status.isin(terms.refund_words) & negative)
    if not flags:
        return Apart(ledger, None)
    refund = flags[0].fill_null(False)
    for flag in flags[1:]:
        refund = refund | flag.fill_null(False)
    return Apart(ledger.filter(~refund), ledger.filter(refund))


def refund_answer(con: Any, sides: Apart, terms: Terms) -> pa.Table | None:
    """Return refunds as answer rows: good ones as sums, others alone; None if `sides.refunds` is None."""
    if sides.refunds is None:
        return None
    rows = ledger_values(ledger_rows(sides.refunds, terms.kinds), terms)
    paid = ledger_values(ledger_rows(sides.payments, terms.kinds), terms)
    # A payment that failed, or is still to come, brought nothing that could be given back.
    paid = paid.filter(paid.l_state.notin(_NOT_PAID))
    paid = paid.group_by(of=paid.l_key, in_=paid.l_code).agg(paid=paid.l_value.sum())
    # Some systems write what went back with a minus and others do not; of an order all alike, so that a
    # refund which failed, or a dispute that was won, stands against the others.
    back = rows.group_by(key=rows.l_key, code=rows.l_code).agg(back=rows.l_value.sum().abs())
    held = back.left_join(paid, [back.key == paid.of, back.code == paid.in_])
    good = held.filter(held.back <= held.paid).select(good=held.key, good_code=held.code)
    joined = rows.left_join(good, [rows.l_key == good.good, rows.l_code == good.good_code])
    over, unreadable = ibis.literal(BIT["over_refunded"]), ibis.literal(BIT["unreadable"])
    found = ibis.cases(
        (joined.l_value.isnull() | joined.l_key.isnull(), unreadable),
        (joined.good.isnull(), over),
        else_=ibis.literal(0),
    )
    joined = joined.mutate(differences=found.cast("int64"))
    shown = joined.differences != 0
    evidence = {
        name: ibis.ifelse(shown, joined[name], ibis.null(joined[name].type()))
        for name in LEDGER_EVIDENCE
        if name in joined.columns
    }
    slim = joined.select("differences", "l_code", "l_state", "l_value", **evidence)
    keys = ["differences", "l_code", "l_state", *evidence]
    answer: pa.Table = con.to_pyarrow(
        slim.group_by(keys).agg(
            ledger_rows=slim.count().cast("int64"), ledger_sum=slim.l_value.sum().cast(AMOUNT)
        )
    )
    return _with_answer_columns(answer)


def _with_answer_columns(answer: pa.Table) -> pa.Table:
    """Return refunds with the columns that other answers have, zero or NULL, and part `refunds`."""
    size = answer.num_rows
    zero, none = pa.array([0] * size, pa.int64()), pa.nulls(size, pa.decimal128(38, 18))
    more = {
        "part": pa.array(["refunds"] * size),
        "outside": pa.array([False] * size),
        "g_code": pa.nulls(size, pa.string()),
        "g_state": pa.nulls(size, pa.int8()),
        "gate_rows": zero,
        "gate_transactions": zero,
        "gate_sum": none,
        "ledger_large": none,
        "gate_large": none,
    }
    for name, column in more.items():
        answer = answer.append_column(name, column)
    return answer
