"""Finds what the generator would drop without a word: in the contract before, in the client after."""

import re
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from openapi_python_client.strings import PythonIdentifier
from openapi_spec_validator import OpenAPIV31SpecValidator

from .documents import (
    METHODS,
    Node,
    every_schema,
    operations,
    payloads,
    pointed_at,
    references,
    resolved,
    schemas,
)
from .generate import Generated
from .refused import Refused
from .source import UnquotedDate

MOST_FINDINGS = 10


def contract(document: Node, place: str) -> None:
    """Refuse a document that is not OpenAPI 3.1, or that would lose something on the way."""
    for find in (_other_format, _structure, _dangling, _invalid, _losses):
        findings = [f"{place}: {finding}" for finding in find(document)]
        if len(findings) > MOST_FINDINGS:
            more = len(findings) - MOST_FINDINGS
            findings = [*findings[:MOST_FINDINGS], f"{place}: and {more} more like these"]
        if findings:
            raise Refused(*findings)


def _other_format(document: Node) -> Iterator[str]:
    if "swagger" in document:
        yield f"Swagger {document['swagger']}, not OpenAPI 3.1; ask for the 3.1 document, or convert it"
        return
    version = document.get("openapi")
    if version is None:
        yield "no `openapi` key at the top; expected an OpenAPI 3.1 document"
    elif str(version).startswith("3.0"):
        yield (
            f"OpenAPI {version}, not 3.1: nullable, exclusiveMinimum and examples mean other things "
            "there; ask for the 3.1 document, or convert it with a tool made for it"
        )
    elif not str(version).startswith("3.1."):
        yield f"OpenAPI {version}, not 3.1; only 3.1 is understood"
    elif not isinstance(version, str):
        yield f'`openapi: {version}` is a number; write "3.1.0" in quotes'


def _structure(document: Node) -> Iterator[str]:
    info = document.get("info")
    version = info.get("version") if isinstance(info, dict) else None
    if isinstance(version, UnquotedDate):
        yield f'info.version {version} is a date to YAML readers; write it in quotes: "{version}"'
    elif not isinstance(version, str):
        yield f"info.version is {version!r}; write a version in quotes"
    paths = document.get("paths")
    if not isinstance(paths, dict) or not paths:
        yield "no `paths`: there is nothing to call; is this the whole contract?"
        return
    for path, item in paths.items():
        if not isinstance(item, dict):
            yield f"paths.{path} is not an object; indent its operations under it"


def _dangling(document: Node) -> Iterator[str]:
    for place, target in references(document):
        try:
            resolved(document, pointed_at(document, target))
        except Refused as refusal:
            yield f"{place}: {refusal}"


def _invalid(document: Node) -> Iterator[str]:
    errors = sorted(
        OpenAPIV31SpecValidator(document).iter_errors(), key=lambda e: list(map(str, e.path))
    )
    for error in errors:
        place = ".".join(str(part) for part in error.path) or "the document"
        yield f"{place}: {_short(error.message)}"


def _losses(document: Node) -> Iterator[str]:
    yield from _twice(document)
    for operation in operations(document):
        for parameter in operation.node.get("parameters", []) + operation.shared:
            whole = resolved(document, parameter)
            if "schema" not in whole:
                yield f"{operation.where}: parameter {whole.get('name')!r} has no schema; give it one"


def _twice(document: Node) -> Iterator[str]:
    named: dict[str, list[str]] = defaultdict(list)
    modules: dict[tuple[str, str], list[str]] = defaultdict(list)
    for operation in operations(document):
        named[operation.id].append(operation.where)
        tag = (operation.node.get("tags") or ["default"])[0]
        modules[_module(tag), _module(operation.id)].append(operation.where)
    for name, places in named.items():
        if len(places) > 1:
            yield f"operationId {name!r} stands at {' and '.join(places)}; give each its own"
    for (tag, module), places in modules.items():
        if len(places) > 1:
            yield f"{' and '.join(places)} both become api/{tag}/{module}.py; give them other ids"


def client(document: Node, generated: Generated, api_md: str) -> None:
    """Refuse a client that lacks anything the prepared document has."""
    findings = [*_missing_calls(document, generated), *_missing_models(document, generated)]
    findings += _missing_events(document, api_md)
    if findings:
        raise Refused(
            *(f"lost by the generator: {finding}" for finding in findings[:MOST_FINDINGS])
        )


def _missing_calls(document: Node, generated: Generated) -> Iterator[str]:
    collections = generated.read.endpoint_collections_by_tag
    read = {(tag, e.name): e for tag, c in collections.items() for e in c.endpoints}
    for operation in operations(document):
        tag = _module((operation.node.get("tags") or ["default"])[0])
        endpoint = read.get((tag, _module(operation.id)))  # type: ignore[call-overload]
        module = generated.folder / "api" / tag / f"{_module(operation.id)}.py"
        if endpoint is None or not module.is_file():
            yield f"operation {operation.id} ({operation.where}) has no module"
            continue
        has = {(str(place), _text(prop.name)) for place, prop in endpoint.iter_all_parameters()}
        for parameter in operation.parameters:
            if (parameter["in"], parameter["name"]) not in has:
                yield f"{operation.id}: {parameter['in']} parameter {parameter['name']}"
        if len(operation.node.get("requestBody", {}).get("content", {})) != len(endpoint.bodies):
            yield f"{operation.id}: a request body"
        answers = {response.status_code.pattern for response in endpoint.responses}
        for status in operation.node.get("responses", {}).keys() - answers:
            yield f"{operation.id}: the answer {status}"


def _missing_models(document: Node, generated: Generated) -> Iterator[str]:
    models = {str(m.class_info.name): m for m in generated.read.models}
    enums = {str(e.class_info.name): e for e in generated.read.enums}
    for name, schema in schemas(document).items():
        found: Any = models.get(_class(name)) or enums.get(_class(name))
        if found is None:
            if schema.get("properties") or schema.get("enum"):
                yield f"schema {name} has no class"
            continue
        path = generated.folder / "models" / f"{found.class_info.module_name}.py"
        text = path.read_text("utf-8") if path.is_file() else ""
        yield from _missing_fields(name, schema, found, text)


def _missing_fields(name: str, schema: Node, found: Any, text: str) -> Iterator[str]:
    if "enum" in schema:
        if len(set(found.values.values())) != len(set(schema["enum"])):
            yield f"enum {name}: {len(schema['enum'])} values became {len(found.values)}"
        return
    has = {_text(p.name): p for p in (*found.required_properties, *found.optional_properties)}
    for wire_name in schema.get("properties", {}):
        prop = has.get(wire_name)
        if prop is None or f"{prop.python_name}=" not in text:
            yield f"field {name}.{wire_name}"
        elif prop.required != (wire_name in schema.get("required", [])):
            yield f"field {name}.{wire_name}: whether it is required"


def _missing_events(document: Node, api_md: str) -> Iterator[str]:
    lines = api_md.splitlines()
    for name, item in document.get("webhooks", {}).items():
        if not any(line.startswith(f"event {name}: ") for line in lines):
            used = ", ".join(method for method in METHODS if method in item) or "no method"
            yield f"event {name}: no JSON body under {used}; describe its payload"
    for name, media in payloads(document):
        if "$ref" not in media.get("schema", {}):
            yield f"event {name}: its payload is no object with fields, so it has no model"


def money(document: Node) -> list[str]:
    """Fields marked as money that are not text: JSON numbers have lost digits before we see them."""
    found = []
    for holder, key, name in every_schema(document):
        schema = holder[key]
        kinds = schema.get("type", [])
        numeric = {"number", "integer"} & set([kinds] if isinstance(kinds, str) else kinds)
        if schema.get("format") == "decimal" and numeric:
            found.append(
                f"{name} is a JSON {min(numeric)} and marked as money; ask for decimal strings"
            )
    return found


def _text(value: Any) -> str:
    return str(value.get_untrusted_value() if hasattr(value, "get_untrusted_value") else value)


def _module(name: str) -> str:
    return str(PythonIdentifier(name, "field_"))


def _class(name: str) -> str:
    from openapi_python_client.strings import ClassName

    return str(ClassName(name, "field_"))


def _short(message: str) -> str:
    plain = re.sub(r"\s+", " ", message)
    return plain if len(plain) <= 200 else f"{plain[:200]}…"
