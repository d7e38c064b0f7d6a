"""Records of one kind, found only by the account they belong to, in the order they were made."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Generic, Protocol, TypeVar

from zerogate_sandbox.answers import Refused


class Record(Protocol):
    @property
    def id(self) -> str: ...
    @property
    def account(self) -> str: ...
    @property
    def created_at(self) -> float: ...


R = TypeVar("R", bound=Record)


class Shelf(Generic[R]):
    """`noun` is what a 404 calls a record."""

    def __init__(self, noun: str) -> None:
        self.noun = noun
        self.records: dict[str, R] = {}
        self._order: dict[str, list[str]] = {}
        self._place: dict[str, int] = {}

    def add(self, record: R) -> None:
        order = self._order.setdefault(record.account, [])
        self._place[record.id] = len(order)
        order.append(record.id)
        self.records[record.id] = record

    def find(self, account: str, id: str) -> R:
        """The record, or 404: another account's is no more than one that never was."""
        record = self.records.get(id)
        if record is None or record.account != account:
            raise Refused(404, f"no such {self.noun}")
        return record

    def place(self, id: str) -> int:
        """How many of its account were made before it."""
        return self._place[id]

    def newest_first(
        self, account: str, after: str | None, made_before: float = float("inf")
    ) -> Iterator[R]:
        """From the newest made by then, or from just behind `after`."""
        order = self._order.get(account, [])
        start = len(order)
        if after is not None:
            record = self.records.get(after)
            if record is None or record.account != account:
                raise Refused(400, f"starting_after is not the id of a {self.noun}")
            start = self._place[after]
        for index in range(start - 1, -1, -1):
            record = self.records[order[index]]
            if record.created_at <= made_before:
                yield record
