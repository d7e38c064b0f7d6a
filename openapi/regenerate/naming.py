"""Gives every inline object and enum a name and a place under components/schemas.

The generator would name them by their position and make one class for each place they stand at.
Equal objects share a name; it comes from what they say they are, else from where they stand.
"""

import json
from collections import Counter
from copy import deepcopy
from typing import Any

from attrs import define, field
from openapi_python_client.strings import ClassName

from .documents import COMPONENT, DATA, Node, children, component_of, pascal, roots, schemas
from .flatten import ANNOTATIONS

#: What stands before a name that Python does not take.
PREFIX = "field_"


def class_names(document: Node) -> dict[str, str]:
    """Return schema → class, where they are spelled otherwise and no other has that class."""
    found = {name: str(ClassName(name, PREFIX)) for name in schemas(document)}
    told = Counter(found.values())
    return {old: new for old, new in found.items() if old != new and told[new] == 1}


def name_inline_schemas(document: Node) -> None:
    """Give every object and enum inside a schema a component; leave references there."""
    names = _Names(document)
    for name, schema in schemas(document).items():
        names.learn(name, schema)
    for holder, key, name in list(roots(document)):
        holder[key] = _in_place(names, holder[key], name, has_name=holder is schemas(document))


@define
class _Names:
    document: Node
    by_shape: dict[str, str] = field(factory=dict)
    by_values: dict[frozenset[str], list[str]] = field(factory=dict)

    def learn(self, name: str, schema: Node) -> None:
        """Note this name for objects of the same shape and enums of the same values."""
        if schema.get("properties"):
            self.by_shape.setdefault(self._shape(schema), name)
        if len(schema.get("enum", [])) > 1:
            self.by_values.setdefault(_values(schema), []).append(name)

    def known(self, schema: Node, place: str) -> Node | None:
        """Return a reference to the component that says the same; None where there is none."""
        name = self.by_shape.get(self._shape(schema)) if schema.get("properties") else None
        name = name or self._enum(schema, place)
        return {"$ref": COMPONENT + name} if name else None

    def _enum(self, schema: Node, place: str) -> str | None:
        """Return the enum of the same values; of several the one that *place* ends in; or None."""
        alike = self.by_values.get(_values(schema), []) if len(schema.get("enum", [])) > 1 else []
        near = [name for name in alike if place.endswith(name)]
        return alike[0] if len(alike) == 1 else near[0] if len(near) == 1 else None

    def free(self, *wanted: str) -> str:
        """Return the first of these names that no component has, else the last one numbered."""
        taken = schemas(self.document)
        numbered = (f"{wanted[-1]}{number}" for number in range(2, len(taken) + 3))
        return next(name for name in (*wanted, *numbered) if name not in taken)

    def keep(self, name: str, schema: Node) -> Node:
        """Add a schema to the components under this name; return the reference to it."""
        self.document.setdefault("components", {}).setdefault("schemas", {})[name] = schema
        return {"$ref": COMPONENT + name}

    def _shape(self, schema: Node) -> str:
        """Return a schema without prose and references, as text to compare it by."""
        return json.dumps(_written_out(self.document, schema, ()), sort_keys=True)


def _values(schema: Node) -> frozenset[str]:
    """Return an enum's values as JSON; empty where it is none."""
    return frozenset(json.dumps(value) for value in schema.get("enum", []))


def _written_out(document: Node, node: Any, inside: tuple[str, ...], named: bool = False) -> Any:
    """Return a copy without prose and references; one back to where it stands remains."""
    if isinstance(node, dict):
        target = component_of(node)
        if target and target not in inside:
            return _written_out(document, schemas(document)[target], (*inside, target))
        return {
            key: value
            if key in DATA and not named
            else _written_out(document, value, inside, not named and key == "properties")
            for key, value in node.items()
            if named or (key not in ANNOTATIONS and not key.startswith("x-"))
        }
    return [_written_out(document, v, inside) for v in node] if isinstance(node, list) else node


def _in_place(names: _Names, schema: Node, place: str, has_name: bool) -> Node:
    """Return what to put at a schema's place: itself, or a reference to its component."""
    if "$ref" in schema:
        return schema
    kernel, nullable = _without_null(schema) if is_class(schema) else (schema, False)
    stays = not is_class(kernel) or (has_name and not nullable)
    named = kernel if stays else _reference(names, kernel, f"{place}Value" if has_name else place)
    if stays:
        _name_inside(names, kernel, place)
    return {"oneOf": [named, {"type": "null"}]} if nullable else named


def _reference(names: _Names, kernel: Node, place: str) -> Node:
    """Return a reference to the component for this schema, added if need be, or a constant."""
    known = names.known(kernel, place)
    if known:
        return known
    if len(kernel.get("enum", [])) == 1:
        return {**{k: v for k, v in kernel.items() if k != "enum"}, "const": kernel["enum"][0]}
    # Gate's objects say what they are: `object: gate_session`, or `list` of something named.
    says = kernel.get("properties", {}).get("object", {}).get("const")
    own = names.free(pascal(says), place) if isinstance(says, str) and says != "list" else place
    shape = deepcopy(kernel)
    _name_inside(names, kernel, own)
    item = component_of(kernel.get("properties", {}).get("data", {}).get("items", {}))
    name = names.free(f"{item}List", own) if says == "list" and item else names.free(own)
    names.learn(name, shape)
    return names.keep(name, kernel)


def _name_inside(names: _Names, schema: Node, place: str) -> None:
    """Name the objects and enums inside a schema, in their places."""
    for holder, key, more in children(schema):
        holder[key] = _in_place(names, holder[key], place + more, has_name=False)


def is_class(schema: Node) -> bool:
    """Return True for a schema with a class of its own: an object with known parts, or an enum."""
    if schema.get("properties") or isinstance(schema.get("additionalProperties"), dict):
        return True
    return bool(schema.get("enum")) and schema.get("type") != "boolean"


def _without_null(schema: Node) -> tuple[Node, bool]:
    """Return the schema of what is not null, and whether null is allowed too."""
    kernel = dict(schema)
    kinds, values = schema.get("type"), schema.get("enum", [])
    if values == [None]:
        return {"type": "null"}, False
    nullable = None in values or (isinstance(kinds, list) and "null" in kinds)
    if values:
        kernel["enum"] = [value for value in values if value is not None]
    if isinstance(kinds, list):
        rest = [kind for kind in kinds if kind != "null"]
        kernel["type"] = rest[0] if len(rest) == 1 else rest
    return kernel, nullable
