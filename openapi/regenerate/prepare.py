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
    """A document of the same meaning, made of named schemas, with nothing the generator loses."""
    prepared: Node = json.loads(json.dumps(document))
    for step in STEPS:
        step(prepared)
    return prepared


def _call_by_class(document: Node) -> None:
    """A schema is called as its class is, however the contract spells it: facts tell of classes."""
    new = class_names(document)
    if not new:
        return
    found = schemas(document)
    document["components"]["schemas"] = {new.get(name, name): found[name] for name in found}
    _refer_by(document, {COMPONENT + old: COMPONENT + name for old, name in new.items()})


def _refer_by(node: Any, pointers: dict[str, str], named: bool = False) -> None:
    """Follow renamed schemas in every reference and every mapping of a discriminator."""
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
    """The reference, if it leads to or into a renamed schema, by the new name."""
    parts = unquote(target).split("/")
    start, rest = "/".join(parts[:4]), parts[4:]
    return "/".join([pointers[start], *rest]) if start in pointers else target


def _bring_in_shared_parts(document: Node) -> None:
    """Path items by reference vanish, parameters and answers fail in a chain: copy them all."""
    for place in ("paths", "webhooks"):
        for name, item in document.get(place, {}).items():
            document[place][name] = _brought_in(document, item)
            _bring_in_item(document, document[place][name])
    for kind in ("parameters", "requestBodies", "responses", "pathItems", "headers"):
        document.get("components", {}).pop(kind, None)


def _bring_in_item(document: Node, item: Node) -> None:
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
    siblings = {key: value for key, value in node.items() if key != "$ref"}
    return {**deepcopy(resolved(document, node)), **siblings}


def _read_json_first(document: Node) -> None:
    """Of several content types of an answer the generator reads the first: let it be JSON."""
    for operation in operations(document):
        for response in operation.responses.values():
            if "content" in response:
                ordered = sorted(response["content"].items(), key=lambda item: not is_json(item[0]))
                response["content"] = dict(ordered)


def _spell_out_booleans(document: Node) -> None:
    """`true` for any value and `false` for none are schemas that most readers trip over."""
    waiting = list(roots(document))
    while waiting:
        holder, key, _ = waiting.pop()
        if isinstance(holder[key], bool):
            holder[key] = {} if holder[key] else {"not": {}}
        waiting.extend(children(holder[key]))


def _spell_out_arrays(document: Node) -> None:
    """An array that does not say of what is refused by the generator."""
    for holder, key, _ in every_schema(document):
        schema = holder[key]
        if isinstance(schema.get("items"), bool):
            schema["items"] = {}
        if "array" in _kinds(schema) and not {"items", "prefixItems"} & schema.keys():
            schema["items"] = {}


def _read_nullable(document: Node) -> None:
    """`nullable: true` is OpenAPI 3.0 and means nothing in 3.1; whoever wrote it meant null."""
    for holder, key, _ in every_schema(document):
        schema = holder[key]
        if schema.pop("nullable", None) is not True or "null" in _kinds(schema):
            continue
        if "type" in schema:
            schema["type"] = [*_kinds(schema), "null"]
        else:
            holder[key] = {"oneOf": [schema, {"type": "null"}]}


def _bring_in_distant_schemas(document: Node) -> None:
    """The generator follows references to component schemas only; others are copied in place."""
    for _ in range(DEEPEST):
        distant = [where for where, target in references(document) if not _is_component(target)]
        if not distant:
            return
        for holder, key, _name in every_schema(document):
            if not _is_component(holder[key].get("$ref", COMPONENT)):
                holder[key] = _brought_in(document, holder[key])
    raise Refused(f"{distant[0]}: a $ref into its own surroundings; name what it points to")


def _is_component(target: str) -> bool:
    return target.startswith(COMPONENT) and "/" not in target.removeprefix(COMPONENT)


def _put_security_on_operations(document: Node) -> None:
    """Security at the root is ignored."""
    for operation in operations(document):
        operation.node.setdefault("security", document.get("security", []))


def _keep_money_exact(document: Node) -> None:
    """An amount that comes as a JSON number is a Decimal all the same; `x-wire` keeps what it is there."""
    for holder, key, _ in every_schema(document):
        schema = holder[key]
        kinds = _kinds(schema)
        numeric = [kind for kind in kinds if kind in ("number", "integer")]
        if schema.get("format") == "decimal" and numeric and "string" not in kinds:
            rest = [kind for kind in kinds if kind not in numeric]
            schema["type"] = ["string", *rest] if rest else "string"
            schema["x-wire"] = numeric[0]


def _drop_formats_of_headers(document: Node) -> None:
    """A header with `format: uuid` or a date becomes an object that no HTTP library sends."""
    for operation in operations(document):
        for parameter in operation.parameters:
            if parameter["in"] in ("header", "cookie") and "schema" in parameter:
                whole = resolved(document, parameter["schema"])
                if whole.get("format") not in (None, "decimal", "password"):
                    parameter["schema"] = {k: v for k, v in whole.items() if k != "format"}
                    parameter["schema"]["x-format"] = whole["format"]


def _leave_defaults_to_the_server(document: Node) -> None:
    """The generator would send them, which changes what is signed, fingerprinted and compared."""
    for holder, key, _ in every_schema(document):
        if "default" in holder[key]:
            holder[key]["x-server-default"] = holder[key].pop("default")


def _hide_what_sounds_secret(document: Node) -> None:
    """A new text that may be a secret stays out of every repr until the overlay says what it is."""
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
    """The generator drops the mark of a field: its description says so, which editors show."""
    for holder, key, _ in every_schema(document):
        schema = holder[key]
        if schema.get("deprecated") is True and "$ref" not in schema:
            end = f" It ends on {schema['x-sunset']}." if "x-sunset" in schema else ""
            told = schema.get("description", "")
            schema["description"] = f"Deprecated by the contract.{end} {told}".strip()


def _name_by_place(document: Node) -> None:
    """A `title` would rename the class, and two equal titles would drop one: keep it as prose."""
    for holder, key, _ in every_schema(document):
        title = holder[key].pop("title", None)
        if title and "$ref" not in holder[key]:
            holder[key].setdefault("description", title)


def _read_headers(document: Node) -> None:
    """Headers of answers have no class; what they say is told as of everything else."""
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
    """A schema that is only another one's second name has no class: what refers to it means the other."""
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
    """A format beside a reference or above alternatives is ignored: put it where the text is."""
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
    """A closed object that Gate returns would lose the fields added to it tomorrow: open it."""
    returned = reachable(document, *answers(document))
    for name in returned:
        if schemas(document)[name].get("additionalProperties") is False:
            del schemas(document)[name]["additionalProperties"]
            schemas(document)[name]["x-closed"] = True


def _name_enum_members(document: Node) -> None:
    """Values that differ by case or signs overwrite one another; numbers are named by position."""
    for schema in schemas(document).values():
        values = schema.get("enum", [])
        if all(isinstance(value, str) for value in values) and not _name_themselves(values):
            schema["x-enum-varnames"] = _member_names(values)


def _name_themselves(values: list[str]) -> bool:
    begin_well = all(value[:1].isalpha() and value.isascii() for value in values)
    return begin_well and len({_member(value) for value in values}) == len(values)


def _member_names(values: list[str]) -> list[str]:
    names: list[str] = []
    for value in values:
        plain = _member(value)
        first = plain if plain[:1].isalpha() else f"VALUE_{plain}".rstrip("_")
        same = [first, *(f"{first}_{number}" for number in range(2, len(values) + 1))]
        names.append(next(name for name in same if name not in names))
    return names


def _member(value: str) -> str:
    """The name the generator makes of a value."""
    kept = "".join(c for c in value.upper() if c in " ._-" or (c.isalnum() and c.isascii()))
    return "_".join(re.split(r"[ ._-]+", kept)).strip("_")


def _kinds(schema: Node) -> list[Any]:
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
