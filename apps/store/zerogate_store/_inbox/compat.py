"""Pairs without a common name, sync and async: carrying out an effect, calling a handler."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import partial
from typing import Any

from zerogate import GateUsageError

from .._store import Step, Store, async_in_thread, async_step_on, sync_step_on
from .records import EventContext

#: Given an event, does what follows from it. Of the async half it may be awaited.
Handler = Callable[[EventContext], Any]
#: Makes a context manager that begins a transaction and gives its connection.
Transaction = Callable[[], Any]
StepOf = Callable[[], Step[None]]


def sync_effect(
    store: Store,
    transaction: Transaction | None,
    opening: StepOf,
    work: Callable[[Any], Any],
    closing: StepOf,
) -> None:
    """Run opening step, *work* and closing step in one transaction; a failure undoes all."""
    with (transaction or store.engine.begin)() as connection:
        sync_step_on(connection, opening())
        with store.handling():
            sync_called(work, connection)
        sync_step_on(connection, closing())


async def async_effect(
    store: Store,
    transaction: Transaction | None,
    opening: StepOf,
    work: Callable[[Any], Any],
    closing: StepOf,
) -> None:
    """Run opening, *work* and closing in one transaction, awaited or in a thread; a failure undoes all."""
    manager: Any = None
    if transaction is not None:
        manager = transaction()
    elif store.async_engine is not None:
        manager = store.async_engine.begin()
    if manager is None or not hasattr(manager, "__aenter__"):
        own = None if manager is None else (lambda: manager)
        # In a thread: a transaction that is not awaited would hold up all else.
        await async_in_thread(store, partial(sync_effect, store, own, opening, work, closing))
        return
    async with manager as connection:
        await async_step_on(connection, opening())
        with store.handling():
            await async_called(work, connection)
        await async_step_on(connection, closing())


class WrongHandler(GateUsageError):
    """It is not the event's fault."""


_AWAITED = (
    "this handler has to be awaited and its transaction is not: write it as a plain function, or "
    "give the store an AsyncEngine, or say external_effect=True where its effect is not in this database"
)


async def async_called(handler: Callable[[Any], Any], given: Any) -> None:
    """Call a handler, and await what it returns where that is awaitable."""
    done = handler(given)
    if inspect.isawaitable(done):
        await done


def sync_called(handler: Callable[[Any], Any], given: Any) -> None:
    """Call a handler; raise WrongHandler where what it returns has to be awaited."""
    done = handler(given)
    if inspect.isawaitable(done):
        if inspect.iscoroutine(done):
            done.close()
        raise WrongHandler(_AWAITED)
