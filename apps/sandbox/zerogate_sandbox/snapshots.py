"""A world as JSON, and a world from it, so that a story can be kept and gone on with.

What is neither text, number, truth, null, list nor object is written as `{"$": kind, …}`; an
object of somebody's metadata that has a `$` of its own is written as a list of pairs.
"""

from __future__ import annotations

from collections import OrderedDict, deque
from typing import TYPE_CHECKING, Any

import attrs

from zerogate_sandbox.collection import Collection, Row
from zerogate_sandbox.customers import Customer
from zerogate_sandbox.deliveries import Delivery
from zerogate_sandbox.events import Event
from zerogate_sandbox.faults import Fault
from zerogate_sandbox.idempotency import Entry, Keys
from zerogate_sandbox.partners import Account, Partners
from zerogate_sandbox.profiles import Profile
from zerogate_sandbox.quotes import Priced, Quote
from zerogate_sandbox.rails import Rail
from zerogate_sandbox.scheduler import Scheduler
from zerogate_sandbox.sessions import Session
from zerogate_sandbox.transactions import Transaction
from zerogate_sandbox.world import Listener

if TYPE_CHECKING:
    from zerogate_sandbox.world import World

FORMAT = 1
#: What may stand at a path besides what a new world has there.
_KINDS: dict[str, Any] = {"now": (int, float), "seeds.seed": (int, str)}
_STATE = (
    "now",
    "forgotten",
    "profile",
    "partners",
    "seeds.seed",
    "seeds.counters",
    "faults.rules",
    "faults.added",
    "keys",
    "scheduler",
    "events",
    "listeners",
    "sessions.collection",
    "transactions.collection",
    "transactions.of_session",
    "deliveries.collection",
    "deliveries.lanes",
    "deliveries.held",
    "deliveries.heap",
    "deliveries.added",
    "embed.bootstraps",
    "capabilities.withdrawn",
    "quotes.collection",
    "rails.collections",
    "rails.moved",
    "rails.blocked",
    "customers.collection",
    "customers.held",
    "branding.looks",
)
_RECORDS: dict[str, type] = {
    kind.__name__: kind
    for kind in (
        *(Account, Scheduler, Customer, Delivery, Entry, Event, Fault, Keys, Listener, Partners),
        *(Priced, Profile, Quote, Rail, Row, Session, Collection, Transaction),
    )
}


def taken(world: World) -> dict[str, Any]:
    """Return the state of a world, secrets included, as JSON data."""
    return {"format": FORMAT, "state": {path: _to_json(_attribute(world, path)) for path in _STATE}}


def put_back(world: World, snapshot: Any) -> None:
    """Set a world's state to a snapshot; ValueError, and no change, if it is no snapshot."""
    if not isinstance(snapshot, dict) or snapshot.get("format") != FORMAT:
        raise ValueError(f"not a snapshot of a sandbox in format {FORMAT}")
    state = snapshot.get("state")
    if not isinstance(state, dict) or set(state) != set(_STATE):
        raise ValueError("the snapshot's state is not complete")
    try:
        values = {path: _from_json(value) for path, value in state.items()}
    except (AttributeError, KeyError, RecursionError, TypeError, ValueError) as error:
        raise ValueError(f"the snapshot cannot be read: {error}") from None
    for path, value in values.items():
        if not isinstance(value, _KINDS.get(path) or type(_attribute(world, path))):
            raise ValueError(f"the snapshot cannot be read: {path} is no {type(value).__name__}")
    for path, value in values.items():
        owner, _, name = path.rpartition(".")
        setattr(_attribute(world, owner) if owner else world, name, value)


def _attribute(world: Any, path: str) -> Any:
    """Return the attribute of the world at a dotted path."""
    for name in path.split("."):
        world = getattr(world, name)
    return world


def _to_json(value: Any) -> Any:
    """Return a value as JSON data: what JSON has not, as `{"$": kind, …}`."""
    match value:
        case None | bool() | int() | float() | str():
            return value
        case list():
            return [_to_json(one) for one in value]
        case bytes():
            return {"$": "bytes", "of": value.decode("latin-1")}
        case tuple() | deque():
            return {"$": type(value).__name__, "of": [_to_json(one) for one in value]}
        case set():
            return {"$": "set", "of": sorted(value)}
        case dict() if "$" in value or isinstance(value, OrderedDict):
            pairs = [[name, _to_json(one)] for name, one in value.items()]
            return {"$": type(value).__name__, "of": pairs}
        case dict():
            return {name: _to_json(one) for name, one in value.items()}
        case _:
            # Not attrs.asdict: it would copy the records inside as plain objects.
            fields = {one.name: getattr(value, one.name) for one in attrs.fields(type(value))}
            return {"$": type(value).__name__, "of": _to_json(list(fields.items()))}


def _from_json(value: Any) -> Any:
    """Return the value that `_to_json` made JSON data of."""
    if isinstance(value, list):
        return [_from_json(one) for one in value]
    if not isinstance(value, dict):
        return value
    if "$" not in value:
        return {name: _from_json(one) for name, one in value.items()}
    kind, content = value["$"], value["of"]
    if kind == "bytes":
        return content.encode("latin-1")
    items = [_from_json(one) for one in content]
    if kind in _CONTAINERS:
        return _CONTAINERS[kind](items)
    return _RECORDS[kind](**dict(items))


_CONTAINERS: dict[str, Any] = {
    "tuple": tuple,
    "deque": deque,
    "set": set,
    "dict": dict,
    "OrderedDict": OrderedDict,
}
