"""`zerogate order`: what became of one order, from everything that the store, Gate and the inbox know."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any, Final

from zerogate_cli.client import client, common, one_line, print_json, short_time
from zerogate_cli.exit_codes import Exit
from zerogate_cli.parsers import parser_of
from zerogate_cli.service_store import add_store, opened_store, whose
from zerogate_cli.tables import Table, show

if TYPE_CHECKING:
    from zerogate import Outcome

NEEDS: Final = ("store",)


def parser() -> argparse.ArgumentParser:
    """Return the parser of `zerogate order`: the order, its flow, and the store."""
    made = parser_of(
        "order",
        "What became of an order: its sessions, transactions, rails and events, and what to do. "
        "Nothing about a person is in it, so that it can be pasted into a ticket.",
        "exit codes: 0 paid, or nothing was and nothing can be; 3 a person has to decide, or it is "
        "not over; 5 nothing is known of this order",
        common(),
    )
    made.add_argument("order", help="your reference")
    made.add_argument(
        "--flow", choices=("on_ramp", "off_ramp", "swap"), help="which way the money goes"
    )
    add_store(made)
    return made


def main(argv: list[str]) -> int:
    """Print all that is known of an order; return 0 if it is over, 5 for none known, else 3."""
    from zerogate import ANY_AMOUNT
    from zerogate_store import Inbox

    options = parser().parse_args(argv)
    terms = {"flow": options.flow} if options.flow else {}
    with opened_store(options) as store, client(options, store=store, **whose(options)) as gate:
        inbox = Inbox(store, mode=gate.mode, **whose(options))
        outcome = gate.reconcile.order(options.order, expect=ANY_AMOUNT, inbox=inbox, **terms)
    told = _outcome_view(options.order, outcome)
    if options.json:
        print_json(told)
    else:
        _print_outcome(told)
    if outcome.reason == "nothing_known":
        return Exit.NOT_FOUND
    over = outcome.may_fulfil or outcome.may_retry
    return Exit.CLEAN if over else Exit.DIFFERENCES


def _outcome_view(order: str, outcome: Outcome) -> dict[str, Any]:
    """Return the outcome and its evidence as JSON data; nothing about a person is in it."""
    return {
        "order": order,
        "outcome": type(outcome).__name__,
        "reason": outcome.reason,
        "detail": outcome.detail,
        "next_step": outcome.next_step,
        "paid": None if outcome.paid is None else str(outcome.paid),
        "evidence": [
            {"kind": one.kind, "id": one.id, "status": one.status, **dict(one.facts)}
            for one in outcome.evidence
        ],
    }


def _print_outcome(told: dict[str, Any]) -> None:
    """Print the outcome as a table of fields, and its evidence as another."""
    heads = ("order", "outcome", "reason", "paid", "next_step")
    rows = tuple((name, one_line(told[name])) for name in heads if told[name] is not None)
    show(Table(("field", "value"), rows, prose=("value",)))
    cells = tuple(
        (
            one["kind"],
            one["id"],
            one["status"],
            ", ".join(f"{n} {short_time(one_line(v))}" for n, v in one.items() if n not in _NAMED),
        )
        for one in told["evidence"]
    )
    if cells:
        print()
        show(Table(("kind", "id", "status", "facts"), cells, prose=("facts",)))


_NAMED: Final = ("kind", "id", "status")
