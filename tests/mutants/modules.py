"""Modules whose small changes are tried, each with the tests that have to notice them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import attrs


@attrs.frozen
class Module:
    """A module by its name and file. tests: Files, the nearest first."""

    name: str
    path: str
    tests: tuple[str, ...]


def _facade(name: str, *tests: str) -> Module:
    path = name.replace(".", "/")
    return Module(f"zerogate.{name}", f"facade/zerogate/{path}.py", tests)


def _store(name: str, *tests: str) -> Module:
    path = name.replace(".", "/")
    return Module(f"zerogate_store.{name}", f"apps/store/zerogate_store/{path}.py", tests)


def _ledger(name: str, *tests: str) -> Module:
    return Module(f"zerogate_ledger.{name}", f"apps/ledger/zerogate_ledger/{name}.py", tests)


_CLIENT: Final = (
    *("tests/client/_async/test_writes.py", "tests/client/_async/test_answers.py"),
    "tests/client/_async/test_proven_answers.py",
)
MODULES: Final[Mapping[str, Module]] = {
    "money": _facade(
        "money",
        *("tests/facade/test_money.py", "tests/facade/test_money_vectors.py"),
        "tests/facade/test_mistakes.py",
    ),
    "amounts": _facade("_amounts", "tests/facade/test_amounts.py", "tests/facade/test_money.py"),
    "signatures": _facade(
        "webhooks._signatures",
        *("tests/webhooks/test_signatures.py", "tests/webhooks/test_secrets.py"),
        *("tests/webhooks/test_signing.py", "tests/webhooks/test_forms.py"),
        *("tests/webhooks/test_strangers.py", "tests/webhooks/test_events.py"),
    ),
    "keys": _facade("_idempotency.keys", "tests/facade/test_keys.py"),
    "identity": _facade("_idempotency.identity", "tests/facade/test_identity.py"),
    "terms": _facade("_idempotency.terms", "tests/facade/test_terms.py", *_CLIENT),
    "retries": _facade(
        "_idempotency.retries",
        *("tests/facade/test_retries.py", "tests/facade/test_server_clock.py"),
        "tests/facade/test_storms.py",
    ),
    "attempts": _facade("_idempotency.attempts", "tests/facade/test_attempts.py", *_CLIENT),
    "answers": _facade("_idempotency.answers", "tests/facade/test_answers.py"),
    "outcomes": _facade(
        "_reconciliation.sessions",
        *("tests/facade/test_outcomes.py", "tests/facade/test_outcome_figures.py"),
        "tests/facade/test_outcome_truth.py",
    ),
    "decisions": _store(
        "_journal.decisions",
        *("tests/store/test_intent_results.py", "tests/store/test_journal_decisions.py"),
    ),
    "exact": _ledger("exact", "tests/ledger/test_exact.py"),
    "controls": _ledger("controls", "tests/ledger/test_exact.py"),
}
