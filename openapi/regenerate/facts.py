"""One fact of the API as a record, as a line of API.md, and back. Knows no OpenAPI.

The line is what a reviewer reads in a diff; reading it back lets a committed API.md stand for the
contract it was made from.
"""

import json
import re
from collections.abc import Iterable
from typing import Any

from attrs import evolve, field, frozen

from . import kinds
from .refused import Refused

KINDS = (
    *(
        "body",
        "callback",
        "enum",
        "event",
        "event-answer",
        "event-header",
        "field",
        "header",
        "info",
        "link",
    ),
    *("model", "operation", "parameter", "prose", "response", "scheme", "server"),
)
#: Kinds whose type is text or an address, in which no model is named.
PLAIN = ("callback", "info", "link", "operation", "prose", "scheme", "server")
#: Kinds that belong to no model and no operation.
APART = ("event", "event-answer", "event-header", "info", "scheme")
#: Kinds whose names are `Model.field`.
DOTTED = ("field", "prose")
DEPRECATED = "deprecated"
SUNSET = "sunset "
STABILITY = "stability "
#: Before what is said of the elements of a list.
OF_EACH = "of each: "
#: Before what is said of one of several alternatives.
OF_ONE = "of one: "
DEFAULT = "server default "
#: Before what tells the fields of a header from others.
DETAIL = "in detail "
CLOSED = "closed"
#: Before what tells one example of a body or an answer from another.
EXAMPLE = "example "
READ_ONLY, WRITE_ONLY = "read only", "write only"


@frozen
class Fact:
    """Something code can depend on.

    name: What it is about: `GateSession.amount`, `createSession header Idempotency-Key`.
    type: What its values are, null aside; of an operation, method and path.
    limits: Bounds and patterns, as JSON Schema calls them.
    required: Whether it must be there; None where that makes no sense.
    notes: Anything else, in words.
    """

    kind: str
    name: str
    type: str = ""
    null: bool = False
    limits: dict[str, Any] = field(factory=dict, hash=False)
    required: bool | None = None
    notes: tuple[str, ...] = ()

    @property
    def key(self) -> tuple[str, str]:
        """Identity of a fact: one with this key in another contract is the same, changed or not."""
        return self.kind, self.name

    @property
    def owner(self) -> str:
        """The model, enum, operation or event it belongs to."""
        if self.kind == "event":
            return self.name
        owner = self.name.partition(" ")[0]
        # Only names of classes have no dot in them: operations may be called `sessions.findAll`.
        return owner.partition(".")[0] if self.kind in DOTTED else owner

    @property
    def member(self) -> str:
        """The part that it is of its owner: a field, a value, a parameter, a status."""
        return self.name.removeprefix(self.owner)[1:]

    def __str__(self) -> str:
        words = [f"{self.type}{' or null' if self.null else ''}"]
        if self.limits:
            words[0] += f" {json.dumps(self.limits, ensure_ascii=False)}"
        if self.required is not None:
            words.append("required" if self.required else "optional")
        told = ", ".join([*words, *self.notes])
        return f"{self.kind} {self.name}: {told}" if told else f"{self.kind} {self.name}"


def lines(facts: Iterable[Fact]) -> list[str]:
    """Return the facts as lines of API.md, sorted by their characters."""
    return sorted(map(str, facts))


def read_back(api_md: str) -> list[Fact]:
    """Return the facts of an API.md; anything around the lines is passed over."""
    return [read_line(line) for line in api_md.splitlines() if line.partition(" ")[0] in KINDS]


def read_line(line: str) -> Fact:
    """Return the fact that a line of API.md is written for; raise Refused for any other line."""
    kind, _, rest = line.partition(" ")
    name, _, told = rest.partition(": ")
    if kind == "enum":
        return Fact(kind, rest)
    if kind not in KINDS or not told:
        raise Refused(f"generated/API.md: not a fact: {line!r}; restore the file from git")
    (values, *limits), *words = _parts(told)
    required = {"required": True, "optional": False}.get(words[0][0]) if words else None
    notes = words if required is None else words[1:]
    return Fact(
        kind=kind,
        name=name,
        type=values.removesuffix(" or null"),
        null=values.endswith(" or null"),
        limits=json.loads(limits[0]) if limits else {},
        required=required,
        notes=tuple(" ".join(note) for note in notes),
    )


def _parts(told: str) -> list[list[str]]:
    """Return a fact's parts between commas, each with a JSON object at its end split off."""
    outside = re.sub(kinds.QUOTED, lambda text: "_" * len(text[0]), told)
    parts, start, depth = [], 0, 0
    for place, character in enumerate(outside):
        depth += (character in "({[") - (character in ")}]")
        if depth == 0 and outside.startswith(", ", place):
            parts.append((start, place))
            start = place + 2
    parts.append((start, len(told)))
    return [_without_limits(told[a:b], outside[a:b]) for a, b in parts]


def _without_limits(part: str, outside: str) -> list[str]:
    """Return [part], or [words, limits] where a JSON object stands at its end."""
    if not outside.endswith("}"):
        return [part]
    depth = 0
    for place, character in enumerate(outside):
        if depth == 0 and outside.startswith(" {", place):
            return [part[:place], part[place + 1 :]]
        depth += (character in "({[") - (character in ")}]")
    return [part]


def renamed(fact: Fact, names: dict[str, str]) -> Fact:
    """Return the fact with models and operations under their new names."""
    if not names:
        return fact
    owner = fact.owner if fact.kind in APART else names.get(fact.owner, fact.owner)
    name = owner + fact.name.removeprefix(fact.owner)
    words = fact.type if fact.kind in PLAIN else kinds.renamed(fact.type, names)
    return evolve(fact, name=name, type=words)
