"""State of the walk along one list, and when it may end. Pure: what a page moves, as data."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import attrs

#: Rows read again beyond the newest held one: a list may show a row later than its neighbours.
OVERLAP: Final = 200


def _ids(ids: Iterable[str]) -> tuple[str, ...]:
    """Return ids as a tuple."""
    return tuple(ids)


@attrs.frozen
class WalkState:
    """Progress of one kind's walk. newest: Ids at the top of the list when it was last walked."""

    newest: tuple[str, ...] = attrs.field(default=(), converter=_ids)
    #: A walk that is under way: where it goes on, and what stood at the top when it began.
    cursor: str | None = None
    top: tuple[str, ...] = attrs.field(default=(), converter=_ids)
    #: Rows still to be read beyond the newest held one; None before it is met.
    left: int | None = None
    #: Whether all that the refresh under way has to read is on disk.
    read: bool = False

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> WalkState:
        """Return the state that a mapping holds; names it doesn't know are left out."""
        return cls(**{name: data[name] for name in attrs.fields_dict(cls) if name in data})


def advanced(
    state: WalkState, ids: Sequence[str], next_cursor: str | None, beyond: bool = True
) -> WalkState:
    """Return the state after a page of the list; its cursor is None where the walk is over.

    beyond: Whether the page is older than all that has to be listed again.
    """
    left, held = state.left, set(state.newest)
    for id in ids:
        if left is not None:
            left -= 1
        elif id in held:
            left = OVERLAP
    top = (*state.top, *ids)[:OVERLAP]
    if next_cursor is None or (left is not None and left <= 0 and beyond):
        return attrs.evolve(state, newest=top or state.newest, cursor=None, top=(), left=None)
    return attrs.evolve(state, cursor=next_cursor, top=top, left=left)


def is_beyond(times: Sequence[int | None], until: int | None) -> bool:
    """Return whether a page's rows were all made before *until*; False for None, or one undated."""
    return until is not None and all(at is not None and at < until for at in times)
