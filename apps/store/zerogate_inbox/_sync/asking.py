# Written by facade/unasync.py from apps/store/zerogate_inbox/_async/asking.py; edit that file.
"""What the inbox reads from Gate, at its pace."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, TypeVar

from zerogate import Gate, Items, RateLimited

from .._twins import sync_all
from ..records import Read
from .pacing import Pace

T = TypeVar("T")


class Asking:
    """Reads of one client."""

    def __init__(self, gate: Gate, pace: Pace | None) -> None:
        self.gate, self._pace = gate, pace

    def asked(self, call: Callable[[], Any]) -> Any:
        """One call in its turn."""
        if self._pace is None:
            return call()
        self._pace.turn()
        try:
            return call()
        except RateLimited:
            self._pace.halve()
            raise

    def listed(self, items: Items[T]) -> Iterator[T]:
        """The rows of a list, each page in its turn."""
        if self._pace is not None:
            self._pace.turn()
        for page in items.pages():
            for item in page.items:
                yield item
            if self._pace is not None and (page.next_cursor or page.next_skip) is not None:
                self._pace.turn()

    def read(self, kind: str, id: str) -> Read:
        """An object as Gate has it now, with what it takes to judge it."""
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
        return Read(rail, (), quote)

    def _session(self, id: str) -> Read:
        """The session first: a completed one is never seen without what completed it."""
        session = self.asked(lambda: self.gate.sessions.retrieve(id))
        rows = sync_all(self.listed(self.gate.transactions.list(session_id=id)))
        return Read(session, rows)
