"""The shop's own books of each order: the ledger that Gate's records are compared with. Pure."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Final

from zerogate_cli.demo.shop import STATUSES
from zerogate_cli.demo.statement import Line

HEADER: Final = ("order_id", "created_at", "status", "amount", "currency", "token", "network")
#: Kind of outcome → the shop's word for it. Money that came is booked, also where it is not what was
#: asked: that is for the reconciliation to find.
BOOKED: Final[Mapping[str, str]] = {
    "settled": "paid",
    "mismatch": "paid",
    "pending": "open",
    "hold": "on hold",
    "failed": "cancelled",
}
#: Reasons to hold an order although its money is there for certain.
MONEY_CAME: Final = ("late_money", "amount_basis")
MEANINGS: Final[Mapping[str, str]] = {
    "paid": "success",
    "open": "in_flight",
    "on hold": "in_flight",
    "cancelled": "failure",
}


def ledger_csv(lines: Iterable[Line]) -> str:
    """Return the shop's ledger as CSV, a row an order; a swap's amount is in tokens."""
    file = io.StringIO()
    rows = csv.writer(file, lineterminator="\n")
    rows.writerow(HEADER)
    for line in lines:
        order = line.order
        ordered_at = datetime.fromtimestamp(line.ordered_at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        amount, bound = order.expect, (order.token or "", order.network or "")
        rows.writerow(
            [order.reference, ordered_at, _shop_status(line), amount.wire, amount.code, *bound]
        )
    return file.getvalue()


def _shop_status(line: Line) -> str:
    """Return the shop's status for an order: paid wherever money came, else by its outcome."""
    return "paid" if line.outcome.reason in MONEY_CAME else BOOKED[line.kind]


def columns_toml() -> str:
    """Return the TOML that maps both sides' statuses, for `zerogate reconcile --columns`."""
    gate = {
        **dict.fromkeys(sorted(STATUSES.success), "success"),
        **dict.fromkeys(sorted(STATUSES.in_flight), "in_flight"),
        **dict.fromkeys(sorted(STATUSES.failure), "failure"),
    }
    tables = {"statuses": MEANINGS, "gate_statuses": gate}
    return "\n".join(
        f"[{name}]\n" + "".join(f'"{word}" = "{said}"\n' for word, said in words.items())
        for name, words in tables.items()
    )
