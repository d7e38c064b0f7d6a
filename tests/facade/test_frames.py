"""The walk over the frames of an exception finds what must not be in them."""

from __future__ import annotations

import json

import pytest

from tests.frames import MARK, leaks

SK = f"sk_test_{MARK}"


def test_the_walk_finds_what_is_there() -> None:
    with pytest.raises(ValueError, match="invalid literal") as caught:
        json.loads("[1]", parse_int=lambda digits: int(SK))
    assert leaks(caught.value)
