"""The profiles that differ in what an exploration can see of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from zerogate_sandbox import Profile

from tests.simulation.profiles import SKIES

#: What the Gate of the explorations reads of a profile.
_SWITCHES: Final = (
    *("key_memory", "same_key_in_flight", "same_key_other_body", "replay_secret", "created_status"),
    *("list_lag", "transaction_lag", "list_metadata", "widget_end", "late_success"),
)


def _different() -> Iterator[tuple[str, Profile]]:
    seen = set()
    for name, profile in SKIES.items():
        facts = tuple(getattr(profile, switch) for switch in _SWITCHES)
        if facts not in seen:
            seen.add(facts)
            yield name, profile


DIFFERENT: Final = dict(_different())
