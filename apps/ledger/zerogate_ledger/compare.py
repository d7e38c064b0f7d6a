"""Differences of a ledger row and Gate's record: a bit for each class, put together as one number.

Takes pairs as `normalize` makes them: `l_…` from the ledger, `g_…` from Gate, NULL where one is missing.
"""

from __future__ import annotations

from typing import Any

import ibis
import ibis.expr.types as ir

from .breaks import BIT
from .exact import exact
from .flags import Told, bits, either, given, whole
from .match_inputs import ACTIONS, KINDS, SINGLE, Terms
from .normalize import GATE_FIGURES, outside, stands, state
from .statuses import DISAGREEMENT


def compared(pairs: ir.Table, terms: Terms) -> ir.Table:
    """Return each pair with `g_amount`, `outside`, and `differences` (a mask, 0 if left out)."""
    p = _with_urgency(_with_gate_value(pairs, terms), terms)
    agreed = {
        code: [p.met & flag for flag in flags] for code, flags in _pair_conditions(p, terms).items()
    }
    own = p.l_bits.fill_null(0) | p.g_bits.fill_null(0)
    found = own | bits({**_duplicates(p), **_one_sided(p), **agreed})
    basis = p.g_total_pay_or_receive if terms.total_basis else p.g_fiat_amount
    left_out = _left_out(p, terms)
    return p.mutate(
        g_amount=ibis.ifelse(p.in_token, p.g_token_amount, basis),
        outside=left_out,
        differences=ibis.ifelse(_idle(p) | left_out, whole(0), found),
    )


def _with_gate_value(pairs: ir.Table, terms: Terms) -> ir.Table:
    """Return pairs with here, there, met, in_token, and Gate's value in the ledger's code."""
    here, there = pairs.l_bits.notnull(), pairs.g_bits.notnull()
    # What a swap moves is the token; the fiat amount on it reads 0.00.
    in_token = (pairs.l_code == pairs.g_token) & (pairs.l_code != pairs.g_currency)
    in_token = either(pairs.g_swap, in_token)
    p = pairs.mutate(here=here, there=there, met=here & there, in_token=in_token)
    p = p.mutate(
        g_code=ibis.ifelse(p.in_token, p.g_token, p.g_currency),
        g_value=ibis.ifelse(p.in_token, exact(p.g_token_amount), p.g_value),
    )
    nothing = ibis.null("int8")
    return p.mutate(g_state=ibis.ifelse(p.there, state(p.g_value, p.g_standing), nothing))


def _pair_conditions(p: ir.Table, terms: Terms) -> Told:
    """Return class → conditions (any of them) on which two rows of one record differ."""
    return {**_fact_conditions(p, terms), **_status_conditions(p)}


def _idle(p: ir.Table) -> Any:
    """Return the condition for a session never paid that no ledger row names: nothing happened."""
    return (~p.here & p.g_idle).fill_null(False)


def _left_out(p: ir.Table, terms: Terms) -> Any:
    """Return the condition "outside the period": by the ledger's time, by Gate's if unnamed."""
    if terms.begins is None and terms.ends is None:
        return ibis.literal(False)
    ours = outside(p.l_created_at, terms) if "l_created_at" in p.columns else ibis.literal(False)
    return ibis.ifelse(p.here, ours, outside(p.g_created_at, terms) & ~p.g_claimed)


def _duplicates(p: ir.Table) -> Told:
    """Return class → conditions for several ledger rows, or Gate records, of one key."""
    return {
        "duplicate_local": [p.l_same > 1],
        "duplicate_remote": [(p.g_same > 1) & p.g_kind.isin(SINGLE)],
    }


def _with_urgency(p: ir.Table, terms: Terms) -> ir.Table:
    """Return pairs with `unmet` (only ledger), `unbooked` (only Gate): young, late, missing; else NULL."""
    # Further rows under one key are duplicates, not missing; a failed attempt moved no money.
    unmet = p.here & ~p.there & (p.l_nth == 1) & p.l_key.notnull()
    unbooked = p.there & ~p.here & ~p.g_claimed & ~p.g_failed
    ledger_at = p.l_created_at if "l_created_at" in p.columns else ibis.null("int64")
    if "l_created_end" in p.columns:
        ledger_at = ibis.coalesce(p.l_created_end, ledger_at)
    return p.mutate(
        unmet=_urgency(unmet, ledger_at, terms.gate_as_of, terms),
        unbooked=_urgency(unbooked, p.g_created_at, terms.ledger_as_of, terms),
    )


def _urgency(alone: Any, at: Any, complete_until: int, terms: Terms) -> Any:
    """Return `young`, `late` or `missing` where *alone*, else NULL; no time counts as `missing`."""
    urgency = ibis.cases(
        (at > complete_until - terms.due_after, "young"),
        (at > complete_until - terms.missing_after, "late"),
        else_="missing",
    )
    return ibis.ifelse(alone, urgency, ibis.null("string"))


def _one_sided(p: ir.Table) -> Told:
    """Return class → conditions for rows that only one side has, by how long they waited."""
    return {
        "missing_remote": [p.unmet == "missing"],
        "missing_local": [p.unbooked == "missing"],
        "late": [(p.unmet == "late") | (p.unbooked == "late")],
        "not_yet_due": [(p.unmet == "young") | (p.unbooked == "young")],
    }


def _fact_conditions(p: ir.Table, terms: Terms) -> dict[str, list[Any]]:
    """Return class → conditions on which the two sides say different things, statuses aside."""
    has = {name.removeprefix("l_") for name in p.columns if name.startswith("l_")}
    told: dict[str, list[Any]] = {
        "mode": _mode_conditions(p, terms),
        "currency": [p.l_code != p.g_code],
        "asset": [],
        "action": [],
        "amount": [p.l_value != p.g_value],
        "fee": [],
        "rate": [],
        "date": _date_conditions(p, terms),
        "broken_link": [
            given(p[f"l_{kind}"]) & (p[f"l_{kind}"] != p[f"g_{kind}"])
            for kind in KINDS
            # What rows are joined by alone is the same on both.
            if kind in has and terms.kinds != (kind,)
        ],
    }
    if "token" in has:
        told["asset"].append(p.l_token.upper() != p.g_token.upper())
    if "network" in has:
        # Gate itself writes `arbitrum` and `BASE`.
        told["asset"].append(p.l_network.lower() != p.g_network.lower())
    if "action" in has:
        told["action"].append(action_of(p.l_action) != p.g_action)
    for name, code in (("token_amount", "amount"), ("fee", "fee"), ("rate", "rate")):
        if name in has:
            told[code].append(p[f"l_{name}_value"] != p[f"g_{GATE_FIGURES[name]}_value"])
    return told


def _date_conditions(p: ir.Table, terms: Terms) -> list[Any]:
    """Return [condition]: paid more than `dates_within` seconds off the ledger's date; or [].

    A date without time lasts its whole day.
    """
    if terms.dates_within is None or "l_created_at" not in p.columns:
        return []
    start = end = p.l_created_at
    if "l_created_end" in p.columns:
        end = ibis.coalesce(p.l_created_end, end)
    before = p.g_created_at < start - terms.dates_within
    return [p.g_paid & (before | (p.g_created_at > end + terms.dates_within))]


def _mode_conditions(p: ir.Table, terms: Terms) -> list[Any]:
    """Return [condition]: Gate's mode isn't the ledger's, or else the terms'; [] for neither."""
    if "l_mode" in p.columns:
        return [p.l_mode.lower() != p.g_mode]
    return [] if terms.mode is None else [p.g_mode != terms.mode]


def action_of(written: Any) -> Any:
    """Return an action in capitals; a flow of sessions, as on_ramp, becomes its action."""
    said = written.upper()
    return said.cases(*((flow.upper(), action) for flow, action in ACTIONS.items()), else_=said)


def _status_conditions(p: ir.Table) -> dict[str, list[Any]]:
    """Return class → conditions on which the two statuses contradict each other."""
    if "l_standing" not in p.columns:
        # A ledger that names no status has booked whatever it holds; only a success bears that out.
        return {"not_settled": [~stands(p.g_standing, "success")]}
    told: dict[str, list[Any]] = {code: [] for code in BIT if code in DISAGREEMENT.values()}
    for (local, remote), code in DISAGREEMENT.items():
        if code:
            said = stands(p.l_standing, local) & stands(p.g_standing, remote)
            told[code].append(said & ~p.g_lapsed)
    return told
