"""Webhooks: what Gate signed, or nothing. Verify, then read; dedupe by the signed body's id."""

from ._events import (
    EVENTS,
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
from ._signatures import WebhookSecret, sign, verify

__all__ = [
    "EVENTS",
    "CustomerDeletedEvent",
    "CustomerEvent",
    "Event",
    "PayInEvent",
    "PayOutEvent",
    "QuoteEvent",
    "SessionEvent",
    "UnknownEvent",
    "WebhookSecret",
    "WebhookTestEvent",
    "sign",
    "verify",
]
