"""Reads the contract once for all of its tests."""

from pathlib import Path

import pytest

from .reading import Contract, load

CONTRACT = Path(__file__).parents[2] / "openapi" / "gate-v1.yaml"


@pytest.fixture(scope="session")
def contract() -> Contract:
    return Contract(load(CONTRACT.read_text(encoding="utf-8")))
