"""Plan of what goes wrong, by the ledger's `on_the_way`: faults of the sandbox, and strangers."""

from __future__ import annotations

import hmac
import json
from collections.abc import Mapping
from http.client import HTTPConnection
from typing import Any, Final
from urllib.parse import urlsplit

import attrs

from zerogate_cli.demo.control import Control
from zerogate_cli.demo.ledger import Order
from zerogate_cli.demo.receiver import Inbox

Fault = Mapping[str, Any]

SESSIONS: Final = ("retrieveSession", "listSessions")
PAYMENTS: Final = ("retrieveTransaction", "listTransactions")


def _create_fault(fault: str, times: int = 1, **options: Any) -> Fault:
    """Return a fault that strikes creates of sessions, once unless *times* says otherwise."""
    return {"fault": fault, "operations": "createSession", "times": times, **options}


def _status_fault(operations: tuple[str, ...], **options: str) -> Fault:
    """Return a fault by which these reads show an unknown status, or another as *options* say."""
    return {"fault": "unknown_status", "operations": operations, **options}


@attrs.frozen
class Mishap:
    """One mishap of an order: faults at Gate, outages of the shop, and forged webhooks.

    faults: Strike requests and events that hold the order's reference.
    read_faults: Strike reads of the order's session.
    said: What Gate says of the order's records, wherever they are read, in lists as well.
    twice: The job that creates the session runs again, in another process for all it knows.
    down: The shop's receiver is down when it first hears of the order.
    forged, replayed: What a stranger sends to the shop's receiver.
    """

    faults: tuple[Fault, ...] = ()
    read_faults: tuple[Fault, ...] = ()
    said: tuple[Fault, ...] = ()
    twice: bool = False
    down: bool = False
    forged: bool = False
    replayed: bool = False


#: The `on_the_way` column of the ledger.
MISHAPS: Final[Mapping[str, Mishap]] = {
    "": Mishap(),
    # Committed, and the answer does not come, or is not one:
    "answer lost": Mishap((_create_fault("reset"),)),
    "answer cut off": Mishap((_create_fault("truncate"),)),
    "half an answer": Mishap((_create_fault("cut_json"),)),
    "page with a 502": Mishap((_create_fault("html", when="after"),)),
    "odd answer": Mishap((_create_fault("missing_field", field="expires_at"),)),
    "outage": Mishap(
        (_create_fault("reset", 3), _create_fault("html", when="after", skip=3, times=1))
    ),
    # Not committed:
    "throttled": Mishap((_create_fault("throttle", retry_after=7),)),
    "unavailable": Mishap((_create_fault("error", status=503, retry_after={"date": 5}),)),
    "redirected": Mishap((_create_fault("redirect"),)),
    # Reads:
    "reads fail": Mishap(
        read_faults=(
            {"fault": "cut_json", "operations": "retrieveSession", "times": 1},
            {"fault": "html", "operations": "listTransactions", "times": 2},
        )
    ),
    "unknown status": Mishap(said=(_status_fault(SESSIONS),)),
    "unknown payment status": Mishap(said=(_status_fault(PAYMENTS),)),
    "payment reversed": Mishap(said=(_status_fault(PAYMENTS, value="reversed"),)),
    # Webhooks:
    "webhooks twice": Mishap(({"fault": "duplicate"},)),
    "webhooks out of order": Mishap(
        ({"fault": "reorder", "events": "gate_session.processing", "times": 1},)
    ),
    "webhooks late": Mishap(({"fault": "late", "wait": 7_200},)),
    "webhooks lost": Mishap(({"fault": "lost"},)),
    "receiver down": Mishap(down=True),
    "forged webhook": Mishap(forged=True),
    "webhook replayed": Mishap(replayed=True),
    # Ours:
    "job runs twice": Mishap(twice=True),
}


def mishap_of(order: Order) -> Mishap:
    """Return what goes wrong on the way of this order; an empty mishap for nothing."""
    return MISHAPS[order.mishap]


def arm(control: Control, faults: tuple[Fault, ...], subject: str, by: str = "contains") -> None:
    """Arm faults at the sandbox for what holds this reference or id; by="record": that alone."""
    if faults:
        control.post("faults", [{**fault, by: subject} for fault in faults])


def forge(url: str, session_id: str, now: float) -> int:
    """POST an event signed with a guessed secret, that the session is paid; return the status."""
    data = {"id": session_id, "object": "gate_session", "status": "completed"}
    event = {"type": "gate_session.completed", "created_at": int(now), "data": data}
    body = json.dumps({"id": f"evt_test_{session_id}", **event}).encode()
    signed = hmac.digest(b"whsec_guessed", b"%d." % int(now) + body, "sha256").hex()
    return _post(url, body, {"Gate-Signature": f"t={int(now)},v1={signed}"})


def replay(url: str, inbox: Inbox, session_id: str) -> int:
    """POST an event of the session once more, byte for byte; return the status."""
    heard = next(event for event in inbox.events.values() if session_id.encode() in event.raw)
    return _post(url, heard.raw, inbox.headers[heard.id])


def _post(url: str, body: bytes, headers: Mapping[str, str]) -> int:
    """POST the body and return the status."""
    parts = urlsplit(url)
    connection = HTTPConnection(parts.netloc, timeout=10)
    try:
        connection.request("POST", parts.path, body, dict(headers))
        return connection.getresponse().status
    finally:
        connection.close()
