"""Alters a finished answer, fault by fault: another status, another field, another payment."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from email.utils import formatdate
from typing import TYPE_CHECKING, Any, Literal

import attrs

from zerogate_sandbox.responses import Draft, Wire, envelope

if TYPE_CHECKING:
    from zerogate_sandbox.world import World

When = Literal["before", "after"]

PAGE = b"""<!DOCTYPE html><html><head><title>502 Bad Gateway</title></head>
<body><center><h1>502 Bad Gateway</h1></center><hr><center>example-proxy</center></body></html>
"""


@attrs.frozen
class Kind:
    """A fault that exists: when it can strike (the first is the default), what it takes."""

    whens: tuple[When | None, ...]
    options: Mapping[str, Any]
    alter: Callable[[Draft, Mapping[str, Any], World], None] | None


def _error(draft: Draft, options: Mapping[str, Any], world: World) -> None:
    """Replace the answer by an error envelope, with Retry-After where the options have one."""
    status = options["status"]
    draft.status = status
    draft.payload = envelope(
        status, options["message"], "", code=options["code"], kind=options["type"]
    )
    draft.headers = {}
    if options["retry_after"] is not None:
        draft.headers["retry-after"] = _retry_after(options["retry_after"], world.now)


def _retry_after(value: Any, now: float) -> str:
    """Return the value as text; `{"date": seconds}` as an HTTP date that far from now."""
    if isinstance(value, dict):
        return formatdate(now + float(value["date"]), usegmt=True)
    return str(value)


def _html(draft: Draft, options: Mapping[str, Any], world: World) -> None:
    """Replace the answer by a proxy's HTML error page, with the status of the options."""
    draft.status = options["status"]
    draft.payload = PAGE
    draft.headers = {"content-type": "text/html"}


def _wire_fault(ending: Literal["reset", "refuse", "hang"]) -> Callable[..., None]:
    """Return an alteration that marks how a draft ends on the wire; its body stays."""

    def alter(draft: Draft, options: Mapping[str, Any], world: World) -> None:
        """Set the draft's wire to this ending, after `wait` seconds where the options have it."""
        draft.wire = Wire(ending, wait=options.get("wait", 0.0))

    return alter


def _truncate(draft: Draft, options: Mapping[str, Any], world: World) -> None:
    """Mark the draft to be cut after `keep` bytes of its body, by default half of them."""
    keep = options["keep"]
    draft.wire = Wire("truncate", keep=len(draft.final().body) // 2 if keep is None else keep)


def _cut_json(draft: Draft, options: Mapping[str, Any], world: World) -> None:
    """Replace the body by its first half, which is no JSON any more; the status stays."""
    body = draft.final().body
    draft.payload = body[: len(body) // 2]
    draft.headers = {"content-type": "application/json", **draft.headers}


def _drip(draft: Draft, options: Mapping[str, Any], world: World) -> None:
    """Mark the draft to be sent byte by byte, `pause` seconds apart."""
    draft.wire = Wire("drip", pause=options["pause"])


def _slow(draft: Draft, options: Mapping[str, Any], world: World) -> None:
    """Mark the draft to be sent `wait` seconds late."""
    draft.wire = Wire(wait=options["wait"])


def _redirect(draft: Draft, options: Mapping[str, Any], world: World) -> None:
    """Replace the answer by an empty redirect to the `location` of the options."""
    draft.status = options["status"]
    draft.headers = {"location": options["location"]}
    draft.payload = b""


def _body(draft: Draft, options: Mapping[str, Any], world: World) -> None:
    """Replace body and content type by those of the options, the status where it is given."""
    draft.payload = options["text"].encode()
    draft.status = options["status"] or draft.status
    draft.headers = {"content-type": options["content_type"]}


def _cookie(draft: Draft, options: Mapping[str, Any], world: World) -> None:
    """Add a Set-Cookie header with the `value` of the options."""
    draft.headers = {**draft.headers, "set-cookie": options["value"]}


def _set(draft: Draft, options: Mapping[str, Any], world: World) -> None:
    """Set the options' `field` in the object, or in each row of a list; an error answer stays as it is."""
    for record, name in _places(draft, options):
        record[name] = copy.deepcopy(options["value"])


def _remove(draft: Draft, options: Mapping[str, Any], world: World) -> None:
    """Remove the options' `field` from the object, or from each row of a list, where it stands."""
    for record, name in _places(draft, options):
        record.pop(name, None)


def _numbers(draft: Draft, options: Mapping[str, Any], world: World) -> None:
    """Turn decimal strings of the body into JSON numbers, digit for digit."""
    from zerogate_sandbox.numbers import as_numbers

    draft.payload = as_numbers(draft.final().body)
    draft.headers = {"content-type": "application/json", **draft.headers}


def _rows(draft: Draft, options: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Copy the payload and return its object, or its list's rows, to be changed; [] of an error.

    Only those of one `record`, where it is given: an id that is one of their values.
    """
    if not isinstance(draft.payload, dict) or draft.status >= 300:
        return []
    draft.payload = copy.deepcopy(draft.payload)
    whole = draft.payload
    rows: list[dict[str, Any]] = whole["data"] if whole.get("object") == "list" else [whole]
    if options["record"] is not None:
        rows = [row for row in rows if options["record"] in row.values()]
    return rows


def _places(draft: Draft, options: Mapping[str, Any]) -> list[tuple[dict[str, Any], str]]:
    """Copy the payload; return the dicts in it that the dotted field belongs to, each with its last name."""
    rows = _rows(draft, options)
    *path, name = options["field"].split(".")
    for step in path:
        rows = [row[step] for row in rows if isinstance(row.get(step), dict)]
    return [(row, name) for row in rows]


#: What shows a session as made for other terms: two values of each, so that one is always another.
OTHER_TERMS: Mapping[str, tuple[str, str]] = {
    "amount": ("7.00", "8.00"),
    "currency": ("USD", "GBP"),
    "flow": ("off_ramp", "on_ramp"),
    "target_token": ("DAI", "USDT"),
    "target_network": ("solana", "tron"),
    "wallet_address": ("0x000000000000000000000000000000000000dEaD", "0xFAKE"),
}


def _other_terms(draft: Draft, options: Mapping[str, Any], world: World) -> None:
    """Show another value of one term in the answer; with `kept`, change a session made just now, too."""
    name, answered = options["field"], draft.payload
    for record in _rows(draft, options):
        first, second = OTHER_TERMS[name]
        value = options["value"] or (second if record.get(name) == first else first)
        record[name] = value
        kept = world.sessions.collection.records.get(str(record.get("id")))
        if options["kept"] and kept is not None and kept.created_at == world.now:
            setattr(kept, name, value)
            # What its key will bring back is this very object.
            answered[name] = value


def _another(draft: Draft, options: Mapping[str, Any], world: World) -> None:
    """Replace the object by another payment's, all of it true; do nothing where there is none.

    As of a connection that is one answer behind.
    """
    told = draft.payload
    if not isinstance(told, dict) or draft.status >= 300:
        return
    other = world.another(told, options["record"])
    if other is None:
        return
    if "client_secret" in told and options["secret"]:
        other["client_secret"] = world.sessions.collection.records[other["id"]].client_secret
    draft.payload = other


_GONE = object()
#: One row as nobody expects it: which of its fields, and what stands there.
ODDITIES: Mapping[str, tuple[tuple[str, ...], Any]] = {
    "null": (("amount", "fiat_amount"), None),
    "exponent": (("amount", "fiat_amount"), "1e-7"),
    "zone": (("created_at",), "2026-05-26T12:00:00 Mars/Olympus"),
    "surrogate": (("currency",), "\ud800"),
    "missing": (("status",), _GONE),
}


def _odd_row(draft: Draft, options: Mapping[str, Any], world: World) -> None:
    """Set or remove the oddity's fields in one row: that of `record`, else number `row`."""
    names, value = ODDITIES[options["oddity"]]
    at = 0 if options["record"] is not None else options["row"]
    for record in _rows(draft, options)[at : at + 1]:
        for name in names if options["field"] is None else (options["field"],):
            if value is _GONE:
                record.pop(name, None)
            elif name in record:
                record[name] = value


_BOTH: tuple[When, ...] = ("before", "after")
_LATE: tuple[When, ...] = ("after",)
_ONE = {"record": None}

ANSWER_FAULTS: dict[str, Kind] = {
    "error": Kind(
        _BOTH,
        {
            "status": 503,
            "retry_after": None,
            "code": None,
            "type": None,
            "message": "Scripted fault.",
        },
        _error,
    ),
    "throttle": Kind(
        ("before",),
        {
            "status": 429,
            "retry_after": 1,
            "code": None,
            "type": None,
            "message": "Scripted fault: too many requests.",
        },
        _error,
    ),
    "html": Kind(_BOTH, {"status": 502}, _html),
    "reset": Kind(("after", "before"), {"wait": 0.0}, _wire_fault("reset")),
    "refuse": Kind(("before",), {}, _wire_fault("refuse")),
    "hang": Kind(("after", "before"), {}, _wire_fault("hang")),
    "truncate": Kind(_LATE, {"keep": None}, _truncate),
    "cut_json": Kind(_LATE, {}, _cut_json),
    "drip": Kind(_LATE, {"pause": 0.1}, _drip),
    "slow": Kind(_LATE, {"wait": 1.0}, _slow),
    "redirect": Kind(
        _BOTH, {"status": 307, "location": "https://elsewhere.example/v1/"}, _redirect
    ),
    "body": Kind(_LATE, {"text": "", "status": None, "content_type": "application/json"}, _body),
    "cookie": Kind(_LATE, {"value": "track=1; Path=/"}, _cookie),
    "set": Kind(_LATE, {"field": "status", "value": "under_review", **_ONE}, _set),
    "unknown_status": Kind(_LATE, {"field": "status", "value": "under_review", **_ONE}, _set),
    "extra_field": Kind(_LATE, {"field": "x_new", "value": {"not": "documented"}, **_ONE}, _set),
    "missing_field": Kind(_LATE, {"field": "status", **_ONE}, _remove),
    "wrong_mode": Kind(_LATE, {"field": "mode", "value": "live", **_ONE}, _set),
    "numbers": Kind(_LATE, {}, _numbers),
    "other_terms": Kind(
        _LATE, {"field": "amount", "value": None, "kept": False, **_ONE}, _other_terms
    ),
    "another": Kind(_LATE, {"record": None, "secret": True}, _another),
    "odd_row": Kind(_LATE, {"oddity": "null", "field": None, "row": 0, **_ONE}, _odd_row),
}

#: Options that take one of a few words; of `field` those of this fault alone.
CHOICES: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "other_terms": {"field": tuple(OTHER_TERMS)},
    "odd_row": {"oddity": tuple(ODDITIES)},
}
