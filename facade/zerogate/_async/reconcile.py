"""Reads what Gate knows of one payment and says what it means; the meaning is decided in `outcomes.py`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..money import Money
from ..outcomes import (
    DEFAULT_STATUSES,
    AmountBasis,
    AnyAmount,
    AnyOrder,
    Outcome,
    TransactionStatuses,
    outcome_of_pay_in,
    outcome_of_pay_out,
    outcome_of_session,
    outcome_of_transaction,
)
from .calls import AsyncCalls
from .quotes import AsyncQuotes
from .rails import AsyncPayIns, AsyncPayOuts
from .sessions import AsyncSessions
from .transactions import AsyncTransactions

if TYPE_CHECKING:
    from ..types import Session, Transaction


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
        return outcome_of_session(
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
        rail = await self._pay_ins.retrieve(id, timeout=timeout)
        quote = await self._quotes.retrieve(rail.quote_id, timeout=timeout)
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
        rail = await self._pay_outs.retrieve(id, timeout=timeout)
        quote = None
        if isinstance(rail.quote_id, str):
            quote = await self._quotes.retrieve(rail.quote_id, timeout=timeout)
        return outcome_of_pay_out(
            rail, quote, expect=expect, order=order, amount_basis=amount_basis
        )

    async def _read(
        self, session_id: str, timeout: float | None
    ) -> tuple[Session, list[Transaction]]:
        """A session, then its transactions: a completed one is never seen without what completed it."""
        session = await self._sessions.retrieve(session_id, timeout=timeout)
        listed = self._transactions.list(session_id=session_id, timeout=timeout)
        return session, [row async for row in listed]
