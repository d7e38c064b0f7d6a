"""Where the next page starts, and which of its rows are new. Pure: no socket, no clock."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

import attrs

from .errors import ReadFailed

T = TypeVar("T")


@attrs.frozen
class Page(Generic[T]):
    """The rows of one page that the page before did not have.

    next_cursor: What asks for the page after it, today or another day; None on the last.
    next_skip: The same, of a list that counts instead.
    """

    items: Sequence[T]
    next_cursor: str | None = None
    next_skip: int | None = None


@attrs.define
class Walking(ABC, Generic[T]):
    """What a walk has to remember: the ids of the page before, for rows shift while it goes on.

    over: Whether the last page was taken.
    """

    identify: Callable[[T], str]
    over: bool = attrs.field(default=False, init=False)
    _before: list[str] = attrs.field(factory=list, init=False)
    _asked_again: bool = attrs.field(default=False, init=False)

    @property
    @abstractmethod
    def at(self) -> str | int | None:
        """What asks for the next page."""

    @abstractmethod
    def take(self, items: Sequence[T], has_more: bool) -> Page[T] | None:
        """The page that came for `at`; None when that is to be asked for once more.

        Raises ReadFailed where going on would never end; what was read before it stands.
        """

    def _end(self, has_more: bool) -> None:
        self.over = not has_more

    def _ids(self, items: Sequence[T]) -> list[str]:
        ids = [self.identify(item) for item in items]
        if not all(isinstance(id, str) and id for id in ids):
            raise ReadFailed(
                f"the list gives a row without an id after {self.at!r}: nothing behind it can be "
                "asked for",
                cursor=self.at,
            )
        return ids

    def _new(self, items: Sequence[T], ids: list[str]) -> list[T]:
        seen = set(self._before)
        self._before, self._asked_again = ids, False
        if seen.isdisjoint(ids) and len(set(ids)) == len(ids):
            return list(items)
        new = []
        for item, id in zip(items, ids, strict=True):
            if id not in seen:
                new.append(item)
                seen.add(id)
        return new

    def _ask_again(self, where: str | int | None) -> None:
        """An empty page that promises more may be a moment's; asked for twice, it leads nowhere."""
        if self._asked_again:
            raise ReadFailed(
                f"the list gives no rows after {where!r} and says that there are more: "
                "go on from there later",
                cursor=where,
            )
        self._asked_again = True


@attrs.define
class Walk(Walking[T]):
    """A walk along a list by cursor: after each row comes the next older one."""

    cursor: str | None = None
    _steps: int = attrs.field(default=0, init=False)
    _landmark: str | None = attrs.field(default=None, init=False)

    @property
    def at(self) -> str | None:
        return self.cursor

    def take(self, items: Sequence[T], has_more: bool) -> Page[T] | None:
        ids = self._ids(items)
        if has_more and not ids:
            self._ask_again(self.cursor)
            return None
        self._end(has_more)
        if has_more:
            self._go_on(ids[-1])
        return Page(self._new(items, ids), self.cursor if has_more else None)

    def _go_on(self, cursor: str) -> None:
        if not cursor or cursor in (self.cursor, self._landmark):
            raise ReadFailed(
                f"the list goes round in circles: it gives {cursor!r} as its cursor again; "
                f"go on after {self.cursor!r} later",
                cursor=self.cursor,
            )
        self._steps += 1
        if self._steps & (self._steps - 1) == 0:
            # A landmark at every power of two meets any circle, and one cursor is all that is kept.
            self._landmark = self.cursor
        self.cursor = cursor


@attrs.define
class OffsetWalk(Walking[T]):
    """A walk along a list that counts from its newest row."""

    skip: int = 0

    @property
    def at(self) -> int:
        return self.skip

    def take(self, items: Sequence[T], has_more: bool) -> Page[T] | None:
        # The rows received count, not those asked for.
        ids = self._ids(items)
        if has_more and not ids:
            self._ask_again(self.skip)
            return None
        if has_more and ids == self._before:
            raise ReadFailed(
                f"the list gives the same page again after {self.skip} rows: go on there later",
                cursor=self.skip,
            )
        self._end(has_more)
        self.skip += len(ids)
        return Page(self._new(items, ids), next_skip=self.skip if has_more else None)
