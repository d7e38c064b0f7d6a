"""Packages that a command may need and a plain install has not: which are missing, how to install them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from importlib.util import find_spec
from typing import Final, NamedTuple


class Extra(NamedTuple):
    """A part of the project that is installed by itself.

    modules: What it brings. install: Its arguments to pip, in a clone of the project.
    """

    name: str
    modules: tuple[str, ...]
    install: str


EXTRAS: Final[Mapping[str, Extra]] = {
    one.name: one
    for one in (
        Extra(
            "sandbox",
            ("zerogate_sandbox", "uvicorn", "httptools", "jsonschema_rs", "babel", "yaml"),
            "-e apps/sandbox",
        ),
        Extra(
            "ledger",
            ("zerogate_ledger", "duckdb", "ibis", "pyarrow", "dateutil", "defusedxml", "sqlglot"),
            "-e apps/ledger",
        ),
        Extra("store", ("sqlalchemy", "cryptography"), '-e ".[store]"'),
        Extra("postgres", ("psycopg",), '-e ".[postgres]"'),
    )
}


def missing(names: Iterable[str]) -> str | None:
    """Return a sentence on what to install for these extras; None if all is there. Imports none."""
    absent = {name: list(_absent_modules(EXTRAS[name])) for name in names}
    lacking = {name: modules for name, modules in absent.items() if modules}
    return _install_sentence(lacking) if lacking else None


def extra_of(module: str) -> str | None:
    """Return a sentence on what to install for a module; None where no extra brings it."""
    root = module.partition(".")[0]
    named = (one for one in EXTRAS.values() if root in one.modules)
    found = next(named, None)
    return None if found is None else _install_sentence({found.name: [root]})


def _absent_modules(extra: Extra) -> Iterator[str]:
    """Yield the extra's modules that are not installed; imports none of them."""
    for module in extra.modules:
        try:
            found = find_spec(module) is not None
        except (ImportError, ValueError):
            found = False
        if not found:
            yield module


def _install_sentence(lacking: Mapping[str, list[str]]) -> str:
    """Return the sentence that names what is missing and the command that installs it."""
    modules = ", ".join(module for each in lacking.values() for module in each)
    parts = " and ".join(lacking)
    installs = " ".join(EXTRAS[name].install for name in lacking)
    return (
        f"this needs the {parts} of zerogate, and {modules} is not installed: "
        f"in a clone of the project, run `python -m pip install {installs}`"
    )
