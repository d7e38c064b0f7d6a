"""Each distribution alone, as a wheel and editable; then all of them, and the demo takes payments.

`nox -s wheels` builds the wheels from the sdists and says where they are (ZEROGATE_WHEELS).
"""

from __future__ import annotations

import ast
import os
import subprocess
import sys
import tarfile
import venv
import zipfile
from pathlib import Path

import pytest
from zerogate import __version__

from facade.tracked_tree import copy_tracked, tracked
from tests.distributions.folders import ALL, NEEDS, PACKAGES, name_of
from tests.roots import ROOT

pytestmark = pytest.mark.skipif(
    "ZEROGATE_WHEELS" not in os.environ, reason="nox -s wheels builds what this looks at"
)
FOUND = (
    "import importlib.util as u; "
    f"print([name for name in {sorted(ALL)} if u.find_spec(name) is not None])"
)


def _wheels() -> Path:
    return Path(os.environ["ZEROGATE_WHEELS"])


def _clean() -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("ZEROGATE_")}
    return {name: value for name, value in kept.items() if name != "PYTHONPATH"}


def _run(*words: str, cwd: Path) -> str:
    ran = subprocess.run(words, capture_output=True, text=True, env=_clean(), cwd=cwd, check=False)
    assert ran.returncode == 0, ran.stdout[-2000:] + ran.stderr[-2000:]
    return ran.stdout


@pytest.fixture
def python(tmp_path: Path) -> str:
    """An environment with nothing in it but pip."""
    venv.create(tmp_path / "venv", with_pip=True, symlinks=True)
    return str(tmp_path / "venv" / ("Scripts" if sys.platform == "win32" else "bin") / "python")


def _install(python: str, *words: str, cwd: Path) -> None:
    _run(python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *words, cwd=cwd)


def _importable(python: str, cwd: Path) -> set[str]:
    return set(ast.literal_eval(_run(python, "-c", FOUND, cwd=cwd)))


@pytest.mark.parametrize("folder", PACKAGES)
def test_a_wheel_alone_brings_its_own_packages(folder: str, python: str, tmp_path: Path) -> None:
    links = ("--no-index", "--find-links", str(_wheels()), "--no-deps")
    _install(python, *links, name_of(folder), cwd=tmp_path)
    assert _importable(python, tmp_path) == PACKAGES[folder]


@pytest.mark.parametrize("folder", PACKAGES)
def test_an_editable_install_alone_brings_its_own_packages(
    folder: str, python: str, tmp_path: Path
) -> None:
    _install(python, "--no-deps", "-e", str(ROOT / folder), cwd=tmp_path)
    assert _importable(python, tmp_path) == PACKAGES[folder]


@pytest.mark.parametrize("folder", PACKAGES)
def test_a_wheel_holds_its_types_its_licence_and_no_cache(folder: str) -> None:
    name = name_of(folder).replace("-", "_")
    (wheel,) = _wheels().glob(f"{name}-[0-9]*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    assert all(f"{package}/py.typed" in names for package in PACKAGES[folder])
    assert any(one.endswith("licenses/LICENSE") for one in names)
    assert not any("__pycache__" in one or one.endswith(".pyc") for one in names)


def _packed(folder: Path, names: list[str]) -> dict[str, bytes]:
    """Return what a wheel or an sdist holds, by its place in the distribution."""
    held = {}
    for file in names:
        if file.endswith(".whl"):
            with zipfile.ZipFile(folder / file) as wheel:
                held |= {name: wheel.read(name) for name in wheel.namelist()}
        else:
            with tarfile.open(folder / file) as sdist:
                for one in sdist.getmembers():
                    read = sdist.extractfile(one)
                    held[one.name.partition("/")[2]] = read.read() if read else b""
    return held


@pytest.mark.parametrize("folder", PACKAGES)
def test_a_wheel_and_its_sdist_hold_nothing_that_git_does_not_track(folder: str) -> None:
    stem = f"{name_of(folder).replace('-', '_')}-{__version__}"
    held = _packed(_wheels(), [f"{stem}-py3-none-any.whl", f"{stem}.tar.gz"])
    known = {(ROOT / name).read_bytes() for name in tracked(ROOT)}
    made = ("PKG-INFO", ".dist-info/METADATA", ".dist-info/WHEEL", ".dist-info/RECORD")
    made += (".dist-info/entry_points.txt",)
    assert [
        name for name, said in held.items() if said not in known and not name.endswith(made)
    ] == []


def test_a_file_left_over_in_a_package_stays_out_of_its_wheel(tmp_path: Path) -> None:
    clone, tree = tmp_path / "clone", tmp_path / "tree"
    copy_tracked(ROOT, clone)
    for words in (("init", "-q"), ("add", "-A")):
        _run("git", *words, cwd=clone)
    left = ("apps/cli/zerogate_cli/left_over.py", "apps/cli/zerogate_cli/notes.txt")
    for name in left:
        (clone / name).write_text("a key, a note, a module half written\n", "utf-8")

    def built(root: Path) -> set[str]:
        out = root.parent / f"{root.name}-built"
        words = ("-m", "build", "--no-isolation", "--wheel", "--outdir", str(out))
        _run(sys.executable, *words, str(root / "apps/cli"), cwd=tmp_path)
        (wheel,) = out.glob("*.whl")
        return {f"apps/cli/{name}" for name in zipfile.ZipFile(wheel).namelist()}

    assert set(left) <= built(clone)  # the backend alone takes it for the project's own
    copy_tracked(clone, tree)
    assert not set(left) & built(tree)


def test_one_that_needs_another_brings_it(python: str, tmp_path: Path) -> None:
    _install(python, "--find-links", str(_wheels()), name_of("apps/cli"), cwd=tmp_path)
    needed = set().union(*(PACKAGES[one] for one in ("apps/cli", *NEEDS["apps/cli"])))
    assert _importable(python, tmp_path) == needed
    assert "takes payments" not in _run(python, "-m", "zerogate_cli", "--version", cwd=tmp_path)


def test_all_of_them_take_payments_and_reconcile_them(python: str, tmp_path: Path) -> None:
    _install(python, "--find-links", str(_wheels()), "zerogate[all]", cwd=tmp_path)
    assert _importable(python, tmp_path) == ALL
    command = Path(python).with_name("zerogate")
    said = _run(str(command), "demo", "--out", str(tmp_path / "demo"), cwd=tmp_path)
    assert "0 charged twice by us" in said
    assert (tmp_path / "demo" / "report" / "report.html").exists()
