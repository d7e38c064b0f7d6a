# Written by facade/unasync.py from facade/zerogate/_async/sessions.py; edit that file.
"""Hosted payment sessions: create, read, cancel, list."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Unpack

from attrs import evolve

from .. import _validation as validation
from .._frames import discreet_class
from .._idempotency.attempts import Call
from .._idempotency.identity import MARKS
from .._idempotency.keys import identify
from .._misuse import explained
from .._pagination import Walk
from .._wire import bodies
from ..errors import AlreadyTerminal, GateUsageError
from ..journal import Intent
from ..money import Money
from .calls import Calls
from .pages import Items

if TYPE_CHECKING:
    from ..types import CreatedSession, Flow, Session, SessionStatus


@explained
@discreet_class
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
        at_once: bool = False,
        new_order: bool = False,
        timeout: float | None = None,
    ) -> CreatedSession:
        """Open a session for one order; `zerogate.for_browser(session)` is what the widget needs.

        amount: In fiat, sent with exactly the currency's digits; more are refused.
        order: Your own reference. The idempotency key follows from it, so that calling again, from
            any process, is the same session. It also travels in `metadata.order_id`.
        attempt: Count up only when the attempt before is over and nothing on it can still succeed.
        idempotency_key: Instead of order; `fresh_key()` is the explicit way to be random.
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
        where its key is too old to bring it back: see `reissue`.
        """
        call = self._call(
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
        )
        call = evolve(call, new_order=validation.checked_new_order(new_order, attempt))
        ends = self._calls.deadline(call.timeout)
        if at_once:
            if order is None:
                raise GateUsageError(
                    "at_once=True is about earlier attempts of an order: give order="
                )
            journal = self._calls.journaled()
            self._calls.seen_through(journal.give_up(order, attempt, ends))
        created: CreatedSession = self._calls.run(call, until=ends)
        return created

    def _call(
        self,
        *,
        order: str | None = None,
        attempt: int = 1,
        idempotency_key: str | None = None,
        cancel_url: str | None = None,
        flow: str | None = None,
        metadata: Mapping[str, Any] | None = None,
        kyc_package: Mapping[str, Any] | None = None,
        timeout: float | None = None,
        **terms: Any,
    ) -> Call:
        settings = self._calls.settings
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
        return self._calls.call("createSession", body=body, identity=identity, timeout=timeout)

    def intend(self, connection: Any, **terms: Unpack[bodies.SessionTerms]) -> Intent:
        """Write a session down in a transaction of yours; nothing is sent until `gate.send(intent)`.

        So an order and what is owed for it are committed together, and `gate.recover()` sends what
        a crash left between your commit and the send. A duplicate leaves your transaction as it is.

        connection: SQLAlchemy's, Django's, or a DB-API one such as psycopg's, of the store's own
            database, where `Store.migrate()` has made the tables.
        terms: As for `create`.

        Raises:
            IdempotencyConflict: this order and attempt stand for another payment.
            AttemptOpen: an attempt before is not over; `gate.resolve(…)` may find that it is.
        """
        journal = self._calls.journaled()
        new = validation.checked_new_order(terms.pop("new_order", False), terms.get("attempt", 1))
        return journal.intend(connection, self._call(**terms), new=new)

    def reissue(
        self,
        *,
        order: str,
        quote_preview_id: str | None = None,
        kyc_package: Mapping[str, Any] | None = None,
        at_once: bool = False,
        timeout: float | None = None,
    ) -> CreatedSession:
        """Another session for an order whose client secret is lost.

        Whether there can be one is decided before anything is cancelled: a session whose secret
        nobody was given is cancelled and replaced at once; one that somebody may pay stays as it is.
        The terms of money are those that the old one was asked with, everything else is as it reads;
        a preview and verification are not in it.

        at_once: Cancel also a session whose secret was handed out, and wait for nothing; with the
            risk that `create` names.

        Raises:
            AlreadyTerminal: the old one is completed.
            AttemptOpen: somebody may be paying it. `.retry_after`: seconds until a cancelled or expired
                one is over for certain; of an open one, as long as that takes once you cancel it.
        """
        ends = self._calls.deadline(validation.checked_timeout(timeout))
        journal = self._calls.journaled()
        last = journal.latest(order, ends)
        old = journal.resolve(last.key, last.operation, ends)
        if old is None:
            raise GateUsageError(f"order {order!r} has no session to replace: create it")
        if str(old.status) != "expired":
            _cancelled(old)
        last = journal.latest(order, ends)
        # All of it before anything is cancelled, for it may not be readable.
        terms: dict[str, Any] = dict(journal.terms(last, old))
        amount = Money.as_read(terms["amount"], terms["currency"])
        self._calls.seen_through(journal.make_way(last, ends, at_once=at_once))
        return self.create(
            amount=amount,
            return_url=old.return_url,
            order=order,
            attempt=(last.attempt or 0) + 1,
            cancel_url=old.cancel_url or None,
            flow=None if terms["flow"] is None else str(terms["flow"]),
            target_token=terms["target_token"],
            target_network=terms["target_network"],
            wallet_address=terms["wallet_address"],
            user_reference=old.user_reference or None,
            metadata={n: v for n, v in (old.metadata or {}).items() if n not in MARKS},
            quote_preview_id=quote_preview_id,
            kyc_package=kyc_package,
            timeout=timeout,
        )

    def retrieve(self, id: str, *, timeout: float | None = None) -> Session:
        """Read a session. Reading never expires one: an overdue session still reads `open`."""
        session: Session = self._calls.ask(
            "retrieveSession", id=validation.checked_id(id), timeout=timeout
        )
        return session

    def retrieve_raw(self, id: str, *, timeout: float | None = None) -> dict[str, Any]:
        """As Gate wrote it: parsed JSON, numbers as Decimal or int, no model."""
        found: dict[str, Any] = self._calls.ask(
            "retrieveSession", id=validation.checked_id(id), timeout=timeout, raw=True
        )
        return found

    def cancel(self, id: str, *, timeout: float | None = None) -> Session:
        """Cancel an open session; returns it cancelled, also when it was cancelled before.

        Cancelling stops the widget. Nothing says that it stops a bank transfer under way.

        Raises:
            AlreadyTerminal: it is completed or expired; `.session` is how it reads now.
            OutcomeUnknown: no answer to rely on, and no read that settles it. Calling again is safe.
        """
        id = validation.checked_id(id)

        def look(until: float) -> Any:
            return self._calls.ask("retrieveSession", id=id, timeout=None, until=until)

        session: Session = self._calls.settle(
            self._calls.call("cancelSession", id=id, timeout=timeout),
            look=look,
            settled=_cancelled,
        )
        if self._calls.journal is not None:
            self._calls.journal.noted(id, str(session.status))
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
            status = validation.checked_choice("status", status, bodies.SESSION_STATUSES)
        walk = partial(Walk, attrgetter("id"), cursor=starting_after)
        return self._calls.listed("listSessions", walk, timeout=timeout, limit=limit, status=status)


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
