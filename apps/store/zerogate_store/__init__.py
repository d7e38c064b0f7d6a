"""Remembers writes and webhooks, on one database. Needs zerogate[store]."""

from zerogate._mistakes.misuse import explain_imports

from ._async.inbox import AsyncInbox
from ._async.pacing import AsyncPace
from ._inbox.payment_state import EventState
from ._inbox.records import EventContext, Gap, Metrics, Missing, Receipt, RetryLater, StoredEvent
from ._store import Store
from ._sync.inbox import Inbox
from ._sync.pacing import Pace

__all__ = [
    "AsyncInbox",
    "AsyncPace",
    "EventContext",
    "EventState",
    "Gap",
    "Inbox",
    "Metrics",
    "Missing",
    "Pace",
    "Receipt",
    "RetryLater",
    "Store",
    "StoredEvent",
]

explain_imports("zerogate_store")
