"""Reads what one reply means for its call: a record, a refusal, another payment's answer, or nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .. import errors
from .._captured import keep_response
from .._contract_drift import drifts_of, unlike_asked
from .._idempotency.answers import Anothers, Disputed
from .._idempotency.attempts import CallHistory, disputed
from .._idempotency.retries import AttemptVerdict, RetrySafety, meaning_of, retry_after
from .._observers import LOG, warn_of_unreadable
from .._wire import refusals
from .._wire import responses as replies
from .proving import AsyncProving

if TYPE_CHECKING:
    from .calls import Settings

#: Answered in Gate's words, so that the error is of the kind its status stands for.
_DEFINITE = frozenset({AttemptVerdict.REFUSED, AttemptVerdict.THROTTLED, AttemptVerdict.HELD})


class AsyncReplies:
    """The replies to one client: whose each is, what it says, and what is odd about it."""

    def __init__(self, settings: Settings, proving: AsyncProving) -> None:
        self._settings, self._proving = settings, proving

    async def understood(
        self, course: CallHistory[Any], reply: Any, until: float
    ) -> tuple[Any, float | None]:
        """Note a reply's verdict; return (record, error to raise or None if unsettled; Retry-After)."""
        operation, hide = course.call.operation, course.hide
        request_id = replies.request_id_of(reply.headers, hide)
        keep_response(operation.id, reply, request_id)
        if meaning_of(reply.status) is AttemptVerdict.DONE:
            found = await self._read(course, reply, request_id, until)
            return course.hidden(found) if isinstance(found, errors.GateError) else found, None
        complaint = replies.complaint_of(reply.status, reply.headers, reply.body, hide)
        meaning = meaning_of(
            reply.status,
            keyed=operation.repeat is RetrySafety.KEYED,
            told=complaint.enveloped or not operation.writes,
            known=refusals.settles(operation, complaint),
        )
        told = refusals.refusal if meaning in _DEFINITE else refusals.trouble
        error = told(
            operation, complaint, hide(reply.headers.get("location", "")), course.call.named
        )
        course.note(meaning, error, complaint.request_id)
        return None, retry_after(reply.headers.get("retry-after"), self._settings.clock.now())

    async def _read(
        self, course: CallHistory[Any], reply: Any, request_id: str | None, until: float
    ) -> Any:
        """Note a 2xx's verdict; return its record, an error to raise, or None if it settles nothing."""
        call, operation = course.call, course.call.operation
        wrapping = getattr(reply, "oddities", ())
        match replies.read(operation, reply.body, call.named):
            case replies.Found(record, raw, oddities):
                verdict = await self._proving.verdict(call, raw, until)
                if isinstance(verdict, Anothers):
                    return self._note_misled(course, verdict, reply, request_id)
                course.note(AttemptVerdict.DONE, None, request_id)
                if isinstance(verdict, Disputed):
                    return disputed(course, verdict, raw, reply.status)
                drifts = drifts_of(record, raw, self._settings.credentials.mode)
                for what, said in (
                    *wrapping,
                    *oddities,
                    *drifts,
                    *unlike_asked(call, raw, verdict),
                ):
                    self._settings.telling.drift(operation.id, what, course.hide(said))
                if operation.lists and not operation.known_by:
                    # Read in one piece: nobody else would say that a row of it is missing.
                    warn_of_unreadable(*record.unreadable)
                return self._check_owner(course, replies.usable(operation, record, raw))
            case replies.UnreadableReply(id, raw, why) if course.hide(id)[:1] != "[":
                verdict = await self._proving.verdict(call, raw, until)
                if isinstance(verdict, Anothers):
                    return self._note_misled(course, verdict, reply, request_id)
                course.note(AttemptVerdict.DONE, None, request_id)
                if isinstance(verdict, Disputed):
                    return disputed(course, verdict, raw, reply.status)
                return errors.UnexpectedAnswer(
                    f"{operation.id} happened, but its answer does not fit the contract "
                    f"({why}): the object's id is {id}",
                    id=id,
                    raw=raw if raw.get("status") == "open" else errors.without_secret(raw),
                    **course.answered(reply.status),
                )
            case replies.Foreign(why) if not operation.writes:
                course.note(AttemptVerdict.DONE, None, request_id)
                return errors.ReadFailed(f"{operation.id} {why}", **course.answered(reply.status))
            case replies.Unreadable(why) | replies.Foreign(why) | replies.UnreadableReply(why=why):
                trouble = replies.unread(operation, reply.status, why, wrapping)
                course.note(AttemptVerdict.UNCLEAR, course.hidden(trouble), request_id)
                return None

    def _note_misled(
        self, course: CallHistory[Any], verdict: Anothers, reply: Any, request_id: str | None
    ) -> None:
        """Note an answer about another payment as unclear, and have its connection closed.

        An answer about another payment says nothing about ours: as if none had come.
        """
        said = (
            f"{course.call.operation.id} was answered {reply.status} about another payment, "
            f"{verdict.id} ({verdict.why}), which says nothing about this one"
        )
        trouble = errors.GateError(said, status=reply.status, code=errors.ANOTHERS_ANSWER)
        LOG.warning("%s", course.hidden(trouble))
        course.misled = True
        course.note(AttemptVerdict.UNCLEAR, trouble, request_id)
        if getattr(reply, "discard", None) is not None:
            # Whatever mixed two answers up may have another one waiting on this connection.
            reply.discard()

    def _check_owner(self, course: CallHistory[Any], record: Any) -> Any:
        """Return the record; if another account's: a write's with a warning, for a read's a ReadFailed."""
        wrong = self._settings.account.notice(record)
        if wrong is None:
            return record
        if not course.call.operation.writes:
            return errors.ReadFailed(wrong, request_ids=course.request_ids, **course.call.context)
        LOG.warning("%s: %s", course.call.operation.id, course.hide(wrong))
        record.additional_properties["zerogate_warning"] = wrong
        return record
