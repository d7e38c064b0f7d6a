"""Turns a refusal into its error, and says what to do about it, in plain words. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any
from urllib.parse import urlsplit

from .. import errors
from .operations import Operation
from .responses import ErrorEnvelope, cleaned, shown

#: What to do about a refusal; the documentation's own advice, in order of likelihood.
_ADVICE = {
    400: "fix the request; sending it again as it is cannot help",
    401: "check the key, the environment that it is read from, and that it is of this host",
    402: "the balance does not cover it: top it up, then call again",
    403: (
        "check in this order: is the key revoked, is it of the other mode, is the account enabled "
        "for this; asking again cannot help"
    ),
    409: "it is not in a state for this: read it again, and go on by its status",
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
    operation: Operation[Any],
    complaint: ErrorEnvelope,
    location: str,
    asked: Mapping[str, Any] = MappingProxyType({}),
) -> errors.RequestRejected:
    """Return (not raise) the error that a definite no's status and code stand for.

    location: Where a redirect leads, or nothing. asked: What its path names.
    """
    kind = errors.BY_STATUS.get(complaint.status, errors.RequestRejected)
    if complaint.code in _KEY_REUSED:
        kind = errors.KeyReused
    return kind(
        _message(operation, complaint, location, _advice(operation, kind, complaint.status, asked)),
        status=complaint.status,
        type=complaint.type,
        code=complaint.code,
    )


def settles(operation: Operation[Any], complaint: ErrorEnvelope) -> bool:
    """Return True if a refusal of a keyed write is certain: by its code, or a 409 to a rail."""
    if complaint.code in _KEY_REUSED:
        return True
    if operation.id == "createCustomer":
        return complaint.code == "customer_already_exists"
    return operation.id in ("createPayIn", "createPayOut") and complaint.status == 409


#: How a key reused with another body may be called, under any status (others answer 400 or 422): nobody has
#: documented it for this product, and something was made under such a key.
_KEY_REUSED = frozenset(
    f"idempotency_{word}"
    for word in ("conflict", "key_reused", "error", "mismatch", "key_mismatch")
)


#: Begins every transaction's id.
_REFID = "0g_txn_"
#: A 404 to what names no object: then the address is wrong, or its object is named in the body.
_NOTHING_THERE = "nothing is there: check base_url, which ends in /v1"
_NOT_FOUND_BY_WRITE = (
    "something that it names is not there for this key: check the ids that it was given. Nothing "
    "says that nothing was created"
)


def _advice(
    operation: Operation[Any],
    kind: type[errors.RequestRejected],
    status: int,
    asked: Mapping[str, Any],
) -> str | None:
    """Return what to do about a refusal, for its message; None where nothing is known."""
    if kind is errors.KeyReused:
        return (
            "this order and attempt were sent before with something else in them (amount, metadata, a "
            "URL): call again with exactly what was sent first to get its session, or count attempt= "
            "up for another payment"
        )
    if status == 404 and (operation.id, status) not in _ADVICE_OF and "{" not in operation.route:
        return _NOT_FOUND_BY_WRITE if operation.writes else _NOTHING_THERE
    if status == 404 and (operation.id, status) not in _ADVICE_OF:
        return _not_found(operation, asked)
    return _ADVICE_OF.get((operation.id, status)) or _ADVICE.get(status)


def _not_found(operation: Operation[Any], asked: Mapping[str, Any]) -> str:
    """Return what to do about a 404 to an id; says so where a refid was given as a session's."""
    id = next((str(value) for name, value in asked.items() if f"{{{name}}}" in operation.route), "")
    if operation.id.endswith("Session") and id.startswith(_REFID):
        return f"{shown('id', id)} is a transaction's refid: read it with transactions.retrieve"
    named = f"{shown('id', id)}" if id else "this id"
    return (
        f"there is none by {named} for this key: check the id, and that the key is of the account and "
        "mode that made it"
    )


def trouble(
    operation: Operation[Any],
    complaint: ErrorEnvelope,
    location: str,
    asked: Mapping[str, Any] = MappingProxyType({}),
) -> errors.GateError:
    """Return (not raise) an error for an answer that settles nothing, as data for `last_error`."""
    return errors.GateError(
        _message(operation, complaint, location, None),
        status=complaint.status,
        type=complaint.type,
        code=complaint.code,
    )


def _host(location: str) -> str:
    """Return the host a redirect points to, and nothing else: the rest may carry secrets."""
    try:
        return cleaned(urlsplit(location).hostname or "") or "the same host"
    except ValueError:
        return "no host that can be read"


def _message(
    operation: Operation[Any], complaint: ErrorEnvelope, location: str, advice: str | None
) -> str:
    """Return an error's text: operation, status, code, Gate's words, then the advice."""
    if 300 <= complaint.status <= 399:
        advice = f"redirects are never followed (this one to {_host(location)}): check base_url"
    parts = [f"{operation.id} was answered {complaint.status}"]
    if complaint.code or complaint.type:
        parts.append(f"({complaint.code or complaint.type})")
    if complaint.says:
        parts.append(f"«{complaint.says}»")
    return " ".join(parts) + (f": {advice}" if advice else "")
