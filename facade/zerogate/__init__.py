"""Safe access to the 0Gate API with other people's money: the public names.

Records and enums that Gate returns are in `zerogate.types`, webhooks in `zerogate.webhooks`,
transports in `zerogate.transports`.
"""

from . import webhooks
from ._about import __version__
from ._amounts import amount_of
from ._async.client import AsyncGate
from ._async.pages import AsyncAutoPager
from ._async.seam import AsyncJournal
from ._browser import for_browser
from ._captured import ResponseInfo, captured_responses
from ._clocks import Clock
from ._durability import JournalEntry, Recovered, Recovery, StoreLoss
from ._idempotency.keys import fresh_key, idempotency_key
from ._idempotency.retries import RetryPolicy
from ._mistakes.misuse import explain_imports
from ._observers import AttemptRecord, CallRecord, Observer
from ._pagination import Page
from ._reconciliation import (
    ANY_AMOUNT,
    ANY_NAMESPACE,
    ANY_ORDER,
    Failed,
    Hold,
    Mismatch,
    Outcome,
    Pending,
    Settled,
    TransactionStatuses,
)
from ._sync.client import Gate
from ._sync.pages import AutoPager
from ._sync.seam import Journal
from ._unreadable import UnreadableRow
from ._validation import BY_CALLER_IP
from ._wire.bodies import UNCHANGED
from .errors import (
    AlreadyTerminal,
    AttemptOpen,
    Conflict,
    Forbidden,
    GateError,
    GateUsageError,
    IdempotencyConflict,
    InvalidRequest,
    KeyReused,
    MoneyError,
    NotFound,
    NotSent,
    OutcomeUnknown,
    RateLimited,
    ReadFailed,
    RequestRejected,
    SignatureRejected,
    StoreFailed,
    Unauthorized,
    UnexpectedAnswer,
)
from .money import Money

__all__ = [
    "ANY_AMOUNT",
    "ANY_NAMESPACE",
    "ANY_ORDER",
    "BY_CALLER_IP",
    "UNCHANGED",
    "AlreadyTerminal",
    "AsyncAutoPager",
    "AsyncGate",
    "AsyncJournal",
    "AttemptOpen",
    "AttemptRecord",
    "AutoPager",
    "CallRecord",
    "Clock",
    "Conflict",
    "Failed",
    "Forbidden",
    "Gate",
    "GateError",
    "GateUsageError",
    "Hold",
    "IdempotencyConflict",
    "InvalidRequest",
    "Journal",
    "JournalEntry",
    "KeyReused",
    "Mismatch",
    "Money",
    "MoneyError",
    "NotFound",
    "NotSent",
    "Observer",
    "Outcome",
    "OutcomeUnknown",
    "Page",
    "Pending",
    "RateLimited",
    "ReadFailed",
    "Recovered",
    "Recovery",
    "RequestRejected",
    "ResponseInfo",
    "RetryPolicy",
    "Settled",
    "SignatureRejected",
    "StoreFailed",
    "StoreLoss",
    "TransactionStatuses",
    "Unauthorized",
    "UnexpectedAnswer",
    "UnreadableRow",
    "__version__",
    "amount_of",
    "captured_responses",
    "for_browser",
    "fresh_key",
    "idempotency_key",
    "webhooks",
]

explain_imports("zerogate", "zerogate.errors", "zerogate.webhooks", "zerogate.money")
