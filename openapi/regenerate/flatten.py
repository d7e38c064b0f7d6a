"""Merges `allOf` into one schema each. Pure: schemas in, schemas out.

The generator turns every list into the first item type when lists share an envelope by `allOf`,
and drops a schema whose `allOf` narrows text or an enum by `const`.
"""

from collections.abc import Callable
from typing import Any

from .documents import Node, children, pascal, pointed_at, roots
from .refused import Refused

ANNOTATIONS = {"description", "title", "example", "examples", "deprecated", "default", "$comment"}
Inside = tuple[str, ...]


def flatten(document: Node) -> None:
    """Replace every schema of the document by one without `allOf`, in its place."""
    for holder, key, name in list(roots(document)):
        holder[key] = _flat(document, holder[key], name, ())


def flattened(document: Node, schema: Node, name: str) -> Node:
    """Return one schema without `allOf`, for where `roots` does not look: a header of an answer."""
    return _flat(document, schema, name, ())


def binding(schema: Node) -> set[str]:
    """Return the keywords of a schema that say something about values."""
    return {key for key in schema if key not in ANNOTATIONS and not key.startswith("x-")}


def _flat(document: Node, schema: Node, name: str, inside: Inside) -> Node:
    """Return a copy of a schema with its `allOf` merged into it, at every depth."""
    schema = dict(schema)
    members = schema.pop("allOf", [])
    if len(members) == 1 and "$ref" in members[0] and not binding(schema):
        return {**schema, **members[0]}
    merged: Node = {}
    for member in [*members, schema]:
        merged = _both(document, merged, member, name, inside)
    for holder, key, more in children(merged):
        holder[key] = _flat(document, holder[key], name + more, inside)
    return merged


def _both(document: Node, first: Node, second: Node, name: str, inside: Inside) -> Node:
    """Return one schema that asks what two ask; raise Refused where no value can be both."""
    if not binding(first):
        return {**first, **second}
    if not binding(second) or first == second:
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


def _opened(document: Node, schema: Node, name: str, inside: Inside) -> Node:
    """Return a schema's keywords; a referenced one's without description; Refused: a circle."""
    target = schema.get("$ref")
    if target is None:
        return _flat(document, schema, name, inside)
    if target in inside:
        raise Refused(f"{name}: allOf leads back to {target}; a schema cannot contain itself whole")
    whole = _flat(document, _copy(pointed_at(document, target)), name, (*inside, target))
    whole.pop("description", None)
    return _opened(document, whole, name, inside) if "$ref" in whole else whole


def _copy(node: Any) -> Any:
    """Return a deep copy of a node."""
    if isinstance(node, dict):
        return {key: _copy(value) for key, value in node.items()}
    return [_copy(value) for value in node] if isinstance(node, list) else node


def _join_properties(document: Node, one: Node, other: Node, name: str, inside: Inside) -> Node:
    """Return the fields of both; a field of both asks what both ask."""
    joined = {**one, **other}
    for key in one.keys() & other.keys():
        joined[key] = _both(document, one[key], other[key], name + pascal(key), inside)
    return joined


def _join_required(_: Node, one: list[str], other: list[str], *__: Any) -> list[str]:
    """Return the required fields of both, each once."""
    return one + [wire_name for wire_name in other if wire_name not in one]


def _join_types(_: Node, one: Any, other: Any, name: str, __: Inside) -> Any:
    """Return the types that both allow; raise Refused where there is none."""
    common = [kind for kind in _as_list(one) if kind in _as_list(other)]
    if not common:
        raise Refused(f"{name}: allOf asks for {one} and for {other}; nothing is both")
    return common[0] if len(common) == 1 else common


def _join_values(_: Node, one: list[Any], other: list[Any], name: str, __: Inside) -> list[Any]:
    """Return the values that both allow; raise Refused where there is none."""
    common = [value for value in one if value in other]
    if not common:
        raise Refused(f"{name}: allOf asks for {one} and for {other}; nothing is both")
    return common


def _join_const(_: Node, one: Any, other: Any, name: str, __: Inside) -> Any:
    """Return the constant of both; raise Refused where they are two."""
    if one != other:
        raise Refused(f"{name}: allOf asks for {one!r} and for {other!r}; nothing is both")
    return one


def _join_branches(_: Node, __: Any, ___: Any, name: str, ____: Inside) -> Any:
    """Raise Refused: alternatives on both sides can't be merged."""
    raise Refused(f"{name}: allOf over two alternatives; write the combinations out under oneOf")


def _as_list(kinds: Any) -> list[Any]:
    """Return types as a list, also a single one."""
    return [kinds] if isinstance(kinds, str) else list(kinds)


JOINED: dict[str, Callable[[Node, Any, Any, str, Inside], Any]] = {
    "properties": _join_properties,
    "required": _join_required,
    "items": _both,
    "type": _join_types,
    "enum": _join_values,
    "const": _join_const,
    "oneOf": _join_branches,
    "anyOf": _join_branches,
}
