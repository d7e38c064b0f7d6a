# Written by facade/unasync.py from facade/zerogate/_async/calls.py; edit that file.
"""Carries one call out: attempts, waits, one deadline. What to do next is decided elsewhere."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final, TypeVar

import attrs

from .. import _validation as validation
from .. import errors
from .._accounts import Account
from .._bulk import is_bulk
from .._captured import keep_response
from .._clocks import Clock
from .._compat import (
    Running,
    Work,
    sync_finished,
    sync_got,
    sync_run_to_completion,
    sync_sender,
    sync_sleep,
)
from .._contract_drift import drifts_of, unlike_asked
from .._credentials import Credentials
from .._frames import discreet
from .._holds import current_hold
from .._idempotency.answers import Anothers, Disputed
from .._idempotency.attempts import Call, Course, disputed
from .._idempotency.keys import Identity
from .._idempotency.retries import (
    Again,
    Meaning,
    Repeat,
    RetryBudget,
    RetryPolicy,
    Stop,
    attempt_until,
    clock_difference,
    meaning_of,
    next_step,
    retry_after,
    server_time,
)
from .._idempotency.send_failures import failed
from .._observers import LOG, Telling, warn_of_unreadable
from .._offline import check_offline
from .._pagination import Walking
from .._transport.messages import Misuse, Request
from .._wire import refusals
from .._wire import responses as replies
from .._wire.models import Rows
from .._wire.operations import Operation, draft
from .pages import Items
from .proving import Proving
from .settling import Settling

if TYPE_CHECKING:
    from .seam import Durability, Journal

T = TypeVar("T")
M = TypeVar("M")


#: Seconds that a clock is off by before it counts as wrong: a Date has whole ones, and networks are slow.
_WRONG: Final = 5.0


@attrs.frozen
class Settings:
    """The settings of one client, checked; the same for all of its calls."""

    origin: str
    base_path: str
    credentials: Credentials
    headers: tuple[tuple[str, str], ...]
    timeout: float
    policy: RetryPolicy
    clock: Clock
    chance: Callable[[], float]
    namespace: str
    telling: Telling
    account: Account
    read_only: bool


class Calls(Settling):
    """Everything that a client's resources share: where to, with which key, how patiently."""

    def __init__(self, settings: Settings, transport: Any) -> None:
        self.settings = settings
        self.transport = transport
        self.durability: Durability | None = None
        self._send = sync_sender(transport)
        # Bulk work in an outage leaves those who pay what they need, and they leave it its own.
        self._budgets = {bulk: RetryBudget(settings.policy) for bulk in (False, True)}
        self._running: Running = set()
        #: A Date of Gate's, and when it came, by both of our clocks.
        self._dated: tuple[str, float, float] | None = None
        self._proving = Proving(self)

    def deadline(self, timeout: float | None) -> float:
        """Return when a call that begins now has to end, on the monotonic clock."""
        seconds = self.settings.timeout if timeout is None else timeout
        return self.settings.clock.monotonic() + seconds

    def server_now(self) -> float:
        """Gate's own clock, by the Date of its last reply; ours until one came. Unix seconds."""
        if self._dated is None:
            return self.settings.clock.now()
        said, at, begun = self._dated
        # Not by the clock that was read then: somebody may have set it in between.
        return at + clock_difference(said, at) + self.settings.clock.monotonic() - begun

    def sound_now(self) -> float:
        """Our own clock; Gate's where ours is wrong, so that what is written down can be compared."""
        now, server_now = self.settings.clock.now(), self.server_now()
        return now if abs(server_now - now) <= _WRONG else server_now

    def dated_now(self) -> float | None:
        """Gate's own clock as `server_now`; None where no reply has told it."""
        if self._dated is None:
            return None
        said, at, begun = self._dated
        return server_time(said, at, at + self.settings.clock.monotonic() - begun)

    def ask(
        self,
        operation: Operation[T],
        *,
        timeout: float | None,
        until: float | None = None,
        body: Mapping[str, Any] | None = None,
        identity: Identity | None = None,
        headers: tuple[tuple[str, str], ...] = (),
        **parameters: Any,
    ) -> T:
        """Return what answers one operation of the contract."""
        call = self.call(
            operation,
            timeout=timeout,
            body=body,
            identity=identity,
            headers=headers,
            **parameters,
        )
        return self.run(call, until=until)

    def call(
        self,
        operation: Operation[T],
        *,
        timeout: float | None,
        body: Mapping[str, Any] | None = None,
        identity: Identity | None = None,
        headers: tuple[tuple[str, str], ...] = (),
        **parameters: Any,
    ) -> Call[T]:
        """A call as it will be sent; everything about it is checked here, before anything is."""
        if operation.writes and self.settings.read_only:
            raise errors.GateUsageError(
                f"{operation.id} is a write, and this client was made with read_only=True",
                operation=operation.id,
            )
        self.settings.account.check()
        checked = validation.checked_timeout(timeout)
        key = {} if identity is None else {"idempotency_key": identity.idempotency_key}
        built = draft(operation, body=body, headers=headers, **key, **parameters)
        return Call(operation, built, identity, checked, body or {}, named=parameters)

    def page(
        self, operation: Operation[Rows[Any]], *, raw: bool, timeout: float | None, **query: Any
    ) -> Rows[Any]:
        """Return one page of a list; *raw*, its rows as they came."""
        asked = operation.raw_rows() if raw else operation
        return self.ask(asked, timeout=timeout, **query)

    def listed(
        self,
        operation: Operation[Rows[M]],
        walk: Callable[[], Walking[M]],
        *,
        timeout: float | None,
        **query: Any,
    ) -> Items[M]:
        """A list by cursor, read when it is asked for."""
        validation.checked_limit(query["limit"], 100)
        validation.checked_timeout(timeout)

        @discreet
        def fetch(cursor: str | None, raw: bool) -> Any:
            return self.page(operation, raw=raw, timeout=timeout, starting_after=cursor, **query)

        return Items(fetch, walk)

    def run(self, call: Call[T], *, until: float | None = None) -> T:
        """The record that answers *call*, or the error that its course ends in."""
        ends = self.deadline(call.timeout) if until is None else until
        if not call.operation.writes:
            return self.carry_out(Course(call), ends)
        if self.durability is not None and call.operation.id in self.durability.covers:
            return self.run_to_completion(self.durability.write(call, ends))
        return self.run_to_completion(self.carry_out(Course(call), ends))

    def run_to_completion(self, work: Work[T]) -> T:
        """Finish work that changes things, once begun, whatever becomes of its caller."""
        return sync_run_to_completion(self._running, work)

    def journal(self) -> Journal:
        """Return the journal; what cannot be done without one says so."""
        return self.durable().journal

    def durable(self) -> Durability:
        """Return what a store does for this client; what cannot be done without one says so."""
        if self.durability is None:
            raise errors.GateUsageError("this needs a journal: Gate(…, store=Store(…))")
        return self.durability

    def first_attempt_until(self, ends: float) -> float:
        """Return when the first attempt of a call that begins now and ends at *ends* has to end."""
        now, last = self.settings.clock.monotonic(), self.settings.policy.attempts <= 1
        return attempt_until(now, ends, last=last)

    def carry_out(self, course: Course[T], ends: float) -> T:
        """All attempts of a call, and what is told of it."""
        if not self.settings.telling.heard:
            return self._seen(course, ends)
        clock = self.settings.clock
        started, begun = clock.now(), clock.monotonic()
        failure: BaseException | None = None
        try:
            return self._seen(course, ends)
        except BaseException as exc:
            failure = exc
            raise
        finally:
            self.settings.telling.call(course, failure, started, clock.monotonic() - begun)

    def _seen(self, course: Course[T], ends: float) -> T:
        """All attempts; where one could not even be made, what those before it left is not forgotten."""
        try:
            return self._attempts(course, ends)
        except errors.GateError as exc:
            failure = exc
        except BaseException:
            # Thrown in from outside, which is no failure of Gate's.
            self._budget().give_back(course.paid)
            raise
        raise course.broken_off(failure)

    def _attempts(self, course: Course[T], ends: float) -> T:
        credentials, reread = self.settings.credentials, False
        while True:
            known = credentials.renewals
            last = course.attempts + 1 >= self.settings.policy.attempts
            until = attempt_until(self.settings.clock.monotonic(), ends, last=last)
            result, asked = self._attempt(course, until)
            if course.last_meaning is Meaning.DONE:
                self._budget().refund(course.paid)
                if isinstance(result, errors.GateError):
                    raise result
                record: T = result
                return record
            if not reread and _refused_key(course) and credentials.read_again(known):
                reread = True
                continue
            if course.misled and self.durability is not None:
                # What is written down can be looked for, and that comes before asking again.
                raise course.ending()
            step = self._next(course.call, course.last_meaning, course.attempts, ends, asked)
            if isinstance(step, Stop):
                raise course.ending(step.retry_after)
            course.paid += step.paid
            sync_sleep(self.settings.clock, step.wait)

    def _next(
        self, call: Call[Any], meaning: Meaning, attempts: int, ends: float, asked: float | None
    ) -> Again | Stop:
        return next_step(
            policy=self.settings.policy,
            budget=self._budget(),
            repeat=call.operation.repeat,
            meaning=meaning,
            attempts=attempts,
            left=ends - self.settings.clock.monotonic(),
            asked=asked,
            chance=self.settings.chance(),
            now=self.settings.clock.monotonic(),
        )

    def _budget(self) -> RetryBudget:
        return self._budgets[is_bulk()]

    def _attempt(self, course: Course[Any], until: float) -> tuple[Any, float | None]:
        """Send once; note what it came to. What it read, if anything, and how long Gate asks to wait."""
        request, clock = self._request(course.call), self.settings.clock
        if (hold := current_hold()) is not None:
            hold.attempt(until)
        started, begun = clock.now(), clock.monotonic()
        reply, failure, misuse, meaning = None, None, None, Meaning.UNCLEAR
        handled = sys.exception()
        try:
            reply = self._send(request, until)
        except errors.GateError:
            raise
        except Misuse as exc:
            misuse = str(exc)
        except Exception as exc:
            meaning, failure = failed(exc, self.transport, handled)
        # What follows stands outside of the except block: no transport object may hang on an error.
        if misuse is not None:
            raise errors.GateUsageError(misuse)
        found: tuple[Any, float | None] = (None, None)
        if failure is not None:
            course.note(meaning, failure, None)
        else:
            found = self._understood(course, reply, until)
        if self.settings.telling.heard:
            status = None if reply is None else reply.status
            self.settings.telling.attempt(course, status, started, clock.monotonic() - begun)
        return found

    def _understood(
        self, course: Course[Any], reply: Any, until: float
    ) -> tuple[Any, float | None]:
        if "date" in reply.headers:
            clock = self.settings.clock
            self._dated = (reply.headers["date"], clock.now(), clock.monotonic())
        operation = course.call.operation
        keep_response(operation.id, reply, replies.request_id_of(reply.headers))
        if meaning_of(reply.status) is Meaning.DONE:
            return self._read(course, reply, until), None
        complaint = replies.complaint_of(reply.status, reply.headers, reply.body)
        meaning = meaning_of(
            reply.status,
            keyed=operation.repeat is Repeat.KEYED,
            told=complaint.enveloped,
            known=refusals.settles(operation, complaint),
        )
        told = refusals.refusal if meaning in _DEFINITE else refusals.trouble
        error = told(operation, complaint, reply.headers, course.call.named)
        course.note(meaning, error, complaint.request_id)
        return None, retry_after(reply.headers.get("retry-after"), self.settings.clock.now())

    def _read(self, course: Course[Any], reply: Any, until: float) -> Any:
        """The record of a 2xx; an error to raise where it is known but does not fit the contract."""
        call, operation = course.call, course.call.operation
        request_id = replies.request_id_of(reply.headers)
        wrapping = getattr(reply, "oddities", ())
        match replies.read(operation, reply.body, call.named):
            case replies.Found(record, raw, oddities):
                verdict = self._proving.verdict(call, raw, until)
                if isinstance(verdict, Anothers):
                    return self._misled(course, verdict, reply)
                course.note(Meaning.DONE, None, request_id)
                if isinstance(verdict, Disputed):
                    return disputed(course, verdict, raw, reply.status)
                drifts = drifts_of(record, raw, self.settings.credentials.mode)
                for what, said in (
                    *wrapping,
                    *oddities,
                    *drifts,
                    *unlike_asked(call, raw, verdict),
                ):
                    self.settings.telling.drift(operation.id, what, said)
                if operation.lists and not operation.known_by:
                    # Read in one piece: nobody else would say that a row of it is missing.
                    warn_of_unreadable(*record.unreadable)
                return self._owned(course, replies.usable(operation, record, raw))
            case replies.Drifted(id, raw, why):
                verdict = self._proving.verdict(call, raw, until)
                if isinstance(verdict, Anothers):
                    return self._misled(course, verdict, reply)
                course.note(Meaning.DONE, None, request_id)
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
                course.note(Meaning.DONE, None, request_id)
                return errors.ReadFailed(f"{operation.id} {why}", **course.answered(reply.status))
            case replies.Unreadable(why) | replies.Foreign(why):
                trouble = replies.unread(operation, reply.status, why, wrapping)
                course.note(Meaning.UNCLEAR, trouble, request_id)
                return None

    def _misled(self, course: Course[Any], verdict: Anothers, reply: Any) -> None:
        """An answer about another payment says nothing about ours: as if none had come."""
        operation = course.call.operation.id
        LOG.warning("%s was answered about another: %s (%s)", operation, verdict.id, verdict.why)
        said = (
            f"{operation} was answered {reply.status} about another payment, {verdict.id} "
            f"({verdict.why}), which says nothing about this one"
        )
        trouble = errors.GateError(said, status=reply.status, code=errors.ANOTHERS_ANSWER)
        course.misled = True
        course.note(Meaning.UNCLEAR, trouble, replies.request_id_of(reply.headers))
        if getattr(reply, "discard", None) is not None:
            # Whatever mixed two answers up may have another one waiting on this connection.
            reply.discard()

    def _owned(self, course: Course[Any], record: Any) -> Any:
        """The record, if it is this account's. What a write has made stands, with a warning."""
        wrong = self.settings.account.notice(record)
        if wrong is None:
            return record
        if not course.call.operation.writes:
            return errors.ReadFailed(wrong, request_ids=course.request_ids, **course.call.context)
        LOG.warning("%s: %s", course.call.operation.id, wrong)
        record.additional_properties["zerogate_warning"] = wrong
        return record

    def _request(self, call: Call[Any]) -> Request:
        operation, draft = call.operation, call.draft
        check_offline(self.settings.credentials.mode, self.settings.origin, self.transport)
        bearer = self.settings.credentials.bearer(publishable=operation.publishable)
        return Request(
            method=draft.method,
            origin=self.settings.origin,
            target=self.settings.base_path + draft.target,
            headers=(("Authorization", bearer), *self.settings.headers, *draft.headers),
            body=draft.body,
        )

    def close(self) -> None:
        """Let the writes that are under way end, then close the connections."""
        sync_finished(self._running)
        if self.durability is not None:
            self.durability.close()
        close = getattr(self.transport, "close", None) or getattr(self.transport, "close", None)
        if close is not None:
            sync_got(close())


#: Answered in Gate's words, so that the error is of the kind its status stands for.
_DEFINITE = frozenset({Meaning.REFUSED, Meaning.THROTTLED, Meaning.HELD})


def _refused_key(course: Course[Any]) -> bool:
    """Say whether the secret key may be the reason: the last answer was a 401 or a 403."""
    refused = course.last is not None and course.last.status in (401, 403)
    return refused and not course.call.operation.publishable
