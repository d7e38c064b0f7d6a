"""Findings about one question, as data; and the questions that nobody can ask this way."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

import attrs

#: Switches of a sandbox's profile that no request of a partner's server tells anything about.
NOT_ASKABLE: Final[Mapping[str, str]] = {
    "remember_5xx": "a 5xx cannot be provoked",
    "transaction_lag": "a person would have to pay",
    "widget_end": "a person would have to pay, late, in a widget that is open",
    "user_cancel": "a person would have to cancel in the widget",
    "user_flow": "a person would have to choose",
    "late_success": "a person would have to pay, late",
    "rail_transactions": "a verified user would have to pay by bank",
    "rail_alias": "a verified user would have to pay by bank",
}


@attrs.frozen
class Finding:
    """The answer to one question of the probe, with the figures that it rests on.

    about: One word, the same in every release. Where it is a switch's, `value` is the switch's too.
    answer: In words, for a person. value: None where it could not be told.
    figures: More of it in figures.
    names: Of network_names: what each network is called besides, the answer to a create's first.
    requests: Ids of the requests that it rests on, for a question to support.
    """

    about: str
    question: str
    answer: str
    value: bool | int | float | str | None = None
    figures: Mapping[str, float] = attrs.field(factory=dict, hash=False)
    requests: tuple[str, ...] = ()
    names: Mapping[str, tuple[str, ...]] = attrs.field(factory=dict, hash=False)


def not_askable() -> Iterable[Finding]:
    """Yield a finding, without a value, for each question that cannot be asked."""
    for about, why in NOT_ASKABLE.items():
        yield Finding(about, QUESTIONS[about], f"not asked: {why}")


QUESTIONS: Final[Mapping[str, str]] = {
    "created_status": "What does a create answer?",
    "post_statuses": "What do the other POSTs answer?",
    "session_ids": "What do ids of sessions look like?",
    "key_memory": "For how long is an idempotency key remembered?",
    "replay_secret": "Does a replayed create carry the client secret?",
    "replay_body": "What of a replay differs from the first answer?",
    "replay_after_end": "What does a replay say of a session that was cancelled since?",
    "same_key_other_body": "The same key with another body?",
    "same_key_in_flight": "The same key while the first request is under way?",
    "key_scope": "Whose is a key: the partner's, or the API key's?",
    "key_space": "May two operations share a key?",
    "remember_5xx": "Is a 5xx remembered under its key?",
    "second_cancel": "What does a second cancel answer?",
    "inferred_fields": "Are fields there that nobody documented?",
    "message_list": "Is an error's message a text, or a list of texts?",
    "request_ids": "Is X-Request-Id on every answer, and the envelope's own?",
    "list_lag": "When does a new session show in the list?",
    "transaction_lag": "When does a payment show in the list?",
    "list_metadata": "Do lists show the metadata that was sent?",
    "list_filter": "Does the list's status filter hold?",
    "list_cursor": "Does starting_after go on where the page before ended?",
    "transaction_cursor": "What does a list of transactions say to a cursor it cannot know?",
    "short_pages": "May a page hold fewer rows than asked for, with more to come?",
    "quote_life": "For how many seconds can a locked quote be redeemed?",
    "expiry": "Does an overdue session expire by itself?",
    "signature_time": "Is `t` of a retried webhook the attempt's time, or the event's?",
    "signatures": "How many v1 does a webhook's signature carry?",
    "clock_skew": "How far is Gate's clock ahead of this machine's, in seconds?",
    "widget_end": "Until when does an open widget take a payment?",
    "user_flow": "What do users do where no flow was named?",
    "network_names": "By which name does a session call its network?",
    "user_cancel": "Does a user who cancels end the session?",
    "late_success": "Does money that comes after the end complete a session?",
    "rail_transactions": "Does a settled rail show as a transaction?",
    "rail_alias": "By which field does such a transaction name its rail?",
}
