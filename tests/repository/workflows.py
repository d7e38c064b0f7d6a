"""Workflows of the code host, and what .ci/run asks, as data."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

import yaml

from tests.roots import ROOT

FOLDER: Final = ROOT / ".github" / "workflows"
NAMES: Final = sorted(file.name for file in FOLDER.glob("*.yml"))
OURS: Final = NAMES


def read(name: str) -> dict[str, Any]:
    """Return a workflow; YAML 1.1 reads its word `on` as true."""
    found: dict[Any, Any] = yaml.safe_load((FOLDER / name).read_text("utf-8"))
    return {"on" if key is True else key: value for key, value in found.items()}


def jobs(name: str) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = read(name)["jobs"]
    return found


def steps(name: str) -> Iterator[dict[str, Any]]:
    for job in jobs(name).values():
        yield from job.get("steps", [])


def uses(name: str) -> list[str]:
    """Return the lines that call an action or another workflow, with what is said behind them."""
    lines = (FOLDER / name).read_text("utf-8").splitlines()
    return [line.split("uses:", 1)[1].strip() for line in lines if re.search(r"^[\s-]*uses:", line)]


def sessions(text: str) -> set[str]:
    """Return the tasks that a script asks nox for."""
    found = re.findall(r"nox -s ((?:[a-z_]+ ?)+)", text)
    return {name for names in found for name in names.split()}


def commands(name: str) -> str:
    """Return all that a workflow runs, one line a line, with what its matrix and its variables put in."""
    lines = []
    for job in jobs(name).values():
        matrix = job.get("strategy", {}).get("matrix", {})
        asked = [*matrix.get("session", []), *(one["session"] for one in matrix.get("include", []))]
        for step in job.get("steps", []):
            said = step.get("run", "")
            lines += [said.replace('"$SESSION"', one) for one in asked or [""]]
    return "\n".join(lines)


def ci_run() -> str:
    return (ROOT / ".ci" / "run").read_text("utf-8")
