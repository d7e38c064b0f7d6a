"""Checks what a sandbox is made of, so that a mistake is told before the first request. Pure."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Any

from zerogate_sandbox.profiles import Profile


def check(clock: Any, profile: Any, mode: Any, webhook: Any, secret: Any, keep: Any) -> None:
    """Raise ValueError for an argument of `Sandbox` that is of another kind, with what it takes."""
    readings = [getattr(clock, name, None) for name in ("now", "monotonic", "advance")]
    wanted = {
        "clock": (
            clock is None or (not isinstance(clock, type) and all(map(callable, readings))),
            "a VirtualClock or a WallClock",
        ),
        "profile": (
            isinstance(profile, str | Profile | Mapping),
            'a name, a Profile, or switches such as {"base": "hostile"}',
        ),
        "mode": (mode in ("test", "live"), "'test' or 'live'"),
        "webhook": (
            webhook is None or isinstance(webhook, str) or _is_plain(webhook),
            "a URL, or a plain function of body and headers that returns a status",
        ),
        "webhook_secret": (
            secret is None
            or (
                isinstance(secret, str) and secret.isprintable() and secret == secret.strip() != ""
            ),
            "text without white space around it, whsec_test_…",
        ),
        "keep": (keep is None or (type(keep) is int and keep > 0), "a number of sessions, from 1"),
    }
    for name, (fits, takes) in wanted.items():
        if not fits:
            raise ValueError(f"{name}= of a sandbox takes {takes}")


def _is_plain(call: Any) -> bool:
    """Return True for what can be called and is not awaited."""
    calls = (call, getattr(call, "__call__", None))  # noqa: B004 - its code, not whether it has one
    return callable(call) and not any(map(inspect.iscoroutinefunction, calls))
