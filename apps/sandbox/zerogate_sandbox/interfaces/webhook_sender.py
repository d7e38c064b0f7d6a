"""Carries due events to their URLs over HTTP. What is due, and what follows, the world decides."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING

from zerogate_sandbox.deliveries import TIMEOUT, Attempt
from zerogate_sandbox.interfaces.targets import Targets
from zerogate_sandbox.partners import PARTNER_URL
from zerogate_sandbox.sinks import call_sink

if TYPE_CHECKING:
    import httpx

    from zerogate_sandbox.sandbox import Sandbox

AT_ONCE = 50
# How long a wall clock may be wrong about the next due moment before the sender looks again.
LONGEST_NAP = 60.0
NOT_ALLOWED = "TargetNotAllowed: serve with --allow-target, or serve(allowed_targets=…)"


def post(attempt: Attempt) -> tuple[int | None, str | None]:
    """POST the attempt and wait; return (status, None), or (None, the error's name)."""
    import httpx

    try:
        with httpx.Client(timeout=TIMEOUT, trust_env=False) as client:
            answer = client.post(attempt.url, content=attempt.body, headers=attempt.headers)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        return None, type(error).__name__
    return answer.status_code, None


class WebhookSender:
    """Belongs to the event loop of the server that runs it."""

    def __init__(self, sandbox: Sandbox, targets: Targets) -> None:
        self.sandbox = sandbox
        self.targets = targets
        self._client: httpx.AsyncClient | None = None
        self._loop = asyncio.get_running_loop()
        self._wake = asyncio.Event()
        self._turn = asyncio.Lock()

    def nudge(self) -> None:
        """Wake the sender, for something may be due; may be called from any thread."""
        self._loop.call_soon_threadsafe(self._wake.set)

    async def run(self) -> None:
        """Deliver what falls due for ever, until it is cancelled."""
        while True:
            self._wake.clear()
            await self.settle()
            await self._nap()

    async def settle(self) -> None:
        """Deliver until nothing is due and nothing is under way."""
        async with self._turn:
            under_way: set[asyncio.Task[None]] = set()
            while True:
                while len(under_way) < AT_ONCE and (attempt := self.sandbox.take()) is not None:
                    under_way.add(asyncio.create_task(self._carry(attempt)))
                if not under_way:
                    return
                _, under_way = await asyncio.wait(
                    under_way, return_when=asyncio.FIRST_COMPLETED, timeout=0.05
                )

    async def advance(self, seconds: float) -> None:
        """Advance the clock by seconds, stopping to deliver wherever something falls due."""
        await self.settle()
        clock = self.sandbox.clock
        until = clock.now() + seconds
        while (due := self.sandbox.next_due) is not None and due <= until:
            clock.advance(max(0.0, due - clock.now()))
            await self.settle()
        clock.advance(max(0.0, until - clock.now()))

    async def close(self) -> None:
        """Close the HTTP client where one was made."""
        if self._client is not None:
            await self._client.aclose()

    async def _nap(self) -> None:
        """Wait for a nudge, at most until the next thing is due or for `LONGEST_NAP`."""
        due = self.sandbox.next_due
        nap = LONGEST_NAP if due is None else due - self.sandbox.clock.now()
        with suppress(TimeoutError):
            await asyncio.wait_for(self._wake.wait(), min(max(nap, 0.01), LONGEST_NAP))

    async def _carry(self, attempt: Attempt) -> None:
        """Send one attempt within `TIMEOUT` seconds, and record how it ended."""
        try:
            status, error = await asyncio.wait_for(self._post(attempt), TIMEOUT)
        except TimeoutError:
            status, error = None, "TimeoutError"
        self.sandbox.record_attempt(attempt, status, error)

    async def _post(self, attempt: Attempt) -> tuple[int | None, str | None]:
        """Return (status, None) of sink or URL; (None, reason) if it failed or is not allowed."""
        if self.sandbox.sink is not None and attempt.url == PARTNER_URL:
            return await asyncio.to_thread(call_sink, self.sandbox.sink, attempt)
        if not self.targets.allow(attempt.url):
            return None, NOT_ALLOWED
        import httpx

        if self._client is None:
            self._client = httpx.AsyncClient(timeout=TIMEOUT, trust_env=False)
        try:
            answer = await self._client.post(
                attempt.url, content=attempt.body, headers=attempt.headers
            )
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            return None, type(error).__name__
        return int(answer.status_code), None
