"""What a payment came to: decided by tables, from records already read. Pure: no clock, no socket.

    Settled    the money is there, the right amount for the right order: fulfil, once
    Pending    not over, nothing to do but look again
    Failed     over, and nothing on it can still succeed: a new attempt may be made
    Mismatch   the records are clear, and not what was agreed: a person decides
    Hold       the records are unclear, contradict each other or are of a kind we do not know

Only Settled may be fulfilled, and it takes proof: whatever is not in a table is held, never ended.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from enum import Enum
from typing import Any, ClassVar, Final, Literal, NoReturn, TypeAlias

import attrs

from .errors import GateUsageError, MoneyError
from .identity import marks_of
from .money import Money

Standing: TypeAlias = Literal["in_flight", "success", "failure"]
#: Which of its amounts an order is compared with.
AmountBasis: TypeAlias = Literal["fiat_amount", "total"]


class AnyAmount(Enum):
    """The explicit way to compare no amount."""

    ANY_AMOUNT = "any amount"


class AnyOrder(Enum):
    """The explicit way to bind no order."""

    ANY_ORDER = "any order"


ANY_AMOUNT: Final = AnyAmount.ANY_AMOUNT
ANY_ORDER: Final = AnyOrder.ANY_ORDER

SESSION_STATUSES: Final[Mapping[str, Standing]] = {
    "open": "in_flight",
    "completed": "success",
    "expired": "failure",
    "cancelled": "failure",
}
RAIL_STATUSES: Final[Mapping[str, Standing]] = {
    "pending": "in_flight",
    "processing": "in_flight",
    "settled": "success",
    "failed": "failure",
    "cancelled": "failure",
}
QUOTE_STATUSES: Final[Mapping[str, Standing]] = {
    "active": "in_flight",
    "consumed": "success",
    "expired": "failure",
}
#: What a transaction's action says of the flow that its session may be bound to.
FLOWS: Final[Mapping[str, str]] = {"BUY": "on_ramp", "SELL": "off_ramp", "SWAP": "swap"}


@attrs.frozen
class TransactionStatuses:
    """What the free-form statuses of transactions mean, compared exactly, case included.

    Two examples are documented, so those are known; every other is held until you add it.
    """

    success: frozenset[str] = frozenset({"completed"})
    in_flight: frozenset[str] = frozenset({"CREATED"})
    failure: frozenset[str] = frozenset()

    def __attrs_post_init__(self) -> None:
        every = [*self.success, *self.in_flight, *self.failure]
        if len(set(every)) < len(every):
            raise GateUsageError("a transaction status can mean one thing only: check extended()")

    def extended(self, **more: Iterable[str]) -> TransactionStatuses:
        """These and yours: success=, in_flight=, failure= (what can never succeed any more)."""
        for name, statuses in more.items():
            if isinstance(statuses, str) or name not in ("success", "in_flight", "failure"):
                raise GateUsageError(
                    "extended() takes sets: success={…}, in_flight={…}, failure={…}"
                )
        return attrs.evolve(self, **{n: getattr(self, n) | set(more[n]) for n in more})

    def standing(self, status: str | None) -> Standing | None:
        """None for a status that nobody has told us."""
        for standing in ("success", "in_flight", "failure"):
            if status in getattr(self, standing):
                return standing
        return None


DEFAULT_STATUSES: Final = TransactionStatuses()


@attrs.frozen
class Evidence:
    """One record as it was read: ids, amounts and times, nothing about a person."""

    kind: str
    id: str
    status: str
    facts: tuple[tuple[str, str], ...] = ()


@attrs.frozen(kw_only=True)
class _Outcome:
    """reason: One word, for code and metrics. detail: The same in figures, for a person.

    account_blocked: A rail says that the user is blocked for future rails: tell somebody. It says
        nothing about this payment.
    """

    reason: str
    detail: str = ""
    evidence: tuple[Evidence, ...] = ()
    account_blocked: bool = False

    may_fulfil: ClassVar[bool] = False
    may_retry: ClassVar[bool] = False

    @property
    def next_step(self) -> str:
        """What to do now, in a sentence."""
        return REASONS[self.reason][1]

    def __bool__(self) -> NoReturn:
        # Every object is true if nothing is said: `if outcome:` would ship what nobody paid.
        raise TypeError(
            f"an outcome is neither true nor false, and this one is {type(self).__name__}: "
            "ask outcome.may_fulfil"
        )


class Settled(_Outcome):
    """The right amount for the right order is there."""

    may_fulfil = True


class Pending(_Outcome):
    """Not over."""


class Failed(_Outcome):
    """Over, and nothing on it can still succeed."""

    may_retry = True


class Mismatch(_Outcome):
    """Clear, and not what was agreed."""


class Hold(_Outcome):
    """Unclear: find out before anything is done."""


Outcome: TypeAlias = Settled | Pending | Failed | Mismatch | Hold
_Kind: TypeAlias = type[Settled] | type[Pending] | type[Failed] | type[Mismatch] | type[Hold]
#: A reason, and what it was found by. Of those found in order, the first counts.
_Found: TypeAlias = tuple[str, str]

_STEPS: Final[Mapping[_Kind, Mapping[str, str]]] = {
    Settled: {
        "paid": "Fulfil the order, once.",
        "paid_other_in_flight": "Fulfil the order, once; a second payment is under way: look again.",
        "paid_other_open": "Fulfil the order, once; cancel its other session, which is still open.",
    },
    Pending: {
        "open": "Wait for the webhook, or look again with growing pauses.",
        "overdue": "Past its time and still open: cancel the session to end it, then look again.",
        "in_flight": "A payment is under way: look again, and make no new attempt meanwhile.",
        "no_success_yet": "Completed, and its transaction is not listed yet: look again.",
        "completing": "Paid, and the session does not say so yet: look again.",
        "attempt_in_doubt": "A write for it may have happened: gate.recover(), then look again.",
    },
    Failed: {
        "expired": "Nothing was paid in time: a new attempt may be made.",
        "cancelled": "It was cancelled and nothing was paid: a new attempt may be made.",
        "failed": "It failed for good: a new attempt may be made.",
    },
    Mismatch: {
        "mode": "Test and live are mixed up: check the key and where this id comes from.",
        "order": "This payment is for another order: check where its id comes from.",
        "currency": "Another currency or token than agreed: do not fulfil.",
        "direction": "Bought where selling was agreed, or the like: do not fulfil.",
        "token": "Another token than the session was bound to: do not fulfil.",
        "network": "Another network than agreed: do not fulfil.",
        "underpaid": "Less than agreed: collect the rest or return it; do not fulfil.",
        "overpaid": "More than agreed: decide what becomes of the rest, then fulfil by hand.",
        "session_amount": "Paid as expected, on a session made for another amount: check the order.",
        "paid_twice": "Paid more than once: fulfil at most once, and return the rest.",
        "quote": "Not the quote that was redeemed: read it by the rail's quote_id.",
        "quote_amount": "The rail's amount is not its quote's: ask support.",
    },
    Hold: {
        "unknown_status": "A status that our contract has not: look at it, then update zerogate.",
        "unknown_transaction_status": (
            "Ask Gate what it means, then say statuses=TransactionStatuses().extended(…)."
        ),
        "unknown_action": "Neither BUY nor SELL nor SWAP: do not fulfil, ask support.",
        "late_money": "Money came after the end: fulfil or return it by hand.",
        "reversed": "It had succeeded and does not read so any more: stop, and ask support.",
        "paid_while_overdue": "Paid, and still open after its time: ask support, fulfil by hand.",
        "amount_basis": "Another of its amounts fits: say which one counts with amount_basis=.",
        "unreadable": "What it takes to decide is missing from the record: look at it.",
        "order_missing": "It names no order: if you bind it yourself, say order=ANY_ORDER.",
        "session_needed": "A transaction is judged with its session: reconcile the session.",
        "foreign_transaction": "Transactions of another session came back: read them again.",
        "changed_while_reading": "A transaction changed while it was read: read it again.",
        "paid_by_another": "Another transaction paid the session: reconcile the session.",
        "network_needed": "A token's amount means nothing without its network: give network=.",
        "quote_needed": "What the amount includes is known from its quote: read that as well.",
        "same_money": "A rail and a payment of one session: one payment or two? Ask support.",
        "nothing_known": "Nothing is known of this order: check the reference, account and mode.",
        "events_disagree": "An event says that it was paid, no record does: look again, then ask.",
        "quote_unredeemed": "The rail settled and its quote reads unused: ask support.",
    },
}
#: Every reason there is → the outcome it is, and the next step.
REASONS: Final[Mapping[str, tuple[_Kind, str]]] = {
    reason: (kind, step) for kind, steps in _STEPS.items() for reason, step in steps.items()
}


@attrs.frozen(kw_only=True)
class Asked:
    """What a payment is held against.

    expect: In fiat; on a swap, the token amount; on a rail, its quote's fiat amount.
    order: Compared with the session's metadata.order_id, or the rail's reference.
    mode: The mode that the session has to be of.
    now: Unix seconds, only to tell open from overdue; nothing ends by our clock.
    amount_basis: Which amount the order's is: `fiat_amount`, or the `total` that includes fees (of
        a rail: its own amount). Left out, the first, and where only the second fits it is held.
    network: Where the token has to move; left out, where the session was bound to.
    """

    expect: Money | AnyAmount
    order: str | AnyOrder
    mode: str | None = None
    now: float = 0
    statuses: TransactionStatuses = DEFAULT_STATUSES
    amount_basis: AmountBasis | None = None
    network: str | None = None

    def __attrs_post_init__(self) -> None:
        positive = not isinstance(self.expect, Money) or self.expect.amount > 0
        if not (positive and isinstance(self.expect, Money | AnyAmount)):
            raise GateUsageError("expect= is Money of more than zero, or ANY_AMOUNT for any")
        if not self.order or not isinstance(self.order, str | AnyOrder):
            raise GateUsageError("order= is your own reference, or ANY_ORDER for any")
        if self.amount_basis not in (None, "fiat_amount", "total"):
            raise GateUsageError("amount_basis= is 'fiat_amount' or 'total'")

    def standing(self, row: object) -> Standing | None:
        return self.statuses.standing(_text(row, "status"))

    def those(self, rows: Iterable[object], standing: Standing | None) -> list[object]:
        return [row for row in rows if self.standing(row) == standing]


def outcome_of_session(session: object, transactions: Iterable[object], **asked: Any) -> Outcome:
    """What one session came to; it settles only through its transactions.

    transactions: All of the session, read after it; its own amount is only what we asked for.
    asked: The fields of `Asked`.
    """
    rows, changed = _one_each(transactions)
    found = _of_session(Asked(**asked), session, rows, changed)
    return _decide(found, [("gate_session", session), *(("transaction", row) for row in rows)])


def outcome_of_transaction(
    transaction: object,
    session: object | None = None,
    transactions: Iterable[object] = (),
    **asked: Any,
) -> Outcome:
    """What one transaction came to: with its session and all of that session's transactions.

    A transaction names no order: where it has no session, only `order=ANY_ORDER` can settle it.
    """
    terms = Asked(**asked)
    rows, changed = _one_each([*transactions, transaction])
    records = [("transaction", row) for row in rows]
    if session is None:
        return _decide(_of_one(terms, transaction, changed), records)
    found = _of_session(terms, session, rows, changed)
    standing = terms.standing(transaction)
    if REASONS[found[0]][0] is Settled and standing != "success":
        found = ("in_flight" if standing == "in_flight" else "paid_by_another", found[1])
    return _decide(found, [("gate_session", session), *records])


def outcome_of_pay_in(pay_in: object, quote: object | None, **asked: Any) -> Outcome:
    """What a pay-in came to. Its amount includes fees, as its quote's base and fees do together."""
    return _outcome_of_rail("pay_in", pay_in, quote, Asked(**asked))


def outcome_of_pay_out(pay_out: object, quote: object | None, **asked: Any) -> Outcome:
    """What a pay-out came to. What its amount includes is documented nowhere: see its quote."""
    return _outcome_of_rail("pay_out", pay_out, quote, Asked(**asked))


def _outcome_of_rail(kind: str, rail: object, quote: object | None, asked: Asked) -> Outcome:
    records = [("rail", rail)] + ([] if quote is None else [("signed_quote", quote)])
    blocked = getattr(rail, "account_blocked", None) is True
    return _decide(_of_rail(kind, asked, rail, quote), records, blocked)


def _decide(found: _Found, records: Iterable[tuple[str, object]], blocked: bool = False) -> Outcome:
    reason, detail = found
    kind, _ = REASONS[reason]
    evidence = tuple(_shown(name, record) for name, record in records)
    return kind(reason=reason, detail=detail, evidence=evidence, account_blocked=blocked)


def _first(*rows: tuple[object, str, str]) -> _Found | None:
    """The first row that holds: a decision table. A row without a reason says that all is well."""
    reason, detail = next((told for holds, *told in rows if holds), ("", ""))
    return (reason, detail) if reason else None


def _of_session(asked: Asked, session: object, rows: list[object], changed: bool) -> _Found:
    status = _text(session, "status") or ""
    standing = SESSION_STATUSES.get(status)
    paid, waiting = asked.those(rows, "success"), asked.those(rows, "in_flight")
    expires = getattr(session, "expires_at", None)
    overdue = isinstance(expires, datetime) and expires.timestamp() <= asked.now
    wrong = (
        _whose(asked, session, rows)
        or _doubts(asked, rows, changed)
        or _first(
            (standing is None, "unknown_status", ascii(status)[:64]),
            (standing == "failure" and paid, "late_money", _refids(paid)),
        )
    )
    if wrong is None and paid:
        wrong = _payment(asked, session, paid[0])
    return (
        wrong
        or _first(
            (paid and standing == "success" and waiting, "paid_other_in_flight", _refids(waiting)),
            (paid and standing == "success", "paid", _refids(paid)),
            (paid and overdue, "paid_while_overdue", _refids(paid)),
            (paid, "completing", _refids(paid)),
            (waiting, "in_flight", _refids(waiting)),
            (standing == "failure", status, ""),
            (standing == "success", "no_success_yet", ""),
            (overdue, "overdue", ""),
        )
        or ("open", "")
    )


def _of_one(asked: Asked, transaction: object, changed: bool) -> _Found:
    """A transaction that stands alone."""
    bound = _text(transaction, "session_id") is not None
    standing = asked.standing(transaction)
    wrong = (
        _first((bound, "session_needed", "the transaction belongs to a session"))
        or _order(asked, None, "session")
        or _doubts(asked, [transaction], changed)
    )
    if wrong is None and standing == "success":
        wrong = _payment(asked, None, transaction) or ("paid", "")
    return wrong or ("in_flight" if standing == "in_flight" else "failed", "")


def _whose(asked: Asked, session: object, rows: list[object]) -> _Found | None:
    mode, own = _text(session, "mode"), _text(session, "id")
    others = [row for row in rows if _text(row, "session_id") != own]
    named = marks_of(session).order
    return (
        _first((asked.mode not in (None, mode), "mode", f"expected {asked.mode}, it is {mode}"))
        or _order(asked, named, "metadata.order_id")
        or _first(
            (not own, "unreadable", "a session without its id"),
            (others, "foreign_transaction", _refids(others)),
        )
    )


def _order(asked: Asked, named: str | None, where: str) -> _Found | None:
    told = f"expected {asked.order}, its {where} is another"
    return _first(
        (asked.order is ANY_ORDER or named == asked.order, "", ""),
        (named is None, "order_missing", f"it has no {where}"),
        (True, "order", told),
    )


def _doubts(asked: Asked, rows: list[object], changed: bool) -> _Found | None:
    paid, unknown = asked.those(rows, "success"), asked.those(rows, None)
    gone = [row for row in rows if _reversed(asked, row)]
    statuses = ", ".join(ascii(_text(row, "status"))[:64] for row in unknown)
    nameless = not all(_text(row, "refid") for row in rows)
    return _first(
        (nameless, "unreadable", "a transaction without its refid"),
        (len(paid) > 1, "paid_twice", _refids(paid)),
        (changed, "changed_while_reading", ""),
        (gone, "reversed", _refids(gone)),
        (unknown, "unknown_transaction_status", statuses),
    )


def _reversed(asked: Asked, row: object) -> bool:
    """Whether anything came after its success, by the checkpoints in the order Gate gives them."""
    points = [*(getattr(row, "status_timeline", None) or ()), row]
    standings = [asked.standing(point) for point in points]
    after = standings[standings.index("success") :] if "success" in standings else []
    return any(standing != "success" for standing in after)


def _payment(asked: Asked, session: object | None, row: object) -> _Found | None:
    """What is wrong with a payment that succeeded; None when it is the one agreed."""
    action, flow = _text(row, "action") or "", _text(session, "flow")
    wanted, network = asked.network or _text(session, "target_network"), _text(row, "network")
    # Networks are spelled in any case: `arbitrum`, `BASE`.
    elsewhere = wanted is not None and wanted.lower() != (network or "").lower()
    return _first(
        (action not in FLOWS, "unknown_action", ascii(action)[:64]),
        (flow not in (None, FLOWS.get(action)), "direction", f"agreed {flow}, it is a {action}"),
        (elsewhere, "network", f"expected {wanted}, it is on {network}"),
    ) or (_swapped if action == "SWAP" else _bought_or_sold)(asked, session, row)


def _bought_or_sold(asked: Asked, session: object | None, row: object) -> _Found | None:
    fiat = _money(row, "fiat_amount", "currency")
    total = _money(row, "total_pay_or_receive", "currency")
    if fiat is None or total is None:
        return "unreadable", "the transaction has no amount"
    agreed, bound = _text(session, "currency"), _text(session, "target_token")
    made_for = _money(session, "amount", "currency")
    by_total, any_amount = asked.amount_basis == "total", asked.expect is ANY_AMOUNT
    asked_else = made_for not in (None, fiat) and not by_total and not any_amount
    return (
        _first(
            (agreed not in (None, fiat.code), "currency", f"agreed in {agreed}, it is {fiat}"),
            (bound not in (None, _text(row, "token")), "token", f"the session is for {bound}"),
        )
        or _compare(asked, *((total, fiat) if by_total else (fiat, total)))
        or _first((asked_else, "session_amount", f"the session is for {made_for}, paid: {fiat}"))
    )


def _swapped(asked: Asked, session: object | None, row: object) -> _Found | None:
    """Of a swap only the token amount has a documented unit, and it needs its network."""
    tokens = _money(row, "token_amount", "token")
    if tokens is None:
        return "unreadable", "the transaction has no token amount"
    where = asked.network or _text(session, "target_network") or asked.expect is ANY_AMOUNT
    return _first(
        (asked.amount_basis == "total", "amount_basis", "the unit of a swap's total is unknown"),
        (not where, "network_needed", f"{tokens} on {_text(row, 'network')}"),
    ) or _compare(asked, tokens, tokens)


def _compare(asked: Asked, counted: Money, other: Money) -> _Found | None:
    """other: What the caller may have meant instead, where no basis was given."""
    expect = asked.expect if isinstance(asked.expect, Money) else counted
    told = f"expected {expect}, found {counted}"
    unsaid = asked.amount_basis is None and counted != expect and other == expect
    less = counted.amount < expect.amount or counted.amount <= 0
    return _first(
        (counted.code != expect.code, "currency", told),
        (unsaid, "amount_basis", f"{told}, and {other} by the other basis"),
        (less, "underpaid", told),
        (counted != expect, "overpaid", told),
    )


def _of_rail(kind: str, asked: Asked, rail: object, quote: object | None) -> _Found:
    status = _text(rail, "status") or ""
    standing, paid = RAIL_STATUSES.get(status), _money(rail, "amount", "currency")
    wrong_kind = _text(rail, "kind") not in (None, kind)
    wrong = (
        _first(
            (not _text(rail, "id"), "unreadable", "a rail without its id"),
            (wrong_kind, "direction", f"expected a {kind}, it is a {_text(rail, 'kind')}"),
        )
        or _order(asked, _text(rail, "reference"), "reference")
        or _first(
            (standing is None, "unknown_status", ascii(status)[:64]),
            (standing == "failure", status, ""),
            (standing == "in_flight", "in_flight", status),
        )
    )
    if wrong is None and paid is None:
        wrong = "unreadable", "the rail has no amount"
    if wrong is None and paid is not None:
        wrong = _rail_amount(kind, asked, paid, rail, quote)
    return wrong or ("paid", "")


def _rail_amount(
    kind: str, asked: Asked, paid: Money, rail: object, quote: object | None
) -> _Found | None:
    if quote is not None:
        return _wrong_quote(kind, rail, quote) or _with_quote(kind, asked, paid, quote)
    if kind == "pay_in" and asked.amount_basis == "total":
        return _compare(asked, paid, paid)
    told = f"expected {asked.expect}, found {paid}"
    return _first((asked.expect is not ANY_AMOUNT, "quote_needed", told))


def _wrong_quote(kind: str, rail: object, quote: object) -> _Found | None:
    id, status, side = (_text(quote, name) or "" for name in ("id", "status", "side"))
    right_side = {"pay_in": "on_ramp", "pay_out": "off_ramp"}[kind]
    return _first(
        (not id or id != _text(rail, "quote_id"), "quote", "the rail names another quote"),
        (side != right_side, "direction", f"the quote is {side}, a {kind} is {right_side}"),
        (status not in QUOTE_STATUSES, "unknown_status", f"the quote is {ascii(status)[:64]}"),
        (status == "active", "quote_unredeemed", ""),
    )


def _with_quote(kind: str, asked: Asked, paid: Money, quote: object) -> _Found | None:
    """Documented is that a pay-in is base plus fees; of a pay-out, nothing.

    Another sum that fits is taken only where the caller has said which amount counts: then it does
    not decide whether the order is paid.
    """
    fiat, fees = _money(quote, "fiat_amount", "currency"), _money(quote, "fees", "currency")
    told = f"the rail has {paid}, its quote {fiat} and fees of {fees}"
    if fiat is None or fiat.code != paid.code:
        return ("unreadable" if fiat is None else "currency"), told
    sums = [fiat] if fees is None else [fiat, fiat + fees, fiat - fees]
    likely = {"pay_in": sums[1:2], "pay_out": sums[:1]}[kind]
    possible = sums[:2] if kind == "pay_in" else sums
    said = asked.expect is ANY_AMOUNT or asked.amount_basis == "total"
    if fees is not None:
        said = said or asked.amount_basis == "fiat_amount"
    by_total = asked.amount_basis == "total"
    return _compare(asked, *((paid, fiat) if by_total else (fiat, paid))) or _first(
        (paid in likely, "", ""),
        (fees is not None and paid not in possible, "quote_amount", told),
        (not said, "amount_basis", told),
    )


#: What is shown of a record in evidence: an allow-list.
_FACTS: Final[Mapping[str, str]] = {
    "gate_session": "mode amount currency flow target_token target_network created_at expires_at",
    "transaction": "session_id action fiat_amount currency token_amount token network "
    "total_pay_or_receive total_fees created_at updated_at",
    "rail": "kind gate_session_id quote_id method amount currency created_at",
    "signed_quote": "side fiat_amount currency crypto_amount asset fees expires_at",
}


def _shown(kind: str, record: object) -> Evidence:
    told = {name: _plain(getattr(record, name, None)) for name in _FACTS[kind].split()}
    if wallet := _text(record, "wallet_address"):
        told["wallet"] = f"{wallet[:4]}…{wallet[-4:]}" if len(wallet) > 16 else "…"
    for number, point in enumerate(getattr(record, "status_timeline", None) or (), 1):
        told[f"status_{number}"] = f"{_text(point, 'status')} {_plain(getattr(point, 'at', None))}"
    id = _text(record, "id") or _text(record, "refid") or ""
    facts = tuple((name, value) for name, value in told.items() if value)
    return Evidence(kind, id, _text(record, "status") or "", facts)


def _plain(value: object) -> str:
    match value:
        case str():
            return str.__str__(value)
        case Decimal():
            return format(value, "f")
        case datetime():
            return value.isoformat()
        case _:
            return ""


def _one_each(rows: Iterable[object]) -> tuple[list[object], bool]:
    """One row per refid, for pages may overlap; and whether one came twice and differed."""
    found: dict[str | None, object] = {}
    changed = False
    for row in rows:
        first = found.setdefault(_text(row, "refid"), row)
        changed |= first is not row and _shown("transaction", first) != _shown("transaction", row)
    return list(found.values()), changed


def _text(record: object, name: str) -> str | None:
    """A text as it stands; an enum's member is its value, and what is null or left out is None."""
    value = getattr(record, name, None)
    return str.__str__(value) if isinstance(value, str) else None


def _money(record: object, field: str, code: str) -> Money | None:
    amount, unit = getattr(record, field, None), _text(record, code)
    try:
        return Money.as_read(amount, unit) if isinstance(amount, Decimal) and unit else None
    except MoneyError:
        return None


def _refids(rows: Iterable[object]) -> str:
    return ", ".join(_text(row, "refid") or "" for row in rows)
