"""Each side of a match by itself: every row once, readable or not, under the key of its record.

Amounts become decimals here, before anything is joined, so that each is read once.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, Final

import ibis
import ibis.expr.types as ir

from .exact import exact, summand
from .flags import bits, both, either, given, whole
from .match_inputs import (
    ACTIONS,
    CREATED_END,
    KINDS,
    LEDGER,
    TRANSACTIONS,
    TROUBLE,
    WORDS,
    Terms,
)
from .statuses import OVER, PLACE, SESSION, UNREADABLE, UNSAID, Standing, Words

#: The ledger's further figures, compared where they are mapped.
_FIGURES: Final = ("token_amount", "fee", "rate")
#: Gate's, by the names of the ledger's.
GATE_FIGURES: Final = {
    "token_amount": "token_amount",
    "fee": "total_fees",
    "rate": "exchange_rate",
}

#: Enough to tell two records apart that share an id.
_TEXTS: Final = ("refid", "session_id", "status", "fiat_amount", "token_amount", "total_fees")


def standing(status: Any, words: Words) -> Any:
    """Return the number of a status's standing in *words*, compared exactly; that of unknown if in none."""
    branches = [
        (status.isin(known), _standing_number(said)) for said, known in words.sets() if known
    ]
    nobody_knows = _standing_number("unknown")
    return ibis.cases(*branches, else_=nobody_knows) if branches else nobody_knows


def _standing_number(said: Standing) -> Any:
    """Return a standing's number as an 8-bit literal."""
    return ibis.literal(PLACE[said], "int8")


def stands(at: Any, said: Standing) -> Any:
    """Return the condition: this number of a standing is *said*; NULL where it is NULL."""
    return at == _standing_number(said)


def state(value: Any, standing: Any) -> Any:
    """Return the number in STATES of an amount's standing; UNREADABLE where the amount is NULL."""
    return ibis.ifelse(value.isnull(), ibis.literal(UNREADABLE, "int8"), standing)


def ledger_state(status: Any | None, value: Any, words: Words) -> Any:
    """Return the number in STATES of a ledger's amount by its status; UNSAID without a column."""
    unsaid = ibis.literal(UNSAID, "int8")
    return state(value, unsaid if status is None else standing(status, words))


def outside(at: Any, terms: Terms) -> Any:
    """Return the condition: a time is before or after the period; false for NULL, or no period."""
    flags = []
    if terms.begins is not None:
        flags.append(at < terms.begins)
    if terms.ends is not None:
        flags.append(at >= terms.ends)
    return either(*flags)


# ── The ledger ───────────────────────────────────────────────────────────────────────────────────


def ledger_rows(ledger: ir.Table, kinds: tuple[str, ...]) -> ir.Table:
    """Return the ledger's rows as `l_…`, empty ids and words as NULL, with the key of each."""
    names = [name for name in (*LEDGER, TROUBLE, CREATED_END) if name in ledger.columns]
    cells = {
        f"l_{name}": _cell_or_null(ledger, name) if name in (*KINDS, *WORDS) else ledger[name]
        for name in names
    }
    return ledger.select(**cells, l_key=key_of(ledger, kinds))


def key_of(ledger: ir.Table, kinds: tuple[str, ...]) -> Any:
    """Return the most certain id that a row has of its record; NULL where it has none."""
    return ibis.coalesce(*(qualified(_cell_or_null(ledger, kind), kind, kinds) for kind in kinds))


def _cell_or_null(ledger: ir.Table, name: str) -> Any:
    """Return a ledger's cell, an empty text as NULL; blanks stay."""
    return ledger[name].nullif("")


def ledger_values(rows: ir.Table, terms: Terms) -> ir.Table:
    """Return the ledger's rows with decimals, state, and the mask of what each row shows alone."""
    value = exact(rows.l_amount)
    figures = {name: rows[f"l_{name}"] for name in _FIGURES if f"l_{name}" in rows.columns}
    values = {name: exact(cell) for name, cell in figures.items()}
    unreadable = [value.isnull(), ~given(rows.l_currency), rows.l_key.isnull()]
    unreadable += [both(given(figures[name]), values[name].isnull()) for name in figures]
    if f"l_{TROUBLE}" in rows.columns:
        unreadable.append(rows[f"l_{TROUBLE}"].notnull())
    told = {"unreadable": unreadable, "unknown_status": []}
    extra = {f"l_{name}_value": read for name, read in values.items()}
    if "l_status" in rows.columns:
        extra["l_standing"] = standing(rows.l_status, terms.ledger_words)
        told["unknown_status"] = [stands(extra["l_standing"], "unknown")]
    return rows.mutate(
        **extra,
        l_code=rows.l_currency.upper(),
        l_value=value,
        l_state=state(value, extra.get("l_standing", ibis.literal(UNSAID, "int8"))),
        l_bits=bits(told),
    )


def qualified(value: Any, kind: str, kinds: tuple[str, ...]) -> Any:
    """Return an id with its kind before it, "refid:…"; as it is where there is only one kind."""
    return value if len(kinds) == 1 else ibis.literal(f"{kind}:") + value


# ── Gate ─────────────────────────────────────────────────────────────────────────────────────────


def gate_records(
    transactions: ir.Table,
    sessions: ir.Table | None,
    terms: Terms,
    twice: ir.Table | None = None,
) -> ir.Table:
    """Return Gate's records as `g_…`; `g_twice` says that their order was paid more than once.

    twice: The payers of such, in `twice_by`, where these are not all records that there are.
    """
    return _paid_twice(with_sessions(transactions, sessions, terms), twice)


def gate_values(rows: ir.Table, terms: Terms, figures: tuple[str, ...]) -> ir.Table:
    """Return Gate's records with amounts as decimals, and the mask of their own breaks.

    figures: Those of the ledger that will be compared.
    """
    basis = rows.g_total_pay_or_receive if terms.total_basis else rows.g_fiat_amount
    names = [GATE_FIGURES[name] for name in figures]
    values = {f"g_{name}_value": exact(rows[f"g_{name}"]) for name in names}
    told = bits(_own_conditions(rows, exact(basis), terms))
    unpaid = rows.g_record == "session"
    # Reading never ends a session, so an `open` one past its expiry says nothing new.
    overdue = (rows.g_session_status == "open") & (rows.g_expires_at < terms.as_of)
    valued = rows.mutate(
        **values,
        g_value=exact(basis),
        g_bits=told,
        g_paid=~unpaid,
        g_swap=both(~unpaid, rows.g_action == "SWAP"),
        g_failed=stands(rows.g_standing, "failure"),
        g_idle=both(unpaid, rows.g_status != "completed"),
        g_lapsed=both(unpaid, overdue),
    )
    return valued.drop("g_twice", "g_linked", "g_past_statuses")


def with_sessions(transactions: ir.Table, sessions: ir.Table | None, terms: Terms) -> ir.Table:
    """Return transactions as `g_…`, with their session's facts, and sessions that nobody paid."""
    paid = paid_records(transactions, sessions, terms)
    if sessions is None:
        return paid
    return paid.union(unpaid_records(transactions, sessions).select(*paid.columns))


def _unchanged(name: Any) -> Any:
    """Return *name*."""
    return name


def paid_records(
    transactions: ir.Table,
    sessions: ir.Table | None,
    terms: Terms,
    by: Callable[[Any], Any] = _unchanged,
) -> ir.Table:
    """Return transactions as `g_…` with their session's facts, NULL where it is not known.

    by: What of its id they are joined by.
    """
    t = transactions
    rows = t.select(
        **{f"g_{name}": t[name] for name in TRANSACTIONS.names},
        g_standing=standing(t.status, terms.gate_words),
        g_record=ibis.literal("transaction"),
    )
    if sessions is None:
        nothing = dict.fromkeys(("g_order_id", "g_mode", "g_session_status"), ibis.null("string"))
        return rows.mutate(**nothing, g_expires_at=ibis.null("int64"), g_linked=True)
    s = sessions.select(
        s_id=sessions.id,
        g_order_id=sessions.order_id,
        g_mode=sessions.mode,
        g_session_status=sessions.status,
        g_expires_at=sessions.expires_at,
    )
    joined = rows.left_join(s, by(rows.g_session_id) == by(s.s_id))
    linked = (joined.s_id == joined.g_session_id).fill_null(joined.g_session_id.isnull())
    return joined.mutate(g_linked=linked).drop("s_id")


def unpaid_records(
    transactions: ir.Table, sessions: ir.Table, by: Callable[[Any], Any] = _unchanged
) -> ir.Table:
    """Return sessions that no transaction names, in the columns of `paid_records`.

    by: As in `paid_records`.
    """
    s = sessions.anti_join(transactions, by(sessions.id) == by(transactions.session_id))
    said = {
        **{name: ibis.null("string") for name in TRANSACTIONS.names},
        "session_id": s.id,
        "action": s.flow.cases(*ACTIONS.items(), else_=ibis.null("string")),
        "status": s.status,
        "token": s.target_token,
        "network": s.target_network,
        "currency": s.currency,
        "fiat_amount": s.amount,
        "total_pay_or_receive": s.amount,
        "created_at": s.created_at,
        "order_id": s.order_id,
        "mode": s.mode,
        "session_status": s.status,
        "expires_at": s.expires_at,
    }
    return s.select(
        **{f"g_{name}": value for name, value in said.items()},
        g_standing=standing(s.status, SESSION),
        g_record=ibis.literal("session"),
        # Completed, and no transaction to show for it.
        g_linked=s.status != "completed",
    )


def payer(records: ir.Table) -> Any:
    """Return the order, else the session, that a success pays; NULL for any other record."""
    name = ibis.coalesce(
        ibis.literal("o:") + records.g_order_id, ibis.literal("s:") + records.g_session_id
    )
    return ibis.ifelse(stands(records.g_standing, "success"), name, ibis.null("string"))


def _paid_twice(records: ir.Table, twice: ir.Table | None) -> ir.Table:
    """Return records with `g_twice`: their payer has several successes, or is in *twice*."""
    records = records.mutate(g_payer=payer(records))
    if twice is None:
        paid = records.filter(records.g_payer.notnull())
        counts = paid.group_by("g_payer").agg(times=paid.count())
        twice = counts.filter(counts.times > 1).select(twice_by=counts.g_payer)
    marked = records.left_join(twice.select("twice_by"), records.g_payer == twice.twice_by)
    return marked.mutate(g_twice=marked.twice_by.notnull()).drop("twice_by", "g_payer")


def _own_conditions(g: ir.Table, value: Any, terms: Terms) -> dict[str, list[Any]]:
    """Return class → conditions that a record meets by itself, without the ledger.

    value: The amount that is compared, unless it is a swap's.
    """
    paid = g.g_record == "transaction"
    success = stands(g.g_standing, "success")
    swap = (g.g_action == "SWAP").fill_null(False)
    code = ibis.ifelse(swap, g.g_token, g.g_currency)
    unreadable = either(
        both(~swap, value.isnull()),
        ibis.ifelse(swap, exact(g.g_token_amount).isnull(), ibis.literal(False)),
        both(given(g.g_total_fees), exact(g.g_total_fees).isnull()),
        ~given(code),
    )
    stale = g.g_created_at < terms.as_of - terms.stale_after
    overdue = (g.g_session_status == "open") & (g.g_expires_at < terms.as_of)
    # A payment that may yet arrive outlives its session.
    awaited = either(stands(g.g_standing, "in_flight"), stands(g.g_standing, "unknown"))
    session = g.g_session_status
    strange = both(session.notnull(), stands(standing(session, SESSION), "unknown"))
    once = [g.g_past_statuses.contains(json.dumps(word)) for word in terms.gate_words.success]
    return {
        "unreadable": [both(paid, unreadable)],
        "fee_identity": [both(paid, _do_not_add_up(g))],
        "status_regressed": [~success & either(*once)],
        "paid_twice": [g.g_twice],
        "late_money": [success & g.g_session_status.isin(OVER)],
        "open_past_expiry": [overdue & ~both(paid, awaited)],
        "stale_in_flight": [paid & stands(g.g_standing, "in_flight") & stale],
        "unknown_status": [stands(g.g_standing, "unknown"), strange],
        "broken_link": [~g.g_linked],
    }


def _do_not_add_up(g: ir.Table) -> Any:
    """Return the condition: amount, fees and total disagree; false for a swap and unreadables."""
    fiat, fees, total = (
        summand(exact(g[name]))
        for name in ("g_fiat_amount", "g_total_fees", "g_total_pay_or_receive")
    )
    # On a swap nobody says what total and fees are counted in.
    return either(
        both(g.g_action == "BUY", fiat + fees != total),
        both(g.g_action == "SELL", total + fees != fiat),
    )


def keyed(records: ir.Table, local: ir.Table, kinds: tuple[str, ...]) -> ir.Table:
    """Return records with their key and its kind; NULL, if of several kinds, where no ledger row has it.

    Where there is only one kind, a record has its key also where the ledger does not name it.
    """
    if len(kinds) == 1:
        return records.mutate(g_key=records[f"g_{kinds[0]}"], g_kind=ibis.literal(kinds[0]))
    for kind in kinds:
        own = qualified(records[f"g_{kind}"], kind, kinds)
        names = local.filter(local.l_key.startswith(f"{kind}:"))
        names = names.select(**{f"by_{kind}": names.l_key}).distinct()
        records = records.left_join(names, own == names[f"by_{kind}"])
    by = {kind: records[f"by_{kind}"] for kind in kinds}
    return records.mutate(
        g_key=ibis.coalesce(*by.values()),
        g_kind=ibis.cases(*((b.notnull(), k) for k, b in by.items()), else_=ibis.null("string")),
    ).drop(*(f"by_{kind}" for kind in kinds))


def claimed(records: ir.Table, local: ir.Table, kinds: tuple[str, ...]) -> ir.Table:
    """Return records with `g_claimed`: a ledger row has the same key."""
    if len(kinds) > 1:
        return records.mutate(g_claimed=records.g_key.notnull())
    names = local.select(claim=local.l_key).distinct()
    found = records.left_join(names, records.g_key == names.claim)
    return found.mutate(g_claimed=found.claim.notnull()).drop("claim")


# ── Several rows under one key ───────────────────────────────────────────────────────────────────


def as_written(rows: ir.Table) -> list[Any]:
    """Return the values by which ledger rows of one key are sorted: their line first."""
    names = ("l_line", "l_order_id", "l_amount", "l_created_at")
    return [_order(rows[name]) for name in names if name in rows.columns]


def best_first(rows: ir.Table) -> list[Any]:
    """Return the values by which records of one key are sorted: successes first, then oldest."""
    return [
        rows.g_standing,
        _order(rows.g_created_at),
        *(_order(rows[f"g_{name}"]) for name in _TEXTS),
    ]


def _order(value: Any) -> Any:
    """Return what to sort by alike in every engine: a number as it is (NULL: -1), the MD5 of a text."""
    if value.type().is_integer():
        return value.fill_null(-1)
    return _md5(value.fill_null(""))


@ibis.udf.scalar.builtin(name="md5")  # type: ignore[untyped-decorator]  # Ibis ships no types
def _md5(text: str) -> str:
    """Return the MD5 of a text; the engine does it, and only the order it gives is used."""
    raise NotImplementedError


def numbered(rows: ir.Table, side: str, order: Callable[[ir.Table], list[Any]]) -> ir.Table:
    """Return rows with `…_nth`, their place under their key from 1, and `…_same`, rows of that key.

    A row without a key stands alone.
    """
    key = f"{side}_key"
    # Apart, or all of them would be one group for one worker to sort.
    nameless = rows.filter(rows[key].isnull())
    nameless = nameless.mutate(**{f"{side}_nth": whole(1), f"{side}_same": whole(1)})
    named = rows.filter(rows[key].notnull())
    same = ibis.window(group_by=named[key])
    place = ibis.window(group_by=named[key], order_by=order(named))
    named = named.mutate(
        **{
            f"{side}_nth": (ibis.row_number().over(place) + 1).cast("int64"),
            f"{side}_same": named.count().over(same).cast("int64"),
        }
    )
    return named.union(nameless.select(*named.columns))
