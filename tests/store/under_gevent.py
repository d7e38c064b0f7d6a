"""A program under gevent whose `gevent.Timeout` goes off in the middle of a create. Run by test_gevent.py."""

from __future__ import annotations

from gevent import monkey

monkey.patch_all()

import json  # noqa: E402 - after the sockets and threads are gevent's
import sys  # noqa: E402

import gevent  # noqa: E402
from zerogate import Gate  # noqa: E402
from zerogate_store import Store  # noqa: E402
from zerogate_store._journal.statements import Statement, Step  # noqa: E402

from tests.store.crashing import KEY, TERMS  # noqa: E402
from tests.store.slow_gate import slow_gate  # noqa: E402


def rows() -> Step[list[list[object]]]:
    found = yield Statement("SELECT state, ambiguous, lease_until FROM zerogate_intents")()
    return [list(row) for row in found]


def main(url: str) -> None:
    store = Store(url)
    with slow_gate() as slow, Gate(KEY, base_url=slow.url, store=store) as gate:
        caller = gevent.spawn(gate.sessions.create, order="order-1", **TERMS)
        slow.begun.wait()
        # As its timer would, while the answer is waited for.
        caller.kill(gevent.Timeout())
        told = {"thrown": isinstance(caller.exception, gevent.Timeout)}
        told["rows"] = store.run_in_transaction(rows)
        slow.go.set()
        session = gate.sessions.create(order="order-1", **TERMS)
        told["secret"] = bool(session.client_secret)
        told["sessions"] = len(slow.sandbox.books()["sessions"])
    store.close()
    sys.stdout.write(json.dumps(told))


main(sys.argv[1])
