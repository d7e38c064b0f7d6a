"""Changes since an earlier report: breaks that are new, carried over, or gone. Both lie on disk, whatever
their number; a break is known by a digest of what names it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from decimal import Decimal
from hashlib import blake2b
from itertools import islice
from typing import Any, Final, Literal, TypeAlias

import attrs
import pyarrow as pa

from .controls import Total
from .errors import Unusable
from .exact import EXACT, is_plain
from .spool import Spool

Change: TypeAlias = Literal["new", "carried over"]
#: What names a break from one report to the next: not its line, which moves, nor its figures.
_NAMES: Final = ("order_id", "refid", "session_id", "rail_id")
_NOW: Final = pa.schema([("name", pa.binary()), ("place", pa.int64())])
_EARLIER: Final = pa.schema(
    [
        ("name", pa.binary()),
        ("currency", pa.string()),
        ("amount", pa.string()),
        ("place", pa.int64()),
    ]
)
_ROWS: Final = 10_000


def identity(code: str, ledger: Mapping[str, str], gate: Mapping[str, str]) -> bytes:
    """Return a 16-byte digest of a break's class and its ids on both sides, without figures."""
    names = [code, *(side.get(name) for side in (ledger, gate) for name in _NAMES)]
    return blake2b(json.dumps(names).encode(), digest_size=16).digest()


@attrs.define
class Since:
    """An earlier report's breaks. counts: Change → currency → rows and money, of those that were counted."""

    as_of: str
    _earlier: Spool
    _spool: Callable[[], Spool]
    counts: dict[str, dict[str, Total]] = attrs.Factory(dict)

    @classmethod
    def of(
        cls,
        as_of: str,
        lines: Iterable[str],
        source: str,
        spool: Callable[[], Spool] = Spool,
    ) -> Since:
        """Read an earlier report from the lines of its breaks.jsonl; Unusable where they are none.

        spool: Makes what holds more rows than fit in memory.

        Raises:
            Unusable: it is none.
        """
        try:
            return cls(as_of, _add_numbered(map(_parse_break, lines), _EARLIER, spool()), spool)
        except (ValueError, KeyError, TypeError, AttributeError) as problem:
            raise Unusable(f"{source} is not the breaks.jsonl of a report") from problem

    def compare(self, names: Iterable[bytes]) -> Iterator[Change]:
        """Yield `new` or `carried over` for each break, in order; count those gone as cleared.

        Of breaks with one name, so many are carried over as there were; what is left of these is cleared,
        and counted as such.
        """
        now = _add_numbered(((name,) for name in names), _NOW, self._spool())
        met = self._spool()
        with now.engine() as con:
            con.con.from_arrow(self._earlier.reader()).create("earlier")
            con.con.from_arrow(now.reader()).create("now")
            for batch in con.con.sql(_CARRIED).to_arrow_reader(_ROWS):
                met.add(pa.Table.from_batches([batch]))
            for batch in con.con.sql(_CLEARED).to_arrow_reader(_ROWS):
                for row in batch.to_pylist():
                    self._count("cleared", row["currency"], row["amount"], row["rows"])
        for table in met.tables():
            yield from ("carried over" if one else "new" for one in table["carried"].to_pylist())

    def count(self, change: Change, ledger: Mapping[str, str], gate: Mapping[str, str]) -> None:
        """Count a break that is there now, with the ledger's currency and amount, else Gate's."""
        self._count(change, *_currency_and_amount(ledger, gate), 1)

    def _count(self, change: str, currency: str, amount: str, rows: int) -> None:
        """Add *rows* rows of *amount* each to a change's total; unreadable, the rows only."""
        value = EXACT.multiply(Decimal(amount), rows) if is_plain(amount) else None
        self.counts.setdefault(change, {}).setdefault(currency, Total()).add(rows, value)


def _parse_break(line: str) -> tuple[bytes, str, str]:
    """Return (digest of the break, currency, amount) of one line of breaks.jsonl; "" if missing."""
    row = json.loads(line)
    name = identity(row["class"], row["ledger"], row["gate"])
    return (name, *_currency_and_amount(row["ledger"], row["gate"]))


def _currency_and_amount(ledger: Mapping[str, str], gate: Mapping[str, str]) -> tuple[str, str]:
    """Return (currency, amount) of the ledger's row, else of Gate's; "" for what is missing."""
    side: Mapping[str, Any] = ledger or gate
    return side.get("currency") or "", side.get("amount") or ""


def _add_numbered(rows: Iterable[tuple[Any, ...]], schema: pa.Schema, into: Spool) -> Spool:
    """Add rows to a spool, each with its place from 0 as its last cell, and return that spool."""
    into.add(schema.empty_table())
    numbered = ((*row, place) for place, row in enumerate(rows))
    while some := list(islice(numbered, _ROWS)):
        columns = zip(*some, strict=True)
        arrays = [pa.array(cells, kind) for cells, kind in zip(columns, schema.types, strict=True)]
        into.add(pa.Table.from_arrays(arrays, schema=schema))
    return into


# ── In DuckDB ────────────────────────────────────────────────────────────────────────────────────

_CARRIED: Final = """
    WITH counts AS (SELECT name, count(*) AS times FROM earlier GROUP BY name)
    SELECT coalesce(row_number() OVER (PARTITION BY name ORDER BY place) <= times, false) AS carried
    FROM now LEFT JOIN counts USING (name) ORDER BY place
"""
_CLEARED: Final = """
    WITH counts AS (SELECT name, count(*) AS times FROM now GROUP BY name),
    numbered AS (
        SELECT currency, amount, coalesce(times, 0) AS met,
            row_number() OVER (PARTITION BY name ORDER BY place DESC) AS nth
        FROM earlier LEFT JOIN counts USING (name)
    )
    SELECT currency, amount, count(*) AS rows FROM numbered WHERE nth > met GROUP BY ALL
"""
