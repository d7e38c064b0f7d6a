"""The faults of a sandbox as Python arms them: one after the other, or a script of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from zerogate_sandbox.faults import Fault

if TYPE_CHECKING:
    from zerogate_sandbox.sandbox import Sandbox


class FaultScript:
    """`sandbox.faults`: arm, look at, disarm."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox

    def add(self, name: str, **options: Any) -> Fault:
        """Arm a fault and return it; ValueError for an unknown name or a wrong option.

        `zerogate_sandbox.faults` lists names and options.
        """
        with self._sandbox.lock:
            faults = self._sandbox.world.faults
            return faults.add(name, now=self._sandbox.clock.now(), **options)

    def add_all(self, script: list[dict[str, Any]]) -> list[Fault]:
        """Arm every `{"fault": name, …options}` of a script; ValueError arms none of them."""
        with self._sandbox.lock:
            faults = self._sandbox.world.faults
            armed = list(faults.rules)
            try:
                return [self.add(_name_of(entry), **_options_of(entry)) for entry in script]
            except ValueError:
                faults.rules[:] = armed
                raise

    def remove(self, id: str) -> bool:
        """Disarm the fault with this id; return False where none is armed."""
        with self._sandbox.lock:
            return self._sandbox.world.faults.remove(id)

    def clear(self) -> None:
        """Disarm all faults."""
        with self._sandbox.lock:
            self._sandbox.world.faults.clear()

    def view(self) -> list[dict[str, Any]]:
        """Return the armed faults as plain data, with how often each matched and struck."""
        with self._sandbox.lock:
            return [rule.view() for rule in self._sandbox.world.faults.rules]


def _name_of(entry: Any) -> str:
    """Return the entry's `fault`; ValueError where it is no object with such a text."""
    if not isinstance(entry, dict) or not isinstance(entry.get("fault"), str):
        raise ValueError('a fault is an object like {"fault": "reset", "times": 1}')
    name: str = entry["fault"]
    return name


def _options_of(entry: dict[str, Any]) -> dict[str, Any]:
    """Return the entry without its `fault`."""
    return {name: value for name, value in entry.items() if name != "fault"}
