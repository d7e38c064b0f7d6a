"""Arrow columns as text, every digit as it is held, whatever type a file or an engine gave them. Pure."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc

from .errors import Unusable

#: Fields that are read as exact decimals.
FIGURES: Final = ("amount", "fee", "rate", "token_amount", "debit", "credit")
_UUID_BYTES: Final = 16


def check_type(field: str, name: str, kind: pa.DataType) -> None:
    """Raise Unusable for a column of floats or of lists and structs: no exact text can be read.

    Raises:
        Unusable: floats, or values that are no single text.
    """
    if pa.types.is_dictionary(kind):
        kind = kind.value_type
    if pa.types.is_floating(kind):
        raise Unusable(
            f"column {name!r} ({field}) holds floats, which have lost digits already: "
            "write it as text, as a decimal, or as a whole number of cents (minor_units)"
        )
    if pa.types.is_nested(kind):
        raise Unusable(
            f"column {name!r} ({field}) holds {kind}: write one text or decimal in each row"
        )


def as_text(values: Any) -> pa.Array:
    """Return a column as one array of text: decimals without exponents; Unusable for other bytes.

    Raises:
        Unusable: bytes that are no text.
    """
    if isinstance(values, pa.ChunkedArray):
        values = values.combine_chunks()
    kind = values.type
    if isinstance(kind, pa.UuidType):
        return pa.array([None if one is None else str(one) for one in values.to_pylist()])
    if isinstance(values, pa.ExtensionArray):
        return as_text(values.storage)
    if pa.types.is_dictionary(kind):
        return as_text(values.cast(kind.value_type))
    if pa.types.is_decimal(kind):
        return _plain(values)
    try:
        return values.cast(pa.string())
    except pa.ArrowInvalid:
        raise Unusable(
            f"a column of {kind} holds bytes that are no UTF-8: write it as text"
        ) from None


def _plain(values: Any) -> pa.Array:
    """Return decimals as text: no exponent (Arrow's 0E-18), no zeros beyond 18 decimals."""
    text = values.cast(pa.string())
    if pc.any(pc.match_substring(text, "E")).as_py():
        packed = text.dictionary_encode()
        words = [format(Decimal(word), "f") for word in packed.dictionary.to_pylist()]
        text = pa.array(words, pa.string()).take(packed.indices)
    if values.type.scale > 18:
        # Zeros beyond what a decimal here may have say nothing; a digit there makes it unreadable.
        text = pc.replace_substring_regex(text, r"(\.[0-9]{18}[0-9]*?)0+$", r"\1")
    return text
