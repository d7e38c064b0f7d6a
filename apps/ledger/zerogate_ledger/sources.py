"""Sources of the mirror's rows: lists and single reads of Gate, as JSON objects, at a bulk pace.

What it needs of a client is written down as protocols, so that a test can stand in for one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Protocol, TypeVar

import attrs
from zerogate import NotFound, RateLimited

from .pacing import Pace, Turns

T = TypeVar("T")


class RawPage(Protocol):
    """Rows as Gate wrote them, newest first. JSON numbers are Decimal or int, never float."""

    @property
    def items(self) -> Sequence[Mapping[str, Any]]: ...

    @property
    def next_cursor(self) -> str | None: ...


class Source(Protocol):
    """One kind of Gate's records."""

    def pages(self, starting_after: str | None) -> Iterator[RawPage]:
        """The list from the newest, or from after a cursor, to the oldest."""

    def retrieve(self, id: str) -> Mapping[str, Any] | None:
        """One record as it is now; None where Gate has none."""


class RawItems(Protocol):
    """A list of the client, page by page, without its models."""

    def raw_pages(self) -> Iterator[RawPage]: ...


class Resource(Protocol):
    """`gate.transactions` or `gate.sessions`."""

    def list(
        self, *, limit: int, starting_after: str | None, status: str | None = None
    ) -> RawItems: ...

    def retrieve_raw(self, id: str, /) -> Mapping[str, Any]: ...


@attrs.frozen
class GateSource:
    """A resource of a client as a source. pace: None for as fast as it goes."""

    resource: Resource
    pace: Turns | None = attrs.Factory(Pace)

    def pages(self, starting_after: str | None) -> Iterator[RawPage]:
        return self._paged(self.resource.list(limit=100, starting_after=starting_after))

    def pages_of(self, status: str) -> Iterator[RawPage]:
        """The list of one status, from the newest."""
        return self._paged(self.resource.list(limit=100, starting_after=None, status=status))

    def _paged(self, items: RawItems) -> Iterator[RawPage]:
        pages = items.raw_pages()
        while (page := self._asked(lambda: next(pages, None))) is not None:
            yield page
            if page.next_cursor is None:
                return

    def retrieve(self, id: str) -> Mapping[str, Any] | None:
        try:
            return self._asked(lambda: self.resource.retrieve_raw(id))
        except NotFound:
            return None

    def _asked(self, call: Callable[[], T]) -> T:
        """One call in its turn."""
        if self.pace is None:
            return call()
        self.pace.turn()
        try:
            return call()
        except RateLimited:
            self.pace.halve()
            raise
