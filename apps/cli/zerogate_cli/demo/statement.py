"""Statement of a ledger: an outcome for each order, and totals per currency that have to agree. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

import attrs
from zerogate import (
    AttemptRecord,
    CallRecord,
    Failed,
    Hold,
    Mismatch,
    Money,
    Outcome,
    Pending,
    Settled,
    amount_of,
)
from zerogate.types import Transaction

from zerogate_cli.demo.ledger import Order

#: Key in outcomes.json → the kind of outcome, in the order in which they are shown.
KINDS: Final[Mapping[str, type[Outcome]]] = {
    "settled": Settled,
    "failed": Failed,
    "pending": Pending,
    "hold": Hold,
    "mismatch": Mismatch,
}


@attrs.frozen
class Line:
    """One order of the demo: its sessions, payments and webhooks.

    ordered_at: Unix seconds.
    sessions: Oldest first, one for each attempt.
    received: What was paid on them, each payment for itself.
    heard: The webhooks that told of it, in the order they came.
    rang: Whether a webhook was reason enough to look; else only reading every order found it.
    """

    order: Order
    ordered_at: int
    outcome: Outcome
    sessions: tuple[str, ...]
    received: tuple[Money, ...]
    heard: tuple[str, ...]
    rang: bool

    @property
    def kind(self) -> str:
        """Return the outcome's key in outcomes.json, such as `settled`."""
        return next(key for key, kind in KINDS.items() if isinstance(self.outcome, kind))

    def as_json(self) -> dict[str, Any]:
        """Return the line as an entry of outcomes.json."""
        return {
            "order": self.order.reference,
            "outcome": self.kind,
            "reason": self.outcome.reason,
            "detail": self.outcome.detail,
            "next_step": self.outcome.next_step,
            "expected": _amount_json(self.order.expect),
            "received": [_amount_json(money) for money in self.received],
            "sessions": list(self.sessions),
            "webhooks": list(self.heard),
            "found_by": "webhook" if self.rang else "reading",
        }


@attrs.frozen
class Total:
    """Sums of one currency: expected, and received for settled orders or for none.

    settled: Received for orders that are settled. unapplied: Received, and for no such order.
    """

    expected: Money
    settled: Money
    unapplied: Money

    @property
    def difference(self) -> Money:
        """Return settled minus expected; negative where less was settled."""
        return self.settled - self.expected

    def as_json(self) -> dict[str, str]:
        """Return the amounts as decimal strings, in major units."""
        return {
            "expected": self.expected.wire,
            "settled": self.settled.wire,
            "difference": self.difference.wire,
            "unapplied": self.unapplied.wire,
        }


class Traffic:
    """An observer of clients: how many requests, and what became of those that did not just work."""

    def __init__(self) -> None:
        self.requests = 0
        self.troubles: Counter[str] = Counter()

    def __call__(self, seen: AttemptRecord | CallRecord) -> None:
        if isinstance(seen, CallRecord):
            return
        self.requests += 1
        if seen.meaning != "done":
            self.troubles[_TROUBLES.get(seen.status, f"answered {seen.status}")] += 1


_TROUBLES: Final[Mapping[int | None, str]] = {
    None: "broken off",
    200: "unreadable",
    201: "unreadable",
    307: "redirected",
    429: "throttled",
    502: "answered with a page and 502",
}


@attrs.frozen
class Statement:
    """All that the demo came to: a line for each order, totals, and what went wrong.

    charged_twice, lost: References of orders, by the sandbox's own books.
    events, repeats, refused: Webhooks that were kept, came again, and were no webhooks of ours.
    """

    lines: tuple[Line, ...]
    totals: Mapping[str, Total]
    charged_twice: tuple[str, ...]
    lost: tuple[str, ...]
    traffic: Traffic
    events: int
    repeats: int
    refused: Mapping[str, int]

    @property
    def sound(self) -> bool:
        """Return True where no order was charged twice by us, and none was lost."""
        return not self.charged_twice and not self.lost

    def counts(self) -> dict[str, int]:
        """Return the number of lines of each kind, kinds without any included."""
        kinds = Counter(line.kind for line in self.lines)
        return {key: kinds[key] for key in KINDS}

    def as_json(self) -> dict[str, Any]:
        """Return the statement as outcomes.json has it; counts of requests and webhooks are left out."""
        return {
            "orders": len(self.lines),
            **self.counts(),
            "charged_twice": len(self.charged_twice),
            "lost": len(self.lost),
            "totals": {code: total.as_json() for code, total in self.totals.items()},
            "orders_charged_twice": list(self.charged_twice),
            "orders_lost": list(self.lost),
            "orders_detail": [line.as_json() for line in self.lines],
        }


def _amount_json(money: Money) -> dict[str, str]:
    """Return the amount as a decimal string, with its code."""
    return {"amount": money.wire, "code": money.code}


def received_on(payment: Transaction) -> Money:
    """Return what one payment brought: tokens of a swap, else its fiat amount without fees."""
    return amount_of(payment, "token_amount" if payment.action == "SWAP" else "fiat_amount")


def totals_of(lines: Iterable[Line], strays: Iterable[Money] = ()) -> dict[str, Total]:
    """Return the totals of each currency and token, by its code.

    strays: Money that was received on no session of any line.
    """
    lines = list(lines)
    settled = [money for line in lines if line.kind == "settled" for money in line.received]
    others = [money for line in lines if line.kind != "settled" for money in line.received]
    parts = [[line.order.expect for line in lines], settled, [*others, *strays]]
    codes = dict.fromkeys(money.code for part in parts for money in part)
    return {code: Total(*(_sum(part, code) for part in parts)) for code in codes}


def _sum(amounts: Iterable[Money], code: str) -> Money:
    """Return the total of the amounts in this code; others are left out."""
    return Money.total((money for money in amounts if money.code == code), code)


def by_reason(lines: Iterable[Line]) -> list[tuple[str, str, list[Line]]]:
    """Return (kind, reason, lines), in the order of kinds, the most frequent reason first."""
    grouped: dict[tuple[str, str], list[Line]] = {}
    for line in lines:
        grouped.setdefault((line.kind, line.outcome.reason), []).append(line)
    place: Callable[[tuple[str, str]], tuple[int, int]] = lambda key: (  # noqa: E731
        list(KINDS).index(key[0]),
        -len(grouped[key]),
    )
    return [(*key, grouped[key]) for key in sorted(grouped, key=place)]
