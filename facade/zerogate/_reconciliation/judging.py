"""Makes the first reason that holds into an outcome, with its evidence. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TypeAlias

import attrs

from ..money import Money
from .kinds import REASONS, Outcome
from .records import shown

#: A reason, and what it was found by. Of those found in order, the first counts.
Finding: TypeAlias = tuple[str, str]


@attrs.frozen
class Verdict:
    """A finding with what goes beyond it: what was paid, and until when something may still show."""

    reason: str
    detail: str = ""
    paid: Money | None = None
    status: str | None = None
    look_again_at: datetime | None = None


def first(*rows: tuple[object, str, str]) -> Finding | None:
    """Return reason and detail of the first row that holds; None if none does, or it has no reason.

    A decision table: a row without a reason says that all is well.
    """
    reason, detail = next((told for holds, *told in rows if holds), ("", ""))
    return (reason, detail) if reason else None


def decided(
    verdict: Verdict, records: Iterable[tuple[str, object]], blocked: bool = False
) -> Outcome:
    """Return a verdict's outcome with evidence of the records; *blocked* is only carried along."""
    kind, _ = REASONS[verdict.reason]
    return kind(
        reason=verdict.reason,
        detail=verdict.detail,
        evidence=tuple(shown(name, record) for name, record in records),
        account_blocked=blocked,
        paid=verdict.paid,
        status=verdict.status,
        look_again_at=verdict.look_again_at,
    )
