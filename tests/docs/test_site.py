"""The site: what it is staged from, what in it follows from the code; no public name is left out."""

from __future__ import annotations

import argparse
import importlib.util
import re
import sys
from importlib import import_module
from pathlib import Path
from types import ModuleType

import pytest

from tests.docs.pages import DOCS, reading_order
from tests.roots import ROOT


def loaded(name: str) -> ModuleType:
    """Return a module of docs/site, which is a folder of scripts and no package."""
    spec = importlib.util.spec_from_file_location(name, DOCS / "site" / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


BUILD, WRITTEN = loaded("build"), loaded("written")
PUBLIC = (
    "zerogate",
    "zerogate.types",
    "zerogate.webhooks",
    "zerogate.transports",
    "zerogate_store",
    "zerogate_celery",
    "zerogate_otel",
    "zerogate_sandbox",
    "zerogate_ledger",
    "zerogate_probe",
)


@pytest.mark.parametrize("page", sorted(DOCS.rglob("*.md")), ids=lambda page: page.stem)
def test_what_follows_from_the_code_is_what_the_code_has(page: Path) -> None:
    text = page.read_text("utf-8")
    assert WRITTEN.rewritten(text) == text, "nox -s write_docs"


def test_a_part_that_is_stale_is_noticed() -> None:
    text = (DOCS / "reconcile-an-order.md").read_text("utf-8")
    assert WRITTEN.rewritten(text.replace("| `paid_twice` | `Mismatch`", "| `x` |")) == text


def test_every_command_has_its_part() -> None:
    from zerogate_cli.__main__ import COMMANDS

    text = (DOCS / "cli.md").read_text("utf-8")
    assert COMMANDS
    for name in set(COMMANDS) - {"sandbox"}:
        assert f"### `zerogate {name}`" in text
    for name in ("serve", "trigger", "forward"):
        assert f"`zerogate-sandbox {name}`" in text


def test_a_row_of_an_option_stays_a_row() -> None:
    parser = argparse.ArgumentParser(prog="x")
    parser.add_argument("--flag", help="a | b, 5 %% of %(prog)s")
    assert WRITTEN._rows(parser) == ["| `--flag FLAG` | a \\| b, 5 % of x |"]


@pytest.mark.parametrize("module", PUBLIC)
def test_every_public_name_is_in_the_reference(module: str) -> None:
    pages = "".join(page.read_text("utf-8") for page in (DOCS / "api").glob("*.md"))
    named = set(re.findall(r"^::: ([\w.]+)$", pages, re.MULTILINE))
    names = [one for one in import_module(module).__all__ if one not in ("__version__", "webhooks")]
    assert [one for one in names if f"{module}.{one}" not in named] == []


def test_every_name_in_the_reference_is_there() -> None:
    for page in (DOCS / "api").glob("*.md"):
        for name in re.findall(r"^::: ([\w.]+)$", page.read_text("utf-8"), re.MULTILINE):
            home, _, own = name.rpartition(".")
            assert hasattr(import_module(home), own), name


def test_every_error_is_named_where_one_looks_for_it() -> None:
    from zerogate import errors

    text = (DOCS / "errors.md").read_text("utf-8")
    kinds = [name for name, one in vars(errors).items() if isinstance(one, type)]
    public = [name for name in kinds if not name.startswith("_")]
    ours = [name for name in public if issubclass(vars(errors)[name], errors.GateError)]
    assert len(ours) > 15
    assert [name for name in ours if f"`{name}`" not in text] == []


@pytest.mark.parametrize(
    "folder", ["facade", "apps", "examples", "noxfile.py", "openapi/regenerate"]
)
def test_every_environment_variable_is_explained(folder: str) -> None:
    text = (DOCS / "environment.md").read_text("utf-8")
    place = ROOT / folder
    files = [place] if place.is_file() else list(place.rglob("*.py"))
    named = {
        name
        for file in files
        for name in re.findall(r"\b(?:ZEROGATE|OBIT)_[A-Z_]+\b", file.read_text("utf-8"))
    }
    assert named
    assert sorted(name for name in named if f"`{name}`" not in text) == []


def test_links_of_the_repository_become_links_of_the_site(tmp_path: Path) -> None:
    stage = BUILD.Stage(tmp_path)
    stage.write()
    home = (tmp_path / "pages" / "README.md").read_text("utf-8")
    assert "](SECURITY.md)" in home
    decisions = (tmp_path / "pages" / "CONTRIBUTING.md").read_text("utf-8")
    assert "](decisions/README.md)" in decisions
    assert "docs/" not in re.sub(r"`[^`]*`", "", "".join(re.findall(r"\]\(([^)]+)\)", decisions)))


def test_a_link_within_the_pages_leads_to_a_file() -> None:
    for page in [*reading_order(), *(DOCS / "decisions").glob("*.md")]:
        text = re.sub(r"^```.*?^```$", "", page.read_text("utf-8"), flags=re.DOTALL | re.MULTILINE)
        for target in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", text):
            if "://" not in target:
                assert (page.parent / target).exists(), f"{page.name}: {target}"


def test_parameters_that_a_docstring_explains_get_a_heading() -> None:
    parameters = loaded("parameters")
    text = (
        "Do it.\n\nid: Of the session.\nafter, before: Times;\n    aware ones.\n\n"
        "Raises:\n    NotFound: no."
    )
    assert parameters.headed(text, {"id", "after", "before"}, "Args").splitlines() == [
        "Do it.",
        "",
        "",
        "Args:",
        "    id: Of the session.",
        "    after: Times;",
        "        aware ones.",
        "    before: As after.",
        "",
        "Raises:",
        "    NotFound: no.",
    ]
    assert parameters.headed(text, {"other"}, "Args") == text


def test_the_pictures_are_those_that_are_drawn() -> None:
    pictures = loaded("pictures")
    assert pictures.main(["--check"]) == 0, "python docs/site/pictures.py"
    for text in pictures.drawn().values():
        assert "<desc" in text  # said in words to who sees no picture
        assert "://" not in text.replace("http://www.w3.org/2000/svg", "")


def test_a_doctest_is_a_block_of_code() -> None:
    parameters = loaded("parameters")
    text = "Add.\n\n>>> add(1, 2)\n3\n\nid: Of it.\n\n>>> add(2, 2)\n4"
    assert parameters.fenced(text).split("\n") == [
        "Add.",
        "",
        "```pycon",
        ">>> add(1, 2)",
        "3",
        "```",
        "",
        "id: Of it.",
        "",
        "```pycon",
        ">>> add(2, 2)",
        "4",
        "```",
        "",
    ]
