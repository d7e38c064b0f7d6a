# Written by facade/unasync.py from apps/store/zerogate_store/_async/store_journal.py; edit that file.
"""`gate.journal` of a client with a store: checks what it is given, then has the journal do it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Unpack, overload

from zerogate import _validation as validation
from zerogate._durability import JournalEntry, Recovery, StoreLoss
from zerogate._frames import discreet_class
from zerogate._idempotency.identity import MARKS
from zerogate._idempotency.keys import checked_order
from zerogate._reconciliation import ANY_ORDER, AnyOrder
from zerogate._sync.sessions import is_cancelled
from zerogate._wire import operations
from zerogate._wire.bodies import SessionFields, SessionTerms
from zerogate.errors import GateError, GateUsageError, UnexpectedAnswer
from zerogate.money import Money

from .._deadlines import waited_for
from .._journal.steps import Intent
from .._options import check_options

if TYPE_CHECKING:
    from datetime import datetime

    from zerogate._protocols import HeardOf
    from zerogate.types import CreatedSession

    from .journal import Journaling


@discreet_class
class StoreJournal:
    """`gate.journal`: an `Journal`, where its methods are described."""

    def __init__(self, journaling: Journaling) -> None:
        self._journaling = journaling
        self._calls = journaling.calls

    @overload
    def intend(
        self,
        connection: Any,
        /,
        *,
        order: str,
        attempt: int = 1,
        idempotency_key: str | None = None,
        **fields: Unpack[SessionFields],
    ) -> Intent: ...
    @overload
    def intend(
        self, connection: Any, /, *, idempotency_key: str, **fields: Unpack[SessionFields]
    ) -> Intent: ...
    def intend(self, connection: Any, /, **terms: Unpack[SessionTerms]) -> Intent:
        """Record a session's create in *connection*'s transaction and return its entry; `send` sends it."""
        return self._journaling.intend(connection, self._calls.session_call(**terms))

    def send(self, intent: JournalEntry, /, *, timeout: float | None = None) -> Any:
        """Send a committed intent, or read what it made; return that. GateUsageError: absent or rejected."""
        ends = self._calls.deadline(timeout)
        with waited_for(self._journaling.seconds_left(ends)):
            return self._calls.run_to_completion(self._journaling.send(intent, ends))

    def reissue(
        self,
        *,
        order: str,
        quote_preview_id: str | None = None,
        kyc_package: Mapping[str, Any] | None = None,
        at_once: bool = False,
        timeout: float | None = None,
    ) -> CreatedSession:
        """Close an order's last session or AttemptOpen; return a new one on its terms; GateUsageError: none.

        For an order whose client secret is lost.
        """
        ends, journaling = self._calls.deadline(timeout), self._journaling
        with waited_for(journaling.seconds_left(ends)):
            last = journaling.latest(order, ends)
            try:
                old = journaling.resolve(last.key, last.operation, ends)
            except UnexpectedAnswer as exc:
                # On other terms, and nobody has its secret: it makes way for one on those that were asked.
                old = journaling.disputed(journaling.latest(order, ends), exc)
            if old is None:
                raise GateUsageError(f"order {order!r} has no session to replace: create it")
            if str(old.status) != "expired":
                is_cancelled(old)
            last = journaling.latest(order, ends)
            # All of it before anything is cancelled, for it may not be readable, or not be sent again.
            terms: dict[str, Any] = dict(journaling.terms(last, old))
            again: dict[str, Any] = {
                "amount": Money.as_read(terms.pop("amount"), terms.pop("currency")),
                "return_url": old.return_url,
                "order": order,
                "attempt": (last.attempt or 0) + 1,
                "cancel_url": old.cancel_url or None,
                "user_reference": old.user_reference or None,
                "metadata": operations.sendable(
                    {n: v for n, v in (old.metadata or {}).items() if n not in MARKS}
                ),
                "quote_preview_id": quote_preview_id,
                "kyc_package": kyc_package,
            }
            self._calls.session_call(**again, **terms)
            self._calls.run_to_completion(journaling.make_way(last, ends, at_once=at_once is True))
            return self._calls.sessions.create(**again, **terms, timeout=timeout)

    def recover(self, *, limit: int | None = None, timeout: float = 60.0) -> Recovery:
        """Finish up to *limit* writes left open within *timeout* seconds; return each one's result."""
        check_options(limit=limit, timeout=timeout)
        with waited_for(timeout):
            return self._calls.run_to_completion(
                self._journaling.recover(most=limit, timeout=timeout)
            )

    def resolve(
        self, unresolved: GateError | str, /, *, id: str | None = None, timeout: float | None = None
    ) -> Any:
        """Return what one write made, None if surely nothing; may send again. OutcomeUnknown if in doubt."""
        error = unresolved if isinstance(unresolved, GateError) else GateError()
        key, ends = error.idempotency_key or str(unresolved), self._calls.deadline(timeout)
        known = None if id is None else validation.checked_id(id)
        with waited_for(self._journaling.seconds_left(ends)):
            return self._calls.run_to_completion(
                self._journaling.resolve(key, error.operation, ends, known)
            )

    def rebuild(
        self, *, since: datetime, inbox: HeardOf | None = None, timeout: float = 60.0
    ) -> StoreLoss:
        """Walk the account back to *since* and keep what the store forgot; return the loss."""
        self._calls.check_writable("a rebuild")
        ends = self._calls.deadline(timeout)
        with waited_for(self._journaling.seconds_left(ends)):
            return self._calls.run_to_completion(
                self._journaling.catch_up.rebuild(since, inbox, ends)
            )

    def vouch(self, order: str | AnyOrder, /) -> None:
        """Note the partner's word that Gate has no payment of this order that the store lacks."""
        self._calls.check_writable("a word for an order")
        self._journaling.catch_up.vouch(order if order is ANY_ORDER else checked_order(order))

    def store_loss(self) -> StoreLoss | None:
        """Return the last loss of rows that was noticed, over or not; None where there was none."""
        return self._journaling.catch_up.state()
