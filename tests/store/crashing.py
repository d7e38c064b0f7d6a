"""A worker in a process of its own that is killed at a point it was told; Gate stays with the parent."""

from __future__ import annotations

import asyncio
import os
import pickle
import selectors
import signal
import socket
import struct
import traceback
import warnings
from collections.abc import Callable
from typing import Any

import attrs
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import create_async_engine
from zerogate import AsyncGate, Gate, Money
from zerogate._transport.messages import Reply, Request
from zerogate_sandbox import Sandbox
from zerogate_store import Store
from zerogate_store._journal.statements import Step

KEY = "sk_test_shop"
TERMS: dict[str, Any] = {"amount": Money("100", "EUR"), "return_url": "https://shop.example/done"}


@attrs.define
class Fuse:
    """Counts the points that a process passes, and ends it at one of them."""

    at: int
    passed: int = 0

    def point(self, *_: Any, **__: Any) -> None:
        if self.passed == self.at:
            os.kill(os.getpid(), signal.SIGKILL)
        self.passed += 1


class Line:
    """The way from a worker to the parent's sandbox, with a point before, in the middle, and after."""

    def __init__(self, end: socket.socket, fuse: Fuse) -> None:
        self._end, self._fuse = end, fuse

    def send(self, request: Request, until: float) -> Reply:
        self._fuse.point()
        _put(self._end, attrs.astuple(request))
        self._fuse.point()
        status, headers, body = _got(self._end)
        self._fuse.point()
        return Reply(status, headers, body)


def _put(end: socket.socket, what: Any) -> None:
    body = pickle.dumps(what)
    end.sendall(struct.pack("!I", len(body)) + body)


def _got(end: socket.socket) -> Any:
    def read(count: int) -> bytes:
        got = b""
        while len(got) < count:
            more = end.recv(count - len(got))
            if not more:
                raise EOFError
            got += more
        return got

    return pickle.loads(read(struct.unpack("!I", read(4))[0]))


def armed(store: Store, fuse: Fuse) -> Any:
    """The store with a point before and after each statement, before and after each commit."""

    def probed(step: Step[Any]) -> Step[Any]:
        rows = None
        try:
            said = next(step)
            while True:
                fuse.point()
                rows = yield said
                fuse.point()
                said = step.send(rows)
        except StopIteration as end:
            fuse.point()
            return end.value

    whole, within = store.run_in_transaction, store.within

    def run_in_transaction(step: Any) -> Any:
        result = whole(lambda: probed(step()))
        fuse.point()
        return result

    store.run_in_transaction = run_in_transaction  # type: ignore[method-assign]
    store.within = lambda c, step: within(c, lambda: probed(step()))  # type: ignore[method-assign]
    return store


Work = Callable[[Any], Any]


def worked(url: str, half: str, sandbox: Sandbox, fuse: Fuse, work: Work) -> bool:
    """One process does *work* with a client of its own; whether it came to its end."""
    (code,) = crowd(url, [half], sandbox, fuse, lambda gate, _: work(gate))
    assert code in (0, -signal.SIGKILL), code
    return code == 0


def crowd(
    url: str, halves: list[str], sandbox: Sandbox, fuse: Fuse, work: Callable[[Any, int], Any]
) -> list[int]:
    """Processes that work at once, each with a client of its own and its number; how each ended."""
    pids, ends = [], []
    for number, half in enumerate(halves):
        ours, theirs = socket.socketpair()
        with warnings.catch_warnings():
            # A thread of some other test may be alive; the child does not touch what it holds.
            warnings.simplefilter("ignore", DeprecationWarning)
            pid = os.fork()
        if pid == 0:
            for end in (ours, *ends):
                end.close()
            _work(url, half, sandbox, fuse, lambda gate, n=number: work(gate, n), theirs)
        theirs.close()
        pids.append(pid)
        ends.append(ours)
    _serve(sandbox, ends)
    return [os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) for pid in pids]


def _serve(sandbox: Sandbox, ends: list[socket.socket]) -> None:
    """Answer until all are gone; what one no longer hears has happened all the same."""
    with selectors.DefaultSelector() as waiting:
        for end in ends:
            waiting.register(end, selectors.EVENT_READ)
        while waiting.get_map():
            for key, _ in waiting.select():
                end: Any = key.fileobj
                try:
                    answer = sandbox.answer(Request(*_got(end)))
                    _put(end, (answer.status, dict(answer.headers), answer.body))
                except (EOFError, ConnectionError):
                    waiting.unregister(end)
                    end.close()


def _work(
    url: str, half: str, sandbox: Sandbox, fuse: Fuse, work: Work, end: socket.socket
) -> None:
    """The life of a process: it ends here."""
    try:
        line = Line(end, fuse)
        if half == "sync":
            store = armed(Store(url), fuse)
            work(Gate(KEY, transport=line, clock=sandbox.clock, store=store))
        else:
            asyncio.run(_awaited(url, half, sandbox, fuse, work, line))
        os._exit(0)
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(1)


async def _awaited(
    url: str, half: str, sandbox: Sandbox, fuse: Fuse, work: Work, line: Line
) -> None:
    given: Any = url
    if half == "async engine":
        given = create_async_engine(sa.make_url(url).set(drivername="postgresql+psycopg"))
    store = armed(Store(given), fuse)
    await work(AsyncGate(KEY, transport=line, clock=sandbox.clock, store=store))
