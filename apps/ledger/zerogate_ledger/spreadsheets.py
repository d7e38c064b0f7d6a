"""The first sheet of an .xlsx workbook, read cell by cell and written, with the digits the file holds.

A library would give numbers as floats; a workbook holds them as text. Excel itself keeps fifteen
digits, so what comes after them is its noise.
"""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from decimal import ROUND_HALF_EVEN, Context, Decimal, InvalidOperation
from html import escape
from pathlib import Path
from typing import IO, TYPE_CHECKING, Final

from defusedxml import DefusedXmlException
from defusedxml import ElementTree as Xml

from .errors import Unusable

if TYPE_CHECKING:
    from xml.etree import ElementTree  # nosec B405  # for the types: nothing is parsed with it

_MAIN: Final = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_DIGITS: Final = Context(prec=15, rounding=ROUND_HALF_EVEN)
#: The numbers of Excel's own formats for dates and times.
_DATES: Final = frozenset([*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)])
_EPOCH: Final = datetime(1899, 12, 30)
#: What days are counted from in workbooks of an older Excel for the Mac.
_EPOCH_1904: Final = datetime(1904, 1, 1)
_OFFICE: Final = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
#: Bytes of one part of a workbook, unpacked, beyond which it is no ledger.
_MOST: Final = 4 << 30
#: Columns of a sheet, the last of which is XFD.
_COLUMNS: Final = 16_384
#: Digits of a number written out, beyond which it is none that was meant.
_WRITTEN_OUT: Final = 60
#: Errors of archives and parts that are not what a workbook has: RuntimeError where one asks for a password.
_DAMAGED: Final = (
    *(zipfile.BadZipFile, Xml.ParseError, LookupError, ValueError, OverflowError, RuntimeError),
    *(OSError, EOFError, zlib.error),
)
Cells = list[str | None]


def sheet_rows(source: Path) -> Iterator[tuple[int, Cells]]:
    """Yield (number, cells as text) of each row of the first visible sheet; dates in ISO 8601. Unusable.

    Raises:
        Unusable: it is no workbook that can be read.
    """
    try:
        with zipfile.ZipFile(source) as book:
            names = book.namelist()
            sheet, epoch = _first_sheet(book)
            texts = list(_shared(book)) if "xl/sharedStrings.xml" in names else []
            dates = _date_styles(book) if "xl/styles.xml" in names else frozenset()
            with _part(book, sheet) as part:
                yield from _rows(part, texts, dates, epoch)
    except DefusedXmlException as problem:
        # No workbook declares entities; a file that does is made to be unpacked without end.
        raise Unusable("the workbook declares a document type: export it as CSV") from problem
    except _DAMAGED as problem:
        raise Unusable(
            f"{source} is not a workbook that can be read: save it as .xlsx again, or as CSV"
        ) from problem


def counts_from_1904(source: Path) -> bool:
    """Return whether a workbook counts its days from 1904; False if it can't be read."""
    try:
        with zipfile.ZipFile(source) as book:
            return _first_sheet(book)[1] == _EPOCH_1904
    except (DefusedXmlException, *_DAMAGED):
        return False


def _first_sheet(book: zipfile.ZipFile) -> tuple[str, datetime]:
    """Return the part of the first visible sheet, and the date its days are counted from."""
    names = book.namelist()
    if not {"xl/workbook.xml", "xl/_rels/workbook.xml.rels"} <= set(names):
        return _lowest(names), _EPOCH
    root = _root(book, "xl/workbook.xml")
    said = root.find(f"{_MAIN}workbookPr")
    since_1904 = said is not None and said.get("date1904", "0") in ("1", "true")
    links = {
        link.get("Id"): link.get("Target", "") for link in _root(book, "xl/_rels/workbook.xml.rels")
    }
    for sheet in root.iter(f"{_MAIN}sheet"):
        target = links.get(sheet.get(f"{_OFFICE}id"), "")
        part = target.removeprefix("/") if target.startswith("/") else f"xl/{target}"
        if sheet.get("state", "visible") == "visible" and part in names:
            return part, _EPOCH_1904 if since_1904 else _EPOCH
    return _lowest(names), _EPOCH_1904 if since_1904 else _EPOCH


def _root(book: zipfile.ZipFile, name: str) -> ElementTree.Element:
    """Return the root element of a part, KeyError if the workbook has no such part; DTDs are refused."""
    with _part(book, name) as part:
        root = Xml.parse(part, forbid_dtd=True).getroot()
    if root is None:
        raise KeyError(name)
    return root


def _lowest(names: list[str]) -> str:
    """Return the worksheet part of the lowest number; KeyError if no worksheet is in the list."""
    sheets = [name for name in names if re.fullmatch(r"xl/worksheets/sheet\d+\.xml", name)]
    return (
        min(sheets, key=lambda name: int(re.sub(r"\D", "", name))) if sheets else _raise_no_sheet()
    )


def _raise_no_sheet() -> str:
    """Raise KeyError: the workbook has no sheet."""
    raise KeyError("no sheet")


def _part(book: zipfile.ZipFile, name: str) -> IO[bytes]:
    """Open a part of a workbook; KeyError if the workbook has no such part, Unusable over 4 GB."""
    if book.getinfo(name).file_size > _MOST:
        raise Unusable(f"{name} of the workbook is over 4 GB: export it as CSV")
    return book.open(name)


def _shared(book: zipfile.ZipFile) -> Iterator[str]:
    """Yield the workbook's shared texts, in the order of their numbers."""
    with _part(book, "xl/sharedStrings.xml") as part:
        for _, item in Xml.iterparse(part, forbid_dtd=True):
            if item.tag == f"{_MAIN}si":
                yield _text(item)
                item.clear()


def _text(item: ElementTree.Element) -> str:
    """Return the text of an item, its runs joined, without phonetic hints."""
    parts = [*item.findall(f"{_MAIN}t"), *item.findall(f"{_MAIN}r/{_MAIN}t")]
    return "".join(part.text or "" for part in parts)


def _date_styles(book: zipfile.ZipFile) -> frozenset[int]:
    """Return the numbers of the cell styles that show a date or a time."""
    root = _root(book, "xl/styles.xml")
    own = {
        int(one.get("numFmtId", "0"))
        for one in root.iter(f"{_MAIN}numFmt")
        if re.search(
            r"[ymdhs]", re.sub(r'"[^"]*"|\[[^][]*]|\\.', "", one.get("formatCode", "").lower())
        )
    }
    styles = root.find(f"{_MAIN}cellXfs")
    return frozenset(
        number
        for number, style in enumerate(styles if styles is not None else ())
        if int(style.get("numFmtId", "0")) in _DATES | own
    )


def _rows(
    part: IO[bytes], texts: list[str], dates: frozenset[int], epoch: datetime
) -> Iterator[tuple[int, Cells]]:
    """Yield (row number from 1, cells) of a sheet, None for an empty cell; IndexError if out of order."""
    number = 0
    for _, row in Xml.iterparse(part, forbid_dtd=True):
        if row.tag == f"{_MAIN}row":
            number = int(row.get("r") or number + 1)
            cells: Cells = []
            for cell in row.iter(f"{_MAIN}c"):
                place = _column(cell.get("r")) if cell.get("r") else len(cells)
                if not len(cells) <= place < _COLUMNS:
                    raise IndexError(f"{cell.get('r')!r} is no next cell")
                cells += [None] * (place - len(cells))
                cells.append(_value(cell, texts, dates, epoch))
            yield number, cells
            row.clear()


def _column(name: str | None) -> int:
    """Return the place, from 0, of a cell's column by its name: C7 is 2."""
    place = 0
    for letter in re.sub(r"[^A-Z]", "", name or ""):
        place = place * 26 + ord(letter) - 64
    return place - 1


def _value(
    cell: ElementTree.Element, texts: list[str], dates: frozenset[int], epoch: datetime
) -> str | None:
    """Return a cell as text: true or false for booleans; None where it is empty."""
    kind = cell.get("t", "n")
    if kind == "inlineStr":
        inline = cell.find(f"{_MAIN}is")
        return None if inline is None else _text(inline)
    held = cell.find(f"{_MAIN}v")
    if held is None or held.text is None:
        return None
    match kind:
        case "s":
            return texts[_index(held.text)]
        case "n":
            return _number(held.text, epoch if int(cell.get("s", "0")) in dates else None)
        case "b":
            return "true" if held.text == "1" else "false"
    return held.text


def _index(text: str) -> int:
    """Return the place of a shared text; raise IndexError for one below nought."""
    if (place := int(text)) < 0:
        raise IndexError(text)
    return place


def _number(text: str, epoch: datetime | None) -> str:
    """Return a number as text of at most 15 digits, or its date; as it is where it is neither.

    epoch: What its days are counted from; None where it is no date.
    """
    try:
        value = _DIGITS.create_decimal(text)
    except InvalidOperation:
        return text
    if not value.is_finite() or abs(value.adjusted()) > _WRITTEN_OUT:
        return text
    if epoch is None:
        plain = f"{value:f}"
        return plain.rstrip("0").rstrip(".") if "." in plain else plain
    days = Decimal(text)
    try:
        at = epoch + timedelta(seconds=int((days * 86_400).to_integral_value(ROUND_HALF_EVEN)))
    except OverflowError:
        return text
    if days < 0:
        return text
    return at.date().isoformat() if days == days.to_integral_value() else at.isoformat(sep=" ")


# ── Writing ──────────────────────────────────────────────────────────────────────────────────────

_PARTS: Final = {
    "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/>'
    '<Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument'
    '.spreadsheetml.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="'
    'application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/></Types>',
    "_rels/.rels": '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    '<Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/'
    'officeDocument" Target="xl/workbook.xml"/></Relationships>',
    "xl/_rels/workbook.xml.rels": '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/'
    'relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/'
    'relationships/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
    "xl/workbook.xml": '<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" '
    'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets>'
    '<sheet name="breaks" sheetId="1" r:id="rId1"/></sheets></workbook>',
}
_HEAD: Final = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
#: Excel takes no longer text in a cell, and no more rows in a sheet.
_LONGEST: Final = 32_767
MOST_ROWS: Final = 1_048_575
#: Characters that XML cannot hold.
_NO_XML: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def write_sheet(path: Path, rows: Iterable[Sequence[str | None]]) -> None:
    """Write a workbook of one sheet; every cell is text, so no digit is lost, none a formula.

    The same bytes for the same rows. Rows beyond MOST_ROWS are left out.
    """
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=3) as book:
        for name, text in _PARTS.items():
            book.writestr(_entry(name), _HEAD + text)
        with book.open(_entry("xl/worksheets/sheet1.xml"), "w") as sheet:
            sheet.write(f'{_HEAD}<worksheet xmlns="{_MAIN[1:-1]}"><sheetData>'.encode())
            for number, row in enumerate(rows):
                if number > MOST_ROWS:
                    break
                sheet.write(f"<row>{''.join(map(_written, row))}</row>".encode())
            sheet.write(b"</sheetData></worksheet>")


def _entry(name: str) -> zipfile.ZipInfo:
    """Return a part's entry, compressed, with a fixed date, so that bytes depend on rows alone."""
    entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
    entry.compress_type = zipfile.ZIP_DEFLATED
    return entry


def _written(cell: str | None) -> str:
    """Return a cell as XML, cut to Excel's longest text; None is an empty text."""
    text = _NO_XML.sub("\ufffd", cell or "")[:_LONGEST]
    return f'<c t="inlineStr"><is><t xml:space="preserve">{escape(text, quote=False)}</t></is></c>'
