"""Real limits of the system: a disk that takes no more, memory that is too little, a second process."""

from __future__ import annotations

import resource
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from zerogate_ledger.command import run
from zerogate_ledger.options import parsed

from tests import preloaded

from .gates import MemoryGate, StillClock
from .killing import image

#: A run in a process whose files may have so many bytes: the system refuses the write that goes beyond.
LIMITED = """
import resource, sys
limit = int(sys.argv[1])
from zerogate_ledger.command import main
resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
sys.exit(main(sys.argv[2:]))
"""
#: A run of another process that has the folder until its input ends.
HOLDING = """
import sys
from pathlib import Path
from zerogate_ledger.folder_lock import hold_lock
with hold_lock(Path(sys.argv[1]), "run"):
    print("held", flush=True)
    sys.stdin.read()
"""
Again = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def out(gate: MemoryGate, ledger: Path, tmp_path: Path) -> Path:
    """A good report; the ledger has changed since."""
    folder = tmp_path / "out"
    assert run(parsed([str(ledger), "--out", str(folder)]), lambda: gate, StillClock()) == 0
    ledger.write_text(ledger.read_text().replace(",10.00,", ",11.00,"))
    return folder


@pytest.fixture
def again(ledger: Path, out: Path) -> Again:
    def go(limit: int, *flags: str) -> subprocess.CompletedProcess[str]:
        words = [str(ledger), "--out", str(out), "--offline", *flags]
        if limit == resource.RLIM_INFINITY:
            return preloaded.run("zerogate", "reconcile", *words)
        return subprocess.run(
            [sys.executable, "-c", LIMITED, str(limit), *words],
            capture_output=True,
            text=True,
            check=False,
        )

    return go


@pytest.mark.parametrize("limit", [1_000, 9_000, 30_000])
def test_a_disk_that_takes_no_more_leaves_the_last_report_whole(
    limit: int, again: Again, out: Path
) -> None:
    before = image(out)
    ended = again(limit)
    assert ended.returncode in (1, 2), ended.stderr
    assert "Traceback" not in ended.stderr
    assert "File too large" in ended.stderr
    now = image(out)
    assert {name: now[name] for name in before} == before
    assert again(resource.RLIM_INFINITY).returncode == 3
    assert image(out) != before


def test_memory_that_is_too_little_leaves_the_last_report_whole(again: Again, out: Path) -> None:
    before = image(out)
    ended = again(resource.RLIM_INFINITY, "--memory", "300KB")
    assert ended.returncode == 1, ended.stderr
    assert "say --memory 4GB" in ended.stderr
    assert "Traceback" not in ended.stderr
    now = image(out)
    assert {name: now[name] for name in before} == before


def test_a_run_beside_another_process_is_refused_and_leaves_the_last_report_whole(
    again: Again, out: Path
) -> None:
    before = image(out)
    with subprocess.Popen(
        [sys.executable, "-c", HOLDING, str(out)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "held\n"
        ended = again(resource.RLIM_INFINITY)
        assert ended.returncode == 2
        assert "another run of" in ended.stderr
        now = image(out)
        assert {name: now[name] for name in before} == before
        other.communicate("")
    assert again(resource.RLIM_INFINITY).returncode == 3
