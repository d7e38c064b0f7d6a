# Written by facade/unasync.py from facade/zerogate/_async/settling.py; edit that file.
"""Writes without a key: what they came to is settled by reading the object."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from .. import errors
from .._compat import Look, sync_sleep
from .._idempotency.attempts import Call
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
        """Return when a call that begins now has to end, on the monotonic clock."""

    @abstractmethod
    def run(self, call: Call[T], *, until: float | None = None) -> T:
        """The record that answers *call*, or the error that its course ends in."""

    @abstractmethod
    def _next(
        self,
        call: Call[Any],
        meaning: AttemptVerdict,
        attempts: int,
        ends: float,
        asked: float | None,
    ) -> Retry | GiveUp:
        """Decide whether to try once more, and after how long."""

    def settle(
        self,
        call: Call[T],
        *,
        look: Look[T],
        settled: Callable[[T], bool],
        until: float | None = None,
    ) -> T:
        """A write without a key: a conflict or an unclear answer is settled by reading the object.

        look: Reads the object, by a deadline. settled: Whether what was read is the end of it; it
        raises where the object shows that this write can never succeed.
        """
        ends = self.deadline(call.timeout) if until is None else until
        attempt = 0
        while True:
            attempt += 1
            tried = self._tried(call, ends)
            failure = tried[1]
            if tried[1] is None and settled(tried[0]):
                return tried[0]
            record = self._looked(look, ends, failure or _unsettled(call))
            if settled(record):
                return record
            asked = failure.retry_after if failure is not None else None
            step = self._next(call, AttemptVerdict.UNSENT, attempt, ends, asked)
            if isinstance(step, GiveUp):
                raise failure or _unsettled(call)
            sync_sleep(self.settings.clock, step.wait)

    def change(self, call: Call[T], changes: Mapping[str, Any], look: Look[T]) -> T:
        """A partial update: sent again after an unclear answer only where a read shows the old values."""
        ends = self.deadline(call.timeout)
        before = look(ends)

        def settled(record: T) -> bool:
            if bodies.shows(record, changes):
                return True
            if bodies.same_before(before, record, changes):
                return False
            raise errors.OutcomeUnknown(
                f"{call.operation.id} met another change of the same fields: read and decide",
                **call.context,
            )

        return self.settle(call, look=look, settled=settled, until=ends)

    def _tried(self, call: Call[T], ends: float) -> tuple[T, None] | tuple[None, errors.GateError]:
        """Send the write; return its answer, or the error whose doubt a read has to settle."""
        try:
            return self.run(call, until=ends), None
        except (errors.Conflict, errors.OutcomeUnknown) as exc:
            return None, exc

    def _looked(self, look: Look[T], ends: float, failure: errors.GateError) -> T:
        try:
            return look(ends)
        except errors.GateError as exc:
            unread = exc
        raise failure.with_context(last_error=unread)


def _unsettled(call: Call[Any]) -> errors.OutcomeUnknown:
    return errors.OutcomeUnknown(
        f"{call.operation.id} was answered, and reading the object does not show it: read it again",
        **call.context,
    )
