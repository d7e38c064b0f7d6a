"""What a reviewer reads first: documents that say what holds them, and whose links lead somewhere."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
import yaml

from tests.distributions.folders import PACKAGES
from tests.roots import ROOT

SECURITY = (ROOT / "SECURITY.md").read_text("utf-8")
TESTS = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", SECURITY)
DOCUMENTS = ("README.md", "SECURITY.md", "CONTRIBUTING.md", "RELEASING.md", "CHANGELOG.md")
SHIPPED = sorted({"README.md", *(f"{folder}/README.md".removeprefix("./") for folder in PACKAGES)})
LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")


@pytest.mark.parametrize(("file", "name"), TESTS)
def test_a_promise_names_a_test_that_is_there(file: str, name: str) -> None:
    tree = ast.parse((ROOT / file).read_text("utf-8"))
    found = {
        n.name for n in ast.walk(tree) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)
    }
    assert name in found


def test_every_promise_names_a_test() -> None:
    table = SECURITY.split("| promise | test |\n|---|---|\n")[1].split("\n\n")[0].splitlines()
    assert len(table) > 10
    assert all(re.search(r"`tests/[\w/]+\.py::\w+`", row) for row in table)


def test_every_row_of_the_data_map_names_a_test_that_looks() -> None:
    table = SECURITY.split("## Data map")[1].split("## ")[0]
    head, _, *rows = [line for line in table.splitlines() if line.startswith("|")]
    assert head == "| what | where | how long | who erases | looked at by |"
    assert len(rows) >= 15
    assert all(re.search(r"\| (`tests/[\w/]+\.py::\w+` ?)+\|$", row) for row in rows)


@pytest.mark.parametrize(
    "heading",
    [
        "Which versions",
        "How to report",
        "What is promised",
        "Data map",
        "Threat model",
        "What an install",
    ],
)
def test_security_has_a_part_on(heading: str) -> None:
    assert f"\n## {heading}" in SECURITY


def test_a_report_goes_to_no_address_that_nobody_may_read() -> None:
    assert not re.search(r"[\w.+-]+@[\w-]+\.\w+", SECURITY)
    assert "Report a vulnerability" in SECURITY


@pytest.mark.parametrize("document", DOCUMENTS)
def test_a_link_within_the_project_leads_to_a_file(document: str) -> None:
    for target in LINK.findall((ROOT / document).read_text("utf-8")):
        if "://" not in target:
            assert (ROOT / document).parent.joinpath(target).exists(), target


@pytest.mark.parametrize("document", [name for name in SHIPPED if name != "README.md"])
def test_what_a_package_index_shows_has_no_link_into_a_clone(document: str) -> None:
    assert [
        one for one in LINK.findall((ROOT / document).read_text("utf-8")) if "://" not in one
    ] == []


def test_an_index_gets_a_readme_whose_links_work_there() -> None:
    pytest.importorskip("hatchling")  # of the group `test`; what builds the wheel brings it along
    from facade.index_readme import for_index

    text = (ROOT / "README.md").read_text("utf-8")
    bare = for_index(text, None, "1.0")
    assert "Everything said here was tried" in bare
    assert [one for one in LINK.findall(bare) if "://" not in one] == []
    linked = for_index(text, "https://code.example/zerogate/", "1.0")
    assert "](https://code.example/zerogate/blob/v1.0/docs/quickstart.md)" in linked
    assert [one for one in LINK.findall(linked) if "://" not in one] == []
    assert (
        for_index("[a](https://x.example) [b](#c)", None, "1") == "[a](https://x.example) [b](#c)"
    )


def test_until_the_names_are_ours_no_page_lets_an_index_resolve_them() -> None:
    """RELEASING.md registers them; on that day this test goes, and the pages say `pip install`."""
    asks = re.compile(r"\binstall\b[^`\n]*zerogate(?:-|\[[^]\n]*\b(?:sandbox|ledger|cli|all)\b)")
    pages = [ROOT / "README.md", *(ROOT / "docs").rglob("*.md"), *(ROOT / "apps").rglob("*.md")]
    assert asks.search("pipx install zerogate-cli")
    assert asks.search("pip install 'zerogate[store,ledger]'")
    assert [page.name for page in pages if asks.search(page.read_text("utf-8"))] == []


def test_owners_are_named_for_everything() -> None:
    lines = (ROOT / ".github" / "CODEOWNERS").read_text("utf-8").splitlines()
    rules = [line.split() for line in lines if line and not line.startswith("#")]
    assert rules[0][0] == "*"
    assert all(len(rule) >= 2 for rule in rules)
    for pattern, *_ in rules[1:]:
        assert (ROOT / pattern.strip("/")).exists(), pattern


@pytest.mark.parametrize(
    "file", sorted((ROOT / ".github" / "ISSUE_TEMPLATE").glob("*.yml")), ids=lambda f: f.stem
)
def test_a_form_of_an_issue_is_one(file: Path) -> None:
    form = yaml.safe_load(file.read_text("utf-8"))
    if file.stem == "config":
        assert form["blank_issues_enabled"] is False
        return
    assert {"name", "description", "body"} <= form.keys()
    assert "key" in file.read_text("utf-8").lower()  # asks for none to be pasted


def test_pre_commit_runs_the_versions_that_the_project_pins() -> None:
    hooks = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text("utf-8"))["repos"]
    assert [repo["repo"] for repo in hooks] == ["local"]
    pyproject = (ROOT / "pyproject.toml").read_text("utf-8")
    wanted = [one for hook in hooks[0]["hooks"] for one in hook.get("additional_dependencies", [])]
    assert wanted
    assert all(f'"{one}"' in pyproject for one in wanted)
