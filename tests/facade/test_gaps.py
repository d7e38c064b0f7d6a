"""A gap in an answer is made where it is meant: what `tests/client` takes for granted in both halves."""

from __future__ import annotations

import pytest

from tests.client.gaps import EXAMPLES, Gap, gaps


@pytest.mark.parametrize("gap", [g for g in gaps() if g.documented][:1], ids=str)
def test_a_gap_is_made_where_it_is_meant(gap: Gap) -> None:
    assert gap.made_in(EXAMPLES[gap.operation]) != EXAMPLES[gap.operation]
