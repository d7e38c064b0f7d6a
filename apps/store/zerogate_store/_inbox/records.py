"""Records that the inbox hands out: a receipt, an event with its object, what is kept. No I/O."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final, Literal

import attrs
from zerogate import GateUsageError, Hold, Money, Outcome, Pending, StoreFailed
from zerogate._idempotency.identity import marks_of
from zerogate._literals import ModeName
from zerogate._reconciliation import (
    AnyAmount,
    AnyOrder,
    outcome_of_pay_in,
    outcome_of_pay_out,
    outcome_of_session,
)
from zerogate.webhooks import Event, UnknownEvent
from zerogate.webhooks._events import read_event

from .._erasing import data_in
from .payment_state import LOOK, EventState, Kind, Standing, Word

#: What the id of an event begins with that cannot be read; the rest is a hash of its bytes.
QUARANTINE: Final = "quarantine_"
Verdict = Literal["new", "duplicate", "quarantined", "refused"]


@attrs.frozen
class Receipt:
    """Result of a request; by the time it is returned, it is on the disk.

    verdict: `quarantined` is what Gate signed and we cannot read: kept as bytes, and what it may be
        about is read from Gate.
    reason: Of one that was refused: why its signature was not taken, or `mode` or `account` for an
        event of another one, which is kept and never processed. Of one in quarantine, what is wrong
        with it. `another_content` where its id came before and said something else.
    status: The HTTP status to answer with.
    """

    verdict: Verdict
    status: int
    event_id: str | None = None
    event_type: str | None = None
    reason: str | None = None

    @property
    def stored(self) -> bool:
        """True where the event is in the inbox, from now or from before."""
        return self.event_id is not None


class RetryLater(Exception):
    """Raised by a handler: not yet. The event is tried again, and counts as tried.

    seconds: Wait that long; left out, twice as long as the last time.
    """

    def __init__(self, why: str = "", *, seconds: float | None = None) -> None:
        super().__init__(why)
        self.seconds = seconds


@attrs.frozen
class Read:
    """An object as it was read from Gate, with what it takes to judge it. session: A rail's."""

    record: Any = None
    transactions: tuple[Any, ...] = ()
    quote: Any = None
    session: Any = None


@attrs.frozen(kw_only=True)
class EventContext:
    """One event and what is known with it, for a handler.

    event: As Gate signed it. Of an event about a person, `data` is a mapping of the few fields that
        are kept. One of type `zerogate.look` is our own: no event told of it, but it was read.
    kind: What it is about: session, pay_in, pay_out, quote, customer or other.
    subject: The id of that. order: Your reference, as Gate gives it back.
    connection: Where your writes belong, in one transaction with the mark that this event is done;
        None where the effect is elsewhere: then use `idempotency_key` there.
    tried: How often it was tried before.
    standing: What all events so far say: open, succeeded, ended, or hold where they contradict.
    hold: That contradiction; whatever was done stays done, and a person decides.
    late: A later event of the same thing was handled before.
    behind: Ids of earlier events on which the handler failed, and which wait for another try.
    read: Whether `record` is as Gate has it now; else it is as the event had it then.
    session: Of a rail that was read: the session that it belongs to.
    terms: What the store knows of a session besides: of which service it is, that it was made here,
        when it was seen to end, whether its secret was handed out, and the late-payment grace.
    """

    event: Event
    kind: Kind
    subject: str
    order: str | None
    connection: Any = attrs.field(repr=False)
    tried: int
    standing: Word
    hold: Hold | None
    late: bool
    behind: tuple[str, ...] = ()
    read: bool
    record: Any = attrs.field(repr=False)
    transactions: Sequence[Any] = attrs.field(repr=False)
    quote: Any = attrs.field(repr=False)
    session: Any = attrs.field(repr=False)
    terms: Mapping[str, Any] = attrs.field(repr=False)
    mode: str
    now: float

    @property
    def idempotency_key(self) -> str:
        """Return the event's id, the same for every try."""
        return self.event.id

    def outcome(
        self, *, expect: Money | AnyAmount, order: str | AnyOrder, **options: Any
    ) -> Outcome:
        """Return the payment's outcome by what was read, Hold if events contradict; RetryLater: reads late.

        options: flow, namespace, ended_at, amount_basis, network and statuses, as in `gate.reconcile`.
            An event that says that a session ended says when; once nothing can show on it any
            more, the handler hears of it again, by an event of type `zerogate.look`.

        Raises:
            RetryLater: the events say that it succeeded and Gate does not list it yet. Let it pass.
            GateUsageError: it is not about a payment, or nothing was read: give the inbox a gate.
        """
        if self.kind not in ("session", "pay_in", "pay_out"):
            raise GateUsageError(f"an event about a {self.kind} has no outcome")
        if not self.read:
            raise GateUsageError(
                "what an event says is no proof of a payment: give the inbox gate=, and events "
                "that decide anything come with the state on the server; of others ask .standing"
            )
        asked = {**self.terms, "expect": expect, "order": order, **options}
        asked |= {"mode": self.mode, "now": self.now}
        found = self._outcome(asked)
        if self.hold is not None and found.may_fulfil:
            return attrs.evolve(self.hold, evidence=found.evidence)
        if isinstance(found, Pending) and self.standing == "succeeded":
            raise RetryLater(f"it succeeded, and reads as {found.reason}")
        return found

    def _outcome(self, asked: dict[str, Any]) -> Outcome:
        """Return the outcome of the rail or session that was read, by its kind."""
        match self.kind:
            case "pay_in":
                return outcome_of_pay_in(self.record, self.quote, self.session, **asked)
            case "pay_out":
                return outcome_of_pay_out(self.record, self.quote, self.session, **asked)
            case _:
                return outcome_of_session(self.record, self.transactions, **asked)


@attrs.frozen
class StoredEvent:
    """An event as it is kept. Times are Unix seconds.

    state: pending, done, parked (it failed too often), unmatched (of something that was not made
        here), quarantined (signed by Gate, and it cannot be read), refused (of another mode or
        account), test, or missing (Gate sent it, it never came).
    routed: 1 where it is not looked for in the journal.
    due_at: When it is tried next. reason: The class of what it failed with.
    closed: Why its body, which is there, cannot be opened.
    """

    id: str
    signed: ModeName
    type: str
    kind: Kind
    subject: str
    parent: str
    order: str | None
    happened_at: float
    received_at: float
    body: bytes | None = attrs.field(repr=False)
    reduced: int
    state: EventState
    routed: int
    attempts: int
    due_at: float | None
    reason: str | None
    closed: str | None = None

    def is_due(self, now: float) -> bool:
        """Return True where its due time has come, or it has none."""
        return self.due_at is None or self.due_at <= now

    @property
    def is_unreadable(self) -> bool:
        """Return True for an event that Gate signed and nobody can read; its body is what was signed."""
        return self.id.startswith(QUARANTINE)

    def event(self) -> Event:
        """Return the event as it was signed, of a person's what was kept; StoreFailed if it cannot be opened.

        Raises:
            StoreFailed: it cannot be opened with the encryption keys of the store.
        """
        if self.closed is not None:
            raise StoreFailed(f"event {self.id} cannot be read: {self.closed}")
        if self.is_unreadable:
            told = self.body or b""
            return UnknownEvent(
                self.id, self.type, _time(self.happened_at), {}, self.signed, self.reason, told
            )
        if self.body is None or self.type == LOOK:
            return UnknownEvent(self.id, self.type, _time(self.happened_at), {}, self.signed)
        if not self.reduced:
            return read_event(self.body, self.signed)
        data = json.loads(self.body)["data"]
        return UnknownEvent(
            self.id, self.type, _time(self.happened_at), data, self.signed, None, self.body
        )


def data_of(stored: StoredEvent) -> Mapping[str, Any] | None:
    """Return the `data` of an event's body; None where the body is gone or unreadable."""
    return None if stored.body is None or stored.is_unreadable else data_in(stored.body)


@attrs.frozen
class ClaimedSubject:
    """A subject that is ours for a while, with what waits for it, the first first.

    parked: Whether an event of it was given up. journaled: Whether it was made here.
    """

    holder: str
    subject: str
    standing: Standing
    events: tuple[StoredEvent, ...]
    parked: bool
    journaled: bool


@attrs.frozen
class Metrics:
    """Figures of the inbox, for a dashboard and an alarm.

    oldest: Seconds that the oldest event has been waiting; None where nothing waits.
    counts: Events by state.
    """

    oldest: float | None
    counts: Mapping[str, int]


@attrs.frozen
class Gap:
    """An event in Gate's delivery log that is not in the inbox. status: Of its delivery."""

    event_id: str
    event_type: str
    delivery_id: str
    status: str


@attrs.frozen
class Missing:
    """Result of a comparison with Gate's delivery log.

    replayed: Those of the gaps that were dead letters and are on their way again.
    looked: How many objects were read because their events cannot be had any more.
    """

    gaps: tuple[Gap, ...]
    replayed: tuple[str, ...]
    looked: int


#: What a create in the journal made.
MADE: Final[Mapping[str, Kind]] = {
    "createSession": "session",
    "createPayIn": "pay_in",
    "createPayOut": "pay_out",
}

#: And the other way round.
CREATES: Final[Mapping[str, str]] = {kind: operation for operation, kind in MADE.items()}


def facts_of(read: Read) -> list[str]:
    """Return the facts that make news: status of object and quote, refid and status of each row."""
    rows = [f"{row.refid} {row.status}" for row in read.transactions]
    quote = [] if read.quote is None else [str(read.quote.status)]
    return [str(read.record.status), *quote, *sorted(rows)]


def order_of(kind: str, record: Any) -> str | None:
    """Return the order's reference in a rail, or in a session's marks; None where it has none."""
    if kind != "session":
        return record.reference if isinstance(record.reference, str) else None
    return marks_of(record).order


def _time(seconds: float) -> datetime:
    """Return the datetime in UTC of Unix seconds."""
    return datetime.fromtimestamp(seconds, UTC)
