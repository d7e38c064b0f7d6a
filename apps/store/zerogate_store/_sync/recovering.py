# Written by facade/unasync.py from apps/store/zerogate_store/_async/recovering.py; edit that file.
"""Goes on with writes that a crash, an outage or a lost answer left open."""

from __future__ import annotations

import secrets
from abc import abstractmethod
from collections.abc import Mapping
from contextlib import suppress
from functools import partial
from typing import Any, Final

import attrs
from zerogate import errors
from zerogate._bulk import bulk_work
from zerogate._durability import JournalEntry, Recovered
from zerogate._idempotency.answers import Anothers
from zerogate._idempotency.identity import Marks, marks_of
from zerogate._idempotency.terms import read_kept
from zerogate._reconciliation import Outcome
from zerogate._reconciliation.list_search import Looked

from .._encryption import NotOpened
from .._journal import steps as journal
from .._journal.listings import time_of
from .._journal.steps import Intent
from .._twins import sync_transact
from .storing import GRACE, READS
from .writing import Writing

#: What a session is asked with, as far as it is money.
_TERMS: Final = (
    "amount",
    "currency",
    "flow",
    "target_token",
    "target_network",
    "wallet_address",
)


class Recovering(Writing):
    """Recovery, and the search for one write by whoever asks."""

    def recover(self, *, most: int, timeout: float) -> list[Recovered]:
        """Finish what is due; each comes to an id or to what is in its way."""
        if self.calls.read_only:
            raise errors.GateUsageError("recovery writes, and this client is read_only=True")
        ends = self._clock.monotonic() + timeout
        self.caught_up()
        if (held := self.catch_up.reported(ends)) is not None:
            return [held]
        holder = secrets.token_hex(8)
        try:
            with bulk_work():
                return self._finished(holder, most, timeout, ends)
        except BaseException as exc:
            self._let_go(holder, exc)
            raise

    def _finished(self, holder: str, most: int, timeout: float, ends: float) -> list[Recovered]:
        now = self._clock.now()
        step = partial(
            journal.due,
            self.scope,
            now=now,
            until=now + timeout + GRACE,
            holder=holder,
            most=most,
        )
        intents = sync_transact(self.store, step)
        sought = [i for i in intents if i.operation == "createSession" and i.is_sought]
        looked = self._search.sessions(sought, ends)
        return [self._recovered(one, looked.get(one.key), ends) for one in intents]

    def _recovered(self, intent: Intent, looked: Looked | None, ends: float) -> Recovered:
        id, error, outcome = intent.object_id, None, None
        try:
            if intent.state == "intended":
                id = (self._started(intent, ends, handed_out=False)).id
            elif intent.state == "sent":
                if looked is None or intent.object_id is not None:
                    looked = self._look(intent, ends)
                id = (self._concluded(intent, looked, ends, handed_out=False)).id
            elif intent.is_sought:
                # What no list can show is not looked for again.
                intent = self._cleared(intent, looked or Looked(complete=True), ends)
            if intent.is_superseded:
                intent, outcome = self._watched(intent, ends)
        except errors.GateError as exc:
            error, id = exc, getattr(exc, "id", None) or id
        return Recovered(
            operation=intent.operation,
            order=intent.order_ref,
            attempt=intent.attempt,
            idempotency_key=intent.key,
            id=id,
            error=error,
            extras=intent.extras,
            outcome=outcome,
        )

    @abstractmethod
    def _watched(self, row: Intent, ends: float) -> tuple[Intent, Outcome | None]:
        """An attempt that made way for another, read again: what shows on it after all, if anything."""

    def _started(self, intent: Intent, ends: float, *, handed_out: bool) -> Any:
        """Send for the first time what was written down, held by us already."""
        body, closed = self._opened(intent)
        if body is None:
            raise journal.not_usable(intent, closed or "its body was erased before it was sent")
        going = intent.going(self._clock.now(), anew=True)
        if not self.catch_up.admitted(going, partial(journal.saved, going), ends):
            raise journal.refusal(journal.Busy(going))
        call = self._call(going, body)
        return self._sent(call, going, intent, ends, handed_out=handed_out)

    def _cleared(self, intent: Intent, looked: Looked, ends: float) -> Intent:
        """Cancel the sessions of a known attempt that are one too many, and note them."""
        others = [one for one in looked.found if one["id"] != intent.object_id]
        if others and intent.object_id is not None:
            # It has to be there, on whatever terms, before any other is given up.
            with suppress(errors.UnexpectedAnswer):
                self._read(intent, ends)
        mine, done = [], True
        for one in others:
            older = self.catch_up.seconds_before_sent(intent, one)
            if older is not None:
                self.catch_up.note_older(str(one["id"]), older)
                continue
            mine.append(one)
            if intent.another is not None:
                # An event told of it: somebody may be paying what no list shows yet.
                continue
            if one.get("status") == "open" and time_of(one.get("created_at")) is not None:
                done = self._ended(one["id"], ends) and done
        now = self._clock.now()
        stands = intent.swept(now, self.store.idempotency_window, [str(one["id"]) for one in mine])
        if not (looked.complete and done):
            stands = attrs.evolve(stands, due_at=now, look_after=looked.cursor)
        self._recorded(stands, None, ends)
        return stands

    def send(self, intent: JournalEntry, ends: float) -> Any:
        """Send what was written down in the partner's own transaction, once that is committed."""
        call = None
        for row in sync_transact(self.store, partial(journal.found, self.scope, intent.key)):
            if row.operation != intent.operation:
                continue
            body, closed = self._opened(row)
            if body is not None:
                call = self._call(row, body)
            elif row.object_id is not None:
                return self._read(row, ends)
            elif closed:
                raise journal.not_usable(row, closed)
        if call is None:
            raise errors.GateUsageError(
                "this intent is not in the store: has the transaction that it was written in been "
                "committed, in the store's database?",
                **intent.context,
            )
        return self.write(call, ends)

    def resolve(self, key: str, operation: str | None, ends: float, id: str | None = None) -> Any:
        """The object of one write, None where there is none for certain. id: What it is known to be."""
        rows = sync_transact(self.store, partial(journal.found, self.scope, key))
        row = next((one for one in rows if operation in (None, one.operation)), None)
        if row is None:
            raise errors.GateUsageError(
                "nothing is written down under this key: another store, account, mode or namespace?",
                idempotency_key=key,
            )
        if row.object_id is not None:
            return self._read(row, ends)
        if row.state != "sent":
            return None
        if row.outcome == journal.OLDER:
            raise journal.refusal(journal.Held(row))
        if id is not None:
            return self._known_as(row, id, ends)
        row = self._held(row, ends)
        try:
            looked = self._look(row, ends)
            return self._concluded(row, looked, ends, handed_out=False)
        except BaseException as exc:
            self._let_go(row.holder, exc)
            raise

    def _known_as(self, row: Intent, id: str, ends: float) -> Any:
        """Record what somebody else has found, a webhook for one, if it carries this very write's marks."""
        record = self.calls.ask(READS[row.operation], timeout=None, until=ends, id=id)
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
        verdict = self._verdict(attrs.evolve(row, object_id=id), record.to_dict())
        if isinstance(verdict, Anothers):
            raise errors.GateUsageError(
                f"{id} is not what this write made: {verdict.why}", **row.context
            )
        return self._found(self._held(row, ends), Looked(found=(record,)), ends)

    def latest(self, order: str, ends: float) -> Intent:
        """The last attempt of an order's session, where another could follow it.

        Raises:
            NotSent: the store has forgotten, so that nothing could be sent in its place.
            GateUsageError: there is none, or it takes a person's word.
        """
        step = partial(journal.of_order, self.scope, "createSession", order)
        rows = sync_transact(self.store, step)
        if not rows:
            raise errors.GateUsageError(f"order {order!r} has no session in this store")
        self.catch_up.check_sending(rows[-1], ends)
        self.catch_up.check_replacing(rows[-1])
        return rows[-1]

    def terms(self, row: Intent, old: Any) -> Mapping[str, Any]:
        """The terms of money that a session was asked with, its wallet as it reads.

        They are the journal's; only a row that was made from what Gate has knows none.
        """
        if row.asked is None:
            return {name: getattr(old, name) or None for name in _TERMS}
        self._check_terms(row)
        kept = read_kept(row.asked, self._wallet_secret(row))
        if "wallet_address" in kept:
            # Kept as hashes, which it was compared with when it was read.
            kept["wallet_address"] = old.wallet_address
        return {name: kept.get(name) for name in _TERMS}

    def _check_terms(self, row: Intent) -> None:
        """Refuse to ask for terms that are not those which were written down.

        Raises:
            NotSent: they are not, or nobody can tell.
        """
        try:
            step = partial(journal.check_terms, row, self.store.sealer)
            sync_transact(self.store, step)
            return
        except NotOpened as exc:
            why = exc
        raise errors.NotSent(
            f"order {row.order_ref!r} is not asked for anew on the terms that are kept of it: {why}",
            **row.context,
        )
