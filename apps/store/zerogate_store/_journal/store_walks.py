"""Takes in a walk through the account after a loss: makes rows of what Gate has. Pure.

Whatever is taken in counts as known, its secret as handed out. Of two sessions under one key one is
the row's and the other one of its duplicates; none is cancelled, for nobody knows which the customer has.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from zerogate._durability import StoreLoss
from zerogate._idempotency.identity import Marks, marks_of
from zerogate._idempotency.keys import idempotency_key
from zerogate._reconciliation.list_search import MARGIN

from . import statements as sql
from .decisions import TAKEN_IN
from .leases import Lease, LeaseClock
from .listings import Listed, ours, time_of
from .statements import Step
from .steps import OLDER, TERMS_UNKNOWN, Intent, Scope, of_order, save_intent, terms_of
from .store_loss import CREATE, LEEWAY, read_loss

# --- rails ---------------------------------------------------------------------------------------

#: What an inbox calls them, and what makes them.
RAIL_KINDS: Final[Mapping[str, str]] = {"pay_in": "createPayIn", "pay_out": "createPayOut"}


def take_in_rail(
    scope: Scope, operation: str, rail: Any, *, session: object, now: float, clock: LeaseClock
) -> Step[bool]:
    """Keep a rail of our session, in a new row or one without an object; return True if it was kept.

    A rail says neither whose it is nor which attempt: it is ours where its session is, and the first
    attempt that the store does not know of stands for it, whose key follows from the order.
    """
    order = getattr(rail, "reference", None)
    if not isinstance(order, str) or marks_of(session).namespace != scope.namespace:
        return False
    rows = yield from of_order(scope, operation, order, clock)
    if any(rail.id in (row.object_id, *row.duplicates) for row in rows):
        return False
    terms = terms_of(
        operation, {"quote_id": rail.quote_id, "gate_session_id": rail.gate_session_id}
    )
    row = next((row for row in rows if row.terms == terms and row.object_id is None), None)
    if row is not None and not row.is_held:
        joined = _with_session(row, Listed(rail.id, str(rail.status), None, Marks()), now)
        return (yield from save_intent(joined, was=row.holder))
    attempt = 1 + max((row.attempt or 0 for row in rows), default=0)
    key = idempotency_key(
        namespace=scope.namespace, operation=operation, order=order, attempt=attempt
    )
    made = time_of(getattr(rail, "created_at", None))
    one = Listed(rail.id, str(rail.status), made, Marks(order, str(attempt), scope.namespace, key))
    row = _row_of_session(scope, one, now).evolved(operation=operation, terms=terms)
    return (yield from _add_row(row, rows, now))


# --- the walks -----------------------------------------------------------------------------------


def claim_walk(scope: Scope, *, now: float, lease: Lease, holder: str) -> Step[StoreLoss | None]:
    """Lease the walk and return its loss; None where it is over, not due yet, or another's."""
    values = scope.values | {"now": now, "holder": holder} | lease.values
    rows = yield sql.LOSS_CLAIM(**values)
    return StoreLoss(*rows[0]) if rows else None


def is_last_page(rows: Sequence[object], since: float) -> bool:
    """Return True where all of this page was made before *since*, so that what comes after it was too."""
    times = [time_of(row.get("created_at")) for row in rows if isinstance(row, Mapping)]
    return bool(times) and all(at is not None and at < since - MARGIN for at in times)


def take_in_session(scope: Scope, row: object, now: float, clock: LeaseClock) -> Step[bool]:
    """Keep a session no list showed, close earlier attempts; True; False if known, held or not ours."""
    for one in ours([row], scope.namespace):
        return (yield from _take_in(scope, one, asked=True, now=now, clock=clock))
    return False


def take_in(
    scope: Scope,
    loss: StoreLoss,
    listed: Sequence[Listed],
    *,
    cursor: str | None,
    holder: str,
    now: float,
    lease: Lease,
) -> Step[bool]:
    """Keep what one page shows and where the walk goes on; return False where another walks."""
    found, another, clock = 0, False, lease.clock
    for one in listed:
        if (yield from _take_in(scope, one, asked=bool(loss.asked), now=now, clock=clock)):
            found += 1
            another |= one.created_at is not None and one.created_at > loss.gate_time + LEEWAY
    going = yield sql.LOSS_GO_ON(
        **scope.values,
        search_cursor=cursor,
        found=found,
        another_writes=int(another),
        holder=holder,
        **lease.values,
    )
    return bool(going)


def leave_walk(scope: Scope, holder: str) -> Step[None]:
    """Give up our lease on the walk; do nothing where another holds it."""
    yield sql.LOSS_LEAVE(**scope.values, holder=holder)


def end_walk(scope: Scope, *, now: float, grace: float, holder: str) -> Step[StoreLoss | None]:
    """Record a walk's end: the loss ends after two, else the next waits *grace* s; return it, or None."""
    values = scope.values | {"now": now, "resume_at": now + grace, "holder": holder}
    yield sql.LOSS_WALKED(**values)
    return (yield from read_loss(scope))


def _take_in(
    scope: Scope, one: Listed, *, asked: bool, now: float, clock: LeaseClock
) -> Step[bool]:
    """Keep a session, in a row of its own or in its key's, return True; False if known or not taken."""
    values = scope.values | {"operation": CREATE} | clock.values
    values |= {"key": one.marks.key, "order_ref": one.marks.order or ""}
    rows = [Intent.read(row, clock) for row in (yield sql.INTENTS_OF(**values))]
    row = next((row for row in rows if _is_of_attempt(row, one.marks)), None)
    if row is None:
        return (yield from _add_row(_row_of_session(scope, one, now), rows, now))
    if one.id in (row.object_id, *row.duplicates):
        return False
    if row.object_id is None and row.is_held:
        # Whoever sent it is about to record it.
        return False
    if row.outcome == OLDER and not asked:
        return False
    return (yield from save_intent(_with_session(row, one, now), was=row.holder))


def _is_of_attempt(row: Intent, marks: Marks) -> bool:
    """Return True where the marks are of this row's key or attempt."""
    return row.key == marks.key or (row.attempt is not None and str(row.attempt) == marks.attempt)


def _with_session(row: Intent, one: Listed, now: float) -> Intent:
    """Return a row with this session as its object, or as a duplicate; its secret counts as out."""
    known = {"object_id": one.id, "object_status": one.status, "status_at": now, "state": "known"}
    more = {"duplicates": (*row.duplicates, one.id)} if row.object_id is not None else known
    return row.evolved(
        **more,
        answered_at=row.answered_at or now,
        secret_at=row.secret_at or now,
        trusted_from=None,
        ambiguous=0,
        due_at=None,
        lease=None,
        body=None,
        outcome=TAKEN_IN,
    )


def _row_of_session(scope: Scope, one: Listed, now: float) -> Intent:
    """Return the row, `known`, that a session must have had; its terms stand in the session."""
    number = one.marks.attempt or ""
    attempt = int(number) if number.isascii() and number.isdigit() and len(number) < 10 else None
    made = now if one.created_at is None else one.created_at
    return Intent(
        **scope.values,
        operation=CREATE,
        key=str(one.marks.key),
        order_ref=None if attempt is None else one.marks.order,
        attempt=None if one.marks.order is None else attempt,
        terms=TERMS_UNKNOWN,
        fingerprint="",
        made_at=made,
        state="known",
        object_id=one.id,
        object_status=one.status,
        status_at=now,
        first_sent_at=made,
        last_sent_at=made,
        answered_at=made,
        secret_at=made,
        outcome=TAKEN_IN,
    )


def _add_row(made: Intent, rows: Sequence[Intent], now: float) -> Step[bool]:
    """Insert a row, closing all but the latest attempt, return True; False if it exists or one is held.

    The others are closed and not judged: whoever made the later attempt had judged the earlier, but that
    may have been another service, about a session of its own.
    """
    attempt, open_ = made.attempt or 0, [row for row in rows if row.closed_at is None]
    if any((row.attempt or 0) > attempt for row in open_):
        made = made.evolved(closed_at=now, due_at=now)
    earlier = [row for row in open_ if (row.attempt or 0) < attempt]
    if any(row.is_held for row in earlier):
        return False
    for row in earlier:
        known = (
            {"outcome": row.outcome or TAKEN_IN, "due_at": now}
            if row.object_id
            else {"due_at": None}
        )
        yield from save_intent(row.evolved(closed_at=now, **known), was=row.holder)
    return bool((yield sql.INTENT_ADD(**made.row)))
