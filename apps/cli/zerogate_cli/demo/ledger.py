"""Orders of the shop: the rows of a ledger, read from CSV and checked. Knows nothing of how it ends."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from importlib import resources

import attrs
from zerogate import Money, MoneyError


@attrs.frozen
class Order:
    """One row.

    asked: What the session is made for; always fiat.
    expect: What has to arrive for it: the same, but on a swap the amount of tokens.
    user, mishap: What this demo's customer does, and what goes wrong on the way; "" for nothing.
    """

    reference: str
    flow: str | None
    asked: Money
    expect: Money
    token: str | None
    network: str | None
    user: str
    mishap: str

    @property
    def is_swap(self) -> bool:
        """Return True if one token is exchanged for another: the flow is `swap`."""
        return self.flow == "swap"


def shipped_ledger() -> list[Order]:
    """Return the orders of the ledger that comes with the package."""
    text = resources.files(__package__).joinpath("ledger.csv").read_text("utf-8")
    return read_ledger(text.splitlines())


def read_ledger(lines: Iterable[str]) -> list[Order]:
    """Return the orders in a CSV with a header; ValueError for a wrong amount or an order twice.

    Raises:
        ValueError: an amount that is none, or an order that is there twice; it names the line.
    """
    orders: dict[str, Order] = {}
    for number, row in enumerate(csv.DictReader(lines), start=2):
        try:
            order = _order(row)
        except MoneyError as problem:
            raise ValueError(f"line {number} of the ledger: {problem}") from None
        if order.reference in orders:
            raise ValueError(f"line {number} of the ledger: {order.reference} is there twice")
        orders[order.reference] = order
    return list(orders.values())


def _order(row: dict[str, str]) -> Order:
    """Return the order of a ledger's row; MoneyError if the row's amount is no amount."""
    asked = Money(row["amount"], row["currency"])
    in_tokens = Money(row["token_amount"], row["token"]) if row["token_amount"] else None
    return Order(
        reference=row["order"],
        flow=row["flow"] or None,
        asked=asked,
        expect=in_tokens or asked,
        token=row["token"] or None,
        network=row["network"] or None,
        user=row["user"],
        mishap=row["on_the_way"],
    )
