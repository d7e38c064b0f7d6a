"""API.md: every fact of the contract that code can depend on, one sorted line each. Pure.

A line stands for itself, so that a line of `git diff` reads as a sentence of a changelog.
"""

import json
from collections.abc import Iterator
from typing import Any

from .documents import Node, json_media, operations, payloads, resolved, schemas

OWN_NAMES = {"decimal", "date-time", "date", "password", "uuid", "binary"}
LIMITS = (
    *("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"),
    *("minLength", "maxLength", "pattern", "minItems", "maxItems", "uniqueItems"),
)
HEAD = """\
# The API, fact by fact

Written by `nox -s regenerate` from openapi/gate-v1.yaml and openapi/overlay.yaml; edit those. One sorted line for each
operation, parameter, body, response, field, enum value and event: the diff of this file is the changelog.

"""


def api_md(document: Node) -> str:
    """The whole file, of a prepared document."""
    return HEAD + "```text\n" + "".join(f"{line}\n" for line in facts(document)) + "```\n"


def facts(document: Node) -> list[str]:
    """Every line, sorted by its characters."""
    lines = {*_operations(document), *_models(document), *_events(document)}
    return sorted(lines)


def _operations(document: Node) -> Iterator[str]:
    for operation in operations(document):
        node, name = operation.node, operation.id
        answers = node.get("responses", {})
        tag = (node.get("tags") or ["default"])[0]
        keys = " or ".join(sorted(k for choice in node["security"] for k in choice)) or "no key"
        old = ", deprecated" if node.get("deprecated") else ""
        yield f"operation {name}: {operation.where} [{tag}], {keys}{old} -> {' '.join(sorted(answers))}"
        for parameter in operation.parameters:
            kind = _type(document, parameter["schema"])
            need = _need(parameter.get("required", False), parameter)
            place = f"{parameter['in']} {parameter['name']}"
            yield f"parameter {name} {place}: {kind}, {need}"
        if "requestBody" in node:
            need = _need(node["requestBody"].get("required", False), {})
            yield f"body {name}: {_media(document, node['requestBody'])}, {need}"
        for status, response in answers.items():
            yield f"response {name} {status}: {_media(document, response)}"


def _models(document: Node) -> Iterator[str]:
    for name, schema in schemas(document).items():
        for value in schema.get("enum", []):
            yield f"enum {name}: {json.dumps(value, ensure_ascii=False)}"
        required = schema.get("required", [])
        for wire_name, field in schema.get("properties", {}).items():
            kind = _type(document, field)
            yield f"field {name}.{wire_name}: {kind}, {_need(wire_name in required, field)}"
        if isinstance(schema.get("additionalProperties"), dict):
            yield f"field {name}.*: {_type(document, schema['additionalProperties'])}"


def _events(document: Node) -> Iterator[str]:
    for name, media in payloads(document):
        yield f"event {name}: {_type(document, media.get('schema', {}))}"


def _need(required: bool, schema: Node) -> str:
    words = ["required" if required else "optional"]
    whole = {**schema.get("schema", {}), **schema}
    if "x-server-default" in whole:
        words.append(f"server default {json.dumps(whole['x-server-default'], ensure_ascii=False)}")
    if whole.get("deprecated"):
        words.append("deprecated")
    return ", ".join(words)


def _media(document: Node, holder: Node) -> str:
    media = json_media(holder)
    if media is not None:
        return _type(document, media.get("schema", {}))
    return " or ".join(sorted(holder.get("content", {}))) or "nothing"


def _type(document: Node, schema: Node) -> str:
    """What a value may be: a model's or enum's name, or its kind with its limits."""
    target = schema.get("$ref", "").rpartition("/")[2]
    whole = resolved(document, schema)
    if target and ("enum" in whole or _has_fields(whole)):
        return target
    branches = whole.get("oneOf", []) + whole.get("anyOf", [])
    if branches:
        return " or ".join(dict.fromkeys(_type(document, branch) for branch in branches))
    if "const" in whole:
        return json.dumps(whole["const"], ensure_ascii=False)
    kinds = whole.get("type", "anything")
    named = [
        _kind(document, kind, whole) for kind in ([kinds] if isinstance(kinds, str) else kinds)
    ]
    limits = [
        f"{key} {json.dumps(whole[key], ensure_ascii=False)}" for key in LIMITS if key in whole
    ]
    return " or ".join(named) + (f" ({', '.join(limits)})" if limits else "")


def _has_fields(schema: Node) -> bool:
    return bool(schema.get("properties")) or isinstance(schema.get("additionalProperties"), dict)


def _kind(document: Node, kind: str, schema: Node) -> str:
    if kind == "array":
        return f"list of {_type(document, schema.get('items', {}))}"
    form: Any = schema.get("format")
    if kind == "null" or not form:
        return kind
    return form if kind == "string" and form in OWN_NAMES else f"{kind} {form}"
