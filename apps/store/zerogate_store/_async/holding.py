"""Holds an intent while its exchange lasts: renews its lease, and lets go where it is broken off."""

from __future__ import annotations

from functools import partial
from types import TracebackType
from typing import Any, Final, Self

from zerogate._async.seam import AsyncSending
from zerogate._holds import holding
from zerogate._observers import LOG
from zerogate.errors import StoreFailed

from .._compat import AsyncRenewing, async_let_go, async_run_in_transaction
from .._deadlines import waited_for
from .._journal import leases
from .._journal import steps as journal
from .._journal.intents import Intent
from .._journal.leases import UNNAMED, Lease, LeaseClock
from .._lease_clocks import read_lease_clock

#: Seconds that the database is waited for where a lease is renewed.
_RENEWING: Final = 1.0


class AsyncLeases:
    """The leases of one client: their clock, and how long they last."""

    def __init__(self, calls: AsyncSending, store: Any) -> None:
        self.store, self.clock, self.now = store, calls.clock, calls.sound_now
        self._calls = calls
        self._seen: dict[tuple[str, float], float] = {}

    def read(self) -> LeaseClock:
        """Return the clock of leases as it reads now."""
        return read_lease_clock(self.store, self.clock, self._seen, self._calls.dated_now())

    def lease(self, ends: float) -> Lease:
        """Return a lease for the first attempt of a call that ends at *ends*, of eight seconds at least.

        ends: By the monotonic clock.
        """
        return self.read().lasting(max(leases.LASTS, self.of_attempt(ends)))

    def of_attempt(self, ends: float) -> float:
        """Return the seconds that a lease has to last when the first attempt of a call begins."""
        return self.for_attempt(self._calls.first_attempt_until(ends))

    def for_attempt(self, until: float) -> float:
        """Return the seconds a lease has to last for an attempt that begins now and ends at *until*."""
        if self._calls.waits_are_cut:
            return leases.LASTS - leases.SLICE
        left: float = until - self.clock.monotonic()
        return left + leases.BEYOND_ATTEMPT

    def of_walk(self) -> Lease:
        """Return an eight-second lease of a walk; if the clock has no name, it keeps nobody away.

        Another walk at the same time costs reads, no more.
        """
        clock = self.read()
        return (clock if clock.name != UNNAMED else clock.nobodys()).lasting(leases.LASTS)

    def hold(self, *, sends: bool) -> AsyncHold:
        """Return a context that renews the lease of the intent it holds, and gives it up on an exception.

        sends: Whether what is known already may be asked for once more.
        """
        return AsyncHold(self, sends)


class AsyncHold:
    """At most one intent at a time, held by us."""

    def __init__(self, of: AsyncLeases, sends: bool) -> None:
        self._leases, self._sends = of, sends
        self._clock = of.clock
        self._intent: Intent | None = None
        self._good_until = 0.0
        self._renewing = AsyncRenewing(self.pulse)
        self._behalf = holding(self)

    def take(self, intent: Intent) -> None:
        """Hold this intent from now on, for as long as its lease lasts; forget the one before."""
        left = leases.LASTS if intent.lease is None else intent.lease.left
        self._intent, self._good_until = intent, self._clock.monotonic() + left

    def give_back(self, stands: Intent) -> None:
        """Forget the intent held, if *stands* has its holder: its result is recorded or soon will be."""
        if self._intent is not None and self._intent.holder == stands.holder:
            self._intent = None

    async def put_off(self) -> None:
        """Let go of an intent of which nothing was recorded: it is due again the later the older it is."""
        if self._intent is not None:
            now = self._leases.now()
            due = now + min(3600.0, max(60.0, (now - self._intent.made_at) / 4))
            step = partial(journal.let_go, self._intent, now=due, sends=False)
            await async_run_in_transaction(self._leases.store, step)

    async def pulse(self) -> None:
        """Renew the lease if it would not last until the next pulse."""
        await self.ensure(leases.LASTS - leases.SLICE / 2)

    async def attempt(self, until: float) -> None:
        """Renew the lease if it would not last for an attempt that ends at *until*."""
        await self.ensure(self._leases.for_attempt(until))

    async def ensure(self, seconds: float) -> None:
        """Renew the lease unless it lasts *seconds* more; log a StoreFailed, ignore that it was lost."""
        intent, now = self._intent, self._clock.monotonic()
        if intent is None or self._good_until - now >= seconds:
            return
        lease = self._leases.read().lasting(max(seconds, leases.LASTS))
        self._good_until = now + lease.left
        try:
            # Nobody waits longer for it: it is renewed in the middle of an exchange.
            with waited_for(_RENEWING):
                await async_run_in_transaction(
                    self._leases.store, partial(journal.renew_lease, intent, lease)
                )
        except StoreFailed as exc:
            LOG.warning("a %s under way could not be kept from others: %s", intent.operation, exc)

    async def __aenter__(self) -> Self:
        self._behalf.__enter__()
        await self._renewing.begin()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._renewing.end()
        self._behalf.__exit__(None, None, None)
        intent = self._intent
        if error is not None and intent is not None:
            # Noted as doubt, and in half a second at most: whoever threw this in wants to be gone.
            step = partial(journal.let_go, intent, now=self._leases.now(), sends=self._sends)
            await async_let_go(self._leases.store, step, error)
