# Written by facade/unasync.py from facade/zerogate/_async/sessions.py; edit that file.
"""Hosted payment sessions: create, read, cancel, list."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Unpack, overload

from attrs import evolve

from .. import _validation as validation
from .._frames import discreet_class
from .._idempotency.attempts import Call
from .._idempotency.keys import identify
from .._mistakes.misuse import explained
from .._pagination import CursorPaginator
from .._wire import bodies, operations
from ..errors import AlreadyTerminal, GateUsageError
from ..money import Money
from .calls import Calls
from .pages import AutoPager

if TYPE_CHECKING:
    from .._literals import FlowName, SessionStatusName
    from .._wire.bodies import SessionFields
    from ..types import CreatedSession, Flow, Session, SessionStatus


@explained
@discreet_class
class Sessions:
    """`gate.sessions`"""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    @overload
    def create(
        self,
        *,
        order: str,
        attempt: int = 1,
        idempotency_key: str | None = None,
        at_once: bool = False,
        timeout: float | None = None,
        **fields: Unpack[SessionFields],
    ) -> CreatedSession: ...
    @overload
    def create(
        self, *, idempotency_key: str, timeout: float | None = None, **fields: Unpack[SessionFields]
    ) -> CreatedSession: ...
    def create(
        self,
        *,
        amount: Money,
        return_url: str,
        order: str | None = None,
        attempt: int = 1,
        idempotency_key: str | None = None,
        cancel_url: str | None = None,
        flow: Flow | FlowName | None = None,
        target_token: str | None = None,
        target_network: str | None = None,
        wallet_address: str | None = None,
        user_reference: str | None = None,
        metadata: Mapping[str, Any] | None = None,
        quote_preview_id: str | None = None,
        kyc_package: Mapping[str, Any] | None = None,
        at_once: bool = False,
        new_order: bool = False,
        timeout: float | None = None,
    ) -> CreatedSession:
        """Open a session for one order, the same one if called again; return it with its client secret.

        `zerogate.for_browser(session)` is what the widget needs.

        amount: In fiat, sent with exactly the currency's digits; more are refused.
        order: Your own reference. The idempotency key follows from it, so that calling again, from
            any process, is the same session. It also travels in `metadata.order_id`.
        attempt: Count up only when the attempt before is over and nothing on it can still succeed.
        idempotency_key: Instead of order; `fresh_key()` makes a random one.
        flow: on_ramp, off_ramp or swap: which way the money goes. Left out, the user chooses, and
            `gate.reconcile` has to be told by its own flow= before anything settles.
        at_once: With a store, where the basket of an order changes: cancel the attempts before and
            wait for nothing. It is refused where a transaction is listed, before or after the cancel.
            The risk is yours: somebody who has just paid may not be listed yet, and the order is
            paid twice; `gate.recover()` reads it again and says so.
        new_order: Say True where your order was made after everything that a store may have
            forgotten: it need not wait until that is found again.

        Raises:
            GateUsageError: neither order nor key, or a value that Gate would refuse; nothing was sent.
            NotSent, RequestRejected: there is no session under this key. Calling again is safe.
            OutcomeUnknown: there may be one. Call again with the same order: it is the same session.
            UnexpectedAnswer: there is one (`.id`), and its answer does not fit the contract.
            IdempotencyConflict: under a store: this order and attempt stand for other terms.
            AttemptOpen: under a store: another attempt of the order is not over (`.session`).

        Under a store a session that is known already is returned as it reads, without its secret
        where its key is too old to bring it back: see `gate.journal.reissue`.
        """
        call = session_call(
            self._calls,
            amount=amount,
            return_url=return_url,
            order=order,
            attempt=attempt,
            idempotency_key=idempotency_key,
            cancel_url=cancel_url,
            flow=flow,
            target_token=target_token,
            target_network=target_network,
            wallet_address=wallet_address,
            user_reference=user_reference,
            metadata=metadata,
            quote_preview_id=quote_preview_id,
            kyc_package=kyc_package,
            timeout=timeout,
            new_order=new_order,
        )
        ends = self._calls.deadline(call.timeout)
        if at_once is not False:
            if at_once is not True or order is None:
                raise GateUsageError(
                    "at_once= is True or False; True is about an order: give order="
                )
            self._calls.journal()
            call = evolve(call, at_once=True)
        return self._calls.run(call, until=ends)

    def retrieve(self, id: str, *, timeout: float | None = None) -> Session:
        """Read a session; NotFound if there is none. Reading expires none: an overdue one reads `open`."""
        return self._calls.ask(
            operations.RETRIEVE_SESSION, id=validation.checked_id(id), timeout=timeout
        )

    def retrieve_raw(self, id: str, *, timeout: float | None = None) -> dict[str, Any]:
        """Read a session as Gate wrote it: parsed JSON, numbers as Decimal or int, no model."""
        return self._calls.ask(
            operations.RETRIEVE_SESSION.raw(), id=validation.checked_id(id), timeout=timeout
        )

    def cancel(self, id: str, *, timeout: float | None = None) -> Session:
        """Cancel an open session and return it, also if cancelled before; AlreadyTerminal once it has ended.

        Cancelling stops the widget. Nothing says that it stops a bank transfer under way.

        Raises:
            AlreadyTerminal: it is completed or expired; `.session` is how it reads now.
            OutcomeUnknown: no answer to rely on, and no read that settles it. Calling again is safe.
        """
        id = validation.checked_id(id)

        def look(until: float) -> Any:
            """Read the session by the deadline *until*."""
            return self._calls.ask(operations.RETRIEVE_SESSION, id=id, timeout=None, until=until)

        session: Session = self._calls.settle(
            self._calls.call(operations.CANCEL_SESSION, id=id, timeout=timeout),
            look=look,
            settled=is_cancelled,
        )
        if self._calls.durability is not None:
            _, latest = self._calls.server_span()
            self._calls.durability.session_ended(id, str(session.status), latest)
        return session

    # Last in the class: a method of this name hides the built-in from what follows.
    def list(
        self,
        *,
        status: SessionStatus | SessionStatusName | None = None,
        limit: int = 100,
        starting_after: str | None = None,
        timeout: float | None = None,
    ) -> AutoPager[Session]:
        """Return a pager over sessions, newest first, no client secrets; sends when iterated.

        limit: Rows a page, 1 to 100. starting_after: The id to go on after. timeout: Seconds a page.
        """
        if status is not None:
            validation.checked_choice("status", status, bodies.SESSION_STATUSES)
        walk = partial(
            CursorPaginator, attrgetter("id"), filtered=status is not None, cursor=starting_after
        )
        return self._calls.listed(
            operations.LIST_SESSIONS, walk, timeout=timeout, limit=limit, status=status
        )


def session_call(
    calls: Calls,
    *,
    order: str | None = None,
    attempt: int = 1,
    idempotency_key: str | None = None,
    cancel_url: str | None = None,
    flow: str | None = None,
    metadata: Mapping[str, Any] | None = None,
    kyc_package: Mapping[str, Any] | None = None,
    timeout: float | None = None,
    new_order: bool = False,
    **terms: Any,
) -> Call[CreatedSession]:
    """Return the createSession call, unsent; GateUsageError for wrong terms or a read-only client."""
    settings = calls.settings
    identity = identify(settings.namespace, "createSession", order, attempt, idempotency_key)
    body = bodies.session(
        mode=settings.credentials.mode,
        cancel_url=cancel_url,
        identity=identity,
        namespace=settings.namespace,
        metadata=metadata,
        flow=flow,
        kyc_package=bodies.mapping("kyc_package", kyc_package),
        **terms,
    )
    return calls.call(
        operations.CREATE_SESSION,
        body=body,
        identity=identity,
        timeout=timeout,
        new_order=validation.checked_new_order(new_order, attempt),
    )


def is_cancelled(session: Session) -> bool:
    """Return True if cancelled; raises AlreadyTerminal if the session is completed or expired."""
    status = str(session.status)
    if status in ("completed", "expired"):
        raise AlreadyTerminal(
            f"session {session.id} is {status} and cannot be cancelled: its status is final",
            session=session,
            status=409,
            operation="cancelSession",
        )
    return status == "cancelled"
