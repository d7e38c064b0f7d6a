"""Remembers writes and webhooks, on one database. Needs zerogate[store]."""

from zerogate._mistakes.misuse import explain_imports

from ._async.inbox import AsyncInbox
from ._async.pacing import AsyncPace
from ._inbox.payment_state import EventState
from ._inbox.records import Gap, Later, Metrics, Missing, Receipt, Received, Stored
from ._store import Store
from ._sync.inbox import Inbox
from ._sync.pacing import Pace

__all__ = [
    "AsyncInbox",
    "AsyncPace",
    "EventState",
    "Gap",
    "Inbox",
    "Later",
    "Metrics",
    "Missing",
    "Pace",
    "Receipt",
    "Received",
    "Store",
    "Stored",
]

explain_imports(globals())
