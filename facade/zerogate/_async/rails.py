"""Pay-ins and pay-outs: a signed quote redeemed, checked against what it is believed to be."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar, Unpack, overload

from .. import _validation as validation
from .._frames import discreet_class
from .._idempotency.keys import identify
from .._mistakes.misuse import explained
from .._reconciliation import AnyAmount
from .._reconciliation.quote_checks import (
    DOUBTFUL,
    QuoteExpectation,
    check_before_redeeming,
    unless_consumed,
)
from .._wire import bodies, operations
from ..money import Money
from .calls import AsyncCalls
from .seam import AsyncSending

if TYPE_CHECKING:
    from .._durability import JournalEntry
    from .._idempotency.attempts import Call
    from .._idempotency.terms import Aliases
    from .._wire.bodies import RailFields
    from .._wire.operations import Operation
    from ..types import PayIn, PayOut

T = TypeVar("T")


@explained
@discreet_class
class _AsyncRail:
    """Base of both rails: the checks, then the write."""

    def __init__(self, calls: AsyncCalls) -> None:
        self._calls = calls

    async def _redeem(
        self,
        operation: Operation[T],
        believed: QuoteExpectation,
        *,
        quote_id: str,
        gate_session_id: str | None,
        order: str | None,
        attempt: int,
        idempotency_key: str | None,
        new_order: bool,
        timeout: float | None,
    ) -> T:
        """Check (GateUsageError), send, return the record; OutcomeUnknown if a refused quote is consumed."""
        call = self._call(
            operation, quote_id, gate_session_id, order, attempt, idempotency_key, new_order
        )
        ends = self._calls.deadline(validation.checked_timeout(timeout))
        durability = self._calls.durability
        await async_check_redeemable(
            self._calls,
            believed,
            quote_id=quote_id,
            gate_session_id=gate_session_id,
            order=order,
            mode=self._calls.settings.credentials.mode,
            ends=ends,
            aliases=() if durability is None else durability.aliases,
        )
        try:
            return await self._calls.run(call, until=ends)
        except DOUBTFUL as exc:
            refused = exc
        quote = await self._calls.ask(
            operations.RETRIEVE_SIGNED_QUOTE, timeout=None, until=ends, id=quote_id
        )
        raise unless_consumed(quote, refused)

    def _call(
        self,
        operation: Operation[T],
        quote_id: str,
        gate_session_id: str | None,
        order: str | None,
        attempt: int,
        idempotency_key: str | None,
        new_order: bool,
    ) -> Call[T]:
        """Return the call that redeems a quote, unsent; GateUsageError for wrong arguments."""
        new_order = validation.checked_new_order(new_order, attempt)
        identity = identify(
            self._calls.settings.namespace, operation.id, order, attempt, idempotency_key
        )
        validation.checked_id(quote_id, "quote_id")
        if gate_session_id is not None:
            validation.checked_id(gate_session_id, "gate_session_id")
        return self._calls.call(
            operation,
            timeout=None,
            identity=identity,
            body=bodies.present(
                quote_id=quote_id, gate_session_id=gate_session_id, reference=identity.order
            ),
            new_order=new_order,
        )

    async def _intend(
        self,
        operation: Operation[Any],
        connection: Any,
        believed: QuoteExpectation,
        *,
        quote_id: str,
        gate_session_id: str | None,
        order: str | None,
        attempt: int,
        idempotency_key: str | None,
        new_order: bool,
    ) -> JournalEntry:
        """Record the call in the caller's transaction, unsent; the quote is not read yet."""
        return await self._calls.durable().intend(
            connection,
            self._call(
                operation, quote_id, gate_session_id, order, attempt, idempotency_key, new_order
            ),
            expected=believed.kept,
        )


@explained
@discreet_class
class AsyncPayIns(_AsyncRail):
    """`gate.pay_ins`; 403 where the account has no rails."""

    @overload
    async def create(
        self,
        *,
        order: str,
        attempt: int = 1,
        idempotency_key: str | None = None,
        timeout: float | None = None,
        **fields: Unpack[RailFields],
    ) -> PayIn: ...
    @overload
    async def create(
        self, *, idempotency_key: str, timeout: float | None = None, **fields: Unpack[RailFields]
    ) -> PayIn: ...
    async def create(
        self,
        *,
        quote_id: str,
        expect: Money | AnyAmount,
        gate_session_id: str | None = None,
        order: str | None = None,
        attempt: int = 1,
        idempotency_key: str | None = None,
        asset: str | None = None,
        network: str | None = None,
        new_order: bool = False,
        timeout: float | None = None,
    ) -> PayIn:
        """Redeem a signed quote into a pay-in; GateUsageError, unsent, if it or its session does not fit.

        expect: What the quote's fiat amount has to be, exactly; `ANY_AMOUNT` opts out.
        gate_session_id: The session it belongs to; read and checked where it is named.
        asset, network: What the quote has to be for, where you name them.
        order: Your reference, sent as `reference`; the idempotency key follows from it.
        new_order: As for `sessions.create`. Rails cannot be listed, so after a loss a rail is made only
            for a new order, or one that `gate.journal.vouch` was told of.

        Raises:
            GateUsageError: the quote is expired by Gate's clock, of another side, amount, asset or
                network, or the session is another order's, or not open: this call sent nothing. An
                expired quote is never locked again at another price: lock one yourself and look at it.
            OutcomeUnknown: it may have happened. Call again with the same order and quote, also once
                the quote is consumed and the session over: the key brings back what was made.
        """
        return await self._redeem(
            operations.CREATE_PAY_IN,
            QuoteExpectation(side="on_ramp", expect=expect, asset=asset, network=network),
            quote_id=quote_id,
            gate_session_id=gate_session_id,
            order=order,
            attempt=attempt,
            idempotency_key=idempotency_key,
            new_order=new_order,
            timeout=timeout,
        )

    @overload
    async def intend(
        self,
        connection: Any,
        *,
        order: str,
        attempt: int = 1,
        idempotency_key: str | None = None,
        **fields: Unpack[RailFields],
    ) -> JournalEntry: ...
    @overload
    async def intend(
        self, connection: Any, *, idempotency_key: str, **fields: Unpack[RailFields]
    ) -> JournalEntry: ...
    async def intend(
        self,
        connection: Any,
        *,
        quote_id: str,
        expect: Money | AnyAmount,
        gate_session_id: str | None = None,
        order: str | None = None,
        attempt: int = 1,
        idempotency_key: str | None = None,
        asset: str | None = None,
        network: str | None = None,
        new_order: bool = False,
    ) -> JournalEntry:
        """Record a pay-in in your transaction; nothing is sent until `gate.journal.send`.

        As `gate.journal.intend`. What is expected is kept with it, and `send` and `recover` read the quote
        and the session and check them right before they send. A quote that has expired by then, or is
        another than expected, ends it as rejected, and nothing is sent: count `attempt=` up for
        another quote.
        """
        return await self._intend(
            operations.CREATE_PAY_IN,
            connection,
            QuoteExpectation(side="on_ramp", expect=expect, asset=asset, network=network),
            quote_id=quote_id,
            gate_session_id=gate_session_id,
            order=order,
            attempt=attempt,
            idempotency_key=idempotency_key,
            new_order=new_order,
        )

    async def retrieve(self, id: str, *, timeout: float | None = None) -> PayIn:
        """Read a pay-in; branch on its status, never on which fields are there."""
        return await self._calls.ask(
            operations.RETRIEVE_PAY_IN, timeout=timeout, id=validation.checked_id(id)
        )


@explained
@discreet_class
class AsyncPayOuts(_AsyncRail):
    """`gate.pay_outs`; 403 where the account has no rails."""

    @overload
    async def create(
        self,
        *,
        order: str,
        attempt: int = 1,
        idempotency_key: str | None = None,
        timeout: float | None = None,
        **fields: Unpack[RailFields],
    ) -> PayOut: ...
    @overload
    async def create(
        self, *, idempotency_key: str, timeout: float | None = None, **fields: Unpack[RailFields]
    ) -> PayOut: ...
    async def create(
        self,
        *,
        quote_id: str,
        expect: Money | AnyAmount,
        gate_session_id: str | None = None,
        order: str | None = None,
        attempt: int = 1,
        idempotency_key: str | None = None,
        asset: str | None = None,
        network: str | None = None,
        new_order: bool = False,
        timeout: float | None = None,
    ) -> PayOut:
        """Redeem a signed quote into a pay-out; GateUsageError, unsent, if it or its session does not fit."""
        return await self._redeem(
            operations.CREATE_PAY_OUT,
            QuoteExpectation(side="off_ramp", expect=expect, asset=asset, network=network),
            quote_id=quote_id,
            gate_session_id=gate_session_id,
            order=order,
            attempt=attempt,
            idempotency_key=idempotency_key,
            new_order=new_order,
            timeout=timeout,
        )

    @overload
    async def intend(
        self,
        connection: Any,
        *,
        order: str,
        attempt: int = 1,
        idempotency_key: str | None = None,
        **fields: Unpack[RailFields],
    ) -> JournalEntry: ...
    @overload
    async def intend(
        self, connection: Any, *, idempotency_key: str, **fields: Unpack[RailFields]
    ) -> JournalEntry: ...
    async def intend(
        self,
        connection: Any,
        *,
        quote_id: str,
        expect: Money | AnyAmount,
        gate_session_id: str | None = None,
        order: str | None = None,
        attempt: int = 1,
        idempotency_key: str | None = None,
        asset: str | None = None,
        network: str | None = None,
        new_order: bool = False,
    ) -> JournalEntry:
        """Record a pay-out in your transaction, unsent; as `pay_ins.intend`, for the other side."""
        return await self._intend(
            operations.CREATE_PAY_OUT,
            connection,
            QuoteExpectation(side="off_ramp", expect=expect, asset=asset, network=network),
            quote_id=quote_id,
            gate_session_id=gate_session_id,
            order=order,
            attempt=attempt,
            idempotency_key=idempotency_key,
            new_order=new_order,
        )

    async def retrieve(self, id: str, *, timeout: float | None = None) -> PayOut:
        """Read a pay-out; branch on its status, never on which fields are there."""
        return await self._calls.ask(
            operations.RETRIEVE_PAY_OUT, timeout=timeout, id=validation.checked_id(id)
        )


async def async_check_redeemable(
    calls: AsyncSending | AsyncCalls,
    believed: QuoteExpectation,
    *,
    quote_id: str,
    gate_session_id: str | None,
    order: str | None,
    mode: str,
    ends: float,
    aliases: Aliases = (),
) -> None:
    """Read the quote and the session, if named; GateUsageError names all in which they are not as believed.

    Raises:
        GateUsageError: names everything that does not agree.
    """
    quote = await calls.ask(operations.RETRIEVE_SIGNED_QUOTE, timeout=None, until=ends, id=quote_id)
    session: Any = None
    if gate_session_id is not None:
        session = await calls.ask(
            operations.RETRIEVE_SESSION, timeout=None, until=ends, id=gate_session_id
        )
    check_before_redeeming(
        believed,
        quote,
        session,
        mode=mode,
        order=order,
        now=calls.server_now(),
        aliases=aliases,
    )
