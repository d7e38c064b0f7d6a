"""Has each process of the suite write down what was measured before it says that it has finished.

A worker of xdist is killed ten seconds after that, which on a busy machine is before it has written.
"""

from __future__ import annotations

import coverage
import pytest


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish() -> None:
    if (measured := coverage.Coverage.current()) is not None:
        measured.save()
