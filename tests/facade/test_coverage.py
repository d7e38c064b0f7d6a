"""Every operation and parameter of the contract can be reached from the façade, in both halves."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from typing import Any

import pytest
from zerogate import AsyncGate, Gate
from zerogate._idempotency.retries import RetrySafety
from zerogate._wire import bodies, models
from zerogate._wire.operations import OPERATIONS

from tests.facade.contract import CONTRACT
from tests.facade.gaps import ELSEWHERE, METHODS, keywords, parameters_of

WHERE = {operation["operationId"]: (where, operation) for where, operation in CONTRACT.operations()}


def schema_name(content: Mapping[str, Any]) -> str:
    reference: str = content["application/json"]["schema"]["$ref"]
    return reference.rpartition("/")[2]


def body_of(operation_id: str) -> str | None:
    body = WHERE[operation_id][1].get("requestBody")
    return None if body is None else schema_name(CONTRACT.resolve(body)["content"])


def answer_of(operation_id: str) -> str:
    responses = WHERE[operation_id][1]["responses"]
    (first, *_) = [r for status, r in responses.items() if status.startswith("2")]
    return schema_name(CONTRACT.resolve(first)["content"])


def parameters(operation_id: str) -> list[str]:
    return list(parameters_of(CONTRACT, WHERE[operation_id][1]))


@pytest.mark.parametrize("client", [Gate, AsyncGate], ids=["sync", "async"])
@pytest.mark.parametrize("operation_id", METHODS)
def test_every_parameter_is_a_keyword(client: type[Any], operation_id: str) -> None:
    known = keywords(client, METHODS[operation_id])
    missing = {
        name
        for name in parameters(operation_id)
        if name not in known and ELSEWHERE.get(name, ("", ""))[0] not in known
    }
    assert not missing, f"{METHODS[operation_id]} has no keyword for {missing}"


@pytest.mark.parametrize("operation_id", METHODS)
def test_a_row_says_what_the_contract_says(operation_id: str) -> None:
    row, (where, operation) = OPERATIONS[operation_id], WHERE[operation_id]
    assert f"{row.method} {row.route}" == where
    assert row.answer == answer_of(operation_id)
    assert row.body == body_of(operation_id)
    assert row.publishable == any("publishableKey" in way for way in operation["security"])
    assert callable(importlib.import_module(f"zerogate_api.api.{row.builder}").get_kwargs)
    models.named(row.answer)


@pytest.mark.parametrize("operation_id", METHODS)
def test_what_takes_a_key_is_keyed_and_only_that(operation_id: str) -> None:
    takes_key = "Idempotency-Key" in parameters(operation_id)
    assert takes_key == (OPERATIONS[operation_id].repeat is RetrySafety.KEYED)


@pytest.mark.parametrize("operation_id", METHODS)
def test_the_enums_of_a_query_are_those_of_the_contract(operation_id: str) -> None:
    query = [CONTRACT.resolve(p) for p in WHERE[operation_id][1].get("parameters", ())]
    named = {
        p["name"]: p["schema"]["$ref"].rpartition("/")[2] for p in query if "$ref" in p["schema"]
    }
    assert dict(OPERATIONS[operation_id].enums) == named


@pytest.mark.parametrize(
    ("values", "schema"),
    [
        (bodies.FLOWS, "Flow"),
        (bodies.SIDES, "Side"),
        (bodies.SESSION_STATUSES, "SessionStatus"),
        (bodies.DELIVERY_STATUSES, "DeliveryStatus"),
    ],
)
def test_what_a_request_may_name_is_what_the_contract_lists(
    values: tuple[str, ...], schema: str
) -> None:
    assert list(values) == CONTRACT.document["components"]["schemas"][schema]["enum"]


@pytest.mark.parametrize("client", [Gate, AsyncGate], ids=["sync", "async"])
def test_a_call_can_be_given_its_own_time_out(client: type[Any]) -> None:
    for path in METHODS.values():
        assert "timeout" in keywords(client, path), path


@pytest.mark.parametrize("row", OPERATIONS.values(), ids=OPERATIONS.keys())
def test_what_an_operation_is_said_to_read_is_what_it_reads(row: Any) -> None:
    assert row.read.kind() is models.named(row.read.name)
    assert row.read.name == row.answer.removesuffix("List")
