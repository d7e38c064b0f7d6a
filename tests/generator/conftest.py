"""A small project of its own for each test: a contract, an overlay, and what is made of them."""

import importlib
import io
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import redirect_stderr, redirect_stdout
from functools import lru_cache
from pathlib import Path
from types import ModuleType
from typing import Any
from urllib.parse import urljoin

import pytest
from attrs import frozen
from jinja2 import Environment

from openapi.regenerate.cli import main

HERE = Path(__file__).parent


@frozen
class Run:
    """What a run of the command left behind, apart from files."""

    code: int
    out: str
    err: str


@frozen
class Project:
    """A root folder like the real one, with nothing in it but what regeneration reads and writes."""

    root: Path

    @property
    def contract(self) -> Path:
        return self.root / "openapi" / "gate-v1.yaml"

    @property
    def overlay(self) -> Path:
        return self.root / "openapi" / "overlay.yaml"

    @property
    def generated(self) -> Path:
        return self.root / "generated"

    @property
    def api_md(self) -> list[str]:
        return (self.generated / "API.md").read_text("utf-8").splitlines()

    def regenerate(self, *arguments: str) -> Run:
        out, err = io.StringIO(), io.StringIO()
        with redirect_stdout(out), redirect_stderr(err):
            code = main(arguments, self.root)
        return Run(code, out.getvalue(), err.getvalue())

    def edit(self, old: str, new: str) -> None:
        """Change the contract; the old text must be there, once."""
        text = self.contract.read_text("utf-8")
        assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in the contract"
        self.contract.write_text(text.replace(old, new), "utf-8")

    def files(self) -> dict[str, bytes]:
        """Every file below the root, with its bytes."""
        return {
            path.relative_to(self.root).as_posix(): path.read_bytes()
            for path in sorted(self.root.rglob("*"))
            if path.is_file() and "__pycache__" not in path.parts
        }


@pytest.fixture(autouse=True, scope="session")
def _templates_are_compiled_once() -> Iterator[None]:
    """Compiling the generator's templates is most of a run, and each run has an environment of its own."""
    compiled: dict[Any, Any] = {}
    compile_anew = Environment.compile

    def compile_once(self: Environment, *source: Any, **more: Any) -> Any:
        key = (*source, *more.items())
        if key not in compiled:
            compiled[key] = compile_anew(self, *source, **more)
        return compiled[key]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Environment, "compile", compile_once)
        yield


@pytest.fixture(autouse=True, scope="session")
def _addresses_are_joined_once() -> Iterator[None]:
    """The validator joins the same few addresses a thousand times for each contract."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("referencing._core.urljoin", lru_cache(maxsize=4_096)(urljoin))
        yield


@pytest.fixture(scope="session")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project that has been regenerated once."""
    project = Project(tmp_path_factory.mktemp("finished"))
    project.contract.parent.mkdir()
    shutil.copy(HERE / "contract.yaml", project.contract)
    shutil.copy(HERE / "overlay.yaml", project.overlay)
    done = project.regenerate()
    assert done.code == 0, done.err
    return project.root


@pytest.fixture(scope="session")
def real_root() -> Path:
    """The project that these tests belong to."""
    return HERE.parents[1]


@pytest.fixture
def project(finished: Path, tmp_path: Path) -> Project:
    """A project of which nothing is stale."""
    return Project(Path(shutil.copytree(finished, tmp_path / "project")))


@pytest.fixture
def client_of() -> Iterator[Callable[[Project], ModuleType]]:
    """Imports a project's generated package under a name of its own, and forgets it afterwards."""
    names: list[str] = []

    def load(project: Project) -> ModuleType:
        name = f"client_{len(names)}_{abs(hash(project.root))}"
        names.append(name)
        (project.root / name).symlink_to(project.generated / "zerogate_api")
        sys.path.insert(0, str(project.root))
        try:
            importlib.invalidate_caches()
            return importlib.import_module(name)
        finally:
            sys.path.remove(str(project.root))

    yield load
    for loaded in [m for m in sys.modules if m.partition(".")[0] in names]:
        del sys.modules[loaded]
