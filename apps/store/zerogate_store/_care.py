"""Schema, erasure and keys of a store: an operator's calls, for databases of either kind and both halves."""

from __future__ import annotations

import asyncio
import time
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from functools import partial
from secrets import randbelow
from typing import TYPE_CHECKING, Any, TypeVar

from zerogate._durability import StoreLoss
from zerogate._frames import discreet_class
from zerogate._literals import ModeName
from zerogate.errors import GateUsageError, StoreFailed

from ._commits import CUT_EVERY, CUT_LOG, LOCKED_AT_MOST, NOT_CUT, cut_log
from ._compat import async_in_thread, async_run_in_transaction, async_run_on_engine
from ._deadlines import cut_waits, is_over
from ._drivers import execute_on
from ._encryption import FieldCipher
from ._erasing import (
    erase_customer,
    erase_older,
    erase_request,
    only_scope,
    scopes,
    with_secure_delete,
)
from ._journal.statements import Step, run_step
from ._journal.store_loss import read_loss
from ._options import check_options
from ._reencrypting import START, Reencrypted, events_page, intents_page
from ._schema import MIGRATIONS, Migration, migrate_schema, read_schema
from ._scope import Scope
from ._troubles import Patience, Remedy

if TYPE_CHECKING:
    import sqlalchemy as sa
    from sqlalchemy.ext.asyncio import AsyncEngine

T = TypeVar("T")


@discreet_class
class StoreCare(ABC):
    """Care of a whole store. Of a store made of an AsyncEngine, await the `…_async` methods."""

    migrations: Sequence[Migration] = MIGRATIONS
    async_engine: AsyncEngine | None
    sealer: FieldCipher
    _cut_at: float
    _ready: bool

    @property
    @abstractmethod
    def engine(self) -> sa.Engine:
        """Return this process's engine; GateUsageError for a store made of an AsyncEngine."""

    @property
    @abstractmethod
    def failures(self) -> tuple[type[Exception], ...]:
        """Return the exception classes that the database and its driver may raise here."""

    @abstractmethod
    def understood(
        self, exc: Exception, connection: Any = None, *, racing: bool = False
    ) -> tuple[StoreFailed, Remedy]:
        """Return a failure as StoreFailed and what may help; count it, invalidate a dead connection."""

    @abstractmethod
    def run_in_transaction(self, step: Callable[[], Step[T]]) -> T:
        """Commit a step in its own transaction, again after conflicts; return its result or StoreFailed."""

    def migrate(self) -> None:
        """Add this release's tables and columns, safe beside older releases of this major; or StoreFailed.

        Raises:
            StoreFailed: the database refused it.
        """
        self.prepare(may_migrate=True)

    async def migrate_async(self) -> None:
        """Add this release's tables and columns, also to an AsyncEngine's store; StoreFailed if refused."""
        if self.async_engine is None:
            await async_in_thread(self, self.migrate)
        else:
            await self.prepare_async(may_migrate=True)

    def prepare(self, *, may_migrate: bool) -> bool:
        """Migrate the schema; True if it was current. GateUsageError if it may not; StoreFailed."""
        return self._prepare_on(self.engine, may_migrate)

    def _prepare_on(self, engine: sa.Engine, may_migrate: bool) -> bool:
        """Migrate this engine's schema, again after conflicts; True if it was current. Else StoreFailed."""
        patience = Patience()
        met: tuple[type[Exception], ...] = (*self.failures, TypeError)
        while True:
            try:
                with engine.begin() as connection:
                    return self._prepare(connection, may_migrate)
            except met as exc:
                failure, remedy = self._start_failure(exc)
            if not self._sleep_before_retry(patience, remedy):
                raise failure
            if remedy is Remedy.RECONNECT:
                engine.dispose()

    async def prepare_async(self, *, may_migrate: bool) -> bool:
        """Migrate the AsyncEngine's schema; True if it was current. GateUsageError, StoreFailed."""
        return await async_run_on_engine(self, partial(self._prepare, may_migrate=may_migrate))

    def _start_failure(self, exc: Exception) -> tuple[StoreFailed, Remedy]:
        """Return a failure as StoreFailed and what may help; a TypeError of ours is raised again.

        Before the schema was found as it has to be, a TypeError is SQLAlchemy's of a PostgreSQL whose
        encoding it cannot read.
        """
        if not isinstance(exc, TypeError):
            return self.understood(exc, racing=not self._ready)
        if self._ready or (self.async_engine or self.engine).dialect.name != "postgresql":
            raise exc
        from ._engines import ENCODING_WANTED

        said = f"the store's database could not be read: {ENCODING_WANTED}"
        return StoreFailed(said), Remedy.NOTHING

    def _sleep_before_retry(self, patience: Patience, remedy: Remedy) -> bool:
        """Sleep before another try and return True; return False at once if none is to be made."""
        pause = None if is_over() else patience.pause(remedy, randbelow(1000) / 1000)
        if pause:
            time.sleep(pause)
        return pause is not None

    def _prepare(self, connection: sa.Connection, may_migrate: bool) -> bool:
        """Migrate on this connection, or GateUsageError if not allowed; return True if it was current."""
        from ._engines import check_encoding

        driver: Any = connection.connection.driver_connection
        cut_waits(driver)
        check_encoding(connection)
        execute, newest = execute_on(connection), self.migrations[-1].version
        known = needs = 0
        if connection.dialect.has_table(connection, "zerogate_schema"):
            known, needs = run_step(read_schema(), execute)
        if not (is_current := known >= newest):
            if not may_migrate:
                raise GateUsageError(
                    f"the store's schema is version {known} and this release needs {newest}: run "
                    "Store.migrate() with a role that may create tables; or, where tables should be "
                    "there already, check the URL"
                )
            if connection.dialect.name == "sqlite" and not driver.in_transaction:
                # Python's driver commits each table by itself: two starts would meet between them.
                connection.exec_driver_sql("BEGIN IMMEDIATE")
            # Another process may have had the lock before, and be of a later release.
            known, needs = run_step(
                migrate_schema(connection.dialect.name, self.migrations), execute
            )
        if needs > newest:
            raise GateUsageError(
                f"the store's schema is version {known}, of a later major release, and needs "
                f"version {needs} where this release knows {newest}: update zerogate here first"
            )
        return is_current

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
        """Erase bodies of requests and events about a person, ids stay; GateUsageError if none is named.

        Afterwards neither the database nor its log has it, nor a hash that a guess could confirm. A
        write that is in doubt can then be looked for, not sent again.

        customer: The external id that the record was made with. order: Your reference.
        key: An idempotency key.
        account, mode, namespace: Whose rows; they may be left out where the store has one such part.

        Raises:
            GateUsageError: nothing to forget was named, or several parts of the store may be meant.
            StoreFailed: it is not erased, or may still be read in the database's log: call again.
        """
        self._erase_in(forgetting(self.sealer, customer, order, key), account, mode, namespace)

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
        """Erase what is kept about a person, as `forget`; also for an AsyncEngine's store."""
        await self._erase_in_async(
            forgetting(self.sealer, customer, order, key), account, mode, namespace
        )

    def retain(
        self,
        *,
        days: float,
        account: str | None = None,
        mode: ModeName | None = None,
        namespace: str | None = None,
    ) -> None:
        """Erase bodies and hashes of requests made more than so many days ago, in doubt or not.

        account, mode, namespace: As for `forget`.
        """
        self._erase_in([retaining(days)], account, mode, namespace)

    async def retain_async(
        self,
        *,
        days: float,
        account: str | None = None,
        mode: ModeName | None = None,
        namespace: str | None = None,
    ) -> None:
        """Erase bodies of old requests, as `retain`; also for an AsyncEngine's store."""
        await self._erase_in_async([retaining(days)], account, mode, namespace)

    def store_loss(
        self, *, mode: ModeName, account: str = "", namespace: str = ""
    ) -> StoreLoss | None:
        """Return the last loss of rows that was noticed, over or not; None where there was none.

        account, mode, namespace: As the client has them. `gate.journal.store_loss()` asks the same.
        """
        return self.run_in_transaction(partial(read_loss, Scope(account, mode, namespace)))

    def _erase_in(
        self, steps: list[Erasure], account: str | None, mode: str | None, namespace: str | None
    ) -> None:
        """Run each erasure in the one scope that matches; none: nothing, several: GateUsageError."""
        scope = only_scope(self.run_in_transaction(scopes), account, mode, namespace)
        if scope is not None:
            for step in steps:
                self.erase(partial(step, scope))

    async def _erase_in_async(
        self, steps: list[Erasure], account: str | None, mode: str | None, namespace: str | None
    ) -> None:
        """Run each erasure in the one scope that matches; none: nothing, several: GateUsageError."""
        scope = only_scope(await async_run_in_transaction(self, scopes), account, mode, namespace)
        if scope is not None:
            for step in steps:
                await self.erase_async(partial(step, scope))

    def reencrypt(self) -> Reencrypted:
        """Rewrite what is not under the first key; return counts. GateUsageError without a key.

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
        """Commit an erasing step and return its result; on SQLite empty the log then, or StoreFailed."""
        done = self._overwrite(step)
        self._cut_log()
        return done

    async def erase_async(self, step: Callable[[], Step[T]]) -> T:
        """Commit an erasing step and return its result; on SQLite empty the log then, or StoreFailed."""
        if self.async_engine is None:
            return await async_in_thread(self, partial(self.erase, step))
        if self.async_engine.dialect.name != "sqlite":
            return await async_run_in_transaction(self, step)
        done = await async_run_in_transaction(self, lambda: with_secure_delete(step()))
        await self._translate_failures(self._cut_log_async)
        return done

    def _overwrite(self, step: Callable[[], Step[T]]) -> T:
        """Commit a step and return its result; SQLite overwrites what it takes out."""
        if self.engine.dialect.name != "sqlite":
            return self.run_in_transaction(step)
        return self.run_in_transaction(lambda: with_secure_delete(step()))

    def _cut_log(self) -> None:
        """Move SQLite's log into its database and empty it, or StoreFailed; on PostgreSQL do nothing.

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
        """Empty SQLite's log if the last time is a minute ago; a driver's failure is swallowed.

        Not after each write, for it takes as long as several. One that somebody reads is not waited for.
        """
        now = time.monotonic()
        if now >= self._cut_at + CUT_EVERY:
            self._cut_at = now
            with suppress(*self.failures):
                cut_log(driver)

    async def _cut_log_async(self) -> None:
        """Empty SQLite's log by the AsyncEngine; StoreFailed if it is in use for ten seconds."""
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

    async def _translate_failures(self, work: Callable[[], Awaitable[T]]) -> T:
        """Await the work and return its result; raise a database's failure as StoreFailed."""
        try:
            return await work()
        except self.failures as exc:
            failure, _ = self.understood(exc)
        raise failure


#: Takes something out of one account, mode and namespace.
Erasure = Callable[[Scope], Step[Any]]


def retaining(days: float) -> Erasure:
    """Return the step that erases a scope's request bodies made more than so many days ago."""
    check_options(days=days)
    return partial(erase_older, before=time.time() - days * 86_400)


def forgetting(
    sealer: FieldCipher, customer: str | None, order: str | None, key: str | None
) -> list[Erasure]:
    """Return steps that erase a customer, and an order or key; GateUsageError where none is named.

    Raises:
        GateUsageError: nothing is.
    """
    steps: list[Erasure] = []
    if customer is not None:
        steps.append(lambda scope: erase_customer(scope, sealer, customer))
    if order is not None or key is not None:
        steps.append(lambda scope: erase_request(scope, sealer, order=order, key=key))
    if not steps or not all(one is None or (isinstance(one, str) and one) for one in (order, key)):
        raise GateUsageError("say whom to forget, by a text: customer=, order= or key=")
    return steps
