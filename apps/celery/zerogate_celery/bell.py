"""Wakes the workers from a thread of its own: no caller waits, several calls at once are one."""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Callable
from typing import Final

LOG: Final = logging.getLogger("zerogate.celery")
#: Seconds before the next ring, where one did not get through.
_PAUSE: Final = 1.0


class WorkerWakeup:
    """push: Sends one ring; it may take its time, or fail, while the broker is away."""

    def __init__(self, push: Callable[[], object]) -> None:
        self._push = push
        self._wanted = threading.Event()
        self._pid = 0

    def ring(self) -> None:
        # A thread does not survive a fork, and what it held stays held.
        if self._pid != os.getpid():
            self._begin()
        self._wanted.set()

    def _begin(self) -> None:
        # No lock, for a fork could leave it held: two threads at once would ring once too often.
        wanted = self._wanted = threading.Event()
        self._pid = os.getpid()
        target = self._ringing
        threading.Thread(target=target, args=(wanted,), name="zerogate-bell", daemon=True).start()

    def _ringing(self, wanted: threading.Event) -> None:
        while True:
            wanted.wait()
            wanted.clear()
            try:
                self._push()
            except Exception as exc:
                # The broker is away. Whoever polls the inbox finds what this ring was for.
                LOG.warning("a ring did not reach the broker: %s", type(exc).__name__)
                time.sleep(_PAUSE)
