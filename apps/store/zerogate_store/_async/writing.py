"""Carries one journaled write out: on disk, on the wire, on disk; in doubt, it is looked for first."""

from __future__ import annotations

import json
import secrets
from abc import ABC, abstractmethod
from collections.abc import Mapping
from functools import partial
from typing import Any, Final, cast

import attrs
from zerogate import errors
from zerogate._compat import async_sleep
from zerogate._holds import current_hold
from zerogate._idempotency.attempts import Call, CallHistory
from zerogate._idempotency.identity import marks_of
from zerogate._idempotency.terms import with_expected
from zerogate._observers import LOG
from zerogate._reconciliation.list_search import SearchResult
from zerogate._reconciliation.quote_checks import DOUBTFUL, unless_consumed
from zerogate._wire import operations

from .._compat import async_run_in_transaction, async_step_on
from .._deadlines import waited_for
from .._journal import steps as journal
from .._journal import store_loss
from .._journal.results import answered, with_warning
from .._journal.statements import Step
from .._journal.steps import Intent
from .holding import AsyncHold
from .storing import AsyncStoring

#: Seconds of a call that are kept for recording what came of it.
_RECORDING: Final = 1.0
#: The part of a call that is kept for sending it, once the database is back.
_FOR_SENDING: Final = 0.25
#: Seconds that `gate.journal.send` has before `gate.recover` does it; a quote lives for a minute at most.
_INTENDED: Final = 60.0
_INTENDED_RAIL: Final = 10.0


@attrs.frozen
class Answer:
    """Result of an exchange, not recorded yet. older: Seconds it is older than its first send."""

    stands: Intent
    record: Any
    failure: errors.GateError | None
    older: float | None = None
    id: str = ""


class AsyncWriting(AsyncStoring, ABC):
    """Writes as they are asked for, and what nobody knows the outcome of."""

    @abstractmethod
    async def close_attempt(self, row: Intent, ends: float) -> None:
        """Settle an attempt, cancel spare sessions, close it so that another may be made; or AttemptOpen."""

    @abstractmethod
    async def give_up(self, order: str, before: int, ends: float) -> int:
        """Cancel and close attempts below *before*; return how many, 0 if that one exists; or AttemptOpen."""

    @abstractmethod
    async def _cancel_unseen(self, id: str, ends: float) -> bool:
        """Cancel a session whose secret nobody has, unless it is paid; return False only if Gate failed."""

    # --- one write, as it is asked for ---

    async def write(self, call: Call[Any], ends: float) -> Any:
        """Make one keyed write, or find what it made before; return its record or raise GateError."""
        self.store.check_writable()
        with waited_for(self._left(ends)):
            if call.at_once and (of := call.identity) is not None and of.order is not None:
                await self.give_up(of.order, of.attempt or 1, ends)
            async with self.leases.hold(sends=True) as hold:
                return await self._write(call, ends, hold)

    async def _write(self, call: Call[Any], ends: float, hold: AsyncHold) -> Any:
        """Claim an intent; send, search or read until there is a record; return it or raise GateError."""
        asked, hashing = self.asked(call), self.hashing_of(call)
        misled = False
        while True:
            decision = await self._claim_in_time(
                asked, hashing, ends, hold, new_order=call.new_order
            )
            match decision:
                case journal.Send(intent, was):
                    try:
                        return await self._send_written(call, intent, was, ends, handed_out=True)
                    except errors.OutcomeUnknown as exc:
                        if misled or not errors.misled(exc):
                            raise
                    # Answered about another payment, which says nothing about this one: look for it.
                    misled = True
                case journal.SearchFirst(intent):
                    intent = await self._date_first_send(intent, ends)
                    looked = await self._look(intent, ends)
                    if looked.found and intent.operation == "createSession":
                        # Known from here on: the next turn sees whether its secret can be had.
                        await self._record_newest(intent, looked, ends)
                    else:
                        return await self._conclude(intent, looked, ends, handed_out=True)
                case journal.Replay(intent):
                    return await self._replay(call, intent, ends)
                case journal.AlreadyCreated(intent):
                    return await self._read(intent, ends, call.draft.body)
                case _:
                    raise journal.refusal(decision)

    def asked(self, call: Call[Any]) -> Intent:
        """Return a call as an intent; GateUsageError if it may not be kept, or the key is another's."""
        if self._foreign is not None:
            raise errors.GateUsageError(
                f"account={self.scope.account!r} is partner {self._partner} in this store, and this "
                f"key is one of partner {self._foreign}: give each account a label of its own",
                **call.context,
            )
        assert call.identity is not None
        asked = journal.new_intent(
            self.scope, call.operation.id, call.identity, call.draft.body, self.calls.sound_now()
        )
        if asked.sealed:
            self.store.sealer.check_keyed()
        return asked

    def hashing_of(self, call: Call[Any]) -> journal.Hashing:
        """Return what the journal hashes of a call, and a secret for that, should it have none."""
        wallet, fresh = call.asked.get("wallet_address"), secrets.token_hex(32)
        return journal.Hashing(wallet, fresh, self.store.sealer)

    async def intend(
        self,
        connection: Any,
        call: Call[Any],
        *,
        expected: Mapping[str, Any] | None = None,
    ) -> Intent:
        """Write a call in *connection*'s transaction, or find it; return its intent, no body; or GateError.

        expected: What its quote has to be when it is sent.
        """
        wait = _INTENDED_RAIL if call.operation.id in journal.RAILS else _INTENDED
        asked = self.asked(call).evolved(due_at=self.calls.sound_now() + wait)
        if expected is not None:
            asked = asked.evolved(asked=with_expected(asked.asked, expected))
        decision = await async_step_on(
            connection, journal.write_intent(asked, self.hashing_of(call))
        )
        if not isinstance(decision, journal.AlreadyCreated):
            raise journal.refusal(decision)
        if call.new_order and asked.order_ref is not None:
            vouched = store_loss.vouch(self.scope, asked.order_ref, asked.made_at)
            await async_step_on(connection, vouched)
        return decision.intent.evolved(body=None)

    async def _claim_in_time(
        self,
        asked: Intent,
        hashing: journal.Hashing,
        ends: float,
        hold: AsyncHold,
        *,
        new_order: bool,
    ) -> journal.Decision:
        """Claim an intent, return the decision; waits for its holder, closes an open attempt before it."""
        pause = 0.05
        while True:
            step = partial(self._claim, asked, hashing, ends, secrets.token_hex(8))
            decision = await self._run_claim(asked, step, ends, new_order=new_order)
            if isinstance(decision, journal.Send | journal.SearchFirst | journal.Replay):
                hold.take(decision.intent)
            if isinstance(decision, journal.PreviousAttemptOpen):
                await self.close_attempt(decision.intent, ends)
            elif isinstance(decision, journal.InProgress) and self._left(ends) > pause + _RECORDING:
                await async_sleep(self._clock, pause)
                pause = min(1.0, pause * 2)
            else:
                return decision

    def _claim(
        self, asked: Intent, hashing: journal.Hashing, ends: float, holder: str
    ) -> Step[journal.Decision]:
        """Return the step that claims an intent for *holder* until *ends*; its result is a Decision."""
        # The clocks are read when it is run: the first of Gate's answers says whether ours is right.
        return journal.claim_intent(
            asked,
            at=self.moment(),
            lease=self.leases.lease(ends),
            holder=holder,
            trust=self.store.idempotency_window,
            hashing=hashing,
        )

    async def _run_claim(
        self, asked: Intent, step: Any, ends: float, *, new_order: bool
    ) -> journal.Decision:
        """Run the claiming step and return its decision; NotSent where the database stays away."""
        keep, pause = max(_RECORDING, self._left(ends) * _FOR_SENDING), 0.1
        while True:
            try:
                # Half of what is left: another connection may find another server.
                with waited_for(max(_RECORDING, self._left(ends) / 2)):
                    await self.record_what_waits()
                    done = self.catch_up.run_admitted(asked, step, ends, new_order=new_order)
                    return cast("journal.Decision", await done)
            except errors.StoreFailed as exc:
                trouble = exc
            if trouble.retry_after is None or self._left(ends) <= keep + pause:
                break
            await async_sleep(self._clock, pause)
            pause = min(1.0, pause * 2)
        raise errors.NotSent(
            f"{asked.operation} was not sent, for it could not be written down first ({trouble}): "
            "safe to call again",
            last_error=trouble,
            retry_after=trouble.retry_after,
            **asked.context,
        )

    async def _write_as_sent(self, was: Intent, sending: Intent, ends: float) -> None:
        """Record an intent as sent and hold it; raise the error of InProgress where another has it."""
        step = partial(journal.save_intent, sending, was=was.holder)
        if not await self.catch_up.run_admitted(sending, step, ends):
            raise journal.refusal(journal.InProgress(sending))
        if (hold := current_hold()) is not None:
            hold.take(sending)

    async def _send_written(
        self, call: Call[Any], intent: Intent, was: Intent, ends: float, *, handed_out: bool
    ) -> Any:
        """Send what is on disk, record what came of it; return its record or raise GateError."""
        answer = await self.exchange(call, intent, was, ends, handed_out=handed_out)
        kept = await self._record(answer.stands, answer.record, ends)
        return await self.conclude_with(answer, kept, ends)

    async def exchange(
        self, call: Call[Any], intent: Intent, was: Intent, ends: float, *, handed_out: bool
    ) -> Answer:
        """Send what is on disk and return what came of it, which is not recorded yet."""
        begun = self._clock.monotonic()
        course, record, failure = await self._carry_out(call, ends)
        if await self.catch_up.is_age_open(was, answered(record, failure)[0], begun, ends):
            record, failure = None, journal.unknown(intent, store_loss.AGE_OPEN)
        elif (at := self.catch_up.first_send_at(intent, was, begun)) is not None:
            intent = intent.dated(at)
        failure, definite = await self._look_into(intent, failure, call, ends)
        # On whatever terms it is: whose it is decides first.
        told, id = answered(record, failure)
        older = self.catch_up.seconds_older(intent, was, told, begun)
        if older is not None:
            stands = store_loss.withheld(intent, self.calls.sound_now())
            refused = store_loss.older_refusal(intent, id, older)
            return Answer(stands, None, refused, older, id)
        before = journal.why_made_before(was, told, course)
        if before is not None:
            failure = journal.answered_before(intent, id, before, failure)
            await self.catch_up.note(f"{id} answered a first send, and {before}")
        stands = journal.apply_result(
            intent,
            was,
            record=record,
            failure=failure,
            ambiguous=course.ambiguous,
            definite=definite,
            handed_out=handed_out,
            request_ids=course.request_ids,
            now=self.calls.sound_now(),
        )
        return Answer(stands, record, failure)

    async def conclude_with(self, answer: Answer, kept: bool | None, ends: float) -> Any:
        """Return an answer's record or raise its error, note a loss if it is older; *kept*: see `_record`."""
        if answer.failure is None:
            return await self._hand_out(answer.stands, answer.record, kept, ends)
        if answer.older is not None:
            await self.catch_up.note_older(answer.id, answer.older)
            raise answer.failure
        raise journal.caller_error(answer.stands, answer.failure)

    async def _refuse_older(self, intent: Intent, id: str, older: float, ends: float) -> Any:
        """Raise OutcomeUnknown as an older object has the key; hold the order, note a loss."""
        await self._record(store_loss.withheld(intent, self.calls.sound_now()), None, ends)
        refused = store_loss.older_refusal(intent, id, older)
        await self.catch_up.note_older(id, older)
        raise refused

    async def _cancel_duplicate(self, row: Intent, record: Any, ends: float) -> None:
        """Cancel a session that is one too many; note a loss where it predates our sends."""
        older = store_loss.seconds_before_sent(row, record)
        if older is None:
            await self._cancel_unseen(record.id, ends)
        else:
            await self.catch_up.note_older(record.id, older)

    async def _carry_out(
        self, call: Call[Any], ends: float
    ) -> tuple[CallHistory[Any], Any, errors.GateError | None]:
        """Send a call once or more; return its history, and its record or GateError."""
        course = CallHistory(call)
        try:
            left = self._left(ends)
            until = ends - min(_RECORDING, left / 4)
            return course, await self.calls.carry_out(course, until), None
        except errors.GateError as exc:
            return course, None, exc

    async def _look_into(
        self, intent: Intent, failure: errors.GateError | None, call: Call[Any], ends: float
    ) -> tuple[errors.GateError | None, bool]:
        """Return the failure, a rail's refusal judged by its quote, and True if surely nothing was made."""
        if not isinstance(failure, DOUBTFUL) or intent.operation == "createSession":
            return failure, False
        if intent.operation not in journal.RAILS:
            return failure, isinstance(failure, errors.Conflict)
        try:
            id = json.loads(call.draft.body)["quote_id"]
            quote = await self.calls.ask(
                operations.RETRIEVE_SIGNED_QUOTE, timeout=None, until=ends, id=id
            )
        except errors.GateError:
            return failure, False
        failure = unless_consumed(quote, failure)
        return failure, isinstance(failure, errors.Conflict)

    async def _hand_out(self, stands: Intent, record: Any, kept: bool | None, ends: float) -> Any:
        """Return the record, a lost row put back; if the row has another object, that, and cancel this."""
        if kept is None:
            return with_warning(
                record, "not recorded yet: the store failed; recover() will find it"
            )
        if self._foreign is not None:
            return with_warning(
                record, f"of partner {self._foreign}, not the one of this account's label"
            )
        if kept or await self.catch_up.put_back(stands):
            return record
        row = await self._read_row(stands)
        if row.object_id is None:
            raise journal.refusal(journal.InProgress(row))
        if row.object_id == record.id:
            return await self._hand_out_own(row, record)
        if marks_of(record).key == stands.key:
            await self._cancel_duplicate(row, record, ends)
        return await self._read(row, ends)

    async def _hand_out_own(self, row: Intent, record: Any) -> Any:
        """Return a create's own record, its secret noted as out first; OutcomeUnknown where it cannot be."""
        if getattr(record, "client_secret", None):
            step = partial(journal.note_secret, row, record.id, self.calls.sound_now())
            try:
                noted = await async_run_in_transaction(self.store, step)
            except errors.StoreFailed as exc:
                LOG.warning("%s is withheld, for that cannot be written down: %s", record.id, exc)
                noted = False
            if not noted:
                raise journal.refusal(journal.InProgress(row))
        return record

    async def _replay(self, call: Call[Any], intent: Intent, ends: float) -> Any:
        """Send the key again for its secret, record it; return the record, secret or not; or GateError."""
        call = attrs.evolve(
            call, object_id=intent.object_id, disputed=intent.disputed_at is not None
        )
        course, record, failure = await self._carry_out(call, ends)
        intent = await self._date_first_send(intent, ends)
        assert intent.object_id is not None
        told, id = answered(record, failure)
        older = store_loss.seconds_before_sent(intent, told)
        if older is not None and id == intent.object_id:
            # What was recorded did not say when it was made.
            return await self._refuse_older(intent, id, older, ends)
        same = record is not None and record.id == intent.object_id
        more: dict[str, Any] = {"ambiguous": int(course.ambiguous or intent.ambiguous)}
        more["outcome"] = None
        if record is not None and not same:
            # It carries our key, or it would not have come this far.
            more["ambiguous"] = 1
            if older is None:
                more["duplicates"] = (*intent.duplicates, record.id)
        if isinstance(failure, errors.UnexpectedAnswer):
            more["ambiguous"] = 1
            if failure.differs and failure.id == intent.object_id and intent.secret_at is None:
                more["disputed_at"] = intent.disputed_at or self.calls.sound_now()
        secret = same and bool(getattr(record, "client_secret", None))
        stands = intent.known(
            intent.object_id, intent.object_status, self.calls.sound_now(), secret=secret, **more
        )
        kept = await self._record(stands, record, ends)
        if same:
            return await self._hand_out(stands, record, kept, ends)
        if record is not None:
            # The recorded one has to be there before the other is given up.
            recorded = await self._read(stands, ends)
            await self._cancel_duplicate(intent, record, ends)
            return recorded
        if not isinstance(failure, errors.RequestRejected) and not course.misled:
            raise failure or journal.refusal(journal.InProgress(stands))
        return await self._read(stands, ends)

    # --- what nobody knows the outcome of ---

    async def _look(self, intent: Intent, ends: float) -> SearchResult:
        """Return what Gate has of a write in doubt: by the id an event told, else by a search."""
        if intent.object_id is not None:
            began, record = self.calls.sound_now(), await self._read(intent, ends)
            return SearchResult(found=(record,), began=began)
        body, _ = await self._open_body(intent)
        return await self._search.of(intent, json.loads(body or b"{}"), ends)

    async def _record_newest(self, intent: Intent, looked: SearchResult, ends: float) -> Any:
        """Record, return the newest object found, others as duplicates; OutcomeUnknown or UnexpectedAnswer.

        Raises:
            UnexpectedAnswer: it is on other terms than were asked, and so disputed.
            OutcomeUnknown: something under its key is older than its first send, and so held.
        """
        intent = await self._date_first_send(intent, ends, searched=True)
        for one in looked.found:
            older = store_loss.seconds_before_sent(intent, one)
            if older is not None:
                id = one["id"] if isinstance(one, Mapping) else one.id
                return await self._refuse_older(intent, str(id), older, ends)
        newest, *others = looked.found
        if isinstance(newest, Mapping):
            newest = await self._search.whole(newest, ends)
        status = None if getattr(newest, "status", None) is None else str(newest.status)
        known = intent.known(
            newest.id,
            status,
            self.calls.sound_now(),
            ambiguous=1,
            outcome=None,
            duplicates=tuple(str(one["id"]) for one in others),
            search_cursor=looked.cursor,
        )
        if not await self._record(known, newest, ends):
            raise journal.refusal(journal.InProgress(intent))
        await self._check_agrees(known, newest, newest.to_dict())
        return newest

    async def _conclude(
        self, intent: Intent, looked: SearchResult, ends: float, *, handed_out: bool
    ) -> Any:
        """Record and return what was found, or send again what may be sent; else raise OutcomeUnknown."""
        if looked.found:
            return await self._record_newest(intent, looked, ends)
        body, closed = await self._open_body(intent)
        now, window = self.calls.sound_now(), self.store.idempotency_window
        trusted = intent.is_trusted(now, window)
        why = ""
        if body is None:
            why = closed or looked.hold or "its body was erased, and it is not found"
        else:
            why = journal.why_not_again(
                intent, looked, now, window, await self.is_echoing_for(intent)
            )
        if body is None or why:
            await self._record(intent.doubtful(now, why, search_cursor=looked.cursor), None, ends)
            raise journal.unknown(intent, why)
        # Whoever sent it before may have died before it could say so.
        lease = self.leases.lease(ends)
        sending = intent.again(intent.sender, lease, self.moment(), anew=not trusted)
        await self._write_as_sent(intent, sending, ends)
        call, was = self._call(sending, body), sending.evolved(outcome=intent.outcome)
        return await self._send_written(call, sending, was, ends, handed_out=handed_out)
