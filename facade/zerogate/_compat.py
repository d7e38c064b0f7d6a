"""What exists in two kinds and has no common name: each pair stands side by side, and nothing else does."""

from __future__ import annotations

import contextvars
import inspect
import queue
import threading
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterator, Sequence
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any, Final, TypeVar, cast

from ._clocks import Clock
from ._collaborators import Half
from ._forgotten_await import mark_for_asyncio
from ._transport import pulse
from .drivers import awaited, execute_on, style_of
from .statements import Step, carried_out

if TYPE_CHECKING:
    import asyncio

# asyncio is imported where it is used: who only uses the sync half does not wait for it.

T = TypeVar("T")

#: Reads an object again, by a deadline on the monotonic clock.
AsyncLook = Callable[[float], Awaitable[Any]]
Look = Callable[[float], Any]
#: Reads the page after a cursor, None for the first; as models, or as it came.
AsyncFetch = Callable[[Any, bool], Awaitable[Any]]
Fetch = Callable[[Any, bool], Any]


#: Called after each page of a walk.
AsyncTake = Callable[[], Awaitable[None]]
Take = Callable[[], None]


#: What each half calls its own, and whether it may await.
async_half = Half("Async")
sync_half = Half("")


def async_made() -> None:
    """Note that a client of this half was made."""
    mark_for_asyncio()


def sync_made() -> None:
    """Note that a client of this half was made."""


async def async_sleep(clock: Clock, seconds: float) -> None:
    virtual = getattr(clock, "sleep", None)
    if virtual is not None:
        virtual(seconds)
    else:
        import asyncio

        await asyncio.sleep(seconds)


def sync_sleep(clock: Clock, seconds: float) -> None:
    sleep = getattr(clock, "sleep", time.sleep)
    beat = pulse.current_pulse()
    while beat is not None and seconds > pulse.EVERY:
        sleep(pulse.EVERY)
        beat()
        seconds -= pulse.EVERY
    sleep(seconds)


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


async def async_got(answer: Any) -> Any:
    """A transport's answer: a plain `send` serves the async half as well."""
    return await answer if inspect.isawaitable(answer) else answer


def sync_got(answer: Any) -> Any:
    return answer


Running = set["asyncio.Task[Any]"]


async def async_outlive(running: Running, work: Coroutine[Any, Any, T]) -> T:
    """Finish *work* whatever becomes of the caller: a write that has begun is seen to its end."""
    import asyncio

    task = asyncio.create_task(work)
    running.add(task)
    task.add_done_callback(running.discard)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        # Nobody is left to be told; asyncio would log an error that no one fetched.
        task.add_done_callback(_fetched)
        raise


def _fetched(task: asyncio.Task[Any]) -> None:
    if not task.cancelled():
        task.exception()


def sync_outlive(running: Running, done: T) -> T:
    """In threads the caller cannot be taken away in mid-call: *done* is the result already."""
    return done


async def async_finished(running: Running) -> None:
    """Wait for what callers left running; each has a deadline of its own."""
    import asyncio

    while running:
        await asyncio.wait(running)


def sync_finished(running: Running) -> None:
    """Nothing outlives its caller here."""


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


async def async_transact(store: Any, step: Callable[[], Step[T]]) -> T:
    """A step in a transaction of its own: in a thread, or on the partner's own async engine."""
    if store.async_engine is None:
        result: T = await async_in_thread(store, partial(store.transact, step))
        return result
    import asyncio
    from secrets import randbelow

    from .store_troubles import Patience, Remedy

    patience = Patience()
    while True:
        try:
            async with store.async_engine.begin() as connection:
                done: T = await connection.run_sync(store.within, step)
                return done
        except store.failures as exc:
            failure, remedy = store.understood(exc)
        pause = patience.pause(remedy, randbelow(1000) / 1000)
        if pause is None:
            raise failure
        if remedy is Remedy.RECONNECT:
            # All that wait in the pool went to the same server.
            await store.async_engine.dispose()
        await asyncio.sleep(pause)


async def async_in_thread(store: Any, work: Callable[[], T]) -> T:
    """Do something in a thread of the store's; here, where there are no threads any more.

    An interpreter that ends starts none, and a container may allow for no more.
    """
    import asyncio

    # In the caller's context: what may be done depends on the transaction that it is in.
    context, first = contextvars.copy_context(), threading.Lock()

    def once() -> Any:
        # What could not be given a thread may stand in its queue all the same.
        return context.run(work) if first.acquire(blocking=False) else None

    try:
        running = asyncio.get_running_loop().run_in_executor(store.threads, once)
    except RuntimeError:
        done: T = once()
        return done
    found: T = await running
    return found


def sync_transact(store: Any, step: Callable[[], Step[T]]) -> T:
    result: T = store.transact(step)
    return result


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

    task = asyncio.ensure_future(async_transact(store, step))
    task.add_done_callback(_fetched)
    await asyncio.wait([task], timeout=_LETTING_GO)


def sync_let_go(store: Any, step: Callable[[], Step[None]], _ending: BaseException) -> None:
    store.transact_within(step, _LETTING_GO)


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
    return carried_out(step, execute_on(connection))
