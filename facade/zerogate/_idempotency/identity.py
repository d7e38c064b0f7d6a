"""Marks that a write carries in `metadata`, and the one function that reads them from a record. Pure.

A write is known by its namespace, order and attempt, and by the key that follows from them. All four
travel, because nothing else can be looked up later, and because the order alone is not an identity:
two services of one account may number their orders alike.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, TypeVar

import attrs

from ..errors import GateError
from .keys import Identity, idempotency_key

T = TypeVar("T")
#: The documented one, and ours under a prefix that meets nothing of the partner's.
ORDER: Final = "order_id"
ATTEMPT: Final = "zerogate_attempt"
NAMESPACE: Final = "zerogate_namespace"
KEY: Final = "zerogate_key"
MARKS: Final = (ORDER, ATTEMPT, NAMESPACE, KEY)


@attrs.frozen
class Marks:
    """The marks of the write that made a record, as text; None is what the record does not say.

    No namespace is the empty one: the default is not sent.
    """

    order: str | None = None
    attempt: str | None = None
    namespace: str = ""
    key: str | None = None


_UNMARKED: Final = Marks()


def marks_for(identity: Identity, namespace: str) -> dict[str, str]:
    """Return the metadata that a write with this identity carries, as text; None is left out."""
    told = {
        ORDER: identity.order,
        ATTEMPT: None if identity.attempt is None else str(identity.attempt),
        NAMESPACE: namespace or None,
        KEY: identity.idempotency_key,
    }
    return {name: value for name, value in told.items() if value is not None}


def marks_of(record: object) -> Marks:
    """Return the marks in the metadata of a model or a mapping; what it does not say is None.

    Numbers are read as their text: a server may keep metadata as it likes. Anything else is no mark;
    as a namespace it is none of ours.
    """
    told = (
        record.get("metadata")
        if isinstance(record, (dict, Mapping))
        else getattr(record, "metadata", None)
    )
    told = getattr(told, "additional_properties", told)
    if not isinstance(told, (dict, Mapping)):
        return _UNMARKED
    return Marks(
        order=_text(told.get(ORDER), None),
        attempt=_text(told.get(ATTEMPT), None),
        # No namespace has a space in it, so that this one equals none.
        namespace="" if told.get(NAMESPACE) is None else _text(told[NAMESPACE], "not text"),
        key=_text(told.get(KEY), None),
    )


def stranger(sent: Marks, key: str, told: Marks) -> str | None:
    """Return which mark contradicts ours, as words for messages; None where none does.

    sent: The marks that our own bytes carried. key: The write's own, whether its bytes carry it or not.
    A mark that is not told contradicts nothing, but for the namespace: none is the empty one.
    """
    # No namespace is the empty one, unless nothing is told at all, or the key speaks for all.
    named = told.namespace != "" or (told.key is None and told != _UNMARKED)
    return next(
        (
            f"{name} is {theirs[:64]!a}"
            for name, theirs, ours in (
                (KEY, told.key, key),
                (NAMESPACE, told.namespace if named else None, sent.namespace),
                (ORDER, told.order, sent.order),
                (ATTEMPT, told.attempt, sent.attempt),
            )
            if theirs != ours and theirs is not None and ours is not None
        ),
        None,
    )


def echoes(told: Marks, operation: str) -> bool:
    """Return True if a record gives its marks back whole: its key is derived from the others."""
    if told.key is None or told.order is None or not (told.attempt or "").isdecimal():
        return False
    try:
        derived = idempotency_key(
            namespace=told.namespace,
            operation=operation,
            order=told.order,
            attempt=int(told.attempt or 0),
        )
    except (GateError, ValueError):  # no order or attempt of ours, or more digits than Python reads
        return False
    return derived == told.key


def _text(value: object, otherwise: T) -> str | T:
    """Return text, NUL as U+FFFD (no database keeps it), an integer as its digits; else *otherwise*."""
    fits = isinstance(value, str | int) and not isinstance(value, bool)
    return str(value).replace("\0", "\ufffd") if fits else otherwise
