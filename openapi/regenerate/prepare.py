"""Rewrites the corrected contract into what the generator reads without loss. Computed, no names.

What an Overlay cannot say: each step here answers a habit of the generator that is silent or loud
in the wrong way. The document goes in whole and comes out meaning the same to a client.
"""

import json
from collections.abc import Callable
from copy import deepcopy
from typing import Any

from attrs import define, field

from .documents import (
    Node,
    children,
    every_schema,
    operations,
    pascal,
    payloads,
    pointed_at,
    references,
    resolved,
    roots,
    schemas,
)
from .refused import Refused

COMPONENT = "#/components/schemas/"
ANNOTATIONS = {"description", "title", "example", "examples", "deprecated", "default", "$comment"}


def prepare(document: Node) -> Node:
    """A document of the same meaning, made of named schemas, with nothing the generator loses."""
    prepared: Node = json.loads(json.dumps(document))
    for step in STEPS:
        step(prepared)
    return prepared


def _bring_in_shared_parts(document: Node) -> None:
    """Path items, parameters, bodies and responses by reference vanish or fail in a chain: copy them."""
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


def _bring_in_distant_schemas(document: Node) -> None:
    """The generator follows references to component schemas only; others are copied to their place."""
    for _ in range(20):
        distant = [_ for _, target in references(document) if not _is_component(target)]
        if not distant:
            return
        for holder, key, _name in every_schema(document):
            target = holder[key].get("$ref", COMPONENT + "x")
            if not _is_component(target):
                holder[key] = _brought_in(document, holder[key])
    raise Refused(
        f"{distant[0]}: a $ref that contains itself; name the schema under components/schemas"
    )


def _is_component(target: str) -> bool:
    return target.startswith(COMPONENT) and "/" not in target.removeprefix(COMPONENT)


def _put_security_on_operations(document: Node) -> None:
    """Security at the root is ignored."""
    for operation in operations(document):
        operation.node.setdefault("security", document.get("security", []))


def _drop_formats_of_headers(document: Node) -> None:
    """A header with `format: uuid` or a date becomes an object that no HTTP library sends."""
    for operation in operations(document):
        for parameter in operation.parameters:
            if parameter.get("in") in ("header", "cookie") and "schema" in parameter:
                whole = resolved(document, parameter["schema"])
                if whole.get("format") not in (None, "decimal", "password"):
                    parameter["schema"] = {k: v for k, v in whole.items() if k != "format"}


def _leave_defaults_to_the_server(document: Node) -> None:
    """The generator would send them, which changes what is signed, fingerprinted and compared."""
    for holder, key, _name in every_schema(document):
        if "default" in holder[key]:
            holder[key]["x-server-default"] = holder[key].pop("default")


def _name_by_place(document: Node) -> None:
    """A `title` would rename the class, and two equal titles would drop one: keep it as prose."""
    for holder, key, _name in every_schema(document):
        title = holder[key].pop("title", None)
        if title and "$ref" not in holder[key]:
            holder[key].setdefault("description", title)


def _flatten(document: Node) -> None:
    """`allOf` is merged here: the generator mixes up shared envelopes and drops a narrowing const."""
    for holder, key, name in list(roots(document)):
        holder[key] = _flat(document, holder[key], name, ())


def _flat(document: Node, schema: Node, name: str, inside: tuple[str, ...]) -> Node:
    schema = dict(schema)
    members = schema.pop("allOf", [])
    if len(members) == 1 and "$ref" in members[0] and not _binding(schema):
        return {**schema, **members[0]}
    merged: Node = {}
    for member in [*members, schema]:
        merged = _both(document, merged, member, name, inside)
    for holder, key, more in list(children(merged)):
        holder[key] = _flat(document, holder[key], name + more, inside)
    return merged


def _binding(schema: Node) -> set[str]:
    return {key for key in schema if key not in ANNOTATIONS and not key.startswith("x-")}


def _both(document: Node, first: Node, second: Node, name: str, inside: tuple[str, ...]) -> Node:
    """One schema that asks what two ask."""
    if not _binding(first):
        return {**first, **second}
    if not _binding(second) or first == second:
        return {**second, **first}
    one = _opened(document, first, name, inside)
    other = _opened(document, second, name, inside)
    merged = {**one, **other}
    for keyword, join in JOINED.items():
        if keyword in one and keyword in other:
            merged[keyword] = join(document, one[keyword], other[keyword], name, inside)
    if "const" in merged:
        merged.pop("enum", None)
    return merged


def _opened(document: Node, schema: Node, name: str, inside: tuple[str, ...]) -> Node:
    """A schema's own keywords, flat; of a referenced one without its prose, which tells of another."""
    target = schema.get("$ref")
    if target is None:
        return _flat(document, schema, name, inside)
    if target in inside:
        raise Refused(f"{name}: allOf leads back to {target}; a schema cannot contain itself whole")
    whole = _flat(document, pointed_at(document, target), name, (*inside, target))
    whole.pop("description", None)
    return _opened(document, whole, name, inside) if "$ref" in whole else whole


Join = Callable[[Node, Any, Any, str, tuple[str, ...]], Any]


def _join_properties(
    document: Node, one: Node, other: Node, name: str, inside: tuple[str, ...]
) -> Node:
    joined = {**one, **other}
    for key in one.keys() & other.keys():
        joined[key] = _both(document, one[key], other[key], name + pascal(key), inside)
    return joined


def _join_required(_: Node, one: list[str], other: list[str], *__: Any) -> list[str]:
    return one + [field_name for field_name in other if field_name not in one]


def _join_values(_: Node, one: Any, other: Any, name: str, __: Any) -> list[Any]:
    """Of two enums, or two lists of types: what both allow."""
    one, other = ([given] if isinstance(given, str) else given for given in (one, other))
    common = [value for value in one if value in other]
    if not common:
        raise Refused(f"{name}: allOf asks for {one} and for {other}; nothing is both")
    return common[0] if len(common) == 1 and isinstance(common[0], str) else common


def _join_const(_: Node, one: Any, other: Any, name: str, __: Any) -> Any:
    if one != other:
        raise Refused(f"{name}: allOf asks for {one!r} and for {other!r}; nothing is both")
    return one


def _join_branches(_: Node, __: Any, ___: Any, name: str, ____: Any) -> Any:
    raise Refused(f"{name}: allOf over two alternatives; write the combinations out under oneOf")


JOINED: dict[str, Join] = {
    "properties": _join_properties,
    "required": _join_required,
    "items": _both,
    "type": _join_values,
    "const": _join_const,
    "oneOf": _join_branches,
    "anyOf": _join_branches,
}


def _keep_unknown_fields(document: Node) -> None:
    """A closed object that Gate returns would lose the fields added to it tomorrow: open it."""
    returned = _returned(document)
    for holder, key, _name in every_schema(document):
        closed = holder[key].get("additionalProperties") is False
        if closed and (holder is not schemas(document) or key in returned):
            del holder[key]["additionalProperties"]


def _returned(document: Node) -> set[str]:
    """The component schemas that answers and events are made of."""
    answers: list[Any] = [operation.node.get("responses") for operation in operations(document)]
    waiting = [answers, [media for _, media in payloads(document)]]
    found: set[str] = set()
    while waiting:
        for _, target in references(waiting.pop()):
            name = target.removeprefix(COMPONENT)
            if name not in found and name in schemas(document):
                found.add(name)
                waiting.append(schemas(document)[name])
    return found


@define
class _Names:
    """Gives inline schemas a name: of an equal one, of what they say they are, or of their place."""

    document: Node
    by_shape: dict[str, str] = field(factory=dict)

    def learn(self, name: str) -> None:
        schema = schemas(self.document)[name]
        if "properties" in schema:
            self.by_shape.setdefault(_shape(schema), name)

    def name(self, schema: Node, place: str) -> Node:
        """A reference to a component of this shape, made if there is none."""
        shape = _shape(schema)
        if "properties" in schema and shape in self.by_shape:
            return {"$ref": COMPONENT + self.by_shape[shape]}
        known = schemas(self.document)
        name = next(name for name in _candidates(schema, place) if name not in known)
        known[name] = schema
        self.learn(name)
        return {"$ref": COMPONENT + name}


def _shape(schema: Any) -> str:
    return json.dumps(_without_prose(schema), sort_keys=True)


def _without_prose(node: Any, named: bool = False) -> Any:
    if isinstance(node, dict):
        return {
            key: _without_prose(value, not named and key == "properties")
            for key, value in node.items()
            if named or (key not in ANNOTATIONS and not key.startswith("x-"))
        }
    return [_without_prose(value) for value in node] if isinstance(node, list) else node


def _candidates(schema: Node, place: str) -> Any:
    """Gate's objects say what they are: `object: gate_session`, or `list` of something named."""
    properties = schema.get("properties", {})
    says = properties.get("object", {}).get("const")
    item = properties.get("data", {}).get("items", {}).get("$ref", "")
    if says == "list" and item:
        yield item.removeprefix(COMPONENT) + "List"
    elif isinstance(says, str) and says != "list":
        yield pascal(says)
    yield place
    yield from (f"{place}{number}" for number in range(2, 1000))


def _name_inline_schemas(document: Node) -> None:
    """Inline objects and enums get names that neither their neighbours nor their order can change."""
    names = _Names(document)
    components = list(schemas(document))
    for holder, key, name in list(roots(document)):
        is_component = holder is schemas(document)
        holder[key] = _named(names, holder[key], name, is_component)
        if is_component and "$ref" not in holder[key]:
            names.learn(key)
    assert set(components) <= set(schemas(document))


def _named(names: _Names, schema: Node, place: str, has_name: bool) -> Node:
    if "$ref" in schema:
        return schema
    for holder, key, more in list(children(schema)):
        holder[key] = _named(names, holder[key], place + more, False)
    kernel, nullable = _kernel(schema)
    if not has_name and isinstance(kernel.get("enum"), list) and len(kernel["enum"]) == 1:
        kernel["const"] = kernel.pop("enum")[0]
    if not (_is_class(kernel) and (nullable or not has_name)):
        return {**schema, **kernel} if not nullable else _or_null(kernel)
    reference = names.name(kernel, place if not has_name else f"{place}Value")
    return _or_null(reference) if nullable else reference


def _is_class(schema: Node) -> bool:
    return bool(
        "enum" in schema
        or schema.get("properties")
        or isinstance(schema.get("additionalProperties"), dict)
    )


def _kernel(schema: Node) -> tuple[Node, bool]:
    """The schema without null, and whether null was allowed."""
    kernel = dict(schema)
    kinds = kernel.get("type")
    values = kernel.get("enum", [])
    nullable = None in values or (isinstance(kinds, list) and "null" in kinds)
    if nullable and (_is_class(kernel)):
        if values:
            kernel["enum"] = [value for value in values if value is not None]
        if isinstance(kinds, list):
            kinds = [kind for kind in kinds if kind != "null"]
            kernel["type"] = kinds[0] if len(kinds) == 1 else kinds
        return kernel, True
    return kernel, False


def _or_null(schema: Node) -> Node:
    return {"oneOf": [schema, {"type": "null"}]}


def _name_enum_members(document: Node) -> None:
    """Values that differ only by case or signs overwrite one another; numbers would name by position."""
    for holder, key, _name in every_schema(document):
        values = holder[key].get("enum", [])
        if all(isinstance(value, str) for value in values) and not _names_itself(values):
            holder[key]["x-enum-varnames"] = _member_names(values)


def _names_itself(values: list[str]) -> bool:
    members = [_member(value) for value in values]
    return all(v[:1].isalpha() and v[:1].isascii() for v in values) and len(set(members)) == len(
        members
    )


def _member_names(values: list[str]) -> list[str]:
    names: list[str] = []
    for value in values:
        plain = _member(value)
        first = plain if plain[:1].isalpha() else f"VALUE_{plain}".rstrip("_")
        same = [first, *(f"{first}_{number}" for number in range(2, len(values) + 1))]
        names.append(next(name for name in same if name not in names))
    return names


def _member(value: str) -> str:
    kept = "".join(c for c in value.upper() if c.isidentifier() or c.isdecimal() or c in ". _-")
    return "_".join(
        word for word in kept.replace(".", " ").replace("-", " ").replace("_", " ").split()
    )


STEPS: tuple[Callable[[Node], None], ...] = (
    _bring_in_shared_parts,
    _bring_in_distant_schemas,
    _put_security_on_operations,
    _name_by_place,
    _leave_defaults_to_the_server,
    _flatten,
    _drop_formats_of_headers,
    _keep_unknown_fields,
    _name_inline_schemas,
    _name_enum_members,
)
