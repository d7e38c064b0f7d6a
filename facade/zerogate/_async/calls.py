"""Carries one call out: attempts, waits, one deadline. What to do next is decided elsewhere."""

from __future__ import annotations

import socket
from collections.abc import Callable
from typing import Any

import attrs

from .. import errors
from .._twins import AsyncLook, Running, async_finished, async_got, async_outlive, async_sleep
from .._wire import replies
from ..clocks import Clock
from ..courses import Call, Course
from ..credentials import Credentials
from ..exchange import NothingSent, Request
from ..retries import (
    Again,
    Meaning,
    RetryBudget,
    RetryPolicy,
    Stop,
    attempt_until,
    meaning_of,
    next_step,
    retry_after,
)

_NOT_SENT = (NothingSent, ConnectionRefusedError, socket.gaierror)


@attrs.frozen
class Settings:
    """What one client was given, checked; the same for all of its calls."""

    origin: str
    base_path: str
    credentials: Credentials
    headers: tuple[tuple[str, str], ...]
    timeout: float
    policy: RetryPolicy
    clock: Clock
    chance: Callable[[], float]
    namespace: str


class AsyncCalls:
    """Everything that a client's resources share: where to, with which key, how patiently."""

    def __init__(self, settings: Settings, transport: Any) -> None:
        self.settings = settings
        self._transport = transport
        self._budget = RetryBudget(settings.policy)
        self._running: Running = set()

    def deadline(self, timeout: float | None) -> float:
        """When a call that begins now has to end, on the monotonic clock."""
        seconds = self.settings.timeout if timeout is None else timeout
        return self.settings.clock.monotonic() + seconds

    async def run(self, call: Call, *, until: float | None = None) -> Any:
        """The record that answers *call*, or the error that its course ends in."""
        ends = self.deadline(call.timeout) if until is None else until
        if not call.operation.writes:
            return await self._carry_out(call, ends)
        return await async_outlive(self._running, self._carry_out(call, ends))

    async def settle(
        self,
        call: Call,
        *,
        look: AsyncLook,
        settled: Callable[[Any], bool],
    ) -> Any:
        """A write without a key: a conflict or an unclear answer is settled by reading the object.

        look: Reads the object, by a deadline. settled: Whether what was read is the end of it; it
        raises where the object shows that this write can never succeed.
        """
        ends, attempt = self.deadline(call.timeout), 0
        while True:
            attempt += 1
            try:
                return await self.run(call, until=ends)
            except (errors.Conflict, errors.OutcomeUnknown) as exc:
                failure: errors.GateError = exc
            record = await self._looked(look, ends, failure)
            if settled(record):
                return record
            step = self._next(call, Meaning.UNSENT, attempt, ends, failure.retry_after)
            if isinstance(step, Stop):
                raise failure
            await async_sleep(self.settings.clock, step.wait)

    async def _looked(
        self, look: AsyncLook, ends: float, failure: errors.GateError
    ) -> Any:
        try:
            return await look(ends)
        except errors.GateError as exc:
            unread = exc
        raise failure.with_context(last_error=unread)

    async def _carry_out(self, call: Call, ends: float) -> Any:
        course, reread = Course(call), False
        while True:
            last = course.attempts + 1 >= self.settings.policy.attempts
            until = attempt_until(self.settings.clock.monotonic(), ends, last=last)
            result, asked = await self._attempt(call, course, until)
            if course.last_meaning is Meaning.DONE:
                self._budget.refund(course.paid)
                if isinstance(result, errors.GateError):
                    raise result
                return result
            if not reread and _refused_key(course) and self.settings.credentials.read_again():
                reread = True
                continue
            step = self._next(call, course.last_meaning, course.attempts, ends, asked)
            if isinstance(step, Stop):
                raise course.ending(step.retry_after)
            course.paid += step.paid
            await async_sleep(self.settings.clock, step.wait)

    def _next(
        self, call: Call, meaning: Meaning, attempts: int, ends: float, asked: float | None
    ) -> Again | Stop:
        return next_step(
            policy=self.settings.policy,
            budget=self._budget,
            repeat=call.operation.repeat,
            meaning=meaning,
            attempts=attempts,
            left=ends - self.settings.clock.monotonic(),
            asked=asked,
            chance=self.settings.chance(),
        )

    async def _attempt(self, call: Call, course: Course, until: float) -> tuple[Any, float | None]:
        """Send once; note what it came to. What it read, if anything, and how long Gate asks to wait."""
        request = self._request(call)
        failure: errors.GateError | None = None
        meaning = Meaning.UNCLEAR
        try:
            reply = await async_got(self._transport.send(request, until))
        except errors.GateError:
            raise
        except _NOT_SENT as exc:
            meaning, failure = Meaning.UNSENT, errors.GateError(_named(exc))
        except Exception as exc:
            failure = errors.GateError(_named(exc))
        if failure is not None:
            # Noted outside of the except block: no transport object may hang on the error.
            course.note(meaning, failure, None)
            return None, None
        return self._understood(call, course, reply)

    def _understood(self, call: Call, course: Course, reply: Any) -> tuple[Any, float | None]:
        meaning = meaning_of(reply.status)
        if meaning is Meaning.DONE:
            return self._read(call, course, reply), None
        complaint = replies.complaint_of(reply.status, reply.headers, reply.body)
        told = replies.refusal if meaning in _DEFINITE else replies.trouble
        course.note(
            meaning, told(call.operation, complaint, reply.headers), complaint.request_id
        )
        return None, retry_after(reply.headers.get("retry-after"), self.settings.clock.now())

    def _read(self, call: Call, course: Course, reply: Any) -> Any:
        """The record of a 2xx; an error to raise where it is known but does not fit the contract."""
        request_id = replies.request_id_of(reply.headers)
        match replies.read(call.operation, reply.body):
            case replies.Found(record):
                course.note(Meaning.DONE, None, request_id)
                return record
            case replies.Drifted(id, raw, why):
                course.note(Meaning.DONE, None, request_id)
                return errors.UnexpectedAnswer(
                    f"{call.operation.id} happened, but its answer does not fit the contract "
                    f"({why}): the object's id is {id}",
                    id=id,
                    raw=raw,
                    status=reply.status,
                    request_ids=course.request_ids,
                    **call.context,
                )
            case replies.Unreadable(why):
                said = f"{call.operation.id} was answered {reply.status}, which cannot be read: {why}"
                course.note(
                    Meaning.UNCLEAR, errors.GateError(said, status=reply.status), request_id
                )
                return None

    def _request(self, call: Call) -> Request:
        operation, draft = call.operation, call.draft
        bearer = self.settings.credentials.bearer(publishable=operation.publishable)
        return Request(
            method=draft.method,
            origin=self.settings.origin,
            target=self.settings.base_path + draft.target,
            headers=(("Authorization", bearer), *self.settings.headers, *draft.headers),
            body=draft.body,
        )

    async def aclose(self) -> None:
        """Let the writes that are under way end, then close the connections."""
        await async_finished(self._running)
        close = getattr(self._transport, "aclose", None) or getattr(self._transport, "close", None)
        if close is not None:
            await async_got(close())


_DEFINITE = frozenset({Meaning.REFUSED, Meaning.THROTTLED})


def _refused_key(course: Course) -> bool:
    return course.last is not None and course.last.status in (401, 403)


def _named(exc: BaseException) -> str:
    """A failure by its kind; only our own transport's words are known to hold no secret."""
    return str(exc) if isinstance(exc, NothingSent) and str(exc) else type(exc).__name__
