"""Reads the time by which events are due: PostgreSQL's clock, or this boot's, which nobody sets. Pure."""

from __future__ import annotations

from typing import Final

from .leases import DATABASE, UNNAMED, LeaseClock
from .statements import TIME_READ, Statement, Step

_BOOT_READ: Final = Statement("SELECT ahead FROM zerogate_boots WHERE name = :name")
_BOOT_KEPT: Final = Statement(
    "INSERT INTO zerogate_boots (name, ahead) VALUES (:name, :ahead) ON CONFLICT DO NOTHING"
)


def read_time(clock: LeaseClock, reading: float, wall: float) -> Step[float]:
    """Return the time now in Unix seconds; note a new boot's offset where there is none.

    reading, wall: What the monotonic clock and the host's own say. Whoever comes first in a boot keeps by
        how much they differ; whatever is done to the host's own afterwards changes nothing.
    """
    if clock.name == DATABASE:
        rows = yield TIME_READ(lease_now=None, lease_ahead=clock.ahead)
        return float(rows[0][0])
    if clock.name == UNNAMED:
        return wall
    rows = yield _BOOT_READ(name=clock.name)
    if not rows:
        yield _BOOT_KEPT(name=clock.name, ahead=wall - reading)
        rows = yield _BOOT_READ(name=clock.name)
    return reading + float(rows[0][0])
