"""What one run of the command writes, compares and leaves alone."""

import subprocess
import sys
from pathlib import Path

import pytest

from openapi.regenerate import check, replace, steps

ROOT = Path(__file__).parents[2]


def test_a_second_run_changes_nothing(project):
    before = project.files()
    written = (project.generated / "API.md").stat().st_mtime_ns

    assert project.regenerate().code == 0

    assert project.files() == before
    assert (project.generated / "API.md").stat().st_mtime_ns == written


def test_what_was_just_generated_passes_the_check(project):
    done = project.regenerate("--check")

    assert (done.code, done.out) == (0, "")


def test_a_hand_edited_file_is_drift(project):
    edited = project.generated / "zerogate_api" / "models" / "flow.py"
    edited.write_text(edited.read_text() + "\n# mine\n")

    done = project.regenerate("--check")

    assert (done.code, done.out) == (1, "generated/zerogate_api/models/flow.py: differs\n")
    assert "nox -s regenerate" in done.err


def test_an_extra_file_is_drift(project):
    (project.generated / "zerogate_api" / "models" / "mine.py").write_text("")

    done = project.regenerate("--check")

    assert (done.code, done.out) == (1, "generated/zerogate_api/models/mine.py: not generated\n")


def test_a_missing_file_is_drift(project):
    (project.generated / "zerogate_api" / "py.typed").unlink()

    done = project.regenerate("--check")

    assert (done.code, done.out) == (1, "generated/zerogate_api/py.typed: missing\n")


def test_a_contract_that_moved_on_is_drift_even_if_only_its_prose_did(project):
    project.edit("description: A page.", "description: One page.")

    done = project.regenerate("--check")

    assert (done.code, done.out) == (1, "generated/lock.json: differs\n")


def test_the_check_writes_nothing(project):
    project.edit("[on_ramp, off_ramp]", "[on_ramp, off_ramp, swap]")
    before = project.files()

    assert project.regenerate("--check").code == 1

    assert project.files() == before


def test_a_stale_file_is_removed(project):
    (project.generated / "zerogate_api" / "models" / "mine.py").write_text("")

    done = project.regenerate()

    assert (done.code, done.out) == (0, "generated/zerogate_api/models/mine.py: removed\n")


def test_a_garbled_api_md_is_written_anew(project):
    before = project.files()
    api_md = project.generated / "API.md"
    api_md.write_text(
        api_md.read_text().replace("field Error.type: string, required", "field Error.type")
    )

    done = project.regenerate()

    assert done.code == 0
    assert "generated/API.md: garbled, so nothing could be compared with it" in done.out
    assert project.files() == before


def test_a_summary_that_has_no_place_is_refused_before_anything_is_done(project):
    project.edit("[on_ramp, off_ramp]", "[on_ramp, swap]")
    before = project.files()

    done = project.regenerate("--summary", str(project.root / "nowhere" / "summary.md"))

    assert done.code == 2
    assert "there is no such folder" in done.err
    assert project.files() == before


def test_changing_one_enum_touches_its_two_lines_and_its_module_only(project):
    before, lines = project.files(), project.api_md
    project.edit("[on_ramp, off_ramp]", "[on_ramp, swap]")

    assert project.regenerate().code == 0

    after = project.files()
    changed = {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}
    assert changed == {
        "openapi/gate-v1.yaml",
        "generated/API.md",
        "generated/lock.json",
        "generated/zerogate_api/models/flow.py",
    }
    assert sorted(set(lines) - set(project.api_md)) == ['enum Flow "off_ramp"']
    assert sorted(set(project.api_md) - set(lines)) == ['enum Flow "swap"']


def test_a_new_field_touches_its_model_and_one_line(project):
    before, lines = project.files(), project.api_md
    project.edit(
        "        currency: { type: string }\n",
        "        currency: { type: string }\n        channel: { type: string }\n",
    )

    assert project.regenerate().code == 0

    after = project.files()
    assert {name for name in after if before.get(name) != after[name]} == {
        "openapi/gate-v1.yaml",
        "generated/API.md",
        "generated/lock.json",
        "generated/zerogate_api/models/create_session_request.py",
    }
    new = set(project.api_md) - set(lines)
    assert new == {"field CreateSessionRequest.channel: string, optional"}


@pytest.mark.parametrize("failure", [KeyboardInterrupt, RuntimeError, MemoryError])
@pytest.mark.parametrize("step", ["generate", "complete", "second rename"])
def test_a_failure_half_way_leaves_everything_as_it_was(project, monkeypatch, step, failure):
    project.edit("[on_ramp, off_ramp]", "[on_ramp, swap]")
    adopted = project.root / "other.yaml"
    adopted.write_text(project.contract.read_text().replace("Small Gate", "Other Gate"))
    before = project.files()

    def fail(*_: object) -> None:
        raise failure

    if step == "generate":
        monkeypatch.setattr(steps, "generate", fail)
    elif step == "complete":
        monkeypatch.setattr(check, "complete", fail)
    else:
        rename, calls = Path.rename, []

        def failing_rename(self: Path, target: Path) -> Path:
            calls.append(self)
            return fail() if len(calls) == 3 else rename(self, target)

        monkeypatch.setattr(replace.Path, "rename", failing_rename)

    if failure is KeyboardInterrupt:
        assert project.regenerate("--spec", str(adopted)).code == 130
    else:
        with pytest.raises(failure):
            project.regenerate("--spec", str(adopted))
    assert project.files() == before


def test_the_real_generated_client_is_what_its_contract_gives_whatever_the_hash_seed():
    """By one seed that whoever wrote it has hardly had; CI asks the same by another, at random."""
    done = subprocess.run(
        [sys.executable, "openapi/regenerate", "--check"],
        cwd=ROOT,
        env={"PYTHONHASHSEED": "1", "PATH": "/nonexistent"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_check_and_spec_together_are_refused(project, capsys):
    with pytest.raises(SystemExit) as stopped:
        project.regenerate("--check", "--spec", "x.yaml")

    assert stopped.value.code == 2


def test_other_tool_versions_are_refused_before_they_write_other_bytes(project, monkeypatch):
    monkeypatch.setattr("openapi.regenerate.lock.version", lambda name: "0.0.1")
    before = project.files()

    done = project.regenerate()

    assert done.code == 2
    assert "0.0.1" in done.err
    assert "requirements.txt" in done.err
    assert project.files() == before
