"""Notices what deserves a look in a usable contract: guesses made, things not enforced. Pure."""

import re
from collections.abc import Iterator
from typing import Any

from openapi_schema_validator import OAS31Validator

from .documents import (
    METHODS,
    Node,
    every_schema,
    json_media,
    operations,
    payloads,
    resolved,
    schemas,
)
from .naming import class_names, is_class
from .prose import units

MONEY = re.compile(r"(^|_)(amount|fee|fees|price|rate|total|balance|cost)s?(_|$)")
INSTANT = re.compile(r"_(at|time|timestamp)$")
DECIMAL = re.compile(r"-?[0-9]+\.[0-9]+")
DECIMAL_PATTERN = re.compile(r"\\\.(\[0-9\]|\\d|\(\?:\[0-9\])")
SPOKEN = re.compile(r"\bdecimal (string|number|amount|value)", re.IGNORECASE)
CODE = re.compile(r"\b(ISO 4217|currency code|(alpha-\d|three-letter) code)\b", re.IGNORECASE)
NOT_ENFORCED = (
    *("patternProperties", "propertyNames", "dependentRequired", "dependentSchemas"),
    *("if", "not", "contains", "discriminator", "unevaluatedProperties"),
)


def notices(corrected: Node, prepared: Node) -> list[str]:
    """Return what deserves a look, one line each, sorted; *corrected* is as its author wrote it."""
    found = (
        *_named_by_us(corrected, prepared),
        *_nullable(corrected),
        *_ids_by_us(prepared),
        *_not_generated(prepared),
        *_plain_text(prepared),
        *_money_and_words(prepared),
        *_hidden(prepared),
        *_closed(prepared),
        *_not_enforced(prepared),
        *_styles(prepared),
        *_bad_examples(prepared),
        *_bad_defaults(prepared),
    )
    return sorted(set(found))


def _named_by_us(corrected: Node, prepared: Node) -> Iterator[str]:
    """Yield a line for each schema that stands inline and was named by us."""
    spelled = class_names(corrected)
    ours = schemas(prepared).keys() - {spelled.get(name, name) for name in schemas(corrected)}
    for name in ours:
        yield f"schema {name}: written out in its place; the name is ours"


def _nullable(corrected: Node) -> Iterator[str]:
    """Yield a line with how many places say `nullable: true`; none for none."""

    def count(node: Any) -> int:
        """Return how many objects in a node, however deep, say `nullable: true`."""
        if isinstance(node, dict):
            return (node.get("nullable") is True) + sum(count(value) for value in node.values())
        return sum(count(value) for value in node) if isinstance(node, list) else 0

    if found := count(corrected):
        yield f"`nullable: true` at {found} places is OpenAPI 3.0; read as: null is allowed"


def _ids_by_us(prepared: Node) -> Iterator[str]:
    """Yield a line for each operation without operationId."""
    for operation in operations(prepared):
        if not operation.node.get("operationId"):
            yield f"{operation.where}: no operationId; it is called {operation.id}"


def _not_generated(prepared: Node) -> Iterator[str]:
    """Yield a line for callbacks and servers of paths and operations."""
    for path, item in prepared["paths"].items():
        for holder in (item, *(item[method] for method in METHODS if method in item)):
            for key in ("callbacks", "servers"):
                if key in holder:
                    yield f"{path}: its `{key}` are not generated"


def _plain_text(prepared: Node) -> Iterator[str]:
    """Yield a line for plain text that looks like money, or an instant, by name or example."""
    for holder, key, name in every_schema(prepared):
        schema = holder[key]
        kinds = schema.get("type", [])
        if "string" not in kinds or schema.get("format") or {"enum", "const"} & schema.keys():
            continue
        said = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", str(key)).lower()
        shown = [*schema.get("examples", []), schema.get("example")]
        written = any(isinstance(one, str) and DECIMAL.fullmatch(one) for one in shown)
        if schema.get("x-money") is False:
            continue
        if MONEY.search(said) or written or DECIMAL_PATTERN.search(schema.get("pattern", "")):
            yield f"{name}: looks like money and is plain text; mark it in the overlay"
        elif INSTANT.search(said):
            yield f"{name}: looks like an instant and is plain text; mark it in the overlay"


def _money_and_words(prepared: Node) -> Iterator[str]:
    """Yield a line where a description gainsays that a field is money, or that it is none."""
    for holder, key, name in every_schema(prepared):
        schema = holder[key]
        said = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", str(key)).lower()
        told = str(schema.get("description", ""))
        if "x-money" in schema or not told:
            continue
        if schema.get("format") == "decimal":
            if "minor" in units(told):
                yield f"{name}: is money, and its description speaks of minor units; which is it?"
            elif CODE.search(told):
                yield f"{name}: is money, and its description speaks of a code; which is it?"
        elif _is_plain(schema) and SPOKEN.search(told) and not MONEY.search(said):
            yield (
                f"{name}: its description speaks of a decimal, and its name of no money: say "
                "`format: decimal` or `x-money: false` in the overlay"
            )


def _is_plain(schema: Node) -> bool:
    """Return whether a schema is text without a format."""
    return "string" in schema.get("type", []) and not schema.get("format")


def _hidden(prepared: Node) -> Iterator[str]:
    """Yield a line for each text that is hidden because of its name alone."""
    for holder, key, name in every_schema(prepared):
        if holder[key].get("x-secret") == "by its name":
            yield (
                f"{name}: sounds like a secret and is kept out of the repr: say `format: password` "
                "or `x-secret: false` in the overlay"
            )


def _closed(prepared: Node) -> Iterator[str]:
    """Yield a line for each enum of one value."""
    for name, schema in schemas(prepared).items():
        if is_class(schema) and len(schema.get("enum", [])) == 1:
            yield f"enum {name}: has one value, so any other is refused; is it meant to grow?"


def _not_enforced(prepared: Node) -> Iterator[str]:
    """Yield a line for each keyword that the client does not enforce."""
    for holder, key, name in every_schema(prepared):
        for keyword in NOT_ENFORCED:
            if keyword in holder[key]:
                yield f"{name}: `{keyword}` is not enforced"


def _styles(prepared: Node) -> Iterator[str]:
    """Yield a line for each parameter whose style the client ignores."""
    for operation in operations(prepared):
        for parameter in operation.parameters:
            plain = parameter.get("style", "form") in ("form", "simple")
            if not plain or parameter.get("explode") is False:
                where = f"{operation.where}: {parameter['in']} {parameter['name']}"
                yield f"{where}: its style is ignored; lists are sent as repeated names"


def _bad_examples(prepared: Node) -> Iterator[str]:
    """Yield a line for each example that its schema refuses, with the first error."""
    components = {"components": prepared.get("components", {})}
    for name, schema, example in _examples(prepared):
        validator = OAS31Validator({**components, **schema})
        for error in validator.iter_errors(example):
            where = "/".join(str(part) for part in error.absolute_path)
            message = error.message if len(error.message) <= 120 else f"{error.message[:120]}…"
            yield f"{name}: an example is not valid{' at ' + where if where else ''}: {message}"
            break


def _bad_defaults(prepared: Node) -> Iterator[str]:
    """Yield a line for each default that its schema refuses, with the first error."""
    components = {"components": prepared.get("components", {})}
    for holder, key, name in every_schema(prepared):
        schema = holder[key]
        if "x-server-default" not in schema:
            continue
        errors = OAS31Validator({**components, **schema}).iter_errors(schema["x-server-default"])
        if error := next(iter(errors), None):
            yield f"{name}: its default is not valid: {error.message[:120]}; it is never sent"


def _examples(prepared: Node) -> Iterator[tuple[str, Node, Any]]:
    """Yield (name, schema, example) of every example of a schema, body, answer or event."""
    for holder, key, name in every_schema(prepared):
        schema = holder[key]
        listed = schema.get("examples", [])
        given = [*listed, schema["example"]] if "example" in schema else listed
        yield from ((name, schema, example) for example in given)
    for name, media in _media(prepared):
        named = media.get("examples", {}).values()
        given = [resolved(prepared, one).get("value") for one in named]
        given += [media["example"]] if "example" in media else []
        yield from ((name, media["schema"], example) for example in given)


def _media(prepared: Node) -> Iterator[tuple[str, Node]]:
    """Yield (name, media type) of every JSON body, answer and event with a schema."""
    for operation in operations(prepared):
        holders = {"body": operation.body, **operation.responses}
        for said, holder in holders.items():
            media = json_media(holder)
            if media and "schema" in media:
                yield f"{operation.id} {said}", media
    yield from ((name, media) for name, media in payloads(prepared) if "schema" in media)
