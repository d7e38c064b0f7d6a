"""The published contract: what a request may say, what an answer has to look like.

The contract is data (an OpenAPI document); validators are compiled when an operation first needs
them. Reading the file is `find_contract`'s business, everything else is pure.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import attrs
import jsonschema_rs

from zerogate_sandbox.calls import NO_BODY
from zerogate_sandbox.responses import Refused
from zerogate_sandbox.routes import OPERATIONS

FILE = "gate-v1.yaml"


def find_contract() -> dict[str, Any]:
    """Return the contract's document, read from the copy in this package.

    The project's regeneration keeps it equal to its source.
    """
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    said = (Path(__file__).resolve().parent / FILE).read_bytes()
    document: dict[str, Any] = yaml.load(said, loader)  # noqa: S506  (a SafeLoader)  # nosec B506
    return document


@attrs.define
class Parameter:
    """One header or query parameter, and how its text becomes the value the schema is about."""

    name: str
    place: str
    required: bool
    type: str
    validator: Any

    def read(self, text: str) -> Any:
        """Return the text as the int or bool that the parameter's type asks for; unchanged if it is none."""
        if self.type == "integer" and _INTEGER.fullmatch(text):
            return int(text)
        if self.type == "boolean" and text in ("true", "false"):
            return text == "true"
        return text


_INTEGER = re.compile("-?(0|[1-9][0-9]{0,4000})", re.ASCII)


@attrs.define
class Rules:
    """Rules of the contract for one operation."""

    parameters: list[Parameter]
    body: Any
    body_required: bool


class Contract:
    """The contract's rules for requests and answers, ready to check with.

    >>> contract = Contract(find_contract())
    >>> contract.check_query("listSessions", "limit=5&status=open")
    {'limit': 5, 'status': 'open'}
    """

    def __init__(self, document: Mapping[str, Any]) -> None:
        self.document = document
        self._operations: dict[str, tuple[str, str, Mapping[str, Any]]] = {
            _our_name(method.upper(), path, operation): (method.upper(), path, operation)
            for path, item in document["paths"].items()
            for method, operation in item.items()
            if method in _METHODS
        }
        self._payloads: dict[str, Mapping[str, Any]] = {
            self._type_of(name, schema): schema for name, schema in self._webhook_schemas()
        }
        self._rules: dict[str, Rules] = {}
        self._validators: dict[str, Any] = {}
        self._inferred_at: dict[tuple[str, int], list[tuple[str, ...]]] = {}

    # --- requests ---

    def check_query(self, operation: str, query: str) -> dict[str, Any]:
        """Return the query's known parameters, read by type; Refused (400) names a wrong one."""
        pairs = parse_qsl(query, keep_blank_values=True)
        given: dict[str, Any] = {}
        known = {one.name: one for one in self.rules(operation).parameters if one.place == "query"}
        for name, text in pairs:
            if name in given:
                raise Refused(400, f"{name} was given more than once")
            if name in known:
                given[name] = known[name].read(text)
                _refuse(name, known[name].validator, given[name])
        for one in known.values():
            if one.required and one.name not in given:
                raise Refused(400, f"{one.name} is missing from the query")
        return given

    def check_body(self, operation: str, body: Any) -> None:
        """Raise Refused (400), naming up to five faults, for a body that is not allowed."""
        rules = self.rules(operation)
        if rules.body is None:
            return
        if body is NO_BODY:
            if rules.body_required:
                raise Refused(400, f"{operation} needs a JSON body")
            return
        _refuse("", rules.body, body)

    def rules(self, operation: str) -> Rules:
        """Return the operation's rules, compiled at the first call."""
        if operation not in self._rules:
            self._rules[operation] = self._compile(operation)
        return self._rules[operation]

    def _compile(self, name: str) -> Rules:
        """Return the operation's parameters and validators; none for an unknown operation."""
        operation = self._node(name)
        body = self.resolve(operation.get("requestBody", {}))
        schema = body.get("content", {}).get("application/json", {}).get("schema")
        return Rules(
            [self._parameter(one) for one in operation.get("parameters", ())],
            None if schema is None else self._validator(schema),
            bool(body.get("required")),
        )

    def _node(self, name: str) -> Mapping[str, Any]:
        """Return the operation's node; one without any content for an unknown operation."""
        return self._operations[name][2] if name in self._operations else {"responses": {}}

    def _parameter(self, node: Mapping[str, Any]) -> Parameter:
        """Return a parameter of the document, its references followed, with its validator."""
        node = self.resolve(node)
        schema = self.resolve(node["schema"])
        return Parameter(
            node["name"],
            node["in"],
            bool(node.get("required")),
            schema.get("type", "string"),
            self._validator(node["schema"]),
        )

    def _validator(self, schema: Mapping[str, Any]) -> Any:
        """Return a validator of the schema, formats included; its messages never contain the value."""
        whole = {**schema, "components": {"schemas": self.document["components"]["schemas"]}}
        return jsonschema_rs.Draft202012Validator(
            whole, validate_formats=True, mask="what was sent", ignore_unknown_formats=True
        )

    # --- answers ---

    def answer_problems(self, operation: str, status: int, body: Any) -> list[str]:
        """Return each fault of an answer by the contract; an unknown status is one, too."""
        responses = self._node(operation)["responses"]
        for documented in (str(status), f"{status // 100}XX", "default"):
            if documented in responses:
                response = self.resolve(responses[documented])
                schema = response.get("content", {}).get("application/json", {}).get("schema")
                return [] if schema is None else self._problems(schema, body)
        return [f"{operation} does not document the status {status}"]

    def event_problems(self, type: str, envelope: Any) -> list[str]:
        """Return each fault of a webhook's body by the contract; an unknown type is one."""
        if type not in self._payloads:
            return [f"the contract knows no event {type}"]
        return self._problems(self._payloads[type], envelope)

    @property
    def events(self) -> frozenset[str]:
        """Return the types of the contract's webhooks."""
        return frozenset(self._payloads)

    def _webhook_schemas(self) -> Iterator[tuple[str, Mapping[str, Any]]]:
        """Yield the name and the body's schema of each webhook in the contract."""
        for name, item in self.document.get("webhooks", {}).items():
            yield name, item["post"]["requestBody"]["content"]["application/json"]["schema"]

    def _type_of(self, name: str, schema: Mapping[str, Any]) -> str:
        """Return the type that the schema's `type` field fixes, else the webhook's name.

        A contract may list an event under any key.
        """
        kind = self.resolve(schema).get("properties", {}).get("type", {})
        return str(self.resolve(kind).get("const", name))

    def _problems(self, schema: Mapping[str, Any], value: Any) -> list[str]:
        """Return "place: message" for each fault of the value; validators are kept."""
        key = repr(schema)
        if key not in self._validators:
            self._validators[key] = self._validator(schema)
        return [_problem_line(error) for error in self._validators[key].iter_errors(value)]

    # --- what nobody documented ---

    def inferred_fields(self, operation: str, status: int) -> list[tuple[str, ...]]:
        """Return the paths of a success's optional inferred fields; `*` is each row."""
        known = self._inferred_at.get((operation, status))
        if known is None:
            known = self._inferred_at[operation, status] = self._infer(operation, status)
        return known

    def _infer(self, operation: str, status: int) -> list[tuple[str, ...]]:
        """Return the paths of a success's optional inferred fields, worked out anew at each call."""
        responses = self._node(operation)["responses"]
        response = self.resolve(responses.get(str(status)) or responses.get("2XX") or {})
        schema = response.get("content", {}).get("application/json", {}).get("schema", {})
        return list(self._inferred(schema, ()))

    def inferred_event_fields(self, type: str) -> list[tuple[str, ...]]:
        """Return the paths of an event's optional inferred fields; KeyError if unknown."""
        return list(self._inferred(self._payloads[type], ()))

    def _inferred(
        self, schema: Mapping[str, Any], at: tuple[str, ...]
    ) -> Iterator[tuple[str, ...]]:
        """Yield the paths, from *at* on, of a schema's optional fields marked x-inferred."""
        schema = self.resolve(schema)
        required = set(schema.get("required", ()))
        for part in (*schema.get("allOf", ()), *schema.get("anyOf", ())):
            yield from self._inferred(part, at)
        for name, node in schema.get("properties", {}).items():
            if "x-inferred" in node and name not in required:
                yield (*at, name)
            else:
                yield from self._inferred(node, (*at, name))
        if "items" in schema:
            yield from self._inferred(schema["items"], (*at, "*"))

    def resolve(self, node: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return the node itself, or the one that its `$ref` leads to."""
        while "$ref" in node:
            target: Any = self.document
            for step in node["$ref"].removeprefix("#/").split("/"):
                target = target[step]
            node = target
        return node

    @property
    def operations(self) -> dict[str, tuple[str, str, Mapping[str, Any]]]:
        """Return the method, path and node of each operation by its name."""
        return self._operations


@cache
def read_contract() -> Contract:
    """Return the contract, read once per process: that takes 30 ms."""
    return Contract(find_contract())


def _our_name(method: str, path: str, operation: Mapping[str, Any]) -> str:
    """Return our name of an operation, by its id, else by method and path; else its own id."""
    name = str(operation.get("operationId"))
    if name in OPERATIONS:
        return name
    at = method, _BRACES.sub("{}", path)
    ours = (
        one.name for one in OPERATIONS.values() if at == (one.method, _BRACES.sub("{}", one.path))
    )
    return next(ours, name)


_BRACES = re.compile(r"\{[^{}]*\}")
_METHODS = ("get", "put", "post", "delete", "patch")


def _refuse(name: str, validator: Any, value: Any) -> None:
    """Raise Refused (400) with up to five faults of the value; do nothing where it is valid."""
    if validator.is_valid(value):
        return
    told = [_problem_line(error) for error in validator.iter_errors(value)]
    raise Refused(400, "; ".join(f"{name}: {one}" if name else one for one in told[:5]))


def _problem_line(error: Any) -> str:
    """Return the place and the text of a schema error, as one line."""
    place = ".".join(str(step) for step in error.instance_path)
    return f"{place}: {error.message}" if place else str(error.message)


def without(data: Any, places: list[tuple[str, ...]]) -> Any:
    """Return a copy of JSON data without the fields at these places; `*` is each row.

    >>> without({"a": 1, "data": [{"b": 2, "c": 3}]}, [("data", "*", "b")])
    {'a': 1, 'data': [{'c': 3}]}
    """
    if not places:
        return data
    if isinstance(data, list):
        return [without(one, [place[1:] for place in places if place[0] == "*"]) for one in data]
    if not isinstance(data, dict):
        return data
    gone = {place[0] for place in places if len(place) == 1}
    return {
        name: without(value, [place[1:] for place in places if place[0] == name and place[1:]])
        for name, value in data.items()
        if name not in gone
    }
