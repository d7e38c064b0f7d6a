# Written by facade/unasync.py from apps/store/zerogate_store/_async/handling.py; edit that file.
"""Handles what waits of one session, rail or customer. Which event may go is decided in `ordering.py`."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable
from functools import partial
from typing import Any, Final

import attrs
from zerogate import GateUsageError, NotSent, RateLimited, ReadFailed, StoreFailed
from zerogate._idempotency.send_failures import thrown_in

from .._inbox import steps
from .._inbox.backoff import wait_before, wait_for_create
from .._inbox.compat import Handler, Transaction, WrongHandler, sync_called, sync_effect
from .._inbox.ordering import PASSING, may_go
from .._inbox.payment_state import (
    LOOK,
    PAYMENTS,
    STATUSES,
    Standing,
    evidence_of,
    is_late,
    needs_reading,
)
from .._inbox.records import ClaimedSubject, EventContext, Read, RetryLater, StoredEvent, order_of
from .._inbox.steps import EventScope, Lost
from .._journal.leases import Lease
from .._store import Store, sync_run_in_transaction
from .._troubles import is_conflict
from .due_times import DueTime
from .reader import GateReader

LOG: Final = logging.getLogger("zerogate.inbox")
#: What is nobody's fault and passes: it is waited for, and never given up.
_OUTAGES: Final = (ReadFailed, NotSent, RateLimited, StoreFailed)
#: How often an event is tried at once whose transaction met another's.
_AT_ONCE: Final = 5


@attrs.frozen(kw_only=True)
class Setting:
    """Parts and rules of an inbox, as `Inbox` was given them.

    server_now: Gate's own clock where there is a gate. time: By which events are due.
    lease: One that begins now.
    """

    store: Store
    scope: EventScope
    time: DueTime
    reader: GateReader | None
    server_now: Callable[[], float]
    match: bool
    wait: float
    tries: int
    lease: Callable[[], Lease]
    strict: bool


class Handling:
    """One turn: the events of one subject, one after the other."""

    def __init__(
        self,
        setting: Setting,
        turn: ClaimedSubject,
        handler: Handler,
        transaction: Transaction | None,
        external_effect: bool,
    ) -> None:
        self._set, self._turn, self._handler = setting, turn, handler
        self._transaction, self._external_effect = transaction, external_effect
        self._standing, self._parked = turn.standing, turn.parked
        #: What waits for another try, ahead of whatever is handled now.
        self._behind: list[StoredEvent] = []

    def run(self) -> int:
        """Handle due events in order, skip blocked ones, end if the lease is lost; return the number done."""
        done = 0
        try:
            for stored in self._turn.events:
                if not may_go(stored, self._behind, strict=self._set.strict):
                    continue
                if stored.is_due(self._set.time.now()):
                    done += self._handle_or_put_off(stored)
                else:
                    self._behind.append(stored)
        except Lost:
            # Somebody else has taken over, and goes on.
            pass
        return done

    def _handle_or_put_off(self, stored: StoredEvent) -> bool:
        """Handle an event, or put it off if it fails or matches no create of ours; return True if done."""
        if not self._may_be_handled(stored):
            self._put_off_unknown(stored)
            return False
        failure = self._try(stored)
        if failure is not None:
            self._fail(stored, failure)
        return failure is None

    def _try(self, stored: StoredEvent) -> Exception | None:
        """Handle an event, 5 tries on conflicts; return its failure or None; raise Lost and WrongHandler."""
        handled = sys.exception()
        failure: Exception | None = None
        for _ in range(_AT_ONCE):
            try:
                self._handle(stored)
                return None
            except (WrongHandler, Lost):
                raise
            except Exception as exc:
                if thrown_in(exc, handled) is exc:
                    # A time limit ends this worker's task; the event waits for another as it was.
                    raise
                failure = exc
            if not is_conflict(failure):
                break
        return failure

    def _may_be_handled(self, stored: StoredEvent) -> bool:
        """Return True if an event may be handled: made here, routed, no payment, or matching is off."""
        known = self._turn.journaled or not self._set.match or stored.routed
        return bool(known or stored.kind not in PAYMENTS)

    def _put_off_unknown(self, stored: StoredEvent) -> None:
        """Put an event that matches no create off; set it `unmatched` once it has waited long enough."""
        now = self._set.time.now()
        age = now - stored.received_at
        if age >= self._set.wait:
            self._put_off(stored, "unmatched", stored.attempts, None, "unmatched")
            return
        due = now + min(wait_for_create(age), self._set.wait - age)
        self._put_off(stored, "pending", stored.attempts, due, "create not recorded")

    def _handle(self, stored: StoredEvent) -> None:
        """Read the object, call the handler, mark the event done; a late event is marked and not handled."""
        setting, before = self._set, self._standing
        for one in self._behind:
            # What it says is known, whatever its handler made of it.
            before = before.joined(evidence_of(one.type))
        after = before.joined(evidence_of(stored.type))
        if is_late(stored.type, before) and not self._parked:
            # Progress that was overtaken undoes nothing, and is evidence of nothing.
            self._finish(stored, after, "late")
            return
        read = self._read(stored)
        if read is not None:
            after = after.joined(STATUSES.get(str(read.record.status), "note"))
        terms = {} if read is None else self._terms(stored, read)
        given = partial(self._context, stored, before, after, read, terms)
        if self._external_effect:
            sync_called(self._handler, given(None))
            self._finish(stored, after, None)
        else:
            now = setting.time.now()
            sync_effect(
                setting.store,
                self._transaction,
                lambda: steps.open_effect(setting.scope, self._turn, lease=setting.lease()),
                lambda connection: self._handler(given(connection)),
                lambda: steps.close_effect(
                    setting.scope, self._turn, stored, after, now=now, reason=None
                ),
            )
        self._standing = after

    def _finish(self, stored: StoredEvent, standing: Standing, reason: str | None) -> None:
        """Mark an event as done, write the standing, and commit; raise Lost where the lease is another's."""
        setting, now = self._set, self._set.time.now()
        sync_run_in_transaction(
            setting.store,
            lambda: steps.finish(
                setting.scope,
                self._turn,
                stored,
                standing,
                now=now,
                lease=setting.lease(),
                reason=reason,
            ),
        )

    def _read(self, stored: StoredEvent) -> Read | None:
        """Return the object as Gate has it; None if not needed or without a gate (a look: GateUsageError)."""
        reader = self._set.reader
        if stored.kind not in PAYMENTS or not needs_reading(stored.type, parked=self._parked):
            return None
        if reader is not None:
            return reader.read(stored.kind, stored.subject)
        if stored.type == LOOK:
            raise GateUsageError(
                "an object that was swept is read again for its handler: give gate="
            )
        return None

    def _terms(self, stored: StoredEvent, read: Read) -> dict[str, Any]:
        """Return the store's terms for `outcome`; record a session's new end, queue a look after it."""
        setting, now = self._set, self._set.server_now()
        ahead = setting.time.now() - now
        return {"aliases": setting.store.aliases} | sync_run_in_transaction(
            setting.store,
            lambda: steps.known_of(
                setting.scope,
                stored,
                read,
                grace=setting.store.late_payment_grace,
                now=now,
                ahead=ahead,
            ),
        )

    def _context(
        self,
        stored: StoredEvent,
        before: Standing,
        after: Standing,
        read: Read | None,
        terms: dict[str, Any],
        connection: Any,
    ) -> EventContext:
        """Return what the handler is given for an event."""
        event = stored.event()
        told = None if read is None else order_of(stored.kind, read.record)
        return EventContext(
            event=event,
            kind=stored.kind,
            subject=stored.subject,
            order=stored.order or told,
            connection=connection,
            tried=stored.attempts,
            standing=after.word,
            hold=after.hold(stored.kind),
            late=before.word != "open",
            behind=tuple(one.id for one in self._behind),
            read=read is not None,
            record=event.data if read is None else read.record,
            transactions=() if read is None else read.transactions,
            quote=None if read is None else read.quote,
            session=None if read is None else read.session,
            terms=terms,
            mode=self._set.scope.mode,
            now=self._set.server_now(),
        )

    def _fail(self, stored: StoredEvent, exc: Exception) -> None:
        """Put a failed event off, or park it after too many tries; log the failure."""
        tried, now = stored.attempts + 1, self._set.time.now()
        passes = isinstance(exc, _OUTAGES) or is_conflict(exc)
        reason = (PASSING if passes else "") + type(exc).__name__
        LOG.warning("event %s was tried %s times: %s", stored.id, tried, reason, exc_info=exc)
        if tried >= self._set.tries and not passes:
            self._put_off(stored, "parked", tried, None, reason)
            self._parked = True
            return
        asked = exc.seconds if isinstance(exc, RetryLater) else getattr(exc, "retry_after", None)
        wait = asked if asked is not None and asked > 0 else wait_before(tried)
        self._put_off(stored, "pending", tried, now + wait, reason)

    def _put_off(
        self, stored: StoredEvent, state: str, attempts: int, due: float | None, reason: str
    ) -> None:
        """Write an event's state, tries, due time and reason; a pending one holds back those behind it."""
        setting = self._set
        if state == "pending":
            self._behind.append(attrs.evolve(stored, attempts=attempts, due_at=due, reason=reason))
        sync_run_in_transaction(
            setting.store,
            lambda: steps.put_off(
                setting.scope,
                self._turn,
                stored,
                state=state,
                attempts=attempts,
                due=due,
                reason=reason,
            ),
        )
