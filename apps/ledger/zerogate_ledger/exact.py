"""Text to exact decimals, by one rule that every engine applies alike. Knows no table and no engine.

A cast alone reads `1e5`, ` 100` or `1_000` on one engine and fails on the next; Python's `\\d` takes
Arabic digits. So text is a decimal only where a regular expression says so; everything else is NULL.
"""

from __future__ import annotations

import re
from decimal import MAX_EMAX, MAX_PREC, Context, Inexact
from typing import Final

import ibis
import ibis.expr.datatypes as dt
import ibis.expr.types as ir

#: 20 digits before the point and 18 after: what fits, and what tokens with 18 decimals need.
_DECIMAL: Final = r"-?(0|[1-9][0-9]{0,19})(\.[0-9]{1,18})?"
#: Put behind the text, because `$` alone lets a final newline pass on the JVM.
_END: Final = "!"
SHAPE: Final = f"^{_DECIMAL}{_END}$"
AMOUNT: Final = dt.Decimal(38, 18)
#: Two of these add up to an AMOUNT without losing a digit; two AMOUNTs lose some on Spark.
SUMMAND: Final = dt.Decimal(37, 18)

#: Arithmetic in which no digit is lost.
EXACT: Final = Context(prec=MAX_PREC, Emax=MAX_EMAX, Emin=-MAX_EMAX, traps=[Inexact])
_SHAPE: Final = re.compile(_DECIMAL, re.ASCII)


def is_plain(text: str | None) -> bool:
    """Return whether a text is an exact decimal, of at most 20 and 18 digits; False for None."""
    return text is not None and _SHAPE.fullmatch(text) is not None


def plain(text: ir.StringValue) -> ir.BooleanValue:
    """Return the condition: a text is an exact decimal; false, not NULL, where it is NULL."""
    return text.notnull() & (text + _END).re_search(SHAPE)


def exact(text: ir.StringValue) -> ir.DecimalValue:
    """Return an expression: the decimal(38, 18) that a text says; NULL where it says none."""
    return ibis.ifelse(plain(text), text, ibis.null("string")).cast(AMOUNT)


def summand(amount: ir.DecimalValue) -> ir.DecimalValue:
    """Return an amount narrowed, so that any engine can add two of them; NULL from 1e19 on."""
    return ibis.ifelse(reaches(amount, 19), ibis.null(AMOUNT), amount).cast(SUMMAND)


def reaches(amount: ir.DecimalValue, zeros: int) -> ir.BooleanValue:
    """Return the condition: an amount is at least 1 with *zeros* zeros, its sign left aside."""
    # As text: a Decimal is written in scientific notation, which engines read in their own ways.
    end = ibis.literal("1" + "0" * zeros).cast(AMOUNT)
    start = ibis.literal("-1" + "0" * zeros).cast(AMOUNT)
    return (amount >= end) | (amount <= start)
