"""A store that has forgotten: how it is noticed, what has to wait, what a walk takes in. Pure.

A store that was restored, failed over, or is new shows itself by a session of our namespace whose key
it does not know, or by a row that this process wrote and it has not. Then nobody knows any more
whose order has a session already, and the customer may have its secret. So until the whole list was
read, twice and a grace apart, no order is sent for the first time, unless its caller says that it is
new. What the walks find is kept as known, its secret as handed out; nothing of it is cancelled.

Rails cannot be listed. After a loss a rail is made only for an order that is new, or vouched for.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import attrs
from zerogate._durability import Recovered, StoreLoss
from zerogate.errors import GateError, GateUsageError, NotSent, OutcomeUnknown

from . import statements as sql
from .decisions import TAKEN_IN, is_first_send
from .leases import NO_CLOCK
from .listings import Listed, time_of
from .statements import Step
from .steps import OLDER, RAILS, Intent, Scope

#: Seconds after which the newest page is compared again, and that this may take.
AGAIN: Final = 600.0
READING: Final = 2.0
#: How many of its own writes a process remembers, to see that the store still has them.
REMEMBERED: Final = len(sql.KEY_SLOTS)
#: Seconds by which an object may look older than its send: a Date has whole seconds.
LEEWAY: Final = 5.0
#: Seconds that two clocks which are right may read apart, where one of them tells whole seconds.
_NEAR: Final = 1.5
CREATE: Final = "createSession"
_REMEDY: Final = (
    "If its database was restored or failed over, or this service took payments without a store until now: "
    "wait until the list was walked, or say how far back with gate.journal.rebuild(since=…). If another "
    "service or another database writes here: give all workers of a service one store (PostgreSQL), and each "
    "service a namespace= of its own"
)
#: Why a taken-in session is not replaced by another.
REPLACED_BY_WORD: Final = (
    "it was found after this store had forgotten, and it may be another store's, or there are two of it "
    "whose secrets may both be out: when you know that nothing on it can be paid any more, "
    "gate.journal.vouch(order)"
)
#: Why an answer is not believed whose age nobody can tell.
AGE_OPEN: Final = (
    "a slow answer may be about an older one, and Gate's clock could not be read again"
)
#: Why `at_once=True` does not cancel a taken-in session.
CANCELLED_BY_ID: Final = (
    "session {id} is open, and this store found it on Gate's list: another service may have made it and "
    "handed out its secret. Is it yours to end? Then gate.sessions.cancel({id!r}), and call again"
)


@attrs.frozen
class Refused:
    """A first send that has to wait for the walks, or for a word about its order.

    in_doubt: Whether it may have been sent before, by what the store still knows.
    """

    loss: StoreLoss
    in_doubt: bool


@attrs.frozen
class Admitted:
    """Result of a step that might go on. forgotten: True while the walks have not ended yet."""

    result: Any
    forgotten: bool


# --- how it is noticed ---------------------------------------------------------------------------


def seconds_older(
    record: object,
    gate_time: float | None,
    taken: float,
    ours: tuple[float, float] | None = None,
    ahead: float = math.inf,
) -> float | None:
    """Return by how many seconds an object predates its first send; None if by under 5, or unknown.

    A Date may be a proxy's, whose clock does not stamp objects. So what looks older by the Date is not, where
    our own clock saw its moment pass between the send and the answer. But where these lie far apart that may
    be chance, and where an object was seen to be as young as its Date says, that is no proxy's.

    gate_time: Gate's clock when the answer was there. taken: Seconds since the first byte was sent.
    ours: Our own clock at the first byte, and when the answer was there at the latest.
    ahead: Seconds by which the Date is ahead at most, see `date_ahead`.
    """
    made = _made_at(record)
    if made is None or gate_time is None:
        return None
    older = gate_time - taken - made
    if ours is not None and ahead > LEEWAY and ours[1] - ours[0] <= LEEWAY:
        begun, ended = ours
        older = 0.0 if begun - _NEAR <= made <= ended + _NEAR else older
    return older if older > LEEWAY else None


def seconds_before_sent(row: Intent, record: object) -> float | None:
    """Return by how many seconds an object predates all sends of its key; None if not, or unknown.

    A send that nobody can date is taken at its host's word, once Gate has told its clock.
    """
    own, first = row.sent_own, row.first_sent_at
    if row.operation not in (CREATE, *RAILS) or row.last_sent_at is None:
        return None
    if first is None and not row.gate_known:
        return None
    ours = None if own is None else (own, own + max(0.0, row.last_sent_at - (first or own)))
    return seconds_older(record, own if first is None else first, 0.0, ours)


def date_ahead(record: object, gate_time: float | None) -> float:
    """Return the most seconds that a Date can be ahead; infinity where nobody can tell."""
    made = _made_at(record)
    return math.inf if made is None or gate_time is None else gate_time - made


def _made_at(record: object) -> float | None:
    """Return when an object was made, in Unix seconds; None where that is not readable."""
    if isinstance(record, Mapping):
        return time_of(record.get("created_at"))
    return time_of(getattr(record, "created_at", None))


def withheld(intent: Intent, now: float) -> Intent:
    """Return an intent held for a person's decision: `sent`, in doubt, no object, never due."""
    nobodys: dict[str, Any] = dict.fromkeys(("object_id", "object_status", "status_at", "due_at"))
    return intent.doubtful(now, OLDER).evolved(state="sent", **nobodys)


def never_sent(intent: Intent) -> bool:
    """Return True for a session or rail whose key was never sent, or only sent and refused."""
    return is_first_send(intent) and intent.operation in (CREATE, *RAILS)


# --- what is said --------------------------------------------------------------------------------


def refusal(refused: Refused, asked: Intent, now: float, grace: float) -> GateError:
    """Return (not raise) a refused first send's NotSent or OutcomeUnknown; after walks GateUsageError."""
    loss = refused.loss
    if loss.over:
        return GateUsageError(
            f"{asked.operation} was not sent: this store had forgotten ({loss.reason}), and rails "
            "cannot be listed, so nobody knows whether this order has one already. Look for it, by "
            "webhook or with Gate's support; where it has none, gate.journal.vouch(order), or new_order=True "
            "for an order that was made after the loss",
            **asked.context,
        )
    wait = loss.wait(now, grace)
    kind = OutcomeUnknown if refused.in_doubt else NotSent
    return kind(
        f"{asked.operation} was not sent: {_reason(loss)} Walk {loss.walk} of 2 through the account "
        f"has taken in {loss.found} sessions; first sends go on after it, in {wait:.0f} s at the "
        "soonest. new_order=True sends at once what cannot have been made before",
        retry_after=wait,
        **asked.context,
    )


def _reason(loss: StoreLoss) -> str:
    """Return why first sends have to wait, for a person."""
    if loss.another_writes:
        return (
            "another store writes here: sessions of this namespace are being made that this store "
            "does not know. Give all workers of a service one store (PostgreSQL), and each service "
            "a namespace= of its own."
        )
    return f"the store has forgotten: {loss.reason}. {_REMEDY}."


def older_refusal(intent: Intent, id: str, seconds: float) -> OutcomeUnknown:
    """Return OutcomeUnknown for an order whose first send was answered by something older."""
    return OutcomeUnknown(
        f"{id} is under this key, and {seconds:.0f} s older than the first send of it: "
        "another service made it under the same order (give each service a namespace= of its own), "
        "or this one did, and its store has forgotten (gate.journal.rebuild(since=…)). Its secret is "
        "withheld and the order is held until one of the two is done",
        **intent.context,
    )


def reported(loss: StoreLoss, now: float, grace: float) -> Recovered:
    """Return recovery's only entry while it waits for the walks: NotSent with the seconds left."""
    wait = loss.wait(now, grace)
    error = NotSent(f"nothing was finished: {_reason(loss)} {loss}", retry_after=wait)
    return Recovered(operation=CREATE, order=None, attempt=None, idempotency_key="", error=error)


# --- steps ---------------------------------------------------------------------------------------


def read_loss(scope: Scope) -> Step[StoreLoss | None]:
    """Return the last loss, over or not; None where there never was one."""
    rows = yield sql.LOSS_READ(**scope.values)
    return StoreLoss(*rows[0]) if rows else None


def note_loss(
    scope: Scope,
    reason: str,
    *,
    now: float,
    gate_time: float,
    since: float = 0.0,
    asked: int = 0,
    made: float = 0.0,
) -> Step[StoreLoss]:
    """Note a loss unless one is being walked, and open sessions' secrets as out; return the loss.

    made: When the newest was made that it does not know.
    """
    values = scope.values | {"now": now}
    told = {"gate_time": gate_time, "reason": reason, "since": since, "asked": asked, "made": made}
    yield sql.LOSS_NOTE(**values, **told)
    yield sql.LOSS_SECRETS(**values)
    found = yield from read_loss(scope)
    assert found is not None
    return found


def compare(
    scope: Scope,
    listed: Sequence[Listed],
    written: Sequence[tuple[str, str]],
    *,
    partner: str,
    now: float,
    gate_time: float,
) -> Step[StoreLoss | None]:
    """Note and return a loss if a session or row of ours is not known; an open loss; or None.

    written: Operation and key. A row is committed before its first byte leaves, so whatever a list
    that was read before shows of this store's own has its row by now.
    """
    loss = yield from read_loss(scope)
    if loss is not None and not loss.over:
        return loss
    keys = sorted({str(one.marks.key) for one in listed})
    rows = yield from _rows_of(scope, CREATE, keys, partner)
    unknown = [one for one in listed if not any(row.explains(one) for row in rows)]
    if unknown:
        reason = (
            f"it does not know {len(unknown)} of the sessions on Gate's newest page, "
            f"such as {unknown[0].id}"
        )
        made = max(one.created_at or 0.0 for one in unknown)
        return (yield from note_loss(scope, reason, now=now, gate_time=gate_time, made=made))
    for operation in sorted({operation for operation, _ in written}):
        mine = {key for name, key in written if name == operation}
        rows = yield from _rows_of(scope, operation, sorted(mine), partner)
        if mine - {row.key for row in rows}:
            reason = f"a {operation} that this process wrote down is not in it"
            return (yield from note_loss(scope, reason, now=now, gate_time=gate_time))
    return None


@attrs.frozen
class _Row:
    """As much of a row as it takes to see whether a listed session is one of it."""

    key: str
    object_id: str | None
    duplicates: tuple[str, ...]
    ambiguous: int
    lease_until: float
    state: str

    def explains(self, one: Listed) -> bool:
        """Return True where this session may be of this row.

        A second one under a key comes of an attempt in doubt, or of one that is under way or died; a
        row that was ended in all order, and never in doubt, has none. One that was only written down
        has none at all: it is marked as sent before its first byte leaves.
        """
        if self.key != one.marks.key or self.state == "intended":
            return False
        known = self.object_id is None or one.id in (self.object_id, *self.duplicates)
        return known or bool(self.ambiguous) or self.lease_until > 0


def _rows_of(scope: Scope, operation: str, keys: Sequence[str], partner: str) -> Step[list[_Row]]:
    """Return the rows of these keys, under any account label of the partner."""
    found: list[_Row] = []
    size = len(sql.KEY_SLOTS)
    for start in range(0, len(keys), size):
        some = [*keys[start : start + size], *[""] * size][:size]
        slots = dict(zip(sql.KEY_SLOTS, some, strict=True))
        values = scope.values | {"operation": operation, "partner": partner}
        for key, id, duplicates, *more in (yield sql.KEYS_KNOWN(**values, **slots)):
            found.append(_Row(key, id, tuple(json.loads(duplicates)), *more))
    return found


def unless_forgotten(
    asked: Intent,
    step: Callable[[], Step[Any]],
    *,
    new_order: bool,
    remembered: bool,
    now: float,
    gate_time: float,
) -> Step[Admitted | Refused]:
    """Run *step*, return Admitted; or Refused where the store forgot, a loss noted if *asked*'s row is gone.

    remembered: Whether this process wrote a row for it before.
    """
    scope = Scope(asked.account, asked.mode, asked.namespace)
    loss = yield from read_loss(scope)
    if remembered and not (yield from _rows(asked)):
        reason = f"a {asked.operation} that this process wrote down is not in it"
        loss = yield from note_loss(scope, reason, now=now, gate_time=gate_time)
    if loss is not None and not (yield from _admit(loss, asked, new_order)):
        in_doubt = any(row.state == "sent" for row in (yield from _rows(asked)))
        return Refused(loss, in_doubt)
    return Admitted((yield from step()), loss is not None and not loss.over)


def _admit(loss: StoreLoss, asked: Intent, new_order: bool) -> Step[bool]:
    """Return True if a write may go on: new by word, known, vouched, no payment; or session, loss over."""
    if asked.operation not in (CREATE, *RAILS):
        # A customer costs nobody anything, and Gate refuses a second one of the same person.
        return True
    if loss.over and (asked.operation == CREATE or loss.vouched_at is not None):
        return True
    if new_order:
        return True
    for row in (yield from _rows(asked)):
        first = row.first_sent_at
        if row.object_id is not None or (first is not None and first >= loss.gate_time):
            return True
        if row.last_sent_at is not None and row.operation in RAILS:
            # Its quote stands in its terms, and is consumed once.
            return True
    return (yield from is_vouched(loss, asked))


def is_vouched(loss: StoreLoss, asked: Intent) -> Step[bool]:
    """Return True where somebody has said since the loss that nothing of this order is missing."""
    if asked.order_ref is None:
        return False
    scope = {"account": asked.account, "mode": asked.mode, "namespace": asked.namespace}
    told = yield sql.ORDER_VOUCHED(**scope, order_ref=asked.order_ref, noticed_at=loss.noticed_at)
    return bool(told)


def vouch(scope: Scope, order: str | None, now: float) -> Step[None]:
    """Note that nothing of an order is missing; of any (None), only where a loss is noted."""
    if order is None:
        yield sql.LOSS_VOUCH(**scope.values, now=now)
    else:
        yield sql.ORDER_VOUCH(**scope.values, order_ref=order, now=now)


def put_back(
    stands: Intent, *, now: float, gate_time: float
) -> Step[tuple[StoreLoss | None, bool]]:
    """Add a row again if it is gone and note a loss; return it (None: not gone), True if added."""
    if (yield from _rows(stands)):
        return None, False
    scope = Scope(stands.account, stands.mode, stands.namespace)
    reason = f"a {stands.operation} was gone when its answer came"
    loss = yield from note_loss(scope, reason, now=now, gate_time=gate_time)
    return loss, bool((yield sql.INTENT_ADD(**stands.row)))


def may_be_replaced(row: Intent) -> Step[bool]:
    """Return whether a session may be cancelled or replaced; False if it may be another store's.

    Not where another store writes here, for it may be that one's; nor where there are two of it,
    for the secrets of both may be out. A word about the order ends both.
    """
    if row.outcome != TAKEN_IN:
        return True
    loss = yield from read_loss(Scope(row.account, row.mode, row.namespace))
    if loss is None or not (row.duplicates or loss.another_writes):
        return True
    return (yield from is_vouched(loss, row))


def _rows(asked: Intent) -> Step[list[Intent]]:
    """Return the rows under the same key of the same operation."""
    scope = {"account": asked.account, "mode": asked.mode, "namespace": asked.namespace}
    rows = yield sql.INTENTS_UNDER(**scope, key=asked.key, **NO_CLOCK.values)
    return [row for row in map(Intent.read, rows) if row.operation == asked.operation]
