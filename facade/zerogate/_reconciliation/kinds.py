"""The five outcomes that a payment can have, each with its reason and its next step.

    Settled    the money is there, the right amount for the right order: fulfil, once
    Pending    not over, nothing to do but look again
    Failed     over, and nothing on it can still succeed: a new attempt may be made
    Mismatch   the records are clear, and not what was agreed: a person decides
    Hold       the records are unclear, contradict each other or are of a kind we do not know

Only Settled may be fulfilled, and it takes proof: whatever is not in a table is held, never ended.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from html import escape
from typing import ClassVar, Final, NoReturn, TypeAlias

import attrs

from .._mistakes.misuse import explained_outcome
from ..money import Money
from . import reasons


@attrs.frozen
class Evidence:
    """One record as it was read: ids, amounts and times, nothing about a person."""

    kind: str
    id: str
    status: str
    facts: tuple[tuple[str, str], ...] = ()


@explained_outcome
@attrs.frozen(kw_only=True)
class _Outcome:
    """reason: One word, for code and metrics. detail: The same in figures, for a person.

    account_blocked: A rail says that the user is blocked for future rails: tell somebody. It says
        nothing about this payment.
    paid: The sum of what succeeded, by the amount that counts; None where nothing did, or where it
        cannot be added up.
    status: Of a session that is over by its status while a payment may still show: that status.
    look_again_at: When nothing can show any more; an aware datetime, by Gate's clock.
    """

    reason: str
    detail: str = ""
    evidence: tuple[Evidence, ...] = ()
    account_blocked: bool = False
    paid: Money | None = None
    status: str | None = None
    look_again_at: datetime | None = None

    may_fulfil: ClassVar[bool] = False
    may_retry: ClassVar[bool] = False

    @property
    def next_step(self) -> str:
        """Return what happened, in figures, and what to do now: a sentence for a person."""
        told = reasons.sentence(_HALVES[self.reason][0], self.detail, _HALVES[self.reason][1])
        at = self.look_again_at
        return told if at is None else f"{told} Look again at {at.isoformat(timespec='seconds')}."

    def _repr_html_(self) -> str:
        """Return the HTML that a notebook shows: the kind, its reason, and what to do now."""
        mark = "✓" if self.may_fulfil else "✗"
        told = (escape(text) for text in (type(self).__name__, self.reason, self.next_step))
        return "<b>{} {}</b> <code>{}</code><br>{}".format(mark, *told)

    def __bool__(self) -> NoReturn:
        # Every object is true if nothing is said: `if outcome:` would ship what nobody paid.
        raise TypeError(
            f"an outcome is neither true nor false, and this one is {type(self).__name__}: "
            "ask outcome.may_fulfil"
        )


class Settled(_Outcome):
    """The right amount for the right order is there."""

    may_fulfil = True


class Pending(_Outcome):
    """Not over."""


class Failed(_Outcome):
    """Over, and nothing on it can still succeed."""

    may_retry = True


class Mismatch(_Outcome):
    """Clear, and not what was agreed."""


class Hold(_Outcome):
    """Unclear: find out before anything is done."""


Outcome: TypeAlias = Settled | Pending | Failed | Mismatch | Hold
Kind: TypeAlias = type[Settled] | type[Pending] | type[Failed] | type[Mismatch] | type[Hold]

_TABLES: Final[Mapping[Kind, Mapping[str, tuple[str, str]]]] = {
    Settled: reasons.SETTLED,
    Pending: reasons.PENDING,
    Failed: reasons.FAILED,
    Mismatch: reasons.MISMATCH,
    Hold: reasons.HOLD,
}
_HALVES: Final[Mapping[str, tuple[str, str]]] = {
    reason: halves for table in _TABLES.values() for reason, halves in table.items()
}
#: Every reason there is → the outcome it is, and the next step without its figures.
REASONS: Final[Mapping[str, tuple[Kind, str]]] = {
    reason: (kind, reasons.sentence(happened, "", do))
    for kind, table in _TABLES.items()
    for reason, (happened, do) in table.items()
}
