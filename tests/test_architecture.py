"""The rules of the tree: who may import whom, what stays pure, how large the façade may grow."""

from __future__ import annotations

import ast
import io
import json
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
STORE = APPS / "store" / "zerogate_store"

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
    "_mistakes/collaborators.py",
    "_mistakes/misuse.py",
    "_idempotency/attempts.py",
    "_reconciliation/list_search.py",
    "_durability.py",
    "_idempotency/identity.py",
    "_idempotency/terms.py",
    "_idempotency/answers.py",
    "_contract_drift.py",
    "_reconciliation/quote_checks.py",
    "_strict_json.py",
    "webhooks/_signatures.py",
    "_wire/bodies.py",
    "_wire/names.py",
    "_wire/operations.py",
    "_wire/responses.py",
]
#: How many statements each part may have; where the line is to be: docs/decisions/23-size-of-the-facade.md.
LIMITS = {"facade": 5_216, "transport": 950, "httpx": 235, "mistakes": 360, "store": 5_517}
#: Folders of the façade that have a limit of their own.
_PARTS = ("transport", "httpx", "mistakes")
#: What a tool writes.
_WRITTEN = ("_sync/", "_transport/sync_connections.py")
#: Decide, and only decide, in the store's package; what waits stands in its `_async/`.
PURE_STORE = ("_journal/", "_inbox/contents.py", "_inbox/event_rows.py", "_inbox/ordering.py")
PURE_STORE += ("_inbox/payment_state.py", "_inbox/quarantine.py", "_inbox/records.py")
PURE_STORE += ("_inbox/backoff.py", "_inbox/statements.py", "_inbox/steps.py", "_erasing.py")
#: What of the façade the store may import: what is public, the seam, and what both have to decide alike.
OPEN_TO_THE_STORE = {
    "zerogate",
    "zerogate.errors",
    "zerogate.money",
    "zerogate.types",
    "zerogate.webhooks",
    # The seam, and the records that cross it.
    "zerogate._async.seam",
    "zerogate._durability",
    "zerogate._protocols",
    # One way to look, to cancel, to wait and to tell.
    "zerogate._async.search",
    "zerogate._async.sessions",
    "zerogate._compat",
    "zerogate._async.rails",
    "zerogate._holds",
    "zerogate._literals",
    "zerogate._mistakes.misuse",
    "zerogate._clocks",
    "zerogate._bulk",
    "zerogate._frames",
    "zerogate._observers",
    "zerogate._pagination",
    "zerogate._transport.deadline",
    "zerogate._transport.thrown",
    # Decisions of the card's words.
    "zerogate._idempotency.answers",
    "zerogate._idempotency.attempts",
    "zerogate._idempotency.identity",
    "zerogate._idempotency.keys",
    "zerogate._idempotency.send_failures",
    "zerogate._idempotency.terms",
    "zerogate._reconciliation",
    "zerogate._reconciliation.list_search",
    "zerogate._reconciliation.quote_checks",
    "zerogate._reconciliation.session_history",
    "zerogate._validation",
    "zerogate._wire.bodies",
    "zerogate._wire.models",
    "zerogate._wire.operations",
    "zerogate.webhooks._events",
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


def test_only_the_transport_knows_h11_and_only_the_adapters_know_httpx() -> None:
    found = _importers(FACADE, ("h11", "httpcore"))
    assert found
    assert all(name.startswith("_transport/") for name in found), found
    assert _importers(FACADE, ("httpx", "httpx2")) == {"_httpx/transports.py"}


def test_the_adapters_know_the_transport_and_nothing_else_of_ours() -> None:
    for path in _modules(FACADE / "_httpx"):
        found = {name for name in _imports(path) if name.split(".")[0].startswith("zerogate")}
        assert all(name.startswith(("zerogate._transport", "zerogate._httpx")) for name in found), (
            path
        )


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


def test_the_store_imports_of_the_facade_what_is_open_to_it() -> None:
    found = {
        name.replace("._sync", "._async")
        for path in _modules(STORE)
        for name in _imported_modules(path)
        if name.split(".")[0] == "zerogate"
    }
    assert found <= OPEN_TO_THE_STORE
    assert OPEN_TO_THE_STORE - found <= {"zerogate"}, "the list opens more than is used"


def _imported_modules(path: Path) -> Iterator[str]:
    """Return the modules that one imports, without the names that it takes from them."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and not node.level and node.module:
            inner = [f"{node.module}.{alias.name}" for alias in node.names]
            found = [one for one in inner if _file_of(one) is not None]
            yield from found
            if len(found) < len(inner):
                yield node.module


def _file_of(module: str) -> Path | None:
    path = FACADE.parent / module.replace(".", "/")
    return next(
        (one for one in (path.with_suffix(".py"), path / "__init__.py") if one.exists()), None
    )


def test_what_decides_in_the_store_imports_no_clock_no_socket_and_no_randomness() -> None:
    pure = [p for p in _modules(STORE) if p.relative_to(STORE).as_posix().startswith(PURE_STORE)]
    assert len(pure) >= len(PURE_STORE)
    for path in pure:
        assert not {name.split(".")[0] for name in _imports(path)} & _IMPURE, path


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
    """Hand-written lines as they count here: one a statement, however the formatter breaks it.

    No prose counts, nor the `...` that follows it where a Protocol has no body.
    """
    count, line = 0, []
    for token in tokenize.generate_tokens(io.StringIO(path.read_text("utf-8")).readline):
        if token.type == tokenize.NEWLINE:
            count += line not in ([], ["..."])
            line = []
        elif token.type not in _LAYOUT:
            line.append(token.string)
    return count


_LAYOUT = {tokenize.COMMENT, tokenize.NL, tokenize.INDENT, tokenize.DEDENT, tokenize.STRING}


def test_the_facade_stays_thin() -> None:
    counted = dict.fromkeys(LIMITS, 0)
    for path in _modules(FACADE):
        name = path.relative_to(FACADE).as_posix()
        if not name.startswith(_WRITTEN):
            folder = name.partition("/")[0].removeprefix("_")
            counted[folder if folder in _PARTS else "facade"] += _statements(path)
    counted["store"] = sum(
        _statements(path) for path in _modules(STORE) if "_sync" not in path.parts
    )
    assert all(counted[part] < limit for part, limit in LIMITS.items()), counted


#: Lines that a shipped module may have.
LONGEST = 400
#: Longer ones: a state machine, which says so, and a table of routes; the others know two things yet and are
#: to be split by them. A first line of each function is among these lines.
LONGER = {
    "store/zerogate_store/_journal/intents.py": 430,
    "store/zerogate_store/_async/writing.py": 470,
    "store/zerogate_store/_async/store_loss.py": 440,
    "store/zerogate_store/_async/recovery.py": 410,
    "store/zerogate_store/_inbox/steps.py": 460,
    "sandbox/zerogate_sandbox/sandbox.py": 440,
    "sandbox/zerogate_sandbox/interfaces/admin_api.py": 420,
}


def test_no_shipped_module_is_longer_than_a_reader_holds() -> None:
    lengths = {
        path.relative_to(folder).as_posix(): len(path.read_text("utf-8").splitlines())
        for folder in (FACADE, APPS)
        for path in _modules(folder)
        if "_sync" not in path.parts and not path.name.startswith("sync_")
    }
    assert len(lengths) > 200
    assert {n: lines for n, lines in lengths.items() if lines > LONGER.get(n, LONGEST)} == {}


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


def _loaded_by(script: str) -> dict[str, int]:
    """Return which of our modules a program loads, and how many bytes of source each has."""
    ours = "{n: m.__file__ for n, m in sys.modules.items() if n.startswith('zerogate')}"
    told = subprocess.run(
        [sys.executable, "-c", f"import json, sys\n{script}\nprint(json.dumps({ours}))"],
        capture_output=True,
        text=True,
        check=True,
    )
    return {name: Path(file).stat().st_size for name, file in json.loads(told.stdout).items()}


@pytest.mark.parametrize(
    ("script", "modules", "kilobytes"),
    [
        ("import zerogate", 105, 594),
        ("import zerogate; zerogate.Gate('sk_test_nothing0001')", 117, 648),
        ("import zerogate; zerogate.AsyncGate('sk_test_nothing0001')", 117, 648),
    ],
    ids=["import zerogate", "a client", "an async client"],
)
def test_what_a_client_without_a_store_loads_is_counted(
    script: str, modules: int, kilobytes: int
) -> None:
    """Raising either number needs a line in docs/decisions/23-size-of-the-facade.md."""
    loaded = _loaded_by(script)
    assert not {name for name in loaded if name.split(".")[0] != "zerogate"}
    assert len(loaded) <= modules
    # How long the vendor's names are is not ours: what is written in them is left out.
    for named_by_the_vendor in ("names", "operations"):
        del loaded[f"zerogate._wire.{named_by_the_vendor}"]
    assert sum(loaded.values()) <= kilobytes * 1_000


@pytest.mark.parametrize(
    ("script", "is_loaded"),
    [
        ("import zerogate_store", False),
        ("from zerogate_store import RateLimiter; RateLimiter(rate=1000).acquire()", False),
        ("from zerogate_store import AsyncInbox, Inbox, Store", False),
        ("from zerogate_store import Store; Store('sqlite:///gate.db')", True),
    ],
    ids=["the package", "a limiter of one process", "its names", "a store"],
)
def test_only_a_store_that_is_made_loads_sqlalchemy(script: str, is_loaded: bool) -> None:
    ran = subprocess.run(
        [sys.executable, "-c", f"import sys\n{script}\nprint('sqlalchemy' in sys.modules)"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert ran.stdout.strip() == str(is_loaded)


def test_importing_the_facade_loads_no_network_library_and_no_model() -> None:
    script = (
        "import sys, zerogate; "
        "print([m for m in ('httpx', 'h11', 'asyncio', 'ssl', 'zerogate_api', 'zerogate_api.models')"
        " if m in sys.modules])"
    )
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert ast.literal_eval(ran.stdout) == []
