"""Errors, as plain data that pickles: no secret, no client, no transport object.

GateError
├── GateUsageError            you: nothing was sent
│   ├── IdempotencyConflict   this key, or this order and attempt, was used for something else
│   └── AttemptOpen           the attempt before is not over (.session)
├── NotSent                   the network: no byte left, safe to call again
├── RequestRejected           Gate said no; on a write: no attempt under this key took effect
│   ├── InvalidRequest        400, 422
│   ├── Unauthorized          401
│   ├── Forbidden             403
│   ├── NotFound              404: not there, or not this partner's
│   ├── Conflict              409
│   │   ├── KeyReused         the same idempotency key with another body
│   │   └── AlreadyTerminal   the session is over (.session, as read afterwards)
│   └── RateLimited           429
├── ReadFailed                a read got no usable answer: safe to call again
├── UnexpectedAnswer          a write happened, its answer does not fit (.id, .raw)
├── OutcomeUnknown            a write may have happened: keep the key, find out
├── SignatureRejected         not a webhook of ours (.reason)
├── StoreFailed               your store's database did not take it, or did not say that it did
└── MoneyError                not an exact amount (also a ValueError)
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from typing import Any, ClassVar, Final, Self, TypeVar

T = TypeVar("T")


class GateError(Exception):
    """The root of all of them.

    status: HTTP status of the last answer. type, code: from Gate's error envelope, open sets.
    request_ids: of every attempt that was answered, oldest first; what support asks for.
    retry_after: Seconds Gate asked to wait, or that are left of a wait longer than the deadline.
    last_error: What the last attempt met, where this error speaks of several.
    """

    #: What repr names, in this order; a body, a session or a secret never is.
    _named: ClassVar[tuple[str, ...]] = (
        "status",
        "type",
        "code",
        "request_ids",
        "operation",
        "order",
        "attempt",
        "idempotency_key",
        "retry_after",
    )

    def __init__(
        self,
        message: str = "",
        *,
        status: int | None = None,
        type: str | None = None,
        code: str | None = None,
        request_ids: tuple[str, ...] = (),
        operation: str | None = None,
        order: str | None = None,
        attempt: int | None = None,
        idempotency_key: str | None = None,
        retry_after: float | None = None,
        last_error: GateError | None = None,
    ) -> None:
        # The message alone is args, all else is __dict__: so pickle and copy need no help.
        super().__init__(message)
        self.status = status
        self.type = type
        self.code = code
        self.request_ids: tuple[str, ...] = tuple(request_ids)
        self.operation = operation
        self.order = order
        self.attempt = attempt
        self.idempotency_key = idempotency_key
        self.retry_after = retry_after
        self.last_error = last_error

    @property
    def message(self) -> str:
        """Return the sentence that `str()` gives."""
        return str(self)

    def with_context(self, **known: Any) -> Self:
        """Return a copy of the error with these attributes set; TypeError for an unknown one."""
        if unknown := known.keys() - vars(self).keys():
            raise TypeError(f"{self.__class__.__name__} has no {', '.join(sorted(unknown))}")
        told = copy.copy(self)
        vars(told).update(known)
        return told

    def __repr__(self) -> str:
        known = ((name, getattr(self, name, None)) for name in self._named)
        told = "".join(f", {name}={value!r}" for name, value in known if value not in (None, ()))
        return f"{self.__class__.__name__}({str(self)!r}{told})"


class GateUsageError(GateError):
    """The call cannot be right as it stands; nothing was sent."""


class IdempotencyConflict(GateUsageError):
    """The key, or the order and attempt, already stands for another request."""


class _AboutSession(GateError):
    """Carries a session; repr names its id only, for the rest may be personal."""

    _named = (*GateError._named, "session_id")

    def __init__(self, message: str = "", *, session: Any = None, **context: Any) -> None:
        super().__init__(message, **context)
        self.session = session

    @property
    def session_id(self) -> str | None:
        """Return the session's id, None without a session."""
        return getattr(self.session, "id", None)


class AttemptOpen(_AboutSession, GateUsageError):
    """An attempt for this order is still open, or something on it can still succeed."""


class NotSent(GateError):
    """No byte of the request left this machine: safe to call again."""


class RequestRejected(GateError):
    """Gate refused the request. On a write: no attempt under this key can have taken effect."""


class InvalidRequest(RequestRejected):
    """400 or 422: fix the request, don't send it again as it is."""


class Unauthorized(RequestRejected):
    """401: check the key, its environment and where it is used."""


class Forbidden(RequestRejected):
    """403: not enabled for this account, a key of the other mode, or a revoked key."""


class NotFound(RequestRejected):
    """404: not there, or not this partner's; no evidence that nothing was created."""


class Conflict(RequestRejected):
    """409: read the state and branch on it."""


class KeyReused(Conflict):
    """The idempotency key was seen with another body."""


class AlreadyTerminal(_AboutSession, Conflict):
    """The session was over before; `.session` is how it reads now."""


class RateLimited(RequestRejected):
    """429: wait `.retry_after` seconds, or back off with jitter."""


class ReadFailed(GateError):
    """A read got no usable answer in time; reading again is safe.

    cursor: In a list: where to go on from.
    """

    _named = (*GateError._named, "cursor")

    def __init__(
        self, message: str = "", *, cursor: str | int | None = None, **context: Any
    ) -> None:
        super().__init__(message, **context)
        self.cursor = cursor


#: Fields of an answer that are credentials.
_SECRET: Final = frozenset({"client_secret", "embed_token"})


#: `.code` of what an attempt met whose answer was about another payment.
ANOTHERS_ANSWER: Final = "another_payment"


def without_secret(raw: Any) -> Any:
    """Return a copy of a JSON object without client secret and embed token; all else as it is."""
    is_object = isinstance(raw, Mapping)
    return {n: value for n, value in raw.items() if n not in _SECRET} if is_object else raw


def misled(error: GateError) -> bool:
    """Return True if the last answer to a write was about another payment, so tells nothing."""
    return error.last_error is not None and error.last_error.code == ANOTHERS_ANSWER


class UnexpectedAnswer(GateError):
    """A write happened and its answer does not fit the contract.

    id: The created object's id, when one could be read. raw: The answer as it came; it may hold a
    client secret and what is about a person, so it stands in no repr, and a copy or a pickle has it
    without either.
    differs: Names of the terms that are not what was asked; then `raw` holds no secret at all.
    """

    _named = (*GateError._named, "id", "differs")

    def __init__(
        self,
        message: str = "",
        *,
        id: str | None = None,
        raw: Any = None,
        differs: tuple[str, ...] = (),
        **context: Any,
    ) -> None:
        super().__init__(message, **context)
        self.id = id
        self.raw = raw
        self.differs: tuple[str, ...] = tuple(differs)

    def __reduce__(self) -> tuple[Any, ...]:
        kept = {n: self.raw[n] for n in ("id", "object", "status") if n in (self.raw or ())}
        return type(self), self.args, {**vars(self), "raw": kept}


class OutcomeUnknown(GateError):
    """A write may have happened. Keep `.idempotency_key`: the same key and body find out."""


class SignatureRejected(GateError):
    """The request is not a webhook signed with our secret.

    reason: missing, malformed, stale, stale_but_genuine, mismatch, too_large or unreadable; a
    metric's label.
    mode: Of the secret that signed it, where Gate did: of what is stale_but_genuine or unreadable.
    """

    _named = ("reason", "mode")

    def __init__(
        self,
        message: str = "",
        *,
        reason: str = "mismatch",
        mode: str | None = None,
        **context: Any,
    ) -> None:
        super().__init__(message, **context)
        self.reason = reason
        self.mode = mode


class StoreFailed(GateError):
    """The store's database failed; nothing that it acknowledged before is lost."""


class MoneyError(GateError, ValueError):
    """Not an exact amount of one currency or token."""


def quietly(make: Callable[..., T], *given: Any) -> T | GateUsageError:
    """Return the result of *make*, or (not raise) its GateUsageError without a traceback.

    Reporters of errors collect the locals of every frame: delete your own, then raise.
    """
    try:
        return make(*given)
    except GateUsageError as exc:
        return exc.with_traceback(None)


#: What a definite refusal is called; a status that is not here is a plain RequestRejected.
BY_STATUS: Final[Mapping[int, type[RequestRejected]]] = {
    400: InvalidRequest,
    401: Unauthorized,
    403: Forbidden,
    404: NotFound,
    409: Conflict,
    422: InvalidRequest,
    429: RateLimited,
}
