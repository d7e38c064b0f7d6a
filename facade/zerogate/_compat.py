"""Pairs of an async and a sync function that have no common name, side by side; nothing else."""

from __future__ import annotations

import inspect
import time
from collections.abc import Awaitable, Callable, Coroutine
from typing import TYPE_CHECKING, Annotated, Any, TypeAlias, TypeVar

from ._clocks import Clock
from ._mistakes.collaborators import Half
from ._mistakes.forgotten_await import mark_for_asyncio

if TYPE_CHECKING:
    import asyncio

    from ._protocols import Answered
    from ._transport.messages import Request

# asyncio is imported where it is used: who only uses the sync half does not wait for it.

T = TypeVar("T")

#: Reads an object again, by a deadline on the monotonic clock.
AsyncLook: TypeAlias = Callable[[float], Awaitable[T]]
Look: TypeAlias = Callable[[float], T]
#: Reads the page after a cursor, None for the first; as models, or as it came.
AsyncFetch = Callable[[Any, bool], Awaitable[Any]]
Fetch = Callable[[Any, bool], Any]
#: Sends one request; its answer is whole by an instant of the monotonic clock.
AsyncSend: TypeAlias = Callable[["Request", float], Awaitable["Answered"]]
Send: TypeAlias = Callable[["Request", float], "Answered"]
#: Work that was begun for somebody who may go: in the sync half it is done when it is given.
AsyncWork: TypeAlias = Coroutine[Any, Any, T]
Work: TypeAlias = Annotated[T, "done"]


#: Called after each page of a walk.
AsyncTake = Callable[[], Awaitable[None]]
Take = Callable[[], None]


#: What each half calls its own, and whether it may await.
async_half = Half("Async")
sync_half = Half("")


def async_prepare() -> None:
    """Mark our coroutine functions for asyncio, where Python does not: a client was made."""
    mark_for_asyncio()


def sync_prepare() -> None:
    """Do nothing: the sync half has nothing to prepare when a client is made."""


async def async_sleep(clock: Clock, seconds: float) -> None:
    """Sleep so many seconds; a clock that has `sleep` is moved on instead."""
    virtual = getattr(clock, "sleep", None)
    if virtual is not None:
        virtual(seconds)
    else:
        import asyncio

        await asyncio.sleep(seconds)


def sync_sleep(clock: Clock, seconds: float) -> None:
    """Sleep so many seconds, by the clock's own `sleep` if any; call a lease's pulse now and then."""
    from ._transport import deadline as pulse

    sleep = getattr(clock, "sleep", time.sleep)
    beat = pulse.current_pulse()
    while beat is not None and seconds > pulse.EVERY:
        sleep(pulse.EVERY)
        beat()
        seconds -= pulse.EVERY
    sleep(seconds)


async def async_result(answer: Any) -> Any:
    """Return the answer, awaited if it has to be: what is plain serves the async half as well."""
    return await answer if inspect.isawaitable(answer) else answer


def sync_result(answer: Any) -> Any:
    """Return the answer as it is."""
    return answer


Running = set["asyncio.Task[Any]"]


async def async_run_to_completion(running: Running, work: AsyncWork[T]) -> T:
    """Return the result of *work*, which goes on, kept in *running*, if the caller is cancelled.

    A write that has begun is seen to its end.
    """
    import asyncio

    task = asyncio.create_task(work)
    running.add(task)
    task.add_done_callback(running.discard)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        # Nobody is left to be told; asyncio would log an error that no one fetched.
        task.add_done_callback(_read_exception)
        raise


def _read_exception(task: asyncio.Task[Any]) -> None:
    """Read a task's exception, so that asyncio does not log it as never retrieved."""
    if not task.cancelled():
        task.exception()


def sync_run_to_completion(running: Running, done: Work[T]) -> T:
    """Return *done*, the result already: no caller can be taken away in mid-call."""
    return done


async def async_finished(running: Running) -> None:
    """Wait until all that callers left running has ended; each has a deadline of its own."""
    import asyncio

    while running:
        await asyncio.wait(running)


def sync_finished(running: Running) -> None:
    """Do nothing: in the sync half nothing outlives its caller."""


def async_sender(transport: Any) -> AsyncSend:
    """Return a coroutine function that sends by the transport; its `send` may be a plain one."""
    # Looked up at each call: what mocks or traces a transport may stand in for its method later.
    if inspect.iscoroutinefunction(transport.send):
        return lambda request, until: transport.send(request, until)

    async def send(request: Request, until: float) -> Answered:
        """Send, and await the answer if it has to be."""
        answer: Answered = await async_result(transport.send(request, until))
        return answer

    return send


def sync_sender(transport: Any) -> Send:
    """Return a function that sends by the transport, whose `send` is looked up at each call."""
    return lambda request, until: transport.send(request, until)
