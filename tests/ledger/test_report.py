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
from zerogate_ledger.controls import Total
from zerogate_ledger.errors import DoesNotAddUp
from zerogate_ledger.findings import findings
from zerogate_ledger.match import GATE_EVIDENCE
from zerogate_ledger.match_inputs import Terms
from zerogate_ledger.report import charts
from zerogate_ledger.report.files import Csv, safe_cell
from zerogate_ledger.report.page import _row, grouped, page, text
from zerogate_ledger.report.story import Story, plain_text, story

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
        "outside": False,
        "l_state": 0,
        "g_state": 0,
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
        or (pa.bool_() if isinstance(value, bool) else None)
        or (pa.int64() if name in whole or isinstance(value, int) else pa.string())
        for name, value in row.items()
    }
    return pa.table({name: pa.array([row[name]], kind) for name, kind in schema.items()})


def test_a_row_that_went_astray_fails_the_proof() -> None:
    good = {("EUR", "settled"): Total(1, Decimal("10.01"))}
    assert findings([answer()], good, 1, TERMS).breaks == 1
    for wrong in (
        {("EUR", "settled"): Total(2, Decimal("10.01"))},
        {("EUR", "settled"): Total(1, Decimal("10.02"))},
        {},
    ):
        with pytest.raises(DoesNotAddUp):
            findings([answer()], wrong, 1, TERMS)
    with pytest.raises(DoesNotAddUp, match="Gate has 2"):
        findings([answer()], good, 2, TERMS)


def test_amounts_too_large_for_an_engine_are_added_here() -> None:
    large = Decimal("99999999999999999999.999999999999999999")
    rows = answer(ledger_sum=None, ledger_large=large)
    both = pa.concat_tables([rows, rows])
    found = findings(
        [both],
        {("EUR", "settled"): Total(2, Decimal("199999999999999999999.999999999999999998"))},
        2,
        TERMS,
    )
    assert found.controls["EUR"].breaks.amount == Decimal(
        "199999999999999999999.999999999999999998"
    )


def test_a_break_tells_both_sides_and_the_exact_difference() -> None:
    found = findings([answer()], {("EUR", "settled"): Total(1, Decimal("10.01"))}, 1, TERMS)
    (row,) = found.rows()
    told = story(row, TERMS.as_of)
    assert (told.order, told.difference) == ("A", "-0.01")
    assert told.ledger["line"] == "7"


def told(**changes: object) -> Story:
    """The only break of an answer."""
    rows = answer(**changes)
    ledger = {("EUR", "settled"): Total(1, rows["ledger_sum"][0].as_py() or Decimal())}
    (row,) = findings([rows], ledger, 1, TERMS).rows()
    return story(row, TERMS.as_of)


@pytest.mark.parametrize(
    ("changes", "note"),
    [
        ({"l_amount": "1,5", "ledger_sum": None}, "line 7: ledger amount '1,5'"),
        ({"g_code": None}, "line 7: Gate currency missing"),
        ({"l_amount": None, "ledger_sum": None}, "line 7: ledger amount missing"),
    ],
)
def test_what_cannot_be_read_is_named_with_its_line(changes: dict[str, object], note: str) -> None:
    assert told(differences=BIT["unreadable"], **changes).note == note


def test_a_difference_has_the_decimals_of_the_amounts() -> None:
    amounts = {"l_amount": "11.000", "ledger_sum": Decimal(11), "g_amount": "10.00"}
    assert told(**amounts).difference == "-1.000"
    whole = {"l_amount": "11", "ledger_sum": Decimal(11), "g_amount": "10"}
    assert told(**whole).difference == "-1"


@pytest.mark.parametrize(
    ("code", "fields", "about"),
    [
        ("asset", {"l_network": "base", "g_network": "tron"}, ("network",)),
        (
            "asset",
            {"l_network": "base", "g_network": "BASE", "l_token": "A", "g_token": "B"},
            ("token",),
        ),
        ("amount", {"g_token_amount": "9.5"}, ()),
        ("late_money", {"g_session_status": "cancelled"}, ("session_status",)),
    ],
)
def test_a_break_shows_the_fields_that_make_it_one(
    code: str, fields: dict[str, object], about: tuple[str, ...]
) -> None:
    found = told(differences=BIT[code], **fields)
    assert found.about == about
    drawn = _row(found)
    for name in about:
        value = found.gate[name]
        assert f"<div class=note>{name.replace('_', ' ')} {value}</div>" in drawn
        assert f"<dd class=differs>{value}" in drawn


def test_the_page_says_why_breaks_and_matched_rows_are_more_than_the_ledger() -> None:
    beyond = answer(
        differences=BIT["paid_twice"], ledger_rows=0, ledger_sum=None, l_code=None, l_order_id=None
    )
    rows = pa.concat_tables([answer(), beyond])
    found = findings([rows], {("EUR", "settled"): Total(1, Decimal("10.01"))}, 2, TERMS)
    assert "1 in breaks; 1 more break only at Gate" in page(found, [], {"ledger": "orders.csv"})


def test_how_it_was_compared_is_said_in_words() -> None:
    found = findings([answer()], {("EUR", "settled"): Total(1, Decimal("10.01"))}, 1, TERMS)
    about = {
        "ledger": "orders.csv",
        "columns": {"amount": "Betrag", "status": "status"},
        "gate_statuses": {"success": ["completed", "SETTLED"], "failure": []},
        "seconds_until_due": 5_400,
        "seconds_until_missing": 86_400,
        "time_zone_of_naive_times": None,
    }
    drawn = page(found, [], about)
    for name, value in (
        ("columns", "amount: Betrag; status"),
        ("gate statuses", "success: completed, SETTLED; failure: none"),
        ("may be on one side only for", "90m"),
        ("missing after", "1d"),
        ("time zone of naive times", "none"),
    ):
        assert f"<dt>{name}<dd>{value}" in drawn


def test_every_class_has_a_colour_a_title_and_a_next_step() -> None:
    assert set(charts.FAMILY) == {row.code for row in CLASSES}
    for row in CLASSES:
        assert row.title
        assert row.next_step.endswith(".")


def test_pictures_keep_their_numbers_and_close_their_tags() -> None:
    drawn = charts.by_class({"amount": 1_200, "fee": 1, "matched": 9})
    assert "1,200" in drawn
    assert drawn.count("<title>") == 2
    assert charts.by_time({(20_500, "amount"): 3, (None, "fee"): 1})[1].startswith("<svg")
    assert charts.by_time({(None, "fee"): 1})[1] == ""


@pytest.mark.parametrize(
    ("days", "period"),
    [(0, "day"), (1, "day"), (40, "day"), (200, "week"), (3_000, "month"), (700_000, "month")],
)
def test_time_has_room_for_any_span_of_days_and_says_what_a_column_is(
    days: int, period: str
) -> None:
    name, drawn = charts.by_time({(0, "amount"): 1, (days, "fee"): 2})
    assert name == period
    assert 1 <= len(re.findall("<rect", drawn)) <= 100
    assert f"by the {period} they began" in drawn


@pytest.mark.parametrize(
    ("age", "name"),
    [(-5, "under 1 day"), (86_399, "under 1 day"), (86_400, "1–3 days"), (10**9, "over 90 days")],
)
def test_ages_fall_into_one_bucket(age: int, name: str) -> None:
    assert age_bucket(TERMS.as_of - age, TERMS.as_of) == name
    assert age_bucket(None, TERMS.as_of) == "unknown age"


def test_both_sides_show_which_of_their_fields_differ() -> None:
    found = told(differences=BIT["amount"] | BIT["status_conflict"], l_status="paid", g_status="x")
    assert found.differing == {"amount", "status"}
    drawn = _row(found)
    assert "<dt>amount<dd class=differs>10.01" in drawn
    assert "<dt>amount<dd class=differs>10.00" in drawn
    assert "<dt>currency<dd>EUR" in drawn
