"""A Gate on loopback, and processes that read it until a SIGKILL ends them at a point they were told."""

from __future__ import annotations

import json
import multiprocessing
import os
import signal
import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

import attrs

from .gates import MemoryGate, Resource, StillClock

KEY = "sk_test_killed"
#: A process of its own for each run, forked from one that has imported all of it and done nothing else.
FORKS = multiprocessing.get_context("forkserver")
FORKS.set_forkserver_preload(
    ["zerogate_ledger.command", "ibis.backends.duckdb", "pandas", __name__]
)
#: What a process does to a folder, as Python's audit hooks tell of it beforehand.
_CHANGES = {"open", "os.rename", "os.remove", "os.mkdir", "os.rmdir", "shutil.rmtree"}


class Loopback:
    """A Gate's rows by HTTP. after: Requests to answer before the process that asks is killed."""

    def __init__(self, gate: MemoryGate) -> None:
        self.gate, self.url = gate, ""
        self.asked: list[str] = []
        self.after: int | None = None
        self.process: Any = None

    @contextmanager
    def serve(self) -> Iterator[Loopback]:
        server = _Server(("127.0.0.1", 0), _handler(self))
        self.url = f"http://127.0.0.1:{server.server_port}/v1"
        thread = Thread(target=server.serve_forever)
        thread.start()
        try:
            yield self
        finally:
            server.shutdown()
            thread.join()
            server.server_close()

    def answer(self, target: str) -> tuple[int, dict[str, Any]]:
        self.asked.append(target)
        at = urlsplit(target)
        _, _, kind, *id = at.path.split("/")
        resource: Resource = getattr(self.gate, kind.removeprefix("gate_"))
        if not id:
            return 200, _page(resource, parse_qs(at.query))
        found = [row for row in resource.rows if row[resource.id] == id[0]]
        return (200, found[0]) if found else (404, {"error": {"message": f"no {id[0]}"}})

    def answered(self) -> None:
        if self.after is not None and len(self.asked) == self.after:
            os.kill(self.process.pid, signal.SIGKILL)


class _Server(ThreadingHTTPServer):
    def handle_error(self, request: Any, client_address: Any) -> None:
        """Whoever is killed leaves a connection behind; all else is to be seen."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)


def _page(resource: Resource, query: dict[str, list[str]]) -> dict[str, Any]:
    limit, after = int(query["limit"][0]), query.get("starting_after", [None])[0]
    page = next(resource.list(limit=limit, starting_after=after).raw_pages())
    more = page.next_cursor is not None
    return {"object": "list", "data": page.items, "has_more": more, "url": "/v1"}


def _handler(loopback: Loopback) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1

        def do_GET(self) -> None:
            status, body = loopback.answer(self.path)
            data = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)
            self.wfile.flush()
            loopback.answered()

        def log_message(self, *_: Any) -> None: ...

    return Handler


@attrs.frozen
class Run:
    """How a process ended: code is -9 where it was killed; changes: How many it made in its folder."""

    code: int
    changes: int
    requests: int


def run(
    life: Callable[..., int],
    loopback: Loopback,
    folder: Path,
    *given: Any,
    before: int | None = None,
    after: int | None = None,
) -> Run:
    """One of the lives below in a process of its own.

    before: Killed before this change to *folder*, counted from 0.
    after: Killed when so many requests were answered.
    """
    log = folder.with_suffix(".log")
    words = (life, str(log), str(folder), before, loopback.url, *given)
    loopback.asked.clear()
    loopback.after, loopback.process = after, FORKS.Process(target=_lived, args=words)
    loopback.process.start()
    loopback.process.join()
    code = loopback.process.exitcode
    said = log.read_text().splitlines()
    assert code in (0, 3, -signal.SIGKILL), "\n".join(said)
    return Run(code, 0 if code < 0 else int(said[-1]), len(loopback.asked))


def mirrored(folder: str, url: str, now: int, settle_days: int) -> int:
    """The life of a mirror alone."""
    from zerogate import Gate
    from zerogate_ledger import GateSource, Mirror, records

    with Gate(KEY, base_url=url) as gate:
        kinds = records.transactions({"completed"}), records.sessions()
        found = [GateSource(r, None) for r in (gate.transactions, gate.sessions)]
        sources = list(zip(kinds, found, strict=True))
        Mirror(Path(folder), gate.mode).refresh(sources, now=now, settle_days=settle_days)
    return 0


def reconciled(folder: str, url: str, now: int, *argv: str) -> int:
    """The life of a `zerogate reconcile`."""
    from zerogate_ledger import command
    from zerogate_ledger.options import parsed

    os.environ |= {"ZEROGATE_SECRET_KEY": KEY, "ZEROGATE_BASE_URL": url}
    return command.run(parsed([*argv, "--out", folder]), clock=StillClock(now))


def _lived(
    life: Callable[..., int], log: str, folder: str, before: int | None, *given: Any
) -> None:
    from zerogate_ledger import mirror, partitions, walk_state

    # So that a few hundred rows take many files and all steps.
    mirror.BATCH, mirror.SINGLES, walk_state.OVERLAP = 150, 12, 60  # type: ignore[misc]
    partitions.PART = 20_000  # type: ignore[misc]
    code = 1
    with Path(log).open("w") as said:
        sys.stdout = sys.stderr = said
        try:
            changes = _armed(folder, before)
            code = life(folder, *given)
            said.write(f"{changes[0]}\n")
        except Exception:
            traceback.print_exc()
    os._exit(code)


def _armed(folder: str, before: int | None) -> list[int]:
    """Counts what this process changes in a folder, and ends it at one of these points."""
    changes = [0]

    def hook(event: str, args: tuple[Any, ...]) -> None:
        if event in _CHANGES and str(args[0]).startswith(folder) and _writes(event, args):
            if changes[0] == before:
                os.kill(os.getpid(), signal.SIGKILL)
            changes[0] += 1

    sys.addaudithook(hook)
    return changes


def _writes(event: str, args: tuple[Any, ...]) -> bool:
    return event != "open" or args[1] is None or bool(set("wax+") & set(str(args[1])))


def image(folder: Path) -> dict[str, bytes]:
    """All that is in a folder."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() if path.is_file() else b""
        for path in folder.rglob("*")
    }
