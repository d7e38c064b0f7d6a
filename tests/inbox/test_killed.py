"""Workers that are killed and a database that is stopped, both at any moment: nothing lost, nothing twice.

A few of each in every suite; with ZEROGATE_FULL=1, 50 kills and 20 stops.
"""

from __future__ import annotations

import contextlib
import os
import random
import secrets
import signal
import subprocess
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from zerogate import StoreFailed
from zerogate.stores import Store

from tests.databases import schema
from tests.inbox.feeding import FULL, TABLE, Feed, inbox_on, leave_a_trace, once

KILLS, STOPS = (50, 20) if FULL else (6, 2)


def work(url: str) -> None:
    """A worker's life: it knows only the database, and ends by being killed."""
    inbox = inbox_on(Store(url))
    while True:
        with contextlib.suppress(StoreFailed):
            inbox.drain(leave_a_trace)
        time.sleep(0.01)


def forked(work: Callable[[str], None], url: str) -> int:
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
        store.transact(lambda: once(TABLE))
        feed = Feed(store)
        with crew(url, 3) as workers:
            for number in range(KILLS * 4):
                feed.send(number)
                if number % 4 == 3:
                    workers.lose_one()
            feed.settled()
        feed.checked()
        store.close()


# --- a database of our own, to stop ---


def _tool(name: str) -> Path | None:
    found = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
    return found[-1] if found else None


class Cluster:
    """A PostgreSQL that nobody else uses, reached by a socket in its own folder."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.data = folder, folder / "data"
        self._as = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
        if self._as:
            subprocess.run(["chown", "postgres", folder], check=True)
        self._run("initdb", "-D", self.data, "-A", "trust", "-U", "postgres")
        self.url = f"postgresql://postgres@/postgres?host={folder}"

    def start(self) -> None:
        options = f"-k {self.folder} -c listen_addresses='' -c shared_buffers=16MB"
        self._run(
            "pg_ctl", "-w", "-D", self.data, "-o", options, "-l", self.folder / "log", "start"
        )

    def stop(self) -> None:
        """At once: whoever is in the middle of something stays there."""
        self._run("pg_ctl", "-w", "-D", self.data, "-m", "immediate", "stop")

    def _run(self, name: str, *arguments: object) -> None:
        tool = _tool(name)
        assert tool is not None
        subprocess.run(
            [*self._as, str(tool), *map(str, arguments)],
            check=True,
            stdout=subprocess.DEVNULL,
            cwd="/",
        )


@pytest.fixture
def cluster() -> Iterator[Cluster]:
    if _tool("initdb") is None:
        if os.environ.get("ZEROGATE_REQUIRE_SERVICES") == "1":
            pytest.fail("no initdb in /usr/lib/postgresql")
        pytest.skip("needs PostgreSQL's own programs, to stop a server")
    # A socket's path is short, so not below pytest's own folder.
    folder = Path(f"/tmp/zerogate-{secrets.token_hex(4)}")
    folder.mkdir()
    made = Cluster(folder)
    made.start()
    yield made
    made.stop()
    subprocess.run(["rm", "-r", folder], check=True)


def test_a_database_that_is_stopped_at_once_loses_and_doubles_nothing(cluster: Cluster) -> None:
    store = Store(cluster.url)
    store.transact(lambda: once(TABLE))
    feed, over = Feed(store), threading.Event()

    def keep_sending() -> None:
        while not over.is_set():
            feed.send(len(feed.sent))

    chance = random.Random(2)
    with crew(cluster.url, 3), ThreadPoolExecutor(1) as sender:
        sending = sender.submit(keep_sending)
        try:
            for _ in range(STOPS):
                time.sleep(0.2 + chance.random() / 2)
                cluster.stop()
                cluster.start()
        finally:
            over.set()
        sending.result()
        feed.settled()
    assert len(feed.sent) > STOPS
    feed.checked()
    store.close()
