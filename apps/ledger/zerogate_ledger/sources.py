"""Sources of the mirror's rows: lists and single reads of Gate, as JSON objects, at a limited rate.

What it needs of a client is written down as protocols, so that a test can stand in for one.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

import attrs
from zerogate import Clock, GateUsageError, NotFound, RateLimited
from zerogate._validation import checked_id
from zerogate_store import RateLimiter, Store

from .errors import Unusable
from .records import LOG

if TYPE_CHECKING:
    from zerogate.types import ModeName

T = TypeVar("T")


class RawPage(Protocol):
    """Rows as Gate wrote them, newest first. JSON numbers are Decimal or int, never float."""

    @property
    def items(self) -> Sequence[Mapping[str, Any]]:
        """Rows of the page, newest first."""
        ...

    @property
    def next_cursor(self) -> str | None:
        """The cursor of the next page; None on the last."""
        ...


class Source(Protocol):
    """One kind of Gate's records."""

    def pages(self, starting_after: str | None) -> Iterator[RawPage]:
        """Yield pages of the list, newest first, from after a cursor (None: from the newest)."""
        ...

    def retrieve(self, id: str) -> Mapping[str, Any] | None:
        """Return one record as it is now; None where Gate has none."""
        ...


class RawItems(Protocol):
    """A list of the client, page by page, without its models."""

    def raw_pages(self) -> Iterator[RawPage]:
        """Yield the list's pages, each read when it is asked for."""
        ...


class Resource(Protocol):
    """`gate.transactions` or `gate.sessions`."""

    def list(
        self, *, limit: int, starting_after: str | None, status: str | None = None
    ) -> RawItems:
        """Return a list of Gate's records, read page by page, of one status if given."""
        ...

    def retrieve_raw(self, id: str, /) -> Mapping[str, Any]:
        """Read one record; raise NotFound where Gate has none."""
        ...


@attrs.frozen
class GateSource:
    """A resource of a client as a source. rate_limiter: None for as fast as it goes."""

    resource: Resource
    rate_limiter: RateLimiter | None = attrs.Factory(RateLimiter)

    def pages(self, starting_after: str | None) -> Iterator[RawPage]:
        """Yield pages of a hundred rows, newest first, each read once the limiter lets it."""
        return self._paged(self.resource.list(limit=100, starting_after=starting_after))

    def pages_of(self, status: str) -> Iterator[RawPage]:
        """Yield pages of the rows of one status, newest first."""
        return self._paged(self.resource.list(limit=100, starting_after=None, status=status))

    def _paged(self, items: RawItems) -> Iterator[RawPage]:
        """Yield pages until one has no next cursor, each asked for at the limited rate."""
        pages = items.raw_pages()
        while (page := self._call_at_rate(lambda: next(pages, None))) is not None:
            yield page
            if page.next_cursor is None:
                return

    def retrieve(self, id: str) -> Mapping[str, Any] | None:
        """Read one record at the limited rate; None where Gate answers 404."""
        try:
            return self._call_at_rate(lambda: self.resource.retrieve_raw(id))
        except NotFound:
            return None

    def _call_at_rate(self, call: Callable[[], T]) -> T:
        """Return call(), waiting for its turn; slow down and raise where Gate answers 429."""
        if self.rate_limiter is None:
            return call()
        self.rate_limiter.acquire()
        try:
            return call()
        except RateLimited:
            self.rate_limiter.back_off()
            raise


def askable(ids: Iterable[str]) -> list[str]:
    """Return the ids that a client can ask Gate for; the others are left out with a warning."""
    can = list[str]()
    for id in ids:
        try:
            can.append(checked_id(id))
        except GateUsageError:
            LOG.warning("%s cannot be read again: no path takes such an id", ascii(id[:128]))
    return can


def missing_file(store: str) -> str | None:
    """Return the path of a SQLite store's file that is not there; None for any other URL."""
    # One that migrates would make it, and an empty store has heard of no reversal.
    looked = Store(store, migrate=False)
    url = looked.engine.url
    looked.close()
    path = os.path.abspath(str(url.database))
    if url.get_backend_name() != "sqlite" or "file:" in path or os.path.exists(path):
        return None
    return path


@contextmanager
def limited(
    store: str | None, *, mode: ModeName, account: str, rate: float, clock: Clock | None
) -> Iterator[RateLimiter]:
    """Yield a rate limiter, shared by a store's workers if *store* is a URL; Unusable without SQLAlchemy.

    store: The URL of the store that its workers share.

    Raises:
        Unusable: the store has no file, or what it needs is not installed.
    """
    if store is None:
        yield RateLimiter(rate=rate, clock=clock)
        return
    try:
        path = missing_file(store)
        shared = None if path else Store(store)
    except ImportError as missing:
        raise Unusable(f"--store: {missing}") from missing
    if shared is None:
        raise Unusable(
            f"--store: there is no file {path}: check the URL (sqlite:///gate.db is relative)"
        )
    try:
        yield RateLimiter(shared, mode=mode, account=account, rate=rate, clock=clock)
    finally:
        shared.close()
