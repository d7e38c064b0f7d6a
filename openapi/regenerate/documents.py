"""Walks an OpenAPI document: operations, webhooks, schemas, references. Reads, never changes.

Except for `references`, everything here expects shared parts brought in, as `prepare` does first.
"""

import re
from collections import Counter, deque
from collections.abc import Iterator
from functools import lru_cache
from typing import Any
from urllib.parse import unquote

from attrs import evolve, frozen

from .refused import Refused

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
COMPONENT = "#/components/schemas/"
DATA = {"example", "examples", "default", "const", "enum"}
Node = dict[str, Any]
# A schema as somebody's part, so that it can be replaced there, and a name made from its place.
Place = tuple[Any, Any, str]


@frozen
class Operation:
    """One documented call: where it is and what the document says of it."""

    method: str
    path: str
    id: str
    node: Node
    shared: list[Node]

    @property
    def where(self) -> str:
        """Method and path as people write them: GET /gate_sessions."""
        return f"{self.method.upper()} {self.path}"

    @property
    def tag(self) -> str:
        """The tag whose folder its module goes to; `default` without one."""
        return str((self.node.get("tags") or ["default"])[0])

    @property
    def parameters(self) -> list[Node]:
        """Its own parameters, then those of its path that it does not replace."""
        own: list[Node] = self.node.get("parameters", [])
        named = {(p.get("name"), p.get("in")) for p in own}
        return own + [p for p in self.shared if (p.get("name"), p.get("in")) not in named]

    @property
    def responses(self) -> dict[str, Node]:
        """The answers it documents, by status."""
        found: dict[str, Node] = self.node.get("responses", {})
        return found

    @property
    def body(self) -> Node:
        """Its request body; {} where it has none."""
        found: Node = self.node.get("requestBody", {})
        return found


def operations(document: Node) -> Iterator[Operation]:
    """Yield every operation under `paths`, by path in the order of the document."""
    for path, item in document.get("paths", {}).items():
        for method in METHODS:
            node = item.get(method)
            if node is not None:
                name = node.get("operationId") or derived_id(method, path)
                yield Operation(method, path, str(name), node, item.get("parameters", []))


def derived_id(method: str, path: str) -> str:
    """Return the name that the generator gives an operation without operationId."""
    return f"{method}_{re.sub(r'[{}]', '', path).strip('/').replace('/', '_')}"


def payloads(document: Node) -> Iterator[tuple[str, Node]]:
    """Yield (event name, media type object) of every webhook that has a JSON body."""
    for name, item in document.get("webhooks", {}).items():
        for method in METHODS:
            media = json_media(item.get(method, {}).get("requestBody", {}))
            if media is not None:
                yield name, media


@frozen
class Event:
    """One kind of webhook. key: Its name in the contract; name: What its payloads call themselves."""

    key: str
    name: str
    method: str
    schema: Node
    media: Node
    node: Node
    parameters: list[Node]


def events(document: Node) -> list[Event]:
    """Return every webhook with a JSON body, named by its payload's `type` if that is its own."""
    found = [event for key, item in document.get("webhooks", {}).items()
             for event in _events(document, key, item)]  # fmt: skip
    taken = {event.key for event in found}
    told = Counter(event.name for event in found)
    return [
        event if event.name not in taken - {event.key} and told[event.name] == 1
        else evolve(event, name=event.key)
        for event in found
    ]  # fmt: skip


def _events(document: Node, key: str, item: Node) -> Iterator[Event]:
    """Yield the events of one webhook: one for each name that a payload gives itself."""
    for method in METHODS:
        node = item.get(method, {})
        media = json_media(node.get("requestBody", {}))
        if media is None:
            continue
        parameters = [*node.get("parameters", []), *item.get("parameters", [])]
        for schema in _payloads(document, media.get("schema", {})):
            names = _own_names(document, schema) or [key]
            yield from (Event(key, name, method, schema, media, node, parameters) for name in names)


def _payloads(document: Node, schema: Node) -> list[Node]:
    """Return the payloads of one webhook; several where its alternatives all name themselves."""
    whole = resolved(document, schema)
    branches = whole.get("oneOf", []) + whole.get("anyOf", [])
    if not branches or not all(_own_names(document, branch) for branch in branches):
        return [schema]
    return list(branches)


def _own_names(document: Node, schema: Node) -> list[str]:
    """Return the names that a payload gives itself: the constant or values of `type`; or []."""
    kind = resolved(document, schema).get("properties", {}).get("type", {})
    kind = resolved(document, kind) if isinstance(kind, dict) else {}
    values = [kind["const"]] if "const" in kind else kind.get("enum", [])
    return [value for value in values if isinstance(value, str)]


def json_media(holder: Node) -> Node | None:
    """Return the JSON media type object of a body or response; None where it has none."""
    found: dict[str, Node] = holder.get("content", {})
    return next((media for name, media in found.items() if is_json(name)), None)


def is_json(content_type: str) -> bool:
    """Return True for a content type that the generator reads as JSON."""
    plain = content_type.partition(";")[0].strip()
    return plain == "application/json" or plain.endswith("+json")


def schemas(document: Node) -> Node:
    """Return the component schemas by name; {} where there are none."""
    found: Node = document.get("components", {}).get("schemas", {})
    return found


def component_of(schema: Node) -> str | None:
    """Return the component schema that this one refers to; None where it is no reference."""
    target = schema.get("$ref")
    if not isinstance(target, str) or not target.startswith(COMPONENT):
        return None
    return target.removeprefix(COMPONENT)


def reachable(document: Node, *starts: Any) -> set[str]:
    """Return the names of component schemas that these parts are made of, however deep."""
    waiting = list(starts)
    found: set[str] = set()
    while waiting:
        for _, target in references(waiting.pop()):
            name = target.removeprefix(COMPONENT)
            if name not in found and name in schemas(document):
                found.add(name)
                waiting.append(schemas(document)[name])
    return found


def answers(document: Node) -> list[Any]:
    """Return the parts of the document that come from Gate: responses and payloads of events."""
    events = [media for _, media in payloads(document)]
    return [*(operation.responses for operation in operations(document)), *events]


def pointed_at(document: Node, pointer: str) -> Any:
    """Return the node that a `#/…` reference stands for; raise Refused where there is none."""
    if not pointer.startswith("#/"):
        raise Refused(f"$ref {pointer!r} leads out of the file; bundle the contract into one first")
    node: Any = document
    for part in unquote(pointer[2:]).split("/"):
        key = part.replace("~1", "/").replace("~0", "~")
        if isinstance(node, list) and key.isdecimal() and int(key) < len(node):
            node = node[int(key)]
        elif isinstance(node, dict) and key in node:
            node = node[key]
        else:
            raise Refused(f"$ref {pointer!r} points to nothing; define it, or correct the name")
    return node


def resolved(document: Node, node: Any) -> Any:
    """Return the node, or what its references end in; Refused where they lead nowhere or round."""
    seen: list[str] = []
    while isinstance(node, dict) and isinstance(node.get("$ref"), str):
        if node["$ref"] in seen:
            raise Refused(f"$ref {seen[0]!r} leads back to itself; give it a schema of its own")
        seen.append(node["$ref"])
        node = pointed_at(document, node["$ref"])
    return node


def references(node: Any, place: str = "#", named: bool = False) -> Iterator[tuple[str, str]]:
    """Yield (where, target) of every reference, those in examples left out.

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


def children(schema: Node) -> list[Place]:
    """Return the places directly inside a schema where a schema stands."""
    found: list[Place] = [
        (schema["properties"], name, pascal(name)) for name in schema.get("properties", {})
    ]
    for key, suffix in (("items", "Item"), ("additionalProperties", "Value"), ("not", "Not")):
        if key in schema and not isinstance(schema[key], bool):
            found.append((schema, key, suffix))
    for key in ("allOf", "anyOf", "oneOf", "prefixItems"):
        # Most schemas have none: this is asked of each of them, some twenty times for one contract.
        if not (branches := schema.get(key)):
            continue
        real = sum(not isinstance(b, dict) or b.get("type") != "null" for b in branches)
        found += [
            (branches, number, f"Option{number + 1}" if real > 1 else "")
            for number in range(len(branches))
        ]
    return found


def roots(document: Node) -> Iterator[Place]:
    """Yield every outermost schema: components, then those of operations and events."""
    for name in list(schemas(document)):
        yield schemas(document), name, name
    for operation in operations(document):
        yield from _operation_schemas(operation)
    for name, media in payloads(document):
        if "schema" in media:
            yield media, "schema", pascal(name) + "Event"


def _operation_schemas(operation: Operation) -> Iterator[Place]:
    """Yield the schemas of an operation: of parameters, body and answers."""
    own = pascal(operation.id)
    for parameter in operation.parameters:
        if "schema" in parameter:
            yield parameter, "schema", own + pascal(parameter["name"])
    for media in operation.body.get("content", {}).values():
        if "schema" in media:
            yield media, "schema", own + "Request"
    for status, response in operation.responses.items():
        suffix = "" if status[0] == "2" else pascal(status)
        for media in response.get("content", {}).values():
            if "schema" in media:
                yield media, "schema", f"{own}Response{suffix}"


def every_schema(document: Node) -> Iterator[Place]:
    """Yield all schemas, outermost first; one that is changed on the way is walked as changed."""
    waiting = deque(roots(document))
    while waiting:
        holder, key, name = waiting.popleft()
        yield holder, key, name
        inside = children(holder[key])
        waiting.extend((h, k, name + more) for h, k, more in inside)


@lru_cache(maxsize=4_096)
def pascal(text: str) -> str:
    """Return `gate_session.completed` as GateSessionCompleted; capitals inside words stay."""
    return "".join(word[:1].upper() + word[1:] for word in re.split(r"[^A-Za-z0-9]+", text))


#: Keys whose own keys are names that somebody chose, not keywords.
NAMED = {
    *("properties", "patternProperties", "schemas", "parameters", "headers", "responses", "paths"),
    *(
        "webhooks",
        "callbacks",
        "variables",
        "examples",
        "securitySchemes",
        "requestBodies",
        "content",
    ),
}
KEPT = {*DATA, "servers"}


def without_defaults(node: Any, named: bool = False) -> Any:
    """Return a copy without the defaults of schemas; those of servers stay."""
    if isinstance(node, list):
        return [without_defaults(value) for value in node]
    if not isinstance(node, dict):
        return node
    return {
        key: value
        if key in KEPT and not named
        else without_defaults(value, key in NAMED and not named)
        for key, value in node.items()
        if named or key != "default"
    }
