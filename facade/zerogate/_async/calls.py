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
from .._clocks import Clock
from .._compat import (
    AsyncWork,
    Running,
    async_finished,
    async_result,
    async_run_to_completion,
    async_sender,
    async_sleep,
)
from .._credentials import Credentials
from .._frames import discreet
from .._holds import current_hold
from .._idempotency.attempts import Call, CallHistory
from .._idempotency.keys import Identity
from .._idempotency.retries import (
    AttemptVerdict,
    Dated,
    GiveUp,
    Retry,
    RetryBudget,
    RetryPolicy,
    attempt_until,
    clock_span,
    nearer_date,
    next_step,
    server_time,
)
from .._idempotency.send_failures import failed
from .._observers import CallObservers
from .._offline import check_offline
from .._pagination import Paginator
from .._transport.messages import Misuse, Request
from .._wire.models import Rows
from .._wire.operations import Operation, draft
from .pages import AsyncAutoPager
from .proving import AsyncProving
from .replies import AsyncReplies
from .settling import AsyncSettling

if TYPE_CHECKING:
    from .seam import AsyncDurability, AsyncJournal

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
    telling: CallObservers
    account: Account
    read_only: bool


class AsyncCalls(AsyncSettling):
    """All that a client's resources share."""

    def __init__(self, settings: Settings, transport: Any) -> None:
        self.settings = settings
        self.transport = transport
        self.durability: AsyncDurability | None = None
        self._send = async_sender(transport)
        # Bulk work in an outage leaves those who pay what they need, and they leave it its own.
        self._budgets = {bulk: RetryBudget(settings.policy) for bulk in (False, True)}
        self._running: Running = set()
        self._dated: Dated | None = None
        #: Of the last two answers: more would contradict a sandbox whose clock was moved on.
        self._dates: tuple[Dated, ...] = ()
        self._replies = AsyncReplies(settings, AsyncProving(self))

    def deadline(self, timeout: float | None) -> float:
        """Return the time *timeout* seconds from now (None: the client's), monotonic clock."""
        seconds = self.settings.timeout if timeout is None else timeout
        return self.settings.clock.monotonic() + seconds

    def server_now(self) -> float:
        """Return Gate's clock in Unix seconds, by its Date header; ours until one came."""
        now = self.settings.clock.monotonic()
        dated = None if self._dated is None else server_time(self._dated, now)
        return self.settings.clock.now() if dated is None else dated

    def server_span(self) -> tuple[float, float]:
        """Return Gate's earliest and latest time now by its last two Dates; equal if these agree."""
        return clock_span(self._dates, self.settings.clock.monotonic(), self.server_now())

    def sound_now(self) -> float:
        """Return our clock in Unix seconds; Gate's where the two differ by over 5 seconds."""
        now, server_now = self.settings.clock.now(), self.server_now()
        return now if abs(server_now - now) <= _WRONG else server_now

    def dated_now(self) -> float | None:
        """Return Gate's clock in Unix seconds; None until a reply within 5 s had a readable Date."""
        if self._dated is None or self._dated[2] > _WRONG:
            return None
        return server_time(self._dated, self.settings.clock.monotonic())

    async def ask(
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
        """Check the arguments and send one operation, with retries; return record or rows, or GateError."""
        call = self.call(
            operation,
            timeout=timeout,
            body=body,
            identity=identity,
            headers=headers,
            **parameters,
        )
        return await self.run(call, until=until)

    def call(
        self,
        operation: Operation[T],
        *,
        timeout: float | None,
        body: Mapping[str, Any] | None = None,
        identity: Identity | None = None,
        headers: tuple[tuple[str, str], ...] = (),
        new_order: bool = False,
        **parameters: Any,
    ) -> Call[T]:
        """Return the call, unsent; GateUsageError for wrong arguments or a write of a read-only client."""
        if operation.writes and self.settings.read_only:
            raise errors.GateUsageError(
                f"{operation.id} is a write, and this client was made with read_only=True",
                operation=operation.id,
            )
        self.settings.account.check()
        checked = validation.checked_timeout(timeout)
        key = {} if identity is None else {"idempotency_key": identity.idempotency_key}
        built = draft(operation, body=body, headers=headers, **key, **parameters)
        return Call(operation, built, identity, checked, body or {}, None, parameters, new_order)

    async def page(
        self, operation: Operation[Rows[Any]], *, raw: bool, timeout: float | None, **query: Any
    ) -> Rows[Any]:
        """Read one page of a list; with *raw*, its rows are parsed JSON, not models."""
        return await self.ask(operation.raw_rows() if raw else operation, timeout=timeout, **query)

    def listed(
        self,
        operation: Operation[Rows[M]],
        walk: Callable[[], Paginator[M]],
        *,
        timeout: float | None,
        **query: Any,
    ) -> AsyncAutoPager[M]:
        """Check limit and timeout; return a pager over a list by cursor, which sends once it is read."""
        validation.checked_limit(query["limit"], 100)
        validation.checked_timeout(timeout)

        @discreet
        async def fetch(cursor: str | None, raw: bool) -> Any:
            """Read the page after *cursor*; with *raw*, its rows are parsed JSON."""
            return await self.page(
                operation, raw=raw, timeout=timeout, starting_after=cursor, **query
            )

        return AsyncAutoPager(fetch, walk)

    async def run(self, call: Call[T], *, until: float | None = None) -> T:
        """Send *call* by *until* (None: its own timeout), by the store if it covers it; or GateError."""
        ends = self.deadline(call.timeout) if until is None else until
        if not call.operation.writes:
            return await self.carry_out(CallHistory(call), ends)
        if self.durability is not None and call.operation.id in self.durability.covers:
            return await self.run_to_completion(self.durability.write(call, ends))
        return await self.run_to_completion(self.carry_out(CallHistory(call), ends))

    async def run_to_completion(self, work: AsyncWork[T]) -> T:
        """Return the work's result; it goes on to its end if its caller is cancelled."""
        return await async_run_to_completion(self._running, work)

    def journal(self) -> AsyncJournal:
        """Return the store's journal; raises GateUsageError for a client without a store."""
        return self.durable().journal

    def durable(self) -> AsyncDurability:
        """Return the store's `Durability` for this client; GateUsageError without a store."""
        if self.durability is None:
            raise errors.GateUsageError("this needs a journal: Gate(…, store=Store(…))")
        return self.durability

    def first_attempt_until(self, ends: float) -> float:
        """Return the first attempt's end: half the time to *ends*; all if no retry is allowed."""
        now, last = self.settings.clock.monotonic(), self.settings.policy.attempts <= 1
        return attempt_until(now, ends, last=last)

    async def carry_out(self, course: CallHistory[T], ends: float) -> T:
        """Send all attempts, the store left out; tell the observer; return the record or raise GateError."""
        if not self.settings.telling.heard:
            return await self._carry_out_unobserved(course, ends)
        clock = self.settings.clock
        started, begun = clock.now(), clock.monotonic()
        failure: BaseException | None = None
        try:
            return await self._carry_out_unobserved(course, ends)
        except BaseException as exc:
            failure = exc
            raise
        finally:
            self.settings.telling.call(course, failure, started, clock.monotonic() - begun)

    async def _carry_out_unobserved(self, course: CallHistory[T], ends: float) -> T:
        """Send all attempts; return the record, or raise GateError: OutcomeUnknown if one stays in doubt."""
        try:
            return await self._repeat_attempts(course, ends)
        except errors.GateError as exc:
            failure = exc
        except BaseException:
            # Thrown in from outside, which is no failure of Gate's.
            self._budget().give_back(course.paid)
            raise
        raise course.broken_off(failure)

    async def _repeat_attempts(self, course: CallHistory[T], ends: float) -> T:
        """Send until an answer or no retry is left, a refused key read anew once; return record or raise."""
        credentials, reread = self.settings.credentials, False
        while True:
            known = credentials.renewals
            last = course.attempts + 1 >= self.settings.policy.attempts
            until = attempt_until(self.settings.clock.monotonic(), ends, last=last)
            result, asked = await self._attempt(course, until)
            if course.last_meaning is AttemptVerdict.DONE:
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
            if isinstance(step, GiveUp):
                raise course.ending(step.retry_after)
            course.paid += step.paid
            await async_sleep(self.settings.clock, step.wait)

    def _next(
        self,
        call: Call[Any],
        meaning: AttemptVerdict,
        attempts: int,
        ends: float,
        asked: float | None,
    ) -> Retry | GiveUp:
        """Return Retry, its tokens taken from the retry budget; GiveUp where none is allowed."""
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
        """Return the budget of bulk work inside `bulk_work()`, that of all other calls outside."""
        return self._budgets[is_bulk()]

    async def _attempt(self, course: CallHistory[Any], until: float) -> tuple[Any, float | None]:
        """Send once, note the verdict; return (record, error to raise or None if unsettled; Retry-After)."""
        request, clock = self._request(course.call), self.settings.clock
        course.bearer = request.headers[0][1]
        if (hold := current_hold()) is not None:
            await hold.attempt(until)
        started, begun = clock.now(), clock.monotonic()
        reply, failure, misuse, meaning = None, None, None, AttemptVerdict.UNCLEAR
        handled = sys.exception()
        try:
            reply = await self._send(request, until)
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
            course.note(meaning, course.hidden(failure), None)
        elif reply is not None:
            if "date" in reply.headers:
                now = clock.monotonic()
                told = (reply.headers["date"], now, now - begun)
                self._dated = nearer_date(self._dated, told)
                self._dates = (*self._dates[-1:], told)
            found = await self._replies.understood(course, reply, until)
        if self.settings.telling.heard:
            status = None if reply is None else reply.status
            self.settings.telling.attempt(course, status, started, clock.monotonic() - begun)
        return found

    def _request(self, call: Call[Any]) -> Request:
        """Return a call's HTTP request; GateUsageError without an API key or if offline mode forbids it."""
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

    async def aclose(self) -> None:
        """Wait for running writes to end, then close the store's part and the transport."""
        await async_finished(self._running)
        if self.durability is not None:
            await self.durability.aclose()
        close = getattr(self.transport, "aclose", None) or getattr(self.transport, "close", None)
        if close is not None:
            await async_result(close())


def _refused_key(course: CallHistory[Any]) -> bool:
    """Return True if a call made with the secret key was last answered 401 or 403."""
    return not course.call.operation.publishable and (
        course.last is not None and course.last.status in (401, 403)
    )
