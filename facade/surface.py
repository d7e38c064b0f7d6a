"""Write what each package of ours promises, a line a name, so that a review sees what a change does to it.

    python facade/surface.py           write docs/api/surface/*.txt
    python facade/surface.py --check   change nothing; exit 1 if that would change anything

Public is what stands in `__all__` of the modules below, the public members of those classes, and what
`gate.…` leads to. Reads source, imports nothing of it.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, TypeAlias

import griffe

ROOT: Final = Path(__file__).resolve().parent.parent
SURFACE: Final = ROOT / "docs" / "api" / "surface"
FOLDERS: Final = ("facade", "generated", *(f"apps/{name}" for name in ("store", "celery", "otel")))
OTHERS: Final = tuple(f"apps/{name}" for name in ("sandbox", "ledger", "cli"))
#: By package, the modules of which `__all__` is a promise.
DOORS: Final = {
    "zerogate": ("", "types", "errors", "money", "webhooks", "transports"),
    "zerogate_store": ("",),
    "zerogate_celery": ("",),
    "zerogate_otel": ("",),
    "zerogate_sandbox": ("",),
    "zerogate_ledger": ("",),
    "zerogate_probe": ("",),
}
CLIENTS: Final = ("Gate", "AsyncGate")
#: Methods that every class has, and that say nothing of this one.
_SILENT: Final = frozenset({"__init__", "__repr__", "__str__", "__reduce__", "__getattr__"})
_SILENT_FIELDS: Final = frozenset({"__all__", "__slots__", "__match_args__"})

#: Any: an alias of griffe's stands for whatever it leads to.
Thing: TypeAlias = Any


def main(argv: list[str]) -> int:
    """Write changed surfaces, remove stale files, return 0; --check: write nothing, 1 if any is wrong."""
    files = {SURFACE / f"{name}.txt": text for name, text in surfaces().items()}
    wrong = [p for p, text in files.items() if not p.exists() or p.read_text("utf-8") != text]
    stale = sorted(set(SURFACE.glob("*.txt")) - files.keys())
    if "--check" in argv:
        for path in wrong + stale:
            print(f"not what the code promises: {path.relative_to(ROOT)}")
        return 1 if wrong or stale else 0
    SURFACE.mkdir(exist_ok=True)
    for path in wrong:
        path.write_text(files[path], "utf-8")
        print(f"written: {path.relative_to(ROOT)}")
    for path in stale:
        path.unlink()
    return 0


def surfaces() -> dict[str, str]:
    """Return the text of each package's file, by package."""
    loader = griffe.GriffeLoader(search_paths=[ROOT / one for one in (*FOLDERS, *OTHERS)])
    packages = {name: loader.load(name) for name in (*DOORS, "zerogate_api")}
    loader.resolve_aliases(implicit=False, external=False)
    return {
        name: "\n".join(sorted(set(_promised(packages[name], doors)))) + "\n"
        for name, doors in DOORS.items()
    }


def _exports(package: Thing, doors: tuple[str, ...]) -> Iterator[tuple[str, Thing]]:
    """Yield dotted path and object of each name in the `__all__` of these modules."""
    for door in doors:
        module = package[door] if door else package
        for name in map(str, module.exports or ()):
            yield ".".join(filter(None, (str(package.name), door, name))), module[name]


def _promised(package: Thing, doors: tuple[str, ...]) -> Iterator[str]:
    """Yield the lines of a package: its exports, and the resources that a client leads to."""
    exports = dict(_exports(package, doors))
    told = {_behind(one).path for one in exports.values() if not _is_from_elsewhere(one)}
    for path, thing in exports.items():
        yield from _lines(path, thing, told)
        if path.rpartition(".")[2] in CLIENTS:
            for name, kind in _led_to(thing):
                yield from _lines(f"{path}.{name}", kind, told)


def _lines(path: str, thing: Thing, told: set[str]) -> Iterator[str]:
    """Yield the lines of one name, members of a class included.

    told: Classes that have lines of their own: heirs do not repeat them.
    """
    if _is_from_elsewhere(thing):
        yield f"{path}: {thing.target_path}"
    elif thing.is_function:
        yield f"{path}{_signature(thing)}"
    elif thing.is_class:
        bases = ", ".join(str(base) for base in thing.bases)
        yield f"class {path}({bases}){_constructor(thing, told)}"
        if _behind(thing).path.startswith("zerogate_api."):
            return  # Read from the contract: generated/API.md has its fields.
        for name, member in thing.all_members.items():
            if _is_promised(name, member) and _home(member) not in told - {_behind(thing).path}:
                yield from _member(f"{path}.{name}", member)
    elif thing.is_attribute:
        yield f"{path}{_value(thing)}"
    else:
        yield f"module {path}"


def _member(path: str, member: Thing) -> Iterator[str]:
    """Yield the line of a method or attribute of a class; nothing for any other member."""
    if member.is_function:
        yield f"{path}{_signature(member)}"
    elif member.is_attribute:
        read_only = " (read only)" if "property" in member.labels else ""
        yield f"{path}{_value(member)}{read_only}"


def _is_promised(name: str, member: Thing) -> bool:
    """Return True for public names, and for special methods but a few that all classes have."""
    if name in _SILENT or name in _SILENT_FIELDS:
        return False
    return not name.startswith("_") or (name.startswith("__") and member.is_function)


def _is_from_elsewhere(thing: Thing) -> bool:
    """Return True for an alias of something that is not loaded here."""
    if not isinstance(thing, griffe.Alias):
        return False
    try:
        return thing.final_target is None
    except (griffe.AliasResolutionError, griffe.CyclicAliasError):
        return True


def _home(member: Thing) -> str:
    """Return the dotted path of the class that a member is written in, maybe a base."""
    found = _behind(member)
    return found.parent.path if found.parent is not None else ""


def _behind(thing: Thing) -> Thing:
    """Return what an alias leads to; anything else as it is."""
    return thing.final_target if isinstance(thing, griffe.Alias) else thing


def _constructor(thing: Thing, told: set[str]) -> str:
    """Return ` made by` and the parameters of `__init__`; empty if a base's lines have them."""
    made = thing.all_members.get("__init__")
    if made is None or not made.is_function or _behind(thing).path not in told:
        return ""
    return "" if _home(made) in told - {_behind(thing).path} else f" made by {_parameters(made)}"


def _signature(function: Thing) -> str:
    """Return parameters and result as text, `async` included."""
    waits = "async " if "async" in function.labels else ""
    return f"{_parameters(function)} -> {waits}{_on_one_line(function.returns)}"


def _parameters(function: Thing) -> str:
    """Return the parameters in brackets as text, annotations and defaults included."""
    told, kind = [], None
    for one in function.parameters:
        if one.kind is griffe.ParameterKind.keyword_only and kind not in (
            griffe.ParameterKind.keyword_only,
            griffe.ParameterKind.var_positional,
        ):
            told.append("*")
        elif kind is griffe.ParameterKind.positional_only and one.kind is not kind:
            told.append("/")
        kind = one.kind
        stars = {"variadic positional": "*", "variadic keyword": "**"}.get(one.kind.value, "")
        default = f" = {one.default}" if one.default is not None and not stars else ""
        annotation = f": {one.annotation}" if one.annotation is not None else ""
        told.append(f"{stars}{one.name}{annotation}{default}")
    if kind is griffe.ParameterKind.positional_only:
        told.append("/")
    return f"({', '.join(told)})"


def _value(attribute: Thing) -> str:
    """Return `: type` of an attribute, or ` = value` where it has no annotation."""
    if attribute.annotation is not None:
        return f": {_on_one_line(attribute.annotation)}"
    return f" = {_on_one_line(attribute.value)}"


def _on_one_line(annotation: object) -> str:
    """Return an annotation on one line; `?` for none."""
    return "?" if annotation is None else re.sub(r"\s+", " ", str(annotation))


def _led_to(client: Thing) -> Iterator[tuple[str, Thing]]:
    """Yield name and class of each resource of a client, such as `gate.sessions`."""
    for name, attribute in client.attributes.items():
        said = _on_one_line(attribute.annotation)
        if attribute.is_public and said.isidentifier() and "property" not in attribute.labels:
            try:
                kind = _behind(_behind(client).module[said])
            except (KeyError, griffe.AliasResolutionError):
                continue
            if kind.is_class:
                yield name, kind


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
