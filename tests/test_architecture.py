"""The rules of the tree: who may import whom, what stays pure, how large the façade may grow."""

from __future__ import annotations

import ast
import io
import subprocess
import sys
import tokenize
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.roots import source_folders

ROOT = Path(__file__).resolve().parent.parent
FACADE = ROOT / "facade" / "zerogate"
APPS = ROOT / "apps"

_IMPURE = {"time", "random", "secrets", "uuid", "socket", "asyncio", "httpx", "ssl", "os"}
#: The default of one argument each, so that the caller need not name the usual source.
_DEFAULTS = {"_idempotency/keys.py": {"secrets"}, "webhooks/_signatures.py": {"time"}}
#: Decide, and only decide: everything they need is passed in.
PURE = [
    "money.py",
    "_amounts.py",
    "errors.py",
    "_reconciliation/expectations.py",
    "_reconciliation/judging.py",
    "_reconciliation/kinds.py",
    "_reconciliation/orders.py",
    "_reconciliation/rails.py",
    "_reconciliation/reasons.py",
    "_reconciliation/records.py",
    "_reconciliation/sessions.py",
    "_reconciliation/timelines.py",
    "_reconciliation/whose.py",
    "_reconciliation/session_history.py",
    "_idempotency/keys.py",
    "_idempotency/retries.py",
    "_pagination.py",
    "_validation.py",
    "_collaborators.py",
    "_idempotency/attempts.py",
    "intents.py",
    "sought.py",
    "decisions.py",
    "journal.py",
    "listings.py",
    "store_loss.py",
    "store_walks.py",
    "statements.py",
    "_idempotency/identity.py",
    "_idempotency/terms.py",
    "_idempotency/answers.py",
    "_contract_drift.py",
    "_reconciliation/quote_checks.py",
    "_strict_json.py",
    "webhooks/_signatures.py",
    "_wire/bodies.py",
    "_wire/operations.py",
    "_wire/responses.py",
]
#: How many statements each part may have; where the line is to be: docs/decisions/23-size-of-the-facade.md.
LIMITS = {"facade": 4_600, "transport": 1_220, "store": 2_400}
#: What a tool writes.
_WRITTEN = ("_sync/", "_transport/sync_connections.py")
_STORE = {
    "stores.py",
    "databases.py",
    "erasing.py",
    "statements.py",
    "drivers.py",
    "sealing.py",
    "intents.py",
    "sought.py",
    "decisions.py",
    "journal.py",
    "_async/storing.py",
    "_async/writing.py",
    "_async/recovering.py",
    "listings.py",
    "store_loss.py",
    "store_walks.py",
    "_async/journal.py",
    "_async/search.py",
    "_async/store_loss.py",
}


def _modules(folder: Path) -> list[Path]:
    return sorted(folder.rglob("*.py"))


def _imports(path: Path) -> Iterator[str]:
    """Absolute names of what a module imports, relative imports resolved."""
    parts = [*path.relative_to(_root_of(path)).with_suffix("").parts]
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = parts[: len(parts) - node.level] if node.level else []
            stem = ".".join([*base, *([node.module] if node.module else [])])
            yield stem
            yield from (f"{stem}.{alias.name}" for alias in node.names)


def _root_of(path: Path) -> Path:
    return next(folder for folder in source_folders() if folder in path.parents)


def _importers(folder: Path, names: tuple[str, ...]) -> set[str]:
    return {
        path.relative_to(folder).as_posix()
        for path in _modules(folder)
        for found in _imports(path)
        if found.split(".")[0] in names
    }


def test_only_the_wire_and_the_table_of_types_know_the_generated_client() -> None:
    found = _importers(FACADE, ("zerogate_api",))
    assert {name for name in found if not name.startswith("_wire/")} == {"types.py"}


def test_only_http_knows_h11_and_httpx() -> None:
    found = _importers(FACADE, ("h11", "httpcore", "httpx"))
    assert found
    assert all(name.startswith("_transport/") for name in found), found


def test_the_transport_knows_nothing_of_gate() -> None:
    for path in _modules(FACADE / "_transport"):
        found = {name for name in _imports(path) if name.split(".")[0].startswith("zerogate")}
        assert all(name.startswith("zerogate._transport") for name in found), path


def test_only_the_async_half_its_connections_and_what_serves_both_halves_say_async_def() -> None:
    allowed = {
        "_compat.py",
        "_frames.py",
        "_transport/async_connections.py",
        "_transport/waiting.py",
        "_transport/steps.py",
    }
    for path in _modules(FACADE):
        name = path.relative_to(FACADE).as_posix()
        if name in allowed or name.startswith("_async/"):
            continue
        tree = ast.parse(path.read_text("utf-8"))
        assert not any(isinstance(n, ast.AsyncFunctionDef) for n in ast.walk(tree)), name


@pytest.mark.parametrize("name", PURE)
def test_a_pure_module_imports_no_clock_no_socket_and_no_randomness(name: str) -> None:
    found = {imported.split(".")[0] for imported in _imports(FACADE / name)}
    assert found & _IMPURE <= _DEFAULTS.get(name, set())


def test_the_facade_imports_no_app() -> None:
    apps = tuple(path.name for path in APPS.glob("*/zerogate_*"))
    assert "zerogate_sandbox" in apps
    assert not _importers(FACADE, apps)


def test_the_sandbox_is_an_independent_opinion_and_imports_nothing_of_ours() -> None:
    found = _importers(
        APPS / "sandbox" / "zerogate_sandbox", ("zerogate", "zerogate_api", "zerogate_cli")
    )
    # A test plugin hands out clients; it makes them when asked and decides nothing.
    assert found <= {"pytest_plugin.py"}


def _statements(path: Path) -> int:
    """Hand-written lines as they count here: one a statement, however the formatter breaks it; no prose."""
    count, line = 0, []
    for token in tokenize.generate_tokens(io.StringIO(path.read_text("utf-8")).readline):
        if token.type == tokenize.NEWLINE:
            count += [kind for kind in line if kind != tokenize.STRING] != []
            line = []
        elif token.type not in _LAYOUT:
            line.append(token.type)
    return count


_LAYOUT = {tokenize.COMMENT, tokenize.NL, tokenize.INDENT, tokenize.DEDENT}


def test_the_facade_stays_thin() -> None:
    counted = dict.fromkeys(LIMITS, 0)
    for path in _modules(FACADE):
        name = path.relative_to(FACADE).as_posix()
        if not name.startswith(_WRITTEN):
            apart = "transport" if name.startswith("_transport/") else "facade"
            counted["store" if name in _STORE else apart] += _statements(path)
    assert all(counted[part] < limit for part, limit in LIMITS.items()), counted


def test_every_module_says_in_its_first_line_what_it_knows() -> None:
    for folder in (FACADE, APPS, ROOT / "openapi", ROOT / "tests"):
        for path in _modules(folder):
            if not path.read_text("utf-8").strip():
                continue
            said = ast.get_docstring(ast.parse(path.read_text("utf-8"))) or ""
            assert said.split("\n")[0].strip(), path.relative_to(ROOT)


def test_a_call_of_the_sync_half_loads_no_event_loop() -> None:
    script = (
        "import sys, zerogate; "
        "gate = zerogate.Gate('sk_test_nothing0001', base_url='http://127.0.0.1:1/v1', timeout=1, "
        "retries=zerogate.RetryPolicy(attempts=1))\n"
        "try: gate.sessions.retrieve('gs_1')\n"
        "except zerogate.NotSent: print('asyncio' in sys.modules)"
    )
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "False"


def test_importing_the_facade_loads_no_network_library_and_no_model() -> None:
    script = (
        "import sys, zerogate; "
        "print([m for m in ('httpx', 'h11', 'asyncio', 'ssl', 'zerogate_api', 'zerogate_api.models')"
        " if m in sys.modules])"
    )
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert ast.literal_eval(ran.stdout) == []
