"""Changes that no test can notice, or need not, each with its reason."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import attrs


@attrs.frozen
class Known:
    """Changes of one function that stay. parts: Of the line as it is then, one for each."""

    where: str
    reason: str
    parts: tuple[str, ...]


#: Module → what stays in it.
KNOWN: Final[Mapping[str, tuple[Known, ...]]] = {
    "money": (
        Known(
            "the module",
            "Terms have 200 digits at most, and a longer result is refused: what holds these is as good",
            (
                "prec= 3 * _MOST",
                "prec= 5 * _MOST",
                "Emax= 10000",
                "Emax= 9998",
                "Emin=- 10000",
                "Emin=- 9998",
                "Emin=not 9_999",
                "Emin=~9_999",
            ),
        ),
        Known(
            "_code_as_read",
            "No length is below nothing",
            ("0 != len(value) <= 64",),
        ),
        Known(
            "Money.split",
            "Equal ratios are equal, whatever they are",
            ("[ 2] * n",),
        ),
        Known(
            "Money.allocate",
            "Nothing has no sign",
            ("self.amount <= 0",),
        ),
        Known(
            "_at",
            "Of the second term its exponent alone counts",
            (
                "(( 1, (1,)",
                "( 0,), -digits",
                "( 2,), -digits",
            ),
        ),
        Known(
            "_whole",
            "Ratios count by how they stand to each other: ten times each of them is the same",
            (
                "max( -1,",
                "max( 1,",
            ),
        ),
        Known(
            "_apportioned",
            "It is less by one than the negative, of each alike",
            ("~divided[i][1]",),
        ),
    ),
    "keys": (
        Known(
            "checked_attempt",
            "No class but int is equal to int",
            (
                "type(attempt) == int",
                "type(attempt) != int",
            ),
        ),
        Known(
            "checked_attempt",
            "The greatest attempt itself has been returned by then",
            ("attempt >= _LAST_ATTEMPT",),
        ),
        Known(
            "identify",
            "Attempts count from 1",
            ("attempt > 1",),
        ),
    ),
    "decisions": (
        Known(
            "_decide_on",
            "No text is below the empty one, and it is one object",
            (
                "row.terms > TERMS_UNKNOWN",
                "row.terms is not TERMS_UNKNOWN",
            ),
        ),
        Known(
            "_decide_on",
            "The journal keeps four operations, and this is the last of them by its letters",
            ('row.operation >= "createSession"',),
        ),
        Known(
            "made_before",
            "The journal keeps four operations, and this is the last of them by its letters",
            ('was.operation < "createSession"',),
        ),
        Known(
            "why_not_absent",
            "The journal keeps four operations, and this is the last of them by its letters",
            ('intent.operation < "createSession"',),
        ),
        Known(
            "_decide_on",
            "By its letters this is the last of the five states",
            ('row.state < "sent"',),
        ),
        Known(
            "caller_error",
            "By its letters this is the last of the five states",
            ('stands.state < "sent"',),
        ),
        Known(
            "why_not_absent",
            "Nothing was sent in 1970",
            (
                "(intent.last_sent_at or -1.0)",
                "(intent.last_sent_at or 1.0)",
            ),
        ),
    ),
}
