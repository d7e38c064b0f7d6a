"""Four distributions are one release: one version, one licence, no file from elsewhere."""

from __future__ import annotations

import pytest
from zerogate import __version__

from tests.distributions.folders import NEEDS, PACKAGES, name_of, pins, read, requirements
from tests.roots import ROOT, source_folders

FOLDERS = list(PACKAGES)
OTHERS = FOLDERS[1:]


@pytest.mark.parametrize("folder", OTHERS)
def test_a_distribution_has_the_version_of_the_facade(folder: str) -> None:
    assert read(folder)["project"]["version"] == __version__


@pytest.mark.parametrize("folder", FOLDERS)
def test_every_pin_between_them_is_that_version(folder: str) -> None:
    assert set(pins(folder).values()) <= {f"=={__version__}"}


def test_the_pins_are_where_they_are_needed() -> None:
    assert set(pins(".")) == {name_of(folder) for folder in OTHERS}
    for folder in OTHERS:
        assert set(pins(folder)) == {name_of(needed) for needed in NEEDS[folder]}


@pytest.mark.parametrize("folder", OTHERS)
def test_a_distribution_carries_the_same_licence(folder: str) -> None:
    assert (ROOT / folder / "LICENSE").read_bytes() == (ROOT / "LICENSE").read_bytes()


@pytest.mark.parametrize("folder", OTHERS)
def test_nothing_comes_into_a_wheel_from_outside_of_its_folder(folder: str) -> None:
    hatch = read(folder)["tool"]["hatch"]["build"]["targets"]
    assert "force-include" not in hatch["wheel"]
    assert not any(".." in path for path in hatch["wheel"]["packages"])
    assert set(hatch["wheel"]["packages"]) == PACKAGES[folder]


def test_a_folder_on_the_path_holds_packages_of_one_distribution_only() -> None:
    for folder in source_folders():
        found = {path.parent.name for path in folder.glob("*/__init__.py")}
        assert sum(bool(found & packages) for packages in PACKAGES.values()) == 1, folder


def test_the_database_driver_comes_apart_from_the_store() -> None:
    extras = read(".")["project"]["optional-dependencies"]
    assert not any("psycopg" in one for one in extras["store"])
    assert any("psycopg" in one for one in extras["postgres"])


def test_what_a_bare_install_brings() -> None:
    assert sorted(requirements(".")[:3]) == ["attrs>=23.2", "h11>=0.16,<1", "httpx>=0.27,<1"]
    assert len(read(".")["project"]["dependencies"]) == 3


def test_the_sandbox_carries_the_contract_as_it_is() -> None:
    copy = ROOT / "apps/sandbox/zerogate_sandbox/gate-v1.yaml"
    assert copy.read_bytes() == (ROOT / "openapi/gate-v1.yaml").read_bytes()
