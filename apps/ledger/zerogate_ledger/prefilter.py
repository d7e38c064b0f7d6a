"""What plainly matches, cleared before the match: one slim pass over all rows leaves it few of them.

Rows are joined by a 64-bit digest of their key and carry a second one as a check, so that no id is held
as text. The pass may leave too many rows to the match, never too few: what it clears has no difference
at all, and two keys of one digest are both left.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import reduce
from operator import add, and_, or_
from typing import Any, Final

import attrs
import ibis
import ibis.expr.datatypes as dt
import ibis.expr.types as ir
import pyarrow as pa
import pyarrow.compute as pc

from .compare import action_of
from .exact import AMOUNT
from .flags import given
from .match_inputs import KINDS, TROUBLE, WORDS, Terms
from .normalize import (
    GATE_FIGURES,
    key_of,
    ledger_rows,
    outside,
    paid_records,
    qualified,
    standing,
    stands,
    unpaid_records,
)
from .statuses import OVER, SESSION_STATUSES, UNREADABLE, UNSAID

#: Eleven digits before the point: larger ones are left, because their sums could leave an engine's.
SMALL: Final = dt.Decimal(29, 18)
_SMALL_DECIMAL: Final = r"-?(?:0|[1-9][0-9]{0,10})(?:\.[0-9]{1,18})?"


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
    with ExitStack() as stack:

        def kept(name: str, rows: Any) -> ir.Table:
            stack.callback(con.drop_table, name, force=True)
            table: ir.Table = con.create_table(name, rows, temp=True, overwrite=True)
            return table

        found = _Pass(con, kept, ledger, transactions, sessions, terms).found()
        clear = found["clear"]
        left = found.filter(pc.invert(clear))
        keys = kept("zerogate_left_keys", _digests(left["h"], left["ledger_rows"]))
        own = kept("zerogate_left_ids", _digests(left["own"], left["gate_rows"]))
        rows = _left(ledger, key_of(ledger, terms.kinds), keys)
        local = kept("zerogate_left_ledger", rows)
        paid = kept("zerogate_left_transactions", _left(transactions, transactions.refid, own))
        if sessions is not None:
            theirs = paid.select(digest=_digest(paid.session_id)).union(own).distinct()
            sessions = kept("zerogate_left_sessions", _left(sessions, sessions.id, theirs))
        yield Screened(
            found.filter(clear).drop_columns(["clear", "h", "own"]), local, paid, sessions
        )


def _digests(digests: pa.ChunkedArray, rows: pa.ChunkedArray) -> pa.Table:
    named = digests.filter(pc.greater(rows, 0)).drop_null().unique()
    return pa.table({"digest": named.cast(pa.uint64())})


def _left(rows: ir.Table, name: Any, digests: ir.Table) -> ir.Table:
    """Rows of these names, and those without one, which nothing clears."""
    return rows.filter(name.isnull() | _digest(name).isin(digests.digest))


# Ibis takes the engine's digests for signed numbers, which they are not.
@ibis.udf.scalar.builtin(name="hash", signature=((dt.string,), dt.uint64))  # type: ignore[untyped-decorator]
def _of_text(text: Any) -> Any:
    raise NotImplementedError


@ibis.udf.scalar.builtin(name="hash", signature=((dt.Decimal(29, 18),), dt.uint64))  # type: ignore[untyped-decorator]
def _of_figure(figure: Any) -> Any:
    raise NotImplementedError


def _digest(value: Any) -> Any:
    return _of_text(value) if value.type().is_string() else _of_figure(value)


def _check(name: Any) -> Any:
    """A second digest, of another text."""
    return _digest(ibis.literal("2") + name)


def _hashed(value: Any) -> Any:
    """A digest of what is said; NULL where nothing is, which has one too."""
    return ibis.ifelse(value.notnull(), _digest(value), ibis.null("uint64"))


# ── The slim pass ────────────────────────────────────────────────────────────────────────────────


class _Pass:
    """Both sides as numbers, joined once, with what each pair says of itself."""

    def __init__(
        self,
        con: Any,
        kept: Any,
        ledger: ir.Table,
        transactions: ir.Table,
        sessions: ir.Table | None,
        terms: Terms,
    ) -> None:
        self._con, self._kept, self._terms = con, kept, terms
        self._transactions, self._sessions = transactions, sessions
        self._local = ledger_rows(ledger, terms.kinds)
        self._has = {name.removeprefix("l_") for name in self._local.columns}
        self._figures = tuple(name for name in GATE_FIGURES if name in self._has)

    def found(self) -> pa.Table:
        """Rows that add up all that is clear, and one for each pair that is not, with its digests."""
        left, right = self._ledger_side(), self._gate_side()
        crowd = self._kept("zerogate_crowd", self._crowd(left, right))
        right = right.drop("payer")
        pairs = left.outer_join(right, left.h == right.gh)
        pairs = pairs.mutate(key=ibis.coalesce(pairs.h, pairs.gh))
        crowded = pairs.key.isin(crowd.digest).fill_null(False)
        if self._terms.kinds != ("refid",):
            crowded = crowded | pairs.own.isin(crowd.digest).fill_null(False)
        answer: pa.Table = self._con.to_pyarrow(self._folded(pairs, crowded))
        return answer

    def _ledger_side(self) -> ir.Table:
        rows, has = self._local, self._has
        sound = [
            _plain([rows.l_amount], [rows[f"l_{name}"] for name in self._figures]),
            given(rows.l_currency),
            rows.l_key.notnull(),
        ]
        if TROUBLE in has:
            sound.append(rows[f"l_{TROUBLE}"].isnull())
        if "created_at" in has:
            sound.append(~outside(rows.l_created_at, self._terms))
        words = self._terms.ledger_words
        more = {f"l_{name}": _hashed(value) for name, value in self._said_by_ledger(rows).items()}
        state = ibis.literal(UNSAID, "int8")
        if "status" in has:
            state = more["l_standing"] = standing(rows.l_status, words)
            sound.append(~stands(state, "unknown"))
        return rows.select(
            l_code=rows.l_currency.upper(),
            l_state=state,
            l_value=_small(rows.l_amount),
            h=_hashed(rows.l_key),
            h2=_check(rows.l_key),
            l_ok=_all(sound),
            **more,
        )

    def _said_by_ledger(self, rows: ir.Table) -> dict[str, Any]:
        """What is compared besides amount, currency and status, in the words of Gate."""
        said = {name: _small(rows[f"l_{name}"].nullif("")) for name in self._figures}
        if "mode" in self._has:
            said["mode"] = rows.l_mode.lower()
        for name in WORDS:
            if name in self._has:
                cell = rows[f"l_{name}"]
                said[name] = action_of(cell) if name == "action" else _written(name, cell)
        for kind in self._other_kinds():
            said[kind] = rows[f"l_{kind}"]
        return said

    def _other_kinds(self) -> list[str]:
        """Ids that a pair may differ in: not that by which alone all are joined."""
        return [kind for kind in KINDS if kind in self._has and self._terms.kinds != (kind,)]

    # ── Gate ─────────────────────────────────────────────────────────────────────────────────────

    def _gate_side(self) -> ir.Table:
        paid = paid_records(self._transactions, self._sessions, self._terms, by=_digest)
        rows = self._numbers(paid, paid=True)
        if self._sessions is not None:
            unpaid = unpaid_records(self._transactions, self._sessions, by=_digest)
            rows = rows.union(self._numbers(unpaid, paid=False).select(*rows.columns))
        if self._sessions is not None or len(self._terms.kinds) > 1:
            rows = self._kept("zerogate_gate", rows)
        return rows

    def _numbers(self, g: ir.Table, paid: bool) -> ir.Table:
        """Gate's records as numbers, under the key by which the ledger names them."""
        # Columns of their own, or they are worked out again for each use behind a condition.
        g = g.mutate(**self._figures_read(g, paid), g_own=g.g_refid if paid else g.g_session_id)
        g = g.mutate(g_ok=_all(self._sound(g) if paid else self._sound_session(g)))
        swap, own = g.g_swap, g.g_own
        inside = ~outside(g.g_created_at, self._terms)
        # A failed attempt moved no money, and of a session that was never paid nothing is said.
        idle = _all([g.g_plain, given(g.g_currency), own.notnull(), g.g_status != "completed"])
        alone = g.g_ok & stands(g.g_standing, "failure") if paid else idle
        more = {f"g_{name}": _hashed(said) for name, said in self._said_by_gate(g).items()}
        return g.select(
            "g_standing",
            "g_ok",
            g_code=ibis.ifelse(swap, g.g_token, g.g_currency),
            g_token_code=ibis.ifelse(swap, ibis.null("string"), g.g_token),
            g_value=ibis.ifelse(
                swap, g.g_tokens, g.g_total if self._terms.total_basis else g.g_fiat
            ),
            gh=self._key(g),
            gh2=self._check(g),
            g_alone=(alone & inside).fill_null(False),
            g_paid=ibis.literal(paid),
            own=_hashed(own),
            payer=self._payer(g) if paid else ibis.null("uint64"),
            **more,
        )

    def _payer(self, g: ir.Table) -> Any:
        """Whom a success pays; the digest of an order may be a session's, and both are left then."""
        success = stands(g.g_standing, "success")
        whom = ibis.coalesce(g.g_order_id, g.g_session_id)
        return ibis.ifelse(success & whom.notnull(), _digest(whom), ibis.null("uint64"))

    def _figures_read(self, g: ir.Table, paid: bool) -> dict[str, Any]:
        """Gate's figures as decimals, and whether all that count are plainly written."""
        needed, more = [g.g_fiat_amount], list[Any]()
        swap = (g.g_action == "SWAP").fill_null(False) if paid else ibis.literal(False)
        if paid:
            others = {
                "g_total_pay_or_receive",
                "g_total_fees",
                *(f"g_{GATE_FIGURES[name]}" for name in self._figures),
            }
            more = [g[name] for name in sorted(others)]
        return {
            "g_swap": swap,
            "g_fiat": _small(g.g_fiat_amount),
            "g_total": _small(g.g_total_pay_or_receive),
            "g_fees": _small(g.g_total_fees),
            "g_tokens": ibis.ifelse(swap, _small(g.g_token_amount), ibis.null(SMALL)),
            "g_plain": _plain(needed, more)
            & ibis.ifelse(swap, _plain([g.g_token_amount], []), ibis.literal(True)),
        }

    def _sound(self, g: ir.Table) -> list[Any]:
        """A transaction that shows nothing wrong by itself, and plainly: other ones are left."""
        adds_up = ibis.cases(
            (g.g_action == "BUY", g.g_fiat + g.g_fees == g.g_total),
            (g.g_action == "SELL", g.g_total + g.g_fees == g.g_fiat),
            else_=True,
        )
        success, status = stands(g.g_standing, "success"), g.g_session_status
        once = [g.g_past_statuses.contains(json.dumps(w)) for w in self._terms.gate_words.success]
        early = g.g_created_at < self._terms.as_of - self._terms.stale_after
        overdue = (status == "open") & (g.g_expires_at < self._terms.as_of)
        return [
            g.g_plain,
            g.g_own.notnull(),
            given(ibis.ifelse(g.g_swap, g.g_token, g.g_currency)),
            adds_up | ~given(g.g_total_fees),
            ~stands(g.g_standing, "unknown"),
            success | ~reduce(or_, (flag.fill_null(False) for flag in once), ibis.literal(False)),
            ~(stands(g.g_standing, "in_flight") & early).fill_null(False),
            ~(success & status.isin(OVER)).fill_null(False),
            ~(overdue & ~stands(g.g_standing, "in_flight")).fill_null(False),
            g.g_linked,
            *self._of_session(g),
        ]

    def _sound_session(self, g: ir.Table) -> list[Any]:
        overdue = (g.g_status == "open") & (g.g_expires_at < self._terms.as_of)
        sound = [g.g_own.notnull(), ~overdue.fill_null(False), g.g_linked]
        return [*sound, *self._of_session(g)]

    def _of_session(self, g: ir.Table) -> list[Any]:
        """What has to be true of a session, or of that of a transaction, where one is known."""
        known = g.g_session_status.isnull() | g.g_session_status.isin(SESSION_STATUSES)
        if "mode" in self._has or self._terms.mode is None:
            return [known]
        return [known, g.g_mode.isnull() | (g.g_mode == self._terms.mode)]

    def _said_by_gate(self, g: ir.Table) -> dict[str, Any]:
        said = {name: _small(g[f"g_{GATE_FIGURES[name]}"].nullif("")) for name in self._figures}
        if "mode" in self._has:
            said["mode"] = g.g_mode
        for name in WORDS:
            if name in self._has:
                said[name] = _written(name, g[f"g_{name}"])
        return said | {kind: g[f"g_{kind}"] for kind in self._other_kinds()}

    def _names(self, g: ir.Table) -> list[Any]:
        kinds = self._terms.kinds
        return [qualified(g[f"g_{kind}"], kind, kinds) for kind in kinds]

    def _key(self, g: ir.Table) -> Any:
        """The digest of the first name that the ledger has for a record; of its only one."""
        names = self._names(g)
        if len(names) == 1:
            return _hashed(names[0])
        known = self._local.select(known=_hashed(self._local.l_key))
        found = [
            ibis.ifelse(_digest(name).isin(known.known), _hashed(name), ibis.null("uint64"))
            for name in names
        ]
        return ibis.coalesce(*found)

    def _check(self, g: ir.Table) -> Any:
        names = self._names(g)
        if len(names) == 1:
            return _check(names[0])
        key = self._key(g)
        return ibis.cases(
            *((key == _hashed(name), _check(name)) for name in names), else_=ibis.null("uint64")
        )

    # ── Both ─────────────────────────────────────────────────────────────────────────────────────

    def _crowd(self, left: ir.Table, right: ir.Table) -> pa.Table:
        """Digests that several rows have where each should have its own."""
        names = [left.h, right.gh]
        if self._terms.kinds in (("refid",), ("rail_id",)):
            # Sessions have no such id, so this is all of them, without what stands beside.
            names[1] = _hashed(self._transactions[self._terms.kinds[0]])
        if self._terms.kinds != ("refid",):
            names.append(right.own)
        # One after the other: at once they would be in memory together.
        found = [self._con.to_pyarrow(_several(name)) for name in names]
        paid_twice = self._con.to_pyarrow(_several(right.payer))["digest"]
        if len(paid_twice):
            twice = self._kept("zerogate_paid_twice", pa.table({"digest": paid_twice}))
            of = right.filter(right.payer.isin(twice.digest))
            for name in (of.gh, of.own):
                found.append(self._con.to_pyarrow(of.select(digest=name)))
        return pa.concat_tables(found)

    def _folded(self, p: ir.Table, crowded: Any) -> ir.Table:
        here, there = p.l_state.notnull(), p.g_standing.notnull()
        clear = (self._agree(p).fill_null(False) | (~here & p.g_alone).fill_null(False)) & ~crowded
        p = p.mutate(here=here, there=there, clear=clear)
        slim = p.select(
            "clear",
            "l_code",
            "g_code",
            "l_state",
            "here",
            "there",
            "l_value",
            "g_value",
            g_state=_state(p),
            paid=p.g_paid.fill_null(False),
            h=ibis.ifelse(p.clear, ibis.null("uint64"), p.key),
            own=ibis.ifelse(p.clear, ibis.null("uint64"), p.own),
        )
        totals = slim.group_by("clear", "l_code", "g_code", "l_state", "g_state", "h", "own").agg(
            ledger_rows=slim.here.sum().cast("int64"),
            ledger_sum=ibis.ifelse(slim.clear, slim.l_value, ibis.null(SMALL)).sum().cast(AMOUNT),
            gate_rows=slim.there.sum().cast("int64"),
            gate_sum=ibis.ifelse(slim.clear, slim.g_value, ibis.null(SMALL)).sum().cast(AMOUNT),
            gate_transactions=slim.paid.sum().cast("int64"),
        )
        return totals.mutate(differences=ibis.literal(0, "int64"), outside=ibis.literal(False))

    def _agree(self, p: ir.Table) -> Any:
        """Both rows are sound, of one key, and say the same of everything that both say."""
        same = [
            p.l_ok,
            p.g_ok,
            p.h2 == p.gh2,
            p.l_code == p.g_code,
            p.l_value == p.g_value,
            # Booked in the token that it bought: another reading, which the match has.
            (p.l_code != p.g_token_code).fill_null(True),
        ]
        if "status" in self._has:
            same.append(p.l_standing == p.g_standing)
        else:
            same.append(stands(p.g_standing, "success"))
        names = [*self._figures, *(n for n in ("mode", *WORDS) if n in self._has)]
        for name in (*names, *self._other_kinds()):
            same.append((p[f"l_{name}"] == p[f"g_{name}"]).fill_null(True))
        return reduce(and_, same)


def _all(conditions: list[Any]) -> Any:
    return reduce(and_, (condition.fill_null(False) for condition in conditions))


def _plain(needed: list[Any], more: list[Any]) -> Any:
    """Whether figures are exact decimals, and small enough to be added up by an engine.

    needed: Those that have to be there. more: Those that may be missing.
    """
    # In one text, because the call costs more than the reading.
    texts = [text + "!" for text in needed]
    texts += [ibis.coalesce(text.nullif(""), "0") + "!" for text in more]
    return reduce(add, texts).re_search(f"^(?:{_SMALL_DECIMAL}!){{{len(texts)}}}$")


def _small(text: Any) -> Any:
    """The decimal that a plain text says."""
    return text.try_cast(SMALL)


def _written(name: str, value: Any) -> Any:
    """Tokens and networks as they are compared: Gate itself writes `arbitrum` and `BASE`."""
    match name:
        case "token":
            return value.upper()
        case "network":
            return value.lower()
    return value


def _state(p: ir.Table) -> Any:
    unreadable = ibis.literal(UNREADABLE, "int8")
    return ibis.ifelse(p.there & p.g_value.isnull(), unreadable, p.g_standing)


def _several(digests: Any) -> ir.Table:
    names = digests.name("digest").as_table()
    names = names.filter(names.digest.notnull())
    counts = names.group_by("digest").agg(rows=names.count())
    return counts.filter(counts.rows > 1).select("digest")
