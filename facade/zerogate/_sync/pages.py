# Written by facade/unasync.py from facade/zerogate/_async/pages.py; edit that file.
"""Walks a list: page by page, or row by row. Where the next page starts is decided in `_pagination.py`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Generic, TypeVar

from attrs import evolve

from .._compat import Fetch
from .._mistakes.misuse import explained_list
from .._observers import warn_of_unreadable
from .._pagination import Page, Paginator
from .._unreadable import UnreadableRow
from ..errors import ReadFailed

T = TypeVar("T")


@explained_list
class AutoPager(Generic[T]):
    """The rows of a list, read as they are asked for; nothing is sent before that.

    Iterating again starts again. Only one page is held at a time, and each page is a call of its
    own, with a deadline of its own. A row that cannot be read is left out with a warning in the log
    that names its id and field; `pages()` has it in `page.unreadable`.
    """

    def __init__(self, fetch: Fetch, walk: Callable[[], Paginator[T]]) -> None:
        self._fetch, self._walk = fetch, walk

    def pages(self) -> Iterator[Page[T]]:
        """Yield page by page; keep `page.next_cursor` to go on from there another day."""
        for page in self._walk_pages(self._walk(), False):
            yield page

    def raw_pages(self) -> Iterator[Page[dict[str, Any]]]:
        """Yield pages as Gate wrote them: parsed JSON, numbers as Decimal or int, no models.

        What is no object, or has no id, is in `page.unreadable`.
        """
        walk: Paginator[Any] = self._walk()
        for page in self._walk_pages(evolve(walk, identify=_row_id), True):
            warn_of_unreadable(*page.unreadable)
            yield page

    def _walk_pages(self, walk: Paginator[Any], raw: bool) -> Iterator[Page[Any]]:
        """Yield the pages that *walk* makes of Gate's answers until it is over; *raw*: rows as JSON."""
        while not walk.over:
            answer: Any = self._read(walk.at, raw)
            page = walk.take(answer.rows, answer.has_more)
            if page is not None:
                yield page

    def _read(self, at: Any, raw: bool) -> Any:
        """Fetch the page at cursor *at*; a ReadFailed is raised with that cursor in it."""
        try:
            return self._fetch(at, raw)
        except ReadFailed as exc:
            failed = exc
        raise failed.with_context(cursor=at)

    def all_rows(self) -> Iterator[T | UnreadableRow]:
        """Yield row by row, unreadable ones as UnreadableRow: for who may not miss one."""
        for page in self.pages():
            for item in page.items:
                yield item
            for row in page.unreadable:
                yield row

    def __iter__(self) -> Iterator[T]:
        for row in self.all_rows():
            if isinstance(row, UnreadableRow):
                warn_of_unreadable(row)
            else:
                yield row

    def first(self) -> T | None:
        """Return the newest readable row, or None when there is none."""
        for item in self:
            return item
        return None


def _row_id(row: dict[str, Any]) -> Any:
    """Return the id of a row: a transaction's refid, else its id; None without either."""
    return row.get("refid", row.get("id"))
