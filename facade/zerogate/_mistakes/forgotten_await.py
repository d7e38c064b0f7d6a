"""A coroutine of the async half that says that it was not awaited, where it is used as a result."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Coroutine, Generator
from types import CoroutineType, TracebackType
from typing import Any, NoReturn


class PendingCall(Coroutine[Any, Any, Any]):
    """A coroutine like any other: it is awaited, made a task, closed; and it knows its name.

    Python's own says `'coroutine' object has no attribute 'id'`, which nobody new to async
    understands.
    """

    __slots__ = ("__weakref__", "_coroutine")

    def __init__(self, coroutine: CoroutineType[Any, Any, Any]) -> None:
        self._coroutine = coroutine

    def __await__(self) -> Generator[Any, Any, Any]:
        return self._coroutine.__await__()

    def send(self, value: Any, /) -> Any:
        """Run the coroutine on to its next wait and return what it waits for; StopIteration at its end."""
        return self._coroutine.send(value)

    def throw(self, kind: Any, value: Any = None, trace: TracebackType | None = None, /) -> Any:
        """Throw an exception into the coroutine, as a task does that is cancelled; return its next wait."""
        # Python warns of the old form with three arguments.
        return self._coroutine.throw(kind if value is None else value)

    def close(self) -> None:
        """End the coroutine without running it, so that no warning follows."""
        self._coroutine.close()

    def __getattr__(self, name: str) -> Any:
        if name.startswith(("cr_", "_")):
            # Debuggers and asyncio's own reports look at these.
            return getattr(self._coroutine, name)
        call = self._coroutine.__qualname__
        raise AttributeError(
            f"{call}(…) was not awaited, so it has no {name!r} yet: write `await` before the call"
        )

    def _refuse(self, *given: Any) -> NoReturn:
        """Raise TypeError, which says that `await` is missing before the call."""
        call = self._coroutine.__qualname__
        raise TypeError(f"{call}(…) was not awaited: write `await` before the call")

    __iter__ = __getitem__ = _refuse

    def __repr__(self) -> str:
        return f"<{self._coroutine.__qualname__}(…), not awaited>"


def tell_of_await(cls: type) -> None:
    """Change a class so that its public coroutine methods return a `PendingCall`."""
    for name, method in list(vars(cls).items()):
        if not name.startswith("_") and inspect.iscoroutinefunction(method):
            setattr(cls, name, _returning_pending(method))


def _returning_pending(method: Callable[..., CoroutineType[Any, Any, Any]]) -> Callable[..., Any]:
    """Return a function that returns the method's coroutine as a PendingCall."""

    @functools.wraps(method)
    def call(*args: Any, **kwargs: Any) -> PendingCall:
        """Return the coroutine as a PendingCall."""
        return PendingCall(method(*args, **kwargs))

    return _marked(call)


#: Functions of which frameworks are still to be told that they are coroutine functions.
_unmarked: list[Callable[..., Any]] = []


def _marked(call: Callable[..., Any]) -> Callable[..., Any]:
    """Return *call*, marked to count as a coroutine function, now or by `mark_for_asyncio`."""
    # By its name: type checkers read this as Python 3.11, which has no such function.
    mark: Callable[..., Any] | None = getattr(inspect, "markcoroutinefunction", None)
    if mark is not None:
        marked: Callable[..., Any] = mark(call)
        return marked
    _unmarked.append(call)
    return call


def mark_for_asyncio() -> None:
    """Mark our functions as coroutine functions for asyncio, before Python 3.12."""
    if _unmarked:
        from asyncio import coroutines

        # Not popped: a thread that sees none would go on too early.
        for call in _unmarked:
            call._is_coroutine = coroutines._is_coroutine  # type: ignore[attr-defined]
