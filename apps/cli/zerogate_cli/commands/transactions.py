"""`zerogate transactions`: list and read what users paid and received."""

from __future__ import annotations

from typing import Final

from zerogate_cli.client import add_walk, client, common, page_size, parser_of, tell, tell_rows
from zerogate_cli.exit_codes import Exit

COLUMNS: Final = {
    "refid": "refid",
    "action": "action",
    "status": "status",
    "fiat amount": "fiat_amount",
    "currency": "currency",
    "token amount": "token_amount",
    "token": "token",
    "session": "session_id",
    "created": "created_at",
}


def main(argv: list[str]) -> int:
    parser = parser_of("transactions", "What users paid and received, newest first.")
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    listing = actions.add_parser("list", parents=[common()], help="list them")
    add_walk(listing)
    listing.add_argument("--status", help="free-form, compared as it stands")
    listing.add_argument("--session", metavar="ID", help="of this session only")
    listing.add_argument("--after", metavar="REFID", help="go on after this one")
    actions.add_parser("retrieve", parents=[common()], help="read one").add_argument("refid")
    options = parser.parse_args(argv)
    with client(options) as gate:
        if options.action == "list":
            rows = gate.transactions.list(
                session_id=options.session,
                status=options.status,
                limit=page_size(options),
                starting_after=options.after,
            )
            tell_rows(rows, COLUMNS, options)
        else:
            tell(gate.transactions.retrieve(options.refid), options)
    return Exit.CLEAN
