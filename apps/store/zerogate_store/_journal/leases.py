"""Leases: for how long whoever works on an intent keeps others away, and by whose clock. Pure.

A lease lasts eight seconds and is renewed by its holder while it waits, so that what a dead holder
leaves is free within ten. It is politeness: two workers on one write do no harm, for both send the same
key, look first, and only the holder's record counts (`INTENT_SAVE`).

It is told by a clock that nobody sets: PostgreSQL's own; on SQLite the machine's since it booted, under
the name of that boot, so that what was leased before is void. Where a machine has no such name, whoever
has seen holder and renewal unchanged for eight seconds of its own clock takes over.
"""

from __future__ import annotations

from typing import Any, Final

import attrs

#: Seconds of a lease; a wait under one is cut to so many, and one that has less left is renewed.
LASTS = 8.0
SLICE = 3.0
#: Seconds more than an attempt over a transport of the user's, whose waits nobody can cut.
BEYOND_ATTEMPT: Final = 3.0
#: `LeaseClock.name` of the database's own clock, and of one that only the program moves.
DATABASE: Final = "database"
VIRTUAL: Final = "virtual"
#: `LeaseClock.name` where nothing says which boot this is.
UNNAMED: Final = ""
#: What a holder's name begins with while recovery looks and does not send: a caller need not wait for it.
YIELDS: Final = "look-"
#: Nobody's lease is longer: its clock is not ours, whatever it is called.
_LONGEST: Final = 3600.0


@attrs.frozen
class Lease:
    """Seconds that are left of it: when it was read, or from when it is written. until: As stored."""

    clock: LeaseClock
    left: float
    until: float = 0.0

    @property
    def values(self) -> dict[str, Any]:
        """Return the parameters of a statement that writes the lease."""
        return self.clock.values | {"lease_left": self.left}


@attrs.frozen
class LeaseClock:
    """The time of leases, read once for one step.

    name: Whose clock it is. now: What it reads; None: the database says. ahead: Seconds that are added.
    dated: Gate's clock at that moment; None where no answer has told it.
    seen: Where the clock has no name: when each holder's renewal was seen first, by our own.
    """

    name: str
    now: float | None = None
    ahead: float = 0.0
    seen: dict[tuple[str, float], float] = attrs.field(factory=dict, repr=False, eq=False)
    dated: float | None = attrs.field(default=None, eq=False)

    @property
    def values(self) -> dict[str, Any]:
        """Return the parameters of a statement that reads leases by this clock."""
        return {"lease_clock": self.name, "lease_now": self.now, "lease_ahead": self.ahead}

    @property
    def listing_values(self) -> dict[str, Any]:
        """Return parameters of a statement that omits leased rows; without a name it omits none."""
        return self.values if self.name != UNNAMED else self.values | NO_CLOCK.values

    def lasting(self, seconds: float) -> Lease:
        """Return a lease of so many seconds from when it is written."""
        return Lease(self, seconds)

    def nobodys(self) -> LeaseClock:
        """Return the clock under a name by which all other leases are over."""
        return attrs.evolve(self, name="none")

    def read(
        self, holder: str, until: float, left: float, *, lasts: float | None = None
    ) -> Lease | None:
        """Return the lease of a row, None where its holder let go. Without a name, note when it was seen.

        Where the clock has no name, the renewal is noted in `seen`.

        left: By this clock. lasts: Seconds of a lease, where others than the journal's are read.
        """
        if until <= 0:
            return None
        if self.name == UNNAMED:
            # Another boot's, maybe: only that it changes says that somebody lives.
            now = self.now or 0.0
            left = (LASTS if lasts is None else lasts) - (
                now - self.seen.setdefault((holder, until), now)
            )
        return Lease(self, left if left <= _LONGEST else 0.0, until)


#: For a step that writes no lease, and to which it is nothing who holds a row.
NO_CLOCK: Final = LeaseClock("none", 0.0)
