"""Workers that are killed and a database that is stopped, both at any moment: nothing lost, nothing twice.

A few of each in every suite, and as many as ZEROGATE_KILLS and ZEROGATE_STOPS say on demand.
"""

from __future__ import annotations

import contextlib
import os
import random
import signal
import threading
import time
import traceback
import warnings
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

from zerogate import StoreFailed
from zerogate_store import Store

from tests.databases import schema
from tests.inbox.feeding import TABLE, Feed, inbox_on, leave_a_trace, once
from tests.store.cluster import Cluster, cluster

KILLS = int(os.environ.get("ZEROGATE_KILLS", "6"))
STOPS = int(os.environ.get("ZEROGATE_STOPS", "2"))


def work(url: str) -> None:
    """A worker's life: it knows only the database, and ends by being killed."""
    inbox = inbox_on(Store(url))
    while True:
        with contextlib.suppress(StoreFailed):
            inbox.drain(leave_a_trace)
        time.sleep(0.01)


def forked(work: Callable[[str], None], url: str) -> int:
    with warnings.catch_warnings():
        # Threads of other tests may be there; the child uses nothing that they may hold.
        warnings.simplefilter("ignore", DeprecationWarning)
        pid = os.fork()
    if pid == 0:
        try:
            work(url)
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(1)
    return pid


def killed(pid: int) -> None:
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)


class Crew:
    """So many workers, whatever happens to them."""

    def __init__(self, url: str, size: int) -> None:
        self.url, self.pids = url, [forked(work, url) for _ in range(size)]

    def lose_one(self) -> None:
        killed(self.pids.pop(0))
        self.pids.append(forked(work, self.url))

    def dismissed(self) -> None:
        while self.pids:
            killed(self.pids.pop())


@contextlib.contextmanager
def crew(url: str, size: int) -> Iterator[Crew]:
    made = Crew(url, size)
    try:
        yield made
    finally:
        made.dismissed()


def test_workers_that_are_killed_lose_and_double_nothing() -> None:
    with schema() as url:
        store = Store(url)
        store.run_in_transaction(lambda: once(TABLE))
        feed = Feed(store)
        with crew(url, 3) as workers:
            for number in range(KILLS * 4):
                feed.send(number)
                if number % 4 == 3:
                    workers.lose_one()
            feed.settled()
        feed.checked()
        store.close()


def test_a_database_that_is_stopped_at_once_loses_and_doubles_nothing() -> None:
    with cluster() as server:
        stopped_again_and_again(server)


def stopped_again_and_again(server: Cluster) -> None:
    store = Store(server.url)
    store.run_in_transaction(lambda: once(TABLE))
    feed, over = Feed(store), threading.Event()

    def keep_sending() -> None:
        while not over.is_set():
            feed.send(len(feed.sent))

    chance = random.Random(2)
    with crew(server.url, 3), ThreadPoolExecutor(1) as sender:
        sending = sender.submit(keep_sending)
        try:
            for _ in range(STOPS):
                time.sleep(0.2 + chance.random() / 2)
                server.crash()
                server.start()
        finally:
            over.set()
        sending.result()
        feed.settled()
    assert len(feed.sent) > STOPS
    feed.checked()
    store.close()
