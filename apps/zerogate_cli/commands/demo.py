"""`zerogate demo`: the shipped ledger through a sandbox, shown by outcome and in control totals."""

from __future__ import annotations

import argparse
import json
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final

from zerogate_cli.exits import Exit
from zerogate_cli.screen import Table, say, show, wrapped

if TYPE_CHECKING:
    from zerogate_cli.demo.statement import Statement

OUTCOMES: Final = "outcomes.json"
#: Key of outcomes.json → how it is called, and its colour.
WORDS: Final = {
    "settled": ("settled", "green"),
    "failed": ("failed", "dim"),
    "pending": ("pending", "cyan"),
    "hold": ("on hold", "yellow"),
    "mismatch": ("mismatched", "red"),
}
NAMED: Final = 2


def main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="zerogate demo",
        description="Take payments for a ledger of orders against a sandbox over real HTTP, with "
        "faults on the way, and reconcile every one of them. Needs no account and no network.",
        epilog="Ends with 1 if an order was charged twice by us, or lost.",
    )
    parser.add_argument("--out", metavar="DIR", type=Path, help=f"write {OUTCOMES} there")
    parser.add_argument("--json", action="store_true", help="print what is in it, and no tables")
    options = parser.parse_args(argv)
    if options.out is not None:
        _check(parser, options.out)
    statement = _play()
    text = json.dumps(statement.as_json(), indent=2) + "\n"
    if options.out is not None:
        _write(options.out / OUTCOMES, text)
    if options.json:
        print(text, end="")
    else:
        _show(statement)
    return Exit.CLEAN if statement.sound else Exit.FAILED


def _check(parser: argparse.ArgumentParser, folder: Path) -> None:
    """Before the first payment, not after the last."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as problem:
        parser.error(f"--out: cannot write a file in {folder}: {problem.strerror}")


def _write(path: Path, text: str) -> None:
    """Whole, or not at all."""
    fresh = path.with_suffix(".part")
    fresh.write_text(text, "utf-8")
    os.replace(fresh, path)


def _play() -> Statement:
    from zerogate_cli.demo.ledger import shipped_ledger
    from zerogate_cli.demo.story import play

    ledger = shipped_ledger()
    say(f"{len(ledger)} orders, two days, one sandbox over HTTP on loopback …")
    return play(ledger)


def _show(statement: Statement) -> None:
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
    print(f"\n{_last_line(statement)}")


def _by_outcome(statement: Statement) -> Table:
    from zerogate_cli.demo.statement import by_reason

    rows = [
        (WORDS[kind][0], str(len(lines)), reason, _named([line.order.reference for line in lines]))
        for kind, reason, lines in by_reason(statement.lines)
    ]
    heads = ("outcome", "orders", "reason", "which")
    return Table(heads, tuple(rows), numbers=("orders",), colours=tuple(WORDS.values()))


def _named(references: list[str]) -> str:
    return ", ".join(references[:NAMED]) + (" …" if len(references) > NAMED else "")


def _by_currency(statement: Statement) -> Table:
    rows = [
        (code, total.expected.wire, total.settled.wire, total.difference.wire)
        for code, total in statement.totals.items()
    ]
    sums = ("expected", "settled", "difference")
    return Table(("code", *sums), tuple(rows), numbers=sums)


def _unapplied(statement: Statement) -> str:
    held = [str(total.unapplied) for total in statement.totals.values() if total.unapplied]
    return ", ".join(held) or "nothing"


def _on_the_way(statement: Statement) -> Iterator[str]:
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
    counts = ", ".join(f"{n} {WORDS[kind][0]}" for kind, n in statement.counts().items())
    twice, lost = len(statement.charged_twice), len(statement.lost)
    return f"{counts}; {twice} charged twice by us, {lost} lost"
