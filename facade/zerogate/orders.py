"""What an order came to, from everything that was made for it: sessions, rails, events. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import attrs

from .outcomes import Evidence, Hold, Mismatch, Outcome, Pending, Settled

#: Events that say that money came: where no record shows it, something is wrong with the records.
_SUCCESS = frozenset({"gate_session.completed", "rail.pay_in.settled", "rail.pay_out.settled"})


@attrs.frozen
class Part:
    """One session or rail of an order, and what it came to by itself.

    id: The session's or the rail's. session: The session that a rail belongs to, else its own id.
    rails: Rails that a session's transactions name: they are the same money.
    """

    id: str
    session: str | None
    outcome: Outcome
    rails: frozenset[str] = frozenset()


def rails_named(rows: Iterable[object]) -> frozenset[str]:
    """The rails that transactions name; the older name counts only where the newer is missing."""
    found = set()
    for row in rows:
        newer = getattr(row, "local_rail_transaction_id", None)
        found.add(newer or getattr(row, "facilita_transaction_id", None))
    return frozenset(id for id in found if isinstance(id, str) and id)


def outcome_of_order(
    parts: Sequence[Part], *, known: Sequence[Evidence] = (), in_doubt: Sequence[str] = ()
) -> Outcome:
    """One outcome for the order; whatever is doubtful about any part of it is doubtful about it.

    known: What the store and the inbox have of it, intents and events.
    in_doubt: Keys of writes that may have made something nobody has found.
    """
    named = frozenset().union(*(part.rails for part in parts))
    own = [part for part in parts if part.id not in named]
    found = _decided(own, known, in_doubt)
    evidence = (*(e for part in parts for e in part.outcome.evidence), *known)
    blocked = any(part.outcome.account_blocked for part in parts)
    return attrs.evolve(found, evidence=evidence, account_blocked=blocked)


def _decided(parts: Sequence[Part], known: Sequence[Evidence], in_doubt: Sequence[str]) -> Outcome:
    paid = [part for part in parts if isinstance(part.outcome, Settled)]
    told = ", ".join(part.id for part in paid)
    if len(paid) > 1:
        one_session = len({part.session for part in paid}) == 1
        return Hold(reason="same_money", detail=told) if one_session else _twice(told)
    if (wrong := _first(parts, Mismatch, Hold)) is not None:
        return wrong
    if paid:
        return _settled(paid[0].outcome, parts)
    if not parts and not in_doubt:
        return Hold(reason="nothing_known")
    if said := [e.id for e in known if e.kind == "event" and e.status in _SUCCESS]:
        return Hold(reason="events_disagree", detail=", ".join(said))
    if in_doubt:
        return Pending(reason="attempt_in_doubt", detail=", ".join(in_doubt))
    pending = _first(parts, Pending)
    return parts[-1].outcome if pending is None else pending


def _twice(told: str) -> Outcome:
    return Mismatch(reason="paid_twice", detail=told)


def _settled(outcome: Outcome, parts: Iterable[Part]) -> Outcome:
    """Paid once; what else is open could still be paid."""
    others = [part for part in parts if isinstance(part.outcome, Pending)]
    if not others:
        return outcome
    open_ = all(part.outcome.reason in ("open", "overdue") for part in others)
    reason = "paid_other_open" if open_ else "paid_other_in_flight"
    return attrs.evolve(outcome, reason=reason, detail=", ".join(part.id for part in others))


def _first(parts: Sequence[Part], *kinds: type[Outcome]) -> Outcome | None:
    """The first outcome of the first of these kinds that there is."""
    found = (part.outcome for kind in kinds for part in parts if isinstance(part.outcome, kind))
    return next(found, None)
