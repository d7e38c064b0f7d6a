"""A prepared document -> its facts -> API.md. Pure."""

import json
from collections.abc import Iterator
from typing import Any

from .documents import Node, component_of, json_media, operations, payloads, resolved, schemas
from .facts import DEFAULT, DEPRECATED, Fact, lines
from .naming import is_class

OWN_NAMES = {"decimal", "date-time", "date", "password", "uuid", "binary"}
LIMITS = (
    *("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"),
    *("minLength", "maxLength", "pattern", "minItems", "maxItems", "uniqueItems"),
)
HEAD = """\
# The API, fact by fact

Written by `nox -s regenerate` from openapi/gate-v1.yaml and openapi/overlay.yaml: edit those. One line
each for every operation, parameter, body, response, field, enum value and event, sorted: the diff of
this file is the changelog.

"""


def api_md(document: Node) -> str:
    """The whole file."""
    listed = "".join(f"{line}\n" for line in lines(facts_of(document)))
    return f"{HEAD}```text\n{listed}```\n"


def facts_of(document: Node) -> list[Fact]:
    """Every fact of the document, in no particular order."""
    return [*_of_operations(document), *_of_models(document), *_of_events(document)]


def _of_operations(document: Node) -> Iterator[Fact]:
    for operation in operations(document):
        name = operation.id
        keys = sorted({key for choice in operation.node["security"] for key in choice})
        yield Fact(
            "operation",
            name,
            operation.where,
            notes=(
                f"tag {operation.tag}",
                f"key {' or '.join(keys) or 'none'}",
                f"answers {' '.join(sorted(operation.responses))}",
                *([DEPRECATED] if operation.node.get("deprecated") else []),
            ),
        )
        for parameter in operation.parameters:
            whole = {**parameter["schema"], **parameter}
            named = f"{name} {parameter['in']} {parameter['name']}"
            need = bool(parameter.get("required"))
            yield _fact(document, "parameter", named, parameter["schema"], need, _notes(whole))
        if operation.body:
            yield _content(document, "body", name, operation.body)
        for status, response in operation.responses.items():
            yield _content(document, "response", f"{name} {status}", response)


def _of_models(document: Node) -> Iterator[Fact]:
    for name, schema in schemas(document).items():
        for value in schema.get("enum", []):
            yield Fact("enum", f"{name} {_json(value)}")
        required = schema.get("required", [])
        for wire_name, field in schema.get("properties", {}).items():
            need = wire_name in required
            yield _fact(document, "field", f"{name}.{wire_name}", field, need, _notes(field))
        if isinstance(schema.get("additionalProperties"), dict):
            yield _fact(document, "field", f"{name}.*", schema["additionalProperties"], None, ())


def _of_events(document: Node) -> Iterator[Fact]:
    for name, media in payloads(document):
        yield _fact(document, "event", name, media.get("schema", {}), None, ())


def _content(document: Node, kind: str, name: str, holder: Node) -> Fact:
    need = bool(holder.get("required")) if kind == "body" else None
    media = json_media(holder)
    if media is None:
        return Fact(
            kind, name, " or ".join(sorted(holder.get("content", {}))) or "nothing", required=need
        )
    return _fact(document, kind, name, media.get("schema", {}), need, ())


def _fact(
    document: Node,
    kind: str,
    name: str,
    schema: Node,
    required: bool | None,
    notes: tuple[str, ...],
) -> Fact:
    branches = [b for b in _branches(document, schema) if b.get("type") != "null"]
    kinds = list(dict.fromkeys(_type(document, branch) for branch in branches))
    return Fact(
        kind=kind,
        name=name,
        type=" or ".join(kinds) or "null",
        null=bool(kinds) and len(branches) < len(_branches(document, schema)),
        limits=_limits(branches[0]) if len(branches) == 1 else {},
        required=required,
        notes=notes,
    )


def _branches(document: Node, schema: Node) -> list[Node]:
    """The schemas a value may follow, one kind each; a class stays one branch."""
    whole: Node = resolved(document, schema)
    if is_class(whole) and "$ref" in schema:
        return [schema]
    alternatives = whole.get("oneOf", []) + whole.get("anyOf", [])
    if alternatives:
        return [inner for branch in alternatives for inner in _branches(document, branch)]
    kinds = whole.get("type", "anything")
    return [{**whole, "type": kind} for kind in ([kinds] if isinstance(kinds, str) else kinds)]


def _type(document: Node, branch: Node) -> str:
    """A model's or enum's name, or the kind of a value."""
    if name := component_of(branch):
        return name
    if "const" in branch:
        return _json(branch["const"])
    if branch["type"] == "array":
        return f"list of {_inner(document, branch.get('items', {}))}"
    form: Any = branch.get("format")
    if branch["type"] == "string" and form in OWN_NAMES:
        return str(form)
    return f"{branch['type']} {form}" if form else str(branch["type"])


def _inner(document: Node, items: Node) -> str:
    fact = _fact(document, "", "", items, None, ())
    told = str(fact).removeprefix(" : ")
    return f"({told})" if fact.limits or fact.null or " or " in fact.type else told


def _limits(branch: Node) -> dict[str, Any]:
    return {key: branch[key] for key in LIMITS if key in branch}


def _notes(schema: Node) -> tuple[str, ...]:
    notes = [DEPRECATED] if schema.get("deprecated") else []
    if "x-server-default" in schema:
        notes.append(DEFAULT + _json(schema["x-server-default"]))
    return tuple(notes)


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
