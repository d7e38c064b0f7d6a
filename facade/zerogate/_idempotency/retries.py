"""Decides whether to try a call again, and how long to wait first. Pure: no clock, no sleep."""

from __future__ import annotations

import enum
import math
import threading
from collections.abc import Iterable
from datetime import UTC
from functools import lru_cache
from typing import Any, Final

import attrs

from .._frames import discreet_class
from ..errors import GateUsageError

#: Connecting, or a read of one byte, in less than this is not worth a try.
_LEAST_ATTEMPT: Final = 0.05
#: Repetitions that a client has before any call of it succeeded, and seconds in which one comes back.
_FIRST: Final = 3
_REFILL: Final = 60.0


#: The status of an intermediary that gave up waiting: what was asked may yet happen.
_GAVE_UP: Final = frozenset({408, 425})
#: To a write under a key, these may speak of that very write, still in hand: nobody has documented it.
_IN_HAND: Final = frozenset({409, 423, 425})


class RetrySafety(enum.Enum):
    """The ways in which sending one operation twice is safe, or is not."""

    READ = "a read: sending it again changes nothing"
    KEYED = "a write under an idempotency key: the same key and the same bytes are one write"
    SETTLED = "a write without a key, whose effect a read shows: read before sending it again"
    ONCE = "a write that nothing makes safe to repeat: sent once"


class AttemptVerdict(enum.Enum):
    """The meanings that one attempt's end can have."""

    DONE = "Gate did it, or answered it"
    REFUSED = "a definite no: this attempt took no effect"
    THROTTLED = "too many requests: this attempt took no effect"
    UNCLEAR = "nothing to rely on: a write may have taken effect"
    HELD = "a write under this key may be in hand, or Gate itself was not reached: as unclear"
    REDIRECTED = (
        "somewhere else is named, which is never followed: as unclear, and no better next time"
    )
    UNSENT = "no byte left this machine"


def meaning_of(
    status: int, *, keyed: bool = False, told: bool = True, known: bool = False
) -> AttemptVerdict:
    """Return the verdict: 5xx UNCLEAR, most 4xx REFUSED; HELD: a keyed 409 not *known*, a 404 not *told*.

    keyed: Whether this answers a write under an idempotency key; then less is definite.
    told: Whether it came in Gate's envelope, where that matters: to any write. known: Whether a 409 says by
    its code what it is about.
    """
    if (keyed and status in _IN_HAND and not known) or (status == 404 and not told):
        return AttemptVerdict.HELD
    if 200 <= status <= 299:
        return AttemptVerdict.DONE
    if 300 <= status <= 399:
        return AttemptVerdict.REDIRECTED
    if status == 429:
        return AttemptVerdict.THROTTLED
    if (400 <= status <= 428 and status not in _GAVE_UP) or status == 501:
        return AttemptVerdict.REFUSED
    return AttemptVerdict.UNCLEAR


def _positive(_: object, attribute: attrs.Attribute[Any], value: Any) -> None:
    """Raise GateUsageError unless a policy's value is a finite number above 0."""
    if type(value) not in (int, float) or not 0 < value < 1e9:
        raise GateUsageError(f"RetryPolicy({attribute.name}=…) must be above 0, not {value!r:.40}")


def _count(_: object, attribute: attrs.Attribute[Any], value: Any) -> None:
    """Raise GateUsageError unless a policy's value is a whole number from 1 to 20."""
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= 20:
        raise GateUsageError(f"RetryPolicy({attribute.name}=…) must be 1 to 20, not {value!r}")


@discreet_class
@attrs.frozen(kw_only=True)
class RetryPolicy:
    """The limits of retrying; replace the client's with `Gate(…, retries=RetryPolicy(…))`.

    attempts: Times one call may be sent, the first included. 1 never repeats anything.
    first_wait, longest_wait: Seconds. Waits are drawn evenly from nothing up to a bound that
        doubles from the first to the longest ("full jitter").
    budget: Tokens a client has for repeating, at most; so an outage is not met with a multiple of the
        load. It begins with three repetitions, of whatever kind; calls that succeed earn a token each, and
        what is missing of the three comes back at one repetition a minute.
    cost, cost_throttled: Tokens one repetition takes, and one after a 429, or where a write under the
        same key may be in hand; the latter out of what was earned.
    """

    attempts: int = attrs.field(default=4, validator=_count)
    first_wait: float = attrs.field(default=0.5, validator=_positive)
    longest_wait: float = attrs.field(default=8.0, validator=_positive)
    budget: float = attrs.field(default=500, validator=_positive)
    cost: float = attrs.field(default=14, validator=_positive)
    cost_throttled: float = attrs.field(default=5, validator=_positive)


class RetryBudget:
    """Tokens that a client may spend on repeating; calls that succeed earn some. Safe in threads.

    Many young clients in an outage have earned nothing: so they begin with little.
    """

    def __init__(self, policy: RetryPolicy) -> None:
        self._policy = policy
        #: What is there without being earned.
        self._first = min(policy.budget, _FIRST * policy.cost)
        self._left, self._filled_at = self._first, -math.inf
        self._lock = threading.Lock()

    @property
    def left(self) -> float:
        """Return the tokens that are left."""
        return self._left

    def take(self, meaning: AttemptVerdict, now: float = 0.0) -> float | None:
        """Refill by *now*; take and return the tokens of one repetition, or None, and take none, if too few.

        now: Seconds, on a clock that only grows.
        """
        with self._lock:
            self._refill(now)
            price = self._price(meaning)
            if self._left < price:
                return None
            self._left -= price
        return price

    def _price(self, meaning: AttemptVerdict) -> float:
        """Return the tokens of one repetition: less after a 429 or a held write, while enough remain."""
        if meaning not in (AttemptVerdict.THROTTLED, AttemptVerdict.HELD):
            return self._policy.cost
        low = self._policy.cost_throttled
        return low if self._left - low >= self._first else max(low, self._first / _FIRST)

    def _refill(self, now: float) -> None:
        """Add tokens for the time since the last call, up to those it began with."""
        since, self._filled_at = now - self._filled_at, now
        if self._left < self._first and math.isfinite(since):
            self._left = min(
                self._first, self._left + max(0.0, since) / _REFILL * self._policy.cost
            )

    def refund(self, spent: float) -> None:
        """Put back the tokens of a call that succeeded after repetitions, and one more."""
        self.give_back(spent + 1)

    def give_back(self, spent: float) -> None:
        """Put back tokens taken for a call that was kept from ending, up to the budget."""
        with self._lock:
            self._left = min(self._policy.budget, self._left + spent)


def wait_before(attempt: int, policy: RetryPolicy, chance: float) -> float:
    """Return seconds to wait before attempt number *attempt* (from 2): a doubling bound times *chance*."""
    bound: float = min(policy.longest_wait, policy.first_wait * 2 ** (attempt - 2))
    return bound * chance


def retry_after(header: str | None, now: float) -> float | None:
    """Return the seconds from *now* that a Retry-After asks for; None for nonsense and the past.

    Both forms of RFC 9110 are read: whole seconds, and an HTTP date.
    now: Unix seconds.
    """
    text = (header or "").strip()
    if not text.isascii() or len(text) > 64:
        return None
    if text.isdigit():
        return float(text) if len(text) <= 9 and int(text) > 0 else None
    return at - now if (at := _moment_of(text)) is not None and at > now else None


#: A Date header, when it came, on the monotonic clock, and for how many seconds it may have been under way.
Dated = tuple[str, float, float]
#: Seconds by which two Dates may differ and be one clock's, and a Date that tells the time may be late.
ALIKE: Final = 5.0


def server_time(dated: Dated, now: float) -> float | None:
    """Return the server's Unix time at *now* (monotonic clock); None if its Date is unreadable."""
    told = _moment_of(dated[0])
    # In the year 9892 no clock is right, and what is added to it would leave the calendar.
    return None if told is None or told > 2.5e11 else told + now - dated[1]


def nearer_date(kept: Dated | None, told: Dated) -> Dated:
    """Return the new Date, or the kept one if the new reply was slower and its Date therefore lags.

    An answer may have been under way for seconds, so that its Date is late. Then one of before is nearer,
    unless it contradicts: where the two differ by more than that, it was another clock's.
    """
    before = None if kept is None else server_time(kept, told[1])
    late = (before or 0.0) - (server_time(told, told[1]) or math.inf)
    sound = kept is not None and kept[2] <= max(ALIKE, told[2])
    return kept if kept is not None and sound and 0 <= late <= told[2] + 1 else told


def clock_span(dates: Iterable[Dated], now: float, nearest: float) -> tuple[float, float]:
    """Return a server's earliest and latest time *now* by these Dates; *nearest* twice if alike.

    One answer may carry another clock's Date, a proxy's or a cache's. Which of two is right nobody can
    tell, so what permits a send is counted by both.
    """
    told = [at for one in dates if (at := server_time(one, now)) is not None] or [nearest]
    earliest, latest = min(told), max(told)
    return (earliest, latest) if latest - earliest > ALIKE else (nearest, nearest)


@lru_cache(maxsize=16)
def _moment_of(date: str) -> float | None:
    """Return an HTTP date in Unix seconds, None where it cannot be read; cached.

    One without a zone is Gate's GMT (asctime's form has none), and never the zone of this host.
    """
    # Imported here: it brings half of `email` with it, for a header that seldom comes.
    from email.utils import parsedate_to_datetime

    try:
        return (at := parsedate_to_datetime(date)).replace(tzinfo=at.tzinfo or UTC).timestamp()
    except (ValueError, OverflowError, TypeError):
        return None


@attrs.frozen
class Retry:
    """Try once more, after so many seconds. *paid* goes back if the call succeeds in the end."""

    wait: float
    paid: float


@attrs.frozen
class GiveUp:
    """Don't try again. retry_after: Seconds Gate asked for, when that is why."""

    retry_after: float | None = None


_REPEATABLE: Final = frozenset(
    {AttemptVerdict.UNSENT, AttemptVerdict.THROTTLED, AttemptVerdict.UNCLEAR, AttemptVerdict.HELD}
)


def may_repeat(repeat: RetrySafety, meaning: AttemptVerdict) -> bool:
    """Return True if sending the same request again is safe after an attempt with this verdict."""
    match repeat:
        case RetrySafety.READ | RetrySafety.KEYED:
            return meaning in _REPEATABLE
        case RetrySafety.SETTLED:
            # After an unclear answer a read decides, not this table.
            return meaning in (AttemptVerdict.UNSENT, AttemptVerdict.THROTTLED)
        case RetrySafety.ONCE:
            return meaning is AttemptVerdict.UNSENT


def next_step(
    *,
    policy: RetryPolicy,
    budget: RetryBudget,
    repeat: RetrySafety,
    meaning: AttemptVerdict,
    attempts: int,
    left: float,
    asked: float | None,
    chance: float,
    now: float = 0.0,
) -> Retry | GiveUp:
    """Return Retry, its tokens taken; GiveUp if unsafe, too late, too dear, or no attempt is left.

    meaning: Of the last one. left: Seconds to the deadline. asked: Seconds that Gate asked to wait.
    chance: In [0, 1). now: On the clock that the budget refills by.
    """
    if attempts >= policy.attempts or not may_repeat(repeat, meaning):
        return GiveUp(asked)
    wait = wait_before(attempts + 1, policy, chance)
    if asked is not None:
        wait += asked
        if wait + _LEAST_ATTEMPT > left:
            # Longer than we are ready to wait: let the caller see it, don't shorten it.
            return GiveUp(asked)
    elif wait + _LEAST_ATTEMPT > left:
        return GiveUp()
    paid = budget.take(meaning, now)
    return GiveUp(asked) if paid is None else Retry(wait, paid)


def attempt_until(now: float, deadline: float, *, last: bool) -> float:
    """Return when one attempt has to end: at half of the time left; the last at the deadline."""
    return deadline if last else now + (deadline - now) / 2
