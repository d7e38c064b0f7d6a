"""Checks what callers give an inbox, where they give it. Pure: reads nothing and keeps nothing."""

from __future__ import annotations

import inspect
from datetime import datetime
from typing import Any, Final

from zerogate import AsyncGate, Gate, GateUsageError

from .._options import check_options
from .._store import Store

_HALVES: Final = {Gate: ("Inbox", "a Gate"), AsyncGate: ("AsyncInbox", "an AsyncGate")}


def check_parts(store: Any, gate: Any, own: type) -> None:
    """Raise GateUsageError where store is no Store, or gate neither None nor of this half.

    own: The client of the inbox's half.
    """
    inbox, wanted = _HALVES[own]
    if not isinstance(store, Store):
        text = repr(store) if isinstance(store, str) and "@" not in store else "'sqlite:///gate.db'"
        raise GateUsageError(
            f"{inbox}() takes a Store, not {type(store).__name__}: write Store({text})"
        )
    if gate is None or isinstance(gate, own):
        return
    other = next((name for kind, (name, _) in _HALVES.items() if isinstance(gate, kind)), None)
    remedy = f"give this one to {other}, or make {wanted}" if other else "make one, or leave it out"
    raise GateUsageError(f"gate= of {inbox} takes {wanted}, not {type(gate).__name__}: {remedy}")


def check_handler(handler: Any, transaction: Any, external_effect: Any, own: type) -> None:
    """Raise GateUsageError where handler or transaction cannot be called, or a sync half's is async.

    own: As for `check_parts`.
    """
    check_options(external_effect=external_effect)
    if not callable(handler):
        raise GateUsageError(
            f"handler= takes a function of one event, not {type(handler).__name__}: "
            "def fulfil(received): …"
        )
    if own is Gate and inspect.iscoroutinefunction(handler):
        raise GateUsageError(
            f"{handler.__name__} is an async function, and nobody would await it here: "
            "write def, or use AsyncInbox"
        )
    if transaction is not None and not callable(transaction):
        raise GateUsageError(
            "transaction= takes what makes a context manager that begins a transaction, not "
            f"{type(transaction).__name__}: transaction=engine.begin, without brackets"
        )


def instant(name: str, when: Any) -> float:
    """Return a datetime's Unix seconds; GateUsageError where it is none or has no time zone."""
    remedy = f"write {name}=datetime.now(UTC) - timedelta(days=90)"
    if not isinstance(when, datetime):
        raise GateUsageError(f"{name}= takes a datetime, not {type(when).__name__}: {remedy}")
    if when.tzinfo is None:
        raise GateUsageError(f"{name}= needs a time zone, which {when} has not: {remedy}")
    return when.timestamp()
