"""Remembers writes and webhooks, on one database. Needs zerogate[store]."""

from zerogate._mistakes.misuse import explain_imports

from ._async.inbox import AsyncInbox
from ._async.rate_limiter import AsyncRateLimiter
from ._inbox.payment_state import EventState
from ._inbox.records import EventContext, Gap, Metrics, Missing, Receipt, RetryLater, StoredEvent
from ._store import Store
from ._sync.inbox import Inbox
from ._sync.rate_limiter import RateLimiter

__all__ = [
    "AsyncInbox",
    "AsyncRateLimiter",
    "EventContext",
    "EventState",
    "Gap",
    "Inbox",
    "Metrics",
    "Missing",
    "RateLimiter",
    "Receipt",
    "RetryLater",
    "Store",
    "StoredEvent",
]

explain_imports("zerogate_store")
