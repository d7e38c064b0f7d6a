"""`zerogate recover`: finish the writes that a crash, an outage or a lost answer left open."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any, Final

from zerogate_cli.client import client, common, one_line, print_json
from zerogate_cli.exit_codes import Exit
from zerogate_cli.parsers import parser_of
from zerogate_cli.service_store import add_store, opened_store, whose
from zerogate_cli.tables import Table, say, show

if TYPE_CHECKING:
    from zerogate import Recovered

NEEDS: Final = ("store",)


def parser() -> argparse.ArgumentParser:
    """Return the parser of `zerogate recover`: how many writes, how long, and the store."""
    made = parser_of(
        "recover",
        "Go on with the writes of a service that nobody knows the outcome of. It may run beside the "
        "service's own workers: each takes other ones.",
        "exit codes: 0 nothing is left that was due; 3 something is still in doubt",
        common(),
    )
    made.add_argument("--limit", type=int, default=100, metavar="WRITES", help="at most")
    made.add_argument(
        "--timeout", type=float, default=60.0, metavar="SECONDS", help="for all of them"
    )
    add_store(made)
    return made


def main(argv: list[str]) -> int:
    """Recover what is due and print each write; return 3 where one is still in doubt."""
    options = parser().parse_args(argv)
    with (
        opened_store(options) as store,
        client(options, writes=True, store=store, **whose(options)) as gate,
    ):
        done = list(gate.recover(limit=options.limit, timeout=options.timeout))
    rows = [_write_view(one) for one in done]
    if options.json:
        print_json(rows)
    elif not rows:
        say("nothing was due")
    else:
        heads = ("operation", "order", "attempt", "id", "came to")
        cells = tuple(tuple(one_line(row[head]) for head in heads) for row in rows)
        show(Table(heads, cells, prose=("came to",)))
    return Exit.DIFFERENCES if any(one.error for one in done) else Exit.CLEAN


def _write_view(one: Recovered) -> dict[str, Any]:
    """Return the recovered write as JSON data; `came to` is "known", or the error."""
    came_to = "known" if one.error is None else f"{type(one.error).__name__}: {one.error}"
    return {
        "operation": one.operation,
        "order": one.order,
        "attempt": one.attempt,
        "idempotency_key": one.idempotency_key,
        "id": one.id,
        "came to": came_to,
    }
