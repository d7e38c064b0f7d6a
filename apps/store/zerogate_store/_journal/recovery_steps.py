"""Keeps the many due intents of a recovery, and makes the statements of its steps. Sends none.

Of an intent no more is kept than its key and a stamp until it is reached; then its row is read again,
and left alone where it has changed since.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from itertools import zip_longest
from sys import intern
from typing import Any

import attrs
from zerogate._durability import Recovered
from zerogate._reconciliation.list_search import Row, SearchResult, SearchTargets, sent_since
from zerogate.errors import GateError

from .._encryption import FieldCipher, NotOpened
from .._scope import Scope
from . import statements as sql
from .decisions import not_usable, unknown, why_not_again
from .intents import CREATE_SESSION, Intent
from .leases import Lease, LeaseClock
from .moments import Moment
from .statements import Step
from .steps import body_of, record, save_intent, wallet_secret
from .store_loss import Refused, read_loss, unless_forgotten

#: Where the list of what is due begins.
START: tuple[float, str, str] = (-1.0, "", "")


def stamp_of(intent: Intent) -> int:
    """Return a hash of an intent that changes as soon as anybody has worked on it.

    Of no time of a send: one that nobody could date is dated anew by each who reads it.
    """
    return hash((intent.holder, intent.state, intent.outcome, intent.due_at, intent.object_id))


@attrs.define
class DueSought(SearchTargets):
    """Targets of one walk through a list: of each key its stamp, or its object once that is known.

    known: Stamps of those whose object was known before. page: What was found since it was last emptied.
    newest: The first row. mark: A row at which it ends.
    """

    known: dict[str, int] = attrs.field(factory=dict)
    page: list[tuple[str, Row]] = attrs.field(factory=list)
    newest: str | None = None
    mark: str | None = None

    def take(self, rows: Sequence[Row], *, back_to: float) -> bool:
        """Note one page; return True where it is the last one needed, by age or by the mark."""
        if self.newest is None and rows:
            self.newest = str(rows[0]["id"])
        is_over = SearchTargets.take(self, rows, back_to=back_to)
        return is_over or (self.mark is not None and any(row["id"] == self.mark for row in rows))

    @classmethod
    def empty(cls) -> DueSought:
        """Return targets of a walk for which no key is looked for yet."""
        return cls(float("inf"), {})

    def add(self, intent: Intent) -> None:
        """Add this intent's key to those looked for, and look as far back as it was sent."""
        found: Any = self.found
        if intent.object_id is None:
            found[intent.key] = stamp_of(intent)
        else:
            found[intent.key] = intent.object_id
            self.known[intent.key] = stamp_of(intent)
        self.since = min(self.since, sent_since(intent))

    def _note_found(self, key: str, id: str, row: Row) -> None:
        """Keep the row that was found for a key, in `page`."""
        self.page.append((key, row))


@attrs.define
class DueList:
    """All that is due, as little of each as can be.

    walks: Of sessions that a list may show, by where the search of them goes on. others: Stamps of what no
    list is walked for, by operation and key.
    """

    walks: dict[str | None, DueSought] = attrs.field(factory=dict)
    others: dict[tuple[str, str], int] = attrs.field(factory=dict)
    count: int = 0

    def __contains__(self, intent: Intent) -> bool:
        if (intent.operation, intent.key) in self.others:
            return True
        walks = self.walks.values() if intent.operation == CREATE_SESSION else ()
        return any(intent.key in walk.found for walk in walks)

    def add(self, intent: Intent) -> None:
        """Count the intent and keep its stamp: in a walk if a list may show it, else in others."""
        self.count += 1
        seen = intent.object_id is not None and intent.state == "sent"
        if (
            intent.operation != CREATE_SESSION
            or not intent.findable
            or not intent.is_sought
            or seen
        ):
            self.others[intern(intent.operation), intent.key] = stamp_of(intent)
            return
        place = intent.search_cursor
        if place not in self.walks:
            self.walks[place] = DueSought.empty()
        self.walks[place].add(intent)


def list_due(
    scope: Scope, *, now: float, clock: LeaseClock, after: tuple[float, str, str], most: int
) -> Step[list[Intent]]:
    """Return up to *most* intents that are due and held by nobody, due for longest first."""
    due_at, operation, key = after
    values = scope.values | {"now": now, "most": most} | clock.listing_values
    place = {"after": due_at, "after_operation": operation, "after_key": key}
    return [Intent.read(row, clock) for row in (yield sql.INTENTS_DUE(**values, **place))]


def count_unreached(
    scope: Scope, done: Sequence[Recovered], *, now: float, clock: LeaseClock
) -> Step[int]:
    """Return how many intents are due and held by nobody, without those that have an error in *done*."""
    [[count]] = yield sql.INTENTS_DUE_COUNT(**scope.values, now=now, **clock.listing_values)
    failed = [one for one in done if one.error is not None]
    for operation in {one.operation for one in failed}:
        keys = [one.idempotency_key for one in failed if one.operation == operation]
        # One that was rejected, or is put off, is not among those that were counted.
        for row in (yield from _among(scope, operation, keys, clock)).values():
            count -= row.due_at is not None and row.due_at <= now and not row.is_held
    return max(0, int(count))


def unchanged(
    scope: Scope, operation: str, stamps: Mapping[str, int], clock: LeaseClock
) -> Step[list[Intent]]:
    """Return the intents of these stamps that nobody holds and nobody has worked on since."""
    found = yield from _among(scope, operation, [*stamps], clock)
    rows = [found[key] for key in stamps if key in found]
    return [row for row in rows if stamp_of(row) == stamps[row.key] and not row.is_held]


def _among(
    scope: Scope, operation: str, keys: Sequence[str], clock: LeaseClock
) -> Step[dict[str, Intent]]:
    """Return the intents of an operation under these keys, by key."""
    found: dict[str, Intent] = {}
    for begin in range(0, len(keys), len(sql.KEY_SLOTS)):
        slots = zip_longest(sql.KEY_SLOTS, keys[begin : begin + len(sql.KEY_SLOTS)])
        named = {slot: keys[begin] if key is None else key for slot, key in slots}
        values = named | {"operation": operation} | scope.values | clock.values
        rows = [Intent.read(row, clock) for row in (yield sql.INTENTS_AMONG(**values))]
        found |= {row.key: row for row in rows}
    return found


def save_all(rows: Iterable[tuple[Intent, str]]) -> Step[list[bool]]:
    """Save intents; return for each True if it was still held by the name beside it."""
    kept = []
    for row, was in rows:
        kept.append((yield from save_intent(row, was=was)))
    return kept


def sweep_all(
    scope: Scope, stamps: Mapping[str, int], clock: LeaseClock, *, now: float, window: float
) -> Step[list[Intent]]:
    """Mark unchanged attempts as having no other session on the list; return those saved."""
    done = []
    for row in (yield from unchanged(scope, CREATE_SESSION, stamps, clock)):
        stands = row.mark_swept(now, window, ())
        if (yield from save_intent(stands, was=row.holder)):
            done.append(stands)
    return done


@attrs.frozen
class Begun:
    """A write that is marked as sent. was: As it stood before."""

    was: Intent
    sending: Intent
    body: bytes = attrs.field(repr=False)


@attrs.frozen
class Begin:
    """Terms on which writes in doubt are sent again that a search has not found."""

    scope: Scope
    sealer: FieldCipher
    looked: SearchResult
    lease: Lease
    holder: str
    at: Moment
    gate_time: float
    window: float
    is_echoing: bool


def begin_all(
    stamps: Mapping[str, int], how: Begin
) -> Step[tuple[list[Begun], list[tuple[Intent, GateError]], bool]]:
    """Mark unchanged writes as sent; return those, the refused with errors, and True if all must wait.

    Returns those; the ones that may not be sent, and why; and whether all have to wait, for the store has
    forgotten.
    """
    begun: list[Begun] = []
    refused: list[tuple[Intent, GateError]] = []
    # Once for all of them: whoever writes meanwhile waits for this transaction.
    loss, secret = (yield from read_loss(how.scope)), (yield from wallet_secret())
    now = how.at.now
    for row in (yield from unchanged(how.scope, CREATE_SESSION, stamps, how.lease.clock)):
        body, why = yield from _body_or_why(row, how.sealer, secret)
        why = why or why_not_again(row, how.looked, now, how.window, how.is_echoing)
        if body is None or why:
            stands = row.doubtful(now, why, search_cursor=how.looked.cursor)
            if (yield from save_intent(stands, was=row.holder)):
                refused.append(
                    (stands, not_usable(row, why) if body is None else unknown(row, why))
                )
            continue
        taken = row.taken(how.holder, how.lease)
        sending = taken.again(
            how.holder, how.lease, how.at, anew=not row.is_trusted(now, how.window)
        )
        save = partial(save_intent, sending, was=row.holder)
        if loss is None:
            is_saved = yield from save()
        else:
            admitted = yield from unless_forgotten(
                sending,
                save,
                new_order=False,
                remembered=False,
                now=now,
                gate_time=how.gate_time,
            )
            if isinstance(admitted, Refused):
                return begun, refused, True
            is_saved = admitted.result
        if is_saved:
            begun.append(Begun(sending.evolved(outcome=taken.outcome), sending, body))
    return begun, refused, False


def _body_or_why(
    row: Intent, sealer: FieldCipher, secret: str | None
) -> Step[tuple[bytes | None, str]]:
    """Return an intent's body and ''; None and why where it was changed or erased."""
    try:
        body = yield from body_of(row, sealer, secret=secret)
    except NotOpened as exc:
        return None, f"{exc}; nothing of it is sent"
    return body, "" if body is not None else "its body was erased, and it is not found"


def record_all(
    stands: Sequence[Intent], partner: str | None
) -> Step[list[tuple[bool, str | None]]]:
    """Save intents in one transaction; return for each if saved, and the account's partner."""
    kept = []
    for row in stands:
        kept.append((yield from record(row, partner)))
    return kept
