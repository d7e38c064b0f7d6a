"""`zerogate probe` as a partner runs it: what it refuses, what it shows and writes, what it leaves behind."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tomllib
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from zerogate_cli.exit_codes import Exit
from zerogate_probe.facts import Facts, load, write
from zerogate_probe.findings import QUESTIONS
from zerogate_probe.receiver import Receiver, listening
from zerogate_sandbox import Sandbox, WallClock
from zerogate_sandbox.interfaces.server import Served

from tests import preloaded

KEY = "sk_test_canary_of_the_probe"
LIVE = "gate-api.0bit.app"
PROBE = [sys.executable, "-m", "zerogate_cli", "probe"]


@pytest.fixture
def served() -> Iterator[Served]:
    with Sandbox(clock=WallClock(), profile="strict").serve() as served:
        yield served


@pytest.fixture
def environ(served: Served) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if "OBIT" not in name}
    return {**kept, "ZEROGATE_SECRET_KEY": KEY, "ZEROGATE_BASE_URL": served.base_url}


@pytest.fixture
def run(environ: dict[str, str], tmp_path: Path) -> Any:
    def run(*words: str, **more: str) -> subprocess.CompletedProcess[str]:
        return preloaded.run("zerogate", "probe", *words, env={**environ, **more}, cwd=tmp_path)

    return run


def sessions(served: Served) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = served.sandbox.books()["sessions"]
    return found


def test_the_table_names_every_question_and_the_file_is_written(
    run: Any, served: Served, tmp_path: Path
) -> None:
    said = run("--yes")
    assert said.returncode == Exit.CLEAN, said.stderr
    assert all(f"  {about} " in said.stdout for about in QUESTIONS)
    assert "409 idempotency_conflict" in said.stdout
    assert "req_" in said.stdout
    facts = load(tmp_path / "gate-facts.toml")
    assert facts["replay_secret"].value is False
    assert facts.host == served.base_url.split("/")[2]
    made = sessions(served)
    assert made
    assert {one["status"] for one in made} == {"cancelled"}
    assert f"{len(made)} of {len(made)} sessions are over" in said.stderr


def test_no_secret_reaches_the_screen_or_the_file(run: Any, served: Served, tmp_path: Path) -> None:
    said = run("--yes", "--json")
    kept = (tmp_path / "gate-facts.toml").read_text("utf-8")
    secrets = [KEY, *(one["client_secret"] for one in sessions(served))]
    assert not [one for one in secrets for text in (kept, said.stdout, said.stderr) if one in text]


def test_json_is_the_same_as_the_file(run: Any, tmp_path: Path) -> None:
    said = json.loads(run("--yes", "--json").stdout)
    kept = tomllib.loads((tmp_path / "gate-facts.toml").read_text("utf-8"))
    assert said["profile"] == kept["profile"]
    assert [one["answer"] for one in said["findings"]] == [
        one["answer"] for one in kept["findings"]
    ]


@pytest.mark.parametrize(
    ("words", "environ_more", "exit", "says"),
    [
        ([], {}, Exit.USAGE, "--yes"),
        (["--yes"], {"ZEROGATE_SECRET_KEY": "sk_live_canary"}, Exit.USAGE, "live key"),
        (
            ["--yes", "--base-url", "https://gate-api.0bit.app/v1"],
            {"ZEROGATE_SECRET_KEY": "sk_live_canary"},
            Exit.USAGE,
            "for the sandbox only",
        ),
        (
            ["--yes", "--base-url", "https://gate-api.0bit.app/v1", "--allow-host", LIVE],
            {},
            Exit.USAGE,
            "for the sandbox only",
        ),
        (["--yes"], {"ZEROGATE_SECOND_KEY": "sk_live_canary"}, Exit.USAGE, "live key"),
        (["--yes"], {"ZEROGATE_SECRET_KEY": ""}, Exit.USAGE, "no key was given"),
        (["--yes", "--out", "nowhere/facts.toml"], {}, Exit.USAGE, "no folder"),
        (["--yes", "--wait", "soon"], {}, Exit.USAGE, "90s, 12m or 26h"),
        (["--yes"], {"ZEROGATE_BASE_URL": "http://127.0.0.1:9/v1"}, Exit.UNAVAILABLE, "no answer"),
        (["--yes", "--amount", "much"], {}, Exit.FAILED, "Gate refuses: 400"),
    ],
)
def test_what_cannot_be_right_makes_no_session(
    run: Any,
    served: Served,
    words: list[str],
    environ_more: dict[str, str],
    exit: Exit,
    says: str,
    tmp_path: Path,
) -> None:
    said = run(*words, **environ_more)
    assert (said.returncode, sessions(served)) == (exit, []), said.stderr
    assert says in said.stderr
    assert "Traceback" not in said.stderr
    assert "canary" not in said.stderr
    assert not list(tmp_path.iterdir())


def test_a_key_that_is_refused_is_a_matter_of_credentials(run: Any, served: Served) -> None:
    served.sandbox.revoke(KEY)
    said = run("--yes")
    assert said.returncode == Exit.CREDENTIALS
    assert "Gate refuses: 401" in said.stderr


def test_an_answer_of_another_mode_ends_it(run: Any, served: Served, tmp_path: Path) -> None:
    served.sandbox.faults.add("wrong_mode", operations="createSession", times=1)
    said = run("--yes")
    assert said.returncode == Exit.CREDENTIALS
    assert "was made in live mode" in said.stderr
    assert [one["status"] for one in sessions(served)] == ["cancelled"]
    assert not list(tmp_path.iterdir())


def test_an_answer_without_an_id_ends_it(run: Any, served: Served) -> None:
    served.sandbox.faults.add("missing_field", field="id", operations="createSession", times=1)
    said = run("--yes")
    assert said.returncode == Exit.UNAVAILABLE
    assert "has no id" in said.stderr
    assert [one["status"] for one in sessions(served)] == ["cancelled"]


def test_a_sandbox_that_answers_nonsense_leaves_nothing_open(run: Any, served: Served) -> None:
    for text in ("[]", "<html>", '{"data": [1, null, {}]}'):
        served.sandbox.faults.add("body", text=text, operations="listSessions", skip=1, times=2)
        served.sandbox.faults.add("body", text=text, operations="lockQuote", times=1)
        said = run("--yes")
        assert "Traceback" not in said.stderr, said.stderr
        served.sandbox.faults.clear()
    assert {one["status"] for one in sessions(served)} == {"cancelled"}


@pytest.mark.parametrize("fault", ["reset", "truncate", "error"])
def test_a_session_whose_answer_was_lost_is_cancelled_too(
    run: Any, served: Served, fault: str
) -> None:
    served.sandbox.faults.add(fault, operations="createSession", when="after", skip=1, times=3)
    said = run("--yes")
    assert "NOT CANCELLED" not in said.stderr
    assert {one["status"] for one in sessions(served)} == {"cancelled"}


def test_a_session_that_cannot_be_cancelled_is_named(run: Any, served: Served) -> None:
    served.sandbox.faults.add("error", operations="cancelSession", status=403, seconds=3_600)
    said = run("--yes")
    assert said.returncode == Exit.FAILED
    left = {one["id"] for one in sessions(served) if one["status"] == "open"}
    assert left
    for id in left:
        assert f"NOT CANCELLED: session {id}: " in said.stderr


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_told_to_end_in_the_middle_it_cancels_what_it_made(
    served: Served, environ: dict[str, str], tmp_path: Path, number: signal.Signals
) -> None:
    process = subprocess.Popen(
        [*PROBE, "--yes", "--wait", "12m"],
        env=environ,
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    assert "waiting until a key is 1 min old" in process.stderr.readline()
    process.send_signal(number)
    out, err = process.communicate(timeout=30)
    assert process.returncode == Exit.INTERRUPTED
    assert "interrupted; gate-facts.toml was not written" in err
    assert "key_scope" in out
    assert {one["status"] for one in sessions(served)} == {"cancelled"}
    assert not list(tmp_path.iterdir())


def test_a_person_is_asked_first(served: Served, environ: dict[str, str], tmp_path: Path) -> None:
    for answer, exit in (("n\n", Exit.USAGE), ("y\n", Exit.CLEAN)):
        ours, theirs = os.openpty()
        process = subprocess.Popen(
            PROBE, env=environ, cwd=tmp_path, stdin=theirs, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        os.write(ours, answer.encode())
        _, err = process.communicate(timeout=60)
        os.close(ours)
        os.close(theirs)
        assert process.returncode == exit, err
        assert "Go on? [y/N]" in err
        assert bool(sessions(served)) == (exit == Exit.CLEAN)


def test_a_sandbox_is_served_from_the_file(run: Any, tmp_path: Path) -> None:
    assert run("--yes").returncode == Exit.CLEAN
    command = [sys.executable, "-m", "zerogate_sandbox", "serve", "--port", "0", "--profile"]
    process = subprocess.Popen(
        [*command, str(tmp_path / "gate-facts.toml")], stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        origin = process.stdout.readline().strip().removesuffix("/v1")
        with urllib.request.urlopen(f"{origin}/_sandbox/profile", timeout=10) as answer:
            profile = json.load(answer)["profile"]
    finally:
        process.terminate()
        process.communicate(timeout=10)
    assert (profile["replay_secret"], profile["session_ids"]) == (False, "prefixed")


@pytest.mark.parametrize("text", ["[profile", "format = 1", "[profile]\nkey_memry = 0"])
def test_a_file_that_is_no_profile_is_refused(text: str, tmp_path: Path) -> None:
    path = tmp_path / "odd.toml"
    path.write_text(text, "utf-8")
    command = [sys.executable, "-m", "zerogate_sandbox", "serve", "--profile", str(path)]
    said = subprocess.run(command, capture_output=True, text=True, timeout=30)
    assert (said.returncode, said.stdout) == (2, "")
    assert "Traceback" not in said.stderr


# --- the file ------------------------------------------------------------------------------------


def test_what_a_stranger_says_cannot_break_the_file(tmp_path: Path) -> None:
    from zerogate_probe import Finding

    odd = 'a "quote", a \\ and \x7f \x1b[31m é 𝄞 \n[store]\nidempotency_window = 1e9'
    facts = Facts("2026", odd, "x", (Finding("x", odd, odd, odd, {}, (odd,)),))
    write(facts, tmp_path / "facts.toml")
    back = load(tmp_path / "facts.toml")
    assert back.store == {}
    assert back.host == "".join(c for c in odd if c.isprintable())
    assert back.findings[0].requests == (back.host,)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "format = 2",
        "format = 1\n[store]\nidempotency_window = 'long'",
        "format = 1\n[store]\nidempotency_window = -1",
        "format = 1\n[store]\nidempotency_window = inf",
        "format = 1\n[store]\nurl = 1",
        "format = 1\nstore = 1",
        "format = 1\n[store]\nidempotency_window = 1" + "0" * 400,
        "format = 1\nprofile = 1",
        "format = 1\nfindings = [1]",
        "format = 1\n[[findings]]\nnames = 1",
        "format = 1\n[[findings]]\nnames = {base = 1}",
        "format = 1\n[[findings]]\nrequests = 1",
        "not toml",
    ],
)
def test_a_file_of_another_kind_is_refused(text: str, tmp_path: Path) -> None:
    path = tmp_path / "facts.toml"
    path.write_text(text, "utf-8")
    with pytest.raises(ValueError, match=r"facts\.toml"):
        load(path)


def test_a_write_that_fails_leaves_the_old_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "facts.toml"
    path.write_text("old", "utf-8")

    def fail(*_: Any) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(os, "replace", fail)
    with pytest.raises(OSError, match="disk full"):
        write(Facts("2026", "h", "c"), path)
    assert [one.read_text("utf-8") for one in tmp_path.iterdir()] == ["old"]


# --- the receiver --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "headers", "status"),
    [
        (b'{"id": "evt_1", "created_at": 5}', {"Gate-Signature": "t=5,v1=ab,v1=cd"}, 503),
        (b'{"id": "evt_1"}', {}, 503),
        (b"[" * 100_000, {}, 400),
        (b"[1]", {}, 400),
        (b"", {}, 400),
    ],
)
def test_the_receiver_bears_strangers(body: bytes, headers: dict[str, str], status: int) -> None:
    with listening("127.0.0.1", 0) as receiver:
        request = urllib.request.Request(
            f"http://127.0.0.1:{receiver.port}/", body, headers, method="POST"
        )
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(request, timeout=10)
        refused.value.close()
        assert refused.value.code == status


def test_what_comes_again_is_taken() -> None:
    receiver = Receiver(0)
    assert [receiver.take(b'{"id": "evt_1"}', "t=1,v1=aa") for _ in range(2)] == [503, 204]
    assert [one.signatures for one in receiver.of("evt_1")] == [1, 1]
