"""Every reason that an outcome can have: what happened, and what to do about it. Sentences only.

A reason is one word for code and metrics. Its two halves are put together with the figures between
them: "Less was paid than agreed (expected 100.00 EUR, found 99.00 EUR): do not fulfil, …".
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

SETTLED: Final[Mapping[str, tuple[str, str]]] = {
    "paid": ("", "Fulfil the order, once."),
    "paid_other_in_flight": (
        "Paid, and a second payment is under way",
        "fulfil the order, once, and look again.",
    ),
    "paid_other_open": (
        "Paid, and another session of the order is still open",
        "fulfil the order, once, and cancel that session.",
    ),
    "paid_other_may_show": (
        "Paid, and a payment on another session of the order may still show",
        "fulfil the order, once, and look again.",
    ),
}
PENDING: Final[Mapping[str, tuple[str, str]]] = {
    "open": (
        "The session is open and nothing was paid yet",
        "wait for the webhook, or look again with growing pauses.",
    ),
    "overdue": (
        "The session is past its time and still reads open, so it may still be paid",
        "cancel it to end it, then look again.",
    ),
    "in_flight": (
        "A payment is under way",
        "look again, and make no new attempt meanwhile.",
    ),
    "no_success_yet": (
        "The session is completed and its payment is not listed yet",
        "look again.",
    ),
    "completing": (
        "A payment succeeded and the session does not say so yet",
        "look again.",
    ),
    "may_still_show": (
        "The session is over, and a payment that had begun may still show",
        "make no new attempt yet.",
    ),
    "attempt_in_doubt": (
        "A write for this order may have happened",
        "call gate.recover(), then look again.",
    ),
}
FAILED: Final[Mapping[str, tuple[str, str]]] = {
    "expired": ("Nothing was paid in time", "a new attempt may be made."),
    "cancelled": ("It was cancelled and nothing was paid", "a new attempt may be made."),
    "failed": ("It failed for good", "a new attempt may be made."),
}
MISMATCH: Final[Mapping[str, tuple[str, str]]] = {
    "mode": (
        "Test and live are mixed up",
        "check the key and where this id comes from.",
    ),
    "order": (
        "This payment is for another order",
        "do not fulfil, and check where its id comes from.",
    ),
    "namespace": (
        "This payment was made by another service of the account",
        "do not fulfil; if it is yours all the same, name its namespace=, or ANY_NAMESPACE.",
    ),
    "key": (
        "This payment was made under an idempotency key that this order never used",
        "do not fulfil, and check which service made it.",
    ),
    "currency": ("Another currency or token than agreed", "do not fulfil."),
    "direction": (
        "The money went, or was to go, the other way than agreed",
        "do not fulfil, and check who was to buy and who to sell.",
    ),
    "token": ("Another token than the session was bound to", "do not fulfil."),
    "network": ("Another network than agreed", "do not fulfil."),
    "underpaid": (
        "Less was paid than agreed",
        "do not fulfil, and collect the rest or return it.",
    ),
    "overpaid": (
        "More was paid than agreed",
        "decide what becomes of the rest, then fulfil by hand.",
    ),
    "session_amount": (
        "Paid as expected, on a session made for another amount",
        "check the order before you fulfil by hand.",
    ),
    "paid_in_parts": (
        "Paid in several parts",
        "fulfil by hand, once, if the sum is what was agreed; else collect the rest or return it.",
    ),
    "paid_twice": (
        "Paid more than once",
        "fulfil at most once, and return what is too much.",
    ),
    "quote": (
        "This is not the quote that the rail redeemed",
        "read the quote by the rail's quote_id.",
    ),
    "quote_amount": (
        "The rail's amount is not what its quote comes to",
        "do not fulfil, and ask support.",
    ),
}
HOLD: Final[Mapping[str, tuple[str, str]]] = {
    "unknown_status": ("Unknown status", "look at the object, then update zerogate."),
    "unknown_transaction_status": (
        "Unknown status of a transaction",
        "ask Gate what it means, then pass statuses=TransactionStatuses().extended(…).",
    ),
    "unknown_action": (
        "A transaction that is neither BUY nor SELL nor SWAP",
        "do not fulfil, and ask support.",
    ),
    "direction_needed": (
        "It succeeded, and nobody said which way the money should go",
        "name it once: flow= when the session is created, or here.",
    ),
    "both_directions": (
        "Money of one order went in both directions",
        "do not fulfil, and find out which of the two was meant.",
    ),
    "another_session": (
        "Two sessions carry the idempotency key of one attempt",
        "fulfil at most once, by hand, and cancel the one that nobody paid.",
    ),
    "late_money": (
        "Money came after the session had ended",
        "fulfil or return it by hand.",
    ),
    "late_money_replaced": (
        "Money came on a session that another attempt had replaced",
        "fulfil once at most: gate.reconcile.order(…) says whether both are paid.",
    ),
    "reversed": (
        "A payment had succeeded and does not read so any more",
        "stop, and ask support.",
    ),
    "paid_while_overdue": (
        "Paid, and the session still reads open after its time",
        "ask support, then fulfil by hand.",
    ),
    "amount_basis": (
        "Only another of its amounts is the one expected",
        "say which one counts with amount_basis=.",
    ),
    "unreadable": (
        "What it takes to decide cannot be read from a record",
        "look at that record, and ask support what it means.",
    ),
    "order_missing": (
        "It names no order",
        "if you bind it to its order yourself, pass order=ANY_ORDER.",
    ),
    "session_needed": (
        "It says nothing of whose it is without its session",
        "reconcile it by its id, so that the session is read as well.",
    ),
    "foreign_transaction": (
        "Transactions of another session came back",
        "read them again.",
    ),
    "changed_while_reading": (
        "A transaction changed while it was read",
        "read it again.",
    ),
    "paid_by_another": (
        "Another transaction paid the session",
        "reconcile the session.",
    ),
    "network_needed": (
        "A token's amount means nothing without its network",
        "give network=.",
    ),
    "quote_needed": (
        "What the rail's amount includes is known from its quote only",
        "read that as well.",
    ),
    "same_money": (
        "A rail and a payment of one session, and nothing says whether they are one payment or two",
        "ask support before you fulfil.",
    ),
    "nothing_known": (
        "Nothing is known of this order",
        "check the reference, the account, the namespace and the mode.",
    ),
    "events_disagree": (
        "An event says that it was paid, and no record does",
        "look again, then ask support.",
    ),
    "quote_unredeemed": (
        "The rail settled and its quote reads unused",
        "do not fulfil, and ask support.",
    ),
}


def sentence(happened: str, figures: str, do: str) -> str:
    """Return what happened, its figures in parentheses and what to do, as one sentence."""
    if not happened:
        return do
    return f"{happened} ({figures}): {do}" if figures else f"{happened}: {do}"
