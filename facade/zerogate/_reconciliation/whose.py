"""Decides whether a session is the one that was asked about: mode, order, namespace, key. Pure.

The order alone is no identity: two services of one account may number their orders alike.
"""

from __future__ import annotations

from .._idempotency.identity import Marks, marks_of
from .._idempotency.keys import idempotency_key
from ..errors import GateUsageError
from .expectations import ANY_NAMESPACE, ANY_ORDER, Expectation
from .judging import Finding, first
from .records import text


def whose_session(asked: Expectation, session: object) -> Finding | None:
    """Return what speaks against a session being ours and this order's; None where nothing does."""
    marks = marks_of(session)
    return (
        _mode(asked, session)
        or whose_order(asked, marks.order, "metadata.order_id", proven=asked.recorded)
        or _service(asked, marks)
    )


def whose_rail(asked: Expectation, rail: object, session: object | None) -> Finding | None:
    """Return what speaks against a rail being ours and this order's, or lacks as proof; else None.

    It names its order at most; everything else of its identity is on its session.
    """
    named = text(rail, "reference")
    if session is None:
        unproven = not asked.recorded and asked.namespace is not ANY_NAMESPACE
        told = f"session {text(rail, 'gate_session_id') or 'unknown'} was not read"
        return whose_order(asked, named, "reference", proven=asked.recorded) or first(
            (unproven, "session_needed", told)
        )
    marks = marks_of(session)
    another = text(session, "id") != text(rail, "gate_session_id")
    return (
        _mode(asked, session)
        or first((another, "session_needed", f"session {text(session, 'id')} is not the rail's"))
        or whose_order(asked, named or marks.order, "reference", proven=asked.recorded)
        or whose_order(asked, marks.order, "session's metadata.order_id", proven=True)
        or _service(asked, marks)
    )


def whose_order(
    asked: Expectation, named: str | None, where: str, *, proven: bool
) -> Finding | None:
    """Return a finding if the order named is another than asked, or missing and not *proven*; else None.

    proven: That it is ours is known without it; then only what it says can speak against it.
    """
    told = f"expected {asked.order}, its {where} is another"
    return first(
        (asked.order is ANY_ORDER or named == asked.order, "", ""),
        (named is None and proven, "", ""),
        (named is None, "order_missing", f"it has no {where}"),
        (True, "order", told),
    )


def _mode(asked: Expectation, session: object) -> Finding | None:
    """Return a finding if the session is of another mode than asked; else None."""
    mode = text(session, "mode")
    return first((asked.mode not in (None, mode), "mode", f"expected {asked.mode}, it is {mode}"))


def _service(asked: Expectation, marks: Marks) -> Finding | None:
    """Return a finding if namespace or key are not this service's; else None."""
    wanted, silent = asked.namespace, asked.recorded and not marks.namespace
    another = wanted is not ANY_NAMESPACE and marks.namespace != wanted and not silent
    told = f"expected {wanted!a}, it names {ascii(marks.namespace)[:64]}"
    return first(
        (another, "namespace", told),
        (_is_strange(asked, marks), "key", f"attempt {ascii(marks.attempt or '?')[:20]}"),
    )


def _is_strange(asked: Expectation, marks: Marks) -> bool:
    """Return True if the key is neither in this order's journal nor derived from its marks; else False."""
    if not asked.keys or marks.key is None or asked.order is ANY_ORDER:
        return False
    return marks.key not in asked.keys and marks.key != _derived(marks)


def _derived(marks: Marks) -> str | None:
    """Return the key of the attempt that the marks name; None where they name none.

    A store that was restored may not have that attempt.
    """
    try:
        return idempotency_key(
            namespace=marks.namespace,
            operation="createSession",
            order=marks.order or "",
            attempt=int(marks.attempt or ""),
        )
    except (ValueError, GateUsageError):
        return None
