"""One fact of the API as a record, as a line of API.md, and back. Knows no OpenAPI.

The line is what a reviewer reads in a diff; reading it back lets a committed API.md stand for the
contract it was made from.
"""

import json
import re
from collections.abc import Iterable
from typing import Any

from attrs import evolve, field, frozen

from .refused import Refused

KINDS = ("body", "enum", "event", "field", "operation", "parameter", "response")
DEPRECATED = "deprecated"
DEFAULT = "server default "
# What can follow a comma; a comma in a constant or a pattern is followed by something else.
NEXT = ("required", "optional", "tag ", "key ", "answers ", DEPRECATED, DEFAULT)


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
        """What makes a fact of another contract the same fact, changed or not."""
        return self.kind, self.name

    @property
    def owner(self) -> str:
        """The model, enum, operation or event it belongs to."""
        return self.name if self.kind == "event" else re.split(r"[. ]", self.name, maxsplit=1)[0]

    @property
    def member(self) -> str:
        """What it is of its owner: a field, a value, a parameter, a status."""
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
    """The facts as API.md has them, sorted by their characters."""
    return sorted(map(str, facts))


def read_back(api_md: str) -> list[Fact]:
    """The facts of an API.md; anything around the lines is passed over."""
    return [read_line(line) for line in api_md.splitlines() if line.partition(" ")[0] in KINDS]


def read_line(line: str) -> Fact:
    """The fact that is written as this line."""
    kind, _, rest = line.partition(" ")
    name, _, told = rest.partition(": ")
    if kind == "enum":
        return Fact(kind, rest)
    if kind not in KINDS or not told:
        raise Refused(f"generated/API.md: not a fact: {line!r}; restore the file from git")
    limits, told = _limits(told)
    words = re.split(f", (?={'|'.join(NEXT)})", told)
    required = {"required": True, "optional": False}.get(words[1]) if len(words) > 1 else None
    null = words[0].endswith(" or null")
    return Fact(
        kind=kind,
        name=name,
        type=words[0].removesuffix(" or null"),
        null=null,
        limits=limits,
        required=required,
        notes=tuple(words[2 if required is not None else 1 :]),
    )


def _limits(told: str) -> tuple[dict[str, Any], str]:
    """The JSON object that stands right before `, required` or the like, and the text without it."""
    for start in (match.start() for match in re.finditer(r" \{", told)):
        try:
            found, end = json.JSONDecoder().raw_decode(told, start + 1)
        except ValueError:
            continue
        if re.match(r", |$", told[end:]):
            return found, told[:start] + told[end:]
    return {}, told


def renamed(fact: Fact, names: dict[str, str]) -> Fact:
    """The same fact in a contract where models and operations are called otherwise."""
    if not names:
        return fact
    owner = names.get(fact.owner, fact.owner) if fact.kind != "event" else fact.owner
    name = owner + fact.name.removeprefix(fact.owner)
    words = re.split(r"(\w+)", fact.type)
    kind_words = "".join(names.get(word, word) for word in words)
    return evolve(fact, name=name, type=kind_words if fact.kind != "operation" else fact.type)
