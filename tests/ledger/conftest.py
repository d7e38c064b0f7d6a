"""A Gate of forty payments, and a ledger that has them all."""

from __future__ import annotations

from pathlib import Path

import pytest

from .gates import MemoryGate, made_at


@pytest.fixture
def gate() -> MemoryGate:
    made = MemoryGate()
    for number in range(40):
        made.pay(number)
    return made


@pytest.fixture
def ledger(tmp_path: Path) -> Path:
    rows = [f"A-{n},10.00,EUR,paid,{made_at(n)}" for n in range(40)]
    file = tmp_path / "orders.csv"
    file.write_text("\n".join(["order_id,amount,currency,status,created_at", *rows]) + "\n")
    return file
