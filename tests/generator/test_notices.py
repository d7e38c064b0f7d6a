"""What is handled by a guess, or not enforced, is said; a contract without such things is silent."""

import json
from typing import Any

import pytest

from openapi.regenerate import source

from .conftest import Project

CURRENCY = "        currency: { type: string }\n"
LIST = "      operationId: listSessions\n"


def told(project: Project) -> list[str]:
    done = project.regenerate()
    assert done.code == 0, done.err
    _, _, listed = done.out.partition("worth a look (")
    return [line[2:] for line in listed.partition("\n\n")[0].splitlines() if line.startswith("  ")]


def test_the_small_contract_has_nothing_to_look_at(project):
    assert told(project) == []


@pytest.mark.parametrize(
    ("field", "said"),
    [
        ("totalToPay: { type: string }", "TotalToPay: looks like money and is plain text"),
        ("network_fee: { type: string }", "NetworkFee: looks like money"),
        ("paid: { type: string, examples: ['49.90'] }", "Paid: looks like money"),
        ("paid: { type: string, pattern: '^[0-9]+(\\.[0-9]+)?$' }", "Paid: looks like money"),
        ("settled_at: { type: string }", "SettledAt: looks like an instant and is plain text"),
        ("settledAt: { type: string }", "SettledAt: looks like an instant"),
    ],
)
def test_text_that_looks_like_more_is_pointed_at(project, field, said):
    project.edit(CURRENCY, f"{CURRENCY}        {field}\n")

    assert [line for line in told(project) if said in line]


@pytest.mark.parametrize(
    "field",
    [
        "settled_at: { type: string, format: date-time }",
        "fee: { type: string, format: decimal }",
        "fee_count: { type: integer }",
        "side: { $ref: '#/components/schemas/Flow' }",
        "creation: { type: string }",
    ],
)
def test_what_says_what_it_is_is_left_alone(project, field):
    project.edit(CURRENCY, f"{CURRENCY}        {field}\n")

    assert told(project) == []


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (
            LIST,
            f"{LIST}      servers: [{{ url: https://other.example }}]\n",
            "/gate_sessions: its `servers` are not generated",
        ),
        (
            LIST,
            LIST + "      callbacks: { paid: { '{$request.body#/url}': { post: { responses: "
            "{ '200': { description: Taken. } } } } } }\n",
            "/gate_sessions: its `callbacks` are not generated",
        ),
        (
            "        - name: status\n          in: query\n",
            "        - name: status\n          in: query\n          explode: false\n",
            "GET /gate_sessions: query status: its style is ignored; lists are sent as repeated names",
        ),
        (
            CURRENCY,
            f"{CURRENCY}        extra: {{ type: object, patternProperties: {{ '^x': {{}} }} }}\n",
            "CreateSessionRequestExtra: `patternProperties` is not enforced",
        ),
    ],
)
def test_what_is_not_generated_or_enforced_is_said(project, old, new, said):
    project.edit(old, new)

    assert told(project) == [said]


def test_an_example_that_does_not_fit_is_named_with_its_place(project):
    document: Any = source.parse(project.contract.read_text("utf-8"), "contract")
    media = document["paths"]["/gate_sessions"]["post"]["requestBody"]["content"][
        "application/json"
    ]
    media["example"] = {"amount": 1.5, "currency": "EUR"}
    project.contract.write_text(json.dumps(document), "utf-8")

    assert told(project) == [
        "createSession body: an example is not valid at amount: 1.5 is not of type 'string'"
    ]


def test_what_was_told_once_is_counted_from_then_on_and_kept_beside_the_lock(project):
    project.edit(CURRENCY, f"{CURRENCY}        network_fee: {{ type: string }}\n")
    (notice,) = told(project)
    assert (project.generated / "notices.txt").read_text("utf-8") == f"{notice}\n"

    project.edit("[on_ramp, off_ramp]", "[on_ramp, off_ramp, swap]")
    done = project.regenerate()

    assert "worth a look" not in done.out
    assert "1 standing notices in generated/notices.txt" in done.out


@pytest.mark.parametrize(
    ("field", "said"),
    [
        (
            'paid: { type: string, description: "A decimal string." }',
            "CreateSessionRequestPaid: its description speaks of a decimal, and its name of no money: say "
            "`format: decimal` or `x-money: false` in the overlay",
        ),
        (
            "rate: { type: string, format: decimal, description: The fee in cents. }",
            "CreateSessionRequestRate: is money, and its description speaks of minor units; which is it?",
        ),
        (
            "api_secret: { type: string }",
            "CreateSessionRequestApiSecret: sounds like a secret and is kept out of the repr: say "
            "`format: password` or `x-secret: false` in the overlay",
        ),
        (
            "quantity: { type: integer, default: many }",
            "CreateSessionRequestQuantity: its default is not valid: 'many' is not of type 'integer'; it is "
            "never sent",
        ),
    ],
    ids=["words of money", "words of other money", "a secret", "a default"],
)
def test_what_somebody_has_to_decide_is_asked(project, field, said):
    project.edit(CURRENCY, f"{CURRENCY}        {field}\n")
    assert told(project) == [said]


@pytest.mark.parametrize(
    "field",
    [
        'paid: { type: string, x-money: false, description: "A decimal string." }',
        "token: { type: string, x-secret: false }",
        "api_secret: { type: string, format: password }",
    ],
)
def test_what_somebody_has_decided_is_not_asked_again(project, field):
    project.edit(CURRENCY, f"{CURRENCY}        {field}\n")
    assert told(project) == []


def test_no_prose_makes_money(project):
    project.edit(
        CURRENCY,
        f"{CURRENCY}        code: {{ type: string, description: Decimal amounts are in it. }}\n",
    )
    project.regenerate()
    assert "field CreateSessionRequest.code: string, optional" in project.api_md
