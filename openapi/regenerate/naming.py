"""Gives every inline object and enum a name and a place under components/schemas.

The generator would name them by their position and make one class for each place they stand at.
Equal objects share a name; it comes from what they say they are, else from where they stand.
"""

import json
from collections.abc import Iterator
from typing import Any

from attrs import define, field

from .documents import COMPONENT, Node, children, component_of, pascal, roots, schemas
from .flatten import ANNOTATIONS


def name_inline_schemas(document: Node) -> None:
    """Every outermost schema, in its place, with only references to classes left inside."""
    names = _Names(document)
    for holder, key, name in list(roots(document)):
        is_component = holder is schemas(document)
        holder[key] = _named(names, holder[key], name, is_component)
        if is_component:
            names.learn(key)


@define
class _Names:
    document: Node
    by_shape: dict[str, str] = field(factory=dict)

    def learn(self, name: str) -> None:
        """Equal objects that come later share this name."""
        schema = schemas(self.document)[name]
        if "properties" in schema:
            self.by_shape.setdefault(_shape(schema), name)

    def give(self, schema: Node, place: str) -> Node:
        """A reference to a component of this shape, which is made if there is none."""
        known = self.by_shape.get(_shape(schema)) if "properties" in schema else None
        if known is None:
            taken = self.document.setdefault("components", {}).setdefault("schemas", {})
            known = next(name for name in _candidates(schema, place) if name not in taken)
            taken[known] = schema
            self.learn(known)
        return {"$ref": COMPONENT + known}


def _candidates(schema: Node, place: str) -> Iterator[str]:
    """Gate's objects say what they are: `object: gate_session`, or `list` of something named."""
    properties = schema.get("properties", {})
    says = properties.get("object", {}).get("const")
    item = component_of(properties.get("data", {}).get("items", {}))
    if says == "list" and item:
        yield f"{item}List"
    elif isinstance(says, str) and says != "list":
        yield pascal(says)
    yield place
    yield from (f"{place}{number}" for number in range(2, 10_000))


def _shape(schema: Node) -> str:
    return json.dumps(_without_prose(schema), sort_keys=True)


def _without_prose(node: Any, named: bool = False) -> Any:
    if isinstance(node, dict):
        return {
            key: _without_prose(value, not named and key == "properties")
            for key, value in node.items()
            if named or (key not in ANNOTATIONS and not key.startswith("x-"))
        }
    return [_without_prose(value) for value in node] if isinstance(node, list) else node


def _named(names: _Names, schema: Node, place: str, has_name: bool) -> Node:
    if "$ref" in schema:
        return schema
    for holder, key, more in children(schema):
        holder[key] = _named(names, holder[key], place + more, has_name=False)
    if not is_class(schema):
        return schema
    kernel, nullable = _without_null(schema)
    if kernel.get("enum") == []:
        return {"type": "null"}
    if not has_name and len(kernel.get("enum", [])) == 1:
        kernel["const"] = kernel.pop("enum")[0]
    if (has_name and not nullable) or not is_class(kernel):
        return _or_null(kernel) if nullable else kernel
    reference = names.give(kernel, f"{place}Value" if has_name else place)
    return _or_null(reference) if nullable else reference


def is_class(schema: Node) -> bool:
    """Whether the client has a class of its own for it: an object with known parts, or an enum."""
    if schema.get("properties") or isinstance(schema.get("additionalProperties"), dict):
        return True
    return bool(schema.get("enum")) and schema.get("type") != "boolean"


def _without_null(schema: Node) -> tuple[Node, bool]:
    """The schema of what is not null, and whether null is allowed too."""
    kernel = dict(schema)
    kinds, values = schema.get("type"), schema.get("enum", [])
    nullable = None in values or (isinstance(kinds, list) and "null" in kinds)
    if values:
        kernel["enum"] = [value for value in values if value is not None]
    if isinstance(kinds, list):
        rest = [kind for kind in kinds if kind != "null"]
        kernel["type"] = rest[0] if len(rest) == 1 else rest
    return kernel, nullable


def _or_null(schema: Node) -> Node:
    return {"oneOf": [schema, {"type": "null"}]}
