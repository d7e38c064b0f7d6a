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
        """Go on, as a task does."""
        return self._coroutine.send(value)

    def throw(self, kind: Any, value: Any = None, trace: TracebackType | None = None, /) -> Any:
        """Throw an exception in, as a task does that is cancelled."""
        # Python warns of the old form with three arguments.
        return self._coroutine.throw(kind if value is None else value)

    def close(self) -> None:
        """End it without running it."""
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
        call = self._coroutine.__qualname__
        raise TypeError(f"{call}(…) was not awaited: write `await` before the call")

    __iter__ = __getitem__ = _refuse

    def __repr__(self) -> str:
        return f"<{self._coroutine.__qualname__}(…), not awaited>"


def tell_of_await(cls: type) -> None:
    """Have every public coroutine method of a class return a `PendingCall`."""
    for name, method in list(vars(cls).items()):
        if not name.startswith("_") and inspect.iscoroutinefunction(method):
            setattr(cls, name, _telling(method))


def _telling(method: Callable[..., CoroutineType[Any, Any, Any]]) -> Callable[..., Any]:
    @functools.wraps(method)
    def call(*args: Any, **kwargs: Any) -> PendingCall:
        return PendingCall(method(*args, **kwargs))

    return _marked(call)


#: Functions of which frameworks are still to be told that they are coroutine functions.
_unmarked: list[Callable[..., Any]] = []


def _marked(call: Callable[..., Any]) -> Callable[..., Any]:
    """Have frameworks take it for the coroutine function that it is."""
    # By its name: type checkers read this as Python 3.11, which has no such function.
    mark: Callable[..., Any] | None = getattr(inspect, "markcoroutinefunction", None)
    if mark is not None:
        marked: Callable[..., Any] = mark(call)
        return marked
    _unmarked.append(call)
    return call


def mark_for_asyncio() -> None:
    """Tell asyncio which functions are coroutine functions: before Python 3.12 nothing else marks one."""
    if _unmarked:
        from asyncio import coroutines

        while _unmarked:
            _unmarked.pop()._is_coroutine = coroutines._is_coroutine  # type: ignore[attr-defined]
