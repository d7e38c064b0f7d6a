"""Finds in the sandbox's books what the shop cannot know: who was charged twice, what is lost. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from itertools import pairwise
from typing import Any

Books = Mapping[str, Any]


def charged_twice(books: Books, delivered: Collection[str]) -> list[str]:
    """Return the orders, sorted, with a second payable session made before the first was over.

    delivered: SHA-256 of every client secret that a customer was ever given, in hexadecimal. A
        customer who pays twice in one session is charged twice by themselves: that is a mismatch,
        and not counted here.
    """
    lives = _Lives(books)
    return sorted(
        order
        for order, ids in _payable(books, delivered).items()
        if any(not lives.over(first, before=second) for first, second in pairwise(ids))
    )


def lost(books: Books, known: Mapping[str, Collection[str]]) -> list[str]:
    """Return the orders, sorted, without a session in the books, or with others than *known* has.

    known: Every order of the ledger, with the ids of its sessions.
    """
    real: dict[str, set[str]] = {}
    for order, session in _sessions(books):
        real.setdefault(order, set()).add(session["id"])
    orders = known.keys() | real.keys()
    return sorted(
        order for order in orders if not real.get(order) or real[order] != set(known.get(order, ()))
    )


class _Lives:
    """Times at which sessions were made and ended, in the order in which it all happened."""

    def __init__(self, books: Books) -> None:
        self._made: dict[str, int] = {}
        self._ended: dict[str, int] = {}
        self._paid_sessions = _paid_sessions(books)
        for place, event in enumerate(books["events"]):
            match event["type"]:
                case "gate_session.created":
                    self._made[event["data"]["id"]] = place
                case "gate_session.cancelled" | "gate_session.expired":
                    self._ended[event["data"]["id"]] = place

    def over(self, first: str, *, before: str) -> bool:
        """Return True where *first* ended before *before* was made, and was never paid."""
        ended = self._ended.get(first)
        return first not in self._paid_sessions and ended is not None and ended < self._made[before]


def _payable(books: Books, delivered: Collection[str]) -> dict[str, list[str]]:
    """Return each order's sessions that were paid or handed to a customer, oldest first."""
    paid = _paid_sessions(books)
    found: dict[str, list[str]] = {}
    for order, session in _sessions(books):
        if session["client_secret_sha256"] in delivered or session["id"] in paid:
            found.setdefault(order, []).append(session["id"])
    return found


def _paid_sessions(books: Books) -> set[str]:
    """Return the ids of sessions with a completed transaction."""
    return {one["session_id"] for one in books["transactions"] if one["status"] == "completed"}


def _sessions(books: Books) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield each session with its order's reference, or its own id where it names none."""
    for session in books["sessions"]:
        yield session["metadata"].get("order_id", session["id"]), session
