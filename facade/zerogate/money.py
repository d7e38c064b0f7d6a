"""Exact money: a decimal amount and the code it is counted in. No float, no NaN, no rounding."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from decimal import Context, Decimal, DecimalException, DivisionByZero, Inexact, InvalidOperation
from functools import cache, total_ordering
from typing import Any, Final, Self, final

import attrs

from ._mistakes.misuse import explained_value
from .errors import MoneyError

_PLAIN: Final = re.compile(r"-?+(?:[1-9][0-9]*+|0)(?:\.[0-9]++)?+", re.ASCII)
_CODE: Final = re.compile(r"[A-Z0-9][A-Z0-9._-]{1,31}", re.ASCII)
#: A precision would cut digits off, and a digit that fills would read as one of the amount.
_SHOWN: Final = re.compile(r"(?:[^0-9.,+-]?[<^>])?(?:[1-9][0-9]{0,4})?s?", re.ASCII)
_MOST: Final = 100
#: Wide enough for any sum of two amounts; whatever does not fit raises instead of rounding.
_EXACT: Final = Context(
    prec=4 * _MOST, Emax=9_999, Emin=-9_999, traps=[InvalidOperation, DivisionByZero, Inexact]
)

#: The day of the ISO 4217 table below ("List One", published by its maintenance agency).
ISO_4217_DATE: Final = "2026-01-01"
#: Active currency or fund → digits after the point. Gold, special drawing rights and the like
#: have none defined and are not here: a code is never given two decimals for want of knowing.
EXPONENTS: Final[Mapping[str, int]] = {
    code: digits
    for digits, codes in {
        0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF",
        2: """AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BOV BRL BSD BTN BWP BYN
           BZD CAD CDF CHE CHF CHW CNY COP COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP
           GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT
           LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN
           NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE
           SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD USN UYU UZS VED VES
           WST XAD XCD XCG YER ZAR ZMW ZWG""",
        3: "BHD IQD JOD KWD LYD OMR TND",
        4: "CLF UYW",
    }.items()
    for code in codes.split()
}


def _amount(value: str | Decimal | int) -> Decimal:
    """Return *value* as Decimal; MoneyError for a float, NaN or over 100 digits. Minus zero is zero."""
    # Subclasses are copied by their bare type: what they do to format, compare or print stays theirs.
    if isinstance(value, str):
        value = str.__str__(value)
        if len(value) > _MOST or not _PLAIN.fullmatch(value):
            raise MoneyError(
                f"not an exact amount: {value[:40]!r}; write plain digits with a point, and the code "
                "beside them: Money('1234.50', 'EUR')"
            )
        number = Decimal(value)
        return number if number else number.copy_abs()
    if not isinstance(value, Decimal | int) or isinstance(value, bool):
        raise MoneyError(
            f"not an exact amount: {str(value)[:40]} is a {type(value).__name__}; "
            "give the text ('0.10'), a Decimal or an int, never a float"
        )
    number = Decimal(value)
    # In this order: what is not finite has a letter for its exponent.
    if not (
        number.is_finite()
        and int(number.as_tuple().exponent) >= -_MOST
        and number.adjusted() < _MOST
    ):
        raise MoneyError(f"not an amount: {str(number)[:40]}; at most {_MOST} digits, all known")
    return number if number else number.copy_abs()


def _code(value: str) -> str:
    """Return the code; MoneyError unless 2 to 32 capitals, digits, `.`, `_` or `-`."""
    if isinstance(value, str) and _CODE.fullmatch(value):
        return str.__str__(value)
    raise MoneyError(
        "Money was given no code of a currency or token: write Money('25.00', 'EUR'), in capitals"
        if value is None
        else f"not a currency or token code: {str(value)[:40]!r}; write it in capitals, 'EUR' or 'USDC' "
        "(a code that Gate spells otherwise: Money.as_read)"
    )


def _code_as_read(value: object) -> str:
    """Return the code as it stands; MoneyError unless 1 to 64 printable characters."""
    if isinstance(value, str) and 0 < len(value) <= 64 and value.isprintable():
        return str.__str__(value)
    raise MoneyError(f"not a code that can be kept: {str(value)[:40]!r}; look at the raw record")


@final
@explained_value
@total_ordering
@attrs.frozen(repr=False, order=False)
class Money:
    """An exact amount of one currency or token.

    amount: Major units (euros, not cents), as plain text, Decimal or int.
    code: ISO 4217 or a token's symbol. A network is not part of it: it travels beside.

    >>> Money("100.00", "EUR") + Money("0.5", "EUR")
    Money('100.50', 'EUR')
    """

    amount: Decimal = attrs.field(converter=_amount)
    code: str = attrs.field(converter=_code)

    @classmethod
    def as_read(cls, amount: str | Decimal, code: str) -> Self:
        """Return Money of an amount as Gate wrote it, its code kept as it stands; MoneyError if wrong."""
        money = cls(amount, "XXX")
        object.__setattr__(money, "code", _code_as_read(code))
        return money

    @classmethod
    def total(cls, amounts: Iterable[Money], code: str) -> Money:
        """Return the sum, zero of no amounts; MoneyError if one has another code than *code*."""
        return sum(amounts, start=cls(0, code))

    @property
    def wire(self) -> str:
        """Return the amount as Gate writes it: plain digits, every one kept."""
        return format(self.amount, "f")

    def __str__(self) -> str:
        return f"{self.wire} {self.code}"

    def __format__(self, spec: str) -> str:
        """The amount and its code, filled up to a width: `f"{money:>12}"`. No digit is left out."""
        if not _SHOWN.fullmatch(spec):
            raise MoneyError(
                f"an amount is shown whole: {spec[:40]!r} can be a width, with < ^ or > and a fill "
                "before it, such as '>12'; for its figures alone, format .wire"
            )
        return format(str(self), spec)

    def __repr__(self) -> str:
        return f"Money({self.wire!r}, {self.code!r})"

    def __composite_values__(self) -> tuple[Decimal, str]:
        """Return the two columns of SQLAlchemy's `composite`; docs/money-in-models.md has the recipe."""
        return self.amount, self.code

    def __rich_repr__(self) -> Iterator[str]:
        """Yield what rich shows between the brackets."""
        yield from (self.wire, self.code)

    def __bool__(self) -> bool:
        return bool(self.amount)

    def _with(self, amount: Decimal) -> Money:
        """Return Money of another amount in the same code."""
        return Money.as_read(amount, self.code)

    def _other(self, other: object, verb: str) -> Decimal:
        """Return the other's amount; TypeError if it is no Money, MoneyError for another code."""
        if not isinstance(other, Money):
            raise TypeError(
                f"cannot {verb} Money and {type(other).__name__}: {str(other)[:40]!r} has no code, "
                f"write Money({str(other)[:40]!r}, {self.code!r})"
            )
        if other.code != self.code:
            raise MoneyError(f"cannot {verb} {self.code} and {other.code}: convert one first")
        return other.amount

    def __add__(self, other: Money) -> Money:
        return self._with(_exactly(_EXACT.add, self.amount, self._other(other, "add")))

    def __sub__(self, other: Money) -> Money:
        return self._with(_exactly(_EXACT.subtract, self.amount, self._other(other, "subtract")))

    def __mul__(self, factor: int | Decimal) -> Money:
        if isinstance(factor, float):
            raise TypeError(
                f"{self} times {factor!r} is not exact, for {factor!r} is a float: write "
                f"Decimal({str(factor)!r}), or an int"
            )
        if isinstance(factor, bool) or not isinstance(factor, int | Decimal):
            return NotImplemented
        return self._with(_exactly(_EXACT.multiply, self.amount, Decimal(factor)))

    __rmul__ = __mul__

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Money):
            return (self.amount, self.code) == (other.amount, other.code)
        # Nothing but Money equals Money, so that this is a slip that ships nothing, or everything. An
        # empty text stays comparable: forms and validators ask whether a value is one.
        if isinstance(other, Decimal | float | int | str) and other != "":
            raise TypeError(
                f"Money is compared with Money, and {self} was compared with the "
                f"{type(other).__name__} {str(other)[:40]!r}: write Money('…', {self.code!r}), or "
                "compare .amount with a Decimal"
            )
        return NotImplemented

    def __hash__(self) -> int:
        return hash((self.amount, self.code))

    def __neg__(self) -> Money:
        return self._with(self.amount.copy_negate())

    def __abs__(self) -> Money:
        return self._with(self.amount.copy_abs())

    def __lt__(self, other: Money) -> bool:
        return self.amount < self._other(other, "compare")

    def split(self, n: int, *, digits: int | None = None) -> list[Money]:
        """Return *n* parts that add up exactly, the first ones a unit larger; MoneyError if n or digits fail.

        digits: Of the unit, after the point; left out, those of ISO 4217. A token needs it said.

        >>> Money("10.00", "EUR").split(3)
        [Money('3.34', 'EUR'), Money('3.33', 'EUR'), Money('3.33', 'EUR')]
        """
        if isinstance(n, bool) or not isinstance(n, int) or n < 1:
            raise MoneyError(f"{self} can be split into 1 part or more, not {str(n)[:40]!r}")
        return self.allocate([1] * n, digits=digits)

    def allocate(
        self, ratios: Iterable[int | Decimal], *, digits: int | None = None
    ) -> list[Money]:
        """Return one part for each ratio, in order, that add up exactly; MoneyError for wrong ratios.

        Each gets its share rounded down to whole units (of a negative amount: towards zero). What is
        left goes out one unit each, first to the parts that rounding took the most from; among
        equals to the earlier. A ratio of 0 gets nothing.

        ratios: Of 0 or more, not all 0. digits: As for `split`.

        >>> Money("100.00", "EUR").allocate([70, 20, 10])
        [Money('70.00', 'EUR'), Money('20.00', 'EUR'), Money('10.00', 'EUR')]
        """
        shares, places = _whole(ratios), _places(self, digits)
        units = int(_exactly(_EXACT.scaleb, _at(self, places).copy_abs(), Decimal(places)))
        counts = _apportioned(units, shares)
        sign = -1 if self.amount < 0 else 1
        return [self._with(Decimal(sign * count).scaleb(-places, _EXACT)) for count in counts]

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: Any) -> Any:
        from pydantic_core import core_schema as schema

        text = schema.typed_dict_field(schema.str_schema(strict=True))
        shape = schema.typed_dict_schema(
            {"amount": text, "currency": text}, extra_behavior="forbid"
        )
        read = schema.no_info_after_validator_function(
            lambda told: cls(told["amount"], told["currency"]), shape
        )
        return schema.json_or_python_schema(
            read,
            schema.union_schema([schema.is_instance_schema(cls), read]),
            serialization=schema.plain_serializer_function_ser_schema(
                lambda money: {"amount": money.wire, "currency": money.code},
                return_schema=shape,
                when_used="json",
            ),
        )


def _exactly(
    operation: Callable[[Decimal, Decimal], Decimal], one: Decimal, two: Decimal
) -> Decimal:
    """Return the operation's exact result; MoneyError if it has more digits than are kept."""
    try:
        return operation(one, two)
    except DecimalException as problem:
        raise MoneyError(
            f"the result of {one:f} and {two} has more digits than we keep; use smaller terms"
        ) from problem


def _places(money: Money, digits: int | None) -> int:
    """Return digits after the point: *digits*, else of ISO 4217; MoneyError if not known there."""
    if digits is None:
        digits = EXPONENTS.get(money.code)
        if digits is None:
            raise MoneyError(
                f"the smallest unit of {money.code} is not in ISO 4217: say how many digits it has "
                "after the point, digits=6"
            )
    if isinstance(digits, bool) or not isinstance(digits, int) or not 0 <= digits <= _MOST:
        raise MoneyError(f"digits must be 0 to {_MOST}, not {str(digits)[:40]!r}")
    return digits


@cache
def _unit(digits: int) -> Decimal:
    """Return 1 with so many digits after the point, as 0.01 for 2."""
    return Decimal((0, (1,), -digits))


def _at(money: Money, digits: int) -> Decimal:
    """Return the amount with exactly so many digits after the point; MoneyError if it has more.

    Only zeros are added or left out.

    Zeros beyond the unit come from a column's scale, `numeric(38, 18)`, and are no finer amount.
    """
    try:
        return _EXACT.quantize(money.amount, _unit(digits))
    except DecimalException:
        pass
    given = -int(money.amount.as_tuple().exponent)
    raise MoneyError(
        f"{money.code} has {digits} digits after the point, {money.wire} has {given}: "
        "round it yourself first"
    )


def _whole(ratios: Iterable[Any]) -> list[int]:
    """Return the ratios as whole numbers in the same proportions; MoneyError for a wrong one."""
    if isinstance(ratios, Set):
        raise MoneyError("a set of ratios has no order, and drops equal ones: give a list")
    given: list[Decimal] = []
    for ratio in ratios:
        if isinstance(ratio, str):
            raise MoneyError(f"a ratio is an int or a Decimal, not the text {ratio[:40]!r}")
        given.append(_amount(ratio))
        if given[-1] < 0:
            raise MoneyError(f"a ratio is 0 or more, not {given[-1]}")
    if not any(given):
        raise MoneyError("nothing can be allocated by no ratio above 0: give one at least")
    finest = max(0, *(-int(ratio.as_tuple().exponent) for ratio in given))
    return [int(_exactly(_EXACT.scaleb, ratio, Decimal(finest))) for ratio in given]


def _apportioned(units: int, shares: Sequence[int]) -> list[int]:
    """Return the units for each share, rounded down; the largest remainders, earlier first, get one more."""
    total = sum(shares)
    divided = [divmod(units * share, total) for share in shares]
    counts = [count for count, _ in divided]
    order = sorted(range(len(shares)), key=lambda i: -divided[i][1])
    for i in order[: units - sum(counts)]:
        counts[i] += 1
    return counts


def _no_money(given: object) -> str:
    """Return the sentence on an amount that is no Money, for messages."""
    return (
        f"an amount is Money, not the {type(given).__name__} {str(given)[:40]!r}: write "
        "Money('100.00', 'EUR'), with the code of its currency"
    )


def fiat_text(money: Money, *, exponents: Mapping[str, int] = EXPONENTS) -> str:
    """Return the text to send for fiat, with ISO 4217's digits; MoneyError for more, 0 or less.

    Zeros beyond them are no finer amount and are left out; any other digit there is refused.

    exponents: The table asked; add to it a currency that is newer than ours.
    """
    if not isinstance(money, Money):
        raise MoneyError(_no_money(money))
    digits = exponents.get(money.code)
    if digits is None:
        raise MoneyError(
            f"{money.code} is not a currency of the ISO 4217 table of {ISO_4217_DATE}; "
            "this amount is fiat: give it in EUR, GBP, JPY…"
        )
    amount = _at(money, digits)
    if amount <= 0:
        raise MoneyError(f"cannot ask for {money}: the amount must be more than zero")
    return f"{amount:f}"
