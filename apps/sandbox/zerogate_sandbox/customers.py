"""Customer records: unique by email and external id, deleted softly."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs

from zerogate_sandbox.calls import Call
from zerogate_sandbox.collection import Collection
from zerogate_sandbox.lists import limit_of, page
from zerogate_sandbox.responses import Refused
from zerogate_sandbox.times import millis

if TYPE_CHECKING:
    from zerogate_sandbox.world import World

_GIVEN = ("external_id", "phone", "first_name", "last_name", "country_code")


@attrs.define
class Customer:
    id: str
    account: str
    partner_id: str
    mode: str
    email: str
    created_at: float
    updated_at: float
    external_id: str | None = None
    phone: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    country_code: str | None = None
    kyc_status: str = "unverified"
    metadata: dict[str, Any] = attrs.field(factory=dict)
    deleted_at: float | None = None
    idempotency_key: str | None = None

    def view(self) -> dict[str, Any]:
        """Return all fields of the customer, deleted or not; a deleted one's answer is `marker`."""
        return {
            "id": self.id,
            "object": "customer",
            "partner_id": self.partner_id,
            "mode": self.mode,
            "email": self.email,
            "external_id": self.external_id,
            "phone": self.phone,
            "first_name": self.first_name,
            "last_name": self.last_name,
            "country_code": self.country_code,
            "kyc_status": self.kyc_status,
            "metadata": self.metadata,
            "created_at": millis(self.created_at),
            "updated_at": millis(self.updated_at),
        }

    def marker(self) -> dict[str, Any]:
        """Return the deletion mark as the API shows it; its time is None before that."""
        deleted_at = None if self.deleted_at is None else millis(self.deleted_at)
        return {"id": self.id, "object": "customer", "deleted": True, "deleted_at": deleted_at}


class Customers:
    """`held` are the emails and external ids that are taken, deleted records' included."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.collection: Collection[Customer] = Collection("customer")
        self.held: set[str] = set()

    def create(self, call: Call) -> dict[str, Any]:
        """Add a customer, emit its event, return it; Refused (409) if email or id is taken."""
        fields = call.fields
        holds = _unique_values(call.account.name, fields)
        if self.held.intersection(holds):
            raise Refused(
                409,
                "a customer with this email or external_id exists",
                code="customer_already_exists",
            )
        customer = Customer(
            id=f"cus_{call.account.mode}_{self.world.seeds.hex('customer', 16)}",
            account=call.account.name,
            partner_id=call.account.partner_id,
            mode=call.account.mode,
            email=fields["email"],
            created_at=call.now,
            updated_at=call.now,
            metadata=fields.get("metadata", {}),
            idempotency_key=call.key,
            **{name: _normalized(name, fields.get(name)) for name in _GIVEN},
        )
        self.held.update(holds)
        self.collection.add(customer)
        self.world.emit(call.account, "customer.created", customer.view(), customer.id)
        return customer.view()

    def list(self, call: Call) -> dict[str, Any]:
        """Return a page of customers, newest first, without deleted ones, by the query."""
        wanted = {name: call.query[name] for name in ("external_id", "email") if name in call.query}
        records = self.collection.newest_first(
            call.account.name, call.query.get("starting_after"), self.world.listed_until()
        )
        hidden: dict[str, Any] = {} if self.world.profile.list_metadata else {"metadata": {}}
        rows = (
            {**one.view(), **hidden}
            for one in records
            if one.deleted_at is None
            and all(getattr(one, name) == value for name, value in wanted.items())
        )
        return page(call.path, rows, limit_of(call.query), short=self.world.profile.short_pages)

    def get(self, call: Call) -> dict[str, Any]:
        """Return the account's customer; Refused (404) if unknown or deleted."""
        return self._find_undeleted(call).view()

    def update(self, call: Call) -> dict[str, Any]:
        """Set the fields given (null clears), emit the event, return the customer; or Refused (404)."""
        customer = self._find_undeleted(call)
        for name, value in call.fields.items():
            if name == "metadata":
                customer.metadata = value or {}
            else:
                setattr(customer, name, _normalized(name, value))
        customer.updated_at = call.now
        self.world.emit(call.account, "customer.updated", customer.view(), customer.id)
        return customer.view()

    def delete(self, call: Call) -> dict[str, Any]:
        """Mark a customer deleted and emit the event, both once; return the mark each time. Refused (404)."""
        customer = self.collection.find(call.account.name, call.params["id"])
        if customer.deleted_at is None:
            customer.deleted_at = call.now
            self.world.emit(call.account, "customer.deleted", customer.marker(), customer.id)
        return customer.marker()

    def verify(self, id: str, status: str) -> Customer:
        """Set the KYC status and emit `customer.updated`; Refused (404) if unknown or deleted."""
        customer = self.collection.records.get(id)
        if customer is None or customer.deleted_at is not None:
            raise Refused(404, "no such customer")
        customer.kyc_status = status
        customer.updated_at = self.world.now
        account = self.world.partners.accounts[customer.account]
        self.world.emit(account, "customer.updated", customer.view(), customer.id)
        return customer

    def _find_undeleted(self, call: Call) -> Customer:
        """Return the account's customer; Refused (404) for an unknown or a deleted one."""
        customer = self.collection.find(call.account.name, call.params["id"])
        if customer.deleted_at is not None:
            raise Refused(404, "no such customer")
        return customer


def _unique_values(account: str, fields: dict[str, Any]) -> list[str]:
    """Return what has to be unique: the email and external id given, under the account."""
    named = [(name, fields[name]) for name in ("email", "external_id") if name in fields]
    return [f"{account}/{name}/{value}" for name, value in named]


def _normalized(name: str, value: Any) -> Any:
    """Return the value as it is; a country code in capitals."""
    return value.upper() if name == "country_code" and value else value
