"""breaks.csv, breaks.jsonl and summary.json: for spreadsheets, programs and the next process."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final, TextIO

import attrs

from ..breaks import AGES, CLASSES, MATCHED, OUTSIDE, RANK, REFUNDS, WAITING
from ..controls import Control, Parts, Total
from ..exact import is_plain
from ..findings import Findings
from .story import GATE_FIELDS, LEDGER_FIELDS, Story, plain_text, when

HEADER: Final = (
    "class",
    "other_differences",
    "amount_difference",
    "age",
    *(f"ledger_{name}" for name, _ in LEDGER_FIELDS),
    *(f"gate_{name}" for name, _ in GATE_FIELDS),
    "note",
    "change",
    *("known_owner", "known_reason", "known_until"),
    "run",
)
#: A spreadsheet takes a cell that begins so for a formula, and runs it.
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


class Csv:
    """Writes breaks.csv. run: Named in each row."""

    def __init__(self, file: TextIO, run: str | None = None) -> None:
        self._run = run
        self._writer = csv.writer(file, lineterminator="\n")
        self._writer.writerow(HEADER)

    def add(self, told: Story) -> None:
        """Write a break as a row, its cells made safe for spreadsheets."""
        self._writer.writerow([safe_cell(cell) for cell in cells_of(told, self._run)])


def cells_of(told: Story, run: str | None) -> list[str | None]:
    """Return a break as cells in the order of HEADER; None for nothing, "" for no further class."""
    first, *others = told.classes
    cells = [first, " ".join(others), told.difference, told.age]
    cells += [told.ledger.get(name) for name, _ in LEDGER_FIELDS]
    cells += [told.gate.get(name) for name, _ in GATE_FIELDS]
    known = told.known
    said = (None,) * 3 if known is None else (known.owner, known.reason, known.until.isoformat())
    return [*cells, told.note, told.change, *said, run]


def safe_cell(cell: str | None) -> str:
    """Return a cell that no spreadsheet runs as a formula, with ' before it if need be; "" for None."""
    if not cell:
        return ""
    if cell.startswith(_FORMULA) and not is_plain(cell):
        return f"'{cell}"
    return cell


class Jsonl:
    """Writes breaks.jsonl. run: Named in each row."""

    def __init__(self, file: TextIO, run: str | None = None) -> None:
        self._file, self._run = file, run

    def add(self, told: Story) -> None:
        """Write a break as one line of JSON; change, known and run only where there are any."""
        first, *others = told.classes
        row: dict[str, Any] = {
            "class": first,
            "other_differences": others,
            "amount_difference": told.difference,
            "age": told.age,
            "ledger": dict(told.ledger),
            "gate": dict(told.gate),
            "note": told.note,
        }
        if told.change is not None:
            row["change"] = told.change
        if told.known is not None:
            row["known"] = {
                "owner": told.known.owner,
                "reason": told.known.reason,
                "until": told.known.until.isoformat(),
            }
        if self._run is not None:
            row["run"] = self._run
        self._file.write(json.dumps(row, ensure_ascii=False, separators=(",", ":")) + "\n")


def summary(found: Findings, about: Mapping[str, Any]) -> dict[str, Any]:
    """Return the result in numbers, as summary.json has it; sums are exact texts.

    about: What was compared, as it is to be shown.
    """
    terms = found.terms
    return {
        "as_of": when(terms.as_of),
        "ledger_as_of": when(terms.ledger_as_of),
        "gate_as_of": when(terms.gate_as_of),
        "from": None if terms.begins is None else when(terms.begins),
        "to": None if terms.ends is None else when(terms.ends),
        **about,
        "ledger_rows": found.ledger_rows,
        "gate_rows": found.gate_rows,
        "matched": found.classes.get(MATCHED, 0),
        "outside_period": found.classes.get(OUTSIDE, 0),
        "refunds": found.classes.get(REFUNDS, 0),
        "breaks": found.breaks,
        "breaks_not_yet_due": found.classes.get(WAITING, 0),
        "classes": {row.code: found.classes.get(row.code, 0) for row in CLASSES},
        "ages": {age: _by_age(found, age) for age in AGES},
        "money": [
            {"class": code, "currency": currency, "age": age, **_total(found.money[key])}
            for key in _in_order(found.money)
            for code, currency, age in [key]
        ],
        "totals": {code: _control(control) for code, control in found.controls.items()},
        "within_tolerance": _total(found.forgiven),
        "orders_in_parts": found.in_parts,
        "suspicions": [attrs.asdict(one) for one in found.suspicions],
    }


def _in_order(money: Mapping[tuple[str, str, str], Total]) -> list[tuple[str, str, str]]:
    """Return the keys of *money* sorted: worst class first, then currency, oldest first."""
    return sorted(money, key=lambda key: (RANK[key[0]], key[1], -AGES.index(key[2])))


def _by_age(found: Findings, age: str) -> int:
    """Return how many breaks are of this age."""
    return sum(count for (bucket, _), count in found.ages.items() if bucket == age)


def _control(control: Control) -> dict[str, Any]:
    """Return a currency's control totals for summary.json, by status as well."""
    states = {name: _parts(parts) for name, parts in control.in_order()}
    return {**_parts(control), "by_status": states}


def _parts(parts: Parts) -> dict[str, Any]:
    """Return the totals of each part for summary.json."""
    return {
        "ledger": _total(parts.ledger),
        "matched": _total(parts.matched),
        "breaks": _total(parts.breaks),
        "outside_period": _total(parts.outside),
        "refunds": _total(parts.refunds),
        "gate": {
            "matched": _total(parts.gate_matched),
            "breaks": _total(parts.gate_breaks),
            "no_money_moved": _total(parts.gate_idle),
            "outside_period": _total(parts.gate_outside),
        },
    }


def _total(total: Total) -> dict[str, Any]:
    """Return rows and amount for summary.json, the amount as text."""
    return {"rows": total.rows, "amount": plain_text(total.amount)}


def write_json(file: TextIO, data: Mapping[str, Any]) -> None:
    """Write JSON, indented, and a line end."""
    file.write(json.dumps(data, ensure_ascii=False, indent=2) + "\n")


def repeated(rows: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Yield each row as many times as it stands for: the larger count of both sides."""
    for row in rows:
        for _ in range(max(row["ledger_rows"], row["gate_rows"])):
            yield row
