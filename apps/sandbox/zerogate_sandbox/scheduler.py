"""Keeps the work that falls due later, in order: by time, then as it was added."""

from __future__ import annotations

import heapq

import attrs


@attrs.define
class Scheduler:
    """Entries are (due, number, what, subject): plain data, so that they can be kept."""

    entries: list[tuple[float, int, str, str]] = attrs.field(factory=list)
    added: int = 0

    def add(self, due: float, what: str, subject: str) -> None:
        """Add work for Unix time *due*: *what* is to be done, with the id *subject*."""
        self.added += 1
        heapq.heappush(self.entries, (due, self.added, what, subject))

    @property
    def next_due(self) -> float | None:
        """Return Unix time of the first entry; None where nothing waits."""
        return self.entries[0][0] if self.entries else None

    def pop(self, now: float) -> tuple[float, str, str] | None:
        """Remove and return the first entry that is due by now; None where none is."""
        if not self.entries or self.entries[0][0] > now:
            return None
        due, _, what, subject = heapq.heappop(self.entries)
        return due, what, subject
