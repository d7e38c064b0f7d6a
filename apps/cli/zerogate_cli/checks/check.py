"""A finding of `zerogate doctor`: what was looked at, what was found, and what to do about it."""

from __future__ import annotations

import attrs

from zerogate_cli.exit_codes import Exit


@attrs.frozen
class Check:
    """One finding.

    ending: The exit code that it means; CLEAN where it is well. todo: What to do; empty where it is
        well, or where nothing need be done.
    """

    name: str
    found: str
    ending: Exit = Exit.CLEAN
    todo: str = ""

    @property
    def well(self) -> bool:
        """Return True where nothing is wrong: the exit code is CLEAN."""
        return self.ending is Exit.CLEAN
