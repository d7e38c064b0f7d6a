"""After a bump: what stands by hand and is missing or stale, with the file and the line where to write."""

from __future__ import annotations

import copy
import json
import re
import shutil
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from attrs import frozen

from openapi.regenerate import coverage, factlist, facts, overlay, report, source
from openapi.regenerate.house import Finding, House, house_of
from openapi.regenerate.prepare import prepare
from tests.facade.gaps import ELSEWHERE, METHODS
from tests.facade.test_bump import BUMPS
from tests.generator.test_rehearsals import rename, sections

Document = dict[str, Any]
UNCOVERED, STALE = "not covered by hand yet", "stale, written by hand"
ROWS = "facade/zerogate/_wire/operations.py"
NAMES = "facade/zerogate/_wire/names.py"
SANDBOX = "apps/sandbox/zerogate_sandbox"


def committed(root: Path) -> list[facts.Fact]:
    return facts.read_back((root / "generated/API.md").read_text("utf-8"))


@cache
def house(root: Path) -> House:
    """Our modules; reading them once is enough."""
    return house_of(root)


def unchanged(root: Path) -> list[Finding]:
    """What there is to say when nothing changed."""
    facts_now = committed(root)
    same = report.compare(facts_now, facts_now)
    return coverage.findings(house_of(root), facts_now, facts_now, same)


def test_everything_of_the_committed_contract_is_covered(real_root: Path) -> None:
    assert list(map(str, unchanged(real_root))) == []


def test_methods_and_exceptions_are_those_that_the_tests_of_the_facade_name(
    real_root: Path,
) -> None:
    found = {id: method.name for id, method in coverage.methods(house(real_root)).items()}
    assert found == METHODS
    named = {name: keyword for name, (keyword, _) in ELSEWHERE.items()}
    assert named == coverage.ELSEWHERE


#: An enum of one value in its place is a constant to the generator; of two, it is expected below.
ALIKE = {name: bump for name, bump in BUMPS.items() if name != "an enum in its place"}


@pytest.mark.parametrize(("bump", "line"), ALIKE.values(), ids=ALIKE.keys())
def test_what_turns_the_tests_of_the_facade_red_is_named_here_too(
    real_root: Path, bump: Callable[[Any], object], line: str
) -> None:
    new, names = bumped(real_root, bump)
    found = re.search(r"'(\w+)'|no keyword for (\w+)|^([\w.]+)", line)
    assert found is not None
    thing = next(filter(None, found.groups()))
    told = [
        str(one) for one in coverage.findings(house(real_root), committed(real_root), new, names)
    ]
    assert any(thing in one for one in told), told


def test_a_project_without_a_facade_has_nothing_to_cover(project: Any) -> None:
    assert unchanged(project.root) == []


# --- one alteration each ---------------------------------------------------------------------------


def schema(document: Document, name: str) -> Document:
    found: Document = document["components"]["schemas"][name]
    return found


def sessions(document: Document) -> Document:
    found: Document = document["paths"]["/gate_sessions"]
    return found


def an_operation_more(document: Document) -> None:
    refund = json.loads(json.dumps(document["paths"]["/gate_sessions/{id}/cancel"]["post"]))
    refund["operationId"] = "refundSession"
    path = document["paths"]["/gate_sessions/{id}/cancel"]
    document["paths"]["/gate_sessions/{id}/refund"] = {**path, "post": refund}


def an_operation_less(document: Document) -> None:
    del document["paths"]["/branding"]["patch"]


def an_operation_elsewhere(document: Document) -> None:
    document["paths"]["/eligibility"] = document["paths"].pop("/capabilities/eligibility")


def an_operation_called_otherwise(document: Document) -> None:
    sessions(document)["get"]["operationId"] = "findSessions"


def a_parameter_more(document: Document) -> None:
    new = {"name": "currency_code", "in": "query", "schema": {"type": "string"}}
    sessions(document)["get"]["parameters"].append(new)


def a_field_of_a_request_more(document: Document) -> None:
    schema(document, "CreateSessionRequest")["properties"]["locale"] = {"type": "string"}


def an_amount_more(document: Document) -> None:
    tip = {"type": "string", "format": "decimal"}
    schema(document, "RailPayIn")["properties"]["tip"] = tip


def an_amount_less(document: Document) -> None:
    del schema(document, "Asset")["properties"]["min_amount"]


def a_code_less(document: Document) -> None:
    pay_in = schema(document, "RailPayIn")
    pay_in["properties"]["currency_code"] = pay_in["properties"].pop("currency")
    pay_in["required"] = [name for name in pay_in["required"] if name != "currency"]


def a_status_more(document: Document) -> None:
    schema(document, "RailStatus")["enum"].append("returned")


def a_status_less(document: Document) -> None:
    schema(document, "DeliveryStatus")["enum"].remove("in_flight")


def an_enum_in_its_place(document: Document) -> None:
    tier = {"type": "string", "enum": ["gold", "grey"]}
    schema(document, "Customer")["properties"]["tier"] = tier


def an_event_more(document: Document) -> None:
    document["webhooks"]["rail.pay_in.returned"] = document["webhooks"]["rail.pay_in.failed"]


def an_event_less(document: Document) -> None:
    del document["webhooks"]["quote.consumed"]


def a_model_called_otherwise(document: Document) -> None:
    rename(document, "SignedQuote", "LockedQuote")


@frozen
class Line:
    """A line that is named, and what stands there."""

    path: str
    has: str
    says: str


#: What each comes to: missing, stale.
EXPECTED: dict[Callable[[Document], None], tuple[list[Line], list[Line]]] = {
    an_operation_more: (
        [
            Line(f"{SANDBOX}/routes.py", "}", "the sandbox does not answer refundSession"),
            Line(
                ROWS,
                ")",
                "refundSession (POST /gate_sessions/{id}/refund) has no row: write "
                "Operation('refundSession', 'POST', '/gate_sessions/{id}/refund', "
                "'sessions.refund_session', 'GateSession', …)",
            ),
        ],
        [],
    ),
    an_operation_less: (
        [],
        [
            Line(f"{SANDBOX}/routes.py", '"updateBranding"', "is gone from the contract"),
            Line("facade/zerogate/_async/branding.py", "def update(", "asks updateBranding"),
            Line(ROWS, '"updateBranding"', "is gone from the contract"),
        ],
    ),
    an_operation_elsewhere: (
        [],
        [
            Line(f"{SANDBOX}/routes.py", '"checkEligibility"', "is at GET /eligibility now"),
            Line(ROWS, '"checkEligibility"', "is at GET /eligibility now"),
        ],
    ),
    an_operation_called_otherwise: (
        [],
        [Line(ROWS, '"listSessions"', "write 'sessions.find_sessions'")],
    ),
    a_parameter_more: (
        [
            Line(
                "facade/zerogate/_async/sessions.py",
                "def list(",
                "sessions.list has no keyword for currency_code of listSessions",
            )
        ],
        [],
    ),
    a_field_of_a_request_more: (
        [Line("facade/zerogate/_async/sessions.py", "def create(", "has no keyword for locale")],
        [],
    ),
    an_amount_more: (
        [
            Line("facade/zerogate/_amounts.py", "}", "RailPayIn.tip is an amount and has no unit"),
            Line(f"{SANDBOX}/rails.py", "reference=", "nothing answers RailPayIn.tip"),
        ],
        [],
    ),
    an_amount_less: (
        [],
        [
            Line(
                "facade/zerogate/_amounts.py",
                '("Asset", "min_amount")',
                "no amount of the contract",
            ),
        ],
    ),
    a_code_less: (
        [
            Line(f"{SANDBOX}/rails.py", "reference=", "nothing answers RailPayIn.currency_code"),
        ],
        [
            Line(
                "facade/zerogate/_amounts.py", '("RailPayIn", "amount")', "has no field 'currency'"
            ),
        ],
    ),
    a_status_more: (
        [
            Line(
                "facade/zerogate/_reconciliation",
                "}",
                "RailStatus has 'returned': say what it means",
            )
        ],
        [],
    ),
    a_status_less: (
        [],
        [
            Line(
                "facade/zerogate/_literals.py",
                '"in_flight"',
                "DeliveryStatusName: DeliveryStatus has no 'in_flight'",
            ),
            Line(
                "facade/zerogate/_wire/bodies.py",
                '"in_flight"',
                "DeliveryStatus has no 'in_flight'",
            ),
        ],
    ),
    an_enum_in_its_place: (
        [
            Line("facade/zerogate/types.py", "import", "CustomerTier is answered and has no name"),
            Line(
                "facade/zerogate/_reconciliation", "FLOWS", "what the values of CustomerTier mean"
            ),
            Line(f"{SANDBOX}/customers.py", "country_code", "nothing answers Customer.tier"),
        ],
        [],
    ),
    an_event_more: (
        [
            Line(f"{SANDBOX}/events.py", "EVENT_TYPES", "the event rail.pay_in.returned"),
            Line("facade/zerogate/webhooks/_events.py", "}", "the event rail.pay_in.returned"),
        ],
        [],
    ),
    an_event_less: (
        [],
        [
            Line(f"{SANDBOX}/events.py", '"quote.consumed"', "no event quote.consumed any more"),
            Line(
                "facade/zerogate/webhooks/_events.py", '"quote.consumed"', "no event quote.consumed"
            ),
        ],
    ),
    a_model_called_otherwise: (
        [],
        [
            Line(NAMES, "RENAMED", 'RENAMED: write "LockedQuote": "SignedQuote"'),
            Line("facade/zerogate/types.py", "SignedQuote", "`import LockedQuote as SignedQuote`"),
        ],
    ),
}


def altered(root: Path, alter: Callable[[Document], object]) -> Document:
    document = copy.deepcopy(_contract(root))
    alter(document)
    return document


def bumped(
    root: Path, alter: Callable[[Document], object]
) -> tuple[list[facts.Fact], report.Report]:
    """The facts of an altered contract, and how it differs from ours."""
    actions = source.parse((root / "openapi/overlay.yaml").read_text("utf-8"), "overlay")
    applied = overlay.apply(altered(root, alter), overlay.actions_of(actions, "overlay"))
    new = factlist.facts_of(prepare(applied.document))
    return new, report.compare(committed(root), new)


@cache
def _contract(root: Path) -> Document:
    """Read once: it is four thousand lines."""
    read: Document = source.parse((root / "openapi/gate-v1.yaml").read_text("utf-8"), "contract")
    return read


@pytest.mark.parametrize(
    ("alter", "expected"), EXPECTED.items(), ids=[alter.__name__ for alter in EXPECTED]
)
def test_a_bump_names_every_line_that_is_to_be_written(
    real_root: Path,
    alter: Callable[[Document], None],
    expected: tuple[list[Line], list[Line]],
) -> None:
    new, names = bumped(real_root, alter)

    found = coverage.findings(house(real_root), committed(real_root), new, names)
    # What is read and lost is asked below: how often a name is read is not what this is about.
    found = [one for one in found if ": reads the " not in str(one)]

    for stale, lines in enumerate(expected):
        told = [str(one) for one in found if one.stale == bool(stale)]
        assert len(told) == len(lines), told
        for line in lines:
            assert any(_is(real_root, line, one) for one in told), (line, told)


def _is(root: Path, line: Line, finding: str) -> bool:
    """Whether the finding names this line, and the line says what it should."""
    place = re.match(r"([^:]+):([0-9]+): (.*)", finding)
    assert place is not None, finding
    path, number, text = place[1], int(place[2]), place[3]
    # A noun may be a module today and a folder tomorrow.
    if not path.startswith(line.path.removesuffix(".py")) or line.says not in text:
        return False
    return line.has in (root / path).read_text("utf-8").splitlines()[number - 1]


@pytest.fixture
def whole_project(real_root: Path, project: Any) -> Any:
    """Contract, client, façade and sandbox as they are, to be bumped."""
    shutil.copy(real_root / "openapi/gate-v1.yaml", project.contract)
    shutil.copy(real_root / "openapi/overlay.yaml", project.overlay)
    shutil.rmtree(project.generated)
    skip = shutil.ignore_patterns("__pycache__")
    for folder in ("generated", "facade", SANDBOX):
        shutil.copytree(real_root / folder, project.root / folder, ignore=skip)
    return project


def test_the_command_and_its_summary_name_them(whole_project: Any) -> None:
    bump, summary = whole_project.root / "bump.json", whole_project.root / "summary.md"
    bump.write_text(json.dumps(altered(whole_project.root, a_status_more)), "utf-8")

    done = whole_project.regenerate("--spec", str(bump), "--summary", str(summary))

    assert done.code == 0, done.err
    told = sections(done.out)
    (line,) = told[UNCOVERED]
    assert line.startswith("facade/zerogate/_reconciliation")
    assert STALE not in told
    markdown = summary.read_text("utf-8")
    assert f"### {UNCOVERED} (1)\n\n<details>\n\n- `{line}`\n" in markdown


def test_a_table_under_another_name_in_another_folder_is_found(whole_project: Any) -> None:
    amounts = whole_project.root / "facade/zerogate/_amounts.py"
    moved = whole_project.root / "facade/zerogate/money/units_of_amounts.py"
    moved.parent.mkdir()
    moved.write_text(amounts.read_text("utf-8").replace("UNITS", "UNITS_OF"), "utf-8")
    amounts.unlink()
    new, changed = bumped(whole_project.root, an_amount_less)

    found = coverage.findings(
        house_of(whole_project.root), committed(whole_project.root), new, changed
    )

    assert "facade/zerogate/money/units_of_amounts.py" in {one.path.as_posix() for one in found}


def test_a_table_that_is_made_of_something_else_is_told_not_passed_over(whole_project: Any) -> None:
    amounts = whole_project.root / "facade/zerogate/_amounts.py"
    first = '    ("GateSession", "amount")'
    text = amounts.read_text("utf-8").replace(f"{{\n{first}", f"read() or {{\n{first}")
    amounts.write_text(text, "utf-8")
    (found,) = unchanged(whole_project.root)
    assert "no table says which unit an amount is in" in str(found)


# --- what our code reads, and the contract has lost ------------------------------------------------


def every_list_without_has_more(document: Document) -> None:
    for name, one in document["components"]["schemas"].items():
        if name.endswith("List"):
            one["properties"].pop("has_more", None)
            one["required"] = [field for field in one.get("required", []) if field != "has_more"]


def no_retry_after(document: Document) -> None:
    for response in document["components"]["responses"].values():
        response.get("headers", {}).pop("Retry-After", None)


def no_signature(document: Document) -> None:
    document["components"]["parameters"]["Gate-Signature"]["name"] = "X-Signature"


def another_cursor(document: Document) -> None:
    document["components"]["parameters"]["StartingAfter"]["name"] = "after"


def another_key_header(document: Document) -> None:
    for name in ("IdempotencyKey", "OptionalIdempotencyKey"):
        document["components"]["parameters"][name]["name"] = "X-Idempotency"


def no_conflict(document: Document) -> None:
    del document["paths"]["/gate_sessions/{id}/cancel"]["post"]["responses"]["409"]


def no_reference(document: Document) -> None:
    pay_in = schema(document, "RailPayIn")
    del pay_in["properties"]["reference"]
    pay_in["required"].remove("reference")


LOST: dict[Callable[[Document], None], tuple[str, set[str]]] = {
    every_list_without_has_more: ("has_more", {"zerogate", "zerogate_sandbox", "zerogate_probe"}),
    no_retry_after: ("Retry-After", {"zerogate", "zerogate_sandbox"}),
    no_signature: ("Gate-Signature", {"zerogate", "zerogate_sandbox"}),
    another_cursor: ("starting_after", {"zerogate"}),
    another_key_header: ("Idempotency-Key", {"zerogate", "zerogate_sandbox"}),
    no_conflict: ("409", {"zerogate"}),
    no_reference: ("reference", {"zerogate_store", "zerogate_sandbox"}),
}


@pytest.mark.parametrize(
    ("alter", "name", "packages"),
    [(alter, *row) for alter, row in LOST.items()],
    ids=[alter.__name__ for alter in LOST],
)
def test_what_our_code_reads_and_the_contract_has_lost_is_named_where_it_is_read(
    real_root: Path, alter: Callable[[Document], None], name: str, packages: set[str]
) -> None:
    new, changed = bumped(real_root, alter)

    found = coverage.findings(house(real_root), committed(real_root), new, changed)

    reads = [one for one in found if re.search(f"reads the .* {name}, which ", one.text)]
    assert all(one.stale for one in reads)
    assert packages <= {part for one in reads for part in one.path.parts}
    for one in reads:
        line = (real_root / one.path).read_text("utf-8").splitlines()[one.line - 1]
        plain = name.lower().replace("-", "_")
        assert plain in line.lower().replace("-", "_"), one
