"""What is remembered of a write, and what to do with it as it stands. Pure: no clock, no database.

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
from typing import Any, Final, TypeAlias

import attrs

from . import statements as sql
from .errors import (
    AttemptOpen,
    GateError,
    GateUsageError,
    IdempotencyConflict,
    NotSent,
    OutcomeUnknown,
    RequestRejected,
    UnexpectedAnswer,
)
from .identity import marks_of
from .keys import Identity, identify_customer
from .statements import Step

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
#: `Intent.terms` of a row that was made from what Gate has: they stand in the object alone.
TERMS_UNKNOWN: Final = ""
#: `Intent.outcome` of a first send that something older answered: held until a person decides.
OLDER: Final = "answered by an older object"
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
        return bool(sessions) and sessions[-1].created_at.timestamp() < self.since + back_to

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


# --- what to do with an intent as it stands ------------------------------------------------------


@attrs.frozen
class Send:
    """Nothing of it exists: send it. was: How it stood before, for the case that no byte leaves."""

    intent: Intent
    was: Intent


@attrs.frozen
class LookFirst:
    """It may exist: look for it before anything is sent."""

    intent: Intent


@attrs.frozen
class Replay:
    """It exists, and its key may yet bring back the secret."""

    intent: Intent


@attrs.frozen
class Recorded:
    """It exists; nothing is to be sent for it any more."""

    intent: Intent


@attrs.frozen
class Busy:
    """Somebody works on it."""

    intent: Intent


@attrs.frozen
class Conflicting:
    """The key, or the order and attempt, stands for another payment."""

    intent: Intent


@attrs.frozen
class EarlierOpen:
    """Another attempt of the order is not closed."""

    intent: Intent


@attrs.frozen
class Held:
    """Its first send was answered by something older than it: a person has to say whose that is."""

    intent: Intent


@attrs.frozen
class Over:
    """It came to nothing, and another attempt was made: it is never sent."""

    intent: Intent


Decision: TypeAlias = (
    Send | LookFirst | Replay | Recorded | Busy | Conflicting | EarlierOpen | Held | Over
)


def decide(
    asked: Intent, rows: Sequence[Intent], *, now: float, holder: str, trust: float
) -> Decision | None:
    """What to do about *asked*, where these rows of its key and order are there already.

    None where they stand in nobody's way: whoever did is closed by now.
    """
    for row in rows:
        if row.key == asked.key or row.attempt == asked.attempt:
            return _standing(asked, row, now=now, holder=holder, trust=trust)
    return next((EarlierOpen(row) for row in rows if row.closed_at is None), None)


def _standing(asked: Intent, row: Intent, *, now: float, holder: str, trust: float) -> Decision:
    same = _SAME if row.terms != TERMS_UNKNOWN else _SAME[:-1]
    if any(getattr(row, name) != getattr(asked, name) for name in same):
        return Conflicting(row)
    if row.outcome == OLDER:
        return Held(row)
    if row.closed_at is not None:
        return Over(row) if row.object_id is None else Recorded(row)
    if row.lease_until > now and row.holder != holder:
        return Busy(row)
    if row.state == "known":
        fresh = row.trusted_from is not None and now - row.trusted_from < trust
        alike = row.fingerprint == asked.fingerprint and row.object_status in (None, "open")
        secret = row.operation == "createSession"
        return Replay(row) if fresh and alike and secret else Recorded(row)
    if row.state == "sent" and not (row.holder == holder and not row.ambiguous):
        return LookFirst(row)
    return Send(row, row)


#: What has to agree where a write is asked for again; the last one where it is known.
_SAME: Final = ("key", "order_ref", "attempt", "terms")


def refusal(decision: Decision) -> GateError:
    """What a decision that ends a call says to the caller."""
    row = decision.intent
    named = f"order {row.order_ref!r}, attempt {row.attempt}" if row.order_ref else "this key"
    match decision:
        case Conflicting():
            return IdempotencyConflict(
                f"{named} stands for another amount, currency, token, network, wallet, quote or "
                "key: what was meant then is kept; a change needs attempt= counted up",
                **row.context,
            )
        case EarlierOpen():
            return AttemptOpen(
                f"{named} is not over: a new attempt has to wait until nothing on it can succeed",
                **row.context,
            )
        case Held():
            return OutcomeUnknown(
                f"{named} is held: its first send was answered by an object older than it, which "
                "another service made (give each service a namespace= of its own), or this one "
                "before its store forgot (gate.rebuild(since=…))",
                **row.context,
            )
        case Over():
            return GateUsageError(
                f"{named} came to nothing, and a later attempt was made: use that one",
                **row.context,
            )
        case _:
            return OutcomeUnknown(
                f"{named} is in progress in another worker: call again, and it is the same write",
                **row.context,
            )


def after(
    intent: Intent,
    was: Intent,
    *,
    record: Any,
    failure: GateError | None,
    ambiguous: bool,
    definite: bool,
    handed_out: bool,
    request_ids: tuple[str, ...],
    now: float,
) -> Intent:
    """How an intent stands after a call.

    ambiguous: One of its attempts may have gone unseen. definite: A 409 was looked into and speaks of
    something else. handed_out: Whether the caller gets the record, and a secret with it.
    """
    doubt = int(ambiguous or intent.ambiguous)
    more: dict[str, Any] = {
        "ambiguous": doubt,
        "request_ids": (*intent.request_ids, *request_ids)[-20:],
    }
    match failure:
        case None:
            secret = handed_out and bool(getattr(record, "client_secret", None))
            status = getattr(record, "status", None)
            told = None if status is None else str(status)
            return intent.known(record.id, told, now, secret=secret, outcome=None, **more)
        case UnexpectedAnswer(id=str(id)):
            return intent.known(id, None, now, outcome="UnexpectedAnswer", **more)
        case NotSent() if not doubt:
            return intent.unsent(was)
        case RequestRejected() if not doubt and (definite or failure.status != 409):
            return intent.rejected(now, _named(failure), **more)
        case _:
            return intent.doubtful(now, _named(failure), **more | {"ambiguous": 1})


def _named(failure: GateError) -> str:
    return f"{type(failure).__name__} {failure.status or ''} {failure.code or ''}".strip()


def told(stands: Intent, failure: GateError) -> GateError:
    """What the caller of a failed write is told: a definite no only where nothing can exist."""
    if stands.state != "sent" or isinstance(failure, OutcomeUnknown):
        return failure
    return unknown(stands, str(failure)).with_context(last_error=failure)


def unknown(intent: Intent, why: str) -> OutcomeUnknown:
    return OutcomeUnknown(
        f"{intent.operation} may have happened: {why}; it is kept, and recover() goes on with it",
        **intent.context,
    )


# --- steps ---------------------------------------------------------------------------------------


def claimed(
    asked: Intent, *, now: float, until: float, holder: str, trust: float
) -> Step[Decision]:
    """Write an intent down, or find it: for whoever gets anything but an end of it, it is held now.

    Safe to run again by the same holder.
    """
    added = asked.taken(holder, now, until).going(now, anew=True)
    while True:
        if (yield sql.INTENT_ADD(**added.row)):
            return Send(added, asked)
        decision = decide(asked, (yield from _rows(asked)), now=now, holder=holder, trust=trust)
        match decision:
            case None:
                continue
            case EarlierOpen(row) if (yield from _closed(row, now, holder)):
                continue
            case Send(row) | LookFirst(row) | Replay(row):
                return (yield from _held(decision, asked, row.taken(holder, now, until), now))
            case _:
                return decision


def _held(decision: Decision, asked: Intent, mine: Intent, now: float) -> Step[Decision]:
    """The decision, its intent held by us; Busy where somebody was faster."""
    if isinstance(decision, Send):
        # Nothing exists under it, so the bytes may be other ones; the terms are the same.
        new: dict[str, Any] = {name: getattr(asked, name) for name in _BYTES}
        mine = attrs.evolve(mine, **new).going(now, anew=True)
    elif isinstance(decision, LookFirst):
        mine = attrs.evolve(mine, ambiguous=1)
    else:
        # Whoever held it until now never came back: what it asked Gate for may have been another one.
        left = decision.intent.lease_until > 0 and decision.intent.holder != mine.holder
        mine = attrs.evolve(mine, last_sent_at=now, ambiguous=int(mine.ambiguous or left))
    replace = isinstance(decision, Send)
    if (yield from saved(mine, was=decision.intent.holder, replace=replace)):
        return attrs.evolve(decision, intent=mine)
    return Busy(decision.intent)


_BYTES: Final = ("body", "sealed", "fingerprint")


def _rows(asked: Intent) -> Step[list[Intent]]:
    rows = yield sql.INTENTS_OF(**asked.row)
    return [Intent.read(row) for row in rows]


def _closed(row: Intent, now: float, holder: str) -> Step[bool]:
    """Whether an attempt of which nothing exists is closed now."""
    if row.lease_until > now or row.state not in ("intended", "rejected"):
        return False
    over = attrs.evolve(row, holder=holder, closed_at=now, due_at=None, body=None)
    return (yield from saved(over, was=row.holder))


def saved(intent: Intent, *, was: str | None = None, replace: bool = False) -> Step[bool]:
    """Record how an intent stands; False where it is somebody else's by now.

    replace: Whether its body is written too; a body that is None is always taken out.
    """
    row = intent.row | {"replace": int(replace or intent.body is None)}
    rows = yield sql.INTENT_SAVE(**row, was=intent.holder if was is None else was)
    return bool(rows)


def recorded(intent: Intent, partner_id: str | None) -> Step[tuple[bool, str | None]]:
    """As `saved`; and the partner that this account's label belongs to, the first one seen."""
    kept = yield from saved(intent)
    if partner_id is None:
        return kept, None
    yield sql.ACCOUNT_PIN(account=intent.account, mode=intent.mode, partner=partner_id)
    rows = yield sql.ACCOUNT_PINNED(account=intent.account, mode=intent.mode)
    return kept, rows[0][0]


def found(scope: Scope, key: str) -> Step[list[Intent]]:
    rows = yield sql.INTENTS_UNDER(**attrs.asdict(scope), key=key)
    return [Intent.read(row) for row in rows]


def of_order(scope: Scope, operation: str, order: str) -> Step[list[Intent]]:
    """All attempts of an order, the first one first."""
    values = attrs.asdict(scope) | {"operation": operation, "key": "", "order_ref": order}
    rows = yield sql.INTENTS_OF(**values)
    return [Intent.read(row) for row in rows]


def due(scope: Scope, *, now: float, until: float, holder: str, most: int) -> Step[list[Intent]]:
    """Take over what nobody finished; of several workers each gets other ones."""
    values = attrs.asdict(scope) | {"now": now, "until": until, "holder": holder, "most": most}
    rows = yield sql.INTENTS_DUE(**values)
    return [Intent.read(row) for row in rows]


def intended(asked: Intent) -> Step[Decision]:
    """Write an intent down in a transaction that is the partner's; an end of it breaks nothing there."""
    rows = yield sql.INTENT_ADD(**asked.row)
    if rows:
        return Recorded(asked)
    decision = decide(asked, (yield from _rows(asked)), now=asked.made_at, holder="", trust=0)
    return (
        decision
        if isinstance(decision, _ENDS)
        else Recorded(decision.intent if decision else asked)
    )


_ENDS: Final = (Conflicting, EarlierOpen, Held, Over)


def held(row: Intent, *, now: float, until: float, holder: str) -> Step[Intent | None]:
    """An intent taken over to find out about it; None where somebody works on it."""
    if row.lease_until > now:
        return None
    mine = row.taken(holder, now, until)
    return mine if (yield from saved(mine, was=row.holder)) else None


def status_noted(scope: Scope, id: str, status: str, now: float) -> Step[None]:
    yield sql.STATUS_NOTED(**attrs.asdict(scope), id=id, status=status, now=now)


def keys_of_customer(external_id: str) -> Step[list[str]]:
    """The keys that a customer's record can have been made under, one a namespace."""
    rows = yield sql.NAMESPACES()
    return [identify_customer(row[0], external_id, None).idempotency_key for row in rows]


def forgotten(keys: Sequence[str], order: str | None) -> Step[None]:
    """Take the bodies out under these keys and of this order; what was sent stays known by its hash."""
    for key in keys or ("",):
        yield sql.BODIES_FORGET(key=key, order_ref=order)


def expired(before: float) -> Step[None]:
    yield sql.BODIES_EXPIRE(before=before)
