"""`zerogate transactions`: list and read what users paid and received."""

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
    "transactions",
    {
        "refid": "refid",
        "action": "action",
        "status": "status",
        "fiat amount": "fiat_amount currency",
        "token amount": "token_amount token",
        "session": "session_id",
        "created": "created_at",
    },
    expendable=("created", "session", "action", "token amount"),
)


def parser() -> argparse.ArgumentParser:
    """Return the parser of `zerogate transactions`: its actions list and retrieve."""
    made = parser_of("transactions", "What users paid and received, newest first.")
    actions = made.add_subparsers(dest="action", required=True, metavar="ACTION")
    listing = actions.add_parser("list", parents=[common()], help="list them")
    add_walk(listing)
    listing.add_argument("--status", help="any text: it is compared as it stands")
    listing.add_argument("--session", metavar="ID", help="of this session only")
    listing.add_argument("--after", metavar="REFID", help="go on after this one")
    actions.add_parser("retrieve", parents=[common()], help="read one").add_argument("refid")
    return made


def main(argv: list[str]) -> int:
    """Print a list of transactions, or one of them; return 0."""
    options = parser().parse_args(argv)
    with client(options) as gate:
        if options.action == "list":
            rows = gate.transactions.list(
                session_id=options.session,
                status=options.status,
                limit=page_size(options),
                starting_after=options.after,
            )
            show_rows(rows, COLUMNS, options)
        else:
            show_record(gate.transactions.retrieve(options.refid), options)
    return Exit.CLEAN
