"""Whose a connection is: a thread's, a task's, a loop's, a process's; and what becomes of it when they go."""

from __future__ import annotations

import asyncio
import gc
import json
import subprocess
import sys
import threading
import time
import warnings
from concurrent.futures import ThreadPoolExecutor

import pytest
from zerogate._transport.async_connections import AsyncConnections
from zerogate._transport.messages import Misuse, Request, RequestNotSent
from zerogate._transport.sync_connections import Connections

from .conftest import Open
from .scripted import Peer, Scripted, echoes, holds


def get(origin: str, target: str = "/v1/x") -> Request:
    return Request("GET", origin, target, (), b"")


def soon(seconds: float = 60.0) -> float:
    return time.monotonic() + seconds


def test_threads_share_the_connections_and_each_gets_its_own_answers() -> None:
    with Scripted(echoes) as server:
        connections = Connections(server.origin, limit=4)

        def several(thread: int) -> list[bytes]:
            targets = [f"/v1/{thread}/{number}" for number in range(25)]
            return [connections.send(get(server.origin, t), soon()).body for t in targets]

        with ThreadPoolExecutor(16) as threads:
            got = list(threads.map(several, range(16)))
        connections.close()
    assert got == [[f"/v1/{t}/{n}".encode() for n in range(25)] for t in range(16)]
    assert server.connections <= 4


async def test_tasks_share_the_connections_and_each_gets_its_own_answers() -> None:
    with Scripted(echoes) as server:
        connections = AsyncConnections(server.origin, limit=4)
        targets = [f"/v1/{number}" for number in range(200)]
        got = await asyncio.gather(
            *(connections.send(get(server.origin, target), soon()) for target in targets)
        )
        await connections.aclose()
    assert [reply.body.decode() for reply in got] == targets
    assert server.connections <= 4


FORKS = """
import json, os, sys, time
from zerogate._transport.sync_connections import Connections
from zerogate._transport.messages import Request

origin, children = sys.argv[1], int(sys.argv[2])
connections = Connections(origin)

def exchange(target):
    return connections.send(Request("GET", origin, target, (), b""), time.monotonic() + 100).body.decode()

wrong = []
assert exchange("/v1/first") == "/v1/first"
for child in range(children):
    if (pid := os.fork()) == 0:
        got = [exchange(f"/v1/child/{child}/{n}") for n in range(2)]
        os._exit(got != [f"/v1/child/{child}/{n}" for n in range(2)])
    if exchange(f"/v1/parent/{child}") != f"/v1/parent/{child}":
        wrong.append(child)
    if child % 20 == 19:
        wrong += [child for _ in range(20) if os.wait()[1] != 0]
print(json.dumps(wrong))
"""


def test_two_hundred_forked_processes_and_their_parent_each_get_their_own_answers() -> None:
    with Scripted(echoes) as server:
        command = [sys.executable, "-W", "error", "-c", FORKS, server.origin, "200"]
        ran = subprocess.run(command, capture_output=True, text=True, timeout=600)
        assert ran.stderr == ""
        assert json.loads(ran.stdout) == []
    # The parent kept the one connection it had all along.
    assert server.connections == 201


ASYNC_FORK = """
import asyncio, os, sys, time
from zerogate._transport.async_connections import AsyncConnections
from zerogate._transport.messages import Request

origin = sys.argv[1]
connections = AsyncConnections(origin)

async def exchange(target):
    request = Request("GET", origin, target, (), b"")
    return (await connections.send(request, time.monotonic() + 100)).body.decode()

async def used(target):
    assert await exchange(target) == target

loop = asyncio.new_event_loop()
loop.run_until_complete(used("/v1/parent"))
if (pid := os.fork()) == 0:
    async def child():
        await used("/v1/child")
        await connections.aclose()
    asyncio.run(child())
    os._exit(0)
assert os.waitpid(pid, 0)[1] == 0
loop.run_until_complete(used("/v1/parent"))
loop.run_until_complete(connections.aclose())
loop.close()
"""


def test_a_forked_process_may_use_async_connections_in_a_loop_of_its_own() -> None:
    with Scripted(echoes) as server:
        command = [sys.executable, "-W", "error", "-c", ASYNC_FORK, server.origin]
        ran = subprocess.run(command, capture_output=True, text=True, timeout=600)
        assert (ran.stderr, ran.returncode) == ("", 0)
    assert server.connections == 2


async def test_a_second_event_loop_is_refused_with_the_remedy() -> None:
    with Scripted(echoes) as server:
        connections = AsyncConnections(server.origin)
        await connections.send(get(server.origin), soon())

        def elsewhere() -> None:
            asyncio.run(connections.send(get(server.origin), soon()))  # type: ignore[arg-type]

        with pytest.raises(Misuse, match="make one in each loop"):
            await asyncio.to_thread(elsewhere)
        await connections.send(get(server.origin), soon())
        await connections.aclose()
    assert len(server.seen) == 2


async def test_a_cancelled_exchange_closes_its_connection_for_good() -> None:
    with Scripted(holds, echoes) as server:
        connections = AsyncConnections(server.origin)
        task = asyncio.create_task(connections.send(get(server.origin), soon()))
        while not server.seen:
            await asyncio.sleep(0.001)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert (await connections.send(get(server.origin, "/v1/own"), soon())).body == b"/v1/own"
        await connections.aclose()
    assert server.connections == 2


async def test_a_thousand_cancellations_cost_no_turn_and_no_connection(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # A thousand connections that nobody wants wait to be taken first, by a server that may be held up.
    monkeypatch.setattr("zerogate._transport.deadline.CONNECT_AT_MOST", 120.0)
    with Scripted(echoes) as server:
        connections = AsyncConnections(server.origin, limit=10)

        async def send(number: int) -> bytes:
            return (await connections.send(get(server.origin, f"/v1/{number}"), soon(120))).body

        for round_ in range(50):
            tasks = [asyncio.create_task(send(number)) for number in range(20)]
            # Everywhere on the way: before the turn, connecting, sending, reading.
            for _ in range(round_):
                await asyncio.sleep(0)
            for task in tasks:
                task.cancel()
            ended = await asyncio.gather(*tasks, return_exceptions=True)
            for number, end in enumerate(ended):
                assert isinstance(end, asyncio.CancelledError) or end == b"/v1/%d" % number
        # All ten turns are there: ten at once, while none of them has ended.
        got = await asyncio.gather(*(send(number) for number in range(100)))
        assert got == [b"/v1/%d" % number for number in range(100)]
        assert connections._slots._free._value == 10
        await connections.aclose()


async def test_ten_exchanges_at_once_and_no_more() -> None:
    with Scripted(holds) as server:
        connections = AsyncConnections(server.origin, limit=10)
        first = [
            asyncio.create_task(connections.send(get(server.origin), soon())) for _ in range(10)
        ]
        while len(server.seen) < 10:
            await asyncio.sleep(0.01)
        ended = await asyncio.gather(
            *(connections.send(get(server.origin), soon(0.2)) for _ in range(5)),
            return_exceptions=True,
        )
        for task in first:
            task.cancel()
        await asyncio.gather(*first, return_exceptions=True)
        await connections.aclose()
    assert [type(end) for end in ended] == [RequestNotSent] * 5
    assert len(server.seen) == server.connections == 10


def closes_noticed(server_saw: threading.Event) -> object:
    def act(peer: Peer) -> None:
        echoes(peer)
        server_saw.set()

    return act


def test_dropped_connections_are_closed_quietly() -> None:
    closed = threading.Event()
    with Scripted(closes_noticed(closed)) as server:  # type: ignore[arg-type]
        connections = Connections(server.origin)
        connections.send(get(server.origin), soon())
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            del connections
            gc.collect()
        assert closed.wait(5)


async def test_dropped_async_connections_are_closed_with_one_warning_that_names_the_remedy() -> (
    None
):
    closed = threading.Event()
    with Scripted(echoes, closes_noticed(closed)) as server:  # type: ignore[arg-type]
        connections = AsyncConnections(server.origin)
        await asyncio.gather(*(connections.send(get(server.origin), soon()) for _ in range(3)))
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            del connections
            gc.collect()
        assert await asyncio.to_thread(closed.wait, 5)
    assert [warning.category for warning in caught] == [ResourceWarning]
    assert "async with" in str(caught[0].message)


@pytest.mark.parametrize("close", [True, False], ids=["closed", "never used"])
async def test_no_warning_where_there_is_nothing_to_close(close: bool) -> None:
    with Scripted(echoes) as server, warnings.catch_warnings():
        warnings.simplefilter("error")
        connections = AsyncConnections(server.origin)
        if close:
            await connections.send(get(server.origin), soon())
            await connections.aclose()
        del connections
        gc.collect()


async def test_an_exchange_that_is_under_way_at_the_close_ends_and_then_its_connection(
    open_half: Open,
) -> None:
    gone, answer = threading.Event(), threading.Event()

    def waits(peer: Peer) -> None:
        peer.request()
        answer.wait(5)
        peer.send(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
        while peer.request() is not None:
            pass
        gone.set()

    with Scripted(waits) as server:
        half = open_half(server.origin)
        task = asyncio.create_task(half.get())
        while not server.seen:
            await asyncio.sleep(0.001)
        await half.close()
        answer.set()
        assert (await task).body == b"ok"
        assert await asyncio.to_thread(gone.wait, 5)


async def test_idle_connections_that_are_too_old_do_not_wait_for_ever(
    open_half: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Scripted(echoes) as server:
        half = open_half(server.origin)
        await asyncio.gather(*(half.get() for _ in range(5)))
        opened = server.connections
        for connection in half.connections._idle:
            connection._idle_since = 0.0
        for _ in range(opened + 1):
            await half.get()
        assert len(half.connections._idle) == 1
