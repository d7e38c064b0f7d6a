"""The database of a service, reached so that what was committed stays; what is in it is not known here.

from zerogate_store._store import Store
gate = Gate(store=Store("sqlite:///gate.db"))
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Collection, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, suppress
from typing import TYPE_CHECKING, Any, TypeVar

from zerogate._frames import discreet_class
from zerogate._idempotency.terms import Aliases, aliased
from zerogate._reconciliation import (
    DEFAULT_STATUSES,
    LATE_PAYMENT_GRACE,
    TransactionStatuses,
    checked_grace,
)
from zerogate.errors import GateUsageError, StoreFailed

from ._care import StoreCare
from ._commits import commit_alone
from ._compat import (
    async_in_thread,
    async_run_in_transaction,
    async_step_on,
    sync_run_in_transaction,
    sync_step_on,
)
from ._deadlines import one_step, waited_for
from ._drivers import execute_on
from ._encryption import EncryptionKeys, FieldCipher
from ._journal.statements import Statement, Step, run_step
from ._nested import file_of, held, is_held, reading_only, refusal
from ._options import check_options
from ._troubles import AWAY, Patience, Remedy, is_passing, remedy_for

if TYPE_CHECKING:
    import sqlalchemy as sa
    from sqlalchemy.ext.asyncio import AsyncEngine
    from zerogate._async.seam import AsyncSending
    from zerogate._sync.seam import Sending

    from ._async.journal import AsyncJournaling
    from ._sync.journal import Journaling

#: What an app on the same store is built of: statements, steps of them, and how a step is run.
__all__ = [
    "Statement",
    "Step",
    "Store",
    "async_in_thread",
    "async_run_in_transaction",
    "async_step_on",
    "sync_run_in_transaction",
    "sync_step_on",
]

T = TypeVar("T")


@discreet_class
class Store(StoreCare):
    """Memory of writes and events; one for both halves, for threads and for processes.

    url_or_engine: `sqlite:///gate.db`, `postgresql://…` (psycopg 3), or an engine of your own:
        an Engine serves both halves, an AsyncEngine the async half.
    encryption_key: Of `cryptography.fernet.Fernet.generate_key()`; of several the first encrypts, all
        decrypt; or a function that returns them, as from a key management service. Without one, a write
        about a person is refused rather than written down in clear.
    idempotency_window: Seconds after its first byte for which an idempotency key is believed to be
        remembered. Later, Gate's lists are searched first.
    late_payment_grace: Seconds that a session whose secret was handed out has to have been over
        before it is `Failed` and a new attempt may be made: for so long may lists be silent on a
        payment that had begun.
    statuses: What transactions' statuses mean, where an attempt has to be over.
    aliases: Other names of networks, as `{"base": "base-mainnet"}`: an answer that gives back another
        name than was asked withholds the secret, unless both are named here.
    migrate: Add tables that are missing on first use; else that is refused until `migrate()` ran.
    """

    def __init__(
        self,
        url_or_engine: str | sa.Engine | AsyncEngine,
        *,
        encryption_key: EncryptionKeys | None = None,
        idempotency_window: float = 600.0,
        late_payment_grace: float = LATE_PAYMENT_GRACE,
        statuses: TransactionStatuses = DEFAULT_STATUSES,
        aliases: Mapping[str, str | Collection[str]] | None = None,
        migrate: bool = True,
    ) -> None:
        check_options(idempotency_window=idempotency_window, statuses=statuses, migrate=migrate)
        self.sealer: FieldCipher = FieldCipher(encryption_key)
        self.idempotency_window: float = idempotency_window
        self.late_payment_grace: float = checked_grace(late_payment_grace)
        self.statuses: TransactionStatuses = statuses
        self.aliases: Aliases = aliased(aliases)
        # SQLAlchemy is loaded here: who shares no database does not need it.
        from ._engines import given_database

        self._url, self._engine, self.async_engine = given_database(url_or_engine)
        #: How often the database failed: a fail-over never passes without.
        self.troubles: int = 0
        #: What its clock told last: see `AsyncDueTime`.
        self.told_time: list[float] = []
        url: Any = self._url or getattr(self._engine or self.async_engine, "url", None)
        self._file: str | None = file_of(url.get_backend_name(), url.database)
        self._may_migrate, self._ready, self._pid = migrate, False, os.getpid()
        self._lock = threading.Lock()
        self._threads: ThreadPoolExecutor | None = None
        self._cut_at = time.monotonic()

    def bind(self, sending: Sending, /) -> Journaling:
        """Return this store's journal for one sync client; GateUsageError if made of an AsyncEngine."""
        from ._sync.journal import Journaling

        if self.async_engine is not None:
            raise GateUsageError(
                "a store made of an AsyncEngine serves AsyncGate only: give it a URL or an Engine, "
                "which serve both"
            )
        return Journaling(sending, self)

    def bind_async(self, sending: AsyncSending, /) -> AsyncJournaling:
        """Return this store's journal for one async client; `AsyncGate(store=…)` calls it."""
        from ._async.journal import AsyncJournaling

        return AsyncJournaling(sending, self)

    @property
    def engine(self) -> sa.Engine:
        """Return this process's engine, made on first use; GateUsageError if made of an AsyncEngine.

        After a fork the parent's connections are left alone.
        """
        with self._lock:
            if self._pid != os.getpid():
                self._threads, self._pid = None, os.getpid()
                if self._engine is not None:
                    self._engine.dispose(close=False)
            if self._engine is None and self._url is not None:
                from ._engines import open_engine

                self._engine = open_engine(self._url)
        if self._engine is None:
            raise GateUsageError(
                "a store made of an AsyncEngine serves AsyncGate only, and is cared for by "
                "migrate_async, forget_async and retain_async: give it a URL or an Engine, which "
                "serve both"
            )
        return self._engine

    @property
    def threads(self) -> ThreadPoolExecutor:
        """Return the thread pool of the async half's steps, made on first use.

        An async driver takes 1.3 to 2.5 times as long.
        """
        engine = self.engine
        with self._lock:
            if self._threads is None:
                self._threads = ThreadPoolExecutor(
                    getattr(engine.pool, "size", lambda: 5)(), thread_name_prefix="zerogate-store"
                )
            return self._threads

    def run_in_transaction_within(self, step: Callable[[], Step[None]], seconds: float) -> None:
        """Try a step once in a thread and wait so many seconds at most; StoreFailed is swallowed.

        A step that takes longer goes on without us.
        Neither a lock nor a pool nor a server that is away can be told of a deadline: hence a thread of
        its own. What cannot be written down now is found when its lease is over.
        """

        # Not the one of a store that is closed, and opened anew by this, before the thread comes to it.
        engine = self.engine

        def tried() -> None:
            """Run the step once within the time; swallow a StoreFailed."""
            with suppress(StoreFailed), waited_for(seconds):
                self._transact(engine, step)

        thread = threading.Thread(target=tried, name="zerogate-let-go", daemon=True)
        try:
            thread.start()
        except RuntimeError:
            # No more threads: the interpreter ends, or the machine has none.
            tried()
            return
        thread.join(seconds)

    def run_in_transaction(self, step: Callable[[], Step[T]]) -> T:
        """Commit a step in its own transaction, again after conflicts; return its result or StoreFailed.

        Dead connections are replaced.
        So a step has to bear being run again after it may have been committed.

        Raises:
            StoreFailed: the database did not take it, or did not say that it did while there was time.
        """
        with one_step():
            return self._transact(self.engine, step)

    def _transact(self, engine: sa.Engine, step: Callable[[], Step[T]]) -> T:
        """Prepare the schema, commit a step, return its result; tries again if of use, else StoreFailed."""
        if not self._ready:
            self._ready = self._prepare_on(engine, self._may_migrate)
        patience = Patience()
        while True:
            connection = None
            try:
                connection = engine.raw_connection()
                nested = is_held(self._file)
                done = commit_alone(connection, step, engine.dialect.name, nested=nested)
                if engine.dialect.name == "sqlite" and not nested:
                    self._cut_when_due(connection.driver_connection)
                return done
            except self.failures as exc:
                failure, remedy = self.understood(exc, connection)
            finally:
                if connection is not None:
                    connection.close()
            # Outside of the except block: what a driver raises holds connections and values.
            if not self._sleep_before_retry(patience, remedy):
                raise failure

    def within(self, connection: sa.Connection, step: Callable[[], Step[T]]) -> T:
        """Prepare the schema once, run a step on this connection, return its result; no commit."""
        if not self._ready:
            # Believed once it was found as it has to be: a schema made here may yet be rolled back.
            self._ready = self._prepare(connection, self._may_migrate)
        execute = execute_on(connection)
        if is_held(self._file):
            execute = reading_only(execute)
        return run_step(step(), execute)

    def handling(self) -> AbstractContextManager[None]:
        """Return a context in which this thread or task may not write to this SQLite file."""
        return held(self._file)

    def check_writable(self) -> None:
        """Raise GateUsageError inside a handler's transaction of this SQLite file; else do nothing.

        Raises:
            GateUsageError: it would wait for itself.
        """
        if is_held(self._file):
            raise refusal()

    @property
    def failures(self) -> tuple[type[Exception], ...]:
        """Return the exception classes to catch: SQLAlchemyError and its driver's base error."""
        from sqlalchemy.exc import SQLAlchemyError

        driver: Any = (self.async_engine or self.engine).dialect.loaded_dbapi
        return (SQLAlchemyError, driver.Error)

    def understood(
        self, exc: Exception, connection: Any = None, *, racing: bool = False
    ) -> tuple[StoreFailed, Remedy]:
        """Return a failure as StoreFailed and what may help; count it, invalidate a dead connection.

        The message has no statement and no value. All but conflicts are counted in `troubles`.

        racing: While tables are made, which several processes may do at once.
        """
        met: Any = getattr(exc, "orig", None) or exc
        said = " ".join(str(met).split("\n")[0].split())[:200]
        gone = bool(getattr(exc, "connection_invalidated", False))
        if connection is not None and not gone:
            gone = bool(self.engine.dialect.is_disconnect(met, connection, None))
        remedy = remedy_for(exc, disconnected=gone, racing=racing)
        dialect = (self.async_engine or self.engine).dialect.name
        passes = dialect == "postgresql" and is_passing(exc, disconnected=gone)
        # Two transactions that met are no trouble of the database's.
        self.troubles += remedy is not Remedy.AGAIN
        if connection is not None and remedy is Remedy.RECONNECT:
            connection.invalidate()
        why = f"the store's database failed: {type(met).__name__}: {said}"
        return StoreFailed(why, retry_after=AWAY if passes else None), remedy

    def close(self) -> None:
        """Close threads and connections; a given engine stays open, the next use opens anew."""
        if self._threads is not None and self._pid == os.getpid():
            self._threads.shutdown()
        self._threads = None
        if self._url is not None and self._engine is not None:
            from ._engines import close_for_good

            engine, self._engine = self._engine, None
            close_for_good(engine, ours=self._pid == os.getpid())

    def __repr__(self) -> str:
        return f"Store({(self.async_engine or self._engine or self._url)!r})"
