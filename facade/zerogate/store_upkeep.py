"""What is done to a store by hand or by the clock: erasing what is about a person, exchanging keys."""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from functools import partial
from typing import Any, TypeVar

import sqlalchemy as sa

from ._frames import discreet_class
from .databases import LOCKED_AT_MOST, NOT_CUT, cut_log
from .erasing import (
    erase_customer,
    erase_older,
    erase_request,
    erased_on_sqlite,
    only_scope,
    scopes,
)
from .errors import GateUsageError, StoreFailed
from .intents import Scope
from .reencrypting import START, Reencrypted, events_page, intents_page
from .sealing import Sealer
from .statements import Step

T = TypeVar("T")


@discreet_class
class Upkeep(ABC):
    """The part of a store that services do not call while they serve."""

    sealer: Sealer

    @property
    @abstractmethod
    def engine(self) -> sa.Engine:
        """The engine of this process."""

    @property
    @abstractmethod
    def failures(self) -> tuple[type[Exception], ...]:
        """What a database's driver raises."""

    @abstractmethod
    def understood(self, exc: Exception, connection: Any = None) -> tuple[StoreFailed, bool]:
        """A failure as ours, and whether only its connection is to blame."""

    @abstractmethod
    def transact(self, step: Callable[[], Step[T]]) -> T:
        """Carry out a step in a transaction of its own."""

    def forget(
        self,
        *,
        customer: str | None = None,
        order: str | None = None,
        key: str | None = None,
        account: str | None = None,
        mode: str | None = None,
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
        if customer is None and order is None and key is None:
            raise GateUsageError("say whom to forget: customer=, order= or key=")
        scope = self._scope(account, mode, namespace)
        if scope is None:
            return
        if customer is not None:
            self.erase(lambda: erase_customer(scope, self.sealer, customer))
        if order is not None or key is not None:
            self.erase(lambda: erase_request(scope, self.sealer, order=order, key=key))

    def retain(
        self,
        *,
        days: float,
        account: str | None = None,
        mode: str | None = None,
        namespace: str | None = None,
    ) -> None:
        """Take out bodies of requests older than that, of whatever is still in doubt then.

        account, mode, namespace: As for `forget`.
        """
        before = time.time() - days * 86_400
        scope = self._scope(account, mode, namespace)
        if scope is not None:
            self.erase(lambda: erase_older(scope, before))

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
        for scope in self.transact(scopes):
            for page in (intents_page, events_page):
                after, again = START, True
                while again:
                    some, after = self._overwrite(partial(page, scope, self.sealer, after))
                    done, again = done + some, after != START
        self._cut_log()
        return done

    def _scope(self, account: str | None, mode: str | None, namespace: str | None) -> Scope | None:
        found = self.transact(scopes)
        return only_scope(found, account=account, mode=mode, namespace=namespace)

    def erase(self, step: Callable[[], Step[T]]) -> T:
        """Run a step after which nothing of what it takes out can be read in the files."""
        done = self._overwrite(step)
        self._cut_log()
        return done

    def _overwrite(self, step: Callable[[], Step[T]]) -> T:
        if self.engine.dialect.name != "sqlite":
            return self.transact(step)
        return self.transact(lambda: erased_on_sqlite(step()))

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
