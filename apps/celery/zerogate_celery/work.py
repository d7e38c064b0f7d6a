"""The work of a worker that is woken, and its regular upkeep. Knows no broker."""

from __future__ import annotations

import inspect
import logging
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import attrs
from zerogate import Gate, GateError, GateUsageError
from zerogate_store import EventContext, Inbox, RateLimiter

LOG: Final = logging.getLogger("zerogate.celery")
#: Writes that are recovered in one turn of the rate limiter.
_RECOVERED: Final = 5


@attrs.frozen(kw_only=True)
class Work:
    """Everything that a worker needs, made in its own process.

    handler, within, elsewhere: As in `Inbox.process`.
    gate: For bulk work: recovery, gaps, sweeps. Make it apart from the one that checkout uses, with
        `observer=rate_limiter.observe`; None leaves that work to somebody else.
    rate_limiter: The limit that this work keeps; give it to the inbox as well.
    retention: Days after which the bodies of handled events are erased; None keeps them.
    """

    inbox: Inbox
    handler: Callable[[EventContext], Any]
    transaction: Callable[[], Any] | None = None
    external_effect: bool = False
    gate: Gate | None = None
    rate_limiter: RateLimiter | None = None
    retention: float | None = None

    def __attrs_post_init__(self) -> None:
        wanted = {
            "inbox": (isinstance(self.inbox, Inbox), "an Inbox, and no AsyncInbox"),
            "handler": (
                callable(self.handler) and not inspect.iscoroutinefunction(self.handler),
                "a plain function of one event",
            ),
            "transaction": (
                self.transaction is None or callable(self.transaction),
                "what makes a context manager: transaction=engine.begin, without brackets",
            ),
            "external_effect": (type(self.external_effect) is bool, "True or False"),
            "gate": (self.gate is None or isinstance(self.gate, Gate), "a Gate, and no AsyncGate"),
            "rate_limiter": (
                self.rate_limiter is None or isinstance(self.rate_limiter, RateLimiter),
                "a RateLimiter, and no AsyncRateLimiter",
            ),
            "retention": (
                self.retention is None
                or (type(self.retention) in (int, float) and 0 < self.retention <= 100_000),
                "days, more than 0, or None",
            ),
        }
        for name, (fits, what) in wanted.items():
            if not fits:
                given = type(getattr(self, name)).__name__
                raise GateUsageError(f"{name}= of Work takes {what}, not {given}")

    def handle(self, most: int) -> bool:
        """Handle what is due, of *most* sessions at most; return True where there may be more."""
        for _ in range(most):
            if not self.inbox.process(
                self.handler, transaction=self.transaction, external_effect=self.external_effect
            ):
                return False
        return True

    def maintain(self) -> list[str]:
        """Do each task of the regular upkeep; log those that fail and return their names."""
        return [name for name, task in self._tasks() if not _run_task(name, task)]

    def _tasks(self) -> list[tuple[str, Callable[[], object]]]:
        """Return the upkeep's tasks by name: three with a gate, one more with a retention, else []."""
        tasks: list[tuple[str, Callable[[], object]]] = []
        if self.gate is not None:
            gate = self.gate
            tasks = [
                ("recover", lambda: self._recover(gate)),
                ("missing", lambda: self.inbox.missing(gate)),
                ("sweep", lambda: self.inbox.sweep(gate)),
            ]
        if self.retention is not None:
            before = datetime.now(UTC) - timedelta(days=self.retention)
            tasks.append(("forget", lambda: self.inbox.forget(before)))
        return tasks

    def _recover(self, gate: Gate) -> None:
        """Recover writes, five in a turn of the rate limiter, until fewer are due or all of five fail."""
        while True:
            if self.rate_limiter is not None:
                self.rate_limiter.acquire()
            done = gate.recover(limit=_RECOVERED)
            # Those that fail are due again some time: while a slow round lasts, it may be all of them.
            if len(done) < _RECOVERED or all(one.error is not None for one in done):
                return


def _run_task(name: str, task: Callable[[], object]) -> bool:
    """Run one task; return True, or log its GateError and return False."""
    try:
        task()
    except GateError as exc:
        LOG.warning("%s has to be done again: %s", name, exc)
        return False
    return True
