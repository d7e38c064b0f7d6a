"""Sources of the mirror's rows: lists and single reads of Gate, as JSON objects, at a limited rate.

What it needs of a client is written down as protocols, so that a test can stand in for one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

import attrs
from zerogate import Clock, NotFound, RateLimited
from zerogate_store import RateLimiter, Store

from .errors import Unusable

if TYPE_CHECKING:
    from zerogate.types import ModeName

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
    """A resource of a client as a source. rate_limiter: None for as fast as it goes."""

    resource: Resource
    rate_limiter: RateLimiter | None = attrs.Factory(RateLimiter)

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
        if self.rate_limiter is None:
            return call()
        self.rate_limiter.acquire()
        try:
            return call()
        except RateLimited:
            self.rate_limiter.back_off()
            raise


@contextmanager
def limited(
    store: str | None, *, mode: ModeName, account: str, rate: float, clock: Clock | None
) -> Iterator[RateLimiter]:
    """Give the rate limiter of one account and mode. store: The URL of the store that its workers share.

    Raises:
        Unusable: what a store needs is not installed.
    """
    if store is None:
        yield RateLimiter(rate=rate, clock=clock)
        return
    try:
        shared = Store(store)
    except ImportError as missing:
        raise Unusable(f"--store: {missing}") from missing
    try:
        yield RateLimiter(shared, mode=mode, account=account, rate=rate, clock=clock)
    finally:
        shared.close()
