# Written by facade/unasync.py from facade/zerogate/_async/transactions.py; edit that file.
"""Transactions, the payments that users made and received: read one, list them."""

from __future__ import annotations

from functools import partial
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from .. import _validation as validation
from .._frames import discreet_class
from .._mistakes.misuse import explained
from .._pagination import CursorPaginator
from .._wire import operations
from .calls import Calls
from .pages import AutoPager

if TYPE_CHECKING:
    from ..types import Transaction


@explained
@discreet_class
class Transactions:
    """`gate.transactions`"""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    def retrieve(self, refid: str, *, timeout: float | None = None) -> Transaction:
        """Read one transaction by its refid, the key in your ledger; NotFound if there is none."""
        return self._calls.ask(
            operations.RETRIEVE_TRANSACTION,
            refid=validation.checked_id(refid, "refid"),
            timeout=timeout,
        )

    def retrieve_raw(self, refid: str, *, timeout: float | None = None) -> dict[str, Any]:
        """Read one transaction as Gate wrote it: parsed JSON, numbers as Decimal or int, no model."""
        return self._calls.ask(
            operations.RETRIEVE_TRANSACTION.raw(),
            refid=validation.checked_id(refid, "refid"),
            timeout=timeout,
        )

    # Last in the class: a method of this name hides the built-in from what follows.
    def list(
        self,
        *,
        session_id: str | None = None,
        status: str | None = None,
        limit: int = 100,
        starting_after: str | None = None,
        timeout: float | None = None,
    ) -> AutoPager[Transaction]:
        """Return a pager over transactions, newest first; nothing is sent until iterated.

        status: Free-form, compared by Gate as it stands, case included.
        limit: Rows a page, 1 to 100. starting_after: The refid to go on after. timeout: Seconds a page.
        """
        if session_id is not None:
            validation.checked_id(session_id, "session_id")
        walk = partial(
            CursorPaginator, attrgetter("refid"), filtered=status is not None, cursor=starting_after
        )
        return self._calls.listed(
            operations.LIST_TRANSACTIONS,
            walk,
            timeout=timeout,
            limit=limit,
            status=status,
            session_id=session_id,
        )
