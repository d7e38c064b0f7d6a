"""A record of the contract from the JSON object that carries it; the models load on first use."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from importlib import import_module
from typing import Any


@cache
def named(name: str) -> Any:
    """The model or enum that our tables call so; ValueError where the contract has none."""
    # Imported when asked: the table stands beside the operations, which are built on this module.
    from .operations import RENAMED

    try:
        return getattr(
            import_module("zerogate_api.models"),
            next((theirs for theirs, ours in RENAMED.items() if ours == name), name),
        )
    except AttributeError:
        raise ValueError(
            f"the contract has no {name}: say what it is called there in RENAMED of "
            "zerogate/_wire/operations.py"
        ) from None


def read(name: str, data: Mapping[str, Any]) -> object:
    """The record of this name. ValueError, naming no value of the data, when it does not fit."""
    reader: Callable[[Mapping[str, Any]], object] = named(name).from_dict
    try:
        return reader(data)
    except (KeyError, ValueError, TypeError, AttributeError, ArithmeticError) as problem:
        raise ValueError(f"{name} {_misfit(problem.__cause__ or problem)}") from None


def _misfit(problem: BaseException) -> str:
    """What does not fit; a field is named, its value is not: it may be anything."""
    if isinstance(problem, KeyError) and problem.args:
        return f"without {str(problem.args[0])[:64]!r}"
    return f"that does not fit the contract ({type(problem).__name__})"
