"""Reads what a crash reporter would: the values in all frames that an exception holds, but the test's own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

TESTS = str(Path(__file__).parent)
#: Stands in everything that must not be in a frame.
MARK = "canary"


def values(exc: BaseException | None, met: frozenset[int] = frozenset()) -> Iterator[str]:
    """Module, function, name and value of every local, the exceptions before it included."""
    if exc is None or id(exc) in met:
        return
    traceback = exc.__traceback__
    while traceback is not None:
        frame = traceback.tb_frame
        module = frame.f_globals.get("__name__", "")
        if not frame.f_code.co_filename.startswith(TESTS) and "pytest" not in module:
            for name, value in frame.f_locals.items():
                yield f"{module}.{frame.f_code.co_name}: {name} = {value!r}"
        traceback = traceback.tb_next
    for before in (exc.__cause__, exc.__context__, getattr(exc, "last_error", None)):
        if isinstance(before, BaseException):
            yield from values(before, met | {id(exc)})


def leaks(exc: BaseException) -> list[str]:
    """What of it would be written down that must not be."""
    return [told for told in (*values(exc), repr(exc), str(exc)) if MARK in told.lower()]
