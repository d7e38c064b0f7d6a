# Written by facade/unasync.py from facade/zerogate/_async/seam.py; edit that file.
"""Seam between a client and its store, as Protocols: what each is given by the other, and nothing else.

A client knows `Durability`; of journal, SQL and databases it knows nothing. A store knows
`Sending`, which is the client's one way to send: retry budget, running writes and Gate's time
exist once.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol, TypeVar, Unpack, overload

if TYPE_CHECKING:
    from datetime import datetime

    from .._clocks import Clock
    from .._compat import Work
    from .._durability import JournalEntry, Recovery, StoreLoss
    from .._idempotency.attempts import Call, CallHistory
    from .._idempotency.keys import Identity
    from .._idempotency.terms import Aliases
    from .._literals import ModeName
    from .._protocols import HeardOf
    from .._reconciliation import AnyOrder
    from .._wire.bodies import SessionFields, SessionTerms
    from .._wire.operations import Operation
    from ..errors import GateError
    from ..types import CreatedSession
    from .sessions import Sessions
    from .transactions import Transactions

T = TypeVar("T")


class Journal(Protocol):
    """`gate.journal`: writes that are on disk before they are sent, and what becomes of them."""

    @overload
    def intend(
        self,
        connection: Any,
        /,
        *,
        order: str,
        attempt: int = 1,
        idempotency_key: str | None = None,
        **fields: Unpack[SessionFields],
    ) -> JournalEntry: ...
    @overload
    def intend(
        self, connection: Any, /, *, idempotency_key: str, **fields: Unpack[SessionFields]
    ) -> JournalEntry: ...
    def intend(self, connection: Any, /, **terms: Unpack[SessionTerms]) -> JournalEntry:
        """Record an unsent create in your transaction, or find it; AttemptOpen if one before is not over.

        So an order and what is owed for it are committed together, and `recover` sends what a crash
        left between your commit and the send. A duplicate leaves your transaction as it is.

        connection: SQLAlchemy's, Django's, or a DB-API one such as psycopg's, of the store's own
            database, where `Store.migrate()` has made the tables.
        terms: As for `sessions.create`.

        Raises:
            IdempotencyConflict: this order and attempt stand for another payment.
            AttemptOpen: an attempt before is not over; `resolve` may find that it is.
        """
        ...

    def send(self, intent: JournalEntry, /, *, timeout: float | None = None) -> Any:
        """Send what `intend` recorded, after your commit; return its record. Safe to repeat."""
        ...

    def reissue(
        self,
        *,
        order: str,
        quote_preview_id: str | None = None,
        kyc_package: Mapping[str, Any] | None = None,
        at_once: bool = False,
        timeout: float | None = None,
    ) -> CreatedSession:
        """Cancel an order's session whose secret is lost, return a new one; AttemptOpen if it may be paid.

        Whether there can be one is decided before anything is cancelled: a session whose secret
        nobody was given is cancelled and replaced at once; one that somebody may pay stays as it is.
        The terms of money are those that the old one was asked with, everything else is as it reads;
        a preview and verification are not in it.

        at_once: Cancel also a session whose secret was handed out, and wait for nothing; with the
            risk that `sessions.create` names.

        Raises:
            AlreadyTerminal: the old one is completed.
            AttemptOpen: somebody may be paying it. `.retry_after`: seconds until a cancelled or expired
                one is over for certain; of an open one, as long as that takes once you cancel it.
        """
        ...

    def recover(self, *, limit: int | None = None, timeout: float = 60.0) -> Recovery:
        """Finish up to *limit* open writes within *timeout* seconds; return each one's result. Call it often.

        A crash, an outage or a lost answer leaves them open.
        It goes on until nothing is due or its time is over; `.left` of what it returns says how many
        are due then and were not reached. Any number of workers may, each takes other ones. What is
        still unknown afterwards is taken up again later, the more rarely the older it is.

        limit: Writes at most; None is all. timeout: Seconds for all of them.
        """
        ...

    def resolve(
        self, unresolved: GateError | str, /, *, id: str | None = None, timeout: float | None = None
    ) -> Any:
        """Return what one write made, None if surely nothing; may send it again. OutcomeUnknown if in doubt.

        unresolved: The error that it ended in, or its idempotency key. In doubt it is looked for, and
            where its key still protects it, sent again.
        id: Of the object, where you know it: a pay-in can be found by its webhook alone.

        Raises:
            OutcomeUnknown: that still cannot be told; `.retry_after` or a later call may.
        """
        ...

    def rebuild(
        self, *, since: datetime, inbox: HeardOf | None = None, timeout: float = 60.0
    ) -> StoreLoss:
        """Take in from Gate's list what the store has forgotten, after a restore or fail-over.

        See docs/writes.md.
        Reads Gate's list back to *since* and takes in what is not in the store, as known and its
        secret as handed out. Until it was read twice, a grace apart, no order is sent for the first
        time: call it again, or `recover`, until `.over`. Any worker may.

        since: When the backup was made, or the fail-over began; earlier rather than later.
        inbox: An inbox (`zerogate_store`): rails, and sessions that no list shows, are taken in from
            what its events are about.
        """
        ...

    def vouch(self, order: str | AnyOrder, /) -> None:
        """Record your word that Gate has no payment of this order that the store has forgotten.

        Rails cannot be listed: after a loss an order gets one only if it is new (`new_order=True`)
        or was vouched for. `ANY_ORDER` says so of all of them.
        """
        ...

    def store_loss(self) -> StoreLoss | None:
        """Return the last loss that the store was found to have, over or not; None: never."""
        ...


class Durability(Protocol):
    """The writes of one client, made durable by a store.

    covers: Ids of the operations that go through `write`. aliases: Names of networks that mean one.
    late_payment_grace: Seconds for which lists may be silent on a payment that had begun.
    """

    @property
    def covers(self) -> Collection[str]:
        """Return the ids of those operations whose writes go through the store."""
        ...

    @property
    def aliases(self) -> Aliases:
        """Return groups of lower-case names that mean one network each."""
        ...

    @property
    def late_payment_grace(self) -> float:
        """Return for how many seconds lists may be silent on a payment that had begun."""
        ...

    @property
    def journal(self) -> Journal:
        """Return the journal that callers have as `gate.journal`."""
        ...

    def write(self, call: Call[T], ends: float, /) -> T:
        """Send one write through the store, made once however often asked; return its record."""
        ...

    def intend(
        self, connection: Any, call: Call[Any], /, *, expected: Mapping[str, Any] | None = None
    ) -> JournalEntry:
        """Record a call unsent in the caller's transaction, or find it; return its entry; refusals raise.

        expected: What its quote has to be when it is sent.
        """
        ...

    def is_echoing(self) -> bool:
        """Return True if this account's list is known to give back the marks of writes."""
        ...

    def session_ended(self, id: str, status: str, at: float, /) -> None:
        """Record that a session has ended, and when it was seen: Unix seconds, Gate's clock."""
        ...

    def of_order(self, operation: str, order: str, /) -> Sequence[JournalEntry]:
        """Return the store's entries of all attempts of an order, the first one first."""
        ...

    def close(self) -> None:
        """Save results that could not be saved when they came. The store itself stays open."""
        ...


class Sending(Protocol):
    """The part of one client that a store may use: its identity, its clocks, its way to send.

    account: The client's label; "" where it has none. waits_are_cut: Whether its transport calls back
        every few seconds of a wait: see _transport/deadline.py.
    """

    @property
    def account(self) -> str:
        """Return the label of the client's account; "" where it has none."""
        ...

    @property
    def mode(self) -> ModeName:
        """Return `test` or `live`, by the client's key."""
        ...

    @property
    def namespace(self) -> str:
        """Return the namespace of the client's orders, part of each derived idempotency key; may be empty."""
        ...

    @property
    def clock(self) -> Clock:
        """Return the client's clock, for wall time and deadlines."""
        ...

    @property
    def waits_are_cut(self) -> bool:
        """Return True if a wait in a transport ends early now and then, so that a lease can be renewed."""
        ...

    @property
    def sessions(self) -> Sessions:
        """Return the client's `gate.sessions`."""
        ...

    @property
    def transactions(self) -> Transactions:
        """Return the client's `gate.transactions`."""
        ...

    def server_now(self) -> float:
        """Return Gate's clock in Unix seconds, by its Date header; ours until one came."""
        ...

    def server_span(self) -> tuple[float, float]:
        """Return Gate's earliest and latest possible time now, Unix seconds: Dates may differ."""
        ...

    def sound_now(self) -> float:
        """Return our clock in Unix seconds, or Gate's by its last Date if 5 seconds off; asks nobody."""
        ...

    def first_attempt_until(self, ends: float, /) -> float:
        """Return the first attempt's end: half the time to *ends*; all if no retry is allowed."""
        ...

    def dated_now(self) -> float | None:
        """Return Gate's clock in Unix seconds; None until a reply within 5 s had a readable Date."""
        ...

    def check_writable(self, what: str, /) -> None:
        """Raise GateUsageError, naming *what* would write, for a read-only client."""
        ...

    def deadline(self, timeout: float | None, /) -> float:
        """Return the monotonic time *timeout* seconds ahead (None: the client's); GateUsageError if wrong."""
        ...

    def call(
        self,
        operation: Operation[T],
        /,
        *,
        timeout: float | None,
        body: Mapping[str, Any] | None = None,
        identity: Identity | None = None,
    ) -> Call[T]:
        """Return the call, unsent; GateUsageError for wrong arguments or a write of a read-only client."""
        ...

    def session_call(self, **terms: Unpack[SessionTerms]) -> Call[CreatedSession]:
        """Return the call that `sessions.create` would send, unsent; GateUsageError for wrong terms."""
        ...

    def ask(
        self,
        operation: Operation[T],
        /,
        *,
        timeout: float | None,
        until: float | None = None,
        **parameters: Any,
    ) -> T:
        """Check the arguments and send one operation, with retries; return record or rows, or GateError."""
        ...

    def carry_out(self, course: CallHistory[T], ends: float, /) -> T:
        """Send all attempts of a call, the journal left out; return its record or raise GateError."""
        ...

    def run_to_completion(self, work: Work[T], /) -> T:
        """Return the work's result; it goes on to its end if its caller is cancelled."""
        ...


class JournalStore(Protocol):
    """A store, for `Gate(store=…)`: `zerogate_store.Store`, or one of your own."""

    def bind(self, sending: Sending, /) -> Durability:
        """Return this store's `Durability` for the client that sends through *sending*."""
        ...
