"""Keeps what Gate signed and we cannot read: its row, and the objects it may be about. Pure.

Nobody can send it again in a form that we know, so it is acknowledged, and what it may have told is read.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from zerogate._validation import checked_id
from zerogate.errors import GateUsageError

from .._encryption import json_in
from .._erasing import reduced_body
from .event_rows import kind_of, look_row, personal
from .payment_state import PAYMENTS, Kind
from .records import QUARANTINE

#: So many different texts of a body are looked up among our ids.
MOST: Final = 2000
#: A text of JSON, or all that follows where its end is missing: each byte is looked at once.
_TEXT: Final = re.compile(rb'"(?:[^"\\]|\\.)*+"?', re.DOTALL)
#: No id is longer, escapes included.
_LONGEST: Final = 400
_TYPE: Final = re.compile(rb'"type"\s*:\s*"([^"\\]{1,100})"')


def quarantined_row(body: bytes, why: str, *, signed: str, mode: str, now: float) -> dict[str, Any]:
    """Return the row of a body that cannot be read; refused without body for another mode.

    signed: The mode of the secret that signed it.
    """
    told = json_in(body, dict) or {}
    name = _type_of(body, told)
    row = look_row("other", "", None, (), mode=mode, now=now) | {
        "id": QUARANTINE + hashlib.sha256(body).hexdigest()[:32],
        "signed": signed,
        "type": name,
        "body": reduced_body(body) if personal(name) else body,
        "reduced": int(personal(name)),
        "state": "quarantined",
        "routed": 0,
        "reason": why[:200],
    }
    row |= {"subject": row["id"], "parent": row["id"]}
    if signed != mode:
        return row | {"state": "refused", "body": None, "due_at": None, "reason": "mode"}
    if name == "webhook.test":
        return row | {"state": "test", "due_at": None, "reason": None}
    return row


def object_named(body: bytes | None) -> tuple[Kind, str] | None:
    """Return kind and id of the payment that a body is about; None where that is not readable."""
    told = json_in(body, dict) or {}
    data = told.get("data")
    kind = kind_of(_type_of(body or b"", told))
    id: Any = data.get("id") if isinstance(data, Mapping) else None
    try:
        return (kind, checked_id(id)) if kind in PAYMENTS else None
    except GateUsageError:
        return None


def texts_in(body: bytes | None) -> list[str]:
    """Return the different texts in a body that may be ids, 2,000 at most.

    Whatever else is wrong with the body, its texts are found.
    """
    return list(dict.fromkeys(_texts(body or b"")))[:MOST]


def _texts(body: bytes) -> Iterator[str]:
    """Yield each JSON string of 1 to 255 printable characters in a body, even a broken one."""
    for match in _TEXT.finditer(body):
        if len(match[0]) > _LONGEST:
            continue
        try:
            text = json.loads(match[0])
        except ValueError:
            continue
        if 0 < len(text) <= 255 and text.isprintable():
            yield text


def _type_of(body: bytes, told: Mapping[str, Any]) -> str:
    """Return the type that a body gives itself; `unreadable` where there is no usable one."""
    name = told.get("type")
    if not isinstance(name, str):
        found = _TYPE.search(bytes(body))
        name = found[1].decode("utf-8", "replace") if found else ""
    return name if 0 < len(name) <= 255 and name.isprintable() else "unreadable"
