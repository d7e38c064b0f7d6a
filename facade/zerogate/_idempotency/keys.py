"""Derives the idempotency key of a write: a published function of what the write is for. Pure.

Never of the body, the API key or the clock: one order is one key in every process, also after a
restart. The key's prefix is the version of the function, which never changes under it; its vectors
stand in tests/vectors/idempotency_keys.json, so that any language can compute the same keys.
"""

from __future__ import annotations

import base64
import hashlib
import re
import secrets
import unicodedata
from collections.abc import Callable
from typing import Final

import attrs

from .._validation import checked_namespace, fits
from ..errors import GateUsageError

_EMAIL: Final = re.compile(r"(?<=[^\s@])@[^\s@]+\.[^\s@]")
_PHONE: Final = re.compile(r"\+[0-9][0-9 ().-]{6,}|(?=.*[ (])[0-9 ().-]{7,}", re.ASCII)
_OPERATION: Final = re.compile("[A-Za-z]{1,64}")
_ORDER: Final = re.compile("(?s:.{1,128})")
_KEY: Final = re.compile("[!-~]{1,255}")
#: As much as a column of any database holds.
_LAST_ATTEMPT: Final = 2**31 - 1
#: What a key begins with that follows from an order: the version of the function.
DERIVED: Final = "zg1_"
_CREDENTIAL: Final = re.compile(r"(?:sk|pk)_(?:test|live)_|whsec_|gsec_")


def idempotency_key(*, namespace: str, operation: str, order: str, attempt: int) -> str:
    """Return the key of one attempt of one order, at most 64 characters; GateUsageError for wrong terms.

    "zg1_" and the SHA-256 of namespace, operation, order and attempt (in decimal), each as UTF-8
    with its length in bytes and a colon before it, in lower-case base32 without padding. So two
    different attempts never give the hash the same bytes, and no server that folds case or orders
    its keys by a collation makes two of one or one of two.

    >>> idempotency_key(namespace="", operation="createSession", order="order_1", attempt=1)
    'zg1_vzok4lbuwasbcvhn2lcs5fh7ajiss6frsavsuorfdrpeddnve4la'
    """
    if not fits(_OPERATION, operation):
        raise GateUsageError("operation is the contract's operationId, such as 'createSession'")
    checked = (checked_order(order), checked_attempt(attempt))
    return _derived(checked_namespace(namespace), operation, *checked)


def _derived(namespace: str, operation: str, order: str, attempt: int) -> str:
    """Return the key that follows from these terms, which are checked already."""
    # All but the order are ASCII: as many bytes as characters.
    counted, size = str(attempt), len(order.encode())
    text = f"{len(namespace)}:{namespace}{len(operation)}:{operation}{size}:{order}{len(counted)}:{counted}"
    digest = hashlib.sha256(text.encode()).digest()
    return DERIVED + base64.b32encode(digest).decode().rstrip("=").lower()


def fresh_key(token: Callable[[int], str] = secrets.token_hex) -> str:
    """Return a random key, never to be found again: keep it before the write is sent.

    token: Gives so many random bytes as text; the operating system's, unless a test brings its own.
    """
    return checked_key("fresh_" + token(16))


def checked_key(key: str) -> str:
    """Return the key; GateUsageError unless 1 to 255 printable ASCII, no space, and no credential."""
    if not fits(_KEY, key):
        raise GateUsageError(
            "an idempotency key is 1 to 255 printable ASCII characters without spaces: use order=, "
            "or fresh_key()"
        )
    if _CREDENTIAL.match(key):
        raise GateUsageError(
            "that is a credential, not an idempotency key, and those are logged: use order=, "
            "or fresh_key()"
        )
    return str.__str__(key)


def checked_order(order: str) -> str:
    """Return the order; GateUsageError unless 1 to 128 printable characters, NFC, no e-mail, no phone number.

    It is sent to Gate in metadata, and logged.
    """
    if not isinstance(order, str):
        raise GateUsageError(f"order= takes text, {_instead_of(order)}")
    if not fits(_ORDER, order) or not order.isprintable():
        raise GateUsageError(f"order must be 1 to 128 printable characters, not {_shown(order)}")
    if order != order.strip() or not unicodedata.is_normalized("NFC", order):
        # Two spellings that look the same would be two keys, and so two payments.
        raise GateUsageError(
            f"order {_shown(order)} can be written in two ways: strip it and normalise it to NFC"
        )
    if _EMAIL.search(order) or _PHONE.fullmatch(order):
        raise GateUsageError(
            "order looks like an e-mail address or a phone number, and it is sent to Gate and "
            "logged: use a reference that says nothing about a person"
        )
    return str.__str__(order)


def checked_attempt(attempt: int) -> int:
    """Return the number; GateUsageError unless an int from 1 to 2**31-1. A new one is a new payment."""
    if type(attempt) is int and 1 <= attempt <= _LAST_ATTEMPT:
        return attempt
    wrong = f"counts from 1, not {_shown(attempt)}"
    if type(attempt) is not int:
        wrong = f"is a whole number, not the {type(attempt).__name__} {_shown(attempt)}"
    elif attempt > _LAST_ATTEMPT:
        wrong = f"is {_LAST_ATTEMPT} at most, not {attempt}: it is no time and no id"
    raise GateUsageError(
        f"attempt= {wrong}: leave it out for the first payment of an order, and count up (2, 3, …) "
        "for the next one"
    )


def _instead_of(order: object) -> str:
    """Return what was given instead of text, and what to write, for an error's message."""
    if order is None:
        return "and None is no order: write your own reference, such as order='order-1'"
    shown = ascii(str(order))[1:-1][:40]
    if type(order).__name__ in ("int", "UUID"):
        return f"not the {type(order).__name__} {shown}: write order='{shown}'"
    return (
        f"not the {type(order).__name__} {shown}: write your own reference, such as order='order-1'"
    )


def _shown(value: object) -> str:
    """Return a value for messages: ASCII-escaped in quotes, 60 characters at most."""
    return ascii(value if isinstance(value, str) else str(value))[:60]


@attrs.frozen
class Identity:
    """The identity of one write, the same over all its tries."""

    order: str | None
    attempt: int | None
    idempotency_key: str


def identify(
    namespace: str, operation: str, order: str | None, attempt: int, given_key: str | None
) -> Identity:
    """Return a write's identity: the key given, else derived from order and attempt; GateUsageError if wrong.

    With neither it is refused: a key made up in silence is a second payment after a crash.
    """
    attempt = checked_attempt(attempt)
    if order is not None:
        order = checked_order(order)
        derived = _derived(namespace, operation, order, attempt)
        return Identity(order, attempt, derived if given_key is None else checked_key(given_key))
    if given_key is None:
        raise GateUsageError(
            f"{operation} needs order='…', your own reference, so that calling again is the same "
            "write; or idempotency_key=, for which fresh_key() makes a random one"
        )
    if attempt != 1:
        raise GateUsageError("attempt= counts the attempts of an order: give order= as well")
    return Identity(None, None, checked_key(given_key))


def identify_customer(namespace: str, external_id: str | None, given_key: str | None) -> Identity:
    """Return a create's identity: the key given, else derived from *external_id*; GateUsageError for neither.

    It is no order and is not sent as one; only the key follows from it.
    """
    if given_key is not None:
        return Identity(None, None, checked_key(given_key))
    if external_id is None:
        raise GateUsageError(
            "createCustomer needs external_id='…', your own id of the person, so that calling again "
            "is the same record; or idempotency_key=, for which fresh_key() makes a random one"
        )
    derived = idempotency_key(
        namespace=namespace, operation="createCustomer", order=external_id, attempt=1
    )
    return Identity(None, None, derived)
