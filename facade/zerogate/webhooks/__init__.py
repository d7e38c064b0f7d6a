"""Webhooks: what Gate signed, or nothing. Verify, then read; dedupe by the signed body's id."""

from ._events import EVENTS, Event
from ._signatures import WebhookSecret, sign, verify

__all__ = ["EVENTS", "Event", "WebhookSecret", "sign", "verify"]
