"""What a reply means: a record, a refusal, or nothing to rely on. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import attrs

from .. import errors
from .._strict_json import Oddity, parse
from .._unreadable import UnreadableRow
from . import models
from .operations import AS_IT_CAME, ROWS_AS_THEY_CAME, Operation

_SAYS_AT_MOST = 256


def request_id_of(headers: Mapping[str, str]) -> str | None:
    """X-Request-Id, if it is one that can be printed and kept."""
    found = headers.get("x-request-id", "")
    return found if 0 < len(found) <= 128 and found.isascii() and found.isprintable() else None


@attrs.frozen
class Complaint:
    """The error envelope, as much of it as came; `type` and `code` are open sets."""

    status: int
    type: str | None = None
    code: str | None = None
    says: str = ""
    request_id: str | None = None

    @property
    def enveloped(self) -> bool:
        """Whether Gate itself says it: what stands before it has other words for a 404."""
        return self.type is not None and self.code is not None


def complaint_of(status: int, headers: Mapping[str, str], body: bytes) -> Complaint:
    """Read whatever came with a status that is not a success; an HTML page is one too."""
    request_id = request_id_of(headers)
    try:
        told = parse(body, strict=False).value
    except ValueError:
        told = None
    if not isinstance(told, dict):
        return Complaint(
            status, says=_clean(body.decode("utf-8", "replace")), request_id=request_id
        )
    return Complaint(
        status,
        type=_word(told.get("type")),
        code=_word(told.get("code")),
        says=_clean(_said(told.get("message"))),
        request_id=request_id or _word(told.get("request_id")),
    )


def _word(value: object) -> str | None:
    """A machine's word as it stands; what could be anything else is none."""
    if isinstance(value, str) and 0 < len(value) <= 128 and value.isprintable():
        return _CREDENTIAL.sub("[credential]", value)
    return None


def _said(message: object) -> str:
    """Some services of this family send an array of strings."""
    parts = message if isinstance(message, list) else [message]
    return "; ".join(part for part in parts if isinstance(part, str))


#: A server's message may repeat the credential that it refused.
_CREDENTIAL = re.compile(r"\b(?:(?:sk|pk)_(?:test|live)_|whsec_|gsec_)[^\s\"'<>]*")


def _clean(text: str) -> str:
    shown = "".join(c if c.isprintable() else " " for c in text[: 4 * _SAYS_AT_MOST])
    return " ".join(_CREDENTIAL.sub("[credential]", shown).split())[:_SAYS_AT_MOST]


@attrs.frozen
class Found:
    """The record that a 2xx carries, and the JSON that it was read from.

    oddities: What had to be overlooked to read it.
    """

    record: Any
    raw: Mapping[str, Any]
    oddities: tuple[Oddity, ...] = ()


@attrs.frozen
class Drifted:
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


@attrs.frozen
class Rows:
    """A page of a list: records, or rows as they came, and an UnreadableRow in place of what is neither.

    rows: In the list's order.
    """

    rows: list[Any]
    has_more: bool
    unreadable: tuple[UnreadableRow, ...] = ()

    @classmethod
    def of(cls, rows: list[Any], has_more: bool) -> Rows:
        if UnreadableRow not in {*map(type, rows)}:
            return cls(rows, has_more)
        return cls(rows, has_more, tuple(row for row in rows if type(row) is UnreadableRow))

    @property
    def data(self) -> list[Any]:
        """Those that could be read."""
        if not self.unreadable:
            return self.rows
        return [row for row in self.rows if type(row) is not UnreadableRow]


Read = Found | Drifted | Unreadable | Foreign


def read(operation: Operation, body: bytes, asked: Mapping[str, Any]) -> Read:
    """Return what a 2xx carries. asked: The parameters of the call; what they name is what must come.

    Duplicate keys are looked for on writes only: it costs half the parsing.
    """
    try:
        parsed = parse(body, strict=operation.writes)
    except ValueError as exc:
        return Unreadable(_clean(str(exc)))
    told = parsed.value
    if not isinstance(told, dict):
        return Unreadable(f"{type(told).__name__} where an object belongs")
    found = _rows(operation, told, asked) if operation.lists else _one(operation, told, asked)
    if parsed.oddities and isinstance(found, Found):
        return attrs.evolve(found, oddities=parsed.oddities)
    return found


def _rows(
    operation: Operation, told: dict[str, Any], asked: Mapping[str, Any]
) -> Found | Unreadable | Foreign:
    data, more = told.get("data"), told.get("has_more")
    if not isinstance(data, list) or told.get("object") not in ("list", None):
        return Unreadable("no list of objects")
    if not isinstance(more, bool):
        if operation.known_by:
            return Unreadable("a list that does not say whether there is more ('has_more')")
        more = False
    foreign = _foreign_row(operation, data, asked)
    if foreign is not None:
        return foreign
    if operation.answer == ROWS_AS_THEY_CAME:
        rows = [_as_it_came(row, operation.known_by) for row in data]
    else:
        rows = models.read_rows(operation.answer.removesuffix("List"), data, operation.known_by)
    return Found(Rows.of(rows, more), told)


def _as_it_came(row: Any, known_by: str) -> Any:
    if not isinstance(row, dict):
        return UnreadableRow(None, None, f"{type(row).__name__} where an object belongs", row)
    if models.id_in(row, known_by) is None:
        return UnreadableRow(None, known_by, f"a row without {known_by!r}", row)
    return row


def _foreign_row(operation: Operation, rows: list[Any], asked: Mapping[str, Any]) -> Foreign | None:
    """The first row that a filter should have left out; one that says nothing of it is no such row."""
    for name in operation.filters:
        wanted = asked.get(name)
        if wanted is None:
            continue
        for row in rows:
            given = row.get(name) if isinstance(row, dict) else None
            if isinstance(given, str) and not _same(name, given, wanted):
                return Foreign(
                    f"was asked for {name}={_shown(name, wanted)} and gives a row of "
                    f"{_shown(name, given)}: the filter is ignored, so nothing of that answer counts"
                )
    return None


def _same(name: str, given: str, wanted: str) -> bool:
    """Codes and e-mail addresses may come back in another case."""
    if name in ("symbol", "email"):
        return given.casefold() == wanted.casefold()
    return given == wanted


def _shown(name: str, value: str) -> str:
    """An e-mail address is personal: it stands in no message."""
    return "[an address]" if name == "email" else repr(_clean(value[:_SAYS_AT_MOST]))


def _one(operation: Operation, told: dict[str, Any], asked: Mapping[str, Any]) -> Read:
    known = models.id_in(told, operation.known_by)
    if operation.named_in_path is not None:
        wanted = str(asked.get(operation.named_in_path, known))
        if known is None:
            return Unreadable(f"an object without {operation.known_by!r}")
        if not _same(operation.known_by, known, wanted):
            return Foreign(
                f"was asked for {_shown('id', wanted)} and is answered with {_shown('id', known)}: "
                "nothing of that answer counts"
            )
    if operation.answer == AS_IT_CAME:
        return Found(told, told) if known else Unreadable("an object without an id")
    try:
        record = models.read(operation.answer, told)
        if known or not operation.writes or not hasattr(record, "id"):
            return Found(record, told)
        why = "an object without an id"
    except ValueError as exc:
        why = _clean(str(exc))
    return Drifted(known, told, why) if known and operation.writes else Unreadable(why)


def unread(
    operation: Operation, status: int, why: str, wrapping: tuple[Oddity, ...]
) -> errors.GateError:
    """Return why a 2xx says nothing, as data for `last_error`. wrapping: What was odd about its body."""
    odd = "".join(f"; {what} {how}" for what, how in wrapping)
    said = f"{operation.id} was answered {status}, which cannot be read: {why}{odd}"
    return errors.GateError(said, status=status)


def usable(operation: Operation, record: Any, raw: Mapping[str, Any]) -> Any:
    """The record of a write; without a client secret where its session is not open any more."""
    if operation.writes and raw.get("client_secret") is not None and raw.get("status") != "open":
        return models.read(operation.answer, errors.without_secret(raw))
    return record


#: What to do about a refusal; the documentation's own advice, in order of likelihood.
_ADVICE = {
    400: "fix the request; sending it again as it is cannot help",
    401: "check the key, the environment that it is read from, and that it is of this host",
    402: "the balance does not cover it: top it up, then call again",
    403: (
        "check in this order: is the key revoked, is it of the other mode, is the account enabled "
        "for this; asking again cannot help"
    ),
    404: "not there, or not this partner's in this environment; no evidence that nothing was created",
    409: "read the object's state and branch on it",
    422: "fix the request; sending it again as it is cannot help",
    429: "wait as long as .retry_after says, else back off with jitter",
    501: "this account has no such capability; asking again cannot help",
}
#: The same where the documentation says more about one operation.
_ADVICE_OF = {
    ("createCustomer", 409): (
        "a record has this e-mail or external_id, maybe a deleted one: find it with customers.list"
    ),
    ("createEmbedToken", 401): "go back to the session; never fall back to the secret key",
    (
        "createEmbedToken",
        403,
    ): "check that origin= is one that the account allows, letter for letter",
    ("createPayIn", 409): "read the quote: it may be consumed by this very write",
    ("createPayOut", 409): "read the quote: it may be consumed by this very write",
    ("getAsset", 404): "unknown, inactive, or not offered here on this side: hide it, try later",
    (
        "replayWebhookDelivery",
        400,
    ): "only a dead-lettered delivery can be replayed: read its status",
    ("sendTestWebhook", 400): "the account has no webhook URL: set one first",
}


def refusal(
    operation: Operation, complaint: Complaint, headers: Mapping[str, str]
) -> errors.RequestRejected:
    """A definite no, as the error its status stands for."""
    kind = errors.BY_STATUS.get(complaint.status, errors.RequestRejected)
    if kind is errors.Conflict and complaint.code in _KEY_REUSED:
        kind = errors.KeyReused
    return kind(
        _message(operation, complaint, headers, _advice(operation, kind, complaint.status)),
        status=complaint.status,
        type=complaint.type,
        code=complaint.code,
    )


def settles(operation: Operation, complaint: Complaint) -> bool:
    """Whether a 409 to a write under a key says what it is about: by its code, or by the rail's quote."""
    if complaint.code in _KEY_REUSED:
        return True
    if operation.id == "createCustomer":
        return complaint.code == "customer_already_exists"
    return operation.id in ("createPayIn", "createPayOut") and complaint.status == 409


#: How a key reused with another body may be called; nobody has documented it for this product.
_KEY_REUSED = frozenset({"idempotency_conflict", "idempotency_key_reused"})


def _advice(operation: Operation, kind: type[errors.RequestRejected], status: int) -> str | None:
    if kind is errors.KeyReused:
        return (
            "this key stands for another body: send the same body again, metadata and URLs included; "
            "another payment is another attempt"
        )
    return _ADVICE_OF.get((operation.id, status)) or _ADVICE.get(status)


def trouble(
    operation: Operation, complaint: Complaint, headers: Mapping[str, str]
) -> errors.GateError:
    """An answer that settles nothing, as data for `last_error`."""
    return errors.GateError(
        _message(operation, complaint, headers, None),
        status=complaint.status,
        type=complaint.type,
        code=complaint.code,
    )


def _host(headers: Mapping[str, str]) -> str:
    """Where a redirect points: the host alone, for the rest may carry what it was given."""
    try:
        return _clean(urlsplit(headers.get("location", "")).hostname or "") or "the same host"
    except ValueError:
        return "no host that can be read"


def _message(
    operation: Operation, complaint: Complaint, headers: Mapping[str, str], advice: str | None
) -> str:
    if 300 <= complaint.status <= 399:
        advice = f"redirects are never followed (this one to {_host(headers)}): check base_url"
    parts = [f"{operation.id} was answered {complaint.status}"]
    if complaint.code or complaint.type:
        parts.append(f"({complaint.code or complaint.type})")
    if complaint.says:
        parts.append(f"«{complaint.says}»")
    return " ".join(parts) + (f": {advice}" if advice else "")
