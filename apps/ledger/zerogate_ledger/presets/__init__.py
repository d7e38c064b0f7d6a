"""Layouts of real systems, one TOML file each, from what these systems document of their exports."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from importlib.resources import files
from typing import Any

from ..errors import Unusable


def names() -> list[str]:
    """Return the names of the presets there are, sorted."""
    found = (file.name for file in files(__package__).iterdir())
    return sorted(name.removesuffix(".toml") for name in found if name.endswith(".toml"))


def preset(name: str) -> dict[str, Any]:
    """Return a preset as a columns file's content, guessing off; raise Unusable for no such one.

    Raises:
        Unusable: there is none of that name.
    """
    if name not in names():
        raise Unusable(f"no preset {name!r}; there are {', '.join(names())}")
    told = tomllib.loads(files(__package__).joinpath(f"{name}.toml").read_text("utf-8"))
    # An export has ids, fees and rates of its own system, which only sound like Gate's.
    return {"guess": False, **told}


def presets_for(header: Iterable[str]) -> list[str]:
    """Return the names of presets whose columns are all in *header*."""
    have = set(header)
    return [name for name in names() if set(preset(name)["columns"].values()) <= have]
