"""The ways to change a contract at one place, and the places of gate_like.yaml."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

Document = dict[str, Any]
Change = Callable[[Document], object]
S = "components/schemas"
P = "paths"


def at(document: Document, place: str) -> Any:
    """Return what stands at a place: `paths//sessions/get` has its slashes doubled inside names as `~`."""
    node: Any = document
    for part in place.split("/"):
        part = part.replace("~", "/")
        node = node[int(part)] if isinstance(node, list) else node[part]
    return node


def put(place: str, value: Any) -> Callable[[Document], object]:
    """Write a value there, new or instead of another."""

    def alter(document: Document) -> None:
        holder, _, name = place.rpartition("/")
        node = at(document, holder) if holder else document
        key: Any = int(name) if isinstance(node, list) else name.replace("~", "/")
        node[key] = copy.deepcopy(value)

    return alter


def drop(place: str) -> Callable[[Document], object]:
    """Take it out; a field also out of what its object demands."""

    def alter(document: Document) -> None:
        holder, _, name = place.rpartition("/")
        node = at(document, holder)
        del node[int(name) if isinstance(node, list) else name.replace("~", "/")]
        owner, _, part = holder.rpartition("/")
        if part == "properties":
            required = at(document, owner).get("required", [])
            required[:] = [one for one in required if one != name]

    return alter


def add(place: str, value: Any) -> Callable[[Document], object]:
    """One element more of a list."""
    return lambda document: at(document, place).append(copy.deepcopy(value))


def less(place: str, value: Any) -> Callable[[Document], object]:
    """One element less of a list."""
    return lambda document: at(document, place).remove(value)


def move(old: str, new: str) -> Callable[[Document], object]:
    """From one place to another."""

    def alter(document: Document) -> None:
        node = at(document, old)
        holder, _, name = old.rpartition("/")
        del at(document, holder)[name.replace("~", "/")]
        put(new, node)(document)

    return alter


def all_of(*steps: Callable[[Document], object]) -> Callable[[Document], object]:
    return lambda document: [step(document) for step in steps]


def called(old: str, new: str) -> Callable[[Document], object]:
    """A schema under another name."""

    def alter(document: Document) -> None:
        _refer(document, f"#/{S}/{old}", f"#/{S}/{new}")
        document["components"]["schemas"][new] = document["components"]["schemas"].pop(old)

    return alter


def _refer(node: Any, old: str, new: str) -> None:
    if isinstance(node, dict):
        if node.get("$ref") == old:
            node["$ref"] = new
        for value in node.values():
            _refer(value, old, new)
    elif isinstance(node, list):
        for value in node:
            _refer(value, old, new)


LIST, CREATE = f"{P}/~sessions/get", f"{P}/~sessions/post"
ONE, GONE, NOTE = (
    f"{P}/~sessions~{{id}}/get",
    f"{P}/~sessions~{{id}}/delete",
    f"{P}/~sessions~{{id}}~notes/post",
)
RATES = f"{P}/~rates/get"
SESSION, REQUEST = f"{S}/Session/properties", f"{S}/CreateSession/properties"
JSON = "content/application~json"
HOOK = "webhooks/session.completed/post"
STRING, INTEGER = {"type": "string"}, {"type": "integer"}
ERROR = {
    "description": "No.",
    "content": {"application/json": {"schema": {"$ref": f"#/{S}/Error"}}},
}
OK = {
    "description": "Yes.",
    "content": {"application/json": {"schema": {"$ref": f"#/{S}/Session"}}},
}


def read(name: str, value: Any) -> Callable[[Document], object]:
    return put(f"{SESSION}/{name}", value)


def sent(name: str, value: Any) -> Callable[[Document], object]:
    return put(f"{REQUEST}/{name}", value)


def listed(number: int, **changes: Any) -> Callable[[Document], object]:
    return lambda d: at(d, f"{LIST}/parameters/{number}/schema").update(changes)


def second_name(of: str, name: str, **beside: Any) -> Callable[[Document], object]:
    """A schema that is nothing but another's second name, which everything refers to."""

    def alter(document: Document) -> None:
        _refer(document, f"#/{S}/{of}", f"#/{S}/{name}")
        document["components"]["schemas"][name] = {"$ref": f"#/{S}/{of}", **beside}

    return alter
