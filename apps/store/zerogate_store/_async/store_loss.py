"""Notices that a store has forgotten, and walks the account. Decisions are in `store_loss.py`."""

from __future__ import annotations

import math
import secrets
from collections import deque
from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from attrs import evolve
from zerogate._async.seam import AsyncSending
from zerogate._compat import async_result, async_sleep
from zerogate._durability import Recovered, StoreLoss
from zerogate._observers import LOG
from zerogate._pagination import CursorPaginator
from zerogate._reconciliation import ANY_ORDER, AnyOrder
from zerogate._wire import operations
from zerogate.errors import GateError, GateUsageError, RequestRejected, StoreFailed

from .._compat import async_run_in_transaction
from .._journal import listings, store_loss, store_walks
from .._journal.decisions import is_first_send
from .._journal.statements import Step
from .._journal.steps import Intent, Scope
from .._journal.store_loss import Refused
from .holding import AsyncLeases

if TYPE_CHECKING:
    from .._store import Store

#: Seconds of a refused send in which it goes on with the walk, so that it ends without recover().
_SLICE: Final = 5.0


class AsyncCatchUp:
    """One client's view of its store's memory: when it looked last, what it wrote itself."""

    def __init__(
        self, calls: AsyncSending, store: Store, scope: Scope, leases: AsyncLeases
    ) -> None:
        self._calls, self._store, self._scope = calls, store, scope
        self._leases = leases
        self._clock = calls.clock
        self._written: deque[tuple[str, str]] = deque(maxlen=store_loss.REMEMBERED)
        self._looked_at: float | None = None
        self._looking = self._forgotten = False
        #: By how much a Date was ahead at most, and when that was seen: see `_date_ahead`.
        self._ahead = (math.inf, -math.inf)
        self._troubles = self._count_troubles()

    def _count_troubles(self) -> int:
        """Return how many database troubles the store has counted; 0 if the store has no counter."""
        found: int = getattr(self._store, "troubles", 0)
        return found

    # --- before a send ---

    async def run_admitted(
        self, asked: Intent, step: Callable[[], Step[Any]], ends: float, *, new_order: bool = False
    ) -> Any:
        """Run *step*, return its result; if the store forgot: NotSent, OutcomeUnknown, rails GateUsageError.

        Raises:
            NotSent: it has; `.retry_after`. GateUsageError: it had, and this is a rail: see `vouch`.
        """
        while True:
            if not self._forgotten:
                await self.look(ends)
            done = await async_run_in_transaction(
                self._store, self._guarded_step(asked, step, new_order)
            )
            if isinstance(done, Refused):
                await self._refuse(done, asked, ends)
            elif self._forgotten and not done.forgotten:
                # The walks are over; the page is compared once more before anything is sent.
                self._forgotten, self._looked_at = False, None
            else:
                self._remember(asked, done.result)
                if self._count_troubles() == self._troubles or self._clock.monotonic() >= ends:
                    return done.result
                # The database went away in between: what came back may be another one.

    def _guarded_step(
        self, asked: Intent, step: Callable[[], Step[Any]], new_order: bool
    ) -> Callable[[], Step[Any]]:
        """Return a step: Admitted with *step*'s result; or Refused, a loss noted, where the store forgot."""
        return partial(
            store_loss.unless_forgotten,
            asked,
            step,
            new_order=new_order,
            remembered=(asked.operation, asked.key) in self._written,
            now=self._calls.sound_now(),
            gate_time=self._calls.server_now(),
        )

    async def _refuse(self, refused: Refused, asked: Intent, ends: float) -> None:
        """Go on with the walk; raise NotSent, OutcomeUnknown or GateUsageError unless that ended the loss."""
        if not refused.loss.over:
            self._forgotten = True
            loss = await self.walk_on(self._time_share(ends, _SLICE))
            if loss is not None and loss.over:
                return
            refused = evolve(refused, loss=loss or refused.loss)
        raise store_loss.refusal(
            refused, asked, self._calls.sound_now(), self._store.late_payment_grace
        )

    def _remember(self, asked: Intent, result: Any) -> None:
        """Remember in memory that a write has a row, unless the result is False or another row's."""
        written = (asked.operation, asked.key)
        there = getattr(result, "intent", asked).key == asked.key and result is not False
        if there and written not in self._written:
            self._written.append(written)

    async def look(self, ends: float) -> None:
        """Compare Gate's newest page with the store if that is due, note a loss; failures are only logged."""
        until = self._time_share(ends, store_loss.READING)
        while self._looking and self._clock.monotonic() < until:
            await async_sleep(self._clock, 0.05)
        if self._is_look_due():
            self._looking = True
            try:
                await self._compare(until)
            finally:
                self._looking = False

    def _is_look_due(self) -> bool:
        """Return True if the last comparison is ten minutes old, or its database had trouble since."""
        if self._looked_at is None or self._count_troubles() != self._troubles:
            return True
        return self._clock.monotonic() - self._looked_at >= store_loss.AGAIN

    async def _compare(self, until: float) -> None:
        """Read the newest page, compare it with the store, note a loss; log a failure only."""
        troubles = self._count_troubles()
        try:
            page = await self._calls.ask(
                operations.LIST_SESSIONS.raw_rows(), timeout=None, until=until, limit=100
            )
            step = partial(
                store_loss.compare,
                self._scope,
                listings.ours(page.data, self._scope.namespace),
                tuple(self._written),
                partner=listings.partner_of(page.data),
                now=self._calls.sound_now(),
                gate_time=self._calls.server_now(),
            )
            loss = await async_run_in_transaction(self._store, step)
        except GateError as exc:
            LOG.info("the newest sessions could not be compared with the store: %s", exc)
            if not isinstance(exc, StoreFailed):
                # The list is owed; that the database failed has been seen.
                self._looked_at, self._troubles = None, troubles
            return
        self._looked_at, self._troubles = self._clock.monotonic(), troubles
        if loss is not None:
            self._hold_first_sends(loss)

    def _hold_first_sends(self, loss: StoreLoss) -> None:
        """Have first sends wait from now on, forget our own writes, log the loss."""
        self._forgotten = True
        self._written.clear()
        LOG.warning("the store of %r %s", self._scope.account, loss)

    def _time_share(self, ends: float, most: float) -> float:
        """Return the time *most* seconds from now, sooner if that is over a quarter of what *ends* leaves."""
        now = self._clock.monotonic()
        return now + max(0.0, min(most, (ends - now) / 4))

    # --- one answer ---

    @property
    def has_looked(self) -> bool:
        """Return True once the newest page was read in this process: in two seconds, so its Date is sound."""
        return self._looked_at is not None

    async def is_age_open(self, was: Intent, told: object, begun: float, ends: float) -> bool:
        """Return True if an answer may predate its key's first send, and the newest page could not be read.

        Where no other answer has told Gate's clock, that of a slow one may be late by all that it took.
        """

        def is_open() -> bool:
            """Return True if an answer is older by the Date, but not once the time it took is subtracted."""
            ahead = store_loss.date_ahead(told, self._calls.server_now())
            return ahead - (self._clock.monotonic() - begun) <= store_loss.LEEWAY < ahead

        if self.has_looked or not (store_loss.never_sent(was) and is_open()):
            return False
        await self.look(ends)
        return not self.has_looked

    def seconds_older(
        self, intent: Intent, was: Intent, record: object, begun: float
    ) -> float | None:
        """Return by how many seconds an answer predates its key's first send; None if under 5 or unknown.

        was: The intent as it stood before it was sent.
        """
        if record is None:
            return None
        dated = self._calls.dated_now()
        ahead = self._date_ahead(record, dated)
        if not store_loss.never_sent(was):
            # No send of the key made it, however late this one is.
            return store_loss.seconds_before_sent(was, record)
        # Not `sound_now`, which is the Date's where that is ahead: see `store_loss.seconds_older`.
        taken, now = self._clock.monotonic() - begun, self._clock.now()
        # As it read then: somebody may have set it in between.
        ours = (now - taken if intent.sent_own is None else intent.sent_own, now)
        return store_loss.seconds_older(record, dated, taken, ours, ahead)

    def _date_ahead(self, record: object, dated: float | None) -> float:
        """Note by how much the Date may be ahead of a record; return the least of the last ten minutes."""
        now, ahead = self._clock.monotonic(), store_loss.date_ahead(record, dated)
        if ahead <= self._ahead[0] or now - self._ahead[1] > store_loss.AGAIN:
            self._ahead = (ahead, now)
        return self._ahead[0]

    def first_send_at(self, intent: Intent, was: Intent, begun: float) -> float | None:
        """Return when a first send began, by Gate's clock; None if noted, no first one, or without a Date."""
        if intent.first_sent_at is not None or not is_first_send(was):
            return None
        now = self._calls.dated_now()
        return None if now is None else now - (self._clock.monotonic() - begun)

    async def note_older(self, id: str, older: float) -> None:
        """Note a loss: a session is *older* seconds older than its key's first send."""
        await self.note(f"{id} is under a key that was first sent {older:.0f} s after it was made")

    async def put_back(self, stands: Intent) -> bool:
        """Add the row of an answer if it is gone, note a loss for it; return True if it was added."""
        step = partial(
            store_loss.put_back,
            stands,
            now=self._calls.sound_now(),
            gate_time=self._calls.server_now(),
        )
        loss, added = await async_run_in_transaction(self._store, step)
        if loss is not None:
            self._hold_first_sends(loss)
        return bool(added)

    async def note(self, reason: str, since: float = 0.0, asked: int = 0) -> StoreLoss:
        """Note that the store has forgotten; return the loss. First sends wait from then on."""
        step = partial(
            store_loss.note_loss,
            self._scope,
            reason,
            now=self._calls.sound_now(),
            gate_time=self._calls.server_now(),
            since=since,
            asked=asked,
        )
        loss: StoreLoss = await async_run_in_transaction(self._store, step)
        self._hold_first_sends(loss)
        return loss

    # --- the walks ---

    async def state(self) -> StoreLoss | None:
        """Return the last loss, over or not; None where there never was one."""
        step = partial(store_loss.read_loss, self._scope)
        found: StoreLoss | None = await async_run_in_transaction(self._store, step)
        return found

    async def walk_on(self, until: float) -> StoreLoss | None:
        """Walk Gate's list up to time *until*, if nobody else does; return the loss after that, or None."""
        while True:
            holder, now = secrets.token_hex(8), self._calls.sound_now()
            step = partial(
                store_walks.claim_walk,
                self._scope,
                now=now,
                lease=self._leases.of_walk(),
                holder=holder,
            )
            loss = await async_run_in_transaction(self._store, step)
            if loss is None or not await self._walk_on(loss, holder, until):
                return await self.state()

    async def _walk_on(self, loss: StoreLoss, holder: str, until: float) -> bool:
        """Walk on through the list up to time *until*; True at its end. Errors are logged and give False."""
        walk: CursorPaginator[Any] = CursorPaginator(_row_id, loss.search_cursor)
        try:
            while self._clock.monotonic() < until:
                page = await self._calls.ask(
                    operations.LIST_SESSIONS.raw_rows(),
                    timeout=None,
                    until=until,
                    limit=100,
                    starting_after=walk.at,
                )
                if await self._take_in_page(loss, walk, page, holder):
                    return await self._end_walk(holder)
        except RequestRejected as exc:
            # A cursor that is refused once would be refused for ever: from the newest again.
            LOG.warning("the walk after a loss begins anew: %s", exc)
            await self._keep_page(loss, [], None, holder)
        except GateError as exc:
            LOG.warning("the walk after a loss goes on later: %s", exc)
        await async_run_in_transaction(
            self._store, partial(store_walks.leave_walk, self._scope, holder)
        )
        return False

    async def _take_in_page(
        self, loss: StoreLoss, walk: CursorPaginator[Any], page: Any, holder: str
    ) -> bool:
        """Keep a page's sessions; return True if no more pages are needed. GateError if another one walks."""
        rows = [row for row in page.data if isinstance(row.get("id"), str) and row["id"]]
        walk.take(rows, page.has_more)
        if not await self._keep_page(loss, rows, walk.at, holder):
            raise GateError("another worker has taken the walk over")
        return walk.over or store_walks.is_last_page(rows, loss.since)

    async def _keep_page(self, loss: StoreLoss, rows: Any, cursor: str | None, holder: str) -> bool:
        """Keep a page's sessions and where the walk goes on, return True; False where another walks."""
        step = partial(
            store_walks.take_in,
            self._scope,
            loss,
            listings.ours(rows, self._scope.namespace),
            cursor=cursor,
            holder=holder,
            now=self._calls.sound_now(),
            lease=self._leases.of_walk(),
        )
        kept: bool = await async_run_in_transaction(self._store, step)
        return kept

    async def _end_walk(self, holder: str) -> bool:
        """Record that the walk reached the list's end, log it if the loss is over; return True."""
        now, grace = self._calls.sound_now(), self._store.late_payment_grace
        step = partial(store_walks.end_walk, self._scope, now=now, grace=grace, holder=holder)
        loss = await async_run_in_transaction(self._store, step)
        if loss is not None and loss.over:
            LOG.warning("the store of %r %s", self._scope.account, loss)
        return True

    # --- what a person asks for ---

    async def walk_or_report(self, ends: float) -> Recovered | None:
        """Look and walk on; return recovery's report if it has to wait, None where it may go on."""
        await self.look(ends)
        loss = await self.state()
        if loss is not None and not loss.over:
            loss = await self.walk_on(ends)
        if loss is None or loss.over:
            return None
        return store_loss.reported(loss, self._calls.sound_now(), self._store.late_payment_grace)

    async def rebuild(self, since: datetime, inbox: Any, ends: float) -> StoreLoss:
        """Note a loss, walk back to *since*, keep what *inbox* heard; return it; GateUsageError: no zone."""
        if not isinstance(since, datetime) or since.tzinfo is None:
            raise GateUsageError("since= is a datetime with a time zone: when the backup was made")
        await self.note("rebuild was asked for", since=since.timestamp(), asked=1)
        loss = await self.walk_on(ends)
        if inbox is not None:
            # After the list: a rail is ours where its session is.
            await self._take_in_heard_of(inbox, since, ends)
        assert loss is not None
        return loss

    async def _take_in_heard_of(self, inbox: Any, since: datetime, ends: float) -> None:
        """Read and take in what an inbox has heard of; a GateError is only logged."""
        for kind, id in await async_result(inbox.heard_of(since)):
            try:
                await self._take_in_object(kind, id, ends)
            except GateError as exc:
                LOG.warning("%s %s was heard of and could not be taken in: %s", kind, id, exc)

    async def _take_in_object(self, kind: str, id: str, ends: float) -> None:
        """Read one session or rail at Gate and keep it, if it is ours and not known."""
        ask = self._calls.ask
        now = self._calls.sound_now()
        if kind == "session":
            row = await ask(operations.RETRIEVE_SESSION.raw(), timeout=None, until=ends, id=id)
            await async_run_in_transaction(
                self._store,
                partial(store_walks.take_in_session, self._scope, row, now, self._leases.read()),
            )
            return
        read: operations.Operation[Any] = (
            operations.RETRIEVE_PAY_IN if kind == "pay_in" else operations.RETRIEVE_PAY_OUT
        )
        rail = await ask(read, timeout=None, until=ends, id=id)
        session = await ask(
            operations.RETRIEVE_SESSION.raw(), timeout=None, until=ends, id=rail.gate_session_id
        )
        step = partial(
            store_walks.take_in_rail,
            self._scope,
            store_walks.RAIL_KINDS[kind],
            rail,
            session=session,
            now=now,
            clock=self._leases.read(),
        )
        await async_run_in_transaction(self._store, step)

    async def vouch(self, order: str | AnyOrder) -> None:
        """Write down a person's word that nothing of an order (ANY_ORDER: of any) is missing."""
        told = None if order is ANY_ORDER else str(order)
        step = partial(store_loss.vouch, self._scope, told, self._calls.sound_now())
        await async_run_in_transaction(self._store, step)

    async def may_be_replaced(self, row: Intent) -> bool:
        """Return whether a session may be cancelled or replaced; False if it may be another store's."""
        step = partial(store_loss.may_be_replaced, row)
        found: bool = await async_run_in_transaction(self._store, step)
        return found

    async def check_sending(self, row: Intent, ends: float) -> None:
        """Raise NotSent where a session's follower could not be sent: the store has forgotten."""
        await self.look(ends)
        loss = await self.state()
        if loss is not None and not loss.over:
            now, grace = self._calls.sound_now(), self._store.late_payment_grace
            raise store_loss.refusal(Refused(loss, in_doubt=False), row, now, grace)

    async def check_replacing(self, row: Intent) -> None:
        """Raise GateUsageError for a session that may be another store's: it must not be replaced."""
        if not await self.may_be_replaced(row):
            raise GateUsageError(
                f"order {row.order_ref!r} is not replaced: {store_loss.REPLACED_BY_WORD}",
                **row.context,
            )


def _row_id(row: Any) -> str:
    """Return the `id` of a row of JSON (a dict, not a model), unchecked; KeyError if it has none."""
    id: str = row["id"]
    return id
