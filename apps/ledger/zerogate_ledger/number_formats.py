"""Amounts as people and programs write them, to plain decimals: by told rules only, else unreadable. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, Final

import attrs

from .errors import Unusable

#: ISO 4217: currencies whose smallest unit is no hundredth.
_EXPONENTS: Final = {
    **dict.fromkeys(("BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG"), 0),
    **dict.fromkeys(("RWF", "UGX", "UYI", "VND", "VUV", "XAF", "XOF", "XPF"), 0),
    **dict.fromkeys(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"), 3),
    **dict.fromkeys(("CLF", "UYW"), 4),
}
_SIGNS: Final = ("as_written", "reversed", "absolute")
_BLANKS: Final = "\u00a0\u202f\u2009 \t"
#: Signs of currencies, and codes of three letters.
_SYMBOL: Final = r"(?:[A-Z]{3}|[A-Z]{0,2}[$€£¥₹₽₩₺₴₫₦₱₪฿₡₲₵₸₼₾₿]|R\$|kr\.?|zł|Kč|Ft|lei|Fr\.?)"
_BEFORE: Final = re.compile(rf"^(-?)\s*{_SYMBOL}\s*(?=[-.,\d(])")
_BEHIND: Final = re.compile(rf"(?<=[\d.,)-])\s*{_SYMBOL}$")
_CODE: Final = re.compile("[A-Z]{3}", re.ASCII)
_PLAIN: Final = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?", re.ASCII)


#: What may be the matter with a figure that is no plain decimal, and what to do; the first that fits.
_REMEDIES: Final = (
    (r"\(a float\).*", "its digits are gone, store it as text"),
    (r"[-+]?(?:nan|inf|infinity|null|none|n/?a|#.*)", "it is no number, correct the source"),
    (r"[-+]?[0-9.,]+e[-+]?[0-9]+", "write it out, without an exponent"),
    (r"-?(?:\.[0-9]+|[0-9]+\.)", "write digits on both sides of the point"),
    (r"-?[0-9]*\.?[0-9]*", "at most 20 digits, a point and 18 digits, and no zeros in front"),
    (rf"[{_BLANKS}]*-?[0-9]+(?:\.[0-9]+)?[{_BLANKS}]*", "say trim = true under [format]"),
    (r"\+[0-9.]+", "leave out the plus"),
    (rf"[^0-9]*\([-0-9.,'’_{_BLANKS}]+\).*", "say parentheses = true under [format]"),
    (r".*[0-9.,]\s?[-\u2212]", "say trailing_minus = true under [format]"),
    (rf"[-\u2212{_BLANKS}0-9.,'’_]*", "say decimal and thousands under [format]"),
    (
        rf"(?:{_SYMBOL})?[-\u2212{_BLANKS}0-9.,'’_]+(?:{_SYMBOL})?",
        "say symbols = true under [format]",
    ),
)
#: So much of a cell is looked at.
_SHOWN: Final = 60


def remedy(text: str) -> str:
    """Return what to do about a figure that is no plain decimal, as a clause for the user."""
    start = text[:_SHOWN]
    for pattern, said in _REMEDIES:
        if re.fullmatch(pattern, start, re.ASCII | re.IGNORECASE):
            return said
    return "write it in plain digits, as 1234.56"


@attrs.frozen
class NumberFormat:
    """Format of a ledger's figures, as `[format]` says.

    decimal, thousands: The marks; thousands are put apart by threes, or not at all.
    symbols: Whether a currency's sign or code may stand beside the figure.
    parentheses, trailing_minus: Whether (1.00) and 1.00- are negative.
    minor_units: Amounts are whole cents: True for ISO 4217's decimals, or their number.
    sign: `reversed` or `absolute`, where money that came in is negative, or every figure has no sign.
    """

    decimal: str = "."
    thousands: str = ""
    symbols: bool = False
    parentheses: bool = False
    trailing_minus: bool = False
    minor_units: bool | int = False
    sign: str = "as_written"

    def of(self, field: str) -> NumberFormat:
        """Return the format for a field: no cents for rate and token_amount, no sign rule for rate and fee.

        A rate and a token's amount have no cents, and what a sign says of money that came in it says neither
        of a fee nor of a rate.
        """
        said = self
        if field in ("rate", "token_amount"):
            said = attrs.evolve(said, minor_units=False)
        if field == "rate" or (field == "fee" and self.sign == "reversed"):
            said = attrs.evolve(said, sign="as_written")
        return said

    def reader(self) -> Callable[[str, str | None], str | None]:
        """Return a function (figure, currency) → plain decimal in major units, or None."""
        shape = _shape(self.decimal, self.thousands)

        def read(text: str, currency: str | None = None) -> str | None:
            """Return the plain decimal that a figure says, in major units; None if unreadable."""
            bare, negative = self._bare(text.strip(_BLANKS))
            if shape.fullmatch(bare) is None:
                return None
            plain = bare.replace(self.thousands, "") if self.thousands else bare
            plain = plain.replace(self.decimal, ".")
            plain = f"0{plain}" if plain.startswith(".") else plain
            if self.minor_units is not False:
                exponent = _exponent(self.minor_units, currency)
                shifted = None if exponent is None else _in_major_units(plain, exponent)
                if shifted is None:
                    return None
                plain = shifted
            if _PLAIN.fullmatch(plain) is None:
                return None
            return self._signed(plain, negative)

        return read

    def _bare(self, text: str) -> tuple[str, bool]:
        """Return a figure without sign, symbol or parentheses, and whether it is negative."""
        text = text.replace("\u2212", "-")
        if self.symbols:
            text = _BEHIND.sub("", _BEFORE.sub(r"\1", text))
        negative = False
        if self.parentheses and text.startswith("(") and text.endswith(")"):
            text, negative = text[1:-1], True
        elif self.trailing_minus and text.endswith("-"):
            text, negative = text[:-1].rstrip(_BLANKS), True
        elif text.startswith(("-", "+")):
            negative, text = text[0] == "-", text[1:].lstrip(_BLANKS)
        if self.symbols:
            text = _BEHIND.sub("", _BEFORE.sub(r"\1", text))
        if self.thousands in ("", " "):
            return (text if not self.thousands else re.sub(rf"[{_BLANKS}]", " ", text)), negative
        return text, negative

    def _signed(self, plain: str, negative: bool) -> str:
        """Return a figure with a minus or none, as `sign` says; a zero has none."""
        zero = not plain.strip("0.")
        match self.sign:
            case "absolute":
                negative = False
            case "reversed":
                negative = not negative
        return f"-{plain}" if negative and not zero else plain


def _shape(decimal: str, thousands: str) -> re.Pattern[str]:
    """Return the pattern of an unsigned figure; thousands are set apart by threes or not at all."""
    point, apart = re.escape(decimal), re.escape(thousands)
    whole = rf"(?:[0-9]{{1,3}}(?:{apart}[0-9]{{3}})+|[0-9]+)" if thousands else "[0-9]+"
    return re.compile(rf"(?:{whole}(?:{point}[0-9]+)?|{point}[0-9]+)", re.ASCII)


def _exponent(minor_units: bool | int, currency: str | None) -> int | None:
    """Return *minor_units* if it is a number, else the currency's decimals; None for no ISO 4217 code."""
    if minor_units is True:
        code = (currency or "").strip().upper()
        return _EXPONENTS.get(code, 2) if _CODE.fullmatch(code) else None
    return int(minor_units)


def _in_major_units(plain: str, exponent: int) -> str | None:
    """Return minor units as major ones, cents as euros; None where *plain* has a point."""
    if "." in plain:
        return None
    digits = plain.lstrip("0") or "0"
    if not exponent:
        return digits
    digits = digits.rjust(exponent + 1, "0")
    return f"{digits[:-exponent]}.{digits[-exponent:]}"


def number_format(said: Mapping[str, Any], source: str) -> NumberFormat:
    """Return the NumberFormat of `[format]`; raise Unusable, naming *source*, for wrong marks.

    Raises:
        Unusable: marks that are none, or the same.
    """
    told = NumberFormat(
        **{name: said[name] for name in attrs.fields_dict(NumberFormat) if name in said}
    )
    if told.decimal not in (".", ",") or told.thousands not in ("", ".", ",", " ", "'", "’", "_"):
        raise Unusable(f"{source}: decimal is '.' or ',', thousands one of . , ' _ or a blank")
    if told.decimal == told.thousands:
        raise Unusable(f"{source}: decimal and thousands are both {told.decimal!r}")
    if told.sign not in _SIGNS:
        raise Unusable(f"{source}: sign is one of {', '.join(_SIGNS)}, not {told.sign!r}")
    return told
