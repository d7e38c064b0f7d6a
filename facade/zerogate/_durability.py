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
    def operation(self) -> str: ...

    @property
    def key(self) -> str: ...

    @property
    def order_ref(self) -> str | None: ...

    @property
    def attempt(self) -> int | None: ...

    @property
    def state(self) -> IntentState: ...

    @property
    def made_at(self) -> float: ...

    @property
    def first_sent_at(self) -> float | None: ...

    @property
    def object_id(self) -> str | None: ...

    @property
    def object_status(self) -> str | None: ...

    @property
    def status_at(self) -> float | None: ...

    @property
    def duplicates(self) -> tuple[str, ...]: ...

    @property
    def another(self) -> str | None: ...

    @property
    def ids(self) -> tuple[str, ...]: ...

    @property
    def secret_at(self) -> float | None: ...

    @property
    def secret_may_be_out(self) -> bool: ...

    @property
    def request_ids(self) -> tuple[str, ...]: ...

    @property
    def findable(self) -> bool: ...

    @property
    def search_cursor(self) -> str | None: ...

    @property
    def context(self) -> dict[str, Any]: ...


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
        """Return seconds until a first send may be possible, 1 or more; it can take longer."""
        left = max(0.0, self.resume_at - now)
        return max(1.0, left if self.walk > 1 else left + grace)

    def __str__(self) -> str:
        more = "; another store writes here" if self.another_writes else ""
        if self.over:
            return f"forgot, and knows {self.found} sessions again: {self.reason}{more}"
        found = f"walk {self.walk} of 2, {self.found} taken in so far"
        return f"has forgotten: {self.reason}; {found}{more}"
