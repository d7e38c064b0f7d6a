"""An outcome is neither true nor false: `if outcome:` would ship what nobody paid."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from zerogate import Failed, Hold, Mismatch, Pending, Settled

SHORTCUTS: dict[str, Callable[[Any], object]] = {
    "bool": bool,
    "if": lambda outcome: "ships" if outcome else "waits",
    "not": lambda outcome: not outcome,
    "and": lambda outcome: outcome and "ships",
    "or": lambda outcome: outcome or "waits",
    "all": lambda outcome: all([outcome]),
    "filter": lambda outcome: list(filter(None, [outcome])),
}


@pytest.mark.parametrize("kind", [Settled, Pending, Failed, Mismatch, Hold])
@pytest.mark.parametrize("shortcut", SHORTCUTS.values(), ids=SHORTCUTS.keys())
def test_no_shortcut_reads_an_outcome_as_true_or_false(
    shortcut: Callable[[Any], object], kind: type[Any]
) -> None:
    with pytest.raises(TypeError, match=rf"{kind.__name__}: ask outcome\.may_fulfil"):
        shortcut(kind(reason="settled"))


def test_whether_there_is_one_is_asked_by_none() -> None:
    outcome = Pending(reason="open")
    assert outcome is not None
    assert outcome == Pending(reason="open")
    assert outcome in (Pending(reason="open"), None)
