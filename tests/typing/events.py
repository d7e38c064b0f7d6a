"""An event's type says which record it carries: checked by the type checkers and never run."""

# A line that either checker takes makes its ignore unnecessary, and that is an error.
# pyright: reportUnnecessaryTypeIgnoreComment=true

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, assert_never, assert_type

from zerogate import webhooks
from zerogate.types import (
    Customer,
    DeletedCustomer,
    PayIn,
    PayOut,
    SessionEventData,
    SignedQuote,
    WebhookTestData,
)
from zerogate.webhooks import (
    CustomerDeletedEvent,
    CustomerEvent,
    Event,
    PayInEvent,
    PayOutEvent,
    QuoteEvent,
    SessionEvent,
    UnknownEvent,
    WebhookTestEvent,
)


def by_class(event: Event) -> None:
    match event:
        case SessionEvent(type="gate_session.completed", data=data):
            assert_type(data, SessionEventData)
        case SessionEvent():
            assert_type(event.data, SessionEventData)
        case PayInEvent():
            assert_type(event.data, PayIn)
        case PayOutEvent():
            assert_type(event.data, PayOut)
        case QuoteEvent():
            assert_type(event.data, SignedQuote)
        case CustomerEvent():
            assert_type(event.data, Customer)
        case CustomerDeletedEvent():
            assert_type(event.data, DeletedCustomer)
        case WebhookTestEvent():
            assert_type(event.data, WebhookTestData)
        case UnknownEvent():
            assert_type(event.type, str)
            assert_type(event.data, Mapping[str, Any])
        case _:
            assert_never(event)


def by_type(event: Event) -> None:
    # A body that does not fit its type carries no record, whatever its type: set aside first.
    if isinstance(event, UnknownEvent):
        return
    if event.type == "rail.pay_in.settled":
        assert_type(event, PayInEvent)
        assert_type(event.data, PayIn)
    elif event.type == "quote.consumed":
        assert_type(event.data, SignedQuote)
    elif event.type == "customer.deleted":
        assert_type(event.data, DeletedCustomer)


def at_once(event: Event) -> None:
    if not isinstance(event, UnknownEvent) and event.type == "customer.created":
        assert_type(event.data, Customer)


def untyped(body: bytes, headers: Mapping[str, str]) -> None:
    assert_type(webhooks.verify(body, headers, "whsec_x", typed=False), UnknownEvent)


def mistakes(event: Event) -> None:
    str(event.data.status)  # type: ignore[union-attr]
    if isinstance(event, PayInEvent):
        str(event.data.refid)  # type: ignore[attr-defined]
        kind: UnknownEvent = event  # type: ignore[assignment]
        event.mode = "live"  # type: ignore[misc]
        del kind
