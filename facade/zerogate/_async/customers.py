"""Customer records, where the account has them."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Unpack, overload

from .. import _validation as validation
from .._frames import discreet_class
from .._idempotency.keys import identify_customer
from .._mistakes.misuse import explained
from .._pagination import CursorPaginator
from .._wire import bodies, operations
from .._wire.bodies import UNCHANGED, Unchanged
from ..errors import NotFound
from .calls import AsyncCalls
from .pages import AsyncAutoPager

if TYPE_CHECKING:
    from .._durability import JournalEntry
    from .._wire.bodies import CustomerFields
    from ..types import Customer, DeletedCustomer


@explained
@discreet_class
class AsyncCustomers:
    """`gate.customers`; 403 where the account has no customer records."""

    def __init__(self, calls: AsyncCalls) -> None:
        self._calls = calls

    @overload
    async def create(
        self,
        *,
        external_id: str,
        idempotency_key: str | None = None,
        timeout: float | None = None,
        **fields: Unpack[CustomerFields],
    ) -> Customer: ...
    @overload
    async def create(
        self,
        *,
        idempotency_key: str,
        timeout: float | None = None,
        **fields: Unpack[CustomerFields],
    ) -> Customer: ...
    async def create(
        self,
        *,
        email: str,
        external_id: str | None = None,
        idempotency_key: str | None = None,
        phone: str | None = None,
        first_name: str | None = None,
        last_name: str | None = None,
        country_code: str | None = None,
        metadata: Mapping[str, Any] | None = None,
        timeout: float | None = None,
    ) -> Customer:
        """Create a customer; the key is by *external_id*, else give *idempotency_key*. Conflict: one exists.

        Gate keeps e-mail and external id unique, deleted records included.

        external_id: Your id of the person; the idempotency key follows from it.
        idempotency_key: Where there is no external id; `fresh_key()` makes a random one.

        Raises:
            Conflict: `customer_already_exists`: one has this e-mail or external id.
            OutcomeUnknown: call again with the same external id: it is the same record.
        """
        identity = identify_customer(self._calls.settings.namespace, external_id, idempotency_key)
        return await self._calls.ask(
            operations.CREATE_CUSTOMER,
            timeout=timeout,
            identity=identity,
            body=bodies.customer(
                email=email,
                external_id=external_id,
                phone=phone,
                first_name=first_name,
                last_name=last_name,
                country_code=country_code,
                metadata=metadata,
            ),
        )

    @overload
    async def intend(
        self,
        connection: Any,
        *,
        external_id: str,
        idempotency_key: str | None = None,
        **fields: Unpack[CustomerFields],
    ) -> JournalEntry: ...
    @overload
    async def intend(
        self, connection: Any, *, idempotency_key: str, **fields: Unpack[CustomerFields]
    ) -> JournalEntry: ...
    async def intend(
        self,
        connection: Any,
        *,
        email: str,
        external_id: str | None = None,
        idempotency_key: str | None = None,
        phone: str | None = None,
        first_name: str | None = None,
        last_name: str | None = None,
        country_code: str | None = None,
        metadata: Mapping[str, Any] | None = None,
    ) -> JournalEntry:
        """Record a create in *connection*'s transaction, or find it there; IdempotencyConflict: it differs.

        As `gate.journal.intend`; `send` sends it. The store needs an `encryption_key=`: it is about a person.
        """
        durability = self._calls.durable()
        identity = identify_customer(self._calls.settings.namespace, external_id, idempotency_key)
        body = bodies.customer(
            email=email,
            external_id=external_id,
            phone=phone,
            first_name=first_name,
            last_name=last_name,
            country_code=country_code,
            metadata=metadata,
        )
        return await durability.intend(
            connection,
            self._calls.call(
                operations.CREATE_CUSTOMER, body=body, identity=identity, timeout=None
            ),
        )

    async def retrieve(self, id: str, *, timeout: float | None = None) -> Customer:
        """Read a customer; a deleted one raises NotFound."""
        return await self._calls.ask(
            operations.GET_CUSTOMER, timeout=timeout, id=validation.checked_id(id)
        )

    async def update(
        self,
        id: str,
        *,
        first_name: str | Unchanged | None = UNCHANGED,
        last_name: str | Unchanged | None = UNCHANGED,
        country_code: str | Unchanged | None = UNCHANGED,
        metadata: Mapping[str, Any] | Unchanged | None = UNCHANGED,
        timeout: float | None = None,
    ) -> Customer:
        """Change the named fields and return the record; None clears, omitted fields stay.

        No other field can be changed.

        Sent again after an unclear answer only where a read shows the old values.
        """
        id = validation.checked_id(id)
        changes = bodies.customer_changes(
            first_name=first_name,
            last_name=last_name,
            country_code=country_code,
            metadata=metadata,
        )

        async def look(until: float | None) -> Any:
            """Read the customer by the deadline *until*."""
            return await self._calls.ask(
                operations.GET_CUSTOMER, timeout=timeout, until=until, id=id
            )

        return await self._calls.change(
            self._calls.call(operations.UPDATE_CUSTOMER, timeout=timeout, body=changes, id=id),
            changes,
            look,
        )

    async def delete(self, id: str, *, timeout: float | None = None) -> DeletedCustomer:
        """Delete a record and return its deletion marker, also if it was deleted before."""
        id = validation.checked_id(id)

        async def look(until: float) -> Any:
            """Read the customer; return its deletion marker where Gate itself answers 404."""
            try:
                return await self._calls.ask(
                    operations.GET_CUSTOMER, timeout=None, until=until, id=id
                )
            except NotFound as exc:
                if exc.type is None:  # a proxy's
                    raise
                return bodies.deletion_marker(id)

        return await self._calls.settle(
            self._calls.call(operations.DELETE_CUSTOMER, timeout=timeout, id=id),
            look=look,
            settled=bodies.is_deletion_marker,
        )

    # Last in the class: a method of this name hides the built-in from what follows.
    def list(
        self,
        *,
        external_id: str | None = None,
        email: str | None = None,
        limit: int = 100,
        starting_after: str | None = None,
        timeout: float | None = None,
    ) -> AsyncAutoPager[Customer]:
        """Return a pager over customers, newest first, no deleted ones; sends when iterated.

        external_id, email: Matched exactly. limit: Rows a page, 1 to 100.
        """
        walk = partial(CursorPaginator, attrgetter("id"), cursor=starting_after)
        return self._calls.listed(
            operations.LIST_CUSTOMERS,
            walk,
            timeout=timeout,
            limit=limit,
            external_id=external_id,
            email=email,
        )
