"""The JSON body of each write, from what the caller gave. Pure; refuses what the contract refuses."""

from __future__ import annotations

import enum
import re
from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, Required, TypedDict

from .. import _validation as validation
from .._idempotency.identity import MARKS, ORDER, marks_for
from .._idempotency.keys import Identity
from .._literals import DeliveryStatusName, FlowName, SessionStatusName, SideName
from .._validation import Somewhere
from ..errors import GateUsageError
from ..money import Money, fiat_text
from . import models

if TYPE_CHECKING:
    from .._reconciliation import AnyAmount
    from ..types import Flow

#: The values of `_literals.py` again: a change of the contract is held against tables that can be read
#: without running anything. Checkers see to it that a table has no other value, a test that it lacks none.
FLOWS: Final[tuple[FlowName, ...]] = ("on_ramp", "off_ramp", "swap")
SIDES: Final[tuple[SideName, ...]] = ("on_ramp", "off_ramp")
SESSION_STATUSES: Final[tuple[SessionStatusName, ...]] = (
    "open",
    "completed",
    "expired",
    "cancelled",
)
DELIVERY_STATUSES: Final[tuple[DeliveryStatusName, ...]] = (
    "pending",
    "in_flight",
    "succeeded",
    "dead_lettered",
)

_COLOR: Final = re.compile("#[0-9A-Fa-f]{6}", re.ASCII)


class Unchanged(enum.Enum):
    """The mark of a field that a change leaves as it is, where None would clear it."""

    UNCHANGED = "UNCHANGED"

    def __repr__(self) -> str:
        return self.value


UNCHANGED: Final = Unchanged.UNCHANGED


def present(**fields: Any) -> dict[str, Any]:
    """Return the given fields without those that are None."""
    return {name: value for name, value in fields.items() if value is not None}


def at_most(length: int, name: str, text: str | None) -> str | None:
    """Return *text* or None; GateUsageError unless it is text of 1 to *length* characters."""
    if text is not None and (not isinstance(text, str) or not 0 < len(text) <= length):
        raise GateUsageError(f"{name} must be 1 to {length} characters")
    return text


def mapping(name: str, given: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """Return a dict copy of a mapping, or None; raises GateUsageError for anything else."""
    if given is not None and not isinstance(given, Mapping):
        raise GateUsageError(f"{name} is a mapping, not {type(given).__name__}")
    return None if given is None else dict(given)


def words(name: str, given: Sequence[str] | None) -> list[str] | None:
    """Return a list copy, or None; GateUsageError for a text and no collection."""
    if given is None or (
        isinstance(given, Collection) and not isinstance(given, str | bytes | Mapping)
    ):
        return None if given is None else [*given]
    raise GateUsageError(f"{name} takes a list, not {validation.kind_of(given)}: write {name}=[…]")


def sided(side: str) -> str:
    """Return *side*; raises GateUsageError unless it is `on_ramp` or `off_ramp`."""
    return validation.checked_choice("side", side, SIDES)


def region(country_code: str | Somewhere | None, currency: str | None) -> dict[str, Any]:
    """Return a query of the country and currency given; raises GateUsageError for neither.

    With neither, Gate would answer for wherever the request comes from.
    """
    if country_code is None and currency is None:
        raise GateUsageError(
            "name a currency= or a country_code=; BY_CALLER_IP lets Gate answer for the address "
            "that the request comes from, which from a server is the data centre's"
        )
    return present(
        country_code=None if country_code is None else validation.named_country(country_code),
        currency=currency,
    )


def with_marks(
    metadata: Mapping[str, Any] | None, identity: Identity, namespace: str
) -> dict[str, Any]:
    """Return the metadata plus the marks of this write; GateUsageError where the two clash.

    Raises:
        GateUsageError: the partner's metadata holds another value under the name of a mark.
    """
    sent = mapping("metadata", metadata) or {}
    ours = marks_for(identity, namespace)
    for name in MARKS:
        if name in sent and sent[name] != ours.get(name) and (name != ORDER or identity.order):
            raise GateUsageError(
                f"metadata.{name} is {sent[name]!r} and this write has {ours.get(name)!r}: leave it "
                "out of metadata, it is sent from order=, attempt= and namespace="
            )
    return sent | ours


class SessionFields(TypedDict, total=False):
    """The arguments of `sessions.create` that do not say which write it is."""

    amount: Required[Money]
    return_url: Required[str]
    cancel_url: str | None
    flow: Flow | FlowName | None
    target_token: str | None
    target_network: str | None
    wallet_address: str | None
    user_reference: str | None
    metadata: Mapping[str, Any] | None
    quote_preview_id: str | None
    kyc_package: Mapping[str, Any] | None
    new_order: bool


class SessionTerms(SessionFields, total=False):
    """The arguments of `sessions.create`."""

    order: str | None
    attempt: int
    idempotency_key: str | None


class RailFields(TypedDict, total=False):
    """The arguments of `pay_ins.create` and `pay_outs.create` that do not say which write it is."""

    quote_id: Required[str]
    expect: Required[Money | AnyAmount]
    gate_session_id: str | None
    asset: str | None
    network: str | None
    new_order: bool


class CustomerFields(TypedDict, total=False):
    """The arguments of `customers.create` that do not say which write it is."""

    email: Required[str]
    phone: str | None
    first_name: str | None
    last_name: str | None
    country_code: str | None
    metadata: Mapping[str, Any] | None


def session(
    *,
    mode: str,
    amount: Money,
    return_url: str,
    cancel_url: str | None,
    identity: Identity,
    namespace: str,
    metadata: Mapping[str, Any] | None,
    flow: str | None,
    **optional: Any,
) -> dict[str, Any]:
    """Return the JSON body of createSession; raises GateUsageError for a wrong value."""
    return present(
        amount=fiat_text(amount),
        currency=amount.code,
        return_url=validation.checked_return_url(return_url, mode),
        cancel_url=(
            None
            if cancel_url is None
            else validation.checked_return_url(cancel_url, mode, "cancel_url")
        ),
        flow=None if flow is None else validation.checked_choice("flow", flow, FLOWS),
        metadata=with_marks(metadata, identity, namespace),
        **optional,
    )


def price(
    *, amount: Money, asset: str, side: str, country_code: str | None, **optional: Any
) -> dict[str, Any]:
    """Return the JSON body of previewQuotes and lockQuote; GateUsageError for a wrong value."""
    return present(
        amount=fiat_text(amount),
        currency=amount.code,
        asset=asset,
        side=sided(side),
        country_code=None if country_code is None else validation.checked_country(country_code),
        **optional,
    )


def customer(
    *,
    email: str,
    first_name: str | None,
    last_name: str | None,
    country_code: str | None,
    metadata: Mapping[str, Any] | None,
    **optional: Any,
) -> dict[str, Any]:
    """Return the JSON body of createCustomer; raises GateUsageError for a wrong value."""
    if not isinstance(email, str) or not re.fullmatch(r"[^@\s]+@[^@\s]+", email):
        raise GateUsageError("email must be one address, name@host")
    return present(
        email=email,
        first_name=at_most(128, "first_name", first_name),
        last_name=at_most(128, "last_name", last_name),
        country_code=None if country_code is None else validation.checked_country(country_code),
        metadata=mapping("metadata", metadata),
        **optional,
    )


def _changes(**fields: Any) -> dict[str, Any]:
    """Return the fields that are not UNCHANGED; raises GateUsageError where none is left."""
    changed = {name: value for name, value in fields.items() if value is not UNCHANGED}
    if not changed:
        raise GateUsageError(f"nothing to change: name one of {', '.join(sorted(fields))}")
    return changed


def customer_changes(**fields: Any) -> dict[str, Any]:
    """Return the body of updateCustomer: fields not UNCHANGED, None clears; GateUsageError if wrong."""
    changes = _changes(**fields)
    for name in ("first_name", "last_name"):
        at_most(128, name, changes.get(name))
    if changes.get("country_code") is not None:
        changes["country_code"] = validation.checked_country(changes["country_code"])
    if "metadata" in changes:
        changes["metadata"] = mapping("metadata", changes["metadata"])
    return changes


def branding(**fields: Any) -> dict[str, Any]:
    """Return the body of updateBranding: fields not UNCHANGED, None clears; GateUsageError if wrong."""
    changes = _changes(**fields)
    for name, value in changes.items():
        if value is None:
            continue
        if name == "logo_url" and not str(value).startswith("https://"):
            raise GateUsageError("logo_url must be https")
        if name.endswith("_color") and not (isinstance(value, str) and _COLOR.fullmatch(value)):
            raise GateUsageError(f"{name} must be #RRGGBB, not {str(value)[:40]!r}")
    return changes


def deletion_marker(id: str) -> object:
    """Return the record of a deleted customer as Gate would send it; `deleted_at` is None."""
    return models.read(
        "DeletedCustomer", {"id": id, "object": "customer", "deleted": True, "deleted_at": None}
    )


def is_deletion_marker(record: Any) -> bool:
    """Return True if `deleted` is True on the record."""
    return getattr(record, "deleted", False) is True


def shows(record: Any, changes: Mapping[str, Any]) -> bool:
    """Return True if a record, as it was read, has the values of a change; empty equals None."""
    told: Mapping[str, Any] = record.to_dict()
    return all(_comparable(told.get(name)) == _comparable(value) for name, value in changes.items())


def _comparable(value: Any) -> Any:
    """Return a value for comparison: two-letter texts in upper case, empty ones as None."""
    return value.upper() if isinstance(value, str) and len(value) == 2 else (value or None)


def same_before(before: Any, record: Any, changes: Mapping[str, Any]) -> bool:
    """Return True if a record has, in the fields of a change, the values that *before* has."""
    then, now = before.to_dict(), record.to_dict()
    return all(then.get(name) == now.get(name) for name in changes)
