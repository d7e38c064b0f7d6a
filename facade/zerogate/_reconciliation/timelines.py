"""Decides whether a payment was taken back, by its checkpoints and their times. Pure.

Nobody documents in which order a timeline is written, and times can be equal or missing. So it counts
as reversed only if every order that agrees with the times says so.
"""

from __future__ import annotations

from collections.abc import Callable

from .expectations import StatusClass
from .records import seconds, text

_Standing = Callable[[object], StatusClass | None]


def was_reversed(row: object, standing: _Standing) -> bool:
    """Return True if something came after a success; the row itself, the present, comes last."""
    points = list(getattr(row, "status_timeline", None) or ())
    succeeded = [point for point in points if standing(point) == "success"]
    if standing(row) != "success":
        # Its own checkpoint may bear another time than the others, not another place: it is now.
        return bool(succeeded)
    others = [point for point in points if standing(point) != "success" and text(point, "status")]
    return any(_is_after(other, success) for other in others for success in succeeded)


def _is_after(point: object, other: object) -> bool:
    """Return True if *point* came later than *other* for certain: both have times."""
    at, before = seconds(point, "at"), seconds(other, "at")
    return at is not None and before is not None and before < at
