"""The sandbox as a process of its own, and the door through which it is steered."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from typing import Any, Final
from urllib.parse import urlsplit

import attrs

from zerogate_cli.exit_codes import CommandFailed

#: The same ids, secrets and times in every run, as far as the order of requests is the same.
SEED: Final = "4217"
NOON: Final = "2026-05-26T12:00:00Z"
JSON: Final = {"content-type": "application/json"}


@attrs.frozen
class Control:
    """base_url: What a client is given. The door itself is `/_sandbox` on the same port."""

    base_url: str

    def get(self, path: str) -> Any:
        """Return the JSON answer of `/_sandbox/{path}`; CommandFailed where it is refused."""
        return self._ask("GET", path, None)

    def post(self, path: str, body: Any = None) -> Any:
        """POST the body to `/_sandbox/{path}` and return the JSON answer; or CommandFailed."""
        return self._ask("POST", path, body)

    def _ask(self, method: str, path: str, body: Any) -> Any:
        """Send a request over a connection of its own; return its JSON, or raise CommandFailed."""
        # One connection for each: a webhook's receiver asks while the main thread still waits.
        connection = HTTPConnection(urlsplit(self.base_url).netloc, timeout=30)
        try:
            connection.request(method, f"/_sandbox/{path}", json.dumps(body), JSON)
            answer = connection.getresponse()
            said = json.loads(answer.read())
        finally:
            connection.close()
        if answer.status >= 400:
            raise CommandFailed(f"the sandbox refused {method} {path}: {said['message']}")
        return said


@contextmanager
def sandbox() -> Iterator[Control]:
    """Yield a sandbox in a process of its own, on a free port, ended with the block; or CommandFailed."""
    serve = ["serve", "--port", "0", "--seed", SEED, "--clock", NOON, "--quiet"]
    command = [sys.executable, "-m", "zerogate_sandbox", *serve]
    with tempfile.TemporaryFile("w+") as complaints:
        process = subprocess.Popen(  # noqa: S603 - our own interpreter and package
            command, stdout=subprocess.PIPE, stderr=complaints, text=True
        )
        assert process.stdout is not None
        try:
            base_url = process.stdout.readline().strip()
            if not base_url:
                complaints.seek(0)
                said = complaints.read().strip().splitlines() or ["it said nothing"]
                raise CommandFailed(f"the sandbox did not start: {said[-1]}")
            yield Control(base_url)
        finally:
            process.terminate()
            process.wait()
            process.stdout.close()
