# Written by facade/unasync.py from facade/zerogate/_async/journal.py; edit that file.
"""Carries journaled writes out: on disk, on the wire, on disk. What to do next is decided in `journal.py`."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable
from functools import partial
from typing import Any, Final

import attrs

from .. import errors, journal, store_loss
from .._twins import sync_sleep, sync_transact
from .._wire import models
from ..courses import Call, Course
from ..journal import Intent, Looked, Recovered, Scope
from ..keys import Identity
from ..observing import LOG
from ..outcomes import ANY_AMOUNT, ANY_ORDER, RAIL_STATUSES, outcome_of_session
from ..redeeming import unless_consumed
from .calls import Calls
from .search import Search
from .sessions import Sessions
from .store_loss import CatchUp
from .transactions import Transactions

#: Seconds of a call that are kept for recording what came of it, and for which a lease outlasts it.
_RECORDING: Final = 1.0
_GRACE: Final = 30.0
#: Seconds that `gate.send` has before `gate.recover` does it.
_INTENDED: Final = 60.0
_READS: Final = {
    "createSession": "retrieveSession",
    "createCustomer": "getCustomer",
    "createPayIn": "retrievePayIn",
    "createPayOut": "retrievePayOut",
}


class Journal:
    """The journal of one client: its account, mode and namespace in a store."""

    def __init__(self, calls: Calls, store: Any, account: str) -> None:
        settings = calls.settings
        self.store: Any = store
        self._calls, self._clock = calls, settings.clock
        self._search = Search(calls)
        self.scope: Scope = Scope(account, settings.credentials.mode, settings.namespace)
        self.catch_up: CatchUp = CatchUp(calls, store, self.scope)
        self._partner: str | None = None
        self._foreign: str | None = None
        self._late: dict[tuple[str, str], Intent] = {}

    # --- one write, as it is asked for ---

    def write(self, call: Call, ends: float) -> Any:
        """The record of a write, made once however often and from wherever it is asked for."""
        asked = self.asked(call)
        while True:
            decision = self._claimed(asked, ends, new_order=call.new_order)
            match decision:
                case journal.Send(intent, was):
                    return self._sent(call, intent, was, ends, handed_out=True)
                case journal.LookFirst(intent):
                    looked = self._look(intent, ends)
                    if looked.found and intent.operation == "createSession":
                        # Known from here on: the next turn sees whether its secret can be had.
                        self._found(intent, looked, ends)
                    else:
                        return self._concluded(intent, looked, ends, handed_out=True)
                case journal.Replay(intent):
                    return self._replayed(call, intent, ends)
                case journal.Recorded(intent):
                    return self._read(intent, ends)
                case _:
                    raise journal.refusal(decision)

    def asked(self, call: Call) -> Intent:
        """A call as an intent; refused where it may not be kept, or the account is another one."""
        if self._foreign is not None:
            raise errors.GateUsageError(
                f"account={self.scope.account!r} is partner {self._partner} in this store, and this "
                f"key is one of partner {self._foreign}: give each account a label of its own",
                **call.context,
            )
        assert call.identity is not None
        operation, told = call.operation.id, json.loads(call.draft.body)
        terms, now = journal.terms_of(operation, told), self._clock.now()
        asked = journal.meant(self.scope, operation, call.identity, call.draft.body, terms, now)
        if journal.personal(operation, told):
            sealed = self.store.sealer.sealed(call.draft.body)
            asked = attrs.evolve(asked, body=sealed, sealed=1)
        return asked

    def due_after_intending(self) -> float:
        """When recovery takes over what was written down and never sent."""
        return self._clock.now() + _INTENDED

    def _claimed(self, asked: Intent, ends: float, *, new_order: bool) -> journal.Decision:
        """What is to be done, and by us; while somebody else works on it, wait as long as there is time."""
        pause = 0.05
        while True:
            now, holder = self._clock.now(), secrets.token_hex(8)
            step = partial(
                journal.claimed,
                asked,
                now=now,
                until=now + self._left(ends) + _GRACE,
                holder=holder,
                trust=self.store.key_trust,
            )
            decision = self._decided(asked, step, ends, new_order=new_order)
            if isinstance(decision, journal.EarlierOpen):
                self.close(decision.intent, ends)
            elif isinstance(decision, journal.Busy) and self._left(ends) > pause + _RECORDING:
                sync_sleep(self._clock, pause)
                pause = min(1.0, pause * 2)
            else:
                return decision

    def _decided(
        self, asked: Intent, step: Any, ends: float, *, new_order: bool
    ) -> journal.Decision:
        try:
            self.caught_up()
            decision: journal.Decision = self.catch_up.admitted(
                asked, step, ends, new_order=new_order
            )
            return decision
        except errors.StoreFailed as exc:
            trouble = exc
        raise errors.NotSent(
            f"{asked.operation} was not sent, for it could not be written down first ({trouble}): "
            "safe to call again",
            last_error=trouble,
            **asked.context,
        )

    def _sent(
        self, call: Call, intent: Intent, was: Intent, ends: float, *, handed_out: bool
    ) -> Any:
        """Send what is on disk, and record what came of it."""
        begun = self._clock.monotonic()
        course, record, failure = self._tried(call, ends)
        failure, definite = self._looked_into(intent, failure, call, ends)
        older = self.catch_up.seconds_older(was, record, begun)
        if older is not None:
            return self._withheld(intent, record, older, ends)
        stands = journal.after(
            intent,
            was,
            record=record,
            failure=failure,
            ambiguous=course.ambiguous,
            definite=definite,
            handed_out=handed_out,
            request_ids=course.request_ids,
            now=self._clock.now(),
        )
        kept = self._recorded(stands, record, ends)
        if failure is None:
            return self._handed_out(stands, record, kept, ends)
        raise journal.told(stands, failure)

    def _withheld(self, intent: Intent, record: Any, older: float, ends: float) -> Any:
        """A first send that something older answered: no secret, and no more of it until somebody decides."""
        self._recorded(store_loss.withheld(intent, self._clock.now()), None, ends)
        refused = store_loss.older_refusal(intent, record.id, older)
        self.catch_up.note(f"{record.id} answered a first send and is {older:.0f} s older")
        raise refused

    def _tried(self, call: Call, ends: float) -> tuple[Course, Any, errors.GateError | None]:
        course = Course(call)
        try:
            left = self._left(ends)
            until = ends - min(_RECORDING, left / 4)
            return course, self._calls.carry_out(course, until), None
        except errors.GateError as exc:
            return course, None, exc

    def _looked_into(
        self, intent: Intent, failure: errors.GateError | None, call: Call, ends: float
    ) -> tuple[errors.GateError | None, bool]:
        """A 409 may speak of this very write: on a rail its quote tells, on a customer its code does."""
        if not isinstance(failure, errors.Conflict) or intent.operation == "createSession":
            return failure, False
        if intent.operation not in journal.RAILS:
            return failure, True
        try:
            id = json.loads(call.draft.body)["quote_id"]
            quote = self._calls.ask("retrieveSignedQuote", timeout=None, until=ends, id=id)
        except errors.GateError:
            return failure, False
        failure = unless_consumed(quote, failure)
        return failure, isinstance(failure, errors.Conflict)

    def _handed_out(self, stands: Intent, record: Any, kept: bool | None, ends: float) -> Any:
        """What the caller gets: a secret only where it is on disk that they do, or the disk is broken."""
        if kept is None:
            return _warned(record, "not recorded yet: the store failed; recover() will find it")
        if self._foreign is not None:
            return _warned(
                record, f"of partner {self._foreign}, not the one of this account's label"
            )
        if kept or self.catch_up.put_back(stands):
            return record
        row = self._now(stands)
        if row.object_id is None:
            raise journal.refusal(journal.Busy(row))
        if row.object_id == record.id:
            return record
        self._ended(record.id, ends)
        return self._read(row, ends)

    def _replayed(self, call: Call, intent: Intent, ends: float) -> Any:
        """Ask once more under the same key, for the secret; whatever else that brings is undone."""
        course, record, failure = self._tried(call, ends)
        assert intent.object_id is not None
        same = record is not None and record.id == intent.object_id
        more: dict[str, Any] = {"ambiguous": int(course.ambiguous or intent.ambiguous)}
        if record is not None and not same:
            more = {"ambiguous": 1, "extras": (*intent.extras, record.id)}
        if isinstance(failure, errors.UnexpectedAnswer):
            more["ambiguous"] = 1
        secret = same and bool(getattr(record, "client_secret", None))
        stands = intent.known(
            intent.object_id, intent.object_status, self._clock.now(), secret=secret, **more
        )
        kept = self._recorded(stands, record, ends)
        if same:
            return self._handed_out(stands, record, kept, ends)
        if record is not None:
            self._ended(record.id, ends)
        elif not isinstance(failure, errors.RequestRejected):
            raise failure or journal.refusal(journal.Busy(stands))
        return self._read(stands, ends)

    def _read(self, intent: Intent, ends: float) -> Any:
        """An object as it reads now; a session has no secret then."""
        operation = _READS[intent.operation]
        record = self._calls.ask(operation, timeout=None, until=ends, id=intent.object_id)
        if intent.operation == "createSession":
            return models.read("CreatedGateSession", record.to_dict())
        return record

    # --- what nobody knows the outcome of ---

    def _look(self, intent: Intent, ends: float) -> Looked:
        return self._search.of(intent, json.loads(self._bytes(intent) or b"{}"), ends)

    def _found(self, intent: Intent, looked: Looked, ends: float) -> Any:
        """Record the newest of what was found; the others are dealt with when its turn comes."""
        newest, *others = looked.found
        status = None if getattr(newest, "status", None) is None else str(newest.status)
        known = intent.known(
            newest.id,
            status,
            self._clock.now(),
            ambiguous=1,
            extras=tuple(one.id for one in others),
            look_after=looked.cursor,
        )
        if not self._recorded(known, newest, ends):
            raise journal.refusal(journal.Busy(intent))
        return newest

    def _concluded(self, intent: Intent, looked: Looked, ends: float, *, handed_out: bool) -> Any:
        """What a write in doubt came to, sent again where that cannot be a second one for long."""
        if looked.found:
            return self._found(intent, looked, ends)
        now, body = self._clock.now(), self._bytes(intent)
        trusted = now - (intent.trusted_from or 0.0) < self.store.key_trust
        why = looked.hold or ""
        if body is None:
            why = why or "its body was erased, and it is not found"
        elif not (trusted or looked.complete):
            why = why or "not found so far, and its key is not trusted any more"
        if body is None or why:
            self._recorded(intent.doubtful(now, why, look_after=looked.cursor), None, ends)
            raise journal.unknown(intent, why)
        until = now + self._left(ends) + _GRACE
        # Whoever sent it before may have died before it could say so.
        doubted = attrs.evolve(intent, ambiguous=1, lease_until=until, due_at=until)
        going = doubted.going(now, anew=not trusted)
        if not self.catch_up.admitted(going, partial(journal.saved, going), ends):
            raise journal.refusal(journal.Busy(going))
        call = self._call(going, body)
        return self._sent(call, going, going, ends, handed_out=handed_out)

    def _bytes(self, intent: Intent) -> bytes | None:
        if intent.body is None or not intent.sealed:
            return intent.body
        opened: bytes | None = self.store.sealer.opened(intent.body)
        return opened

    def _call(self, intent: Intent, body: bytes) -> Call:
        """The call of an intent: its key, and its bytes as they were."""
        identity, told = Identity(intent.order_ref, intent.attempt, intent.key), json.loads(body)
        call = self._calls.call(intent.operation, timeout=None, body=told, identity=identity)
        return attrs.evolve(call, draft=attrs.evolve(call.draft, body=body))

    # --- the end of attempts ---

    def close(self, row: Intent, ends: float) -> None:
        """Note that an attempt is over, so that another may be made.

        Raises:
            AttemptOpen: it is not, or is not known to be.
        """
        if row.lease_until > self._clock.now():
            raise journal.refusal(journal.EarlierOpen(row))
        if row.outcome == journal.OLDER:
            raise journal.refusal(journal.Held(row))
        if row.state == "sent":
            row = self._settled(row, ends)
        session = None
        if row.state == "known":
            row, session, why, wait = self._over(row, ends)
            if why is not None:
                raise errors.AttemptOpen(
                    f"order {row.order_ref!r}, attempt {row.attempt} is not over: {why}",
                    session=session,
                    retry_after=wait,
                    **row.context,
                )
        if row.state in ("intended", "rejected"):
            raise journal.refusal(journal.EarlierOpen(row))
        now, holder = self._clock.now(), secrets.token_hex(8)
        closed = attrs.evolve(row, closed_at=now, holder=holder)
        sync_transact(self.store, partial(journal.saved, closed, was=row.holder))

    def _settled(self, row: Intent, ends: float) -> Intent:
        """An attempt in doubt, looked for and never sent: known, absent, or still in doubt."""
        mine = self._held(row, ends, journal.EarlierOpen)
        looked = self._look(mine, ends)
        if looked.found:
            self._found(mine, looked, ends)
            return self._now(mine)
        now = self._clock.now()
        gone = looked.complete and mine.operation == "createSession"
        if not gone or now - (mine.trusted_from or 0.0) < self.store.key_trust:
            self._recorded(mine.doubtful(now, None, look_after=looked.cursor), None, ends)
            raise journal.refusal(journal.EarlierOpen(mine))
        absent = attrs.evolve(mine, state="absent", body=None).swept(now, self.store.key_trust, ())
        self._recorded(absent, None, ends)
        return absent

    def _over(self, row: Intent, ends: float) -> tuple[Intent, Any, str | None, float | None]:
        """Why an attempt may still succeed, if it may: by all of its objects and what was paid on them."""
        assert row.object_id is not None
        if row.operation != "createSession":
            rail = self._calls.ask(
                _READS[row.operation], timeout=None, until=ends, id=row.object_id
            )
            over = RAIL_STATUSES.get(str(rail.status)) == "failure"
            return row, None, None if over else f"it is {rail.status}", None
        now = self._clock.now()
        if not self.catch_up.may_be_replaced(row):
            return row, None, store_loss.REPLACED_BY_WORD, None
        for id in row.extras if row.outcome != store_loss.TAKEN_IN else ():
            self._ended(id, ends)
        session: Any = None
        for id in (*row.extras, row.object_id):
            session = self._calls.ask("retrieveSession", timeout=None, until=ends, id=id)
            listed = Transactions(self._calls).list(session_id=id)
            outcome = outcome_of_session(
                session,
                [one for one in listed],
                expect=ANY_AMOUNT,
                order=ANY_ORDER,
                now=now,
                statuses=self.store.statuses,
            )
            if not outcome.may_retry:
                return row, session, f"{outcome.reason}. {outcome.next_step}", None
        status = str(session.status)
        if row.object_status != status or row.status_at is None:
            row = attrs.evolve(row, object_status=status, status_at=now)
            sync_transact(self.store, partial(journal.saved, row))
        assert row.status_at is not None
        ended = session.expires_at.timestamp() if status == "expired" else row.status_at
        wait = min(ended, row.status_at) + self.store.quiet - now
        if row.secret_at is not None and wait > 0:
            why = f"it is {status}, and a payment that had begun may show {wait:.0f} s from now"
            return row, session, why, wait
        return row, session, None, None

    def _ended(self, id: str, ends: float) -> bool:
        """Cancel a session that nobody has the secret of; not one that somebody pays all the same."""
        try:
            rows = self._calls.ask(
                "listTransactions", timeout=None, until=ends, session_id=id, limit=1
            )
            if not rows.data:
                Sessions(self._calls).cancel(id, timeout=max(0.1, self._left(ends)))
        except errors.AlreadyTerminal:
            return True
        except errors.GateError as exc:
            LOG.warning("session %s is one too many and could not be cancelled yet: %s", id, exc)
            return False
        return True

    # --- recovery ---

    def recover(self, *, most: int, timeout: float) -> list[Recovered]:
        """Finish what is due; each comes to an id or to what is in its way."""
        if self._calls.settings.read_only:
            raise errors.GateUsageError("recovery writes, and this client is read_only=True")
        ends = self._clock.monotonic() + timeout
        self.caught_up()
        if (held := self.catch_up.reported(ends)) is not None:
            return [held]
        now = self._clock.now()
        step = partial(
            journal.due,
            self.scope,
            now=now,
            until=now + timeout + _GRACE,
            holder=secrets.token_hex(8),
            most=most,
        )
        intents = sync_transact(self.store, step)
        sought = [i for i in intents if i.operation == "createSession" and i.state != "intended"]
        looked = self._search.sessions(sought, ends)
        return [self._recovered(one, looked.get(one.key), ends) for one in intents]

    def _recovered(self, intent: Intent, looked: Looked | None, ends: float) -> Recovered:
        id, error = intent.object_id, None
        try:
            if intent.state == "intended":
                id = (self._started(intent, ends, handed_out=False)).id
            elif intent.state == "sent":
                looked = looked or self._look(intent, ends)
                id = (self._concluded(intent, looked, ends, handed_out=False)).id
            else:
                intent = self._cleared(intent, looked or Looked(), ends)
        except errors.GateError as exc:
            error = exc
        return Recovered(
            operation=intent.operation,
            order=intent.order_ref,
            attempt=intent.attempt,
            idempotency_key=intent.key,
            id=id,
            error=error,
            extras=intent.extras,
        )

    def _started(self, intent: Intent, ends: float, *, handed_out: bool) -> Any:
        """Send for the first time what was written down, held by us already."""
        now, body = self._clock.now(), self._bytes(intent)
        if body is None:
            raise journal.unknown(intent, "its body was erased before it was sent")
        going = intent.going(now, anew=True)
        if not self.catch_up.admitted(going, partial(journal.saved, going), ends):
            raise journal.refusal(journal.Busy(going))
        call = self._call(going, body)
        return self._sent(call, going, intent, ends, handed_out=handed_out)

    def _cleared(self, intent: Intent, looked: Looked, ends: float) -> Intent:
        """Cancel the sessions of a known attempt that are one too many, and note them."""
        others = [one for one in looked.found if one.id != intent.object_id]
        done = [self._ended(one.id, ends) for one in others if str(one.status) == "open"]
        now = self._clock.now()
        stands = intent.swept(now, self.store.key_trust, [one.id for one in others])
        if not (looked.complete and all(done)):
            stands = attrs.evolve(stands, due_at=now, look_after=looked.cursor)
        self._recorded(stands, None, ends)
        return stands

    def send(self, intent: Intent, ends: float) -> Any:
        """Send what was written down in the partner's own transaction, once that is committed."""
        call = None
        for row in sync_transact(self.store, partial(journal.found, self.scope, intent.key)):
            if row.operation == intent.operation and (body := self._bytes(row)) is not None:
                call = self._call(row, body)
            elif row.operation == intent.operation and row.object_id is not None:
                return self._read(row, ends)
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
        return self._concluded(row, self._look(row, ends), ends, handed_out=False)

    def _known_as(self, row: Intent, id: str, ends: float) -> Any:
        """Record what somebody else has found, a webhook for one, if it is of the same order."""
        record = self._calls.ask(_READS[row.operation], timeout=None, until=ends, id=id)
        told = getattr(record, "metadata", None) or {}
        theirs = getattr(record, "reference", None) or told.get("order_id")
        if row.order_ref is not None and theirs != row.order_ref:
            raise errors.GateUsageError(
                f"{id} belongs to {theirs!r}, not to order {row.order_ref!r}", **row.context
            )
        return self._found(self._held(row, ends), Looked(found=(record,)), ends)

    def latest(self, order: str) -> Intent:
        """The last attempt of an order's session."""
        step = partial(journal.of_order, self.scope, "createSession", order)
        rows = sync_transact(self.store, step)
        if not rows:
            raise errors.GateUsageError(f"order {order!r} has no session in this store")
        self.catch_up.check_replacing(rows[-1])
        return rows[-1]

    def noted(self, id: str, status: str) -> None:
        """A session ended: from now on its quiet time counts."""
        step = partial(journal.status_noted, self.scope, id, status, self._clock.now())
        try:
            sync_transact(self.store, step)
        except errors.StoreFailed as exc:
            LOG.warning("that session %s is %s could not be noted: %s", id, status, exc)

    # --- the store ---

    def _held(
        self, row: Intent, ends: float, busy: Callable[[Intent], journal.Decision] = journal.Busy
    ) -> Intent:
        now = self._clock.now()
        until, holder = now + self._left(ends) + _GRACE, secrets.token_hex(8)
        step = partial(journal.held, row, now=now, until=until, holder=holder)
        mine = sync_transact(self.store, step)
        if mine is None:
            raise journal.refusal(busy(row))
        return mine

    def _now(self, intent: Intent) -> Intent:
        rows = sync_transact(self.store, partial(journal.found, self.scope, intent.key))
        return next(row for row in rows if row.operation == intent.operation)

    def _recorded(self, stands: Intent, record: Any, ends: float) -> bool | None:
        """Whether it is on disk now: False where it is somebody else's, None where the disk failed."""
        partner = None if self._partner else getattr(record, "partner_id", None)
        pause = 0.05
        while True:
            try:
                step = partial(journal.recorded, stands, partner)
                kept, pinned = sync_transact(self.store, step)
                break
            except errors.StoreFailed as exc:
                LOG.warning("%s is not recorded yet: %s", stands.operation, exc)
            if self._left(ends) <= pause:
                self._late[stands.operation, stands.key] = stands
                return None
            sync_sleep(self._clock, pause)
            pause *= 2
        if partner is not None:
            self._partner = pinned
            self._foreign = None if pinned == partner else partner
        return kept

    def caught_up(self) -> None:
        """Record what could not be recorded when it came; nobody may have begun to look for it."""
        for key, stands in list(self._late.items()):
            sync_transact(self.store, partial(journal.saved, stands))
            self._late.pop(key, None)

    def finished(self) -> None:
        """The client ends: what is not on disk yet has one more chance; recovery has all others."""
        try:
            self.caught_up()
        except errors.StoreFailed as exc:
            LOG.warning("what the last writes came to is not recorded: %s", exc)

    def _left(self, ends: float) -> float:
        return max(0.0, ends - self._clock.monotonic())


def _warned(record: Any, warning: str) -> Any:
    """The result stands, and says what is the matter with it."""
    LOG.warning("%s %s: %s", type(record).__name__, record.id, warning)
    record.additional_properties["zerogate_warning"] = warning
    return record
