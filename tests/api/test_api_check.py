"""`nox -s api_check` bites: rehearsed on a repository with a release, and with a break after it."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]


def git(root: Path, *words: str) -> None:
    names = ["-c", "user.name=a", "-c", "user.email=a@shop.example", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", "-C", str(root), *names, *words], check=True, capture_output=True)


@pytest.fixture
def released(tmp_path: Path) -> Path:
    """A repository with the façade as it is."""
    skip = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "facade", tmp_path / "facade", ignore=skip)
    git(tmp_path, "init", "-q", "-b", "main")
    git(tmp_path, "add", "-A")
    git(tmp_path, "commit", "-q", "-m", "release")
    return tmp_path


def check(root: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(ROOT / "facade/api_check.py"), "--root", str(root)]
    return subprocess.run(command, capture_output=True, text=True, timeout=60)


def edit(root: Path, path: str, old: str, new: str) -> None:
    file = root / "facade/zerogate" / path
    text = file.read_text("utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), "utf-8")


def test_without_a_release_there_is_nothing_to_break(released: Path) -> None:
    edit(released, "__init__.py", '    "for_browser",\n', "")
    said = check(released)
    assert (said.returncode, said.stderr) == (0, "")
    assert "no release yet" in said.stdout


def test_a_tag_that_is_no_release_is_none(released: Path) -> None:
    git(released, "tag", "nightly")
    assert "no release yet" in check(released).stdout


def test_what_only_grows_breaks_nothing(released: Path) -> None:
    git(released, "tag", "v0.1.0")
    edit(
        released,
        "_sync/sessions.py",
        "    def retrieve(",
        "    def more(self) -> None: ...\n\n    def retrieve(",
    )
    edit(
        released,
        "_idempotency/keys.py",
        "def fresh_key(",
        "def _quite_private() -> None: ...\n\n\ndef fresh_key(",
    )
    said = check(released)
    assert (said.returncode, said.stdout) == (0, "nothing breaks since v0.1.0\n"), said.stdout


#: What is altered: the file, what stands there, what then does, and what is said of it.
BREAKS = [
    ("__init__.py", '    "fresh_key",\n', "", "fresh_key: no longer in __all__"),
    ("_sync/sessions.py", "    def cancel(", "    def stop(", "Sessions.cancel"),
    (
        "_async/sessions.py",
        "    async def cancel(",
        "    async def stop(",
        "AsyncSessions.cancel",
    ),
    (
        "_sync/transactions.py",
        "def retrieve(self, refid: str, *,",
        "def retrieve(self, refid: str, *, session_id: str,",
        "Transactions.retrieve(session_id): Parameter was added as required",
    ),
    ("_sync/client.py", "        namespace: str =", "        space: str =", "Gate"),
    ("errors.py", "class OutcomeUnknown(", "class Unclear(", "OutcomeUnknown"),
    ("money.py", "    def wire(", "    def written(", "Money.wire"),
    ("types.py", '    "Session",\n', "", "Session: no longer in __all__"),
    (
        "webhooks/_signatures.py",
        "secret: str | WebhookSecret, *, now: float",
        "secret: str | WebhookSecret, *, at: float",
        "sign(now)",
    ),
]


def test_what_breaks_those_who_upgrade_is_named(released: Path) -> None:
    """All at once: a check reads the whole façade twice, whatever has changed in it."""
    git(released, "tag", "v0.1.0")
    for path, old, new, _ in BREAKS:
        edit(released, path, old, new)
    said = check(released)
    assert [says for *_, says in BREAKS if says not in said.stdout] == []
    assert said.returncode == 1
    assert "since v0.1.0: mend them, or raise the version" in said.stderr
    assert str(released) not in said.stdout


@pytest.mark.parametrize(
    ("tag", "version", "code"),
    [
        ("v0.1.0", "0.1.1", 1),
        ("v0.1.0", "0.2.0", 0),
        ("v1.1.0", "1.2.0", 1),
        ("v1.1.0", "2.0.0", 0),
    ],
)
def test_a_version_that_says_so_may_break(
    released: Path, tag: str, version: str, code: int
) -> None:
    git(released, "tag", tag)
    edit(released, "errors.py", "class OutcomeUnknown(", "class Unclear(")
    about = released / "facade/zerogate/_about.py"
    text = re.sub(r'(__version__[^=\n]*= *)"[^"]+"', rf'\1"{version}"', about.read_text("utf-8"))
    about.write_text(text, "utf-8")
    assert check(released).returncode == code


def test_this_repository_breaks_nothing() -> None:
    said: Any = check(ROOT)
    assert said.returncode == 0, said.stdout + said.stderr
