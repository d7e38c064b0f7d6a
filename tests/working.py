"""How much work Python does for a call: its lines and calls are counted, no time is measured."""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from types import FrameType
from typing import Any

from zerogate import GateError


def work(call: Callable[[], object]) -> int:
    """Return how many lines of Python a call takes, and how many functions it calls in C."""
    counted = 0

    def line(frame: FrameType, event: str, _: Any) -> Any:
        nonlocal counted
        counted += event in ("call", "line")
        return line

    def call_in_c(frame: FrameType, event: str, _: Any) -> None:
        nonlocal counted
        counted += event == "c_call"

    tracer, profiler = sys.gettrace(), sys.getprofile()
    sys.settrace(line)
    sys.setprofile(call_in_c)
    try:
        # A refusal is an answer as well; anything else is a fault of whoever counts.
        with suppress(ValueError, ConnectionError, GateError):
            call()
    finally:
        sys.setprofile(profiler)
        sys.settrace(tracer)
    return counted


def grows_faster(
    read: Callable[[Any], object], text: Callable[[int], Any], size: int
) -> str | None:
    """Return how the work grew where a text grew eightfold, if it grew faster; None where it did not."""
    few, many = (work(partial(read, text(n))) for n in (size, 8 * size))
    return None if many <= 9 * few + 100 else f"{few} at {size}, {many} at {8 * size}"
