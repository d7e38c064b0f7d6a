"""Every command with --json, as a table: how it ends, and that its output is JSON and nothing else."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from zerogate import Gate, Money, OutcomeUnknown, RetryPolicy
from zerogate_cli.__main__ import COMMANDS
from zerogate_cli.exit_codes import Exit
from zerogate_sandbox.interfaces.server import Served
from zerogate_store import Store

from tests.cli.conftest import KEY, Run

#: Words of a command → its code, and what its JSON is. `{id}` is an open session, `{paid}` one that was paid;
#: `{shop}` is a store with an order that is open and one that is paid, `{doubt}` one with a write whose
#: answer was lost, while Gate answers nothing.
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
    ("inbox list --mode test --store {shop}", Exit.CLEAN, list),
    ("inbox list --store {shop}", Exit.CLEAN, list),
    ("inbox list --mode test", Exit.USAGE, None),
    ("inbox list --mode test --store {folder}/none.db", Exit.USAGE, None),
    ("inbox retry nobody --mode test --store {shop}", Exit.NOT_FOUND, dict),
    ("order open --store {shop}", Exit.DIFFERENCES, dict),
    ("order paid --store {shop}", Exit.CLEAN, dict),
    ("order nobody --store {shop}", Exit.NOT_FOUND, dict),
    ("order open", Exit.USAGE, None),
    ("order open --store {shop} --base-url http://127.0.0.1:9/v1", Exit.UNAVAILABLE, None),
    ("recover --store {shop}", Exit.CLEAN, list),
    ("recover", Exit.USAGE, None),
    ("recover --store {doubt}", Exit.DIFFERENCES, list),
]
#: Commands that are tried elsewhere: they go on until they are ended, or have no data.
ELSEWHERE = {"completion", "demo"}
#: The key of an account in which nothing was made without the store.
SHOP = "sk_test_canary_of_a_shop"
TERMS: dict[str, Any] = {
    "amount": Money("25.00", "EUR"),
    "flow": "on_ramp",
    "return_url": "https://shop.example/done",
}
Words = Callable[[str], list[str]]


@pytest.fixture
def words(made: list[str], served: Served, tmp_path: Path) -> Words:
    def words(text: str) -> list[str]:
        url = f"sqlite:///{tmp_path / 'gate.db'}"
        for word, prepare in (("{shop}", _shop), ("{doubt}", _in_doubt)):
            if word in text:
                prepare(Store(url), served)
        return text.format(id=made[0], paid=made[1], folder=tmp_path, shop=url, doubt=url).split()

    return words


def _shop(store: Store, served: Served) -> None:
    with Gate(SHOP, base_url=served.base_url, store=store) as gate:
        for order in ("open", "paid"):
            session = gate.sessions.create(order=order, **TERMS)
    served.sandbox.pay(session.id)


def _in_doubt(store: Store, served: Served) -> None:
    served.sandbox.faults.add("reset", operations="createSession", when="after", times=1)
    once = RetryPolicy(attempts=1)
    with (
        Gate(SHOP, base_url=served.base_url, store=store, retries=once) as gate,
        pytest.raises(OutcomeUnknown),
    ):
        gate.sessions.create(order="doubtful", **TERMS)
    served.sandbox.faults.add("error", status=503)


@pytest.mark.parametrize(("command", "exit", "kind"), TABLE, ids=[row[0] for row in TABLE])
def test_how_a_command_ends(
    run: Run, words: Words, command: str, exit: Exit, kind: type | None
) -> None:
    # A store would notice what else there is in an account, and rightly refuse.
    of_a_store = "{shop}" in command or "{doubt}" in command
    key = {"ZEROGATE_SECRET_KEY": SHOP} if of_a_store else {}
    said = run(*words(command), "--json", **key)
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
    assert {row[0].split()[0] for row in TABLE} == set(COMMANDS) - ELSEWHERE


def test_an_empty_list_says_so_to_a_person_and_nothing_to_a_program(run: Run) -> None:
    for command in ("sessions list", "transactions list", "deliveries list"):
        said = run(*command.split())
        what = command.split()[0]
        assert (said.returncode, said.stdout, said.stderr) == (0, "", f"no {what}\n")
        assert run(*command.split(), "--json").stdout == "[]\n"
