"""One of n parts of a match, on DuckDB: rows under the same key are in the same part, whole.

The answers of all parts, put one after the other, are the answer of the whole. What crosses keys is told
apart first: who paid more than once is looked up among all transactions, not among those of a part.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any, Final

import attrs
import ibis
import ibis.expr.types as ir
import pyarrow as pa

from .digests import digest, digest_or_null, repeated
from .match_inputs import Terms
from .normalize import key_of, paid_records, payer
from .slim_rows import SlimRows

#: Where rows without any name are.
_NAMELESS: Final = ibis.literal(0, "uint64")


@attrs.frozen
class Shard:
    """One part of several. number: From 1."""

    number: int
    of: int

    def __str__(self) -> str:
        return f"{self.number}/{self.of}"

    def holds(self, digests: Any) -> Any:
        """Return the condition: a digest belongs to this part; a NULL belongs to the first one."""
        return ibis.coalesce(digests, _NAMELESS) % self.of == self.number - 1


@attrs.frozen
class Sides:
    """Both sides of a match. twice: Payers who paid more than once, where that was looked up before."""

    ledger: ir.Table
    transactions: ir.Table
    sessions: ir.Table | None
    twice: ir.Table | None = None


@contextmanager
def _tables(con: Any) -> Iterator[Callable[[str, Any], ir.Table]]:
    """Yield a maker of temporary tables, which are dropped after the block."""
    with ExitStack() as stack:

        def keep(name: str, rows: Any) -> ir.Table:
            """Write rows to a temporary table, over one so called; drop it after the block."""
            name = f"zerogate_shard_{name}"
            stack.callback(con.drop_table, name, force=True)
            table: ir.Table = con.create_table(name, rows, temp=True, overwrite=True)
            return table

        yield keep


@contextmanager
def payers_known(con: Any, sides: Sides, terms: Terms) -> Iterator[Sides]:
    """Yield the sides with payers of several successes in `twice`: as given, else looked up now."""
    if sides.twice is not None:
        yield sides
        return
    with _tables(con) as keep:
        rows = con.to_pyarrow(sides.transactions.count()).as_py()
        found = repeated(con, _slim(sides, terms).payers(), rows)
        often = keep("often", pa.table({"digest": found}))
        yield attrs.evolve(sides, twice=keep("twice", _paid_twice(often, sides, terms)))


def _slim(sides: Sides, terms: Terms) -> SlimRows:
    """Return both sides as slim rows."""
    return SlimRows(sides.ledger, sides.transactions, sides.sessions, terms)


@contextmanager
def one_shard(con: Any, whole: Sides, terms: Terms, shard: Shard) -> Iterator[Sides]:
    """Yield the sides with the rows of one part only; its tables are dropped after the block."""
    slim = _slim(whole, terms)
    with payers_known(con, whole, terms) as known, _tables(con) as keep:
        paid = slim.paid_by_key()
        ledger = whole.ledger.filter(shard.holds(digest_or_null(key_of(whole.ledger, terms.kinds))))
        mine = paid.filter(shard.holds(ibis.coalesce(paid.key_digest, paid.own_digest)))
        transactions = keep("transactions", mine.select(*whole.transactions.columns))
        sessions = whole.sessions
        if sessions is not None:
            unpaid = slim.unpaid_by_key()
            idle = unpaid.filter(shard.holds(ibis.coalesce(unpaid.key_digest, unpaid.own_digest)))
            linked = digest(sessions.id).isin(
                transactions.select(digest=digest(transactions.session_id)).digest
            )
            rows = sessions.filter(linked).union(idle.select(*sessions.columns))
            sessions = keep("sessions", rows)
        yield Sides(ledger, transactions, sessions, known.twice)


def _paid_twice(often: ir.Table, sides: Sides, terms: Terms) -> ir.Table:
    """Return payers of several successes, as text in `twice_by` and as `digest`.

    often: Digests of those that may be, so that few texts are held at once.
    """
    records = paid_records(sides.transactions, sides.sessions, terms)
    whom = ibis.coalesce(records.g_order_id, records.g_session_id)
    records = records.mutate(whom=payer(records), digest=digest(whom))
    records = records.filter(records.whom.notnull() & records.digest.isin(often.digest))
    counts = records.group_by(twice_by=records.whom, digest=records.digest)
    counts = counts.agg(times=records.count())
    return counts.filter(counts.times > 1).drop("times")
