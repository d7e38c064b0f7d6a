"""Guesses at Gate that the simulation lives through: the named profiles, and some that no client can like."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from zerogate_sandbox import PROFILES, Profile
from zerogate_sandbox.profiles import profile_named

_OTHERS: Final[Mapping[str, Mapping[str, Any]]] = {
    # Behind by less than the late-payment grace, each kind of list by another time.
    "laggard": {
        "base": "documented",
        "list_lag": 400,
        "transaction_lag": 500,
        "widget_end": "status",
    },
    # By more: then what is paid twice has to be reported.
    "stale": {
        "base": "hostile",
        "list_lag": 1_500,
        "transaction_lag": 1_800,
        "same_key_in_flight": "423",
        "late_success": "stays",
    },
    # An open widget takes a payment for an hour past the end, though the session reads `expired`.
    "tardy": {"base": "lenient", "widget_end": "token", "transaction_lag": 300},
    # Lists show no metadata, so nothing that is missing from them is known to be absent.
    "mute": {"base": "documented", "list_metadata": False, "same_key_in_flight": "425"},
    # Where nobody names a flow, users sell.
    "sellers": {"base": "documented", "user_flow": "off_ramp", "same_key_in_flight": "404"},
    # Networks have names of Gate's own, or none.
    "renamer": {"base": "terse", "network_names": "own"},
    "nameless": {"base": "forgetful", "network_names": "null", "widget_end": "status"},
    # The weather of the documented and the hostile one, where shops pay out and register customers too.
    "payers": {"base": "documented"},
    "registrars": {"base": "hostile"},
}
#: Profiles in which shops do more than take payments.
BUSY: Final = frozenset({"payers", "registrars"})
SKIES: Final[Mapping[str, Profile]] = {
    **PROFILES,
    **{name: profile_named(switches) for name, switches in _OTHERS.items()},
}
