"""Reads what Gate knows of one payment and says what it means; the meaning is decided in `outcomes.py`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from .. import guards
from .._twins import async_got, async_half, async_sleep
from ..collaborators import checked_inbox
from ..errors import ReadFailed
from ..money import Money
from ..orders import Part, outcome_of_order, rails_named
from ..outcomes import (
    DEFAULT_STATUSES,
    AmountBasis,
    AnyAmount,
    AnyOrder,
    Outcome,
    Pending,
    TransactionStatuses,
    outcome_of_pay_in,
    outcome_of_pay_out,
    outcome_of_session,
    outcome_of_transaction,
)
from ..unreadable import UnreadableRow
from .calls import AsyncCalls
from .quotes import AsyncQuotes
from .rails import AsyncPayIns, AsyncPayOuts
from .sessions import AsyncSessions
from .transactions import AsyncTransactions
from .whole_order import AsyncWholeOrder

if TYPE_CHECKING:
    from ..exchange import AsyncEventsOf
    from ..types import PayIn, PayOut, Session, SignedQuote, Transaction


class AsyncReconcile:
    """`gate.reconcile`"""

    def __init__(self, calls: AsyncCalls) -> None:
        self._calls = calls
        self._sessions = AsyncSessions(calls)
        self._transactions = AsyncTransactions(calls)
        self._quotes = AsyncQuotes(calls)
        self._pay_ins = AsyncPayIns(calls)
        self._pay_outs = AsyncPayOuts(calls)

    async def session(
        self,
        id: str,
        *,
        expect: Money | AnyAmount,
        order: str | AnyOrder,
        amount_basis: AmountBasis | None = None,
        network: str | None = None,
        statuses: TransactionStatuses = DEFAULT_STATUSES,
        timeout: float | None = None,
    ) -> Outcome:
        """What became of one session, from the session and all of its transactions.

        A session settles only through its transactions: its own amount is what we sent.

        expect: The amount that the order is for; on a swap, the token amount. `ANY_AMOUNT` opts out.
        order: Your reference, compared with `metadata.order_id`; one session settles one order.
            `ANY_ORDER` opts out.
        network: On a swap: where the tokens must have moved.
        statuses: Which transaction statuses mean success; they are free-form and compared exactly.

        Raises:
            NotFound: no such session of this partner in this environment.
            ReadFailed, NotSent: nothing is known now; asking again is safe.
        """
        session, rows = await self._read(id, timeout)
        return self._judged(
            session,
            rows,
            expect=expect,
            order=order,
            statuses=statuses,
            amount_basis=amount_basis,
            network=network,
        )

    async def transaction(
        self,
        refid: str,
        *,
        expect: Money | AnyAmount,
        order: str | AnyOrder,
        amount_basis: AmountBasis | None = None,
        network: str | None = None,
        statuses: TransactionStatuses = DEFAULT_STATUSES,
        timeout: float | None = None,
    ) -> Outcome:
        """What one transaction means, judged with its session and what else was paid on it.

        A transaction without a session names no order: only `order=ANY_ORDER` can settle it.
        """
        row = await self._transactions.retrieve(refid, timeout=timeout)
        session, rows = None, [row]
        if row.session_id is not None:
            session, rows = await self._read(row.session_id, timeout)
        return outcome_of_transaction(
            row,
            session,
            rows,
            expect=expect,
            order=order,
            mode=self._calls.settings.credentials.mode,
            now=self._calls.settings.clock.now(),
            statuses=statuses,
            amount_basis=amount_basis,
            network=network,
        )

    async def pay_in(
        self,
        id: str,
        *,
        expect: Money | AnyAmount,
        order: str | AnyOrder,
        amount_basis: AmountBasis | None = None,
        timeout: float | None = None,
    ) -> Outcome:
        """What a pay-in means, read with the quote that it redeemed.

        order: Compared with the rail's `reference`, which `pay_ins.create(order=…)` sends.
        """
        rail, quote = await self._paid_in(id, timeout)
        return outcome_of_pay_in(rail, quote, expect=expect, order=order, amount_basis=amount_basis)

    async def pay_out(
        self,
        id: str,
        *,
        expect: Money | AnyAmount,
        order: str | AnyOrder,
        amount_basis: AmountBasis | None = None,
        timeout: float | None = None,
    ) -> Outcome:
        """What a pay-out means. Whether its amount is net of fees is not documented: see `Hold`."""
        rail, quote = await self._paid_out(id, timeout)
        return outcome_of_pay_out(
            rail, quote, expect=expect, order=order, amount_basis=amount_basis
        )

    async def _paid_in(self, id: str, timeout: float | None) -> tuple[PayIn, SignedQuote]:
        rail = await self._pay_ins.retrieve(id, timeout=timeout)
        return rail, await self._quotes.retrieve(rail.quote_id, timeout=timeout)

    async def _paid_out(self, id: str, timeout: float | None) -> tuple[PayOut, SignedQuote | None]:
        """The quote as well, where the pay-out names one: that it does is only inferred."""
        rail = await self._pay_outs.retrieve(id, timeout=timeout)
        if not isinstance(rail.quote_id, str):
            return rail, None
        return rail, await self._quotes.retrieve(rail.quote_id, timeout=timeout)

    async def order(
        self,
        order: str,
        *,
        expect: Money | AnyAmount,
        amount_basis: AmountBasis | None = None,
        network: str | None = None,
        statuses: TransactionStatuses = DEFAULT_STATUSES,
        since: datetime | None = None,
        pay_ins: Sequence[str] = (),
        pay_outs: Sequence[str] = (),
        inbox: AsyncEventsOf | None = None,
        timeout: float | None = None,
    ) -> Outcome:
        """What became of an order: the sessions of all its attempts, transactions, rails and events.

        Its evidence is what a support engineer pastes into a ticket: ids, statuses, amounts, times and
        request ids, nothing about a person.

        since: Without a store, how far back Gate's list of sessions is read for `metadata.order_id`.
        pay_ins, pay_outs: Ids of rails that no store of this client knows; rails cannot be listed.
        inbox: An `Inbox` of `zerogate_inbox`, whose events are joined.

        Raises:
            GateUsageError: neither a store nor `since=`: there is nothing to find the sessions by.
            ReadFailed, NotSent: nothing is known now; asking again is safe.
        """
        checked_inbox(inbox, async_half)
        whole = AsyncWholeOrder(self._calls, order, since)
        sessions, ins, outs = await whole.found(timeout)
        parts: list[Part] = []
        for id in sessions:
            session, rows = await self._read(id, timeout)
            outcome = self._judged(
                session,
                rows,
                expect=expect,
                order=order,
                statuses=statuses,
                amount_basis=amount_basis,
                network=network,
            )
            parts.append(Part(id, id, outcome, rails_named(rows)))
        asked = {"expect": expect, "order": order, "amount_basis": amount_basis}
        for id in dict.fromkeys((*ins, *pay_ins)):
            paid_in, quote = await self._paid_in(id, timeout)
            outcome = outcome_of_pay_in(paid_in, quote, **asked)
            parts.append(Part(id, paid_in.gate_session_id, outcome))
        for id in dict.fromkeys((*outs, *pay_outs)):
            paid_out, quoted = await self._paid_out(id, timeout)
            outcome = outcome_of_pay_out(paid_out, quoted, **asked)
            parts.append(Part(id, paid_out.gate_session_id or None, outcome))
        events = await whole.events(inbox, [part.id for part in parts])
        return outcome_of_order(parts, known=(*whole.intents, *events), in_doubt=whole.in_doubt)

    async def wait(
        self,
        id: str,
        *,
        expect: Money | AnyAmount,
        order: str | AnyOrder,
        within: float = 300.0,
        inbox: AsyncEventsOf | None = None,
        **asked: Any,
    ) -> Outcome:
        """What became of a session, as soon as it is not `Pending`; the last outcome where time ends.

        Reads with growing pauses, 1 to 30 seconds. With an inbox a webhook ends a pause: the read only
        confirms it.

        within: Seconds for all of it. inbox: An `Inbox` of `zerogate_inbox`. asked: As for `session`.
        """
        settings, inbox = self._calls.settings, checked_inbox(inbox, async_half)
        ends, pause = settings.clock.monotonic() + guards.checked_within(within), 1.0
        while True:
            heard = await self._heard(inbox, id)
            outcome = await self.session(id, expect=expect, order=order, **asked)
            left = ends - settings.clock.monotonic()
            if not isinstance(outcome, Pending) or left <= 0:
                return outcome
            await self._pause(min(pause * (0.5 + settings.chance() / 2), left), inbox, id, heard)
            pause = min(pause * 2, 30.0)

    async def _pause(self, seconds: float, inbox: Any, id: str, heard: int) -> None:
        """So long, or until the inbox has heard more of it."""
        clock = self._calls.settings.clock
        ends = clock.monotonic() + seconds
        while (left := ends - clock.monotonic()) > 0:
            await async_sleep(clock, left if inbox is None else min(left, 0.5))
            if await self._heard(inbox, id) > heard:
                return

    async def _heard(self, inbox: Any, id: str) -> int:
        return 0 if inbox is None else len(await async_got(inbox.about(id)))

    def _judged(self, session: Session, rows: list[Transaction], **asked: Any) -> Outcome:
        settings = self._calls.settings
        return outcome_of_session(
            session,
            rows,
            mode=settings.credentials.mode,
            now=settings.clock.now(),
            **asked,
        )

    async def _read(
        self, session_id: str, timeout: float | None
    ) -> tuple[Session, list[Transaction]]:
        """A session, then its transactions: a completed one is never seen without what completed it."""
        session = await self._sessions.retrieve(session_id, timeout=timeout)
        rows: list[Transaction] = []
        async for row in self._transactions.list(session_id=session_id, timeout=timeout).all_rows():
            if isinstance(row, UnreadableRow):
                raise ReadFailed(
                    f"transaction {row.id!r} of session {session_id} cannot be read ({row.why}): "
                    "what became of the session cannot be said without it"
                )
            rows.append(row)
        return session, rows
