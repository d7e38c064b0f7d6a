"""What users paid and received: read one, list them."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from .. import guards
from .._wire.operations import OPERATIONS, draft
from ..courses import Call
from ..pages import Walk
from .calls import AsyncCalls
from .pages import AsyncItems

if TYPE_CHECKING:
    from ..types import Transaction


class AsyncTransactions:
    """`gate.transactions`"""

    def __init__(self, calls: AsyncCalls) -> None:
        self._calls = calls

    async def retrieve(self, refid: str, *, timeout: float | None = None) -> Transaction:
        """Read one transaction by its refid, the key in your ledger."""
        operation = OPERATIONS["retrieveTransaction"]
        built = draft(operation, refid=guards.checked_id(refid, "refid"))
        transaction: Transaction = await self._calls.run(
            Call(operation, built, timeout=guards.checked_timeout(timeout))
        )
        return transaction

    # Last in the class: a method of this name hides the built-in from what follows.
    def list(
        self,
        *,
        session_id: str | None = None,
        status: str | None = None,
        limit: int = 100,
        starting_after: str | None = None,
        timeout: float | None = None,
    ) -> AsyncItems[Transaction]:
        """Transactions, newest first; nothing is sent until asked.

        status: Free-form, compared by Gate as it stands, case included.
        limit: Rows a page, 1 to 100. starting_after: The refid to go on after. timeout: Seconds a page.
        """
        operation = OPERATIONS["listTransactions"]
        guards.checked_limit(limit, 100)
        if session_id is not None:
            guards.checked_id(session_id, "session_id")

        async def fetch(cursor: str | None) -> Any:
            built = draft(
                operation, limit=limit, starting_after=cursor, status=status, session_id=session_id
            )
            return await self._calls.run(Call(operation, built, timeout=timeout))

        return AsyncItems(fetch, partial(Walk, _refid, starting_after))


def _refid(transaction: Transaction) -> str:
    return transaction.refid
