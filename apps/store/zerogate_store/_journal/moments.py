"""Holds one moment as the clocks of a host tell it. Pure.

A host's clock may be wrong, and nobody knows it before the first of Gate's answers.
"""

from __future__ import annotations

import attrs


@attrs.frozen
class Moment:
    """One moment by three clocks, Unix seconds.

    now: As it is written down: by our own clock, by Gate's where ours is known to be wrong.
    gate: By Gate's; None while no answer has told it. own: By ours, whatever it is worth.
    """

    now: float
    gate: float | None
    own: float
