"""Records of attempts and calls for an observer: a list of what may be told, not what to hide."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable
from typing import Any, Final

import attrs

from ._idempotency.attempts import Call, CallHistory
from ._transport.thrown import thrown_in
from ._unreadable import UnreadableRow
from .errors import GateError

#: Attempts and calls at DEBUG, failed calls at INFO; what differs from the contract at WARNING.
LOG: Final = logging.getLogger("zerogate")


@attrs.frozen(kw_only=True)
class _Told:
    """Facts that are told of an attempt as of a call.

    started: Unix seconds. status: None where no reply came. order, attempt: the caller's.
    reason: Why there is no answer that can be read, in our own words; None where there is one.
    """

    operation: str
    method: str
    route: str
    host: str
    mode: str
    account: str | None
    started: float
    seconds: float
    status: int | None
    reason: str | None
    order: str | None
    attempt: int | None
    idempotency_key: str | None


@attrs.frozen(kw_only=True)
class AttemptRecord(_Told):
    """One request and what it came to.

    number: 1 for the first. meaning: done, refused, throttled, unclear, held, redirected or unsent.
    """

    number: int
    meaning: str
    request_id: str | None
    error_type: str | None
    error_code: str | None


@attrs.frozen(kw_only=True)
class CallRecord(_Told):
    """One call, all its attempts and waits included.

    error: The class of what it raised, None on success. reason: As of its last attempt.
    """

    attempts: int
    error: str | None
    request_ids: tuple[str, ...]


Observer = Callable[[AttemptRecord | CallRecord], None]


class CallObservers:
    """Tells the observer and the log; neither can fail a call."""

    def __init__(
        self, observer: Observer | None, *, host: str, mode: str, account: str | None
    ) -> None:
        self._observer = observer
        self._everywhere = {"host": host, "mode": mode, "account": account}
        self._noticed: set[tuple[str, str]] = set()

    @property
    def heard(self) -> bool:
        """Return True if an observer or the log takes records; if not, none is made."""
        return self._observer is not None or LOG.isEnabledFor(logging.INFO)

    def attempt(
        self, course: CallHistory[Any], status: int | None, started: float, seconds: float
    ) -> None:
        """Tell observer and log of the last attempt, *seconds* long; an observer that raises fails no one."""
        last = course.last
        self._tell(
            AttemptRecord(
                number=course.attempts,
                started=started,
                seconds=seconds,
                meaning=course.last_meaning.name.lower(),
                status=status,
                request_id=course.request_ids[-1] if course.request_ids else None,
                error_type=last.type if last is not None else None,
                error_code=last.code if last is not None else None,
                reason=_reason(last),
                **self._of(course.call),
            ),
            logging.DEBUG,
        )

    def call(
        self, course: CallHistory[Any], error: BaseException | None, started: float, seconds: float
    ) -> None:
        """Tell observer and log of a whole call and its error; an observer that raises fails no call."""
        self._tell(
            CallRecord(
                started=started,
                seconds=seconds,
                attempts=course.attempts,
                error=None if error is None else type(error).__name__,
                reason=None if error is None else _reason(course.last),
                status=getattr(error, "status", None),
                request_ids=course.request_ids,
                **self._of(course.call),
            ),
            logging.DEBUG if error is None else logging.INFO,
        )

    def drift(self, operation: str, what: str, said: str) -> None:
        """Log a difference from the contract as a warning, once per operation and field."""
        if (operation, what) not in self._noticed:
            self._noticed.add((operation, what))
            LOG.warning("%s: %s %s", operation, what, said)

    def _of(self, call: Call[Any]) -> dict[str, Any]:
        """Return the fields that all records of a call have."""
        operation, identity = call.operation, call.identity
        return {
            "operation": operation.id,
            "method": operation.method,
            "route": operation.route,
            "order": identity and identity.order,
            "attempt": identity and identity.attempt,
            "idempotency_key": identity and identity.idempotency_key,
            **self._everywhere,
        }

    def _tell(self, record: AttemptRecord | CallRecord, level: int) -> None:
        """Log the record at this level and hand it to the observer, whose errors are logged."""
        if LOG.isEnabledFor(level):
            LOG.log(level, "%s", record)
        if self._observer is None:
            return
        handled = sys.exception()
        try:
            self._observer(record)
        except Exception as exc:
            if thrown_in(exc, handled) is not None:
                raise
            LOG.warning("the observer of this client raised; the call goes on", exc_info=True)


def warn_of_unreadable(*rows: UnreadableRow) -> None:
    """Log that rows of a list are left out: their ids and fields, never a value."""
    for row in rows:
        known = "without an id" if row.id is None else ascii(row.id[:128])
        LOG.warning("a row of a list is left out: %s: %s", known, row.why)


def _reason(last: GateError | None) -> str | None:
    """Return why no answer could be read; None if it has an error status, whose text may be personal."""
    told = last is not None and (last.status is None or 200 <= last.status <= 299)
    return str(last) if told else None
