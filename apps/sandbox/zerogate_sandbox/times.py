"""Unix seconds as the API writes them."""

from __future__ import annotations

from datetime import UTC, datetime


def millis(moment: float) -> str:
    """Return Unix seconds as sessions are written: UTC, with milliseconds.

    >>> millis(1779796800)
    '2026-05-26T12:00:00.000Z'
    """
    return _utc(moment).isoformat(timespec="milliseconds")[:-6] + "Z"


def seconds(moment: float) -> str:
    """Return Unix seconds as transactions and rails are written: UTC, fractions cut off.

    >>> seconds(1779796800.9)
    '2026-05-26T12:00:00Z'
    """
    return _utc(moment).isoformat(timespec="seconds")[:-6] + "Z"


def _utc(moment: float) -> datetime:
    """Return Unix seconds as a datetime in UTC."""
    return datetime.fromtimestamp(moment, UTC)
