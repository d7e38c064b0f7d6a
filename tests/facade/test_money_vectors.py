"""Sums, products and orders as the General Decimal Arithmetic has them, whatever the thread's context says.

The kinds are those of its published test groups that money can meet (add, subtract, multiply, minus, abs,
compare, and how a number is written); infinities, NaN and rounding cannot be met. Cases and words are ours.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import ROUND_CEILING, ROUND_UP, Context, Decimal, Inexact, Rounded, setcontext
from decimal import getcontext as current

import pytest
from zerogate.errors import MoneyError
from zerogate.money import Money

SUMS = [
    # Digits after the point are those of the longer one; zeros at the end stay.
    ("2", "3", "5"),
    ("12", "7.00", "19.00"),
    ("1.30", "1.07", "2.37"),
    ("1.3", "-1.30", "0.00"),
    ("1.30", "-2.07", "-0.77"),
    ("0.0", "0.00", "0.00"),
    ("-5.75", "-3.3", "-9.05"),
    ("0.9", "0.1", "1.0"),
    ("9.999", "0.001", "10.000"),
    ("999999999999.99", "0.01", "1000000000000.00"),
    # Far apart: nothing is lost, however long it becomes.
    ("10000000000000000000000000000", "0.000000000000000001", None),
    ("12398765432109876543210", "-12398765432109876543210", "0"),
    ("-0.000000000000000001", "1", "0.999999999999999999"),
    ("4444444444444444444444444444.44", "5555555555555555555555555555.56", None),
]

PRODUCTS = [
    ("1.20", "3", "3.60"),
    ("7", "3", "21"),
    ("0.9", "0.8", "0.72"),
    ("0.90", "-0", "0.00"),
    ("-1.30", "-2", "2.60"),
    ("654321", "654321", "428135971041"),
    ("0.000000001", "0.000000001", "0.000000000000000001"),
    ("123456789012345678.90", "1.000000000000000001", None),
    ("1.00", "1E+2", "100"),
    ("1.00", "1E-2", "0.0100"),
]

ORDERS = [
    ("2.1", "3", -1),
    ("2.1", "2.1", 0),
    ("2.1", "2.10", 0),
    ("3", "2.1", 1),
    ("2.1", "-3", 1),
    ("-3", "2.1", -1),
    ("0", "-0", 0),
    ("0.000", "-0.0", 0),
    ("0.000000000000000000000001", "0", 1),
    ("99999999999999999999999999999.9", "99999999999999999999999999999.8", 1),
    ("1000000000000000000000000000000", "999999999999999999999999999999.99", 1),
]

WRITTEN = [
    (Decimal("1E+3"), "1000"),
    (Decimal("1.5E+3"), "1500"),
    (Decimal("1E-7"), "0.0000001"),
    (Decimal("0E-10"), "0.0000000000"),
    (Decimal("-0.00"), "0.00"),
    (Decimal("123E-2"), "1.23"),
    (Decimal((0, (0, 0, 7, 0), -3)), "0.070"),
]

CONTEXTS = {
    "ordinary": Context(),
    "one digit": Context(prec=1, rounding=ROUND_UP),
    "narrow exponents": Context(prec=3, Emin=-1, Emax=1, rounding=ROUND_CEILING),
    "every signal traps": Context(prec=2, traps=[Inexact, Rounded]),
    "clamped": Context(prec=5, Emin=-2, Emax=2, clamp=1, capitals=0),
}


@pytest.fixture(params=CONTEXTS.values(), ids=CONTEXTS)
def _context(request: pytest.FixtureRequest) -> Iterator[None]:
    before = current()
    setcontext(request.param.copy())
    yield
    flags = {**current().flags}  # a copy: from Python 3.14 on they go with their context
    setcontext(before)
    assert not any(flags.values()), "the thread's own context was used"


def integers(*texts: str) -> tuple[list[int], int]:
    """Amounts as whole multiples of one power of ten: arithmetic that knows no decimals."""
    places = max(len(text.partition(".")[2]) for text in texts)
    return [
        int((whole + part).ljust(len(whole) + places, "0"))
        for whole, _, part in (text.partition(".") for text in texts)
    ], places


@pytest.mark.usefixtures("_context")
@pytest.mark.parametrize(("one", "other", "wanted"), SUMS)
def test_sums(one: str, other: str, wanted: str | None) -> None:
    for first, second in ((one, other), (other, one)):
        total = Money(first, "EUR") + Money(second, "EUR")
        if wanted is not None:
            assert total.wire == wanted
        # A difference is the sum with the other's opposite, and takes a sum back.
        assert (Money(first, "EUR") - -Money(second, "EUR")).wire == total.wire
        assert total - Money(second, "EUR") == Money(first, "EUR")
        (a, b, c), _ = integers(first, second, total.wire)
        assert a + b == c


@pytest.mark.usefixtures("_context")
@pytest.mark.parametrize(("amount", "factor", "wanted"), PRODUCTS)
def test_products(amount: str, factor: str, wanted: str | None) -> None:
    product = Money(amount, "EUR") * Decimal(factor)
    assert product == Decimal(factor) * Money(amount, "EUR")
    if wanted is not None:
        assert product.wire == wanted
    else:
        (a,), places = integers(amount)
        (b,), more = integers(factor)
        (c,), most = integers(product.wire)
        assert a * b * 10 ** (most - places - more) == c


@pytest.mark.usefixtures("_context")
@pytest.mark.parametrize(("one", "other", "order"), ORDERS)
def test_orders(one: str, other: str, order: int) -> None:
    first, second = Money(one, "EUR"), Money(other, "EUR")
    assert (first > second) - (first < second) == order
    assert (first == second) is (order == 0)
    assert (first >= second, first <= second) == (order >= 0, order <= 0)
    if order == 0:
        assert hash(first) == hash(second)


@pytest.mark.usefixtures("_context")
@pytest.mark.parametrize(("number", "text"), WRITTEN)
def test_a_number_is_written_in_plain_digits(number: Decimal, text: str) -> None:
    money = Money(number, "EUR")
    assert money.wire == text
    assert Money(text, "EUR") == money
    assert (-money).wire == (text if not money else f"-{text}")
    assert abs(-money).wire == text


@pytest.mark.parametrize(
    "text", ["Infinity", "-Infinity", "NaN", "-NaN", "sNaN", "NaN123", "1E+999999"]
)
def test_what_is_no_amount_of_money_is_refused(text: str) -> None:
    with pytest.raises(MoneyError, match="not an amount"):
        Money(Decimal(text), "EUR")
