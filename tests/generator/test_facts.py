"""API.md: a line for each fact, that reads as a sentence and can be read back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openapi.regenerate.facts import DEFAULT, DEPRECATED, Fact, read_back, read_line
from openapi.regenerate.refused import Refused

WORDS = st.from_regex(r"[A-Za-z][A-Za-z0-9_]{0,12}", fullmatch=True)
TYPES = st.sampled_from(
    ["string", "decimal", "date-time", "GateSession", "list of GateSession", '"a, required"', "object",
     "string or list of string", 'list of (string {"minLength": 1})', "list of (Flow or null)"]
)  # fmt: skip
LIMITS = st.dictionaries(
    st.sampled_from(["minimum", "pattern", "maxLength"]),
    st.integers() | st.sampled_from(["^[a-z]{2}$", '{"', "}, required", 'x", optional']),
)
NOTES = st.lists(st.sampled_from([DEPRECATED, f'{DEFAULT}"a, b"', f"{DEFAULT}10"]), max_size=2)


@given(
    st.builds(
        Fact,
        kind=st.sampled_from(["field", "parameter", "body"]),
        name=st.builds(".".join, st.tuples(WORDS, WORDS)),
        type=TYPES,
        null=st.booleans(),
        limits=LIMITS,
        required=st.booleans(),
        notes=NOTES.map(tuple),
    )
)
def test_every_line_can_be_read_back(fact):
    assert read_line(str(fact)) == fact


def test_the_lines_of_a_file_are_sorted_and_can_be_read_back(project):
    lines = [
        line for line in project.api_md if line.partition(" ")[0] in ("field", "enum", "event")
    ]

    assert lines == sorted(lines)
    api_md = (project.generated / "API.md").read_text("utf-8")
    read = [str(fact) for fact in read_back(api_md)]
    assert read == api_md.partition("```text\n")[2].removesuffix("```\n").splitlines()


@pytest.mark.parametrize(
    "line",
    [
        'body createSession: CreateSessionRequest, required',
        'enum SessionStatus "open"',
        "event gate_session.completed: GateSessionCompletedEvent",
        "field CreatedGateSession.client_secret: password, optional",
        "field GateSession.amount: decimal, required",
        "field GateSession.fee: decimal or null, required",
        "field GateSession.flow: Flow or null, required",
        "field GateSession.metadata: object, optional",
        'field GateSession.object: "gate_session", required',
        "field GateSessionList.data: list of GateSession, required",
        "operation listSessions: GET /gate_sessions, tag sessions, key secretKey, answers 200 5XX",
        "parameter createSession header Idempotency-Key: string, required",
        'parameter listSessions query limit: integer {"minimum": 1, "maximum": 100}, optional, '
        "server default 10",
        "response createSession 201: CreatedGateSession",
    ],
)  # fmt: skip
def test_the_small_contract_says(project, line):
    assert line in project.api_md


def test_a_line_that_is_no_fact_is_refused():
    with pytest.raises(Refused, match="restore the file from git"):
        read_line("field GateSession.amount")
