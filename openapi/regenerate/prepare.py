"""Rewrites the corrected contract into what the generator reads without loss. Computed, no names.

What an Overlay cannot say: each step answers a habit of the generator that is silent, or loud where
nothing is wrong. What comes out means the same to a client as what went in.
"""

import json
import re
from collections.abc import Callable
from copy import deepcopy
from typing import Any
from urllib.parse import unquote

from .documents import (
    COMPONENT,
    DATA,
    Node,
    answers,
    children,
    component_of,
    every_schema,
    is_json,
    operations,
    reachable,
    references,
    resolved,
    roots,
    schemas,
)
from .flatten import binding, flatten, flattened
from .naming import class_names, is_class, name_inline_schemas
from .refused import Refused

DEEPEST = 20
# A format that makes another class of the client, wherever it stands.
MARKS = ("decimal", "password", "date-time")
#: Names of text that may open a door.
SECRET = re.compile(
    r"secret|passw(or)?d|passphrase|credential|mnemonic|private_key|seed_phrase|(^|_)(cvv|cvc|pan)(_|$)"
    r"|(^|_)(token|otp|pin|jwt|bearer|api_key|access_key|auth_key)(_value)?$"
)


def prepare(document: Node) -> Node:
    """Return a document of the same meaning, of named schemas, with nothing the generator loses."""
    prepared: Node = json.loads(json.dumps(document))
    for step in STEPS:
        step(prepared)
    return prepared


def _call_by_class(document: Node) -> None:
    """Rename every schema to its class's name, in references too: facts tell of classes."""
    new = class_names(document)
    if not new:
        return
    found = schemas(document)
    document["components"]["schemas"] = {new.get(name, name): found[name] for name in found}
    _refer_by(document, {COMPONENT + old: COMPONENT + name for old, name in new.items()})


def _refer_by(node: Any, pointers: dict[str, str], named: bool = False) -> None:
    """Replace renamed schemas in every reference and discriminator's mapping, in place."""
    if isinstance(node, list):
        for value in node:
            _refer_by(value, pointers)
        return
    if not isinstance(node, dict):
        return
    for key, value in node.items():
        if isinstance(value, str) and (key == "$ref" or named):
            node[key] = _pointed_anew(value, pointers)
        elif named or key not in DATA:
            _refer_by(value, pointers, key in ("properties", "mapping") and not named)


def _pointed_anew(target: str, pointers: dict[str, str]) -> str:
    """Return a reference to or into a renamed schema by its new name; others unchanged."""
    parts = unquote(target).split("/")
    start, rest = "/".join(parts[:4]), parts[4:]
    return "/".join([pointers[start], *rest]) if start in pointers else target


def _bring_in_shared_parts(document: Node) -> None:
    """Copy shared path items, parameters, bodies, answers and headers where they are used.

    The generator drops path items by reference, and fails on parameters and answers in a chain.
    """
    for place in ("paths", "webhooks"):
        for name, item in document.get(place, {}).items():
            document[place][name] = _brought_in(document, item)
            _bring_in_item(document, document[place][name])
    for kind in ("parameters", "requestBodies", "responses", "pathItems", "headers"):
        document.get("components", {}).pop(kind, None)


def _bring_in_item(document: Node, item: Node) -> None:
    """Replace references in a path item, and its operations, by copies of what they stand for."""
    for holder in (item, *(value for value in item.values() if isinstance(value, dict))):
        if "parameters" in holder:
            holder["parameters"] = [_brought_in(document, p) for p in holder["parameters"]]
        if "requestBody" in holder:
            holder["requestBody"] = _brought_in(document, holder["requestBody"])
        for status, response in holder.get("responses", {}).items():
            response = holder["responses"][status] = _brought_in(document, response)
            for name, header in response.get("headers", {}).items():
                response["headers"][name] = _brought_in(document, header)


def _brought_in(document: Node, node: Node) -> Node:
    """Return a copy of what a node refers to, with the node's own keys over it."""
    siblings = {key: value for key, value in node.items() if key != "$ref"}
    return {**deepcopy(resolved(document, node)), **siblings}


def _read_json_first(document: Node) -> None:
    """Put JSON first among an answer's content types: the generator reads the first."""
    for operation in operations(document):
        for response in operation.responses.values():
            if "content" in response:
                ordered = sorted(response["content"].items(), key=lambda item: not is_json(item[0]))
                response["content"] = dict(ordered)


def _spell_out_booleans(document: Node) -> None:
    """Replace `true` and `false` as schemas by objects, which readers understand."""
    waiting = list(roots(document))
    while waiting:
        holder, key, _ = waiting.pop()
        if isinstance(holder[key], bool):
            holder[key] = {} if holder[key] else {"not": {}}
        waiting.extend(children(holder[key]))


def _spell_out_arrays(document: Node) -> None:
    """Add `items: {}` to arrays that don't say of what: the generator refuses these."""
    for holder, key, _ in every_schema(document):
        schema = holder[key]
        if isinstance(schema.get("items"), bool):
            schema["items"] = {}
        if "array" in _kinds(schema) and not {"items", "prefixItems"} & schema.keys():
            schema["items"] = {}


def _read_nullable(document: Node) -> None:
    """Replace `nullable: true` of OpenAPI 3.0, which means nothing in 3.1, by null as a type."""
    for holder, key, _ in every_schema(document):
        schema = holder[key]
        if schema.pop("nullable", None) is not True or "null" in _kinds(schema):
            continue
        if "type" in schema:
            schema["type"] = [*_kinds(schema), "null"]
        else:
            holder[key] = {"oneOf": [schema, {"type": "null"}]}


def _bring_in_distant_schemas(document: Node) -> None:
    """Copy in place what a $ref leads to, unless a component; Refused if it goes round.

    The generator follows references to component schemas only.
    """
    for _ in range(DEEPEST):
        distant = [where for where, target in references(document) if not _is_component(target)]
        if not distant:
            return
        for holder, key, _name in every_schema(document):
            if not _is_component(holder[key].get("$ref", COMPONENT)):
                holder[key] = _brought_in(document, holder[key])
    raise Refused(f"{distant[0]}: a $ref into its own surroundings; name what it points to")


def _is_component(target: str) -> bool:
    """Return whether a reference leads to a component schema itself, not into it."""
    return target.startswith(COMPONENT) and "/" not in target.removeprefix(COMPONENT)


def _put_security_on_operations(document: Node) -> None:
    """Copy the root's security, which is ignored there, to operations without their own."""
    for operation in operations(document):
        operation.node.setdefault("security", document.get("security", []))


def _keep_money_exact(document: Node) -> None:
    """Make a decimal that comes as a JSON number text, with `x-wire` for what it is on the wire."""
    for holder, key, _ in every_schema(document):
        schema = holder[key]
        kinds = _kinds(schema)
        numeric = [kind for kind in kinds if kind in ("number", "integer")]
        if schema.get("format") == "decimal" and numeric and "string" not in kinds:
            rest = [kind for kind in kinds if kind not in numeric]
            schema["type"] = ["string", *rest] if rest else "string"
            schema["x-wire"] = numeric[0]


def _drop_formats_of_headers(document: Node) -> None:
    """Move a header's format to `x-format`, money and secrets aside: it must stay text.

    A header with `format: uuid` or a date becomes an object that no HTTP library sends.
    """
    for operation in operations(document):
        for parameter in operation.parameters:
            if parameter["in"] in ("header", "cookie") and "schema" in parameter:
                whole = resolved(document, parameter["schema"])
                if whole.get("format") not in (None, "decimal", "password"):
                    parameter["schema"] = {k: v for k, v in whole.items() if k != "format"}
                    parameter["schema"]["x-format"] = whole["format"]


def _leave_defaults_to_the_server(document: Node) -> None:
    """Move `default` to `x-server-default`, so that no client sends it.

    That would change what is signed, fingerprinted and compared.
    """
    for holder, key, _ in every_schema(document):
        if "default" in holder[key]:
            holder[key]["x-server-default"] = holder[key].pop("default")


def _hide_what_sounds_secret(document: Node) -> None:
    """Set `format: password` on undecided text whose name sounds secret; mark that we did."""
    for holder, key, _ in every_schema(document):
        schema = holder[key]
        if sounds_secret(str(key)) and is_undecided(document, schema):
            schema["format"] = "password"
            schema["x-secret"] = "by its name"


def sounds_secret(name: Any) -> bool:
    """Return True where a field of this name may hold what opens a door."""
    said = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", str(name)).replace("-", "_").lower()
    return SECRET.search(said) is not None


def is_undecided(document: Node, schema: Node) -> bool:
    """Return True for plain text of which nobody has said yet if it is a secret or none."""
    whole = {**resolved(document, schema), **schema}
    branches = [resolved(document, one) for one in whole.get("oneOf", []) + whole.get("anyOf", [])]
    if "x-secret" in whole or any("x-secret" in branch for branch in branches):
        return False
    decided = {"format", "enum", "const"}
    return any("string" in _kinds(one) for one in (whole, *branches)) and not any(
        decided & one.keys() for one in (whole, *branches)
    )


def _say_what_is_deprecated(document: Node) -> None:
    """Write into a deprecated schema's description that it is: the generator drops the mark."""
    for holder, key, _ in every_schema(document):
        schema = holder[key]
        if schema.get("deprecated") is True and "$ref" not in schema:
            end = f" It ends on {schema['x-sunset']}." if "x-sunset" in schema else ""
            told = schema.get("description", "")
            schema["description"] = f"Deprecated by the contract.{end} {told}".strip()


def _name_by_place(document: Node) -> None:
    """Remove titles, kept as descriptions where there is none: they would rename classes."""
    for holder, key, _ in every_schema(document):
        title = holder[key].pop("title", None)
        if title and "$ref" not in holder[key]:
            holder[key].setdefault("description", title)


def _read_headers(document: Node) -> None:
    """Flatten schemas of answers' headers, and move their defaults: they have no class."""
    for operation in operations(document):
        for response in operation.responses.values():
            for name, header in response.get("headers", {}).items():
                schema = header["schema"] = flattened(document, header.get("schema", {}), name)
                inner: Any = schema
                while isinstance(inner, dict):
                    if "default" in inner:
                        inner["x-server-default"] = inner.pop("default")
                    inner = inner.get("items")


def _follow_aliases(document: Node) -> None:
    """Replace schemas that only name another by that other, everywhere; Refused: a circle."""
    found = {
        COMPONENT + name: schema
        for name, schema in schemas(document).items()
        if component_of(schema) and binding(schema) == {"$ref"}
    }
    for target in found:
        resolved(document, {"$ref": target})  # refuses what leads back to itself
    for holder, key, _ in every_schema(document):
        while (target := holder[key].get("$ref")) in found:
            # What the alias says beside its reference is said here, unless something nearer says it.
            holder[key] = {**found[target], **{k: v for k, v in holder[key].items() if k != "$ref"}}
    # A mapping of a discriminator refers without a schema of its own.
    for target in found:
        _refer_by(document, {target: found[target]["$ref"]})
    for target in found:
        del document["components"]["schemas"][target.removeprefix(COMPONENT)]


def _put_formats_on_branches(document: Node) -> None:
    """Move a format beside a reference, or above alternatives, to where the text is."""
    for holder, key, _ in every_schema(document):
        schema = holder[key]
        mark = schema.get("format")
        if mark in MARKS and "$ref" in schema:
            whole = resolved(document, schema)
            if not is_class(whole) and (mark == "password" or "string" in _kinds(whole)):
                schema = holder[key] = {**deepcopy(whole), "format": mark}
        if mark in MARKS:
            fit = {"string", "number", "integer"} if mark == "decimal" else {"string"}
            for branch in schema.get("oneOf", []) + schema.get("anyOf", []):
                if "$ref" in branch or fit & {*_kinds(branch)}:
                    branch.setdefault("format", mark)


def _keep_unknown_fields(document: Node) -> None:
    """Open closed objects that Gate returns, marked `x-closed`: new fields must be kept."""
    returned = reachable(document, *answers(document))
    for name in returned:
        if schemas(document)[name].get("additionalProperties") is False:
            del schemas(document)[name]["additionalProperties"]
            schemas(document)[name]["x-closed"] = True


def _name_enum_members(document: Node) -> None:
    """Set names of enum members where those the generator makes would collide."""
    for schema in schemas(document).values():
        values = schema.get("enum", [])
        if all(isinstance(value, str) for value in values) and not _name_themselves(values):
            schema["x-enum-varnames"] = _member_names(values)


def _name_themselves(values: list[str]) -> bool:
    """Return whether the generator makes a good name of each of these values."""
    begin_well = all(value[:1].isalpha() and value.isascii() for value in values)
    return begin_well and len({_member(value) for value in values}) == len(values)


def _member_names(values: list[str]) -> list[str]:
    """Return a name for each value, all different."""
    names: list[str] = []
    for value in values:
        plain = _member(value)
        first = plain if plain[:1].isalpha() else f"VALUE_{plain}".rstrip("_")
        same = [first, *(f"{first}_{number}" for number in range(2, len(values) + 1))]
        names.append(next(name for name in same if name not in names))
    return names


def _member(value: str) -> str:
    """Return the name that the generator makes of a value."""
    kept = "".join(c for c in value.upper() if c in " ._-" or (c.isalnum() and c.isascii()))
    return "_".join(re.split(r"[ ._-]+", kept)).strip("_")


def _kinds(schema: Node) -> list[Any]:
    """Return a schema's types as a list; [] where it says none."""
    kinds = schema.get("type", [])
    return [kinds] if isinstance(kinds, str) else list(kinds)


STEPS: tuple[Callable[[Node], None], ...] = (
    _call_by_class,
    _bring_in_shared_parts,
    _read_json_first,
    _spell_out_booleans,
    _spell_out_arrays,
    _read_nullable,
    _bring_in_distant_schemas,
    _put_security_on_operations,
    _hide_what_sounds_secret,
    _name_by_place,
    _say_what_is_deprecated,
    _leave_defaults_to_the_server,
    flatten,
    _read_headers,
    _follow_aliases,
    _put_formats_on_branches,
    _keep_money_exact,
    _drop_formats_of_headers,
    name_inline_schemas,
    _keep_unknown_fields,
    _name_enum_members,
)
