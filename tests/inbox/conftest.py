"""A shop on SQLite and on PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from zerogate_store import Store

from tests.databases import KINDS, database
from tests.inbox.shop import Shop, shop_on


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


@pytest.fixture
def shop(store: Store) -> Iterator[Shop]:
    with shop_on(store) as opened:
        yield opened
