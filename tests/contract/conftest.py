"""Reads the contract once for all of its tests, in the names of our tables."""

from pathlib import Path

import pytest

from tests.facade.contract import CONTRACT as IN_OUR_NAMES

from .reading import MARK, Contract

CONTRACT = Path(__file__).parents[2] / "openapi" / "gate-v1.yaml"


@pytest.fixture(scope="session")
def contract() -> Contract:
    return IN_OUR_NAMES


@pytest.fixture
def written_by_us(contract: Contract) -> None:
    """Hold what we wrote from the documentation, which says of each guess that it is one.

    A contract of the vendor's own has no such mark: its examples, prose and limits are not ours to demand,
    and what they change is in the report of the bump.
    """
    if not any(MARK in node for _, node in contract.nodes()):
        pytest.skip("this contract is the vendor's own: it has no mark of ours")
