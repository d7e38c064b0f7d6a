"""The Python in docs/ runs as it stands, each block by itself, against the sandbox."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from zerogate import errors
from zerogate_sandbox import Sandbox, WallClock

TESTS = Path(__file__).resolve().parents[1]
DOCS = TESTS.parent / "docs"
PYTHON = re.compile(r"^```python\n(.*?)^```", re.DOTALL | re.MULTILINE)
#: Pages whose blocks need more than a sandbox, and the test that holds them to what there is.
ELSEWHERE = {
    "ledger-at-scale.md": "ledger/test_documentation.py",
    "ledger.md": "ledger/test_documentation.py",
    "sandbox.md": "sandbox/test_docs.py",
    "spec-bump.md": "generator/test_walkthrough.py",
}
BLOCKS = [
    pytest.param(path.name, block[1], id=f"{path.name}, block {number}")
    for path in sorted(DOCS.glob("*.md"))
    if path.name not in ELSEWHERE
    for number, block in enumerate(PYTHON.finditer(path.read_text("utf-8")), 1)
]


@pytest.fixture
def surroundings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """An empty folder, and a sandbox that the environment names."""
    with Sandbox(seed=0, clock=WallClock()).serve(port=0) as served:
        monkeypatch.chdir(tmp_path)
        monkeypatch.setenv("ZEROGATE_SECRET_KEY", "sk_test_docs")
        monkeypatch.setenv("ZEROGATE_BASE_URL", served.base_url)
        yield


@pytest.mark.usefixtures("surroundings")
@pytest.mark.parametrize(("page", "block"), BLOCKS)
def test_a_block_of_python_runs(page: str, block: str) -> None:
    scope: dict[str, Any] = {"__name__": page}
    exec(compile(block, page, "exec"), scope)


@pytest.mark.parametrize(("page", "test"), ELSEWHERE.items())
def test_a_page_that_cannot_run_by_itself_is_tested_elsewhere(page: str, test: str) -> None:
    assert page in (TESTS / test).read_text("utf-8")
    for block in PYTHON.findall((DOCS / page).read_text("utf-8")):
        compile(block, page, "exec")


def test_the_tree_of_errors_is_the_one_in_the_code() -> None:
    drawn = [line for line in (errors.__doc__ or "").splitlines() if "──" in line]
    assert "\n".join(drawn) in (DOCS / "errors.md").read_text("utf-8")
