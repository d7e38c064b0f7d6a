"""Files that other systems really write, each of which was once read otherwise than it was meant."""

from __future__ import annotations

import gzip
import zipfile
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from zerogate_ledger.columns import Settings, settings_of
from zerogate_ledger.errors import Unusable
from zerogate_ledger.ingest import take_in
from zerogate_ledger.number_formats import remedy

HEAD = "order_id,amount,currency,created_at"
AT = "2026-07-01T12:00:00Z"
NOON = 1_782_907_200
MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def taken(file: Path, **said: Any) -> list[dict[str, Any]]:
    settings = settings_of({"tz": "UTC", **said}, "columns.toml")
    return pq.read_table(take_in(file, file.parent, settings).file).to_pylist()


def workbook(file: Path, sheets: dict[str, str], shown: str, settings: str = "") -> Path:
    """A workbook of sheets by the name of their file, in the order that *shown* gives."""
    names = list(sheets)
    links = "".join(
        f'<Relationship Id="{name}" Type="{OFFICE}/worksheet" Target="worksheets/{name}.xml"/>'
        for name in names
    )
    with zipfile.ZipFile(file, "w") as book:
        book.writestr(
            "xl/workbook.xml",
            f'<workbook {MAIN} xmlns:r="{OFFICE}">{settings}<sheets>{shown}</sheets></workbook>',
        )
        book.writestr(
            "xl/_rels/workbook.xml.rels",
            '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
            f"{links}</Relationships>",
        )
        book.writestr(
            "xl/styles.xml",
            f'<styleSheet {MAIN}><cellXfs><xf numFmtId="0"/><xf numFmtId="22"/></cellXfs></styleSheet>',
        )
        for name, rows in sheets.items():
            book.writestr(
                f"xl/worksheets/{name}.xml",
                f"<worksheet {MAIN}><sheetData>{rows}</sheetData></worksheet>",
            )
    return file


def row(*cells: str, style: str = "0") -> str:
    """A row of text, and of numbers where a cell begins with a digit; the last in a style of its own."""
    drawn = [
        f'<c s="{style if place == len(cells) - 1 else 0}"><v>{cell}</v></c>'
        if cell[0].isdigit()
        else f'<c t="inlineStr"><is><t>{cell}</t></is></c>'
        for place, cell in enumerate(cells)
    ]
    return f"<row>{''.join(drawn)}</row>"


SHOWN = '<sheet name="Orders" sheetId="1" r:id="sheet1"/>'


@pytest.mark.parametrize("since", [1900, 1904])
@pytest.mark.parametrize("style", ["0", "1"], ids=["number", "date"])
def test_days_are_counted_from_what_the_workbook_says(
    since: int, style: str, tmp_path: Path
) -> None:
    serial = {1900: "46204.5", 1904: "44742.5"}[since]
    book = workbook(
        tmp_path / "l.xlsx",
        {"sheet1": row(*HEAD.split(",")) + row("A", "10.5", "EUR", serial, style=style)},
        SHOWN,
        f'<workbookPr date1904="{int(since == 1904)}"/>',
    )
    format_ = {"format": {"time": "excel"}} if style == "0" else {}
    assert [found["created_at"] for found in taken(book, **format_)] == [NOON]


def test_the_first_sheet_that_is_shown_is_read_whatever_its_file_is_called(tmp_path: Path) -> None:
    orders = row(*HEAD.split(",")) + row("A", "10.5", "EUR", "46204.5", style="1")
    book = workbook(
        tmp_path / "l.xlsx",
        {"sheet1": row("x"), "sheet2": row("y"), "sheet3": orders},
        '<sheet name="Lists" sheetId="1" state="hidden" r:id="sheet1"/>'
        '<sheet name="Macros" sheetId="4" state="veryHidden" r:id="sheet2"/>'
        '<sheet name="Orders" sheetId="3" r:id="sheet3"/><sheet name="x" sheetId="9" r:id="gone"/>',
    )
    assert [(found["order_id"], found["created_at"]) for found in taken(book)] == [("A", NOON)]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-8-sig"])
@pytest.mark.parametrize("packed", [False, True])
def test_a_file_that_says_how_it_is_encoded_needs_no_option(
    encoding: str, packed: bool, tmp_path: Path
) -> None:
    text = f"{HEAD}\nA,10.50,EUR,{AT}\nÄ,1.00,EUR,{AT}\n".encode(encoding)
    file = tmp_path / "l.csv"
    file.write_bytes(gzip.compress(text) if packed else text)
    rows = taken(file)
    assert [(found["order_id"], found["amount"]) for found in rows] == [
        ("A", "10.50"),
        ("Ä", "1.00"),
    ]
    places = take_in(file, tmp_path, Settings()).places(tmp_path)
    places.look_up([[2, 3]])
    assert [places.line(record) for record in (2, 3)] == [2, 3]


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_a_file_in_utf_16_that_does_not_say_so_asks_for_its_encoding(
    encoding: str, tmp_path: Path
) -> None:
    file = tmp_path / "l.csv"
    file.write_bytes(f"{HEAD}\nA,10.50,EUR,{AT}\n".encode(encoding))
    with pytest.raises(Unusable, match="say --encoding utf-16-le or utf-16-be"):
        taken(file)


def test_a_quote_that_is_never_closed_swallows_no_rows_in_silence(tmp_path: Path) -> None:
    file = tmp_path / "l.csv"
    rows = f'A,1.00,EUR,{AT},"fine ""x"""\n\nB,1.00,EUR,{AT},"open\nC,1.00,EUR,{AT},y\n'
    file.write_text(f"{HEAD},note\n{rows}")
    with pytest.raises(Unusable, match=r"l\.csv: the quote that opens on line 4 is never closed"):
        taken(file)
    # A stray one within a cell opens nothing.
    file.write_text(f'{HEAD},note\nA,1.00,EUR,{AT},5" pipe\nB,1.00,EUR,{AT},y\n')
    assert [found["order_id"] for found in taken(file)] == ["A", "B"]


def test_one_array_of_json_is_refused_with_what_to_write_instead(tmp_path: Path) -> None:
    file = tmp_path / "l.json"
    file.write_text('\n[{"order_id": "A", "amount": "1", "currency": "EUR"}]')
    with pytest.raises(Unusable, match="write one object a line"):
        taken(file)


@pytest.mark.parametrize("head", [HEAD, f"{HEAD}\n", f"\n{HEAD}", f"sep=,\n{HEAD}"])
def test_a_header_alone_is_a_ledger_without_rows(head: str, tmp_path: Path) -> None:
    file = tmp_path / "orders.csv"
    file.write_text(head)
    assert taken(file) == []


@pytest.mark.parametrize(
    ("name", "begin", "said"),
    [
        ("orders.xlsx", b"%PDF-1.7\n", "is a PDF: export the table itself"),
        ("orders.csv", b"\x89PNG\r\n\x1a\n", "is a picture: export the table itself"),
        ("orders.doc", rb"{\rtf1\ansi", "is a text document: save its table"),
        ("orders.csv", b"SQLite format 3\0", "is a database: name it as sqlite:///PATH"),
        ("orders.csv.gz", gzip.compress(f"{HEAD}\n".encode() * 90, mtime=0)[:-9], "is cut off"),
        ("orders.csv", b"", "is empty: there is no header$"),
    ],
    ids=["pdf", "picture", "document", "database", "cut off", "empty"],
)
def test_what_is_no_table_is_called_what_it_is(
    name: str, begin: bytes, said: str, tmp_path: Path
) -> None:
    file = tmp_path / name
    file.write_bytes(begin)
    with pytest.raises(Unusable, match=said):
        taken(file)


def test_a_line_of_json_with_a_field_twice_is_put_aside(tmp_path: Path) -> None:
    file = tmp_path / "orders.jsonl"
    good = f'{{"order_id": "A", "amount": 1.10, "currency": "EUR", "created_at": "{AT}"}}\n'
    file.write_text(good + good.replace('"amount"', '"amount": "9", "amount"'))
    first, second = taken(file)
    assert (first["amount"], first["trouble"]) == ("1.10", None)
    assert second["trouble"] == "this line has the field 'amount' twice"


@pytest.mark.parametrize(
    ("figure", "said"),
    [
        ("(10.00)", "parentheses = true"),
        ("10.00-", "trailing_minus = true"),
        ("1.234,56", "decimal and thousands"),
        ("1\u00a0000.00", "decimal and thousands"),
        ("10.00 EUR", "symbols = true"),
        ("€10", "symbols = true"),
        ("1e5", "without an exponent"),
        ("#REF!", "correct the source"),
        ("NaN", "correct the source"),
        ("+10.00", "leave out the plus"),
        ("10.00\u00a0", "trim = true"),
        (" 10", "trim = true"),
        (".50", "both sides of the point"),
        ("10.", "both sides of the point"),
        ("007", "no zeros in front"),
        ("9" * 23, "at most 20 digits"),
        ("٣.00", "plain digits"),
        ("ten" * 100_000, "plain digits"),
    ],
)
def test_a_figure_that_cannot_be_read_comes_with_what_to_do(figure: str, said: str) -> None:
    assert said in remedy(figure)


def test_a_cell_of_any_length_keeps_the_lines_below_it_right(tmp_path: Path) -> None:
    file = tmp_path / "orders.csv"
    file.write_text(f'{HEAD},note\nA,1,EUR,{AT},"\n{"x" * 200_000}"\nB,2,EUR,{AT},\n')
    settings = settings_of({"tz": "UTC"}, "columns.toml")
    places = take_in(file, tmp_path, settings).places(tmp_path)
    places.look_up([pa.array([2, 3]).to_numpy()])
    assert [places.line(record) for record in (2, 3)] == [2, 4]
