"""Lists all there is to offer: the world's countries and currencies, made-up assets and methods.

Countries and currencies come from Babel (CLDR). Which of them are supported, and everything about
assets, networks, addresses and methods, is invented: it says nothing about what Gate offers.
"""

from __future__ import annotations

from functools import cache

import attrs
from babel import Locale
from babel.numbers import get_currency_symbol, get_territory_currencies

# CLDR also names regions that have no two letters of their own in ISO 3166-1.
_NO_COUNTRIES = "AC CP CQ DG EA EU EZ IC QO TA UN XA XB XK ZZ"
# The rest of the world is there and not supported.
_CODES = (
    "EUR GBP USD CHF JPY SEK NOK DKK PLN CZK HUF RON BGN TRY AUD NZD CAD SGD HKD KRW INR IDR "
    "THB VND PHP MYR BRL MXN ARS CLP COP PEN ZAR NGN KES GHS AED SAR ILS KWD JOD"
)
_INSTANT = "EUR GBP BRL INR SGD THB AUD"
_WALLET = "KES GHS IDR PHP VND INR"
_VOUCHER = "BRL MXN COP PEN ARS JPY"
METHODS = {
    "bank_transfer": "Bank transfer",
    "instant_transfer": "Instant bank transfer",
    "card": "Card",
    "wallet": "Mobile wallet",
    "cash_voucher": "Cash voucher",
}


@attrs.frozen
class Country:
    code: str
    name: str
    currency: str | None
    supported: bool


@attrs.frozen
class Currency:
    code: str
    symbol: str
    name: str
    pay_in: tuple[str, ...]
    pay_out: tuple[str, ...]


@attrs.frozen
class Asset:
    """`sides` it can be traded on; `networks` are (chain, contract address or None)."""

    symbol: str
    name: str
    networks: tuple[tuple[str, str | None], ...]
    sides: tuple[str, ...] = ("on_ramp", "off_ramp")
    active: bool = True


def _contract(number: int) -> str:
    """Return a made-up contract address with this number in it."""
    return f"0x{number:036d}dEaD"


ASSETS = {
    asset.symbol: asset
    for asset in (
        Asset(
            "USDC",
            "Example USD Coin",
            (("BASE", _contract(1)), ("arbitrum", _contract(2)), ("polygon", _contract(7))),
        ),
        Asset("USDT", "Example Tether", (("tron", _contract(3)), ("arbitrum", _contract(4)))),
        Asset("EURC", "Example Euro Coin", (("base", _contract(5)),)),
        Asset("BTC", "Example Bitcoin", (("bitcoin", None),)),
        Asset("ETH", "Example Ether", (("ethereum", None), ("arbitrum", None))),
        Asset("SOL", "Example Sol", (("solana", None),), sides=("on_ramp",)),
        Asset("TRX", "Example Tronix", (("tron", None),), sides=("off_ramp",)),
        Asset("OLDC", "Example Retired Coin", (("ethereum", _contract(6)),), active=False),
    )
}


@cache
def countries() -> dict[str, Country]:
    """Return every ISO country by its code, unsupported ones too; made once."""
    names = {str(code): str(name) for code, name in Locale("en").territories.items()}
    return {code: _country(code, names[code]) for code in sorted(names) if _is_iso(code)}


def _is_iso(code: str) -> bool:
    """Return True for a region with two letters of its own in ISO 3166-1."""
    return len(code) == 2 and code.isalpha() and code not in _NO_COUNTRIES.split()


def _country(code: str, name: str) -> Country:
    """Return the country with its first currency in use, if any; supported if we list that currency."""
    used = get_territory_currencies(code)
    currency = str(used[0]) if used else None
    return Country(code, name, currency, currency in _CODES.split())


@cache
def currencies() -> dict[str, Currency]:
    """Return the supported currencies by their codes; made once."""
    return {code: _currency(code) for code in _CODES.split()}


def _currency(code: str) -> Currency:
    """Return the currency with its invented ways to pay in and to pay out."""
    pay_out = ["bank_transfer"]
    if code in _INSTANT.split():
        pay_out.append("instant_transfer")
    if code in _WALLET.split():
        pay_out.append("wallet")
    pay_in = [*pay_out, "card"]
    if code in _VOUCHER.split():
        pay_in.append("cash_voucher")
    return Currency(
        code,
        get_currency_symbol(code, locale="en"),
        str(Locale("en").currencies[code]),
        tuple(pay_in),
        tuple(pay_out),
    )
