"""Walks a list: page by page, or row by row. Where the next page starts is decided in `_pagination.py`."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from typing import Any, Generic, TypeVar

from attrs import evolve

from .._compat import AsyncFetch
from .._mistakes.misuse import explained_list
from .._observers import warn_of_unreadable
from .._pagination import Page, Paginator
from .._unreadable import UnreadableRow
from ..errors import ReadFailed

T = TypeVar("T")


@explained_list
class AsyncAutoPager(Generic[T]):
    """The rows of a list, read as they are asked for; nothing is sent before that.

    Iterating again starts again. Only one page is held at a time, and each page is a call of its
    own, with a deadline of its own. A row that cannot be read is left out with a warning in the log
    that names its id and field; `pages()` has it in `page.unreadable`.
    """

    def __init__(self, fetch: AsyncFetch, walk: Callable[[], Paginator[T]]) -> None:
        self._fetch, self._walk = fetch, walk

    async def pages(self) -> AsyncIterator[Page[T]]:
        """Yield page by page; keep `page.next_cursor` to go on from there another day."""
        async for page in self._walk_pages(self._walk(), False):
            yield page

    async def raw_pages(self) -> AsyncIterator[Page[dict[str, Any]]]:
        """Yield pages as Gate wrote them: parsed JSON, numbers as Decimal or int, no models.

        What is no object, or has no id, is in `page.unreadable`.
        """
        walk: Paginator[Any] = self._walk()
        async for page in self._walk_pages(evolve(walk, identify=_row_id), True):
            warn_of_unreadable(*page.unreadable)
            yield page

    async def _walk_pages(self, walk: Paginator[Any], raw: bool) -> AsyncIterator[Page[Any]]:
        """Yield the pages that *walk* makes of Gate's answers until it is over; *raw*: rows as JSON."""
        while not walk.over:
            answer: Any = await self._read(walk.at, raw)
            page = walk.take(answer.rows, answer.has_more)
            if page is not None:
                yield page

    async def _read(self, at: Any, raw: bool) -> Any:
        """Fetch the page at cursor *at*; a ReadFailed is raised with that cursor in it."""
        try:
            return await self._fetch(at, raw)
        except ReadFailed as exc:
            failed = exc
        raise failed.with_context(cursor=at)

    async def all_rows(self) -> AsyncIterator[T | UnreadableRow]:
        """Yield row by row, unreadable ones as UnreadableRow: for who may not miss one."""
        async for page in self.pages():
            for item in page.items:
                yield item
            for row in page.unreadable:
                yield row

    async def __aiter__(self) -> AsyncIterator[T]:
        async for row in self.all_rows():
            if isinstance(row, UnreadableRow):
                warn_of_unreadable(row)
            else:
                yield row

    async def first(self) -> T | None:
        """Return the newest readable row, or None when there is none."""
        async for item in self:
            return item
        return None


def _row_id(row: dict[str, Any]) -> Any:
    """Return the id of a row: a transaction's refid, else its id; None without either."""
    return row.get("refid", row.get("id"))
