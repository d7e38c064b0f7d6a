"""The shop's own code against Gate, as a partner would write it: open, cancel, reconcile. Both halves."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from zerogate import (
    AsyncGate,
    Gate,
    GateError,
    NotSent,
    Outcome,
    OutcomeUnknown,
    RateLimited,
    RetryPolicy,
    TransactionStatuses,
    UnexpectedAnswer,
)
from zerogate.types import CreatedSession

from zerogate_cli.demo.ledger import Order

RETURN_URL: Final = "https://shop.example/done"
CANCEL_URL: Final = "https://shop.example/basket"
#: Documented are two; these are the sandbox's other ones, as a partner learns Gate's.
STATUSES: Final = TransactionStatuses().extended(
    in_flight={"processing"}, failure={"failed", "cancelled"}
)
#: How often the job that opens a session is run, where it could not say that there is one.
RUNS: Final = 5
AGAIN: Final = (NotSent, RateLimited, OutcomeUnknown, UnexpectedAnswer)


class Shop:
    """Calls of this shop to Gate.

    retries: Its policy for every client; None is the client's own.
    """

    retries: RetryPolicy | None = None

    def asked(self, order: Order, attempt: int) -> dict[str, Any]:
        """Return the terms of a session; the same in every run of the job."""
        return {
            "amount": order.asked,
            "order": order.reference,
            "attempt": attempt,
            "return_url": RETURN_URL,
            "cancel_url": CANCEL_URL,
            "flow": order.flow,
            "target_token": order.token,
            "target_network": order.network,
        }

    def open(self, gate: Gate, order: Order, attempt: int = 1) -> CreatedSession:
        """Create the order's session, up to `RUNS` times while an error is in `AGAIN`; raise the last."""
        last: GateError | None = None
        for _ in range(RUNS):
            try:
                return gate.sessions.create(**self.asked(order, attempt))
            except AGAIN as error:
                last = error
        assert last is not None
        raise last

    async def open_async(self, gate: AsyncGate, order: Order, attempt: int = 1) -> CreatedSession:
        """Create the session, awaited, up to `RUNS` times while an error is in `AGAIN`; raise the last."""
        last: GateError | None = None
        for _ in range(RUNS):
            try:
                return await gate.sessions.create(**self.asked(order, attempt))
            except AGAIN as error:
                last = error
        assert last is not None
        raise last

    def judge(
        self, gate: Gate, order: Order, session_id: str, ended_at: datetime | None = None
    ) -> Outcome:
        """Read one session with its payments; return the outcome of it for the order, or GateError."""
        return gate.reconcile.session(session_id, **self._judging_terms(order, ended_at))

    async def judge_async(
        self, gate: AsyncGate, order: Order, session_id: str, ended_at: datetime | None = None
    ) -> Outcome:
        """Read one session with its payments, awaited; return the outcome for the order, or GateError."""
        return await gate.reconcile.session(session_id, **self._judging_terms(order, ended_at))

    def _judging_terms(self, order: Order, ended_at: datetime | None) -> dict[str, Any]:
        """Return what a session is judged by: amount, order, flow, network, statuses, its end."""
        return {
            # This shop sells: where a session leaves the way to its user, that is what it means.
            "flow": order.flow or "on_ramp",
            "ended_at": ended_at,
            "expect": order.expect,
            "order": order.reference,
            "network": order.network,
            "statuses": STATUSES,
        }
