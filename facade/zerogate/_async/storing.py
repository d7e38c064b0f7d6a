"""The journal of one client on disk: an intent taken over, recorded, read back; what could not be, later."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable
from functools import partial
from typing import Any, Final

import attrs

from .. import errors, journal
from .._twins import async_sleep, async_transact
from .._wire import models
from ..courses import Call
from ..journal import Intent, Scope
from ..keys import Identity
from ..observing import LOG
from .calls import AsyncCalls
from .search import AsyncSearch

#: Seconds for which a lease outlasts the call that it was taken for.
GRACE: Final = 30.0
READS: Final = {
    "createSession": "retrieveSession",
    "createCustomer": "getCustomer",
    "createPayIn": "retrievePayIn",
    "createPayOut": "retrievePayOut",
}


class AsyncStoring:
    """The account, mode and namespace of one client in a store."""

    def __init__(self, calls: AsyncCalls, store: Any, account: str) -> None:
        settings = calls.settings
        self.store: Any = store
        self._calls, self._clock = calls, settings.clock
        self._search = AsyncSearch(calls)
        self.scope: Scope = Scope(account, settings.credentials.mode, settings.namespace)
        self._partner: str | None = None
        self._foreign: str | None = None
        self._late: dict[tuple[str, str], Intent] = {}

    async def _held(
        self, row: Intent, ends: float, busy: Callable[[Intent], journal.Decision] = journal.Busy
    ) -> Intent:
        now = self._clock.now()
        until, holder = now + self._left(ends) + GRACE, secrets.token_hex(8)
        step = partial(journal.held, row, now=now, until=until, holder=holder)
        mine = await async_transact(self.store, step)
        if mine is None:
            raise journal.refusal(busy(row))
        return mine

    async def _now(self, intent: Intent) -> Intent:
        rows = await async_transact(self.store, partial(journal.found, self.scope, intent.key))
        return next(row for row in rows if row.operation == intent.operation)

    async def _recorded(self, stands: Intent, record: Any, ends: float) -> bool | None:
        """Whether it is on disk now: False where it is somebody else's, None where the disk failed."""
        partner = None if self._partner else getattr(record, "partner_id", None)
        pause = 0.05
        while True:
            try:
                step = partial(journal.recorded, stands, partner)
                kept, pinned = await async_transact(self.store, step)
                break
            except errors.StoreFailed as exc:
                LOG.warning("%s is not recorded yet: %s", stands.operation, exc)
            if self._left(ends) <= pause:
                self._late[stands.operation, stands.key] = stands
                return None
            await async_sleep(self._clock, pause)
            pause *= 2
        if partner is not None:
            self._partner = pinned
            self._foreign = None if pinned == partner else partner
        return kept

    async def caught_up(self) -> None:
        """Record what could not be recorded when it came; nobody may have begun to look for it."""
        for key, stands in list(self._late.items()):
            await async_transact(self.store, partial(journal.saved, stands))
            self._late.pop(key, None)

    async def finished(self) -> None:
        """The client ends: what is not on disk yet has one more chance; recovery has all others."""
        try:
            await self.caught_up()
        except errors.StoreFailed as exc:
            LOG.warning("what the last writes came to is not recorded: %s", exc)

    def _left(self, ends: float) -> float:
        return max(0.0, ends - self._clock.monotonic())

    # --- one intent as a call, and its object ---

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

    async def _read(self, intent: Intent, ends: float) -> Any:
        """An object as it reads now; a session has no secret then."""
        operation = READS[intent.operation]
        record = await self._calls.ask(operation, timeout=None, until=ends, id=intent.object_id)
        if intent.operation == "createSession":
            return models.read("CreatedGateSession", record.to_dict())
        return record
