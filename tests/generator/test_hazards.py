"""What the generator would do silently with a contract in the vendor's manner, and what we get.

Each is one alteration of the small contract and what the client and API.md say afterwards.
"""

import copy
import importlib
import json
from decimal import Decimal
from typing import Any

import pytest

from openapi.regenerate import source

SESSION = {
    "id": "gs_1",
    "object": "gate_session",
    "amount": "1.50",
    "fee": None,
    "status": "open",
    "flow": None,
    "expires_at": "2026-05-27T09:00:00Z",
}


@pytest.fixture
def altered(project, client_of):
    """Edit the small contract, regenerate, and import what came out."""

    def alter(*edits: tuple[str, str]) -> Any:
        for old, new in edits:
            project.edit(old, new)
        done = project.regenerate()
        assert done.code == 0, done.err
        return client_of(project)

    return alter


def model(client: Any, name: str) -> Any:
    return getattr(__import__(f"{client.__name__}.models", fromlist=[name]), name)


def call(client: Any, path: str) -> Any:
    return __import__(f"{client.__name__}.api.{path}", fromlist=["get_kwargs"])


ENVELOPE = """
    ListEnvelope:
      type: object
      required: [object, data, has_more]
      properties:
        object: { type: string, const: list }
        data: { type: array, items: {} }
        has_more: { type: boolean }
    ErrorList:
      allOf:
        - { $ref: "#/components/schemas/ListEnvelope" }
        - type: object
          properties: { data: { type: array, items: { $ref: "#/components/schemas/Error" } } }
    Error:
"""


def test_lists_that_share_an_envelope_by_all_of_keep_their_own_items(altered):
    client = altered(("\n    Error:\n", ENVELOPE), (
        """      type: object
      required: [object, data, has_more]
      properties:
        object: { type: string, const: list }
        data: { type: array, items: { $ref: "#/components/schemas/GateSession" } }
        has_more: { type: boolean }
    CreateSessionRequest:""",
        """      allOf:
        - { $ref: "#/components/schemas/ListEnvelope" }
        - type: object
          properties: { data: { type: array, items: { $ref: "#/components/schemas/GateSession" } } }
    CreateSessionRequest:""",
    ))  # fmt: skip

    sessions = {"object": "list", "data": [SESSION], "has_more": False}
    errors = {"object": "list", "data": [{"type": "a", "message": "b"}], "has_more": False}
    assert model(client, "GateSessionList").from_dict(sessions).data[0].amount == Decimal("1.50")
    assert model(client, "ErrorList").from_dict(errors).data[0].message == "b"


def test_what_all_of_adds_is_required_and_narrowed_as_it_says(altered, project):
    client = altered((
        "            client_secret: { type: string }\n",
        "            client_secret: { type: string }\n"
        "            status: { const: open }\n"
        "            note: { type: string }\n"
        "          required: [client_secret, note]\n",
    ))  # fmt: skip

    assert "field CreatedGateSession.client_secret: password, required" in project.api_md
    assert 'field CreatedGateSession.status: "open", required' in project.api_md
    assert "field CreatedGateSession.note: string, required" in project.api_md
    read = model(client, "CreatedGateSession").from_dict
    assert read({**SESSION, "client_secret": "s", "note": "n"}).status == "open"
    with pytest.raises(ValueError, match="status must match const 'open'"):
        read({**SESSION, "client_secret": "s", "note": "n", "status": "expired"})


def test_a_nullable_enum_is_one_class_that_keeps_unknown_values(altered, project):
    client = altered((
        'flow: { oneOf: [{ $ref: "#/components/schemas/Flow" }, { type: "null" }] }',
        'flow: { type: [string, "null"], enum: [buy, sell, null] }',
    ))  # fmt: skip

    assert "field GateSession.flow: GateSessionFlow or null, required" in project.api_md
    assert 'enum GateSessionFlow "buy"' in project.api_md
    read = model(client, "GateSession").from_dict
    assert read(SESSION).flow is None
    assert read({**SESSION, "flow": "swap"}).flow == "swap"
    assert read({**SESSION, "flow": "swap"}).to_dict()["flow"] == "swap"


def test_a_nullable_object_in_its_place_is_one_model_or_none(altered, project):
    client = altered((
        '        note: { type: [string, "null"] }',
        '        note: { type: [object, "null"], properties: { text: { type: string } } }',
    ))  # fmt: skip

    assert "field GateSession.note: GateSessionNote or null, optional" in project.api_md
    read = model(client, "GateSession").from_dict
    assert read({**SESSION, "note": {"text": "hi"}}).note.text == "hi"
    assert read({**SESSION, "note": None}).note is None


def test_values_that_differ_by_case_or_signs_all_stay(altered):
    client = altered((
        "enum: [on_ramp, off_ramp]",
        'enum: [base, BASE, a-b, a_b, "", "1inch", "0x"]',
    ))  # fmt: skip

    flow = model(client, "Flow")
    assert {member.value for member in flow} == {"base", "BASE", "a-b", "a_b", "", "1inch", "0x"}
    assert (flow("BASE").name, flow("base").name) == ("BASE_2", "BASE")
    assert flow("1inch").name == "VALUE_1INCH"


def test_an_enum_of_whole_numbers_keeps_unknown_ones(altered):
    client = altered(
        ("      enum: [on_ramp, off_ramp]", "      enum: [1, 2]"),
        ("    Flow:\n      type: string", "    Flow:\n      type: integer"),
    )

    read = model(client, "GateSession").from_dict
    assert read({**SESSION, "flow": 7}).flow == 7
    assert read({**SESSION, "flow": 7}).to_dict()["flow"] == 7


def test_an_enum_of_one_value_stays_closed(altered):
    client = altered(("enum: [on_ramp, off_ramp]", "enum: [on_ramp]"))

    with pytest.raises(ValueError, match="not a valid Flow"):
        model(client, "GateSession").from_dict({**SESSION, "flow": "swap"})


def test_a_header_with_a_format_is_sent_as_the_text_it_is(altered):
    client = altered((
        "in: header, required: true, schema: { type: string }",
        "in: header, required: true, schema: { type: string, format: uuid }",
    ))  # fmt: skip

    request = model(client, "CreateSessionRequest")(amount=Decimal(1), currency="EUR")
    kwargs = call(client, "sessions.create_session").get_kwargs(body=request, idempotency_key="k")
    assert kwargs["headers"]["Idempotency-Key"] == "k"


def test_server_defaults_are_documented_but_never_sent(altered, project):
    client = altered((
        "        currency: { type: string }\n",
        "        currency: { type: string }\n        side: { type: string, default: on_ramp }\n",
    ))  # fmt: skip

    request = model(client, "CreateSessionRequest")(amount=Decimal(1), currency="EUR")
    assert request.to_dict() == {"amount": "1", "currency": "EUR"}
    assert call(client, "sessions.list_sessions").get_kwargs()["params"] == {}
    assert (
        'field CreateSessionRequest.side: string, optional, server default "on_ramp"'
        in project.api_md
    )
    assert (
        'parameter listSessions query limit: integer {"minimum": 1, "maximum": 100}, optional, '
        "server default 10" in project.api_md
    )


def test_root_security_is_each_operations_own(project):
    assert [line for line in project.api_md if line.startswith("operation retrieveSession")] == [
        "operation retrieveSession: GET /gate_sessions/{id}, tag sessions, key secretKey, "
        "answers 200 404"
    ]


def test_path_items_parameters_and_bodies_by_reference_are_not_lost(project):
    document = _parsed(project)
    paths, components = document["paths"], document["components"]
    item = paths["/gate_sessions/{id}"]
    item["parameters"] = item["get"].pop("parameters")
    components["pathItems"] = {"One": item}
    paths["/gate_sessions/{id}"] = {"$ref": "#/components/pathItems/One"}
    components["requestBodies"] = {
        "Create": paths["/gate_sessions"]["post"]["requestBody"],
        "Alias": {"$ref": "#/components/requestBodies/Create"},
    }
    paths["/gate_sessions"]["post"]["requestBody"] = {"$ref": "#/components/requestBodies/Alias"}
    lines = project.api_md

    done = _regenerated(project, document)

    assert done.code == 0, done.err
    assert project.api_md == lines


def _parsed(project: Any) -> dict[str, Any]:
    return source.parse(project.contract.read_text("utf-8"), "contract")


def _regenerated(project: Any, document: dict[str, Any]) -> Any:
    adopted = project.root / "adopted.json"
    adopted.write_text(json.dumps(document), "utf-8")
    return project.regenerate("--spec", str(adopted))


def _inlined(document: dict[str, Any]) -> dict[str, Any]:
    """The same contract with every schema written out where it stands."""
    schemas = document["components"].pop("schemas")

    def inline(node: Any) -> Any:
        if isinstance(node, dict):
            target = node.get("$ref", "")
            if target.startswith("#/components/schemas/"):
                return inline(copy.deepcopy(schemas[target.rpartition("/")[2]]))
            return {key: inline(value) for key, value in node.items()}
        return [inline(value) for value in node] if isinstance(node, list) else node

    return inline(document)  # type: ignore[no-any-return]


def test_inline_schemas_become_the_same_client_as_named_ones(project, client_of):
    done = _regenerated(project, _inlined(_parsed(project)))

    assert done.code == 3, done.err
    client = client_of(project)
    session = model(client, "GateSession").from_dict(SESSION)
    assert model(client, "GateSessionList").from_dict(
        {"object": "list", "data": [SESSION], "has_more": True}
    ).data == [session]
    assert "response retrieveSession 200: GateSession" in project.api_md
    assert "body createSession: CreateSessionRequest, required" in project.api_md
    assert "response createSession 201: CreateSessionResponse" in project.api_md
    assert "event gate_session.completed: GateSessionCompletedEvent" in project.api_md


def test_titles_do_not_rename_classes(altered, project):
    altered(
        ("    Error:\n      type: object", "    Error:\n      title: Session\n      type: object"),
        (
            "    GateSession:\n      type: object",
            "    GateSession:\n      title: Session\n      type: object",
        ),
    )

    assert "response retrieveSession 404: Error" in project.api_md
    assert "response retrieveSession 200: GateSession" in project.api_md


def test_nullable_as_3_0_had_it_is_read_as_null_allowed(altered, project):
    client = altered(('note: { type: [string, "null"] }', "note: { type: string, nullable: true }"))

    assert "field GateSession.note: string or null, optional" in project.api_md
    assert model(client, "GateSession").from_dict({**SESSION, "note": None}).note is None


def test_a_format_beside_a_reference_or_above_alternatives_counts(altered, project):
    client = altered(
        ("\n    Error:\n", "\n    Text: { type: string }\n    Error:\n"),
        (
            "        amount: { type: string, format: decimal }\n        fee:",
            '        amount: { $ref: "#/components/schemas/Text", format: decimal }\n        fee:',
        ),
        (
            'fee: { type: [string, "null"], format: decimal }',
            'fee: { anyOf: [{ type: string }, { type: "null" }], format: decimal }',
        ),
    )

    read = model(client, "GateSession").from_dict({**SESSION, "fee": "0.10"})
    assert (read.amount, read.fee) == (Decimal("1.50"), Decimal("0.10"))
    assert "field GateSession.fee: decimal or null, required" in project.api_md


@pytest.mark.parametrize(
    "name",
    ["d", "cls", "self", "to_dict", "from_dict", "field_dict", "additional_properties", "src_dict",
     "additional_keys", "cast", "exact", "misfit", "record", "wrong", "prop", "prop_name", "datetime",
     "gate_session", "Any", "class", "_private", "2nd", "with-dash", "with.dot", "UNSET", "T"],
)  # fmt: skip
def test_a_field_of_any_name_is_read_and_written(altered, name):
    client = altered((
        '        note: { type: [string, "null"] }',
        f'        "{name}": {{ type: [string, "null"], format: decimal }}',
    ))  # fmt: skip

    read = model(client, "GateSession").from_dict({**SESSION, name: "2.50"})
    assert read.to_dict()[name] == "2.50"
    assert read.additional_properties == {}


@pytest.mark.parametrize(
    "name", ["body", "headers", "params", "cookies", "client", "url", "limit-to"]
)
def test_a_parameter_of_any_name_is_sent(altered, name):
    client = altered((
        "        - { name: Idempotency-Key, in: header, required: true, schema: { type: string } }\n",
        f"        - {{ name: {name}, in: query, required: true, schema: {{ type: string }} }}\n",
    ))  # fmt: skip

    create = call(client, "sessions.create_session")
    request = model(client, "CreateSessionRequest")(amount=Decimal(1), currency="EUR")
    named = next(n for n in create.get_kwargs.__annotations__ if n not in ("body", "return"))
    kwargs = create.get_kwargs(body=request, **{named: "x"})
    assert kwargs["params"] == {name: "x"}


def test_a_closed_object_that_gate_returns_keeps_what_is_added_later(altered):
    client = altered((
        "    Error:\n      type: object",
        "    Error:\n      additionalProperties: false\n      type: object",
    ))  # fmt: skip

    read = model(client, "Error").from_dict({"type": "a", "message": "b", "new": 1})
    assert read.to_dict()["new"] == 1


def test_models_that_name_each_other_are_both_read(altered):
    client = altered((
        "        message: { type: string }\n",
        "        message: { type: string }\n"
        '        causes: { type: array, items: { $ref: "#/components/schemas/Cause" } }\n'
        "    Cause:\n      type: object\n      required: [error]\n"
        '      properties: { error: { $ref: "#/components/schemas/Error" } }\n',
    ))  # fmt: skip
    inner = {"type": "b", "message": "inner", "causes": []}
    told = {"type": "a", "message": "outer", "causes": [{"error": inner}]}

    read = model(client, "Error").from_dict(told)

    assert read.causes[0].error.message == "inner"
    assert read.to_dict() == told


@pytest.mark.parametrize(
    "known", [{}, {"note": None}, {"note": "n"}, {"note": "n", "metadata": {}}]
)
@pytest.mark.parametrize("unknown", [{}, {"new": 1}, {"new": 1, "newer": None}])
def test_what_nobody_documents_is_told_from_what_may_be_left_out(altered, known, unknown):
    read = model(altered(), "GateSession").from_dict({**SESSION, **known, **unknown})

    assert read.additional_properties == unknown
    assert read.to_dict().keys() == {*SESSION, *known, *unknown}


def test_an_amount_deep_in_a_request_is_refused_when_given(altered):
    client = altered(
        (
            "        currency: { type: string }\n",
            "        currency: { type: string }\n"
            '        items: { type: array, items: { $ref: "#/components/schemas/Item" } }\n',
        ),
        (
            "    GateSessionCompletedEvent:\n      type: object\n",
            "    Item:\n      type: object\n      required: [price]\n"
            "      properties: { price: { type: string, format: decimal } }\n"
            "    GateSessionCompletedEvent:\n      type: object\n",
        ),
    )

    with pytest.raises(TypeError, match=r"Item\.price takes a finite Decimal"):
        model(client, "Item")(price=1.5)


def test_of_several_content_types_the_answer_is_read_as_json(altered, project):
    altered((
        'content: { application/json: { schema: { $ref: "#/components/schemas/GateSession" } } }',
        'content: { text/html: { schema: { type: string } }, application/json: '
        '{ schema: { $ref: "#/components/schemas/GateSession" } } }',
    ))  # fmt: skip

    line = (
        "response retrieveSession 200: GateSession, as application/json or text/html, "
        "text/html of string"
    )
    assert line in project.api_md
    module = project.generated / "zerogate_api/api/sessions/retrieve_session.py"
    assert "GateSession.from_dict(response.json())" in module.read_text()


def test_parameters_are_described_where_they_are_used(project):
    module = project.generated / "zerogate_api/api/sessions/list_sessions.py"

    assert "limit: How many rows at most." in module.read_text()


def test_a_word_that_is_no_boolean_in_yaml_1_2_stays_a_word(altered):
    client = altered(("enum: [on_ramp, off_ramp]", "enum: [on, off, no, yes, 2026-05-25]"))

    assert {m.value for m in model(client, "Flow")} == {"on", "off", "no", "yes", "2026-05-25"}


def test_the_order_of_the_contract_does_not_matter(project):
    document = _parsed(project)
    schemas = document["components"]["schemas"]
    document["components"]["schemas"] = dict(reversed(schemas.items()))
    document["paths"] = dict(reversed(document["paths"].items()))
    before = project.files()

    done = _regenerated(project, document)

    assert done.code == 0, done.err
    after = project.files()
    changed = {name for name in before if before[name] != after[name]}
    assert changed == {"openapi/gate-v1.yaml", "generated/lock.json"}


def test_every_module_says_where_it_comes_from(project):
    modules = sorted(project.generated.rglob("*.py"))
    assert modules
    for module in modules:
        first, *_ = module.read_text("utf-8").splitlines()
        assert first == (
            "# Generated from openapi/gate-v1.yaml by `nox -s regenerate`: edit that, not this."
        ), module


def test_a_call_that_is_deprecated_warns_and_a_field_says_so(altered):
    client = altered(
        (
            "      operationId: listSessions\n",
            '      operationId: listSessions\n      deprecated: true\n      x-sunset: "2027-06-30"\n',
        ),
        (
            '        note: { type: [string, "null"] }\n',
            '        note: { type: [string, "null"], deprecated: true, description: Old. }\n',
        ),
    )
    module = importlib.import_module(f"{client.__name__}.api.sessions.list_sessions")
    told = "listSessions is deprecated by the contract, and ends on 2027-06-30"

    with pytest.warns(DeprecationWarning, match=told):
        asked = module.get_kwargs(limit=1)

    assert asked["params"] == {"limit": 1}
    assert module.get_kwargs.__deprecated__ == told
    assert "Deprecated by the contract. Old." in model(client, "GateSession").__doc__
