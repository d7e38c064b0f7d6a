"""Rehearsals of a spec bump: altered contracts, what the report says of each, and a client that works.

Every row is one thing that a vendor may do. Whatever was adopted is checked by mypy at the end, all
of it at once.
"""

import copy
import importlib
import json
import shutil
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from mypy import api as mypy

from openapi.regenerate import source
from tests.generator.rehearsal import another_hand, rename, titled

Document = dict[str, Any]
Alter = Callable[[Document], None]


def schema(document: Document, name: str) -> Document:
    return document["components"]["schemas"][name]  # type: ignore[no-any-return]


def fields(document: Document, name: str) -> Document:
    return schema(document, name)["properties"]  # type: ignore[no-any-return]


def listing(document: Document) -> Document:
    return document["paths"]["/gate_sessions"]["get"]  # type: ignore[no-any-return]


def creation(document: Document) -> Document:
    return document["paths"]["/gate_sessions"]["post"]  # type: ignore[no-any-return]


# Operations


def an_operation_more(document: Document) -> None:
    cancel = copy.deepcopy(document["paths"]["/gate_sessions/{id}"]["get"])
    cancel["operationId"] = "cancelSession"
    document["paths"]["/gate_sessions/{id}/cancel"] = {"post": cancel}


def an_operation_less(document: Document) -> None:
    del document["paths"]["/gate_sessions/{id}"]


def an_operation_called_otherwise(document: Document) -> None:
    listing(document)["operationId"] = "sessions.findAll"


def an_operation_elsewhere(document: Document) -> None:
    document["paths"]["/sessions/{id}"] = document["paths"].pop("/gate_sessions/{id}")


def another_key_for_an_operation(document: Document) -> None:
    document["components"]["securitySchemes"]["publishableKey"] = {
        "type": "http",
        "scheme": "bearer",
    }
    listing(document)["security"] = [{"publishableKey": []}]


def another_tag_first(document: Document) -> None:
    listing(document)["tags"] = ["payments", "sessions"]


def an_operation_deprecated(document: Document) -> None:
    listing(document)["deprecated"] = True


def an_answer_more(document: Document) -> None:
    listing(document)["responses"]["429"] = {"$ref": "#/components/responses/Failed"}


def an_answer_of_another_type(document: Document) -> None:
    answer = creation(document)["responses"]["201"]["content"]["application/json"]
    answer["schema"] = {"$ref": "#/components/schemas/GateSession"}


# Parameters


def a_parameter_more(document: Document) -> None:
    new = {"name": "flow", "in": "query", "schema": {"$ref": "#/components/schemas/Flow"}}
    listing(document)["parameters"].append(new)


def a_required_parameter_more(document: Document) -> None:
    an_operation = creation(document)
    new = {"name": "X-Partner", "in": "header", "required": True, "schema": {"type": "string"}}
    an_operation["parameters"].append(new)


def a_parameter_less(document: Document) -> None:
    del listing(document)["parameters"][1]


def a_limit_tightened_and_a_default_changed(document: Document) -> None:
    limit = document["components"]["parameters"]["Limit"]["schema"]
    limit.update(maximum=50, default=20)


def a_limit_loosened(document: Document) -> None:
    document["components"]["parameters"]["Limit"]["schema"]["maximum"] = 200


def the_key_becomes_a_uuid(document: Document) -> None:
    creation(document)["parameters"][0]["schema"]["format"] = "uuid"


# Fields


def a_field_more(document: Document) -> None:
    fields(document, "GateSession")["refid"] = {"type": "string"}


def a_field_less(document: Document) -> None:
    del fields(document, "GateSession")["note"]


def a_field_called_otherwise(document: Document) -> None:
    fields(document, "GateSession")["remark"] = fields(document, "GateSession").pop("note")


def a_field_of_another_type(document: Document) -> None:
    fields(document, "GateSession")["amount"] = {"type": "integer"}


def a_field_that_may_be_missing_now(document: Document) -> None:
    schema(document, "GateSession")["required"].remove("status")


def a_field_that_may_be_null_now(document: Document) -> None:
    fields(document, "GateSession")["amount"]["type"] = ["string", "null"]


def a_field_that_is_never_null_now(document: Document) -> None:
    fields(document, "GateSession")["fee"]["type"] = "string"


def a_field_demanded_now(document: Document) -> None:
    schema(document, "CreateSessionRequest")["required"].append("flow")


def a_field_no_longer_demanded(document: Document) -> None:
    schema(document, "CreateSessionRequest")["required"].remove("currency")


def a_field_nobody_marked_as_money(document: Document) -> None:
    del fields(document, "GateSession")["fee"]["format"]


# Enums, constants, events


def a_value_more(document: Document) -> None:
    schema(document, "SessionStatus")["enum"].append("refunded")


def a_value_less(document: Document) -> None:
    schema(document, "Flow")["enum"].remove("off_ramp")


def an_enum_called_otherwise(document: Document) -> None:
    rename(document, "SessionStatus", "Status")


def an_enum_written_out(document: Document) -> None:
    fields(document, "GateSession")["status"] = schema(document, "SessionStatus")


def an_event_more(document: Document) -> None:
    body = copy.deepcopy(document["webhooks"]["gate_session.completed"])
    document["webhooks"]["gate_session.failed"] = body


def an_event_under_another_key(document: Document) -> None:
    document["webhooks"]["sessionDone"] = document["webhooks"].pop("gate_session.completed")


def an_event_less(document: Document) -> None:
    document["webhooks"]["kyc.required"] = document["webhooks"].pop("gate_session.completed")
    fields(document, "GateSessionCompletedEvent")["type"]["const"] = "kyc.required"


def an_event_with_its_payload_written_out(document: Document) -> None:
    media = document["webhooks"]["gate_session.completed"]["post"]["requestBody"]["content"]
    name = "GateSessionCompletedEvent"
    media["application/json"]["schema"] = document["components"]["schemas"].pop(name)


# The manner of the file


def schemas_called_otherwise(document: Document) -> None:
    for name in list(document["components"]["schemas"]):
        rename(document, name, f"{name}Dto")


def everything_written_out(document: Document) -> None:
    schemas = document["components"].pop("schemas")
    document.update(written_out(document, schemas))


def prose_examples_and_extensions(document: Document) -> None:
    document["x-vendor"] = {"team": "gate"}
    listing(document)["description"] = "Another description."
    fields(document, "GateSession")["id"]["examples"] = ["gs_1"]
    fields(document, "GateSession")["id"]["x-order"] = 1


def an_example_that_is_wrong(document: Document) -> None:
    fields(document, "GateSession")["id"]["examples"] = [17]


def null_as_3_0_had_it(document: Document) -> None:
    fields(document, "GateSession")["note"] = {"type": "string", "nullable": True}


def operations_without_ids(document: Document) -> None:
    del listing(document)["operationId"]


def written_out(node: Any, schemas: Document) -> Any:
    if isinstance(node, dict):
        target = node.get("$ref", "")
        if target.startswith("#/components/schemas/"):
            return written_out(schemas[target.rpartition("/")[2]], schemas)
        return {key: written_out(value, schemas) for key, value in node.items()}
    return [written_out(value, schemas) for value in node] if isinstance(node, list) else node


READERS, WRITERS, ADDITIVE = "breaking for readers", "breaking for writers", "additive"
RENAMED, LOOK = "renamed", "worth a look"

REHEARSALS: dict[Alter, dict[str, list[str]]] = {
    an_operation_more: {
        ADDITIVE: [
            "+ operation cancelSession: POST /gate_sessions/{id}/cancel, tag sessions, key secretKey, "
            "answers 200 404",
            "+ parameter cancelSession path id: string, required",
            "+ response cancelSession 200: GateSession",
            "+ response cancelSession 404: Error",
        ]
    },
    an_operation_less: {
        READERS: [
            "- operation retrieveSession: GET /gate_sessions/{id}, tag sessions, key secretKey, "
            "answers 200 404"
        ]
    },
    an_operation_called_otherwise: {RENAMED: ["listSessions -> sessions.findAll"]},
    an_operation_elsewhere: {
        READERS: [
            "~ operation retrieveSession: GET /gate_sessions/{id}, tag sessions, key secretKey, "
            "answers 200 404 -> GET /sessions/{id}, tag sessions, key secretKey, answers 200 404"
        ]
    },
    another_key_for_an_operation: {
        READERS: [
            "~ operation listSessions: GET /gate_sessions, tag sessions, key secretKey, answers "
            "200 5XX -> GET /gate_sessions, tag sessions, key publishableKey, answers 200 5XX"
        ],
        ADDITIVE: ["+ scheme publishableKey: http bearer"],
    },
    another_tag_first: {
        READERS: [
            "~ operation listSessions: GET /gate_sessions, tag sessions, key secretKey, answers "
            "200 5XX -> GET /gate_sessions, tag payments, key secretKey, answers 200 5XX"
        ]
    },
    an_operation_deprecated: {
        ADDITIVE: [
            "~ operation listSessions: GET /gate_sessions, tag sessions, key secretKey, answers "
            "200 5XX -> GET /gate_sessions, tag sessions, key secretKey, answers 200 5XX, deprecated"
        ]
    },
    an_answer_more: {ADDITIVE: ["+ response listSessions 429: Error"]},
    an_answer_of_another_type: {
        READERS: ["~ response createSession 201: CreatedGateSession -> GateSession"]
    },
    a_parameter_more: {ADDITIVE: ["+ parameter listSessions query flow: Flow, optional"]},
    a_required_parameter_more: {
        WRITERS: ["+ parameter createSession header X-Partner: string, required"]
    },
    a_parameter_less: {WRITERS: ["- parameter listSessions query status: SessionStatus, optional"]},
    a_limit_tightened_and_a_default_changed: {
        WRITERS: [
            '~ parameter listSessions query limit: integer {"minimum": 1, "maximum": 100}, optional, '
            'server default 10 -> integer {"minimum": 1, "maximum": 50}, optional, server default 20'
        ]
    },
    a_limit_loosened: {
        ADDITIVE: [
            '~ parameter listSessions query limit: integer {"minimum": 1, "maximum": 100}, optional, '
            'server default 10 -> integer {"minimum": 1, "maximum": 200}, optional, server default 10'
        ]
    },
    the_key_becomes_a_uuid: {
        WRITERS: [
            "~ parameter createSession header Idempotency-Key: string, required -> uuid, required"
        ]
    },
    a_field_more: {
        ADDITIVE: [
            "+ field CreatedGateSession.refid: string, optional",
            "+ field GateSession.refid: string, optional",
        ]
    },
    a_field_less: {
        READERS: [
            "- field CreatedGateSession.note: string or null, optional",
            "- field GateSession.note: string or null, optional",
        ]
    },
    a_field_called_otherwise: {
        READERS: [
            "- field CreatedGateSession.note: string or null, optional",
            "- field GateSession.note: string or null, optional",
        ],
        ADDITIVE: [
            "+ field CreatedGateSession.remark: string or null, optional",
            "+ field GateSession.remark: string or null, optional",
        ],
    },
    a_field_of_another_type: {
        READERS: [
            "~ field CreatedGateSession.amount: decimal, required -> integer, required",
            "~ field GateSession.amount: decimal, required -> integer, required",
        ]
    },
    a_field_that_may_be_missing_now: {
        READERS: [
            "~ field CreatedGateSession.status: SessionStatus, required -> SessionStatus, optional",
            "~ field GateSession.status: SessionStatus, required -> SessionStatus, optional",
        ]
    },
    a_field_that_may_be_null_now: {
        READERS: [
            "~ field CreatedGateSession.amount: decimal, required -> decimal or null, required",
            "~ field GateSession.amount: decimal, required -> decimal or null, required",
        ]
    },
    a_field_that_is_never_null_now: {
        ADDITIVE: [
            "~ field CreatedGateSession.fee: decimal or null, required -> decimal, required",
            "~ field GateSession.fee: decimal or null, required -> decimal, required",
        ]
    },
    a_field_demanded_now: {
        WRITERS: ["~ field CreateSessionRequest.flow: Flow, optional -> Flow, required"]
    },
    a_field_no_longer_demanded: {
        ADDITIVE: ["~ field CreateSessionRequest.currency: string, required -> string, optional"]
    },
    a_field_nobody_marked_as_money: {
        READERS: [
            "~ field CreatedGateSession.fee: decimal or null, required -> string or null, required",
            "~ field GateSession.fee: decimal or null, required -> string or null, required",
        ],
        LOOK: [
            "CreatedGateSessionFee: looks like money and is plain text; mark it in the overlay",
            "GateSessionFee: looks like money and is plain text; mark it in the overlay",
        ],
    },
    a_value_more: {ADDITIVE: ['+ enum SessionStatus "refunded"']},
    a_value_less: {
        WRITERS: ['- enum Flow "off_ramp"'],
        LOOK: ["enum Flow: has one value, so any other is refused; is it meant to grow?"],
    },
    an_enum_called_otherwise: {RENAMED: ["SessionStatus -> Status"]},
    an_enum_written_out: {},
    an_event_more: {
        ADDITIVE: [
            "+ event gate_session.failed: GateSessionCompletedEvent",
            "+ event-answer gate_session.failed 200: nothing",
        ]
    },
    an_event_under_another_key: {},
    an_event_less: {
        READERS: [
            "- event gate_session.completed: GateSessionCompletedEvent",
            '~ field GateSessionCompletedEvent.type: "gate_session.completed", required -> '
            '"kyc.required", required',
        ],
        ADDITIVE: [
            "+ event kyc.required: GateSessionCompletedEvent",
            "+ event-answer kyc.required 200: nothing",
        ],
    },
    an_event_with_its_payload_written_out: {
        LOOK: ["schema GateSessionCompletedEvent: written out in its place; the name is ours"]
    },
    schemas_called_otherwise: {
        RENAMED: [
            f"{name} -> {name}Dto"
            for name in (
                "CreateSessionRequest",
                "CreatedGateSession",
                "Error",
                "Flow",
                "GateSession",
                "GateSessionCompletedEvent",
                "GateSessionList",
                "SessionStatus",
            )
        ]
    },
    prose_examples_and_extensions: {},
    an_example_that_is_wrong: {
        LOOK: [
            "CreatedGateSessionId: an example is not valid: 17 is not of type 'string'",
            "GateSessionId: an example is not valid: 17 is not of type 'string'",
        ]
    },
    null_as_3_0_had_it: {
        LOOK: ["`nullable: true` at 1 places is OpenAPI 3.0; read as: null is allowed"]
    },
    operations_without_ids: {
        RENAMED: ["listSessions -> get_gate_sessions"],
        LOOK: ["GET /gate_sessions: no operationId; it is called get_gate_sessions"],
    },
}


@pytest.fixture(scope="module")
def adopted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where every client of these rehearsals is put aside for mypy."""
    return tmp_path_factory.mktemp("adopted")


def models_of(client: ModuleType) -> Any:
    return importlib.import_module(f"{client.__name__}.models")


#: Sections that say the same again, for others.
RETOLD = ("what it means for callers", "for CHANGELOG.md")


def sections(out: str) -> dict[str, list[str]]:
    """What stands below the first screen, by its titles."""
    found = titled(out)
    return {title: lines for title, lines in found.items() if title not in RETOLD}


@pytest.mark.parametrize(
    ("alter", "expected"), REHEARSALS.items(), ids=[alter.__name__ for alter in REHEARSALS]
)
def test_a_bump_is_reported_and_gives_a_client(project, client_of, adopted, alter, expected):
    document = source.parse(project.contract.read_text("utf-8"), "contract")
    alter(document)
    bump = project.root / "bump.json"
    bump.write_text(json.dumps(document), "utf-8")
    summary = project.root / "summary.md"

    done = project.regenerate("--spec", str(bump), "--summary", str(summary))

    assert sections(done.out) == expected
    assert done.code == (3 if expected.keys() & {READERS, WRITERS, RENAMED} else 0), done.err
    told = [line for lines in expected.values() for line in lines]
    markdown = summary.read_text("utf-8")
    assert all(line in markdown for line in told)
    verdict = {0: "Additive" if expected.get(ADDITIVE) else "No change", 3: "Breaking"}[done.code]
    assert markdown.startswith(f"## {verdict}: what the new contract changes\n")
    assert project.regenerate("--check").code == 0
    models = models_of(client_of(project))
    assert all(getattr(models, name) for name in models.__all__)
    shutil.copytree(project.generated / "zerogate_api", adopted / alter.__name__)


def test_every_adopted_client_passes_mypy_strict(adopted, tmp_path):
    assert len(list(adopted.iterdir())) == len(REHEARSALS)

    out, err, code = mypy.run([
        "--strict", "--warn-unreachable", "--cache-dir", str(tmp_path), "--config-file=", str(adopted)
    ])  # fmt: skip

    assert (err, code) == ("", 0), out


def test_a_bump_that_the_overlay_does_not_survive_is_reported_and_not_adopted(project):
    document = source.parse(project.contract.read_text("utf-8"), "contract")
    properties = document["components"]["schemas"]["CreatedGateSession"]["allOf"][1]["properties"]
    properties["clientSecretValue"] = properties.pop("client_secret")
    bump, summary = project.root / "bump.json", project.root / "summary.md"
    bump.write_text(json.dumps(document), "utf-8")
    before = project.files()

    done = project.regenerate("--spec", str(bump), "--summary", str(summary))

    missed = (
        "overlay action 1 matches nothing: $..properties.client_secret; nearest: clientSecretValue, "
        "secretKey"
    )
    assert done.code == 2
    assert sections(done.out) == {
        READERS: ["- field CreatedGateSession.client_secret: password, optional"],
        ADDITIVE: ["+ field CreatedGateSession.clientSecretValue: password, optional"],
        LOOK: [
            "CreatedGateSessionClientSecretValue: sounds like a secret and is kept out of the repr: say "
            "`format: password` or `x-secret: false` in the overlay"
        ],
        "overlay actions that match nothing": [missed],
    }
    assert done.err == f"regenerate: openapi/overlay.yaml: {missed}\n"
    assert f"**Not adopted.** `openapi/overlay.yaml: {missed}`" in summary.read_text("utf-8")
    summary.unlink()
    assert project.files() == before


def test_where_the_vendors_contract_is_can_be_configured(project, monkeypatch):
    monkeypatch.delenv("ZEROGATE_SPEC_URL", raising=False)
    assert "set ZEROGATE_SPEC_URL, or spec-url" in project.regenerate("--spec").err

    settings = project.root / "pyproject.toml"
    settings.write_text(f"[tool.zerogate]\nspec-url = '{project.contract}'\n", "utf-8")
    assert project.regenerate("--spec").code == 0

    monkeypatch.setenv("ZEROGATE_SPEC_URL", str(project.root / "nowhere.yaml"))
    assert "nowhere.yaml: no such file" in project.regenerate("--spec").err


@pytest.fixture
def real_project(real_root, project):
    """The project's own contract, overlay and generated client, to be altered."""
    shutil.copy(real_root / "openapi/gate-v1.yaml", project.contract)
    shutil.copy(real_root / "openapi/overlay.yaml", project.overlay)
    shutil.rmtree(project.generated)
    shutil.copytree(real_root / "generated", project.generated)
    return project


def test_the_whole_contract_in_another_hand_says_the_same_api(real_project, client_of, adopted):
    document = source.parse(real_project.contract.read_text("utf-8"), "contract")
    another_hand(document)
    bump = real_project.root / "bump.json"
    bump.write_text(json.dumps(document), "utf-8")

    done = real_project.regenerate("--spec", str(bump))

    # KycPackage has no class, and is renamed without a trace; its overlay action has a second way.
    assert done.code == 3, done.err
    assert set(sections(done.out)) == {RENAMED}, done.out
    assert "GateSession -> GateSessionResponse" in sections(done.out)[RENAMED]
    assert "createSession -> sessionsController_createSession" in sections(done.out)[RENAMED]
    models = models_of(client_of(real_project))
    request = models.ApiCreateSessionRequest(
        Decimal(1), "EUR", "https://shop.example", kyc_package={"passport": "canary"}
    )
    assert "canary" not in repr(request)
    shutil.copytree(real_project.generated / "zerogate_api", adopted / "another_hand")


def test_the_whole_contract_written_out_in_its_places_is_read_like_ours(real_project, client_of):
    document = source.parse(real_project.contract.read_text("utf-8"), "contract")
    everything_written_out(document)
    bump = real_project.root / "bump.json"
    bump.write_text(json.dumps(document), "utf-8")

    done = real_project.regenerate("--spec", str(bump))

    assert done.code == 3, done.err
    models = models_of(client_of(real_project))
    for name in ("GateSession", "GateSessionList", "CreateSessionRequest", "WebhookDelivery"):
        assert getattr(models, name).__name__ == name
    assert models.GateSessionCompletedEvent.from_dict
