# Written by facade/unasync.py from tests/client/_async/test_clock.py; edit that file.
"""A clock of one's own, over real connections: deadlines are read on it as well."""

from __future__ import annotations

import time

import pytest
from zerogate import Gate, ReadFailed
from zerogate_sandbox import Sandbox, WallClock

from tests.timing import without_waiting


class Elsewhere:
    """Counts its seconds from another start than the machine does."""

    def __init__(self, start: float) -> None:
        self._start = start

    def now(self) -> float:
        return time.time()

    def monotonic(self) -> float:
        return time.monotonic() + self._start


@pytest.mark.parametrize("start", [-1e6, 1e6])
def test_a_deadline_on_the_clients_clock_is_one_for_its_connections(start: float) -> None:
    with Sandbox(clock=WallClock()).serve() as served:
        served.sandbox.faults.add("hang", operations="listSessions", skip=1)
        with Gate(
            "sk_test_elsewhere", base_url=served.base_url, clock=Elsewhere(start), timeout=0.4
        ) as client:
            assert client.sessions.list(timeout=20).first() is None
            with without_waiting(), pytest.raises(ReadFailed):
                client.sessions.list().first()
