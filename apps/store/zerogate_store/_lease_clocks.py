"""Reads the clock that leases are told by: one that nobody sets, and that begins anew with each boot."""

from __future__ import annotations

import os
import time
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from zerogate._clocks import Clock

from ._journal.leases import DATABASE, UNNAMED, VIRTUAL, LeaseClock

if TYPE_CHECKING:
    from ._store import Store

#: As many renewals as are remembered where the clock has no name.
_SEEN_AT_MOST = 10_000


@cache
def boot_name() -> str:
    """Return a name of this machine's boot and time namespace; empty where nothing tells it.

    It is the same for all of its processes.
    A time namespace shifts the clock, so it is part of the name.
    """
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text("ascii").strip()
        return f"{boot} {os.readlink('/proc/self/ns/time')}"
    except (OSError, ValueError):
        return UNNAMED


def read_lease_clock(
    store: Store,
    clock: Clock,
    seen: dict[tuple[str, float], float],
    dated: float | None = None,
) -> LeaseClock:
    """Return the clock of a store's leases: virtual, PostgreSQL's own, or this boot's.

    dated: Gate's clock, where it is known.
    clock: The client's. A virtual one moves leases; one that was moved forward moves them with it.
    seen: What one client has seen of others, where the clock has no name.
    """
    engine = getattr(store, "async_engine", None) or getattr(store, "engine", None)
    on_postgresql = getattr(getattr(engine, "dialect", None), "name", "") == "postgresql"
    reading = clock.monotonic()
    if hasattr(clock, "sleep"):
        return LeaseClock(VIRTUAL, reading, dated=dated)
    if on_postgresql:
        return LeaseClock(DATABASE, ahead=reading - time.monotonic(), dated=dated)
    if len(seen) > _SEEN_AT_MOST:
        seen.clear()
    return LeaseClock(boot_name(), reading, seen=seen, dated=dated)
