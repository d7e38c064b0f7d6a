"""`zerogate demo`, run as a person runs it: outcomes, totals, the report, and what it refuses."""

from __future__ import annotations

import csv
import json
import os
import re
import shlex
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from zerogate import Money
from zerogate_cli.__main__ import COMMANDS
from zerogate_cli.demo.ledger import Order, shipped_ledger
from zerogate_cli.demo.shop_ledger import HEADER

from tests import preloaded
from tests.thorough import thorough

HERE = Path(__file__).parent
DEMO = [sys.executable, "-m", "zerogate_cli", "demo"]
KINDS = ["settled", "failed", "pending", "hold", "mismatch"]


def run(*options: str | Path) -> subprocess.CompletedProcess[str]:
    return preloaded.run("zerogate", "demo", *map(str, options))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("demo") / "not" / "there" / "yet"


@pytest.fixture(scope="module")
def ran(folder: Path) -> subprocess.CompletedProcess[str]:
    # It was there before, and the mirror in it is of a sandbox that is gone.
    (folder / "report" / "mirror").mkdir(parents=True)
    (folder / "report" / "mirror" / "mirror.json").write_text("of another sandbox")
    (folder / "outcomes.json").touch()
    return run("--out", folder)


@pytest.fixture(scope="module")
def outcomes(ran: subprocess.CompletedProcess[str], folder: Path) -> dict[str, Any]:
    assert ran.returncode == 0, ran.stderr
    said: dict[str, Any] = json.loads((folder / "outcomes.json").read_text("utf-8"))
    return said


@pytest.fixture(scope="module")
def ledger() -> dict[str, Order]:
    return {order.reference: order for order in shipped_ledger()}


def table(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def expected() -> dict[str, tuple[str, str]]:
    return {row["order"]: (row["outcome"], row["reason"]) for row in table(HERE / "expected.csv")}


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


def test_it_ends_with_how_it_went_and_three_things_to_try(
    ran: subprocess.CompletedProcess[str], outcomes: dict[str, Any], folder: Path
) -> None:
    counts = [outcomes[kind] for kind in KINDS]
    last, tried = ran.stdout.rstrip().split("\n\nTry next:\n")
    assert last.splitlines()[-1] == (
        "{} settled, {} failed, {} pending, {} on hold, {} mismatched; "
        "0 charged twice by us, 0 lost".format(*counts)
    )
    assert [line[:4] for line in tried.splitlines()] == ["  1.", "  2.", "  3."]
    assert str(folder / "report" / "report.html") in tried
    for command in re.findall(r"zerogate ([a-z]+)", tried):
        assert command in COMMANDS


def test_every_reason_comes_with_its_sentence_and_charged_twice_is_explained(
    ran: subprocess.CompletedProcess[str], outcomes: dict[str, Any]
) -> None:
    shown = " ".join(ran.stdout.split())
    first: dict[str, dict[str, Any]] = {}
    for line in outcomes["orders_detail"]:
        first.setdefault(line["reason"], line)
    assert len(first) > 10
    for reason, line in first.items():
        assert f"{reason} {line['next_step']} ({line['order']})" in shown
    assert "“Charged twice by us” are orders" in shown
    assert "paid_twice is something else" in shown


def test_tables_fit_a_plain_terminal(ran: subprocess.CompletedProcess[str]) -> None:
    tables, report = ran.stdout.split("\nThe shop's own ledger")
    assert max(map(len, tables.splitlines())) <= 80
    assert report
    assert "\x1b" not in ran.stdout
    assert ran.stderr.count("\n") == 1


def test_secrets_are_nowhere_in_what_it_shows_or_writes(
    ran: subprocess.CompletedProcess[str], folder: Path, outcomes: dict[str, Any]
) -> None:
    texts = [path.read_bytes() for path in files(folder)]
    assert len(texts) > 8
    for secret in (b"gsec_", b"sk_test_", b"whsec_"):
        assert secret not in (ran.stdout + ran.stderr).encode() + b"".join(texts)


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


# --- the report ----------------------------------------------------------------------------------


def files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def test_the_shops_ledger_has_a_row_for_each_order_as_it_was_agreed(
    folder: Path, outcomes: dict[str, Any], ledger: dict[str, Order]
) -> None:
    rows = {row["order_id"]: row for row in table(folder / "ledger.csv")}
    assert list(rows) == list(ledger)
    assert tuple(rows["order-1001"]) == HEADER
    for reference, order in ledger.items():
        row = rows[reference]
        assert Money(row["amount"], row["currency"]) == order.expect
        assert (row["token"] or None, row["network"] or None) == (order.token, order.network)
    assert Counter(row["status"] for row in rows.values()) == {
        "paid": 38,
        "cancelled": 7,
        "on hold": 3,
        "open": 2,
    }


def classes(folder: Path) -> dict[str, list[str]]:
    """Order → the classes of its breaks, the worst first; its further records count as it does."""
    found: dict[str, list[str]] = {}
    for row in table(folder / "report" / "breaks.csv"):
        order = row["ledger_order_id"] or row["gate_order_id"]
        found.setdefault(order, []).extend([row["class"], *row["other_differences"].split()])
    return {order: list(dict.fromkeys(said)) for order, said in found.items()}


def test_every_order_ends_in_the_class_of_breaks_it_has_to(
    folder: Path, outcomes: dict[str, Any]
) -> None:
    wanted = {row["order"]: row["breaks"].split() for row in table(HERE / "expected.csv")}
    assert classes(folder) == {order: said for order, said in wanted.items() if said}


#: The façade's reason → the ledger's class; None is matched.
SAME = {
    "paid": None,
    "cancelled": None,
    "open": None,
    # Its bank transfer takes longer than the session lives, and both sides say so.
    "in_flight": None,
    "underpaid": "amount",
    "overpaid": "amount",
    "amount_basis": "amount",
    "currency": "currency",
    "network": "asset",
    "paid_twice": "paid_twice",
    "late_money": "late_money",
    "reversed": "status_regressed",
    "unknown_transaction_status": "unknown_status",
    "unknown_status": "unknown_status",
}


def test_the_report_agrees_with_what_the_facade_says_of_each_order(
    folder: Path, outcomes: dict[str, Any]
) -> None:
    found = classes(folder)
    for line in outcomes["orders_detail"]:
        said = SAME[line["reason"]]
        assert said in found.get(line["order"], [None]), line["order"]
    assert {line["reason"] for line in outcomes["orders_detail"]} == set(SAME)


def test_its_counts_are_those_of_the_orders(folder: Path, outcomes: dict[str, Any]) -> None:
    summary = json.loads((folder / "report" / "summary.json").read_text("utf-8"))
    assert summary["ledger_rows"] == outcomes["orders"]
    assert summary["matched"] == outcomes["orders"] - len(classes(folder))
    for code, total in outcomes["totals"].items():
        assert Money(summary["totals"][code]["ledger"]["amount"], code) == Money(
            total["expected"], code
        )


def test_it_says_what_the_reconciliation_said_and_where_the_page_is(
    ran: subprocess.CompletedProcess[str], folder: Path
) -> None:
    page = folder / "report" / "report.html"
    assert f"\nReport: {page}\n" in ran.stdout
    assert "50 ledger rows" in ran.stdout
    assert "order-1010" in page.read_text("utf-8")


def test_the_command_it_names_comes_to_the_same_report_without_the_sandbox(
    ran: subprocess.CompletedProcess[str], folder: Path
) -> None:
    [command] = [line for line in ran.stdout.splitlines() if line.startswith("zerogate reconcile")]
    before = {path: path.read_bytes() for path in files(folder)}
    ended = preloaded.run(*shlex.split(command))
    assert ended.returncode == 3, ended.stderr
    assert ended.stdout in ran.stdout
    assert {path: path.read_bytes() for path in files(folder)} == before


def test_running_it_again_leaves_the_same_bytes(
    ran: subprocess.CompletedProcess[str], folder: Path, tmp_path: Path
) -> None:
    # In a process of its own: whatever depends on the seed of hashes is another one there.
    words = [*DEMO, "--out", str(tmp_path), "--json"]
    again = subprocess.run(words, capture_output=True, text=True, timeout=900)
    assert again.returncode == 0, again.stderr
    assert again.stdout == (folder / "outcomes.json").read_text("utf-8")
    first, second = (
        {path.relative_to(place): path.read_bytes() for path in files(place)}
        for place in (folder, tmp_path)
    )
    assert first == second


WITHOUT_IBIS = (
    "import sys; sys.modules['ibis'] = None; from zerogate_cli.__main__ import main; "
    "sys.exit(main(sys.argv[1:]))"
)


@pytest.mark.parametrize("more", [[], thorough(["--json"])])
def test_without_the_extra_the_outcomes_are_written_and_the_extra_is_named(
    tmp_path: Path, folder: Path, outcomes: dict[str, Any], more: list[str]
) -> None:
    command = [sys.executable, "-c", WITHOUT_IBIS, "demo", "--out", str(tmp_path), *more]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=900, check=False)
    assert ended.returncode == 0, ended.stderr
    assert "pip install -e apps/ledger" in ended.stderr
    assert "report.html" not in ended.stdout
    assert {path.name for path in files(tmp_path)} == {
        "outcomes.json",
        "ledger.csv",
        "columns.toml",
    }
    for name in ("outcomes.json", "ledger.csv"):
        assert (tmp_path / name).read_bytes() == (folder / name).read_bytes()


# --- its manners ---------------------------------------------------------------------------------


def test_a_mirror_that_no_demo_left_is_not_touched(tmp_path: Path) -> None:
    kept = tmp_path / "report" / "mirror" / "mirror.json"
    kept.parent.mkdir(parents=True)
    kept.write_text("a night's work")
    ended = run("--out", tmp_path)
    assert (ended.returncode, ended.stdout) == (2, "")
    assert "was not written by a demo: name another folder" in ended.stderr
    assert files(tmp_path) == [kept]


def test_a_terminal_that_cannot_show_a_character_gets_another_one() -> None:
    env = {**os.environ, "PYTHONIOENCODING": "ascii"}
    ended = subprocess.run(DEMO, capture_output=True, env=env, timeout=900)
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
def test_a_demo_that_is_stopped_says_so_in_one_line(number: signal.Signals) -> None:
    process = subprocess.Popen(DEMO, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stderr is not None
    assert "orders" in process.stderr.readline()
    process.send_signal(number)
    said, complaints = process.communicate(timeout=30)
    assert (process.returncode, said, complaints) == (
        130,
        "",
        "zerogate demo: interrupted\n",
    )
