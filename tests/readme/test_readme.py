"""The README's Python runs as it stands, against the sandbox; its commands are those of the noxfile."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from zerogate import Gate, webhooks
from zerogate_cli.demo.files import Files
from zerogate_ledger.report.write import NAMES
from zerogate_sandbox import Sandbox, WallClock

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text("utf-8")
BLOCKS = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
COMMANDS = re.findall(r"```console\n(.*?)```", README, re.DOTALL)


def test_there_are_exactly_two_set_up_commands_and_both_stand_alone() -> None:
    (block,) = COMMANDS
    commands = block.strip().splitlines()
    assert len(commands) == 2
    for command, session in zip(commands, ("demo", "tests"), strict=True):
        assert command == f"python -m pip install nox && python -m nox -s {session}"


def test_the_demos_report_is_where_the_readme_says() -> None:
    page = Files(Path("DIR")).report / NAMES[-1]
    assert "With `-- --out DIR` behind it" in README
    assert f"`{page.as_posix()}`" in README


def test_the_checks_call_the_readmes_test_command() -> None:
    run = (ROOT / ".ci" / "run").read_text("utf-8")
    assert COMMANDS[0].strip().splitlines()[1] in run


def test_the_first_payment_runs_as_it_stands(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    sandbox = Sandbox(seed=0, clock=WallClock())
    with sandbox.serve(port=0) as served:
        monkeypatch.setenv("ZEROGATE_SECRET_KEY", "sk_test_readme")
        monkeypatch.setenv("ZEROGATE_BASE_URL", served.base_url)
        scope: dict[str, Any] = {}
        exec(compile(BLOCKS[0], "README.md", "exec"), scope)
        gate = scope["gate"]
        assert isinstance(gate, Gate)
        said = capsys.readouterr().out
        assert scope["outcome"].next_step in said
        sandbox.pay(scope["session"].id)
        exec(compile(BLOCKS[0], "README.md", "exec"), scope)
        assert capsys.readouterr().out == "ship it\n"
        scope["gate"].close()
        gate.close()


def test_the_receiver_takes_what_the_sandbox_sends_and_refuses_what_it_does_not(
    capsys: pytest.CaptureFixture[str],
) -> None:
    scope: dict[str, Any] = {}
    exec(compile(BLOCKS[1], "README.md", "exec"), scope)
    receive, secret = scope["receive"], "whsec_test_readme"
    answers: list[int] = []
    sandbox = Sandbox(
        seed=0,
        clock=WallClock(),
        webhook_secret=secret,
        webhook=lambda body, headers: answers.append(receive(body, headers, secret)),
    )
    with Gate("sk_test_readme", transport=sandbox.transport(), clock=sandbox.clock) as gate:
        gate.deliveries.send_test()
    sandbox.deliver()
    assert answers == [204]
    assert "webhook.test" in capsys.readouterr().out
    assert receive(b"{}", {"Gate-Signature": "t=1,v1=00"}, secret) == 400


def test_what_the_readme_names_is_there() -> None:
    for path in re.findall(r"^\| `([\w./]+)` \|", README, re.MULTILINE):
        if path.endswith("/"):
            assert (ROOT / path).is_dir(), path
    assert hasattr(webhooks, "verify")
