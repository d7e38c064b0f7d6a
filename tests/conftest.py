"""Holds for all tests: Ctrl-C reaches commands, collecting is cheap, order is good, draws are not timed."""

from __future__ import annotations

import gc
import signal
import sys
from collections.abc import Generator

import pytest
from hypothesis import HealthCheck, settings

from tests.order import (
    pytest_collection_modifyitems,
    pytest_ignore_collect,
    pytest_xdist_make_scheduler,
)

__all__ = [
    "pytest_collection_modifyitems",
    "pytest_ignore_collect",
    "pytest_xdist_make_scheduler",
]

# In a background job of a shell all commands that tests start are deaf to Ctrl-C.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# jsonschema compiles some forty grammars with it when it is imported, for the formats `iri` and
# `iri-reference` alone, which the contract has not: a second and a half of work in each process.
sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]

# A busy machine draws slowly, which says nothing of what is tested.
settings.register_profile(
    "any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("any machine")


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_collection() -> Generator[None, object, object]:
    """Collect tests without looking for garbage: twelve thousand are none, and looking was half of it."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.enable()
        # They stay to the end: the whole of them is looked at as seldom as can be. Not `gc.freeze`, after
        # which `gc.get_referrers` does not see them, and Hypothesis asks that of its random numbers.
        gc.set_threshold(20_000, 20, 20)
