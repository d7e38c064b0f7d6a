"""Records that cross the seam between a client and its store. Plain data; knows no database."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

import attrs

if TYPE_CHECKING:
    from ._literals import IntentState
    from ._reconciliation import Outcome
    from .errors import GateError


class JournalEntry(Protocol):
    """One write as a store has it written down. Times are Unix seconds.

    state: intended, sent, known, rejected or absent. duplicates: Other objects of the same attempt.
    another: A session that an event told of under its key, beside its own. ids: All of these.
    status_at: When object_status was first read. secret_at: When a client secret was handed out.
    secret_may_be_out: False only where it is recorded that nobody has one.
    findable: True where a list can show it by its key. search_cursor: Where a search goes on.
    """

    @property
    def operation(self) -> str:
        """Return the contract's operationId, such as `createSession`."""
        ...

    @property
    def key(self) -> str:
        """Return the idempotency key, which entries are known by."""
        ...

    @property
    def order_ref(self) -> str | None:
        """Return the caller's reference; None for a write that was made without an order."""

    @property
    def attempt(self) -> int | None:
        """Return the number of the order's attempt, from 1; None without an order."""

    @property
    def state(self) -> IntentState:
        """Return how far the write has come, such as `sent` or `succeeded`."""
        ...

    @property
    def made_at(self) -> float:
        """Return when the entry was made, in Unix seconds."""
        ...

    @property
    def first_sent_at(self) -> float | None:
        """Return when the write's first byte may have left, in Unix seconds; None before that."""

    @property
    def object_id(self) -> str | None:
        """Return the id of the object that the write made; None while it is unknown."""

    @property
    def object_status(self) -> str | None:
        """Return the object's status as last seen; None while it is unknown."""

    @property
    def status_at(self) -> float | None:
        """Return when `object_status` was first read, in Unix seconds; None if it was not."""

    @property
    def duplicates(self) -> tuple[str, ...]:
        """Return the ids of further objects that the same write made; () as a rule."""
        ...

    @property
    def another(self) -> str | None:
        """Return the id of a session that an event told of under this key, beside its own; None if none."""

    @property
    def ids(self) -> tuple[str, ...]:
        """Return the ids of all objects that the write made, its own first."""
        ...

    @property
    def secret_at(self) -> float | None:
        """Return when a session's client secret was handed out, in Unix seconds; None if not known to be."""

    @property
    def secret_may_be_out(self) -> bool:
        """Return True if somebody may have the session's client secret."""
        ...

    @property
    def request_ids(self) -> tuple[str, ...]:
        """Return the request ids of Gate's answers to the call; () if there was no answer."""
        ...

    @property
    def findable(self) -> bool:
        """Return True if its object can be looked for in Gate's list, by the marks that it carries."""
        ...

    @property
    def search_cursor(self) -> str | None:
        """Return the cursor from which a search of Gate's list goes on; None for the newest end."""

    @property
    def context(self) -> dict[str, Any]:
        """Return the fields that an error about this write names: operation, order, attempt, key."""
        ...


@attrs.frozen(kw_only=True)
class Recovered:
    """Result of recovering one unfinished write.

    id: The object, where it is known now. error: What is in the way, where it is not.
    duplicates: Other sessions of an attempt in doubt: cancelled, unless somebody had begun to pay.
    outcome: Of an attempt that made way for another: what shows on it after all, a second payment of
        the order for one.
    """

    operation: str
    order: str | None
    attempt: int | None
    idempotency_key: str
    id: str | None = None
    error: GateError | None = None
    duplicates: tuple[str, ...] = ()
    outcome: Outcome | None = None


class Recovery(list[Recovered]):
    """Results of recovering unfinished writes, in the order in which they were known.

    left: How many are due and were not reached in time.
    """

    left: int = 0


@attrs.frozen
class StoreLoss:
    """That a store has forgotten, and how far the account has been walked since. Times are Unix seconds.

    gate_time: noticed_at on Gate's clock. since: How far back the walks go, on Gate's clock.
    asked: 1 where a person asked for it. walk: Which of the two walks is under way, 3 after both.
    resume_at: When the walk may go on. found: Sessions taken in. another_writes: 1 where sessions
    were made after it was noticed that this store does not know. over_at: When both walks had ended.
    vouched_at: When somebody said that no rail of before is missing.
    """

    noticed_at: float
    gate_time: float
    reason: str
    since: float
    asked: int
    walk: int
    search_cursor: str | None
    resume_at: float
    found: int
    another_writes: int
    over_at: float | None
    vouched_at: float | None

    @property
    def over(self) -> bool:
        """Return True when both walks have ended: first sends are possible again."""
        return self.over_at is not None

    def wait(self, now: float, grace: float) -> float:
        """Return seconds, at least 1, until first sends may be possible at the earliest."""
        left = max(0.0, self.resume_at - now)
        return max(1.0, left if self.walk > 1 else left + grace)

    def __str__(self) -> str:
        more = "; another store writes here" if self.another_writes else ""
        if self.over:
            return f"forgot, and knows {self.found} sessions again: {self.reason}{more}"
        found = f"walk {self.walk} of 2, {self.found} taken in so far"
        return f"has forgotten: {self.reason}; {found}{more}"
