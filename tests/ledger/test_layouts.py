"""Ledgers as systems export them: layouts, figures, times and types that are read only as they are told."""

from __future__ import annotations

import gzip
import os
import sqlite3
import zipfile
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import attrs
import duckdb
import psycopg
import pyarrow as pa
import pyarrow.feather
import pyarrow.parquet as pq
import pytest
from zerogate_ledger.columns import Settings, settings_of
from zerogate_ledger.databases import table_reader
from zerogate_ledger.engine import embedded
from zerogate_ledger.errors import Unusable
from zerogate_ledger.ingest import Ingested, take_in, take_in_reader
from zerogate_ledger.ledger_files import ledger_files
from zerogate_ledger.number_formats import NumberFormat
from zerogate_ledger.presets import names, preset
from zerogate_ledger.spreadsheets import sheet_rows, write_sheet

from .engines import POSTGRES

AT = 1_795_837_606
HEAD, ROW = "order_id,amount,currency,created_at", "1001,10.50,EUR,2026-11-28T03:46:46Z"
WANTED = {"order_id": "1001", "amount": "10.50", "currency": "EUR", "created_at": AT}


def told(**said: Any) -> Settings:
    return settings_of(said, "columns.toml")


def read(taken: Ingested, folder: Path) -> list[dict[str, Any]]:
    with embedded(folder) as con:
        found = con.to_pyarrow(taken.table(con)).to_pylist()
    rows: list[dict[str, Any]] = sorted(found, key=lambda row: row["line"])
    return rows


def said(row: dict[str, Any]) -> dict[str, Any]:
    return {name: row[name] for name in WANTED}


def written(
    tmp_path: Path, text: str, settings: Settings, name: str = "l.csv"
) -> list[dict[str, Any]]:
    file = tmp_path / name
    file.write_bytes(text.encode(settings.encoding or "utf-8"))
    return read(take_in(file, tmp_path, settings), tmp_path)


@pytest.mark.parametrize(
    ("text", "settings"),
    [
        pytest.param(f"{HEAD}\n{ROW}\n", {}, id="plain"),
        pytest.param(f"{HEAD},,\n{ROW},,\n", {}, id="two empty headings"),
        pytest.param(f"{HEAD},Note,Note\n{ROW},a,b\n", {}, id="two headings alike, unused"),
        pytest.param("sep=;\n" + f"{HEAD}\n{ROW}\n".replace(",", ";"), {}, id="Excel's sep line"),
        pytest.param(f"\n\n{HEAD}\n{ROW}\n", {}, id="empty lines above"),
        pytest.param(f"Export\nof shop\n{HEAD}\n{ROW}\n", {}, id="titles above"),
        pytest.param(f"a,b\nc,d\n{HEAD}\n{ROW}\n", {"skip_rows": 2}, id="another table above"),
        pytest.param(f"{HEAD}\n{ROW}\n".replace(",", " ,"), {"trim": True}, id="blanks around"),
        pytest.param(
            f"{HEAD}\n{ROW}\n".replace(",", ", "), {}, id="blanks behind commas"
        ),
        pytest.param(f"{HEAD}\n{ROW}\n".replace(",", "\t"), {}, id="tabs"),
        pytest.param(f"{HEAD}\r\n{ROW}\r\n", {}, id="lines of Windows"),
        pytest.param(f"{HEAD}\n{ROW}\n", {"encoding": "utf-16"}, id="utf-16"),
        pytest.param(
            "order_id;amount;currency;created_at\n1001;10,50 €;EUR;28.11.2026 04:46:46\n",
            {"decimal": ",", "symbols": True},
            id="German",
        ),
        pytest.param(
            "order_id,debit,credit,currency,date,hour\n1001,,10.50,EUR,28/11/2026,03:46:46\n",
            {"columns": {"debit": "debit", "credit": "credit", "created_at": "date", "time": "hour"}},
            id="debit and credit, date and time",
        ),
        pytest.param(f"{HEAD}\n1001,1050,EUR,{AT}\n", {"minor_units": True, "time": "epoch"}, id="cents"),
        pytest.param(f"{HEAD}\n1001,10.50,EUR,{AT}123\n", {"time": "epoch_ms"}, id="milliseconds"),
        pytest.param(f"{HEAD}\n1001,10.50,EUR,46354.1574768519\n", {"time": "excel"}, id="serial"),
        pytest.param(
            f"{HEAD}\n1001,10.50,EUR,28/11/26 03:46:46\n", {"two_digit_years": True}, id="two digits"
        ),
        pytest.param(f"{HEAD}\n1001,(10.50),EUR,2026/11/28 03:46:46\n",
            {"parentheses": True, "sign": "reversed"}, id="parentheses, sign reversed"),
    ],
)  # fmt: skip
def test_a_layout_is_read_as_it_is_told(
    text: str, settings: dict[str, Any], tmp_path: Path
) -> None:
    columns = settings.pop("columns", {})
    tz = "Europe/Berlin" if "€" in text else "UTC"
    (row,) = written(tmp_path, text, told(format=settings, columns=columns, tz=tz))
    assert said(row) == WANTED
    assert row.get("trouble") is None


@pytest.mark.parametrize(
    ("text", "form", "plain"),
    [
        ("1.234,56", NumberFormat(",", "."), "1234.56"),
        ("1.23", NumberFormat(",", "."), None),
        ("1,234.56", NumberFormat(thousands=","), "1234.56"),
        ("1,23", NumberFormat(thousands=","), None),
        ("1 234,5", NumberFormat(",", " "), "1234.5"),
        ("1\u202f234,5", NumberFormat(",", " "), "1234.5"),
        ("1'000.00", NumberFormat(thousands="'"), "1000.00"),
        ("-€5.00", NumberFormat(symbols=True), "-5.00"),
        ("EUR 5.00", NumberFormat(symbols=True), "5.00"),
        ("5.00 kr", NumberFormat(symbols=True), "5.00"),
        ("5.00 €", NumberFormat(), None),
        ("5.00-", NumberFormat(trailing_minus=True), "-5.00"),
        ("5.00-", NumberFormat(), None),
        ("(0.00)", NumberFormat(parentheses=True), "0.00"),
        ("\u22125.00", NumberFormat(), "-5.00"),
        (".5", NumberFormat(), "0.5"),
        ("1e5", NumberFormat(), None),
        ("0010", NumberFormat(minor_units=2), "0.10"),
        ("-7", NumberFormat(minor_units=True, sign="absolute"), "0.07"),
        ("7.5", NumberFormat(minor_units=True), None),
        ("\u0663", NumberFormat(), None),
    ],
)
def test_a_figure_is_read_by_its_format_or_not_at_all(
    text: str, form: NumberFormat, plain: str | None
) -> None:
    assert form.reader()(text, "EUR") == plain


@pytest.mark.parametrize(
    ("code", "plain"),
    [
        *(("JPY", "1234"), ("KWD", "1.234"), ("EUR", "12.34"), ("UYW", "0.1234"), (" jpy", "1234")),
        *(("USDC", None), ("", None), (None, None)),
    ],
)
def test_minor_units_are_those_of_the_currency(code: str | None, plain: str | None) -> None:
    assert NumberFormat(minor_units=True).reader()("1234", code) == plain


def test_a_figure_in_another_format_puts_its_row_aside_with_its_value(tmp_path: Path) -> None:
    text = f"{HEAD}\n1001,10.50,EUR,2026-11-28T03:46:46Z\n1002,7,EUR,x\n"
    first, second = written(tmp_path, text, told(format={"decimal": ","}))
    assert (first["amount"], first["trouble"]) == (
        None,
        "amount: '10.50' is not written as [format] says",
    )
    assert second["trouble"] == "created_at: 'x' is not a date"


@pytest.mark.parametrize(
    ("form", "wanted"),
    [
        ({"minor_units": True}, ("0.07", "12", "1.0875")),
        ({"sign": "reversed"}, ("7", "-12", "1.0875")),
        ({"sign": "absolute"}, ("7", "12", "1.0875")),
    ],
    ids=["cents", "reversed", "absolute"],
)
def test_cents_and_signs_are_said_of_money_and_of_no_rate(
    form: dict[str, Any], wanted: tuple[str, ...], tmp_path: Path
) -> None:
    text = "order_id,amount,currency,fee,token_amount,rate\nA,-10,EUR,7,12,1.0875\n"
    (row,) = written(tmp_path, text, told(format=form))
    assert (row["fee"], row["token_amount"], row["rate"]) == wanted


@pytest.mark.parametrize("form", [{}, {"thousands": ","}], ids=["plain", "formatted"])
@pytest.mark.parametrize(
    "nothing", ["", "0.00", "0,00", "-0.00", "-", "\u2013", "\u00a0", "\u202f-"]
)
def test_a_column_that_leaves_the_amount_to_the_other_says_nothing(
    nothing: str, form: dict[str, Any], tmp_path: Path
) -> None:
    text = f'order_id,D,C,currency\nA,"{nothing}",10.00,EUR\nB,10.00,"{nothing}",EUR\n'
    columns = {"debit": "D", "credit": "C"}
    rows = written(tmp_path, text, told(columns=columns, format=form))
    assert [(row["amount"], row["trouble"]) for row in rows] == [("10.00", None), ("-10.00", None)]


def test_both_a_debit_and_a_credit_put_their_row_aside(tmp_path: Path) -> None:
    text = "order_id,D,C,currency\nA,1.00,2.00,EUR\nB,3.00,0.00,EUR\nC,,4.00,EUR\n"
    columns = {"debit": "D", "credit": "C"}
    one, two, three = written(tmp_path, text, told(columns=columns))
    assert one["trouble"] == "debit '1.00' and credit '2.00' both say an amount"
    assert (two["amount"], three["amount"]) == ("-3.00", "4.00")
    (_, two, _) = written(tmp_path, text, told(columns=columns, format={"money_in": "debit"}))
    assert two["amount"] == "3.00"


@pytest.mark.parametrize(
    ("kind", "values", "text"),
    [
        (pa.decimal128(38, 18), [Decimal("0"), Decimal("0.0000001")], ["0." + "0" * 18, None]),
        (pa.decimal128(12, 6), [Decimal("12.5"), Decimal("0.000001")], ["12.500000", "0.000001"]),
        (
            pa.decimal256(60, 30),
            [Decimal("1.5"), Decimal("0")],
            ["1.5" + "0" * 17, "0." + "0" * 18],
        ),
        (pa.decimal256(76, 18), [Decimal("99999999999999999999.5"), Decimal("1")], [None, None]),
        (pa.large_string(), ["1.5", "2"], ["1.5", "2"]),
        (pa.string_view(), ["1.5", "2"], ["1.5", "2"]),
        (pa.dictionary(pa.int32(), pa.large_string()), ["1.5", "2"], ["1.5", "2"]),
        (pa.int64(), [15, 2], ["15", "2"]),
    ],
    ids=str,
)
@pytest.mark.parametrize("form", ["parquet", "arrow"])
def test_figures_of_any_type_keep_every_digit(
    kind: pa.DataType, values: list[Any], text: list[str | None], form: str, tmp_path: Path
) -> None:
    array = pa.array(values, kind.value_type if pa.types.is_dictionary(kind) else kind)
    rows = pa.table(
        {"order_id": ["a", "b"], "amount": array.cast(kind), "currency": ["EUR", "EUR"]}
    )
    for dated in (rows, rows.append_column("created_at", pa.array(["28.11.2026"] * 2))):
        file = tmp_path / f"l.{form}"
        if form == "parquet":
            pq.write_table(dated, file)
        else:
            pyarrow.feather.write_feather(dated, file, compression="uncompressed")
        found = read(take_in(file, tmp_path, Settings(tz="UTC")), tmp_path)
        for row, value, wanted in zip(found, values, text, strict=True):
            assert "E" not in row["amount"]
            assert Decimal(row["amount"]) == Decimal(value)
            assert wanted is None or row["amount"] == wanted


@pytest.mark.parametrize(
    "values",
    [
        pa.array(["03.04.2026", "28.11.2026"]).cast(pa.large_string()),
        pa.array(["03.04.2026", "28.11.2026"]).dictionary_encode(),
        pa.array(["03.04.2026", "28.11.2026"]).cast(pa.string_view()),
        pa.array([date(2026, 4, 3), date(2026, 11, 28)]),
        pa.array([datetime(2026, 4, 3), datetime(2026, 11, 28)], pa.timestamp("ns")),
        pa.array([datetime(2026, 4, 3, tzinfo=UTC)] * 2, pa.timestamp("ns", "UTC")),
        pa.array([1_775_174_400_000_000_001] * 2).cast(pa.timestamp("ns")),
    ],
    ids=lambda values: str(values.type),
)
def test_times_of_any_type_are_the_same_instant(values: pa.Array, tmp_path: Path) -> None:
    rows = {"order_id": ["a", "b"], "amount": ["1", "2"], "currency": ["EUR"] * 2}
    pq.write_table(pa.table({**rows, "created_at": values}), tmp_path / "l.parquet")
    found = read(take_in(tmp_path / "l.parquet", tmp_path, Settings(tz="UTC")), tmp_path)
    assert found[0]["created_at"] == 1_775_174_400


def test_a_year_that_comes_first_is_one_whatever_the_flag_says(tmp_path: Path) -> None:
    for day_first in (True, False, None):
        settings = Settings(tz="UTC", day_first=day_first)
        (row,) = written(tmp_path, f"{HEAD}\nA,1,EUR,2026/4/3\n", settings)
        assert row["created_at"] == 1_775_174_400


@pytest.mark.parametrize("table", ["uuids", "padded", "odd", "money", "reals"])
def test_a_table_of_postgresql_is_read_with_every_digit(table: str, tmp_path: Path) -> None:
    identity = UUID(int=7)
    schema = f"zerogate_test_{tmp_path.name.replace('-', '_')}"
    with psycopg.connect(POSTGRES, autocommit=True) as con:
        con.execute(f"CREATE SCHEMA {schema}")
        try:
            con.execute(f"SET search_path TO {schema}")
            con.execute(f"""
                CREATE TABLE rows (order_id text, amount numeric, currency text, created_at timestamptz);
                INSERT INTO rows VALUES ('{identity}', 10.50, 'EUR', '2026-11-28T03:46:46Z');
                CREATE TABLE uuids AS SELECT order_id::uuid, amount, currency, created_at FROM rows;
                CREATE TABLE padded AS SELECT order_id::char(50), amount, currency, created_at FROM rows;
                CREATE TABLE money AS SELECT order_id, amount::money, currency, created_at FROM rows;
                CREATE TABLE reals AS SELECT order_id, amount::real, currency, created_at FROM rows;
                CREATE TABLE odd AS SELECT * FROM rows;
                INSERT INTO odd VALUES ('nan', 'NaN', 'EUR', 'infinity');""")
            reader = table_reader(
                POSTGRES.replace("postgresql://", "postgresql+psycopg://"), f"{schema}.{table}"
            )
            if table == "reals":
                with pytest.raises(Unusable, match="floats"):
                    take_in_reader(reader, tmp_path, Settings())
                return
            rows = read(take_in_reader(reader, tmp_path, Settings()), tmp_path)
        finally:
            con.execute(f"DROP SCHEMA {schema} CASCADE")
    assert said(rows[0]) == {**WANTED, "order_id": str(identity)}
    if table == "odd":
        assert (rows[1]["amount"], rows[1]["created_at"]) == ("NaN", None)
        assert "infinity" in rows[1]["trouble"]


@pytest.mark.parametrize(
    ("table", "says"),
    [("nowhere", "there is no such table"), ("divided", "the server says 22012")],
)
def test_what_postgresql_refuses_is_said_also_where_rows_were_already_read(
    table: str, says: str, tmp_path: Path
) -> None:
    schema = f"zerogate_test_{table}_{os.getpid()}"
    with psycopg.connect(POSTGRES, autocommit=True) as con:
        con.execute(f"CREATE SCHEMA {schema}")
        try:
            con.execute(
                f"CREATE VIEW {schema}.divided AS SELECT n::text AS order_id, 'EUR' AS currency, "
                "(10 / (30000 - n))::text AS amount FROM generate_series(1, 40000) n"
            )
            with pytest.raises(Unusable, match=says):
                take_in_reader(table_reader(POSTGRES, f"{schema}.{table}"), tmp_path, Settings())
        finally:
            con.execute(f"DROP SCHEMA {schema} CASCADE")


def test_the_options_of_a_url_say_which_schema_is_read(tmp_path: Path) -> None:
    schema, table = f"zerogate_test_shop_{os.getpid()}", f"zerogate_test_orders_{os.getpid()}"
    with psycopg.connect(POSTGRES, autocommit=True) as con:
        con.execute(f"CREATE SCHEMA {schema}")
        try:
            for whose, amount in (("public", "99.00"), (schema, "10.50")):
                con.execute(
                    f"CREATE TABLE {whose}.{table} AS SELECT '1001'::text AS order_id, "
                    f"'{amount}'::text AS amount, 'EUR'::text AS currency"
                )
            given = f"{'&' if '?' in POSTGRES else '?'}options=-csearch_path%3D{schema}"
            reader = table_reader(POSTGRES + given, table)
            (row,) = read(take_in_reader(reader, tmp_path, Settings()), tmp_path)
            assert row["amount"] == "10.50"
        finally:
            con.execute(f"DROP TABLE IF EXISTS public.{table}")
            con.execute(f"DROP SCHEMA {schema} CASCADE")


def test_a_view_of_postgresql_that_writes_is_refused() -> None:
    schema = f"zerogate_test_writing_{os.getpid()}"
    with psycopg.connect(POSTGRES, autocommit=True) as con:
        con.execute(f"CREATE SCHEMA {schema}")
        try:
            con.execute(f"CREATE SEQUENCE {schema}.n")
            con.execute(f"CREATE VIEW {schema}.v AS SELECT nextval('{schema}.n')::text AS amount")
            reader = table_reader(POSTGRES, f"{schema}.v")
            with pytest.raises(Unusable, match="the server says 25006"):
                list(reader.batches())
        finally:
            con.execute(f"DROP SCHEMA {schema} CASCADE")


@pytest.mark.parametrize("name", ["books#2.db", "books;2.db"])
def test_the_file_that_a_url_names_is_read_whole(name: str, tmp_path: Path) -> None:
    for file, amount in (("books", "99.00"), (name, "10.50")):
        with closing(sqlite3.connect(tmp_path / file)) as con, con:
            con.execute("CREATE TABLE orders (order_id TEXT, amount TEXT, currency TEXT)")
            con.execute("INSERT INTO orders VALUES ('1001', ?, 'EUR')", [amount])
    for query in ("", "?timeout=5"):
        reader = table_reader(f"sqlite:///{tmp_path / name}{query}", "orders")
        (row,) = read(take_in_reader(reader, tmp_path, Settings()), tmp_path)
        assert row["amount"] == "10.50"


def test_a_name_of_three_parts_is_of_that_schema(tmp_path: Path) -> None:
    file = tmp_path / "books.duckdb"
    with duckdb.connect(str(file)) as con:
        con.execute("CREATE SCHEMA shop")
        for schema, amount in (("main", "99.00"), ("shop", "10.50")):
            con.execute(f"CREATE TABLE {schema}.orders AS SELECT '1001' order_id, "
                        f"'{amount}' amount, 'EUR' currency")  # fmt: skip
    reader = table_reader(f"duckdb://{file}", "books.shop.orders")
    (row,) = read(take_in_reader(reader, tmp_path, Settings()), tmp_path)
    assert row["amount"] == "10.50"


@pytest.mark.parametrize(
    ("declared", "wanted"),
    [
        ("TEXT", "10.50"),
        ("INTEGER", "1050"),
        ("NUMERIC(20,2)", None),
        ("REAL", None),
        ("", "10.50"),
    ],
)
def test_a_table_of_sqlite_is_read_or_refused_by_how_it_is_declared(
    declared: str, wanted: str | None, tmp_path: Path
) -> None:
    file = tmp_path / "books.db"
    with closing(sqlite3.connect(file)) as con, con:
        con.execute(f"CREATE TABLE orders (order_id TEXT, amount {declared}, currency TEXT)")
        con.execute("INSERT INTO orders VALUES ('1001', ?, 'EUR')", [wanted or "10.50"])
    reader = table_reader(f"sqlite:///{file}", "main.orders")
    if wanted is None:
        with pytest.raises(Unusable, match=r"floats.*minor_units"):
            take_in_reader(reader, tmp_path, Settings())
        return
    (row,) = read(take_in_reader(reader, tmp_path, Settings()), tmp_path)
    assert row["amount"] == wanted


@pytest.mark.parametrize(
    ("url", "table", "says"),
    [
        ("sqlite:///nowhere.db", "orders", "four slashes"),
        ("postgresql://postgres:hush@127.0.0.1:1/test", "orders", "no server answers so: see host"),
        ("postgresql://postgres:hush@[::1/test", "orders", "the URL is none"),
        ("nosuch://x", "orders", "cannot read table 'orders'"),
    ],
)
def test_a_database_that_cannot_be_read_says_so_without_its_password(
    url: str, table: str, says: str
) -> None:
    with pytest.raises(Unusable, match=says) as raised:
        table_reader(url, table)
    assert "hush" not in str(raised.value)


def test_packed_files_and_json_lines_are_read(tmp_path: Path) -> None:
    packed = tmp_path / "l.csv.gz"
    packed.write_bytes(gzip.compress(f"{HEAD}\n{ROW}\n".encode()))
    assert said(read(take_in(packed, tmp_path, Settings()), tmp_path)[0]) == WANTED
    lines = tmp_path / "l.jsonl"
    lines.write_text(
        '{"order_id": 1001, "amount": 10.50, "currency": "EUR", "created_at": "2026-11-28T03:46:46Z"}\n'
        "\nnot json\n[1]\n"
    )
    rows = read(take_in(lines, tmp_path, Settings()), tmp_path)
    assert said(rows[0]) == WANTED
    assert [(row["line"], row["trouble"]) for row in rows[1:]] == [
        (3, "this line is not JSON"),
        (4, "this line is not a JSON object"),
    ]


def test_a_field_that_only_a_late_line_has_is_read(tmp_path: Path) -> None:
    """Writers of JSON often leave out what is null: a refund may be the first line that names one."""
    lines = tmp_path / "l.jsonl"
    plain = '{"order_id": "1", "amount": "10.50", "currency": "EUR"}\n'
    late = plain.replace('"1"', '"1001"').replace("}", ', "created_at": "2026-11-28T03:46:46Z"}')
    lines.write_text(plain * 1_500 + late)
    assert said(read(take_in(lines, tmp_path, Settings()), tmp_path)[-1]) == WANTED


def test_lines_that_share_no_fields_are_no_table(tmp_path: Path) -> None:
    lines = tmp_path / "l.jsonl"
    lines.write_text("".join(f'{{"order-{number}": "10.50"}}\n' for number in range(3_000)))
    with pytest.raises(Unusable, match="more than 2,000 different field names"):
        take_in(lines, tmp_path, Settings())


def workbook(file: Path, sheet: str, **parts: str) -> Path:
    head = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    with zipfile.ZipFile(file, "w") as book:
        book.writestr(
            "xl/worksheets/sheet1.xml",
            f"<worksheet {head}><sheetData>{sheet}</sheetData></worksheet>",
        )
        for name, text in parts.items():
            book.writestr(
                f"xl/{name}.xml", text.replace("<x", f"<{name}", 1).replace(">", f" {head}>", 1)
            )
    return file


def test_a_workbook_is_read_with_the_digits_it_holds(tmp_path: Path) -> None:
    def cell(value: str, **said: str) -> str:
        attributes = "".join(f' {name}="{text}"' for name, text in said.items())
        return f"<c{attributes}><v>{value}</v></c>"

    heads = "".join(cell(str(number), t="s") for number in range(4))
    book = workbook(
        tmp_path / "l.xlsx",
        f"<row>{heads}</row><row>{cell('1001')}{cell('10.300000000000001')}{cell('4', t='s')}"
        f"{cell('46354.157476851855', s='1')}</row>",
        sharedStrings="<sst>"
        + "".join(f"<si><t>{t}</t></si>" for t in (*HEAD.split(","), "EUR"))
        + "</sst>",
        styles='<styleSheet><cellXfs><xf numFmtId="0"/><xf numFmtId="22"/></cellXfs></styleSheet>',
    )
    (row,) = read(take_in(book, tmp_path, Settings(tz="UTC")), tmp_path)
    assert said(row) == {**WANTED, "amount": "10.3"}
    assert row["line"] == 2


def test_a_workbook_that_we_write_is_read_again(tmp_path: Path) -> None:
    rows = [["a", "=1+1", "0.000000000000000001"], ["<&>", None, "x\x00"]]
    write_sheet(tmp_path / "w.xlsx", rows)
    assert [cells for _, cells in sheet_rows(tmp_path / "w.xlsx")] == [
        ["a", "=1+1", "0.000000000000000001"],
        ["<&>", "", "x\ufffd"],
    ]
    first = (tmp_path / "w.xlsx").read_bytes()
    write_sheet(tmp_path / "w.xlsx", rows)
    assert (tmp_path / "w.xlsx").read_bytes() == first


BOMB = '<!DOCTYPE x [<!ENTITY a "aaaa">]><worksheet/>'


def bomb(file: Path) -> None:
    with zipfile.ZipFile(file, "w") as book:
        book.writestr("xl/worksheets/sheet1.xml", BOMB)


@pytest.mark.parametrize(
    ("name", "make", "says"),
    [
        ("l.xlsx", lambda file: file.write_bytes(b"PK\x03\x04" + b"\0" * 200), "not a workbook"),
        ("l.xlsx", bomb, "document type"),
        ("l.xls", lambda file: file.write_bytes(b"\xd0\xcf\x11\xe0" + b"\0" * 99), "old Excel"),
        ("l.parquet", lambda file: file.write_bytes(b"PAR1" + b"\0" * 99), "not a Parquet"),
        ("l.arrow", lambda file: file.write_bytes(b"ARROW1\0\0" + b"\0" * 99), "not an Arrow"),
        ("l.csv.gz", lambda file: file.write_bytes(b"\x1f\x8b" + b"\0" * 99), "cannot be read"),
        ("l.csv", lambda file: file.write_bytes(b""), "empty"),
        ("l.jsonl", lambda file: file.write_bytes(b"\n\n"), "no line with a JSON object"),
        (
            "l.csv",
            lambda file: file.write_bytes(b"order_id,amount\n\xff,1\n"),
            "--encoding",
        ),
    ],
)
def test_a_file_that_is_none_is_refused_in_a_sentence(
    name: str, make: Callable[[Path], object], says: str, tmp_path: Path
) -> None:
    file = tmp_path / name
    make(file)
    with pytest.raises(Unusable, match=says):
        take_in(file, tmp_path, Settings())


def test_a_name_is_no_pattern_where_a_file_has_it(tmp_path: Path) -> None:
    rows = {"order_id": ["a"], "amount": ["1.00"], "currency": ["EUR"]}
    pq.write_table(pa.table({**rows, "amount": ["2.00"]}), tmp_path / "led1.parquet")
    named = tmp_path / "led[1].parquet"
    pq.write_table(pa.table(rows), named)
    assert ledger_files(str(named)) == [named]
    (row,) = read(take_in(named, tmp_path, Settings()), tmp_path)
    assert row["amount"] == "1.00"


def test_a_folder_and_a_pattern_are_one_ledger_with_the_lines_of_each_file(tmp_path: Path) -> None:
    for number in (1, 2):
        (tmp_path / f"{number}.csv").write_text(f"{HEAD}\n\n{number},1,EUR,2026-01-01T00:00:00Z\n")
    for named in (str(tmp_path), str(tmp_path / "[12].csv")):
        taken = take_in(ledger_files(named), tmp_path, Settings())
        records = [row["line"] for row in read(taken, tmp_path)]
        places = taken.places(tmp_path)
        places.look_up([records])
        assert [places.line(record) for record in records] == [3, 3]
        assert [places.file(record) for record in records] == ["1.csv", "2.csv"]
    with pytest.raises(Unusable, match="no ledger at"):
        ledger_files(str(tmp_path / "*.xls"))


def test_rows_of_other_kinds_are_left_out_and_counted(tmp_path: Path) -> None:
    file = tmp_path / "l.csv"
    file.write_text(
        "order_id,amount,currency,Type\nA,1,EUR,charge\nB,2,EUR,payout\nC,3,EUR,charge \n"
    )
    taken = take_in(file, tmp_path, told(where={"Type": "charge"}))
    assert [row["order_id"] for row in read(taken, tmp_path)] == ["A", "C"]
    assert taken.left_out == 1
    with pytest.raises(Unusable, match="'Kind' that is not there"):
        take_in(file, tmp_path, told(where={"Kind": "charge"}))


@pytest.mark.parametrize(
    ("data", "why"),
    [
        ({"format": {"decimal": ";"}}, "decimal is"),
        ({"format": {"decimal": ",", "thousands": ","}}, "are both"),
        ({"format": {"point": ","}}, "knows no 'point'"),
        ({"format": {"trim": 1}}, "trim is bool"),
        ({"format": {"time": "unix"}}, "time is one of"),
        ({"format": {"skip_rows": -1}}, "skip_rows"),
        ({"format": 1}, r"\[format\] holds"),
        ({"where": {"Type": 1}}, r"\[where\] Type"),
        ({"where": "x"}, r"\[where\] holds"),
    ],
)
def test_a_layout_with_a_mistake_is_refused(data: dict[str, Any], why: str) -> None:
    with pytest.raises(Unusable, match=why):
        settings_of(data, "columns.toml")


@pytest.mark.parametrize(
    ("header", "said", "why"),
    [
        ("Gross,Ccy,order_id", {}, "perhaps 'Gross'"),
        ("amount,currency,Bestellnummer", {}, "perhaps 'Bestellnummer'"),
        ("amount,currency,order_id", {"columns": {"status": "Statuss"}}, "no column 'Statuss'"),
        ("amount,currency,Order", {"columns": {"order_id": "Ordr"}}, "is it 'Order'"),
        # An export without the metadata has a column that only looks like it.
        ("gross,currency,created_utc,payment_intent_id,reporting_category", preset("stripe-payout"),
            r"no column 'payment_metadata\[order_id\]' for order_id; export it with that column"),
        ("order_id,currency,D", {"columns": {"debit": "D"}}, "needs both"),
        ("order_id,currency,amount,T", {"columns": {"time": "T"}}, "time of day of created_at"),
    ],
)  # fmt: skip
def test_a_column_that_is_nearly_there_is_named(
    header: str, said: dict[str, Any], why: str, tmp_path: Path
) -> None:
    with pytest.raises(Unusable, match=why):
        written(tmp_path, f"{header}\n{',' * header.count(',')}\n", told(**said))


#: A preset's header, a payment as the system exports it, and a row that is none.
EXPORTS = {
    "adyen-settlement": (
        "Merchant Reference,Type,Creation Date,TimeZone,Gross Currency,Gross Debit (GC),Gross Credit (GC)",
        "1001,Settled,2026-11-28 03:46:46,UTC,EUR,,10.50",
        "1001,Fee,2026-11-28 03:46:46,UTC,EUR,0.10,",
    ),
    "odoo": (
        # Debit and credit are in the company's currency, here another than the payment's.
        "Date,Journal Entry,Reference,Debit,Credit,Amount in Currency,Currency",
        "2026-11-28 03:46:46,BNK1/1,1001 ,9.05,0.00,10.50,EUR",
        "",
    ),
    "paypal": (
        # Its transaction id and fee are its own, although they are called as Gate's might be.
        '"Date","Time","TimeZone","Type","Status","Currency","Gross","Fee","Transaction ID","Invoice Number"',
        '"11/28/2026","03:46:46","UTC","Express Checkout Payment","Completed","EUR","10.50","-1","9X","1001"',
        '"11/28/2026","03:46:46","UTC","General Withdrawal","Completed","EUR","-10.50","0","9Y",""',
    ),
    "quickbooks": (
        "Shop\nTransaction List by Date\nNovember\n\nDate,Transaction Type,Num,Name,Amount",
        "11/28/2026 03:46:46,Payment,1001,x,€10.50",
        "11/28/2026,Transfer,,x,(10.50)",
    ),
    "sap": (
        "Assignment\tDocument Type\tDocument Date\tAmount in doc. curr.\tDocument currency",
        "1001\tDZ\t28.11.2026 03:46:46\t10,50\tEUR",
        "1001\tAB\t28.11.2026\t10,50-\tEUR",
    ),
    "shopify": (
        "Name,Financial Status,Currency,Total,Created at,Lineitem name",
        "1001,paid,EUR,10.50,2026-11-28 04:46:46 +0100,socks",
        "1001,,,,2026-11-28 04:46:46 +0100,shoes",
    ),
    "stripe-balance": (
        "id,created_utc,currency,gross,fee,net,reporting_category,payment_metadata[order_id]",
        "txn_1,2026-11-28 03:46:46,EUR,10.50,0.55,9.95,charge,1001",
        "txn_2,2026-11-28 03:46:46,EUR,-9.95,0.00,-9.95,payout,",
    ),
    "stripe-payout": (
        "payout_id,created_utc,currency,gross,fee,net,reporting_category,payment_metadata[order_id]",
        "po_1,2026-11-28 03:46:46,EUR,10.50,0.55,9.95,charge,1001",
        "po_1,2026-11-28 03:46:46,EUR,-1.00,0.00,-1.00,fee,",
    ),
    "woocommerce": (
        "order_id,order_number,date,status,order_currency,order_total",
        "77,1001,2026-11-28 03:46:46,completed,EUR,10.50",
        "",
    ),
    "xero": (
        "Account Transactions\nShop\nNovember\n\nDate,Source,Description,Reference,Debit,Credit",
        "28 Nov 2026 03:46:46,Receive Money,x,1001,10.50,",
        "28 Nov 2026,Bank Transfer,x,,,10.50",
    ),
}


def test_there_are_ten_presets() -> None:
    assert sorted(EXPORTS) == names()
    with pytest.raises(Unusable, match="no preset 'sage'; there are adyen-settlement"):
        preset("sage")


@pytest.mark.parametrize("name", sorted(EXPORTS))
def test_a_preset_takes_what_its_system_exports(name: str, tmp_path: Path) -> None:
    header, payment, other = EXPORTS[name]
    settings = settings_of({"tz": "UTC", **preset(name)}, name)
    if "urrency" not in header:
        settings = attrs.evolve(settings, constants={**settings.constants, "currency": "EUR"})
    file = tmp_path / "export.csv"
    file.write_text("\n".join(filter(None, [header, payment, other])) + "\n")
    taken = take_in(file, tmp_path, settings)
    (row,) = read(taken, tmp_path)
    assert said(row) == WANTED
    assert row["trouble"] is None
    assert not set(row) & {"refid", "rail_id", "fee", "rate"}
    assert taken.left_out == bool(other)
