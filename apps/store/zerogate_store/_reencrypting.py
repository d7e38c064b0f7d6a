"""Rewrites under the newest encryption key what a store keeps under older ones, a page at a time. Sends none.

What was kept in clear before there was a key is taken as it is: whoever calls this vouches for it. A page
is one transaction, and what is under the newest key already is passed over, so that it can be run again
after any interruption, beside working services.
"""

from __future__ import annotations

from typing import Any, Final, TypeAlias

import attrs
from zerogate._idempotency.terms import tagged_terms, untagged_terms

from ._encryption import FieldCipher, NotOpened, is_sealed
from ._erasing import event_place
from ._journal.intents import Intent
from ._journal.statements import INTENT_COLUMNS, Statement, Step
from ._journal.steps import wallet_secret
from ._scope import Scope

#: Rows of one transaction: a checkout waits for no more of them.
_MOST: Final = 200
_HERE: Final = "account = :account AND mode = :mode AND namespace = :namespace"
#: Changes nothing, and so holds the rows of a page until its end.
INTENTS_PAGE: Final = Statement(
    f"UPDATE zerogate_intents SET sealed = sealed WHERE {_HERE} AND (operation, key) IN ("
    f"SELECT operation, key FROM zerogate_intents WHERE {_HERE} "
    "AND (body IS NOT NULL OR asked IS NOT NULL) AND (operation, key) > (:operation, :key) "
    f"ORDER BY operation, key LIMIT :most) RETURNING {INTENT_COLUMNS}, 0.0, 0.0, NULL, NULL, NULL"
)
INTENT_REWRITE: Final = Statement(
    f"UPDATE zerogate_intents SET body = :body, asked = :asked WHERE {_HERE} "
    "AND operation = :operation AND key = :key"
)
EVENTS_PAGE: Final = Statement(
    f"UPDATE zerogate_events SET reduced = reduced WHERE {_HERE} AND (signed, id) IN ("
    f"SELECT signed, id FROM zerogate_events WHERE {_HERE} "
    "AND body IS NOT NULL AND (signed, id) > (:signed, :id) "
    "ORDER BY signed, id LIMIT :most) RETURNING signed, id, body"
)
EVENT_REWRITE: Final = Statement(
    f"UPDATE zerogate_events SET body = :body WHERE {_HERE} AND signed = :signed AND id = :id"
)

#: The last row of a page: where the next one begins.
Place: TypeAlias = tuple[str, str]
START: Final[Place] = ("", "")


@attrs.frozen
class Reencrypted:
    """Count of the rows rewritten under the newest key, and of those that could not be.

    left: Rows that were written under a key which this store was not given, or changed since.
    """

    rewritten: int = 0
    left: int = 0

    def __add__(self, other: Reencrypted) -> Reencrypted:
        return Reencrypted(self.rewritten + other.rewritten, self.left + other.left)


def intents_page(
    scope: Scope, sealer: FieldCipher, after: Place
) -> Step[tuple[Reencrypted, Place]]:
    """Rewrite up to 200 intents under the newest key; return counts, next place (START: none)."""
    secret = (yield from wallet_secret()) or ""
    values = scope.values
    rows = yield INTENTS_PAGE(**values, operation=after[0], key=after[1], most=_MOST)
    done = Reencrypted()
    intents = [Intent.read(row) for row in rows]
    for intent in intents:
        try:
            written = _rewritten(intent, sealer, secret)
        except NotOpened:
            done += Reencrypted(left=1)
            continue
        if written is not None:
            yield INTENT_REWRITE(**values, operation=intent.operation, key=intent.key, **written)
            done += Reencrypted(rewritten=1)
    return done, max(((one.operation, one.key) for one in intents), default=START)


def _rewritten(intent: Intent, sealer: FieldCipher, secret: str) -> dict[str, Any] | None:
    """Return body and terms under the newest key; None where they are; else NotOpened."""
    body, asked = intent.body, intent.asked
    if body is not None and not sealer.is_newest(body, encrypted=bool(intent.sealed)):
        plain = sealer.decrypt(body, intent.place, secret, own=True)
        body = (
            sealer.encrypt(plain, intent.place)
            if intent.sealed
            else sealer.authenticate(plain, intent.place, secret)
        )
    if asked is not None:
        text, tag = untagged_terms(asked)
        if not sealer.is_newest_tag(tag):
            sealer.check_tag(tag, text, intent.terms_place, secret, own=True)
            asked = tagged_terms(text, sealer.tag(text, intent.terms_place, secret))
    if (body, asked) == (intent.body, intent.asked):
        return None
    return {"body": body, "asked": asked}


def events_page(scope: Scope, sealer: FieldCipher, after: Place) -> Step[tuple[Reencrypted, Place]]:
    """Encrypt up to 200 event bodies, clear ones too; return counts, next place (START: none)."""
    values = scope.values
    rows = yield EVENTS_PAGE(**values, signed=after[0], id=after[1], most=_MOST)
    done = Reencrypted()
    for signed, id, kept in rows:
        body, place = (
            kept.encode() if isinstance(kept, str) else bytes(kept),
            event_place(scope, signed, id),
        )
        if is_sealed(body) and sealer.is_newest(body, encrypted=True):
            continue
        try:
            body = sealer.encrypt(sealer.uncover(body, place), place)
        except NotOpened:
            done += Reencrypted(left=1)
            continue
        yield EVENT_REWRITE(**values, signed=signed, id=id, body=body)
        done += Reencrypted(rewritten=1)
    return done, max(((signed, id) for signed, id, _ in rows), default=START)
