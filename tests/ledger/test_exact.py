"""Amounts of a ledger are exact: which text is one, what may be added up, and what a tolerance forgives."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import ibis
import pyarrow as pa
import pytest
from zerogate_ledger.controls import Control, Parts, Tolerance, Total
from zerogate_ledger.engine import embedded
from zerogate_ledger.exact import AMOUNT, EXACT, exact, is_plain, plain, reaches, summand

pytestmark = [
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::FutureWarning"),
]

AMOUNTS = [
    "0",
    "-0",
    "7",
    "-7.5",
    "0.000000000000000001",
    "9" * 20,
    "1" + "0" * 19,
    "-" + "9" * 20 + "." + "9" * 18,
    "10.10",
]
NO_AMOUNTS = [
    *("", " ", "+1", "1.", ".5", "01", "00", "1e5", "1_000", "1,5", " 1", "1 ", "1\n", "--1", "-"),
    *("٣", "NaN", "1.5!", "1" * 21, "0." + "1" * 19, "1.2.3"),
    None,
]


def told(texts: list[str | None], *columns: Any) -> list[dict[str, Any]]:
    """Return what DuckDB makes of texts."""
    rows = pa.table({"n": list(range(len(texts))), "text": pa.array(texts, pa.string())})
    with embedded() as con:
        table = con.create_table("texts", rows)
        asked = table.select(
            "n", **{f"v{i}": column(table.text) for i, column in enumerate(columns)}
        )
        found: list[dict[str, Any]] = con.to_pyarrow(asked.order_by("n")).to_pylist()
    return found


def test_text_is_an_exact_decimal_in_the_engine_and_in_python_or_it_is_none() -> None:
    texts = [*AMOUNTS, *NO_AMOUNTS]
    said = told(texts, plain, exact)
    assert [row["v0"] for row in said] == [text in AMOUNTS for text in texts]
    assert [is_plain(text) for text in texts] == [text in AMOUNTS for text in texts]
    for text, row in zip(texts, said, strict=True):
        assert row["v1"] == (Decimal(text) if text in AMOUNTS else None), text  # type: ignore[arg-type]


def test_what_is_added_up_has_a_digit_to_spare_on_either_side_of_nothing() -> None:
    below, limit = "9" * 19 + ".5", "1" + "0" * 19
    texts = ["0", below, f"-{below}", limit, f"-{limit}", "9" * 20, "0.000000000000000001"]
    said = told(texts, lambda text: summand(exact(text)), lambda text: reaches(exact(text), 19))
    kept = [below, f"-{below}", "0", "0.000000000000000001"]
    assert [row["v0"] for row in said] == [Decimal(t) if t in kept else None for t in texts]
    assert [row["v1"] for row in said] == [text not in kept for text in texts]


def test_an_amount_reaches_a_one_with_so_many_zeros() -> None:
    texts = ["99.999", "100", "-99.999", "-100", "100.001", "-1000"]
    said = told(texts, lambda text: reaches(exact(text), 2), lambda text: reaches(exact(text), 0))
    assert [row["v0"] for row in said] == [False, True, False, True, True, True]
    assert all(row["v1"] for row in said)
    assert ibis.literal(1).cast(AMOUNT).type() == AMOUNT


def test_a_sum_of_two_has_one_digit_more_than_each_and_still_fits() -> None:
    kind = summand(exact(ibis.literal("1.5"))).type()
    # SQL's rule for a sum; an engine that keeps to it drops digits of what has 39.
    assert (kind.precision or 0) + 1 == 38 == AMOUNT.precision
    assert kind.scale == AMOUNT.scale


def test_no_digit_is_lost_however_small_it_is() -> None:
    tiny = Decimal("1E-999999999999999999")
    assert EXACT.multiply(tiny, Decimal(1)) == tiny


def test_totals_add_up_without_losing_a_digit_and_count_what_cannot_be_read() -> None:
    total = Total()
    for amount in (Decimal("9" * 60 + "." + "9" * 40), Decimal("0." + "0" * 39 + "1"), None):
        total.add(2, amount)
    assert (total.rows, total.amount) == (6, Decimal("1" + "0" * 60))
    assert (Total().rows, Total().amount) == (0, 0)


def test_a_row_is_booked_into_the_whole_and_into_its_state() -> None:
    control = Control()
    control.book("breaks", "failed", 2, Decimal("1.50"))
    control.book("breaks", "settled", 1, Decimal("2.25"))
    control.book("matched", "settled", 3, None)
    assert (control.breaks, control.matched) == (Total(3, Decimal("3.75")), Total(3, Decimal(0)))
    assert [name for name, _ in control.in_order()] == ["settled", "failed"]
    states = dict(control.in_order())
    assert states["settled"] == Parts(
        breaks=Total(1, Decimal("2.25")), matched=Total(3, Decimal(0))
    )
    assert states["failed"].breaks == Total(2, Decimal("1.50"))


CENT = Decimal("0.01")


@pytest.mark.parametrize(
    ("tolerance", "one", "other", "forgiven"),
    [
        (Tolerance(), "1.00", "1.00", True),
        (Tolerance(), "1.00", "1.000000000000000001", False),
        (Tolerance(CENT), "1.01", "1.00", True),
        (Tolerance(CENT), "0.99", "1.00", True),
        (Tolerance(CENT), "1.02", "1.00", False),
        (Tolerance(CENT), "-1.01", "-1.00", True),
        (Tolerance(CENT), "1.00", "-1.00", False),
        (Tolerance(CENT, {"EUR": Decimal(0)}), "1.01", "1.00", False),
        (Tolerance(Decimal(0), {"EUR": CENT}), "1.01", "1.00", True),
        (Tolerance(CENT, {"JPY": Decimal(0)}), "1.01", "1.00", True),
        # Two per cent of Gate's amount, where that is more.
        (Tolerance(percent=Decimal(2)), "102.00", "100.00", True),
        (Tolerance(percent=Decimal(2)), "102.01", "100.00", False),
        (Tolerance(percent=Decimal(2)), "-98.00", "-100.00", True),
        (Tolerance(Decimal(3), percent=Decimal(2)), "103.00", "100.00", True),
        (Tolerance(Decimal(1), percent=Decimal(2)), "102.00", "100.00", True),
    ],
)
def test_a_tolerance_forgives_as_much_as_it_says_and_no_more(
    tolerance: Tolerance, one: str, other: str, forgiven: bool
) -> None:
    assert tolerance.forgives(Decimal(one), Decimal(other), "EUR") is forgiven


def test_what_cannot_be_read_is_never_forgiven_and_no_currency_has_the_limit_of_all() -> None:
    tolerance = Tolerance(Decimal(10**9), {"": CENT})
    assert not tolerance.forgives(None, Decimal(1), "EUR")
    assert not tolerance.forgives(Decimal(1), None, "EUR")
    assert tolerance.forgives(Decimal(1), Decimal(2), "EUR")
    assert not tolerance.forgives(Decimal(1), Decimal(2), None)


def test_a_tolerance_is_off_until_one_is_named() -> None:
    off = Tolerance()
    assert (off.limit, off.percent, dict(off.by_currency)) == (Decimal(0), Decimal(0), {})
