"""Both sides of a match as a few numbers a row, for the prefilter's join. DuckDB's; decides nothing.

A row is its key's digest, one fingerprint of what has to be equal, and a digest of each thing that is
compared only where both sides say it. The fingerprint is NULL where the row is not plainly sound.
"""

from __future__ import annotations

import json
from functools import reduce
from operator import or_
from typing import Any, Final

import attrs
import ibis
import ibis.expr.types as ir

from .compare import action_of
from .digests import (
    SMALL,
    all_hold,
    check_digest,
    digest,
    digest_or_null,
    fingerprint,
    is_small_decimal,
    is_small_or_empty,
    small,
)
from .flags import given
from .match_inputs import ACTIONS, CREATED_END, KINDS, TROUBLE, WORDS, Terms
from .normalize import GATE_FIGURES, ledger_rows, outside, qualified, standing, stands
from .statuses import OVER, PLACE, SESSION, SESSION_STATUSES, UNSAID

_NO_DIGEST: Final = ibis.null("uint64")


@attrs.frozen
class SlimRows:
    """Both sides of one match, as slim tables that are worked out where they are used."""

    ledger: ir.Table
    transactions: ir.Table
    sessions: ir.Table | None
    terms: Terms

    @property
    def rows(self) -> ir.Table:
        return ledger_rows(self.ledger, self.terms.kinds)

    @property
    def said(self) -> frozenset[str]:
        """Names of the columns that the ledger has."""
        return frozenset(name.removeprefix("l_") for name in self.rows.columns)

    @property
    def figures(self) -> list[str]:
        return [name for name in GATE_FIGURES if name in self.said]

    @property
    def compared(self) -> list[str]:
        """Return what is compared only where both sides say it, besides ids."""
        words = [name for name in ("mode", *WORDS) if name in self.said]
        # Without sessions nothing at Gate says a mode.
        return self.figures + [n for n in words if n != "mode" or self.sessions is not None]

    @property
    def dated(self) -> bool:
        """Return whether the times of both sides are compared."""
        return self.terms.dates_within is not None and "created_at" in self.said

    @property
    def other_kinds(self) -> list[str]:
        """Ids that a pair may differ in: not that by which alone all are joined."""
        known = [kind for kind in KINDS if kind != "order_id" or self.sessions is not None]
        return [kind for kind in known if kind in self.said and self.terms.kinds != (kind,)]

    def ledger_side(self) -> ir.Table:
        """Return the ledger's rows: `h`, `l_same`, what is added up, and `l_…` to compare."""
        rows, said = self.rows, self.said
        sound = [
            is_small_decimal(rows.l_amount),
            *(is_small_or_empty(rows[f"l_{name}"]) for name in self.figures),
            given(rows.l_currency),
            rows.l_key.notnull(),
        ]
        if TROUBLE in said:
            sound.append(rows[f"l_{TROUBLE}"].isnull())
        if "created_at" in said:
            sound.append(~outside(rows.l_created_at, self.terms))
        # A ledger without statuses has booked what it holds: only a success bears that out.
        stand, state = ibis.literal(PLACE["success"], "int8"), ibis.literal(UNSAID, "int8")
        if "status" in said:
            stand = state = standing(rows.l_status, self.terms.ledger_words)
            sound.append(~stands(stand, "unknown"))
        rows = rows.mutate(code=rows.l_currency.upper(), value=small(rows.l_amount), stand=stand)
        same = fingerprint(check_digest(rows.l_key), rows.code, rows.value, rows.stand)
        return rows.select(
            l_code=rows.code,
            l_state=state,
            l_stand=rows.stand,
            l_value=rows.value,
            h=digest_or_null(rows.l_key),
            l_same=ibis.ifelse(all_hold(sound), same, _NO_DIGEST),
            **{f"l_{name}": digest_or_null(value) for name, value in self._by_ledger(rows).items()},
            **(self._span(rows) if self.dated else {}),
        )

    def _span(self, rows: ir.Table) -> dict[str, Any]:
        """Return the first and the last second in which a row's record may have been made."""
        start = end = rows.l_created_at
        if CREATED_END in self.said:
            end = ibis.coalesce(rows[f"l_{CREATED_END}"], end)
        within = self.terms.dates_within or 0
        return {"l_from": start - within, "l_until": end + within}

    def _by_ledger(self, rows: ir.Table) -> dict[str, Any]:
        """Return what the ledger says besides amount, currency and status, in the words of Gate."""
        told = {name: small(rows[f"l_{name}"]) for name in self.figures}
        for name in self.compared[len(self.figures) :]:
            cell = rows[f"l_{name}"]
            told[name] = _written_by_ledger(name, cell)
        return told | {kind: rows[f"l_{kind}"] for kind in self.other_kinds}

    # ── Gate ─────────────────────────────────────────────────────────────────────────────────────

    def gate_side(self) -> ir.Table:
        """Return Gate's records: `gh`, `own`, `payer`, `g_same`, `g_alone`, and `g_…` to compare."""
        rows = self._slim(self._paid(), paid=True)
        if self.sessions is not None:
            rows = rows.union(self._slim(self._unpaid(), paid=False).select(*rows.columns))
        return rows

    def alone_totals(self, among: ir.Table | None = None) -> ir.Table:
        """Return rows and sums of what says nothing where no ledger row names it; of *among* only.

        among: Digests of records' own ids, as a column `digest`.
        """
        sides = [self._paid()] if self.sessions is None else [self._paid(), self._unpaid()]
        parts = []
        for rows, paid in zip(sides, (True, False), strict=False):
            # By the text itself, which the file's own index knows: most records are no failure.
            failed = rows.filter(rows.status.isin(self.terms.gate_words.failure)) if paid else rows
            if among is not None:
                failed = failed.filter(digest(failed.own).isin(among.digest))
            failed = failed.filter(failed.alone)
            parts.append(
                failed.select("code", "value", paid=ibis.literal(paid), state=failed.stand)
            )
        rows = parts[0].union(parts[1]) if len(parts) > 1 else parts[0]
        return rows.group_by("code", "state").agg(
            rows=rows.count(), sum=rows.value.sum(), transactions=rows.paid.sum().cast("int64")
        )

    def paid_by_key(self) -> ir.Table:
        """Return transactions with the digest of their key and of their own id."""
        return self._by_key(self._paid())

    def unpaid_by_key(self) -> ir.Table:
        """Return sessions that no transaction names, likewise."""
        return self._by_key(self._unpaid())

    def _by_key(self, rows: ir.Table) -> ir.Table:
        key, _ = self._key_and_check(rows)
        return rows.mutate(key_digest=key, own_digest=digest_or_null(rows.own))

    def payers(self) -> Any:
        """Return the digest of whom each success pays."""
        return self._payer(self._paid())

    def _slim(self, g: ir.Table, paid: bool) -> ir.Table:
        key, check = self._key_and_check(g)
        same = fingerprint(check, g.code, g.value, g.stand)
        return g.select(
            gh=key,
            own=digest_or_null(g.own),
            payer=self._payer(g) if paid else _NO_DIGEST,
            g_same=ibis.ifelse(g.sound, same, _NO_DIGEST),
            g_alone=g.alone,
            g_paid=ibis.literal(paid),
            **{f"g_{name}": g[f"c_{name}"] for name in (*self.compared, *self.other_kinds)},
            **({"g_at": g.created_at if paid else ibis.null("int64")} if self.dated else {}),
        )

    def _payer(self, g: ir.Table) -> Any:
        """Return whom a success pays; the digest of an order may be a session's, and both are left then."""
        session = digest_or_null(g.session_id)
        whom = session if self.sessions is None else ibis.coalesce(g.s_order, session)
        return ibis.ifelse(stands(g.stand, "success"), whom, _NO_DIGEST)

    def _key_and_check(self, g: ir.Table) -> tuple[Any, Any]:
        """The digests of the first name that the ledger has for a record; of its only one."""
        kinds = self.terms.kinds
        names = [(g[f"k_{kind}"], g[f"k2_{kind}"]) for kind in kinds]
        if len(names) == 1:
            return names[0]
        known = self.ledger_keys().distinct()
        found = [(key.isin(known.digest).fill_null(False), key, check) for key, check in names]
        return (
            ibis.cases(*((has, key) for has, key, _ in found), else_=_NO_DIGEST),
            ibis.cases(*((has, check) for has, _, check in found), else_=_NO_DIGEST),
        )

    def ledger_keys(self) -> ir.Table:
        """Return the digests of all keys of the ledger, as a column `digest`."""
        keys = self.rows.select(digest=digest_or_null(self.rows.l_key))
        return keys.filter(keys.digest.notnull())

    def _paid(self) -> ir.Table:
        """Transactions with what is known of each."""
        t, terms = self.transactions, self.terms
        rows = t if self.sessions is None else self._with_session(t, self.sessions)
        rows = rows.mutate(
            own=rows.refid,
            stand=standing(rows.status, terms.gate_words),
            swap=(rows.action == "SWAP").fill_null(False),
            fiat=small(rows.fiat_amount),
            total=small(rows.total_pay_or_receive),
            fees=small(rows.total_fees),
        )
        tokens = ibis.ifelse(rows.swap, small(rows.token_amount), ibis.null(SMALL))
        rows = rows.mutate(
            code=ibis.ifelse(rows.swap, rows.token, rows.currency),
            value=ibis.ifelse(rows.swap, tokens, rows.total if terms.total_basis else rows.fiat),
            **self._compared_of_transaction(rows),
        )
        rows = rows.mutate(sound=all_hold(self._sound(rows)))
        # A failed attempt moved no money.
        inside = ~outside(rows.created_at, terms)
        alone = rows.sound & stands(rows.stand, "failure") & inside
        return rows.mutate(alone=alone.fill_null(False))

    def _compared_of_transaction(self, t: ir.Table) -> dict[str, Any]:
        told = {f"c_{n}": digest_or_null(small(t[GATE_FIGURES[n]])) for n in self.figures}
        for name in self.compared[len(self.figures) :]:
            mode = name == "mode"
            told[f"c_{name}"] = t.s_mode if mode else digest_or_null(_written(name, t[name]))
        for kind in self.other_kinds:
            order = kind == "order_id"
            told[f"c_{kind}"] = t.s_order if order else digest_or_null(t[kind])
        return told | self._names(t)

    def _names(self, rows: ir.Table) -> dict[str, Any]:
        """Digests of the names that the ledger may have for a record: `k_…`, and the second ones."""
        told = dict[str, Any]()
        for kind in self.terms.kinds:
            if kind in rows.columns:
                name = qualified(rows[kind], kind, self.terms.kinds)
                told |= {f"k_{kind}": digest_or_null(name), f"k2_{kind}": check_digest(name)}
            elif "s_key" in rows.columns:
                told |= {f"k_{kind}": rows.s_key, f"k2_{kind}": rows.s_key_check}
            else:
                told |= {f"k_{kind}": _NO_DIGEST, f"k2_{kind}": _NO_DIGEST}
        return told

    def _with_session(self, t: ir.Table, sessions: ir.Table) -> ir.Table:
        """Transactions with the digests and flags of their sessions, as `s_…`; no text of them."""
        s = sessions
        facts: dict[str, Any] = {"order": digest_or_null(s.order_id)}
        if "order_id" in self.terms.kinds:
            name = qualified(s.order_id, "order_id", self.terms.kinds)
            facts |= {"key": digest_or_null(name), "key_check": check_digest(name)}
        if "mode" in self.compared:
            facts["mode"] = digest_or_null(s["mode"])
        facts |= {
            "digest": digest(s.id),
            "check": check_digest(s.id),
            "known": self._is_known(s),
            "over": s.status.isin(OVER).fill_null(False),
            "overdue": self._is_overdue(s),
        }
        slim = s.select(**{f"s_{name}": fact for name, fact in facts.items()})
        return t.left_join(slim, digest(t.session_id) == slim.s_digest)

    def _unpaid(self) -> ir.Table:
        """Sessions that no transaction names, with what is known of each."""
        assert self.sessions is not None
        s, t, terms = self.sessions, self.transactions, self.terms
        s = s.anti_join(t, digest(s.id) == digest(t.session_id))
        s = s.mutate(
            own=s.id,
            session_id=s.id,
            code=s.currency,
            value=small(s.amount),
            stand=standing(s.status, SESSION),
            action=s.flow.cases(*ACTIONS.items(), else_=ibis.null("string")),
            token=s.target_token,
            network=s.target_network,
        )
        plain = [is_small_decimal(s.amount), given(s.currency), s.own.notnull()]
        not_completed = s.status != "completed"
        sound = [*plain, not_completed, ~self._is_overdue(s), self._is_known(s)]
        inside = ~outside(s.created_at, terms)
        told = {f"c_{name}": _NO_DIGEST for name in self.figures}
        for name in self.compared[len(self.figures) :]:
            told[f"c_{name}"] = digest_or_null(_written(name, s[name]))
        for kind in self.other_kinds:
            told[f"c_{kind}"] = digest_or_null(s[kind]) if kind in s.columns else _NO_DIGEST
        # Of a session that was never paid nothing is said.
        alone = all_hold([*plain, not_completed, inside])
        return s.mutate(sound=all_hold(sound), alone=alone, **told, **self._names(s))

    def _is_known(self, s: ir.Table) -> Any:
        """Return whether a session's status and mode are as they should be."""
        known = s.status.isnull() | s.status.isin(SESSION_STATUSES)
        if "mode" not in self.said and self.terms.mode is not None:
            known = known & (s["mode"].isnull() | (s["mode"] == self.terms.mode))
        return known.fill_null(False)

    def _is_overdue(self, s: ir.Table) -> Any:
        return ((s.status == "open") & (s.expires_at < self.terms.as_of)).fill_null(False)

    def _sound(self, g: ir.Table) -> list[Any]:
        """Conditions of a transaction that shows nothing wrong by itself, and plainly."""
        gate = {GATE_FIGURES[name] for name in self.figures} - {"total_fees"}
        success = stands(g.stand, "success")
        in_flight = stands(g.stand, "in_flight")
        once = [g.past_statuses.contains(json.dumps(w)) for w in self.terms.gate_words.success]
        early = g.created_at < self.terms.as_of - self.terms.stale_after
        adds_up = ibis.cases(
            (g.action == "BUY", g.fiat + g.fees == g.total),
            (g.action == "SELL", g.total + g.fees == g.fiat),
            else_=True,
        )
        sound = [
            is_small_decimal(g.fiat_amount),
            is_small_or_empty(g.total_fees),
            is_small_or_empty(g.total_pay_or_receive),
            *(is_small_or_empty(g[name]) for name in sorted(gate)),
            ~g.swap | is_small_decimal(g.token_amount),
            g.own.notnull(),
            given(g.code),
            # Booked in the token that it bought is another reading, which the expression has.
            g.swap | (g.currency != g.token).fill_null(True),
            adds_up | ~given(g.total_fees),
            ~stands(g.stand, "unknown"),
            success | ~reduce(or_, (flag.fill_null(False) for flag in once), ibis.literal(False)),
            ~(in_flight & early).fill_null(False),
        ]
        if self.sessions is None:
            return sound
        linked = (g.s_check == check_digest(g.session_id)).fill_null(g.session_id.isnull())
        return [
            *sound,
            linked,
            g.s_known.fill_null(True),
            ~(success & g.s_over.fill_null(False)),
            ~(g.s_overdue.fill_null(False) & ~in_flight),
        ]


def _written_by_ledger(name: str, value: Any) -> Any:
    """A ledger's word as it is compared."""
    match name:
        case "action":
            return action_of(value)
        case "mode":
            return value.lower()
    return _written(name, value)


def _written(name: str, value: Any) -> Any:
    """Tokens and networks as they are compared: Gate itself writes `arbitrum` and `BASE`."""
    match name:
        case "token":
            return value.upper()
        case "network":
            return value.lower()
    return value
