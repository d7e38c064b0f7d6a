"""Reads where a process stands: the frames of its calls, and all that they can reach, as one digest.

Two processes that stand alike go on alike, whatever they were told before; so what follows from both is tried
once. What was told and is forgotten again would keep them apart for ever, and there is much of that.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping
from functools import cache, partial
from hashlib import blake2b
from types import (
    BuiltinFunctionType,
    FrameType,
    FunctionType,
    GeneratorType,
    MethodType,
    ModuleType,
)
from typing import Any, Final

_PLAIN: Final = (type(None), bool, int, float, str, bytes)
_NAMED: Final = (type, ModuleType, BuiltinFunctionType)


def digest_of(frame: FrameType | None, besides: tuple[type, ...]) -> bytes:
    """Return the digest of a stack of frames.

    besides: Kinds of objects that are the world, or never change: they say nothing of where it stands.
    """
    told: list[str] = []
    walk = _Walk(besides)
    while frame is not None:
        told += (frame.f_code.co_qualname, str(frame.f_lasti))
        for name, value in frame.f_locals.items():
            told.append(name)
            told += walk.of(value)
        frame = frame.f_back
    return blake2b("\0".join(told).encode(errors="surrogatepass"), digest_size=16).digest()


class _Walk:
    """Through everything that can be reached, each object once: what comes again is a number."""

    def __init__(self, besides: tuple[type, ...]) -> None:
        self._besides = frozenset(besides)
        self._met: dict[int, int] = {}
        # Kept alive, or another object could have its place in memory, and pass for it.
        self._kept: list[Any] = []

    def of(self, value: Any) -> Iterator[str]:
        waiting = [value]
        while waiting:
            value = waiting.pop()
            kind = type(value)
            if kind in _PLAIN:
                yield repr(value)
                continue
            if kind in self._besides or isinstance(value, _NAMED):
                yield getattr(value, "__qualname__", kind.__qualname__)
                continue
            if id(value) in self._met:
                yield f"#{self._met[id(value)]}"
                continue
            self._met[id(value)] = len(self._met)
            self._kept.append(value)
            parts = _parts(value)
            yield f"{kind.__qualname__} {len(parts)}"
            waiting += parts


def _parts(value: Any) -> list[Any]:
    """Return what an object is made of."""
    if isinstance(value, Mapping):
        return [one for pair in value.items() for one in pair]
    if isinstance(value, (list, tuple, deque)):
        return list(value)
    if isinstance(value, (set, frozenset)):
        return sorted(value, key=repr)
    if isinstance(value, FunctionType):
        held = [_cell(cell) for cell in value.__closure__ or ()]
        place = (value.__qualname__, value.__code__.co_firstlineno)
        return [place, value.__defaults__, value.__kwdefaults__, *held]
    if isinstance(value, MethodType):
        return [value.__func__.__qualname__, value.__self__]
    if isinstance(value, partial):
        return [value.func, value.args, value.keywords]
    if isinstance(value, GeneratorType):
        frame = value.gi_frame
        return [] if frame is None else [frame.f_lasti, *frame.f_locals.values()]
    if isinstance(value, BaseException):
        return [value.args, vars(value)]
    slots = _slots(type(value))
    held = [getattr(value, name, None) for name in slots]
    return [*held, *([vars(value)] if hasattr(value, "__dict__") else [])]


@cache
def _slots(kind: type) -> tuple[str, ...]:
    found = [name for one in kind.__mro__ for name in getattr(one, "__slots__", ())]
    return tuple(name for name in found if name != "__weakref__")


def _cell(cell: Any) -> Any:
    try:
        return cell.cell_contents
    except ValueError:
        return None
