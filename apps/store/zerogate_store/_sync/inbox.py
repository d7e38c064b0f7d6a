# Written by facade/unasync.py from apps/store/zerogate_store/_async/inbox.py; edit that file.
"""Keeps what Gate signed and has it handled once. What to do is decided in the plain modules."""

from __future__ import annotations

import logging
import secrets as randomness
from collections.abc import Iterable
from datetime import datetime
from functools import partial
from typing import Any, Final, Literal

from zerogate import (
    Clock,
    Gate,
    GateUsageError,
    SignatureRejected,
)
from zerogate._bulk import bulk_work
from zerogate._clocks import SystemClock
from zerogate._frames import discreet_class
from zerogate._literals import ModeName
from zerogate._mistakes.misuse import explained
from zerogate.webhooks import UnknownEvent, WebhookSecret, verify

from .._deadlines import WAITED_AT_MOST, waited_for
from .._inbox import steps
from .._inbox.arguments import check_handler, check_parts, instant
from .._inbox.compat import Handler, Transaction
from .._inbox.event_rows import partner_of, row_of, why_unreadable
from .._inbox.payment_state import EventState
from .._inbox.quarantine import quarantined_row
from .._inbox.records import Metrics, Missing, Receipt, StoredEvent, Verdict
from .._inbox.steps import EventScope
from .._journal.leases import Lease
from .._lease_clocks import read_lease_clock
from .._options import check_options
from .._store import Store, sync_run_in_transaction
from .due_times import DueTime
from .handling import Handling, Setting
from .maintenance import Maintenance
from .rate_limiter import RateLimiter
from .reader import GateReader

LOG: Final = logging.getLogger("zerogate.inbox")
#: In which order the events of one thing are handled.
Order = Literal["results_first", "strict"]


@explained
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
    order: Of the events of one session or rail. Where a handler fails on one, what says how it ended
        goes past it (`received.behind` names it) and is handled by what is read then; "strict" keeps
        the order of the events whatever that costs.
    lease: Seconds for which a worker that died keeps others from its events.
    tolerance, max_bytes: As in `webhooks.verify`.
    rejected_status: The HTTP status for what is not signed by Gate.
    rate_limiter: A limit for reads, shared by all workers.
    """

    def __init__(
        self,
        store: Store,
        secrets: str | WebhookSecret | Iterable[str | WebhookSecret] = (),
        *,
        gate: Gate | None = None,
        mode: ModeName | None = None,
        account: str = "",
        namespace: str = "",
        match: bool = True,
        wait: float = 600.0,
        tries: int = 12,
        order: Order = "results_first",
        lease: float = 60.0,
        tolerance: float = 300.0,
        max_bytes: int = 262_144,
        rejected_status: int = 400,
        rate_limiter: RateLimiter | None = None,
        clock: Clock | None = None,
    ) -> None:
        check_parts(store, gate, Gate)
        check_options(account=account, namespace=namespace, match=match, wait=wait, tries=tries)
        check_options(order=order, lease=lease, tolerance=tolerance, max_bytes=max_bytes)
        check_options(rejected_status=rejected_status, rate_limiter=rate_limiter, clock=clock)
        several: list[Any] = (
            [*secrets]
            if isinstance(secrets, Iterable) and not isinstance(secrets, str | bytes)
            else [secrets]
        )
        self._secrets = [s if isinstance(s, WebhookSecret) else WebhookSecret(s) for s in several]
        self.mode = _mode(mode, gate, self._secrets)
        self._store, self._gate, self._rate_limiter = store, gate, rate_limiter
        self._clock = clock or SystemClock()
        self._time = DueTime(store, self._clock)
        self._scope = EventScope(account, self.mode, namespace, store.sealer)
        # Typed when it is handled; a webhook waits for no more than its place on the disk.
        self._lease, self._rejected = lease, rejected_status
        #: What this inbox has seen of others' leases, where their clock has no name.
        self._seen: dict[tuple[str, float], float] = {}
        self._verify = partial(verify, tolerance=tolerance, max_bytes=max_bytes, typed=False)
        self._setting = Setting(
            store=store,
            scope=self._scope,
            time=self._time,
            reader=None if gate is None else GateReader(gate, rate_limiter),
            server_now=self.server_now,
            match=match,
            wait=wait,
            tries=tries,
            lease=self._leased,
            strict=order == "strict",
        )
        #: The partner of this account, once an event of theirs was kept.
        self._partner: str | None = None

    def server_now(self) -> float:
        """Return Gate's own clock where a gate was given, else ours, in Unix seconds.

        Ends and graces are measured by it.
        """
        return self._clock.now() if self._gate is None else self._gate._calls.server_now()

    def _leased(self) -> Lease:
        """Return a lease of one subject that begins now."""
        dated = None if self._gate is None else self._gate._calls.dated_now()
        clock = read_lease_clock(self._store, self._clock, self._seen, dated)
        return clock.lasting(self._lease)

    # --- what comes in ---

    def receive(self, body: bytes, headers: Any) -> Receipt:
        """Verify an event, keep it on disk, return its Receipt: `refused` if unsigned. StoreFailed: not kept.

        body: The request body as received; parsing it first changes the bytes.
        headers: As your framework has them.

        Raises:
            StoreFailed: it may not be on the disk: answer 5xx (an exception does), and Gate tries again.
            TypeError: a body that is not bytes.
        """
        try:
            event = self._verify(body, headers, self._secrets, now=self._clock.now())
        except SignatureRejected as exc:
            refused = exc
        else:
            why = why_unreadable(event)
            if why is None:
                return self._keep_verified(event)
            return self._set_aside(event.raw, event.mode, why)
        if refused.reason == "unreadable":
            return self._set_aside(body, refused.mode, str(refused))
        LOG.info("a webhook was refused: %s", refused.reason)
        return Receipt("refused", self._rejected, reason=refused.reason)

    def _keep_verified(self, event: UnknownEvent) -> Receipt:
        """Keep a verified event and return its receipt, `refused` if of another account or mode."""
        now = self._time.now()
        row = row_of(event, mode=self.mode, now=now)
        partner = partner_of(event)
        unknown = None if partner == self._partner else partner
        with waited_for(WAITED_AT_MOST):
            became, ours = sync_run_in_transaction(
                self._store, lambda: steps.receive(self._scope, row, unknown, now)
            )
        other = row["reason"] if ours else "account"
        if other is not None:
            LOG.warning("event %s of another %s is kept and never handled", event.id, other)
            return Receipt("refused", 200, event.id, event.type, other)
        self._partner = partner or self._partner
        if became == "other":
            LOG.warning("event %s came again and says something else: it is looked at", event.id)
            return Receipt("new", 200, event.id, event.type, "another_content")
        return Receipt("new" if became == "new" else "duplicate", 200, event.id, event.type)

    def _set_aside(self, body: bytes, mode: str | None, why: str) -> Receipt:
        """Keep signed bytes that cannot be read, for the next drain; log it and return their receipt."""
        now = self._time.now()
        row = quarantined_row(bytes(body), why, signed=mode or self.mode, mode=self.mode, now=now)
        with waited_for(WAITED_AT_MOST):
            new = sync_run_in_transaction(self._store, lambda: steps.add(self._scope, [row]))
        if row["state"] != "quarantined":
            verdict: Verdict = (
                "refused" if row["state"] == "refused" else "new" if new else "duplicate"
            )
            return Receipt(verdict, 200, row["id"], row["type"], row["reason"])
        LOG.error("a webhook that Gate signed cannot be read (%s): kept as %s", why, row["id"])
        return Receipt("quarantined", 200, row["id"], row["type"], why)

    # --- what follows from it ---

    def process(
        self,
        handler: Handler,
        *,
        transaction: Transaction | None = None,
        external_effect: bool = False,
    ) -> bool:
        """Handle what is due of one session, rail or customer, oldest first; return False if nothing is.

        Where the handler fails on an event, what says how the session ended goes past it.

        handler: Gets a `EventContext`. What it raises undoes what it wrote; the event is tried again,
            with growing pauses, and in the end parked.
        transaction: Makes a context manager that begins a transaction and gives its connection:
            `engine.begin`, a `sessionmaker.begin`, a pool's `connection`, one around Django's
            `transaction.atomic`. It has to be of the store's database: the handler's writes and the
            mark that the event is done are one transaction. Left out, the store's own engine.
        external_effect: The effect is not in this database: no transaction is open while the handler
            runs, and it may run again for one event: give `received.idempotency_key` to whatever it
            calls.
        """
        check_handler(handler, transaction, external_effect, Gate)
        done = self._turn(handler, transaction, external_effect)
        if done is None and self._reread():
            done = self._turn(handler, transaction, external_effect)
        return done is not None

    def drain(
        self,
        handler: Handler,
        *,
        transaction: Transaction | None = None,
        external_effect: bool = False,
    ) -> int:
        """Handle what is due until nothing is; return how many events were done."""
        check_handler(handler, transaction, external_effect, Gate)
        total = 0
        self._reread()
        while (done := self._turn(handler, transaction, external_effect)) is not None:
            total += done
        return total

    def _reread(self) -> bool:
        """Read at Gate what up to 20 due events in quarantine may be about; return True if any was due."""
        setting, now = self._setting, self._time.now()
        until = now + self._lease
        rows = sync_run_in_transaction(
            self._store, lambda: steps.lease_quarantined(self._scope, now=now, until=until, most=20)
        )
        if rows and setting.reader is None:
            LOG.error("%s events are in quarantine, and this inbox has no gate= to read", len(rows))
        elif rows:
            with bulk_work():
                self._maintenance(None).reread(rows, match=setting.match)
        return bool(rows)

    def _turn(
        self, handler: Handler, transaction: Transaction | None, external_effect: bool
    ) -> int | None:
        """Handle one subject's due events; return how many were done, None where none is due."""
        now, holder, setting = self._time.now(), randomness.token_hex(8), self._setting
        turn = sync_run_in_transaction(
            self._store,
            lambda: steps.claim(
                self._scope,
                holder=holder,
                now=now,
                lease=setting.lease(),
                strict=setting.strict,
            ),
        )
        if turn is None:
            return None
        try:
            return Handling(setting, turn, handler, transaction, external_effect).run()
        finally:
            sync_run_in_transaction(self._store, lambda: steps.release(self._scope, turn))

    # --- what is kept ---

    def kept(self, state: EventState, *, most: int = 100) -> list[StoredEvent]:
        """Return up to *most* events in a state, oldest first: `parked`, `unmatched`, `refused`, …"""
        check_options(state=state, most=most)
        return sync_run_in_transaction(
            self._store, lambda: steps.events_in(self._scope, state, most)
        )

    def about(self, id: str) -> list[StoredEvent]:
        """Return events about a session, rail, quote or customer, in order of happening; 200 at most."""
        return sync_run_in_transaction(self._store, lambda: steps.about(self._scope, id))

    def heard_of(self, since: datetime) -> list[tuple[str, str]]:
        """Return (kind, id) of sessions, rails of events that happened since then; GateUsageError: no zone.

        For `gate.journal.rebuild`.
        """
        then = instant("since", since)
        return sync_run_in_transaction(self._store, lambda: steps.heard_of(self._scope, then))

    def retry(self, id: str) -> bool:
        """Make a parked or quarantined event due now and return True; False where it is neither."""
        if self._requeue(id, "parked", routed=False):
            return True
        now = self._time.now()
        return sync_run_in_transaction(
            self._store, lambda: steps.retry_quarantine(self._scope, id, now)
        )

    def route(self, id: str) -> bool:
        """Have an unmatched event handled as if we had made its object; return False if it is not one."""
        return self._requeue(id, "unmatched", routed=True)

    def _requeue(self, id: str, was: str, *, routed: bool) -> bool:
        """Make an event in state *was* pending and due now, return True; False where there is none."""
        now = self._time.now()
        return sync_run_in_transaction(
            self._store, lambda: steps.again(self._scope, id, was=was, routed=routed, now=now)
        )

    def metrics(self) -> Metrics:
        """Return counts of events by state, and the seconds that the oldest one has waited, or None.

        Alarm on parked, missing and age.
        """
        counts, oldest = sync_run_in_transaction(self._store, lambda: steps.measure(self._scope))
        now = self._time.now()
        return Metrics(None if oldest is None else max(0.0, now - oldest), counts)

    def forget(self, before: datetime) -> int:
        """Erase bodies of finished events received before then; return how many. StoreFailed: call again.

        Ids stay, so a replay stays a duplicate.

        Raises:
            StoreFailed: it is not erased, or may still be read in the database's log: call again.
        """
        then = instant("before", before)
        return self._store.erase(lambda: steps.forget(self._scope, then))

    # --- what no event tells ---

    def missing(self, gate: Gate | None = None, *, since: datetime | None = None) -> Missing:
        """Compare with Gate's delivery log, 3 days or *since*; replay dead letters, read others, return gaps.

        since: How far back; left out, three days.
        """
        with bulk_work():
            return self._maintenance(gate).missing(since)

    def sweep(self, gate: Gate | None = None, *, most: int = 100) -> int:
        """Read our overdue sessions, stale rails, *most* at most; queue news, return how many; or ReadFailed.

        No event may ever come for them.
        What is news goes to the handler as an event of type `zerogate.look`; how many that were.
        most: How many objects to read at most.
        """
        with bulk_work():
            return self._maintenance(gate).sweep(most)

    def rebuild(self, gate: Gate | None = None, *, since: datetime) -> int:
        """Read every session and rail changed since about then; queue news, return how many; or ReadFailed.

        For after a restore from a backup.
        Their state goes to the handler as events of type `zerogate.look`; how many that were.
        since: When the backup was made.
        """
        with bulk_work():
            return self._maintenance(gate).rebuild(since)

    def _maintenance(self, gate: Gate | None) -> Maintenance:
        """Return the maintenance with *gate*, else the inbox's; GateUsageError if none or of another mode."""
        chosen = gate or self._gate
        if chosen is None:
            raise GateUsageError("this reads from Gate: give it a gate, or the inbox gate=")
        check_parts(self._store, chosen, Gate)
        _mode(self.mode, chosen, [])
        return Maintenance(
            self._store, self._scope, GateReader(chosen, self._rate_limiter), self._time
        )


def _mode(mode: ModeName | None, gate: Gate | None, secrets: list[WebhookSecret]) -> ModeName:
    """Return the mode of *mode*, gate and secrets; GateUsageError if none says one, or two differ."""
    if mode is None:
        said = {secret.mode for secret in secrets if secret.mode} | ({gate.mode} if gate else set())
        if len(said) != 1:
            raise GateUsageError("say mode='test' or mode='live': which events are handled here")
        mode = said.pop()
    if mode not in ("test", "live"):
        raise GateUsageError(f"mode= of an inbox is 'test' or 'live', not {str(mode)[:40]!r}")
    if gate is not None and gate.mode != mode:
        raise GateUsageError(f"an inbox of mode {mode} cannot read with a key of mode {gate.mode}")
    return mode
