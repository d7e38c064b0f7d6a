"""Runs steps that yield what may have to be waited for, in either half."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Generator
from typing import Any, TypeVar

from .failures import Late

T = TypeVar("T")
Steps = Generator[Any, Any, T]


def run_steps(steps: Steps[T]) -> T:
    """Run steps without waiting: each is sent back what it yielded; return their result."""
    result = None
    try:
        while True:
            result = steps.send(result)
    except StopIteration as end:
        value: T = end.value
        return value


async def run_steps_async(steps: Steps[T], seconds: float | None = None) -> T:
    """Run steps to their end, awaiting what each yields; return their result, or Late after *seconds*.

    seconds: Break off then; for a transport of others, which cannot be told of a deadline.
    """
    import asyncio

    late = False
    try:
        async with asyncio.timeout(seconds):
            return await _run_awaiting(steps)
    except TimeoutError:
        late = seconds is not None
        if not late:
            raise
    raise Late("no whole answer: the time was up")


async def _run_awaiting(steps: Steps[T]) -> T:
    """Run steps, sending back what each awaited or throwing in its exception; return their result."""
    step: Callable[[Any], Any] = steps.send
    outcome: Any = None
    while True:
        try:
            yielded = step(outcome)
        except StopIteration as end:
            value: T = end.value
            return value
        try:
            step, outcome = steps.send, yielded
            if inspect.isawaitable(yielded):
                outcome = await yielded
        except BaseException as exc:
            step, outcome = steps.throw, exc
