# Written by facade/unasync.py from apps/store/zerogate_store/_async/maintenance.py; edit that file.
"""Finds gaps in the events, and things that no event came for. Reads; the handler acts."""

from __future__ import annotations

import logging
from collections.abc import Container, Iterable
from datetime import datetime
from functools import partial
from typing import Any, Final

from zerogate import GateError, GateUsageError, OutcomeUnknown, RequestRejected

from .._inbox import steps
from .._inbox.arguments import instant
from .._inbox.backoff import LOG, SESSION_LIFE, look_again, wait_before
from .._inbox.event_rows import kind_of, look_row, missing_row
from .._inbox.payment_state import PAYMENTS
from .._inbox.quarantine import object_named, texts_in
from .._inbox.reading import OF_ALL, Reading
from .._inbox.records import MADE, Gap, Missing, Read, StoredEvent, facts_of, order_of
from .._inbox.steps import EventScope
from .._store import Store, sync_run_in_transaction
from .due_times import DueTime
from .reader import GateReader

#: How many objects are read for gaps whose events cannot be had any more.
_MOST = 1000
_LOGGER: Final = logging.getLogger("zerogate.inbox")


class Maintenance:
    """Looks at Gate on behalf of one inbox."""

    def __init__(self, store: Store, scope: EventScope, reader: GateReader, time: DueTime) -> None:
        self._store, self._scope = store, scope
        self._reader, self._time = reader, time

    def missing(self, since: datetime | None) -> Missing:
        """Compare with Gate's log since then, None: 3 days; replay dead letters, read others; return gaps."""
        sent = self._read_log(self._time.now() - LOG if since is None else instant("since", since))
        absent = sync_run_in_transaction(
            self._store, lambda: steps.not_here(self._scope, list(sent))
        )
        gaps = [sent[id] for id in absent]
        replayed = [gap.event_id for gap in gaps if self._replay(gap)]
        lost = [g for g in gaps if g.event_id not in replayed and absent[g.event_id] is None]
        looked = self._look({kind_of(gap.event_type) for gap in lost}) if lost else 0
        # Noted after the reading, not before: what dies in between is found again.
        now, mode = self._time.now(), self._scope.mode
        sync_run_in_transaction(
            self._store,
            lambda: steps.add(
                self._scope,
                [missing_row(g.event_id, g.event_type, mode=mode, now=now) for g in lost],
            ),
        )
        return Missing(tuple(gaps), tuple(replayed), looked)

    def _read_log(self, since: float) -> dict[str, Gap]:
        """Return the events that Gate delivered, or gave up, since then, by event id."""
        found: dict[str, Gap] = {}
        for row in self._reader.listed(self._reader.gate.deliveries.list(limit=200), since):
            status = str(row.status)
            if status in ("succeeded", "dead_lettered") and row.event_type != "webhook.test":
                found[row.event_id] = Gap(row.event_id, row.event_type, row.id, status)
        return found

    def _replay(self, gap: Gap) -> bool:
        """Ask Gate to send a dead letter again; True if asked, False if none, refused or in doubt."""
        if gap.status != "dead_lettered":
            return False
        try:
            self._reader.asked(lambda: self._reader.gate.deliveries.replay(gap.delivery_id))
        except (RequestRejected, OutcomeUnknown, GateUsageError):
            # Somebody was faster, it is gone, or it may be on its way: its object is read instead, and the
            # next comparison tells.
            return False
        return True

    def _look(self, kinds: set[Any]) -> int:
        """Read ours of these kinds not yet succeeded, queue news; return how many were read; or ReadFailed.

        The log names no object.
        """
        reading = Reading()
        self._read_silent(reading, kinds, _MOST, at_once=True)
        return reading.ended()[0]

    def _read_silent(
        self, reading: Reading, kinds: Container[str], most: int, *, at_once: bool = False
    ) -> None:
        """Read ours of these kinds without success, due or all *at_once*; queue news, count in *reading*."""
        now = self._time.now()
        step = partial(steps.silent, self._scope, kinds, now=now, most=most, at_once=at_once)
        for id, operation, answered in sync_run_in_transaction(self._store, step):
            self._read(reading, MADE[operation], id, answered)

    def reread(self, rows: Iterable[StoredEvent], *, match: bool) -> None:
        """Read at Gate what quarantined events may be about; end quarantine, or put off what was not read."""
        for stored in rows:
            try:
                self._read_for(stored, match)
            except GateError as exc:
                _LOGGER.warning("%s stays in quarantine: %s", stored.id, exc)
                due = self._time.now() + wait_before(stored.attempts)
                step = partial(steps.put_quarantine_off, self._scope, stored, due)
            else:
                step = partial(steps.end_quarantine, self._scope, stored, self._time.now())
            sync_run_in_transaction(self._store, step)

    def _read_for(self, stored: StoredEvent, match: bool) -> None:
        """Read what an unreadable event names, else all ours without success; queue news; or ReadFailed."""
        now, reading = self._time.now(), Reading()
        texts, named = texts_in(stored.body), object_named(stored.body)
        known = sync_run_in_transaction(
            self._store, lambda: steps.known_among(self._scope, texts, now)
        )
        for id, kind, answered in known:
            self._read(reading, kind, id, answered)
        if named is not None and all(named[1] != id for id, _, _ in known):
            # Perhaps of a create that is not recorded yet, and perhaps somebody else's.
            self._read(reading, *named, now, routed=False)
        elif not known and match:
            self._look(set(PAYMENTS))
        elif not known:
            self._read_since(reading, now - SESSION_LIFE)
        reading.ended()

    def sweep(self, most: int) -> int:
        """Requeue matched events; read due and replaced objects, queue news, return how many; or ReadFailed.

        Unmatched events whose create was recorded since are pending again.
        """
        now = self._time.now()
        sync_run_in_transaction(self._store, lambda: steps.match_rows(self._scope, now))
        reading = Reading()
        self._read_silent(reading, MADE.values(), most)
        # Sessions that made way for others: one is queued only if a payment shows.
        step = partial(
            steps.superseded,
            self._scope,
            now=now,
            grace=self._store.late_payment_grace,
            most=most,
        )
        for id, operation, _ in sync_run_in_transaction(self._store, step):
            self._read(reading, MADE[operation], id, now, only_paid=True)
        return reading.ended()[1]

    def rebuild(self, since: datetime) -> int:
        """Read sessions since a day before then, and our rails; queue news, return how many or ReadFailed."""
        reading = Reading()
        self._read_since(reading, instant("since", since) - SESSION_LIFE)
        self._read_silent(reading, {*MADE.values()} - {"session"}, _MOST, at_once=True)
        return reading.ended()[1]

    def _read_since(self, reading: Reading, then: float) -> None:
        """Read this account's sessions made since *then* (Unix seconds); queue news, count in *reading*.

        Those that are not to be looked at yet come last, and last of all what was put off a moment ago:
        neighbours that cannot be read end one run, and keep none of the others from the next.
        """
        items, waiting = self._reader.gate.sessions.list(limit=100), []
        for session in self._reader.listed(items, then):
            now, step = self._time.now(), partial(steps.look_at, self._scope, session.id)
            look = sync_run_in_transaction(self._store, step)
            if look > now:
                waiting.append((look, session.id))
            else:
                self._read(reading, "session", session.id, now)
        for _, id in sorted(waiting, reverse=True):
            self._read(reading, "session", id, self._time.now())

    def _read(
        self,
        reading: Reading,
        kind: str,
        id: str,
        since: float,
        *,
        only_paid: bool = False,
        routed: bool = True,
    ) -> None:
        """Read an object, queue news; put off one that cannot be read; raise what is no fault of its own.

        only_paid: Where no transaction shows, it is no news. routed: Whether it is known to be ours.
        """
        note = partial(steps.note_read, self._scope, subject=id, kind=kind)
        try:
            read: Read = self._reader.read(kind, id)
        except GateError as exc:
            now = self._time.now()
            if not isinstance(exc, OF_ALL):
                _LOGGER.warning("%s %s is left for later: %s", kind, id, exc)
                sync_run_in_transaction(
                    self._store, partial(note, look=now + look_again(now - since), row=None)
                )
            # Put off before this may raise: the next run is not to end at the same one.
            reading.failed(exc)
            return
        now = self._time.now()
        row = look_row(
            kind,
            id,
            order_of(kind, read.record),
            facts_of(read),
            mode=self._scope.mode,
            now=now,
        ) | {"routed": int(routed)}
        step = partial(
            note,
            look=now + look_again(now - since),
            row=None if only_paid and not read.transactions else row,
        )
        reading.succeeded(news=sync_run_in_transaction(self._store, step))
