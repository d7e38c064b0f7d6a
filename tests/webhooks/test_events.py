"""A verified body becomes one typed event; what we do not know is kept, not lost."""

from __future__ import annotations

import hmac
import json
import pickle
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, get_args

import attrs
import pytest
from zerogate import SignatureRejected, webhooks
from zerogate._wire.names import RENAMED
from zerogate.webhooks import EVENTS, Event, SessionEvent, UnknownEvent, verify

from tests.facade.contract import CONTRACT

SECRET, NOW = "whsec_example_0123456789abcdef", 1_779_786_060


def received(told: Mapping[str, Any], **how: bool) -> Event:
    body = json.dumps(told).encode()
    digest = hmac.new(SECRET.encode(), b"%d." % NOW + body, "sha256").hexdigest()
    return verify(body, {"Gate-Signature": f"t={NOW},v1={digest}"}, SECRET, now=NOW, **how)


def told(type: str = "gate_session.completed") -> dict[str, Any]:
    content = dict(CONTRACT.events())[type]["requestBody"]["content"]["application/json"]
    example = content.get("example") or next(iter(content["examples"].values()))["value"]
    return dict(json.loads(json.dumps(example)))


def times_alike(record: dict[str, Any]) -> dict[str, Any]:
    """`.000Z` and `+00:00` are one time."""
    return {
        name: datetime.fromisoformat(value) if name.endswith("_at") and value else value
        for name, value in record.items()
    }


def test_every_event_of_the_contract_has_a_record() -> None:
    assert set(EVENTS) == {type for type, _ in CONTRACT.events()}


@pytest.mark.parametrize("type", list(EVENTS))
def test_an_event_carries_its_record(type: str) -> None:
    example = told(type)
    event = received(example)
    assert (event.id, event.type, event.parse_error) == (example["id"], type, None)
    name = event.data.__class__.__name__
    assert RENAMED.get(name, name) == EVENTS[type]
    assert event.created_at == datetime.fromtimestamp(example["created_at"], UTC)
    kept = json.loads(json.dumps(event.data.to_dict(), default=str))
    assert times_alike(kept) == times_alike(example["data"])


def test_every_event_of_the_contract_has_a_class_that_names_its_type() -> None:
    classes = {type: received(told(type)).__class__ for type in EVENTS}
    assert {one.__name__ for one in classes.values()} == {
        name for name in webhooks.__all__ if name.endswith("Event") and len(name) > len("Event")
    } - {"UnknownEvent"}
    named = {type for one in set(classes.values()) for type in types_of(one)}
    assert named == set(EVENTS)
    assert all(type in types_of(one) for type, one in classes.items())


def types_of(event: type) -> tuple[str, ...]:
    """What a class of events is declared to be of."""
    return get_args(get_args(event.__orig_bases__[0])[0])  # type: ignore[attr-defined]


def test_an_event_is_frozen_and_matched_by_its_type() -> None:
    event = received(told())
    match event:
        case SessionEvent(type="gate_session.completed", data=data):
            assert data.status == "completed"
        case _:
            raise AssertionError(event)
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        event.mode = "live"


def test_amounts_are_exact_also_where_a_number_was_sent() -> None:
    example = told()
    example["data"]["amount"] = "0.000000000000000001"
    assert received(example).data.amount == Decimal("0.000000000000000001")


def test_a_type_of_tomorrow_is_a_mapping() -> None:
    event = received(told() | {"type": "gate_session.refunded"})
    assert isinstance(event, UnknownEvent)
    assert isinstance(event.data, dict)
    assert event.data["status"] == "completed"
    assert event.parse_error is None


def test_a_status_of_tomorrow_is_kept() -> None:
    example = told()
    example["data"] |= {"status": "suspended", "new_field": {"a": 1}}
    event = received(example)
    assert event.parse_error is None
    assert event.data.status == "suspended"
    assert event.data.additional_properties["new_field"] == {"a": 1}


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"status": None}, "SessionEventData"),
        ({"amount": "canary"}, "does not fit the contract (ValueError)"),
        ({"expires_at": "canary"}, "SessionEventData"),
    ],
    ids=str,
)
def test_a_body_that_todays_models_cannot_read_is_a_mapping_and_says_so(
    change: dict[str, Any], why: str
) -> None:
    example = told()
    example["data"] |= change
    event = received(example)
    assert isinstance(event, UnknownEvent)
    assert event.data == example["data"]
    assert event.parse_error is not None
    assert why in event.parse_error
    assert "canary" not in event.parse_error


@pytest.mark.parametrize("type", [*EVENTS, "gate_session.refunded"])
def test_who_only_keeps_an_event_may_have_its_data_as_it_was_signed(type: str) -> None:
    example = told() | {"type": type}
    event = received(example, typed=False)
    assert (event.id, event.type, event.data) == (example["id"], type, example["data"])
    assert event.parse_error is None


def test_an_event_that_is_not_typed_has_been_checked_all_the_same() -> None:
    with pytest.raises(SignatureRejected, match="data that is no object"):
        received(told() | {"data": "none"}, typed=False)


def test_a_missing_field_is_named() -> None:
    example = told()
    del example["data"]["status"]
    assert received(example).parse_error == "SessionEventData without 'status'"


def test_repr_and_hash_leave_the_data_out() -> None:
    example = told("customer.created")
    example["data"]["email"] = "canary@partner.example"
    event = received(example)
    assert "canary" not in repr(event)
    assert example["id"] in repr(event)
    assert {event: 1}[event] == 1


def test_an_event_cannot_be_changed_and_travels() -> None:
    event = received(told())
    with pytest.raises(AttributeError):
        event.mode = "live"  # type: ignore[misc]
    assert pickle.loads(pickle.dumps(event)) == event
