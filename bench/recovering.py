"""Recovery after an outage: seconds, list reads and memory for thousands of writes; a checkout beside it.

    python bench/recovering.py [WRITES] [--json FILE]

Writes (1,000, and ten times as many) are in doubt in a store of SQLite: *made*, so that Gate's list shows
them, or *unmade*, so that each has to be sent again. A small server on loopback, in a process of its own,
keeps sessions by key and lists them; it answers after 0 or 50 ms. One `gate.recover()` finishes all of them.

- Seconds are by the clock, CPU is that of the process that recovers.
- The list may be read twice as far as the rows back to the oldest write, and 20 pages more.
- Memory is what four times as many take more at the peak, an intent: besides the results that are returned.
- The checkout is `sessions.create` of another process on the same store, its median while 1,000 unmade
  writes are recovered at 50 ms beside that of before.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import re
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, Final

import samples
from machine import described, shown

MADE: Final = "made"
UNMADE: Final = "unmade"
#: Seconds at most, by how many thousands and after how many milliseconds each answer comes.
SECONDS: Final = {(1, 0): 5.0, (1, 50): 15.0, (10, 0): 60.0}
BYTES: Final = 300
BESIDE: Final = 1.2
GROWTH: Final = 12.0


# --- the server ----------------------------------------------------------------------------------


class Sessions:
    """Sessions of one account by key, newest last; how often they were listed, and how many were sent."""

    def __init__(self) -> None:
        self.rows: list[bytes] = []
        self.places: dict[str, int] = {}
        self.keys: dict[str, int] = {}
        self.listed = self.sent = 0

    def create(self, key: str, asked: dict[str, Any]) -> bytes:
        self.sent += 1
        if key not in self.keys:
            self.keys[key] = self.add(asked)
        row = self.rows[self.keys[key]]
        return row[:-1] + b',"client_secret":"gsec_test"}'

    def add(self, asked: dict[str, Any]) -> int:
        place = len(self.rows)
        id, now = f"gs_test_{place:024}", time.time()
        at = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(now)) + f".{int(now % 1 * 1000):03}Z"
        empty = ("cancel_url", "flow", "target_token", "target_network", "wallet_address")
        row = {
            **dict.fromkeys((*empty, "user_reference")),
            "id": id,
            "object": "gate_session",
            "partner_id": "partner_test_1",
            "mode": "test",
            "status": "open",
            "created_at": at,
            "expires_at": "2099-01-01T00:00:00.000Z",
            "kyc_pre_verified": False,
            "metadata": {},
            **asked,
        }
        self.rows.append(json.dumps(row, separators=(",", ":")).encode())
        self.places[id] = place
        return place

    def page(self, after: str | None) -> bytes:
        self.listed += 1
        end = self.places[after] if after else len(self.rows)
        rows = self.rows[max(0, end - 100) : end][::-1]
        more = b"true" if end > 100 else b"false"
        return b'{"object":"list","data":[%b],"has_more":%b,"url":"/v1"}' % (b",".join(rows), more)


_LENGTH: Final = re.compile(rb"content-length: *([0-9]+)", re.IGNORECASE)
_KEY: Final = re.compile(rb"idempotency-key: *([^\r]+)", re.IGNORECASE)
_AFTER: Final = re.compile(rb"starting_after=(\w+)")


class _Connection(asyncio.Protocol):
    def __init__(self, sessions: Sessions, delay: float) -> None:
        self._sessions, self._delay, self._held = sessions, delay, b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._held += data
        while (end := self._held.find(b"\r\n\r\n")) >= 0:
            length = _LENGTH.search(self._held, 0, end)
            whole = end + 4 + (int(length[1]) if length else 0)
            if len(self._held) < whole:
                return
            head, body = self._held[:end], self._held[end + 4 : whole]
            self._held = self._held[whole:]
            status, told = self._answer(head, body)
            lines = (
                f"HTTP/1.1 {status}\r\nContent-Type: application/json\r\nX-Request-Id: req_1\r\n"
            )
            answer = lines.encode() + b"Content-Length: %d\r\n\r\n%b" % (len(told), told)
            asyncio.get_running_loop().call_later(self._delay, self._transport.write, answer)

    def _answer(self, head: bytes, body: bytes) -> tuple[str, bytes]:
        target = head.split(b" ", 2)[1]
        if head.startswith(b"POST /made"):
            for asked in json.loads(body):
                self._sessions.add(asked)
            return "200 OK", b"{}"
        if head.startswith(b"POST"):
            key = _KEY.search(head)
            assert key is not None
            return "201 Created", self._sessions.create(key[1].decode(), json.loads(body))
        if target.startswith(b"/counts"):
            found = self._sessions
            told = {"listed": found.listed, "sent": found.sent, "rows": len(found.rows)}
            return "200 OK", json.dumps(told).encode()
        after = _AFTER.search(target)
        return "200 OK", self._sessions.page(after[1].decode() if after else None)


async def serve(delay: float) -> None:
    """Print the port, then answer until somebody ends this process."""
    sessions = Sessions()
    loop = asyncio.get_running_loop()
    make = partial(_Connection, sessions, delay)
    server = await loop.create_server(make, "127.0.0.1", 0, backlog=1024)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


@contextmanager
def server(milliseconds: int) -> Iterator[str]:
    words = [sys.executable, __file__, "--serve", str(milliseconds / 1000)]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as running:
        assert running.stdout is not None
        try:
            yield f"http://127.0.0.1:{int(running.stdout.readline())}"
        finally:
            running.terminate()


def asked_of(url: str, path: str, body: Any = None) -> Any:
    from urllib.request import Request, urlopen

    data = None if body is None else json.dumps(body).encode()
    with urlopen(Request(url + path, data=data)) as answer:
        return json.load(answer)


# --- the writes in doubt -------------------------------------------------------------------------


@contextmanager
def in_doubt(url: str, folder: str, count: int, what: str) -> Iterator[Any]:
    """A client of a store in which so many creates may have happened: as their callers' end leaves them."""
    from zerogate import Gate, Money
    from zerogate_store import Store
    from zerogate_store._journal import steps
    from zerogate_store._sync.journal import Journaling

    store = Store(f"sqlite:///{Path(folder) / 'gate.db'}")
    calls: list[Any] = []

    class Noting(Journaling):
        def write(self, call: Any, ends: float) -> Any:
            calls.append(call)
            return None

    with Gate(samples.SECRET_KEY, base_url=f"{url}/v1", store=store) as gate:
        journal = gate._calls.durability
        gate._calls.durability = Noting(journal.calls, store)  # type: ignore[union-attr]
        for number in range(count):
            gate.sessions.create(
                amount=Money("100.00", "EUR"),
                order=f"order-{number:05}",
                return_url=samples.RETURN_URL,
            )
        gate._calls.durability = journal

        def written() -> Any:
            for call in calls:
                ends, holder = time.monotonic() + 60, call.identity.idempotency_key[-16:]
                asked, hashing = journal.asked(call), journal.hashing_of(call)  # type: ignore[union-attr]
                decision = yield from journal._claim(asked, hashing, ends, holder)  # type: ignore[union-attr]
                yield from steps.let_go(decision.intent, now=time.time(), sends=True)

        store.run_in_transaction(written)
        if what == MADE:
            asked_of(url, "/made", [json.loads(call.draft.body) for call in calls])
        calls.clear()
        yield gate
    store.close()


def measure(url: str, count: int, what: str, *, memory: bool) -> dict[str, float]:
    """In this process: one recovery of so many."""
    with tempfile.TemporaryDirectory() as folder, in_doubt(url, folder, count, what) as gate:
        before = asked_of(url, "/counts")
        if memory:
            tracemalloc.start()
        start, cpu = time.perf_counter(), time.process_time()
        done = gate.recover(timeout=600)
        found: dict[str, float] = {
            "seconds": time.perf_counter() - start,
            "cpu": time.process_time() - cpu,
        }
        if memory:
            found["peak"] = tracemalloc.get_traced_memory()[1]
            kept = tracemalloc.get_traced_memory()[0]
            finished = len(done)
            done.clear()
            found["results"] = kept - tracemalloc.get_traced_memory()[0]
        else:
            assert [one.error for one in done] == [None] * count
            finished = len(done)
        assert finished == count
        after = asked_of(url, "/counts")
        assert after["rows"] == count
        return found | {"listed": after["listed"] - before["listed"], "sent": after["sent"]}


def beside(url: str, count: int) -> dict[str, float]:
    """In this process: creates of its own, before and while another thread's process recovers."""
    from zerogate import Gate, Money
    from zerogate_store import Store

    with tempfile.TemporaryDirectory() as folder, in_doubt(url, folder, count, UNMADE):
        store = Store(f"sqlite:///{Path(folder) / 'gate.db'}")
        with Gate(samples.SECRET_KEY, base_url=f"{url}/v1", store=store) as gate:

            def seconds(order: str) -> float:
                start = time.perf_counter()
                gate.sessions.create(
                    amount=Money("1.00", "EUR"), order=order, return_url=samples.RETURN_URL
                )
                return time.perf_counter() - start

            seconds("first")
            alone = statistics.median(seconds(f"alone-{number}") for number in range(40))
            words = [sys.executable, __file__, "--recover", url, folder]
            found: list[float] = []
            with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as running:
                assert running.stdout is not None
                running.stdout.readline()
                ended = threading.Thread(target=running.wait)
                ended.start()
                while ended.is_alive():
                    found.append(seconds(f"beside-{len(found)}"))
                ended.join()
        store.close()
    return {"alone": alone, "beside": statistics.median(found[:-1] or found), "count": len(found)}


def recover(url: str, folder: str) -> None:
    from zerogate import Gate
    from zerogate_store import Store

    store = Store(f"sqlite:///{Path(folder) / 'gate.db'}")
    with Gate(samples.SECRET_KEY, base_url=f"{url}/v1", store=store) as gate:
        print("begins", flush=True)
        gate.recover(timeout=600)
    store.close()


# --- what is printed -----------------------------------------------------------------------------


def ran(milliseconds: int, *words: object) -> dict[str, float]:
    """One measurement in a process of its own, beside a server of its own."""
    with server(milliseconds) as url:
        command = [sys.executable, __file__, str(words[0]), url, *map(str, words[1:])]
        told = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout
    found: dict[str, float] = json.loads(told)
    return found


class Figures:
    """All that was found; says each with its target, and whether all of them hold."""

    def __init__(self) -> None:
        self.good = True
        self.found: list[dict[str, Any]] = []

    def say(self, what: str, value: float, unit: str, most: float | None, about: str = "") -> None:
        holds = most is None or value <= most
        self.good &= holds
        self.found.append({"what": what, "value": value, "unit": unit, "most": most})
        mark = "" if most is None else f"{'✓' if holds else '✗'} ≤ {most:g}"
        print(f"  {what:<44} {value:9.2f} {unit:<3} {mark:<10} {about}", flush=True)


def report(thousand: int, figures: Figures) -> None:
    cpu: dict[tuple[int, str], float] = {}
    for times, milliseconds in ((1, 0), (1, 50), (10, 0)):
        count = times * thousand
        for what in (MADE, UNMADE):
            one = ran(milliseconds, "--measure", count, what)
            if milliseconds == 0:
                cpu[times, what] = one["cpu"]
            name = f"{count:,} {what}, {milliseconds} ms"
            about = f"{one['cpu']:.2f} s of CPU, {one['sent']:.0f} sent"
            most = SECONDS[times, milliseconds] if thousand == 1000 else None
            figures.say(name, one["seconds"], "s", most, about)
            figures.say("  pages of the list", one["listed"], "", 2 * count / 100 + 20)
    for what in (MADE, UNMADE):
        growth = cpu[10, what] / cpu[1, what]
        figures.say(f"ten times as many, {what}", growth, "×", GROWTH, "of CPU")
    for what in (MADE, UNMADE):
        small, large = (ran(0, "--memory", n * thousand, what) for n in (1, 4))
        peak = (large["peak"] - small["peak"]) / (3 * thousand)
        results = (large["results"] - small["results"]) / (3 * thousand)
        figures.say(f"memory of a {what} one", peak - results, "B", BYTES, "besides its result")
        figures.say("  its result, which is returned", results, "B", None)
    one = ran(50, "--beside", thousand)
    about = f"{one['alone'] * 1000:.0f} → {one['beside'] * 1000:.0f} ms, {one['count']:.0f} of them"
    figures.say("a checkout beside it", one["beside"] / one["alone"], "×", BESIDE, about)


def main() -> int:
    match sys.argv[1:]:
        case ["--serve", delay]:
            asyncio.run(serve(float(delay)))
        case ["--recover", url, folder]:
            recover(url, folder)
        case ["--beside", url, count]:
            print(json.dumps(beside(url, int(count))))
        case [("--measure" | "--memory") as how, url, count, what]:
            print(json.dumps(measure(url, int(count), what, memory=how == "--memory")))
        case _:
            parser = argparse.ArgumentParser(description="Recovery after an outage.")
            parser.add_argument("writes", nargs="?", type=int, default=1000, metavar="WRITES")
            parser.add_argument("--json", type=Path, metavar="FILE")
            given = parser.parse_args()
            told, figures = described(), Figures()
            print(shown(told) + "\n\nrecovery of writes in doubt, SQLite")
            report(given.writes, figures)
            if given.json is not None:
                figures_told = {"machine": told, "figures": figures.found}
                given.json.write_text(json.dumps(figures_told, indent=2), "utf-8")
            return 0 if figures.good else 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
