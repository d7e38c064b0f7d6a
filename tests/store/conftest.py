"""Every test here runs on SQLite and on PostgreSQL, unless it says which."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from zerogate_store import Store

from tests.databases import KINDS, database


@pytest.fixture(params=KINDS)
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """An empty database."""
    with database(request.param, tmp_path) as found:
        yield found


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    """A store on it."""
    made = Store(url)
    yield made
    made.close()
