"""Checks the plain options of stores, inboxes and rate limiters, where they are given. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, get_args

from zerogate._reconciliation import TransactionStatuses
from zerogate.errors import GateUsageError

from ._inbox.payment_state import EventState


def _number(least: float, most: float = 1e9, *, kinds: Any = (int, float)) -> Callable[[Any], bool]:
    """Return a test for numbers from *least* to *most*; True and False are none, nan is no number."""
    return lambda value: type(value) in kinds and least <= value <= most


#: Each option: what it takes, what to write, and the test for it.
_WANTED: Final[Mapping[str, tuple[str, str, Callable[[Any], bool]]]] = {
    "account": ("a label of your own, text", "'shop'", lambda value: isinstance(value, str)),
    "namespace": ("text, as the client has it", "'shop'", lambda value: isinstance(value, str)),
    "match": ("True or False", "True", lambda value: type(value) is bool),
    "migrate": ("True or False", "True", lambda value: type(value) is bool),
    "external_effect": ("True or False", "True", lambda value: type(value) is bool),
    "state": (
        f"one of {', '.join(get_args(EventState))}",
        "'parked'",
        lambda value: value in get_args(EventState),
    ),
    "most": ("a whole number from 1", "100", _number(1, kinds=(int,))),
    "limit": (
        "a whole number from 1, or None",
        "100",
        lambda value: value is None or (type(value) is int and value > 0),
    ),
    "timeout": ("seconds, 0 to 86400", "60.0", _number(0, 86_400)),
    "days": ("days, from 0", "90", _number(0, 1e5)),
    "wait": ("seconds, from 0", "600.0", _number(0)),
    "tries": ("a whole number from 1", "12", _number(1, kinds=(int,))),
    "order": (
        "'results_first' or 'strict'",
        "'results_first'",
        lambda value: value in ("results_first", "strict"),
    ),
    "lease": ("seconds, more than 0", "60.0", _number(1e-3)),
    "tolerance": ("seconds, from 0", "300.0", _number(0)),
    "max_bytes": ("a whole number of bytes, from 1", "262_144", _number(1, kinds=(int,))),
    # A 2xx would have Gate forget what a wrong secret made us refuse.
    "rejected_status": ("an HTTP status, 400 to 599", "400", _number(400, 599, kinds=(int,))),
    "rate": ("requests a second, more than zero", "5.0", _number(1e-9, float("inf"))),
    "idempotency_window": ("seconds, from 0", "600.0", _number(0)),
    "statuses": (
        "TransactionStatuses",
        "TransactionStatuses().extended(success={'paid'})",
        lambda value: isinstance(value, TransactionStatuses),
    ),
    "rate_limiter": (
        "a RateLimiter, or an AsyncRateLimiter in an AsyncInbox",
        "RateLimiter(store, mode='test')",
        lambda value: value is None or callable(getattr(value, "acquire", None)),
    ),
    "clock": (
        "an object with now() and monotonic(), both of seconds",
        "sandbox.clock, or leave it out",
        lambda value: (
            value is None
            or (
                not isinstance(value, type)
                and all(callable(getattr(value, name, None)) for name in ("now", "monotonic"))
            )
        ),
    ),
}


def check_options(**given: Any) -> None:
    """Raise GateUsageError for an option of another kind, or out of its bounds, with what to write."""
    for name, value in given.items():
        wanted, example, fits = _WANTED[name]
        if not fits(value):
            # Of anything else only the kind: a key may be in it.
            plain = isinstance(value, str | int | float | None)
            found = repr(value)[:40] if plain else type(value).__name__
            raise GateUsageError(f"{name}= takes {wanted}, not {found}: write {name}={example}")
