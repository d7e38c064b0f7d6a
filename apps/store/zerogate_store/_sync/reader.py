# Written by facade/unasync.py from apps/store/zerogate_store/_async/reader.py; edit that file.
"""Reads from Gate for the inbox, as fast as its rate limiter lets it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from math import inf
from typing import Any, Final, TypeVar

from zerogate import AutoPager, Gate, NotFound, RateLimited, ReadFailed, UnreadableRow

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

    def listed(self, items: AutoPager[T]) -> Iterator[T]:
        """Yield a list's rows, each page once the limiter lets it; log and leave out unreadable rows."""
        for row in self._all_rows(items):
            if isinstance(row, UnreadableRow):
                LOG.warning("a row of a list is left out: %r: %s", row.id, row.why)
            else:
                yield row

    def _all_rows(self, items: AutoPager[T]) -> Iterator[T | UnreadableRow]:
        """Yield a list's rows, each page once the limiter lets it; a page's unreadable rows come last."""
        self._limiter.acquire()
        for page in items.pages():
            for item in page.items:
                yield item
            for row in page.unreadable:
                yield row
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
        quote = None
        if isinstance(rail.quote_id, str):
            quote = self.asked(lambda: self.gate.quotes.retrieve(rail.quote_id))
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
        for row in self._all_rows(self.gate.transactions.list(session_id=id)):
            if isinstance(row, UnreadableRow):
                raise ReadFailed(
                    f"transaction {row.id!r} of session {id} cannot be read ({row.why}): "
                    "what became of the session cannot be said without it"
                )
            rows.append(row)
        return Read(session, tuple(rows))
