"""Reads from Gate for the inbox, as fast as its rate limiter lets it."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Callable
from datetime import datetime
from math import inf
from typing import Any, Final, TypeVar

from zerogate import AsyncAutoPager, AsyncGate, NotFound, RateLimited, ReadFailed

from .._inbox.records import Read
from .rate_limiter import AsyncRateLimiter

T = TypeVar("T")
LOG: Final = logging.getLogger("zerogate.inbox")


class AsyncGateReader:
    """Reads of one client."""

    def __init__(self, gate: AsyncGate, rate_limiter: AsyncRateLimiter | None) -> None:
        self.gate, self._limiter = gate, rate_limiter or AsyncRateLimiter(rate=inf)

    async def asked(self, call: Callable[[], Any]) -> Any:
        """Make one call when the limiter lets it; return its result; RateLimited halves the rate first."""
        await self._limiter.acquire()
        try:
            return await call()
        except RateLimited:
            await self._limiter.back_off()
            raise

    async def listed(self, items: AsyncAutoPager[T], since: float) -> AsyncIterator[T]:
        """Yield a newest-first list's rows made since then, up to a page that is older as a whole.

        One row that tells a wrong time says nothing about the rows behind it. Logs and leaves out rows that
        cannot be read.
        """
        async for page in self._pages(items):
            rows = [
                row
                for row in page.items
                if not isinstance(row.created_at, datetime) or row.created_at.timestamp() >= since
            ]
            for row in rows:
                yield row
            for odd in page.unreadable:
                LOG.warning("a row of a list is left out: %r: %s", odd.id, odd.why)
            if page.items and not rows and not page.unreadable:
                return

    async def _pages(self, items: AsyncAutoPager[T]) -> AsyncIterator[Any]:
        """Yield a list's pages, each once the limiter lets it."""
        await self._limiter.acquire()
        async for page in items.pages():
            yield page
            if (page.next_cursor or page.next_skip) is not None:
                await self._limiter.acquire()

    async def read(self, kind: str, id: str) -> Read:
        """Return an object as Gate has it now, with its transactions, or its quote and session."""
        match kind:
            case "session":
                return await self._session(id)
            case "pay_in":
                rail: Any = await self.asked(lambda: self.gate.pay_ins.retrieve(id))
            case _:
                rail = await self.asked(lambda: self.gate.pay_outs.retrieve(id))
        quote = (
            await self.asked(lambda: self.gate.quotes.retrieve(rail.quote_id))
            if isinstance(rail.quote_id, str)
            else None
        )
        return Read(rail, (), quote, await self._rails_session(rail))

    async def _rails_session(self, rail: Any) -> Any:
        """Return the session that a rail names; None where it names none or Gate has none."""
        id = rail.gate_session_id
        if not isinstance(id, str) or not id:
            return None
        try:
            return await self.asked(lambda: self.gate.sessions.retrieve(id))
        except NotFound:
            return None

    async def _session(self, id: str) -> Read:
        """Return a session and its transactions; ReadFailed where one of those is unreadable.

        The session is read first: a completed one is never seen without what completed it.
        """
        session = await self.asked(lambda: self.gate.sessions.retrieve(id))
        rows: list[Any] = []
        async for page in self._pages(self.gate.transactions.list(session_id=id)):
            for odd in page.unreadable:
                raise ReadFailed(
                    f"transaction {odd.id!r} of session {id} cannot be read ({odd.why}): "
                    "what became of the session cannot be said without it"
                )
            rows += page.items
        return Read(session, tuple(rows))
