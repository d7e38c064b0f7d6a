"""Whatever is wrong with a contract: one clear line each, exit code 2, and nothing written."""

import copy
import http.server
import json
import shutil
import tempfile
import threading
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from openapi.regenerate import source

from .conftest import Project

BROKEN = {
    "empty": ("", "empty; expected an OpenAPI 3.1 document"),
    "not YAML": ("paths: [", "not YAML: line 2"),
    "a tab": ("openapi: 3.1.0\npaths:\n\t/x: {}\n", "not YAML: line 3"),
    "text only": ("hello", "not YAML or JSON with an object at the top (it reads as str)"),
    "a list": ("- openapi: 3.1.0\n", "(it reads as list)"),
    "JSON cut short": ('{"openapi": "3.1.0", ', "not JSON"),
    "NaN in JSON": ('{"openapi": NaN}', "NaN is not a JSON number"),
    "infinity in YAML": ("openapi: .inf\n", ".inf is not a number JSON can hold"),
    "duplicate key": (
        "openapi: 3.1.0\ninfo:\n  title: a\n  title: b\n",
        "line 4: key 'title' is given twice; keep one",
    ),
    "duplicate key in JSON": (
        '{"openapi": "3.1.0", "openapi": "3.1.1"}',
        "key 'openapi' is given twice",
    ),
    "a key that is no text": ("openapi: 3.1.0\n? [a, b]\n: c\n", "a mapping key must be text"),
    "an alias within itself": ("openapi: &a\n  b: *a\n", "write out its aliases"),
    "nested too deeply": ("a: " + "[" * 200_000, "nested more than 100 deep"),
    "nested too deeply in JSON": ('{"a": ' + "[" * 200_000, "nested too deeply"),
    "a bomb of aliases": (
        "a: &a [x, x, x, x, x, x, x, x, x]\n"
        + "".join(f"{b}: &{b} [{', '.join([f'*{a}'] * 9)}]\n" for a, b in pairwise("abcdefghi")),
        "expands to over 1,000,000 values; write out its aliases",
    ),
    "python in YAML": ("openapi: !!python/object/apply:os.system [ls]\n", "not YAML: line 1"),
    "Swagger": ('swagger: "2.0"\n', "Swagger 2.0, not OpenAPI 3.1; ask for the 3.1 document"),
    "3.0": ("openapi: 3.0.3\n", "OpenAPI 3.0.3, not 3.1: nullable"),
    "3.2": ("openapi: 3.2.0\n", "OpenAPI 3.2.0, not 3.1; only 3.1 is understood"),
    "version as a number": (
        "openapi: 3.1\n",
        '`openapi: 3.1` is a number; write "3.1.0" in quotes',
    ),
    "no openapi": ("info: {}\n", "no `openapi` key at the top"),
    "AsyncAPI": ("asyncapi: 2.6.0\n", "no `openapi` key at the top"),
    "no paths": (
        'openapi: 3.1.0\ninfo: {title: t, version: "1"}\npaths: {}\n',
        "no `paths`: there is nothing to call",
    ),
}

ALTERED = {
    "unquoted date version": (
        'version: "2026-05-25"',
        "version: 2026-05-25",
        'info.version 2026-05-25 is a date to YAML readers; write it in quotes: "2026-05-25"',
    ),
    "version as a number": ('version: "2026-05-25"', "version: 1.0", "info.version is 1.0; write"),
    "reference to nothing": (
        'data: { $ref: "#/components/schemas/GateSession" }',
        'data: { $ref: "#/components/schemas/Sesion" }',
        "$ref '#/components/schemas/Sesion' points to nothing; define it, or correct the name",
    ),
    "reference out of the file": (
        'data: { $ref: "#/components/schemas/GateSession" }',
        'data: { $ref: "other.yaml#/GateSession" }',
        "$ref 'other.yaml#/GateSession' leads out of the file; bundle the contract",
    ),
    "reference to itself": (
        "    Error:\n",
        '    Loop: { $ref: "#/components/schemas/Loop" }\n    Error:\n',
        "$ref '#/components/schemas/Loop' leads back to itself",
    ),
    "duplicate operationId": (
        "operationId: retrieveSession",
        "operationId: listSessions",
        "operationId 'listSessions' stands at GET /gate_sessions and GET /gate_sessions/{id}",
    ),
    "operationIds with one module": (
        "operationId: retrieveSession",
        "operationId: list_sessions",
        "listSessions and list_sessions both become api/sessions/list_sessions.py",
    ),
    "schemas with one class": (
        "    Error:\n",
        "    gate_session: { type: object, properties: { a: { type: string } } }\n    Error:\n",
        "GateSession and gate_session both become class GateSession",
    ),
    "an operation without responses": (
        '      responses: { "200": { description: Taken. } }',
        "      responses: []",
        "webhooks.gate_session.completed",
    ),
    "an unknown parameter place": (
        "name: Idempotency-Key, in: header",
        "name: Idempotency-Key, in: body",
        "paths./gate_sessions.post.parameters.0",
    ),
    "a path parameter nobody declares": (
        "  /gate_sessions/{id}:",
        "  /gate_sessions/{session}:",
        "Path parameter 'session'",
    ),
    "money as a JSON number": (
        "        currency: { type: string }",
        "        currency: { type: string }\n        fee: { type: number, format: decimal }",
        "CreateSessionRequest.fee is money as a JSON number, which most readers round",
    ),
    "a name with a line break": (
        "        currency: { type: string }",
        '        currency: { type: string }\n        "a\\nfield X.y": { type: string }',
        "has a character that is not printable",
    ),
    "allOf of what cannot be both": (
        "    CreatedGateSession:\n      allOf:\n",
        "    CreatedGateSession:\n      allOf:\n        - { type: string }\n",
        "CreatedGateSession: allOf asks for string and for object; nothing is both",
    ),
    "a parameter without a schema": (
        "      schema: { type: integer, minimum: 1, maximum: 100, default: 10 }",
        "      content: { application/json: { schema: { type: integer } } }",
        "GET /gate_sessions: parameter 'limit' has no schema; give one",
    ),
    "an event without a body": (
        "        content: { application/json: { schema: { $ref: "
        '"#/components/schemas/GateSessionCompletedEvent" } } }',
        "        content: { application/xml: { schema: { type: string } } }",
        "event gate_session.completed: no JSON body under post; describe its payload",
    ),
    "an enum of numbers with a point": (
        "enum: [on_ramp, off_ramp]",
        "enum: [1.5, 2.5]",
        "the generator leaves something out",
    ),
}


@pytest.mark.parametrize(("text", "said"), BROKEN.values(), ids=BROKEN)
@pytest.mark.parametrize("adopting", [False, True], ids=["in place", "adopted"])
def test_what_is_no_contract_is_refused_with_one_line(project, text, said, adopting):
    place = project.root / "other.yaml" if adopting else project.contract
    place.write_text(text, "utf-8")
    before = project.files()

    done = project.regenerate(*(["--spec", str(place)] if adopting else []))

    assert (done.code, done.out) == (2, "")
    assert said in done.err
    assert len(done.err.splitlines()) == 1
    assert project.files() == before


@pytest.mark.parametrize(("old", "new", "said"), ALTERED.values(), ids=ALTERED)
def test_a_contract_that_would_lose_something_is_refused_and_the_place_named(
    project, old, new, said
):
    project.edit(old, new)
    before = project.files()

    done = project.regenerate()

    assert done.code == 2
    assert said in done.err
    assert all(line.startswith("regenerate: ") for line in done.err.splitlines())
    assert project.files() == before


ANYTHING = st.sampled_from([
    None, True, False, 0, 1.5, "", "x", "string", [], {}, [None], [{}], {"x": None}, {"type": "array"},
    {"$ref": "#/components/schemas/GateSession"}, {"$ref": "#/paths"}, {"$ref": 17}, {"enum": []},
    {"enum": [None]}, {"allOf": []}, {"anyOf": [{}]}, {"type": ["string", "null"]}, {"type": []},
    {"properties": {"a": True}}, {"items": False}, {"additionalProperties": False}, {"const": None},
    {"allOf": [{"$ref": "#/components/schemas/GateSession"}, {"properties": {"id": {"type": "integer"}}}]},
])  # fmt: skip


def _places(node: Any, place: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    inside = (
        node.items()
        if isinstance(node, dict)
        else enumerate(node)
        if isinstance(node, list)
        else ()
    )
    for key, value in inside:
        yield (*place, key)
        yield from _places(value, (*place, key))


@settings(max_examples=40, derandomize=True)
@given(data=st.data())
def test_any_alteration_is_taken_or_refused_in_lines_and_what_is_taken_compiles(finished, data):
    document = source.parse((finished / "openapi" / "gate-v1.yaml").read_text("utf-8"), "contract")
    place = data.draw(st.sampled_from(list(_places(document))))
    holder: Any = document
    for key in place[:-1]:
        holder = holder[key]
    if data.draw(st.booleans(), label="removed"):
        del holder[place[-1]]
    else:
        holder[place[-1]] = copy.deepcopy(data.draw(ANYTHING))

    with tempfile.TemporaryDirectory() as folder:
        project = Project(Path(shutil.copytree(finished, Path(folder) / "project")))
        bump = project.root / "bump.json"
        bump.write_text(json.dumps(document), "utf-8")
        before = project.files()

        done = project.regenerate("--spec", str(bump))

        assert done.code in (0, 2, 3)
        if done.code == 2:
            assert all(line.startswith("regenerate: ") for line in done.err.splitlines())
            assert project.files() == before
        for module in project.generated.rglob("*.py"):
            compile(module.read_text("utf-8"), str(module), "exec")


@pytest.mark.parametrize(
    ("place", "said"),
    [
        ("nowhere.yaml", "nowhere.yaml: no such file; give the path or the URL of a contract"),
        (".", ".: cannot be read: Is a directory"),
        (
            "ftp://gate.example/spec.yaml",
            "only http and https can be fetched; or save it as a file",
        ),
        ("http://127.0.0.1:1/spec.yaml", "cannot be fetched"),
        ("http://[::1/spec.yaml", "cannot be fetched"),
    ],
)
def test_a_contract_that_cannot_be_had_is_refused(project, place, said):
    before = project.files()

    done = project.regenerate("--spec", place)

    assert (done.code, done.out) == (2, "")
    assert said in done.err
    assert project.files() == before


def test_bytes_that_are_no_text_are_refused(project):
    project.contract.write_bytes(b"openapi: \xff\xfe\n")

    done = project.regenerate()

    assert (done.code, done.err) == (
        2,
        f"regenerate: {project.contract}: not UTF-8 at byte 9; save it as UTF-8\n",
    )


@pytest.fixture
def address() -> Iterator[str]:
    """Answers /contract.yaml with the small contract and everything else with 404."""
    text = (Path(__file__).parent / "contract.yaml").read_bytes()

    class Pages(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            found = self.path == "/contract.yaml"
            self.send_response(200 if found else 404)
            self.end_headers()
            self.wfile.write(text if found else b"<html>no</html>")

        def log_message(self, *_: object) -> None:
            pass

    server = http.server.HTTPServer(("127.0.0.1", 0), Pages)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_contract_is_adopted_from_an_address(project, address):
    project.edit("[on_ramp, off_ramp]", "[on_ramp, swap]")
    assert project.regenerate().code == 0

    done = project.regenerate("--spec", f"{address}/contract.yaml")

    assert done.code == 3, "it takes a value away"
    assert "[on_ramp, off_ramp]" in project.contract.read_text()
    assert 'enum Flow "off_ramp"' in project.api_md


def test_an_address_that_answers_404_is_refused(project, address):
    before = project.files()

    done = project.regenerate("--spec", f"{address}/gone.yaml")

    assert done.code == 2
    assert "cannot be fetched (HTTP 404)" in done.err
    assert project.files() == before
