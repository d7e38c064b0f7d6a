"""Empties the frames that an exception leaves behind, for crash reporters write down what was in them.

Line numbers and names of functions stay. Frames of the caller's own code are not touched; those of the
libraries below ours are, for they hold the bytes that they were given to send.
"""

from __future__ import annotations

import functools
import inspect
import sys
from collections.abc import Callable, Iterator
from types import TracebackType
from typing import Any, Final, ParamSpec, TypeVar

from ._mistakes.misuse import misfit

P = ParamSpec("P")
R = TypeVar("R")
C = TypeVar("C", bound=type)
_OURS: Final = frozenset({"zerogate", "zerogate_api", "zerogate_store"})
#: Whatever is given our requests, and our databases' addresses.
_BELOW: Final = sys.stdlib_module_names | {
    "httpx",
    "httpx2",
    "httpcore",
    "sqlalchemy",
    "psycopg",
    "cryptography",
}


def discreet(call: Callable[P, R]) -> Callable[P, R]:
    """Return a function that calls *call* and empties our frames of values if an exception leaves it."""
    if inspect.iscoroutinefunction(call):
        return _discreet_coroutine(call)

    @functools.wraps(call)
    def plainly(*args: P.args, **kwargs: P.kwargs) -> R:
        """Call the function; an error leaves no values in frames, wrong arguments explain by TypeError."""
        try:
            return call(*args, **kwargs)
        except BaseException as exc:
            why = _misfit(exc, call, args, kwargs)
            del args, kwargs
            if why is not None:
                raise TypeError(why) from None
            empty_frames(exc)
            raise

    return plainly


def _discreet_coroutine(call: Callable[..., Any]) -> Callable[..., Any]:
    """Return a coroutine function that awaits *call* and empties our frames if an exception leaves it."""

    @functools.wraps(call)
    async def awaited(*args: Any, **kwargs: Any) -> Any:
        """Await the function; an error leaves no values in frames, wrong arguments explain by TypeError."""
        try:
            return await call(*args, **kwargs)
        except BaseException as exc:
            why = _misfit(exc, call, args, kwargs)
            del args, kwargs
            if why is not None:
                raise TypeError(why) from None
            empty_frames(exc)
            raise

    return awaited


def _misfit(
    exc: BaseException, call: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]
) -> str | None:
    """Return which arguments do not fit *call*, if *exc* comes from that; None for any other error."""
    began = exc.__traceback__ is None or exc.__traceback__.tb_next is not None
    return None if type(exc) is not TypeError or began else misfit(call, len(args), kwargs)


def discreet_class(cls: C) -> C:
    """Change a class in place and return it: no error leaves values in frames of its public methods."""
    for name, value in list(vars(cls).items()):
        if name.startswith("_") and name != "__init__":
            continue
        if isinstance(value, classmethod | staticmethod):
            setattr(cls, name, type(value)(discreet(value.__func__)))
        elif inspect.isfunction(value) and not _yields(value):
            setattr(cls, name, discreet(value))
    return cls


def _yields(call: Callable[..., Any]) -> bool:
    """Return True for a generator function, async or not."""
    return inspect.isgeneratorfunction(call) or inspect.isasyncgenfunction(call)


def empty_frames(exc: BaseException) -> None:
    """Clear the variables of our frames, and of libraries' below, in tracebacks of *exc* and its causes."""
    for one in _chain(exc):
        ours, traceback = False, one.__traceback__
        while traceback is not None:
            root = str(traceback.tb_frame.f_globals.get("__name__", "")).partition(".")[0]
            ours = ours or root in _OURS
            if root in _OURS or (ours and root in _BELOW):
                _empty(traceback)
            traceback = traceback.tb_next


def _empty(traceback: TracebackType) -> None:
    """Clear the local variables of a traceback's frame, unless the frame still runs."""
    try:
        traceback.tb_frame.clear()
    except RuntimeError:
        # It has not ended: one further out, whose own turn comes.
        return


def _chain(exc: BaseException) -> Iterator[BaseException]:
    """Yield the exception and all its causes, contexts and `last_error`s, each once."""
    met: set[int] = set()
    left: list[BaseException | None] = [exc]
    while left:
        one = left.pop()
        if one is None or id(one) in met:
            continue
        met.add(id(one))
        yield one
        told = getattr(one, "last_error", None)
        left += [one.__cause__, one.__context__]
        left += [told] if isinstance(told, BaseException) else []
