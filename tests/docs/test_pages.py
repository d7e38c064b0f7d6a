"""Every block on the pages of docs/ runs as it stands, in reading order, in one sandbox."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from zerogate import errors
from zerogate_sandbox import Sandbox, WallClock

from tests.docs.commands import Terminal, lines
from tests.docs.pages import DOCS, Block, blocks, reading_order
from tests.docs.surroundings import PREPARED, nothing
from tests.preloaded import shims
from tests.roots import ROOT

PAGES = reading_order()
COMMANDS = ("console", "sh")
#: Read and checked, or shown only: there is nothing to run in them.
SHOWN = {"", "text", "yaml", "js", "json", "diff"}
#: Pages of another story, which another test plays from end to end.
PLAYED = {"spec-bump.md": "tests/generator/test_walkthrough.py"}
#: What a directive above a block may say.
DIRECTIVES = {"", "file", "exit", "step", "elsewhere"}


@pytest.fixture(scope="module")
def origin() -> Iterator[str]:
    """The address of the one sandbox that all pages meet."""
    with Sandbox(seed=0, clock=WallClock()).serve(port=0) as served:
        yield served.origin


@pytest.fixture
def calm(origin: str) -> Iterator[None]:
    """A page may arm faults; the next one begins without."""
    yield
    httpx.delete(f"{origin}/_sandbox/faults").raise_for_status()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder in which a reader tries all pages, one after the other."""
    return tmp_path_factory.mktemp("reader")


@pytest.fixture(scope="module")
def ready(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Our commands, which are imported once for all pages."""
    return shims(tmp_path_factory.mktemp("commands"))


@pytest.mark.usefixtures("calm")
@pytest.mark.parametrize(
    "page",
    [page for page in PAGES if page.name not in PLAYED],
    ids=lambda page: str(page.relative_to(DOCS)),
)
def test_a_page_runs_as_it_stands(
    page: Path, folder: Path, origin: str, ready: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = "-".join(page.relative_to(DOCS).with_suffix("").parts)
    place = folder / name
    place.mkdir()
    key = "sk_test_" + re.sub(r"\W", "", name)
    environment = {
        "ZEROGATE_SECRET_KEY": key,
        "ZEROGATE_PUBLISHABLE_KEY": key.replace("sk_", "pk_"),
        "ZEROGATE_BASE_URL": f"{origin}/v1",
        # A reader's pytest has not these plugins, and theirs are most of the time in which it starts.
        "PYTEST_ADDOPTS": "-p no:schemathesis -p no:hypothesispytest",
    }
    monkeypatch.chdir(place)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    scope: dict[str, Any] = {"__name__": page.stem}
    with PREPARED.get(page.name, nothing)(place, origin) as more:
        terminal = Terminal(place, origin, environment | more, ready)
        for block in blocks(page):
            run(page, block, scope, terminal)


def run(page: Path, block: Block, scope: dict[str, Any], terminal: Terminal) -> None:
    word, value = block.directive
    if word == "file":
        if block.language == "python":
            ast.parse(block.text)
        written = terminal.folder / value
        written.parent.mkdir(parents=True, exist_ok=True)
        written.write_text(block.text, "utf-8")
    elif word in ("step", "elsewhere"):
        pass  # another test plays it
    elif block.language == "python":
        # Its lines are those of the page, so that a traceback leads there.
        exec(compile("\n" * (block.line - 1) + block.text, page.name, "exec"), scope)
    elif block.language in COMMANDS:
        codes = (int(value),) if word == "exit" else (0,)
        for command in lines(block):
            terminal.run(command, codes)
    elif block.language == "toml":
        tomllib.loads(block.text)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(DOCS)))
def test_a_block_that_does_not_run_here_is_named_where_it_does(page: Path) -> None:
    if page.name in PLAYED:
        assert page.name in (ROOT / PLAYED[page.name]).read_text("utf-8")
        return
    for block in blocks(page):
        word, value = block.directive
        assert word in DIRECTIVES, f"{page.name}, line {block.line}: {word}"
        assert block.language in {*SHOWN, *COMMANDS, "python", "toml", "csv"}, block.language
        if word == "elsewhere":
            assert page.name in (ROOT / value).read_text("utf-8"), f"{value} plays {page.name}"
        if word == "step":
            played = (DOCS.parent / "tests/docs/test_quickstart.py").read_text("utf-8")
            assert page.name == "quickstart.md"
            assert f'"{value}"' in played


def test_every_page_is_in_the_reading_order() -> None:
    there = {path for path in DOCS.rglob("*.md") if path.parent.name != "decisions"}
    assert there == set(PAGES)


def test_the_first_page_leads_to_every_page() -> None:
    text = (DOCS / "README.md").read_text("utf-8")
    linked = {(DOCS / link).resolve() for link in re.findall(r"\]\(([^)#:]+)\)", text)}
    assert [str(page) for page in PAGES[1:] if page not in linked] == []


def test_the_tree_of_errors_is_the_one_in_the_code() -> None:
    drawn = [line for line in (errors.__doc__ or "").splitlines() if "──" in line]
    assert "\n".join(drawn) in (DOCS / "errors.md").read_text("utf-8")
