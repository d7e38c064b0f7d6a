"""Counts one reading of many objects: an odd one is passed over, an outage ends it. Pure."""

from __future__ import annotations

from typing import Final

import attrs
from zerogate import GateError, RateLimited, ReadFailed, StoreFailed, Unauthorized

#: So many in a row that cannot be read are no odd objects.
_OUTAGE: Final = 3
#: What no object can help: the key, the rate, our own database.
OF_ALL: Final = (Unauthorized, RateLimited, StoreFailed)


@attrs.define
class Reading:
    """Count of the objects that were read so far, and of those that could not be."""

    _read: int = 0
    _news: int = 0
    _in_a_row: int = 0
    _last: GateError | None = None

    def succeeded(self, *, news: bool) -> None:
        """Count an object that was read, as news too if *news*; forget the failures in a row."""
        self._read += 1
        self._news += news
        self._in_a_row = 0

    def failed(self, failure: GateError) -> None:
        """Count an object that could not be read; raise a failure that the next would meet as well.

        Gate may have no object of that id any more, or not show it, and shows the next: many of those are
        no outage. The third ReadFailed in a row is one.
        """
        self._in_a_row += isinstance(failure, ReadFailed)
        self._last = failure
        if self._in_a_row >= _OUTAGE or isinstance(failure, OF_ALL):
            raise failure

    def ended(self) -> tuple[int, int]:
        """Return counts of objects read and of news; raise the last failure if none was read."""
        if self._last is not None and not self._read:
            raise self._last
        return self._read, self._news
