"""Schema, erasure and keys of a store: an operator's calls, for databases of either kind and both halves."""

from __future__ import annotations

import asyncio
import time
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable
from contextlib import suppress
from functools import partial
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine
from zerogate._durability import StoreLoss
from zerogate._frames import discreet_class
from zerogate._literals import ModeName
from zerogate.errors import GateUsageError, StoreFailed

from ._compat import async_in_thread, async_run_in_transaction
from ._databases import CUT_EVERY, CUT_LOG, LOCKED_AT_MOST, NOT_CUT, cut_log
from ._encryption import FieldCipher
from ._erasing import (
    erase_customer,
    erase_older,
    erase_request,
    erased_on_sqlite,
    only_scope,
    scopes,
)
from ._journal.statements import Step
from ._journal.store_loss import read_loss
from ._reencrypting import START, Reencrypted, events_page, intents_page
from ._scope import Scope
from ._troubles import Remedy

T = TypeVar("T")


@discreet_class
class StoreCare(ABC):
    """Care of a whole store. Of a store made of an AsyncEngine, await the `…_async` methods."""

    async_engine: AsyncEngine | None
    sealer: FieldCipher
    _cut_at: float

    @property
    @abstractmethod
    def engine(self) -> sa.Engine:
        """The engine of this process."""

    @property
    @abstractmethod
    def failures(self) -> tuple[type[Exception], ...]:
        """Exceptions that a database may raise here."""

    @abstractmethod
    def understood(
        self, exc: Exception, connection: Any = None, *, racing: bool = False
    ) -> tuple[StoreFailed, Remedy]:
        """A failure as ours, and what may help."""

    @abstractmethod
    def run_in_transaction(self, step: Callable[[], Step[T]]) -> T:
        """Run a step in a transaction of its own; return its result."""

    @abstractmethod
    def prepare(self, *, may_migrate: bool) -> bool:
        """Bring the schema up to this release, if that may be; whether there was nothing to do."""

    @abstractmethod
    async def prepare_async(self, *, may_migrate: bool) -> bool:
        """As `prepare`, on an AsyncEngine."""

    def migrate(self) -> None:
        """Add this release's tables and columns; safe while other releases of this major work.

        Raises:
            StoreFailed: the database refused it.
        """
        self.prepare(may_migrate=True)

    async def migrate_async(self) -> None:
        """As `migrate`; also for a store made of an AsyncEngine."""
        if self.async_engine is None:
            await async_in_thread(self, self.migrate)
        else:
            await self.prepare_async(may_migrate=True)

    def forget(
        self,
        *,
        customer: str | None = None,
        order: str | None = None,
        key: str | None = None,
        account: str | None = None,
        mode: ModeName | None = None,
        namespace: str | None = None,
    ) -> None:
        """Take out what is kept about a person: bodies of requests and of events; ids and keys stay.

        Afterwards neither the database nor its log has it, nor a hash that a guess could confirm. A
        write that is in doubt can then be looked for, not sent again.

        customer: The external id that the record was made with. order: Your reference.
        key: An idempotency key.
        account, mode, namespace: Whose rows; they may be left out where the store has one such part.

        Raises:
            GateUsageError: nothing to forget was named, or several parts of the store may be meant.
            StoreFailed: it is not erased, or may still be read in the database's log: call again.
        """
        steps = forgetting(self.sealer, customer, order, key)
        scope = only_scope(
            self.run_in_transaction(scopes), account=account, mode=mode, namespace=namespace
        )
        if scope is not None:
            for step in steps:
                self.erase(partial(step, scope))

    async def forget_async(
        self,
        *,
        customer: str | None = None,
        order: str | None = None,
        key: str | None = None,
        account: str | None = None,
        mode: ModeName | None = None,
        namespace: str | None = None,
    ) -> None:
        """As `forget`; also for a store made of an AsyncEngine."""
        steps = forgetting(self.sealer, customer, order, key)
        scope = await self._scope_async(account, mode, namespace)
        if scope is not None:
            for step in steps:
                await self.erase_async(partial(step, scope))

    def retain(
        self,
        *,
        days: float,
        account: str | None = None,
        mode: ModeName | None = None,
        namespace: str | None = None,
    ) -> None:
        """Take out bodies of requests older than that, of whatever is still in doubt then.

        account, mode, namespace: As for `forget`.
        """
        before = time.time() - days * 86_400
        scope = only_scope(
            self.run_in_transaction(scopes), account=account, mode=mode, namespace=namespace
        )
        if scope is not None:
            self.erase(partial(erase_older, scope, before))

    async def retain_async(
        self,
        *,
        days: float,
        account: str | None = None,
        mode: ModeName | None = None,
        namespace: str | None = None,
    ) -> None:
        """As `retain`; also for a store made of an AsyncEngine."""
        before = time.time() - days * 86_400
        scope = await self._scope_async(account, mode, namespace)
        if scope is not None:
            await self.erase_async(partial(erase_older, scope, before))

    def store_loss(
        self, *, mode: ModeName, account: str = "", namespace: str = ""
    ) -> StoreLoss | None:
        """Return the last time that the store was found to have forgotten, over or not; None: never.

        account, mode, namespace: As the client has them. `gate.journal.store_loss()` asks the same.
        """
        return self.run_in_transaction(partial(read_loss, Scope(account, mode, namespace)))

    async def _scope_async(
        self, account: str | None, mode: str | None, namespace: str | None
    ) -> Scope | None:
        found = await async_run_in_transaction(self, scopes)
        return only_scope(found, account=account, mode=mode, namespace=namespace)

    def reencrypt(self) -> Reencrypted:
        """Rewrite under the first encryption key what is kept under the others, and what is in clear.

        Then the older keys can go, if nothing was left. It can be run beside working services, and again.
        What was kept before there was a key is taken as it is.

        Raises:
            GateUsageError: the store has no encryption key.
        """
        self.sealer.check_keyed()
        self.sealer.load()
        done = Reencrypted()
        for scope in self.run_in_transaction(scopes):
            for page in (intents_page, events_page):
                after, again = START, True
                while again:
                    some, after = self._overwrite(partial(page, scope, self.sealer, after))
                    done, again = done + some, after != START
        self._cut_log()
        return done

    def erase(self, step: Callable[[], Step[T]]) -> T:
        """Run a step after which nothing of what it takes out can be read in the files."""
        done = self._overwrite(step)
        self._cut_log()
        return done

    async def erase_async(self, step: Callable[[], Step[T]]) -> T:
        """As `erase`; also for a store made of an AsyncEngine."""
        if self.async_engine is None:
            return await async_in_thread(self, partial(self.erase, step))
        if self.async_engine.dialect.name != "sqlite":
            return await async_run_in_transaction(self, step)
        done = await async_run_in_transaction(self, lambda: erased_on_sqlite(step()))
        await self._awaited(self._cut_log_async)
        return done

    def _overwrite(self, step: Callable[[], Step[T]]) -> T:
        if self.engine.dialect.name != "sqlite":
            return self.run_in_transaction(step)
        return self.run_in_transaction(lambda: erased_on_sqlite(step()))

    def _cut_log(self) -> None:
        """Bring SQLite's log into its database, and cut it: pages of before stand in it.

        Raises:
            StoreFailed: somebody reads what was there before, for longer than is waited.
        """
        if self.engine.dialect.name != "sqlite":
            return
        until = time.monotonic() + LOCKED_AT_MOST
        while True:
            try:
                connection = self.engine.raw_connection()
                try:
                    is_cut = cut_log(connection.driver_connection)
                finally:
                    connection.close()
            except self.failures as exc:
                failure, _ = self.understood(exc)
                break
            if is_cut:
                return
            if time.monotonic() > until:
                failure = StoreFailed(NOT_CUT)
                break
        raise failure

    def _cut_when_due(self, driver: Any) -> None:
        """Cut SQLite's log now and then: what rows have lost since still stands in it.

        Not after each write, for it takes as long as several. One that somebody reads is not waited for.
        """
        now = time.monotonic()
        if now >= self._cut_at + CUT_EVERY:
            self._cut_at = now
            with suppress(*self.failures):
                cut_log(driver)

    async def _cut_log_async(self) -> None:
        assert self.async_engine is not None
        until = time.monotonic() + LOCKED_AT_MOST
        while True:
            async with self.async_engine.connect() as connection:
                free = await connection.execution_options(isolation_level="AUTOCOMMIT")
                found = await free.exec_driver_sql(CUT_LOG)
                if found.one()[0] == 0:
                    return
            if time.monotonic() > until:
                raise StoreFailed(NOT_CUT)
            await asyncio.sleep(0.05)

    async def _awaited(self, work: Callable[[], Awaitable[T]]) -> T:
        try:
            return await work()
        except self.failures as exc:
            failure, _ = self.understood(exc)
        raise failure


#: Takes something out of one account, mode and namespace.
Erasure = Callable[[Scope], Step[Any]]


def forgetting(
    sealer: FieldCipher, customer: str | None, order: str | None, key: str | None
) -> list[Erasure]:
    """Return the steps that take out what is named.

    Raises:
        GateUsageError: nothing is.
    """
    steps: list[Erasure] = []
    if customer is not None:
        steps.append(lambda scope: erase_customer(scope, sealer, customer))
    if order is not None or key is not None:
        steps.append(lambda scope: erase_request(scope, sealer, order=order, key=key))
    if not steps:
        raise GateUsageError("say whom to forget: customer=, order= or key=")
    return steps
