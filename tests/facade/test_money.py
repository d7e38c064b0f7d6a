"""Money is exact: what cannot be held exactly is refused, never rounded."""

from __future__ import annotations

import copy
import doctest
import json
import operator
import pickle
import re
from collections.abc import Callable
from decimal import Context, Decimal, localcontext
from enum import IntEnum, StrEnum
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError
from zerogate import money
from zerogate.errors import MoneyError
from zerogate.money import EXPONENTS, ISO_4217_DATE, Money, fiat_text

amounts = st.decimals(allow_nan=False, allow_infinity=False, places=18).map(
    lambda number: number % Decimal(10**20)
)


@pytest.mark.parametrize(
    "amount",
    [
        "1e5",
        "1,00",
        "1.234,56",
        "NaN",
        "Infinity",
        "",
        " 1",
        "1\n",
        "+1",
        "1.",
        ".5",
        "01",
        "--1",
        "0x10",
        "1_000",
        "٣.00",
        "１００",
        "1" * 101,
        Decimal("NaN"),
        Decimal("sNaN"),
        Decimal("Infinity"),
        Decimal("1E+100"),
        Decimal("1E-101"),
        10**100,
        0.1,
        float("nan"),
        True,
        None,
        b"1",
    ],
    ids=lambda amount: repr(amount)[:24],
)
def test_what_is_not_an_exact_amount_is_refused_with_the_remedy(amount: Any) -> None:
    with pytest.raises(MoneyError, match=r"plain digits|a float|100 digits") as caught:
        Money(amount, "EUR")
    assert str(amount)[:20] in str(caught.value) or repr(amount)[:20] in str(caught.value)
    assert isinstance(caught.value, ValueError)


@pytest.mark.parametrize(
    "amount",
    [
        Decimal("1E-100"),
        Decimal("1E+99"),
        Decimal("9" * 100 + "." + "9" * 100),
        "1" * 100,
        "0." + "1" * 98,
    ],
    ids=lambda amount: repr(amount)[:24],
)
def test_an_amount_at_the_limits_is_kept_whole(amount: Any) -> None:
    money = Money(amount, "ETH")
    assert money.amount == Decimal(amount)
    assert (money - Money("1", "ETH")) + Money("1", "ETH") == money


@pytest.mark.parametrize("code", ["", "eur", "€", "E", "EUR ", "EUR\n", "X" * 33, "-EUR", None])
def test_what_is_not_a_code_is_refused(code: Any) -> None:
    told = "was given no code" if code is None else "not a currency or token code"
    with pytest.raises(MoneyError, match=f"{told}.*capitals"):
        Money("1", code)


def test_an_amount_without_a_code_is_told_what_to_write() -> None:
    with pytest.raises(MoneyError, match=r"was given no code .*: write Money\('25.00', 'EUR'\)"):
        Money("1")  # type: ignore[call-arg]


LONG = "".join(chr(0x3B1 + place) for place in range(60))


@pytest.mark.parametrize(
    "refused",
    [
        lambda: Money(LONG, "EUR"),
        lambda: Money([LONG], "EUR"),  # type: ignore[arg-type]
        lambda: Money(int("123456789" * 12), "EUR"),
        lambda: Money(1, LONG),
        lambda: Money.as_read("1", LONG * 2),
        lambda: format(Money(1, "EUR"), LONG),
        lambda: Money(1, "EUR") + LONG,  # type: ignore[operator]
        lambda: Money(1, "EUR") == LONG,
        lambda: Money(1, "EUR").split(LONG),  # type: ignore[arg-type]
        lambda: Money(1, "USDC").split(1, digits=LONG),  # type: ignore[arg-type]
        lambda: Money(1, "EUR").allocate([LONG]),  # type: ignore[list-item]
        lambda: fiat_text(LONG),  # type: ignore[arg-type]
    ],
)
def test_a_message_shows_forty_characters_of_what_was_refused_and_no_more(
    refused: Callable[[], Any],
) -> None:
    with pytest.raises((MoneyError, TypeError)) as caught:
        refused()
    shown = re.findall(r"[\u03b1-\u03f0]+|[0-9]{9,}", str(caught.value))
    assert shown
    # Of a list its bracket and its quote are shown as well.
    assert {len(one) for one in shown} <= ({38} if "list" in str(caught.value) else {40})


@given(amounts)
def test_the_wire_says_every_digit(number: Decimal) -> None:
    money = Money(number, "ETH")
    assert Decimal(money.wire) == number
    assert "E" not in money.wire
    assert Money(money.wire, "ETH") == money


@given(amounts, amounts)
def test_arithmetic_is_exact(one: Decimal, two: Decimal) -> None:
    a, b = Money(one, "ETH"), Money(two, "ETH")
    assert (a + b) - b == a
    assert a - b == -(b - a)
    assert (a < b) == (one < two)
    assert (a >= b) == (one >= two)
    assert Money.total([a, b, a], "ETH") == 2 * a + b


def test_eighteen_decimals_survive() -> None:
    money = Money("12345678901234567890.000000000000000001", "ETH")
    assert str(money + money) == "24691357802469135780.000000000000000002 ETH"


def test_a_result_too_long_to_hold_is_refused_not_rounded() -> None:
    with pytest.raises(MoneyError, match="digits"):
        Money("1." + "1" * 97, "ETH") * Decimal("1E-90")
    with pytest.raises(MoneyError, match="digits"):
        Money(1, "ETH") * Decimal("1." + "3" * 500)
    with pytest.raises(MoneyError, match="NaN"):
        Money(1, "ETH") * Decimal("NaN")


def test_equal_amounts_are_equal_however_written() -> None:
    assert Money("1.0", "EUR") == Money("1.00", "EUR") == Money(1, "EUR")
    assert len({Money("1.0", "EUR"), Money(1, "EUR"), Money(1, "USD")}) == 2
    assert Money("-0.00", "EUR").wire == "0.00"
    assert not Money("0.00", "EUR")


def test_currencies_do_not_mix() -> None:
    for operate in (Money.__add__, Money.__sub__, Money.__lt__, Money.__le__, Money.__gt__):
        with pytest.raises(MoneyError, match="EUR and USD"):
            operate(Money(1, "EUR"), Money(1, "USD"))
        with pytest.raises(MoneyError, match="USD and EUR"):
            operate(Money(1, "USD"), Money(1, "EUR"))
    assert Money(1, "EUR") != Money(1, "USD")


def test_equal_codes_are_one_currency_whoever_read_them() -> None:
    one, two = (Money.as_read("1", json.loads('"USDC.e"')) for _ in range(2))
    assert one.code is not two.code
    assert (one + two).wire == "2"


@pytest.mark.parametrize("other", [1, 1.5, "1", Decimal(1), None])
def test_money_does_not_mix_with_numbers(other: Any) -> None:
    for operate in (Money.__add__, Money.__sub__, Money.__lt__, Money.__ge__):
        with pytest.raises(TypeError):
            operate(Money(1, "EUR"), other)
    if other is None:
        assert Money(1, "EUR") != other
    else:
        # Nothing but Money is ever equal: asking is a slip that ships nothing, or everything.
        with pytest.raises(TypeError, match="compared with the"):
            operator.ne(Money(1, "EUR"), other)


@pytest.mark.parametrize("factor", [1.5, True, "2", None])
def test_only_an_exact_number_multiplies(factor: Any) -> None:
    with pytest.raises(TypeError):
        Money(1, "EUR") * factor


def test_money_cannot_be_changed_and_travels() -> None:
    money = Money.as_read("1.50", "USDC.e")
    with pytest.raises(AttributeError):
        money.amount = Decimal(2)  # type: ignore[misc]
    for arrived in (pickle.loads(pickle.dumps(money)), copy.copy(money), copy.deepcopy(money)):
        assert arrived == money
        assert (arrived.wire, arrived.code) == ("1.50", "USDC.e")
        assert hash(arrived) == hash(money)


def test_a_code_that_gate_writes_is_kept_as_it_stands() -> None:
    assert Money.as_read("1", "usdc") != Money("1", "USDC")
    assert Money.as_read(Decimal("1E+2"), "EUR").wire == "100"
    assert (Money.as_read("1", "usdc") + Money.as_read("1", "usdc")).code == "usdc"
    for code in ("x", "€" * 64):
        assert Money.as_read("1", code).code == code
    for code in ("", "x" * 65, "a\nb", "\u202eRUE", None):
        with pytest.raises(MoneyError, match="raw record"):
            Money.as_read("1", code)  # type: ignore[arg-type]


def test_the_code_of_an_enum_is_plain_text() -> None:
    class Code(StrEnum):
        EUR = "EUR"

    assert type(Money(1, Code.EUR).code) is str
    assert str(Money(1, Code.EUR)) == "1 EUR"


@pytest.mark.parametrize(
    ("amount", "code", "sent"),
    [
        ("100", "EUR", "100.00"),
        ("100.5", "EUR", "100.50"),
        ("0.01", "GBP", "0.01"),
        ("500", "JPY", "500"),
        ("1.234", "KWD", "1.234"),
        ("1", "CLF", "1.0000"),
        (Decimal("1E+3"), "EUR", "1000.00"),
        (Decimal("25.0000"), "EUR", "25.00"),
        (Decimal("25.000000000000000000"), "EUR", "25.00"),
        (Decimal("1500.00"), "JPY", "1500"),
        ("1500.0", "JPY", "1500"),
        ("1." + "0" * 98, "KWD", "1.000"),
    ],
    ids=str,
)
def test_fiat_is_sent_with_exactly_its_digits(amount: Any, code: str, sent: str) -> None:
    assert fiat_text(Money(amount, code)) == sent


@pytest.mark.parametrize(
    ("amount", "code", "why"),
    [
        ("10.005", "EUR", "EUR has 2 digits after the point, 10.005 has 3"),
        ("10.001", "EUR", "round it yourself"),
        ("10.0010", "EUR", "10.0010 has 4"),
        ("0.5", "JPY", "JPY has 0 digits"),
        ("0", "EUR", "more than zero"),
        ("-1.00", "EUR", "more than zero"),
        ("1", "USDC", "this amount is fiat"),
        ("1", "ABC", f"ISO 4217 table of {ISO_4217_DATE}"),
        ("1", "XAU", "not a currency"),
        ("1", "BGN", "not a currency"),
    ],
)
def test_what_fiat_cannot_be_is_refused_with_the_remedy(amount: str, code: str, why: str) -> None:
    with pytest.raises(MoneyError, match=why):
        fiat_text(Money(amount, code))


class Shouting(Decimal):
    """A Decimal with ways of its own, as some ORMs and money libraries hand out."""

    def __format__(self, *_: Any) -> str:
        return "9999.99"

    __str__ = __repr__ = __format__

    def is_finite(self) -> bool:
        return True

    def __eq__(self, other: object) -> bool:
        return True

    __hash__ = Decimal.__hash__


class ShoutingText(str):
    __slots__ = ()

    def __str__(self) -> str:
        return "9999.99"

    def __len__(self) -> int:
        return 1


class ShoutingCount(IntEnum):
    FIVE = 5

    def __str__(self) -> str:
        return "9999"


@pytest.mark.parametrize(
    ("amount", "wire"),
    [
        (Shouting("10.50"), "10.50"),
        (ShoutingText("10.50"), "10.50"),
        (ShoutingCount.FIVE, "5"),
    ],
    ids=["Decimal", "str", "int"],
)
def test_of_a_subclass_only_the_amount_is_taken(amount: Any, wire: str) -> None:
    money = Money(amount, "EUR")
    assert type(money.amount) is Decimal
    assert (money.wire, str(money)) == (wire, f"{wire} EUR")
    assert fiat_text(money) == f"{Decimal(wire):.2f}"
    assert money != Money("7", "EUR")
    assert fiat_text(Money(2, "EUR") * Shouting("1.5")) == "3.00"


def test_a_subclass_hides_nothing_that_is_refused() -> None:
    for amount in (Shouting("NaN"), ShoutingText("1" * 101), ShoutingText("1e5")):
        with pytest.raises(MoneyError):
            Money(amount, "EUR")


@pytest.mark.parametrize(
    ("amount", "code", "n", "parts"),
    [
        ("10.00", "EUR", 3, "3.34 3.33 3.33"),
        ("10.0000", "EUR", 3, "3.34 3.33 3.33"),
        ("0.05", "EUR", 3, "0.02 0.02 0.01"),
        ("0.01", "EUR", 3, "0.01 0.00 0.00"),
        ("-10.00", "EUR", 3, "-3.34 -3.33 -3.33"),
        ("1000", "JPY", 3, "334 333 333"),
        ("1.000", "KWD", 3, "0.334 0.333 0.333"),
        ("0", "EUR", 2, "0.00 0.00"),
        ("5", "EUR", 1, "5.00"),
    ],
)
def test_an_amount_is_split_and_the_first_parts_are_the_larger(
    amount: str, code: str, n: int, parts: str
) -> None:
    assert [part.wire for part in Money(amount, code).split(n)] == parts.split()


@pytest.mark.parametrize(
    ("amount", "ratios", "parts"),
    [
        ("100.00", [70, 20, 10], "70.00 20.00 10.00"),
        ("0.05", [3, 7], "0.02 0.03"),
        ("0.01", [0, 1, 1], "0.00 0.01 0.00"),
        ("100.00", [1, 2], "33.33 66.67"),
        ("-100.00", [1, 2], "-33.33 -66.67"),
        ("10.00", [Decimal("0.5"), Decimal("0.25"), Decimal("0.25")], "5.00 2.50 2.50"),
        ("10.00", [Decimal("1E+3"), Decimal("1E-3")], "10.00 0.00"),
        ("1.00", [0, 0, 5], "0.00 0.00 1.00"),
    ],
)
def test_an_amount_is_allocated_and_the_largest_remainders_are_rounded_up(
    amount: str, ratios: list[int | Decimal], parts: str
) -> None:
    shared = Money(amount, "EUR").allocate(iter(ratios))
    assert [part.wire for part in shared] == parts.split()


cents = st.integers(-(10**24), 10**24)
weights = st.lists(
    st.one_of(st.integers(0, 10**12), st.decimals(0, 10**6, places=6)), min_size=1, max_size=12
).filter(any)


@given(cents, st.integers(1, 40), st.sampled_from(["EUR", "JPY", "KWD", "CLF"]))
def test_split_loses_no_unit(units: int, n: int, code: str) -> None:
    unit = Decimal((0, (1,), -EXPONENTS[code]))
    money = Money(units, code) * unit
    with localcontext(Context(prec=3)):
        parts = money.split(n)
    assert len(parts) == n
    assert Money.total(parts, code) == money
    assert max(parts) - min(parts) <= Money(unit, code)
    assert sorted(parts, key=abs, reverse=True) == parts


@given(cents, weights, st.integers(0, 18))
def test_allocate_loses_no_unit_and_is_off_by_less_than_one(
    units: int, ratios: list[int | Decimal], digits: int
) -> None:
    unit = Decimal((0, (1,), -digits))
    money = Money(units, "USDC") * unit
    with localcontext(Context(prec=3)):
        parts = money.allocate(ratios, digits=digits)
    assert Money.total(parts, "USDC") == money
    whole = sum(map(Fraction, ratios))
    for part, ratio in zip(parts, ratios, strict=True):
        exact = Fraction(money.amount) * Fraction(ratio) / whole
        assert abs(Fraction(part.amount) - exact) < Fraction(unit)
        assert ratio or not part


@pytest.mark.parametrize(
    ("do", "why"),
    [
        (lambda: Money("10.005", "EUR").split(2), "EUR has 2 digits after the point, 10.005 has 3"),
        (lambda: Money("1.5", "JPY").split(2), "JPY has 0 digits"),
        (lambda: Money("1", "USDC").split(2), "digits=6"),
        (lambda: Money("0.0000001", "USDC").split(2, digits=6), "round it yourself"),
        (lambda: Money("1", "USDC").split(2, digits=-1), "digits must be 0 to"),
        (lambda: Money("1", "USDC").split(2, digits=101), "digits must be 0 to 100, not '101'"),
        (lambda: Money("1", "USDC").split(2, digits=True), "digits must be 0 to"),
        (lambda: Money("1", "EUR").split(0), "1 part or more, not '0'"),
        (lambda: Money("1", "EUR").split(-1), "1 part or more"),
        (lambda: Money("1", "EUR").split(True), "1 part or more"),
        (lambda: Money("1", "EUR").split(2.0), "1 part or more"),  # type: ignore[arg-type]
        (lambda: Money("1", "EUR").allocate([1, -1]), "0 or more, not -1"),
        (lambda: Money("1", "EUR").allocate([-2, 1]), "0 or more, not -2"),
        (lambda: Money("1", "EUR").allocate([0, Decimal(0)]), "no ratio above 0"),
        (lambda: Money("1", "EUR").allocate([]), "no ratio above 0"),
        (lambda: Money("1", "EUR").allocate([0.5, 0.5]), "never a float"),  # type: ignore[list-item]
        (lambda: Money("1", "EUR").allocate([Decimal("NaN")]), "not an amount"),
        (lambda: Money("1", "EUR").allocate({1, 2}), "a set of ratios has no order"),
        (lambda: Money("1", "EUR").allocate("12"), "not the text '1'"),  # type: ignore[arg-type]
    ],
)
def test_what_cannot_be_shared_out_is_refused(do: Callable[[], Any], why: str) -> None:
    with pytest.raises(MoneyError, match=why):
        do()


def test_a_token_is_split_by_the_unit_that_is_named() -> None:
    parts = Money("1", "USDC").split(3, digits=6)
    assert [part.wire for part in parts] == ["0.333334", "0.333333", "0.333333"]
    assert [part.wire for part in Money("1", "USDC").split(2, digits=100)] == ["0.5" + "0" * 99] * 2
    assert {part.code for part in Money.as_read("1", "usdc.e").split(2, digits=1)} == {"usdc.e"}


@pytest.mark.parametrize(
    ("spec", "shown"),
    [
        ("", "1.50 EUR"),
        (">12", "    1.50 EUR"),
        ("12", "1.50 EUR    "),
        ("*^12", "**1.50 EUR**"),
        ("<9s", "1.50 EUR "),
        ("3", "1.50 EUR"),
    ],
)
def test_money_is_formatted_to_a_width(spec: str, shown: str) -> None:
    assert format(Money("1.50", "EUR"), spec) == shown


@pytest.mark.parametrize("spec", [".2f", ".2", ">.3", "012", "9>12", "->12", ",", "d", "x", "12.1"])
def test_no_format_cuts_a_digit_off_or_adds_one(spec: str) -> None:
    with pytest.raises(MoneyError, match="shown whole"):
        format(Money("1.50", "EUR"), spec)


def test_an_amount_that_is_no_money_is_refused() -> None:
    with pytest.raises(MoneyError, match=r"not the str .100\.00.: write Money"):
        fiat_text("100.00")  # type: ignore[arg-type]


def test_a_newer_currency_can_be_added_to_the_table() -> None:
    assert fiat_text(Money("1", "ABC"), exponents={**EXPONENTS, "ABC": 3}) == "1.000"


def test_the_table_has_every_code_once() -> None:
    assert len(EXPONENTS) == 165
    assert set(EXPONENTS.values()) == {0, 2, 3, 4}
    assert all(len(code) == 3 and code.isupper() for code in EXPONENTS)


def test_a_pydantic_model_takes_and_gives_money() -> None:
    class Order(BaseModel):
        price: Money

    order = Order.model_validate_json('{"price": {"amount": "100.00", "currency": "EUR"}}')
    assert order.price == Money("100.00", "EUR")
    assert order.model_dump_json() == '{"price":{"amount":"100.00","currency":"EUR"}}'
    assert Order(price=Money(1, "JPY")).price == Money(1, "JPY")
    assert "currency" in str(Order.model_json_schema())
    for bad in ('{"price": {"amount": 1.0, "currency": "EUR"}}', '{"price": "100.00 EUR"}'):
        with pytest.raises(ValidationError):
            Order.model_validate_json(bad)
    for amount in (b"1.00", Decimal(1), 1):
        with pytest.raises(ValidationError):
            Order.model_validate({"price": {"amount": amount, "currency": "EUR"}})


def test_the_documentation_is_true() -> None:
    assert doctest.testmod(money) == (0, 3)
