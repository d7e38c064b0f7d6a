"""Describes the values that a schema lets through, as facts do: types, bounds, notes. Pure."""

import json
from typing import Any

from .documents import Node, component_of, resolved
from .facts import (
    CLOSED,
    DEFAULT,
    DEPRECATED,
    OF_EACH,
    OF_ONE,
    READ_ONLY,
    STABILITY,
    SUNSET,
    WRITE_ONLY,
    Fact,
)
from .naming import is_class

OWN_NAMES = {"decimal", "date-time", "date", "password", "uuid", "binary"}
LIMITS = (
    *("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"),
    *("minLength", "maxLength", "pattern", "minItems", "maxItems", "uniqueItems"),
    *("minProperties", "maxProperties", "prefixItems", "contains", "minContains", "maxContains"),
    *("not", "if", "then", "else", "patternProperties", "propertyNames", "dependentRequired"),
    *("dependentSchemas", "unevaluatedProperties", "unevaluatedItems"),
    *("contentEncoding", "contentMediaType", "contentSchema"),
    "x-extensible-enum",
)


def described(
    document: Node,
    kind: str,
    name: str,
    schema: Node,
    required: bool | None,
    told: tuple[str, ...],
) -> Fact:
    """Return the fact of values that follow a schema: type, null, bounds; *told* are its notes."""
    every = _branches(document, schema)
    branches = [branch for branch in every if branch.get("type") != "null"]
    alone = len(branches) == 1
    words = [_type(document, branch) for branch in branches]
    if not alone:
        words = [_bracketed(w, bounds(b)) for w, b in zip(words, branches, strict=True)]
    return Fact(
        kind=kind,
        name=name,
        type=" or ".join(sorted({*words})) or "null",
        null=bool(branches) and len(branches) < len(every),
        limits=bounds(branches[0]) if alone and not component_of(branches[0]) else {},
        required=required,
        notes=told,
    )


def bounds(schema: Node) -> dict[str, Any]:
    """Return the limits of a schema, as JSON Schema calls them; {} for none."""
    return {key: schema[key] for key in LIMITS if key in schema}


def notes(document: Node, schema: Node) -> tuple[str, ...]:
    """Return the notes on values that follow a schema: all but type and bounds."""
    whole = schema
    if "$ref" in schema:
        target = resolved(document, schema)
        whole = {**({} if is_class(target) else target), **schema}
    named = whole.get("discriminator", {})
    apart = [f"told apart by {named['propertyName']}"] if "propertyName" in named else []
    mapped = [f"mapping {as_json(named['mapping'])}"] if "mapping" in named else []
    each = notes(document, whole["items"]) if isinstance(whole.get("items"), dict) else ()
    inside = (f"{OF_EACH}{note}" for note in each)
    told = (*own_notes(whole), *_closed(whole), *apart, *mapped, *inside)
    return (*told, *(note for note in _of_branches(document, whole) if note not in told))


def _of_branches(document: Node, schema: Node) -> tuple[str, ...]:
    """Return the notes on alternatives; where null is the only other, as of the value itself."""
    branches = [*schema.get("oneOf", ()), *schema.get("anyOf", ())]
    kinds = [
        branch for branch in branches if isinstance(branch, dict) and branch.get("type") != "null"
    ]
    told = [note for branch in kinds for note in notes(document, branch)]
    return tuple(dict.fromkeys(told if len(kinds) == 1 else (f"{OF_ONE}{note}" for note in told)))


def own_notes(schema: Node) -> tuple[str, ...]:
    """Return the notes that a schema gives without its references: deprecated, read only, …"""
    words = (("deprecated", DEPRECATED), ("readOnly", READ_ONLY), ("writeOnly", WRITE_ONLY))
    told = [word for key, word in words if schema.get(key) is True]
    if "x-sunset" in schema:
        told.append(f"{SUNSET}{schema['x-sunset']}")
    if "x-stability-level" in schema:
        told.append(f"{STABILITY}{schema['x-stability-level']}")
    if "x-server-default" in schema:
        told.append(DEFAULT + as_json(schema["x-server-default"]))
    return tuple(told)


def as_json(value: Any) -> str:
    """Return the value as JSON on one line, as API.md writes it."""
    return json.dumps(value, ensure_ascii=False)


def _closed(schema: Node) -> tuple[str, ...]:
    """Return the note `closed` for an object without class that takes no other fields; else ()."""
    free = schema.get("type") == "object" and not is_class(schema)
    return (CLOSED,) if free and schema.get("additionalProperties") is False else ()


def _branches(document: Node, schema: Node) -> list[Node]:
    """Return the schemas that a value may follow, one of each kind; a class stays one."""
    whole: Node = resolved(document, schema)
    if is_class(whole) and "$ref" in schema:
        return [schema]
    if "$ref" in schema:
        whole = {**whole, **{key: value for key, value in schema.items() if key != "$ref"}}
    alternatives = whole.get("oneOf", []) + whole.get("anyOf", [])
    if alternatives:
        return [inner for branch in alternatives for inner in _branches(document, branch)]
    kinds = whole.get("type", "anything")
    every = [kinds] if isinstance(kinds, str) else [*kinds]
    if whole.get("nullable") is True and "null" not in every:
        every.append("null")
    if whole.get("enum"):
        # Of a header: an enum that stands anywhere else has a class by now, and was returned above.
        values = [{**whole, "const": value} for value in whole["enum"] if value is not None]
        return [*values, *({"type": "null"} for kind in every if kind == "null")]
    return [{**whole, "type": kind} for kind in every]


def _type(document: Node, branch: Node) -> str:
    """Return a model's or enum's name, a constant as JSON, or the kind of a value."""
    if name := component_of(branch):
        return name
    if "const" in branch:
        return as_json(branch["const"])
    kind = branch.get("type", "anything")
    if kind == "array":
        return f"list of {_inner(document, branch.get('items', {}))}"
    form: Any = branch.get("format", branch.get("x-format"))
    if branch.get("x-wire"):
        return f"{form} as {branch['x-wire']}"
    if kind == "string" and form in OWN_NAMES:
        return str(form)
    return f"{kind} {form}" if form else str(kind)


def _inner(document: Node, items: Node) -> str:
    """Return the type of a list's elements in words, in brackets where it is not one word."""
    fact = described(document, "", "", items, None, ())
    told = str(fact).removeprefix(" : ")
    return f"({told})" if fact.limits or fact.null or " or " in fact.type else told


def _bracketed(words: str, limits: dict[str, Any]) -> str:
    """Return words with limits in brackets; unchanged without limits."""
    return f"({words} {as_json(limits)})" if limits else words
