# Written by facade/unasync.py from facade/zerogate/_async/sessions.py; edit that file.
"""Hosted payment sessions: create, read, cancel, list."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from .. import guards
from .._wire import bodies
from ..errors import AlreadyTerminal
from ..keys import identify
from ..money import Money
from ..pages import Walk
from .calls import Calls
from .pages import Items

if TYPE_CHECKING:
    from ..types import CreatedSession, Flow, Session, SessionStatus


class Sessions:
    """`gate.sessions`"""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    def create(
        self,
        *,
        amount: Money,
        return_url: str,
        order: str | None = None,
        attempt: int = 1,
        idempotency_key: str | None = None,
        cancel_url: str | None = None,
        flow: Flow | str | None = None,
        target_token: str | None = None,
        target_network: str | None = None,
        wallet_address: str | None = None,
        user_reference: str | None = None,
        metadata: Mapping[str, Any] | None = None,
        quote_preview_id: str | None = None,
        kyc_package: Mapping[str, Any] | None = None,
        timeout: float | None = None,
    ) -> CreatedSession:
        """Open a session for one order; `zerogate.for_browser(session)` is what the widget needs.

        amount: In fiat, sent with exactly the currency's digits; more are refused.
        order: Your own reference. The idempotency key follows from it, so that calling again, from
            any process, is the same session. It also travels in `metadata.order_id`.
        attempt: Count up only when the attempt before is over and nothing on it can still succeed.
        idempotency_key: Instead of order; `fresh_key()` is the explicit way to be random.
        flow: on_ramp, off_ramp or swap; left out, the user chooses.

        Raises:
            GateUsageError: neither order nor key, or a value that Gate would refuse; nothing was sent.
            NotSent, RequestRejected: there is no session under this key. Calling again is safe.
            OutcomeUnknown: there may be one. Call again with the same order: it is the same session.
            UnexpectedAnswer: there is one (`.id`), and its answer does not fit the contract.
        """
        settings = self._calls.settings
        identity = identify(settings.namespace, "createSession", order, attempt, idempotency_key)
        body = bodies.session(
            mode=settings.credentials.mode,
            amount=amount,
            return_url=return_url,
            cancel_url=cancel_url,
            identity=identity,
            metadata=metadata,
            flow=flow,
            target_token=target_token,
            target_network=target_network,
            wallet_address=wallet_address,
            user_reference=user_reference,
            quote_preview_id=quote_preview_id,
            kyc_package=None if kyc_package is None else dict(kyc_package),
        )
        created: CreatedSession = self._calls.ask(
            "createSession", body=body, identity=identity, timeout=timeout
        )
        return created

    def retrieve(self, id: str, *, timeout: float | None = None) -> Session:
        """Read a session. Reading never expires one: an overdue session still reads `open`."""
        session: Session = self._calls.ask(
            "retrieveSession", id=guards.checked_id(id), timeout=timeout
        )
        return session

    def cancel(self, id: str, *, timeout: float | None = None) -> Session:
        """Cancel an open session; returns it cancelled, also when it was cancelled before.

        Cancelling stops the widget. Nothing says that it stops a bank transfer under way.

        Raises:
            AlreadyTerminal: it is completed or expired; `.session` is how it reads now.
            OutcomeUnknown: no answer to rely on, and no read that settles it. Calling again is safe.
        """
        id = guards.checked_id(id)

        def look(until: float) -> Any:
            return self._calls.ask("retrieveSession", id=id, timeout=None, until=until)

        session: Session = self._calls.settle(
            self._calls.call("cancelSession", id=id, timeout=timeout),
            look=look,
            settled=_cancelled,
        )
        return session

    # Last in the class: a method of this name hides the built-in from what follows.
    def list(
        self,
        *,
        status: SessionStatus | str | None = None,
        limit: int = 100,
        starting_after: str | None = None,
        timeout: float | None = None,
    ) -> Items[Session]:
        """Sessions, newest first, without their client secrets; nothing is sent until asked.

        limit: Rows a page, 1 to 100. starting_after: The id to go on after. timeout: Seconds a page.
        """
        if status is not None:
            status = guards.checked_choice("status", status, bodies.SESSION_STATUSES)
        walk = partial(Walk, _id, cursor=starting_after)
        return self._calls.listed("listSessions", walk, timeout=timeout, limit=limit, status=status)


def _id(session: Session) -> str:
    return session.id


def _cancelled(session: Session) -> bool:
    status = str(session.status)
    if status in ("completed", "expired"):
        raise AlreadyTerminal(
            f"session {session.id} is {status} and cannot be cancelled: its status is final",
            session=session,
            status=409,
            operation="cancelSession",
        )
    return status == "cancelled"
