"""The contract as tests read it: loaded strictly, its references, schemas and bodies to walk."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.constructor import ConstructorError, SafeConstructor
from ruamel.yaml.nodes import ScalarNode

#: On everything that the documentation leaves open, with the reason for our guess.
MARK = "x-inferred"
METHODS = ("get", "put", "post", "patch", "delete")
Node = Mapping[str, Any]


class _NoBareDates(SafeConstructor):
    """Refuses what YAML would turn into a date behind the author's back."""

    def refuse_date(self, node: ScalarNode) -> None:
        raise ConstructorError(
            None, None, f"quote {node.value}: bare, it is a date", node.start_mark
        )


_NoBareDates.add_constructor("tag:yaml.org,2002:timestamp", _NoBareDates.refuse_date)


def load(text: str) -> dict[str, Any]:
    """A YAML 1.2 document; a duplicate key or a bare date is an error."""
    return copy.deepcopy(_loaded(text))


@cache
def _loaded(text: str) -> dict[str, Any]:
    # Seconds of work, and several files of tests ask for the same text.
    yaml = YAML(typ="safe", pure=True)
    yaml.Constructor = _NoBareDates
    document: dict[str, Any] = yaml.load(text)
    return document


class Contract:
    """An OpenAPI document, with the walks that the tests share."""

    def __init__(self, document: dict[str, Any]) -> None:
        self.document = document

    def changed(self, change: Callable[[dict[str, Any]], object]) -> Contract:
        """A copy with one change made to it: how a test shows that it can fail."""
        document = copy.deepcopy(self.document)
        change(document)
        return Contract(document)

    def resolve(self, node: Node) -> Node:
        while "$ref" in node:
            target: Any = self.document
            for part in node["$ref"].removeprefix("#/").split("/"):
                target = target[part.replace("~1", "/").replace("~0", "~")]
            node = target
        return node

    def nodes(self) -> Iterator[tuple[str, Node]]:
        """Every mapping of the document, with its place."""
        yield from _nodes(self.document, "#")

    def operations(self) -> Iterator[tuple[str, Node]]:
        """Every operation under `paths`, with its "METHOD /path"."""
        for path, item in self.document["paths"].items():
            for method in METHODS:
                if method in item:
                    yield f"{method.upper()} {path}", item[method]

    def events(self) -> Iterator[tuple[str, Node]]:
        """Every event under `webhooks`, with its type."""
        for name, item in self.document["webhooks"].items():
            yield name, item["post"]

    def responses(self) -> Iterator[tuple[str, str, Node]]:
        """Every answer of every operation: operationId, status, the resolved response."""
        for _, operation in self.operations():
            for status, response in operation["responses"].items():
                yield operation["operationId"], status, self.resolve(response)

    def bodies(self) -> Iterator[tuple[str, Node]]:
        """Every JSON body that travels: requests, answers, events; with a name for it."""
        for _, operation in self.operations():
            if "requestBody" in operation:
                body = self.resolve(operation["requestBody"])
                yield f"{operation['operationId']} request", body["content"]["application/json"]
        for operation_id, status, response in self.responses():
            yield f"{operation_id} {status}", response["content"]["application/json"]
        for name, event in self.events():
            yield f"event {name}", event["requestBody"]["content"]["application/json"]

    def request_schemas(self) -> Iterator[tuple[str, Node]]:
        """What a client sends: parameters and request bodies, references followed."""
        seen: set[str] = set()
        for _, operation in self.operations():
            name = operation["operationId"]
            for parameter in map(self.resolve, operation.get("parameters", ())):
                yield from self._schemas(parameter["schema"], f"{name} {parameter['name']}", seen)
            if "requestBody" in operation:
                content = self.resolve(operation["requestBody"])["content"]
                yield from self._schemas(content["application/json"]["schema"], name, seen)

    def answer_schemas(self) -> Iterator[tuple[str, Node]]:
        """What a client reads: answers and events, references followed."""
        seen: set[str] = set()
        for name, media in self.bodies():
            if not name.endswith(" request"):
                yield from self._schemas(media["schema"], name, seen)

    def schemas(self) -> Iterator[tuple[str, Node]]:
        """Every schema, those of headers and parameters too, each at least once."""
        yield from self.request_schemas()
        yield from self.answer_schemas()
        seen: set[str] = set()
        components = self.document["components"]
        for kind in ("headers", "parameters"):
            for name, holder in components[kind].items():
                yield from self._schemas(holder["schema"], name, seen)
        for name, schema in components["schemas"].items():
            yield from self._schemas(schema, name, seen)

    def _schemas(self, schema: Node, place: str, seen: set[str]) -> Iterator[tuple[str, Node]]:
        yield place, schema
        if "$ref" in schema and schema["$ref"] not in seen:
            seen.add(schema["$ref"])
            name = schema["$ref"].rpartition("/")[2]
            yield from self._schemas(self.resolve({"$ref": schema["$ref"]}), name, seen)
        for name, part in children(schema):
            yield from self._schemas(part, f"{place}.{name}", seen)


def children(schema: Node) -> Iterator[tuple[str, Node]]:
    """The schemas directly inside a schema, each with a name."""
    yield from schema.get("properties", {}).items()
    for keyword in ("allOf", "anyOf", "oneOf"):
        for number, part in enumerate(schema.get(keyword, ())):
            yield f"{keyword}[{number}]", part
    for keyword in ("items", "additionalProperties", "not"):
        if isinstance(schema.get(keyword), Mapping):
            yield keyword, schema[keyword]


def _nodes(node: object, place: str) -> Iterator[tuple[str, Node]]:
    if isinstance(node, Mapping):
        yield place, node
        for key, value in node.items():
            yield from _nodes(value, f"{place}/{key}")
    elif isinstance(node, list):
        for number, value in enumerate(node):
            yield from _nodes(value, f"{place}/{number}")
