"""Walks an OpenAPI document: operations, webhooks, references. Reads, never changes."""

import re
from collections.abc import Iterator
from typing import Any

from attrs import frozen

from .refused import Refused

DATA = ("example", "examples", "default", "const", "enum")
METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
Node = dict[str, Any]


@frozen
class Operation:
    """One documented call: where it is and what the document says of it."""

    method: str
    path: str
    id: str
    node: Node
    shared: list[Node]

    @property
    def parameters(self) -> list[Node]:
        """Its own parameters, then those of its path that it does not replace."""
        own = self.node.get("parameters", [])
        named = {(p.get("name"), p.get("in")) for p in own}
        return own + [p for p in self.shared if (p.get("name"), p.get("in")) not in named]

    @property
    def where(self) -> str:
        return f"{self.method.upper()} {self.path}"


def operations(document: Node) -> Iterator[Operation]:
    """Every operation under `paths`, in the order of the document."""
    for path, item in document.get("paths", {}).items():
        for method in METHODS:
            node = item.get(method)
            if node is not None:
                name = node.get("operationId") or derived_id(method, path)
                yield Operation(method, path, name, node, item.get("parameters", []))


def derived_id(method: str, path: str) -> str:
    """The name the generator gives an operation that has no operationId."""
    return f"{method}_{re.sub(r'[{}]', '', path).strip('/').replace('/', '_')}"


def payloads(document: Node) -> Iterator[tuple[str, Node]]:
    """(event name, media type object with its `schema`) of every webhook that has a JSON body."""
    for name, item in document.get("webhooks", {}).items():
        for method in METHODS:
            media = json_media(item.get(method, {}).get("requestBody", {}))
            if media is not None:
                yield name, media


def json_media(holder: Node) -> Node | None:
    """The JSON media type object of a request body or response, if it has one."""
    content = holder.get("content", {})
    for name, media in content.items():
        plain = name.partition(";")[0].strip()
        if plain == "application/json" or plain.endswith("+json"):
            found: Node = media
            return found
    return None


def schemas(document: Node) -> Node:
    """The component schemas, by name."""
    found: Node = document.get("components", {}).get("schemas", {})
    return found


def pointed_at(document: Node, pointer: str) -> Any:
    """What a `#/…` reference stands for."""
    if not pointer.startswith("#/"):
        raise Refused(
            f"$ref {pointer!r} leads out of the file; bundle the contract into one file first"
        )
    node: Any = document
    for part in pointer[2:].split("/"):
        key = part.replace("~1", "/").replace("~0", "~")
        if isinstance(node, list) and key.isdecimal() and int(key) < len(node):
            node = node[int(key)]
        elif isinstance(node, dict) and key in node:
            node = node[key]
        else:
            raise Refused(f"$ref {pointer!r} points to nothing; define it, or correct the name")
    return node


def resolved(document: Node, node: Any) -> Any:
    """The node itself, or what its chain of references ends in."""
    seen: list[str] = []
    while isinstance(node, dict) and isinstance(node.get("$ref"), str):
        if node["$ref"] in seen:
            raise Refused(f"$ref {seen[0]!r} leads back to itself; give it a schema of its own")
        seen.append(node["$ref"])
        node = pointed_at(document, node["$ref"])
    return node


def references(node: Any, place: str = "#", named: bool = False) -> Iterator[tuple[str, str]]:
    """(where, target) of every reference, leaving out examples, whose content is only data.

    named: The keys of this node are names somebody chose (`properties`), not keywords.
    """
    if isinstance(node, dict):
        target = node.get("$ref")
        if isinstance(target, str) and not named:
            yield place, target
        for key, value in node.items():
            if named or key not in DATA:
                yield from references(value, f"{place}/{key}", not named and key == "properties")
    elif isinstance(node, list):
        for number, value in enumerate(node):
            yield from references(value, f"{place}/{number}")


def children(schema: Node) -> Iterator[tuple[Any, Any, str]]:
    """(holder, key, what to add to its parent's name) of every schema directly inside a schema."""
    for name in schema.get("properties", {}):
        yield schema["properties"], name, pascal(name)
    for key, suffix in (("items", "Item"), ("additionalProperties", "Value")):
        if isinstance(schema.get(key), dict):
            yield schema, key, suffix
    for key in ("allOf", "anyOf", "oneOf", "prefixItems"):
        branches = schema.get(key, [])
        alone = sum(branch.get("type") != "null" for branch in branches) < 2
        for number in range(len(branches)):
            yield branches, number, "" if alone else f"Option{number + 1}"


def roots(document: Node) -> Iterator[tuple[Any, Any, str]]:
    """(holder, key, name) of every outermost schema: components first, then what operations say."""
    for name in list(schemas(document)):
        yield schemas(document), name, name
    for operation in operations(document):
        own = pascal(operation.id)
        for parameter in operation.node.get("parameters", []) + operation.shared:
            if "schema" in parameter:
                yield parameter, "schema", own + pascal(parameter["name"])
        for media in operation.node.get("requestBody", {}).get("content", {}).values():
            if "schema" in media:
                yield media, "schema", own + "Request"
        for status, response in operation.node.get("responses", {}).items():
            for media in response.get("content", {}).values():
                if "schema" in media:
                    yield media, "schema", own + "Response" + ("" if status[0] == "2" else status)
    for name, media in payloads(document):
        if "schema" in media:
            yield media, "schema", pascal(name) + "Event"


def every_schema(document: Node) -> Iterator[tuple[Any, Any, str]]:
    """All schemas of the document, outermost first; what is changed on the way is walked as changed."""
    waiting = list(roots(document))
    while waiting:
        holder, key, name = waiting.pop(0)
        yield holder, key, name
        if "$ref" not in holder[key]:
            waiting += [(h, k, name + more) for h, k, more in children(holder[key])]


def pascal(text: str) -> str:
    """`gate_session.completed` as GateSessionCompleted; letters inside words stay as they are."""
    return "".join(word[:1].upper() + word[1:] for word in re.split(r"[^A-Za-z0-9]+", text))
