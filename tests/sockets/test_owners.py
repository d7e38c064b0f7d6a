"""Clients among tasks, threads, processes and event loops; what becomes of calls whose caller goes away."""

from __future__ import annotations

import asyncio
import gc
import json
import random
import subprocess
import sys
import threading
import warnings
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from zerogate import AsyncGate, Gate, GateUsageError, Money
from zerogate_sandbox import Sandbox, WallClock

from tests.client.moves import Books, base_url, in_turn, says
from tests.client.scripts import SECRET, session
from tests.transport.scripted import Peer, Scripted, Seen

EUR = Money("100.00", "EUR")
SHOP = "https://shop.example/done"


@pytest.fixture
def served() -> Iterator[Any]:
    with Sandbox(seed=3, clock=WallClock()).serve(port=0) as server:
        yield server


async def create(gate: AsyncGate, order: str) -> Any:
    return await gate.sessions.create(amount=EUR, return_url=SHOP, order=order)


def orders_of(served: Any) -> list[str]:
    """What the sandbox's books hold, read through a client of its own."""
    with Gate(SECRET, base_url=served.base_url) as gate:
        return [row.metadata["order_id"] for row in gate.sessions.list()]


async def test_a_thousand_cancelled_creates_run_to_their_end_and_cost_no_connection(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # On a busy machine one may be idle for as long as that would close it.
    monkeypatch.setattr("zerogate._transport.streams.IDLE_AT_MOST", 3600.0)
    books, chance = Books(), random.Random(7)
    with Scripted(in_turn(books.commits(pause=0.005))) as server:
        gate = AsyncGate(SECRET, base_url=base_url(server))
        asked = cancelled = 0
        while cancelled < 1_000:
            orders = [f"order-{asked + number}" for number in range(20)]
            asked += len(orders)
            tasks = [asyncio.create_task(create(gate, order)) for order in orders]
            # Everywhere on the way: before the turn, connecting, sending, reading.
            for _ in range(1 + chance.randrange(12)):
                await asyncio.sleep(0)
            for task in tasks:
                task.cancel()
            ended = await asyncio.wait_for(
                asyncio.gather(*tasks, return_exceptions=True), timeout=30
            )
            for order, end in zip(orders, ended, strict=True):
                if isinstance(end, asyncio.CancelledError):
                    cancelled += 1
                else:
                    assert end.metadata["order_id"] == order
        made = await asyncio.gather(*(create(gate, f"after-{number}") for number in range(100)))
        await gate.aclose()
    # Each was seen to its end, once: none was lost, and none was made twice.
    orders = [row["metadata"]["order_id"] for row in books.sessions.values()]
    assert len(orders) == len(set(orders)) == asked + 100
    assert [row.metadata["order_id"] for row in made] == [f"after-{n}" for n in range(100)]
    assert len(books.asked) == asked + 100
    assert server.connections <= 100


async def test_cancelled_creates_are_in_the_sandboxs_books_once(served: Any) -> None:
    gate = AsyncGate(SECRET, base_url=served.base_url)
    for round_ in range(5):
        tasks = [asyncio.create_task(create(gate, f"order-{round_}-{n}")) for n in range(10)]
        for _ in range(1 + 3 * round_):
            await asyncio.sleep(0)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    await gate.aclose()
    orders = await asyncio.to_thread(orders_of, served)
    assert sorted(orders) == sorted(f"order-{r}-{n}" for r in range(5) for n in range(10))


async def test_a_caller_that_is_cancelled_is_free_at_once_and_closing_waits_for_the_write() -> None:
    books, answer = Books(), threading.Event()

    def when_told(peer: Peer, seen: Seen) -> bool:
        answer.wait(30)
        return books.commits()(peer, seen)

    with Scripted(in_turn(when_told)) as server:
        gate = AsyncGate(SECRET, base_url=base_url(server))
        task = asyncio.create_task(create(gate, "order-1"))
        while not server.seen:
            await asyncio.sleep(0.001)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        # The server has not answered yet, and does not before it is told to.
        assert not answer.is_set()
        assert books.sessions == {}
        closing = asyncio.create_task(gate.aclose())
        await asyncio.sleep(0.05)
        assert not closing.done()
        answer.set()
        await closing
    assert len(books.sessions) == 1


async def test_a_caller_whose_own_time_is_up_is_told_so_by_asyncio() -> None:
    with Scripted(in_turn(Books().commits(pause=0.2))) as server:
        async with AsyncGate(SECRET, base_url=base_url(server)) as gate:
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.05):
                    await create(gate, "order-1")
    assert len(server.seen) == 1


def test_sixteen_threads_share_one_client_and_each_gets_its_own_answers(served: Any) -> None:
    with Gate(SECRET, base_url=served.base_url) as gate:

        def several(thread: int) -> list[str]:
            orders = [f"order-{thread}-{number}" for number in range(12)]
            made = [
                gate.sessions.create(amount=EUR, return_url=SHOP, order=order) for order in orders
            ]
            return [row.metadata["order_id"] for row in made]

        with ThreadPoolExecutor(16) as threads:
            got = list(threads.map(several, range(16)))
    assert got == [[f"order-{t}-{n}" for n in range(12)] for t in range(16)]


FORKS = """
import json, os, sys
from zerogate import Gate, Money

gate = Gate("sk_test_forked", base_url=sys.argv[1])

def own(order):
    made = gate.sessions.create(
        amount=Money("100.00", "EUR"), return_url="https://shop.example/done", order=order
    )
    return made.metadata["order_id"] == order

wrong = [] if own("first") else ["first"]
for child in range(200):
    if (pid := os.fork()) == 0:
        os._exit(0 if own(f"child-{child}") else 1)
    if child % 10 == 0 and not own(f"parent-{child}"):
        wrong.append(child)
    if child % 20 == 19:
        wrong += [child for _ in range(20) if os.wait()[1] != 0]
gate.close()
print(json.dumps(wrong))
"""


def test_two_hundred_forked_creates_each_get_their_own_answer(served: Any) -> None:
    command = [sys.executable, "-W", "error", "-c", FORKS, served.base_url]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=600)
    assert ran.stderr == ""
    assert json.loads(ran.stdout) == []
    with Gate("sk_test_forked", base_url=served.base_url) as gate:
        orders = [row.metadata["order_id"] for row in gate.sessions.list()]
    assert len(orders) == len(set(orders)) == 221


@pytest.mark.parametrize("writes", [True, False], ids=["a write", "a read"])
def test_another_event_loop_is_refused_with_the_remedy(writes: bool) -> None:
    with Scripted(in_turn(says(session()))) as server:
        gate = AsyncGate(SECRET, base_url=base_url(server))

        async def use() -> Any:
            if writes:
                return await create(gate, "order-1")
            return await gate.sessions.retrieve("gs_test_0001")

        first = asyncio.new_event_loop()
        first.run_until_complete(gate.sessions.retrieve("gs_test_0001"))
        with pytest.raises(GateUsageError, match="make one in each loop"):
            asyncio.run(use())
        # The loop it belongs to is not disturbed.
        first.run_until_complete(use())
        first.run_until_complete(gate.aclose())
        first.close()


async def test_tasks_of_one_loop_share_a_client(served: Any) -> None:
    async with AsyncGate(SECRET, base_url=served.base_url) as gate:
        made = await asyncio.gather(*(create(gate, f"order-{number}") for number in range(150)))
    assert [row.metadata["order_id"] for row in made] == [f"order-{n}" for n in range(150)]


def test_a_dropped_gate_closes_itself_quietly() -> None:
    closed = threading.Event()

    def act(peer: Peer) -> None:
        in_turn(says(session()))(peer)
        closed.set()

    with Scripted(act) as server, warnings.catch_warnings():
        warnings.simplefilter("error")
        gate = Gate(SECRET, base_url=base_url(server))
        gate.sessions.retrieve("gs_test_0001")
        del gate
        gc.collect()
        assert closed.wait(5)


async def test_a_dropped_async_gate_gives_one_warning_that_names_the_remedy() -> None:
    with Scripted(in_turn(says(session()))) as server:
        gate = AsyncGate(SECRET, base_url=base_url(server))
        await asyncio.gather(*(gate.sessions.retrieve("gs_test_0001") for _ in range(3)))
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            del gate
            gc.collect()
    assert [warning.category for warning in caught] == [ResourceWarning]
    assert "async with" in str(caught[0].message)


def test_a_closed_client_says_so_and_closing_twice_is_fine() -> None:
    with Scripted(in_turn(says(session()))) as server:
        with Gate(SECRET, base_url=base_url(server)) as gate:
            gate.sessions.retrieve("gs_test_0001")
        gate.close()
        with pytest.raises(GateUsageError, match="closed"):
            gate.sessions.retrieve("gs_test_0001")
