"""Changes intents, step by step: the statements that each change takes. Sends none.

The records stand in `intents.py`, what to do with them in `decisions.py`; both can be had from here.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import attrs
from zerogate._idempotency.terms import keyed_hash, tagged_terms, untagged_terms, with_wallet

from .._encryption import FieldCipher
from .._scope import Scope
from . import statements as sql
from .decisions import (
    AlreadyCreated,
    Conflicting,
    Decision,
    Held,
    InProgress,
    PreviousAttemptOpen,
    Replay,
    SearchFirst,
    Send,
    Superseded,
    answered_before,
    apply_result,
    caller_error,
    decide,
    not_usable,
    refusal,
    unknown,
    why_made_before,
    why_not_absent,
    why_not_again,
)
from .intents import (
    OLDER,
    RAILS,
    TERMS,
    TERMS_UNKNOWN,
    Intent,
    fingerprint,
    new_intent,
    terms_of,
)
from .leases import NO_CLOCK, Lease, LeaseClock
from .moments import Moment
from .statements import Step

__all__ = [
    "OLDER",
    "RAILS",
    "TERMS",
    "TERMS_UNKNOWN",
    "AlreadyCreated",
    "Conflicting",
    "Decision",
    "Hashing",
    "Held",
    "InProgress",
    "Intent",
    "PreviousAttemptOpen",
    "Replay",
    "Scope",
    "SearchFirst",
    "Send",
    "Superseded",
    "answered_before",
    "apply_result",
    "body_of",
    "caller_error",
    "check_terms",
    "claim_intent",
    "decide",
    "fingerprint",
    "intents_under",
    "is_echo_seen",
    "let_go",
    "new_intent",
    "not_usable",
    "note_dispute",
    "note_echo",
    "note_secret",
    "note_status",
    "of_order",
    "record",
    "refusal",
    "renew_lease",
    "save_intent",
    "take_over",
    "terms_of",
    "unknown",
    "wallet_secret",
    "why_made_before",
    "why_not_absent",
    "why_not_again",
    "write_intent",
]


@attrs.frozen
class Hashing:
    """The wallet of a write, if it names one, of which hashes are kept; and the secret to hash under.

    fresh: That secret, where the store has none yet. sealer: Binds what is kept to its row.
    """

    wallet: str | None = attrs.field(repr=False)
    fresh: str = attrs.field(repr=False)
    sealer: FieldCipher


def claim_intent(
    asked: Intent,
    *,
    at: Moment,
    lease: Lease,
    holder: str,
    trust: float,
    hashing: Hashing | None = None,
) -> Step[Decision]:
    """Write an intent down as sent, or find and hold its row; return the decision.

    For whoever gets anything but an end of it, it is held now.
    Safe to run again by the same holder.
    """
    asked = yield from _hash_and_bind(asked, hashing)
    added = asked.taken(holder, lease).mark_sending(at, anew=True)
    while True:
        if (yield sql.INTENT_ADD(**added.row)):
            return Send(added, asked)
        decision = decide(
            asked, (yield from _rows(asked, lease.clock)), now=at.now, holder=holder, trust=trust
        )
        match decision:
            case None:
                continue
            case PreviousAttemptOpen(row) if (yield from _close(row, at.now, holder)):
                continue
            case Send(row) | SearchFirst(row) | Replay(row):
                return (yield from _hold(decision, asked, row.taken(holder, lease), at))
            case _:
                return decision


def _hold(decision: Decision, asked: Intent, mine: Intent, at: Moment) -> Step[Decision]:
    """Have the decision's intent held by us and return it; InProgress if somebody was faster."""
    if isinstance(decision, Send):
        # Nothing exists under it, so the bytes may be other ones; the terms are the same.
        new: dict[str, Any] = {name: getattr(asked, name) for name in _BYTES}
        mine = mine.evolved(**new).mark_sending(at, anew=True)
    elif isinstance(decision, SearchFirst):
        mine = mine.evolved(ambiguous=int(not mine.stands_for_other_bytes))
    else:
        # Whoever held it until now never came back: what it asked Gate for may have been another one.
        left = decision.intent.lease is not None and decision.intent.holder != mine.holder
        doubt = int(mine.ambiguous or left)
        mine = mine.asked_again(at.now).evolved(ambiguous=doubt)
    replace = isinstance(decision, Send)
    if (yield from save_intent(mine, was=decision.intent.holder, replace=replace)):
        return attrs.evolve(decision, intent=mine)
    return InProgress(decision.intent)


_BYTES: Final = ("body", "sealed", "fingerprint", "asked", "marks")


def _rows(asked: Intent, clock: LeaseClock) -> Step[list[Intent]]:
    """Return the rows of *asked*'s operation that have its key or order, the first attempt first."""
    return [Intent.read(row, clock) for row in (yield sql.INTENTS_OF(**asked.row | clock.values))]


def _close(row: Intent, now: float, holder: str) -> Step[bool]:
    """Close an attempt of which nothing exists; return True where it is closed now."""
    if row.is_held or row.state not in ("intended", "rejected"):
        return False
    over = row.evolved(holder=holder, closed_at=now, due_at=None, body=None)
    return (yield from save_intent(over, was=row.holder))


def save_intent(intent: Intent, *, was: str | None = None, replace: bool = False) -> Step[bool]:
    """Save an intent, return True; False where another holds it by now, or recorded its object.

    replace: Whether its body is written too; a body that is None is always taken out.
    """
    said = sql.INTENT_SAVE if intent.closed_at is None else sql.INTENT_SAVE_CLOSED
    was, replaced = intent.holder if was is None else was, int(replace or intent.body is None)
    return bool((yield said(**intent.row, was=was, replace=replaced)))


def record(intent: Intent, partner_id: str | None) -> Step[tuple[bool, str | None]]:
    """Save an intent; return True if saved, and the account's first partner id (None if none given).

    That is *partner_id* where there was none; None where *partner_id* is None.
    """
    kept = yield from save_intent(intent)
    if partner_id is None:
        return kept, None
    yield sql.ACCOUNT_PIN(account=intent.account, mode=intent.mode, partner=partner_id)
    rows = yield sql.ACCOUNT_PINNED(account=intent.account, mode=intent.mode)
    return kept, rows[0][0]


def intents_under(scope: Scope, key: str, clock: LeaseClock = NO_CLOCK) -> Step[list[Intent]]:
    """Return the intents of all operations under a key."""
    values = scope.values | clock.values
    return [Intent.read(row, clock) for row in (yield sql.INTENTS_UNDER(**values, key=key))]


def of_order(
    scope: Scope, operation: str, order: str, clock: LeaseClock = NO_CLOCK
) -> Step[list[Intent]]:
    """Return all attempts of an order, the first one first."""
    values = scope.values | {"operation": operation, "key": "", "order_ref": order} | clock.values
    return [Intent.read(row, clock) for row in (yield sql.INTENTS_OF(**values))]


def write_intent(asked: Intent, hashing: Hashing | None = None) -> Step[Decision]:
    """Write an intent down in the partner's transaction; return AlreadyCreated, or the decision against."""
    asked = yield from _hash_and_bind(asked, hashing)
    decision: Decision | None = None
    # Whoever was in its way may have closed between the two statements: then it is added again.
    while decision is None:
        if (yield sql.INTENT_ADD(**asked.row)):
            return AlreadyCreated(asked)
        decision = decide(
            asked, (yield from _rows(asked, NO_CLOCK)), now=asked.made_at, holder="", trust=0
        )
    return decision if isinstance(decision, _ENDS) else AlreadyCreated(decision.intent)


_ENDS: Final = (Conflicting, PreviousAttemptOpen, Held, Superseded)


def take_over(row: Intent, *, lease: Lease, holder: str) -> Step[Intent | None]:
    """Hold an intent to find out about it and return it; None where somebody works on it, or has since."""
    if row.is_held:
        return None
    mine = row.taken(holder, lease)
    return mine if (yield sql.INTENT_TAKE(**mine.row, was=row.holder, replace=0)) else None


def renew_lease(intent: Intent, lease: Lease) -> Step[bool]:
    """Write a new lease, return True; False where the intent is somebody else's by now, or nobody's."""
    return bool((yield sql.INTENT_RENEW(**intent.row | lease.values)))


def let_go(intent: Intent, *, now: float, sends: bool) -> Step[None]:
    """End our lease; the intent is due *now* if due at all, in doubt if sent (*sends*: also if known)."""
    yield sql.INTENT_LET_GO(**intent.row, now=now, sends=int(sends))


def note_status(scope: Scope, id: str, status: str, now: float) -> Step[None]:
    """Write an object's status and when it was seen; do nothing where that is its status already."""
    yield sql.STATUS_NOTED(**scope.values, id=id, status=status, now=now)


def note_secret(intent: Intent, id: str, now: float) -> Step[bool]:
    """Note that a write's client secret is out, return True; False where its object is not *id*."""
    return bool((yield sql.SECRET_OUT(**intent.row, id=id, now=now)))


def wallet_secret() -> Step[str | None]:
    """Return the secret that this store hashes under; None where none was kept yet."""
    rows = yield sql.SECRET_READ()
    return rows[0][0] if rows else None


def _hash_and_bind(asked: Intent, hashing: Hashing | None) -> Step[Intent]:
    """Return an intent hashed and bound to its row; make the store's secret if it has none."""
    if hashing is None:
        return asked
    secret = yield from wallet_secret()
    if secret is None:
        yield sql.SECRET_MADE(secret=hashing.fresh)
        secret = (yield from wallet_secret()) or hashing.fresh
    hashed: dict[str, Any] = {"fingerprint": keyed_hash(asked.fingerprint, secret)}
    if asked.operation not in RAILS:
        # A rail's are two ids of Gate's, and compared where a rail is taken in.
        hashed["terms"] = keyed_hash(asked.terms, secret)
    kept = asked.asked
    if hashing.wallet is not None:
        kept = with_wallet(kept or "{}", hashing.wallet, secret)
    return asked.evolved(**hashed, **_bound_to_row(asked, kept, hashing.sealer, secret))


def _bound_to_row(
    intent: Intent, kept: str | None, sealer: FieldCipher, secret: str
) -> dict[str, Any]:
    """Return an intent's body, encrypted or authenticated, and the terms that are kept of it, tagged."""
    bound: dict[str, Any] = {}
    if intent.body is not None and intent.sealed:
        bound["body"] = sealer.encrypt(intent.body, intent.place)
    elif intent.body is not None:
        bound["body"] = sealer.authenticate(intent.body, intent.place, secret)
    if kept is not None:
        bound["asked"] = tagged_terms(kept, sealer.tag(kept, intent.terms_place, secret))
    return bound


def body_of(
    intent: Intent, sealer: FieldCipher, *, secret: str | None = None
) -> Step[bytes | None]:
    """Return the bytes of an intent as they were written; None if erased, NotOpened if changed.

    secret: Of the store, where it was read before.

    Raises:
        NotOpened: they are not what was written, or under a key that the store was not given.
    """
    if intent.body is None:
        return None
    secret = secret or (yield from wallet_secret())
    return sealer.decrypt(intent.body, intent.place, secret or "")


def check_terms(intent: Intent, sealer: FieldCipher) -> Step[None]:
    """Raise NotOpened where the terms of an intent are not those that were written down."""
    if intent.asked is not None:
        secret = yield from wallet_secret()
        text, tag = untagged_terms(intent.asked)
        sealer.check_tag(tag, text, intent.terms_place, secret or "")


def note_dispute(scope: Scope, id: str, now: float) -> Step[None]:
    """Note when an object was first read on other terms; do nothing where its secret is out."""
    yield sql.DISPUTE_NOTED(**scope.values, id=id, now=now)


def note_echo(scope: Scope, now: float) -> Step[None]:
    """Note that a list of this account gave marks back whole."""
    yield sql.ECHO_NOTED(account=scope.account, mode=scope.mode, now=now)


def is_echo_seen(scope: Scope, pairs: Sequence[tuple[str, str]]) -> Step[bool]:
    """Return True if this account's lists give marks back: noted before, or one of *pairs* is ours."""
    if (yield sql.ECHO_SEEN(account=scope.account, mode=scope.mode)):
        return True
    for key, id in pairs:
        if (yield sql.INTENT_MADE(account=scope.account, mode=scope.mode, key=key, id=id)):
            return True
    return False
