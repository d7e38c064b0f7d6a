"""Webhooks end to end: kept once, handled once, nothing missed. Needs zerogate[store]."""

from ._async.inbox import AsyncInbox
from ._async.pacing import AsyncPace
from ._sync.inbox import Inbox
from ._sync.pacing import Pace
from .records import Gap, Later, Metrics, Missing, Receipt, Received, Stored

__all__ = [
    "AsyncInbox",
    "AsyncPace",
    "Gap",
    "Inbox",
    "Later",
    "Metrics",
    "Missing",
    "Pace",
    "Receipt",
    "Received",
    "Stored",
]
