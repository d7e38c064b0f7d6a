"""Reads the time by which events are due: PostgreSQL's clock, or this boot's, which nobody sets. Pure."""

from __future__ import annotations

from .leases import DATABASE, UNNAMED, LeaseClock
from .statements import BOOT_KEPT, BOOT_READ, TIME_READ, Step


def read_time(clock: LeaseClock, reading: float, wall: float) -> Step[float]:
    """Return the time now, Unix seconds.

    reading, wall: What the monotonic clock and the host's own say. Whoever comes first in a boot keeps by
        how much they differ; whatever is done to the host's own afterwards changes nothing.
    """
    if clock.name == DATABASE:
        rows = yield TIME_READ(lease_now=None, lease_ahead=clock.ahead)
        return float(rows[0][0])
    if clock.name == UNNAMED:
        return wall
    rows = yield BOOT_READ(name=clock.name)
    if not rows:
        yield BOOT_KEPT(name=clock.name, ahead=wall - reading)
        rows = yield BOOT_READ(name=clock.name)
    return reading + float(rows[0][0])
