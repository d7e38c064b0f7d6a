"""The journal of one client; and the end of attempts: what has to be over before another may be made."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Sequence
from functools import partial
from typing import Any

from zerogate import errors
from zerogate._observers import LOG
from zerogate._reconciliation import (
    ANY_AMOUNT,
    ANY_NAMESPACE,
    ANY_ORDER,
    RAIL_STATUSES,
    Outcome,
    outcome_of_session,
)
from zerogate._reconciliation.session_history import next_look, seen_so_far
from zerogate._wire import operations

from .._compat import async_run_in_transaction
from .._deadlines import WAITED_AT_MOST, waited_for
from .._journal import steps as journal
from .._journal import store_loss
from .._journal.decisions import TAKEN_IN, TAKEN_IN_OVER, is_unjudged
from .._journal.leases import SLICE
from .._journal.steps import TERMS, Intent
from .._nested import WouldWaitForItself
from .recovering import AsyncRecovering
from .store_journal import AsyncStoreJournal


class AsyncJournaling(AsyncRecovering):
    """Journal of one client, its account, mode and namespace in a store: an `AsyncDurability`."""

    covers: Collection[str] = frozenset(TERMS)

    @property
    def late_payment_grace(self) -> float:
        """Seconds for which lists may be silent on a payment that had begun."""
        return self.store.late_payment_grace

    @property
    def journal(self) -> AsyncStoreJournal:
        """Return a new `gate.journal` for this client."""
        return AsyncStoreJournal(self)

    async def of_order(self, operation: str, order: str, /) -> Sequence[Intent]:
        """Return all attempts of an order, the first one first."""
        step = partial(journal.of_order, self.scope, operation, order)
        with waited_for(WAITED_AT_MOST):
            return await async_run_in_transaction(self.store, step)

    # --- the end of attempts ---

    async def close_attempt(self, row: Intent, ends: float, *, at_once: bool = False) -> None:
        """Settle an attempt, cancel spare sessions, close it so that another may be made; or AttemptOpen.

        at_once: Cancel what is open and wait for nothing, where nobody has begun to pay.

        Raises:
            AttemptOpen: it is not, or is not known to be.
        """
        if row.closed_at is None:
            # Once it is closed, nothing of its order stands in the way of another.
            for other in await self.of_order(row.operation, row.order_ref or ""):
                if is_unjudged(other):
                    await self.close_attempt(other, ends)
        if row.is_held:
            raise journal.refusal(journal.PreviousAttemptOpen(row))
        if row.outcome == journal.OLDER:
            raise journal.refusal(journal.Held(row))
        if row.state == "sent":
            row = await self._settle(row, ends)
        end = None
        if row.state == "known":
            row, end = await self._check_over(row, ends, at_once=at_once)
        if row.state in ("intended", "rejected"):
            raise journal.refusal(journal.PreviousAttemptOpen(row))
        now, holder = self.calls.sound_now(), secrets.token_hex(8)
        told = TAKEN_IN_OVER if row.outcome == TAKEN_IN else row.outcome
        closed = row.evolved(
            closed_at=now, holder=holder, due_at=self._next_look_at(row, end), outcome=told
        )
        await async_run_in_transaction(
            self.store, partial(journal.save_intent, closed, was=row.holder)
        )

    def _next_look_at(self, row: Intent, end: float | None) -> float | None:
        """Return when to look next at an attempt that makes way, by our clock; None: never."""
        now, server_now = self.calls.sound_now(), self.calls.server_now()
        grace = self.store.late_payment_grace
        look = None if end is None else next_look(end, grace=grace, now=server_now)
        due = [row.due_at, None if look is None else now + look - server_now]
        return min((at for at in due if at is not None), default=None)

    async def _settle(self, row: Intent, ends: float) -> Intent:
        """Search for what an attempt in doubt made, send nothing; return it known or absent, or AttemptOpen.

        AttemptOpen is raised where it stays in doubt.
        """
        async with self.leases.hold(sends=False) as hold:
            return await self._settle_held(
                await self._take_over(row, ends, hold, journal.PreviousAttemptOpen), ends
            )

    async def _settle_held(self, mine: Intent, ends: float) -> Intent:
        """Search for what an attempt we hold made; return it recorded, known or absent; or AttemptOpen."""
        mine = await self._date_first_send(mine, ends)
        looked = await self._look(mine, ends)
        if looked.found:
            await self._record_newest(mine, looked, ends)
            return await self._read_row(mine)
        now = self.calls.sound_now()
        gone = looked.complete and mine.operation == "createSession"
        gone = gone and await self._why_not_absent(mine, looked) is None
        if not gone or now - (mine.trusted_from or 0.0) < self.store.idempotency_window:
            await self._record(mine.doubtful(now, None, search_cursor=looked.cursor), None, ends)
            raise journal.refusal(journal.PreviousAttemptOpen(mine))
        absent = mine.evolved(state="absent", body=None).mark_swept(
            now, self.store.idempotency_window, ()
        )
        await self._record(absent, None, ends)
        return absent

    async def _check_over(
        self, row: Intent, ends: float, *, at_once: bool = False
    ) -> tuple[Intent, float | None]:
        """Cancel spare sessions, all if *at_once*; return intent, session's end or None; else AttemptOpen.

        By all of its objects, and by what was paid on them.

        Raises:
            AttemptOpen: something may.
        """
        assert row.object_id is not None
        if row.operation != "createSession":
            rail = await self.calls.ask(
                operations.READS[row.operation], timeout=None, until=ends, id=row.object_id
            )
            if RAIL_STATUSES.get(str(rail.status)) != "failure":
                raise self._still_open(row, f"it is {rail.status}")
            return row, None
        if not await self.catch_up.may_be_replaced(row):
            raise self._still_open(row, store_loss.REPLACED_BY_WORD)
        if row.another is not None:
            both = f"{row.object_id} and {row.another} carry its key: a person has to decide"
            raise self._still_open(row, both)
        end = None
        for id in (*row.duplicates, row.object_id) if at_once else ():
            await self._check_unbegun(row, id, ends)
        for id in (*row.duplicates, row.object_id):
            if at_once:
                await self._give_up(row, id, ends)
            elif id != row.object_id and row.outcome != TAKEN_IN:
                await self._cancel_unseen(id, ends)
            session, outcome, row = await self._read_and_judge(row, id, ends, at_once=at_once)
            if not outcome.may_retry:
                by_id = outcome.reason in ("open", "overdue") and row.outcome == TAKEN_IN
                why = store_loss.CANCELLED_BY_ID.format(id=id) if by_id else outcome.next_step
                raise self._still_open(row, why, session, outcome)
            if row.secret_may_be_out:
                end = row.status_at
        return row, end

    def _still_open(
        self, row: Intent, why: str, session: Any = None, outcome: Outcome | None = None
    ) -> errors.AttemptOpen:
        """Return (not raise) AttemptOpen for this reason; retry_after: seconds until *outcome* may change."""
        again = None if outcome is None else outcome.look_again_at
        return errors.AttemptOpen(
            f"order {row.order_ref!r}, attempt {row.attempt} is not over: {why}",
            session=session,
            retry_after=None if again is None else again.timestamp() - self.calls.server_now(),
            **row.context,
        )

    async def _read_and_judge(
        self, row: Intent, id: str, ends: float, *, at_once: bool = False
    ) -> tuple[Any, Outcome, Intent]:
        """Read a session and its payments, record a new status; return session, outcome and row.

        at_once: A cancelled one is over as soon as it is cancelled.
        """
        session = await self.calls.ask(operations.RETRIEVE_SESSION, timeout=None, until=ends, id=id)
        listed = self.calls.transactions.list(session_id=id)
        rows, (now, latest) = [one async for one in listed.all_rows()], self.calls.server_span()
        history, status = seen_so_far([row], session, now=latest), str(session.status)
        if history.is_news:
            row = row.evolved(object_status=status, status_at=latest)
            await async_run_in_transaction(self.store, partial(journal.save_intent, row))
        # Nothing is waited for then, not even for the second that Gate's Date is exact to.
        given_up = {"secret_out": False} if at_once and status == "cancelled" else {}
        outcome = outcome_of_session(
            session,
            rows,
            **{
                "expect": ANY_AMOUNT,
                "order": ANY_ORDER,
                "namespace": ANY_NAMESPACE,
                "now": now,
                "statuses": self.store.statuses,
                "late_payment_grace": self.store.late_payment_grace,
                **history.terms,
                # Only for another attempt is one closed.
                "replaced": row.closed_at is not None,
                **given_up,
            },
        )
        return session, outcome, row

    async def _give_up(self, row: Intent, id: str, ends: float) -> None:
        """Cancel a session, unless another store may have made it; AttemptOpen if somebody began to pay it.

        Raises:
            AttemptOpen: somebody has.
        """
        await self._check_unbegun(row, id, ends)
        if row.outcome == TAKEN_IN:
            # Another store's, perhaps, with the same key: who cancels it has to name it.
            return
        try:
            await self.calls.sessions.cancel(id, timeout=max(0.1, self._left(ends)))
        except errors.AlreadyTerminal as exc:
            LOG.info("session %s had ended before it could be cancelled: %s", id, exc)
        await self._check_unbegun(row, id, ends)

    async def _check_unbegun(self, row: Intent, id: str, ends: float) -> None:
        """Raise AttemptOpen where a transaction of the session is listed: somebody has begun to pay.

        Raises:
            AttemptOpen: one is.
        """
        listed = await self.calls.ask(
            operations.LIST_TRANSACTIONS, timeout=None, until=ends, session_id=id, limit=1
        )
        if listed.data:
            raise self._still_open(row, f"somebody has begun to pay session {id}")

    async def give_up(self, order: str, before: int, ends: float) -> int:
        """Cancel and close attempts below *before*; return how many, 0 if that one exists; or AttemptOpen.

        Returns how many were closed.

        Raises:
            AttemptOpen: somebody has begun to pay, or one of them is completed or in doubt.
        """
        rows = await self.of_order("createSession", order)
        if any(row.attempt is not None and row.attempt >= before for row in rows):
            return 0
        open_ = [r for r in rows if r.closed_at is None and r.state not in ("intended", "rejected")]
        for row in open_:
            # Before anything is cancelled: what is to follow has to be sent at once.
            await self.catch_up.check_sending(row, ends)
        for row in open_:
            await self.close_attempt(row, ends, at_once=True)
        return len(open_)

    async def make_way(self, row: Intent, ends: float, *, at_once: bool) -> Intent:
        """Close an attempt, cancel its session if *at_once* or no secret is out; return it, or AttemptOpen.

        Returns the attempt as it stands then.

        Raises:
            AttemptOpen: it is open and somebody may pay it, or it ended too short a time ago.
        """
        session, outcome, row = await self._read_and_judge(row, str(row.object_id), ends)
        grace = self.store.late_payment_grace
        if outcome.reason in ("open", "overdue") and not at_once:
            if row.secret_may_be_out:
                raise self._still_open(
                    row,
                    f"session {session.id} is {outcome.reason} and its secret was handed out, so "
                    f"somebody may be paying it. Cancel it, and call again {grace:.0f} s later; or "
                    "say at_once=True, if a second payment is a risk that you take",
                    session,
                ).with_context(retry_after=grace)
            await self._give_up(row, session.id, ends)
        if row.closed_at is None:
            await self.close_attempt(await self._read_row(row), ends, at_once=at_once)
        return await self._read_row(row)

    async def _read_again(self, row: Intent, ends: float) -> tuple[Intent, Outcome | None]:
        """Read an attempt that made way, record its next look; return it and a payment's outcome, or None."""
        shows = None
        for id in (*row.duplicates, row.object_id):
            _, outcome, row = await self._read_and_judge(row, str(id), ends)
            if not outcome.may_retry and outcome.reason != "may_still_show":
                shows = outcome
                LOG.warning(
                    "order %s, attempt %s made way for another, and session %s is %s: %s",
                    *(row.order_ref, row.attempt, id, outcome.reason, outcome.next_step),
                )
        end = row.status_at or row.closed_at
        stands = row.evolved(lease=None, due_at=None)
        stands = stands.evolved(due_at=self._next_look_at(stands, end))
        await self._record(stands, None, ends)
        return stands, shows

    async def _cancel_unseen(self, id: str, ends: float) -> bool:
        """Cancel a session whose secret nobody has, unless it is paid; return False only if Gate failed."""
        try:
            rows = await self.calls.ask(
                operations.LIST_TRANSACTIONS, timeout=None, until=ends, session_id=id, limit=1
            )
            if not rows.data:
                await self.calls.sessions.cancel(id, timeout=max(0.1, self._left(ends)))
        except errors.AlreadyTerminal:
            return True
        except errors.GateError as exc:
            LOG.warning("session %s is one too many and could not be cancelled yet: %s", id, exc)
            return False
        return True

    async def session_ended(self, id: str, status: str, at: float, /) -> None:
        """Note that a session ended at *at*, by Gate's clock; a StoreFailed is only logged."""
        step = partial(journal.note_status, self.scope, id, status, at)
        try:
            with waited_for(SLICE):
                await async_run_in_transaction(self.store, step)
        except (errors.StoreFailed, WouldWaitForItself) as exc:
            LOG.warning("that session %s is %s could not be noted: %s", id, status, exc)
