"""The one expression that pairs a ledger with Gate's records and says how each pair differs.

Ibis, so that it runs where the ledger lives. What differs between engines stays out: nothing is
sorted for show, subtracted, averaged or read as a decimal by anything but `exact`. Times are whole
seconds. Every row of both sides comes out exactly once, so counts and sums add up.
"""

from __future__ import annotations

from typing import Any, Final

import ibis
import ibis.expr.types as ir

from .compare import compared
from .exact import AMOUNT, exact, reaches
from .match_inputs import Terms
from .normalize import (
    GATE_FIGURES,
    as_written,
    best_first,
    claimed,
    gate_records,
    gate_values,
    keyed,
    ledger_rows,
    ledger_state,
    ledger_values,
    numbered,
)
from .statuses import Words

#: With so many zeros, sums could leave 38 digits: such amounts come out one by one, as `…_large`,
#: each meant as often as its row has rows, and are added in Python.
HUGE: Final = 11

_KEYS: Final = ("differences", "outside", "l_code", "g_code", "l_state", "g_state")
#: What a break shows of the ledger's row and of Gate's record.
LEDGER_EVIDENCE: Final = (
    "l_order_id",
    "l_refid",
    "l_session_id",
    "l_rail_id",
    "l_line",
    "l_created_at",
    "l_mode",
    "l_action",
    "l_status",
    "l_amount",
    "l_token",
    "l_network",
    "l_token_amount",
    "l_fee",
    "l_rate",
    "l_trouble",
    "l_nth",
)
GATE_EVIDENCE: Final = (
    "g_record",
    "g_refid",
    "g_session_id",
    "g_order_id",
    "g_rail_id",
    "g_created_at",
    "g_mode",
    "g_action",
    "g_status",
    "g_session_status",
    "g_expires_at",
    "g_amount",
    "g_token",
    "g_network",
    "g_token_amount",
    "g_total_fees",
    "g_exchange_rate",
    "g_total_pay_or_receive",
    "g_fiat_amount",
    "g_nth",
)


def classified(
    ledger: ir.Table,
    transactions: ir.Table,
    sessions: ir.Table | None,
    terms: Terms,
    twice: ir.Table | None = None,
) -> ir.Table:
    """Return a row for each difference, with evidence, and rows of sums for all that matched.

    `differences` holds a bit for each class (see `breaks`); 0 is matched. `ledger_rows`,
    `ledger_sum`, `gate_rows` and `gate_sum` count and add up whatever a row stands for, by the
    currency or token in `l_code` and `g_code` and the number of `statuses.STATES` in `l_state` and
    `g_state`. twice: See `normalize.gate_records`.
    """
    left, right = keyed_sides(ledger, transactions, sessions, terms, twice)
    return paired(numbered(left, "l", as_written), numbered(right, "g", best_first), terms)


def keyed_sides(
    ledger: ir.Table,
    transactions: ir.Table,
    sessions: ir.Table | None,
    terms: Terms,
    twice: ir.Table | None = None,
) -> tuple[ir.Table, ir.Table]:
    """Return the ledger's rows (`l_…`) and Gate's records (`g_…`), each with the key to join by."""
    local = ledger_rows(ledger, terms.kinds)
    records = keyed(gate_records(transactions, sessions, terms, twice), local, terms.kinds)
    return local, claimed(records, local, terms.kinds)


def paired(local: ir.Table, remote: ir.Table, terms: Terms) -> ir.Table:
    """Return a row for each difference and sums of matches, as `classified`, of rows already `numbered`."""
    figures = tuple(name for name in GATE_FIGURES if f"l_{name}" in local.columns)
    left, right = ledger_values(local, terms), gate_values(remote, terms, figures)
    pairs = left.outer_join(right, [left.l_key == right.g_key, left.l_nth == right.g_nth])
    return _folded(compared(pairs, terms))


def _folded(rows: ir.Table) -> ir.Table:
    """Return pairs grouped, with counts and sums; matches lose their evidence, save large ones."""
    # A column, or the condition is written out, read and planned again for each of the evidence.
    rows = rows.mutate(shown=(rows.differences != 0) | huge(rows.l_value) | huge(rows.g_value))
    evidence = {
        name: ibis.ifelse(rows.shown, rows[name], ibis.null(rows[name].type()))
        for name in (*LEDGER_EVIDENCE, *GATE_EVIDENCE)
        if name in rows.columns
    }
    slim = rows.select(
        *_KEYS,
        "here",
        "there",
        "l_value",
        "g_value",
        paid=(rows.g_record == "transaction").fill_null(False),
        **evidence,
    )
    keys = [*_KEYS, *evidence]
    local, remote = huge(slim.l_value), huge(slim.g_value)
    nothing = ibis.null(AMOUNT)
    return slim.group_by(keys).agg(
        ledger_rows=slim.here.sum().cast("int64"),
        ledger_sum=ibis.ifelse(local, nothing, slim.l_value).sum(),
        ledger_large=ibis.ifelse(local, slim.l_value, nothing).max(),
        gate_rows=slim.there.sum().cast("int64"),
        gate_sum=ibis.ifelse(remote, nothing, slim.g_value).sum(),
        gate_large=ibis.ifelse(remote, slim.g_value, nothing).max(),
        gate_transactions=slim.paid.sum().cast("int64"),
    )


def huge(value: Any) -> Any:
    """Return the condition: an amount is 1e11 or more, its sign left aside; false where NULL."""
    return reaches(value, HUGE).fill_null(False)


def counted(ledger: ir.Table, words: Words) -> ir.Table:
    """Return the ledger's rows and sum by currency and state; large amounts are groups apart."""
    value = exact(ledger.amount)
    status = ledger.status if "status" in ledger.columns else None
    large, nothing = huge(value), ibis.null(AMOUNT)
    slim = ledger.select(
        code=ledger.currency.upper(),
        state=ledger_state(status, value, words),
        small=ibis.ifelse(large, nothing, value),
        large=ibis.ifelse(large, value, nothing),
    )
    return slim.group_by("code", "state", "large").agg(rows=slim.count(), sum=slim.small.sum())
