"""Words for calls that cannot be right as they are written: what does not exist, and what was meant. Pure."""

from __future__ import annotations

import functools
import inspect
import sys
from collections.abc import Callable, Collection
from difflib import get_close_matches
from typing import Any, Final, NoReturn, TypeVar

from .forgotten_await import tell_of_await

C = TypeVar("C", bound=type)
#: What `from_env` reads, and what reads like it and is another's.
_VARIABLES: Final = ("ZEROGATE_SECRET_KEY", "ZEROGATE_PUBLISHABLE_KEY", "ZEROGATE_BASE_URL")
_ANOTHERS: Final = "ZEROGATE_SECOND_KEY"


def _tables() -> Any:
    """Return `other_names`, imported when a call was refused."""
    from . import other_names

    return other_names


def misspelt_variable(names: Collection[str]) -> str | None:
    """Return a sentence on a variable nearly named as an unset one of ours; None if none is.

    Else a sandbox's address would leave the client on Gate's own host.
    """
    if not hasattr(names, "keys"):
        return f"from_env() takes a mapping as os.environ, not {type(names).__name__}: leave it out"
    missing = [name for name in _VARIABLES if name not in names]
    for name in sorted(names):
        if (
            name.upper().startswith("ZEROGATE")
            and name not in (*_VARIABLES, _ANOTHERS)
            and (near := get_close_matches(name.upper(), missing, n=1, cutoff=0.85))
        ):
            return f"the variable {name} is set, which nothing reads: did you mean {near[0]}?"
    return None


def misfit(call: Callable[..., Any], given: int, names: Collection[str]) -> str | None:
    """Return why these arguments do not fit a function, and how to write it; None if they fit.

    given: Arguments by place, self included. names: Arguments by name.
    """
    parameters = list(inspect.signature(call).parameters.values())
    bound = parameters[0].name in ("self", "cls") if parameters else False
    named = {one.name: one for one in parameters[bound:]}
    kinds = {one.kind for one in parameters}
    any_number = (inspect.Parameter.VAR_KEYWORD, inspect.Parameter.VAR_POSITIONAL)
    shown = f"{call.__qualname__.removesuffix('.__init__')}()"
    if any_number[0] not in kinds:
        unknown = [name for name in names if name not in named]
        if unknown:
            return "; ".join(_unknown_keyword(shown, name, named) for name in unknown)
    needed = [
        n for n, one in named.items() if one.default is one.empty and one.kind not in any_number
    ]
    places = [one for one in parameters if one.kind is inspect.Parameter.POSITIONAL_OR_KEYWORD]
    if given > len(places) and any_number[1] not in kinds:
        method = shown.rpartition(".")[2].removesuffix("()")
        wanted = [*needed, *(["order"] if "order" in named else [])]
        written = ", ".join(f"{name}=…" for name in dict.fromkeys(wanted))
        return (
            f"{shown} takes {(room := len(places) - bound) or 'no'} argument{'s'[room == 1 :]} without "
            f"a name and was given {given - bound}: write each by its name, {method}({written or 'name=…'})"
        )
    by_place = {one.name for one in places[:given]}
    missing = [name for name in needed if name not in names and name not in by_place]
    if missing:
        return f"{shown} needs {' and '.join(_tables().MISSING.get(name, f'{name}=') for name in missing)}"
    return None


def _unknown_keyword(shown: str, name: str, known: Collection[str]) -> str:
    """Return a sentence on an unknown keyword, and which one was probably meant."""
    ours = (words for one, words in _tables().KEYWORDS.items() if one in known)
    how = next((written for others, written in ours if name in others.split()), None)
    if how is None:
        near = get_close_matches(name, known, n=1)
        how = (
            f"did you mean {near[0]}=?"
            if near
            else f"it takes {', '.join(f'{one}=' for one in known)}"
        )
    return f"{shown} has no argument {name[:40]}=: {how}"


def unknown_attribute(owner: object, name: str) -> str:
    """Return a sentence on a name that an object has not, and which was probably meant."""
    known = sorted(
        {
            one
            for one in (*dir(type(owner)), *getattr(owner, "__dict__", ()))
            if not one.startswith("_")
        }
    )
    kind = type(owner).__name__
    ours = next((one for one in _tables().METHODS.get(name, ()) if one in known), None)
    near = [ours] if ours else get_close_matches(name, known, n=1)
    if name in _tables().PLACES:
        return f"{kind} has no {name!r}: {_tables().PLACES[name]}"
    if near:
        return f"{kind} has no {name!r}: did you mean {near[0]}?"
    return f"{kind} has no {name!r}: there are {', '.join(known)}"


def _explaining(words: Callable[[Any, str], str]) -> Callable[[Any, str], NoReturn]:
    """Return a `__getattr__` that raises AttributeError with these words on the name."""

    def explain(self: Any, name: str) -> NoReturn:
        """Raise AttributeError with *words* on the name, Python's own if it begins with `_`."""
        told = f"{type(self).__name__!r} object has no attribute {name!r}"
        # Python and tools ask for what begins with an underscore.
        raise AttributeError(
            told if name.startswith("_") else words(self, name), name=name, obj=self
        )

    return explain


def tell_instead(cls: type) -> None:
    """Change a class so that a missing name's AttributeError says what to use instead."""
    cls.__getattr__ = _explaining(  # type: ignore[attr-defined]
        lambda self, name: (
            f"{type(self).__name__!r} object has no attribute {name!r}: "
            f"{_tables().REFUSED[f'{cls.__name__}.__getattr__']}"
        )
    )


def tell_nearest(cls: type) -> None:
    """Change a class so that a missing name's AttributeError says which one was meant."""
    cls.__getattr__ = _explaining(unknown_attribute)  # type: ignore[attr-defined]


def explain_imports(*modules: str) -> None:
    """Change modules so that a missing name's error says where it is."""
    for module in modules:
        sys.modules[module].__getattr__ = functools.partial(_no_such_name, module)  # type: ignore[method-assign]


def _no_such_name(module: str, name: str) -> NoReturn:
    """Raise ImportError for a name that is elsewhere, else AttributeError, with what was meant."""
    names = vars(sys.modules[module])
    known = names.get("__all__") or [one for one in names if not one.startswith("_")]
    near = get_close_matches(name, known, n=1)
    place = _tables().IMPORTS.get(name) or (f"did you mean {near[0]}?" if near else "")
    told = f"module {module!r} has no attribute {name!r}" + (place and f": {place}")
    raise (ImportError if name in _tables().IMPORTS else AttributeError)(told)


def explained(cls: C) -> C:
    """Change a class and return it: a wrong name, `with`, call or missing `await` says what was meant.

    Set when the class is made, so that type checkers still refuse what is not there.
    """
    tell_of_await(cls)
    tell_nearest(cls)
    refuse(cls, "__call__")
    if hasattr(cls, "__aenter__"):
        refuse(cls, "__enter__", "__exit__")
    elif hasattr(cls, "__enter__"):
        refuse(cls, "__aenter__", "__aexit__")
    return cls


def explained_list(cls: C) -> C:
    """Change a class of lists and return it: `len()`, indexing and the like raise with how it is read."""
    tell_instead(cls)
    refuse(cls, *(("__iter__", "__await__") if hasattr(cls, "__aiter__") else ("__aiter__",)))
    refuse(cls, "__len__", "__getitem__", "__bool__")
    return cls


def explained_value(cls: C) -> C:
    """Change a class, return it: misnamed attributes, `/`, `float()` explain; arguments default to None.

    At run time None stands for what was left out of its making, and the field's converter tells of it:
    type checkers still ask for all.
    """
    tell_nearest(cls)
    refuse(
        cls,
        "__truediv__",
        "__floordiv__",
        "__float__",
        "__int__",
        "__round__",
        "__radd__",
        "__rsub__",
    )
    cls.__init__.__defaults__ = (None, None)  # type: ignore[misc]
    return cls


def explained_outcome(cls: C) -> C:
    """Change a class and return it: `==` with a text or a class raises TypeError, unknown names explain.

    That is never true, so it reads as an answer and ships nothing, ever.
    """
    tell_instead(cls)
    equal: Callable[..., bool] = cls.__eq__

    def compare(self: Any, other: object) -> bool:
        """Raise TypeError for a text or a class, else return what the class's own comparison says."""
        return (
            _refusal(cls, "__eq__")(self) if isinstance(other, str | type) else equal(self, other)
        )

    cls.__eq__ = compare  # type: ignore[method-assign, assignment]
    return cls


def refuse(cls: type, *methods: str) -> None:
    """Set methods on a class that only raise TypeError with the reason from a table."""
    for method in methods:
        setattr(cls, method, _refusal(cls, method))


def _refusal(cls: type, method: str) -> Callable[..., NoReturn]:
    """Return a method that raises TypeError with the table's words for *method*."""

    def refused(self: Any, *given: Any, **named: Any) -> NoReturn:
        """Raise TypeError with the table's words."""
        raise TypeError(_tables().REFUSED[method].format(name=type(self).__name__))

    refused.__name__, refused.__qualname__ = method, f"{cls.__name__}.{method}"
    return refused
