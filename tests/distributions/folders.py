"""Four distributions of one repository, as their own files describe them."""

from __future__ import annotations

import re
import tomllib
from typing import Any, Final

from tests.roots import ROOT

#: By folder: which of our packages a distribution brings.
PACKAGES: Final = {
    ".": {
        "zerogate",
        "zerogate_api",
        "zerogate_celery",
        "zerogate_store",
        "zerogate_otel",
    },
    "apps/sandbox": {"zerogate_sandbox"},
    "apps/ledger": {"zerogate_ledger"},
    "apps/cli": {"zerogate_cli", "zerogate_probe"},
}
#: Which of our distributions it cannot be without.
NEEDS: Final = {".": (), "apps/sandbox": (), "apps/ledger": (".",), "apps/cli": (".",)}
ALL: Final = frozenset().union(*PACKAGES.values())


def read(folder: str) -> dict[str, Any]:
    """Return what a distribution's pyproject.toml says."""
    return tomllib.loads((ROOT / folder / "pyproject.toml").read_text("utf-8"))


def name_of(folder: str) -> str:
    name: str = read(folder)["project"]["name"]
    return name


def requirements(folder: str) -> list[str]:
    """Return every requirement of a distribution, of its extras too."""
    project = read(folder)["project"]
    extras = project.get("optional-dependencies", {}).values()
    return [*project["dependencies"], *(one for extra in extras for one in extra)]


def pins(folder: str) -> dict[str, str]:
    """Return the requirements that name one of our other distributions: name → what is asked of it."""
    ours = {name_of(other) for other in PACKAGES if other != folder}
    found = (re.match(r"([a-z-]+)(?:\[[^]]*\])?(.*)", one) for one in requirements(folder))
    return {m[1]: m[2] for m in found if m is not None and m[1] in ours}
