"""What a report shows and how: exact, harmless, and for people."""

from __future__ import annotations

import csv
import io
import os
import re
import stat
from decimal import Decimal
from html.parser import HTMLParser
from pathlib import Path

import pyarrow as pa
import pytest
from zerogate_ledger.breaks import AGES, BIT, CLASSES, age_bucket
from zerogate_ledger.controls import Total
from zerogate_ledger.errors import DoesNotAddUp
from zerogate_ledger.findings import findings
from zerogate_ledger.match import GATE_EVIDENCE
from zerogate_ledger.match_inputs import Terms
from zerogate_ledger.report import charts
from zerogate_ledger.report.files import Csv, safe_cell
from zerogate_ledger.report.markup import breakable, grouped, text
from zerogate_ledger.report.page import page
from zerogate_ledger.report.payments import MOST_TOGETHER, payments
from zerogate_ledger.report.severity import LEVEL, LEVELS, by_level
from zerogate_ledger.report.stories import story_of
from zerogate_ledger.report.story import Story, plain_text, story
from zerogate_ledger.report.write import _hidden, _part

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
    ours = Total(rows["ledger_rows"][0].as_py(), rows["ledger_sum"][0].as_py() or Decimal())
    ledger = {("EUR", "settled"): ours} if ours.rows else {}
    (row,) = findings([rows], ledger, 1, TERMS).rows()
    return story(row, TERMS.as_of)


@pytest.mark.parametrize(
    ("changes", "note"),
    [
        (
            {"l_amount": "1,5", "ledger_sum": None},
            "line 7: ledger amount '1,5': say decimal and thousands under [format]",
        ),
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


def marked(*stories: Story) -> set[tuple[str, str]]:
    """The fields that stand out in the only payment of these breaks, with what they say."""
    (payment,) = payments(stories)
    drawn = story_of(payment)
    found = [
        (name, value)
        for name, row in re.findall(r"<tr data-field=(\w+)>(.*?)(?=<tr|</tbody)", drawn)
        for value in re.findall(r"<td class=differs[^>]*>([^<]*)", row)
    ]
    absent = re.findall(r"<strong class=differs>([^<]+)", drawn)
    return {*found, *(("", said) for said in absent)}


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
    for name in about:
        assert (name, found.gate[name]) in marked(found)


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


def test_every_class_has_a_level_a_title_and_a_next_step() -> None:
    assert set(LEVEL) == {row.code for row in CLASSES}
    for row in CLASSES:
        assert row.title
        assert row.next_step.endswith(".")


def test_no_class_is_of_a_worse_level_than_the_one_before_it() -> None:
    levels = [LEVELS.index(LEVEL[row.code]) for row in CLASSES]
    assert levels == sorted(levels)
    assert set(levels) == set(range(len(LEVELS)))
    assert by_level({"fee": 2, "amount": 1, "late": 4, "rate": 3, "matched": 9}) == (
        ("act", 1),
        ("correct", 5),
        ("watch", 4),
    )


def test_pictures_keep_their_numbers_and_close_their_tags() -> None:
    drawn = charts.by_age({("1–3 days", "amount"): 1_200, ("1–3 days", "late"): 1})
    assert "1,201" in drawn
    assert drawn.count("<title>") == drawn.count("</title>") == 2
    # Each age has its place, whatever there is of it: but not an age that nobody knows.
    assert [age for age in AGES if f">{age}<" in drawn] == [*AGES[:-1]]
    assert ">unknown age<" in charts.by_age({("unknown age", "amount"): 1})


@pytest.mark.parametrize("counts", [[1], [1, 1_000_000], [1_000_000, 1, 1], [5, 3, 2]])
def test_a_part_is_seen_beside_a_million_and_no_bar_is_longer_than_its_whole(
    counts: list[int],
) -> None:
    levels = [(level.code, count) for level, count in zip(LEVELS, counts, strict=False)]
    drawn = charts.meter(levels, "shares")
    wide = [float(one) for one in re.findall(r'<rect x="[^"]+" y="0" width="([^"]+)"', drawn)]
    assert len(wide) == len(counts)
    assert min(wide) >= 1.9
    assert sum(wide) <= charts.WIDTH


@pytest.mark.parametrize(
    ("days", "period"),
    [
        (0, "hour"),
        (1, "hour"),
        (2, "day"),
        (90, "day"),
        (200, "week"),
        (3_000, "month"),
        (700_000, "month"),
    ],
)
def test_time_has_room_for_any_span_of_days_and_says_what_a_column_is(
    days: int, period: str
) -> None:
    told = charts.by_time({(7, "amount"): 1, (days * 24 + 9, "fee"): 2})
    assert told is not None
    assert told.period == period
    assert 1 <= len(re.findall("<rect", told.drawn)) <= 100
    assert f"by the {period} they began" in told.drawn
    # Nothing is left out in silence.
    seen = sum(int(n) for n in re.findall(r"<title>[^<]*: (\d+)</title>", told.drawn))
    assert seen + told.earlier == 3


def test_a_day_is_told_by_its_hours_and_what_has_no_time_in_no_picture() -> None:
    told = charts.by_time({(34, "amount"): 3, (None, "fee"): 1})
    assert told is not None
    assert "<title>1970-01-02 10:00, act: 3</title>" in told.drawn
    assert re.findall(">(1970-01-02|12:00|23:00)<", told.drawn)
    assert charts.by_time({(None, "fee"): 1}) is None


def test_the_axis_of_time_goes_on_to_where_the_ledger_ends_unless_that_is_long_after() -> None:
    day = 24
    one = charts.by_time({(7 * day, "amount"): 1}, ends=37 * 86_400)
    assert one is not None
    assert (one.period, ">1970-02-07<" in one.drawn) == ("day", True)
    alone = charts.by_time({(7 * day, "amount"): 1}, ends=20_000 * 86_400)
    assert alone is not None
    assert alone.period == "hour"


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
    assert marked(found) == {
        ("amount", "10.01"),
        ("amount", "10.00"),
        ("status", "paid"),
        ("status", "x"),
    }


#: A row that has everything, so that each class has what it is about.
FULL = {
    f"{side}_{name}": f"{side} {name}"
    for side in ("l", "g")
    for name in ("order_id", "refid", "session_id", "rail_id", "mode", "action", "status", "token")
} | {"g_session_status": "expired", "g_record": "transaction", "g_total_fees": "1", "l_fee": "2"}


@pytest.mark.parametrize("code", [row.code for row in CLASSES])
@pytest.mark.parametrize("alike", [False, True], ids=["sides differ", "sides agree"])
def test_each_class_marks_what_makes_it_one(code: str, alike: bool) -> None:
    fields: dict[str, object] = {**FULL}
    if alike:
        fields |= {name: value.replace("l ", "g ") for name, value in FULL.items()}
        fields |= {"l_fee": "1", "l_amount": "10.00", "ledger_sum": Decimal("10.00")}
    if code in {"missing_remote", "late", "not_yet_due"}:
        fields |= {"gate_rows": 0, "gate_sum": None}
    if code == "missing_local":
        fields |= {"ledger_rows": 0, "ledger_sum": None}
    if code == "unreadable":
        fields |= {"l_amount": "1,5", "ledger_sum": None}
    if code in {"rate", "date"}:
        times = {"l_created_at": 5, "g_created_at": 9}
        fields |= {"l_rate": "1", "g_exchange_rate": "2", **times}
    if code == "open_past_expiry":
        fields |= {"g_expires_at": 7}
    found = told(differences=BIT[code], **fields)
    assert marked(found)


def test_breaks_of_one_order_are_one_story_that_shows_each_record_once() -> None:
    booked = {"order_id": "A", "line": "7", "amount": "250.00", "currency": "EUR"}
    first, second = (
        {"order_id": "A", "refid": r, "amount": "250.00", "currency": "EUR"} for r in "xy"
    )
    twice = [
        Story(("paid_twice",), booked, first, None, "1–3 days", None),
        Story(("late_money",), {"order_id": "B"}, {}, None, "under 1 day", None),
        Story(("paid_twice", "rate"), {}, second, None, "3–7 days", None),
    ]
    one, other = payments(twice)
    assert (one.order, other.order) == ("A", "B")
    assert [(side.name, dict(side.fields)) for side in one.sides()] == [
        ("Ledger", booked),
        ("Gate", first),
        ("Gate", second),
    ]
    assert (one.money, one.age, one.also) == ((("500.00", "EUR"),), "3–7 days", ("rate",))
    assert marked(twice[0], twice[2]) >= {("refid", "x"), ("refid", "y")}
    assert story_of(one).count("<th scope=col") == 2 * 3  # shown, and folded away


def test_an_id_that_thousands_of_rows_share_makes_no_story_without_end() -> None:
    rows = [
        Story(("missing_remote",), {"order_id": "n/a", "line": str(n)}, {}, None, "1–3 days", None)
        for n in range(20)
    ]
    told_together = payments(rows)
    assert [len(one.stories) for one in told_together] == [6, 6, 6, 2]
    assert MOST_TOGETHER == 6
    shown = [re.findall(r"<tr data-field=line>(.*?)<tr", story_of(one)) for one in told_together]
    assert (
        sum(row.count("<td") - row.count("<td class=nothing") for rows in shown for row in rows)
        == 20
    )


def test_a_record_that_met_none_of_its_order_says_so_beside_one_of_another_break() -> None:
    booked = {"order_id": "A", "refid": "x", "amount": "1.00", "currency": "EUR"}
    there = {**booked, "refid": "y"}
    apart = [
        Story(("missing_remote",), booked, {}, None, "1–3 days", None),
        Story(("not_yet_due",), {}, there, None, "under 1 day", None),
    ]
    assert marked(*apart) == {("", "not at Gate"), ("", "not in the ledger")}
    assert marked(apart[0]) == {("", "no record")}


def test_rows_without_any_id_stay_apart() -> None:
    rows = [Story(("unreadable",), {"line": str(n)}, {}, None, "1–3 days", None) for n in (1, 2)]
    assert [one.order for one in payments(rows)] == ["line 1", "line 2"]


def test_an_amount_breaks_between_its_thousands_only() -> None:
    assert breakable("-1234567.5") == "−1,<wbr>234,<wbr>567<wbr>.50"


@pytest.mark.parametrize(("umask", "mode"), [(0o022, 0o644), (0o027, 0o640), (0o077, 0o600)])
def test_a_report_has_the_rights_that_the_umask_gives(
    tmp_path: Path, umask: int, mode: int
) -> None:
    before = os.umask(umask)
    try:
        with _part(tmp_path / "breaks.csv") as file:
            file.write("order_id\n")
    finally:
        os.umask(before)
    assert stat.S_IMODE(_hidden(tmp_path / "breaks.csv").stat().st_mode) == mode
