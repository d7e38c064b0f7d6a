"""Goes on with writes that a crash, an outage or a lost answer left open."""

from __future__ import annotations

import json
import secrets
from abc import abstractmethod
from collections.abc import Mapping
from contextlib import suppress
from functools import partial
from typing import Any, Final

from zerogate import errors
from zerogate._async.rails import async_check_redeemable
from zerogate._bulk import bulk_work
from zerogate._compat import async_sleep
from zerogate._durability import JournalEntry, Recovered, Recovery
from zerogate._holds import current_hold
from zerogate._idempotency.answers import Anothers
from zerogate._idempotency.identity import Marks, marks_of
from zerogate._idempotency.terms import read_expected, read_kept
from zerogate._reconciliation import Outcome
from zerogate._reconciliation.list_search import SearchResult
from zerogate._reconciliation.quote_checks import QuoteExpectation
from zerogate._wire import operations

from .._compat import async_run_in_transaction
from .._encryption import NotOpened
from .._journal import steps as journal
from .._journal import store_loss
from .._journal.leases import YIELDS
from .._journal.listings import time_of
from .._journal.steps import Intent
from .recovery import AsyncRecoveryRun
from .writing import AsyncWriting

#: What a session is asked with, as far as it is money.
_TERMS: Final = (
    "amount",
    "currency",
    "flow",
    "target_token",
    "target_network",
    "wallet_address",
)


class AsyncRecovering(AsyncWriting):
    """Recovery, and the search for one write by whoever asks."""

    async def recover(self, *, most: int | None, timeout: float) -> Recovery:
        """Finish due writes, *most* at most, in *timeout* s; return each id or error; or GateUsageError."""
        self.calls.check_writable("recovery")
        ends = self._clock.monotonic() + timeout
        await self.record_what_waits()
        if (held := await self.catch_up.walk_or_report(ends)) is not None:
            return Recovery([held])
        with bulk_work():
            return await AsyncRecoveryRun(self, most, ends).run()

    async def finish_one(
        self, due: Intent, looked: SearchResult | None, ends: float
    ) -> Recovered | None:
        """Hold a due intent, finish it, return what became of it; None where somebody else has it by now."""
        async with self.leases.hold(sends=False) as hold:
            lease, holder = self.leases.lease(ends), YIELDS + secrets.token_hex(8)
            mine = await async_run_in_transaction(
                self.store, partial(journal.take_over, due, lease=lease, holder=holder)
            )
            if mine is None:
                return None
            hold.take(mine)
            done = await self._recover_one(mine, looked, ends)
            if done.error is not None:
                # Those that fail would be the first of every run, and with a limit the only ones.
                with suppress(errors.StoreFailed):
                    await hold.put_off()
            return done

    async def _recover_one(
        self, intent: Intent, looked: SearchResult | None, ends: float
    ) -> Recovered:
        """Finish an intent we hold, cancel its duplicates; return its id, or the GateError in its way."""
        id, error, outcome = intent.object_id, None, None
        try:
            if intent.state == "intended":
                id = (await self._start(intent, ends, handed_out=False)).id
            elif intent.state == "sent":
                intent = await self._date_first_send(intent, ends)
                if looked is None or intent.object_id is not None:
                    looked = await self._look(intent, ends)
                id = (await self._conclude(intent, looked, ends, handed_out=False)).id
            elif intent.is_sought:
                # What no list can show is not looked for again.
                intent = await self._cancel_duplicates(
                    intent, looked or SearchResult(complete=True), ends
                )
            if intent.is_superseded:
                intent, outcome = await self._read_again(intent, ends)
        except errors.GateError as exc:
            error, id = exc, getattr(exc, "id", None) or id
        return Recovered(
            operation=intent.operation,
            order=intent.order_ref,
            attempt=intent.attempt,
            idempotency_key=intent.key,
            id=id,
            error=error,
            duplicates=intent.duplicates,
            outcome=outcome,
        )

    @abstractmethod
    async def _read_again(self, row: Intent, ends: float) -> tuple[Intent, Outcome | None]:
        """Read an attempt that made way, record its next look; return it and a payment's outcome, or None."""

    async def _start(self, intent: Intent, ends: float, *, handed_out: bool) -> Any:
        """Send an intent never sent yet; return its record; GateError: no body, or its quote is not right."""
        body, closed = await self._open_body(intent)
        if body is None:
            raise journal.not_usable(intent, closed or "its body was erased before it was sent")
        await self._check_expected(intent, body, ends)
        lease = self.leases.lease(ends)
        sending = intent.taken(intent.sender, lease).mark_sending(self.moment(), anew=True)
        await self._write_as_sent(intent, sending, ends)
        return await self._send_written(
            self._call(sending, body), sending, intent, ends, handed_out=handed_out
        )

    async def _check_expected(self, intent: Intent, body: bytes, ends: float) -> None:
        """Read a rail's quote before its first send; if it is not as expected, reject it by GateUsageError.

        Raises:
            GateUsageError: it is not; the write is rejected, and nothing of it is ever sent.
        """
        expected = read_expected(intent.asked)
        if expected is None or intent.state != "intended":
            return
        changed = None
        try:
            await async_run_in_transaction(
                self.store, partial(journal.check_terms, intent, self.store.sealer)
            )
        except NotOpened as exc:
            changed = str(exc)
        if changed is not None:
            raise journal.not_usable(intent, f"what was expected of its quote: {changed}")
        told = json.loads(body)
        try:
            await async_check_redeemable(
                self.calls,
                QuoteExpectation.read(expected),
                quote_id=told["quote_id"],
                gate_session_id=told.get("gate_session_id"),
                order=intent.order_ref,
                mode=self.scope.mode,
                ends=ends,
                aliases=self.aliases,
            )
            return
        except errors.GateUsageError as exc:
            refused = exc
        if current_hold() is None:
            # A caller's: `recover` holds it already.
            async with self.leases.hold(sends=False) as hold:
                mine = await self._take_over(intent, ends, hold)
                await self._reject(mine, refused, ends)
        else:
            await self._reject(intent, refused, ends)
        raise refused.with_context(**intent.context)

    async def _reject(self, mine: Intent, refused: errors.GateError, ends: float) -> None:
        """Record a write that we hold as rejected, this error as its reason."""
        stands = mine.rejected(self.calls.sound_now(), f"{type(refused).__name__}: {refused}")
        await self._record(stands, None, ends)

    async def _cancel_duplicates(self, intent: Intent, looked: SearchResult, ends: float) -> Intent:
        """Cancel other open sessions of a known attempt; return the attempt, all noted."""
        others = [one for one in looked.found if one["id"] != intent.object_id]
        if others and intent.object_id is not None:
            # It has to be there, on whatever terms, before any other is given up.
            with suppress(errors.UnexpectedAnswer):
                await self._read(intent, ends)
        mine, done = [], True
        for one in others:
            older = store_loss.seconds_before_sent(intent, one)
            if older is not None:
                await self.catch_up.note_older(str(one["id"]), older)
                continue
            mine.append(one)
            if intent.another is not None:
                # An event told of it: somebody may be paying what no list shows yet.
                continue
            if one.get("status") == "open" and time_of(one.get("created_at")) is not None:
                done = await self._cancel_unseen(one["id"], ends) and done
        now = self.calls.sound_now()
        stands = intent.mark_swept(
            now, self.store.idempotency_window, [str(one["id"]) for one in mine]
        )
        if not (looked.complete and done):
            stands = stands.evolved(due_at=now, search_cursor=looked.cursor)
        await self._record(stands, None, ends)
        return stands

    async def send(self, intent: JournalEntry, ends: float) -> Any:
        """Send a committed intent and return its record, or read it; GateUsageError: absent or rejected."""
        call = None
        for row in await self._rows_under(intent.key):
            if row.operation != intent.operation:
                continue
            body, closed = await self._open_body(row)
            if body is not None:
                await self._check_expected(row, body, ends)
                call = self._call(row, body)
            elif row.object_id is not None:
                return await self._read(row, ends)
            elif closed:
                raise journal.not_usable(row, closed)
            elif row.state == "rejected":
                raise errors.GateUsageError(
                    f"this intent was rejected, and nothing of it was sent: {row.outcome}",
                    **row.context,
                )
        if call is None:
            raise errors.GateUsageError(
                "this intent is not in the store: has the transaction that it was written in been "
                "committed, in the store's database?",
                **intent.context,
            )
        return await self.write(call, ends)

    async def resolve(
        self, key: str, operation: str | None, ends: float, id: str | None = None
    ) -> Any:
        """Return what one write made, None if surely nothing; may send it again. GateUsageError: unknown key.

        id: What its object is known to be.
        """
        pause = 0.05
        while True:
            rows = await self._rows_under(key)
            row = next((one for one in rows if operation in (None, one.operation)), None)
            if row is None or not row.is_held or self._left(ends) <= pause + 1.0:
                break
            # Whoever works on it may be about to say what came of it.
            await async_sleep(self._clock, pause)
            pause = min(1.0, pause * 2)
        if row is None:
            raise errors.GateUsageError(
                "nothing is written down under this key: another store, account, mode or namespace?",
                idempotency_key=key,
            )
        if row.outcome == journal.OLDER:
            raise journal.refusal(journal.Held(row))
        if row.object_id is not None:
            return await self._read(row, ends)
        if row.state != "sent":
            return None
        if id is not None:
            return await self._record_found(row, id, ends)
        async with self.leases.hold(sends=False) as hold:
            row = await self._date_first_send(await self._take_over(row, ends, hold), ends)
            looked = await self._look(row, ends)
            return await self._conclude(row, looked, ends, handed_out=False)

    async def _record_found(self, row: Intent, id: str, ends: float) -> Any:
        """Record and return the object of this id; GateUsageError where it is not what this write made."""
        record = await self.calls.ask(
            operations.READS[row.operation], timeout=None, until=ends, id=id
        )
        marks = marks_of(record)
        theirs = getattr(record, "reference", None) or marks.order
        other = row.order_ref is not None and theirs is not None and theirs != row.order_ref
        if row.findable:
            # The order alone is no identity: another service may number its orders alike.
            other = other or (marks != Marks() and marks.key != row.key)
        if other:
            raise errors.GateUsageError(
                f"{id} belongs to {theirs!r}, under key {marks.key}, and not to order "
                f"{row.order_ref!r} under this one",
                **row.context,
            )
        verdict = await self._judge(row.evolved(object_id=id), record.to_dict())
        if isinstance(verdict, Anothers):
            raise errors.GateUsageError(
                f"{id} is not what this write made: {verdict.why}", **row.context
            )
        async with self.leases.hold(sends=False) as hold:
            mine = await self._take_over(row, ends, hold)
            return await self._record_newest(mine, SearchResult(found=(record,)), ends)

    async def latest(self, order: str, ends: float) -> Intent:
        """Return an order's last session attempt; NotSent or GateUsageError where none could follow it.

        Raises:
            NotSent: the store has forgotten, so that nothing could be sent in its place.
            GateUsageError: there is none, or it takes a person's word.
        """
        rows = await async_run_in_transaction(
            self.store,
            partial(journal.of_order, self.scope, "createSession", order, self.leases.read()),
        )
        if not rows:
            raise errors.GateUsageError(f"order {order!r} has no session in this store")
        await self.catch_up.check_sending(rows[-1], ends)
        await self.catch_up.check_replacing(rows[-1])
        return rows[-1]

    def disputed(self, row: Intent, found: errors.UnexpectedAnswer) -> Any:
        """Return the session in *found* as it was read, if nobody has its secret; else raise *found*.

        Raises:
            UnexpectedAnswer: its secret was handed out; or its wallet differs, of which a hash is kept.
        """
        if row.disputed_at is None or not found.differs or "wallet_address" in found.differs:
            raise found
        return operations.CREATE_SESSION.read(found.raw)

    async def terms(self, row: Intent, old: Any) -> Mapping[str, Any]:
        """Return a session's kept terms of money, wallet as in *old*; without kept ones all *old*'s; NotSent.

        They are the journal's; only a row that was made from what Gate has knows none.
        """
        if row.asked is None:
            return {name: getattr(old, name) or None for name in _TERMS}
        await self._check_terms(row)
        kept = read_kept(row.asked, await self._wallet_secret(row))
        if "wallet_address" in kept:
            # Kept as hashes, which it was compared with when it was read.
            kept["wallet_address"] = old.wallet_address
        return {name: kept.get(name) for name in _TERMS}

    async def _check_terms(self, row: Intent) -> None:
        """Raise NotSent where the kept terms are not those that were written down.

        Raises:
            NotSent: they are not, or nobody can tell.
        """
        try:
            await async_run_in_transaction(
                self.store, partial(journal.check_terms, row, self.store.sealer)
            )
            return
        except NotOpened as exc:
            why = exc
        raise errors.NotSent(
            f"order {row.order_ref!r} is not asked for anew on the terms that are kept of it: {why}",
            **row.context,
        )
