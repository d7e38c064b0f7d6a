"""What a page takes for granted: the ledger that it speaks of, with its payments at Gate."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

import httpx
from zerogate import Gate, Money

ORDERS: Final = ("A-1", "A-2", "A-3")
_PAYOUT: Final = "reporting_category,payment_metadata[order_id],gross,fee,currency,created_utc\n"


def nothing(folder: Path, origin: str) -> None:
    """A page that brings all it needs."""


def a_ledger(folder: Path, origin: str) -> None:
    """Three orders, paid, and in the reader's books under two sorts of headings; and a Stripe payout."""
    with Gate.from_env() as gate:
        for order in ORDERS:
            session = gate.sessions.create(
                amount=Money("100.00", "EUR"),
                order=order,
                flow="on_ramp",
                return_url="https://shop.example/",
            )
            paid = httpx.post(f"{origin}/_sandbox/sessions/{session.id}/pay", json={})
            paid.raise_for_status()
    rows = [
        f"{order},100.00,EUR,2026-07-1{day}T10:00:00Z,{order},100.00,1{day}.07.2026\n"
        for day, order in enumerate(ORDERS)
    ]
    head = "order_id,amount,currency,created_at,Bestellung,Betrag,Datum\n"
    (folder / "orders.csv").write_text("".join([head, *rows]), "utf-8")
    charges = [
        f"charge,{order},100.00,0.50,eur,2026-07-1{day} 10:00:00\n"
        for day, order in enumerate(ORDERS)
    ]
    (folder / "payouts.csv").write_text("".join([_PAYOUT, *charges]), "utf-8")


#: What is prepared, by the page's name.
PREPARED: Final[Mapping[str, Callable[[Path, str], None]]] = {"ledger.md": a_ledger}
