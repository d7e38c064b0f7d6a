"""`zerogate webhooks tail`: webhook deliveries, each printed as it happens."""

from __future__ import annotations

import argparse
import itertools
import json
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

from zerogate_cli.client import client, common, one_line, plain, short_time
from zerogate_cli.exit_codes import Exit
from zerogate_cli.parsers import parser_of
from zerogate_cli.tables import say

if TYPE_CHECKING:
    from zerogate import Gate

#: Rows of the log that are read each time: more than happens in between.
ROWS: Final = 100
#: Fields of a delivery that tell one state of it from the next.
_STATE: Final = ("id", "status", "attempts")


def parser() -> argparse.ArgumentParser:
    """Return the parser of `zerogate webhooks`: its action tail."""
    made = parser_of("webhooks", "Webhook deliveries of your account, as they happen.")
    actions = made.add_subparsers(dest="action", required=True, metavar="ACTION")
    tail = actions.add_parser(
        "tail", parents=[common()], help="print each attempt as it happens, until Ctrl-C"
    )
    tail.add_argument(
        "--last", metavar="ROWS", type=int, default=5, help="begin with so many (default 5)"
    )
    tail.add_argument(
        "--every", metavar="SECONDS", type=_seconds, default=2.0, help="look so often (default 2)"
    )
    return made


def _seconds(text: str) -> float:
    """Return the number of seconds, from 0.1 to 3,600; argparse's error for any other."""
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not 0.1 <= seconds <= 3_600:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of seconds from 0.1 to 3600")
    return seconds


def main(argv: list[str]) -> int:
    """Print each state of a delivery as it happens, without end: KeyboardInterrupt at Ctrl-C."""
    options = parser().parse_args(argv)
    with client(options) as gate:
        say("webhook deliveries of this account; end with Ctrl-C")
        for row in news(_logs(gate, options.every, time.sleep), max(options.last, 0)):
            print(json.dumps(row, ensure_ascii=False) if options.json else line_of(row), flush=True)
    return Exit.CLEAN


def _logs(
    gate: Gate, every: float, sleep: Callable[[float], None]
) -> Iterator[list[dict[str, Any]]]:
    """Yield the log's newest rows without end, sleeping *every* seconds after each look."""
    while True:
        rows = gate.deliveries.list(limit=ROWS)
        yield [plain(row) for row in itertools.islice(rows, ROWS)]
        sleep(every)


def news(logs: Iterable[list[dict[str, Any]]], last: int) -> Iterator[dict[str, Any]]:
    """Yield each state of a delivery once, oldest first, from looks at a log, newest first.

    last: Rows of the first look that are told as well.
    """
    seen: set[tuple[Any, ...]] | None = None
    for rows in logs:
        states = {tuple(row.get(name) for name in _STATE): row for row in reversed(rows)}
        fresh = [row for state, row in states.items() if seen is None or state not in seen]
        yield from fresh if seen is not None else fresh[len(fresh) - min(last, len(fresh)) :]
        # What has left the look cannot come back, for a list is newest first.
        seen = set(states)


def line_of(row: Mapping[str, Any]) -> str:
    """Return a delivery on one line: when made, status, how it was answered, its event, its id."""
    answered = row.get("last_response_status") or row.get("last_error") or "-"
    created = short_time(str(row.get("created_at") or ""))
    told = (created, row.get("status"), answered, row.get("event_type"), row.get("id"))
    return "  ".join(one_line(str(one)) for one in told)
