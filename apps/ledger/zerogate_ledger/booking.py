"""Rows of an answer counted into control totals, classes, ages and hours, a table at a time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc

from .breaks import AGE_ENDS, AGES, OUTSIDE, PARTS, REFUNDS, primary
from .controls import Control, Total
from .statuses import STATES

_GROUPS: Final = ("differences", "l_code", "g_code", "l_state", "g_state", "outside", "part")
_AMOUNTS: Final = ("ledger_rows", "ledger_sum", "gate_rows", "gate_sum")


class Books:
    """Sums of all rows. money: By class, currency and age bucket."""

    def __init__(self, ledger: Mapping[tuple[str, str], Total]) -> None:
        self.controls: dict[str, Control] = {}
        self.classes: Counter[str] = Counter()
        self.ages: Counter[tuple[str, str]] = Counter()
        self.hours: Counter[tuple[int | None, str]] = Counter()
        self.money: dict[tuple[str, str, str], Total] = {}
        self.transactions = self.gate_rows = 0
        for (code, state), total in ledger.items():
            control = self.controls.setdefault(code, Control())
            control.book("ledger", state, total.rows, total.amount)

    def add(self, rows: pa.Table, as_of: int) -> None:
        """Count a table of answers into all totals; ages are counted to *as_of* (Unix seconds)."""
        self.transactions += pc.sum(rows["gate_transactions"]).as_py() or 0
        self.gate_rows += pc.sum(rows["gate_rows"]).as_py() or 0
        for row in _grouped(rows):
            self._book(row)
        differ = rows.filter(pc.not_equal(rows["differences"], 0))
        for row in _spread(differ, as_of):
            self._spread(row)

    def _book(self, row: Mapping[str, Any]) -> None:
        """Count a group of rows into both sides' control totals, and into its worst class."""
        here, there = row["ledger_rows"], row["gate_rows"]
        matched = row["differences"] == 0
        if here:
            control = self.controls.setdefault(row["l_code"] or "", Control())
            part = "outside" if row["outside"] else "matched" if matched else "breaks"
            if row["part"] == REFUNDS and matched:
                part = REFUNDS
            control.book(part, STATES[row["l_state"]], here, row["ledger_sum"])
        if there:
            control = self.controls.setdefault(row["g_code"] or "", Control())
            part = "gate_breaks" if not matched else "gate_matched" if here else "gate_idle"
            part = "gate_outside" if row["outside"] else part
            part = "gate_matched" if row["part"] == PARTS and matched else part
            control.book(part, STATES[row["g_state"]], there, row["gate_sum"])
        if row["outside"]:
            self.classes[OUTSIDE] += row["rows"]
        elif row["part"] == REFUNDS and matched:
            self.classes[REFUNDS] += here
        elif here or not matched:
            self.classes[primary(row["differences"])] += row["rows"]

    def _spread(self, row: Mapping[str, Any]) -> None:
        """Add a group of breaks to the counts by age and hour and to the money, under its worst class."""
        code, age = primary(row["differences"]), AGES[row["age"]]
        self.ages[age, code] += row["rows"]
        self.hours[row["hour"], code] += row["rows"]
        total = self.money.setdefault((code, row["code"] or "", age), Total())
        total.add(row["rows"], row["amount"])


def _grouped(rows: pa.Table) -> Iterator[dict[str, Any]]:
    """Yield rows that are booked alike (mask, currency, state, side) as one, sums added up."""
    slim = rows.select([*_GROUPS, *_AMOUNTS])
    slim = slim.append_column("here", pc.greater(rows["ledger_rows"], 0))
    slim = slim.append_column("there", pc.greater(rows["gate_rows"], 0))
    slim = slim.append_column("rows", pc.max_element_wise(rows["ledger_rows"], rows["gate_rows"]))
    sums = [*_AMOUNTS, "rows"]
    found = slim.group_by([*_GROUPS, "here", "there"]).aggregate([(name, "sum") for name in sums])
    names = [
        name.removesuffix("_sum") if name.endswith("_rows_sum") else name
        for name in found.column_names
    ]
    renamed = {"rows_sum": "rows", "ledger_sum_sum": "ledger_sum", "gate_sum_sum": "gate_sum"}
    yield from found.rename_columns([renamed.get(name, name) for name in names]).to_pylist()


def _spread(differ: pa.Table, as_of: int) -> Iterator[dict[str, Any]]:
    """Yield breaks of one mask, age bucket, hour and currency as one, rows and amounts added."""
    if not differ.num_rows:
        return
    at = began(differ)
    here = pc.greater(differ["ledger_rows"], 0)
    age = pc.subtract(pa.scalar(as_of, pa.int64()), at)
    bucket = pa.chunked_array([pa.array([0] * len(differ), pa.int64())])
    for end in AGE_ENDS:
        bucket = pc.add(bucket, pc.greater_equal(age, end).cast(pa.int64()))
    hour = pc.floor(pc.divide(at.cast(pa.float64()), 3_600.0)).cast(pa.int64())
    slim = pa.table(
        {
            "differences": differ["differences"],
            "age": pc.fill_null(bucket, len(AGES) - 1),
            "hour": hour,
            "code": pc.if_else(here, differ["l_code"], differ["g_code"]),
            "rows": pc.max_element_wise(differ["ledger_rows"], differ["gate_rows"]),
            "amount": pc.if_else(here, differ["ledger_sum"], differ["gate_sum"]),
        }
    )
    found = slim.group_by(["differences", "age", "hour", "code"])
    found = found.aggregate([("rows", "sum"), ("amount", "sum")])
    names = {"rows_sum": "rows", "amount_sum": "amount"}
    yield from found.rename_columns([names.get(n, n) for n in found.column_names]).to_pylist()


def began(rows: pa.Table) -> Any:
    """Return each row's creation time in Unix seconds: the ledger's, else Gate's, else NULL."""
    said = [rows[name] for name in ("l_created_at", "g_created_at") if name in rows.column_names]
    return pc.coalesce(*(at.cast(pa.int64()) for at in said))
