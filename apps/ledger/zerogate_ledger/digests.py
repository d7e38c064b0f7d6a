"""Digests and small decimals of DuckDB: what the prefilter holds instead of ids, words and texts.

Nothing here is a verdict. Two texts of one digest are left to the expression, which reads them.
"""

from __future__ import annotations

from functools import reduce
from operator import and_
from typing import Any, Final

import ibis
import ibis.expr.datatypes as dt
import ibis.expr.types as ir

#: Eleven digits before the point: larger ones are left, because their sums could leave an engine's.
SMALL: Final = dt.Decimal(29, 18)
_SMALL_DECIMAL: Final = r"-?(?:0|[1-9][0-9]{0,10})(?:\.[0-9]{1,18})?"
_UNSIGNED: Final = dt.uint64


# Ibis takes the engine's digests for signed numbers, which they are not.
@ibis.udf.scalar.builtin(name="hash", signature=((dt.string,), dt.uint64))  # type: ignore[untyped-decorator]
def _of_text(text: Any) -> Any:
    raise NotImplementedError


@ibis.udf.scalar.builtin(name="hash", signature=((SMALL,), dt.uint64))  # type: ignore[untyped-decorator]
def _of_figure(figure: Any) -> Any:
    raise NotImplementedError


@ibis.udf.scalar.builtin(  # type: ignore[untyped-decorator]
    name="hash", signature=((dt.uint64, dt.string, SMALL, dt.int8), dt.uint64)
)
def _of_four(check: Any, code: Any, value: Any, standing: Any) -> Any:
    raise NotImplementedError


def digest(value: Any) -> Any:
    """Return the digest of a text or a small decimal. That of NULL is a number as well."""
    return _of_text(value) if value.type().is_string() else _of_figure(value)


def digest_or_null(value: Any) -> Any:
    """Return the digest of a value; NULL of NULL."""
    return ibis.ifelse(value.notnull(), digest(value), ibis.null(_UNSIGNED))


def check_digest(name: Any) -> Any:
    """Return a second digest of a name, made of another text."""
    return digest(ibis.literal("2") + name)


def fingerprint(check: Any, code: Any, value: Any, standing: Any) -> Any:
    """Return one digest of all that two rows have to say alike, their names included."""
    return _of_four(check, code, value, standing.cast("int8"))


# One call for each text, and straight on the column: DuckDB reads each value of a dictionary once, and texts
# joined into one take longer to join than to read. Its `$` is the end, and no line's.


def is_small_decimal(text: Any) -> Any:
    """Return whether a text is an exact decimal that an engine can add up; false of NULL."""
    return text.re_search(f"^{_SMALL_DECIMAL}$").fill_null(False)


def is_small_or_empty(text: Any) -> Any:
    """Return the same, where a figure may also be missing."""
    return text.re_search(f"^(?:{_SMALL_DECIMAL})?$").fill_null(True)


def small(text: Any) -> Any:
    """Return the decimal of a text that `is_small_decimal`; NULL of an empty one."""
    return text.try_cast(SMALL)


def all_hold(conditions: list[Any]) -> Any:
    """Return whether every condition holds; an unknown one does not."""
    return reduce(and_, (condition.fill_null(False) for condition in conditions))


def repeated(digests: Any) -> ir.Table:
    """Return the digests that occur more than once, as a column `digest`."""
    names = digests.name("digest").as_table()
    names = names.filter(names.digest.notnull())
    counts = names.group_by("digest").agg(rows=names.count())
    return counts.filter(counts.rows > 1).select("digest")
