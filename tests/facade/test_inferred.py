"""What the contract only infers never becomes an outage: its absence or violation breaks nothing."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

import attrs
import pytest
from zerogate import types
from zerogate._contract_drift import drifts_of
from zerogate._wire import models
from zerogate.types import UNSET

from tests.contract.reading import MARK
from tests.facade.contract import CONTRACT

SCHEMAS: Mapping[str, Any] = CONTRACT.document["components"]["schemas"]

#: What a server might say where nobody knows what it says.
VIOLATIONS: list[Any] = [{"an": "object"}, ["a", "list"], 12345, True, "another word", None]


def examples() -> Iterator[tuple[str, dict[str, Any]]]:
    """Every answer and event of the contract that has an example, with its schema's name."""
    for _, status, response in CONTRACT.responses():
        if not status.startswith("2"):
            continue
        media = response["content"]["application/json"]
        yield media["schema"]["$ref"].rpartition("/")[2], _example(media)
    for _, event in CONTRACT.events():
        media = event["requestBody"]["content"]["application/json"]
        yield media["schema"]["$ref"].rpartition("/")[2], _example(media)


def _example(media: Mapping[str, Any]) -> dict[str, Any]:
    if "example" in media:
        return dict(media["example"])
    (first, *_) = media["examples"].values()
    return dict(first["value"])


def inferred(schema: str, example: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Places in an example where the contract only infers what stands there."""
    yield from _inferred(SCHEMAS[schema], example, path)


def _inferred(node: Any, value: Any, path: tuple[Any, ...]) -> Iterator[tuple[Any, ...]]:
    node = CONTRACT.resolve(node)
    for branch in (*node.get("allOf", ()), *node.get("anyOf", ()), *node.get("oneOf", ())):
        yield from _inferred(branch, value, path)
    if isinstance(value, Mapping):
        for name, field in node.get("properties", {}).items():
            if MARK in field:
                yield (*path, name)
            if name in value:
                yield from _inferred(field, value[name], (*path, name))
    if isinstance(value, list) and "items" in node and value:
        yield from _inferred(node["items"], value[0], (*path, 0))


CASES = [
    pytest.param(schema, example, path, id=f"{schema}: {'.'.join(map(str, path))}")
    for schema, example in {name: (name, example) for name, example in examples()}.values()
    for path in sorted(set(inferred(schema, example)), key=str)
]


def without(example: Any, path: tuple[Any, ...]) -> Any:
    changed = copy.deepcopy(example)
    holder = changed
    for step in path[:-1]:
        holder = holder[step]
    holder.pop(path[-1], None)
    return changed


def with_value(example: Any, path: tuple[Any, ...], value: Any) -> Any:
    changed = copy.deepcopy(example)
    holder = changed
    for step in path[:-1]:
        holder = holder[step]
    holder[path[-1]] = value
    return changed


def test_the_walk_finds_the_inferred_nodes_of_answers_and_events() -> None:
    # A contract of the vendor's own hand marks nothing as a guess.
    assert len(CASES) > 60 or f'"{MARK}":' not in json.dumps(CONTRACT.document)


@pytest.mark.parametrize(("schema", "example", "path"), CASES)
def test_an_inferred_field_may_be_absent(
    schema: str, example: dict[str, Any], path: tuple[Any, ...]
) -> None:
    models.read(schema, without(example, path))


@pytest.mark.parametrize("value", VIOLATIONS, ids=repr)
@pytest.mark.parametrize(("schema", "example", "path"), CASES)
def test_an_inferred_field_may_be_anything_and_is_kept_as_it_came(
    schema: str, example: dict[str, Any], path: tuple[Any, ...], value: Any
) -> None:
    record: Any = models.read(schema, with_value(example, path, value))
    told = record.to_dict()
    for step in path[:-1]:
        told = told[step]
    # An amount may come as a number, which is the same amount.
    assert told[path[-1]] in (value, str(value))
    assert isinstance(record_at(record, path[:-1]), Mapping) or fits(record, path)


def record_at(record: Any, path: tuple[Any, ...]) -> Any:
    for step in path:
        record = record[step] if isinstance(record, list) else getattr(record, step)
    return record


def fits(record: Any, path: tuple[Any, ...]) -> bool:
    """Whether the value is of the type that its attribute is declared with."""
    holder = record_at(record, path[:-1])
    field = attrs.fields_dict(type(holder)).get(str(path[-1]))
    if field is None or not field.repr:
        # Under another name in Python, held by an open alternative, or hidden where it stands.
        return True
    value = getattr(holder, field.name)
    if value is UNSET or value is None:
        return True
    known = {"Decimal": Decimal, "datetime.datetime": datetime, "dict[str, Any]": dict}
    known |= {"str": str, "int": int, "bool": bool, "Any": object}
    kinds = [known.get(part, vars(types).get(part)) for part in str(field.type).split(" | ")]
    return any(
        isinstance(value, kind) and not (isinstance(value, bool) and kind is int)
        for kind in kinds
        if isinstance(kind, type)
    ) or str(field.type).startswith("list[")


@pytest.mark.skipif(not CASES, reason="the contract marks nothing as a guess")
def test_what_does_not_fit_is_told_once() -> None:
    record: Any = models.read("Country", {"country_code": "DE", "supported": True, "name": 7})
    (told,) = drifts_of(record, record.to_dict(), "test")
    assert told[0] == "Country.name"
    assert (record.name, record.additional_properties) == (UNSET, {"name": 7})
