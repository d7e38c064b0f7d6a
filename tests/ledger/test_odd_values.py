"""Values that no ledger should hold but a file, a table or a command line may: read exactly, or refused."""

from __future__ import annotations

import argparse
import gc
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import ibis
import pyarrow as pa
import pytest
from zerogate_ledger import dates, options, records
from zerogate_ledger.arrow_text import as_text, check_type
from zerogate_ledger.batches import unique_names
from zerogate_ledger.changes import Since
from zerogate_ledger.databases import table_reader
from zerogate_ledger.engine import embedded
from zerogate_ledger.errors import Unusable
from zerogate_ledger.ledger_files import ledger_files
from zerogate_ledger.pipeline import ledger_words
from zerogate_ledger.report import page, story
from zerogate_ledger.shard_files import read_answers

ID = UUID("0d3b2a1c-0000-4000-8000-000000000001")


@pytest.mark.parametrize(
    ("values", "texts"),
    [
        (pa.array([ID.bytes, None], pa.uuid()), [str(ID), None]),
        (pa.chunked_array([["a"], ["b", None]]), ["a", "b", None]),
        (pa.array(["a", "a", None]).dictionary_encode(), ["a", "a", None]),
        (pa.ExtensionArray.from_storage(pa.json_(), pa.array(['{"a":1}'])), ['{"a":1}']),
        (pa.array([Decimal("0E-18"), None], pa.decimal128(38, 18)), ["0.000000000000000000", None]),
    ],
    ids=["UUIDs", "chunks", "a dictionary", "an extension", "zero to many places"],
)
def test_a_column_is_the_text_that_a_person_would_read(values: Any, texts: list[Any]) -> None:
    assert as_text(values).to_pylist() == texts


def test_bytes_that_are_no_text_are_refused() -> None:
    with pytest.raises(Unusable, match="no UTF-8"):
        as_text(pa.array([b"\xff"], pa.binary()))


@pytest.mark.parametrize("kind", [pa.list_(pa.string()), pa.struct({"a": pa.string()})])
def test_a_column_of_lists_or_structs_is_no_column_of_texts(kind: pa.DataType) -> None:
    with pytest.raises(Unusable, match="one text or decimal in each row"):
        check_type("amount", "sum", kind)


@pytest.mark.parametrize("kind", list(dates.NUMBERED))
@pytest.mark.parametrize("text", ["1e5", "soon", "9" * 30])
def test_a_number_of_no_calendar_is_no_date(kind: str, text: str) -> None:
    with pytest.raises(dates.NotADate):
        dates.numbered(text, kind, ZoneInfo("UTC"))


def test_a_day_of_a_spreadsheet_needs_a_time_zone() -> None:
    assert dates.numbered("25569", "excel", ZoneInfo("UTC")) == 0
    with pytest.raises(dates.NaiveDate, match="names no time zone"):
        dates.numbered("25569", "excel")


@pytest.mark.parametrize(
    ("text", "both"),
    [("2026-03-04", False), ("03.04.2026", True), ("13.04.2026", False), ("March", False)],
)
def test_a_date_may_have_two_readings(text: str, both: bool) -> None:
    assert dates.has_both_readings(text) is both


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, None),
        ("1.50", "1.50"),
        (True, "true"),
        (False, "false"),
        (Decimal("1E+2"), "100"),
        (7, "7"),
        ({"b": [1]}, '{"b":[1]}'),
    ],
)
def test_a_value_of_gate_is_text_digit_for_digit(value: Any, text: str | None) -> None:
    assert records.text(value) == text


def test_a_float_in_a_record_is_refused() -> None:
    with pytest.raises(TypeError, match="parse_float=Decimal"):
        records.text(1.5)


@pytest.mark.parametrize(
    ("read", "text"),
    [
        (options._shard, "9/8"),
        (options._shard, "0/8"),
        (options._pair, "amount="),
        (options._pair, "amount"),
        (options._amount, "-1"),
        (options._amount, "1e3"),
        (options._whole_number, "-1"),
        (options._whole_number, "12345"),
        (options._span, "90"),
        (options._span, "3 weeks"),
    ],
)
def test_a_word_of_the_command_line_that_says_nothing_is_shown(
    read: Callable[[str], object], text: str
) -> None:
    with pytest.raises(argparse.ArgumentTypeError, match=f"'{text}' is not"):
        read(text)


@pytest.mark.parametrize(
    ("seconds", "span"), [(259_200, "3d"), (5_400, "90m"), (59, "59s"), (0, "0s")]
)
def test_a_span_is_said_in_its_largest_whole_unit(seconds: int, span: str) -> None:
    assert page._span(seconds) == span


def test_a_moment_outside_every_calendar_is_a_bare_number() -> None:
    assert story.when(0) == "1970-01-01T00:00:00Z"
    assert story.when(10**15) == "1000000000000000"


def test_a_folder_without_what_is_looked_for_says_so(tmp_path: Path) -> None:
    with pytest.raises(Unusable, match="no shards in"):
        list(read_answers(tmp_path, "a match"))
    with pytest.raises(Unusable, match="no ledger in"):
        ledger_files(str(tmp_path))


@pytest.mark.parametrize("line", ["[]", "{}", "no JSON", '{"differences": 1}'])
def test_lines_that_no_report_wrote_are_no_earlier_report(line: str) -> None:
    with pytest.raises(Unusable, match=r"is not the breaks\.jsonl of a report"):
        Since.of("2026-05-26", [line], "old.jsonl")


def test_a_table_that_is_not_there_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.db").touch()
    with pytest.raises(Unusable, match="cannot read table 'orders'"):
        table_reader(f"sqlite:///{tmp_path}/a.db", "orders")


def test_no_heading_is_said_twice_whatever_the_file_calls_its_columns() -> None:
    assert unique_names(["a", "a (column 3)", "a", " a ", "", "(column 5)"]) == [
        "a",
        "a (column 3)",
        "a (column 3) (column 3)",
        "a (column 4)",
        "(column 5)",
        "(column 5) (column 6)",
    ]


@pytest.mark.parametrize("nulls", [0, 2])
def test_two_hundred_words_are_a_status_and_one_more_is_none(nulls: int) -> None:
    """Rows without a status are no word of it: they take no other one's place."""
    with embedded() as con:
        for count, fits in ((200, True), (201, False), (202, False)):
            words = [None] * nulls + [f"word-{number}" for number in range(count)]
            rows = ibis.memtable(pa.table({"status": words}))
            if fits:
                read = ledger_words(con, rows, {})
                assert read is not None
                assert len(read.meanings) == count
            else:
                with pytest.raises(Unusable, match="over 200 different values"):
                    ledger_words(con, rows, {})


def test_two_matches_at_once_leave_the_collection_of_garbage_as_it_was(tmp_path: Path) -> None:
    before = gc.get_threshold()
    first, second = embedded(tmp_path), embedded(tmp_path)
    first.__enter__()
    second.__enter__()
    first.__exit__(None, None, None)
    during = gc.get_threshold()
    second.__exit__(None, None, None)
    try:
        assert during[0] >= 100_000
        assert gc.get_threshold() == before
    finally:
        gc.set_threshold(*before)
