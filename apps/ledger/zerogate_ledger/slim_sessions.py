"""Sessions as a few numbers each, and the words both sides are compared in, for the prefilter's join."""

from __future__ import annotations

from typing import Any, Final

import ibis
import ibis.expr.types as ir

from .compare import action_of
from .digests import (
    all_hold,
    check_digest,
    digest,
    digest_or_null,
    is_small_decimal,
    small,
    terms_digest,
)
from .flags import given
from .match_inputs import ACTIONS, Terms
from .normalize import outside, standing, stands
from .statuses import OVER, SESSION, SESSION_STATUSES

_NO_DIGEST: Final = ibis.null("uint64")


def session_rows(s: ir.Table) -> ir.Table:
    """Return sessions with columns as a transaction has: code, value, stand, action, token."""
    return s.mutate(
        session_id=s.id,
        code=s.currency,
        value=small(s.amount),
        stand=standing(s.status, SESSION),
        action=s.flow.cases(*ACTIONS.items(), else_=ibis.null("string")),
        token=s.target_token,
        network=s.target_network,
    )


def session_facts(s: ir.Table, terms: Terms, mode: str | None) -> dict[str, Any]:
    """Return name → expression of a session: digests, standing, and if it is known, over, overdue, alone.

    s: What `session_rows` gives. mode: What every session must be in; None where that is not asked.
    """
    known, overdue = _is_known(s, mode), _is_overdue(s, terms)
    plain = [is_small_decimal(s.amount), given(s.currency), s.id.notnull()]
    not_completed = s.status != "completed"
    sound = all_hold([*plain, not_completed, ~overdue, known])
    return {
        "digest": digest(s.id),
        "check": check_digest(s.id),
        "order": digest_or_null(s.order_id),
        "known": known,
        "over": s.status.isin(OVER).fill_null(False),
        "overdue": overdue,
        "own": digest_or_null(s.id),
        "terms": ibis.ifelse(sound, terms_digest(s.code, s.value, s.stand), _NO_DIGEST),
        # Of a session that was never paid nothing is said.
        "alone": all_hold([*plain, not_completed, ~outside(s.created_at, terms)]),
        "stand": s.stand,
    }


def sound_together(g: ir.Table) -> list[Any]:
    """Return the conditions that a transaction and its session, if any, meet without a break."""
    return [
        (g.s_check == g.t_check).fill_null(~g.t_named),
        g.s_known.fill_null(True),
        ~(stands(g.stand, "success") & g.s_over.fill_null(False)),
        ~(g.s_overdue.fill_null(False) & ~stands(g.stand, "in_flight")),
    ]


def _is_known(s: ir.Table, mode: str | None) -> Any:
    """Return the condition: a known status, and the mode given (None: any); NULL passes."""
    known = s.status.isnull() | s.status.isin(SESSION_STATUSES)
    if mode is not None:
        known = known & (s["mode"].isnull() | (s["mode"] == mode))
    return known.fill_null(False)


def _is_overdue(s: ir.Table, terms: Terms) -> Any:
    """Return the condition: a session is open past its expiry; false where it has none."""
    return ((s.status == "open") & (s.expires_at < terms.as_of)).fill_null(False)


def written_by_ledger(name: str, value: Any) -> Any:
    """Return a ledger's word as it is compared: a mode in lower case, an action as Gate's."""
    match name:
        case "action":
            return action_of(value)
        case "mode":
            return value.lower()
    return one_case(name, value)


def one_case(name: str, value: Any) -> Any:
    """Return a token in upper case, a network in lower, all else as it is (Gate writes `BASE`)."""
    match name:
        case "token":
            return value.upper()
        case "network":
            return value.lower()
    return value
