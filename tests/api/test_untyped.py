"""No public signature says Any without a reason, which stands here beside what it is the reason of."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

SURFACE = Path(__file__).resolve().parents[2] / "docs" / "api" / "surface"

#: What a signature may say, as a pattern → why it has no narrower type.
REASONS = {
    r"(metadata|kyc_package): Mapping\[str, Any\]": "JSON of the partner's own",
    r"retrieve_raw\(.* -> (async )?dict\[str, Any\]": "JSON as Gate wrote it, before any model",
    r"raw_pages\(self\) -> (async Async)?Iterator\[Page\[dict\[str, Any\]\]\]": "JSON as Gate wrote it",
    r"UnreadableRow\.raw: Any": "what stands in the place of a row, of any kind",
    r"raw: Any = None": "JSON as Gate wrote it, or nothing",
    r"UnknownEvent\(_Event\[str, Mapping\[str, Any\]\]\)": "JSON that no contract of ours describes",
    r"JournalEntry\.context: dict\[str, Any\]": "arguments of an error, each of its own kind",
    r"\*\*(context|known): Any": "arguments of an error, passed on to GateError, which types them",
    r"session: Any = None": "a session as it was read or made, whose models load late",
    r"connection: Any\b": "SQLAlchemy's, Django's or a DB-API connection: they share no type",
    r"headers: Any": "a mapping or pairs, of text or bytes, a Lambda event or an ASGI scope",
    r"from_env\(.*\*\*options: Any": "the arguments of the client, which types them",
    r"outcome\(.*\*\*options: Any": "the arguments of gate.reconcile, which types them",
    r"(resolve|send)\(.* -> (async )?Any$": "the record that the write has made, whichever it was",
    r"__get_pydantic_core_schema__\(.*": "Pydantic's protocol, which is not installed here",
    r"Coroutine\[Any, Any, (Reply|None)\]": "what a coroutine yields nobody reads",
    r"handle_async_request\(.* -> Any": "a coroutine, which both checkers name differently",
    r"transport: Any": "of httpx or httpx2, or one with a send: neither is imported to name it",
    r"EventContext\.(record|quote|session): Any": "the record of the event's kind, or None",
    r"EventContext\.terms: Mapping\[str, Any\]": "arguments of reconcile, each of its own kind",
    r"EventContext\.transactions: Sequence\[Any\]": "transactions, or the rows of a list that do not fit",
    r"Work\.handler: Callable\[\[EventContext\], Any\]": "whatever a handler returns is ignored",
    r"Work\.transaction: Callable\[\[\], Any\]": "a context manager of Django's or of SQLAlchemy's",
    r"(con|ledger|transactions): Any": "of Ibis, which ships no types",
    r"sessions: Any \|": "of Ibis, which ships no types",
    r"Mirror\.table\(.* -> Any": "of Ibis, which ships no types",
    r"embedded\(.* -> Iterator\[Any\]": "of Ibis, which ships no types",
    r"Findings\.rows\(self\) -> Iterator\[dict\[str, Any\]\]": "columns of text, numbers and times",
    r"GateSource\.retrieve\(.*Mapping\[str, Any\]": "JSON as Gate wrote it",
    r"write_report\(.*": "the parts of a report, as JSON",
    r"Facts\.(profile|store): Mapping\[str, Any\]": "the sandbox's and the store's own arguments",
    r"Sandbox\.\w+\(.* -> (list\[)?dict\[str, Any\]\]?$": "JSON, as Gate would write it",
    r"Sandbox\.(account|fail|pay|pay_twice|start)\(.*\*\*(settings|choice): Any": "fields, or a choice",
    r"Sandbox\.restore\(self, snapshot: dict\[str, Any\]\)": "JSON that Sandbox.snapshot gave",
    r"profile: str \| Profile \| Mapping\[str, Any\]": "switches of a profile, each of its own kind",
    r"Recorder\.send\(.* -> Any": "the reply of whatever transport is recorded",
    r"Webhooks\.to\(self, receiver: Any": "an app of ASGI or WSGI, or a function",
}


def lines() -> list[str]:
    return [
        line
        for path in sorted(SURFACE.glob("*.txt"))
        for line in path.read_text("utf-8").splitlines()
    ]


def unexplained(line: str) -> str:
    """What is left of a line without all that has a reason."""
    for pattern in REASONS:
        line = re.sub(pattern, "", line)
    return line


def test_every_any_of_the_surface_has_its_reason() -> None:
    said = [line for line in lines() if re.search(r"\bAny\b", line)]
    assert len(said) > 50
    assert [line for line in said if re.search(r"\bAny\b", unexplained(line))] == []


@pytest.mark.parametrize("pattern", REASONS)
def test_no_reason_outlives_what_it_explains(pattern: str) -> None:
    assert any(
        re.search(r"\bAny\b", found[0]) for line in lines() if (found := re.search(pattern, line))
    )
