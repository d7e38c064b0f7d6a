"""The command of the sandbox as a person uses it: its start page, its log, its events, the environment."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

KEY = "sk_test_canary_shop"


def start(*words: str, **environ: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "zerogate_sandbox", *words]
    pipe = subprocess.PIPE
    env = {**os.environ, **environ}
    return subprocess.Popen(command, stdout=pipe, stderr=pipe, text=True, env=env)


def end(process: subprocess.Popen[str]) -> tuple[int, str]:
    """Interrupt it as Ctrl-C does; its code, and the rest of what it said to a person."""
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=600)
    return process.returncode, said


@pytest.fixture
def serving() -> Iterator[subprocess.Popen[str]]:
    process = start("serve", "--port", "0", "--seed", "3")
    yield process
    if process.poll() is None:
        process.kill()
        process.communicate()


def line(stream: Any) -> str:
    said: str = stream.readline()
    return said.strip()


def test_serve_logs_each_request_without_its_key(serving: subprocess.Popen[str]) -> None:
    base_url = line(serving.stdout)
    assert line(serving.stderr) == f"start page: {base_url.removesuffix('/v1')}/"
    assert "sk_test_NAME" in line(serving.stderr)
    headers = {"authorization": f"Bearer {KEY}"}
    httpx.get(f"{base_url}/gate_sessions?status=open", headers=headers, trust_env=False)
    httpx.get(f"{base_url}/nothing", headers=headers, trust_env=False)
    # Somebody who looks again and again is not told of.
    httpx.get(f"{base_url.removesuffix('/v1')}/_sandbox/clock", trust_env=False)
    code, said = end(serving)
    first, second, last = said.splitlines()
    assert re.fullmatch(r"\d\d:\d\d:\d\d  200  GET /v1/gate_sessions  \d+ ms  req_[0-9a-f]+", first)
    assert re.fullmatch(r"\d\d:\d\d:\d\d  404  GET /v1/nothing  \d+ ms  req_[0-9a-f]+", second)
    assert (code, last) == (130, "zerogate-sandbox serve: ended")
    assert "canary" not in said


def test_serve_is_quiet_where_that_is_wanted() -> None:
    process = start("serve", "--port", "0", "--quiet")
    base_url = line(process.stdout)
    httpx.get(f"{base_url}/gate_sessions", trust_env=False)
    _, said = end(process)
    assert "GET" not in said


def test_the_start_page_has_the_addresses_and_no_secret(serving: subprocess.Popen[str]) -> None:
    base_url = line(serving.stdout)
    origin = base_url.removesuffix("/v1")
    page = httpx.get(f"{origin}/", trust_env=False)
    assert page.status_code == 200
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert page.headers["content-security-policy"].startswith("default-src 'none'")
    assert f"export ZEROGATE_BASE_URL={base_url}" in page.text
    assert "{origin}" not in page.text
    assert (
        httpx.get(f"{origin}/", headers={"host": "evil.example"}, trust_env=False).status_code
        == 403
    )


def test_what_the_start_page_says_to_try_works(serving: subprocess.Popen[str]) -> None:
    base_url = line(serving.stdout)
    page = httpx.get(base_url.removesuffix("/v1") + "/", trust_env=False).text
    script = re.search(r"python -c '(from zerogate[^']+)'", page)
    assert script is not None
    env = {**os.environ, "ZEROGATE_BASE_URL": base_url, "ZEROGATE_SECRET_KEY": KEY}
    ran = subprocess.run(
        [sys.executable, "-c", script[1]], env=env, capture_output=True, text=True, check=True
    )
    address, _, secret = ran.stdout.strip().partition("#")
    assert httpx.get(address, trust_env=False).status_code == 200
    assert secret.startswith("gsec_")


@pytest.mark.parametrize("as_json", [False, True], ids=["text", "json"])
def test_listen_and_trigger_find_the_sandbox_and_the_key_in_the_environment(
    serving: subprocess.Popen[str], as_json: bool
) -> None:
    base_url = line(serving.stdout)
    known = {"ZEROGATE_BASE_URL": base_url, "ZEROGATE_SECRET_KEY": KEY}
    options = ["--json"] if as_json else []
    listening = start("listen", "--events", "gate_session.failed", *options, **known)
    assert line(listening.stderr) == f"events of {base_url}; end with Ctrl-C"
    triggering = start("trigger", "gate_session.failed", **known)
    said, _ = triggering.communicate(timeout=600)
    event = json.loads(said)
    told = line(listening.stdout)
    if as_json:
        assert json.loads(told)["id"] == event["id"]
    else:
        assert told.split("\t")[0] == "gate_session.failed"
        assert told.split("\t")[2] == event["id"]
    assert end(listening) == (130, "zerogate-sandbox listen: ended\n")
    listening.stdout.close() if listening.stdout else None
    books = httpx.get(base_url.removesuffix("/v1") + "/_sandbox/books", trust_env=False).json()
    headers = {"authorization": f"Bearer {KEY}"}
    listed = httpx.get(f"{base_url}/gate_sessions", headers=headers, trust_env=False).json()["data"]
    assert [one["id"] for one in listed] == [one["id"] for one in books["sessions"]]


@pytest.mark.parametrize(
    ("words", "meant"), [(["sevre"], "serve"), (["trigger", "gate_session.complted"], "completed")]
)
def test_a_typo_is_answered_with_what_was_meant(
    serving: subprocess.Popen[str], words: list[str], meant: str
) -> None:
    process = start(*words, ZEROGATE_BASE_URL=line(serving.stdout))
    _, said = process.communicate(timeout=600)
    assert process.returncode == 2
    assert meant in said.split("did you mean")[1]


def test_what_is_not_installed_is_named_with_a_command_that_works_in_a_clone() -> None:
    # None in sys.modules is how Python says that a module cannot be imported.
    script = (
        "import sys; sys.modules['uvicorn'] = None\n"
        "from zerogate_sandbox.__main__ import main; sys.exit(main(['serve', '--port', '0']))"
    )
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert (ran.returncode, ran.stdout) == (1, "")
    assert ran.stderr == (
        "zerogate-sandbox serve: uvicorn is not installed: in a clone of the project, run "
        "`python -m pip install -e apps/sandbox`\n"
    )


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (
            ("listen", "--events", "gate_session.complete"),
            2,
            "did you mean gate_session.completed?",
        ),
        (("listen", "--events", "kyc.required, nonsense"), 2, "no event 'nonsense'"),
        (
            ("serve", "--port", "0", "--state", "nowhere/state.json"),
            2,
            "there is no folder nowhere",
        ),
        (("trigger", "webhook.test"), 2, "a live key is given to no sandbox"),
        (("trigger", "webhook.test", "--sandbox", "http://h.example"), 2, "a live key is given"),
    ],
)
def test_what_would_be_found_out_later_or_never_is_told_at_once(
    words: tuple[str, ...], code: int, told: str
) -> None:
    live = {**os.environ, "ZEROGATE_SECRET_KEY": "sk_live_CANARY0001"}
    live.pop("ZEROGATE_BASE_URL", None)
    command = [sys.executable, "-m", "zerogate_sandbox", *words]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=30, env=live, check=False)
    assert (ran.returncode, "Traceback" in ran.stderr) == (code, False), ran.stderr
    assert told in " ".join(ran.stderr.split())
    assert "CANARY" not in ran.stdout + ran.stderr


def test_events_are_listed_with_blanks_after_their_commas(
    serving: subprocess.Popen[str],
) -> None:
    from zerogate_sandbox.__main__ import _types, parser

    options = parser().parse_args(["listen", "--events", "kyc.required, webhook.test ,"])
    assert _types(options) == ["kyc.required", "webhook.test"]


def test_whoever_reads_no_more_ends_it_without_a_traceback(serving: subprocess.Popen[str]) -> None:
    with open("/dev/full", "w", encoding="utf-8") as full:
        ran = subprocess.run(
            [sys.executable, "-m", "zerogate_sandbox", "serve", "--port", "0"],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            timeout=30,
            check=False,
        )
    assert (ran.returncode, ran.stderr.count("\n")) == (1, 1), ran.stderr
