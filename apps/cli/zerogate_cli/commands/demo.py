"""`zerogate demo`: the shipped ledger through a sandbox, shown by outcome, in totals, and as a report."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final

from zerogate_cli.demo.files import Files
from zerogate_cli.exit_codes import Exit
from zerogate_cli.extras import missing
from zerogate_cli.parsers import parser_of
from zerogate_cli.progress import progress
from zerogate_cli.tables import Table, say, show, wrapped

if TYPE_CHECKING:
    from zerogate_cli.demo.statement import Statement
    from zerogate_cli.demo.story import Stage

#: Key of outcomes.json → how it is called, and its colour.
WORDS: Final = {
    "settled": ("settled", "green"),
    "failed": ("failed", "dim"),
    "pending": ("pending", "cyan"),
    "hold": ("on hold", "yellow"),
    "mismatch": ("mismatched", "red"),
}
NAMED: Final = 2


NEEDS: Final = ("sandbox",)


def parser() -> argparse.ArgumentParser:
    """Return the parser of `zerogate demo`: where files go, and JSON instead of tables."""
    made = parser_of(
        "demo",
        "Take payments for a ledger of orders against a sandbox over real HTTP, with "
        "faults on the way, and reconcile every one of them. Needs no account and no network.",
        "Ends with 1 if an order was charged twice by us, or lost.",
    )
    made.add_argument(
        "--out",
        metavar="DIR",
        type=Path,
        help="write outcomes.json there, the shop's ledger.csv, and what `zerogate reconcile` "
        "makes of it: report/report.html",
    )
    made.add_argument("--json", action="store_true", help="print outcomes.json, and no tables")
    return made


def main(argv: list[str]) -> int:
    """Play the demo, print it, write files to --out; return 1 if an order is charged twice or lost."""
    taking = parser()
    options = taking.parse_args(argv)
    files = None if options.out is None else Files(options.out)
    if files is not None:
        try:
            files.check()
        except ValueError as problem:
            taking.error(f"--out: {problem}")
    missing = None if files is None else _missing_report()
    statement, told = _play(files, with_report=missing is None)
    if options.json:
        print(_as_json(statement), end="")
    else:
        _print_result(statement, told, files)
    if missing is not None:
        say(missing)
    return Exit.CLEAN if statement.sound else Exit.FAILED


def _as_json(statement: Statement) -> str:
    """Return outcomes.json: the statement as indented JSON."""
    return json.dumps(statement.as_json(), indent=2) + "\n"


def _play(files: Files | None, *, with_report: bool) -> tuple[Statement, list[str]]:
    """Play the demo, writing files if there are any; return statement and report's words."""
    from zerogate_cli.demo.ledger import shipped_ledger
    from zerogate_cli.demo.story import played

    ledger = shipped_ledger()
    say(f"{len(ledger)} orders, two days, one sandbox over HTTP on loopback …")
    with progress() as tell, played(ledger, tell=tell) as (stage, statement):
        if files is None:
            return statement, []
        _write_files(files, statement)
        tell("the report …")
        return statement, _reconcile(stage, files) if with_report else []


def _missing_report() -> str | None:
    """Return a sentence on what to install for the report; None where all is there."""
    install = missing(("ledger",))
    return install and f"no report on ledger.csv: {install}"


def _write_files(files: Files, statement: Statement) -> None:
    """Write outcomes.json, the shop's ledger as CSV and its columns file into the demo's folder."""
    from zerogate_cli.demo.shop_ledger import columns_toml, ledger_csv

    files.write(files.outcomes, _as_json(statement))
    files.write(files.ledger, ledger_csv(statement.lines))
    files.write(files.columns, columns_toml())


def _reconcile(stage: Stage, files: Files) -> list[str]:
    """Reconcile ledger and sandbox into a report's files; return the paragraphs to print about it."""
    from zerogate_cli.demo.reconciled import again, reconciled

    return [
        "The shop's own ledger, held against the sandbox's records:\n",
        reconciled(stage, files),
        "Change a line of ledger.csv and look again; or take a ledger of yours and your key, and",
        "leave --offline out:\n",
        again(files),
    ]


def _print_result(statement: Statement, told: list[str], files: Files | None) -> None:
    """Print the statement as tables and sentences, *told* in the middle, and what to try next."""
    from zerogate_cli.demo.explained import SOUND, next_steps, reasons

    print()
    show(_by_outcome(statement))
    print()
    show(_by_currency(statement))
    for title, lines in (
        ("Received, and not for a settled order", [_unapplied(statement)]),
        ("On the way", list(_on_the_way(statement))),
    ):
        print(f"\n  {title}")
        print("\n".join(wrapped(line, "    ") for line in lines))
    print("\n  What the reasons say, each of one of its orders")
    for reason, sentence in reasons(statement):
        print(f"\n    {reason}\n{wrapped(sentence, '      ')}")
    if told:
        print("\n" + "\n".join(told))
    print(f"\n{wrapped(SOUND, '')}\n\n{_last_line(statement)}")
    print("\nTry next:")
    steps = next_steps(files, with_report=bool(told))
    for number, step in enumerate(steps, start=1):
        print(f"  {number}. {step}")


def _by_outcome(statement: Statement) -> Table:
    """Return a table with a row for each reason, and its first orders."""
    from zerogate_cli.demo.statement import by_reason

    rows = [
        (
            WORDS[kind][0],
            str(len(lines)),
            reason,
            _first_references([line.order.reference for line in lines]),
        )
        for kind, reason, lines in by_reason(statement.lines)
    ]
    heads = ("outcome", "orders", "reason", "which")
    return Table(
        heads, tuple(rows), numbers=("orders",), colours=dict(WORDS.values()), expendable=("which",)
    )


def _first_references(references: list[str]) -> str:
    """Return the first references, separated by commas, with "…" for those left out."""
    return ", ".join(references[:NAMED]) + (" …" if len(references) > NAMED else "")


def _by_currency(statement: Statement) -> Table:
    """Return a table of what was expected and settled in each currency and token."""
    rows = [
        (code, total.expected.wire, total.settled.wire, total.difference.wire)
        for code, total in statement.totals.items()
    ]
    sums = ("expected", "settled", "difference")
    return Table(("code", *sums), tuple(rows), numbers=sums)


def _unapplied(statement: Statement) -> str:
    """Return the amounts received for no settled order, one a currency; "nothing" without any."""
    held = [str(total.unapplied) for total in statement.totals.values() if total.unapplied]
    return ", ".join(held) or "nothing"


def _on_the_way(statement: Statement) -> Iterator[str]:
    """Yield sentences about requests, webhooks, and orders that only reading found."""
    traffic, refused = statement.traffic, sum(statement.refused.values())
    troubles = ", ".join(f"{count} {what}" for what, count in traffic.troubles.most_common())
    unheard = sum(not line.rang for line in statement.lines)
    yield f"{traffic.requests} requests: {troubles or 'no trouble with any'}"
    yield (
        f"{statement.events} webhooks: {statement.repeats} came again, "
        f"{refused} refused as forged or replayed"
    )
    yield f"orders that no webhook told the end of, found by reading: {unheard}"


def _last_line(statement: Statement) -> str:
    """Return the counts by outcome, and those of charged twice and lost, as one line."""
    counts = ", ".join(f"{n} {WORDS[kind][0]}" for kind, n in statement.counts().items())
    twice, lost = len(statement.charged_twice), len(statement.lost)
    return f"{counts}; {twice} charged twice by us, {lost} lost"
