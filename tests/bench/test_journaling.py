"""The raw driver's side of the journal's bench: it writes the columns that the store has today."""

from __future__ import annotations

import importlib
from typing import Any

import pytest
from zerogate import Gate, Money
from zerogate_sandbox import Sandbox
from zerogate_store import Store

from tests.roots import ROOT


def test_a_row_is_written_as_the_store_writes_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(ROOT / "bench"))
    journaling: Any = importlib.import_module("journaling")
    with journaling.database("sqlite") as url:
        store = Store(url)
        with Gate("sk_test_shop", transport=Sandbox().transport(), store=store) as gate:
            gate.sessions.create(
                amount=Money("100.00", "EUR"),
                order="order-1",
                return_url="https://shop.example/done",
            )
        store.close()
        with journaling.driver("sqlite", url) as (connection, mark):
            before, after = journaling.written(connection, mark, journaling.whole_row(connection))
            states = "SELECT state FROM zerogate_intents WHERE order_ref = 'order-2'"
            before("order-2")
            assert connection.execute(states).fetchall() == [("sent",)]
            after("order-2")
            assert connection.execute(states).fetchall() == [("known",)]
