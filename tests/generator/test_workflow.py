"""The daily workflow, played: its own steps, a bare origin, and a stand-in for the code host's command."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from attrs import frozen

from openapi.regenerate import source

ROOT = Path(__file__).resolve().parents[2]
WORKFLOW = ROOT / ".github/workflows/spec-bump.yml"
#: In place of the regeneration, which has tests of its own: adopts any file that does not say `refuse`.
REGENERATE = """
import os, pathlib, sys
new = pathlib.Path(os.environ["ZEROGATE_SPEC_URL"]).read_text()
summary = pathlib.Path(sys.argv[sys.argv.index("--summary") + 1])
if "unreachable" in new:
    sys.exit(2)
summary.write_text("What changed: " + new)
if "refuse" in new:
    sys.exit(2)
pathlib.Path("openapi/gate-v1.yaml").write_text(new)
pathlib.Path("generated/API.md").write_text("fact " + new)
sys.exit(3 if "breaking" in new else 0)
"""
#: As `gh` answers; what it is asked, and the pull requests, are kept in a file.
GH = """#!{python}
import json, os, pathlib, sys
state = pathlib.Path(os.environ["GH_STATE"])
kept = json.loads(state.read_text())
words = sys.argv[1:]
kept["asked"].append(words)
named = lambda option: words[words.index(option) + 1]
if words[:2] == ["pr", "list"]:
    print("\\n".join(pr["branch"] for pr in kept["prs"] if pr["state"] == "open"))
elif words[:2] == ["pr", "create"]:
    body = pathlib.Path(named("--body-file")).read_text()
    kept["prs"].append(dict(branch=named("--head"), state="open", draft="--draft" in words, body=body))
elif words[:2] == ["pr", "edit"]:
    for pr in kept["prs"]:
        if pr["branch"] == words[2] and pr["state"] == "open":
            pr["body"] = pathlib.Path(named("--body-file")).read_text()
elif words[:2] != ["workflow", "run"]:
    sys.exit(1)
state.write_text(json.dumps(kept))
"""


@frozen
class Play:
    """An origin, and days on which the workflow runs against it."""

    folder: Path

    @property
    def origin(self) -> Path:
        return self.folder / "origin.git"

    def git(self, where: Path, *words: str) -> str:
        identity = ("-c", "user.name=a", "-c", "user.email=a@a.example")
        done = subprocess.run(["git", *identity, *words], cwd=where, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    @property
    def state(self) -> Any:
        return json.loads((self.folder / "gh.json").read_text("utf-8"))

    @property
    def prs(self) -> list[tuple[str, str]]:
        return [(pr["branch"], pr["state"]) for pr in self.state["prs"]]

    def settle(self, how: str) -> None:
        """A person merges or closes what is open."""
        kept = self.state
        for pr in kept["prs"]:
            if pr["state"] == "open" and how == "merged":
                self.write("main", "merged", f"origin/{pr['branch']}")
            pr["state"] = how if pr["state"] == "open" else pr["state"]
        (self.folder / "gh.json").write_text(json.dumps(kept), "utf-8")

    def write(self, branch: str, message: str, merge: str | None = None) -> None:
        """A person commits to a branch, or merges another into it."""
        clone = self.clone(branch)
        if merge is not None:
            self.git(clone, "merge", "-q", "--no-edit", merge)
        else:
            (clone / "by_hand.py").write_text(message, "utf-8")
            self.git(clone, "add", "by_hand.py")
            self.git(clone, "commit", "-qm", message)
        self.git(clone, "push", "-q", "origin", f"HEAD:{branch}")

    def clone(self, branch: str = "main") -> Path:
        place = self.folder / f"clone{len(list(self.folder.iterdir()))}"
        self.git(self.folder, "clone", "-q", "-b", branch, str(self.origin), str(place))
        return place

    def day(self, contract: str) -> int:
        """Both jobs, as the workflow has them; what they install, fetch and hand over is here already."""
        (self.folder / "vendor.yaml").write_text(contract, "utf-8")
        jobs = source.parse(WORKFLOW.read_text("utf-8"), "workflow")["jobs"]
        temp = self.folder / f"temp{len(list(self.folder.iterdir()))}"
        temp.mkdir()
        for job in ("read", "offer"):
            clone = self.clone()
            for step in jobs[job]["steps"]:
                if "run" in step and step["name"] != "Install":
                    code = self.step(step["run"], clone, temp)
                    if code:
                        return code
        return 0

    def step(self, script: str, clone: Path, temp: Path) -> int:
        environ = {
            **os.environ,
            "PATH": os.pathsep.join([str(self.folder / "bin"), os.environ["PATH"]]),
            "RUNNER_TEMP": str(temp),
            "ZEROGATE_SPEC_URL": str(self.folder / "vendor.yaml"),
            "GH_STATE": str(self.folder / "gh.json"),
        }
        shell = ["bash", "-e", "-c", script]
        return subprocess.run(shell, cwd=clone, env=environ, capture_output=True).returncode

    def log(self, branch: str) -> list[str]:
        return self.git(self.origin, "log", "--format=%s", branch).splitlines()

    def contract(self, branch: str) -> str:
        return self.git(self.origin, "show", f"{branch}:openapi/gate-v1.yaml")


@pytest.fixture
def play(tmp_path: Path) -> Play:
    played = Play(tmp_path)
    seed = tmp_path / "seed"
    files = {
        "openapi/regenerate/__main__.py": REGENERATE,
        "openapi/offer.py": (ROOT / "openapi/offer.py").read_text("utf-8"),
        "openapi/gate-v1.yaml": "one",
        "generated/API.md": "fact one",
    }
    for name, text in files.items():
        (seed / name).parent.mkdir(parents=True, exist_ok=True)
        (seed / name).write_text(text, "utf-8")
    tmp_path.joinpath("bin").mkdir()
    commands = {"gh": GH.replace("{python}", sys.executable),
                "python": f'#!/bin/sh\nexec {sys.executable} "$@"\n'}  # fmt: skip
    for name, text in commands.items():
        (tmp_path / "bin" / name).write_text(text, "utf-8")
        (tmp_path / "bin" / name).chmod(0o755)
    (tmp_path / "gh.json").write_text(json.dumps({"asked": [], "prs": []}), "utf-8")
    played.git(seed, "init", "-q", "-b", "main")
    played.git(seed, "add", "-A")
    played.git(seed, "commit", "-qm", "Seed")
    played.git(tmp_path, "clone", "-q", "--bare", str(seed), str(played.origin))
    return played


def test_a_day_without_news_opens_nothing(play: Play) -> None:
    assert play.day("one") == 0
    assert play.prs == []


def test_a_bump_is_offered_and_its_checks_are_started(play: Play) -> None:
    assert play.day("two, breaking") == 0

    assert play.prs == [("spec-bump", "open")]
    assert play.state["prs"][0]["body"] == "What changed: two, breaking"
    assert ["workflow", "run", "checks.yml", "--ref", "spec-bump"] in play.state["asked"]
    assert play.contract("spec-bump") == "two, breaking"


def test_the_same_bump_is_not_offered_again(play: Play) -> None:
    play.day("two")
    before = play.log("spec-bump")

    assert play.day("two") == 0

    assert play.prs == [("spec-bump", "open")]
    assert play.log("spec-bump") == before


@pytest.mark.parametrize("how", ["merged", "closed"])
def test_a_new_bump_opens_a_new_pull_request_when_the_last_one_is_settled(
    play: Play, how: str
) -> None:
    play.day("two")
    play.settle(how)

    assert play.day("three") == 0

    (_, first), (branch, second) = play.prs
    assert (first, second) == (how, "open")
    assert play.contract(branch) == "three"


def test_a_bump_that_was_closed_is_not_offered_every_day(play: Play) -> None:
    play.day("two")
    play.settle("closed")
    play.day("two")
    play.settle("closed")

    assert play.day("two") == 0

    assert all(state == "closed" for _, state in play.prs)


def test_commits_of_a_person_stay_under_a_newer_bump(play: Play) -> None:
    play.day("two")
    play.write("spec-bump", "Say what reversed means")

    assert play.day("three") == 0

    assert play.prs == [("spec-bump", "open")]
    assert play.log("spec-bump")[:3] == [
        "Regenerate from the vendor's contract",
        "Say what reversed means",
        "Regenerate from the vendor's contract",
    ]
    assert play.state["prs"][0]["body"] == "What changed: three"


def test_a_refused_contract_becomes_one_draft_that_says_why(play: Play) -> None:
    assert play.day("refuse this") == 0
    assert play.day("refuse this") == 0

    (draft,) = play.state["prs"]
    assert draft["draft"]
    assert draft["body"] == "What changed: refuse this"
    assert play.contract(draft["branch"]) == "one"


def test_a_refusal_does_not_touch_the_bump_under_review(play: Play) -> None:
    play.day("two")
    play.day("refuse this")
    play.day("three")

    assert [state for _, state in play.prs] == ["open", "open"]
    assert play.contract("spec-bump") == "three"


def test_an_address_that_does_not_answer_fails_the_job_and_opens_nothing(play: Play) -> None:
    assert play.day("unreachable") == 2
    assert play.prs == []


def test_a_patch_of_anything_else_is_not_applied(play: Play, tmp_path: Path) -> None:
    clone = play.clone()
    (clone / "setup.py").write_text("import this", "utf-8")
    play.git(clone, "add", "-A")
    handed = tmp_path / "handed"
    handed.mkdir()
    (handed / "bump.patch").write_text(play.git(clone, "diff", "--cached") + "\n", "utf-8")
    (handed / "code").write_text("0", "utf-8")

    code = play.step(f"python openapi/offer.py offer {handed}", play.clone(), tmp_path)

    assert code == 1
    assert play.prs == []


def test_what_reads_the_foreign_file_may_write_nothing() -> None:
    workflow = yaml.safe_load(WORKFLOW.read_text("utf-8"))
    assert workflow["permissions"] == {}
    jobs = workflow["jobs"]
    assert set(jobs["read"]["permissions"].values()) == {"read"}
    scripts = [step.get("run", "") for step in jobs["offer"]["steps"]]
    assert not any("regenerate" in script for script in scripts)
    assert "--force" not in WORKFLOW.read_text("utf-8") + (ROOT / "openapi/offer.py").read_text(
        "utf-8"
    )
