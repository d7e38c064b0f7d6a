"""`zerogate sessions`: list, read and cancel hosted sessions."""

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
    "sessions",
    {
        "id": "id",
        "status": "status",
        "amount": "amount currency",
        "order": "metadata.order_id",
        "created": "created_at",
    },
    expendable=("created", "order"),
)


def parser() -> argparse.ArgumentParser:
    """Return the parser of `zerogate sessions`: its actions list, retrieve and cancel."""
    made = parser_of("sessions", "Hosted sessions, newest first, without their client secrets.")
    actions = made.add_subparsers(dest="action", required=True, metavar="ACTION")
    listing = actions.add_parser("list", parents=[common()], help="list them")
    add_walk(listing)
    listing.add_argument("--status", help="open, completed, expired or cancelled")
    listing.add_argument("--after", metavar="ID", help="go on after this one")
    for name, line in (("retrieve", "read one"), ("cancel", "cancel an open one")):
        actions.add_parser(name, parents=[common()], help=line).add_argument("id")
    return made


def main(argv: list[str]) -> int:
    """Print a list of sessions or one of them, or cancel one and print it; return 0."""
    options = parser().parse_args(argv)
    with client(options, writes=options.action == "cancel") as gate:
        match options.action:
            case "list":
                rows = gate.sessions.list(
                    status=options.status, limit=page_size(options), starting_after=options.after
                )
                show_rows(rows, COLUMNS, options)
            case "retrieve":
                show_record(gate.sessions.retrieve(options.id), options)
            case _:
                show_record(gate.sessions.cancel(options.id), options)
    return Exit.CLEAN
