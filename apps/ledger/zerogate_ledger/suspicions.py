"""One mistake that would explain most rows, said once instead of row by row. Pure."""

from __future__ import annotations

from typing import Any, Final

import attrs
import pyarrow as pa
import pyarrow.compute as pc

from .breaks import BIT
from .exact import SHAPE
from .match_inputs import Terms

#: Fewer rows that agree in a difference are a coincidence.
_FEWEST: Final = 10
#: Arrow's `$` is the end, and no line's.
_PLAIN: Final = SHAPE.removesuffix("!$") + "$"


@attrs.frozen
class Suspicion:
    """One mistake that would explain many rows. rows: How many of how many."""

    code: str
    rows: int
    of: int
    says: str


class Suspects:
    """Counts of what the rows of an answer have in common, a table at a time."""

    def __init__(self, terms: Terms) -> None:
        self._terms = terms
        self._adding_up = self._transactions = self._other_basis = self._met = self._fees = 0

    def count(self, rows: pa.Table) -> None:
        """Add a table's rows to the counts that suspicions rest on; the table is not kept."""
        bit = pa.scalar(BIT["fee_identity"], pa.int64())
        failing = pc.not_equal(pc.bit_wise_and(rows["differences"], bit), 0)
        self._adding_up += _sum(rows.filter(failing)["gate_transactions"])
        self._transactions += _sum(rows["gate_transactions"])
        both = pc.and_(pc.greater(rows["ledger_rows"], 0), pc.greater(rows["gate_rows"], 0))
        self._met += _sum(rows.filter(both)["ledger_rows"])
        self._fees += _sum(_rows_where(rows.filter(both), BIT["fee"])["ledger_rows"])
        differ = _rows_where(rows, BIT["amount"])
        if differ.num_rows:
            other = "g_fiat_amount" if self._terms.total_basis else "g_total_pay_or_receive"
            same = pc.equal(_as_decimals(differ["l_amount"]), _as_decimals(differ[other]))
            self._other_basis += _sum(differ.filter(same)["ledger_rows"])

    @property
    def fee_rule(self) -> bool:
        """Return True if amount, fees, total disagree on ten Gate transactions or more, and on most."""
        return self._adding_up >= _FEWEST and 2 * self._adding_up > self._transactions

    def without_suspected(self, rows: pa.Table) -> pa.Table:
        """Return rows without the class fee_identity if `fee_rule` explains it, else as given."""
        if not self.fee_rule:
            return rows
        kept = pa.scalar(~BIT["fee_identity"], pa.int64())
        masks = pc.bit_wise_and(rows["differences"], kept)
        return rows.set_column(rows.column_names.index("differences"), "differences", masks)

    def found(self) -> tuple[Suspicion, ...]:
        """Return the suspicions that most of the counted rows bear out; () for none."""
        found = []
        if self.fee_rule:
            rows, of = self._adding_up, self._transactions
            found.append(
                Suspicion(
                    "fee_rule",
                    rows,
                    of,
                    f"amount, fees and total do not add up on {rows:,} of {of:,} transactions: Gate seems "
                    "to write its amounts otherwise than we read them, so this is not listed as breaks; "
                    "ask 0Bit whether fiat_amount is before or after fees",
                )
            )
        rows, of = self._other_basis, self._met
        if rows >= _FEWEST and 2 * rows > of:
            name = "fiat" if self._terms.total_basis else "total"
            found.append(
                Suspicion(
                    "amount_basis",
                    rows,
                    of,
                    f"{rows:,} of {of:,} amounts are Gate's {_NAMED[name]}: the option is probably wrong, "
                    f"say --amount-basis {name}",
                )
            )
        if self._fees >= _FEWEST and 2 * self._fees > of:
            found.append(
                Suspicion(
                    "fees",
                    self._fees,
                    of,
                    f"{self._fees:,} of {of:,} fees are others than Gate's: the column is probably one of "
                    "another system; if so, leave it out (guess = false in the file of columns)",
                )
            )
        return tuple(found)


_NAMED: Final = {"fiat": "amount without fees", "total": "total with fees"}


def _rows_where(answer: pa.Table, bit: int) -> pa.Table:
    """Return the rows whose differences include this bit."""
    masks = pc.bit_wise_and(answer["differences"], pa.scalar(bit, pa.int64()))
    return answer.filter(pc.not_equal(masks, 0))


def _sum(numbers: Any) -> int:
    """Return the sum of numbers; 0 where there are none."""
    return pc.sum(numbers).as_py() or 0


def _as_decimals(texts: Any) -> Any:
    """Return texts as decimals; NULL where one is no plain decimal."""
    plain = pc.match_substring_regex(texts, _PLAIN)
    return pc.if_else(plain, texts, pa.scalar(None, pa.string())).cast(pa.decimal128(38, 18))
