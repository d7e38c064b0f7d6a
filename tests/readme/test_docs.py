"""The Python in docs/ runs as it stands, each block by itself, against the sandbox."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from zerogate import errors
from zerogate_sandbox import Sandbox, WallClock

DOCS = Path(__file__).resolve().parents[2] / "docs"
PYTHON = re.compile(r"^```python\n(.*?)^```", re.DOTALL | re.MULTILINE)
#: Its blocks build on one another, and have a test beside the sandbox's.
ELSEWHERE = {"sandbox.md"}
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


def test_the_tree_of_errors_is_the_one_in_the_code() -> None:
    drawn = [line for line in (errors.__doc__ or "").splitlines() if "──" in line]
    assert "\n".join(drawn) in (DOCS / "errors.md").read_text("utf-8")
