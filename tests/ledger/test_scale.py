"""Where one machine ends: parts that merge, other engines, object storage; each from the command line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from zerogate_ledger.command import run
from zerogate_ledger.options import parsed

from .engines import POSTGRES
from .gates import MemoryGate, StillClock

FILES = ("breaks.csv", "breaks.jsonl", "report.html", "summary.json")


def reconcile(gate: MemoryGate, ledger: Any, out: Path, *options: str) -> int:
    return run(parsed([str(ledger), "--out", str(out), *options]), lambda: gate, StillClock())


@pytest.fixture
def differing(ledger: Path) -> Path:
    """Amounts as people write them, and rows that differ in each way."""
    header, *rows = ledger.read_text().splitlines()
    place = header.split(",").index("amount")
    written = ["1e2", " 100", "100.00", "٣.00", "99999999999999999999.5"]
    for number, text in enumerate(written):
        cells = rows[number].split(",")
        cells[place] = text
        rows[number] = ",".join(cells)
    ledger.write_text("\n".join([header, *rows[:-1], rows[7]]) + "\n")
    return ledger


def report(folder: Path) -> dict[str, Any]:
    return {name: (folder / name).read_bytes() for name in FILES}


def test_the_shards_of_a_match_merge_into_the_report_of_the_whole(
    gate: MemoryGate,
    differing: Path,
    tmp_path: Path,
) -> None:
    assert reconcile(gate, differing, tmp_path / "whole") == 3
    mirror = ("--offline", "--mirror", str(tmp_path / "whole" / "mirror"))
    for number in (3, 1, 2):
        assert reconcile(gate, differing, tmp_path / "p", "--shard", f"{number}/3", *mirror) == 0
    assert not (tmp_path / "p" / "report.html").exists()
    merged = ("--merge", str(tmp_path / "p"), *mirror)
    assert reconcile(gate, differing, tmp_path / "merged", *merged) == 3
    assert report(tmp_path / "merged") == report(tmp_path / "whole")


def test_a_shard_that_is_missing_or_of_another_match_is_named(
    gate: MemoryGate,
    differing: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    parts = tmp_path / "parts"
    mirror = ("--mirror", str(tmp_path / "mirror"))
    assert reconcile(gate, differing, parts, "--shard", "1/2", *mirror) == 0
    offline = ("--offline", *mirror, "--merge", str(parts))
    assert reconcile(gate, differing, tmp_path / "out", *offline) == 2
    assert "has no shard 2/2" in capsys.readouterr().err
    assert reconcile(gate, differing, tmp_path / "out", *offline, "--due-after", "2h") == 2
    assert "is of another match" in capsys.readouterr().err


@pytest.mark.parametrize("engine", ["postgres", pytest.param("spark", marks=pytest.mark.spark)])
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.filterwarnings("ignore::FutureWarning")
@pytest.mark.filterwarnings("ignore::UserWarning")
@pytest.mark.filterwarnings("ignore::ResourceWarning")
def test_another_engine_makes_the_same_report(
    gate: MemoryGate,
    differing: Path,
    tmp_path: Path,
    engine: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (tmp_path / "spark-defaults.conf").write_text(
        "spark.master local[1]\nspark.ui.enabled false\nspark.driver.host 127.0.0.1\n"
        "spark.driver.bindAddress 127.0.0.1\nspark.sql.shuffle.partitions 1\n"
    )
    monkeypatch.setenv("SPARK_CONF_DIR", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    assert reconcile(gate, differing, tmp_path / "whole") == 3
    options = ["--engine", engine, "--offline", "--mirror", str(tmp_path / "whole" / "mirror")]
    if engine == "postgres":
        options += ["--engine-url", POSTGRES]
    assert reconcile(gate, differing, tmp_path / "there", *options) == 3
    assert report(tmp_path / "there") == report(tmp_path / "whole")
    assert json.loads((tmp_path / "there" / "summary.json").read_text())["breaks"] > 4
