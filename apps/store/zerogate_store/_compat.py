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
    """Commit a step, in a thread or on the AsyncEngine; return its result, or raise StoreFailed."""
    with one_step():
        if store.async_engine is None:
            result: T = await async_in_thread(store, partial(store.run_in_transaction, step))
            return result
        return await async_run_on_engine(store, lambda connection: store.within(connection, step))


async def async_run_on_engine(store: Any, work: Callable[[Any], T]) -> T:
    """Commit work on the AsyncEngine, with pauses and new tries; return its result or StoreFailed.

    work: Given a connection of the plain half.
    """
    import asyncio
    from secrets import randbelow

    patience, met = Patience(), list[Any]()

    async def once() -> T:
        """Run the work in one transaction; note the driver's connection for `give_up`."""
        async with store.async_engine.begin() as connection:
            met[:] = [(await connection.get_raw_connection()).driver_connection]
            done: T = await connection.run_sync(work)
            return done

    def give_up(task: Any) -> None:
        """Cut the connection in use, or cancel the task where there is none yet."""
        # What cannot connect is told to stop; what waits for an answer can only be cut.
        for driver in met:
            break_off(driver)
        if not met:
            task.cancel()

    while True:
        met.clear()
        try:
            return await _in_time(store, asyncio.ensure_future(once()), give_up)
        except (*store.failures, TypeError) as exc:
            failure, remedy = store._start_failure(exc)
        pause = None if is_over() else patience.pause(remedy, randbelow(1000) / 1000)
        if pause is None:
            raise failure
        if remedy is Remedy.RECONNECT:
            # All that wait in the pool went to the same server.
            await store.async_engine.dispose()
        await asyncio.sleep(pause)


async def _in_time(store: Any, running: asyncio.Future[T], give_up: Callable[[Any], object]) -> T:
    """Return a task's result; once time is over, call *give_up* and raise StoreFailed.

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
    running.add_done_callback(_drop_failure)
    give_up(running)
    store.troubles += 1
    raise StoreFailed(f"the store's database failed: {UNANSWERED}", retry_after=AWAY)


async def async_in_thread(store: Any, work: Callable[[], T]) -> T:
    """Run work in a store's thread and return its result, StoreFailed if late; here if no thread starts.

    StoreFailed is raised once a step's time is over; the work goes on without us.

    An interpreter that ends starts none, and a container may allow for no more.
    """
    import asyncio

    # In the caller's context: what may be done depends on the transaction that it is in.
    context, first = contextvars.copy_context(), threading.Lock()

    def once() -> Any:
        """Run the work in the caller's context; None where it ran or was given up."""
        # What could not be given a thread, or in time, may stand in its queue all the same.
        return context.run(work) if first.acquire(blocking=False) else None

    try:
        running = asyncio.get_running_loop().run_in_executor(store.threads, once)
    except RuntimeError:
        done: T = once()
        return done
    return await _in_time(store, running, lambda _: first.acquire(blocking=False))


def sync_run_in_transaction(store: Any, step: Callable[[], Step[T]]) -> T:
    """Commit a step in its own transaction; return its result, or raise StoreFailed."""
    result: T = store.run_in_transaction(step)
    return result


def _drop_failure(task: asyncio.Future[Any]) -> None:
    """Read a task's failure and drop it; asyncio would log one that nobody reads."""
    if not task.cancelled():
        task.exception()


#: Seconds for which somebody who has to be gone waits for a database.
_LETTING_GO: Final = 0.5


async def async_let_go(store: Any, step: Callable[[], Step[None]], ending: BaseException) -> None:
    """Run a step, awaited for half a second at most; then it goes on without us. Failures are swallowed.

    ending: What ends the work. Nothing can be awaited any more where the loop is gone.
    """
    if isinstance(ending, GeneratorExit):
        if store.async_engine is None:
            sync_let_go(store, step, ending)
        return
    import asyncio

    task = asyncio.ensure_future(async_run_in_transaction(store, step))
    task.add_done_callback(_drop_failure)
    await asyncio.wait([task], timeout=_LETTING_GO)


def sync_let_go(store: Any, step: Callable[[], Step[None]], _ending: BaseException) -> None:
    """Run a step once, for half a second at most; then it goes on without us. StoreFailed is swallowed."""
    store.run_in_transaction_within(step, _LETTING_GO)


async def async_step_on(connection: Any, step: Step[T]) -> T:
    """Run a step on the partner's connection, plain or awaited; return its result, no commit."""
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
    """Run a step on the partner's connection and return its result; commit nothing."""
    return run_step(step, execute_on(connection))


# --- what lasts beside a step: several works at once, a call made again and again ---


async def async_side_by_side(
    clock: Clock, works: Sequence[Callable[[], Coroutine[Any, Any, T]]]
) -> AsyncIterator[list[T]]:
    """Run all works at once; yield lists of results as they come, or raise the first failure.

    Then the others are cancelled. On a virtual clock the works run one after the other.
    """
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
            task.add_done_callback(_drop_failure)


def sync_side_by_side(clock: Clock, works: Sequence[Callable[[], T]]) -> Iterator[list[T]]:
    """Run works in threads; yield lists of results as they come, or raise the first failure."""
    if hasattr(clock, "sleep") or len(works) == 1:
        for work in works:
            yield [work()]
        return
    came: queue.SimpleQueue[tuple[T | None, BaseException | None]] = queue.SimpleQueue()

    def run(work: Callable[[], T]) -> None:
        """Put the work's result or its exception into the queue; raise nothing."""
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
        """Start a timer: the call is made in three seconds, then every three until `end` or a failure."""
        import asyncio

        self._timer = asyncio.get_running_loop().call_later(pulse.EVERY, self._start)

    def _start(self) -> None:
        """Start the task that makes the calls."""
        import asyncio

        self._task = asyncio.get_running_loop().create_task(self._go_on())
        self._task.add_done_callback(_drop_failure)

    async def _go_on(self) -> None:
        """Make the call every three seconds until it fails or is cancelled."""
        import asyncio

        while True:
            await self._call()
            await asyncio.sleep(pulse.EVERY)

    def end(self) -> None:
        """Cancel the timer and the task; do nothing where the loop is closed."""
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
        """Have blocking waits of this thread make the renewing call every three seconds from now on."""
        self._pulsing.__enter__()

    def end(self) -> None:
        """Stop making the call."""
        self._pulsing.__exit__(None, None, None)
