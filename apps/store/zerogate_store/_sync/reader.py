# Written by facade/unasync.py from apps/store/zerogate_store/_async/reader.py; edit that file.
"""Reads from Gate for the inbox, as fast as its rate limiter lets it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from datetime import datetime
from math import inf
from typing import Any, Final, TypeVar

from zerogate import AutoPager, Gate, NotFound, RateLimited, ReadFailed

from .._inbox.records import Read
from .rate_limiter import RateLimiter

T = TypeVar("T")
LOG: Final = logging.getLogger("zerogate.inbox")


class GateReader:
    """Reads of one client."""

    def __init__(self, gate: Gate, rate_limiter: RateLimiter | None) -> None:
        self.gate, self._limiter = gate, rate_limiter or RateLimiter(rate=inf)

    def asked(self, call: Callable[[], Any]) -> Any:
        """Make one call when the limiter lets it; return its result; RateLimited halves the rate first."""
        self._limiter.acquire()
        try:
            return call()
        except RateLimited:
            self._limiter.back_off()
            raise

    def listed(self, items: AutoPager[T], since: float) -> Iterator[T]:
        """Yield a newest-first list's rows made since then, up to a page that is older as a whole.

        One row that tells a wrong time says nothing about the rows behind it. Logs and leaves out rows that
        cannot be read.
        """
        for page in self._pages(items):
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

    def _pages(self, items: AutoPager[T]) -> Iterator[Any]:
        """Yield a list's pages, each once the limiter lets it."""
        self._limiter.acquire()
        for page in items.pages():
            yield page
            if (page.next_cursor or page.next_skip) is not None:
                self._limiter.acquire()

    def read(self, kind: str, id: str) -> Read:
        """Return an object as Gate has it now, with its transactions, or its quote and session."""
        match kind:
            case "session":
                return self._session(id)
            case "pay_in":
                rail: Any = self.asked(lambda: self.gate.pay_ins.retrieve(id))
            case _:
                rail = self.asked(lambda: self.gate.pay_outs.retrieve(id))
        quote = (
            self.asked(lambda: self.gate.quotes.retrieve(rail.quote_id))
            if isinstance(rail.quote_id, str)
            else None
        )
        return Read(rail, (), quote, self._rails_session(rail))

    def _rails_session(self, rail: Any) -> Any:
        """Return the session that a rail names; None where it names none or Gate has none."""
        id = rail.gate_session_id
        if not isinstance(id, str) or not id:
            return None
        try:
            return self.asked(lambda: self.gate.sessions.retrieve(id))
        except NotFound:
            return None

    def _session(self, id: str) -> Read:
        """Return a session and its transactions; ReadFailed where one of those is unreadable.

        The session is read first: a completed one is never seen without what completed it.
        """
        session = self.asked(lambda: self.gate.sessions.retrieve(id))
        rows: list[Any] = []
        for page in self._pages(self.gate.transactions.list(session_id=id)):
            for odd in page.unreadable:
                raise ReadFailed(
                    f"transaction {odd.id!r} of session {id} cannot be read ({odd.why}): "
                    "what became of the session cannot be said without it"
                )
            rows += page.items
        return Read(session, tuple(rows))
