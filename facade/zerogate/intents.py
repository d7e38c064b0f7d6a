"""A write that was meant, as it is remembered, and what was found of it. Pure: no clock, no database.

    intended   written down, nothing was sent
    sent       may have been sent: its outcome is not known
    known      happened: the object's id is recorded
    rejected   refused for certain, nothing exists
    absent     looked for when no key can bring it back any more, and not there

An intent that is not `known` and was ever in doubt is looked for before it is sent again. Its
`holder` is whoever works on it, until `lease_until`; nobody else's record counts.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

import attrs

from .errors import GateError
from .identity import marks_of
from .keys import Identity
from .unreadable import UnreadableRow

#: Which fields of a body make it another payment; a change of any needs a new attempt.
TERMS: Final[Mapping[str, tuple[str, ...]]] = {
    "createSession": (
        "amount",
        "currency",
        "flow",
        "target_token",
        "target_network",
        "wallet_address",
        "quote_preview_id",
    ),
    "createPayIn": ("quote_id", "gate_session_id"),
    "createPayOut": ("quote_id", "gate_session_id"),
    "createCustomer": ("email", "external_id"),
}
RAILS: Final = ("createPayIn", "createPayOut")
#: How much longer than a key is trusted a request may be on its way and still be noticed.
_LATE: Final = 2.0
#: How far before its first byte a write is looked for: clocks differ.
MARGIN: Final = 300.0


@attrs.frozen
class Scope:
    """Whose intents: never known by the API key, which rotates."""

    account: str
    mode: str
    namespace: str


def _texts(value: Any) -> tuple[str, ...]:
    return tuple(json.loads(value)) if isinstance(value, str) else tuple(value)


@attrs.frozen(kw_only=True)
class Intent:
    """One write that was meant. Times are Unix seconds.

    terms, fingerprint: What identifies the payment, and the bytes, hashed.
    body: The bytes, until the outcome is known; sealed: 1 where only the store's key opens them.
    due_at: When recovery has to look at it; None where there is nothing left to do.
    ambiguous: 1 once an attempt may have taken effect unseen: then there may be two of it.
    status_at: When object_status was first read. secret_at: When a client secret was handed out.
    trusted_from: When the key was first sent that Gate may still remember.
    closed_at: When nothing on it could succeed any more; it is never sent again.
    look_after: Where in Gate's list the search goes on. extras: Other sessions of this attempt.
    """

    account: str
    mode: str
    namespace: str
    operation: str
    key: str
    order_ref: str | None
    attempt: int | None
    terms: str
    made_at: float
    fingerprint: str
    body: bytes | None = attrs.field(repr=False, default=None)
    sealed: int = 0
    state: str = "intended"
    holder: str = ""
    lease_until: float = 0.0
    due_at: float | None = None
    ambiguous: int = 0
    object_id: str | None = None
    object_status: str | None = None
    status_at: float | None = None
    first_sent_at: float | None = None
    last_sent_at: float | None = None
    trusted_from: float | None = None
    answered_at: float | None = None
    secret_at: float | None = None
    closed_at: float | None = None
    look_after: str | None = None
    extras: tuple[str, ...] = attrs.field(default=(), converter=_texts)
    request_ids: tuple[str, ...] = attrs.field(default=(), converter=_texts)
    outcome: str | None = None

    @classmethod
    def read(cls, row: Sequence[Any]) -> Intent:
        values = dict(zip(_FIELDS, row, strict=True))
        if values["body"] is not None:
            values["body"] = bytes(values["body"])
        return cls(**values)

    @property
    def row(self) -> dict[str, Any]:
        told = {name: getattr(self, name) for name in _FIELDS}
        return told | {n: json.dumps(told[n]) if told[n] else "[]" for n in _LISTS}

    @property
    def context(self) -> dict[str, Any]:
        """What an error about it names."""
        return {
            "operation": self.operation,
            "order": self.order_ref,
            "attempt": self.attempt,
            "idempotency_key": self.key,
            "request_ids": self.request_ids,
        }

    def taken(self, holder: str, now: float, until: float) -> Intent:
        """Held by somebody else from now on, to go on with it."""
        return attrs.evolve(self, holder=holder, lease_until=until, due_at=until)

    def going(self, now: float, *, anew: bool) -> Intent:
        """As it has to stand on disk before a byte leaves. anew: No key of before can matter."""
        start: dict[str, Any] = {}
        if anew or self.trusted_from is None:
            start["trusted_from"] = now
        if anew and not self.ambiguous:
            start["first_sent_at"] = now
        return attrs.evolve(self, state="sent", last_sent_at=now, **start)

    def known(
        self, id: str, status: str | None, now: float, *, secret: bool = False, **more: Any
    ) -> Intent:
        """It happened, and this is the object."""
        doubt = self.ambiguous or more.get("ambiguous", 0)
        if status != self.object_status or self.status_at is None:
            more["object_status"], more["status_at"] = status, now
        if secret:
            more["secret_at"] = now
        return attrs.evolve(
            self,
            state="known",
            object_id=id,
            answered_at=self.answered_at or now,
            body=None,
            lease_until=0.0,
            # Of these alone there can be several, and a list to find them in.
            due_at=now if doubt and self.operation == "createSession" and self.order_ref else None,
            **more,
        )

    def doubtful(self, now: float, why: str | None, **more: Any) -> Intent:
        """Still not known; recovery looks at it the more rarely the older it is."""
        age = now - (self.first_sent_at or now)
        more.setdefault("ambiguous", 1)
        return attrs.evolve(
            self,
            outcome=why,
            lease_until=0.0,
            due_at=now + (0.0 if age < 60 else min(3600.0, age / 4)),
            **more,
        )

    def rejected(self, now: float, why: str, **more: Any) -> Intent:
        """Refused for certain, and never in doubt before."""
        more |= {"state": "rejected", "answered_at": now, "outcome": why, "due_at": None}
        return attrs.evolve(self, body=None, lease_until=0.0, **more)

    def unsent(self, was: Intent) -> Intent:
        """No byte left: as it was before this call."""
        return attrs.evolve(was, holder=self.holder, lease_until=0.0)

    def swept(self, now: float, trust: float, extras: Sequence[str]) -> Intent:
        """All of its sessions are dealt with; once more when lists have caught up for certain."""
        late = (self.last_sent_at or now) + _LATE * trust
        return attrs.evolve(
            self,
            lease_until=0.0,
            due_at=late if now < late else None,
            look_after=None,
            extras=tuple(dict.fromkeys((*self.extras, *extras))),
        )


_LISTS: Final = ("extras", "request_ids")
_FIELDS: Final = tuple(field.name for field in attrs.fields(Intent))


def fingerprint(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()


def terms_of(operation: str, body: Mapping[str, Any]) -> str:
    """What may not change under one attempt, hashed: a wallet is personal."""
    told = [str(body.get(name)) if name in body else None for name in TERMS[operation]]
    return fingerprint(json.dumps(told).encode())


def personal(operation: str, body: Mapping[str, Any]) -> bool:
    """Whether a body says so much about a person that it is not kept in clear."""
    return operation == "createCustomer" or "kyc_package" in body


def meant(
    scope: Scope, operation: str, identity: Identity, body: bytes, terms: str, now: float
) -> Intent:
    """A new intent, nothing of it sent."""
    return Intent(
        **attrs.asdict(scope),
        operation=operation,
        key=identity.idempotency_key,
        order_ref=identity.order,
        attempt=identity.attempt,
        terms=terms,
        made_at=now,
        fingerprint=fingerprint(body),
        body=body,
    )


# --- what was found of it ------------------------------------------------------------------------


@attrs.frozen(kw_only=True)
class Looked:
    """What a search came to, newest first.

    complete: Nothing more can be found. cursor: Where it goes on. hold: Why nothing may be sent now.
    """

    found: tuple[Any, ...] = ()
    complete: bool = False
    cursor: str | None = None
    hold: str | None = None


@attrs.define
class Sought:
    """Sessions that are looked for in one walk down the list, and what was found of each."""

    wanted: Mapping[tuple[str, str], str]
    since: float
    found: dict[str, dict[str, Any]]

    @classmethod
    def of(cls, intents: Sequence[Intent]) -> Sought:
        wanted = {(str(one.order_ref), str(one.attempt)): one.key for one in intents}
        since = min(one.first_sent_at or one.made_at for one in intents)
        return cls(wanted, since, {one.key: {} for one in intents})

    @classmethod
    def for_order(cls, order: str, attempt: int | None, key: str) -> Sought:
        """Of which nobody knows since when."""
        return cls({(order, str(attempt)): key}, 0.0, {key: {}})

    def take(self, sessions: Sequence[Any], *, back_to: float) -> bool:
        """One page; whether all the rest are older than any that is looked for."""
        for session in sessions:
            marks = marks_of(session)
            key = self.wanted.get((str(marks.order), str(marks.attempt)))
            if key is not None:
                self.found[key][session.id] = session
        oldest = sessions[-1].created_at if sessions else None
        return oldest is not None and oldest.timestamp() < self.since + back_to

    def may_be(self, row: UnreadableRow) -> bool:
        """Whether a row that could not be read may be one of those: by its marks, if it shows any."""
        told = row.raw.get("metadata", "") if isinstance(row.raw, dict) else ""
        if told is not None and not isinstance(told, dict):
            return True
        marks = marks_of(row.raw)
        return (str(marks.order), str(marks.attempt)) in self.wanted

    def looked(self, **how: Any) -> dict[str, Looked]:
        return {key: Looked(found=tuple(of.values()), **how) for key, of in self.found.items()}


@attrs.frozen(kw_only=True)
class Recovered:
    """What became of one write that was left unfinished.

    id: The object, where it is known now. error: What is in the way, where it is not.
    extras: Other sessions that an attempt in doubt made: cancelled, unless somebody had begun to pay.
    """

    operation: str
    order: str | None
    attempt: int | None
    idempotency_key: str
    id: str | None = None
    error: GateError | None = None
    extras: tuple[str, ...] = ()
