"""The code host asks what .ci/run asks, with actions that nobody can change under us and few rights."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.distributions.folders import PACKAGES, name_of
from tests.distributions.folders import read as read_pyproject
from tests.repository.workflows import (
    NAMES,
    OURS,
    ci_run,
    commands,
    jobs,
    read,
    sessions,
    steps,
    uses,
)
from tests.roots import ROOT

PYTHONS = ["3.11", "3.12", "3.13", "3.14"]
PINNED = re.compile(r"[\w-]+/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+")
JOBS = [(name, job) for name in OURS for job in jobs(name)]


def _job(name: str, job: str) -> dict[str, Any]:
    return jobs(name)[job]


@pytest.mark.parametrize("name", OURS)
def test_every_action_is_pinned_by_its_commit_with_its_version_behind_it(name: str) -> None:
    called = uses(name)
    assert called
    assert [one for one in called if not (PINNED.fullmatch(one) or one.startswith("./."))] == []


@pytest.mark.parametrize(
    "written",
    ["actions/checkout@v4", "actions/checkout@3d3c42e # v7.0.1", "a/b@" + "0" * 40, "a/b@main"],
)
def test_what_counts_as_no_pin(written: str) -> None:
    assert PINNED.fullmatch(written) is None


def test_one_action_has_one_commit_everywhere() -> None:
    pinned = {
        tuple(one.split(" ")[0].split("@")) for name in OURS for one in uses(name) if "@" in one
    }
    assert len({action for action, _ in pinned}) == len(pinned)


@pytest.mark.parametrize("name", OURS)
def test_a_workflow_begins_with_no_right_at_all(name: str) -> None:
    assert read(name)["permissions"] == {}
    assert "concurrency" in read(name)


@pytest.mark.parametrize(("name", "job"), JOBS)
def test_a_job_names_its_rights_and_ends(name: str, job: str) -> None:
    found = _job(name, job)
    assert isinstance(found["permissions"], dict)
    assert found["permissions"]
    if "uses" not in found:
        assert 0 < found["timeout-minutes"] <= 60


@pytest.mark.parametrize("name", NAMES)
def test_nothing_runs_with_rights_for_a_stranger_s_change(name: str) -> None:
    assert not {"pull_request_target", "workflow_run", "issue_comment"} & set(read(name)["on"])


def test_the_checks_may_read_and_nothing_else() -> None:
    assert all(job["permissions"] == {"contents": "read"} for job in jobs("checks.yml").values())


@pytest.mark.parametrize("name", OURS)
def test_no_checkout_leaves_its_token_in_the_tree(name: str) -> None:
    checkouts = [
        step for step in steps(name) if step.get("uses", "").startswith("actions/checkout@")
    ]
    assert checkouts
    # One that is given a token of its own is there to push with it, and reads nothing of strangers.
    held = [step for step in checkouts if "token" not in step["with"]]
    assert all(step["with"]["persist-credentials"] is False for step in held)


@pytest.mark.parametrize("name", OURS)
def test_no_expression_is_written_into_a_script(name: str) -> None:
    assert not [step["run"] for step in steps(name) if "${{" in step.get("run", "")]


def test_the_checks_ask_every_task_that_ci_run_asks() -> None:
    asked = sessions(commands("checks.yml"))
    assert {"regenerate", "unasync", "lint", "types", "audit", "tests"} <= sessions(ci_run())
    assert sessions(ci_run()) <= asked
    for line in ("-s regenerate -- --check", "-s unasync -- --check"):
        assert line in ci_run()
        assert line in commands("checks.yml")


@pytest.mark.parametrize("name", OURS)
def test_every_task_that_is_asked_is_one_of_the_noxfile(name: str) -> None:
    noxfile = (ROOT / "noxfile.py").read_text("utf-8")
    known = set(re.findall(r"@nox\.session[^\n]*\ndef (\w+)\(", noxfile))
    assert sessions(commands(name)) <= known
    assert sessions(ci_run()) <= known


def test_every_folder_that_the_noxfile_names_is_there() -> None:
    named = re.findall(
        r'"((?:tests|apps|facade|bench)/[\w/.]+)"', (ROOT / "noxfile.py").read_text("utf-8")
    )
    assert len(named) > 5
    assert [one for one in named if not (ROOT / one).exists()] == []


def test_what_ci_run_exports_the_checks_set() -> None:
    exported = dict(re.findall(r"\b(ZEROGATE_\w+)=(\S+)", ci_run()))
    assert exported["ZEROGATE_REQUIRE_SERVICES"] == "1"
    assert exported.items() <= _job("checks.yml", "tests")["env"].items()


def test_every_python_that_we_support_is_tried_and_the_oldest_versions_with_the_oldest() -> None:
    matrix = _job("checks.yml", "tests")["strategy"]["matrix"]
    assert matrix["python"] == PYTHONS
    assert matrix["include"] == [
        {"session": "lowest", "python": PYTHONS[0]},
        {"session": "thorough", "python": "3.12"},
        {"session": "rehearsal", "python": "3.12"},
        {"session": "coverage", "python": "3.12"},
    ]
    for folder in PACKAGES:
        project = read_pyproject(folder)["project"]
        named = [one.split(" :: ")[-1] for one in project["classifiers"] if "Python :: 3." in one]
        assert set(named) <= set(PYTHONS)
        assert project["requires-python"] == f">={PYTHONS[0]}"


def test_every_service_says_when_it_is_well() -> None:
    services = _job("checks.yml", "tests")["services"]
    assert set(services) == {"postgres", "redis", "rabbitmq"}
    for service in services.values():
        assert "--health-cmd" in service["options"]
        assert all(port.startswith("127.0.0.1:") for port in service["ports"])


def test_a_missing_browser_ends_the_run_before_the_tests() -> None:
    job = _job("checks.yml", "tests")
    runs = [step.get("run", "") for step in job["steps"]]
    for name in ("ZEROGATE_TEST_CHROMIUM", "ZEROGATE_TEST_CHROMEDRIVER"):
        assert name in job["env"]
        assert any(name in run for run in runs)
    assert not any("|| true" in run for run in runs)


def test_systems_that_nobody_tried_are_not_promised() -> None:
    tried = _job("checks.yml", "elsewhere")
    assert tried["continue-on-error"] is True
    for folder in PACKAGES:
        said = [
            one for one in read_pyproject(folder)["project"]["classifiers"] if "Operating" in one
        ]
        assert said == ["Operating System :: POSIX :: Linux"]


def test_a_release_waits_for_the_checks_and_publishes_what_was_attested() -> None:
    found = jobs("release.yml")
    assert found["build"]["needs"] == "checks"
    assert found["provenance"]["needs"] == "build"
    assert found["publish"]["needs"] == "provenance"
    assert found["announce"]["needs"] == "publish"


def test_all_four_are_published_and_the_one_that_names_the_others_last() -> None:
    publish = _job("release.yml", "publish")
    projects = publish["strategy"]["matrix"]["project"]
    assert sorted(projects) == sorted(name_of(folder) for folder in PACKAGES)
    assert projects[-1] == "zerogate"
    assert publish["strategy"]["max-parallel"] == 1
    assert publish["environment"] == "pypi-${{ matrix.project }}"


def test_who_may_publish_builds_nothing_and_who_builds_may_not_publish() -> None:
    for job in jobs("release.yml").values():
        runs = " ".join(step.get("run", "") for step in job.get("steps", []))
        if "id-token" in job["permissions"]:
            assert "nox" not in runs
            assert "--require-hashes" in runs or "pip install" not in runs


def test_each_file_is_signed_and_sent_with_what_was_signed(tmp_path: Path) -> None:
    """The script as it stands, with stand-ins that write down how they were called."""
    (step,) = [
        one for one in _job("release.yml", "publish")["steps"] if "PROJECT" in one.get("env", {})
    ]
    for name in ("python", "uv"):
        (tmp_path / name).write_text(
            f'#!/bin/sh\necho {name} "$@" >> "{tmp_path}/called"\n', "utf-8"
        )
        (tmp_path / name).chmod(0o755)
    known = {
        "PATH": f"{tmp_path}:/usr/bin:/bin",
        "PROJECT": "zerogate-cli",
        "GITHUB_REF_NAME": "v1.2.3",
    }
    subprocess.run(["bash", "-e", "-c", step["run"]], env=known, cwd=tmp_path, check=True)
    signed, sent = (line.split() for line in (tmp_path / "called").read_text("utf-8").splitlines())
    files = ["dist/zerogate_cli-1.2.3-py3-none-any.whl", "dist/zerogate_cli-1.2.3.tar.gz"]
    assert signed == ["python", "-m", "pypi_attestations", "sign", *files]
    assert sent[:4] == ["uv", "publish", "--trusted-publishing", "always"]
    assert sorted(sent[4:]) == sorted([*files, *(f"{file}.publish.attestation" for file in files)])


def test_a_release_knows_no_password() -> None:
    text = (ROOT / ".github" / "workflows" / "release.yml").read_text("utf-8")
    assert "secrets." not in text
    assert "--trusted-publishing always" in text
    assert "pypi_attestations sign" in text
