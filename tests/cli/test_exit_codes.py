"""Every command with --json, as a table: how it ends, and that its output is JSON and nothing else."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from zerogate_cli.__main__ import COMMANDS
from zerogate_cli.exit_codes import Exit
from zerogate_sandbox.doors.server import Served

from tests.cli.conftest import KEY, Run

#: Words of a command → its code, and what its JSON is. `{id}` is an open session, `{paid}` one that was paid.
TABLE: list[tuple[str, Exit, type | None]] = [
    ("sessions list", Exit.CLEAN, list),
    ("sessions list --status expired", Exit.CLEAN, list),
    ("sessions retrieve {id}", Exit.CLEAN, dict),
    ("sessions retrieve nobody", Exit.NOT_FOUND, None),
    ("sessions cancel {id}", Exit.CLEAN, dict),
    ("sessions cancel {paid}", Exit.FAILED, None),
    ("sessions list --status paid", Exit.USAGE, None),
    ("sessions list --base-url http://127.0.0.1:9/v1", Exit.UNAVAILABLE, None),
    ("transactions list", Exit.CLEAN, list),
    ("transactions retrieve nobody", Exit.NOT_FOUND, None),
    ("deliveries list", Exit.CLEAN, list),
    ("deliveries test", Exit.FAILED, None),
    ("deliveries replay nobody", Exit.NOT_FOUND, None),
    ("doctor", Exit.CLEAN, list),
    ("doctor --base-url http://127.0.0.1:9/v1", Exit.UNAVAILABLE, list),
    ("doctor --base-url https://gate.example/v1", Exit.USAGE, list),
    ("probe --yes --out {folder}/facts.toml", Exit.CLEAN, dict),
    ("probe --yes --out {folder}/none/facts.toml", Exit.USAGE, None),
    ("reconcile {folder}/none.csv", Exit.USAGE, None),
    ("sandbox trigger gate_session.completed", Exit.CLEAN, dict),
    ("sandbox trigger gate_session.paid", Exit.USAGE, None),
    ("webhooks follow", Exit.USAGE, None),
]
#: Commands that are tried elsewhere: they go on until they are ended, or have no data.
ELSEWHERE = {"completion", "demo"}
Words = Callable[[str], list[str]]


@pytest.fixture
def words(made: list[str], tmp_path: Path) -> Words:
    return lambda text: text.format(id=made[0], paid=made[1], folder=tmp_path).split()


@pytest.mark.parametrize(("command", "exit", "kind"), TABLE, ids=[row[0] for row in TABLE])
def test_how_a_command_ends(
    run: Run, words: Words, command: str, exit: Exit, kind: type | None
) -> None:
    said = run(*words(command), "--json")
    assert said.returncode == exit, said.stderr
    if kind is None:
        assert said.stdout == ""
        assert said.stderr.strip()
    else:
        found: Any = json.loads(said.stdout)
        assert isinstance(found, kind)


def test_a_refused_key_is_4_for_every_command_that_asks(run: Run, served: Served) -> None:
    served.sandbox.revoke(KEY)
    for command in ("sessions list", "transactions list", "deliveries list", "doctor"):
        assert run(*command.split(), "--json").returncode == Exit.CREDENTIALS, command
    assert run("webhooks", "tail").returncode == Exit.CREDENTIALS


def test_the_table_has_every_command_of_ours() -> None:
    ours = {"sessions", "transactions", "deliveries", "doctor", "probe", "reconcile"}
    assert ours <= set(COMMANDS)
    assert {row[0].split()[0] for row in TABLE} >= ours | {"sandbox", "webhooks"}
    assert set(COMMANDS) >= ELSEWHERE


def test_an_empty_list_says_so_to_a_person_and_nothing_to_a_program(run: Run) -> None:
    for command in ("sessions list", "transactions list", "deliveries list"):
        said = run(*command.split())
        what = command.split()[0]
        assert (said.returncode, said.stdout, said.stderr) == (0, "", f"no {what}\n")
        assert run(*command.split(), "--json").stdout == "[]\n"
