"""Decides what a reply means: a record, a refusal, or nothing to rely on. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

import attrs

from .. import errors
from .._strict_json import Oddity, parse
from . import models
from .operations import Operation

_SAYS_AT_MOST = 256
#: Characters of a value that was sent by which it is known where a server has cut it.
CUT = 16
#: An id that a machine made repeats nothing of a person.
_MADE = re.compile(r"(?:[a-z]{1,6}_)?(?=[0-9-]*[a-f])[0-9a-f-]{8,36}")
#: Takes out of a text what was sent.
Hide = Callable[[str], str]


def request_id_of(headers: Mapping[str, str], hide: Hide) -> str | None:
    """Return X-Request-Id, sent values masked; None unless it is printable ASCII, 128 at most."""
    found = headers.get("x-request-id", "")
    fits = 0 < len(found) <= 128 and found.isascii() and found.isprintable()
    return (
        (found if _MADE.fullmatch(found) else _CREDENTIAL.sub("[credential]", hide(found)))
        if fits
        else None
    )


@attrs.frozen
class ErrorEnvelope:
    """The error envelope, as much of it as came; `type` and `code` are open sets."""

    status: int
    type: str | None = None
    code: str | None = None
    says: str = ""
    request_id: str | None = None

    @property
    def enveloped(self) -> bool:
        """Return True if Gate itself wrote it, with type and code: a proxy has other words."""
        return self.type is not None and self.code is not None


def complaint_of(
    status: int, headers: Mapping[str, str], body: bytes, hide: Hide = str
) -> ErrorEnvelope:
    """Return the error envelope of a reply that is no success; without JSON, only its cleaned text.

    hide: Takes what was sent out of a text.
    """
    request_id = request_id_of(headers, hide)
    try:
        told = parse(body, strict=False).value
    except ValueError:
        told = None
    if not isinstance(told, dict):
        return ErrorEnvelope(
            status, says=cleaned(body.decode("utf-8", "replace"), hide), request_id=request_id
        )
    return ErrorEnvelope(
        status,
        type=_word(told.get("type"), hide),
        code=_word(told.get("code"), hide),
        says=cleaned(_message_text(told.get("message")), hide),
        request_id=request_id or _word(told.get("request_id"), hide),
    )


def _word(value: object, hide: Hide) -> str | None:
    """Return an error's type or code, credentials masked; None unless 1 to 128 printable characters."""
    if not (isinstance(value, str) and 0 < len(value) <= 128 and value.isprintable()):
        return None
    return _CREDENTIAL.sub("[credential]", hide(value))


def _message_text(message: object) -> str:
    """Return a message as text; of an array, its strings joined; empty for anything else."""
    parts = message if isinstance(message, list) else [message]
    return "; ".join(part for part in parts if isinstance(part, str))


#: A server's message may repeat the credential that it refused.
_CREDENTIAL = re.compile(
    r"(?<![^\W_])(?:(?:sk|pk)_(?:test|live)_|whsec_|gsec_)[^\s\"'<>]*", re.IGNORECASE
)


def cleaned(text: str, hide: Hide = str) -> str:
    """Return the first 256 characters of a server's text, on one line, credentials masked.

    hide: Takes what was sent out of it.
    """
    shown = "".join(c if c.isprintable() else " " for c in text[: 4 * _SAYS_AT_MOST])
    shown = " ".join(hide(shown).split())
    # So short a part of what was sent is not known again.
    whole = shown if len(text) <= 4 * _SAYS_AT_MOST else shown[:-CUT]
    return _CREDENTIAL.sub("[credential]", whole)[:_SAYS_AT_MOST]


@attrs.frozen
class Found:
    """The record that a 2xx carries, and the JSON that it was read from.

    oddities: What had to be overlooked to read it.
    """

    record: Any
    raw: Mapping[str, Any]
    oddities: tuple[Oddity, ...] = ()


@attrs.frozen
class UnreadableReply:
    """A 2xx whose object has an id but does not fit the contract: known, and not what was expected."""

    id: str
    raw: Mapping[str, Any]
    why: str


@attrs.frozen
class Unreadable:
    """A 2xx that says nothing: cut off, a page of HTML, another shape."""

    why: str


@attrs.frozen
class Foreign:
    """A 2xx that is about something else than what was asked for."""

    why: str


Read = Found | UnreadableReply | Unreadable | Foreign


def read(operation: Operation[Any], body: bytes, asked: Mapping[str, Any]) -> Read:
    """Return a 2xx: Found, UnreadableReply (misfit with an id), Unreadable (no id) or Foreign.

    asked: The parameters of the call; what they name is what must come.

    Duplicate keys are looked for on writes only: it costs half the parsing.
    """
    try:
        parsed = parse(body, strict=operation.writes)
    except ValueError as exc:
        return Unreadable(cleaned(str(exc)))
    told = parsed.value
    if not isinstance(told, dict):
        return Unreadable(f"{type(told).__name__} where an object belongs")
    found = _rows(operation, told, asked) if operation.lists else _one(operation, told, asked)
    odd = parsed.oddities
    return attrs.evolve(found, oddities=odd) if odd and isinstance(found, Found) else found


def _rows(
    operation: Operation[Any], told: dict[str, Any], asked: Mapping[str, Any]
) -> Found | Unreadable | Foreign:
    """Return a list reply as Found; Unreadable if it is no list, Foreign if a filter is ignored."""
    data, more = told.get("data"), told.get("has_more")
    if not isinstance(data, list) or told.get("object") not in ("list", None):
        return Unreadable("no list of objects")
    if not isinstance(more, bool):
        if operation.known_by:
            return Unreadable("a list that does not say whether there is more ('has_more')")
        more = False
    foreign = _foreign_row(operation, data, asked)
    return foreign or Found(operation.read({"data": data, "has_more": more}), told)


def _foreign_row(
    operation: Operation[Any], rows: list[Any], asked: Mapping[str, Any]
) -> Foreign | None:
    """Return Foreign for the first row that a filter should have left out; None: no such row.

    A row that says nothing of it is no such row.
    """
    for name in (one for one in operation.filters if asked.get(one) is not None):
        wanted, given = asked[name], [row.get(name) for row in rows if isinstance(row, dict)]
        for one in given:
            if isinstance(one, str) and not _same(name, one, wanted):
                return Foreign(
                    f"was asked for {name}={shown(name, wanted)} and gives a row of "
                    f"{shown(name, one)}: the filter is ignored, so nothing of that answer counts"
                )
    return None


def _same(name: str, given: str, wanted: str) -> bool:
    """Return True if equal; of `symbol` and `email`, also in another letter case."""
    as_told = str.casefold if name in ("symbol", "email") else str
    return as_told(given) == as_told(wanted)


def shown(name: str, value: str) -> str:
    """Return a value quoted, cleaned and cut for messages; of the field `email`, a placeholder."""
    return "[an address]" if name == "email" else repr(cleaned(value[:_SAYS_AT_MOST]))


def _one(operation: Operation[Any], told: dict[str, Any], asked: Mapping[str, Any]) -> Read:
    """Return a reply's object: Found, Foreign if not the path's, or Unreadable(Reply) if it does not fit."""
    known = models.id_in(told, operation.known_by)
    if operation.named_in_path is not None:
        wanted = str(asked.get(operation.named_in_path, known))
        if known is None:
            return Unreadable(f"an object without {operation.known_by!r}")
        if not _same(operation.known_by, known, wanted):
            return Foreign(
                f"was asked for {shown('id', wanted)} and is answered with {shown('id', known)}: "
                "nothing of that answer counts"
            )
    if operation.read is models.as_it_came:
        return Found(told, told) if known else Unreadable("an object without an id")
    try:
        record = operation.read(told)
        if known or not operation.writes or not hasattr(record, "id"):
            return Found(record, told)
        why = "an object without an id"
    except ValueError as exc:
        why = cleaned(str(exc))
    return UnreadableReply(known, told, why) if known and operation.writes else Unreadable(why)


def unread(
    operation: Operation[Any], status: int, why: str, wrapping: tuple[Oddity, ...]
) -> errors.GateError:
    """Return (not raise) an error that says why a 2xx cannot be read, as data for `last_error`.

    wrapping: What was odd about its body.
    """
    odd = "".join(f"; {what} {how}" for what, how in wrapping)
    said = f"{operation.id} was answered {status}, which cannot be read: {why}{odd}"
    return errors.GateError(said, status=status)


def usable(operation: Operation[Any], record: Any, raw: Mapping[str, Any]) -> Any:
    """Return a write's record; without its client secret if its session is not open."""
    if operation.writes and raw.get("client_secret") is not None and raw.get("status") != "open":
        return operation.read(errors.without_secret(raw))
    return record
