"""Changes the tables, one transaction a step; every step may be run twice. No I/O of its own."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import attrs
from zerogate._reconciliation.session_history import ONCE_MORE, seen_so_far

from .._encryption import FieldCipher, NotOpened
from .._erasing import event_place
from .._journal import steps as journal
from .._journal.leases import UNNAMED, Lease, LeaseClock
from .._journal.statements import Rows
from .._journal.told_by_events import identify
from .._scope import Scope
from .._store import Step
from . import statements as sql
from .backoff import LONGEST, RAIL_LIFE, SESSION_LIFE, WATCHED
from .contents import facts_kept
from .event_rows import look_row, other_row
from .ordering import next_turn
from .payment_state import STATUSES, EventState, Standing
from .records import CREATES, MADE, ClaimedSubject, Read, StoredEvent, data_of


@attrs.frozen
class EventScope(Scope):
    """Account, mode and namespace of the events, and the sealer of their bodies.

    sealer: Of the store; with an encryption key, bodies are kept for nobody who has it not.
    """

    sealer: FieldCipher = attrs.field(factory=lambda: FieldCipher(None), repr=False, eq=False)


def _covered(scope: EventScope, row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a row with the scope's columns, its body encrypted where there is a key."""
    values = scope.values | dict(row)
    if row["body"] is not None and scope.sealer.is_keyed:
        place = event_place(scope, row["signed"], row["id"])
        values["body"] = scope.sealer.cover(row["body"], place)
    return values


def _uncovered(scope: EventScope, signed: str, id: str, kept: bytes | None) -> bytes | None:
    """Return a kept body in clear, None for None; raise NotOpened where no key opens it."""
    if kept is None:
        return None
    place = event_place(scope, signed, id)
    return scope.sealer.uncover(kept, place)


def _read_event(scope: EventScope, row: Sequence[Any]) -> StoredEvent:
    """Return an event of its row, its body in clear; None and why in `closed` if it cannot be."""
    stored = StoredEvent(*row)
    try:
        return attrs.evolve(stored, body=_uncovered(scope, stored.signed, stored.id, stored.body))
    except NotOpened as exc:
        return attrs.evolve(stored, body=None, closed=str(exc))


class Lost(Exception):
    """Somebody else has taken over; what we did is undone."""


def add(scope: EventScope, rows: Iterable[Mapping[str, Any]]) -> Step[list[str]]:
    """Insert events, or fill in missing ones; return the ids of those that were new."""
    new = []
    for row in rows:
        if (yield sql.ADD(**_covered(scope, row))):
            new.append(row["id"])
    return new


def receive(
    scope: EventScope, row: Mapping[str, Any], partner: str | None, now: float
) -> Step[tuple[str, bool]]:
    """Keep an event, pin its partner; return `new`, `duplicate` or `other`, True if of the pinned one.

    The first partner that is seen is noted as the account's. Of another one it is kept as refused.

    partner: Whose it says it is; None where that is known to be right, or not said.
    """
    ours = True
    if partner is not None and row["state"] != "refused":
        yield sql.PIN(account=scope.account, mode=scope.mode, partner=partner)
        rows = yield sql.PINNED(account=scope.account, mode=scope.mode)
        ours = rows[0][0] == partner
    foreign = {} if ours else {"state": "refused", "due_at": None, "reason": "account"}
    kept = {**row, **foreign}
    if (yield from add(scope, [kept])):
        return "new", ours
    if kept["state"] == "refused" or not (yield from _says_other(scope, kept)):
        return "duplicate", ours
    new = yield from add(scope, [other_row(kept, now)])
    return "other" if new else "duplicate", ours


def _says_other(scope: EventScope, row: Mapping[str, Any]) -> Step[bool]:
    """Return True if the kept row of this id has other facts; False too where that one was refused."""
    rows = yield sql.ON_FILE(**scope.values, signed=row["signed"], id=row["id"])
    type, subject, body, less, state = rows[0]
    if state == "refused":
        return False
    try:
        kept = facts_kept(type, _uncovered(scope, row["signed"], row["id"], body))
    except NotOpened:
        kept = None
    if kept is None:
        return bool((type, subject) != (row["type"], row["subject"]))
    return kept != facts_kept(row["type"], row["body"], less=bool(less))


def claim(
    scope: EventScope, *, holder: str, now: float, lease: Lease, strict: bool
) -> Step[ClaimedSubject | None]:
    """Lease a subject with an event due, else None; put off blocked ones, give a lost write its id."""
    moved = True
    while moved:
        moved = False
        waiting = yield sql.WAITING(**scope.values, now=now, **lease.clock.listing_values)
        subjects = list({row[0]: row[1] for row in waiting}.items())
        # Each worker begins somewhere else, or all would reach for the same one.
        first = int(holder, 16) % len(subjects) if subjects else 0
        for subject, kind in subjects[first:] + subjects[:first]:
            rows = yield from _claim_subject(scope, subject, kind, holder, lease)
            if not rows:
                continue
            standing = Standing(bool(rows[0][0]), bool(rows[0][1]))
            found = yield sql.EVENTS_WAITING(**scope.values, subject=subject, strict=int(strict))
            events = tuple(_read_event(scope, row) for row in found)
            due = next_turn(events, now=now, strict=strict)
            if due is None:
                clock = lease.clock
                at = now if clock.dated is None else clock.dated
                turn = ClaimedSubject(
                    holder, subject, standing, events, parked=False, journaled=False
                )
                return (yield from _completed_turn(scope, turn, at, clock))
            moved = moved or bool(events)
            yield sql.ALIGN(**scope.values, subject=subject, due=due, now=now)
            yield sql.RELEASE(**scope.values, subject=subject, holder=holder)
    return None


def _claim_subject(
    scope: EventScope, subject: str, kind: str, holder: str, lease: Lease
) -> Step[Rows]:
    """Lease one subject and return a row of its standing; no row where another holds it."""
    values = {**scope.values, "subject": subject, "holder": holder} | lease.values
    is_free = lease.clock.name == UNNAMED
    if is_free:
        for was, until in (yield sql.SUBJECT_HELD(**scope.values, subject=subject)):
            other = lease.clock.read(was, until, 0.0, lasts=lease.left)
            if other is not None and other.left > 0:
                return ()
    rows = yield sql.SUBJECT_CLAIM(**values, is_free=int(is_free))
    return rows or (yield sql.SUBJECT_ADD(**values, kind=kind))


def _completed_turn(
    scope: EventScope, turn: ClaimedSubject, now: float, clock: LeaseClock
) -> Step[ClaimedSubject]:
    """Return the turn, its parked, journaled and standing filled in; may give our write its id."""
    subject, standing = turn.subject, turn.standing
    parked = yield sql.PARKED_HERE(**scope.values, subject=subject)
    known = yield sql.JOURNALED(**scope.values, subject=subject, parent=turn.events[0].parent)
    for id, status in known:
        if id == subject:
            # A cancel of ours is evidence too, and may be the only one that is left.
            standing = standing.joined(STATUSES.get(status, "note"))
    journaled = bool(known)
    if all(id != subject for id, _ in known):
        journaled = (yield from _note_own_write(scope, turn, now, clock)) or journaled
    return attrs.evolve(turn, standing=standing, parked=bool(parked), journaled=journaled)


def _note_own_write(
    scope: EventScope, turn: ClaimedSubject, now: float, clock: LeaseClock
) -> Step[bool]:
    """Give our write, whose answer was lost, the id that an event tells; return True if one is ours."""
    for stored in turn.events:
        operation, told = CREATES.get(stored.kind), data_of(stored)
        if operation is not None and told is not None:
            return (yield from identify(scope, operation, turn.subject, told, now, clock))
    return False


def known_of(
    scope: EventScope, stored: StoredEvent, read: Read, *, grace: float, now: float, ahead: float
) -> Step[dict[str, Any]]:
    """Return terms for `outcome`: namespace, ends, secret; note a new end and queue a look.

    now: By Gate's clock; a session that reads ended for the first time ended now at the latest.
    ahead: Seconds that the time by which events are due is ahead of that.
    """
    terms: dict[str, Any] = {"namespace": scope.namespace, "late_payment_grace": grace}
    operation = CREATES.get(stored.kind)
    if operation is None:
        return terms
    rows: list[journal.Intent] = []
    if stored.order is not None:
        rows = yield from journal.of_order(scope, operation, stored.order)
    if stored.kind != "session":
        return terms | {"recorded": any(row.object_id == stored.subject for row in rows)}
    terms |= yield from _ends_of(scope, stored, read, rows, now)
    # An attempt that made way for another is no news by ending; a payment on it is, by the sweep.
    made_way = any(row.object_id == stored.subject and row.closed_at is not None for row in rows)
    end = terms.get("ended_at")
    if end is not None and terms.get("secret_out", True) and not made_way:
        yield from _queue_again(scope, stored, end.timestamp() + grace, now, ahead)
    return terms


def _ends_of(
    scope: EventScope, stored: StoredEvent, read: Read, rows: Sequence[journal.Intent], now: float
) -> Step[dict[str, Any]]:
    """Return terms of a session's end, by event or first read; note a status that is new."""
    history = seen_so_far(rows, read.record, now=now)
    if history.is_news:
        yield from journal.note_status(scope, stored.subject, str(read.record.status), now)
    told = yield sql.ENDED(**scope.values, subject=stored.subject)
    at = told[0][0]
    ended = str(read.record.status) in ("expired", "cancelled") and at is not None
    return dict(history.terms) | ({"ended_at": datetime.fromtimestamp(at, UTC)} if ended else {})


def _queue_again(
    scope: EventScope, stored: StoredEvent, over: float, now: float, ahead: float
) -> Step[None]:
    """Queue a look at a session for *ahead* seconds after *over*; do nothing if *over* is past."""
    if over > now:
        row = look_row(
            "session", stored.subject, stored.order, ("over",), mode=scope.mode, now=over
        )
        yield sql.ADD(**_covered(scope, row | {"due_at": over + ahead}))


def open_effect(scope: EventScope, turn: ClaimedSubject, *, lease: Lease) -> Step[None]:
    """Renew our lease on the subject, its row locked until the commit; raise Lost if not our lease."""
    values = scope.values | {"subject": turn.subject, "holder": turn.holder}
    if not (yield sql.FENCE(**values, **lease.values)):
        raise Lost


def close_effect(
    scope: EventScope,
    turn: ClaimedSubject,
    stored: StoredEvent,
    standing: Standing,
    *,
    now: float,
    reason: str | None,
) -> Step[None]:
    """Mark an event as done and write the standing; raise Lost where it was done before."""
    done = yield sql.DONE(
        **scope.values,
        signed=stored.signed,
        id=stored.id,
        now=now,
        attempts=stored.attempts + 1,
        reason=reason,
    )
    if not done:
        raise Lost
    yield sql.STANDS(
        **scope.values,
        subject=turn.subject,
        holder=turn.holder,
        succeeded=int(standing.succeeded),
        ended=int(standing.ended),
    )


def finish(
    scope: EventScope,
    turn: ClaimedSubject,
    stored: StoredEvent,
    standing: Standing,
    *,
    now: float,
    lease: Lease,
    reason: str | None = None,
) -> Step[None]:
    """Mark an event as done and write the standing; raise Lost if the lease is not ours or it was done."""
    yield from open_effect(scope, turn, lease=lease)
    yield from close_effect(scope, turn, stored, standing, now=now, reason=reason)


def put_off(
    scope: EventScope,
    turn: ClaimedSubject,
    stored: StoredEvent,
    *,
    state: str,
    attempts: int,
    due: float | None,
    reason: str,
) -> Step[None]:
    """Write an event's state, tries, due time and reason; do nothing if it is done or not leased by us."""
    yield sql.PUT_OFF(
        **scope.values,
        signed=stored.signed,
        id=stored.id,
        holder=turn.holder,
        state=state,
        attempts=attempts,
        due=due,
        reason=reason,
    )


def release(scope: EventScope, turn: ClaimedSubject) -> Step[None]:
    """Give up our lease on a subject; do nothing where another holds it."""
    yield sql.RELEASE(**scope.values, subject=turn.subject, holder=turn.holder)


def again(scope: EventScope, id: str, *, was: str, routed: bool, now: float) -> Step[bool]:
    """Make an event in state *was* pending and due now, return True; False where there is none."""
    rows = yield sql.AGAIN(
        **scope.values, signed=scope.mode, id=id, was=was, routed=int(routed), now=now
    )
    return bool(rows)


def events_in(scope: EventScope, state: EventState, most: int) -> Step[list[StoredEvent]]:
    """Return up to *most* events in a state, the first received first."""
    rows = yield sql.KEPT(**scope.values, state=state, most=most)
    return [_read_event(scope, row) for row in rows]


def about(scope: EventScope, subject: str) -> Step[list[StoredEvent]]:
    """Return up to 200 events about a subject as they happened; none of refused and test."""
    rows = yield sql.EVENTS_ABOUT(**scope.values, subject=subject)
    return [_read_event(scope, row) for row in rows]


def heard_of(scope: EventScope, since: float) -> Step[list[tuple[str, str]]]:
    """Return (kind, id) of the sessions and rails of events that happened since then, sorted."""
    return [(row[0], row[1]) for row in (yield sql.HEARD_OF(**scope.values, since=since))]


def measure(scope: EventScope) -> Step[tuple[dict[str, int], float | None]]:
    """Return counts by state, and when the oldest pending event came (Unix seconds); None: none waits."""
    counts = yield sql.COUNTS(**scope.values)
    oldest = yield sql.OLDEST(**scope.values)
    return {row[0]: row[1] for row in counts}, oldest[0][0]


def forget(scope: EventScope, before: float) -> Step[int]:
    """Erase bodies of events that came before then and are over; return how many."""
    return len((yield sql.FORGET(**scope.values, before=before)))


def not_here(scope: EventScope, ids: Iterable[str]) -> Step[dict[str, str | None]]:
    """Return those ids whose events are not here, each with None, or `missing` if that is noted."""
    found: dict[str, str | None] = {}
    for id in ids:
        rows = yield sql.FOUND(**scope.values, signed=scope.mode, id=id)
        if not rows or rows[0][0] == "missing":
            found[id] = rows[0][0] if rows else None
    return found


def silent(
    scope: EventScope, kinds: Container[str], *, now: float, most: int, at_once: bool = False
) -> Step[list[tuple[str, str, float]]]:
    """Return (id, operation, answered at) of our sessions and rails of these kinds without success, if due.

    at_once: However young they are.
    """
    oldest, ages = (
        now - WATCHED,
        {"session": SESSION_LIFE, "pay_in": RAIL_LIFE, "pay_out": RAIL_LIFE},
    )
    until = {
        kind: now - age * (not at_once) if kind in kinds else oldest for kind, age in ages.items()
    }
    rows = yield sql.SILENT(**scope.values, **until, now=now, oldest=oldest, most=most)
    return [(row[0], row[1], row[2]) for row in rows]


def lease_quarantined(
    scope: EventScope, *, now: float, until: float, most: int
) -> Step[list[StoredEvent]]:
    """Lease up to *most* due quarantined events up to time *until*, count a try of each, return them."""
    rows = yield sql.QUARANTINE_TAKE(**scope.values, now=now, until=until, most=most)
    return [_read_event(scope, row) for row in rows]


def end_quarantine(scope: EventScope, stored: StoredEvent, now: float) -> Step[None]:
    """Mark a quarantined event as done: whatever it may have told has been read."""
    yield sql.QUARANTINE_END(**scope.values, signed=stored.signed, id=stored.id, now=now)


def put_quarantine_off(scope: EventScope, stored: StoredEvent, due: float) -> Step[None]:
    """Make a quarantined event due again at *due*, as Gate could not be read."""
    yield sql.QUARANTINE_DUE(**scope.values, signed=stored.signed, id=stored.id, due=due)


def retry_quarantine(scope: EventScope, id: str, now: float) -> Step[bool]:
    """Make a quarantined event due now, return True; False where nothing of that id is in quarantine."""
    return bool((yield sql.QUARANTINE_DUE(**scope.values, signed=scope.mode, id=id, due=now)))


def known_among(
    scope: EventScope, texts: Sequence[str], now: float
) -> Step[list[tuple[str, str, float]]]:
    """Return (id, kind, answered at) for texts that are ids of payments made or heard of here."""
    found: dict[str, tuple[str, str, float]] = {}
    for first in range(0, len(texts), len(sql.ID_SLOTS)):
        page = list(texts[first : first + len(sql.ID_SLOTS)])
        page += [page[-1]] * (len(sql.ID_SLOTS) - len(page))
        slots = dict(zip(sql.ID_SLOTS, page, strict=True))
        for id, kind in (yield sql.HEARD_AMONG(**scope.values, **slots)):
            found[id] = (id, kind, now)
        for id, operation, answered in (yield sql.OURS_AMONG(**scope.values, **slots)):
            found[id] = (id, MADE[operation], answered or now)
    return list(found.values())


def superseded(
    scope: EventScope, *, now: float, grace: float, most: int
) -> Step[list[tuple[str, str, float]]]:
    """Return (id, operation, answered at) of replaced sessions due for a look; only reads.

    For as long as a second payment may show on them.
    """
    oldest = now - grace - ONCE_MORE - LONGEST
    rows = yield sql.SUPERSEDED(**scope.values, now=now, oldest=oldest, most=most)
    return [(row[0], row[1], row[2]) for row in rows]


def note_read(
    scope: EventScope, *, subject: str, kind: str, look: float, row: Mapping[str, Any] | None
) -> Step[bool]:
    """Write when an object is read next and queue *row*; return True where the row is a new one.

    row: None where it cannot be news, or could not be read.
    """
    yield sql.LOOKED(**scope.values, subject=subject, kind=kind, look=look)
    return row is not None and bool((yield sql.ADD(**_covered(scope, row))))


def look_at(scope: EventScope, subject: str) -> Step[float]:
    """Return when an object is to be looked at again; 0 where nothing is written of it."""
    return max(
        [row[0] or 0.0 for row in (yield sql.LOOK_AT(**scope.values, subject=subject))] + [0.0]
    )


def match_rows(scope: EventScope, now: float) -> Step[Sequence[str]]:
    """Make unmatched events pending whose create is recorded by now; return their ids."""
    return [row[0] for row in (yield sql.MATCHED(**scope.values, now=now))]
