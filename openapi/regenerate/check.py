"""Finds what the generator would drop without a word: in the contract before, in the client after."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

from openapi_python_client.parser.openapi import Endpoint
from openapi_python_client.strings import ClassName, PythonIdentifier
from openapi_spec_validator import OpenAPIV31SpecValidator

from .documents import (
    METHODS,
    Node,
    Operation,
    events,
    operations,
    pointed_at,
    references,
    resolved,
    schemas,
    without_defaults,
)
from .facts import Fact, read_back
from .generate import Generated
from .naming import PREFIX, is_class
from .refused import Refused
from .source import UnquotedDate

MOST_FINDINGS = 10
#: How a fact says that an amount is written without quotes.
NUMERIC = "decimal as"


def readable(document: Node, place: str) -> None:
    """Raise Refused for what is no OpenAPI 3.1 document, before anything walks it."""
    _refuse(place, _other_format(document))
    _refuse(place, _no_contract(document))
    _refuse(place, _unprintable(document))


def unsound(document: Node, place: str) -> tuple[str, ...]:
    """Return what breaks the rules of OpenAPI in a corrected contract, at most eleven lines."""
    dangling = list(_dangling(document))
    # The validator follows references, too: where one leads nowhere it would say so again.
    invalid = [] if dangling else _invalid(document)
    return _with_place(place, [*dangling, *_one_id_twice(document), *invalid])


def lost(document: Node, place: str) -> tuple[str, ...]:
    """Return what the generator would leave out of a prepared contract; () for nothing."""
    return _with_place(place, [*_one_name_twice(document), *_without_schema(document)])


def inexact(
    facts: Iterable[Fact], accepted: frozenset[str]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return (refusals of money as JSON numbers, the names of such that were accepted)."""
    found = sorted(fact.name for fact in facts if f"{NUMERIC} " in f"{fact.type} ")
    granted = tuple(name for name in found if accepted & {name, "money"})
    asked = tuple(
        f"{name} is money as a JSON number, which most readers round: ask for a decimal string, or "
        f"give the reviewer's word: --accept {name}"
        for name in found
        if name not in granted
    )
    return asked, granted


def complete(document: Node, generated: Generated, api_md: str) -> None:
    """Raise Refused for a client that lacks anything the prepared contract has."""
    findings = [*_missing_calls(document, generated), *_missing_models(document, generated)]
    _refuse("lost by the generator", [*findings, *_missing_events(document, api_md)])


def _refuse(place: str, findings: Iterable[str]) -> None:
    """Raise Refused with these findings; do nothing where there are none."""
    listed = _with_place(place, findings)
    if listed:
        raise Refused(*listed)


def _with_place(place: str, findings: Iterable[str]) -> tuple[str, ...]:
    """Return findings with *place* before each; beyond ten, only how many more there are."""
    listed = [f"{place}: {finding}" for finding in findings]
    if len(listed) > MOST_FINDINGS:
        listed[MOST_FINDINGS:] = [f"{place}: and {len(listed) - MOST_FINDINGS} more like these"]
    return tuple(listed)


def _other_format(document: Node) -> Iterator[str]:
    """Yield why a document is no OpenAPI 3.1, at most one finding."""
    version = document.get("openapi")
    if "swagger" in document:
        yield f"Swagger {document['swagger']}, not OpenAPI 3.1; ask for the 3.1 document"
    elif version is None:
        yield "no `openapi` key at the top; expected an OpenAPI 3.1 document"
    elif not isinstance(version, str):
        yield f'`openapi: {version}` is a number; write "3.1.0" in quotes'
    elif version.startswith("3.0"):
        yield (
            f"OpenAPI {version}, not 3.1: nullable, exclusiveMinimum and example mean other things "
            "there, and guessing could read an amount wrongly; ask for the 3.1 document"
        )
    elif not re.fullmatch(r"3\.1\.\d+", version):
        yield f"OpenAPI {version}, not 3.1; only 3.1 is understood"


def _no_contract(document: Node) -> Iterator[str]:
    """Yield a finding for a version that is no text, no paths, or a path without operations."""
    info, paths = document.get("info"), document.get("paths")
    version = info.get("version") if isinstance(info, dict) else None
    if isinstance(version, UnquotedDate):
        yield f'info.version {version} is a date to YAML readers; write it in quotes: "{version}"'
    elif not isinstance(version, str):
        yield f"info.version is {version!r}; write a version in quotes"
    if not isinstance(paths, dict) or not paths:
        yield "no `paths`: there is nothing to call; is this the whole contract?"
        return
    for path, item in paths.items():
        operations_of = item if isinstance(item, dict) else {"": None}
        if not all(isinstance(operations_of.get(m, {}), dict) for m in ("", *METHODS)):
            yield f"paths.{path} is no object of operations; indent them under it"


def _unprintable(node: Any, where: str = "#") -> Iterator[str]:
    """Yield a finding for each name with unprintable characters, which would break reports."""
    if isinstance(node, dict):
        for key, value in node.items():
            if not key.isprintable():
                yield f"{where}: the name {key!r} has a character that is not printable"
            yield from _unprintable(value, f"{where}/{key}" if key.isprintable() else where)
    elif isinstance(node, list):
        for number, value in enumerate(node):
            yield from _unprintable(value, f"{where}/{number}")


def _dangling(document: Node) -> Iterator[str]:
    """Yield a finding for each reference that leads nowhere, or back to itself."""
    for where, target in references(document):
        try:
            resolved(document, pointed_at(document, target))
        except Refused as refusal:
            yield f"{where}: {refusal}"


def _invalid(document: Node) -> Iterator[str]:
    """Yield the validator's findings, by place, each at most 200 characters; defaults aside."""
    # A default that does not fit harms nobody, for no client sends it: it is noticed, not refused.
    errors = _errors(without_defaults(document))
    for error in sorted(errors, key=lambda error: [str(part) for part in error.path]):
        where = ".".join(str(part) for part in error.path) or "the document"
        plain = " ".join(error.message.split())
        yield f"{where}: {plain if len(plain) <= 200 else plain[:200] + '…'}"


def _errors(document: Node) -> list[Any]:
    """Return the validator's errors; Refused where it fails before it finds any."""
    found: list[Any] = []
    try:
        for error in OpenAPIV31SpecValidator(document).iter_errors():
            found.append(error)
    except Exception as error:
        # After the errors it finds, the validator trips over what they leave behind.
        if not found:
            raise Refused(f"the document cannot be understood as OpenAPI: {error!r}") from None
    return found


def _one_id_twice(document: Node) -> Iterator[str]:
    """Yield a finding for each operationId that several operations have."""
    places: dict[str, list[str]] = defaultdict(list)
    for operation in operations(document):
        places[operation.id].append(operation.where)
    for name, found in places.items():
        if len(found) > 1:
            yield f"operationId {name!r} stands at {' and '.join(found)}; give each its own"


def _one_name_twice(document: Node) -> Iterator[str]:
    """Yield a finding for several things that would become one module, class or argument."""
    yield from _one_id_twice(document)
    made: dict[str, list[str]] = defaultdict(list)
    for operation in operations(document):
        made[f"api/{'/'.join(_module_of(operation))}.py"].append(operation.id)
    for name, schema in schemas(document).items():
        if is_class(schema):
            made[f"class {_class(name)}"].append(name)
    for thing, names in made.items():
        if len(set(names)) > 1:
            yield f"{' and '.join(names)} both become {thing}; call one of them otherwise"
    for operation in operations(document):
        yield from _one_argument_twice(operation)


def _one_argument_twice(operation: Operation) -> Iterator[str]:
    """Yield a finding for parameters of other names that become one argument."""
    made: dict[str, set[str]] = defaultdict(set)
    for parameter in operation.parameters:
        made[str(PythonIdentifier(parameter["name"], PREFIX))].add(parameter["name"])
    for argument, names in made.items():
        if len(names) > 1:
            told = " and ".join(sorted(names))
            yield (
                f"{operation.where}: the parameters {told} both become {argument}; take one of them "
                "out in the overlay"
            )


def _without_schema(document: Node) -> Iterator[str]:
    """Yield a finding for each parameter without a schema."""
    for operation in operations(document):
        for parameter in operation.parameters:
            if "schema" not in parameter:
                yield f"{operation.where}: parameter {parameter['name']!r} has no schema; give one"


def _missing_calls(document: Node, generated: Generated) -> Iterator[str]:
    """Yield a finding for each operation, or part of one, that the client lacks."""
    tags = generated.read.endpoint_collections_by_tag.items()
    read = {(str(tag), str(e.name)): e for tag, found in tags for e in found.endpoints}
    for operation in operations(document):
        tag, module = _module_of(operation)
        endpoint = read.get((tag, module))
        if endpoint is None or not (generated.folder / "api" / tag / f"{module}.py").is_file():
            yield f"operation {operation.id} ({operation.where}) has no module"
        else:
            yield from _missing_parts(operation, endpoint)


def _missing_parts(operation: Operation, endpoint: Endpoint) -> Iterator[str]:
    """Yield a finding for each parameter, body or answer that a call lacks."""
    has = {(str(place), _text(prop.name)) for place, prop in endpoint.iter_all_parameters()}
    for parameter in operation.parameters:
        if (parameter["in"], parameter["name"]) not in has:
            yield f"{operation.id}: {parameter['in']} parameter {parameter['name']}"
    if len(operation.body.get("content", {})) != len(endpoint.bodies):
        yield f"{operation.id}: a request body"
    for status in operation.responses.keys() - {r.status_code.pattern for r in endpoint.responses}:
        yield f"{operation.id}: the answer {status}"


def _missing_models(document: Node, generated: Generated) -> Iterator[str]:
    """Yield a finding for each schema, or member of one, that has no class."""
    classes = [*generated.read.models, *generated.read.enums]
    read = {str(found.class_info.name): found for found in classes}
    for name, schema in schemas(document).items():
        found = read.get(_class(name))
        if not is_class(schema):
            continue
        path = generated.folder / "models" / f"{found.class_info.module_name}.py" if found else None
        if path is None or not path.is_file():
            yield f"schema {name} has no class"
        else:
            yield from _missing_members(name, schema, found, path.read_text("utf-8"))


def _missing_members(name: str, schema: Node, found: Any, text: str) -> Iterator[str]:
    """Yield a finding for each field or value that a class lacks, or wrongly requires."""
    if "enum" in schema:
        if len(found.values) != len(set(schema["enum"])):
            yield f"enum {name}: {len(schema['enum'])} values became {len(found.values)}"
        return
    has = {_text(p.name): p for p in (*found.required_properties, *found.optional_properties)}
    for wire_name in schema.get("properties", {}):
        prop = has.get(wire_name)
        if prop is None or f"\n    {prop.python_name}: " not in text:
            yield f"field {name}.{wire_name}"
        elif prop.required != (wire_name in schema.get("required", [])):
            yield f"field {name}.{wire_name}: whether it is required"


def _missing_events(document: Node, api_md: str) -> Iterator[str]:
    """Yield a finding for each webhook without a line in API.md, or without a model."""
    listed = {fact.name for fact in read_back(api_md) if fact.kind == "event"}
    modelled = {event.key for event in events(document) if "$ref" in event.schema}
    known = {event.key for event in events(document) if event.name in listed}
    for name, item in document.get("webhooks", {}).items():
        if name not in known:
            used = ", ".join(method for method in METHODS if method in item) or "no method"
            yield f"event {name}: no JSON body under {used}; describe its payload"
        elif name not in modelled:
            yield f"event {name}: its payload is no object with fields, so it has no model"


def _module_of(operation: Operation) -> tuple[str, str]:
    """Return the names of an operation's folder and module."""
    tag = str(PythonIdentifier(operation.tag, "tag"))
    return tag, str(PythonIdentifier(operation.id, PREFIX))


def _class(name: str) -> str:
    """Return the name of the class that a schema becomes."""
    return str(ClassName(name, PREFIX))


def _text(value: Any) -> str:
    """Return a name of the generator's as text, as the contract writes it."""
    return str(value.get_untrusted_value() if hasattr(value, "get_untrusted_value") else value)
