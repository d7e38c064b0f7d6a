# Written by facade/unasync.py from facade/zerogate/_async/settling.py; edit that file.
"""Writes without a key: what they came to is settled by reading the object."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from .. import errors
from .._compat import Look, sync_sleep
from .._idempotency.attempts import Call, CallHistory
from .._idempotency.retries import AttemptVerdict, GiveUp, Retry
from .._wire import bodies

if TYPE_CHECKING:
    from .calls import Settings

T = TypeVar("T")


class Settling(ABC):
    """A write and the reads that tell what became of it."""

    settings: Settings

    @abstractmethod
    def deadline(self, timeout: float | None) -> float:
        """Return the time *timeout* seconds from now (None: the client's), monotonic clock."""

    @abstractmethod
    def run(self, call: Call[T], *, until: float | None = None) -> T:
        """Send *call* and return its record, or raise the error that its attempts end in."""

    @abstractmethod
    def _next(
        self,
        call: Call[Any],
        meaning: AttemptVerdict,
        attempts: int,
        ends: float,
        asked: float | None,
    ) -> Retry | GiveUp:
        """Return Retry, its tokens taken from the retry budget; GiveUp where none is allowed."""

    def settle(
        self,
        call: Call[T],
        *,
        look: Look[T],
        settled: Callable[[T], bool],
        until: float | None = None,
    ) -> T:
        """Send a write without a key until its answer or *look* shows it done; return that record, or raise.

        A conflict or an unclear answer is settled by reading the object.

        look: Reads the object, by a deadline. settled: Whether what was read is the end of it; it
        raises where the object shows that this write can never succeed.
        """
        ends = self.deadline(call.timeout) if until is None else until
        attempt = 0
        while True:
            attempt += 1
            tried = self._send_write(call, ends)
            failure = tried[1]
            if tried[1] is None and settled(tried[0]):
                return tried[0]
            record = self._read_object(call, look, ends, failure or _unsettled(call))
            if settled(record):
                return record
            asked = failure.retry_after if failure is not None else None
            step = self._next(call, AttemptVerdict.UNSENT, attempt, ends, asked)
            if isinstance(step, GiveUp):
                raise failure or _unsettled(call)
            sync_sleep(self.settings.clock, step.wait)

    def change(self, call: Call[T], changes: Mapping[str, Any], look: Look[T]) -> T:
        """Send a partial update, again only if a read shows old values; OutcomeUnknown if others show."""
        ends = self.deadline(call.timeout)
        before = look(ends)

        def settled(record: T) -> bool:
            """Return True if the change shows, False if nothing changed; else OutcomeUnknown."""
            if bodies.shows(record, changes):
                return True
            if bodies.same_before(before, record, changes):
                return False
            raise errors.OutcomeUnknown(
                f"{call.operation.id} met another change of the same fields: read and decide",
                **call.context,
            )

        return self.settle(call, look=look, settled=settled, until=ends)

    def _send_write(
        self, call: Call[T], ends: float
    ) -> tuple[T, None] | tuple[None, errors.GateError]:
        """Send the write; return (record, None), or (None, the Conflict or OutcomeUnknown left to settle)."""
        try:
            return self.run(call, until=ends), None
        except (errors.Conflict, errors.OutcomeUnknown) as exc:
            return None, exc

    def _read_object(
        self, call: Call[Any], look: Look[T], ends: float, failure: errors.GateError
    ) -> T:
        """Read the object by *ends*; if that fails, raise the write's *failure* with that as last_error."""
        try:
            return look(ends)
        except errors.GateError as exc:
            unread = exc
        raise failure.with_context(last_error=CallHistory(call).hidden(unread))


def _unsettled(call: Call[Any]) -> errors.OutcomeUnknown:
    """Return (not raise) the error of an answered write that a read does not show."""
    return errors.OutcomeUnknown(
        f"{call.operation.id} was answered, and reading the object does not show it: read it again",
        **call.context,
    )
