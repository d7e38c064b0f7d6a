"""Whose a caller's httpx client is: of one process, of one event loop; and how long it may take."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time
from typing import Any

import httpx
import httpx2
import pytest
from zerogate._httpx.adapters import AsyncHttpxClientAdapter, HttpxClientAdapter
from zerogate._transport.messages import Misuse, Request, RequestNotSent
from zerogate.transports import AsyncHttpxAdapter, HttpxAdapter

from .scripted import STALLS, Act, Scripted, answers, drips, echoes, reply

BOTH = pytest.mark.parametrize("library", [httpx, httpx2], ids=["httpx", "httpx2"])
HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n"


def get(origin: str) -> Request:
    return Request("GET", origin, "/v1/x", (), b"")


def soon(seconds: float = 60.0) -> float:
    return time.monotonic() + seconds


FORK = """
import os, sys, time
import {library} as library
from zerogate import Gate, GateUsageError
from zerogate._httpx.adapters import HttpxClientAdapter
from zerogate._transport.messages import Misuse, Request
from zerogate.transports import HttpxAdapter

origin = sys.argv[1]
request = Request("GET", origin, "/v1/x", (), b"")
client, transport = library.Client(), library.HTTPTransport()
ours = [HttpxClientAdapter(client, origin, time.monotonic), HttpxAdapter(transport)]
gate = Gate("sk_test_forked", base_url=origin + "/v1", http_client=client)

def refused(call):
    try:
        call()
    except (GateUsageError, Misuse) as told:
        return "another process" in str(told)

for one in ours:
    assert one.send(request, time.monotonic() + 100).body == b"/v1/x"
if os.fork() == 0:
    told = [refused(lambda: one.send(request, time.monotonic() + 100)) for one in ours]
    told.append(refused(lambda: gate.sessions.retrieve("gs_1")))
    os._exit(0 if all(told) else 1)
assert os.wait()[1] == 0
for one in ours:
    assert one.send(request, time.monotonic() + 100).body == b"/v1/x"
client.close()
transport.close()
"""


@BOTH
def test_after_a_fork_it_is_the_parents_and_the_child_is_refused(library: Any) -> None:
    with Scripted(echoes) as server:
        code = FORK.format(library=library.__name__)
        command = [sys.executable, "-W", "error", "-c", code, server.origin]
        ran = subprocess.run(command, capture_output=True, text=True, timeout=600)
        assert (ran.returncode, ran.stderr) == (0, "")
    # The child sent nothing.
    assert len(server.seen) == 4


@BOTH
def test_in_another_event_loop_it_is_refused(library: Any) -> None:
    with Scripted(echoes) as server:
        client = library.AsyncClient()
        transport = library.AsyncHTTPTransport()
        ours = [
            AsyncHttpxClientAdapter(client, server.origin, time.monotonic),
            AsyncHttpxAdapter(transport),
        ]

        async def use() -> None:
            for one in ours:
                assert (await one.send(get(server.origin), soon())).body == b"/v1/x"

        async def use_elsewhere() -> None:
            for one in ours:
                with pytest.raises(Misuse, match="event loop it was first used in"):
                    await one.send(get(server.origin), soon())

        async def end() -> None:
            await client.aclose()
            await transport.aclose()

        with asyncio.Runner() as first:
            first.run(use())
            other = asyncio.new_event_loop()
            other.run_until_complete(use_elsewhere())
            other.close()
            first.run(end())
    assert len(server.seen) == 2


@BOTH
@pytest.mark.parametrize("act", STALLS.values(), ids=STALLS.keys())
async def test_the_async_half_breaks_off_at_the_deadline(library: Any, act: Act) -> None:
    with Scripted(act) as server:
        async with library.AsyncClient() as client:
            ours = AsyncHttpxClientAdapter(client, server.origin, time.monotonic)
            with pytest.raises(TimeoutError):
                await ours.send(get(server.origin), soon(0.3))


@BOTH
def test_the_sync_half_ends_a_dripping_body_at_the_deadline(library: Any) -> None:
    with (
        Scripted(drips(HEAD, lambda: iter(lambda: b"x", b""))) as server,
        library.Client() as client,
        pytest.raises(TimeoutError),
    ):
        HttpxClientAdapter(client, server.origin, time.monotonic).send(
            get(server.origin), soon(0.3)
        )


@BOTH
def test_when_the_time_is_up_nothing_is_sent(library: Any) -> None:
    with Scripted(echoes) as server, library.Client() as client:
        ours = HttpxClientAdapter(client, server.origin, time.monotonic)
        with pytest.raises(RequestNotSent, match="time was up"):
            ours.send(get(server.origin), time.monotonic())
    assert not server.seen


@BOTH
def test_a_full_pool_has_sent_nothing(library: Any) -> None:
    limits = library.Limits(max_connections=1)
    with Scripted(answers(reply(b"x" * 100))) as server, library.Client(limits=limits) as client:
        ours = HttpxClientAdapter(client, server.origin, time.monotonic)
        with (
            client.stream("GET", f"{server.origin}/held"),
            # Where the machine stands still until the time is up, that is said instead.
            pytest.raises(RequestNotSent, match=r"PoolTimeout|time was up"),
        ):
            ours.send(get(server.origin), soon(0.3))
    assert [seen.target for seen in server.seen] == ["/held"]


@BOTH
async def test_a_transport_of_either_library_carries_ours(library: Any) -> None:
    with Scripted(answers(reply(b"{}", "201 Created", "Via: a", "Via: b"))) as server:
        sync, loop = (
            HttpxAdapter(library.HTTPTransport()),
            AsyncHttpxAdapter(library.AsyncHTTPTransport()),
        )
        first = await asyncio.to_thread(sync.send, get(server.origin), soon())
        second = await loop.send(get(server.origin), soon())
        sync.close()
        await loop.aclose()
    assert first == second
    assert (first.status, first.headers["via"]) == (201, "a, b")


@BOTH
async def test_a_body_that_a_hook_read_away_is_an_error_and_no_empty_answer(library: Any) -> None:
    async def reads_away(response: Any) -> None:
        async for _ in response.aiter_raw():
            pass

    with Scripted(answers(reply(b"{}"))) as server:
        async with library.AsyncClient(event_hooks={"response": [reads_away]}) as client:
            ours = AsyncHttpxClientAdapter(client, server.origin, time.monotonic)
            with pytest.raises(library.ResponseNotRead):
                await ours.send(get(server.origin), soon())
