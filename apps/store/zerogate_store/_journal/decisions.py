"""Decides what to do with an intent, and its state after a call. Pure: no clock, no database."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, TypeAlias

import attrs
from zerogate._idempotency.attempts import CallHistory
from zerogate._reconciliation.list_search import SearchResult
from zerogate.errors import (
    AttemptOpen,
    GateError,
    GateUsageError,
    IdempotencyConflict,
    KeyReused,
    NotSent,
    OutcomeUnknown,
    RequestRejected,
    UnexpectedAnswer,
)

from .intents import OLDER, TERMS_UNKNOWN, Intent

#: Outcome of what a walk found or closed: nobody has judged it; and once somebody has.
TAKEN_IN: Final = "taken in"
TAKEN_IN_OVER: Final = "taken in, and over"


@attrs.frozen
class Send:
    """Nothing of it exists: send it. was: How it stood before, for the case that no byte leaves."""

    intent: Intent
    was: Intent


@attrs.frozen
class SearchFirst:
    """It may exist: look for it before anything is sent."""

    intent: Intent


@attrs.frozen
class Replay:
    """It exists, and its key may yet bring back the secret."""

    intent: Intent


@attrs.frozen
class AlreadyCreated:
    """It exists; nothing is to be sent for it any more."""

    intent: Intent


@attrs.frozen
class InProgress:
    """Somebody works on it."""

    intent: Intent


@attrs.frozen
class Conflicting:
    """The key, or the order and attempt, stands for another payment."""

    intent: Intent


@attrs.frozen
class PreviousAttemptOpen:
    """Another attempt of the order is not closed."""

    intent: Intent


@attrs.frozen
class Held:
    """Its first send was answered by something older than it: a person has to say whose that is."""

    intent: Intent


@attrs.frozen
class Superseded:
    """It came to nothing, and another attempt was made: it is never sent."""

    intent: Intent


Decision: TypeAlias = (
    Send
    | SearchFirst
    | Replay
    | AlreadyCreated
    | InProgress
    | Conflicting
    | PreviousAttemptOpen
    | Held
    | Superseded
)


def decide(
    asked: Intent, rows: Sequence[Intent], *, now: float, holder: str, trust: float
) -> Decision | None:
    """Return what to do about *asked* beside rows of its key and order; None if none is in its way.

    That is where whoever was is closed by now.
    """
    for row in rows:
        if row.key == asked.key or row.attempt == asked.attempt:
            return _decide_on(asked, row, now=now, holder=holder, trust=trust)
    # The one that is open last: while it is, nothing is added beside it.
    in_the_way = [row for row in rows if is_unjudged(row)]
    in_the_way += [row for row in rows if row.closed_at is None]
    return PreviousAttemptOpen(in_the_way[0]) if in_the_way else None


def is_unjudged(row: Intent) -> bool:
    """Return True for a closed attempt on which money may come: closed by a walk, or with another session.

    A walk cannot tell whether money may still come, and of the other session an event told afterwards.
    """
    return row.closed_at is not None and (row.outcome == TAKEN_IN or row.another is not None)


def _decide_on(asked: Intent, row: Intent, *, now: float, holder: str, trust: float) -> Decision:
    """Return what to do about *asked* beside the row of its own key or attempt."""
    if any(
        getattr(row, name) != getattr(asked, name)
        for name in (_SAME if row.terms != TERMS_UNKNOWN else _SAME[:-1])
    ):
        return Conflicting(row)
    if row.outcome == OLDER:
        return Held(row)
    if row.closed_at is not None:
        return Superseded(row) if row.object_id is None else AlreadyCreated(row)
    if row.is_held and row.holder != holder and not row.yields:
        return InProgress(row)
    if row.state == "known":
        fresh = row.trusted_from is not None and row.is_trusted(now, trust)
        alike = row.fingerprint == asked.fingerprint and row.object_status in (None, "open")
        secret = row.operation == "createSession"
        return Replay(row) if fresh and alike and secret else AlreadyCreated(row)
    if row.state != "sent":
        return Send(row, row)
    mine = row.holder == holder and not row.ambiguous and not row.stands_for_other_bytes
    return Send(row, _before_sending(row)) if mine else SearchFirst(row)


def _before_sending(row: Intent) -> Intent:
    """Return a row as intended, without times: nothing was sent since our own step took it."""
    return row.evolved(
        state="intended",
        outcome=None,
        first_sent_at=None,
        last_sent_at=None,
        trusted_from=None,
    )


#: What has to agree where a write is asked for again; the last one where it is known.
_SAME: Final = ("key", "order_ref", "attempt", "terms")


def refusal(decision: Decision) -> GateError:
    """Return (not raise) the error of a decision that ends a call; by default: another worker is at it."""
    row = decision.intent
    named = f"order {row.order_ref!r}, attempt {row.attempt}" if row.order_ref else "this key"
    match decision:
        case Conflicting():
            return IdempotencyConflict(
                f"{named} stands for another amount, currency, token, network, wallet, quote or "
                "key: what was meant then is kept; a change needs attempt= counted up",
                **row.context,
            )
        case PreviousAttemptOpen():
            return AttemptOpen(
                f"{named} is not over: a new attempt has to wait until nothing on it can succeed",
                retry_after=row.lease.left if row.is_held and row.lease is not None else None,
                **row.context,
            )
        case Held():
            return OutcomeUnknown(
                f"{named} is held: its first send was answered by an object older than it, which "
                "another service made (give each service a namespace= of its own), or this one "
                "before its store forgot (gate.journal.rebuild(since=…))",
                **row.context,
            )
        case Superseded():
            return GateUsageError(
                f"{named} came to nothing, and a later attempt was made: use that one",
                **row.context,
            )
        case _:
            return OutcomeUnknown(
                f"{named} is in progress in another worker: call again, and it is the same write",
                retry_after=None if row.lease is None else max(0.0, row.lease.left),
                **row.context,
            )


def apply_result(
    intent: Intent,
    was: Intent,
    *,
    record: Any,
    failure: GateError | None,
    ambiguous: bool,
    definite: bool,
    handed_out: bool,
    request_ids: tuple[str, ...],
    now: float,
) -> Intent:
    """Return an intent after a call: known, rejected, not sent, or still in doubt.

    ambiguous: One of its attempts may have gone unseen. definite: A 409 was looked into and speaks of
    something else. handed_out: Whether the caller gets the record, and a secret with it.
    """
    doubt = int(ambiguous or intent.ambiguous)
    more: dict[str, Any] = {
        "ambiguous": doubt,
        "request_ids": (*intent.request_ids, *request_ids)[-20:],
    }
    match failure:
        case None:
            secret = handed_out and bool(getattr(record, "client_secret", None))
            status = getattr(record, "status", None)
            told = None if status is None else str(status)
            return intent.known(record.id, told, now, secret=secret, outcome=None, **more)
        case UnexpectedAnswer(id=str(id)):
            raw = failure.raw if isinstance(failure.raw, Mapping) else {}
            secret = handed_out and bool(raw.get("client_secret"))
            if failure.differs and intent.secret_at is None:
                more["disputed_at"] = intent.disputed_at or now
            return intent.known(id, None, now, outcome="UnexpectedAnswer", secret=secret, **more)
        case NotSent() if not doubt:
            return intent.unsent(was)
        case KeyReused() if not (doubt or definite):
            # Nothing came of our bytes; what there is under the key may yet be found by it.
            return intent.doubtful(now, _failure_text(failure), **more)
        case RequestRejected() if not doubt and (definite or failure.status != 409):
            return intent.rejected(now, _failure_text(failure), **more)
        case _:
            return intent.doubtful(now, _failure_text(failure), **more | {"ambiguous": 1})


def is_first_send(was: Intent) -> bool:
    """Return True where no earlier send of this intent may have taken effect."""
    return was.state in ("intended", "rejected") and not was.ambiguous


def why_made_before(was: Intent, told: object, course: CallHistory[Any]) -> str | None:
    """Return why what answered a key's first send was not made by it; None where it may have been.

    was: As the intent stood before. told: The object, read or as it came; None where nothing came.
    If it was not, either this store has forgotten what it sent, or another service writes in this namespace.
    """
    first = is_first_send(was) and was.first_sent_at is None and course.attempts_sent == 1
    status = told.get("status") if isinstance(told, Mapping) else getattr(told, "status", None)
    # One that is no text cannot be read, which says nothing of when the object was made.
    is_told = isinstance(status, str) and str(status) != "open"
    if not (is_told and first and was.operation == "createSession"):
        return None
    return f"it is {status} already"


def answered_before(
    intent: Intent, id: str, why: str, failure: GateError | None = None
) -> UnexpectedAnswer:
    """Return UnexpectedAnswer for a first send that an older object answered; it has no secret."""
    return UnexpectedAnswer(
        f"{intent.operation} was sent for the first time by this store, and {ascii(id)[1:-1]} was made "
        f"before that: {why}. Either the store has forgotten (restored, or new), or another service "
        "numbers its orders alike in this account: give each a namespace=",
        id=id,
        differs=getattr(failure, "differs", ()),
        **intent.context,
    )


def _failure_text(failure: GateError) -> str:
    """Return a failure's class, status and code as text."""
    return f"{type(failure).__name__} {failure.status or ''} {failure.code or ''}".strip()


def caller_error(stands: Intent, failure: GateError) -> GateError:
    """Return the failure where it is definite or OutcomeUnknown already, else OutcomeUnknown."""
    if stands.state != "sent" or isinstance(failure, OutcomeUnknown):
        return failure
    if isinstance(failure, KeyReused) and not stands.ambiguous:
        return failure
    return unknown(stands, str(failure)).with_context(last_error=failure)


def not_usable(intent: Intent, why: str) -> GateError:
    """Return NotSent for a write of unusable bytes; OutcomeUnknown where it may have been sent."""
    if intent.state == "intended" and not intent.ambiguous:
        return NotSent(f"{intent.operation} was not sent: {why}", **intent.context)
    return unknown(intent, why)


def why_not_absent(
    intent: Intent, looked: SearchResult, window: float, is_echoing: bool
) -> str | None:
    """Return why a search that found nothing does not prove absence; None where it does.

    A rail's quote and a customer's own ids prove it by themselves.

    is_echoing: Whether the account's list is known to give marks back.
    """
    if intent.operation != "createSession":
        return None
    # By each clock that tells: a Date may have come from elsewhere since.
    since = looked.began - (intent.last_sent_at or 0.0)
    late = window - min(since, since if intent.last_ago is None else intent.last_ago)
    if not intent.findable:
        return "its bytes carry no mark of its key, so that no list can show it"
    if looked.unread:
        return f"{looked.unread} rows of the list could not be read in id and metadata"
    if late > 0:
        return f"its last byte may still be on its way for {late:.0f} s"
    if not is_echoing:
        return (
            "this account's list has never been seen to give back the marks that writes carry "
            "in metadata"
        )
    return None


def why_not_again(
    intent: Intent, looked: SearchResult, now: float, window: float, is_echoing: bool
) -> str:
    """Return why what was not found may not be sent again; empty where it may."""
    if looked.hold or intent.is_trusted(now, window):
        return looked.hold or ""
    why: str | None = "not found so far, and its key is not trusted any more"
    if looked.complete:
        why = why_not_absent(intent, looked, window, is_echoing)
    return (why and f"that it does not exist is not proven: {why}") or ""


def unknown(intent: Intent, why: str) -> OutcomeUnknown:
    """Return OutcomeUnknown for a write that may have happened, with the reason."""
    return OutcomeUnknown(
        f"{intent.operation} may have happened: {why}; it is kept, and recover() goes on with it",
        **intent.context,
    )
