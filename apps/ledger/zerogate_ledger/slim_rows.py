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
    terms_digest,
)
from .flags import given
from .match_inputs import CREATED_END, KINDS, TROUBLE, WORDS, Terms
from .normalize import GATE_FIGURES, ledger_rows, outside, qualified, standing, stands
from .slim_sessions import one_case, session_facts, session_rows, sound_together, written_by_ledger
from .statuses import PLACE, UNSAID

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
        """The ledger's rows as `l_…`, with their key."""
        return ledger_rows(self.ledger, self.terms.kinds)

    @property
    def said(self) -> frozenset[str]:
        """Names of the columns that the ledger has, without `l_`."""
        return frozenset(name.removeprefix("l_") for name in self.rows.columns)

    @property
    def figures(self) -> list[str]:
        """Names of the further figures that the ledger has: token_amount, fee, rate."""
        return [name for name in GATE_FIGURES if name in self.said]

    @property
    def compared(self) -> list[str]:
        """Names of what is compared only where both sides say it, figures first, ids aside."""
        words = [name for name in ("mode", *WORDS) if name in self.said]
        # Without sessions nothing at Gate says a mode.
        return self.figures + [n for n in words if n != "mode" or self.sessions is not None]

    @property
    def dated(self) -> bool:
        """Return whether the times of both sides are compared."""
        return self.terms.dates_within is not None and "created_at" in self.said

    @property
    def other_kinds(self) -> list[str]:
        """Ids that a pair may differ in: all but that by which alone they are joined."""
        known = [kind for kind in KINDS if kind != "order_id" or self.sessions is not None]
        return [kind for kind in known if kind in self.said and self.terms.kinds != (kind,)]

    def ledger_side(self) -> ir.Table:
        """Return the ledger's rows: `h` (key), `l_same` (NULL if unsound), code, state, amount, digests."""
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
        same = fingerprint(
            check_digest(rows.l_key), terms_digest(rows.code, rows.value, rows.stand)
        )
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
        """Return `l_from` and `l_until`: first and last Unix second for the row's record."""
        start = end = rows.l_created_at
        if CREATED_END in self.said:
            end = ibis.coalesce(rows[f"l_{CREATED_END}"], end)
        within = self.terms.dates_within or 0
        return {"l_from": start - within, "l_until": end + within}

    def _by_ledger(self, rows: ir.Table) -> dict[str, Any]:
        """Return name → what the ledger says of figures, words and other ids, as Gate writes it."""
        told = {name: small(rows[f"l_{name}"]) for name in self.figures}
        for name in self.compared[len(self.figures) :]:
            cell = rows[f"l_{name}"]
            told[name] = written_by_ledger(name, cell)
        return told | {kind: rows[f"l_{kind}"] for kind in self.other_kinds}

    # ── Gate ─────────────────────────────────────────────────────────────────────────────────────

    def gate_side(self) -> ir.Table:
        """Return Gate's records: `gh` (key), `own`, `payer`, `g_same`, `g_alone`, and `g_…`."""
        rows = self._paid().select(*self._kept_of_transaction())
        if self.sessions is None:
            return self._slim(rows)
        slim = self._session_facts()
        slim = slim.select(*(name for name in slim.columns if name.startswith("s_")))
        return self._slim(rows.outer_join(slim, rows.t_session == slim.s_digest))

    def alone_totals(self, gate: ir.Table | None, among: ir.Table | None = None) -> ir.Table:
        """Return counts and sums, by code and state, of records fine alone, in the ledger too or not."""
        # By the text itself, which the file's own index knows: most records are no failure.
        failed = self.transactions.status.isin(self.terms.gate_words.failure)
        paid = self._paid(self.transactions.filter(failed))
        sides = [(paid.filter(paid.t_alone), True)]
        if self.sessions is not None:
            assert gate is not None
            alone = gate.filter(gate.g_alone)
            unpaid = self._session_facts().rename(stand="s_stand", own="s_own")
            sides = [
                (paid.filter(paid.t_alone & paid.own.isin(alone.filter(alone.g_paid).own)), True),
                (
                    unpaid.filter(
                        unpaid.s_alone & unpaid.own.isin(alone.filter(~alone.g_paid).own)
                    ),
                    False,
                ),
            ]
        parts = []
        for rows, moved in sides:
            mine = rows if among is None else rows.filter(rows.own.isin(among.digest))
            parts.append(mine.select("code", "value", paid=ibis.literal(moved), state=mine.stand))
        rows = parts[0].union(parts[1]) if len(parts) > 1 else parts[0]
        return rows.group_by("code", "state").agg(
            rows=rows.count(), sum=rows.value.sum(), transactions=rows.paid.sum().cast("int64")
        )

    def paid_by_key(self) -> ir.Table:
        """Return transactions with `key_digest` (NULL: not named) and `own_digest`."""
        t = self.transactions
        if self.sessions is not None and "order_id" in self.terms.kinds:
            names = self._order_names(self.sessions)
            t = t.left_join(names, digest(t.session_id) == names.s_digest)
        return self._by_key(t.mutate(**self._names(t)), t.refid)

    def unpaid_by_key(self) -> ir.Table:
        """Return sessions that no transaction names, with `key_digest` and `own_digest`."""
        assert self.sessions is not None
        s, t = self.sessions, self.transactions
        s = s.anti_join(t, digest(s.id) == digest(t.session_id))
        s = s.mutate(session_id=s.id)
        return self._by_key(s.mutate(**self._names(s)), s.id)

    def _by_key(self, rows: ir.Table, own: Any) -> ir.Table:
        """Return rows with `key_digest`, of the ledger's name for them, and `own_digest`."""
        key, _ = self._key_and_check(rows)
        return rows.mutate(key_digest=key, own_digest=digest_or_null(own))

    def payers(self) -> Any:
        """Return a column: for each success the digest of its order, else of its session."""
        t = self.transactions
        t = t.filter(stands(standing(t.status, self.terms.gate_words), "success"))
        session = digest_or_null(t.session_id)
        if self.sessions is None:
            return session
        s = self.sessions
        orders = s.select(s_digest=digest(s.id), s_order=digest_or_null(s.order_id))
        t = t.left_join(orders, digest(t.session_id) == orders.s_digest)
        return ibis.coalesce(t.s_order, digest_or_null(t.session_id))

    def _slim(self, g: ir.Table) -> ir.Table:
        """Return `gate_side`'s columns of *g*: transactions, outer-joined with sessions if there are any."""
        whole = self.sessions is not None
        paid = g.paid.fill_null(False) if whole else ibis.literal(True)
        sound = g.t_terms.notnull()
        alone, own, terms, payer = g.t_alone, g.own, g.t_terms, g.t_payer
        if whole:
            linked = all_hold(sound_together(g))
            sound = ibis.ifelse(paid, sound & linked, g.s_terms.notnull())
            alone = ibis.ifelse(paid, alone & linked, g.s_alone)
            own = ibis.ifelse(paid, own, g.s_own)
            terms = ibis.ifelse(paid, terms, g.s_terms)
            # The digest of an order may be a session's, and both are left then.
            payer = ibis.ifelse(payer.notnull(), ibis.coalesce(g.s_order, payer), _NO_DIGEST)
        told = {name: self._by_both(g, name, paid) for name in (*self.compared, *self.other_kinds)}
        names = {
            f"{prefix}{kind}": self._name_of_both(g, f"{prefix}{kind}", paid)
            for kind in self.terms.kinds
            for prefix in ("k_", "k2_")
        }
        g = g.mutate(**names) if whole else g
        key, check = self._key_and_check(g)
        return g.select(
            gh=key,
            own=own,
            payer=payer,
            g_same=ibis.ifelse(sound, fingerprint(check, terms), _NO_DIGEST),
            g_alone=alone.fill_null(False),
            g_paid=paid,
            **{f"g_{name}": value for name, value in told.items()},
            **({"g_at": g.t_at} if self.dated else {}),
        )

    def _by_both(self, g: ir.Table, name: str, paid: Any) -> Any:
        """Return a record's digest of *name*; mode and order_id only a session has."""
        theirs = g[f"s_c_{name}"] if self.sessions is not None else _NO_DIGEST
        if name in ("mode", "order_id"):
            return theirs
        return (
            g[f"c_{name}"] if self.sessions is None else ibis.ifelse(paid, g[f"c_{name}"], theirs)
        )

    def _name_of_both(self, g: ir.Table, name: str, paid: Any) -> Any:
        """Return a record's name digest: the transaction's, or the session's."""
        if f"s_{name}" not in g.columns:
            return g[name]
        if name.endswith("order_id"):
            return g[f"s_{name}"]
        return ibis.ifelse(paid, g[name], g[f"s_{name}"])

    def _key_and_check(self, g: ir.Table) -> tuple[Any, Any]:
        """Return both digests of a record's first id that the ledger has, or of its only kind; else NULLs."""
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
        """Return the digests of all keys of the ledger, as a column `digest`, with repeats."""
        keys = self.rows.select(digest=digest_or_null(self.rows.l_key))
        return keys.filter(keys.digest.notnull())

    def _names(self, rows: ir.Table) -> dict[str, Any]:
        """Return digests of a row's ids: `k_…`, and second ones `k2_…`; NULL for a missing kind."""
        told = dict[str, Any]()
        for kind in self.terms.kinds:
            if kind in rows.columns:
                name = qualified(rows[kind], kind, self.terms.kinds)
                told |= {f"k_{kind}": digest_or_null(name), f"k2_{kind}": check_digest(name)}
            elif f"s_k_{kind}" in rows.columns:
                told |= {f"k_{kind}": rows[f"s_k_{kind}"], f"k2_{kind}": rows[f"s_k2_{kind}"]}
            else:
                told |= {f"k_{kind}": _NO_DIGEST, f"k2_{kind}": _NO_DIGEST}
        return told

    def _order_names(self, s: ir.Table) -> ir.Table:
        """Return sessions' digests with both digests of their order's id."""
        name = qualified(s.order_id, "order_id", self.terms.kinds)
        return s.select(
            s_digest=digest(s.id),
            s_k_order_id=digest_or_null(name),
            s_k2_order_id=check_digest(name),
        )

    def _session_facts(self) -> ir.Table:
        """Return sessions with `session_facts`, and digests of what is compared, as `s_…`."""
        assert self.sessions is not None
        s = session_rows(self.sessions)
        mode = None if "mode" in self.said else self.terms.mode
        told = {f"c_{name}": _NO_DIGEST for name in self.figures}
        for name in self.compared[len(self.figures) :]:
            told[f"c_{name}"] = digest_or_null(one_case(name, s[name]))
        for kind in self.other_kinds:
            told[f"c_{kind}"] = digest_or_null(s[kind]) if kind in s.columns else _NO_DIGEST
        told |= {
            name: value
            for name, value in self._names(s).items()
            if name.partition("_")[2] in ("session_id", "order_id")
        }
        facts = session_facts(s, self.terms, mode) | told
        return s.mutate(**{f"s_{name}": fact for name, fact in facts.items()})

    # ── Transactions ─────────────────────────────────────────────────────────────────────────────

    def _paid(self, transactions: ir.Table | None = None) -> ir.Table:
        """Return transactions with payer and digests; `t_terms` is NULL where one isn't sound."""
        t = self.transactions if transactions is None else transactions
        terms = self.terms
        rows = t.mutate(
            paid=ibis.literal(True),
            stand=standing(t.status, terms.gate_words),
            swap=(t.action == "SWAP").fill_null(False),
            fiat=small(t.fiat_amount),
            total=small(t.total_pay_or_receive),
            fees=small(t.total_fees),
        )
        tokens = ibis.ifelse(rows.swap, small(rows.token_amount), ibis.null(SMALL))
        rows = rows.mutate(
            code=ibis.ifelse(rows.swap, rows.token, rows.currency),
            value=ibis.ifelse(rows.swap, tokens, rows.total if terms.total_basis else rows.fiat),
        )
        # A column, or each of those that ask for it reads the figures anew.
        rows = rows.mutate(sound=all_hold(self._sound(rows)))
        session, sound = digest_or_null(rows.session_id), rows.sound
        # A failed attempt moved no money.
        alone = sound & stands(rows.stand, "failure") & ~outside(rows.created_at, terms)
        return rows.mutate(
            own=digest_or_null(rows.refid),
            t_terms=ibis.ifelse(sound, terms_digest(rows.code, rows.value, rows.stand), _NO_DIGEST),
            t_alone=alone.fill_null(False),
            t_payer=ibis.ifelse(stands(rows.stand, "success"), session, _NO_DIGEST),
            t_session=digest(rows.session_id),
            t_check=check_digest(rows.session_id),
            t_named=rows.session_id.notnull(),
            t_at=rows.created_at,
            **self._compared_of_transaction(rows),
            **self._names(rows),
        )

    def _kept_of_transaction(self) -> list[str]:
        """Return names of the columns of `_paid` that a record needs."""
        kept = ["paid", "own", "t_terms", "t_alone", "t_payer"]
        if self.sessions is not None:
            kept += ["stand", "t_session", "t_check", "t_named"]
        if self.dated:
            kept.append("t_at")
        told = (*self.compared, *self.other_kinds)
        kept += [f"c_{name}" for name in told if name not in ("mode", "order_id")]
        return kept + [f"{k}{kind}" for kind in self.terms.kinds for k in ("k_", "k2_")]

    def _compared_of_transaction(self, t: ir.Table) -> dict[str, Any]:
        """Return `c_…` → digests of what a transaction says besides its terms."""
        told = {f"c_{n}": digest_or_null(small(t[GATE_FIGURES[n]])) for n in self.figures}
        for name in self.compared[len(self.figures) :]:
            if name != "mode":
                told[f"c_{name}"] = digest_or_null(one_case(name, t[name]))
        for kind in self.other_kinds:
            if kind != "order_id":
                told[f"c_{kind}"] = digest_or_null(t[kind])
        return told

    def _sound(self, g: ir.Table) -> list[Any]:
        """Return conditions that a transaction without any difference of its own meets."""
        gate = {GATE_FIGURES[name] for name in self.figures} - {"total_fees"}
        in_flight = stands(g.stand, "in_flight")
        once = [g.past_statuses.contains(json.dumps(w)) for w in self.terms.gate_words.success]
        early = g.created_at < self.terms.as_of - self.terms.stale_after
        adds_up = ibis.cases(
            (g.action == "BUY", g.fiat + g.fees == g.total),
            (g.action == "SELL", g.total + g.fees == g.fiat),
            else_=True,
        )
        figures = [is_small_decimal(g.fiat_amount), is_small_or_empty(g.total_fees)]
        if self.terms.total_basis:
            # Else nobody reads it: one that is no figure adds up to nothing.
            figures.append(is_small_or_empty(g.total_pay_or_receive))
        return [
            *figures,
            *(is_small_or_empty(g[name]) for name in sorted(gate)),
            ~g.swap | is_small_decimal(g.token_amount),
            g.refid.notnull(),
            given(g.code),
            # Booked in the token that it bought is another reading, which the expression has.
            g.swap | (g.currency != g.token).fill_null(True),
            adds_up | ~given(g.total_fees),
            ~stands(g.stand, "unknown"),
            # Looked for only where it says anything: most records are a success.
            ibis.cases(
                (stands(g.stand, "success"), True),
                else_=~reduce(or_, (flag.fill_null(False) for flag in once), ibis.literal(False)),
            ),
            ~(in_flight & early).fill_null(False),
        ]
