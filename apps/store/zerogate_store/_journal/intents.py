"""A write that was meant, as it is remembered. Pure: no clock, no database.

The states that it goes through, and what each means after a crash, stand above `Intent`.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

import attrs
from zerogate._idempotency.identity import ATTEMPT, KEY, MARKS, NAMESPACE, ORDER, Marks, marks_of
from zerogate._idempotency.keys import Identity
from zerogate._idempotency.terms import kept
from zerogate._literals import IntentState

from .._encryption import json_in, place_of
from .._scope import Scope
from .leases import NO_CLOCK, YIELDS, Lease, LeaseClock
from .moments import Moment

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
CREATE_SESSION: Final = "createSession"
RAILS: Final = ("createPayIn", "createPayOut")
#: `Intent.terms` of a row that was made from what Gate has: they stand in the object alone.
TERMS_UNKNOWN: Final = ""
#: `Intent.outcome` of a first send that something older answered: held until a person decides.
OLDER: Final = "answered by an older object"
#: What `Intent.outcome` begins with where an event told of another session under its key: an order that
#: is held until a person decides. No later record of the write takes it away.
ANOTHER: Final = "another session: "
#: `Intent.outcome` while a request is on its way: who finds it never heard what came of it.
UNDER_WAY: Final = "under way"
#: What `Intent.outcome` begins with where the key stands for other bytes than ours: nothing came of ours.
KEY_REUSED: Final = "KeyReused"
#: `Intent.due_at` of what is held: no clock is asked, for one that was wrong would be for long.
AS_SOON_AS_FREE: Final = 0.0
#: `Intent.asked` of a row whose terms are no JSON: without a tag, so that they never pass for what was asked.
_DAMAGED: Final = '{"expected": {}}'
#: How much longer than a key is trusted a request may be on its way and still be noticed.
_LATE: Final = 2.0

# The states of an intent.
#
#     intend ──► intended ──► sent ──► known       the object exists; its id is recorded
#     create ───────────────►  │  ──► rejected     Gate said no for certain; nothing exists
#                              └────► absent       searched for, and proven not to exist
#
# A row is committed as `sent` before the first byte of its request leaves. So the state on disk is
# never behind what Gate may have done, and a crash at any moment leaves one of these five:
#
# intended   Written down by `intend`, in its caller's transaction. No byte left, so no search is
#            needed: `send` sends it, and so does `recover` once it is due. A send that failed
#            before its first byte comes back here, if no earlier one is in doubt; what `create`
#            left so has no `due_at`, and waits for its caller to ask again.
# sent       The request may have been carried out. Here a crash leaves a write whose answer was
#            lost or was not recorded; it is the only state in which the outcome is unknown.
#            Gate is searched before anything is sent again, and `ambiguous` is 1 from then on, for
#            there may be two objects of it. It is sent again, under the same key, only while Gate
#            is trusted to remember the key, or where its absence is proven; otherwise it stays
#            `sent`, and `recover` looks again, the more rarely the older it is.
# known      The object's id is recorded: from the answer, a search, a signed event, a walk after
#            the store has lost rows, or `resolve`. The body is gone, and it is left only where a later
#            answer shows that the object is another's (`OLDER`).
#            Asking again under the key (to get the secret once more) does not change the state; a
#            crash in that request sets `ambiguous`. Then the list is swept for extra sessions.
# rejected   A refusal in which no attempt was in doubt, or a rail's quote that was not as expected.
#            Nothing exists. The same `create` may send it again, other bytes on the same terms.
# absent     Only a session, and only where its attempt is closed to make way for the next: the list
#            was read to its end, echoes our marks, and the key is too old to be trusted. A crash
#            before `closed_at` is written leaves what may be closed or sent: nothing exists.
#
# `closed_at` is no state: it says that another attempt may be made, and that this one is never
# sent again. A `known` session that is closed is superseded; a late payment may still show on it,
# so it is read again. A walk closes a row as well, for only one attempt of an order is open here, but
# that judges nothing: another service may have made the other one. Such a row is judged before a
# new attempt (`is_unjudged`). `outcome` may hold a row until a person decides: `OLDER`, `ANOTHER`.
#
# Only the holder moves a row: each statement names the holder that it read, and changes nothing
# where another has taken over (`INTENT_SAVE`). A dead holder's lease ends by itself (leases.py);
# then any caller, or `recover`, takes the row. An event is the one exception: it may write an
# object's id into a held row, and no more (`INTENT_IDENTIFY`). A process that lost its row to
# another reads what that one recorded, and overwrites nothing.


# Without slots, so that its fields are copied at once: see `evolved`.
@attrs.frozen(kw_only=True, slots=False)
class Intent:
    """One write that was meant. Times are Unix seconds.

    terms, fingerprint: What identifies the payment, and the bytes, hashed.
    body: The bytes, bound to this row, until the outcome is known; sealed: 1 where they are encrypted.
    due_at: When recovery has to look at it, if nobody holds it; None where there is nothing left to do.
    lease: How long whoever holds it keeps others away; None where nobody does. See leases.py.
    ambiguous: 1 once an attempt may have taken effect unseen: then there may be two of it.
    first_sent_at: By Gate's clock; None before, and where no answer had told it yet. Then whoever reads
        the row and knows it dates the send, by the clock of leases. sent_own: By the clock of its host.
        trusted_ago, last_ago: Seconds since trusted_from and last_sent_at when it was read, by the clock of
        leases; None by another one. gate_known: True if it was read by who knew Gate's clock.
    status_at: When object_status was first read. secret_at: When a client secret was handed out.
    trusted_from: When the key was first sent that Gate may still remember.
    closed_at: When nothing on it could succeed any more; it is never sent again.
    search_cursor: Where in Gate's list the search goes on. duplicates: Other sessions of this attempt.
    asked: Its terms of money, as JSON; a wallet as hashes. marks: Names of the marks in its bytes.
    disputed_at: When it was found to be on other terms, and nobody has its secret.
    begins: How many of its times a send that begins sets: the last one; also trusted_from; also the first.
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
    state: IntentState = "intended"
    holder: str = ""
    lease: Lease | None = None
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
    search_cursor: str | None = None
    duplicates: tuple[str, ...] = ()
    request_ids: tuple[str, ...] = ()
    outcome: str | None = None
    asked: str | None = None
    marks: tuple[str, ...] = ()
    disputed_at: float | None = None
    sent_own: float | None = None
    trusted_ago: float | None = None
    last_ago: float | None = None
    gate_known: bool = False
    begins: int = 0

    @classmethod
    def read(cls, row: Sequence[Any], clock: LeaseClock = NO_CLOCK) -> Intent:
        """Return the intent in a row; *clock* is the one that the statement was given."""
        *told, until, left, first, trusted, last = row
        values = dict(zip(_FIELDS, told, strict=True))
        if values["body"] is not None:
            values["body"] = bytes(values["body"])
        lists = {
            name: tuple(one for one in json_in(values[name], list) or () if isinstance(one, str))
            for name in _LISTS
        }
        asked = values["asked"] if json_in(values["asked"] or "{}", dict) is not None else _DAMAGED
        lease = clock.read(values["holder"], until, left)
        ago = {"trusted_ago": trusted, "last_ago": last, "gate_known": clock.dated is not None}
        found = cls(**values | lists | ago | {"asked": asked}, lease=lease)
        at = clock.dated
        return found if first is None or at is None else found.dated_since(first, at)

    @property
    def row(self) -> dict[str, Any]:
        """Return the intent's fields by name, lists as JSON, with the values of its lease."""
        lists = {n: json.dumps(told) if (told := getattr(self, n)) else "[]" for n in _LISTS}
        # What came of a send is written without a lease, and so without its clock.
        lease, begins = (self.lease, self.begins) if self.lease else (NO_CLOCK.lasting(0.0), 0)
        return {**vars(self), **lists, "begins": begins, **lease.values}

    def evolved(self, **changes: Any) -> Intent:
        """Return a copy with these changes, as attrs.evolve does in twice the time."""
        return Intent(**{**vars(self), **changes})

    @property
    def is_held(self) -> bool:
        """True while the lease of the intent's holder is not over."""
        return self.lease is not None and self.lease.left > 0

    @property
    def yields(self) -> bool:
        """True where the holder only searches, so that a caller may take the intent over; never for rails."""
        return self.holder.startswith(YIELDS) and self.operation not in RAILS

    @property
    def place(self) -> bytes:
        """Return the bytes that name the intent's row, which its body is bound to."""
        return place_of(self.account, self.mode, self.namespace, self.operation, self.key)

    @property
    def terms_place(self) -> bytes:
        """Return the bytes that name the intent's row, order and attempt, which its terms are bound to."""
        return place_of("terms", self.place.decode(), self.order_ref, self.attempt)

    @property
    def another(self) -> str | None:
        """Return the id of a second session that an event told of under its key; None without."""
        told = self.outcome or ""
        return told.removeprefix(ANOTHER) if told.startswith(ANOTHER) else None

    @property
    def ids(self) -> tuple[str, ...]:
        """Return the ids of all objects known of the intent, its own first."""
        return tuple(dict.fromkeys(filter(None, (self.object_id, *self.duplicates, self.another))))

    @property
    def is_superseded(self) -> bool:
        """True where its session made way for another attempt; it may yet show a payment."""
        made = self.state == "known" and self.operation == "createSession"
        return made and self.closed_at is not None

    @property
    def is_sought(self) -> bool:
        """True for each intent that was sent, except a superseded session that was never in doubt."""
        return self.state != "intended" and bool(self.ambiguous or not self.is_superseded)

    @property
    def context(self) -> dict[str, Any]:
        """Return operation, order, attempt, key and request ids, for an error about the intent."""
        return {
            "operation": self.operation,
            "order": self.order_ref,
            "attempt": self.attempt,
            "idempotency_key": self.key,
            "request_ids": self.request_ids,
        }

    @property
    def findable(self) -> bool:
        """True for a session whose bytes carry its key: Gate's list can show it by that."""
        return self.operation == "createSession" and KEY in self.marks

    @property
    def listed(self) -> bool:
        """True for a session that has an order or is findable: Gate's list may have others of it."""
        return self.operation == "createSession" and (self.order_ref is not None or self.findable)

    @property
    def sent_marks(self) -> Marks:
        """Return the marks that the intent's bytes carried."""
        told = {
            ORDER: self.order_ref,
            ATTEMPT: None if self.attempt is None else str(self.attempt),
            NAMESPACE: self.namespace,
            KEY: self.key,
        }
        return marks_of({"metadata": {name: told.get(name) for name in self.marks}})

    @property
    def secret_may_be_out(self) -> bool:
        """True where a caller may have the client secret: noted, or a request is under way."""
        return self.secret_at is not None or self.outcome == UNDER_WAY

    @property
    def stands_for_other_bytes(self) -> bool:
        """True where Gate refused the key with KeyReused, and the intent was never in doubt besides."""
        return not self.ambiguous and (self.outcome or "").startswith(KEY_REUSED)

    @property
    def sender(self) -> str:
        """Return its holder's name without the prefix that lets others take it over."""
        return self.holder.removeprefix(YIELDS)

    def is_trusted(self, now: float, window: float) -> bool:
        """Return True if less than *window* seconds passed since its key was sent, by each clock.

        A Date may be a stale one, out of a cache.
        """
        return max(now - (self.trusted_from or 0.0), self.trusted_ago or 0.0) < window

    def again(self, holder: str, lease: Lease, at: Moment, *, anew: bool) -> Intent:
        """Return a copy taken over and in doubt, as it has to stand on disk before it is sent again."""
        doubt = int(not self.stands_for_other_bytes)
        taken = self.taken(self.holder, lease).evolved(holder=holder, ambiguous=doubt)
        return taken.mark_sending(at, anew=anew)

    def taken(self, holder: str, lease: Lease) -> Intent:
        """Return a copy held by *holder* under this lease, and due as soon as that is over."""
        row = self if holder == self.holder else self.unheard()
        return row.evolved(holder=holder, lease=lease, due_at=AS_SOON_AS_FREE)

    def unheard(self) -> Intent:
        """Return a copy without `under way`, its secret taken as handed out; itself if not under way."""
        if self.outcome != UNDER_WAY:
            return self
        return self.evolved(secret_at=self.secret_at or self.last_sent_at, outcome=None)

    def mark_sending(self, at: Moment, *, anew: bool) -> Intent:
        """Return a copy as `sent` with the times of this send, to be on disk before a byte leaves.

        anew: No key of before can matter.
        """
        start: dict[str, Any] = {"state": "sent"}
        if anew or self.trusted_from is None:
            start |= {"trusted_from": at.now, "begins": 2, "trusted_ago": None}
        if anew and not self.ambiguous and self.state != "absent":
            # A clock that is ahead would make the session of this very send older than its send.
            start |= {"first_sent_at": at.gate, "sent_own": at.own, "begins": 3}
        return self.asked_again(at.now, **start)

    def asked_again(self, now: float, **more: Any) -> Intent:
        """Return a copy as it has to be on disk before its key is used again; the state stays."""
        again = {"last_sent_at": now, "last_ago": None, "begins": 1, "outcome": UNDER_WAY}
        return self.evolved(**again | more)

    def dated(self, at: float) -> Intent:
        """Return a copy with all three times of its first send set to *at*, by Gate's clock."""
        return self.evolved(first_sent_at=at, last_sent_at=at, trusted_from=at)

    def dated_since(self, ago: float, now: float) -> Intent:
        """Return a copy first sent *ago* seconds before *now*; itself if dated or never sent.

        Its sender had another clock and may be dead, and what that read is not to be compared.
        """
        if self.first_sent_at is not None or self.last_sent_at is None or ago < 0:
            return self
        trusted = now - (ago if self.trusted_ago is None else self.trusted_ago)
        last = now - (self.last_ago or 0.0)
        return self.evolved(first_sent_at=now - ago, last_sent_at=last, trusted_from=trusted)

    def known(
        self, id: str, status: str | None, now: float, *, secret: bool = False, **more: Any
    ) -> Intent:
        """Return a copy as `known`, *id* its object; no body, no lease; due if there may be several."""
        if status != self.object_status or self.status_at is None:
            more["object_status"], more["status_at"] = status, now
        if secret:
            # Whoever has the secret can pay: then nothing is over before its time.
            more |= {"secret_at": now, "disputed_at": None}
        return self.evolved(
            state="known",
            object_id=id,
            answered_at=self.answered_at or now,
            body=None,
            lease=None,
            # Of these alone there can be several, and a list to find them in.
            due_at=now if self.listed and (self.ambiguous or more.get("ambiguous")) else None,
            **more,
        )

    def doubtful(self, now: float, why: str | None, **more: Any) -> Intent:
        """Return a copy in doubt with *why* as its outcome, held by nobody, due later the older it is."""
        age = now - (self.first_sent_at or self.made_at)
        more.setdefault("ambiguous", 1)
        return self.evolved(
            outcome=why,
            lease=None,
            # At first by no clock, for one that is ahead would have others wait until then.
            due_at=AS_SOON_AS_FREE if age < 60 else now + min(3600.0, age / 4),
            **more,
        )

    def rejected(self, now: float, why: str, **more: Any) -> Intent:
        """Return a copy as `rejected`, without body and lease, and never due again."""
        more |= {"state": "rejected", "answered_at": now, "outcome": why, "due_at": None}
        return self.evolved(body=None, lease=None, **more)

    def unsent(self, was: Intent) -> Intent:
        """Return *was*, the intent before this call, held by nobody: no byte left."""
        return was.evolved(holder=self.holder, lease=None)

    def mark_swept(self, now: float, trust: float, duplicates: Sequence[str]) -> Intent:
        """Return a copy with these duplicates noted, due once more if lists may not have caught up."""
        late = (self.last_sent_at or now) + _LATE * trust
        return self.evolved(
            lease=None,
            due_at=late if now < late else None,
            search_cursor=None,
            duplicates=tuple(dict.fromkeys((*self.duplicates, *duplicates))),
        )


_LISTS: Final = ("duplicates", "request_ids", "marks")
_FIELDS: Final = tuple(
    field.name
    for field in attrs.fields(Intent)
    if field.name not in ("lease", "trusted_ago", "last_ago", "gate_known", "begins")
)


def fingerprint(body: bytes) -> str:
    """Return the SHA-256 of a body, in hex."""
    return hashlib.sha256(body).hexdigest()


def terms_of(operation: str, body: Mapping[str, Any]) -> str:
    """Return the SHA-256, in hex, of the terms that may not change under one attempt."""
    # Null is what Gate writes of what a body leaves out.
    told = [None if (one := body.get(name)) is None else str(one) for name in TERMS[operation]]
    return fingerprint(json.dumps(told).encode())


def new_intent(scope: Scope, operation: str, identity: Identity, body: bytes, now: float) -> Intent:
    """Return a new intent in state `intended`, held by nobody, its body in clear even if to be sealed."""
    told = json.loads(body)
    return Intent(
        **scope.values,
        operation=operation,
        key=identity.idempotency_key,
        order_ref=identity.order,
        attempt=identity.attempt,
        terms=terms_of(operation, told),
        made_at=now,
        fingerprint=fingerprint(body),
        body=body,
        # A customer's, and one with a kyc_package, is not kept in clear.
        sealed=int(operation == "createCustomer" or "kyc_package" in told),
        asked=kept(operation, told),
        marks=tuple(name for name in MARKS if name in (told.get("metadata") or {})),
    )
