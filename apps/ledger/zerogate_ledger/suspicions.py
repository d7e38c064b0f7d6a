"""One mistake that would explain most rows, said once instead of row by row. Pure."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

import attrs
import pyarrow as pa
import pyarrow.compute as pc

from .breaks import BIT
from .exact import is_plain
from .match_inputs import Terms

#: Fewer rows that agree in a difference are a coincidence.
_FEWEST: Final = 10


@attrs.frozen
class Suspicion:
    """One mistake that would explain many rows. rows: How many of how many."""

    code: str
    rows: int
    of: int
    says: str


def without_suspected(answer: pa.Table, terms: Terms) -> tuple[pa.Table, tuple[Suspicion, ...]]:
    """The answer without what is rather our reading of Gate than a difference, and all suspicions."""
    found = []
    if rule := _fee_rule(answer):
        found.append(rule)
        at = answer.column_names.index("differences")
        kept = pa.scalar(~BIT["fee_identity"], pa.int64())
        masks = pc.bit_wise_and(answer["differences"], kept)
        answer = answer.set_column(at, "differences", masks)
    if basis := _amount_basis(answer, terms):
        found.append(basis)
    return answer, tuple(found)


def _fee_rule(answer: pa.Table) -> Suspicion | None:
    """Suspect our rule of fees where Gate's amount, fees and total disagree almost everywhere."""
    failing = pc.not_equal(
        pc.bit_wise_and(answer["differences"], pa.scalar(BIT["fee_identity"], pa.int64())), 0
    )
    rows = pc.sum(answer.filter(failing)["gate_transactions"]).as_py() or 0
    of = pc.sum(answer["gate_transactions"]).as_py() or 0
    if rows < _FEWEST or 2 * rows <= of:
        return None
    return Suspicion(
        "fee_rule",
        rows,
        of,
        f"amount, fees and total do not add up on {rows:,} of {of:,} transactions: Gate seems to write "
        "its amounts otherwise than we read them, so this is not listed as breaks; ask 0Bit whether "
        "fiat_amount is before or after fees",
    )


def _amount_basis(answer: pa.Table, terms: Terms) -> Suspicion | None:
    """Suspect the option where the ledger's amounts are mostly Gate's other ones."""
    name = "fiat" if terms.total_basis else "total"
    differ = _rows_where(answer, BIT["amount"])
    if differ.num_rows == 0:
        return None
    columns = ("l_amount", "g_fiat_amount" if terms.total_basis else "g_total_pay_or_receive")
    rows = sum(
        count
        for ours, theirs, count in zip(
            *(differ[name].to_pylist() for name in (*columns, "ledger_rows")), strict=True
        )
        if _same(ours, theirs)
    )
    of = _met(answer)
    if rows < _FEWEST or 2 * rows <= of:
        return None
    return Suspicion(
        "amount_basis",
        rows,
        of,
        f"{rows:,} of {of:,} amounts are Gate's {_NAMED[name]}: the option is probably wrong, say "
        f"--amount-basis {name}",
    )


_NAMED: Final = {"fiat": "amount without fees", "total": "total with fees"}


def _rows_where(answer: pa.Table, bit: int) -> pa.Table:
    masks = pc.bit_wise_and(answer["differences"], pa.scalar(bit, pa.int64()))
    return answer.filter(pc.not_equal(masks, 0))


def _met(answer: pa.Table) -> int:
    """Ledger rows that have a record."""
    both = pc.and_(pc.greater(answer["ledger_rows"], 0), pc.greater(answer["gate_rows"], 0))
    return pc.sum(answer.filter(both)["ledger_rows"]).as_py() or 0


def _same(ours: str | None, theirs: str | None) -> bool:
    if not (is_plain(ours) and is_plain(theirs)):
        return False
    return Decimal(ours or "") == Decimal(theirs or "")
