"""`zerogate demo`, run as a person runs it: outcomes, totals, the last line, and what it refuses."""

from __future__ import annotations

import csv
import json
import os
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from zerogate import Money
from zerogate_cli.demo.ledger import Order, shipped_ledger

HERE = Path(__file__).parent
DEMO = [sys.executable, "-m", "zerogate_cli", "demo"]
KINDS = ["settled", "failed", "pending", "hold", "mismatch"]


def run(*options: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*DEMO, *map(str, options)], capture_output=True, text=True, timeout=60)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("demo") / "not" / "there" / "yet"


@pytest.fixture(scope="module")
def ran(folder: Path) -> subprocess.CompletedProcess[str]:
    return run("--out", folder)


@pytest.fixture(scope="module")
def outcomes(ran: subprocess.CompletedProcess[str], folder: Path) -> dict[str, Any]:
    assert ran.returncode == 0, ran.stderr
    said: dict[str, Any] = json.loads((folder / "outcomes.json").read_text("utf-8"))
    return said


@pytest.fixture(scope="module")
def ledger() -> dict[str, Order]:
    return {order.reference: order for order in shipped_ledger()}


def expected() -> dict[str, tuple[str, str]]:
    with (HERE / "expected.csv").open(encoding="utf-8", newline="") as file:
        return {row["order"]: (row["outcome"], row["reason"]) for row in csv.DictReader(file)}


def test_every_order_comes_to_what_it_has_to(outcomes: dict[str, Any]) -> None:
    found = {line["order"]: (line["outcome"], line["reason"]) for line in outcomes["orders_detail"]}
    assert found == expected()


def test_the_counts_are_those_of_the_orders(outcomes: dict[str, Any]) -> None:
    kinds = Counter(kind for kind, _ in expected().values())
    assert {kind: outcomes[kind] for kind in KINDS} == {kind: kinds[kind] for kind in KINDS}
    assert outcomes["orders"] == len(expected()) >= 40
    assert (outcomes["charged_twice"], outcomes["lost"]) == (0, 0)


def test_totals_agree_with_the_ledger_and_with_every_payment(
    outcomes: dict[str, Any], ledger: dict[str, Order]
) -> None:
    settled = {order for order, (kind, _) in expected().items() if kind == "settled"}
    for code, total in outcomes["totals"].items():
        due = [order for order in ledger.values() if order.expect.code == code]
        paid = [
            (line["outcome"], Money(one["amount"], code))
            for line in outcomes["orders_detail"]
            for one in line["received"]
            if one["code"] == code
        ]
        in_full = Money.total((o.expect for o in due if o.reference in settled), code)
        assert Money(total["expected"], code) == Money.total((o.expect for o in due), code)
        assert Money(total["settled"], code) == in_full
        assert Money(total["difference"], code) == in_full - Money(total["expected"], code)
        assert Money(total["unapplied"], code) == Money.total(
            (money for kind, money in paid if kind != "settled"), code
        )


def test_amounts_with_0_2_3_6_and_18_decimals_keep_every_digit(outcomes: dict[str, Any]) -> None:
    settled = {code: total["settled"] for code, total in outcomes["totals"].items()}
    assert {code: len(amount.partition(".")[2]) for code, amount in settled.items()} == {
        "EUR": 2,
        "GBP": 2,
        "USD": 2,
        "CHF": 2,
        "JPY": 0,
        "KWD": 3,
        "USDC": 6,
        "ETH": 18,
    }
    assert settled["ETH"].endswith("5")


def test_the_last_line_says_how_it_went(
    ran: subprocess.CompletedProcess[str], outcomes: dict[str, Any]
) -> None:
    counts = [outcomes[kind] for kind in KINDS]
    assert ran.stdout.splitlines()[-1] == (
        "{} settled, {} failed, {} pending, {} on hold, {} mismatched; "
        "0 charged twice by us, 0 lost".format(*counts)
    )


def test_tables_fit_a_plain_terminal(ran: subprocess.CompletedProcess[str]) -> None:
    *tables, _last = ran.stdout.splitlines()
    assert max(map(len, tables)) <= 80
    assert "\x1b" not in ran.stdout
    assert ran.stderr.count("\n") == 1


def test_secrets_are_nowhere_in_what_it_shows_or_writes(
    ran: subprocess.CompletedProcess[str], folder: Path, outcomes: dict[str, Any]
) -> None:
    written = (folder / "outcomes.json").read_text("utf-8")
    for secret in ("gsec_", "sk_test_", "whsec_"):
        assert secret not in ran.stdout + ran.stderr + written


def test_webhooks_were_heard_and_what_they_missed_was_found_by_reading(
    outcomes: dict[str, Any],
) -> None:
    lines = {line["order"]: line for line in outcomes["orders_detail"]}
    unheard = [order for order, line in lines.items() if not line["webhooks"]]
    assert unheard == ["order-1017"]
    assert lines["order-1017"]["found_by"] == "reading"
    assert lines["order-1018"]["webhooks"] == [
        "gate_session.created",
        "gate_session.completed",
        "gate_session.processing",
    ]


def test_running_it_again_gives_the_same_counts_and_totals(outcomes: dict[str, Any]) -> None:
    again = run("--json")
    assert again.returncode == 0
    said = json.loads(again.stdout)
    assert _without_ids(said) == _without_ids(outcomes)


def _without_ids(said: dict[str, Any]) -> dict[str, Any]:
    """Ids hold the time, and so does what tells of them; two webhooks may race each other."""
    lines = [
        {**line, "sessions": len(line["sessions"]), "webhooks": sorted(line["webhooks"])}
        for line in said["orders_detail"]
    ]
    return {**said, "orders_detail": [{**line, "detail": ""} for line in lines]}


def test_a_terminal_that_cannot_show_a_character_gets_another_one() -> None:
    env = {**os.environ, "PYTHONIOENCODING": "ascii"}
    ended = subprocess.run(DEMO, capture_output=True, env=env, timeout=60)
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout.isascii()


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--out"], "--out"),
        (["--out", "{file}"], "--out: cannot write"),
        (["--out", "{file}/below"], "--out: cannot write"),
        (["--faster"], "--faster"),
        (["now"], "now"),
    ],
)
def test_bad_usage_is_an_error_that_says_so_before_anything_starts(
    tmp_path: Path, options: list[str], says: str
) -> None:
    file = tmp_path / "a_file"
    file.touch()
    ended = run(*(option.format(file=file) for option in options))
    assert (ended.returncode, ended.stdout) == (2, "")
    assert says in ended.stderr
    assert "Traceback" not in ended.stderr
    assert list(tmp_path.iterdir()) == [file]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_demo_that_is_stopped_ends_quietly(number: signal.Signals) -> None:
    process = subprocess.Popen(DEMO, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stderr is not None
    assert "orders" in process.stderr.readline()
    process.send_signal(number)
    said, complaints = process.communicate(timeout=30)
    assert (process.returncode, said, complaints) == (130, "", "")
