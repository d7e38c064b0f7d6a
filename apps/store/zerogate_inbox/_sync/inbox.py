# Written by facade/unasync.py from apps/store/zerogate_inbox/_async/inbox.py; edit that file.
"""Keeps what Gate signed and has it handled once. What to do is decided in the plain modules."""

from __future__ import annotations

import logging
import secrets as randomness
import sys
from collections.abc import Iterable
from datetime import datetime
from functools import partial
from typing import Any, Final

from zerogate import (
    Clock,
    Gate,
    GateUsageError,
    NotSent,
    RateLimited,
    ReadFailed,
    SignatureRejected,
    StoreFailed,
)
from zerogate._bulk import bulk_work
from zerogate._clocks import SystemClock
from zerogate._frames import discreet_class
from zerogate._idempotency.send_failures import thrown_in
from zerogate.stores import Store, sync_transact
from zerogate.webhooks import WebhookSecret, verify

from .. import steps
from .._twins import Handler, Within, WrongHandler, sync_called, sync_effect
from ..intake import partner_of, row_of
from ..records import Later, Metrics, Missing, Read, Receipt, Received, Stored, Turn
from ..standing import (
    LOOK,
    STATUSES,
    Standing,
    evidence_of,
    is_late,
    needs_reading,
)
from ..steps import Lost, Scope
from ..waits import wait_before, wait_for_create
from .asking import Asking
from .pacing import Pace
from .tending import Tending

LOG: Final = logging.getLogger("zerogate.inbox")
_PAYMENTS: Final = ("session", "pay_in", "pay_out")
#: What is nobody's fault and passes: it is waited for, and never given up.
_PASSING: Final = (ReadFailed, NotSent, RateLimited, StoreFailed)


@discreet_class
class Inbox:
    """Events of one account and mode: kept once, handled once, none missed.

    secrets: Of the webhook endpoint, one or several; `WebhookSecret(value, mode=…)` where live and
        test meet. A worker that only handles events needs none.
    gate: Reads the state on the server where an event decides anything.
    mode: test or live; left out, that of the secrets or the gate.
    account, namespace: As the client has them, so that the journal's sessions are found.
    match: Whether events of sessions and rails that this store's journal does not know are set aside
        as unmatched. Say False where they are made without a store.
    wait: Seconds for which such an event waits for its create to be recorded.
    tries: How often an event is tried before it is parked.
    lease: Seconds for which a worker that died keeps others from its events.
    tolerance, max_bytes: As in `webhooks.verify`.
    rejected_status: The HTTP status for what is not signed by Gate.
    pace: A limit for reads, shared by all workers.
    """

    def __init__(
        self,
        store: Store,
        secrets: str | WebhookSecret | Iterable[str | WebhookSecret] = (),
        *,
        gate: Gate | None = None,
        mode: str | None = None,
        account: str = "",
        namespace: str = "",
        match: bool = True,
        wait: float = 600.0,
        tries: int = 12,
        lease: float = 60.0,
        tolerance: float = 300.0,
        max_bytes: int = 262_144,
        rejected_status: int = 400,
        pace: Pace | None = None,
        clock: Clock | None = None,
    ) -> None:
        several = [secrets] if isinstance(secrets, str | WebhookSecret) else list(secrets)
        self._secrets = [s if isinstance(s, WebhookSecret) else WebhookSecret(s) for s in several]
        self.mode = _mode(mode, gate, self._secrets)
        self._store, self._gate, self._pace = store, gate, pace
        self._clock = clock or SystemClock()
        self._scope = Scope(account, self.mode, namespace)
        self._match, self._wait, self._tries, self._lease = match, wait, tries, lease
        # Typed when it is handled; a webhook waits for no more than its place on the disk.
        limits = {"tolerance": tolerance, "max_bytes": max_bytes}
        self._verifying: dict[str, Any] = {**limits, "typed": False}
        self._rejected = rejected_status
        self._asking = None if gate is None else Asking(gate, pace)
        #: The partner of this account, once an event of theirs was kept.
        self._partner: str | None = None

    def server_now(self) -> float:
        """Gate's own clock where a gate was given, ours else: ends and graces are measured by it."""
        return self._clock.now() if self._gate is None else self._gate._calls.server_now()

    # --- what comes in ---

    def receive(self, body: bytes, headers: Any) -> Receipt:
        """Keep one event; when this returns, it is on the disk. Answer with the receipt's status.

        body: The request body as received; parsing it first changes the bytes.
        headers: As your framework has them.

        Raises:
            StoreFailed: it may not be on the disk: answer 5xx (an exception does), and Gate tries again.
            TypeError: a body that is not bytes.
        """
        now = self._clock.now()
        try:
            event = verify(body, headers, self._secrets, now=now, **self._verifying)
        except SignatureRejected as exc:
            LOG.info("a webhook was refused: %s", exc.reason)
            return Receipt("refused", self._rejected, reason=exc.reason)
        row = row_of(event, mode=self.mode, now=now)
        partner = partner_of(event)
        unknown = None if partner == self._partner else partner
        new, ours = sync_transact(self._store, lambda: steps.received(self._scope, row, unknown))
        other = row["reason"] if ours else "account"
        if other is not None:
            LOG.warning("event %s of another %s is kept and never handled", event.id, other)
            return Receipt("refused", 200, event.id, event.type, other)
        self._partner = partner or self._partner
        return Receipt("new" if new else "duplicate", 200, event.id, event.type)

    # --- what follows from it ---

    def process(
        self,
        handler: Handler,
        *,
        within: Within | None = None,
        elsewhere: bool = False,
    ) -> bool:
        """Handle what is due of one session (or rail, or customer), oldest first; False: nothing is.

        handler: Gets a `Received`. What it raises undoes what it wrote; the event is tried again,
            with growing pauses, and in the end parked.
        within: Makes a context manager that begins a transaction and gives its connection:
            `engine.begin`, a `sessionmaker.begin`, a pool's `connection`, one around Django's
            `transaction.atomic`. It has to be of the store's database: the handler's writes and the
            mark that the event is done are one transaction. Left out, the store's own engine.
        elsewhere: The effect is not in this database: no transaction is open while the handler
            runs, and it may run again for one event: give `received.idempotency_key` to whatever it
            calls.
        """
        return self._turn(handler, within, elsewhere) is not None

    def drain(
        self,
        handler: Handler,
        *,
        within: Within | None = None,
        elsewhere: bool = False,
    ) -> int:
        """`process` until nothing is due; how many events were done."""
        total = 0
        while (done := self._turn(handler, within, elsewhere)) is not None:
            total += done
        return total

    def _turn(self, handler: Handler, within: Within | None, elsewhere: bool) -> int | None:
        """One subject's events, as far as they are due; how many were done, None where none are."""
        now, holder = self._clock.now(), randomness.token_hex(8)
        turn = sync_transact(
            self._store,
            lambda: steps.claimed(self._scope, holder=holder, now=now, until=now + self._lease),
        )
        if turn is None:
            return None
        try:
            return _Course(self, turn, handler, within, elsewhere).run()
        finally:
            sync_transact(self._store, lambda: steps.released(self._scope, turn))

    # --- what is kept ---

    def kept(self, state: str, *, most: int = 100) -> list[Stored]:
        """Events in a state, oldest first: `parked`, `unmatched`, `refused`, `test`, `missing`, …"""
        return sync_transact(self._store, lambda: steps.kept(self._scope, state, most))

    def about(self, id: str) -> list[Stored]:
        """Events about one session, rail, quote or customer, as they happened; for `gate.reconcile`."""
        return sync_transact(self._store, lambda: steps.about(self._scope, id))

    def heard_of(self, since: datetime) -> list[tuple[str, str]]:
        """Kind and id of each session, pay_in and pay_out of which there are events; for `gate.rebuild`."""
        if since.tzinfo is None:
            raise GateUsageError("since= needs a time zone")
        then = since.timestamp()
        return sync_transact(self._store, lambda: steps.heard_of(self._scope, then))

    def retry(self, id: str) -> bool:
        """Have a parked event tried again; False where it is not parked."""
        return self._again(id, "parked", routed=False)

    def route(self, id: str) -> bool:
        """Have an unmatched event handled as if its session had been made here."""
        return self._again(id, "unmatched", routed=True)

    def _again(self, id: str, was: str, *, routed: bool) -> bool:
        now = self._clock.now()
        return sync_transact(
            self._store, lambda: steps.again(self._scope, id, was=was, routed=routed, now=now)
        )

    def metrics(self) -> Metrics:
        """Counts by state and the age of the oldest that waits; alarm on parked, missing and age."""
        counts, oldest = sync_transact(self._store, lambda: steps.measured(self._scope))
        age = None if oldest is None else max(0.0, self._clock.now() - oldest)
        return Metrics(age, counts)

    def forget(self, before: datetime) -> int:
        """Erase the bodies of what came before and is over; ids stay, so a replay stays a duplicate."""
        if before.tzinfo is None:
            raise GateUsageError("before= needs a time zone")
        then = before.timestamp()
        return sync_transact(self._store, lambda: steps.forgotten(self._scope, then))

    # --- what no event tells ---

    def missing(self, gate: Gate | None = None, *, since: datetime | None = None) -> Missing:
        """Compare with Gate's delivery log: have dead letters sent again, read what the rest was about.

        since: How far back; left out, three days.
        """
        with bulk_work():
            return self._tending(gate).missing(since)

    def sweep(self, gate: Gate | None = None, *, most: int = 100) -> int:
        """Read overdue sessions and stale rails of ours, for which no event may ever come.

        What is news goes to the handler as an event of type `zerogate.look`; how many that were.
        most: How many objects to read at most.
        """
        with bulk_work():
            return self._tending(gate).sweep(most)

    def rebuild(self, gate: Gate | None = None, *, since: datetime) -> int:
        """After a restore from a backup: read every session and rail that may have changed since.

        Their state goes to the handler as events of type `zerogate.look`; how many that were.
        since: When the backup was made.
        """
        with bulk_work():
            return self._tending(gate).rebuild(since)

    def _tending(self, gate: Gate | None) -> Tending:
        chosen = gate or self._gate
        if chosen is None:
            raise GateUsageError("this reads from Gate: give it a gate, or the inbox gate=")
        _mode(self.mode, chosen, [])
        return Tending(self._store, self._scope, Asking(chosen, self._pace), self._clock)


class _Course:
    """One turn: the events of one subject, one after the other."""

    def __init__(
        self,
        inbox: Inbox,
        turn: Turn,
        handler: Handler,
        within: Within | None,
        elsewhere: bool,
    ) -> None:
        self._inbox, self._turn, self._handler = inbox, turn, handler
        self._within, self._elsewhere = within, elsewhere
        self._standing, self._parked = turn.standing, turn.parked
        self._done = 0

    def run(self) -> int:
        for stored in self._turn.events:
            if not stored.is_due(self._inbox._clock.now()) or not self._seen_to(stored):
                break
        return self._done

    def _seen_to(self, stored: Stored) -> bool:
        """Handle an event, or put it off; whether the next one's turn has come."""
        if not self._ours(stored):
            return self._unknown(stored)
        handled = sys.exception()
        try:
            self._handle(stored)
        except WrongHandler:
            raise
        except Lost:
            return False
        except Exception as exc:
            if thrown_in(exc, handled) is exc:
                # A time limit ends this worker's task; the event waits for another as it was.
                raise
            return self._failed(stored, exc)
        self._done += 1
        return True

    def _ours(self, stored: Stored) -> bool:
        known = self._turn.journaled or not self._inbox._match or stored.routed
        return bool(known or stored.kind not in _PAYMENTS)

    def _unknown(self, stored: Stored) -> bool:
        """The create may not be recorded yet; at some time it is somebody else's session."""
        now = self._inbox._clock.now()
        age = now - stored.received_at
        if age >= self._inbox._wait:
            self._put_off(stored, "unmatched", stored.attempts, None, "unmatched")
            return True
        due = now + min(wait_for_create(age), self._inbox._wait - age)
        self._put_off(stored, "pending", stored.attempts, due, "create not recorded")
        return False

    def _handle(self, stored: Stored) -> None:
        inbox, before = self._inbox, self._standing
        after = before.joined(evidence_of(stored.type))
        if is_late(stored.type, before) and not self._parked:
            # Progress that was overtaken undoes nothing, and is evidence of nothing.
            self._finish(stored, after, "late")
            return
        read = self._read(stored)
        if read is not None:
            after = after.joined(STATUSES.get(str(read.record.status), "note"))
        terms = {} if read is None else self._terms(stored, read)
        given = partial(self._received, stored, before, after, read, terms)
        if self._elsewhere:
            sync_called(self._handler, given(None))
            self._finish(stored, after, None)
        else:
            now = inbox._clock.now()
            sync_effect(
                inbox._store,
                self._within,
                lambda: steps.opened(inbox._scope, self._turn, until=now + inbox._lease),
                lambda connection: self._handler(given(connection)),
                lambda: steps.closed(inbox._scope, self._turn, stored, after, now=now, reason=None),
            )
        self._standing = after

    def _finish(self, stored: Stored, standing: Standing, reason: str | None) -> None:
        inbox, now = self._inbox, self._inbox._clock.now()
        until = now + inbox._lease
        sync_transact(
            inbox._store,
            lambda: steps.finished(
                inbox._scope, self._turn, stored, standing, now=now, until=until, reason=reason
            ),
        )

    def _read(self, stored: Stored) -> Read | None:
        asking = self._inbox._asking
        if stored.kind not in _PAYMENTS or not needs_reading(stored.type, parked=self._parked):
            return None
        if asking is not None:
            return asking.read(stored.kind, stored.subject)
        if stored.type == LOOK:
            raise GateUsageError(
                "an object that was swept is read again for its handler: give gate="
            )
        return None

    def _terms(self, stored: Stored, read: Read) -> dict[str, Any]:
        """What the store knows besides; that a session reads ended for the first time is noted."""
        inbox, now = self._inbox, self._inbox.server_now()
        return sync_transact(
            inbox._store,
            lambda: steps.known_of(
                inbox._scope, stored, read, grace=inbox._store.late_payment_grace, now=now
            ),
        )

    def _received(
        self,
        stored: Stored,
        before: Standing,
        after: Standing,
        read: Read | None,
        terms: dict[str, Any],
        connection: Any,
    ) -> Received:
        event = stored.event()
        return Received(
            event=event,
            kind=stored.kind,
            subject=stored.subject,
            order=stored.order,
            connection=connection,
            tried=stored.attempts,
            standing=after.word,
            hold=after.hold(stored.kind),
            late=before.word != "open",
            read=read is not None,
            record=event.data if read is None else read.record,
            transactions=() if read is None else read.transactions,
            quote=None if read is None else read.quote,
            session=None if read is None else read.session,
            terms=terms,
            mode=self._inbox.mode,
            now=self._inbox.server_now(),
        )

    def _failed(self, stored: Stored, exc: Exception) -> bool:
        """Tried in vain: later, or parked; what is parked keeps nobody waiting."""
        tried, now = stored.attempts + 1, self._inbox._clock.now()
        reason = type(exc).__name__
        LOG.warning("event %s was tried %s times: %s", stored.id, tried, reason, exc_info=exc)
        if tried >= self._inbox._tries and not isinstance(exc, _PASSING):
            self._put_off(stored, "parked", tried, None, reason)
            self._parked = True
            return True
        asked = exc.seconds if isinstance(exc, Later) else getattr(exc, "retry_after", None)
        wait = asked if asked is not None and asked > 0 else wait_before(tried)
        self._put_off(stored, "pending", tried, now + wait, reason)
        return False

    def _put_off(
        self, stored: Stored, state: str, attempts: int, due: float | None, reason: str
    ) -> None:
        inbox = self._inbox
        sync_transact(
            inbox._store,
            lambda: steps.put_off(
                inbox._scope,
                self._turn,
                stored,
                state=state,
                attempts=attempts,
                due=due,
                reason=reason,
            ),
        )


def _mode(mode: str | None, gate: Gate | None, secrets: list[WebhookSecret]) -> str:
    """The one mode that everything agrees on."""
    if mode is None:
        said = {secret.mode for secret in secrets if secret.mode} | ({gate.mode} if gate else set())
        if len(said) != 1:
            raise GateUsageError("say mode='test' or mode='live': which events are handled here")
        mode = said.pop()
    if mode not in ("test", "live"):
        raise GateUsageError("an inbox is of mode 'test' or 'live'")
    if gate is not None and gate.mode != mode:
        raise GateUsageError(f"an inbox of mode {mode} cannot read with a key of mode {gate.mode}")
    return mode
