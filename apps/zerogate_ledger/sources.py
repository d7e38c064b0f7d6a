"""Where the mirror's rows come from: lists and single reads of Gate, as JSON objects, at a bulk pace.

What it needs of a client is written down as protocols, so that a test can stand in for one.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Protocol

import attrs
from zerogate import Clock, NotFound


class RawPage(Protocol):
    """Rows as Gate wrote them, newest first. JSON numbers are Decimal or int, never float."""

    @property
    def items(self) -> Sequence[Mapping[str, Any]]: ...

    @property
    def next_cursor(self) -> str | None: ...


class Source(Protocol):
    """One kind of Gate's records."""

    def pages(self, starting_after: str | None) -> Iterator[RawPage]:
        """The list from the newest, or from after a cursor, to the oldest."""

    def retrieve(self, id: str) -> Mapping[str, Any] | None:
        """One record as it is now; None where Gate has none."""


class RawItems(Protocol):
    """What a list of the client offers besides its models."""

    def raw_pages(self) -> Iterator[RawPage]: ...


class Resource(Protocol):
    """`gate.transactions` or `gate.sessions`."""

    def list(self, *, limit: int, starting_after: str | None) -> RawItems: ...

    def retrieve_raw(self, id: str, /) -> Mapping[str, Any]: ...


@attrs.define
class Pace:
    """So many requests a second and no more: a nightly mirror shares its limit with the checkout.

    per_second: None for as fast as it goes.
    """

    per_second: float | None = 10.0
    monotonic: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    _next: float = attrs.field(default=0.0, init=False)

    @classmethod
    def by(cls, per_second: float | None, clock: Clock | None) -> Pace:
        """A pace by a client's clock; one that can sleep is moved instead of waited for."""
        if clock is None:
            return cls(per_second)
        return cls(per_second, clock.monotonic, getattr(clock, "sleep", time.sleep))

    def wait(self) -> None:
        if self.per_second is None:
            return
        now = self.monotonic()
        if now < self._next:
            self.sleep(self._next - now)
        self._next = max(now, self._next) + 1 / self.per_second


@attrs.frozen
class GateSource:
    """A resource of a client as a source."""

    resource: Resource
    pace: Pace = attrs.Factory(Pace)

    def pages(self, starting_after: str | None) -> Iterator[RawPage]:
        self.pace.wait()
        for page in self.resource.list(limit=100, starting_after=starting_after).raw_pages():
            yield page
            self.pace.wait()

    def retrieve(self, id: str) -> Mapping[str, Any] | None:
        self.pace.wait()
        try:
            return self.resource.retrieve_raw(id)
        except NotFound:
            return None
