"""Changes that no test can notice, or need not, each with its reason."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import attrs


@attrs.frozen
class Known:
    """Changes of one function that stay. parts: Of the line as it is then; after `- ` of one that is gone."""

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
        Known(
            "_unit",
            "Of the second term its exponent alone counts",
            (
                "(( 1, (1,)",
                "( 0,), -digits",
                "( 2,), -digits",
            ),
        ),
        Known(
            "Money",
            "It tells type checkers alone",
            ("- @final",),
        ),
        Known(
            "_unit",
            "Only the time that it takes",
            ("- @cache",),
        ),
    ),
    "amounts": (
        Known(
            "fields_of",
            "Only the time that it takes",
            ("- @cache",),
        ),
    ),
    "signatures": (
        Known(
            "verify",
            "Its overloads tell type checkers alone",
            (
                "max_bytes: int = 262143",
                "max_bytes: int = 262145",
                "tolerance: float = 299",
                "tolerance: float = 301",
                "typed: Literal[True]",
                "typed: bool = False",
                "- @overload",
            ),
        ),
        Known(
            "sign",
            "It is given one",
            ("known[ -1]",),
        ),
        Known(
            "_secret_list",
            "Only the time that it takes: one secret is no two",
            (
                "len(known) > 0",
                "len(known) >= 1",
                "len(known) != 1",
            ),
        ),
        Known(
            "_secret_list",
            "There are no more values than secrets",
            ("!= len(set(known))",),
        ),
        Known(
            "_check",
            "It is the same number, written otherwise",
            ("value < 1e+40",),
        ),
        Known(
            "_check",
            "Of what is a whole number and no flag nothing else is equal to int",
            ("type(value) == int",),
        ),
        Known(
            "_signature",
            "There is one by then",
            (
                "len(found) != 1",
                "found[ -1]",
            ),
        ),
        Known(
            "_lower",
            "No text is below its capitals, for these come first",
            ("signature <= signature.upper()",),
        ),
        Known(
            "_values",
            "What is equal to what holds it holds its like in turn, without end, as only itself does",
            ("value != headers",),
        ),
    ),
    "identity": (
        Known(
            "stranger",
            "No text is below the empty one",
            ('told.namespace > ""',),
        ),
        Known(
            "echoes",
            "No key is equal to none, and without an order none is derived",
            ("told.key is None and told.order is None",),
        ),
        Known(
            "echoes",
            "An attempt is told by then",
            (
                "told.attempt or -1",
                "told.attempt or 1",
            ),
        ),
    ),
    "terms": (
        Known(
            "_wallets",
            "What is equal as it stands has been found equal before",
            ("told is asked",),
        ),
        Known(
            "_shown",
            "By its letters this is the last of the terms",
            ('name >= "wallet_address"',),
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
    "answers": (
        Known(
            "judged",
            "Only the time that it takes",
            ('told.get("metadata") is asked.get("metadata")',),
        ),
        Known(
            "_another",
            "It is true, false or None, and None is no false one",
            ("!= False",),
        ),
    ),
    "retries": (
        Known(
            "meaning_of",
            "These statuses are dealt with before",
            (
                "if 299 <= status",
                "( 399 <= status",
                "status <= 429",
            ),
        ),
        Known(
            "RetryBudget.__init__",
            "Nothing is missing before something is taken, and then the clock is known",
            (
                "not math.inf",
                "+math.inf",
            ),
        ),
        Known(
            "RetryBudget.take",
            "Whoever says no time says none at all, and only what went by counts",
            (
                "now: float = -1.0",
                "now: float = 1.0",
            ),
        ),
        Known(
            "next_step",
            "Whoever says no time says none at all, and only what went by counts",
            (
                "now: float = -1.0",
                "now: float = 1.0",
            ),
        ),
        Known(
            "RetryBudget._refill",
            "What is there already gets no more",
            ("self._left <= self._first",),
        ),
        Known(
            "retry_after",
            "Digits are no number below nothing",
            ("int(text) != 0",),
        ),
        Known(
            "nearer_date",
            "No answer comes from the first second of 1970",
            (
                "(before or -1.0)",
                "(before or 1.0)",
            ),
        ),
        Known(
            "clock_span",
            "Of two Unix times of our days, what is left of a division by the other is their difference",
            ("latest % earliest > ALIKE",),
        ),
        Known(
            "_moment_of",
            "Only the time that it takes",
            (
                "maxsize= 15",
                "maxsize= 17",
            ),
        ),
        Known(
            "may_repeat",
            "An enumeration has one object of each",
            ("meaning == AttemptVerdict.UNSENT",),
        ),
        Known(
            "_moment_of",
            "Only the time that it takes",
            ("- @lru_cache(maxsize=16)",),
        ),
        Known(
            "RetryPolicy",
            "A policy holds no secret: whatever it leaves in a frame harms nobody",
            ("- @discreet_class",),
        ),
    ),
    "attempts": (
        Known(
            "CallHistory.note",
            "An enumeration has one object of each",
            (
                "meaning == AttemptVerdict.REFUSED",
                "meaning != AttemptVerdict.UNSENT",
            ),
        ),
        Known(
            "CallHistory.ending",
            "An enumeration has one object of each",
            ("self.last_meaning == AttemptVerdict.UNSENT",),
        ),
    ),
    "outcomes": (
        Known(
            "outcome_of_transaction",
            "There is one Settled",
            ("[0] == Settled",),
        ),
        Known(
            "outcome_of_transaction",
            "By its letters success is the last class of a status, and failure the first",
            (
                'standing < "success"',
                'standing >= "in_flight"',
            ),
        ),
        Known(
            "_of_session",
            "By its letters success is the last class of a status, and failure the first",
            (
                'standing >= "success" and waiting',
                'standing >= "success", "paid"',
                'standing >= "success", "no_success_yet"',
            ),
        ),
        Known(
            "_of_one",
            "By its letters success is the last class of a status, and failure the first",
            (
                'wrong is None and standing >= "success"',
                'wrong is not None or standing >= "success"',
            ),
        ),
        Known(
            "_of_session",
            "Success is dealt with before",
            (
                'standing >= "in_flight" and overdue',
                'standing >= "in_flight", "open"',
            ),
        ),
        Known(
            "_of_one",
            "Success is dealt with before",
            ('standing >= "in_flight"',),
        ),
        Known(
            "_of_session",
            "No text is below the empty one",
            ('asked.another > ""',),
        ),
        Known(
            "_of_session",
            "Several payments are no one's payment, and are found before",
            ("paid[ -1]",),
        ),
        Known(
            "_ended",
            "A session ends cancelled or expired, the last by its letters",
            ('status >= "expired"',),
        ),
        Known(
            "several",
            "More than what was expected is dealt with before",
            ("paid >= expect",),
        ),
        Known(
            "_payment",
            "By its letters SWAP is the last known action; others have no direction",
            ('action >= "SWAP"',),
        ),
        Known(
            "_sum",
            "Of two kinds of action, and of none, there are two directions, or none",
            (
                "len(swaps) > 1",
                "len(swaps) < 1",
            ),
        ),
        Known(
            "_sum",
            "What is known is a part of all: it is as many, or fewer",
            (
                "len(known) is not len(amounts)",
                "len(known) != len(amounts)",
            ),
        ),
        Known(
            "_payment",
            "A direction that was named and is another's is a difference both ways",
            ("named ^ {FLOWS",),
        ),
        Known(
            "several",
            "An amount whose code is the one expected, in any case, is spelled as that: with the same object",
            ("expect.code is not paid.code",),
        ),
        Known(
            "compare",
            "An amount whose code is the one expected, in any case, is spelled as that: with the same object",
            ("counted.code is not expect.code",),
        ),
        Known(
            "_sum",
            "There is one kind of action by then",
            (
                "swaps >= {True}",
                "swaps <= {True}",
            ),
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
            "why_made_before",
            "The journal keeps four operations, and this is the last of them by its letters",
            ('was.operation >= "createSession"',),
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
