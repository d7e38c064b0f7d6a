"""Gives an intent the id of its object that an event told of, or has its order held. Sends nothing.

The answer to a create may be lost, and Gate's list slow to show what it made; the event that Gate signed
carries the marks that our own bytes carried. Whoever holds the intent meanwhile keeps it: only its id is
written down, so that nobody sends it again.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from zerogate._idempotency.identity import KEY, marks_of, stranger

from .._scope import Scope
from . import statements as sql
from . import steps as journal
from .intents import ANOTHER, OLDER, Intent, terms_of
from .leases import LeaseClock
from .statements import Step
from .store_loss import seconds_before_sent

CREATE: Final = "createSession"


def identify(
    scope: Scope, operation: str, id: str, told: Mapping[str, Any], now: float, clock: LeaseClock
) -> Step[bool]:
    """Write an object's id to the intent that made it; hold that if it has another; return True if ours.

    told: The object as the event has it. now: By Gate's clock, where it is known.
    """
    row = yield from (
        _intent_of_session(scope, told, clock)
        if operation == CREATE
        else _intent_of_rail(scope, operation, told, clock)
    )
    if row is None or row.outcome == OLDER:
        return False
    if id in row.ids:
        return True
    if row.object_id is not None:
        return (yield from _hold_back(row, id, now))
    if row.lease is not None:
        # Its holder may be dead: then whoever takes over reads the object by this id.
        yield sql.INTENT_IDENTIFY(**row.row, id=id)
        return True
    status = told.get("status")
    known = row.unheard().known(
        id, status if isinstance(status, str) else None, now, ambiguous=1, outcome=None
    )
    return (yield from journal.save_intent(known, was=row.holder))


def _intent_of_session(
    scope: Scope, told: Mapping[str, Any], clock: LeaseClock
) -> Step[Intent | None]:
    """Return the intent whose key a session carries; None if its marks or age say it is another's."""
    marks = marks_of(told)
    if marks.key is None:
        return None
    for row in (yield from journal.intents_under(scope, marks.key, clock)):
        ours = row.operation == CREATE and KEY in row.marks and not _is_older(row, told)
        if ours and stranger(row.sent_marks, row.key, marks) is None:
            return row
    return None


def _is_older(row: Intent, told: Mapping[str, Any]) -> bool:
    """Return True for an object made before our bytes left: by another, or by a store that forgot."""
    return seconds_before_sent(row, told) is not None


def _intent_of_rail(
    scope: Scope, operation: str, told: Mapping[str, Any], clock: LeaseClock
) -> Step[Intent | None]:
    """Return the intent that redeemed a rail's quote, by terms and order; None where none did."""
    terms, order = terms_of(operation, told), told.get("reference")
    if isinstance(order, str):
        rows = yield from journal.of_order(scope, operation, order, clock)
        rows = [row for row in reversed(rows) if row.terms == terms]
    elif order is None:
        values = scope.values | {"operation": operation, "terms": terms} | clock.values
        rows = [Intent.read(one, clock) for one in (yield sql.INTENTS_OF_TERMS(**values))]
    else:
        rows = []
    return next((row for row in rows if not _is_older(row, told)), None)


def _hold_back(row: Intent, id: str, now: float) -> Step[bool]:
    """Note a second session under a key for a person to decide, return True; False if held, or a rail."""
    if row.lease is not None or row.operation != CREATE:
        return False
    both = row.evolved(duplicates=(*row.duplicates, id), outcome=ANOTHER + id)
    return (yield from journal.save_intent(both, was=row.holder))
