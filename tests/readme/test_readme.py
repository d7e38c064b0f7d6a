"""The README fits on a screen, its payment runs as it stands, its commands are those of the noxfile."""

from __future__ import annotations

import re
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from zerogate_cli.demo.files import Files
from zerogate_ledger.report.write import NAMES
from zerogate_sandbox import Sandbox, WallClock

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text("utf-8")
SHELL = re.findall(r"```sh\n(.*?)```", README, re.DOTALL)
COMMANDS = re.findall(r"```console\n(.*?)```", README, re.DOTALL)


def test_there_are_exactly_two_set_up_commands_and_both_stand_alone() -> None:
    (block,) = COMMANDS
    commands = block.strip().splitlines()
    assert len(commands) == 2
    for command, session in zip(commands, ("demo", "tests"), strict=True):
        assert command == f"python -m pip install nox && python -m nox -s {session}"


def test_the_demos_report_is_where_the_readme_says() -> None:
    page = Files(Path("DIR")).report / NAMES[-1]
    assert "With `-- --out DIR` behind it" in " ".join(README.split())
    assert f"`{page.as_posix()}`" in README


def test_the_checks_call_the_readmes_test_command() -> None:
    run = (ROOT / ".ci" / "run").read_text("utf-8")
    assert COMMANDS[0].strip().splitlines()[1] in run


def test_it_says_first_how_far_the_project_is() -> None:
    before = README.partition("\n## ")[0]
    assert "Not on a package index yet" in before
    assert "nobody here has called" in before


def test_it_fits_on_one_screen() -> None:
    assert len(README.splitlines()) < 90


def test_the_quickstart_names_all_four_paths_in_one_command() -> None:
    (block,) = SHELL
    assert 'python -m pip install -e ".[all]" -e apps/sandbox -e apps/ledger -e apps/cli' in block
    assert "zerogate-sandbox serve &" in block


def test_the_quick_part_of_the_suite_is_there() -> None:
    assert "`python -m nox -s tests -- -m quick`" in README
    found = subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "-q",
            "-m",
            "quick",
            "--collect-only",
            "tests/facade/test_money.py",
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert found.returncode == 0, found.stdout + found.stderr


def test_the_payment_runs_as_it_stands(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Paid on the page whose address it prints: by a thread, which stands in for the reader."""
    (code,) = re.findall(r"<<'PY'\n(.*?)^PY$", SHELL[0], re.DOTALL | re.MULTILINE)
    sandbox = Sandbox(seed=0, clock=WallClock())
    with sandbox.serve(port=0) as served:
        monkeypatch.setenv("ZEROGATE_SECRET_KEY", "sk_test_readme")
        monkeypatch.setenv("ZEROGATE_BASE_URL", served.base_url)
        paying = threading.Thread(target=_pay_what_is_open, args=(sandbox,))
        paying.start()
        exec(compile(code, "README.md", "exec"), {})
        paying.join()
        said = capsys.readouterr().out.splitlines()
        assert said[0].startswith(
            "open this and press Pay: http://127.0.0.1:4000/_sandbox/checkout#"
        )
        assert said[1] == "ship it"


def _pay_what_is_open(sandbox: Sandbox) -> None:
    while not (found := sandbox.books()["sessions"]):
        time.sleep(0.01)
    sandbox.pay(found[0]["id"])
