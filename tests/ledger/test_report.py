"""What a report shows and how: exact, harmless, and for people."""

from __future__ import annotations

import csv
import io
import re
from decimal import Decimal
from html.parser import HTMLParser

import pyarrow as pa
import pytest
from zerogate_ledger.breaks import BIT, CLASSES, age_bucket
from zerogate_ledger.errors import DoesNotAddUp
from zerogate_ledger.findings import Total, findings
from zerogate_ledger.match import GATE_EVIDENCE
from zerogate_ledger.report import pictures
from zerogate_ledger.report.files import Csv, safe_cell
from zerogate_ledger.report.page import grouped, text
from zerogate_ledger.report.story import Story, plain_text, story
from zerogate_ledger.terms import Terms

TERMS = Terms(as_of=1_772_000_000, ledger_as_of=0, gate_as_of=0, kinds=("refid",))


@pytest.mark.parametrize(
    ("cell", "shown"),
    [
        ("=1+1", "'=1+1"),
        ("+49 30", "'+49 30"),
        ("-2+3", "'-2+3"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", "'\t=1"),
        ("\r=1", "'\r=1"),
        ("-5.00", "-5.00"),
        ("A-1", "A-1"),
        ("", ""),
        (None, ""),
    ],
)
def test_no_cell_is_a_formula_and_amounts_stay_numbers(cell: str | None, shown: str) -> None:
    assert safe_cell(cell) == shown


def test_a_formula_in_any_field_of_a_break_is_quoted() -> None:
    file = io.StringIO()
    hostile = dict.fromkeys(("order_id", "refid", "status", "amount"), "=cmd|' /C calc'!A0")
    Csv(file).add(Story(("amount",), hostile, hostile, None, "under 1 day", "=x"))
    row = list(csv.reader(io.StringIO(file.getvalue())))[1]
    assert not [cell for cell in row if cell.startswith("=")]


@pytest.mark.parametrize(
    "hostile",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        '"><b>',
        "</td><td>",
        "&lt;b&gt;",
    ],
)
def test_markup_is_shown_as_text(hostile: str) -> None:
    found: list[str] = []

    class Reader(HTMLParser):
        def handle_data(self, data: str) -> None:
            found.append(data)

        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            raise AssertionError(tag)

    reader = Reader()
    reader.feed(text(hostile))
    reader.close()
    assert "".join(found) == hostile


def test_what_hides_or_turns_text_is_spelled_out() -> None:
    assert text("a\u202eb\x00c\u200bd") == "a\\u202eb\\u0000c\\u200bd"


@pytest.mark.parametrize(
    ("amount", "shown"),
    [
        ("0", "0"),
        ("1234567.5", "1,234,567.50"),
        ("-1234.000000000000000001", "−1,234.000000000000000001"),
        ("12345678901234567890123", "12,345,678,901,234,567,890,123"),
    ],
)
def test_amounts_are_shown_with_every_digit(amount: str, shown: str) -> None:
    assert grouped(amount) == shown


def test_plain_amounts_lose_only_the_zeros_of_their_column() -> None:
    assert plain_text(Decimal("100.500000000000000000")) == "100.5"
    assert plain_text(Decimal("100")) == "100"
    assert plain_text(Decimal("-0.000000000000000000")) == "0"


def answer(**changes: object) -> pa.Table:
    row: dict[str, object] = {
        "differences": BIT["amount"],
        "l_code": "EUR",
        "g_code": "EUR",
        "l_order_id": "A",
        "l_amount": "10.01",
        "l_line": 7,
        **dict.fromkeys(GATE_EVIDENCE),
        "g_amount": "10.00",
        "ledger_rows": 1,
        "ledger_sum": Decimal("10.01"),
        "ledger_large": None,
        "gate_rows": 1,
        "gate_sum": Decimal("10.00"),
        "gate_large": None,
        "gate_transactions": 1,
    }
    row |= changes
    money = pa.decimal128(38, 18)
    kinds = {"ledger_sum": money, "ledger_large": money, "gate_sum": money, "gate_large": money}
    whole = {"g_created_at", "g_expires_at", "g_nth", "l_line"}
    schema = {
        name: kinds.get(name)
        or (pa.int64() if name in whole or isinstance(value, int) else pa.string())
        for name, value in row.items()
    }
    return pa.table({name: pa.array([row[name]], kind) for name, kind in schema.items()})


def test_a_row_that_went_astray_fails_the_proof() -> None:
    good = {"EUR": Total(1, Decimal("10.01"))}
    assert findings(answer(), good, 1, TERMS).breaks == 1
    for wrong in ({"EUR": Total(2, Decimal("10.01"))}, {"EUR": Total(1, Decimal("10.02"))}, {}):
        with pytest.raises(DoesNotAddUp):
            findings(answer(), wrong, 1, TERMS)
    with pytest.raises(DoesNotAddUp, match="Gate has 2"):
        findings(answer(), good, 2, TERMS)


def test_amounts_too_large_for_an_engine_are_added_here() -> None:
    large = Decimal("99999999999999999999.999999999999999999")
    rows = answer(ledger_sum=None, ledger_large=large)
    both = pa.concat_tables([rows, rows])
    found = findings(
        both, {"EUR": Total(2, Decimal("199999999999999999999.999999999999999998"))}, 2, TERMS
    )
    assert found.controls["EUR"].breaks.amount == Decimal(
        "199999999999999999999.999999999999999998"
    )


def test_a_break_tells_both_sides_and_the_exact_difference() -> None:
    found = findings(answer(), {"EUR": Total(1, Decimal("10.01"))}, 1, TERMS)
    (row,) = found.rows()
    told = story(row, TERMS.as_of)
    assert (told.order, told.difference) == ("A", "-0.01")
    assert told.ledger["line"] == "7"


def test_an_unreadable_value_is_named_with_its_line() -> None:
    rows = answer(differences=BIT["unreadable"], l_amount="1,5", ledger_sum=None)
    found = findings(rows, {"EUR": Total(1)}, 1, TERMS)
    (row,) = found.rows()
    assert story(row, TERMS.as_of).note == "line 7: ledger amount '1,5'"


def test_every_class_has_a_colour_a_title_and_a_next_step() -> None:
    assert set(pictures.FAMILY) == {row.code for row in CLASSES}
    for row in CLASSES:
        assert row.title
        assert row.next_step.endswith(".")


def test_pictures_keep_their_numbers_and_close_their_tags() -> None:
    drawn = pictures.by_class({"amount": 1_200, "fee": 1, "matched": 9})
    assert "1,200" in drawn
    assert drawn.count("<title>") == 2
    assert pictures.by_day({(20_500, "amount"): 3, (None, "fee"): 1}).startswith("<svg")
    assert pictures.by_day({(None, "fee"): 1}) == ""


@pytest.mark.parametrize("days", [1, 40, 200, 3_000, 700_000])
def test_time_has_room_for_any_span_of_days(days: int) -> None:
    drawn = pictures.by_day({(0, "amount"): 1, (days, "fee"): 2})
    assert 1 <= len(re.findall("<rect", drawn)) <= 100


@pytest.mark.parametrize(
    ("age", "name"),
    [(-5, "under 1 day"), (86_399, "under 1 day"), (86_400, "1–3 days"), (10**9, "over 90 days")],
)
def test_ages_fall_into_one_bucket(age: int, name: str) -> None:
    assert age_bucket(TERMS.as_of - age, TERMS.as_of) == name
    assert age_bucket(None, TERMS.as_of) == "unknown age"
