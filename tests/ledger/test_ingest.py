"""Ledgers as they come: CSV of every kind, Parquet, a database; what cannot be read is kept or refused."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import ibis
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from zerogate_ledger.columns import Settings, columns_of, settings_of
from zerogate_ledger.engine import embedded
from zerogate_ledger.errors import Unusable
from zerogate_ledger.ingest import take_in, take_in_table

HEADER = "order_id,amount,currency"


def rows(file: Path, tmp_path: Path, **said: Any) -> list[dict[str, Any]]:
    taken = take_in(file, tmp_path, Settings(**said))
    with embedded(tmp_path) as con:
        found: list[dict[str, Any]] = con.to_pyarrow(taken.table(con)).to_pylist()
    return sorted(found, key=lambda row: row["line"])


def csv(tmp_path: Path, text: str, encoding: str = "utf-8") -> Path:
    file = tmp_path / "orders.csv"
    file.write_bytes(text.encode(encoding))
    return file


def test_cells_stay_as_they_were_written(tmp_path: Path) -> None:
    file = csv(tmp_path, f"{HEADER}\n007, 1.00 ,EUR\nNULL,1e5,\n")
    assert [(r["order_id"], r["amount"], r["currency"]) for r in rows(file, tmp_path)] == [
        ("007", " 1.00 ", "EUR"),
        ("NULL", "1e5", ""),
    ]


@pytest.mark.parametrize("mark", [",", ";", "\t", "|"])
def test_the_delimiter_is_taken_from_the_header(mark: str, tmp_path: Path) -> None:
    file = csv(tmp_path, f"{HEADER}\nA,1.50,EUR\n".replace(",", mark))
    assert rows(file, tmp_path)[0]["amount"] == "1.50"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
def test_other_encodings_are_read_when_told(encoding: str, tmp_path: Path) -> None:
    file = csv(tmp_path, f"{HEADER}\nBöhm,1,EUR\n", encoding)
    said = {} if encoding.startswith("utf-8") else {"encoding": encoding}
    assert rows(file, tmp_path, **said)[0]["order_id"] == "Böhm"


@pytest.mark.parametrize("encoding", ["cp1252", "cp850", "utf-16-le", "utf-16-be"])
def test_a_file_that_is_not_utf_8_asks_for_its_encoding(encoding: str, tmp_path: Path) -> None:
    file = csv(tmp_path, f"{HEADER}\nBöhm,1,EUR\n", encoding)
    with pytest.raises(Unusable, match="--encoding"):
        rows(file, tmp_path)


def test_windows_line_ends_and_quotes_are_read(tmp_path: Path) -> None:
    file = csv(tmp_path, f'{HEADER}\r\n"A,1","1.00","EUR"\r\n"B ""x""",2,EUR\r\n')
    assert [r["order_id"] for r in rows(file, tmp_path)] == ["A,1", 'B "x"']


def test_rows_with_another_number_of_cells_are_kept_with_their_place(tmp_path: Path) -> None:
    file = csv(tmp_path, f"{HEADER}\nA,1\nB,1,EUR\n\nC,1,EUR,x\nD,1,EUR\nE\n")
    found = rows(file, tmp_path)
    assert [(r["order_id"], r["trouble"]) for r in found] == [
        (None, "2 cells where the header has 3"),
        ("B", None),
        (None, "4 cells where the header has 3"),
        ("D", None),
        (None, "1 cells where the header has 3"),
    ]
    taken = take_in(file, tmp_path, Settings())
    records = [row["line"] for row in found]
    places = taken.places(tmp_path)
    places.look_up([records])
    assert [places.line(record) for record in records] == [2, 3, 5, 6, 7]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "is empty"),
        ("a,b\n1,2\n", "no column says amount"),
        ("amount,currency\n1,EUR\n", "no column names Gate's record"),
        ("order_id,amount\nA,1\n", "--constant currency=EUR"),
        ("order_id,amount,currency,amount\nA,1,EUR,2\n", "several columns called 'amount'"),
        ("order_id,amount,currency,date,created\nA,1,EUR,x,y\n", "may both be created_at"),
    ],
)
def test_a_ledger_without_what_is_needed_is_refused(text: str, why: str, tmp_path: Path) -> None:
    with pytest.raises(Unusable, match=why):
        rows(csv(tmp_path, text), tmp_path)


@pytest.mark.parametrize(
    ("texts", "tz", "day_first", "wanted"),
    [
        (["2026-01-05T10:00:00Z", "2026-01-05T11:00:00+01:00"], None, None, [36000, 36000]),
        (["2026-01-05 10:00", ""], "UTC", None, [36000, None]),
        (["05.01.2026", "13.01.2026"], "UTC", None, [0, 8 * 86400]),
        (["01/05/2026", "01/13/2026"], "UTC", None, [0, 8 * 86400]),
        (["05/01/2026"], "UTC", True, [0]),
        (["5 Jan 2026", "2026-01-05T10:00:00Z"], "UTC", None, [0, 36000]),
    ],
)
def test_times_are_read_by_column(
    texts: list[str], tz: str | None, day_first: bool | None, wanted: list[int], tmp_path: Path
) -> None:
    lines = "\n".join(f"A{n},1,EUR,{text}" for n, text in enumerate(texts))
    file = csv(tmp_path, f"{HEADER},created_at\n{lines}\n")
    start = int(datetime(2026, 1, 5, tzinfo=UTC).timestamp())
    found = [row["created_at"] for row in rows(file, tmp_path, tz=tz, day_first=day_first)]
    assert [None if at is None else at - start for at in found] == wanted


@pytest.mark.parametrize(
    ("text", "hours"),
    [
        ("2026-03-29", 23),
        ("2026-03-30", 24),
        ("25/10/2026", 25),
        ("29 Mar 2026", 23),
        ("29-Mar-2026", 23),
        ("Sun, 29 March 2026", 23),
        ("October 25, 2026", 25),
    ],
)
def test_a_row_with_a_date_alone_lasts_its_whole_day(text: str, hours: int, tmp_path: Path) -> None:
    file = csv(tmp_path, f'{HEADER},created_at\nA,1,EUR,"{text}"\n')
    found = rows(file, tmp_path, tz="Europe/Berlin", day_first=True)[0]
    assert found["created_end"] - found["created_at"] == hours * 3600


def test_a_row_with_a_time_of_day_has_no_day_of_its_own(tmp_path: Path) -> None:
    file = csv(tmp_path, f"{HEADER},created_at\nA,1,EUR,29 Mar 2026 10:00\n")
    assert rows(file, tmp_path, tz="Europe/Berlin")[0]["created_end"] is None


@pytest.mark.parametrize(("serial", "hours"), [("46110", 23), ("46320.0", 25), ("46110.5", None)])
def test_a_whole_day_of_a_spreadsheet_lasts_as_long_as_the_day(
    serial: str, hours: int | None, tmp_path: Path
) -> None:
    file = csv(tmp_path, f"{HEADER},created_at\nA,1,EUR,{serial}\n")
    found = rows(file, tmp_path, tz="Europe/Berlin", time="excel")[0]
    end = found["created_end"]
    assert (None if end is None else (end - found["created_at"]) / 3600) == hours


def test_a_column_of_days_lasts_as_long_as_each(tmp_path: Path) -> None:
    days = pa.array([date(2026, 3, 29), date(2026, 10, 25)], pa.date32())
    file = tmp_path / "days.parquet"
    pq.write_table(
        pa.table(
            {
                "order_id": ["A", "B"],
                "amount": ["1", "1"],
                "currency": ["EUR"] * 2,
                "created_at": days,
            }
        ),
        file,
    )
    found = rows(file, tmp_path, tz="Europe/Berlin")
    assert [(row["created_end"] - row["created_at"]) // 3600 for row in found] == [23, 25]


def test_a_time_that_cannot_be_read_puts_its_row_aside(tmp_path: Path) -> None:
    file = csv(tmp_path, f"{HEADER},created_at\nA,1,EUR,31/31/2026\nB,1,EUR,2026-01-05T00:00:00Z\n")
    first, second = rows(file, tmp_path)
    assert first["created_at"] is None
    assert "31/31/2026" in first["trouble"]
    assert second["trouble"] is None


@pytest.mark.parametrize(
    ("text", "asks"),
    [("2026-01-05 10:00", "--tz"), ("5 Jan 2026", "--tz"), ("03/04/2026", "--day-first")],
)
def test_what_only_the_partner_knows_is_asked_for(text: str, asks: str, tmp_path: Path) -> None:
    file = csv(tmp_path, f"{HEADER},created_at\nA,1,EUR,{text}\n")
    with pytest.raises(Unusable, match=asks):
        rows(file, tmp_path)


def parquet(tmp_path: Path, **columns: Any) -> Path:
    file = tmp_path / "orders.parquet"
    given = {"order_id": ["A", "B"], "currency": ["EUR", "EUR"]} | columns
    pq.write_table(pa.table(given), file)
    return file


@pytest.mark.parametrize(
    ("amounts", "wanted"),
    [
        (["1.10", "1e5"], ["1.10", "1e5"]),
        ([Decimal("1.10"), Decimal("-3.00")], ["1.10", "-3.00"]),
        ([5, 7], ["5", "7"]),
    ],
)
def test_parquet_amounts_keep_their_digits(
    amounts: list[Any], wanted: list[str], tmp_path: Path
) -> None:
    file = parquet(tmp_path, amount=amounts)
    assert [row["amount"] for row in rows(file, tmp_path)] == wanted


def test_a_column_of_floats_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Unusable, match="floats"):
        rows(parquet(tmp_path, amount=[1.1, 2.2]), tmp_path)


@pytest.mark.parametrize(
    ("times", "said"),
    [
        ([datetime(2026, 1, 5, tzinfo=UTC)] * 2, {}),
        ([datetime(2026, 1, 5)] * 2, {"tz": "UTC"}),
        ([date(2026, 1, 5)] * 2, {"tz": "UTC"}),
        (["2026-01-05T00:00:00Z"] * 2, {}),
    ],
)
def test_parquet_times_of_every_kind_are_read(
    times: list[Any], said: dict[str, str], tmp_path: Path
) -> None:
    found = rows(parquet(tmp_path, amount=["1", "2"], created_at=times), tmp_path, **said)
    start = int(datetime(2026, 1, 5, tzinfo=UTC).timestamp())
    assert [row["created_at"] for row in found] == [start, start]
    assert [row["line"] for row in found] == [1, 2]


def test_a_table_of_a_database_is_read(tmp_path: Path) -> None:
    con = ibis.duckdb.connect()
    table = con.create_table(
        "orders", pa.table({"order_id": ["A"], "amount": [Decimal("1.50")], "currency": ["EUR"]})
    )
    taken = take_in_table(table, tmp_path, Settings())
    with embedded(tmp_path) as mine:
        (row,) = mine.to_pyarrow(taken.table(mine)).to_pylist()
    assert (row["amount"], row["line"]) == ("1.50", 1)
    # It has no files: a row's number is all there is to find it by.
    places = taken.places(tmp_path)
    places.look_up([np.array([1])])
    assert (places.line(1), places.file(1)) == (1, None)
    con.disconnect()


def test_the_plainest_name_wins_and_the_rest_is_named_as_unused() -> None:
    found = columns_of(["Order ID", "id", "amount", "Fiat Amount", "CCY", "note"], {}, {})
    assert found.found == {"order_id": "Order ID", "currency": "CCY", "amount": "amount"}
    assert found.unused == ("id", "Fiat Amount", "note")
    assert found.kinds() == ("order_id",)


@pytest.mark.parametrize(
    ("data", "why"),
    [
        ({"colums": {}}, "'colums' means nothing"),
        ({"columns": {"amount": 3}}, r"\[columns\] holds"),
        ({"day_first": "yes"}, "day_first is bool"),
        ({"statuses": {"paid": "great"}}, "means success"),
    ],
)
def test_a_file_of_columns_with_a_mistake_says_where(data: dict[str, Any], why: str) -> None:
    with pytest.raises(Unusable, match=why):
        settings_of(data, "columns.toml")
