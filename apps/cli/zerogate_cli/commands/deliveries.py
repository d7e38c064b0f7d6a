"""`zerogate deliveries`: the log of webhook deliveries; replay one, send a test."""

from __future__ import annotations

from typing import Final

from zerogate_cli.client import add_walk, client, common, page_size, parser_of, tell, tell_rows
from zerogate_cli.exit_codes import Exit

COLUMNS: Final = {
    "id": "id",
    "event": "event_type",
    "status": "status",
    "attempts": "attempts",
    "answered": "last_response_status",
    "error": "last_error",
    "next": "next_attempt_at",
}


def main(argv: list[str]) -> int:
    parser = parser_of("deliveries", "The log of webhook deliveries, newest first, no payloads.")
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    listing = actions.add_parser("list", parents=[common()], help="list them")
    add_walk(listing)
    listing.add_argument("--status", help="pending, in_flight, succeeded or dead_lettered")
    replaying = actions.add_parser("replay", parents=[common()], help="a dead-lettered one again")
    replaying.add_argument("id")
    actions.add_parser("test", parents=[common()], help="have a webhook.test sent")
    options = parser.parse_args(argv)
    with client(options, writes=options.action != "list") as gate:
        match options.action:
            case "list":
                rows = gate.deliveries.list(status=options.status, limit=page_size(options))
                tell_rows(rows, COLUMNS, options)
            case "replay":
                tell(gate.deliveries.replay(options.id), options)
            case _:
                tell(gate.deliveries.send_test(), options)
    return Exit.CLEAN
