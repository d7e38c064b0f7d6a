"""Decides the outcome of a pay-in or a pay-out, from the rail, its quote and its session. Pure."""

from __future__ import annotations

from typing import Any

from ..money import Money
from .expectations import ANY_AMOUNT, QUOTE_STATUSES, RAIL_FLOWS, RAIL_STATUSES, Expectation
from .judging import Finding, Verdict, decided, first
from .kinds import Outcome
from .records import is_same_code, money, spelled, text
from .sessions import compare
from .whose import whose_rail


def outcome_of_pay_in(
    pay_in: object, quote: object | None, session: object | None = None, **asked: Any
) -> Outcome:
    """Return the outcome of a pay-in. Its amount has to be its quote's base and fees together.

    session: The one that the rail names: whose the rail is stands there.
    """
    return _outcome_of_rail("pay_in", pay_in, quote, session, Expectation(**asked))


def outcome_of_pay_out(
    pay_out: object, quote: object | None, session: object | None = None, **asked: Any
) -> Outcome:
    """Return a pay-out's outcome: its amount has to be its quote's, or as the caller says it is counted."""
    return _outcome_of_rail("pay_out", pay_out, quote, session, Expectation(**asked))


def _outcome_of_rail(
    kind: str, rail: object, quote: object | None, session: object | None, asked: Expectation
) -> Outcome:
    """Return a rail's outcome; its evidence shows the rail, and quote and session where given."""
    beside = [("signed_quote", quote), ("gate_session", session)]
    records = [("rail", rail), *((name, one) for name, one in beside if one is not None)]
    return decided(
        _of_rail(kind, asked, rail, quote, session),
        records,
        getattr(rail, "account_blocked", None) is True,
    )


def _of_rail(
    kind: str, asked: Expectation, rail: object, quote: object | None, session: object | None
) -> Verdict:
    """Return the verdict on a rail: by whose it is, then its status, then its amount."""
    status = text(rail, "status") or ""
    standing, paid = RAIL_STATUSES.get(status), money(rail, "amount", "currency")
    named, flow = text(rail, "kind"), RAIL_FLOWS[kind]
    other_way = asked.flow is not None and str(asked.flow) != flow
    wrong = (
        first(
            (not text(rail, "id"), "unreadable", "a rail without its id"),
            (
                named is not None and not is_same_code(named, kind),
                "direction",
                f"expected a {kind}, it is a {named}",
            ),
            (other_way, "direction", f"agreed {asked.flow}, a {kind} is {flow}"),
        )
        or whose_rail(asked, rail, session)
        or first(
            (standing is None, "unknown_status", ascii(status)[:64]),
            (standing == "failure", status, ""),
            (standing == "in_flight", "in_flight", status),
        )
    )
    if wrong is not None:
        return Verdict(*wrong, paid=paid if standing == "success" else None)
    if paid is None:
        return Verdict("unreadable", "the rail has no amount")
    return Verdict(*(_rail_amount(kind, asked, paid, rail, quote) or ("paid", "")), paid=paid)


def _rail_amount(
    kind: str, asked: Expectation, paid: Money, rail: object, quote: object | None
) -> Finding | None:
    """Return what is wrong with a rail's amount; None where it is the one expected."""
    if quote is not None:
        with_quote = _pay_in_amount if kind == "pay_in" else _pay_out_amount
        return _wrong_quote(kind, rail, quote) or with_quote(asked, paid, quote)
    if kind == "pay_in" and asked.amount_basis == "total":
        return compare(asked, paid, paid)
    told = f"expected {asked.expect}, found {paid}"
    return first(
        (asked.expect is not ANY_AMOUNT, "quote_needed", told),
        (paid.amount <= 0, "underpaid", f"found {paid}"),
    )


def _wrong_quote(kind: str, rail: object, quote: object) -> Finding | None:
    """Return why a quote is not the one that this rail redeemed; None where it is."""
    id, status, side = (text(quote, name) or "" for name in ("id", "status", "side"))
    right_side = RAIL_FLOWS[kind]
    return first(
        (not id or id != text(rail, "quote_id"), "quote", "the rail names another quote"),
        (
            not is_same_code(side, right_side),
            "direction",
            f"the quote is {side}, a {kind} is {right_side}",
        ),
        (status not in QUOTE_STATUSES, "unknown_status", f"the quote is {ascii(status)[:64]}"),
        (status == "active", "quote_unredeemed", ""),
    )


def _quoted(quote: object, code: str) -> tuple[Money | None, Money | None]:
    """Return a quote's base and fees, each None if unreadable; the code as the rail spells it."""
    read = [money(quote, name, "currency") for name in ("fiat_amount", "fees")]
    fiat, fees = (None if one is None else spelled(one, code) for one in read)
    return fiat, fees


def _pay_in_amount(asked: Expectation, paid: Money, quote: object) -> Finding | None:
    """Return what is wrong with a pay-in's amount; None where it is base and fees, as expected.

    Documented: a pay-in's amount includes fees. So it is the quote's base and fees, nothing else.

    Where the quote's fees cannot be read, that cannot be compared; then it takes a caller who says
    that the order is for the total.
    """
    fiat, fees = _quoted(quote, paid.code)
    told = f"the rail has {paid}, its quote {fiat} and fees of {fees}"
    if fiat is None or fiat.code != paid.code:
        return ("unreadable" if fiat is None else "currency"), told
    by_total = asked.amount_basis == "total"
    unsaid = fees is None and asked.expect is not ANY_AMOUNT and not by_total
    return compare(asked, *((paid, fiat) if by_total else (fiat, paid))) or first(
        (fees is not None and paid != fiat + fees, "quote_amount", told),
        (unsaid, "amount_basis", told),
        (paid.amount < fiat.amount, "quote_amount", told),
    )


def _pay_out_amount(asked: Expectation, paid: Money, quote: object) -> Finding | None:
    """Return what is wrong with a pay-out's amount; None where it is the one expected.

    Nothing is documented of a pay-out: another sum than the quote's base needs a caller's word.
    """
    fiat, fees = _quoted(quote, paid.code)
    told = f"the rail has {paid}, its quote {fiat} and fees of {fees}"
    if fiat is None or fiat.code != paid.code:
        return ("unreadable" if fiat is None else "currency"), told
    possible = [fiat] if fees is None else [fiat, fiat + fees, fiat - fees]
    by_total = asked.amount_basis == "total"
    said = asked.expect is ANY_AMOUNT or by_total
    if fees is not None:
        said = said or asked.amount_basis == "fiat_amount"
    return compare(asked, *((paid, fiat) if by_total else (fiat, paid))) or first(
        (paid == fiat, "", ""),
        (fees is not None and paid not in possible, "quote_amount", told),
        (not said, "amount_basis", told),
    )
