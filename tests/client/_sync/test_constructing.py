# Written by facade/unasync.py from tests/client/_async/test_constructing.py; edit that file.
"""A key or a password that is refused, or stands beside something refused, is in no frame of ours."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from typing import Any

import pytest
from zerogate import Gate, GateUsageError

KEY = "sk_live_c4n4ry00000000000000001"
DATABASE = "postgresql://shop:c4n4ry@db.shop.example/shop"
PROXY = "http://shop:c4n4ry@proxy.shop.example:3128"


def frames_of_ours(error: BaseException) -> str:
    """The locals of the library's own frames, as an error reporter collects them."""
    told = traceback.TracebackException.from_exception(error, capture_locals=True)
    return "\n".join(
        repr(frame.locals) for frame in told.stack if "/facade/zerogate/" in frame.filename
    )


MAKE: dict[str, Callable[[], Any]] = {
    "a newline behind it": lambda: Gate(KEY + "\n"),
    "another address": lambda: Gate(KEY, base_url="http://gate.shop.example"),
    "a test key beside it": lambda: Gate(KEY, publishable_key="pk_test_beside0000000"),
    "given as the publishable one": lambda: Gate("sk_test_x1", publishable_key=KEY),
    "a URL for a store": lambda: Gate("sk_test_x1", store=DATABASE),  # type: ignore[arg-type]
    "no time, and a proxy": lambda: Gate("sk_test_x1", timeout=0, proxy=PROXY),
    "the environment and a URL for a store": lambda: Gate.from_env(
        {"ZEROGATE_SECRET_KEY": "sk_test_x1"}, store=DATABASE, proxy=PROXY
    ),
    "no time": lambda: Gate(KEY, timeout=0),
    "a callable": lambda: Gate(lambda: KEY + " "),
    "the environment": lambda: Gate.from_env({"ZEROGATE_SECRET_KEY": KEY + "\n"}),
    "the environment and a wrong setting": lambda: Gate.from_env(
        {"ZEROGATE_SECRET_KEY": KEY}, namespace="a b"
    ),
}


@pytest.mark.parametrize("make", MAKE.values(), ids=MAKE.keys())
def test_a_client_that_is_not_made_leaves_its_key_in_no_frame(
    make: Callable[[], Any],
) -> None:
    with pytest.raises(GateUsageError) as caught:
        make()
    error = caught.value
    shown = frames_of_ours(error) + str(error) + repr(error) + repr(error.__context__)
    assert "c4n4ry" not in shown
    assert frames_of_ours(error)
