"""The exit code reaches whoever called nox, and other tools are refused before they are imported."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from openapi.regenerate import lock
from openapi.regenerate.cli import main

ROOT = Path(__file__).resolve().parents[2]


class Failed(Exception):
    """What a session of nox raises when it ends with an error."""


def session(tmp_path: Path, code: int, *words: str) -> Any:
    """As much of a session as the task asks for; its python ends with this code."""
    python = tmp_path / "python"
    python.write_text(f"#!/bin/sh\nexit {code}\n", "utf-8")
    python.chmod(0o755)

    def error(told: str) -> None:
        raise Failed(told)

    return SimpleNamespace(bin=str(tmp_path), posargs=list(words), error=error)


@pytest.fixture
def noxfile(monkeypatch: pytest.MonkeyPatch) -> Any:
    nox = pytest.importorskip("nox")
    assert nox
    monkeypatch.chdir(ROOT)
    monkeypatch.syspath_prepend(str(ROOT))
    import noxfile as found

    monkeypatch.setattr(found, "_install", lambda *_, **__: None)
    return found


@pytest.mark.parametrize("code", [2, 3])
def test_what_the_command_says_by_its_code_reaches_the_caller(
    noxfile: Any, tmp_path: Path, code: int
) -> None:
    with pytest.raises(SystemExit) as ended:
        noxfile.regenerate.func(session(tmp_path, code, "--spec", "x.yaml"))
    assert ended.value.code == code


def test_a_check_that_fails_is_a_failed_task_and_no_end_of_the_others(
    noxfile: Any, tmp_path: Path
) -> None:
    with pytest.raises(Failed, match="exit 1"):
        noxfile.regenerate.func(session(tmp_path, 1, "--check"))


def test_what_is_done_is_no_error(noxfile: Any, tmp_path: Path) -> None:
    noxfile.regenerate.func(session(tmp_path, 0))


def test_another_generator_is_refused_before_it_is_imported(tmp_path: Path) -> None:
    """One that does not even import, and calls itself another version."""
    package = tmp_path / "openapi_python_client"
    package.mkdir()
    (package / "__init__.py").write_text("raise SystemError('imported')", "utf-8")
    told = tmp_path / "openapi_python_client-0.30.0.dist-info"
    told.mkdir()
    (told / "METADATA").write_text("Name: openapi-python-client\nVersion: 0.30.0\n", "utf-8")
    environ = {**os.environ, "PYTHONPATH": str(tmp_path)}
    command = [sys.executable, str(ROOT / "openapi/regenerate"), "--check"]

    done = subprocess.run(command, env=environ, capture_output=True, text=True, timeout=60)

    assert done.returncode == 2, done.stderr
    assert "openapi-python-client is 0.30.0, requirements.txt pins" in done.stderr
    assert "imported" not in done.stderr


def test_every_pinned_tool_is_compared(monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    monkeypatch.setattr(
        lock, "version", lambda name: "0" if name == "jinja2" else lock.pinned()[name]
    )
    assert main(["--check"]) == 2
    assert "jinja2 is 0, requirements.txt pins" in capsys.readouterr().err
