"""Commands that ask Gate, run as a person runs them, against a sandbox over HTTP."""

from __future__ import annotations

import json

import pytest
from zerogate import Gate, Money
from zerogate_cli.exit_codes import Exit
from zerogate_sandbox.interfaces.server import Served

from tests.cli.conftest import KEY, Run


def test_sessions_are_listed_newest_first(run: Run, made: list[str]) -> None:
    said = run("sessions", "list")
    assert said.returncode == Exit.CLEAN
    rows = [line.split() for line in said.stdout.splitlines()[2:]]
    assert [row[0] for row in rows] == made[::-1]
    assert rows[1][1:5] == ["completed", "25.00", "EUR", "order-1"]


def test_a_list_ends_after_so_many_rows_and_goes_on_from_one(run: Run, made: list[str]) -> None:
    said = run("sessions", "list", "--json", "--limit", "1", "--after", made[2])
    assert [one["id"] for one in json.loads(said.stdout)] == [made[1]]
    said = run("sessions", "list", "--json", "--status", "open")
    assert [one["id"] for one in json.loads(said.stdout)] == [made[2], made[0]]


def test_a_session_is_read_and_cancelled(run: Run, served: Served, made: list[str]) -> None:
    assert json.loads(run("sessions", "retrieve", made[0], "--json").stdout)["status"] == "open"
    said = run("sessions", "cancel", made[0])
    assert said.returncode == Exit.CLEAN
    assert "cancelled" in said.stdout
    books = {one["id"]: one["status"] for one in served.sandbox.books()["sessions"]}
    assert books[made[0]] == "cancelled"
    over = run("sessions", "cancel", made[1])
    assert over.returncode == Exit.FAILED
    assert "is completed and cannot be cancelled" in over.stderr


def test_transactions_are_listed_and_read(run: Run, made: list[str]) -> None:
    (one,) = json.loads(run("transactions", "list", "--session", made[1], "--json").stdout)
    assert (one["session_id"], one["fiat_amount"]) == (made[1], "25.00")
    said = run("transactions", "retrieve", one["refid"])
    assert one["refid"] in said.stdout
    assert run("transactions", "list", "--session", made[0], "--json").stdout == "[]\n"


def test_deliveries_are_listed_tested_and_replayed(
    run: Run, served: Served, made: list[str]
) -> None:
    assert run("deliveries", "test").returncode == Exit.FAILED
    served.sandbox.account(KEY, webhook_url="http://127.0.0.1:9/hooks")
    sent = json.loads(run("deliveries", "test", "--json").stdout)
    assert sent["event_type"] == "webhook.test"
    rows = json.loads(run("deliveries", "list", "--json").stdout)
    assert [one["id"] for one in rows] == [sent["id"]]
    refused = run("deliveries", "replay", sent["id"])
    assert refused.returncode == Exit.FAILED
    assert "dead-lettered" in refused.stderr


@pytest.mark.parametrize(
    ("words", "exit"),
    [
        (("sessions", "retrieve", "gs_nobody"), Exit.NOT_FOUND),
        (("transactions", "retrieve", "tx_nobody"), Exit.NOT_FOUND),
        (("sessions", "retrieve", ".."), Exit.USAGE),
        (("sessions", "list", "--status", "paid"), Exit.USAGE),
        (("sessions", "list", "--limit", "0"), Exit.USAGE),
        (("sessions",), Exit.USAGE),
        (("sessions", "list", "--base-url", "https://gate.example/v1"), Exit.USAGE),
        (("sessions", "list", "--base-url", "http://127.0.0.1:9/v1"), Exit.UNAVAILABLE),
    ],
)
def test_how_it_ends_is_in_the_exit_code(run: Run, words: tuple[str, ...], exit: Exit) -> None:
    said = run(*words)
    assert (said.returncode, said.stdout) == (exit, ""), said.stderr


def test_a_key_that_is_refused_is_told(run: Run, served: Served) -> None:
    served.sandbox.revoke(KEY)
    assert run("sessions", "list").returncode == Exit.CREDENTIALS
    assert run("transactions", "list").returncode == Exit.CREDENTIALS


def test_what_a_stranger_put_into_a_field_moves_no_terminal(run: Run, served: Served) -> None:
    with Gate(KEY, base_url=served.base_url) as gate:
        gate.sessions.create(
            amount=Money("25.00", "EUR"),
            return_url="https://shop.example/done",
            order="order-9",
            user_reference="red \x1b[31m and\nmore",
        )
    (row,) = json.loads(run("sessions", "list", "--json").stdout)
    assert "\x1b" not in run("sessions", "retrieve", row["id"]).stdout
