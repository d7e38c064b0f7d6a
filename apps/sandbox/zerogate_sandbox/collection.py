"""Records of one kind, found only by the account they belong to, in the order they were made."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from typing import Any, Generic, Protocol, TypeVar

import attrs

from zerogate_sandbox.responses import Refused


class Record(Protocol):
    @property
    def id(self) -> str:
        """Return the record's id, unique among all accounts."""

    @property
    def account(self) -> str:
        """Return the name of the account that the record belongs to."""

    @property
    def created_at(self) -> float:
        """Return when the record was made, in Unix seconds."""


R = TypeVar("R", bound=Record)


@attrs.define
class Row:
    """One account's ids from the oldest.

    cut: How many were forgotten and are not in `ids` any more.
    old: How many at the beginning of `ids` are forgotten and still there.
    """

    ids: list[str] = attrs.field(factory=list)
    cut: int = 0
    old: int = 0


@attrs.define
class Collection(Generic[R]):
    """`noun` is what a 404 calls a record."""

    noun: str
    # Ordered, for finding the oldest must not take longer the more were forgotten.
    records: OrderedDict[str, R] = attrs.field(factory=OrderedDict)
    rows: dict[str, Row] = attrs.field(factory=dict)
    places: dict[str, int] = attrs.field(factory=dict)

    def add(self, record: R) -> None:
        """Append a record as the newest one of its account."""
        row = self.rows.setdefault(record.account, Row())
        self.places[record.id] = row.cut + len(row.ids)
        row.ids.append(record.id)
        self.records[record.id] = record

    def find(self, account: str, id: Any) -> R:
        """Return the account's record; Refused (404) if unknown, another's or no text."""
        record = self.records.get(id) if isinstance(id, str) else None
        if record is None or record.account != account:
            raise Refused(404, f"no such {self.noun}")
        return record

    def named(self, field: str, account: str, id: Any) -> R:
        """Return the record as `find` does; Refused is 422 here and names the body's *field*."""
        try:
            return self.find(account, id)
        except Refused:
            raise Refused(422, f"{field}: no such {self.noun}") from None

    def oldest(self) -> R | None:
        """Return the oldest record of all accounts; None where there is none."""
        return next(iter(self.records.values()), None)

    def place(self, id: str) -> int:
        """Return how many records its account had made before this one, forgotten ones too; or KeyError."""
        return self.places[id]

    def newest_first(
        self, account: str, after: str | None, made_before: float = float("inf")
    ) -> Iterator[R]:
        """Yield records until *made_before*, newest first, older than *after*; Refused (400) if unknown."""
        row = self.rows.get(account, Row())
        start = len(row.ids)
        if after is not None:
            record = self.records.get(after)
            if record is None or record.account != account:
                raise Refused(400, f"starting_after is not the id of a {self.noun}")
            start = self.places[after] - row.cut
        for index in range(start - 1, -1, -1):
            found = self.records.get(row.ids[index])
            if found is not None and found.created_at <= made_before:
                yield found

    def forget(self, id: str) -> R | None:
        """Remove a record and return it; None where there is none.

        Its place stays empty until the rows before it are gone as well.
        """
        record = self.records.pop(id, None)
        if record is None:
            return None
        del self.places[id]
        row = self.rows[record.account]
        while row.old < len(row.ids) and row.ids[row.old] not in self.records:
            row.old += 1
        # Cut in one go now and then: cutting each time would move the whole list each time.
        if row.old > 64 and row.old * 2 > len(row.ids):
            del row.ids[: row.old]
            row.cut += row.old
            row.old = 0
        return record
