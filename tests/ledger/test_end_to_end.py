"""`zerogate reconcile`, as a user runs it, against a served sandbox."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
from pathlib import Path

from zerogate import Gate, Money
from zerogate_sandbox import Sandbox, WallClock

KEY = "sk_test_ledger"
COMMAND = [sys.executable, "-m", "zerogate_cli", "reconcile"]


def test_a_ledger_is_held_against_what_the_sandbox_has(tmp_path: Path) -> None:
    sandbox = Sandbox(seed=1, clock=WallClock())
    with sandbox.serve() as served:
        ledger = tmp_path / "orders.csv"
        with Gate(KEY, base_url=served.base_url) as gate, ledger.open("w", newline="") as file:
            rows = csv.writer(file)
            rows.writerow(["order_id", "amount", "currency", "status", "created_at", "refid"])
            for number in range(12):
                made = gate.sessions.create(
                    amount=Money(f"{10 + number}.00", "EUR"),
                    order=f"o-{number}",
                    return_url="https://shop.example/",
                )
                short = {"fiat_amount": f"{9 + number}.00"} if number % 5 == 0 else {}
                refid = sandbox.pay(made.id, **short)["refid"]
                row = [f"o-{number}", f"{10 + number}.00", "EUR", "paid"]
                rows.writerow([*row, "2026-11-20T12:00:00Z", refid])
        ran = subprocess.run(
            [*COMMAND, str(ledger), "--out", str(tmp_path / "out"), "--json"],
            env={**os.environ, "ZEROGATE_SECRET_KEY": KEY, "ZEROGATE_BASE_URL": served.base_url},
            capture_output=True,
            text=True,
            check=False,
        )
    assert ran.returncode == 3, ran.stderr
    json.loads(ran.stdout)
    with (tmp_path / "out" / "breaks.csv").open(newline="", encoding="utf-8-sig") as file:
        found = {row["ledger_order_id"]: row["class"] for row in csv.DictReader(file)}
    assert found == {"o-0": "amount", "o-5": "amount", "o-10": "amount"}
    assert (tmp_path / "out" / "report.html").stat().st_size > 10_000
