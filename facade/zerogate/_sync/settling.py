# Written by facade/unasync.py from facade/zerogate/_async/settling.py; edit that file.
"""Writes without a key: what they came to is settled by reading the object."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from .. import errors
from .._compat import Look, sync_sleep
from .._idempotency.attempts import Call
from .._idempotency.retries import Again, Meaning, Stop
from .._wire import bodies

if TYPE_CHECKING:
    from .calls import Settings


class Settling(ABC):
    """A write and the reads that tell what became of it."""

    settings: Settings

    @abstractmethod
    def deadline(self, timeout: float | None) -> float:
        """Return when a call that begins now has to end, on the monotonic clock."""

    @abstractmethod
    def run(self, call: Call, *, until: float | None = None) -> Any:
        """The record that answers *call*, or the error that its course ends in."""

    @abstractmethod
    def _next(
        self, call: Call, meaning: Meaning, attempts: int, ends: float, asked: float | None
    ) -> Again | Stop:
        """Decide whether to try once more, and after how long."""

    def settle(
        self,
        call: Call,
        *,
        look: Look,
        settled: Callable[[Any], bool],
        until: float | None = None,
    ) -> Any:
        """A write without a key: a conflict or an unclear answer is settled by reading the object.

        look: Reads the object, by a deadline. settled: Whether what was read is the end of it; it
        raises where the object shows that this write can never succeed.
        """
        ends = self.deadline(call.timeout) if until is None else until
        attempt = 0
        while True:
            attempt += 1
            record, failure = self._tried(call, ends)
            if failure is None and settled(record):
                return record
            record = self._looked(look, ends, failure or _unsettled(call))
            if settled(record):
                return record
            asked = failure.retry_after if failure is not None else None
            step = self._next(call, Meaning.UNSENT, attempt, ends, asked)
            if isinstance(step, Stop):
                raise failure or _unsettled(call)
            sync_sleep(self.settings.clock, step.wait)

    def change(self, call: Call, changes: Mapping[str, Any], look: Look) -> Any:
        """A partial update: sent again after an unclear answer only where a read shows the old values."""
        ends = self.deadline(call.timeout)
        before = look(ends)

        def settled(record: Any) -> bool:
            if bodies.shows(record, changes):
                return True
            if bodies.same_before(before, record, changes):
                return False
            raise errors.OutcomeUnknown(
                f"{call.operation.id} met another change of the same fields: read and decide",
                **call.context,
            )

        return self.settle(call, look=look, settled=settled, until=ends)

    def _tried(self, call: Call, ends: float) -> tuple[Any, errors.GateError | None]:
        """Send the write; return its answer, or the error whose doubt a read has to settle."""
        try:
            return self.run(call, until=ends), None
        except (errors.Conflict, errors.OutcomeUnknown) as exc:
            return None, exc

    def _looked(self, look: Look, ends: float, failure: errors.GateError) -> Any:
        try:
            return look(ends)
        except errors.GateError as exc:
            unread = exc
        raise failure.with_context(last_error=unread)


def _unsettled(call: Call) -> errors.OutcomeUnknown:
    return errors.OutcomeUnknown(
        f"{call.operation.id} was answered, and reading the object does not show it: read it again",
        **call.context,
    )
