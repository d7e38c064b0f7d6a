"""Commands that ask Gate, run as a person runs them, against a sandbox over HTTP."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from zerogate import Gate, Money
from zerogate.stores import Store
from zerogate_cli.exit_codes import Exit
from zerogate_sandbox import Sandbox, WallClock
from zerogate_sandbox.doors.server import Served

KEY = "sk_test_canary_of_commands"
Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def served() -> Iterator[Served]:
    with Sandbox(clock=WallClock()).serve() as served:
        yield served


@pytest.fixture
def run(served: Served) -> Run:
    known = {name: value for name, value in os.environ.items() if "proxy" not in name.lower()}
    given = {**known, "ZEROGATE_SECRET_KEY": KEY, "ZEROGATE_BASE_URL": served.base_url}

    def run(*words: str, **more: str) -> subprocess.CompletedProcess[str]:
        said = subprocess.run(
            [sys.executable, "-m", "zerogate_cli", *words],
            env={**given, **more},
            capture_output=True,
            text=True,
            timeout=60,
        )
        for text in (said.stdout, said.stderr):
            assert "canary" not in text
            assert "gsec_" not in text
            assert "Traceback" not in text
        return said

    return run


@pytest.fixture
def made(served: Served) -> list[str]:
    """Three sessions, the second of which is paid; oldest first."""
    with Gate(KEY, base_url=served.base_url) as gate:
        ids = [
            gate.sessions.create(
                amount=Money("25.00", "EUR"),
                return_url="https://shop.example/done",
                order=f"order-{number}",
            ).id
            for number in range(3)
        ]
    served.sandbox.pay(ids[1])
    return ids


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


# --- doctor --------------------------------------------------------------------------------------


def checks(said: subprocess.CompletedProcess[str]) -> dict[str, dict[str, Any]]:
    return {one["check"]: one for one in json.loads(said.stdout)}


def test_the_doctor_finds_everything_well(run: Run, served: Served) -> None:
    said = run("doctor", "--json")
    assert said.returncode == Exit.CLEAN, said.stdout
    found = checks(said)
    assert all(one["well"] for one in found.values())
    assert found["key"]["found"] == "test mode, from ZEROGATE_SECRET_KEY"
    assert found["host"]["found"] == served.base_url.split("/")[2]
    assert found["a read"]["found"].startswith("200 in ")
    assert "req_" in found["a read"]["found"]
    assert "NOT WELL" not in run("doctor").stdout


def test_the_doctor_names_a_proxy_without_who_may_use_it(run: Run) -> None:
    proxy = "http://someone:canary@proxy.example:3128"
    said = run("doctor", "--json", https_proxy=proxy)
    assert checks(said)["proxy"]["found"] == "https: proxy.example:3128"


@pytest.mark.parametrize(
    ("more", "exit", "check"),
    [
        ({"ZEROGATE_SECRET_KEY": ""}, Exit.USAGE, "key and host"),
        ({"ZEROGATE_SECRET_KEY": "pk_test_canary"}, Exit.USAGE, "key and host"),
        ({"ZEROGATE_SECRET_KEY": "sk_live_canary"}, Exit.USAGE, "key and host"),
        ({"ZEROGATE_BASE_URL": "http://127.0.0.1:9/v1"}, Exit.UNAVAILABLE, "a read"),
    ],
)
def test_the_doctor_says_what_is_not_well(
    run: Run, more: dict[str, str], exit: Exit, check: str
) -> None:
    said = run("doctor", "--json", **more)
    assert said.returncode == exit
    assert not checks(said)[check]["well"]
    assert "NOT WELL" in run("doctor", **more).stdout


def test_the_doctor_says_what_the_default_namespace_means(run: Run) -> None:
    assert "one service per account" in checks(run("doctor", "--json"))["namespace"]["found"]
    named = run("doctor", "--json", "--namespace", "pos")
    assert checks(named)["namespace"]["found"] == "pos"


def test_the_doctor_reports_a_store_that_has_forgotten(
    run: Run, served: Served, made: list[str], tmp_path: Path
) -> None:
    url = f"sqlite:///{tmp_path / 'gate.db'}"
    missing = run("doctor", "--json", "--store", url)
    assert missing.returncode == Exit.USAGE
    store = Store(url)
    store.migrate()
    well = run("doctor", "--json", "--store", url)
    assert well.returncode == Exit.CLEAN, well.stdout
    with Gate(KEY, base_url=served.base_url, store=store) as gate:
        gate.recover()
    store.close()
    said = run("doctor", "--json", "--store", url)
    assert said.returncode == Exit.DIFFERENCES
    assert checks(said)["store"]["found"].startswith("has forgotten: session ")
    assert "walk 2 of 2, 3 taken in" in checks(said)["store"]["found"]


def test_the_doctor_sees_a_key_that_is_refused(run: Run, served: Served) -> None:
    served.sandbox.revoke(KEY)
    said = run("doctor", "--json")
    assert said.returncode == Exit.CREDENTIALS
    assert checks(said)["a read"]["found"].startswith("401 ")


def test_the_doctor_sees_a_clock_that_is_wrong(
    served: Served, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from zerogate_cli.commands.doctor import main
    from zerogate_probe.client import MachineClock

    monkeypatch.setenv("ZEROGATE_SECRET_KEY", KEY)
    right = MachineClock.now
    monkeypatch.setattr(MachineClock, "now", lambda clock: right(clock) + 120)
    assert main(["--base-url", served.base_url, "--json"]) == Exit.DIFFERENCES
    found = {one["check"]: one for one in json.loads(capsys.readouterr().out)}
    assert found["clock"]["found"].startswith("Gate's is -1")
