"""`zerogate inbox`: events that wait for a person (parked, in quarantine, unmatched), tried again."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from zerogate_cli.client import Columns, common, print_json, table_of
from zerogate_cli.exit_codes import CommandFailed, Exit
from zerogate_cli.parsers import parser_of
from zerogate_cli.service_store import add_store, mode_of_key, opened_store, whose
from zerogate_cli.tables import say, show

if TYPE_CHECKING:
    from zerogate_store import EventState, Inbox, StoredEvent

NEEDS: Final = ("store",)
#: What waits for a person, the most urgent first.
WAITING: Final[tuple[EventState, ...]] = ("quarantined", "parked", "unmatched")
STATES: Final = (*WAITING, "pending", "missing", "refused", "test", "done")
COLUMNS: Final = Columns(
    "events",
    {
        "state": "state",
        "id": "id",
        "type": "type",
        "subject": "subject",
        "order": "order",
        "tried": "attempts",
        "received": "received_at",
        "why": "reason",
    },
    expendable=("tried", "received", "order", "subject"),
    prose=("why",),
)


def parser() -> argparse.ArgumentParser:
    """Return the parser of `zerogate inbox`: its actions list and retry, and the store."""
    made = parser_of(
        "inbox",
        "Events that wait for a person: in quarantine (Gate signed them and nobody can read them), "
        "parked (a handler failed too often), unmatched (of nothing that was made here).",
        "exit codes: 0 nothing waits; 3 something does; 5 no event with that id waits",
    )
    actions = made.add_subparsers(dest="action", required=True, metavar="ACTION")
    listing = actions.add_parser("list", parents=[common(hosts=False)], help="list them")
    listing.add_argument("--state", choices=STATES, help="only these, or those in another state")
    listing.add_argument("--limit", type=int, default=100, metavar="ROWS", help="at most, a state")
    trying = actions.add_parser(
        "retry",
        parents=[common(hosts=False)],
        help="have one tried again by the next worker: a parked one handled, one in quarantine read "
        "for, an unmatched one handled as if it had been made here",
    )
    trying.add_argument("id", nargs="+", help="of the events")
    for one in (listing, trying):
        add_store(one)
        one.add_argument("--mode", choices=("test", "live"), help="left out, that of the key")
    return made


def main(argv: list[str]) -> int:
    """List events, or retry some; return 3 if a listed one waits. CommandFailed: a retried one does not."""
    from zerogate_store import Inbox

    options = parser().parse_args(argv)
    with opened_store(options) as store:
        inbox = Inbox(store, mode=options.mode or mode_of_key(), **whose(options))
        return (
            _print_events(inbox, options)
            if options.action == "list"
            else _retry_events(inbox, options)
        )


def _print_events(inbox: Inbox, options: argparse.Namespace) -> int:
    """Print events of --state, else those that wait for a person; return 3 if any of them waits."""
    states: tuple[EventState, ...] = (options.state,) if options.state else WAITING
    found = [_event_view(one) for state in states for one in inbox.kept(state, most=options.limit)]
    if options.json:
        print_json(found)
    elif found:
        show(table_of(found, COLUMNS))
    else:
        say("nothing waits for a person" if not options.state else f"no {options.state} events")
    waits = any(row["state"] in WAITING for row in found)
    return Exit.DIFFERENCES if waits else Exit.CLEAN


def _retry_events(inbox: Inbox, options: argparse.Namespace) -> int:
    """Have the events tried again and print them; then CommandFailed if others do not wait."""
    left = [id for id in options.id if not (inbox.retry(id) or inbox.route(id))]
    done = [id for id in options.id if id not in left]
    if options.json:
        print_json({"retried": done, "not_waiting": left})
    else:
        for id in done:
            print(f"{id} is tried again by the next worker")
    if left:
        raise CommandFailed(f"no event with this id waits here: {', '.join(left)}", Exit.NOT_FOUND)
    return Exit.CLEAN


def _event_view(stored: StoredEvent) -> dict[str, Any]:
    """Return what an operator sees of an event; never its body, which may be about a person."""
    return {
        "state": stored.state,
        "id": stored.id,
        "type": stored.type,
        "kind": stored.kind,
        "subject": stored.subject,
        "order": stored.order,
        "attempts": stored.attempts,
        "received_at": datetime.fromtimestamp(stored.received_at, UTC).isoformat(),
        "reason": stored.reason,
    }
