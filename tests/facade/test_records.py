"""What the contract documents of a required field is what a record holds; null alone passes on."""

from __future__ import annotations

import pickle
from collections.abc import Iterator
from typing import Any

import pytest
import zerogate_api.types
from zerogate._wire import models
from zerogate.types import WebhookTestData

from tests.facade.test_inferred import CONTRACT, SCHEMAS, examples

#: What JSON may bring in the place of each kind.
OTHERS: dict[str, list[Any]] = {
    "string": [7, True, {"a": 1}, ["a"]],
    "boolean": ["true", 0, {}],
    "integer": ["7", True, 1.5],
    "object": ["text", 7, ["a"]],
}


def plain(schema: str) -> Iterator[tuple[str, str]]:
    """Required fields that are text, a flag, a number or an object, and nothing more special."""
    whole = CONTRACT.resolve(SCHEMAS[schema])
    for name in whole.get("required", ()):
        field = CONTRACT.resolve(whole.get("properties", {}).get(name, {}))
        special = {"format", "enum", "const", "properties", "x-inferred"} & field.keys()
        if str(field.get("type")) in OTHERS and not special:
            yield name, field["type"]


CASES = [
    pytest.param(schema, example, name, other, id=f"{schema}.{name}={other!r}")
    for schema, example in {name: (name, example) for name, example in examples()}.values()
    for name, kind in plain(schema)
    for other in OTHERS[kind]
]


@pytest.mark.parametrize(("schema", "example", "name", "other"), CASES)
def test_a_field_of_another_kind_than_documented_makes_no_record(
    schema: str, example: dict[str, Any], name: str, other: Any
) -> None:
    with pytest.raises(ValueError, match=schema):
        models.read(schema, {**example, name: other})


@pytest.mark.parametrize(("schema", "name"), sorted({(c.values[0], c.values[2]) for c in CASES}))
def test_null_says_that_there_is_nothing_and_spoils_nothing(schema: Any, name: Any) -> None:
    example = dict(examples())[schema]
    record: Any = models.read(schema, {**example, name: None})
    assert record.to_dict()[name] is None


@pytest.mark.parametrize("odd", [[], [["id", "gs_1"]], "", "text", 7, None], ids=repr)
@pytest.mark.parametrize("schema", sorted(dict(examples())))
def test_only_an_object_makes_a_record(schema: str, odd: Any) -> None:
    with pytest.raises(ValueError, match=schema):
        models.read(schema, odd)


def test_the_sentence_for_a_field_that_is_not_there_is_made_when_it_is_read(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Code that only asks whether a record has a field pays for no search of names."""
    record, asked = (
        WebhookTestData.from_dict({"livemode": False, "message": "m", "object": "webhook_test"}),
        [],
    )
    monkeypatch.setattr(
        zerogate_api.types, "get_close_matches", lambda *told, **_: asked.append(told) or []
    )
    assert getattr(record, "statuss", None) is None
    assert asked == []
    with pytest.raises(AttributeError) as caught:
        record.statuss  # noqa: B018
    assert "has no 'statuss'" in str(pickle.loads(pickle.dumps(caught.value)))
    assert len(asked) == 1
