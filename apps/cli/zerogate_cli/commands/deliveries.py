"""`zerogate deliveries`: the log of webhook deliveries; replay one, send a test."""

from __future__ import annotations

import argparse
from typing import Final

from zerogate_cli.client import (
    Columns,
    add_walk,
    client,
    common,
    page_size,
    show_record,
    show_rows,
)
from zerogate_cli.exit_codes import Exit
from zerogate_cli.parsers import parser_of

COLUMNS: Final = Columns(
    "deliveries",
    {
        "id": "id",
        "event": "event_type",
        "status": "status",
        "attempts": "attempts",
        "answered": "last_response_status",
        "error": "last_error",
        "next": "next_attempt_at",
    },
    expendable=("next", "answered", "attempts", "error", "event"),
    prose=("error",),
)


def parser() -> argparse.ArgumentParser:
    """Return the parser of `zerogate deliveries`: its actions list, replay and test."""
    made = parser_of("deliveries", "The log of webhook deliveries, newest first, no payloads.")
    actions = made.add_subparsers(dest="action", required=True, metavar="ACTION")
    listing = actions.add_parser("list", parents=[common()], help="list them")
    add_walk(listing)
    listing.add_argument("--status", help="pending, in_flight, succeeded or dead_lettered")
    replaying = actions.add_parser(
        "replay", parents=[common()], help="have a dead-lettered delivery sent again"
    )
    replaying.add_argument("id")
    actions.add_parser("test", parents=[common()], help="have a webhook.test sent")
    return made


def main(argv: list[str]) -> int:
    """List deliveries, replay one, or have a test sent; return 0."""
    options = parser().parse_args(argv)
    with client(options, writes=options.action != "list") as gate:
        match options.action:
            case "list":
                rows = gate.deliveries.list(status=options.status, limit=page_size(options))
                show_rows(rows, COLUMNS, options)
            case "replay":
                show_record(gate.deliveries.replay(options.id), options)
            case _:
                show_record(gate.deliveries.send_test(), options)
    return Exit.CLEAN
