# Written by facade/unasync.py from facade/zerogate/_async/sending.py; edit that file.
"""Carries out what a store asks of one client: see `seam.py`. Decides nothing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, Unpack

from .. import _validation as validation
from .._clocks import Clock
from .._idempotency.attempts import Call
from .._idempotency.keys import Identity
from .._wire.bodies import SessionTerms
from .._wire.operations import Operation
from ..errors import GateUsageError
from .calls import Calls
from .sessions import Sessions, session_call
from .transactions import Transactions

if TYPE_CHECKING:
    from .._literals import ModeName
    from ..types import CreatedSession

T = TypeVar("T")


class Sender:
    """One client's way to send, as its store has it: an `Sending`."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls
        settings = calls.settings
        self.account: str = settings.account.label or ""
        self.mode: ModeName = settings.credentials.mode
        self.namespace: str = settings.namespace
        self.clock: Clock = settings.clock
        self.waits_are_cut: bool = getattr(calls.transport, "pulses", False)
        self.server_now, self.server_span = calls.server_now, calls.server_span
        self.sound_now, self.dated_now = calls.sound_now, calls.dated_now
        self.first_attempt_until, self.carry_out = calls.first_attempt_until, calls.carry_out
        self.run_to_completion = calls.run_to_completion
        self.sessions: Sessions = Sessions(calls)
        self.transactions: Transactions = Transactions(calls)

    def check_writable(self, what: str, /) -> None:
        """Raise GateUsageError, naming *what* would write, for a read-only client."""
        if self._calls.settings.read_only:
            raise GateUsageError(f"{what} writes, and this client is read_only=True")

    def deadline(self, timeout: float | None, /) -> float:
        """Return the monotonic time *timeout* seconds ahead (None: the client's); GateUsageError if wrong."""
        return self._calls.deadline(validation.checked_timeout(timeout))

    def call(
        self,
        operation: Operation[T],
        /,
        *,
        timeout: float | None,
        body: Mapping[str, Any] | None = None,
        identity: Identity | None = None,
    ) -> Call[T]:
        """Return the call, unsent; GateUsageError for wrong arguments or a write of a read-only client."""
        return self._calls.call(operation, timeout=timeout, body=body, identity=identity)

    def session_call(self, **terms: Unpack[SessionTerms]) -> Call[CreatedSession]:
        """Return the call that `sessions.create` would send, unsent; GateUsageError for wrong terms."""
        return session_call(self._calls, **terms)

    def ask(
        self,
        operation: Operation[T],
        /,
        *,
        timeout: float | None,
        until: float | None = None,
        **parameters: Any,
    ) -> T:
        """Check the arguments and send one operation, with retries; return record or rows, or GateError."""
        return self._calls.ask(operation, timeout=timeout, until=until, **parameters)
