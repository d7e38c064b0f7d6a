"""Joins what events say of a payment, in whatever order they come. Pure: sets, no clock."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal, TypeAlias

import attrs
from zerogate import Hold

#: progress: nothing is decided by it. attempt: one try failed, the session goes on. success, end:
#: both are ends, and both of one thing contradict each other. note: says nothing of a payment.
Evidence: TypeAlias = Literal["progress", "attempt", "success", "end", "note"]
Kind: TypeAlias = Literal["session", "pay_in", "pay_out", "quote", "customer", "other"]
#: Kinds that money moves on, and that can be read from Gate by their id.
PAYMENTS: Final[tuple[Kind, ...]] = ("session", "pay_in", "pay_out")
#: The state of a kept event; `records.StoredEvent` says what each means.
EventState: TypeAlias = Literal[
    "pending", "done", "parked", "unmatched", "quarantined", "refused", "test", "missing"
]
Word: TypeAlias = Literal["open", "succeeded", "ended", "hold"]

#: Of our own making: read the object, for no event told of it.
LOOK: Final = "zerogate.look"
_SESSION: Final[Mapping[str, Evidence]] = {
    "created": "progress",
    "processing": "progress",
    "failed": "attempt",
    "completed": "success",
    "cancelled": "end",
    "expired": "end",
}
_RAIL: Final[Mapping[str, Evidence]] = {
    "processing": "progress",
    "settled": "success",
    "failed": "end",
    "cancelled": "end",
}
EVIDENCE: Final[Mapping[str, Evidence]] = {
    **{f"gate_session.{name}": means for name, means in _SESSION.items()},
    **{f"rail.pay_in.{name}": means for name, means in _RAIL.items()},
    **{f"rail.pay_out.{name}": means for name, means in _RAIL.items()},
}
#: Types that go past events on which a handler fails: how a payment ended, and a look.
RESULTS: Final = (LOOK, *(type for type, told in EVIDENCE.items() if told in ("success", "end")))
#: What a status says that was read from Gate.
STATUSES: Final[Mapping[str, Evidence]] = {
    "completed": "success",
    "settled": "success",
    "cancelled": "end",
    "expired": "end",
    "failed": "end",
}
_HOLDS: Final[Mapping[str, tuple[str, str]]] = {
    "session": ("late_money", "events of this session say that it was paid and that it was over"),
    "pay_in": ("reversed", "events of this pay-in say that it settled and that it did not"),
    "pay_out": ("reversed", "events of this pay-out say that it settled and that it did not"),
}


@attrs.frozen
class Standing:
    """Sum of all evidence so far. Joined in any order and any number of times, it is the same."""

    succeeded: bool = False
    ended: bool = False

    def joined(self, evidence: str) -> Standing:
        """Return the standing with this evidence added; only success and end change it."""
        return Standing(self.succeeded or evidence == "success", self.ended or evidence == "end")

    @property
    def word(self) -> Word:
        """Return `hold` for success and end together, else `succeeded`, `ended` or `open`."""
        if self.succeeded and self.ended:
            return "hold"
        if self.succeeded:
            return "succeeded"
        return "ended" if self.ended else "open"

    def hold(self, kind: str) -> Hold | None:
        """Return the Hold for success and end together; None without, and for kinds that are no payment."""
        if self.word != "hold" or kind not in _HOLDS:
            return None
        reason, detail = _HOLDS[kind]
        return Hold(reason=reason, detail=detail)


def evidence_of(type: str) -> Evidence:
    """Return the evidence in an event of this type; `note` for an unknown type."""
    return EVIDENCE.get(type, "note")


def is_late(type: str, before: Standing) -> bool:
    """Return True for progress of a payment that has succeeded or ended before."""
    return evidence_of(type) == "progress" and before.word != "open"


def needs_reading(type: str, *, parked: bool) -> bool:
    """Return True if the object is to be read first: for success, end, failed try, a look, or if parked."""
    return parked or type == LOOK or evidence_of(type) in ("success", "end", "attempt")
