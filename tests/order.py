"""In which order tests run, which of them may run apart, and which are the quick ones."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest

if TYPE_CHECKING:
    from xdist.remote import Producer
    from xdist.scheduler import LoadScopeScheduling

HERE: Final = Path(__file__).resolve().parent
#: What `-m quick` runs: decisions, both halves, the sandbox.
QUICK: Final = ("facade", "client", "sandbox", "webhooks")
#: What is within these and is not quick: real browsers, processes, another's tools, enumerations.
NOT_QUICK: Final = (
    *("sandbox/browser", "sandbox/fuzz", "sandbox/vendor", "sandbox/test_command.py"),
    *("sandbox/test_keeping.py", "facade/test_comforts.py", "facade/test_outcome_enumeration.py"),
    *("client/_async/test_store_loss.py", "client/_sync/test_store_loss.py"),
    *("client/_async/test_gaps.py", "client/_sync/test_gaps.py"),
)
#: Seconds on a core, roughly, of files that have more than a few: they come first, so that none ends last.
SLOW: Final = {
    "ledger/test_engines.py": 12,
    "ledger/test_command.py": 60,
    "sandbox/fuzz/test_schemathesis.py": 12,
    "ledger/test_scale.py": 16,
    "ledger/test_match.py": 22,
    "ledger/test_killed.py": 12,
    "generator/test_alterations.py": 16,
    "docs/test_pages.py": 22,
    "generator/test_coverage.py": 14,
    "ledger/test_page.py": 50,
    "simulation/test_simulation.py": 22,
    "generator/test_rehearsals.py": 18,
    "store/test_killed.py": 6,
    # They wait more than they work: for databases that hang, and for leases.
    "store/test_hanging.py": 20,
    "store/test_leases.py": 45,
    "sandbox/test_facade.py": 24,
    "transport/test_deadlines.py": 13,
    "cli/test_demo.py": 18,
    "ledger/test_prefilter.py": 16,
    "ledger/test_forty_layouts.py": 9,
    "exploration/test_exploration.py": 9,
    "fleet/test_fleet.py": 14,
    "ledger/test_without_room.py": 12,
    "ledger/test_mirror.py": 11,
    "generator/test_walkthrough.py": 10,
    "shops/test_shops.py": 12,
    "sandbox/test_keeping.py": 11,
    "generator/test_another_hand.py": 12,
    "probe/test_command.py": 10,
    "probe/test_switches.py": 10,
    "store/test_recovery.py": 10,
    "generator/test_hazards.py": 8,
    "generator/test_keywords.py": 8,
    "client/_async/test_store_loss.py": 8,
    "facade/test_outcome_enumeration.py": 6,
    "inbox/test_orders.py": 6,
    # They wait for processes that they start.
    "sandbox/test_command.py": 6,
    "sandbox/test_plugin.py": 6,
    "store/test_crowded.py": 6,
    "generator/test_regenerate.py": 9,
    "repository/test_patterns.py": 5,
    "generator/test_workflow.py": 8,
    "api/test_api_check.py": 7,
    "sandbox/browser/test_checkout.py": 7,
    "transport/test_owners.py": 7,
}
#: Files of which each test may run in any process: nothing is made once for several of their tests but the
#: JVM of those that are marked so, which one process starts for them all: they stay together.
DIVIDED: Final = {
    "exploration/test_exploration.py",
    "ledger/test_command.py",
    "ledger/test_engines.py",
    "ledger/test_killed.py",
    "ledger/test_match.py",
    "ledger/test_prefilter.py",
    "ledger/test_scale.py",
    "sandbox/fuzz/test_schemathesis.py",
    "simulation/test_simulation.py",
    "store/test_killed.py",
}


@cache
def _name(path: Path) -> str:
    return path.relative_to(HERE).as_posix() if path.is_relative_to(HERE) else ""


def _is_quick(name: str) -> bool:
    def within(folders: tuple[str, ...]) -> bool:
        return any(name == one or name.startswith(f"{one}/") for one in folders)

    return within(QUICK) and not within(NOT_QUICK)


@pytest.hookimpl
def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Do not even import what `-m quick` leaves out: that alone would take a third of the minute."""
    if config.option.markexpr != "quick":
        return None
    name = _name(collection_path)
    return None if name in ("", ".") or _is_quick(name) else True


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if _is_quick(_name(item.path)) and not item.get_closest_marker("thorough"):
            item.add_marker("quick")
    items.sort(key=lambda item: -SLOW.get(_name(item.path), 0))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> LoadScopeScheduling | None:
    """Return the scheduler of `--dist loadfile`, in our order and with our exceptions."""
    if config.getvalue("dist") != "loadfile":
        return None
    from xdist.scheduler import LoadFileScheduling

    class Files(LoadFileScheduling):
        def _split_scope(self, nodeid: str) -> str:
            file: Any = super()._split_scope(nodeid)
            if file.removeprefix("tests/") in DIVIDED and "spark" in nodeid.partition("[")[2]:
                return "spark"
            return nodeid if file.removeprefix("tests/") in DIVIDED else str(file)

    # Its own order, by the number of tests, would leave the slowest for the end.
    config.option.loadscopereorder = False
    return Files(config, log)
