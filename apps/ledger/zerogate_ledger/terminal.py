"""Lines that `zerogate reconcile` prints for whoever ran it. Pure."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import duckdb

from .controls import Total
from .findings import Findings
from .pipeline import LedgerWords
from .report.story import plain_text, when


def status_lines(meant: LedgerWords | None) -> Iterator[str]:
    """Yield a line for each status of the ledger: its meaning, guessed or told."""
    if meant is None:
        yield "status        no column for it: every row is held to be booked, and needs a success at Gate"
        return
    for word, said in meant.meanings.items():
        how = "guessed" if word in meant.guessed else "as told"
        yield f"status        {word!r} means {said}, {how}"


def result_lines(found: Findings, summary: Mapping[str, Any], out: Path) -> Iterator[str]:
    """Yield the lines of the result: breaks by class, control totals, the report's path."""
    yield f"As of {when(found.terms.as_of)}: {found.ledger_rows:,} ledger rows, {found.breaks:,} breaks"
    for code, count in found.classes.items():
        yield f"  {code:<18} {count:>10,}"
    if known := summary["breaks_known"]:
        yield f"  {known:,} of them are known, and somebody answers for them"
    for change, parts in summary.get("since", {}).items():
        if change != "as_of":
            money = ", ".join(f"{p['rows']:,} of {p['amount']} {code}" for code, p in parts.items())
            yield f"  {change.replace('_', ' '):<18} {money or 'none'}"
    if found.in_parts:
        yield f"  {found.in_parts:,} orders match in several payments or rows"
    for one in found.suspicions:
        yield f"  Look at this first: {one.says}"
    yield ""
    for code, control in found.controls.items():
        parts = {
            "matched": control.matched,
            "breaks": control.breaks,
            # Only where there are any: most runs have neither.
            **({"refunds": control.refunds} if control.refunds.rows else {}),
            **({"outside the period": control.outside} if control.outside.rows else {}),
        }
        told = " + ".join(f"{name} {_total(part)}" for name, part in parts.items())
        yield f"  {code or 'none':<6} ledger {_total(control.ledger)} = {told}"
        states = [
            f"{name.replace('_', ' ')} {plain_text(part.ledger.amount)} ({part.ledger.rows:,})"
            for name, part in control.in_order()
            if part.ledger.rows
        ]
        if states:
            yield f"         of it {', '.join(states)}"
    yield ""
    yield f"Report: {out / 'report.html'}"


def _total(total: Total) -> str:
    """Return an amount and its rows in words: 12.5 (3)."""
    return f"{plain_text(total.amount)} ({total.rows:,})"


def no_room(problem: Exception, options: argparse.Namespace) -> str:
    """Return a sentence for the user: no memory or no disk, and what to do."""
    if isinstance(problem, duckdb.OutOfMemoryException):
        return (
            f"{options.memory} of memory are too little for this ledger: say --memory 4GB, or match it in "
            "parts with --from and --to; the last report in this folder is as it was"
        )
    told = problem.strerror if isinstance(problem, OSError) else str(problem).splitlines()[0]
    return f"{told or problem}: see whether {options.out} has room; the last report is as it was"
