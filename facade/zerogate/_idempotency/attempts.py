"""The history of one call's attempts, and the error it ends with. Pure: it is told all it knows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Generic, TypeVar

import attrs

from .. import errors
from .._wire.operations import Operation, PreparedRequest
from .answers import Disputed
from .keys import Identity
from .retries import AttemptVerdict

T = TypeVar("T")


@attrs.frozen
class Call(Generic[T]):
    """One call as it was asked for: the same for every attempt.

    asked: The parameters of its path and query, which the answer is compared with.
    new_order: Whether its caller says that nothing of its order was made before: see docs/writes.md.
    at_once: Whether attempts before it are cancelled first, and nothing is waited for.
    disputed: Whether its object was found on other terms before: then no answer to it ends that.
    """

    operation: Operation[T]
    draft: PreparedRequest
    identity: Identity | None = None
    timeout: float | None = None
    #: What was asked for, to hold the answer against; and the id that it has to have, where it is known.
    asked: Mapping[str, Any] = attrs.field(factory=dict, repr=False, eq=False)
    object_id: str | None = None
    #: Ids and filters by which the request names what it is about.
    named: Mapping[str, Any] = attrs.field(factory=dict, repr=False, eq=False)
    new_order: bool = False
    at_once: bool = False
    disputed: bool = False

    @property
    def context(self) -> dict[str, Any]:
        """Return the fields that every error of this call names: operation, order, attempt, key."""
        known: dict[str, Any] = {"operation": self.operation.id}
        if self.identity is not None:
            known |= attrs.asdict(self.identity)
        return known


@attrs.define
class CallHistory(Generic[T]):
    """The attempts of one call so far.

    ambiguous: An attempt may have taken effect, and no later answer has said otherwise.
    paid: Tokens of the retry budget that its repetitions took.
    misled: An answer was about another payment. attempts_sent: Those of which a byte may have left.
    """

    call: Call[T]
    attempts: int = 0
    ambiguous: bool = False
    paid: float = 0
    request_ids: tuple[str, ...] = ()
    last: errors.GateError | None = None
    last_meaning: AttemptVerdict = AttemptVerdict.UNSENT
    misled: bool = False
    attempts_sent: int = 0
    #: The Authorization header of the last request: whatever it meets does not repeat that.
    bearer: str = attrs.field(default="", repr=False)

    def hide(self, text: str) -> str:
        """Return a server's text without what was sent of persons, and without our key."""
        from .._wire.masking import hidden

        return hidden(text, {**self.call.named, **self.call.asked}, self.bearer) if text else text

    def hidden(self, error: errors.GateError) -> errors.GateError:
        """Mask what was sent in an error's message, code and request ids, in place; return it."""
        error.args = (self.hide(str(error)),)
        error.type, error.code = (told and self.hide(told) for told in (error.type, error.code))
        error.request_ids = tuple(map(self.hide, error.request_ids))
        return error

    def note(
        self, meaning: AttemptVerdict, trouble: errors.GateError | None, request_id: str | None
    ) -> None:
        """Record an attempt's verdict, error and request id; a 409 after one in doubt is unclear.

        It may only say that the one before is still in hand.
        """
        if (
            meaning is AttemptVerdict.REFUSED
            and self.in_doubt
            and trouble
            and trouble.status == 409
        ):
            meaning = AttemptVerdict.UNCLEAR
        self.attempts += 1
        self.attempts_sent += meaning is not AttemptVerdict.UNSENT
        self.last, self.last_meaning = trouble, meaning
        if request_id is not None:
            self.request_ids = (*self.request_ids, request_id)
        if meaning in (AttemptVerdict.UNCLEAR, AttemptVerdict.HELD, AttemptVerdict.REDIRECTED):
            self.ambiguous = True

    @property
    def in_doubt(self) -> bool:
        """Return True if this is a write and an attempt of it may have taken effect."""
        return self.ambiguous and self.call.operation.writes

    def answered(self, status: int) -> dict[str, Any]:
        """Return the fields of an error about an answer: status, request ids and `context`."""
        return {"status": status, "request_ids": self.request_ids, **self.call.context}

    def ending(self, retry_after: float | None = None) -> errors.GateError:
        """Return (not raise) the final error: OutcomeUnknown, a refusal, NotSent or ReadFailed."""
        if self.in_doubt:
            return self._with_call_context(
                errors.OutcomeUnknown(self._unknown(), last_error=self.last)
            )
        if self.last is not None and self.last_meaning in (
            AttemptVerdict.REFUSED,
            AttemptVerdict.THROTTLED,
        ):
            return self._with_call_context(self.last, retry_after=retry_after)
        if self.last_meaning is AttemptVerdict.UNSENT:
            return self._with_call_context(errors.NotSent(self._unsent(), last_error=self.last))
        return self._with_call_context(
            errors.ReadFailed(self._unread(), last_error=self.last), retry_after=retry_after
        )

    def broken_off(self, error: errors.GateError) -> errors.GateError:
        """Return (not raise) *error*, masked, or OutcomeUnknown in its place if an attempt is in doubt."""
        known = isinstance(self.hidden(error), errors.OutcomeUnknown | errors.UnexpectedAnswer)
        unknown = errors.OutcomeUnknown(self._unknown(), last_error=error)
        return error if known or not self.in_doubt else self._with_call_context(unknown)

    def _with_call_context(self, error: errors.GateError, **more: Any) -> errors.GateError:
        """Return a copy of an error with this call's fields, request ids and last status."""
        known = self.call.context | more | {"request_ids": self.request_ids}
        if error.last_error is not None:
            known |= {n: getattr(error.last_error, n) for n in ("status", "type", "code")}
        return error.with_context(**known)

    @property
    def _why(self) -> str:
        """Return the last error in parentheses, for messages; empty without one."""
        return f" (last: {self.last})" if self.last is not None else ""

    def _unknown(self) -> str:
        """Return the message of an OutcomeUnknown, with its remedy."""
        remedy = (
            "keep the idempotency key and call again with it"
            if self.call.identity is not None
            else "read the object before calling again"
        )
        return (
            f"{self.call.operation.id} may have happened: no answer to rely on "
            f"in {self._times}{self._why}: {remedy}"
        )

    def _unsent(self) -> str:
        """Return the message of a NotSent."""
        return (
            f"{self.call.operation.id} was not sent: no byte left in {self._times}"
            f"{self._why}: safe to call again"
        )

    def _unread(self) -> str:
        """Return the message of a ReadFailed."""
        return (
            f"{self.call.operation.id} got no usable answer in {self._times}"
            f"{self._why}: safe to read again"
        )

    @property
    def _times(self) -> str:
        """Return the number of attempts with its noun, as in `2 attempts`."""
        return "1 attempt" if self.attempts == 1 else f"{self.attempts} attempts"


def disputed(
    course: CallHistory[Any], verdict: Disputed, raw: Mapping[str, Any], status: int
) -> errors.UnexpectedAnswer:
    """Return (not raise) the error of a write made on other terms than asked; it has no secret."""
    id = str(raw.get("id"))
    return errors.UnexpectedAnswer(
        f"{course.call.operation.id} made {ascii(id)[1:-1]} on other terms: {verdict}: its secret is "
        "withheld; cancel it by its id before another attempt",
        id=id,
        raw=errors.without_secret(raw),
        differs=tuple(one.name for one in verdict.differs),
        status=status,
        request_ids=course.request_ids,
        **course.call.context,
    )
