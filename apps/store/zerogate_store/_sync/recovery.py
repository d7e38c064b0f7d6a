# Written by facade/unasync.py from apps/store/zerogate_store/_async/recovery.py; edit that file.
"""One run of recovery: one walk of Gate's list for all that is due, and the rest sent side by side."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from itertools import islice
from sys import intern
from typing import TYPE_CHECKING, Any, Final

import attrs
from zerogate import errors
from zerogate._durability import Recovered, Recovery
from zerogate._idempotency.answers import Anothers, Disputed
from zerogate._observers import LOG
from zerogate._reconciliation.list_search import Row, SearchResult
from zerogate._wire import models

from .._compat import sync_let_go, sync_run_in_transaction, sync_side_by_side
from .._journal import recovery_steps as steps
from .._journal import steps as journal
from .._journal.intents import CREATE_SESSION, Intent
from .._journal.recovery_steps import Begin, Begun, DueList, DueSought
from .._journal.store_loss import seconds_before_sent
from .writing import Answer

if TYPE_CHECKING:
    from .recovering import Recovering

#: Exchanges of one run at once, as long as Gate throttles none.
_AT_ONCE: Final = 16
#: Rows that are listed, or noted, in one transaction: a checkout waits for no more of them.
_ROWS: Final = 100
#: Writes after which newer pages are read again: what they made fits on one page with the row before.
_SENT_UNREAD: Final = 80
#: Seconds that are kept for recording what came of the last of them.
_RECORDING: Final = 1.0


class RecoveryRun:
    """State of one call of `recover`: the work done so far, and what it still looks for."""

    def __init__(self, of: Recovering, most: int | None, ends: float) -> None:
        self._of, self._most, self._ends = of, most, ends
        self._store, self._scope = of.store, of.scope
        self._done = Recovery()
        #: What was listed before: what is still due is not tried twice.
        self._seen: list[DueList] = []
        self._width = _AT_ONCE
        self._has_to_wait = False

    def run(self) -> Recovery:
        """Finish all that is due, each once, until time is over; return results, `left` still due counted."""
        try:
            while self._may_go_on():
                listed = self._list_due()
                if not listed.count:
                    break
                for place, sought in listed.walks.items():
                    _Walk(self, sought).run(place)
                self._finish_others(listed.others)
            self._done.left = self._count_still_due()
        except errors.StoreFailed as exc:
            if not self._done:
                raise
            LOG.warning("recovery ends early: %s", exc)
        return self._done

    def _may_go_on(self) -> bool:
        """Return True while there is time and room and first sends need not wait."""
        in_time = self._of.seconds_left(self._ends) > _RECORDING
        return in_time and self._results_wanted() > 0 and not self._has_to_wait

    def _results_wanted(self) -> int:
        """Return how many more results this run may have; a page's rows without a limit."""
        return _ROWS if self._most is None else self._most - len(self._done)

    def _now(self) -> float:
        """Return Unix seconds, the later of Gate's clock and this machine's: neither hides what is due."""
        return max(self._of.calls.sound_now(), self._of._clock.now())

    def _list_due(self) -> DueList:
        """Return and remember what is due, free and not yet seen by this run: keys, with a state's stamp."""
        listed, after = DueList(), steps.START
        self._seen.append(listed)
        while True:
            step = partial(
                steps.list_due,
                self._scope,
                now=self._now(),
                clock=self._of.leases.read(),
                after=after,
                most=_ROWS,
            )
            page = sync_run_in_transaction(self._store, step)
            for intent in page:
                if self._most is not None and listed.count + len(self._done) >= self._most:
                    return listed
                seen = any(intent in before for before in self._seen)
                if not seen and not intent.is_held:
                    listed.add(intent)
            if len(page) < _ROWS:
                return listed
            after = (page[-1].due_at or 0.0, page[-1].operation, page[-1].key)

    def _count_still_due(self) -> int:
        """Return how many intents are due that this run has not tried in vain."""
        clock, now = self._of.leases.read(), self._now()
        step = partial(steps.count_unreached, self._scope, self._done, now=now, clock=clock)
        return sync_run_in_transaction(self._store, step)

    def _add_result(
        self, row: Intent, error: errors.GateError | None = None, id: str | None = None
    ) -> None:
        """Add the result of one intent to this run's: its id, or the error in its way."""
        self._done.append(
            Recovered(
                operation=intern(row.operation),
                order=row.order_ref,
                attempt=row.attempt,
                idempotency_key=row.key,
                id=id or row.object_id,
                error=error,
                duplicates=row.duplicates,
            )
        )

    def _finish_others(self, others: Mapping[tuple[str, str], int]) -> None:
        """Finish these (operation, key) intents side by side, while there is time; add their results."""
        waiting = iter(others.items())
        while self._may_go_on() and (some := [*islice(waiting, self._width)]):
            works = [partial(self._finish, *named, stamp) for named, stamp in some]
            for results in sync_side_by_side(self._of._clock, works):
                for result in results:
                    if result is not None:
                        self._done.append(result)

    def _finish(
        self, operation: str, key: str, stamp: int, looked: SearchResult | None = None
    ) -> Recovered | None:
        """Finish one intent and return its result; None where somebody else has it, or changed it since."""
        rows = self._read_unchanged({key: stamp}, operation)
        if not rows:
            return None
        [row] = rows
        if looked is None and row.state == "known" and row.is_sought and row.findable:
            found = self._of._search.sessions([row], self._ends)
            looked = found.get(row.key)
        return self._of.finish_one(row, looked, self._ends)

    def _read_unchanged(
        self, stamps: Mapping[str, int], operation: str = CREATE_SESSION
    ) -> list[Intent]:
        """Return the intents under these keys that are still as stamped."""
        clock = self._of.leases.read()
        step = partial(steps.unchanged, self._scope, operation, stamps, clock)
        return sync_run_in_transaction(self._store, step)


class _Walk:
    """The sessions that stand at one place of the list: found, or sent again, and swept."""

    def __init__(self, run: RecoveryRun, sought: DueSought) -> None:
        self._run, self._of, self._sought = run, run._of, sought
        self._found: dict[str, int | str] = sought.found  # type: ignore[assignment]  # as DueSought fills it
        self._known = sought.known
        self._duplicates: dict[str, list[Row]] = {}
        #: Where the next reading of newer pages ends, and when it has to be.
        self._mark: str | None = None
        self._unread: int = _SENT_UNREAD
        self._looked = SearchResult()

    def run(self, place: str | None) -> None:
        """Walk the list from *place*; record what it shows, send again what it does not, then sweep."""
        half = self._of._clock.monotonic() + self._of.seconds_left(self._run._ends) / 2
        self._looked = self._of._search.walk(
            self._sought, place, half, pages=1_000_000, take=self._record_page
        )
        self._mark = self._sought.newest if place is None else None
        self._sweep()
        waiting = iter([key for key in self._found if self._stamp(key) is not None])
        while self._run._may_go_on() and (some := [*islice(waiting, self._run._width)]):
            if self._unread >= _SENT_UNREAD:
                self._read_newer()
            self._send(self._stamps_unfound(some))
        if self._known and self._run._may_go_on():
            self._read_newer()

    def _stamp(self, key: str) -> int | None:
        """Return the stamp of a key that is not found yet; None where it is found."""
        found = self._found[key]
        return found if isinstance(found, int) else None

    def _stamps_unfound(self, keys: Iterable[str]) -> dict[str, int]:
        """Return those of these keys that are not found yet, each with its stamp."""
        return {key: stamp for key in keys if (stamp := self._stamp(key)) is not None}

    def _read_newer(self) -> None:
        """Read what was listed since the last reading and record it, before more is sent on its word."""
        newer = DueSought(self._looked.began, self._sought.found, mark=self._mark)
        self._sought = newer
        looked = self._of._search.walk(
            newer, None, self._run._ends, pages=1_000_000, take=self._record_page
        )
        if looked.complete:
            self._mark, self._unread = newer.newest or self._mark, 0
            unread = self._looked.unread + looked.unread
            self._looked = attrs.evolve(self._looked, unread=unread)
            self._sweep()
        else:
            # What cannot be read now says nothing about what has been made since.
            self._looked = attrs.evolve(self._looked, hold=looked.hold, complete=False)

    def _record_page(self) -> None:
        """Record the sessions found on the page just read; keep further ones of a key as duplicates."""
        page, self._sought.page = self._sought.page, []
        fresh: dict[str, Row] = {}
        for key, row in page:
            if self._stamp(key) is not None and key not in fresh:
                fresh[key] = row
            elif self._found[key] != row["id"]:
                self._duplicates.setdefault(key, []).append(row)
        if fresh:
            self._record_found(fresh)

    def _record_found(self, fresh: Mapping[str, Row]) -> None:
        """Save intents whose session was found, in one transaction; finish others singly."""
        simple: list[tuple[Intent, str]] = []
        others: list[Intent] = []
        holder = secrets.token_hex(8)
        for row in self._run._read_unchanged(self._stamps_unfound(fresh)):
            known = self._as_known(row, fresh[row.key])
            if known is None or self._has_older_duplicate(row):
                others.append(row)
            else:
                simple.append((known.evolved(holder=holder), row.holder))
        kept = sync_run_in_transaction(self._run._store, partial(steps.save_all, simple))
        for (stands, _), is_kept in zip(simple, kept, strict=True):
            if is_kept:
                self._run._add_result(stands)
        for key, one in fresh.items():
            self._found[key] = str(one["id"])
        for row in others:
            # One of them that is older than all of its sends holds it, and then none is swept.
            more = self._duplicates.pop(row.key, []) if self._has_older_duplicate(row) else []
            looked = SearchResult(found=(fresh[row.key], *more))
            done = self._of.finish_one(row, looked, self._run._ends)
            if done is not None:
                self._run._done.append(done)

    def _has_older_duplicate(self, row: Intent) -> bool:
        """Return True where a duplicate on the list predates all sends of this write's key."""
        duplicates = self._duplicates.get(row.key, ())
        return any(seconds_before_sent(row, one) is not None for one in duplicates)

    def _as_known(self, row: Intent, one: Row) -> Intent | None:
        """Return a found write as known; None if the session is older, disputed, not ours or unreadable."""
        if row.another is not None or seconds_before_sent(row, one) is not None:
            return None
        try:
            record: Any = models.read("GateSession", one)
        except ValueError:
            return None
        now, window = self._of.calls.sound_now(), self._run._store.idempotency_window
        status = None if record.status is None else str(record.status)
        known = row.unheard().known(record.id, status, now, ambiguous=1, outcome=None)
        verdict = self._of._judge(known, record.to_dict())
        if isinstance(verdict, Anothers | Disputed):
            return None
        # Should the rest of the list show others of it, they are dealt with when it is read.
        return known.mark_swept(now, window, ())

    def _sweep(self) -> None:
        """Finish keys with duplicates; mark the other known ones as swept, or put them off."""
        duplicates, self._duplicates = self._duplicates, {}
        for key, rows in duplicates.items():
            self._known.pop(key, None)
            self._finish_duplicates(key, rows)
        known, self._known = self._known, {}
        if self._looked.complete:
            self._run_in_pages(known, self._mark_swept)
        else:
            self._run_in_pages(known, self._put_off)

    def _finish_duplicates(self, key: str, rows: list[Row]) -> None:
        """Finish a key that has duplicates; its new result takes the place of the one before."""
        found = self._of._rows_under(key)
        for row in found:
            if row.operation != CREATE_SESSION or row.is_held:
                continue
            looked = attrs.evolve(self._looked, found=tuple(rows))
            done = self._of.finish_one(row, looked, self._run._ends)
            if done is not None:
                told = self._run._done
                told[:] = [one for one in told if one.idempotency_key != key]
                told.append(done)

    def _run_in_pages(
        self, stamps: Mapping[str, int], work: Callable[[Mapping[str, int]], Any]
    ) -> None:
        """Call *work* with these stamps, as many keys at a time as a page has."""
        keys = [*stamps]
        for begin in range(0, len(keys), _ROWS):
            work({key: stamps[key] for key in keys[begin : begin + _ROWS]})

    def _mark_swept(self, stamps: Mapping[str, int]) -> None:
        """Note that attempts have no other session; add those not added before to the results."""
        step = partial(
            steps.sweep_all,
            self._run._scope,
            stamps,
            self._of.leases.read(),
            now=self._of.calls.sound_now(),
            window=self._run._store.idempotency_window,
        )
        # What is swept later was sent by this run, and told then.
        is_first = self._unread >= _SENT_UNREAD
        for row in sync_run_in_transaction(self._run._store, step):
            if is_first:
                self._run._add_result(row)

    def _put_off(self, stamps: Mapping[str, int]) -> None:
        """Note on the intents of these keys where their search goes on: the list was not read to its end."""
        rows = self._run._read_unchanged(stamps)
        later = [(row.evolved(search_cursor=self._looked.cursor), row.holder) for row in rows]
        sync_run_in_transaction(self._run._store, partial(steps.save_all, later))

    def _send(self, stamps: Mapping[str, int]) -> None:
        """Send again the writes that may be sent again, side by side, and record their answers."""
        self._of.catch_up.look(self._run._ends)
        how = Begin(
            scope=self._run._scope,
            sealer=self._run._store.sealer,
            looked=self._looked,
            lease=self._of.leases.lease(self._run._ends),
            holder=secrets.token_hex(8),
            at=self._of.moment(),
            gate_time=self._of.calls.server_now(),
            window=self._run._store.idempotency_window,
            is_echoing=self._of.is_echoing(),
        )
        begun, refused, has_to_wait = sync_run_in_transaction(
            self._run._store, partial(steps.begin_all, stamps, how)
        )
        self._run._has_to_wait = has_to_wait
        self._unread += len(begun)
        for row, error in refused:
            self._run._add_result(row, error)
        open_ = {one.sending.key: one.sending for one in begun}
        try:
            works = [partial(self._exchange_held, one) for one in begun]
            for answers in sync_side_by_side(self._of._clock, works):
                self._record(answers)
                for answer in answers:
                    open_.pop(answer.stands.key, None)
        except BaseException as exc:
            step = partial(_let_go_all, [*open_.values()], self._of.calls.sound_now())
            sync_let_go(self._run._store, step, exc)
            raise

    def _exchange_held(self, one: Begun) -> Answer:
        """Hold a begun write, send it, return the Answer; a failed send is in it, not raised."""
        with self._of.leases.hold(sends=False) as hold:
            hold.take(one.sending)
            call = self._of._call(one.sending, one.body)
            return self._of.exchange(call, one.sending, one.was, self._run._ends, handed_out=False)

    def _record(self, answers: list[Answer]) -> None:
        """Save and report answers; change how many calls run at once: half after a 429, else one more."""
        kept: list[bool | None]
        try:
            if self._of._partner is None:
                raise errors.StoreFailed("the label is not pinned yet")
            step = partial(steps.record_all, [one.stands for one in answers], None)
            kept = [one for one, _ in sync_run_in_transaction(self._run._store, step)]
        except errors.StoreFailed:
            kept = [self._of._record(one.stands, one.record, self._run._ends) for one in answers]
        for answer, is_kept in zip(answers, kept, strict=True):
            self._add_answer(answer, is_kept)
        throttled = any(one.failure is not None and one.failure.status == 429 for one in answers)
        width = self._run._width
        self._run._width = max(1, width // 2) if throttled else min(_AT_ONCE, width + 1)

    def _add_answer(self, answer: Answer, kept: bool | None) -> None:
        """Add an answer's id or error to the results, and its stamp if it is to be swept."""
        row, id, error = answer.stands, answer.stands.object_id, None
        try:
            id = (self._of.conclude_with(answer, kept, self._run._ends)).id
        except errors.GateError as exc:
            error, id = exc, getattr(exc, "id", None) or id
        self._run._add_result(row, error, id)
        self._found[row.key] = id or ""
        if kept and row.state == "known" and row.due_at is not None:
            self._known[row.key] = steps.stamp_of(row)


def _let_go_all(rows: list[Intent], now: float) -> Any:
    """Let go of these intents' leases, so that others may take them now."""
    for row in rows:
        yield from journal.let_go(row, now=now, sends=False)
