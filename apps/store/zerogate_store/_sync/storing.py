# Written by facade/unasync.py from apps/store/zerogate_store/_async/storing.py; edit that file.
"""The journal of one client on disk: an intent taken over, recorded, read back; what could not be, later."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any, Final

import attrs
from zerogate import errors
from zerogate._compat import sync_sleep
from zerogate._holds import current_hold
from zerogate._idempotency.answers import Anothers, Disputed, Verdict, judged
from zerogate._idempotency.attempts import Call
from zerogate._idempotency.keys import Identity
from zerogate._idempotency.terms import Aliases, read_kept
from zerogate._observers import LOG
from zerogate._reconciliation.list_search import SearchResult
from zerogate._sync.seam import Sending
from zerogate._wire import operations

from .._compat import sync_run_in_transaction
from .._deadlines import WAITED_AT_MOST, waited_for
from .._encryption import NotOpened
from .._journal import steps as journal
from .._journal.moments import Moment
from .._journal.steps import Intent, Scope

if TYPE_CHECKING:
    from .._store import Store
from zerogate._sync.search import Search

from .holding import Hold, Leases
from .store_loss import CatchUp

_SENT: Final = (
    "first_sent_at",
    "last_sent_at",
    "trusted_from",
    "trusted_ago",
    "last_ago",
    "gate_known",
)


class Storing:
    """The account, mode and namespace of one client in a store."""

    def __init__(self, calls: Sending, store: Store) -> None:
        self.store: Store = store
        self.calls: Sending = calls
        self._clock = calls.clock
        self._search = Search(calls)
        self.scope: Scope = Scope(calls.account, calls.mode, calls.namespace)
        self.leases: Leases = Leases(calls, store)
        self.catch_up: CatchUp = CatchUp(calls, store, self.scope, self.leases)
        self.aliases: Aliases = store.aliases
        self._secret: str | None = None
        self._echo_noted = False
        self._partner: str | None = None
        self._foreign: str | None = None
        self._late: dict[tuple[str, str], Intent] = {}

    def moment(self) -> Moment:
        """Return the time by three clocks, Unix seconds: ours put right, Gate's or None, this host's own."""
        return Moment(self.calls.sound_now(), self.calls.dated_now(), self._clock.now())

    def _date_first_send(self, intent: Intent, ends: float, *, searched: bool = False) -> Intent:
        """Return an intent with send times by Gate's clock; may ask, note a loss; StoreFailed if row gone.

        Until then they are those of its sender's, by which nothing is to be decided.

        searched: Gate has just answered a search, so that its clock is known.
        """
        if intent.first_sent_at is not None or intent.last_sent_at is None:
            return intent
        if not (searched or self.catch_up.has_looked):
            self.catch_up.look(ends)
        if not (searched or self.catch_up.has_looked):
            return intent
        row = self._read_row(intent)
        return intent.evolved(**{name: getattr(row, name) for name in _SENT})

    def _take_over(
        self,
        row: Intent,
        ends: float,
        hold: Hold,
        busy: Callable[[Intent], journal.Decision] = journal.InProgress,
    ) -> Intent:
        """Take an intent over under a new lease and return it; raise *busy*'s error if another holds it."""
        lease, holder = self.leases.lease(ends), secrets.token_hex(8)
        mine = sync_run_in_transaction(
            self.store, partial(journal.take_over, row, lease=lease, holder=holder)
        )
        if mine is None:
            raise journal.refusal(busy(row))
        hold.take(mine)
        return mine

    def _read_row(self, intent: Intent) -> Intent:
        """Return an intent as its row is now; StoreFailed where that is gone."""
        for row in self._rows_under(intent.key):
            if row.operation == intent.operation:
                return row
        raise errors.StoreFailed(
            f"{intent.operation}: what was written down of it is not in the store any more: its database was "
            "restored or exchanged meanwhile; call again",
            **intent.context,
        )

    def _rows_under(self, key: str) -> list[Intent]:
        """Return the rows of all operations under a key, with their leases."""
        return sync_run_in_transaction(
            self.store, partial(journal.intents_under, self.scope, key, self.leases.read())
        )

    def _record(self, stands: Intent, record: Any, ends: float) -> bool | None:
        """Record a result: True once on disk, False if another holds it, None (kept to retry) if not yet."""
        # An empty one says nothing, and must not be what the label stands for from now on.
        partner = None if self._partner else getattr(record, "partner_id", None) or None
        pause = 0.05
        while True:
            try:
                kept, pinned = sync_run_in_transaction(
                    self.store, partial(journal.record, stands, partner)
                )
                break
            except errors.StoreFailed as exc:
                LOG.warning("%s is not recorded yet: %s", stands.operation, exc)
            if self._left(ends) <= pause:
                self._late[stands.operation, stands.key] = stands
                _tell_hold(stands)
                return None
            sync_sleep(self._clock, pause)
            pause *= 2
        _tell_hold(stands)
        if partner is not None:
            self._partner = pinned
            self._foreign = None if pinned == partner else partner
        return kept

    def _why_not_absent(self, intent: Intent, looked: SearchResult) -> str | None:
        """Return why a search that found nothing does not prove absence; None where it does."""
        return journal.why_not_absent(
            intent, looked, self.store.idempotency_window, self.is_echoing_for(intent)
        )

    def is_echoing_for(self, intent: Intent) -> bool:
        """Return True if Gate's list gives marks back, or if it does not matter for this intent."""
        trusted = intent.is_trusted(self.calls.sound_now(), self.store.idempotency_window)
        return trusted or intent.operation != "createSession" or self.is_echoing()

    def is_echoing(self) -> bool:
        """Return True if this account's list is known to give marks back; then record that in the store."""
        search = self._search
        if not search.echoed:
            step = partial(journal.is_echo_seen, self.scope, tuple(search.pairs))
            search.echoed = sync_run_in_transaction(self.store, step)
        if search.echoed and not self._echo_noted:
            note = partial(journal.note_echo, self.scope, self.calls.sound_now())
            sync_run_in_transaction(self.store, note)
            self._echo_noted = True
        return search.echoed

    def record_what_waits(self) -> None:
        """Save results that could not be saved when they came; StoreFailed if that fails again."""
        for key, stands in list(self._late.items()):
            sync_run_in_transaction(self.store, partial(journal.save_intent, stands))
            self._late.pop(key, None)

    def close(self) -> None:
        """Save results that wait, for ten seconds at most; a StoreFailed is only logged."""
        try:
            with waited_for(WAITED_AT_MOST):
                self.record_what_waits()
        except errors.StoreFailed as exc:
            LOG.warning("what the last writes came to is not recorded: %s", exc)

    def seconds_left(self, ends: float) -> float:
        """Return the seconds until *ends* by the monotonic clock; 0 where it is past."""
        return self._left(ends)

    def _left(self, ends: float) -> float:
        """Return the seconds until *ends* by the monotonic clock; 0 where it is past."""
        return max(0.0, ends - self._clock.monotonic())

    # --- one intent as a call, and its object ---

    def _open_body(self, intent: Intent) -> tuple[bytes | None, str]:
        """Return an intent's body and ''; (None, '') if it was erased, (None, why) if it cannot be opened."""
        try:
            return sync_run_in_transaction(
                self.store, partial(journal.body_of, intent, self.store.sealer)
            ), ""
        except NotOpened as exc:
            why = f"{exc}; nothing of it is sent"
        LOG.error("%s of order %s: %s", intent.operation, intent.order_ref, why)
        return None, why

    def _call(self, intent: Intent, body: bytes) -> Call[Any]:
        """Return the call of an intent: its key, and its bytes as they were."""
        identity, told = Identity(intent.order_ref, intent.attempt, intent.key), json.loads(body)
        call = self.calls.call(
            operations.OPERATIONS[intent.operation], timeout=None, body=told, identity=identity
        )
        return attrs.evolve(call, draft=attrs.evolve(call.draft, body=body))

    def _read(self, intent: Intent, ends: float, body: bytes = b"{}") -> Any:
        """Return an intent's object as it reads now, no secret; ReadFailed, or UnexpectedAnswer if odd.

        body: Of the write that asks for it: its terms are compared where the intent has none of its own.
        """
        operation = operations.READS[intent.operation]
        record: Any = None
        missing: errors.GateError | None = None
        try:
            record = self.calls.ask(operation, timeout=None, until=ends, id=intent.object_id)
        except errors.NotFound as exc:
            if intent.operation == "createCustomer":
                raise  # Which can be deleted.
            missing = exc
        if missing is not None:
            raise errors.ReadFailed(
                f"{intent.object_id} was made, and Gate does not find it now: read again, and ask "
                "support where that stays so",
                last_error=missing,
                **intent.context,
            )
        # What a walk took in has its terms in the object alone.
        self._check_agrees(
            attrs.evolve(intent, asked=intent.asked or body.decode()), record, record.to_dict()
        )
        if intent.operation == "createSession":
            return operations.CREATE_SESSION.read(record.to_dict())
        return record

    def _check_agrees(self, intent: Intent, record: Any, told: Mapping[str, Any]) -> None:
        """Raise ReadFailed if a read is another's, UnexpectedAnswer on other terms, noted as a dispute.

        Raises:
            ReadFailed: it is another's, which says nothing about this one.
            UnexpectedAnswer: it is on other terms (`.differs`), and so it is disputed from now on.
        """
        verdict = self._judge(intent, told)
        match verdict:
            case Anothers(id, why):
                raise errors.ReadFailed(
                    f"reading {intent.object_id} was answered with {id} of another ({why}): read again",
                    **intent.context,
                )
            case Disputed():
                sync_run_in_transaction(
                    self.store,
                    partial(journal.note_dispute, self.scope, record.id, self.calls.sound_now()),
                )
                raise errors.UnexpectedAnswer(
                    f"{record.id} is on other terms than order {intent.order_ref!r} was: {verdict}: "
                    "cancel it by its id before another attempt",
                    id=record.id,
                    raw=errors.without_secret(told),
                    differs=tuple(one.name for one in verdict.differs),
                    **intent.context,
                )

    def _judge(self, intent: Intent, told: Mapping[str, Any]) -> Verdict:
        """Return whose an object is, and on which terms, by its id, marks and fields."""
        id = told.get("id")
        if intent.object_id is not None and id != intent.object_id:
            # A read is of one id, whatever key it carries.
            return Anothers(ascii(id)[:64], f"it was asked for {intent.object_id}")
        return judged(
            intent.operation,
            read_kept(intent.asked, self._wallet_secret(intent)),
            told,
            key=intent.key,
            mode=self.scope.mode,
            sent=intent.sent_marks,
            aliases=self.aliases,
        )

    def _wallet_secret(self, intent: Intent) -> str | None:
        """Return the store's secret for hashes, read once a wallet needs it; None before that."""
        if self._secret is None and '"wallet"' in (intent.asked or ""):
            self._secret = sync_run_in_transaction(self.store, journal.wallet_secret)
        return self._secret


def _tell_hold(stands: Intent) -> None:
    """Tell the hold on an intent, where there is one, that it has nothing to let go any more."""
    hold = current_hold()
    if hold is not None:
        hold.give_back(stands)
