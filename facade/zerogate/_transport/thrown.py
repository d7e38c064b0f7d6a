"""Tells what a call raised itself from what was thrown into it while it ran. Pure."""

from __future__ import annotations

import itertools
import sys
from collections.abc import Iterator
from inspect import CO_VARARGS
from types import FrameType
from typing import Any


def thrown_in(exc: BaseException, handled: BaseException | None) -> BaseException | None:
    """Return what a signal's handler raised: *exc* or one of its causes; None if none did.

    handled: What was being handled before the call was made (`sys.exception()`): no part of this.
    """
    seen: set[int] = {id(handled)}
    link: BaseException | None = exc
    while link is not None and id(link) not in seen:
        if _raised_by_handler(link):
            return link
        seen.add(id(link))
        link = link.__cause__ or link.__context__
    return None


def is_of(transport: Any, exc: BaseException) -> bool:
    """Return True if *exc* can be told to be a transport's own, by its frames or its class.

    A class that nothing on the way has to do with was raised into the thread from elsewhere.
    """
    home = _root(type(exc).__module__)
    if home in sys.stdlib_module_names or home in {
        _root(kind.__module__) for kind in type(transport).__mro__
    }:
        return True
    frames = list(_frames(exc))[1:]
    return any(
        home == _root(str(frame.f_globals.get("__name__"))) or home in frame.f_globals
        for frame in frames
    )


def _raised_by_handler(exc: BaseException) -> bool:
    """Return True if a signal's handler is among the frames: it is given the one it stopped."""
    frames = list(_frames(exc))
    return any(_is_given(above, below) for above, below in itertools.pairwise(frames))


def _is_given(above: FrameType, below: FrameType) -> bool:
    """Return True if an argument of the frame *below* is the frame *above* itself."""
    code, values = below.f_code, below.f_locals
    # In the order of a frame's variables: arguments, those by name only, then the rest of them.
    count = code.co_argcount + code.co_kwonlyargcount + bool(code.co_flags & CO_VARARGS)
    given = [values.get(name) for name in code.co_varnames[:count]]
    return any(
        value is above or (type(value) is tuple and any(one is above for one in value))
        for value in given
    )


def _frames(exc: BaseException) -> Iterator[FrameType]:
    """Yield the frames of an exception's traceback, the outermost first."""
    trace = exc.__traceback__
    while trace is not None:
        yield trace.tb_frame
        trace = trace.tb_next


def _root(module: str) -> str:
    """Return the top-level package of a dotted module name."""
    return module.partition(".")[0]
