"""Where one machine ends: parts that merge, other engines, object storage; each from the command line."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from zerogate_ledger.command import run
from zerogate_ledger.options import parsed

from tests.services import unavailable

from .engines import POSTGRES, SOON_OVER
from .gates import MemoryGate, StillClock
from .killing import image

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


@pytest.mark.parametrize(
    "engine",
    ["postgres", pytest.param("spark", marks=[pytest.mark.spark, pytest.mark.thorough])],
)
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
        f"spark.driver.extraJavaOptions {SOON_OVER}\n"
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


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A bucket of a server in this process that speaks S3."""
    try:
        import s3fs
        from moto.server import ThreadedMotoServer
    except ImportError as problem:
        unavailable(f"no S3 to test with (pip install --group engines): {problem}")
        raise
    server = ThreadedMotoServer(port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    for name, value in {
        "AWS_ENDPOINT_URL": f"http://{host}:{port}",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "a secret of nobody",
        "AWS_DEFAULT_REGION": "us-east-1",
    }.items():
        monkeypatch.setenv(name, value)
    s3fs.S3FileSystem.clear_instance_cache()
    storage = s3fs.S3FileSystem()
    if not storage.exists("books"):  # what one server held, the next one in a process has too
        storage.mkdir("books")
    yield storage
    server.stop()
    s3fs.S3FileSystem.clear_instance_cache()


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.filterwarnings("ignore::ResourceWarning")
def test_a_ledger_and_a_mirror_on_object_storage_make_the_same_report(
    gate: MemoryGate, differing: Path, tmp_path: Path, bucket: Any
) -> None:
    assert reconcile(gate, differing, tmp_path / "here") == 3
    bucket.put(str(tmp_path / "here" / "mirror"), "books/mirror", recursive=True)
    bucket.put(str(differing), "books/july/orders.csv")
    mirror = ("--offline", "--mirror", "s3://books/mirror")
    there = tmp_path / "there"
    for ledger in ("s3://books/july/orders.csv", "s3://books/july", "s3://books/*/orders.csv"):
        assert reconcile(gate, ledger, there, *mirror) == 3
        assert breaks_of(there) == breaks_of(tmp_path / "here")


def breaks_of(folder: Path) -> list[Any]:
    rows = [json.loads(line) for line in (folder / "breaks.jsonl").open()]
    # A run is named after its ledger's name too.
    return [{**row, "run": None} for row in rows]


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.filterwarnings("ignore::ResourceWarning")
def test_what_is_not_on_object_storage_is_said(
    gate: MemoryGate,
    ledger: Path,
    tmp_path: Path,
    bucket: Any,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert reconcile(gate, "s3://books/none", tmp_path / "out") == 2
    assert "no ledger at s3://books/none" in capsys.readouterr().err
    mirror = ("--mirror", "s3://books/none")
    assert reconcile(gate, ledger, tmp_path / "out", "--offline", *mirror) == 2
    assert "no mirror at s3://books/none" in capsys.readouterr().err
    assert reconcile(gate, ledger, tmp_path / "out", *mirror) == 2
    assert "say --offline" in capsys.readouterr().err


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.filterwarnings("ignore::ResourceWarning")
@pytest.mark.parametrize("cut", [slice(10, 60), slice(-8, None)], ids=["a page", "the end"])
def test_a_damaged_day_of_a_mirror_on_object_storage_is_said_and_the_last_report_stays(
    cut: slice,
    gate: MemoryGate,
    differing: Path,
    tmp_path: Path,
    bucket: Any,
    capsys: pytest.CaptureFixture[str],
) -> None:
    out = tmp_path / "out"
    assert reconcile(gate, differing, out) == 3
    place = f"books/damaged-{cut.start}"
    bucket.put(str(out / "mirror"), place, recursive=True)
    before = image(out)
    day = bucket.glob(f"{place}/transactions/*.parquet")[0]
    data = bytearray(bucket.cat_file(day))
    data[cut] = b"\xff" * len(data[cut])
    bucket.pipe_file(day, bytes(data))
    bucket.invalidate_cache()
    capsys.readouterr()
    assert reconcile(gate, differing, out, "--offline", "--mirror", f"s3://{place}") == 1
    said = capsys.readouterr().err
    assert "a file is damaged, put it back" in said
    assert "secret" not in said
    assert image(out) == before


def test_what_the_folders_of_a_file_say_is_a_column(gate: MemoryGate, tmp_path: Path) -> None:
    for place, currency in enumerate(("EUR", "__HIVE_DEFAULT_PARTITION__")):
        folder = tmp_path / "books" / f"currency={currency}"
        folder.mkdir(parents=True)
        rows = [f"A-{number},10.00,paid" for number in range(place, 40, 2)]
        (folder / "part-0.csv").write_text("\n".join(["order_id,amount,status", *rows]) + "\n")
    options = ("--column", "currency=currency")
    assert reconcile(gate, tmp_path / "books", tmp_path / "out", *options) == 3
    summary = json.loads((tmp_path / "out" / "summary.json").read_text())
    # The second folder says that nobody knows the currency.
    assert (summary["matched"], summary["classes"]["unreadable"]) == (20, 20)
