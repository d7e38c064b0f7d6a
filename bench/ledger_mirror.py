"""Mirroring transactions from a static server on loopback: rows a second, and whether memory stays flat.

    python bench/ledger_mirror.py [ROWS]

The server holds its pages ready and has a core of its own. The clock runs from the first request to
the last day's file; memory is compared between a tenth of the rows and all of them. Beside both
stands what each process took of the CPU: what is left of the time is another's.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

LIMIT = 15_000
NOW = 1_772_000_000
_CURSOR = re.compile(rb"starting_after=0g_txn_([0-9]+)")


def row(number: int) -> dict[str, object]:
    at = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(NOW - 5_000_000 + number * 40))
    return {
        "object": "transaction",
        "refid": f"0g_txn_{number:010d}",
        "session_id": f"gs_test_{number:012d}",
        "action": "BUY",
        "status": "completed",
        "token": "USDC",
        "network": "base",
        "currency": "EUR",
        "payment_method": "bank_transfer",
        "fiat_amount": "100.00",
        "token_amount": "108.75",
        "total_pay_or_receive": "101.50",
        "exchange_rate": "1.0875",
        "total_fees": "1.50",
        "created_at": at,
        "updated_at": at,
        "status_timeline": [{"status": "CREATED", "at": at}, {"status": "completed", "at": at}],
    }


async def serve(rows: int) -> None:
    """Print the port and the CPU time until then, and answer until somebody ends this process."""
    pages = []
    for top in range(rows, 0, -100):
        data = [row(number) for number in range(top - 1, max(top - 101, -1), -1)]
        page = {"object": "list", "data": data, "has_more": top > 100, "url": "/v1/transactions"}
        body = json.dumps(page, separators=(",", ":")).encode()
        head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nX-Request-Id: req_1\r\nContent-Length: {len(body)}\r\n\r\n"  # noqa: E501
        pages.append(head.encode() + body)

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            try:
                asked = await reader.readuntil(b"\r\n\r\n")
            except asyncio.IncompleteReadError:
                return
            after = _CURSOR.search(asked)
            writer.write(pages[0 if after is None else (rows - int(after[1])) // 100])
            await writer.drain()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], time.process_time(), flush=True)
    await server.serve_forever()


def measure(port: int, rows: int) -> dict[str, float]:
    """In this process: a first mirror of so many rows."""
    from zerogate import Gate
    from zerogate_ledger import GateSource, Mirror
    from zerogate_ledger.records import transactions

    with (
        tempfile.TemporaryDirectory() as folder,
        Gate("sk_test_bench", base_url=f"http://127.0.0.1:{port}/v1") as gate,
    ):
        source = GateSource(gate.transactions, None)
        start, cpu = time.perf_counter(), time.process_time()
        done = Mirror(Path(folder), gate.mode).refresh(
            [(transactions({"completed"}), source)], now=NOW
        )
        seconds = time.perf_counter() - start
        cpu = time.process_time() - cpu
    assert done.listed == rows, done
    megabytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"seconds": seconds, "cpu": cpu, "megabytes": megabytes}


def main() -> int:
    if sys.argv[1:2] == ["--serve"]:
        asyncio.run(serve(int(sys.argv[2])))
    if sys.argv[1:2] == ["--measure"]:
        print(json.dumps(measure(int(sys.argv[2]), int(sys.argv[3]))))
        return 0
    most = int(sys.argv[1]) if sys.argv[1:] else 200_000
    found = {}
    for rows in (most // 10, most):
        server = subprocess.Popen(
            [sys.executable, __file__, "--serve", str(rows)], stdout=subprocess.PIPE, text=True
        )
        try:
            assert server.stdout is not None
            port, began = server.stdout.readline().split()
            words = [sys.executable, __file__, "--measure", port, str(rows)]
            ran = subprocess.run(words, stdout=subprocess.PIPE, text=True, check=True)
            found[rows] = json.loads(ran.stdout)
        finally:
            server.terminate()
            _, server.returncode, used = os.wait4(server.pid, 0)
        one = found[rows]
        served = used.ru_utime + used.ru_stime - float(began)
        print(
            f"{rows:>10,} transactions  {rows / one['seconds']:>9,.0f} a second  "
            f"{rows / one['cpu']:>9,.0f} a second of CPU  {one['megabytes']:6.0f} MB  "
            f"({one['seconds']:.1f} s: {one['cpu']:.1f} of CPU here, {served:.1f} of the server's)",
            flush=True,
        )
    growth = found[most]["megabytes"] / found[most // 10]["megabytes"]
    print(f"ten times the rows take {growth:.2f} × the memory (flat: at most 1.25 ×)")
    return 0 if most / found[most]["seconds"] >= LIMIT and growth <= 1.25 else 1


if __name__ == "__main__":
    if hasattr(os, "sched_setaffinity") and (os.cpu_count() or 1) > 1:
        os.sched_setaffinity(0, {0 if "--serve" in sys.argv else 1})
    sys.exit(main())
