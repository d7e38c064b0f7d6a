"""Two thousand rows in forty layouts: the same rows, and the oracle's verdicts, however they are written."""

from __future__ import annotations

import csv
import gzip
import io
import json
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path
from random import Random
from typing import Any, Final
from zoneinfo import ZoneInfo

import attrs
import ibis
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from zerogate_ledger.breaks import differences
from zerogate_ledger.columns import settings_of
from zerogate_ledger.engine import embedded
from zerogate_ledger.ingest import Ingested, take_in
from zerogate_ledger.match_inputs import SESSIONS, TRANSACTIONS
from zerogate_ledger.pipeline import reconcile

from tests.thorough import thorough

from . import oracle
from .stories import DAY, NOW
from .test_match import rules, table, terms

ROWS: Final = 2_000
RULES: Final = rules(("order_id",))
_TYPOGRAPHIC_BLANK: Final = "\u202f"


# ── What is in them ──────────────────────────────────────────────────────────────────────────────


@attrs.frozen
class World:
    ledger: list[dict[str, Any]]
    transactions: list[dict[str, Any]]
    sessions: list[dict[str, Any]]
    verdicts: Counter[Any]


@cache
def world() -> World:
    """Payments of every size, one in four with something wrong."""
    chance = Random(17)
    ledger, paid, sessions = list[dict[str, Any]](), list[dict[str, Any]](), list[dict[str, Any]]()
    for number in range(ROWS):
        at = NOW - chance.randrange(40 * DAY)
        amount = f"{chance.choice([9, 950, 12_345, 4_000_000]) + number}.{number % 100:02d}"
        status = chance.choice(["paid", "paid", "paid", "open", "void"])
        said = {"paid": "completed", "open": "CREATED", "void": "FAILED"}[status]
        row = {
            "order_id": f"A-{number:05d}",
            "amount": amount,
            "currency": "EUR",
            "status": status,
            "created_at": at,
            "trouble": None,
        }
        payment = {
            "refid": f"tx_{number}",
            "session_id": f"gs_{number}",
            "action": "BUY",
            "status": said,
            "token": "USDC",
            "network": "base",
            "currency": "EUR",
            "fiat_amount": amount,
            "token_amount": "1",
            "total_pay_or_receive": amount,
            "total_fees": "0",
            "exchange_rate": None,
            "rail_id": None,
            "past_statuses": json.dumps(["CREATED", said]),
            "created_at": at + 30,
        }
        session = {
            "id": f"gs_{number}",
            "order_id": row["order_id"],
            "mode": "test",
            "status": {"paid": "completed", "open": "open", "void": "cancelled"}[status],
            "flow": "on_ramp",
            "amount": amount,
            "currency": "EUR",
            "target_token": "USDC",
            "target_network": "base",
            "expires_at": NOW + DAY,
            "created_at": at,
        }
        rows, payments = [row], [payment]
        match chance.randrange(40):
            case 0:
                row["amount"] = str(Decimal(amount) + Decimal("0.01"))
            case 1:
                row["currency"] = "USD"
            case 2:
                payments.clear()
            case 3:
                rows.clear()
            case 4:
                rows.append(dict(row))
            case 5:
                payments.append({**payment, "refid": f"tx_again_{number}"})
            case 6:
                payment |= {"status": "FAILED", "past_statuses": '["completed","FAILED"]'}
            case 7:
                row["status"] = "a word of theirs"
            case 8:
                payment["total_fees"] = "0.5"
            case 9:
                session["order_id"] = f"another {number}"
        ledger += rows
        paid += payments
        sessions.append(session)
    for line, row in enumerate(ledger, 1):
        row["line"] = line
    found = oracle.reconcile(ledger, paid, sessions, RULES)
    verdicts = Counter(
        (
            f.classes,
            (f.ledger or {}).get("order_id"),
            (f.gate or {}).get("refid"),
            (f.gate or {}).get("session_id"),
        )
        for f in found
        if f.classes
    )
    return World(ledger, paid, sessions, verdicts)


# ── How a cell is written ────────────────────────────────────────────────────────────────────────


@attrs.frozen
class Writing:
    """A way of writing figures and times, and the file of columns that says so."""

    cells: Callable[[dict[str, Any]], dict[str, str]]
    settings: dict[str, Any]


def figure(row: dict[str, Any]) -> Decimal:
    return Decimal(row["amount"])


def clock(row: dict[str, Any], shape: str, zone: str = "UTC") -> str:
    return datetime.fromtimestamp(row["created_at"], ZoneInfo(zone)).strftime(shape)


def apart(text: str, thousands: str, decimal: str) -> str:
    return text.replace(",", "\0").replace(".", decimal).replace("\0", thousands)


def serial(row: dict[str, Any]) -> str:
    since = datetime.fromtimestamp(row["created_at"], UTC) - datetime(1899, 12, 30, tzinfo=UTC)
    return f"{Decimal(int(since / timedelta(seconds=1))) / DAY:.10f}"


def plain(row: dict[str, Any]) -> dict[str, str]:
    return {"amount": row["amount"], "created_at": clock(row, "%Y-%m-%dT%H:%M:%SZ")}


def german(row: dict[str, Any]) -> dict[str, str]:
    said = apart(f"{figure(row):,.2f}", ".", ",")
    return {"amount": f"{said} €", "created_at": clock(row, "%d.%m.%Y %H:%M:%S", "Europe/Berlin")}


def french(row: dict[str, Any]) -> dict[str, str]:
    said = apart(f"{figure(row):,.2f}", _TYPOGRAPHIC_BLANK, ",")
    return {"amount": said, "created_at": clock(row, "%d/%m/%Y %H:%M:%S", "Europe/Paris")}


def american(row: dict[str, Any]) -> dict[str, str]:
    said = f"${figure(row):,.2f}"
    return {"amount": said, "created_at": clock(row, "%m/%d/%Y %I:%M:%S %p", "America/New_York")}


def cents(row: dict[str, Any]) -> dict[str, str]:
    return {"amount": str(int(figure(row) * 100)), "created_at": str(row["created_at"])}


def two_columns(row: dict[str, Any]) -> dict[str, str]:
    day, hour = clock(row, "%Y-%m-%d|%H:%M:%S").split("|")
    return {"debit": "", "credit": f"{figure(row):,.2f}", "created_at": day, "time": hour}


def accounting(row: dict[str, Any]) -> dict[str, str]:
    return {"amount": f"({row['amount']})", "created_at": f"{row['created_at']}000"}


def sheet(row: dict[str, Any]) -> dict[str, str]:
    return {"amount": f"{row['amount']}-", "created_at": serial(row)}


PAIR: Final = {"debit": "debit", "credit": "credit", "created_at": "created_at", "time": "time"}
WRITINGS: Final = {
    "plain": Writing(plain, {}),
    "german": Writing(
        german,
        {
            "tz": "Europe/Berlin",
            "day_first": True,
            "format": {"decimal": ",", "thousands": ".", "symbols": True},
        },
    ),
    "french": Writing(
        french,
        {"tz": "Europe/Paris", "day_first": True, "format": {"decimal": ",", "thousands": " "}},
    ),
    "american": Writing(
        american,
        {
            "tz": "America/New_York",
            "day_first": False,
            "format": {"thousands": ",", "symbols": True},
        },
    ),
    "cents": Writing(cents, {"format": {"minor_units": True, "time": "epoch"}}),
    "two columns": Writing(
        two_columns, {"tz": "UTC", "columns": PAIR, "format": {"thousands": ","}}
    ),
    "accounting": Writing(
        accounting, {"format": {"parentheses": True, "sign": "reversed", "time": "epoch_ms"}}
    ),
    "sheet": Writing(
        sheet,
        {"tz": "UTC", "format": {"trailing_minus": True, "sign": "absolute", "time": "excel"}},
    ),
}


# ── In what file ─────────────────────────────────────────────────────────────────────────────────


def separated(rows: list[dict[str, str]], delimiter: str, end: str = "\n") -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]), delimiter=delimiter, lineterminator=end)
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def comma(rows: list[dict[str, str]], folder: Path) -> tuple[Path, dict[str, Any]]:
    file = folder / "l.csv"
    file.write_text(separated(rows, ","), "utf-8")
    return file, {}


def semicolon(rows: list[dict[str, str]], folder: Path) -> tuple[Path, dict[str, Any]]:
    file = folder / "l.csv"
    file.write_bytes(("sep=;\r\n" + separated(rows, ";", "\r\n")).encode("utf-16"))
    return file, {"encoding": "utf-16"}


def tabs(rows: list[dict[str, str]], folder: Path) -> tuple[Path, dict[str, Any]]:
    file = folder / "l.tsv.gz"
    text = "Export of a shop\nfrom\tuntil\n" + separated(rows, "\t")
    file.write_bytes(gzip.compress(text.encode()))
    return file, {"delimiter": "\t", "format": {"skip_rows": 2}}


def lines(rows: list[dict[str, str]], folder: Path) -> tuple[Path, dict[str, Any]]:
    file = folder / "l.jsonl"
    file.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return file, {}


def columns(rows: list[dict[str, str]], folder: Path) -> tuple[Path, dict[str, Any]]:
    file = folder / "l.parquet"
    names = list(rows[0])
    kinds = [pa.large_string(), pa.string(), pa.dictionary(pa.int32(), pa.string())]
    arrays = [
        pa.array([row[name] for row in rows], pa.string()).cast(kinds[place % 3])
        for place, name in enumerate(names)
    ]
    pq.write_table(pa.table(dict(zip(names, arrays, strict=True))), file)
    return file, {}


FILES: Final = {
    "comma": comma,
    "semicolon": semicolon,
    "tabs": tabs,
    "lines": lines,
    "columns": columns,
}


def test_there_are_forty_layouts_of_two_thousand_rows() -> None:
    assert len(WRITINGS) * len(FILES) == 40
    assert len(world().ledger) >= ROWS - ROWS // 20
    assert len({classes for classes, *_ in world().verdicts}) >= 8


def taken_in(writing: str, file: str, folder: Path) -> Ingested:
    said = WRITINGS[writing]
    rows = [
        {"order_id": row["order_id"], **said.cells(row), "currency": row["currency"]}
        | {"status": row["status"]}
        for row in world().ledger
    ]
    path, more = FILES[file](rows, folder)
    form = {**said.settings.get("format", {}), **more.get("format", {})}
    settings = settings_of({**said.settings, **more, "format": form}, "columns.toml")
    return take_in(path, folder, settings)


@pytest.mark.parametrize("file", FILES)
@pytest.mark.parametrize("writing", WRITINGS)
def test_a_ledger_is_the_same_rows_however_it_is_written(
    writing: str, file: str, tmp_path: Path
) -> None:
    taken = taken_in(writing, file, tmp_path)
    assert taken.rows == len(world().ledger)
    names = ("order_id", "currency", "status", "created_at", "trouble")
    for read, row in zip(pq.read_table(taken.file).to_pylist(), world().ledger, strict=True):
        assert Decimal(read["amount"]) == Decimal(row["amount"])
        assert {name: read[name] for name in names} == {name: row[name] for name in names}


@pytest.mark.parametrize(
    ("writing", "file"),
    [
        *(thorough(writing, "comma") for writing in WRITINGS),
        *(("german", file) for file in FILES),
    ],
)
def test_a_ledger_has_the_oracles_verdicts_in_every_writing_and_every_file(
    writing: str, file: str, tmp_path: Path
) -> None:
    """Not in each of the forty: what is matched is what the test above has seen to be the same."""
    taken = taken_in(writing, file, tmp_path)
    sides = (
        table(world().transactions, list(TRANSACTIONS.names)),
        table(world().sessions, list(SESSIONS.names)),
    )
    with embedded(tmp_path) as con:
        found = reconcile(
            con,
            taken.table(con),
            *map(ibis.memtable, sides),
            terms(RULES),
            most_may_be_missing=True,
        )
    shown = [
        (frozenset(differences(row["differences"])), row)
        for row in found.rows()
        for _ in range(max(row["ledger_rows"], row["gate_rows"]))
    ]
    verdicts = Counter(
        (classes, row["l_order_id"], row["g_refid"], row["g_session_id"]) for classes, row in shown
    )
    assert verdicts - world().verdicts == Counter()
    assert world().verdicts - verdicts == Counter()
