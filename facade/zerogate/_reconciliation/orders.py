"""Decides the outcome of an order from all that was made for it: sessions, rails, events. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

import attrs

from ..money import Money
from .expectations import ANY_AMOUNT, ANY_ORDER, AnyAmount, Expectation
from .kinds import Evidence, Hold, Mismatch, Outcome, Pending, Settled
from .sessions import of_one_unit, several

#: Events that say that money came: where no record shows it, something is wrong with the records.
_SUCCESS = frozenset({"gate_session.completed", "rail.pay_in.settled", "rail.pay_out.settled"})
#: What parts of an order come to while somebody could still begin to pay.
_OPEN = frozenset({"open", "overdue"})
#: What says that a part is not this order's, or not this service's.
_ANOTHERS = frozenset({"mode", "order", "namespace", "key"})
_LONG_AGO = datetime.min.replace(tzinfo=UTC)


@attrs.frozen
class Part:
    """One session or rail of an order, and what it came to by itself.

    id: The session's or the rail's. session: The session that a rail belongs to, else its own id.
    rails: Rails that a session's transactions name: they are the same money.
    flows: The directions in which money moved or is moving on it.
    """

    id: str
    session: str | None
    outcome: Outcome
    rails: frozenset[str] = frozenset()
    flows: frozenset[str] = frozenset()


def rails_named(rows: Iterable[object]) -> frozenset[str]:
    """Return ids of the rails that rows name; the older field counts where the newer is missing."""
    found = set()
    for row in rows:
        newer = getattr(row, "local_rail_transaction_id", None)
        found.add(newer or getattr(row, "facilita_transaction_id", None))
    return frozenset(id for id in found if isinstance(id, str) and id)


def outcome_of_order(
    parts: Sequence[Part],
    *,
    expect: Money | AnyAmount = ANY_AMOUNT,
    known: Sequence[Evidence] = (),
    in_doubt: Sequence[str] = (),
) -> Outcome:
    """Return one outcome for the order; a doubt about any part of it is a doubt about it.

    expect: What the order is for; payments in several parts are held against it together.
    known: What the store and the inbox have of it, intents and events.
    in_doubt: Keys of writes that may have made something nobody has found.
    """
    named = frozenset().union(*(part.rails for part in parts))
    found = _decided([one for one in parts if one.id not in named], expect, known, in_doubt)
    evidence = (*(e for part in parts for e in part.outcome.evidence), *known)
    return attrs.evolve(
        found,
        evidence=evidence,
        account_blocked=any(part.outcome.account_blocked for part in parts),
    )


def _decided(
    parts: Sequence[Part],
    expect: Money | AnyAmount,
    known: Sequence[Evidence],
    in_doubt: Sequence[str],
) -> Outcome:
    """Return the outcome of the first rule that holds: what is wrong, then paid, then waiting."""
    settled = [part for part in parts if isinstance(part.outcome, Settled)]
    if (wrong := _both_directions(parts)) is not None:
        return wrong
    if (wrong := _paid_by_several(parts, settled, expect)) is not None:
        return wrong
    if (wrong := _first(parts, Mismatch, Hold)) is not None:
        return wrong
    if settled:
        return _settled(settled[0].outcome, parts)
    if not parts and not in_doubt:
        return Hold(reason="nothing_known")
    if said := [e.id for e in known if e.kind == "event" and e.status in _SUCCESS]:
        return Hold(reason="events_disagree", detail=", ".join(said))
    if in_doubt:
        return Pending(reason="attempt_in_doubt", detail=", ".join(in_doubt))
    return _pending(parts)


def _both_directions(parts: Sequence[Part]) -> Outcome | None:
    """Return a Hold where money of one order came and went out; else None.

    Nobody can say which was meant.
    """
    flows = frozenset().union(*(part.flows for part in parts))
    if len(flows) < 2:
        return None
    return Hold(
        reason="both_directions",
        detail=f"{', '.join(p.id for p in parts if p.flows)}: {' and '.join(sorted(flows))}",
    )


def _paid_by_several(
    parts: Sequence[Part], settled: Sequence[Part], expect: Money | AnyAmount
) -> Outcome | None:
    """Return a Mismatch where several parts were paid, a Hold if that may be the same money; else None."""
    paid = [
        part
        for part in parts
        if part in settled or (part.outcome.paid and part.outcome.reason not in _ANOTHERS)
    ]
    of_one = len({part.session for part in paid}) == 1
    in_parts = any(part.outcome.reason in ("underpaid", "paid_in_parts") for part in paid)
    if len(paid) < 2 or (of_one and not settled and not in_parts):
        return None
    ids, total = ", ".join(part.id for part in paid), _total(paid)
    if of_one and settled:
        return Hold(reason="same_money", detail=ids)
    reason, told = several(Expectation(expect=expect, order=ANY_ORDER), ids, total)
    return Mismatch(reason=reason, detail=told, paid=total)


def _total(parts: Sequence[Part]) -> Money | None:
    """Return the sum of what was paid on the parts; None if one is unknown or units differ."""
    amounts = [part.outcome.paid for part in parts if part.outcome.paid is not None]
    return None if len(amounts) < len(parts) else of_one_unit(amounts)


def _settled(outcome: Outcome, parts: Sequence[Part]) -> Outcome:
    """Return the settled outcome, its reason changed where another part could still be paid."""
    others = [part for part in parts if isinstance(part.outcome, Pending)]
    if not others:
        return outcome
    reasons = {part.outcome.reason for part in others}
    reason = "paid_other_in_flight"
    if reasons <= _OPEN:
        reason = "paid_other_open"
    elif reasons == {"may_still_show"}:
        reason = "paid_other_may_show"
    again = max((at for part in others if (at := part.outcome.look_again_at)), default=None)
    return attrs.evolve(
        outcome,
        reason=reason,
        detail=", ".join(part.id for part in others),
        look_again_at=again,
    )


def _pending(parts: Sequence[Part]) -> Outcome:
    """Return the first open part's outcome; else the latest of those that may still show; else the last's."""
    waiting = [part.outcome for part in parts if isinstance(part.outcome, Pending)]
    late = [one for one in waiting if one.reason == "may_still_show"]
    if len(late) < len(waiting):
        return next(one for one in waiting if one.reason != "may_still_show")
    return max(late, key=lambda one: one.look_again_at or _LONG_AGO, default=parts[-1].outcome)


def _first(parts: Sequence[Part], *kinds: type[Outcome]) -> Outcome | None:
    """Return the first outcome of the first of these kinds that there is; None if there is none."""
    found = (part.outcome for kind in kinds for part in parts if isinstance(part.outcome, kind))
    return next(found, None)
