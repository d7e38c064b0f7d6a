"""Wakes the workers from a thread of its own: no caller waits, several calls at once are one."""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Callable
from typing import Final

LOG: Final = logging.getLogger("zerogate.celery")
#: Seconds before the next try, where one did not get through.
_PAUSE: Final = 1.0


class WorkerWakeup:
    """Thread that asks the broker to wake a worker, once for several requests at a time.

    push: Sends one request; it may take its time, or fail, while the broker is away.
    """

    def __init__(self, push: Callable[[], object]) -> None:
        self._push = push
        self._wanted = threading.Event()
        self._pid = 0

    def request(self) -> None:
        """Have the thread send one wake-up and return at once; start it if there is none."""
        # A thread does not survive a fork, and what it held stays held.
        if self._pid != os.getpid():
            self._begin()
        self._wanted.set()

    def _begin(self) -> None:
        """Start the thread that sends, with a new event that it waits for."""
        # No lock, for a fork could leave it held: two threads at once would ask once too often.
        wanted = self._wanted = threading.Event()
        self._pid = os.getpid()
        target = self._push_when_wanted
        threading.Thread(target=target, args=(wanted,), name="zerogate-wakeup", daemon=True).start()

    def _push_when_wanted(self, wanted: threading.Event) -> None:
        """Send a wake-up whenever one is wanted, for ever; log a failure and pause a second."""
        while True:
            wanted.wait()
            wanted.clear()
            try:
                self._push()
            except Exception as exc:
                # The broker is away. Whoever polls the inbox finds what this was for.
                LOG.warning("a wake-up did not reach the broker: %s", type(exc).__name__)
                time.sleep(_PAUSE)
