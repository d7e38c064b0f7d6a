"""Fixed, plainly fake prices and fees. Nothing here is a rate anybody could trade at."""

from __future__ import annotations

from collections.abc import Callable
from decimal import ROUND_DOWN, ROUND_UP, Context, Decimal, localcontext
from functools import wraps
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")

# One unit in euros; every currency that is not listed costs one euro.
_EUROS = {
    "USD": "0.90",
    "GBP": "1.20",
    "CHF": "1.05",
    "JPY": "0.0060",
    "BRL": "0.16",
    "KWD": "2.95",
    "USDT": "0.90",
    "USDC": "0.90",
    "EURC": "1.00",
    "BTC": "50000.00",
    "ETH": "2500.00",
    "SOL": "100.00",
    "TRX": "0.20",
    "BNB": "500.00",
    "MATIC": "0.50",
}
# Digits after the point where they are not two (fiat) or six (tokens).
_WHOLE = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"
_THOUSANDTHS = "BHD IQD JOD KWD LYD OMR TND"
_DIGITS = {
    **dict.fromkeys(_WHOLE.split(), 0),
    **dict.fromkeys(_THOUSANDTHS.split(), 3),
    "USDT": 6,
    "USDC": 6,
    "EURC": 6,
    "TRX": 6,
    "SOL": 9,
    "BTC": 8,
    "ETH": 18,
    "BNB": 18,
    "MATIC": 18,
}
FEE_RATE = Decimal("0.005")
LONGEST_AMOUNT = 500
"""Characters. Longer ones are refused, and shorter ones are reckoned with exactly."""


def exactly(work: Callable[P, R]) -> Callable[P, R]:
    """Return the function wrapped in a decimal context so wide that no accepted amount is rounded.

    The default 28 digits would round.
    """

    @wraps(work)
    def with_room(*args: P.args, **kwargs: P.kwargs) -> R:
        """Call the function in a decimal context of `4 * LONGEST_AMOUNT` digits."""
        with localcontext(Context(prec=4 * LONGEST_AMOUNT)):
            return work(*args, **kwargs)

    return with_room


def price(code: str) -> Decimal:
    """Return the euros for one unit of a currency or token; 1 for an unlisted one."""
    return Decimal(_EUROS.get(code.upper(), "1.00"))


@exactly
def rate(token: str, currency: str) -> Decimal:
    """Return the units of fiat for one token, rounded to eight decimals."""
    return (price(token) / price(currency)).quantize(Decimal("1e-8")).normalize() + 0


def round_fiat(amount: Decimal, currency: str, *, up: bool = False) -> Decimal:
    """Return the amount rounded down, or with *up* up, to the digits of the currency.

    >>> round_fiat(Decimal("10.234"), "EUR", up=True), round_fiat(Decimal("10.9"), "JPY")
    (Decimal('10.24'), Decimal('10'))
    """
    step = Decimal(1).scaleb(-_DIGITS.get(currency.upper(), 2))
    return amount.quantize(step, ROUND_UP if up else ROUND_DOWN)


def round_token(amount: Decimal, token: str) -> Decimal:
    """Return the amount rounded down to the digits of the token, 6 for an unlisted one."""
    return amount.quantize(Decimal(1).scaleb(-_DIGITS.get(token.upper(), 6)), ROUND_DOWN)


def plain(amount: Decimal) -> str:
    """Return the decimal as text without an exponent.

    >>> plain(Decimal("1E+2")), plain(Decimal("1e-18"))
    ('100', '0.000000000000000001')
    """
    return f"{amount:f}"
