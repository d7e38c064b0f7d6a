"""What shops and users did, as plain records: all that a judge knows besides Gate's own books."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import attrs


@attrs.define
class Diary:
    clock: Callable[[], float]
    entries: list[dict[str, Any]] = attrs.field(factory=list)

    def note(self, what: str, **facts: Any) -> None:
        self.entries.append({"what": what, "at": self.clock(), **facts})

    def of(self, what: str) -> Iterator[dict[str, Any]]:
        return (entry for entry in self.entries if entry["what"] == what)
