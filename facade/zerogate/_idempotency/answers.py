"""Decides what an answer to a write is about: ours, ours on other terms, another payment. Pure.

Whose it is decides first. An answer about another payment says nothing about ours, however well its
amount would fit.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final, TypeAlias

import attrs

from .identity import KEY, Marks, marks_of, stranger
from .terms import Aliases, Difference, differences, mode_differs


@attrs.frozen
class Ours:
    """Ours, on the terms that were asked.

    unmarked: The answer does not say so by our key; of a rail, by its quote or its session; of a customer,
    by external id or e-mail.
    """

    unmarked: bool = False


@attrs.frozen
class Anothers:
    """About another payment. why: What says so; an id or a mark, nothing personal."""

    id: str
    why: str


@attrs.frozen
class Disputed:
    """Ours, and on other terms than were asked. unmarked: As of `Ours`."""

    differs: tuple[Difference, ...]
    unmarked: bool = False

    def __str__(self) -> str:
        return "; ".join(map(str, self.differs))


Verdict: TypeAlias = Ours | Anothers | Disputed
#: What of a rail says whose it is, where an answer has it.
_RAIL: Final = ("quote_id", "gate_session_id")
#: How a secret names its session, and ids that can be compared with that: of the same documented shape.
_NAMED: Final = (
    (
        re.compile(r"gsec_(gs_(?:test|live)_[^_]+)_"),
        re.compile(r"gs_(?:test|live)_[0-9A-Za-z]+"),
    ),
    (re.compile(r"gsec_([0-9a-f]{24})_"), re.compile(r"(?:gs_(?:test|live)_)?[0-9a-f]{24}")),
)
RAILS: Final = ("createPayIn", "createPayOut")


def judged(
    operation: str,
    asked: Mapping[str, Any],
    told: Mapping[str, Any],
    *,
    key: str,
    mode: str,
    object_id: str | None = None,
    sent: Marks | None = None,
    aliases: Aliases = (),
) -> Verdict:
    """Return Ours, Disputed or Anothers for the answer to a write, or a read of its object.

    asked: The request's body, or its terms as the journal keeps them. told: The object as Gate wrote it.
    object_id: The id that it has to have, where that is known. sent: The marks that the bytes carried,
    where `asked` is no body.
    """
    # Metadata that a body's answer gives back as it was need not be read a second time.
    echoed = sent is None and told.get("metadata") == asked.get("metadata")
    sent = sent or marks_of(asked)
    marks = sent if echoed else marks_of(told)
    why = (
        stranger(sent, key, marks) or other_secret(told.get("client_secret"), told.get("id"))
        if operation == "createSession"
        else _another(operation, asked, told)
    )
    if why is None and object_id is not None and told.get("id") != object_id and marks.key != key:
        # Under our own key it is one more of ours, made by a server that had forgotten the first.
        why = f"its id is not {object_id!a}"
    if why is not None:
        return Anothers(ascii(str(told.get("id"))[:64])[1:-1], why)
    found = list(differences(operation, asked, told, aliases))
    if operation == "createSession" and (other := mode_differs(told, mode)) is not None:
        found.append(other)
    unmarked = (
        not any(asked.get(name) == told.get(name) is not None for name in _RAIL)
        if operation in RAILS
        else is_customer(asked, told) is None
        if operation == "createCustomer"
        else KEY in (asked.get("metadata") or {}) and marks.key is None
    )
    return Disputed(tuple(found), unmarked) if found else Ours(unmarked)


def other_metadata(answers: Iterable[Mapping[str, Any]]) -> bool:
    """Return True if any of these answers has metadata that is not empty.

    A server that keeps no metadata leaves all of it out; one that keeps the order has kept the key.
    """
    return any(isinstance(kept := told.get("metadata"), Mapping) and kept for told in answers)


def other_secret(secret: object, id: object) -> str | None:
    """Return that a client secret is another session's, for messages; None where it does not say so.

    Documented: `gsec_<session id>_<random>`, and two shapes of ids. An id of any other says nothing, and
    neither does one beside a secret that names the other shape: ids are opaque.
    """
    named = next(
        (
            found[1]
            for in_secret, of_id in _NAMED
            if (found := in_secret.match(str(secret))) and of_id.fullmatch(str(id))
        ),
        None,
    )
    another = named is not None and not str(id).endswith(named)
    return f"its client_secret is that of {named[:64]!a}" if named and another else None


def _another(operation: str, asked: Mapping[str, Any], told: Mapping[str, Any]) -> str | None:
    """Return why an answer without marks is about another object, for messages; None: it is not."""
    if operation == "createCustomer":
        return None if is_customer(asked, told) is not False else "it is of another person"
    if operation in RAILS:
        return next(
            (
                f"its {name} is {str(told[name])[:64]!a}"
                for name in _RAIL
                if None not in (asked.get(name), told.get(name)) and told[name] != asked[name]
            ),
            None,
        )
    return None


def is_customer(asked: Mapping[str, Any], told: Mapping[str, Any]) -> bool | None:
    """Return whether a record is the person asked for, by external id, else e-mail; None if unknown."""
    for name, fold in (("external_id", str), ("email", str.casefold)):
        mine, theirs = asked.get(name), told.get(name)
        if isinstance(mine, str) and isinstance(theirs, str):
            return bool(fold(mine) == fold(theirs))
    return None
