"""Digests and small decimals of DuckDB: what the prefilter holds instead of ids, words and texts.

Nothing here is a verdict. Two texts of one digest are left to the expression, which reads them.
"""

from __future__ import annotations

from functools import reduce
from operator import and_
from typing import Any, Final

import ibis
import ibis.expr.datatypes as dt
import numpy as np
import pyarrow as pa

from .engine import batches

#: Eleven digits before the point: larger ones are left, because their sums could leave an engine's.
SMALL: Final = dt.Decimal(29, 18)
_SMALL_DECIMAL: Final = r"-?(?:0|[1-9][0-9]{0,10})(?:\.[0-9]{1,18})?"
_UNSIGNED: Final = dt.uint64
#: Digests that are sorted together: 80 MB, and as much again as they come.
_SORTED_AT_ONCE: Final = 10_000_000
_CHUNK: Final = 250_000


# Ibis takes the engine's digests for signed numbers, which they are not.
@ibis.udf.scalar.builtin(name="hash", signature=((dt.string,), dt.uint64))  # type: ignore[untyped-decorator]
def _hash_text(text: Any) -> Any:
    """Return DuckDB's UINT64 hash of a text in each row; the engine does it, no Python runs."""
    raise NotImplementedError


@ibis.udf.scalar.builtin(name="hash", signature=((SMALL,), dt.uint64))  # type: ignore[untyped-decorator]
def _hash_figure(figure: Any) -> Any:
    """Return DuckDB's UINT64 hash of a decimal in each row; the engine does it."""
    raise NotImplementedError


@ibis.udf.scalar.builtin(  # type: ignore[untyped-decorator]
    name="hash", signature=((dt.string, SMALL, dt.int8), dt.uint64)
)
def _hash_terms(code: Any, value: Any, standing: Any) -> Any:
    """Return DuckDB's UINT64 hash of currency, amount and standing in each row, as one."""
    raise NotImplementedError


@ibis.udf.scalar.builtin(  # type: ignore[untyped-decorator]
    name="hash", signature=((dt.uint64, dt.uint64), dt.uint64)
)
def _hash_pair(check: Any, terms: Any) -> Any:
    """Return DuckDB's UINT64 hash of two digests in each row, as one."""
    raise NotImplementedError


def digest(value: Any) -> Any:
    """Return an expression: UINT64 digest of a text or small decimal; of NULL a number as well."""
    return _hash_text(value) if value.type().is_string() else _hash_figure(value)


def digest_or_null(value: Any) -> Any:
    """Return an expression: UINT64 digest of a value; NULL where the value is NULL."""
    return ibis.ifelse(value.notnull(), digest(value), ibis.null(_UNSIGNED))


def check_digest(name: Any) -> Any:
    """Return a second digest of a name, of the name with "2" before it; NULL where it is NULL."""
    return digest(ibis.literal("2") + name)


def terms_digest(code: Any, value: Any, standing: Any) -> Any:
    """Return one UINT64 digest of a row's currency, amount and standing."""
    return _hash_terms(code, value, standing.cast("int8"))


def fingerprint(check: Any, terms: Any) -> Any:
    """Return one UINT64 digest of a name's second digest and the digest of its row's terms."""
    return _hash_pair(check, terms)


# One call for each text, and straight on the column: DuckDB reads each value of a dictionary once, and texts
# joined into one take longer to join than to read. Its `$` is the end, and no line's.


def is_small_decimal(text: Any) -> Any:
    """Return whether a text is a decimal of at most 11.18 digits; false where NULL."""
    return text.re_search(f"^{_SMALL_DECIMAL}$").fill_null(False)


def is_small_or_empty(text: Any) -> Any:
    """Return whether a text is empty, NULL or a decimal of at most 11.18 digits."""
    return text.re_search(f"^(?:{_SMALL_DECIMAL})?$").fill_null(True)


def small(text: Any) -> Any:
    """Return the decimal that a text says; NULL where it says none, or is NULL."""
    return text.try_cast(SMALL)


def all_hold(conditions: list[Any]) -> Any:
    """Return a condition: all of these hold; NULL counts as no."""
    return reduce(and_, (condition.fill_null(False) for condition in conditions))


def repeated(con: Any, digests: Any, rows: int) -> pa.Array:
    """Return the digests that occur more than once, sorted, each once. rows: How many, about.

    Sorting bare numbers takes a twentieth of what an engine takes to group them. So that they stay in little
    memory, those of one rest are sorted at a time.
    """
    names = digests.name("digest").as_table()
    parts = rows // _SORTED_AT_ONCE + 1
    found = [np.empty(0, np.uint64)]
    for part in range(parts):
        mine = names if parts == 1 else names.filter(names.digest % parts == part)
        chunks = [batch.column(0).drop_null().to_numpy() for batch in batches(con, mine, _CHUNK)]
        numbers = np.concatenate([*found[:1], *chunks])
        numbers.sort()
        again = numbers[1:][numbers[1:] == numbers[:-1]]
        found.append(np.unique(again))
    return pa.array(np.concatenate(found), pa.uint64())
