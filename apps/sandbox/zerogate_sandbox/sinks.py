"""Receivers of webhooks that are functions, and how each attempt to deliver ended."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import attrs

from zerogate_sandbox.deliveries import Attempt

Sink = Callable[[bytes, dict[str, str]], int | None]
"""A receiver of webhooks: body and headers in, the status it answers out (None is 200)."""


@attrs.frozen
class Sent:
    """One attempt to deliver an event, and how it ended."""

    event_type: str
    event_id: str
    url: str
    headers: Mapping[str, str] = attrs.field(repr=False)
    body: bytes = attrs.field(repr=False)
    status: int | None
    error: str | None


def call_sink(sink: Sink, attempt: Attempt) -> tuple[int | None, str | None]:
    """Return (status, None) of the receiver, 200 for None; (None, error) where it raises."""
    try:
        status = sink(attempt.body, dict(attempt.headers))
    except Exception as error:
        return None, f"{type(error).__name__}: {error}"
    return 200 if status is None else status, None
