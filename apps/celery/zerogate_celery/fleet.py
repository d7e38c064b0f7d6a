"""Celery tasks that wake workers and run the upkeep, in the partner's app; they carry no data."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from typing import Any

from zerogate import GateUsageError

from .wakeup import WorkerWakeup
from .work import Work

try:
    from celery import Celery
except ImportError as missing:
    raise ImportError(
        "a fleet needs Celery: in a clone of the project, run `python -m pip install -e '.[celery]'`"
    ) from missing

#: Sessions that one wake-up is good for; for what is left somebody else is woken as well.
_PER_WAKEUP = 25


class Fleet:
    """Workers that handle what is in the inbox, whoever received it.

    A wake-up that is lost costs a wait until the next `poll`, one that is doubled a query; a worker
    that is killed costs its lease. So no task is acknowledged late, retried or kept.

    app: Your Celery.
    work: Makes what a worker needs; called once in each process.
    queue: Where wake-ups go.
    poll: Seconds between two looks at what nobody was woken for: what waits for its next try.
    maintain: Seconds between two rounds of recovery, gaps and sweeps; needs `celery beat`, as poll does.
    """

    def __init__(
        self,
        app: Celery,
        work: Callable[[], Work],
        *,
        queue: str = "zerogate",
        poll: float = 5.0,
        maintain: float = 300.0,
    ) -> None:
        if not hasattr(type(app), "task"):
            raise GateUsageError(
                f"app= takes a Celery, not {type(app).__name__}: Celery('shop', …)"
            )
        for seconds in (poll, maintain):
            if type(seconds) not in (int, float) or not 0 < seconds < 1e9:
                raise GateUsageError("poll= and maintain= are seconds, more than zero")
        if not callable(work):
            raise GateUsageError(
                f"work= takes a function that returns a Work, not {type(work).__name__}: it is made "
                "anew in each process"
            )
        if not isinstance(queue, str) or not queue:
            raise GateUsageError("queue= takes the name of a queue, 'zerogate'")
        self._make = work
        self._made: tuple[int, Work | None] = (0, None)
        self._lock = threading.Lock()
        kept: dict[str, Any] = {"ignore_result": True, "acks_late": False, "max_retries": 0}

        # Functions, for Celery takes a method's first argument to be missing, also where it is bound.
        def handle() -> None:
            """Handle what is due of 25 sessions at most; wake another worker if more may be."""
            if self.work.handle(_PER_WAKEUP):
                self.wake()

        def attend() -> None:
            """Do the upkeep, then handle what is due."""
            self.work.maintain()
            handle()

        self._handle = app.task(handle, name=f"{queue}.handle", **kept)
        self._maintain = app.task(attend, name=f"{queue}.maintain", **kept)
        self._sent: dict[str, Any] = {"queue": queue, "ignore_result": True}
        self._wakeup = WorkerWakeup(
            lambda: self._handle.apply_async(expires=60, retry=False, **self._sent)
        )
        app.conf.task_routes = {
            **dict(app.conf.task_routes or {}),
            f"{queue}.*": {"queue": queue},
        }
        for name, every in (("handle", poll), ("maintain", maintain)):
            # Where no worker takes them, one is enough.
            app.conf.beat_schedule[f"{queue}-{name}"] = {
                "task": f"{queue}.{name}",
                "schedule": every,
                "options": {"queue": queue, "expires": every},
            }

    def wake(self) -> None:
        """Have a thread ask the broker to wake a worker; return at once, log a broker's failure."""
        self._wakeup.request()

    @property
    def work(self) -> Work:
        """Return the work of this process, made on first use and again after a fork."""
        with self._lock:
            pid, work = self._made
            if work is None or pid != os.getpid():
                work = self._make()
                self._made = (os.getpid(), work)
            return work
