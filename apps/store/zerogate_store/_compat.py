"""Pairs of an async and a sync function, side by side: how a step is run, and what lasts beside it."""

from __future__ import annotations

import contextvars
import queue
import threading
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator, Sequence
from contextlib import suppress
from functools import partial
from math import inf
from typing import TYPE_CHECKING, Any, Final, TypeVar, cast

from zerogate import Clock
from zerogate._transport import deadline as pulse
from zerogate.errors import StoreFailed

from ._deadlines import UNANSWERED, break_off, is_over, one_step, seconds_left
from ._drivers import awaited, execute_on, style_of
from ._journal.statements import Step, run_step
from ._troubles import AWAY, Patience, Remedy

if TYPE_CHECKING:
    import asyncio

# asyncio is imported where it is used: who only uses the sync half does not wait for it.

T = TypeVar("T")
#: Seconds more for a thread that ends the wait by itself.
_ENDING: Final = 0.25


async def async_run_in_transaction(store: Any, step: Callable[[], Step[T]]) -> T:
    """A step in a transaction of its own: in a thread, or on the partner's own async engine."""
    with one_step():
        if store.async_engine is None:
            result: T = await async_in_thread(store, partial(store.run_in_transaction, step))
            return result
        return await _async_transacted(store, step)


async def _async_transacted(store: Any, step: Callable[[], Step[T]]) -> T:
    import asyncio
    from secrets import randbelow

    patience, met = Patience(), list[Any]()

    async def once() -> T:
        async with store.async_engine.begin() as connection:
            met[:] = [(await connection.get_raw_connection()).driver_connection]
            done: T = await connection.run_sync(store.within, step)
            return done

    def give_up(task: Any) -> None:
        # What cannot connect is told to stop; what waits for an answer can only be cut.
        for driver in met:
            break_off(driver)
        if not met:
            task.cancel()

    while True:
        met.clear()
        try:
            return await _in_time(store, asyncio.ensure_future(once()), give_up)
        except store.failures as exc:
            failure, remedy = store.understood(exc)
        pause = None if is_over() else patience.pause(remedy, randbelow(1000) / 1000)
        if pause is None:
            raise failure
        if remedy is Remedy.RECONNECT:
            # All that wait in the pool went to the same server.
            await store.async_engine.dispose()
        await asyncio.sleep(pause)


async def _in_time(store: Any, running: asyncio.Future[T], give_up: Callable[[Any], object]) -> T:
    """The result of what runs, while there is time; then it goes on without us, told so by *give_up*.

    Raises:
        StoreFailed: nobody knows what becomes of it.
    """
    import asyncio

    left = seconds_left(inf)
    try:
        await asyncio.wait([running], timeout=None if left == inf else left + _ENDING)
    except asyncio.CancelledError:
        running.cancel()
        raise
    if running.done():
        return running.result()
    running.add_done_callback(_fetched)
    give_up(running)
    store.troubles += 1
    raise StoreFailed(f"the store's database failed: {UNANSWERED}", retry_after=AWAY)


async def async_in_thread(store: Any, work: Callable[[], T]) -> T:
    """Do something in a thread of the store's; here, where there are no threads any more.

    An interpreter that ends starts none, and a container may allow for no more.
    """
    import asyncio

    # In the caller's context: what may be done depends on the transaction that it is in.
    context, first = contextvars.copy_context(), threading.Lock()

    def once() -> Any:
        # What could not be given a thread, or in time, may stand in its queue all the same.
        return context.run(work) if first.acquire(blocking=False) else None

    try:
        running = asyncio.get_running_loop().run_in_executor(store.threads, once)
    except RuntimeError:
        done: T = once()
        return done
    return await _in_time(store, running, lambda _: first.acquire(blocking=False))


def sync_run_in_transaction(store: Any, step: Callable[[], Step[T]]) -> T:
    result: T = store.run_in_transaction(step)
    return result


def _fetched(task: asyncio.Future[Any]) -> None:
    """Take note of a failure that nobody is left to be told; asyncio would log it."""
    if not task.cancelled():
        task.exception()


#: Seconds for which somebody who has to be gone waits for a database.
_LETTING_GO: Final = 0.5


async def async_let_go(store: Any, step: Callable[[], Step[None]], ending: BaseException) -> None:
    """A step that is tried once, for half a second; the rest of it goes on without us.

    ending: What ends the work. Nothing can be awaited any more where the loop is gone.
    """
    if isinstance(ending, GeneratorExit):
        if store.async_engine is None:
            sync_let_go(store, step, ending)
        return
    import asyncio

    task = asyncio.ensure_future(async_run_in_transaction(store, step))
    task.add_done_callback(_fetched)
    await asyncio.wait([task], timeout=_LETTING_GO)


def sync_let_go(store: Any, step: Callable[[], Step[None]], _ending: BaseException) -> None:
    store.run_in_transaction_within(step, _LETTING_GO)


async def async_step_on(connection: Any, step: Step[T]) -> T:
    """A step on a connection of the partner's, plain or awaited, in the transaction that it is in."""
    if hasattr(connection, "run_sync"):
        done: T = await connection.run_sync(sync_step_on, step)
        return done
    if not awaited(connection):
        return sync_step_on(connection, step)
    style, rows = style_of(connection), None
    try:
        said = next(step)
        while True:
            async with connection.cursor() as cursor:
                await cursor.execute(*said.written(style, "any"))
                rows = await cursor.fetchall() if cursor.description else ()
            said = step.send(rows)
    except StopIteration as end:
        result: T = end.value
        return result


def sync_step_on(connection: Any, step: Step[T]) -> T:
    return run_step(step, execute_on(connection))


# --- what lasts beside a step: several works at once, a call made again and again ---


async def async_side_by_side(
    clock: Clock, works: Sequence[Callable[[], Coroutine[Any, Any, T]]]
) -> AsyncIterator[list[T]]:
    """All of these at once; what they come to, as it comes. What one of them raises ends it."""
    import asyncio

    if hasattr(clock, "sleep") or len(works) == 1:
        # On a virtual clock nothing happens at once.
        for work in works:
            yield [await work()]
        return
    tasks = {asyncio.ensure_future(work()) for work in works}
    try:
        while tasks:
            done, tasks = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            yield [task.result() for task in done]
    finally:
        for task in tasks:
            # Each lets go of what it holds.
            task.cancel()
            task.add_done_callback(_fetched)


def sync_side_by_side(clock: Clock, works: Sequence[Callable[[], T]]) -> Iterator[list[T]]:
    if hasattr(clock, "sleep") or len(works) == 1:
        for work in works:
            yield [work()]
        return
    came: queue.SimpleQueue[tuple[T | None, BaseException | None]] = queue.SimpleQueue()

    def run(work: Callable[[], T]) -> None:
        try:
            came.put((work(), None))
        except BaseException as exc:
            came.put((None, exc))

    for number, work in enumerate(works):
        # Of the end of the process nobody keeps: what was sent is found again.
        context = contextvars.copy_context()
        threading.Thread(
            target=context.run, args=(run, work), name=f"zerogate-recovery-{number}", daemon=True
        ).start()
    left = len(works)
    while left:
        some = [came.get()]
        while True:
            try:
                some.append(came.get_nowait())
            except queue.Empty:
                break
        left -= len(some)
        for _, failure in some:
            if failure is not None:
                raise failure
        yield [cast("T", result) for result, _ in some]


class AsyncRenewing:
    """Makes a call every few seconds between its begin and its end, on the loop's own timer."""

    def __init__(self, call: Callable[[], Coroutine[Any, Any, None]]) -> None:
        self._call = call
        self._timer: asyncio.TimerHandle | None = None
        self._task: asyncio.Task[None] | None = None

    async def begin(self) -> None:
        import asyncio

        self._timer = asyncio.get_running_loop().call_later(pulse.EVERY, self._start)

    def _start(self) -> None:
        import asyncio

        self._task = asyncio.get_running_loop().create_task(self._go_on())
        self._task.add_done_callback(_fetched)

    async def _go_on(self) -> None:
        import asyncio

        while True:
            await self._call()
            await asyncio.sleep(pulse.EVERY)

    def end(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        if self._task is not None:
            # RuntimeError: the loop has been closed in the meantime.
            with suppress(RuntimeError):
                self._task.cancel()


class Renewing:
    """Makes a call every few seconds between its begin and its end, out of waits that are cut for it."""

    def __init__(self, call: Callable[[], None]) -> None:
        self._pulsing = pulse.pulsing(call)

    def begin(self) -> None:
        self._pulsing.__enter__()

    def end(self) -> None:
        self._pulsing.__exit__(None, None, None)
