"""Everything the documentation leaves open, as named switches, and collections of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Literal, get_args, get_origin, get_type_hints

import attrs


@attrs.frozen
class Profile:
    """One guess at how Gate behaves where its documentation is silent.

    key_memory: Seconds an Idempotency-Key is remembered; 0 is not at all.
    key_scope: Whether a key is remembered for the partner or for the API key that sent it.
    key_space: Whether two operations may share a key, or that is another body under the same key.
    same_key_in_flight: What a repeat gets while the first is still being worked on; 404 is a proxy's,
        without an envelope.
    same_key_other_body: 409, 422, or the old answer.
    replay_secret: Whether a replayed create still carries `client_secret`.
    remember_5xx: Whether a 5xx is what a repeat under the same key gets again.
    created_status: What a POST that makes something answers (cancel is documented: 201).
    inferred_fields: Whether fields nobody documented are in the answers.
    signature_time: Whether `t` is the time of the attempt or of the event.
    signatures: How many `v1` a signature carries.
    list_lag: Seconds before something new shows up in lists, and a changed status in a list of sessions.
    transaction_lag: The same for lists of transactions; None is as for the others.
    list_metadata: Whether rows of lists show the metadata that was sent; else it is empty there.
    short_pages: Whether a page may hold fewer rows than asked for with more to come.
    session_ids: 24 hexadecimal digits, or `gs_test_…`.
    expiry: Whether an overdue session expires when bootstrapped, or by itself as well.
    widget_end: Until when an open widget takes a payment: the session's `expires_at`; or, an hour from
        when it was opened (its embed token's life), as long as the status is open; or whatever it is.
    user_cancel: Whether a user who cancels in the widget ends the session or only the attempt.
    user_flow: What users do where the session names no flow.
    network_names: What a session calls its network: as it was sent, by a name of Gate's own, or null; or
        those names, by what was sent, without case.
    late_success: Whether money that arrives after the end leaves the session as it is.
    quote_life: Seconds a locked quote can be redeemed.
    rail_transactions: Whether a settled rail shows as a transaction of its session.
    rail_alias: Whether such a transaction names its rail by the older field name.
    message_list: Whether error messages come as a list of strings.
    """

    key_memory: float = 86_400.0
    key_scope: Literal["partner", "key"] = "partner"
    key_space: Literal["operation", "account"] = "operation"
    same_key_in_flight: Literal["wait", "409", "423", "425", "404", "second"] = "wait"
    same_key_other_body: Literal["409", "422", "old"] = "409"
    replay_secret: bool = True
    remember_5xx: bool = False
    created_status: Literal[200, 201] = 201
    inferred_fields: bool = True
    signature_time: Literal["attempt", "event"] = "attempt"
    signatures: Literal[1, 2] = 1
    list_lag: float = 0.0
    transaction_lag: float | None = None
    list_metadata: bool = True
    short_pages: bool = False
    session_ids: Literal["hex", "prefixed"] = "hex"
    expiry: Literal["bootstrap", "timer"] = "bootstrap"
    widget_end: Literal["session", "status", "token"] = "session"
    user_cancel: Literal["attempt", "session"] = "attempt"
    user_flow: Literal["on_ramp", "off_ramp"] = "on_ramp"
    network_names: Literal["sent", "own", "null"] | Mapping[str, str] = attrs.field(
        default="sent", hash=False
    )
    late_success: Literal["stays", "completes"] = "stays"
    quote_life: float = 60.0
    rail_transactions: bool = True
    rail_alias: bool = False
    message_list: bool = False


#: Seconds: more than any object lives, and still a date.
_TEN_YEARS: Final = 315_576_000
DOCUMENTED = Profile()
PROFILES: Mapping[str, Profile] = {
    "documented": DOCUMENTED,
    # Does what makes an integration easy, and hides its mistakes.
    "lenient": attrs.evolve(
        DOCUMENTED,
        same_key_other_body="old",
        created_status=200,
        user_cancel="session",
        expiry="timer",
    ),
    # Answers no more than it has to.
    "terse": attrs.evolve(
        DOCUMENTED,
        replay_secret=False,
        inferred_fields=False,
        created_status=200,
        rail_transactions=False,
    ),
    # Takes the documentation's hints at their strictest.
    "strict": attrs.evolve(
        DOCUMENTED,
        same_key_in_flight="409",
        key_space="account",
        replay_secret=False,
        session_ids="prefixed",
        message_list=True,
        quote_life=15.0,
    ),
    # Remembers keys for an hour, for each API key on its own.
    "hourly": attrs.evolve(
        DOCUMENTED,
        key_memory=3_600.0,
        key_scope="key",
        list_lag=5.0,
        signature_time="event",
    ),
    # Remembers no key at all: a repeat is a second object.
    "forgetful": attrs.evolve(
        DOCUMENTED, key_memory=0.0, same_key_in_flight="second", late_success="completes"
    ),
    # Whatever makes an integration hard, all at once.
    "hostile": Profile(
        key_memory=600.0,
        key_scope="key",
        key_space="account",
        same_key_in_flight="second",
        same_key_other_body="422",
        replay_secret=False,
        remember_5xx=True,
        created_status=200,
        inferred_fields=False,
        signature_time="event",
        signatures=2,
        list_lag=60.0,
        short_pages=True,
        session_ids="prefixed",
        expiry="timer",
        widget_end="token",
        user_cancel="session",
        late_success="completes",
        quote_life=15.0,
        rail_transactions=True,
        rail_alias=True,
        message_list=True,
    ),
}


def profile_named(profile: str | Profile | Mapping[str, Any]) -> Profile:
    """Return the profile of a name, itself, or of switches over a `base`; else ValueError.

    >>> profile_named({"base": "lenient", "key_memory": 0}).key_memory
    0
    """
    match profile:
        case Profile():
            return profile
        case str():
            if profile not in PROFILES:
                raise ValueError(f"no profile {profile!r}; there are {', '.join(PROFILES)}")
            return PROFILES[profile]
        case _:
            switches = dict(profile)
            base = profile_named(switches.pop("base", "documented"))
            for name, value in switches.items():
                _check(name, value)
            return attrs.evolve(base, **switches)


def _check(name: str, value: Any) -> None:
    """Raise ValueError for an unknown switch, or for a value that it does not take."""
    kinds = get_type_hints(Profile)
    if name not in kinds:
        raise ValueError(f"no switch {name!r} in a profile; there are {', '.join(kinds)}")
    kind = kinds[name]
    words = next((one for one in (kind, *get_args(kind)) if get_origin(one) is Literal), None)
    if words is not None:
        fits = value in get_args(words) and not isinstance(value, bool)
        wanted = " or ".join(map(repr, get_args(words)))
        if kind is not words:
            named = (*value, *value.values()) if isinstance(value, Mapping) else ()
            fits = fits or (bool(named) and all(isinstance(one, str) and one for one in named))
            wanted += ", or names by what they stand for"
    elif kind is bool:
        fits, wanted = isinstance(value, bool), "true or false"
    else:
        number = isinstance(value, (int, float)) and not isinstance(value, bool)
        fits, wanted = number and 0 <= value <= _TEN_YEARS, "a number of seconds, 0 to ten years"
        if value is None and type(None) in get_args(kind):
            fits = True
    if not fits:
        raise ValueError(f"the switch {name!r} takes {wanted}, not {value!r}")
