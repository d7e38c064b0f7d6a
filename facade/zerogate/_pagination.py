"""Decides where the next page starts, and which of its rows are new. Pure: no socket, no clock."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import Any, Final, Generic, TypeVar

import attrs

from ._unreadable import UnreadableRow
from .errors import ReadFailed

T = TypeVar("T")
#: How often a list is begun anew in vain.
_RETURNS: Final = 5


@attrs.frozen
class Page(Generic[T]):
    """The rows of one page that the page before did not have.

    next_cursor: What asks for the page after it, today or another day; None on the last.
    next_skip: The same, of a list that counts instead.
    unreadable: Its rows that could not be read; not among the items.
    """

    items: Sequence[T]
    next_cursor: str | None = None
    next_skip: int | None = None
    unreadable: tuple[UnreadableRow, ...] = ()


@attrs.define
class Paginator(ABC, Generic[T]):
    """The state of a walk over pages: it remembers the page before, for rows shift.

    over: Whether the last page was taken.
    """

    identify: Callable[[T], str]
    #: Whether rows may leave it meanwhile, as they do where it is filtered by a status.
    filtered: bool = attrs.field(default=False, kw_only=True)
    over: bool = attrs.field(default=False, init=False)
    _before: list[str | None] = attrs.field(factory=list, init=False)
    _nameless: list[UnreadableRow] = attrs.field(factory=list, init=False)
    _asked_again: bool = attrs.field(default=False, init=False)
    #: Of a filtered list: all that came, for it may be walked again.
    _known: set[str | None] = attrs.field(factory=set, init=False)
    _returns: int = attrs.field(default=0, init=False)
    _known_then: int = attrs.field(default=0, init=False)

    @property
    @abstractmethod
    def at(self) -> str | int | None:
        """Return the cursor or the offset that asks for the next page; None for the first page."""

    @abstractmethod
    def take(self, rows: Sequence[T | UnreadableRow], has_more: bool) -> Page[T] | None:
        """Take in the page that came for `at`, move on; return its new rows, None: ask again. Or ReadFailed.

        ReadFailed: going on would never end; what was read stands.
        """

    def _end(self, has_more: bool) -> None:
        """Set `over`, unless there are more rows."""
        self.over = not has_more

    def _ids(self, rows: Sequence[T | UnreadableRow]) -> list[str | None]:
        """Return the id of each row; a row that could not be read may have none."""
        identify: Any = self.identify
        if UnreadableRow not in {*map(type, rows)}:
            return [*map(identify, rows)]
        return [row.id if isinstance(row, UnreadableRow) else identify(row) for row in rows]

    def _page(
        self,
        rows: Sequence[T | UnreadableRow],
        ids: list[str | None],
        cursor: str | None = None,
        skip: int | None = None,
    ) -> Page[T]:
        """Return the rows not seen before as a Page; remember all of them for the next one."""
        seen: set[str | None] = {*self._before, *self._known}
        if self.filtered:
            self._known.update(ids)
        before, self._before, self._asked_again = self._nameless, ids, False
        readable = [row for row in rows if not isinstance(row, UnreadableRow)]
        if len(readable) == len({*ids}) == len(ids) and seen.isdisjoint(ids):
            self._nameless = []
            return Page(readable, cursor, skip)
        items: list[T] = []
        unreadable: list[UnreadableRow] = []
        self._nameless = [row for row in rows if isinstance(row, UnreadableRow) and row.id is None]
        for row, id in zip(rows, ids, strict=True):
            # Rows without an id are told apart by all that they say.
            if row in before if id is None else id in seen:
                continue
            if isinstance(row, UnreadableRow):
                unreadable.append(row)
            else:
                items.append(row)
            if id is not None:
                seen.add(id)
        return Page(items, cursor, skip, tuple(unreadable))

    def _begin_anew(self, where: str | int | None) -> None:
        """Count a walk from the beginning again; ReadFailed after five that bring nothing new."""
        self._returns = self._returns + 1 if len(self._known) == self._known_then else 0
        self._known_then = len(self._known)
        if self._returns >= _RETURNS:
            raise ReadFailed(
                f"rows leave the list faster than it can be walked, or it gives none after {where!r} "
                "and says that there are more: read it again later",
                cursor=where,
            )

    def _ask_again(self, where: str | int | None) -> None:
        """Note that an empty page is asked for once more; ReadFailed if it was already.

        One that promises more may be a moment's; asked for twice, it leads nowhere.
        """
        if self._asked_again:
            raise ReadFailed(
                f"the list gives no rows after {where!r} and says that there are more: "
                "go on from there later",
                cursor=where,
            )
        self._asked_again = True


#: Where it begins.
_AT: Any = attrs.Factory(lambda walk: walk.at, takes_self=True)


@attrs.define
class CursorPaginator(Paginator[T]):
    """A walk along a list by cursor: after each row comes the next older one."""

    cursor: str | None = None
    _start: str | None = attrs.field(default=_AT, init=False)
    _promised: bool = attrs.field(default=False, init=False)
    _steps: int = attrs.field(default=0, init=False)
    _landmark: str | None = attrs.field(default=None, init=False)

    @property
    def at(self) -> str | None:
        """Return the cursor that asks for the next page; None for the first."""
        return self.cursor

    def take(self, rows: Sequence[T | UnreadableRow], has_more: bool) -> Page[T] | None:
        """Take in the page after `at`, move on; return its new rows, None: ask again. ReadFailed if stuck."""
        ids = self._ids(rows)
        if has_more and not ids:
            self._ask_again(self.cursor)
            return None
        if self.filtered and self._promised and not ids:
            # What is behind a row that has left the list is not shown.
            self._step_back()
            return None
        self._promised = has_more
        if has_more:
            # A last row without an id comes again, and is given once.
            self._go_on(next((id for id in reversed(ids) if id), None))
        self._end(has_more)
        return self._page(rows, ids, self.cursor if has_more else None)

    def _step_back(self) -> None:
        """Step back a row, else to the start; ReadFailed if that left, or after 5 vain begins."""
        if self.cursor == self._start:
            # The list's beginning has rows from before this walk.
            raise ReadFailed(
                f"{self.cursor!r} has left the list, or all after it: read the whole list again",
                cursor=self.cursor,
            )
        while self._before and self._before[-1] in (self.cursor, None):
            self._before = self._before[:-1]
        if not self._before:
            self._begin_anew(self.cursor)
        self.cursor = self._before[-1] if self._before else self._start
        self._promised = self.cursor is not None
        self._steps, self._landmark = 0, None

    def _go_on(self, cursor: str | None) -> None:
        """Set the cursor to the page's last id; ReadFailed if it is None or the list goes round."""
        if cursor is None:
            raise ReadFailed(
                f"the list gives only rows without an id after {self.cursor!r}: nothing behind them "
                "can be asked for",
                cursor=self.cursor,
            )
        if cursor in (self.cursor, self._landmark):
            raise ReadFailed(
                f"the list goes round in circles: it gives {cursor!r} as its cursor again; "
                f"go on after {self.cursor!r} later",
                cursor=self.cursor,
            )
        self._steps += 1
        if self._steps & (self._steps - 1) == 0:
            # A landmark at every power of two meets any circle.
            self._landmark = self.cursor
        self.cursor = cursor


@attrs.define
class OffsetPaginator(Paginator[T]):
    """A walk along a list that counts from its newest row.

    Where rows may leave it, each page begins with the last row of the page before: if another one
    stands there, rows ahead have left, and it walks back to one that is known.
    """

    skip: int = 0
    _start: int = attrs.field(default=_AT, init=False)
    _length: int = attrs.field(default=1, init=False)

    @property
    def at(self) -> int:
        """Return the number of rows to leave out for the next page."""
        return self.skip

    def take(self, rows: Sequence[T | UnreadableRow], has_more: bool) -> Page[T] | None:
        """Take in the page at `at`, move on; return its new rows, None: ask again. ReadFailed if stuck."""
        # The rows received count, not those asked for.
        ids = self._ids(rows)
        if has_more and not ids:
            self._ask_again(self.skip)
            return None
        if has_more and ids == self._before:
            raise ReadFailed(
                f"the list gives the same page again after {self.skip} rows: go on there later",
                cursor=self.skip,
            )
        self._length = max(self._length, len(ids))
        if self.filtered and self.skip > self._start and self._known.isdisjoint(ids[:1]):
            self.skip, self._before = max(self._start, self.skip - self._length), []
            if self.skip == self._start:
                self._begin_anew(self.skip)
            return None
        self._end(has_more)
        ends = self.skip + len(ids)
        # A page of one row would never get on.
        self.skip = ends - 1 if self.filtered and len(ids) > 1 else ends
        return self._page(rows, ids, skip=ends if has_more else None)
