"""A spec bump from the vendor's file to a written client: `python openapi/regenerate --spec FILE` in a copy.

- zerogate: a contract of 300 operations with models of their own, adopted for the first time.
- as it is: Gate's own contract of today once more: what every run costs.

The time is that of the process and of the formatter it starts: 15 s is what 300 operations may take, 10 s
what a bump of Gate's own may.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from subjects import Run, Subject, Target, Way

ROOT = Path(__file__).resolve().parent.parent
FOLDERS = ("openapi", "generated", "facade", "apps")


def _bump(wanted: int) -> Way:
    @contextmanager
    def way(url: str) -> Iterator[Run]:
        sys.path.append(str(ROOT))
        from openapi.regenerate import source
        from tests.generator.many import of_operations

        text = (ROOT / "openapi/gate-v1.yaml").read_text("utf-8")
        document = of_operations(source.parse(text, "contract"), wanted)
        with tempfile.TemporaryDirectory() as folder:
            spec = Path(folder) / "vendor.json"
            spec.write_text(json.dumps(document), "utf-8")
            number = 0

            def run(times: int) -> None:
                nonlocal number
                for _ in range(times):
                    number += 1
                    _regenerate(Path(folder) / str(number), spec)

            yield run

    return way


def _regenerate(root: Path, spec: Path) -> None:
    for name in FOLDERS:
        skip = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / name, root / name, ignore=skip)
    command = [sys.executable, "openapi/regenerate", "--spec", str(spec)]
    # 0 is additive, 3 breaking: either is written.
    done = subprocess.run(command, cwd=root, capture_output=True, check=False)
    if done.returncode not in (0, 3):
        raise AssertionError(done.stderr.decode()[-500:])
    shutil.rmtree(root)


SUBJECT = Subject(
    name="a bump to a contract of 300 operations",
    ways={"zerogate": _bump(300), "as it is": _bump(31)},
    targets=(Target("as it is", at_most=4),),
    operations=1,
    in_children=True,
)
