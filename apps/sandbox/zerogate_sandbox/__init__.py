"""A whole Gate on one machine, for tests and development.

Names are imported when they are asked for: a pytest run that loads the plugin and never uses it
pays for none of this.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from zerogate_sandbox.app_delivery import Webhooks
    from zerogate_sandbox.clock import VirtualClock, WallClock
    from zerogate_sandbox.events import EVENT_TYPES
    from zerogate_sandbox.profiles import PROFILES, Profile
    from zerogate_sandbox.recordings import Recorder, Replay, Unrecorded
    from zerogate_sandbox.responses import Answer, Refused
    from zerogate_sandbox.sandbox import Sandbox
    from zerogate_sandbox.sinks import Sent

__all__ = [
    "EVENT_TYPES",
    "PROFILES",
    "Answer",
    "Profile",
    "Recorder",
    "Refused",
    "Replay",
    "Sandbox",
    "Sent",
    "Unrecorded",
    "VirtualClock",
    "WallClock",
    "Webhooks",
]

_HOMES = {
    "EVENT_TYPES": "events",
    "PROFILES": "profiles",
    "Answer": "answers",
    "Profile": "profiles",
    "Recorder": "recordings",
    "Refused": "answers",
    "Replay": "recordings",
    "Sandbox": "sandbox",
    "Sent": "sinks",
    "Unrecorded": "recordings",
    "VirtualClock": "clock",
    "WallClock": "clock",
    "Webhooks": "app_delivery",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
