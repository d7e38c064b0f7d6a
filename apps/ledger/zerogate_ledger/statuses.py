"""Statuses of both sides and their meanings, and what follows where they differ. Tables; pure.

Gate's statuses are compared exactly, case included. The ledger's are the partner's own words: the
file of columns says what they mean, and what it does not say is guessed from a short list.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import product
from typing import Final, Literal, TypeAlias

import attrs

Standing: TypeAlias = Literal["success", "in_flight", "failure", "unknown"]
STANDINGS: Final[tuple[Standing, ...]] = ("success", "in_flight", "failure", "unknown")

#: How engines hold a standing; of several payments the one that counts is the least.
PLACE: Final[Mapping[Standing, int]] = {"success": 0, "in_flight": 1, "unknown": 2, "failure": 3}

#: What the amount of a row stands for, by the number that engines hold it as: first the standings.
#: `unsaid`: the ledger names no status. `unreadable`: there is no amount to be counted.
STATES: Final = ("settled", "in_flight", "unknown", "failed", "unsaid", "unreadable")
UNSAID: Final = STATES.index("unsaid")
UNREADABLE: Final = STATES.index("unreadable")

#: A ledger's usual words, in lower case.
_WORDS: Final[Mapping[Standing, str]] = {
    "success": """
        paid settled completed complete succeeded success successful fulfilled captured done""",
    "in_flight": """
        open pending created new processing in_flight awaiting awaiting_payment unpaid waiting""",
    "failure": """
        failed failure cancelled canceled expired declined rejected void voided abandoned""",
}
_MEANING: Final = {word: said for said, words in _WORDS.items() for word in words.split()}


#: Statuses of rows that take a payment back.
_REFUNDS: Final = frozenset(
    "refund refunded reversed reversal chargeback charged_back".split()  # noqa: SIM905
)
REFUND: Final = "refund"


def says_refund(word: str) -> bool:
    """Return whether a ledger's status is one of the usual words for a refund, case aside."""
    return word.strip().lower().replace(" ", "_").replace("-", "_") in _REFUNDS


def guess(word: str) -> Standing:
    """Return the standing of a ledger's status by the usual words, case aside; else `unknown`."""
    return _MEANING.get(word.strip().lower().replace(" ", "_").replace("-", "_"), "unknown")


#: A session that takes no more money; success on it is late money.
OVER: Final = ("expired", "cancelled")

#: (ledger, Gate) → the class of the difference. `unknown` on a side has its own class.
DISAGREEMENT: Final[Mapping[tuple[Standing, Standing], str | None]] = {
    ("success", "success"): None,
    ("success", "in_flight"): "status_regressed",
    ("success", "failure"): "status_conflict",
    ("in_flight", "success"): "status_behind",
    ("in_flight", "in_flight"): None,
    ("in_flight", "failure"): "status_behind",
    ("failure", "success"): "status_conflict",
    ("failure", "in_flight"): "status_regressed",
    ("failure", "failure"): None,
    **{
        (local, remote): None
        for local, remote in product(STANDINGS, STANDINGS)
        if "unknown" in (local, remote)
    },
}


@attrs.frozen
class Words:
    """Statuses of one side by their meaning. A status in no set is unknown."""

    success: tuple[str, ...] = ()
    in_flight: tuple[str, ...] = ()
    failure: tuple[str, ...] = ()

    @classmethod
    def of(cls, meanings: Mapping[str, str]) -> Words:
        """Return the statuses (keys) by their standing, sorted; unknown ones are in no set."""
        return cls(
            **{
                standing: tuple(sorted(s for s, m in meanings.items() if m == standing))
                for standing in STANDINGS[:3]
            }
        )

    def sets(self) -> Iterable[tuple[Standing, tuple[str, ...]]]:
        """Return (standing, its statuses) of the three known standings."""
        return (
            ("success", self.success),
            ("in_flight", self.in_flight),
            ("failure", self.failure),
        )


#: A session without a transaction. `completed` without one is money on its way, not there.
SESSION: Final = Words(in_flight=("open", "completed"), failure=("expired", "cancelled"))
SESSION_STATUSES: Final = tuple(sorted((*SESSION.in_flight, *SESSION.failure)))
