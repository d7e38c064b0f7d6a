"""Checks a signed quote before it is redeemed: what the caller believes, what was read. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

import attrs

from .._idempotency.identity import marks_of
from .._idempotency.terms import Aliases, is_same_network
from ..errors import (
    Conflict,
    GateError,
    GateUsageError,
    InvalidRequest,
    NotFound,
    OutcomeUnknown,
    RequestRejected,
)
from ..money import Money
from . import ANY_AMOUNT, AnyAmount
from .records import is_same_code, spelled

if TYPE_CHECKING:
    from ..types import Session, SignedQuote


#: Refusals of a rail that a repeat can get whose key Gate has forgotten: the quote is used, the session
#: over. Its quote says whether a rail was made.
DOUBTFUL: Final = (Conflict, InvalidRequest, NotFound)


@attrs.frozen(kw_only=True)
class QuoteExpectation:
    """The quote as the caller believes it to be; None is not compared."""

    side: str
    expect: Money | AnyAmount
    asset: str | None = None
    network: str | None = None

    def __attrs_post_init__(self) -> None:
        if not isinstance(self.expect, Money | AnyAmount):
            raise GateUsageError('expect= is a Money("25.00", "EUR"), or ANY_AMOUNT')

    @property
    def kept(self) -> dict[str, Any]:
        """Return the expectation as JSON values, as the journal keeps it with a write's terms."""
        money = self.expect if isinstance(self.expect, Money) else None
        expect = None if money is None else [money.wire, money.code]
        return {"side": self.side, "expect": expect, "asset": self.asset, "network": self.network}

    @classmethod
    def read(cls, told: Mapping[str, Any]) -> QuoteExpectation:
        """Return the expectation that `kept` made this of."""
        expect = told["expect"]
        return cls(
            side=told["side"],
            expect=ANY_AMOUNT if expect is None else Money(*expect),
            asset=told["asset"],
            network=told["network"],
        )


def check_before_redeeming(
    believed: QuoteExpectation,
    quote: SignedQuote,
    session: Session | None,
    *,
    mode: str,
    order: str | None,
    now: float,
    aliases: Aliases = (),
) -> None:
    """Raise GateUsageError where quote or session are not as believed; consumed quotes pass.

    So nothing is sent that would move other money than was meant.

    A consumed quote passes, whatever its session has become: it may be this very write, made before,
    which its key brings back. Under any other key Gate refuses it: it is never redeemed twice.

    now: Gate's own clock, Unix seconds. aliases: Groups of names that mean one network.

    Raises:
        GateUsageError: names everything that does not agree.
    """
    wrong = [*_of_quote(believed, quote, now, aliases)]
    if session is not None:
        wrong += _of_session(session, quote, mode, order)
    if wrong:
        raise GateUsageError(f"quote {quote.id} must not be redeemed like this: {'; '.join(wrong)}")


def unless_consumed(quote: SignedQuote, refused: RequestRejected) -> GateError:
    """Return (not raise) the refusal; OutcomeUnknown if the quote is consumed, perhaps by this write."""
    if str(quote.status) != "consumed":
        return refused
    told = {name: value for name, value in vars(refused).items() if name != "session"}
    return OutcomeUnknown(
        f"quote {quote.id} is consumed, perhaps by this very write: look for its rail by the "
        "webhook, or by its reference, before doing anything else"
    ).with_context(**told | {"last_error": refused})


def _of_quote(
    believed: QuoteExpectation, quote: SignedQuote, now: float, aliases: Aliases
) -> Iterator[str]:
    """Yield what is wrong with a quote: status, expiry, side, asset, network or amount."""
    status = str(quote.status)
    if status not in ("active", "consumed"):
        yield f"the quote is {status}, lock a new one and look at its price"
    elif status == "active" and quote.expires_at <= datetime.fromtimestamp(now, UTC):
        yield f"the quote expired at {quote.expires_at.isoformat()}, lock a new one"
    if not is_same_code(str(quote.side), believed.side):
        yield f"the quote is {quote.side}, this rail needs {believed.side}"
    if believed.asset is not None and not is_same_code(quote.asset, believed.asset):
        yield f"the quote is for {quote.asset}, not {believed.asset}"
    network = getattr(quote, "network", None) or quote.additional_properties.get("network")
    # In any case: `arbitrum`, `BASE`.
    if not (
        None in (network, believed.network) or is_same_network(believed.network, network, aliases)
    ):
        yield f"the quote is for {network}, not {believed.network}"
    if isinstance(believed.expect, Money):
        amount = spelled(Money.as_read(quote.fiat_amount, quote.currency), believed.expect.code)
        if amount != believed.expect:
            yield f"the quote is for {amount}, not {believed.expect}"


def _of_session(
    session: Session, quote: SignedQuote, mode: str, order: str | None
) -> Iterator[str]:
    """Yield what is wrong with a session: its mode, its order, or its status before the quote is consumed."""
    if str(session.mode) != mode:
        yield f"the session is of {session.mode} mode, the key of {mode}"
    # The write that consumed the quote may have ended the session: its repeat is not refused as unsent.
    if str(session.status) != "open" and str(quote.status) != "consumed":
        yield f"the session is {session.status}"
    theirs = marks_of(session).order
    if order is not None and theirs is not None and theirs != order:
        yield f"the session belongs to order {theirs!r}, not {order!r}"
