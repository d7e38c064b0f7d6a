"""A program that PyInstaller froze takes a payment, with a store beside it, where no Python is installed."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from zerogate_sandbox import Sandbox

pytest.importorskip("PyInstaller", reason="nox -s wheels installs it")

PROGRAM = """
import sys
from zerogate import Gate, Money
from zerogate_store import Inbox, Store

price = Money("25.00", "EUR")
store = Store(sys.argv[1])
with Gate.from_env(store=store) as gate:
    session = gate.sessions.create(amount=price, order="order-1", return_url="https://shop.example/")
    outcome = gate.reconcile.session(session.id, expect=price, order="order-1")
    print(gate.recover(), type(outcome).__name__, Inbox(store, "whsec_test_frozen", gate=gate).drain(print))
"""


def test_a_frozen_program_takes_a_payment_with_a_store(tmp_path: Path) -> None:
    (tmp_path / "shop.py").write_text(PROGRAM, "utf-8")
    freeze = (sys.executable, "-m", "PyInstaller", "--onedir", "--log-level", "ERROR", "shop.py")
    built = subprocess.run(freeze, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stderr[-2000:]
    with Sandbox().serve() as served:
        known = {
            "PATH": os.environ["PATH"],
            "ZEROGATE_BASE_URL": served.base_url,
            "ZEROGATE_SECRET_KEY": "sk_test_frozen",
        }
        ran = subprocess.run(
            (tmp_path / "dist" / "shop" / "shop", f"sqlite:///{tmp_path}/gate.db"),
            cwd=tmp_path,
            env=known,
            capture_output=True,
            text=True,
            check=False,
        )
    assert ran.stdout == "[] Pending 0\n", ran.stderr[-2000:]
