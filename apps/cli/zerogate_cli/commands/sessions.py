"""`zerogate sessions`: list, read and cancel hosted sessions."""

from __future__ import annotations

from typing import Final

from zerogate_cli.client import add_walk, client, common, page_size, parser_of, tell, tell_rows
from zerogate_cli.exit_codes import Exit

COLUMNS: Final = {
    "id": "id",
    "status": "status",
    "amount": "amount",
    "currency": "currency",
    "order": "metadata.order_id",
    "created": "created_at",
}


def main(argv: list[str]) -> int:
    parser = parser_of("sessions", "Hosted sessions, newest first, without their client secrets.")
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    listing = actions.add_parser("list", parents=[common()], help="list them")
    add_walk(listing)
    listing.add_argument("--status", help="open, completed, expired or cancelled")
    listing.add_argument("--after", metavar="ID", help="go on after this one")
    for name, line in (("retrieve", "read one"), ("cancel", "cancel an open one")):
        actions.add_parser(name, parents=[common()], help=line).add_argument("id")
    options = parser.parse_args(argv)
    with client(options, writes=options.action == "cancel") as gate:
        match options.action:
            case "list":
                rows = gate.sessions.list(
                    status=options.status, limit=page_size(options), starting_after=options.after
                )
                tell_rows(rows, COLUMNS, options)
            case "retrieve":
                tell(gate.sessions.retrieve(options.id), options)
            case _:
                tell(gate.sessions.cancel(options.id), options)
    return Exit.CLEAN
