"""Words for calls that cannot be right as they are written: what does not exist, and what was meant. Pure.

They cost nothing until Python has refused a call.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Collection, Iterable
from difflib import get_close_matches
from typing import Any, Final, NoReturn, TypeVar

from .forgotten_await import tell_of_await

C = TypeVar("C", bound=type)
#: What `from_env` reads, and what reads like it and is another's.
_VARIABLES: Final = ("ZEROGATE_SECRET_KEY", "ZEROGATE_PUBLISHABLE_KEY", "ZEROGATE_BASE_URL")
_OTHERS: Final = ("ZEROGATE_SECOND_KEY",)

_COUNTS: Final = {0: "no argument", 1: "one argument"}


def _names() -> Any:
    from . import other_names

    return other_names


def misspelt_variable(names: Collection[str]) -> str | None:
    """Return which name of a variable is nearly one of ours that is not set; None where none is.

    Passed over in silence, a sandbox's address would leave the client on Gate's own host.
    """
    missing = [name for name in _VARIABLES if name not in names]
    for name in sorted(names):
        if not name.upper().startswith("ZEROGATE") or name in (*_VARIABLES, *_OTHERS):
            continue
        if near := get_close_matches(name.upper(), missing, n=1, cutoff=0.85):
            return f"the variable {name} is set, which nothing reads: did you mean {near[0]}?"
    return None


def misfit(call: Callable[..., Any], given: int, names: Collection[str]) -> str | None:
    """Return why a call does not fit a function, and how to write it; None where it fits.

    given: Arguments by place, self included. names: Arguments by name.
    """
    parameters = list(inspect.signature(call).parameters.values())
    bound = parameters[0].name in ("self", "cls") if parameters else False
    named = {one.name: one for one in parameters[bound:]}
    kinds = {one.kind for one in parameters}
    shown = f"{call.__qualname__.removesuffix('.__init__')}()"
    if inspect.Parameter.VAR_KEYWORD not in kinds:
        unknown = [name for name in names if name not in named]
        if unknown:
            return "; ".join(_unknown_keyword(shown, name, named) for name in unknown)
    needed = [name for name, one in named.items() if _is_needed(one)]
    places = [one for one in parameters if one.kind is inspect.Parameter.POSITIONAL_OR_KEYWORD]
    if given > len(places) and inspect.Parameter.VAR_POSITIONAL not in kinds:
        method = shown.rpartition(".")[2].removesuffix("()")
        wanted = [*needed, *(["order"] if "order" in named else [])]
        written = ", ".join(f"{name}=…" for name in dict.fromkeys(wanted))
        return (
            f"{shown} takes {_COUNTS.get(room := len(places) - bound, f'{room} arguments')} without "
            f"a name and was given {given - bound}: write each by its name, {method}({written or 'name=…'})"
        )
    by_place = {one.name for one in places[:given]}
    missing = [name for name in needed if name not in names and name not in by_place]
    if missing:
        return f"{shown} needs {' and '.join(_names().MISSING.get(name, f'{name}=') for name in missing)}"
    return None


def _is_needed(one: inspect.Parameter) -> bool:
    variable = one.kind in (inspect.Parameter.VAR_KEYWORD, inspect.Parameter.VAR_POSITIONAL)
    return one.default is inspect.Parameter.empty and not variable


def _unknown_keyword(shown: str, name: str, known: Collection[str]) -> str:
    ours, how = _names().KEYWORDS.get(name, ("", ""))
    if ours not in known:
        near = get_close_matches(name, known, n=1)
        how = f"did you mean {near[0]}=?" if near else f"it takes {_listed(known, '=')}"
    return f"{shown} has no argument {name[:40]}=: {how}"


def _listed(names: Iterable[str], mark: str = "") -> str:
    return ", ".join(f"{name}{mark}" for name in names)


def unknown_attribute(owner: object, name: str) -> str:
    """Return why an object has not got a name, and which one was probably meant."""
    known = sorted(
        {
            one
            for one in (*dir(type(owner)), *getattr(owner, "__dict__", ()))
            if not one.startswith("_")
        }
    )
    kind = type(owner).__name__
    ours = next((one for one in _names().METHODS.get(name, ()) if one in known), None)
    near = [ours] if ours else get_close_matches(name, known, n=1)
    if name in _names().PLACES and "sessions" in known:
        return f"{kind} has no {name!r}: {_names().PLACES[name]}"
    if near:
        return f"{kind} has no {name!r}: did you mean {near[0]}?"
    return f"{kind} has no {name!r}: there are {_listed(known)}"


def _explaining(words: Callable[[Any, str], str]) -> Callable[[Any, str], NoReturn]:
    """Return a `__getattr__` that says why a name is not there."""

    def explain(self: Any, name: str) -> NoReturn:
        told = f"{type(self).__name__!r} object has no attribute {name!r}"
        # What begins with an underscore is asked for by Python and by tools.
        raise AttributeError(
            told if name.startswith("_") else words(self, name), name=name, obj=self
        )

    return explain


def tell_instead(cls: type, remedy: str) -> None:
    """Have a class name what to use, where it is asked for a name that it has not."""
    cls.__getattr__ = _explaining(  # type: ignore[attr-defined]
        lambda self, name: f"{type(self).__name__!r} object has no attribute {name!r}: {remedy}"
    )


def tell_nearest(cls: type) -> None:
    """Have a class name what was meant, where it is asked for a name that it has not."""
    cls.__getattr__ = _explaining(unknown_attribute)  # type: ignore[attr-defined]


def explain_imports(module: dict[str, Any]) -> None:
    """Have a module say where a name is that it has not: `from … import` hides an AttributeError."""

    def explain(name: str) -> NoReturn:
        near = get_close_matches(name, module["__all__"], n=1)
        place = _names().IMPORTS.get(name) or (f"did you mean {near[0]}?" if near else "")
        told = f"module {module['__name__']!r} has no attribute {name!r}" + (place and f": {place}")
        raise (ImportError if name in _names().IMPORTS else AttributeError)(told)

    module["__getattr__"] = explain


def explained(cls: C) -> C:
    """Have a class say what was meant: by a name that it has not, a `with` of the other half, no `await`.

    Set when the class is made, so that type checkers still refuse what is not there.
    """
    tell_of_await(cls)
    tell_nearest(cls)
    name = cls.__name__
    refuse(cls, f"{name} is not called itself: write the name of one of its methods", "__call__")
    if hasattr(cls, "__aenter__"):
        wrong = f"{name} is opened with `async with {name}(…) as gate:`; without async, use Gate"
        refuse(cls, wrong, "__enter__", "__exit__")
    elif hasattr(cls, "__enter__"):
        wrong = f"{name} is opened with `with {name}(…) as gate:`; in async code, use AsyncGate"
        refuse(cls, wrong, "__aenter__", "__aexit__")
    return cls


def explained_list(cls: C) -> C:
    """Have a class of lists say how it is read, where it is taken for a list in memory."""
    name, awaits = cls.__name__, hasattr(cls, "__aiter__")
    loop = "async for" if awaits else "for"
    tell_instead(cls, f"read it with `{loop} row in …:`, which turns the pages itself")
    if awaits:
        refuse(
            cls,
            f"{name} is read with `async for row in …:`, one row at a time; or await its .first()",
            "__iter__",
            "__await__",
        )
    else:
        refuse(cls, f"{name} is read with `for row in …:`, one row at a time", "__aiter__")
    first = "await .first()" if awaits else ".first()"
    unknown = "nothing was read yet, and Gate does not say how many rows there are"
    refuse(cls, f"{name} has no length: {unknown}; count while you read", "__len__")
    refuse(
        cls,
        f"{name} has no places: {unknown}; {first} is the newest row, or None",
        "__getitem__",
    )
    refuse(
        cls,
        f"{name} is neither true nor false: {unknown}; {first} is None where there is none",
        "__bool__",
    )
    return cls


def refuse(cls: type, why: str, *methods: str) -> None:
    """Give a class methods of Python's protocols that only say why they are not there."""
    for method in methods:

        def refused(self: Any, *given: Any, **named: Any) -> NoReturn:
            raise TypeError(why)

        refused.__name__, refused.__qualname__ = method, f"{cls.__name__}.{method}"
        setattr(cls, method, refused)
