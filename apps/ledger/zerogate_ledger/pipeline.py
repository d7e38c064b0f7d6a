"""One reconciliation from end to end: a ledger, a mirror, the match, its proof. Writes no report."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from decimal import Decimal
from functools import lru_cache, partial
from typing import Any, Final

import attrs
import ibis
import ibis.expr.types as ir
import pyarrow as pa
import pyarrow.compute as pc
from ibis.expr.operations import InMemoryTable

from .breaks import BIT
from .controls import Tolerance, Total
from .engine import in_less_memory
from .errors import Unusable, WrongAccount
from .exact import EXACT
from .findings import Findings, findings
from .long_keys import cut_by_place
from .match import classified, counted, paired
from .match_inputs import CREATED_END, Terms
from .prefilter import screened
from .refunds import apart, refund_answer
from .shards import Shard, Sides, one_shard, payers_known
from .spool import Spool
from .statuses import REFUND, STATES, Words, guess, says_refund

#: Rows on a side from which a slim pass is worth its own half second.
MANY: Final = 100_000
#: Rows on a side that the expression gets at once: with all their evidence and windows over them.
AT_ONCE: Final = 125_000
#: More spellings than this are no statuses.
_MOST_STATUSES: Final = 200


@attrs.frozen
class LedgerWords:
    """Meanings of the ledger's statuses. guessed: Those that nobody told."""

    meanings: Mapping[str, str]
    guessed: frozenset[str]

    @property
    def refunds(self) -> tuple[str, ...]:
        """Statuses that make a row with a negative amount a refund: told or guessed."""
        said = (
            w
            for w, m in self.meanings.items()
            if m == REFUND or (m == "unknown" and says_refund(w))
        )
        return tuple(said)

    @property
    def words(self) -> Words:
        """The statuses by their standing."""
        return Words.of(self.meanings)


def ledger_words(con: Any, ledger: Any, told: Mapping[str, str]) -> LedgerWords | None:
    """Return the meaning of each ledger status; None without a column; Unusable for over 200 of them.

    Raises:
        Unusable: a column with so many values that it is no status.
    """
    if "status" not in ledger.columns:
        return None
    written = ledger.select("status").filter(ledger.status.notnull())
    found = con.to_pyarrow(written.distinct().limit(_MOST_STATUSES + 1))
    values = found["status"].to_pylist()
    if len(values) > _MOST_STATUSES:
        raise Unusable(
            f"the column taken for the status has over {_MOST_STATUSES} different values, such as "
            f"{min(values)!r}: say --column status=NAME, or leave the status out"
        )
    meanings = {word: told.get(word) or guess(word) for word in sorted(values)}
    return LedgerWords(meanings, frozenset(set(meanings) - set(told)))


def newest_row(con: Any, ledger: Any) -> int | None:
    """Return Unix seconds of the ledger's newest row, a date's end counted; None if unknown."""
    if "created_at" not in ledger.columns:
        return None
    at = ledger.created_at
    if CREATED_END in ledger.columns:
        at = ibis.coalesce(ledger[CREATED_END], at)
    newest: int | None = con.to_pyarrow(at.max()).as_py()
    return newest


def reconcile(
    con: Any,
    ledger: Any,
    transactions: Any,
    sessions: Any | None,
    terms: Terms,
    *,
    tolerance: Decimal | Tolerance | None = None,
    most_may_be_missing: bool = False,
) -> Findings:
    """Match both sides on *con*'s engine, return proven findings; DoesNotAddUp, or WrongAccount if most miss.

    Raises:
        WrongAccount: most of the ledger is not at Gate.
        DoesNotAddUp: the proof failed.
    """
    answer = match(con, Sides(ledger, transactions, sessions), terms)
    return prove(
        con,
        answer,
        ledger,
        transactions,
        terms,
        tolerance=tolerance,
        most_may_be_missing=most_may_be_missing,
    )


def match(con: Any, sides: Sides, terms: Terms) -> Iterator[pa.Table]:
    """Yield the answer: breaks with their evidence, matches as sums, and refunds, if any, last."""
    parts = apart(sides.ledger, terms)
    payments = attrs.evolve(sides, ledger=parts.payments)
    # Where it runs elsewhere, memory is that engine's affair, and tables may not be ours to make.
    if con.name == "duckdb" and _rows(con, sides) > MANY:
        yield from _screened(con, payments, terms)
    else:
        yield classified_at_once(con, payments, terms)
    if (refunds := refund_answer(con, parts, terms)) is not None:
        yield refunds


def prove(
    con: Any,
    answer: Iterable[pa.Table],
    ledger: Any,
    transactions: Any,
    terms: Terms,
    *,
    tolerance: Decimal | Tolerance | None = None,
    most_may_be_missing: bool = False,
    spool: Callable[[], Spool] = Spool,
) -> Findings:
    """Return the findings of an answer, proven against both sides; DoesNotAddUp, WrongAccount if not.

    spool: Makes what holds the breaks beyond memory.

    Raises:
        WrongAccount: most of the ledger is not at Gate.
        DoesNotAddUp: the proof failed.
    """
    with ExitStack() as stack:
        if isinstance(answer, Generator):
            # Also where the proof fails: its tables go before their engine does.
            stack.callback(answer.close)
        return findings(
            answer if most_may_be_missing else _check_account(answer),
            ledger_totals(con, ledger, terms.ledger_words),
            con.to_pyarrow(transactions.count()).as_py(),
            terms,
            Tolerance(tolerance) if isinstance(tolerance, Decimal) else tolerance,
            spool=spool,
        )


def classified_at_once(con: Any, sides: Sides, terms: Terms) -> pa.Table:
    """Return the answer of all rows in one query."""
    tables = sides.ledger, sides.transactions, sides.sessions, sides.twice
    return _execute(con, _classified, tables, terms)


def _classified(
    ledger: Any, transactions: Any, sessions: Any, twice: Any, terms: Terms
) -> ir.Table:
    """Return the expression of matched and classified pairs of the ledger's and Gate's tables."""
    return classified(ledger, transactions, sessions, terms, twice)


def _execute(
    con: Any, expression: Callable[..., ir.Table], tables: Sequence[Any], terms: Terms
) -> pa.Table:
    """Return an engine's answer to an expression; DuckDB's SQL of it is kept for the next."""
    answer: pa.Table
    if con.name != "duckdb" or any(
        one is not None and one.op().find(InMemoryTable) for one in tables
    ):
        answer = con.to_pyarrow(expression(*tables, terms))
    else:
        ops = (one if one is None else one.unbind().op() for one in tables)
        query, schema = _query(expression, *ops, terms=terms)
        answer = con.con.sql(query).to_arrow_table().cast(schema)
    return answer


@lru_cache(maxsize=16)
def _query(
    expression: Callable[..., ir.Table], *tables: Any, terms: Terms
) -> tuple[str, pa.Schema]:
    """Return an expression's SQL for DuckDB and its answer's schema; the last 16 are kept.

    Writing it takes as long as answering it for thousands of rows, and the parts of a match, or two runs of
    a process, often differ in their rows alone.
    """
    asked = expression(*(one if one is None else one.to_expr() for one in tables), terms)
    return ibis.to_sql(asked, dialect="duckdb", pretty=False), asked.schema().to_pyarrow()


def screened_first(con: Any, sides: Sides, terms: Terms) -> pa.Table:
    """Return the answer of all rows: what a slim pass clears, then the expression's on the rest."""
    return pa.concat_tables(_screened(con, sides, terms), promote_options="default")


def _screened(con: Any, sides: Sides, terms: Terms) -> Iterator[pa.Table]:
    """Yield what a slim pass clears, then the answer of the rest, in parts; on DuckDB only."""
    tables = sides.ledger, sides.transactions, sides.sessions
    with screened(con, *tables, terms, sides.twice) as left:
        yield left.cleared
        rest = Sides(left.ledger, left.transactions, left.sessions, sides.twice)
        yield from _in_parts(con, rest, terms)


def _in_parts(con: Any, sides: Sides, terms: Terms) -> Iterator[pa.Table]:
    """Yield the answer in tables, of as many rows at a time as little memory holds."""
    parts = _rows(con, sides) // AT_ONCE + 1
    if parts == 1:
        yield classified_at_once(con, sides, terms)
        return
    with payers_known(con, sides, terms) as known:
        for number in range(1, parts + 1):
            with one_shard(con, known, terms, Shard(number, parts)) as part:
                if _rows(con, part) > 2 * AT_ONCE:
                    yield from classified_by_place(con, part, terms)
                else:
                    tables = part.ledger, part.transactions, part.sessions, part.twice
                    yield _execute_in_less_memory(con, _classified, tables, terms)


def classified_by_place(
    con: Any, sides: Sides, terms: Terms, size: int = AT_ONCE
) -> Iterator[pa.Table]:
    """Yield the answer where single keys have more rows than *size*, cut by their place."""
    with cut_by_place(con, sides, terms, size) as slices:
        for slice_ in slices:
            yield _execute_in_less_memory(con, paired, slice_, terms)


def _execute_in_less_memory(
    con: Any, expression: Callable[..., ir.Table], tables: Sequence[Any], terms: Terms
) -> pa.Table:
    """Return an answer made within a third of DuckDB's memory, or all if that fails."""
    return in_less_memory(con, partial(_execute, con, expression, tables, terms))


def _rows(con: Any, sides: Sides) -> int:
    """Return how many rows the larger side has: ledger or transactions, sessions not counted."""
    counts = (con.to_pyarrow(side.count()).as_py() for side in (sides.ledger, sides.transactions))
    return int(max(counts))


def ledger_totals(con: Any, ledger: Any, words: Words) -> dict[tuple[str, str], Total]:
    """Return (currency, state) → rows and exact sum of the ledger, counted by itself."""
    totals: dict[tuple[str, str], Total] = {}
    for row in con.to_pyarrow(counted(ledger, words)).to_pylist():
        large = row["large"] and EXACT.multiply(row["large"], row["rows"])
        key = row["code"] or "", STATES[row["state"]]
        totals.setdefault(key, Total()).add(row["rows"], large or row["sum"])
    return totals


def _check_account(answer: Iterable[pa.Table]) -> Iterator[pa.Table]:
    """Yield the answer; after it, raise WrongAccount where most ledger rows are not at Gate."""
    bits = pa.scalar(BIT["missing_remote"] | BIT["late"], pa.int64())
    rows = missing = 0
    for table in answer:
        alone = pc.not_equal(pc.bit_wise_and(table["differences"], bits), 0)
        rows += pc.sum(table["ledger_rows"]).as_py() or 0
        missing += pc.sum(table.filter(alone)["ledger_rows"]).as_py() or 0
        yield table
    if 2 * missing > rows:
        raise WrongAccount(
            f"{missing} of {rows} ledger rows are not at Gate. That is rarely so many lost "
            "payments: check that the key (and with it test or live) is that of the account this "
            "ledger belongs to, and that the column of ids is the right one. To report them all the "
            "same, say --most-may-be-missing"
        )
