"""Whether something ended by its deadline, told apart from how fast the machine is.

A busy machine may hold up any step for as long as it likes, so no test measures how long a step took.
What a deadline promises instead: each wait asks for no more than what is left, and once the time is
up nothing more is begun. Both are read off the clock that the connections look at. A stall of the
scripted server lasts longer than any machine needs, so what waits for its end is noticed as well.
"""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import pytest

#: Seconds: less than a scripted stall lasts, more than a machine under load takes to notice a deadline.
STALL: Final = 20.0
#: How often a thread may look at the clock after its deadline: once to see that the time is up, and
#: once to hand that on.
LOOKS: Final = 2


class Looks:
    """When the connections looked at their clock, by thread."""

    def __init__(self) -> None:
        self._at: list[tuple[int, float]] = []

    def __call__(self) -> float:
        now = time.monotonic()
        self._at.append((threading.get_ident(), now))
        return now

    def after(self, seconds: float) -> int:
        """Looks later than so many seconds after the first, of the thread with the most of them.

        A deadline is reckoned from the first look: a busy machine may have held up what led to it.
        """
        late = Counter(thread for thread, at in self._at if at > self._at[0][1] + seconds)
        return max(late.values(), default=0)


@contextmanager
def ends_within(seconds: float) -> Iterator[None]:
    """What runs in it ends by its deadline of so many seconds from now."""
    looks, begun = Looks(), time.monotonic()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("zerogate._transport.deadline.monotonic", looks)
        yield
    assert time.monotonic() - begun < STALL
    assert looks.after(seconds) <= LOOKS


@contextmanager
def without_waiting() -> Iterator[None]:
    """What runs in it waits for nobody: it ends before a stall would."""
    begun = time.monotonic()
    yield
    assert time.monotonic() - begun < STALL
