"""Erases a person from a store, in one account, mode and namespace. Sends no request.

Ids, keys, states and times stay, so that no payment is lost and no replay is new. Of an event that is
not worked off yet the facts stay that its handler needs; all else is read from Gate then.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final, TypeVar

from zerogate._idempotency.identity import MARKS
from zerogate._idempotency.keys import identify_customer
from zerogate.errors import GateUsageError, StoreFailed

from ._encryption import FieldCipher, NotOpened, json_in, place_of
from ._journal.statements import Statement, Step
from ._scope import Scope

T = TypeVar("T")
_HERE: Final = "account = :account AND mode = :mode AND namespace = :namespace"
SCOPES: Final = Statement(
    "SELECT account, mode, namespace FROM zerogate_intents "
    "UNION SELECT account, mode, namespace FROM zerogate_events ORDER BY 1, 2, 3"
)
OBJECTS: Final = Statement(
    f"SELECT object_id, duplicates FROM zerogate_intents WHERE {_HERE} "
    "AND (key = :key OR order_ref = :order_ref)"
)
#: A customer's terms are the e-mail address; a payment's keep another amount from going unseen.
_ERASED: Final = (
    "body = NULL, fingerprint = '', "
    "terms = CASE WHEN operation = 'createCustomer' THEN '' ELSE terms END"
)
INTENTS_ERASE: Final = Statement(
    f"UPDATE zerogate_intents SET {_ERASED} WHERE {_HERE} AND (key = :key OR order_ref = :order_ref)"
)
INTENTS_EXPIRE: Final = Statement(
    f"UPDATE zerogate_intents SET {_ERASED} WHERE {_HERE} AND made_at < :before"
)
EVENTS_ABOUT: Final = Statement(
    f"SELECT signed, id, state, body FROM zerogate_events WHERE {_HERE} AND body IS NOT NULL "
    "AND (order_ref = :order_ref OR subject = :subject OR parent = :subject)"
)
#: What Gate signed and nobody could read, of whomever it is: its id says so.
EVENTS_UNREADABLE: Final = Statement(
    f"SELECT signed, id, body FROM zerogate_events WHERE {_HERE} AND body IS NOT NULL "
    "AND substr(id, 1, 11) = 'quarantine_'"
)
EVENTS_OF_CUSTOMERS: Final = Statement(
    f"SELECT subject, signed, id, body FROM zerogate_events WHERE {_HERE} AND kind = 'customer' "
    "AND body IS NOT NULL"
)
EVENT_ERASE: Final = Statement(
    f"UPDATE zerogate_events SET body = :body, reduced = 1 WHERE {_HERE} "
    "AND signed = :signed AND id = :id"
)

#: What a connection of the partner's own may not have been told.
_OVERWRITTEN: Final = Statement("PRAGMA secure_delete = ON")

#: Of an event about a person, what is kept of its data; all else is read from Gate when it is needed.
KEPT: Final = (
    {"id", "object", "partner_id", "mode", "status", "amount", "currency", "flow", "expires_at"}
    | {"created_at", "updated_at", "external_id", "kyc_status", "kyc_pre_verified"}
    | {"deleted", "deleted_at"}
)
#: States of events that somebody may still work off.
_TO_DO: Final = frozenset({"pending", "parked", "unmatched"})


def reduced(data: Mapping[str, Any]) -> dict[str, Any]:
    """Return a copy of data about a person with only the fields and marks that may be kept."""
    found = {name: value for name, value in data.items() if name in KEPT}
    metadata = data.get("metadata")
    if isinstance(metadata, Mapping):
        found["metadata"] = {name: told for name, told in metadata.items() if name in MARKS}
    return found


def only_scope(
    scopes: Collection[Scope], account: str | None, mode: str | None, namespace: str | None
) -> Scope | None:
    """Return the one scope that fits all names given, None if none does; GateUsageError if several do.

    Raises:
        GateUsageError: several are, and what is about one of them must not be taken from another.
    """
    asked = {"account": account, "mode": mode, "namespace": namespace}
    said = {name: value for name, value in asked.items() if value is not None}
    meant = [one for one in scopes if said.items() <= one.values.items()]
    if len(meant) > 1:
        named = "; ".join(
            f"account={one.account!r}, mode={one.mode!r}, namespace={one.namespace!r}"
            for one in meant[:5]
        )
        more = f"; and {len(meant) - 5} more" if len(meant) > 5 else ""
        raise GateUsageError(f"say in which part of this store: {named}{more}")
    return meant[0] if meant else None


def scopes() -> Step[list[Scope]]:
    """Return all scopes that have intents or events, sorted by account, mode and namespace."""
    return [Scope(*row) for row in (yield SCOPES())]


def event_place(scope: Scope, signed: str, id: str) -> bytes:
    """Return the bytes that name an event's row, which its encrypted body is bound to."""
    return place_of("event", scope.account, scope.mode, scope.namespace, signed, id)


def erase_request(
    scope: Scope, sealer: FieldCipher, *, order: str | None, key: str | None
) -> Step[int]:
    """Erase bodies of intents and events of an order or key; return how many events.

    Of an event that is still to be handled the facts stay that its handler needs.
    What was sent is then known by nothing that a guess could be compared with.
    """
    values = scope.values | {"order_ref": order, "key": key or ""}
    ids: list[str] = []
    for object_id, duplicates in (yield OBJECTS(**values)):
        ids += [id for id in (object_id, *(json_in(duplicates, list) or ())) if id]
    yield INTENTS_ERASE(**values)
    return (yield from _erase_events(scope, sealer, order, ids))


def erase_customer(scope: Scope, sealer: FieldCipher, external_id: str) -> Step[int]:
    """Erase bodies of a customer's intents and events; return the events' count. StoreFailed: key missing.

    Raises:
        StoreFailed: some event may be of them, and is encrypted under a key that is not here.
    """
    key = identify_customer(scope.namespace, external_id, None).idempotency_key
    ids, closed = [], 0
    for subject, signed, id, kept in (yield EVENTS_OF_CUSTOMERS(**scope.values)):
        body = _opened_body(kept, event_place(scope, signed, id), sealer)
        closed += body is None
        if body is not None and (data_in(body) or {}).get("external_id") == external_id:
            ids.append(subject)
    if closed:
        raise StoreFailed(
            f"nothing was erased: {closed} events of customers cannot be read with the encryption keys "
            "of this store, and may be of this one: add the key that they were written under"
        )
    erased = yield from _erase_events(scope, sealer, None, [*ids, external_id])
    return erased + (yield from erase_request(scope, sealer, order=None, key=key))


def erase_older(scope: Scope, before: float) -> Step[None]:
    """Erase bodies and hashes of requests made before then (Unix seconds), in any state."""
    yield INTENTS_EXPIRE(**scope.values, before=before)


def with_secure_delete(step: Step[T]) -> Step[T]:
    """Set SQLite's secure_delete, then run a step and return its result."""
    yield _OVERWRITTEN()
    return (yield from step)


def _erase_events(
    scope: Scope, sealer: FieldCipher, order: str | None, ids: Sequence[str]
) -> Step[int]:
    """Erase bodies of events about an order or ids, or reduce them; return how many."""
    values, erased = scope.values, 0
    for id in dict.fromkeys((*ids, "")):
        rows = yield EVENTS_ABOUT(**values, order_ref=order, subject=id or None)
        for signed, event, state, kept in rows:
            place = event_place(scope, signed, event)
            body = _opened_body(kept, place, sealer) if state in _TO_DO else None
            # What nobody can read tells its handler nothing: it reads from Gate then.
            less = None if body is None else reduced_body(body)
            left = None if less is None else sealer.cover(less, place)
            yield EVENT_ERASE(**values, signed=signed, id=event, body=left)
            erased += 1
    return erased + (yield from _erase_quarantined(scope, sealer, [order, *ids]))


def _erase_quarantined(scope: Scope, sealer: FieldCipher, names: Sequence[str | None]) -> Step[int]:
    """Erase quarantined bodies that hold a name, or cannot be opened; return how many."""
    values, erased = scope.values, 0
    sought = [told for name in names if name for told in _spellings(name)]
    if not sought:
        return 0
    for signed, event, kept in (yield EVENTS_UNREADABLE(**values)):
        body = _opened_body(kept, event_place(scope, signed, event), sealer)
        if body is None or any(told in body for told in sought):
            yield EVENT_ERASE(**values, signed=signed, id=event, body=None)
            erased += 1
    return erased


def _spellings(name: str) -> set[bytes]:
    """Return a text's UTF-8 bytes, plain and as JSON escapes them."""
    return {name.encode("utf-8", "surrogatepass"), json.dumps(name)[1:-1].encode()}


def _opened_body(kept: bytes, place: bytes, sealer: FieldCipher) -> bytes | None:
    """Return an event's body in clear; None where it cannot be opened."""
    try:
        return sealer.uncover(kept, place)
    except NotOpened:
        return None


def data_in(body: bytes) -> Mapping[str, Any] | None:
    """Return the `data` of an event's body; None where it is no object."""
    data = (json_in(body, dict) or {}).get("data")
    return data if isinstance(data, Mapping) else None


def reduced_body(body: bytes) -> bytes | None:
    """Return an event's body with only its envelope and the data that may be kept; None without data."""
    told, data = json_in(body, dict), data_in(body)
    if told is None or data is None:
        return None
    envelope = {name: told.get(name) for name in ("id", "type", "created_at")}
    return json.dumps({**envelope, "data": reduced(data)}, separators=(",", ":")).encode()
