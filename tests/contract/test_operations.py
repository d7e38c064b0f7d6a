"""What the contract has to offer, written out: operations, events, statuses, headers, keys."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator
from ruamel.yaml.constructor import ConstructorError, DuplicateKeyError
from zerogate._idempotency.retries import RetrySafety
from zerogate._wire.operations import OPERATIONS
from zerogate.webhooks import EVENTS

from .conftest import CONTRACT
from .reading import Contract, Node, load

#: operationId → tag, and where it is called.
ROWS = {
    row.id: (row.builder.partition(".")[0], f"{row.method} {row.route}")
    for row in OPERATIONS.values()
}
STATED_SUCCESSES = {
    "createSession": "201",
    "retrieveSession": "200",
    "cancelSession": "201",
    "listPaymentMethods": "200",
    "listPayoutMethods": "200",
    "checkEligibility": "200",
    "retrieveTransaction": "200",
    "deleteCustomer": "200",
    "lockQuote": "201",
    "retrieveSignedQuote": "200",
    "retrievePayIn": "200",
    "retrievePayOut": "200",
}
KEYED = {row.id for row in OPERATIONS.values() if row.repeat is RetrySafety.KEYED}
CONFLICTING = KEYED | {"cancelSession"}
GUARDED = {"transactions", "customers", "rails"}
# Without input, and yet documented to refuse: the delivery is not dead, there is no URL to test.
REFUSING = {"replayWebhookDelivery", "sendTestWebhook"}
#: Of what only the documentation says; see the fixture.
ours = pytest.mark.usefixtures("written_by_us")
SIGNED = ["Gate-Signature", "X-0bit-Timestamp", "X-0bit-Event-Id", "X-0bit-Event-Type"]


def test_the_contract_is_valid_openapi_3_1(contract: Contract) -> None:
    assert contract.document["openapi"] == "3.1.0"
    OpenAPIV31SpecValidator(contract.document).validate()


@ours
def test_title_version_and_servers_are_the_documented_ones(contract: Contract) -> None:
    info = contract.document["info"]
    assert info["title"] == "Gate API"
    # Its version is the vendor's to change: what was generated has to be of the same one.
    lock = json.loads((CONTRACT.parents[1] / "generated/lock.json").read_text("utf-8"))
    assert info["version"] == lock["contract"]["version"]
    assert [server["url"] for server in contract.document["servers"]] == [
        "https://gate-api.0bit.app/v1",
        "https://gate-api-sandbox.0bit.app/v1",
        "http://localhost:4000/v1",
    ]


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("version: 2026-05-25", ConstructorError),
        ("at: 2026-05-25T09:00:00Z", ConstructorError),
        ("get: 1\nget: 2", DuplicateKeyError),
    ],
    ids=["bare date", "bare time", "duplicate key"],
)
def test_reading_refuses_bare_dates_and_duplicate_keys(text: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        load(text)


def test_exactly_the_operations_of_our_table_are_there(contract: Contract) -> None:
    found = [(op["operationId"], (op["tags"][0], where)) for where, op in contract.operations()]
    assert dict(found) == ROWS
    assert len(found) == len(ROWS)


def test_exactly_the_events_of_our_table_are_there(contract: Contract) -> None:
    schemas = [payload(contract, name) for name, _ in contract.events()]
    assert {name for name, _ in contract.events()} == EVENTS.keys()
    assert len({id(schema) for schema in schemas}) == len(EVENTS)


def payload(contract: Contract, name: str) -> Node:
    post = dict(contract.events())[name]
    return contract.resolve(post["requestBody"]["content"]["application/json"]["schema"])


def test_each_event_is_the_documented_envelope_under_its_own_type(contract: Contract) -> None:
    for name in EVENTS:
        schema = payload(contract, name)
        assert schema["required"] == ["id", "type", "created_at", "data"]
        assert schema["properties"]["type"]["const"] == name
        assert schema["properties"]["created_at"]["type"] == "integer"


@ours
def test_each_event_comes_with_its_signature_headers(contract: Contract) -> None:
    for _, post in contract.events():
        parameters = [contract.resolve(parameter) for parameter in post["parameters"]]
        assert [parameter["name"] for parameter in parameters] == SIGNED
        assert all(parameter["required"] for parameter in parameters)


def test_only_the_bootstrap_takes_a_publishable_key(contract: Contract) -> None:
    for _, operation in contract.operations():
        if operation["operationId"] == "createEmbedToken":
            assert operation["security"] == [{"publishableKey": []}, {"publishableKeyHeader": []}]
        else:
            assert operation["security"] == [{"secretKey": []}]
    schemes = contract.document["components"]["securitySchemes"]
    assert schemes["secretKey"]["scheme"] == schemes["publishableKey"]["scheme"] == "bearer"
    assert schemes["publishableKeyHeader"]["name"] == "X-Publishable-Key"


def test_the_idempotency_key_is_required_where_documented(contract: Contract) -> None:
    found = {
        operation["operationId"]: parameter["required"]
        for _, operation in contract.operations()
        for parameter in map(contract.resolve, operation.get("parameters", ()))
        if parameter["name"] == "Idempotency-Key"
    }
    assert found == {name: name != "lockQuote" for name in KEYED}


@ours
def test_the_ranges_of_pages_are_the_documented_ones(contract: Contract) -> None:
    found: dict[str, list[tuple[Any, ...]]] = {}
    for _, operation in contract.operations():
        for parameter in map(contract.resolve, operation.get("parameters", ())):
            if parameter["name"] in ("limit", "skip"):
                schema = parameter["schema"]
                row = (schema["minimum"], schema.get("maximum"), parameter["x-server-default"])
                found.setdefault(f"{operation['operationId']}.{parameter['name']}", []).append(row)
    assert found == {
        "listSessions.limit": [(1, 100, 10)],
        "listTransactions.limit": [(1, 100, 10)],
        "listCustomers.limit": [(1, 100, 10)],
        "listPartnerWebhookDeliveries.limit": [(1, 200, 50)],
        "listPartnerWebhookDeliveries.skip": [(0, None, 0)],
    }


def test_parameters_of_the_path_are_declared(contract: Contract) -> None:
    for where, operation in contract.operations():
        parameters = [contract.resolve(p) for p in operation.get("parameters", ())]
        in_path = [p["name"] for p in parameters if p["in"] == "path" and p["required"]]
        assert in_path == [part[1:-1] for part in where.split("/") if part.startswith("{")]


def wrong_statuses(contract: Contract) -> list[str]:
    wrong = []
    for where, operation in contract.operations():
        name, statuses = operation["operationId"], operation["responses"].keys()
        asks = any(contract.resolve(p)["in"] == "query" for p in operation.get("parameters", ()))
        expected = {
            "400": asks or "requestBody" in operation or name in REFUSING,
            "401": True,
            "404": "{" in where,
            "409": name in CONFLICTING,
            "429": True,
            "5XX": True,
        }
        if operation["tags"][0] in GUARDED:
            expected["403"] = True
        wrong += [f"{name} {s}" for s, due in expected.items() if (s in statuses) != due]
        if not any(status.startswith("2") for status in statuses):
            wrong.append(f"{name} never succeeds")
    return wrong


@ours
def test_every_operation_lists_the_statuses_documented_for_it(contract: Contract) -> None:
    assert wrong_statuses(contract) == []


@ours
def test_a_success_status_is_inferred_unless_a_page_states_it(contract: Contract) -> None:
    stated = {
        name: status
        for name, status, response in contract.responses()
        if status.startswith("2") and "x-inferred" not in response
    }
    assert stated == STATED_SUCCESSES


@ours
def test_only_an_action_may_be_another_than_is_documented(contract: Contract) -> None:
    schemas = contract.document["components"]["schemas"]
    assert [name for name, s in schemas.items() if "enum" in s and s.get("x-open")] == [
        "TransactionAction"
    ]


def test_each_event_carries_the_object_it_is_about(contract: Contract) -> None:
    for name, record in EVENTS.items():
        data = payload(contract, name)["properties"]["data"]
        first = data["anyOf"][0] if "anyOf" in data else data
        assert first["$ref"] == f"#/components/schemas/{record}"


def wrong_headers(contract: Contract) -> list[str]:
    wrong = []
    for name, status, response in contract.responses():
        headers = response.get("headers", {})
        if contract.resolve(headers.get("X-Request-Id", {})).get("required") is not True:
            wrong.append(f"{name} {status} without X-Request-Id")
        if ("Retry-After" in headers) != (status == "429"):
            wrong.append(f"{name} {status} and Retry-After")
    return wrong


@ours
def test_every_answer_names_its_request(contract: Contract) -> None:
    assert wrong_headers(contract) == []


def wrong_envelopes(contract: Contract) -> list[str]:
    envelope = {"$ref": "#/components/schemas/Error"}
    return [
        f"{name} {status}"
        for name, status, response in contract.responses()
        if (response["content"]["application/json"]["schema"] == envelope) == status.startswith("2")
    ]


@ours
def test_every_answer_but_success_is_the_error_envelope(contract: Contract) -> None:
    assert wrong_envelopes(contract) == []
    error = contract.document["components"]["schemas"]["Error"]
    assert error["required"] == list(error["properties"])
    assert set(error["required"]) == {
        "type", "code", "message", "request_id", "doc_url", "statusCode",
    }  # fmt: skip


@ours
def test_only_the_documented_requests_refuse_unknown_keys(contract: Contract) -> None:
    closed = {
        name
        for name, schema in contract.document["components"]["schemas"].items()
        if schema.get("additionalProperties") is False
    }
    assert closed == {
        "UpdateBrandingRequest",
        "UpdateCustomerRequest",
        "CreatePayInRequest",
        "CreatePayOutRequest",
    }


@ours
def test_only_a_created_session_carries_the_client_secret(contract: Contract) -> None:
    holders = [place for place, _ in contract.schemas() if place.endswith(".client_secret")]
    assert set(holders) == {"CreatedGateSession.allOf[1].client_secret"}
    assert (
        "required"
        not in contract.document["components"]["schemas"]["CreatedGateSession"]["allOf"][1]
    )


@ours
def test_everything_an_integrator_meets_is_described(contract: Contract) -> None:
    bare = [where for where, op in contract.operations() if not op.get("description")]
    bare += [name for name, post in contract.events() if not post.get("description")]
    parts = contract.document["components"]
    for kind in ("schemas", "parameters", "responses", "headers", "securitySchemes"):
        bare += [
            f"{kind} {name}" for name, part in parts[kind].items() if not part.get("description")
        ]
    for name, schema in contract.schemas():
        if "." in name and "[" not in name.rpartition(".")[2]:
            target = contract.resolve(schema)
            described = schema.get("description") or target.get("description") or "anyOf" in schema
            if not described and not name.endswith(".items"):
                bare.append(name)
    assert bare == []


@ours
def test_every_component_is_used(contract: Contract) -> None:
    used = Counter(node["$ref"] for _, node in contract.nodes() if "$ref" in node)
    unused = [
        f"{kind}/{name}"
        for kind, parts in contract.document["components"].items()
        for name in parts
        if kind != "securitySchemes" and f"#/components/{kind}/{name}" not in used
    ]
    assert unused == []


Break = Callable[[dict[str, Any]], object]
BREAKS: dict[str, tuple[Callable[[Contract], list[str]], Break, str]] = {
    "a lost status": (
        wrong_statuses,
        lambda d: d["paths"]["/gate_sessions/{id}"]["get"]["responses"].pop("404"),
        "retrieveSession 404",
    ),
    "a status nobody documented": (
        wrong_statuses,
        lambda d: d["paths"]["/branding"]["get"]["responses"].update(
            {"404": {"$ref": "#/components/responses/NotFound"}}
        ),
        "getBranding 404",
    ),
    "no success": (
        wrong_statuses,
        lambda d: d["paths"]["/branding"]["get"]["responses"].pop("200"),
        "getBranding never succeeds",
    ),
    "a lost request id": (
        wrong_headers,
        lambda d: d["components"]["responses"]["Conflict"].pop("headers"),
        "cancelSession 409 without X-Request-Id",
    ),
    "a lost Retry-After": (
        wrong_headers,
        lambda d: d["components"]["responses"]["RateLimited"]["headers"].pop("Retry-After"),
        "createSession 429 and Retry-After",
    ),
    "another envelope": (
        wrong_envelopes,
        lambda d: d["components"]["responses"]["NotFound"]["content"]["application/json"].update(
            schema={"$ref": "#/components/schemas/OpenObject"}
        ),
        "retrieveSession 404",
    ),
}


@ours
@pytest.mark.parametrize("case", BREAKS.values(), ids=BREAKS)
def test_a_broken_contract_is_noticed(
    contract: Contract, case: tuple[Callable[[Contract], list[str]], Break, str]
) -> None:
    findings, change, finding = case
    assert finding in findings(contract.changed(change))
