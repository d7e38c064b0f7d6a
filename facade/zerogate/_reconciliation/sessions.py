"""Decides the outcome of a session or transaction by tables, from records already read. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final

from .._idempotency.terms import is_same_network
from ..money import Money
from .expectations import EMBED_TOKEN_LIFE, FLOWS, SESSION_STATUSES, Expectation
from .judging import Finding, Verdict, decided, first
from .kinds import REASONS, Outcome, Settled
from .records import (
    is_same_code,
    is_unreadable,
    moment,
    money,
    one_each,
    refids,
    row_id,
    seconds,
    spelled,
    text,
)
from .timelines import was_reversed
from .whose import whose_order, whose_session

#: Which of its amounts a payment of an action is counted by, and in which unit.
_COUNTED: Final = {"fiat_amount": "currency", "total_pay_or_receive": "currency"}


def outcome_of_session(session: object, transactions: Iterable[object], **asked: Any) -> Outcome:
    """Return the outcome of one session; it settles only through its transactions.

    session: Or an `UnreadableRow`, of which nothing is believed: it is held.
    transactions: All of the session, read after it; its own amount is only what we asked for.
    asked: The fields of `Expectation`.
    """
    rows, changed = one_each(transactions)
    verdict = _of_session(Expectation(**asked), session, rows, changed)
    return decided(verdict, [("gate_session", session), *(("transaction", row) for row in rows)])


def outcome_of_transaction(
    transaction: object,
    session: object | None = None,
    transactions: Iterable[object] = (),
    **asked: Any,
) -> Outcome:
    """Return the outcome of one transaction, with its session and all transactions of that.

    A transaction names no order: where it has no session, only `order=ANY_ORDER` can settle it.
    """
    terms = Expectation(**asked)
    rows, changed = one_each([*transactions, transaction])
    records = [("transaction", row) for row in rows]
    if session is None:
        return decided(_of_one(terms, transaction, changed), records)
    verdict = _of_session(terms, session, rows, changed)
    standing = terms.standing(transaction)
    if REASONS[verdict.reason][0] is Settled and standing != "success":
        reason = "in_flight" if standing == "in_flight" else "paid_by_another"
        verdict = Verdict(reason, verdict.detail, verdict.paid)
    return decided(verdict, [("gate_session", session), *records])


def flows_of(rows: Iterable[object], asked: Expectation) -> frozenset[str]:
    """Return the flows of the rows that succeeded or are in flight, by their actions."""
    moving = [row for row in rows if asked.standing(row) in ("success", "in_flight")]
    named = [FLOWS.get((text(row, "action") or "").upper()) for row in moving]
    return frozenset(flow for flow in named if flow is not None)


def _of_session(asked: Expectation, session: object, rows: list[object], changed: bool) -> Verdict:
    """Return the verdict on a session: the first rule that holds, doubts before payments."""
    if is_unreadable(session):
        readable = [row for row in rows if not is_unreadable(row)]
        told = _oddity(session, "session")
        return Verdict("unreadable", told, paid=_sum(asked, asked.those(readable, "success")))
    status = text(session, "status") or ""
    standing = SESSION_STATUSES.get(status)
    paid, waiting = asked.those(rows, "success"), asked.those(rows, "in_flight")
    expires = seconds(session, "expires_at")
    overdue, late = expires is not None and expires <= asked.now, standing == "failure" and paid
    wrong = (
        whose_session(asked, session)
        or first((asked.another != "", "another_session", asked.another))
        or _whose_rows(session, rows)
        or _doubts(asked, rows, changed)
        or first(
            (standing is None, "unknown_status", ascii(status)[:64]),
            (late and asked.replaced, "late_money_replaced", refids(paid)),
            (late, "late_money", refids(paid)),
        )
    )
    if wrong is None and paid:
        wrong = _payment(asked, session, paid[0])
    found = wrong or first(
        (paid and standing == "success" and waiting, "paid_other_in_flight", refids(waiting)),
        (paid and standing == "success", "paid", refids(paid)),
        (paid and overdue, "paid_while_overdue", refids(paid)),
        (paid, "completing", refids(paid)),
        (waiting, "in_flight", refids(waiting)),
        (standing == "success", "no_success_yet", ""),
        (standing == "in_flight" and overdue, "overdue", ""),
        (standing == "in_flight", "open", ""),
    )
    if found is None:
        return _ended(asked, status, expires)
    return Verdict(*found, paid=_sum(asked, paid))


def _ended(asked: Expectation, status: str, expires: float | None) -> Verdict:
    """Return the verdict on a session over and unpaid: its status, or `may_still_show` till when.

    That it ended is known from its event, or from when it was first read so. Of an expired one there
    is a last resort: whoever opened the widget at the last moment can pay for an hour more. A
    cancelled one can have been cancelled at any time until now.
    """
    if not asked.secret_out:
        return Verdict(status)
    end = None if asked.ended_at is None else asked.ended_at.timestamp()
    if end is None and status == "expired" and expires is not None:
        end = expires + EMBED_TOKEN_LIFE
    over = (asked.now if end is None else end) + asked.late_payment_grace
    if end is not None and over <= asked.now:
        return Verdict(status)
    unknown = ", and nobody says since when: pass ended_at=" if end is None else ""
    return Verdict(
        "may_still_show", f"it is {status}{unknown}", status=status, look_again_at=moment(over)
    )


def _of_one(asked: Expectation, row: object, changed: bool) -> Verdict:
    """Return the verdict on a transaction that has no session, or whose session was not read."""
    refid, standing = row_id(row) or "", asked.standing(row)
    wrong = (
        first((text(row, "session_id") is not None, "session_needed", refid))
        or whose_order(asked, None, "session", proven=asked.recorded)
        or _doubts(asked, [row], changed)
    )
    if wrong is None and standing == "success":
        wrong = _payment(asked, None, row)
    paid = _sum(asked, asked.those([row], "success"))
    if wrong is not None or standing == "success":
        return Verdict(*(wrong or ("paid", refid)), paid=paid)
    return Verdict("in_flight" if standing == "in_flight" else "failed", refid)


def _whose_rows(session: object, rows: Iterable[object]) -> Finding | None:
    """Return a finding if the session has no id or a row is another session's; else None."""
    own = text(session, "id")
    others = [row for row in rows if not is_unreadable(row) and text(row, "session_id") != own]
    return first(
        (not own, "unreadable", "a session without its id"),
        (others, "foreign_transaction", refids(others)),
    )


def _doubts(asked: Expectation, rows: Sequence[object], changed: bool) -> Finding | None:
    """Return the first doubt about the rows (unreadable, several paid, reversed, unknown), else None."""
    odd = [row for row in rows if is_unreadable(row)]
    readable = [row for row in rows if not is_unreadable(row)]
    paid, unknown = asked.those(readable, "success"), asked.those(readable, None)
    gone = [row for row in readable if was_reversed(row, asked.standing)]
    statuses = ", ".join(ascii(text(row, "status"))[:64] for row in unknown)
    nameless = not all(text(row, "refid") for row in readable)
    ways = flows_of(paid, asked)
    return first(
        (odd, "unreadable", "; ".join(_oddity(row) for row in odd)),
        (nameless, "unreadable", "a transaction without its refid"),
        (len(ways) > 1, "both_directions", f"{refids(paid)}: {' and '.join(sorted(ways))}"),
        (len(paid) > 1, *several(asked, refids(paid), _sum(asked, paid))),
        (changed, "changed_while_reading", ""),
        (gone, "reversed", refids(gone)),
        (unknown, "unknown_transaction_status", statuses),
    )


def _oddity(row: object, kind: str = "transaction") -> str:
    """Return in words why a row or session is unreadable, 200 characters at most."""
    named = f"{kind} {row_id(row) or 'without an id'}"
    return f"{named}: {text(row, 'field') or 'it'} {text(row, 'why') or 'cannot be read'}"[:200]


def several(asked: Expectation, which: str, paid: Money | None) -> Finding:
    """Return the finding on several payments of one order: their sum against what was expected."""
    expect = asked.expect
    if paid is None:
        return "paid_twice", which
    told = f"{which}: together {paid}"
    if not isinstance(expect, Money) or expect.code != paid.code:
        return "paid_twice", told
    if paid.amount > expect.amount:
        return "paid_twice", f"{told}, {paid - expect} more than the {expect} expected"
    rest = "exactly what was expected" if paid == expect else f"{expect - paid} short of {expect}"
    return "paid_in_parts", f"{told}, {rest}"


def _sum(asked: Expectation, paid: Sequence[object]) -> Money | None:
    """Return the sum of payments, by the amount that counts; None if units or directions differ."""
    swaps = {is_same_code(text(row, "action"), "SWAP") for row in paid}
    if len(swaps) != 1 or len(flows_of(paid, asked)) != 1:
        return None
    field, unit = ("token_amount", "token") if swaps == {True} else (_basis(asked), "currency")
    amounts = [money(row, field, unit) for row in paid]
    known = [amount for amount in amounts if amount is not None]
    if len(known) < len(amounts):
        return None
    if isinstance(asked.expect, Money):
        known = [spelled(amount, asked.expect.code) for amount in known]
    return of_one_unit(known)


def of_one_unit(amounts: Sequence[Money]) -> Money | None:
    """Return the sum of amounts; None where there is none, or where their units differ."""
    one_unit = len({amount.code for amount in amounts}) == 1
    return sum(amounts[1:], start=amounts[0]) if one_unit else None


def _basis(asked: Expectation) -> str:
    """Return the field that is counted: the total if the caller said so, else the fiat amount."""
    return "total_pay_or_receive" if asked.amount_basis == "total" else "fiat_amount"


def _payment(asked: Expectation, session: object | None, row: object) -> Finding | None:
    """Return what is wrong with a payment that succeeded; None when it is the one agreed."""
    action, named = (text(row, "action") or "").upper(), asked.flows_named(session)
    wanted, network = asked.network or text(session, "target_network"), text(row, "network")
    elsewhere = wanted is not None and not is_same_network(wanted, network, asked.aliases)
    bound = text(session, "target_token")
    other_token = bound is not None and not is_same_code(bound, text(row, "token"))
    agreed = f"agreed {' and '.join(sorted(named))}, it is a {action}"
    return first(
        (action not in FLOWS, "unknown_action", ascii(text(row, "action") or "")[:64]),
        (not named, "direction_needed", f"it is a {action}"),
        (named - {FLOWS.get(action)}, "direction", agreed),
        (elsewhere, "network", f"expected {wanted}, it is on {network}"),
        (other_token, "token", f"the session is for {bound}"),
    ) or (_swapped if action == "SWAP" else _bought_or_sold)(asked, session, row)


def _bought_or_sold(asked: Expectation, session: object | None, row: object) -> Finding | None:
    """Return what is wrong with a buy's or sell's currency or amount; else None."""
    fiat, total = (money(row, name, unit) for name, unit in _COUNTED.items())
    if fiat is None or total is None:
        return "unreadable", "the transaction has no amount"
    agreed, made_for = text(session, "currency"), money(session, "amount", "currency")
    if made_for is not None:
        made_for = spelled(made_for, fiat.code)
    another = agreed is not None and not is_same_code(agreed, fiat.code)
    by_total, any_amount = asked.amount_basis == "total", not isinstance(asked.expect, Money)
    asked_else = made_for not in (None, fiat) and not by_total and not any_amount
    return (
        first((another, "currency", f"agreed in {agreed}, it is {fiat}"))
        or compare(asked, *((total, fiat) if by_total else (fiat, total)))
        or first((asked_else, "session_amount", f"the session is for {made_for}, paid: {fiat}"))
    )


def _swapped(asked: Expectation, session: object | None, row: object) -> Finding | None:
    """Return what is wrong with a swap's token amount or network; None where nothing is.

    Of a swap only the token amount has a documented unit, and it needs its network.
    """
    tokens = money(row, "token_amount", "token")
    if tokens is None:
        return "unreadable", "the transaction has no token amount"
    any_amount = not isinstance(asked.expect, Money)
    where = asked.network or text(session, "target_network") or any_amount
    return first(
        (asked.amount_basis == "total", "amount_basis", "the unit of a swap's total is unknown"),
        (not where, "network_needed", f"{tokens} on {text(row, 'network')}"),
    ) or compare(asked, tokens, tokens)


def compare(asked: Expectation, counted: Money, other: Money) -> Finding | None:
    """Return how the amount counted differs from the one expected; None where it is right."""
    expect = asked.expect if isinstance(asked.expect, Money) else counted
    counted, other = spelled(counted, expect.code), spelled(other, expect.code)
    told = f"expected {expect}, found {counted}"
    unsaid = asked.amount_basis is None and counted != expect and other == expect
    less = counted.amount < expect.amount or counted.amount <= 0
    return first(
        (counted.code != expect.code, "currency", told),
        (unsaid, "amount_basis", f"{told}, and {other} by the other basis"),
        (less, "underpaid", told),
        (counted != expect, "overpaid", told),
    )
