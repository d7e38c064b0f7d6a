"""`zerogate webhooks tail`: each state of a delivery once, oldest first, until Ctrl-C."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from typing import Any

from zerogate_cli.commands.webhooks import line_of, news
from zerogate_cli.exit_codes import Exit
from zerogate_sandbox.interfaces.server import Served

from tests.cli.conftest import KEY


def row(id: str, status: str = "pending", attempts: int = 0) -> dict[str, Any]:
    return {"id": id, "status": status, "attempts": attempts}


def test_each_state_is_told_once_and_oldest_first() -> None:
    a, b, c = row("a"), row("b"), row("c")
    done = row("b", "succeeded", 1)
    looks = [[b, a], [b, a], [c, done, a], [c, done, a]]
    assert list(news(looks, last=5)) == [a, b, done, c]
    assert list(news(looks, last=1)) == [b, done, c]
    assert list(news(looks, last=0)) == [done, c]
    assert list(news([[], [a]], last=5)) == [a]


def test_a_line_says_when_how_and_what() -> None:
    told = line_of(
        {
            "id": "whd_1",
            "status": "dead_lettered",
            "last_error": "no\nanswer",
            "event_type": "gate_session.completed",
            "created_at": "2026-11-28T09:39:38Z",
        }
    )
    assert told == "2026-11-28 09:39Z  dead_lettered  no�answer  gate_session.completed  whd_1"


def test_it_follows_until_it_is_interrupted(served: Served) -> None:
    served.sandbox.account(KEY, webhook_url="http://127.0.0.1:9/hooks")
    known = {name: value for name, value in os.environ.items() if "proxy" not in name.lower()}
    env = {**known, "ZEROGATE_SECRET_KEY": KEY, "ZEROGATE_BASE_URL": served.base_url}
    command = [sys.executable, "-m", "zerogate_cli", "webhooks", "tail", "--json", "--every", "0.1"]
    pipe = subprocess.PIPE
    process = subprocess.Popen(command, env=env, stdout=pipe, stderr=pipe, text=True)
    assert process.stdout is not None
    assert process.stderr is not None
    assert "end with Ctrl-C" in process.stderr.readline()
    event = served.sandbox.trigger("webhook.test", KEY)
    assert json.loads(process.stdout.readline())["event_id"] == event["id"]
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=600)
    assert (process.returncode, said) == (Exit.INTERRUPTED, "zerogate webhooks: interrupted\n")
