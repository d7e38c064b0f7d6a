"""The expectation a payment is compared with: amount, order, direction, time it may need. Pure.

The end of a session is not the end of its money: lists and transactions are late by nobody knows how
much, and a widget that is open goes on. So nothing that ended is `Failed` before its end is known and
a late-payment grace has passed since.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from datetime import datetime
from enum import Enum
from typing import TYPE_CHECKING, Final, Literal, TypeAlias, TypedDict

import attrs

from .._validation import kind_of
from ..errors import GateUsageError
from ..money import Money
from .records import text

if TYPE_CHECKING:
    from .._literals import FlowName
    from ..types import Flow

StatusClass: TypeAlias = Literal["in_flight", "success", "failure"]
#: Which of its amounts an order is compared with.
AmountBasis: TypeAlias = Literal["fiat_amount", "total"]


class AnyAmount(Enum):
    """The explicit way to compare no amount."""

    ANY_AMOUNT = "any amount"


class AnyOrder(Enum):
    """The explicit way to bind no order."""

    ANY_ORDER = "any order"


class AnyNamespace(Enum):
    """The explicit way to take what any service of the account has made."""

    ANY_NAMESPACE = "any namespace"


ANY_AMOUNT: Final = AnyAmount.ANY_AMOUNT
ANY_ORDER: Final = AnyOrder.ANY_ORDER
ANY_NAMESPACE: Final = AnyNamespace.ANY_NAMESPACE

SESSION_STATUSES: Final[Mapping[str, StatusClass]] = {
    "open": "in_flight",
    "completed": "success",
    "expired": "failure",
    "cancelled": "failure",
}
RAIL_STATUSES: Final[Mapping[str, StatusClass]] = {
    "pending": "in_flight",
    "processing": "in_flight",
    "settled": "success",
    "failed": "failure",
    "cancelled": "failure",
}
QUOTE_STATUSES: Final[Mapping[str, StatusClass]] = {
    "active": "in_flight",
    "consumed": "success",
    "expired": "failure",
}
#: What a transaction's action says of the flow that its session may be bound to.
FLOWS: Final[Mapping[str, str]] = {"BUY": "on_ramp", "SELL": "off_ramp", "SWAP": "swap"}
#: Which way a rail moves money.
RAIL_FLOWS: Final[Mapping[str, str]] = {"pay_in": "on_ramp", "pay_out": "off_ramp"}

#: Seconds after its end for which a payment on a session may still show.
LATE_PAYMENT_GRACE: Final = 600.0
#: Documented: a widget's embed token lives an hour, also one that was handed out at the last moment.
EMBED_TOKEN_LIFE: Final = 3600.0


@attrs.frozen
class TransactionStatuses:
    """The meanings of transactions' free-form statuses, compared exactly, case included.

    Two examples are documented, so those are known; every other is held until you add it.
    """

    success: frozenset[str] = frozenset({"completed"})
    in_flight: frozenset[str] = frozenset({"CREATED"})
    failure: frozenset[str] = frozenset()

    def __attrs_post_init__(self) -> None:
        every = (self.success, self.in_flight, self.failure)
        if {*map(type, every)} - {set, frozenset} or len(set().union(*every)) < sum(
            map(len, every)
        ):
            raise GateUsageError(
                "a transaction status can mean one thing only, in sets: success={…}, or extended()"
            )

    def extended(self, **more: Iterable[str]) -> TransactionStatuses:
        """Return a copy with success=, in_flight=, failure= added to; GateUsageError for others or a text."""
        for name, statuses in more.items():
            if isinstance(statuses, str) or name not in ("success", "in_flight", "failure"):
                raise GateUsageError(
                    "extended() takes sets: success={…}, in_flight={…}, failure={…}"
                )
        return attrs.evolve(self, **{n: getattr(self, n) | set(more[n]) for n in more})

    def standing(self, status: str | None) -> StatusClass | None:
        """Return the class of a status, compared exactly; None for an unknown one."""
        known: tuple[StatusClass, ...] = ("success", "in_flight", "failure")
        return next((one for one in known if status in getattr(self, one)), None)


DEFAULT_STATUSES: Final = TransactionStatuses()


class Terms(TypedDict, total=False):
    """The arguments of `gate.reconcile` besides the amount and the order; explained there."""

    flow: Flow | FlowName | None
    namespace: str | AnyNamespace
    amount_basis: AmountBasis | None
    network: str | None
    statuses: TransactionStatuses
    ended_at: datetime | None
    timeout: float | None


@attrs.frozen(kw_only=True)
class Expectation:
    """The expectation that a payment is compared with.

    expect: In fiat; on a swap, the token amount; on a rail, its quote's fiat amount.
    order: Compared with the session's metadata.order_id, and the rail's reference.
    namespace: Of the service that made it; the empty one is not sent, so none is the empty one.
    recorded: Whether our own journal recorded this id from our own send. Then it is ours also where
        its metadata is silent, and never where it says something else.
    keys: The idempotency keys that our journal has of this order; with none, the key is not compared.
    mode: The mode that the session has to be of.
    flow: Which way the money goes, where the session itself does not say it.
    now: Unix seconds by Gate's clock: whatever permits a new attempt is measured by it.
    amount_basis: Which amount the order's is: `fiat_amount`, or the `total` that includes fees (of
        a rail: its own amount). Left out, the first, and where only the second fits it is held.
    network: Where the token has to move; left out, where the session was bound to.
    ended_at: When the session ended, by its event, or when it was first read so.
    secret_out: Whether a browser may hold the session's client secret. False only where a store
        knows that nobody was ever given it: then nothing can show after the end.
    late_payment_grace: Seconds after the end for which a payment that had begun may still show.
    aliases: Groups of names that mean one network.
    replaced: Whether a later attempt of the order was made, which may be paid as well.
    another: Ids of two sessions that carry one idempotency key, where an event told of the second.
    """

    expect: Money | AnyAmount
    order: str | AnyOrder
    namespace: str | AnyNamespace = ""
    recorded: bool = False
    keys: frozenset[str] = frozenset()
    mode: str | None = None
    flow: str | None = None
    now: float = 0
    statuses: TransactionStatuses = DEFAULT_STATUSES
    amount_basis: AmountBasis | None = None
    network: str | None = None
    ended_at: datetime | None = None
    secret_out: bool = True
    late_payment_grace: float = LATE_PAYMENT_GRACE
    aliases: tuple[frozenset[str], ...] = ()
    replaced: bool = False
    another: str = ""

    def __attrs_post_init__(self) -> None:
        positive = not isinstance(self.expect, Money) or self.expect.amount > 0
        if not (positive and isinstance(self.expect, Money | AnyAmount)):
            told = (
                str(self.expect) if isinstance(self.expect, Money) else type(self.expect).__name__
            )
            raise GateUsageError(
                f"expect= takes Money of more than zero, not {told}: write expect=Money('25.00', "
                "'EUR') as your order has it, or ANY_AMOUNT where any amount is right"
            )
        if not self.order or not isinstance(self.order, str | AnyOrder):
            raise GateUsageError(
                f"order= takes your own reference, not {kind_of(self.order)}: write order='…' "
                "as it was created with, or ANY_ORDER where any order is right"
            )
        if not isinstance(self.statuses, TransactionStatuses):
            raise GateUsageError(
                f"statuses= takes TransactionStatuses, not {type(self.statuses).__name__}: write "
                "statuses=TransactionStatuses().extended(success={'paid'})"
            )
        if not isinstance(self.namespace, str | AnyNamespace):
            raise GateUsageError("namespace= is that of a client, or ANY_NAMESPACE for any")
        if self.amount_basis not in (None, "fiat_amount", "total"):
            raise GateUsageError("amount_basis= is 'fiat_amount' or 'total'")
        if self.flow is not None and str(self.flow) not in FLOWS.values():
            raise GateUsageError(f"flow= is on_ramp, off_ramp or swap, not {ascii(self.flow)[:40]}")
        checked_end(self.ended_at)
        checked_grace(self.late_payment_grace)

    def standing(self, row: object) -> StatusClass | None:
        """Return the class of a row's status; None for an unknown one."""
        return self.statuses.standing(text(row, "status"))

    def those(self, rows: Iterable[object], standing: StatusClass | None) -> list[object]:
        """Return the rows whose status is of this class; for None, those of unknown status."""
        return [row for row in rows if self.standing(row) == standing]

    def flows_named(self, session: object | None) -> set[str]:
        """Return every flow that the session or the caller named; empty where neither did."""
        named = {text(session, "flow"), None if self.flow is None else str(self.flow)}
        return {flow.lower() for flow in named if flow}


def checked_end(at: datetime | None, name: str = "ended_at") -> datetime | None:
    """Return the time as given, None too; GateUsageError if it is no datetime with a time zone."""
    if at is not None and (not isinstance(at, datetime) or at.utcoffset() is None):
        raise GateUsageError(f"{name}= is a datetime with a time zone: datetime.now(UTC), say")
    return at


def checked_grace(seconds: float) -> float:
    """Return the grace as float; GateUsageError unless it is a finite number of seconds from 0."""
    number = isinstance(seconds, int | float) and not isinstance(seconds, bool)
    if not number or not math.isfinite(seconds) or seconds < 0:
        raise GateUsageError("late_payment_grace= is a number of seconds, 600 unless you know more")
    return float(seconds)
