"""Files, rows and cells that are damaged or nobody's: a sentence or a row put aside, and no traceback."""

from __future__ import annotations

import bz2
import gzip
import json
import lzma
import os
import shutil
import sqlite3
import zipfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from zerogate_ledger.columns import Settings
from zerogate_ledger.command import run
from zerogate_ledger.databases import table_reader
from zerogate_ledger.engine import embedded
from zerogate_ledger.errors import Unusable
from zerogate_ledger.ingest import take_in, take_in_reader
from zerogate_ledger.ledger_files import ledger_files, passed_over
from zerogate_ledger.options import parsed
from zerogate_ledger.spreadsheets import sheet_rows

from .engines import POSTGRES
from .gates import MemoryGate, StillClock

HEAD = "order_id,amount,currency"
MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
PLAIN = "".join(f"A-{n},{n}.00,EUR\n" for n in range(9_000)).encode()


def rows(file: Path, folder: Path, **said: Any) -> list[dict[str, Any]]:
    taken = take_in(file, folder, Settings(**said))
    with embedded(folder) as con:
        found: list[dict[str, Any]] = con.to_pyarrow(taken.table(con)).to_pylist()
    return sorted(found, key=lambda row: row["line"])


# ── Packed files ─────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "place", [12, 2_000, -6], ids=["at its beginning", "within", "its checksum"]
)
@pytest.mark.parametrize(
    ("name", "plain"),
    [
        ("l.csv.gz", HEAD.encode() + b"\n" + PLAIN),
        ("l.jsonl.gz", b'{"order_id":"A","amount":"1","currency":"EUR"}\n' * 9_000),
    ],
)
def test_packed_content_that_is_damaged_is_said(
    name: str, plain: bytes, place: int, tmp_path: Path
) -> None:
    packed = bytearray(gzip.compress(plain, compresslevel=1, mtime=0))
    assert len(packed) > 2_020 or name == "l.jsonl.gz"
    at = min(place, len(packed) // 2)
    packed[at : at + 4 if at > 0 else None] = bytes(255 - byte for byte in packed[at:][:4])
    file = tmp_path / name
    file.write_bytes(packed)
    with pytest.raises(Unusable, match=r"damaged|cut off|cannot be read"):
        rows(file, tmp_path)


@pytest.mark.parametrize("pack", [bz2.compress, lzma.compress], ids=["bzip2", "xz"])
def test_another_way_of_packing_is_named(pack: Callable[[bytes], bytes], tmp_path: Path) -> None:
    file = tmp_path / "l.csv.packed"
    file.write_bytes(pack(HEAD.encode()))
    with pytest.raises(Unusable, match="not by gzip"):
        rows(file, tmp_path)


# ── JSON Lines ───────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('{"order_id": ' + "[" * 100_000 + "]" * 100_000 + "}", "without end"),
        ('{"order_id": "\\ud800", "amount": "1", "currency": "EUR"}', "half of a character"),
        ('{"\\udc00": "A", "amount": "1", "currency": "EUR"}', "half of a character"),
        ('{"order_id": ["\\ud800"], "amount": "1", "currency": "EUR"}', "half of a character"),
    ],
    ids=["nested without end", "half of a pair", "in a name", "within a list"],
)
def test_a_line_that_no_text_can_be_made_of_is_put_aside(
    line: str, said: str, tmp_path: Path
) -> None:
    good = '{"order_id": "\\ud83d\\ude00", "amount": "1", "currency": "EUR"}'
    file = tmp_path / "l.jsonl"
    file.write_text(f"{good}\n{line}\n")
    first, second = rows(file, tmp_path)
    assert (first["order_id"], first["trouble"]) == ("\U0001f600", None)
    assert said in second["trouble"]


# ── Workbooks ────────────────────────────────────────────────────────────────────────────────────


def book(
    file: Path,
    cells: str,
    *,
    row: str = "",
    style: str = "14",
    method: int = zipfile.ZIP_DEFLATED,
    above: str = "",
) -> Path:
    """A workbook whose first row is a header, and whose second has some cells; style 1 is a date's."""
    names = "".join(f'<c t="inlineStr"><is><t>{name}</t></is></c>' for name in HEAD.split(","))
    with zipfile.ZipFile(file, "w", method) as made:
        made.writestr(
            "xl/worksheets/sheet1.xml",
            f"<worksheet {MAIN}><sheetData>{above}<row>{names}</row><row {row}>{cells}</row>"
            "</sheetData></worksheet>",
        )
        made.writestr(
            "xl/styles.xml",
            f'<styleSheet {MAIN}><cellXfs><xf numFmtId="0"/><xf numFmtId="{style}"/></cellXfs></styleSheet>',
        )
        made.writestr("xl/sharedStrings.xml", f"<sst {MAIN}><si><t>A</t></si></sst>")
    return file


@pytest.mark.parametrize(
    "said",
    [
        {"cells": "<c><v>1</v></c>", "row": 'r="x"'},
        {"cells": '<c s="x"><v>1</v></c>'},
        {"cells": '<c t="s"><v>x</v></c>'},
        {"cells": '<c t="s"><v>9</v></c>'},
        {"cells": '<c t="s"><v>-1</v></c>'},
        {"cells": '<c r="ZZZZZZZZ1"><v>1</v></c>'},
        {"cells": '<c r="B2"><v>1</v></c><c r="A2"><v>2</v></c>'},
        {"cells": "<c><v>1</v></c>", "style": "x"},
    ],
    ids=["row", "style", "text", "no text", "text from the end", "column", "order", "format"],
)
def test_a_workbook_with_a_place_that_is_none_is_refused(
    said: dict[str, str], tmp_path: Path
) -> None:
    with pytest.raises(Unusable, match="not a workbook"):
        list(sheet_rows(book(tmp_path / "b.xlsx", **said)))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("mark", "at", "value"), [("password", 6, 1), ("way of packing", 8, 97)], ids=lambda said: said
)
def test_a_workbook_that_no_library_unpacks_is_refused(
    mark: str, at: int, value: int, tmp_path: Path
) -> None:
    file = book(tmp_path / "b.xlsx", "<c><v>1</v></c>")
    data = bytearray(file.read_bytes())
    for signature, more in ((b"PK\x03\x04", 0), (b"PK\x01\x02", 2)):
        place = data.find(signature)
        while place >= 0:
            data[place + at + more] = value
            place = data.find(signature, place + 1)
    file.write_bytes(data)
    with pytest.raises(Unusable, match="not a workbook"):
        list(sheet_rows(file))


@pytest.mark.parametrize(
    ("held", "read"),
    [
        ("NaN", "NaN"),
        ("Infinity", "Infinity"),
        ("1e999999", "1e999999"),
        ("-5", "-5"),
        ("2958465.999999", "2958465.999999"),
        ("2958465", "9999-12-31"),
    ],
)
def test_a_date_that_no_calendar_has_stays_the_number_it_is(
    held: str, read: str, tmp_path: Path
) -> None:
    file = book(tmp_path / "b.xlsx", f'<c s="1"><v>{held}</v></c><c><v>{held}</v></c>')
    _, (_, cells) = sheet_rows(file)
    assert cells[0] == read


def test_a_number_with_a_long_exponent_is_not_written_out(tmp_path: Path) -> None:
    file = book(tmp_path / "b.xlsx", "<c><v>1e999999</v></c><c><v>1.5E-7</v></c>")
    _, (_, cells) = sheet_rows(file)
    assert cells == ["1e999999", "0.00000015"]


def test_titles_above_the_table_of_a_workbook_are_passed_over(tmp_path: Path) -> None:
    title = '<row><c t="inlineStr"><is><t>Sales of July</t></is></c></row><row></row>'
    file = book(tmp_path / "b.xlsx", "<c><v>1</v></c><c><v>2</v></c><c><v>3</v></c>", above=title)
    (row,) = rows(file, tmp_path)
    assert (row["order_id"], row["amount"], row["line"]) == ("1", "2", 4)


# ── Parquet ──────────────────────────────────────────────────────────────────────────────────────

FAR = 2**62


@pytest.mark.parametrize(
    "values",
    [
        pa.array([10**12], pa.int64()).cast(pa.timestamp("s")),
        pa.array([-FAR], pa.int64()).cast(pa.timestamp("us")),
        pa.array([FAR], pa.int64()).cast(pa.timestamp("ms")),
        pa.array([FAR], pa.int64()).cast(pa.timestamp("us", "UTC")),
        pa.array([2**31 - 1], pa.int32()).cast(pa.date32()),
        pa.array([-(2**31)], pa.int32()).cast(pa.date32()),
    ],
    ids=["seconds", "before", "milliseconds", "in place", "days", "days before"],
)
@pytest.mark.parametrize("statistics", [True, False])
def test_a_time_beyond_the_calendar_puts_its_row_aside(
    values: pa.Array, statistics: bool, tmp_path: Path
) -> None:
    good = pa.array([0], pa.int32() if pa.types.is_date32(values.type) else pa.int64())
    at = pa.chunked_array([good.cast(values.type), values])
    table = {"order_id": ["A", "B"], "amount": ["1", "2"], "currency": ["EUR"] * 2}
    file = tmp_path / "l.parquet"
    pq.write_table(pa.table({**table, "created_at": at}), file, write_statistics=statistics)
    first, second = rows(file, tmp_path, tz="UTC")
    assert (first["created_at"], first["trouble"]) == (0, None)
    assert (second["created_at"], second["amount"]) == (None, "2")
    assert "is in no calendar" in second["trouble"]


@pytest.mark.parametrize("statistics", [True, False])
def test_a_file_whose_times_are_all_null_is_left_where_it_is_if_it_says_so(
    statistics: bool, tmp_path: Path
) -> None:
    file = tmp_path / "l.parquet"
    nothing = pa.nulls(2, pa.timestamp("us", "UTC"))
    table = {"order_id": ["A", "B"], "amount": ["1", "2"], "currency": ["EUR"] * 2}
    pq.write_table(pa.table({**table, "created_at": nothing}), file, write_statistics=statistics)
    assert (take_in(file, tmp_path, Settings()).file == file) is statistics
    assert [row["created_at"] for row in rows(file, tmp_path)] == [None, None]


def test_the_last_nanosecond_that_a_column_can_hold_is_in_the_calendar(tmp_path: Path) -> None:
    file = tmp_path / "l.parquet"
    ends = pa.array([2**63 - 1, -(2**63) + 1], pa.int64()).cast(pa.timestamp("ns", "UTC"))
    table = {"order_id": ["A", "B"], "amount": ["1", "2"], "currency": ["EUR"] * 2}
    pq.write_table(pa.table({**table, "created_at": ends}), file)
    found = rows(file, tmp_path)
    assert [row["trouble"] for row in found] == [None, None]
    assert [row["created_at"] for row in found] == [9_223_372_036, -9_223_372_037]


def test_a_damaged_page_of_a_file_that_is_read_in_place_is_said(
    gate: MemoryGate, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "l.parquet"
    ids = [f"A-{n}" for n in range(1_000)]
    pq.write_table(
        pa.table({"order_id": ids, "amount": ["1"] * 1_000, "currency": ["EUR"] * 1_000}), file
    )
    data = bytearray(file.read_bytes())
    data[10:60] = b"\xff" * 50
    file.write_bytes(data)
    assert reconcile(gate, file, tmp_path / "out") == 1
    assert "damaged" in capsys.readouterr().err


def reconcile(gate: MemoryGate, ledger: Path, out: Path, *flags: str) -> int:
    words = [str(ledger), "--out", str(out), "--most-may-be-missing", *flags]
    return run(parsed(words), lambda: gate, StillClock())


# ── Text ─────────────────────────────────────────────────────────────────────────────────────────


def test_a_cell_that_is_longer_than_a_block_keeps_its_line(
    gate: MemoryGate, tmp_path: Path
) -> None:
    file = tmp_path / "l.csv"
    file.write_text(f"{HEAD},note\nA-1,1.00,EUR,{'x' * 5_000_000}\nB-1,2.00,EUR,\n")
    assert reconcile(gate, file, tmp_path / "out") == 3
    lines = (tmp_path / "out" / "breaks.jsonl").read_text().splitlines()
    found = [json.loads(line)["ledger"] for line in lines]
    assert {row["line"] for row in found if row.get("order_id") == "B-1"} == {"3"}


def test_a_file_whose_name_is_no_utf_8_is_named_all_the_same(
    gate: MemoryGate, tmp_path: Path
) -> None:
    folder = tmp_path / "books"
    folder.mkdir()
    for name in (b"\xff.csv", b"a.csv"):
        with open(os.fsencode(folder) + b"/" + name, "w") as file:
            file.write(f"{HEAD}\nB{name[0]},1.00,EUR\n")
    for ledger in (folder, folder / os.fsdecode(b"\xff.csv")):
        assert reconcile(gate, ledger, tmp_path / "out") == 3
    assert "\\xff.csv" in (tmp_path / "out" / "summary.json").read_text().replace("\\\\", "\\")


# ── Folders ──────────────────────────────────────────────────────────────────────────────────────


def test_a_folder_is_read_whatever_the_case_and_the_packing_of_its_files(tmp_path: Path) -> None:
    names = [
        *("a.CSV", "b.csv", "c.tsv.gz", "d.jsonl.gz", "e.Parquet", "f.XLSX", "g.feather"),
        *("h.arrow", "i.NDJSON", "j.txt.GZ", "sub/k.csv"),
    ]
    (tmp_path / "sub").mkdir()
    for name in names:
        (tmp_path / name).touch()
    found = ledger_files(str(tmp_path))
    assert [str(file.relative_to(tmp_path)) for file in found] == names


def test_what_programs_leave_in_a_folder_is_none_of_its_ledger(tmp_path: Path) -> None:
    for name in ("a.csv", ".~lock.a.csv#", "._a.csv", "~$b.xlsx", ".git/c.csv", "notes.pdf"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    found = ledger_files(str(tmp_path))
    assert [file.name for file in found] == ["a.csv"]
    assert passed_over(str(tmp_path), found) == ["notes.pdf"]
    assert passed_over(str(tmp_path / "a.csv"), found) == []


def test_a_folder_is_read_again_after_its_report_was_put_into_it(
    gate: MemoryGate, ledger: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    books = tmp_path / "books"
    books.mkdir()
    shutil.copy(ledger, books)
    (books / "minutes.pdf").touch()
    flags = ("--mirror", str(books / "gate"))
    assert reconcile(gate, books, books / "july", *flags) == 0
    assert reconcile(gate, books, books / "july", *flags) == 0
    assert "passed over   1 files that are no tables: minutes.pdf" in capsys.readouterr().err


# ── Databases ────────────────────────────────────────────────────────────────────────────────────


def test_text_of_sqlite_that_is_none_puts_its_row_aside(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "b.db")) as con:
        con.execute("CREATE TABLE t (order_id TEXT, amount TEXT, currency TEXT)")
        con.execute(
            "INSERT INTO t VALUES ('A', '1.00', 'EUR'), ('B', x'fffe', 'EUR'), "
            "(CAST(x'41ff' AS TEXT), '3.00', 'EUR')"
        )
        con.commit()
    taken = take_in_reader(table_reader(f"sqlite:///{tmp_path}/b.db", "t"), tmp_path, Settings())
    with embedded(tmp_path) as con:
        found = con.to_pyarrow(taken.table(con)).to_pylist()
    assert [(row["order_id"], row["amount"]) for row in found] == [
        ("A", "1.00"),
        ("B", "(no UTF-8) \\xff\\xfe"),
        ("(no UTF-8) A\\xff", "3.00"),
    ]


@pytest.mark.parametrize("kind", ["timestamptz", "timestamp", "date"])
def test_a_year_before_christ_is_none_of_ours(kind: str, tmp_path: Path) -> None:
    table = f"before_{kind}"
    with psycopg.connect(POSTGRES, autocommit=True) as con:
        con.execute(f"DROP TABLE IF EXISTS {table}")
        con.execute(
            f"CREATE TABLE {table} AS SELECT 'A' AS order_id, 1.5 AS amount, 'EUR' AS currency, "
            f"'2026-01-05 BC'::{kind} AS created_at"
        )
        reader = table_reader(POSTGRES, table)
        found = pq.read_table(take_in_reader(reader, tmp_path, Settings(tz="UTC")).file).to_pylist()
        con.execute(f"DROP TABLE {table}")
    assert found[0]["created_at"] is None
    assert "BC" in found[0]["trouble"]
