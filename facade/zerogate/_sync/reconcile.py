# Written by facade/unasync.py from facade/zerogate/_async/reconcile.py; edit that file.
"""Reads what Gate knows of one payment; what it means is decided in `_reconciliation/`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Unpack

from .. import _validation as validation
from .._compat import sync_half, sync_result, sync_sleep
from .._frames import discreet_class
from .._mistakes.collaborators import checked_inbox
from .._mistakes.misuse import explained
from .._observers import LOG
from .._reconciliation import (
    RAIL_FLOWS,
    RAIL_STATUSES,
    AnyAmount,
    AnyOrder,
    Expectation,
    Outcome,
    Part,
    Pending,
    Terms,
    flows_of,
    outcome_of_order,
    outcome_of_pay_in,
    outcome_of_pay_out,
    outcome_of_session,
    outcome_of_transaction,
    rails_named,
)
from .._reconciliation.session_history import seen_so_far
from .._unreadable import UnreadableRow
from .._wire import bodies, models
from ..errors import NotFound, ReadFailed
from ..money import Money
from .calls import Calls
from .order_lookup import WholeOrder, sync_entries_of
from .quotes import Quotes
from .rails import PayIns, PayOuts
from .sessions import Sessions
from .transactions import Transactions

if TYPE_CHECKING:
    from .._protocols import EventsOf
    from ..types import Session, Transaction


@explained
@discreet_class
class Reconcile:
    """`gate.reconcile`

    Every method takes these besides `expect` and `order`:

    flow: Which way the money goes, `on_ramp`, `off_ramp` or `swap`. A session that was created with
        `flow=` says it itself; where nobody says it, a success is held.
    namespace: Of the client that made it, this one's unless you say so; `ANY_NAMESPACE` opts out.
    amount_basis: Which amount the order is for: `fiat_amount`, or the `total` with its fees.
    network: On a swap: where the tokens must have moved.
    statuses: Which transaction statuses mean success; they are free-form and compared exactly.
    ended_at: When a session ended, where you know it: by its event, or by your own cancel. A store
        knows when it was first read so. Until a late-payment grace after that it is not `Failed`.
    timeout: Seconds for each of its reads.
    """

    def __init__(self, calls: Calls) -> None:
        self._calls = calls
        self._sessions = Sessions(calls)
        self._transactions = Transactions(calls)
        self._quotes = Quotes(calls)
        self._pay_ins = PayIns(calls)
        self._pay_outs = PayOuts(calls)

    def session(
        self, id: str, *, expect: Money | AnyAmount, order: str | AnyOrder, **terms: Unpack[Terms]
    ) -> Outcome:
        """Read a session and all of its transactions, note its end in the store; return its outcome.

        A session settles only through its transactions: its own amount is what we sent.

        expect: The amount that the order is for; on a swap, the token amount. `ANY_AMOUNT` opts out.
        order: Your reference, compared with `metadata.order_id`; one session settles one order.
            `ANY_ORDER` opts out.
        terms: `flow=`, `namespace=` and others; see the class.

        Raises:
            NotFound: no such session of this partner in this environment.
            ReadFailed, NotSent: nothing is known now; asking again is safe.
        """
        asked = self._known_terms(expect, order, terms)
        session, rows = self._read(id, terms.get("timeout"))
        return outcome_of_session(session, rows, **asked | self._history(session, order, terms))

    def transaction(
        self,
        refid: str,
        *,
        expect: Money | AnyAmount,
        order: str | AnyOrder,
        **terms: Unpack[Terms],
    ) -> Outcome:
        """Read a transaction with its session and others on that, as `session` does; return its outcome.

        A transaction without a session names no order: only `order=ANY_ORDER` can settle it.
        """
        asked = self._known_terms(expect, order, terms)
        row = self._transactions.retrieve(refid, timeout=terms.get("timeout"))
        if row.session_id is None:
            return outcome_of_transaction(row, None, [row], **asked)
        session, rows = self._read(row.session_id, terms.get("timeout"))
        history = self._history(session, order, terms)
        return outcome_of_transaction(row, session, rows, **asked | history)

    def pay_in(
        self, id: str, *, expect: Money | AnyAmount, order: str | AnyOrder, **terms: Unpack[Terms]
    ) -> Outcome:
        """Return the outcome of a pay-in, read with the quote it redeemed and its session.

        order: Compared with the rail's `reference`, which `pay_ins.create(order=…)` sends, and with
            the session's `metadata.order_id`: the service that made it stands only there.
        """
        asked = self._known_terms(expect, order, terms) | {
            "recorded": self._is_recorded("createPayIn", id, order)
        }
        return (self._judge_rail("pay_in", id, asked, terms.get("timeout"))).outcome

    def pay_out(
        self, id: str, *, expect: Money | AnyAmount, order: str | AnyOrder, **terms: Unpack[Terms]
    ) -> Outcome:
        """Return the outcome of a pay-out, read with the quote it names and its session.

        It is undocumented if its amount is net: see `Hold`.
        """
        asked = self._known_terms(expect, order, terms) | {
            "recorded": self._is_recorded("createPayOut", id, order)
        }
        return (self._judge_rail("pay_out", id, asked, terms.get("timeout"))).outcome

    def order(
        self,
        order: str,
        *,
        expect: Money | AnyAmount,
        since: datetime | None = None,
        pay_ins: Sequence[str] = (),
        pay_outs: Sequence[str] = (),
        inbox: EventsOf | None = None,
        **terms: Unpack[Terms],
    ) -> Outcome:
        """Read an order's attempts, note ends in the store; return its outcome. Needs a store or *since*.

        Its evidence is what a support engineer pastes into a ticket: ids, statuses, amounts, times and
        request ids, nothing about a person. Money that went in both directions is held.

        since: Without a store, how far back Gate's list of sessions is read for `metadata.order_id`.
        pay_ins, pay_outs: Ids of rails that no store of this client knows; rails cannot be listed.
        inbox: An `Inbox` of `zerogate_store`, whose events are joined.

        Raises:
            GateUsageError: neither a store nor `since=`: there is nothing to find the sessions by.
            ReadFailed, NotSent: nothing is known now; asking again is safe.
        """
        checked_inbox(inbox, sync_half)
        # Each letter of a text would be read as an id.
        pay_ins, pay_outs = (
            bodies.words(name, ids) or ()
            for name, ids in (("pay_ins", pay_ins), ("pay_outs", pay_outs))
        )
        timeout, asked = terms.get("timeout"), self._known_terms(expect, order, terms)
        whole = WholeOrder(self._calls, order, since, asked["namespace"])
        sessions, ins, outs = whole.find_ids(timeout)
        rails = [("pay_in", id) for id in dict.fromkeys((*ins, *pay_ins))] + [
            ("pay_out", id) for id in dict.fromkeys((*outs, *pay_outs))
        ]
        events = whole.events(inbox, [*sessions, *(id for _, id in rails)])
        parts: list[Part] = []
        for id in sessions:
            session, rows = self._read(id, timeout)
            more = terms.copy()
            end = whole.ends.get((id, str(getattr(session, "status", None))))
            if end is not None and terms.get("ended_at") is None:
                more["ended_at"] = end
            known = asked | self._history(session, order, more)
            outcome = outcome_of_session(session, rows, **known)
            parts.append(
                Part(id, id, outcome, rails_named(rows), flows_of(rows, Expectation(**asked)))
            )
        for kind, id in rails:
            mine = asked | {"recorded": id in (*ins, *outs)}
            parts.append(self._judge_rail(kind, id, mine, timeout))
        return outcome_of_order(
            parts, expect=expect, known=(*whole.intents, *events), in_doubt=whole.in_doubt
        )

    def wait(
        self,
        id: str,
        *,
        expect: Money | AnyAmount,
        order: str | AnyOrder,
        within: float = 300.0,
        inbox: EventsOf | None = None,
        **terms: Unpack[Terms],
    ) -> Outcome:
        """Read as `session` does until the outcome is not `Pending` or *within* seconds are over; return it.

        Reads with growing pauses, 1 to 30 seconds. With an inbox a webhook ends a pause: the read only
        confirms it. A session that is over while a payment may still show is handed back at once,
        with its `.look_again_at`, unless `within` reaches that.

        within: Seconds for all of it. inbox: An `Inbox` of `zerogate_store`. terms: As for `session`.
        """
        settings, inbox = self._calls.settings, checked_inbox(inbox, sync_half)
        ends, pause = settings.clock.monotonic() + validation.checked_within(within), 1.0
        while True:
            heard = self._count_events(inbox, id)
            outcome = self.session(id, expect=expect, order=order, **terms)
            left = ends - settings.clock.monotonic()
            if not isinstance(outcome, Pending) or left <= 0 or self._is_beyond(outcome, left):
                return outcome
            self._date_end(outcome, terms)
            self._pause(min(pause * (0.5 + settings.chance() / 2), left), inbox, id, heard)
            pause = min(pause * 2, 30.0)

    def _is_beyond(self, outcome: Outcome, left: float) -> bool:
        """Return True if the outcome's `look_again_at` lies over *left* seconds ahead, by Gate's clock."""
        again = outcome.look_again_at
        return again is not None and again.timestamp() > self._calls.server_now() + left

    def _date_end(self, outcome: Outcome, terms: Terms) -> None:
        """Set `ended_at` of *terms* to now for a cancelled session, if unset and without store."""
        if outcome.status == "cancelled" and self._calls.durability is None:
            seen = datetime.fromtimestamp(self._calls.server_span()[1], UTC)
            terms["ended_at"] = terms.get("ended_at") or seen

    def _pause(self, seconds: float, inbox: Any, id: str, heard: int) -> None:
        """Sleep *seconds*, or until the inbox has more than *heard* events of this id."""
        clock = self._calls.settings.clock
        ends = clock.monotonic() + seconds
        while (left := ends - clock.monotonic()) > 0:
            sync_sleep(clock, left if inbox is None else min(left, 0.5))
            if self._count_events(inbox, id) > heard:
                return

    def _count_events(self, inbox: Any, id: str) -> int:
        """Return the number of events that the inbox has of this id; 0 without an inbox."""
        return 0 if inbox is None else len(sync_result(inbox.about(id)))

    def _known_terms(
        self, expect: Money | AnyAmount, order: str | AnyOrder, terms: Terms
    ) -> dict[str, Any]:
        """Return the `Expectation` fields known before any read; GateUsageError for wrong ones."""
        settings, durability = self._calls.settings, self._calls.durability
        asked: dict[str, Any] = {n: value for n, value in terms.items() if n != "timeout"}
        asked |= {"expect": expect, "order": order, "mode": settings.credentials.mode}
        asked.setdefault("namespace", settings.namespace)
        if durability is not None:
            asked |= {
                "late_payment_grace": durability.late_payment_grace,
                "aliases": durability.aliases,
            }
        Expectation(**asked)
        return asked

    def _history(
        self, session: Session | UnreadableRow, order: str | AnyOrder, terms: Terms
    ) -> dict[str, Any]:
        """Return Gate's time, *ended_at* and the store's terms for judging; store a session's new end."""
        (now, latest), ended_at = self._calls.server_span(), terms.get("ended_at")
        durability = self._calls.durability
        told: dict[str, Any] = {} if ended_at is None else {"ended_at": ended_at}
        if durability is None or isinstance(session, UnreadableRow):
            return {"now": now, **told}
        rows = sync_entries_of(self._calls, "createSession", order, session)
        history = seen_so_far(rows, session, now=latest)
        if history.is_news:
            durability.session_ended(session.id, str(session.status), latest)
        return {**history.terms, "now": now, **told}

    def _is_recorded(self, operation: str, id: str, order: str | AnyOrder) -> bool:
        """Return True if the store has this id as the object of one of the order's own writes."""
        return any(row.object_id == id for row in sync_entries_of(self._calls, operation, order))

    def _judge_rail(self, kind: str, id: str, asked: dict[str, Any], timeout: float | None) -> Part:
        """Read a rail, its quote and its session; return its outcome as one part of an order.

        That a pay-out names a quote is only inferred.
        """
        rails: Any = self._pay_ins if kind == "pay_in" else self._pay_outs
        rail = rails.retrieve(id, timeout=timeout)
        quote = None
        if isinstance(rail.quote_id, str):
            quote = self._quotes.retrieve(rail.quote_id, timeout=timeout)
        session = self._rails_session(rail, timeout)
        judge = outcome_of_pay_in if kind == "pay_in" else outcome_of_pay_out
        moving = RAIL_STATUSES.get(str(rail.status)) != "failure"
        flows = frozenset({RAIL_FLOWS[kind]} if moving else ())
        parent = rail.gate_session_id if isinstance(rail.gate_session_id, str) else None
        outcome = judge(rail, quote, session, **asked | {"now": self._calls.server_now()})
        return Part(id, parent or None, outcome, flows=flows)

    def _rails_session(self, rail: Any, timeout: float | None) -> Any:
        """Read a rail's session; None where none is named, found or readable.

        It says whose the rail is.
        """
        if not isinstance(rail.gate_session_id, str) or not rail.gate_session_id:
            return None
        try:
            session = self._session(rail.gate_session_id, timeout)
        except NotFound:
            return None
        return None if isinstance(session, UnreadableRow) else session

    def _read(
        self, session_id: str, timeout: float | None
    ) -> tuple[Session | UnreadableRow, list[Transaction | UnreadableRow]]:
        """Read a session, then all its transactions; what does not fit is an UnreadableRow.

        In this order a completed one is never seen without what completed it.

        What became of a session is held where it, or a transaction of it, does not fit the contract.
        """
        session = self._session(session_id, timeout)
        listed = self._transactions.list(session_id=session_id, timeout=timeout)
        return session, [row for row in listed.all_rows()]

    def _session(self, id: str, timeout: float | None) -> Session | UnreadableRow:
        """Read a session; after any ReadFailed warn and read it again; an UnreadableRow if it does not fit.

        An order has to come to an outcome.
        """
        try:
            return self._sessions.retrieve(id, timeout=timeout)
        except ReadFailed as exc:
            failed = exc
        raw = self._sessions.retrieve_raw(id, timeout=timeout)
        LOG.warning("session %s is held: %s", id, failed)
        found: Session | UnreadableRow = models.read_rows("GateSession", [raw], "id")[0]
        return found
