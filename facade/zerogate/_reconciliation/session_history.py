"""Tells from the journal what Gate does not say of a session, and when to look again. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import attrs

from .._durability import JournalEntry
from . import EMBED_TOKEN_LIFE
from .records import moment, seconds, text

_ENDED: Final = ("expired", "cancelled")
#: Seconds after everything should have shown at which an order that got another session is read once
#: more: a day, which is a session's life and a bank's, and the hour of a widget.
ONCE_MORE: Final = 25 * 3600.0


@attrs.frozen
class History:
    """terms: What it adds to `Expectation`. is_news: True for an end that nobody had seen before."""

    terms: Mapping[str, Any]
    is_news: bool = False


def seen_so_far(rows: Sequence[JournalEntry], session: object, *, now: float) -> History:
    """Return what the store's entries of an order add to the expectation of one session.

    A session has ended when it was first read so, at the latest. An expired one that is first read
    days afterwards has ended before: nobody can have paid longer than its widget's token lived.

    now: By Gate's clock.
    """
    id, status = text(session, "id"), text(session, "status")
    keys = frozenset(row.key for row in rows)
    row = next((one for one in rows if id in one.ids), None)
    if row is None:
        return History({"keys": keys})
    is_main = row.object_id == id
    # Others of one attempt are cancelled without anybody having received their secret.
    terms: dict[str, Any] = {
        "keys": keys,
        "recorded": True,
        "secret_out": is_main and row.secret_may_be_out,
        "replaced": any((one.attempt or 0) > (row.attempt or 0) for one in rows),
    }
    if row.another is not None:
        # One of the two may have been paid by whoever has its secret.
        terms |= {"secret_out": True, "another": f"{row.object_id} and {row.another}"}
    if not is_main or status not in _ENDED:
        return History(terms)
    noted = row.status_at if row.object_status == status else None
    end = now if noted is None else noted
    expires = seconds(session, "expires_at")
    if status == "expired" and expires is not None:
        end = min(end, expires + EMBED_TOKEN_LIFE)
    return History(terms | {"ended_at": moment(end)}, is_news=noted is None)


def next_look(ended_at: float, *, grace: float, now: float) -> float | None:
    """Return when a replaced session is read next, Unix seconds; None after the last look.

    It made way for another: until its grace is over it is read repeatedly, and once a day later.

    So a second payment on an order is told for certain, however late it is listed.
    """
    over = ended_at + grace
    if now < over:
        return min(over, now + max(60.0, grace / 4))
    return over + ONCE_MORE if now < over + ONCE_MORE else None
