"""A bare install: how many packages, how many MB, how long its import takes; ours beside others'.

    python bench/installing.py              # from anywhere; makes an environment for each, some seconds
    python bench/installing.py --json FILE

Each is installed alone, from an index, into an environment without even pip. MB are of site-packages with the
.pyc files that pip compiles. Import is CPU time (user and system) of a fresh process less that of one that
imports nothing: median of 15, in turns. Windows does not tell it.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import venv
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parent.parent
TIMES: Final = 15
#: What is installed → what is imported.
SUBJECTS: Final = {
    str(ROOT): "zerogate",
    "stripe==16.1.0": "stripe",
    "openai==3.51.0": "openai",
}


@dataclass(frozen=True)
class Measured:
    """packages: Installed ones, itself included. megabytes: Of site-packages. import_ms: Of CPU."""

    name: str
    version: str
    packages: int
    megabytes: float
    import_ms: int


def _installed(what: str, folder: Path) -> Path:
    venv.create(folder, with_pip=False, symlinks=sys.platform != "win32")
    python = folder / ("Scripts" if sys.platform == "win32" else "bin") / "python"
    pip = (sys.executable, "-m", "pip", "--python", str(python), "--disable-pip-version-check")
    subprocess.run([*pip, "install", "--quiet", "--compile", what], check=True)
    return python


def _said(python: Path, code: str) -> str:
    ran = subprocess.run([python, "-I", "-c", code], check=True, capture_output=True, text=True)
    return ran.stdout.strip()


def _milliseconds(python: Path, code: str) -> float:
    before = os.times()
    subprocess.run([python, "-I", "-c", code], check=True)
    after = os.times()
    user = after.children_user - before.children_user
    return (user + after.children_system - before.children_system) * 1000


def _import_ms(python: Path, module: str) -> int:
    """Take the bare start and the import in turns, so that the machine's other work bears on both."""
    code = f"import {module}"
    _milliseconds(python, code)  # writes what .pyc files are missing
    spent = [_milliseconds(python, code) - _milliseconds(python, "") for _ in range(TIMES)]
    return round(statistics.median(spent))


def measure(what: str, module: str) -> Measured:
    with tempfile.TemporaryDirectory() as place:
        python = _installed(what, Path(place))
        site = Path(_said(python, "import sysconfig; print(sysconfig.get_paths()['purelib'])"))
        size = sum(file.stat().st_size for file in site.rglob("*") if file.is_file())
        version = _said(
            python, f"from importlib.metadata import version as v; print(v({module!r}))"
        )
        return Measured(
            name=module,
            version=version,
            packages=len(list(site.glob("*.dist-info"))),
            megabytes=round(size / 1e6, 1),
            import_ms=_import_ms(python, module),
        )


def main() -> None:
    parser = argparse.ArgumentParser(description="What a bare install brings.")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures to FILE")
    given = parser.parse_args()
    found = [measure(what, module) for what, module in SUBJECTS.items()]
    print(f"{platform.python_implementation()} {platform.python_version()}, {platform.system()}\n")
    print(f"{'bare install':<20}{'packages':>10}{'MB':>8}{'import, ms':>12}")
    for one in found:
        row = f"{one.packages:>10}{one.megabytes:>8}{one.import_ms:>12}"
        print(f"{one.name + ' ' + one.version:<20}{row}")
    if given.json is not None:
        given.json.write_text(json.dumps([asdict(one) for one in found], indent=2), "utf-8")


if __name__ == "__main__":
    main()
