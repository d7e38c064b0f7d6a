"""Every gap that the contract allows in an answer: a field set to null or left out, one at a time."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Iterator
from typing import Any

import attrs
from zerogate._transport.messages import Reply, Request
from zerogate._wire.operations import OPERATIONS

from tests.facade.contract import CONTRACT

#: operationId → what the contract shows as its answer.
EXAMPLES: dict[str, Any] = {
    name.partition(" ")[0]: json.loads(
        json.dumps(media.get("example") or next(iter(media["examples"].values()))["value"])
    )
    for name, media in CONTRACT.bodies()
    if re.fullmatch(r"\w+ 2..", name)
}
_ROUTES = [
    (row.method, re.compile("/v1" + re.sub(r"{\w+}", "[^/?]+", row.route) + r"(\?.*)?"), row.id)
    for row in OPERATIONS.values()
]


def operation_of(request: Request) -> str:
    """The operation that a request is of."""
    return next(
        id for m, route, id in _ROUTES if m == request.method and route.fullmatch(request.target)
    )


@attrs.frozen
class Gap:
    """One field of one answer. documented: Whether the contract says that it may be so."""

    operation: str
    path: tuple[str | int, ...]
    absent: bool
    documented: bool

    def __str__(self) -> str:
        how = "left out" if self.absent else "null"
        return f"{self.operation} {'.'.join(map(str, self.path))} {how}"

    def made_in(self, answer: Any) -> Any:
        """The answer with this gap; of a list its first row alone has it."""
        changed = holder = copy.deepcopy(answer)
        for step in self.path[:-1]:
            if isinstance(step, int) and not holder:
                return changed
            holder = holder[step] if isinstance(step, int) else holder.get(step)
            if holder is None:
                return changed
        last = str(self.path[-1])
        if self.absent:
            holder.pop(last, None)
        else:
            holder[last] = None
        return changed

    def made(self, request: Request, reply: Reply) -> Reply:
        """The reply with this gap, if it answers this operation."""
        if operation_of(request) != self.operation or not 200 <= reply.status < 300:
            return reply
        body = json.dumps(self.made_in(json.loads(reply.body))).encode()
        return attrs.evolve(reply, body=body)


def _whole(schema: Any) -> dict[str, Any]:
    """A schema with its references and its parts put together."""
    found: dict[str, Any] = dict(CONTRACT.resolve(schema))
    for part in found.pop("allOf", ()):
        inner = _whole(part)
        found["properties"] = inner.get("properties", {}) | found.get("properties", {})
        found["required"] = [*inner.get("required", ()), *found.get("required", ())]
    return found


def _choices(schema: dict[str, Any]) -> list[dict[str, Any]]:
    return [schema, *(_whole(x) for kind in ("anyOf", "oneOf") for x in schema.get(kind, ()))]


def _nullable(schema: dict[str, Any]) -> bool:
    return any("null" in (x["type"], *x["type"]) for x in _choices(schema) if "type" in x)


def _fields(schema: Any, path: tuple[str | int, ...]) -> Iterator[tuple[Any, bool, bool]]:
    whole = _whole(schema)
    for name, property in whole.get("properties", {}).items():
        field = _whole(property)
        optional = name not in whole.get("required", ())
        yield (*path, name), _nullable(field), optional
        for choice in _choices(field):
            if "properties" in choice:
                yield from _fields(choice, (*path, name))
            if "items" in choice:
                yield from _fields(choice["items"], (*path, name, 0))


def gaps() -> list[Gap]:
    """Every nullable and every optional field, set to null and left out."""
    found = []
    for name, media in CONTRACT.bodies():
        operation, _, status = name.partition(" ")
        if re.fullmatch(r"2\d\d", status):
            for path, nullable, optional in _fields(media["schema"], ()):
                if nullable or optional:
                    found.append(Gap(operation, path, False, nullable))
                    found.append(Gap(operation, path, True, optional))
    return found
