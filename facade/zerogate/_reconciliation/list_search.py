"""Sessions looked for in one walk down Gate's list, by their keys and never by an order alone. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

import attrs

from .._durability import JournalEntry
from .._idempotency.identity import echoes, marks_of
from .._unreadable import UnreadableRow

Row = Mapping[str, Any]
#: As many rows as say whether the list gives marks back, where the journal has to be asked for them.
_PAIRS_AT_MOST = 20
#: Seconds before its first byte from which on a write is looked for: clocks differ.
MARGIN: Final = 300.0
#: Seconds before it was meant from which on one is looked for that nobody could date by Gate's clock.
_WRONG_AT_MOST: Final = 86_400.0


@attrs.frozen(kw_only=True)
class SearchResult:
    """The result of a search, newest first.

    complete: Nothing more can be found. cursor: Where it goes on. hold: Why nothing may be sent now.
    began: When it did, Unix seconds. unread: How many rows could not be read in id and metadata.
    """

    found: tuple[Any, ...] = ()
    complete: bool = False
    cursor: str | None = None
    hold: str | None = None
    began: float = 0.0
    unread: int = 0


def sent_since(intent: JournalEntry) -> float:
    """Return the Unix time since when a list may show a write: first sent, else a day before made."""
    return intent.first_sent_at or intent.made_at - _WRONG_AT_MOST


@attrs.define
class SearchTargets:
    """The targets of a search, by key, and the rows that the walk has found so far.

    since: When the oldest of them was first sent. echoed: Whether a row gave our marks back whole.
    unread: Rows whose metadata could not be read. pairs: Keys and ids, to be told from the journal's.
    """

    since: float
    found: dict[str, dict[str, Row]]
    echoed: bool = False
    unread: int = 0
    pairs: list[tuple[str, str]] = attrs.field(factory=list)
    _newest_first: bool | None = None
    _last: float | None = None

    @classmethod
    def of(cls, intents: Sequence[JournalEntry]) -> SearchTargets:
        """Return the targets for these intents' keys, since the oldest was first sent."""
        return cls(min(map(sent_since, intents)), {one.key: {} for one in intents})

    @classmethod
    def for_key(cls, key: str) -> SearchTargets:
        """Return the target for one key, of which nobody knows since when."""
        return cls(0.0, {key: {}})

    def unreadable(self, rows: Sequence[Row], back_to: float) -> Iterator[str]:
        """Yield ids of rows without metadata, no older than the targets; *back_to* corrects our clock.

        What was made before anything of ours was sent is none of ours, whatever it says.
        """
        for row in rows:
            if self._may_be_sought(row, back_to) and not isinstance(row.get("metadata"), Mapping):
                yield str(row["id"])

    def pass_over(self, odd: Sequence[UnreadableRow], back_to: float) -> None:
        """Count in `unread` the rows without a readable id, except those too old or surely another's."""
        for row in odd:
            told = row.raw if isinstance(row.raw, Mapping) else {}
            others = (
                isinstance(told.get("metadata"), Mapping) and marks_of(told).key not in self.found
            )
            self.unread += int(self._may_be_sought(told, back_to) and not others)

    def take(self, rows: Sequence[Row], *, back_to: float) -> bool:
        """Note one page; return True if all further rows are older than any looked for."""
        self.unread += len([*self.unreadable(rows, back_to)])
        for row in rows:
            self._note(row)
            self._note_order(_created_at(row))
        # The whole page: one row that tells a wrong time says nothing about the pages behind it.
        old = not any(self._may_be_sought(row, back_to) for row in rows)
        return bool(rows) and old and self._newest_first is True

    def _may_be_sought(self, row: Row, back_to: float) -> bool:
        """Return True unless a row was made before anything looked for was sent."""
        made = _created_at(row)
        return made is None or made >= self.since + back_to

    def _note(self, row: Row) -> None:
        """Keep a row whose key is looked for; notice if the list gives marks back."""
        marks, id = marks_of(row), str(row["id"])
        if marks.key is None:
            return
        if marks.key in self.found:
            self._note_found(marks.key, id, row)
            self.echoed = True
        self.echoed = self.echoed or echoes(marks, "createSession")
        if not self.echoed and len(self.pairs) < _PAIRS_AT_MOST:
            self.pairs.append((marks.key, id))

    def _note_found(self, key: str, id: str, row: Row) -> None:
        """Keep a row under its key, which is looked for."""
        self.found[key][id] = row

    def _note_order(self, made: float | None) -> None:
        """Note a row's creation time, and by it if the list is newest first.

        One that is not, or does not say, is read to its end.
        """
        if made is None:
            return
        if self._last is not None and made != self._last and self._newest_first is not False:
            self._newest_first = made < self._last
        self._last = made

    def looked(self, how: SearchResult) -> dict[str, SearchResult]:
        """Return *how* for each key, with the rows found under it."""
        return {key: attrs.evolve(how, found=tuple(of.values())) for key, of in self.found.items()}


def _created_at(row: Row) -> float | None:
    """Return a row's `created_at` in Unix seconds; None where it has none with a time zone."""
    try:
        made = datetime.fromisoformat(row.get("created_at"))  # type: ignore[arg-type]  # TypeError
    except (TypeError, ValueError):
        return None
    return made.timestamp() if made.tzinfo is not None else None
