"""Sentences that explain what a demo shows: each reason, what a charge is, what to try next. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from zerogate_cli.demo.files import Files
from zerogate_cli.demo.statement import Statement, by_reason

#: Why the figures of the last line have to be 0.
SOUND: Final = (
    "“Charged twice by us” are orders that had two sessions which could be paid at the same time: "
    "this shop's own fault. “Lost” are orders whose session the shop does not know. Both are counted "
    "in the sandbox's own books, and both have to be 0, whatever fails on the way. paid_twice is "
    "something else: a customer paid twice in one session, and gets back what is too much."
)


def reasons(statement: Statement) -> Iterator[tuple[str, str]]:
    """Yield each reason with the sentence of the first order that has it, figures and all."""
    for _, reason, lines in by_reason(statement.lines):
        first = lines[0]
        yield reason, f"{first.outcome.next_step} ({first.order.reference})"


def next_steps(files: Files | None, *, with_report: bool) -> tuple[str, str, str]:
    """Return three things to try next, one sentence each.

    files: Where this demo wrote, if anywhere.
    with_report: It wrote a report there; without, its page is not named.
    """
    if files is None:
        first = "zerogate demo --out demo-out       the same with a report to open in a browser"
    elif with_report:
        first = (
            f"open {files.report / 'report.html'}, then change a line of {files.ledger} "
            "and look again"
        )
    else:
        first = f"look into {files.outcomes}: each order, and why it ended as it did"
    return (
        first,
        "zerogate sandbox serve             a sandbox with a start page: take a payment by hand",
        "zerogate doctor                    with a test key of yours: is all here that you need?",
    )
