"""What stands by hand around the generated client, compared with a contract's facts: what is missing
there, and what is stale, each with file and line.

Reads source without importing it: nothing of the façade or the sandbox has to be installed, or to work.
"""

import ast
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from attrs import field, frozen
from openapi_python_client.strings import PythonIdentifier

from .facts import Fact, renamed
from .generate import PREFIX
from .renames import NAME

FACADE = Path("facade/zerogate")
SANDBOX = Path("apps/sandbox/zerogate_sandbox")
HERE = Path("openapi/regenerate/coverage.py")
ROWS = FACADE / "_wire/operations.py"
#: What the façade says by another keyword than the contract's name.
ELSEWHERE = {
    "Idempotency-Key": "idempotency_key",
    "clientSecret": "client_secret",
    "currency": "amount",
    "reference": "order",
}
#: Models that are answered and need no name of ours: envelopes, and what becomes an error.
UNNAMED = re.compile(r".*(List|Event)|Error")
#: (file, table) of what a request may name, or of what an answer's status means → the enum.
ENUMS = {
    (FACADE / "_wire/bodies.py", "FLOWS"): "Flow",
    (FACADE / "_wire/bodies.py", "SIDES"): "Side",
    (FACADE / "_wire/bodies.py", "SESSION_STATUSES"): "SessionStatus",
    (FACADE / "_wire/bodies.py", "DELIVERY_STATUSES"): "DeliveryStatus",
    (FACADE / "outcomes.py", "SESSION_STATUSES"): "SessionStatus",
    (FACADE / "outcomes.py", "RAIL_STATUSES"): "RailStatus",
    (FACADE / "outcomes.py", "QUOTE_STATUSES"): "QuoteStatus",
    (FACADE / "outcomes.py", "FLOWS"): "TransactionAction",
    (FACADE / "guards.py", "HOSTS"): "Mode",
}


@frozen
class Finding:
    """One line that somebody has to write, change or remove. stale: it is there, and wrong."""

    path: Path
    line: int
    text: str
    stale: bool = False

    def __str__(self) -> str:
        return f"{self.path.as_posix()}:{self.line}: {self.text}"


@frozen
class Contract:
    """The facts by what they are about, in the names of our tables.

    places: `GET /gate_sessions/{}` → the operation there.
    names: Our name of a model → the contract's, where that is another.
    known: Every model and enum, in the contract's names.
    """

    places: dict[str, Fact]
    fields: dict[str, dict[str, Fact]]
    enums: dict[str, list[str]]
    events: dict[str, str]
    names: Mapping[str, str]
    known: frozenset[str]
    facts: list[Fact] = field(repr=False)

    def now(self, name: str) -> str:
        """What to write for a model or enum that is called otherwise now."""
        return f"it is {self.names[name]} now" if name in self.names else "the contract has none"

    def of(self, kind: str, owner: str) -> list[Fact]:
        return [fact for fact in self.facts if fact.kind == kind and fact.owner == owner]


Look = Callable[[Path, Contract], Iterator[Finding]]


@frozen
class Source:
    """One module of ours as it is written."""

    root: Path
    path: Path
    tree: ast.Module

    def table(self, name: str) -> ast.expr:
        """What is assigned to a name at the module's top."""
        for node in self.tree.body:
            targets = (
                node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
            )
            if any(isinstance(one, ast.Name) and one.id == name for one in targets):
                value: ast.expr = node.value  # type: ignore[attr-defined]  # both kinds have one
                return value
        raise LookupError(f"{self.path.as_posix()} has no {name} any more")

    def value(self, name: str) -> Any:
        """The same as a value, where it is made of constants."""
        known: dict[str, Any] = {}
        for node in self.tree.body:
            names = [one.id for one in ast.walk(node) if isinstance(one, ast.Name)]
            if isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
                code = compile(ast.Expression(node.value), str(self.path), "eval")
                try:
                    # Constants of our own tree, with nothing but containers in reach.
                    known[names[0]] = eval(code, dict(_CONTAINERS), known)  # noqa: S307  # nosec B307
                except Exception as problem:
                    if names[0] == name:
                        raise LookupError(f"{self.path.as_posix()}: {name}: {problem}") from None
        return known[name]

    def line_of(self, within: ast.AST, text: str) -> int:
        """Where a text stands in a table; the table itself where it is put together."""
        for node in ast.walk(within):
            if isinstance(node, ast.Constant) and node.value == text:
                return node.lineno
        return int(getattr(within, "lineno", 1))


_CONTAINERS = {"__builtins__": {"dict": dict, "tuple": tuple, "frozenset": frozenset, "set": set}}


def findings(root: Path, facts: list[Fact], names: Mapping[str, str]) -> list[Finding]:
    """Everything, sorted by place; nothing where there is no façade to look at.

    names: Old name → new name of what is only called otherwise.
    """
    if not (root / FACADE).is_dir():
        return []
    told = _renamed(root)
    models = {old: new for old, new in names.items() if NAME.fullmatch(old)}
    contract = _contract(facts, {**models, **told})
    found = [one for look in LOOKS for one in _looked(look, root, contract)]
    found += _untold(root, {old: new for old, new in models.items() if told.get(old) != new})
    return sorted(set(found), key=lambda one: (one.path, one.line, one.text))


def _renamed(root: Path) -> dict[str, str]:
    """Our name → the contract's, as the façade knows it already."""
    table = _source(root, ROWS).value("RENAMED")
    return {str(ours): str(theirs) for theirs, ours in table.items()}


def _untold(root: Path, names: Mapping[str, str]) -> Iterator[Finding]:
    """Renamed models that a table of ours still looks for under the old name."""
    tables = ("_wire/operations.py", "amounts.py", "webhooks/events.py", "_wire/bodies.py")
    written = {
        node.value
        for path in (*tables, "_async/storing.py")
        for node in ast.walk(_source(root, FACADE / path).tree)
        if isinstance(node, ast.Constant)
    }
    line = _source(root, ROWS).table("RENAMED").lineno
    for old, new in names.items():
        if old in written or old in ENUMS.values():
            yield Finding(ROWS, line, f'RENAMED: write "{new}": "{old}"', stale=True)


def _looked(look: Look, root: Path, contract: Contract) -> Iterator[Finding]:
    """A table that is not where it was stops no regeneration: it is one thing more to put right."""
    try:
        yield from look(root, contract)
    except (LookupError, OSError, SyntaxError) as problem:
        yield Finding(HERE, 1, f"{problem}: say here where it is now", stale=True)


def _contract(theirs: list[Fact], names: Mapping[str, str]) -> Contract:
    back = {new: old for old, new in names.items()}
    facts = [renamed(fact, back) for fact in theirs]
    fields: dict[str, dict[str, Fact]] = {}
    enums: dict[str, list[str]] = {}
    for fact in facts:
        if fact.kind == "field":
            fields.setdefault(fact.owner, {})[fact.member] = fact
        elif fact.kind == "enum":
            enums.setdefault(fact.owner, []).append(fact.member.strip('"'))
    return Contract(
        places={_place(fact.type): fact for fact in facts if fact.kind == "operation"},
        fields=fields,
        enums=enums,
        events={fact.name: fact.type for fact in facts if fact.kind == "event"},
        names=names,
        known=frozenset(fact.owner for fact in theirs if fact.kind in ("field", "enum")),
        facts=facts,
    )


def _place(where: str) -> str:
    return re.sub(r"\{[^}]*\}", "{}", where)


def _source(root: Path, path: Path) -> Source:
    return Source(root, path, ast.parse((root / path).read_text("utf-8")))


# --- operations: their rows, their methods, their handlers -----------------------------------------


@frozen
class Row:
    """An `Operation(…)` of a table. given: Its arguments, by name."""

    line: int
    given: dict[str, Any]

    @property
    def id(self) -> str:
        return str(self.given["id"])

    @property
    def where(self) -> str:
        return f"{self.given['method']} {self.given['route']}"


def _rows(source: Source, *order: str) -> list[Row]:
    """Every call in the module that makes an operation, however its maker is called."""
    found = []
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Call) and len(node.args) >= 3:
            first = [arg.value for arg in node.args[:3] if isinstance(arg, ast.Constant)]
            if len(first) == 3 and str(first[1]) in _HTTP and str(first[2]).startswith("/"):
                given = dict(zip(order, map(_plain, node.args), strict=False))
                given |= {str(kw.arg): _plain(kw.value) for kw in node.keywords}
                found.append(Row(node.lineno, given))
    return found


_HTTP = ("GET", "PUT", "POST", "DELETE", "PATCH")


def _plain(node: ast.expr) -> Any:
    try:
        return ast.literal_eval(node)
    except ValueError:
        return None


def _of_rows(root: Path, contract: Contract) -> Iterator[Finding]:
    source = _source(root, ROWS)
    rows = _rows(source, "id", "method", "route", "builder", "answer")
    yield from _unrowed(contract, rows, ROWS, _end(source), _row_to_write)
    for row in rows:
        fact = contract.places.get(_place(row.where))
        if fact is not None:
            for wrong, right in _wrong(contract, row, fact):
                yield Finding(ROWS, row.line, f"{row.id}: {wrong}: write {right}", stale=True)


def _end(source: Source) -> int:
    return int(source.table("_ROWS").end_lineno or 1)


def _unrowed(
    contract: Contract, rows: list[Row], path: Path, end: int, told: Callable[..., str]
) -> Iterator[Finding]:
    """Operations without a row, and rows of operations that are gone."""
    there = {_place(row.where) for row in rows}
    ids = {fact.name: fact for fact in contract.places.values()}
    for row in rows:
        if _place(row.where) not in contract.places:
            moved = ids.get(row.id)
            text = f"is at {moved.type} now" if moved else "is gone from the contract"
            yield Finding(path, row.line, f"{row.id} ({row.where}) {text}", stale=True)
            there |= {_place(moved.type)} if moved else set()
    for place, fact in contract.places.items():
        if place not in there:
            yield Finding(path, end, told(contract, fact))


def _row_to_write(contract: Contract, fact: Fact) -> str:
    method, _, route = fact.type.partition(" ")
    has = _answer(contract, fact), _body(contract, fact)
    body = f", body={has[1]!r}" if has[1] else ""
    row = (
        f"Operation({fact.name!r}, {method!r}, {route!r}, {_builder(fact)!r}, {has[0]!r}, …{body})"
    )
    return f"{fact.name} ({fact.type}) has no row: write {row}"


def _wrong(contract: Contract, row: Row, fact: Fact) -> Iterator[tuple[str, str]]:
    """What a row says otherwise than the contract, and what it would have to say."""
    pairs = {
        "builder": _builder(fact),
        "answer": _answer(contract, fact),
        "body": _body(contract, fact),
        "enums": _enums(contract, fact),
    }
    for name, right in pairs.items():
        has = row.given.get(name) or (() if name == "enums" else None)
        if has != right:
            yield f"its {name} is {has!r}", repr(right)
    publishable = any("publishable" in note.lower() for note in fact.notes if note[:4] == "key ")
    if bool(row.given.get("publishable")) != publishable:
        yield f"publishable is {not publishable}", str(publishable)


def _builder(fact: Fact) -> str:
    tag = next(note.removeprefix("tag ") for note in fact.notes if note.startswith("tag "))
    return f"{PythonIdentifier(tag, 'tag')}.{PythonIdentifier(fact.name, PREFIX)}"


def _answer(contract: Contract, fact: Fact) -> str:
    kinds = [one.type for one in contract.of("response", fact.name) if one.member.startswith("2")]
    return kinds[0] if kinds else "nothing"


def _body(contract: Contract, fact: Fact) -> str | None:
    return next((one.type for one in contract.of("body", fact.name)), None)


def _enums(contract: Contract, fact: Fact) -> tuple[tuple[str, str], ...]:
    query = [one for one in contract.of("parameter", fact.name) if one.member.startswith("query ")]
    return tuple((one.member[6:], one.type) for one in query if one.type in contract.enums)


def _of_methods(root: Path, contract: Contract) -> Iterator[Finding]:
    rows = {row.id: row for row in _rows(_source(root, ROWS), "id", "method", "route")}
    asked = methods(root)
    for id, row in rows.items():
        fact, method = contract.places.get(_place(row.where)), asked.get(id)
        if fact is not None and method is None:
            yield Finding(ROWS, row.line, f"{id} has a row, and no method asks it")
        elif fact is None and method is not None:
            text = f"{method.name} asks {id}, which is gone from the contract"
            yield Finding(method.path, method.line, text, stale=True)
        elif fact is not None and method is not None:
            missing = _parameters(contract, fact) - method.keywords
            for name in sorted(one for one in missing if ELSEWHERE.get(one) not in method.keywords):
                text = f"{method.name} has no keyword for {name} of {id}"
                yield Finding(method.path, method.line, text)


def _parameters(contract: Contract, fact: Fact) -> set[str]:
    names = {one.member.partition(" ")[2] for one in contract.of("parameter", fact.name)}
    return names | contract.fields.get(_body(contract, fact) or "", {}).keys()


@frozen
class Method:
    """A method of a resource. name: As it is called, `sessions.create`."""

    path: Path
    line: int
    name: str
    keywords: frozenset[str] = field(repr=False)


def methods(root: Path) -> dict[str, Method]:
    """Operation → the method that is there for it: of those that ask it, the one that asks least."""
    ids = {row.id for row in _rows(_source(root, ROWS), "id", "method", "route")}
    found: dict[str, tuple[int, Method]] = {}
    for resource, path, node in _resources(root):
        known = {one.name: one for one in node.body if isinstance(one, _FUNCTIONS)}
        for name, function in known.items():
            asks = _asked(function, known, ids, set())
            arguments = function.args.args + function.args.kwonlyargs
            keywords = frozenset(arg.arg for arg in arguments)
            method = Method(path, function.lineno, f"{resource}.{name}", keywords)
            for id in asks if not name.startswith("_") else ():
                found[id] = min(
                    found.get(id, (99, method)), (len(asks), method), key=lambda f: f[0]
                )
    return {id: method for id, (_, method) in found.items()}


_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


def _resources(root: Path) -> Iterator[tuple[str, Path, ast.ClassDef]]:
    """What `gate.…` offers, by the client's own lines: name, module, class."""
    folder = FACADE / "_async"
    client = _source(root, folder / "client.py").tree
    modules = {
        alias.name: folder / f"{node.module}.py"
        for node in ast.walk(client)
        if isinstance(node, ast.ImportFrom) and node.level == 1 and node.module
        for alias in node.names
    }
    for name, maker in _attributes(client):
        path = modules.get(maker)
        for node in _source(root, path).tree.body if path else ():
            if path and isinstance(node, ast.ClassDef) and node.name == maker:
                yield name, path, node


def _attributes(tree: ast.AST) -> Iterator[tuple[str, str]]:
    """What `self.name = Class(…)` says: the name and the class."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Assign | ast.AnnAssign) or not isinstance(node.value, ast.Call):
            continue
        target = node.targets[0] if isinstance(node, ast.Assign) else node.target
        own = isinstance(target, ast.Attribute) and _is_self(target.value)
        if own and isinstance(target, ast.Attribute) and isinstance(node.value.func, ast.Name):
            yield target.attr, node.value.func.id


def _asked(
    function: ast.AST, known: Mapping[str, ast.AST], ids: set[str], seen: set[str]
) -> set[str]:
    """Operations that a method asks, itself or through others of its class."""
    found = set()
    for node in ast.walk(function):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
            continue
        name, first = node.func.attr, _plain(node.args[0]) if node.args else None
        if isinstance(first, str) and first in ids:
            found.add(first)
        if name in known and name not in seen and _is_self(node.func.value):
            found |= _asked(known[name], known, ids, seen | {name})
    return found


def _is_self(node: ast.AST) -> bool:
    return isinstance(node, ast.Name) and node.id == "self"


def _of_sandbox(root: Path, contract: Contract) -> Iterator[Finding]:
    if not (root / SANDBOX).is_dir():
        return
    path = SANDBOX / "routes.py"
    source = _source(root, path)
    rows = _rows(source, "id", "method", "route")
    end = int(source.table("OPERATIONS").end_lineno or 1)

    def told(_: Contract, fact: Fact) -> str:
        return f"the sandbox does not answer {fact.name} ({fact.type}): add its row and a handler"

    yield from _unrowed(contract, rows, path, end, told)
    handlers = _source(root, SANDBOX / "world.py")
    named = {node.value for node in ast.walk(handlers.tree) if isinstance(node, ast.Constant)}
    for row in rows:
        if row.id not in named:
            yield Finding(path, row.line, f"{row.id} has a row, and no handler in world.py")


# --- records: names, amounts, enums, events --------------------------------------------------------


def _of_types(root: Path, contract: Contract) -> Iterator[Finding]:
    path = FACADE / "types.py"
    for node in ast.walk(_source(root, path).tree):
        if isinstance(node, ast.ImportFrom) and node.module == "zerogate_api.models":
            for alias in node.names:
                if alias.name not in contract.known:
                    text = f"there is no model {alias.name}: {contract.now(alias.name)}"
                    if alias.name in contract.names:
                        ours = alias.asname or alias.name
                        text += f": write `import {contract.names[alias.name]} as {ours}`"
                    yield Finding(path, node.lineno, text, stale=True)

    yield from _unnamed(root, contract)


def _unnamed(root: Path, contract: Contract) -> Iterator[Finding]:
    """What Gate answers with and nobody can import from `zerogate.types`."""
    path = FACADE / "types.py"
    tree = _source(root, path).tree
    imports = [n for n in tree.body if isinstance(n, ast.ImportFrom)]
    back = {new: old for old, new in contract.names.items()}
    ours = {back.get(alias.name, alias.name) for node in imports for alias in node.names}
    for name in sorted(_answered(contract) - ours):
        if not UNNAMED.fullmatch(name):
            text = f"{name} is answered and has no name: write `import {name}`"
            yield Finding(path, imports[-1].lineno, text)


def _answered(contract: Contract) -> set[str]:
    """Models and enums that answers and events are made of."""
    told = [fact.type for fact in contract.facts if fact.kind in ("response", "event")]
    waiting = [name for text in told for name in NAME.findall(text)]
    seen: set[str] = set()
    while waiting:
        name = waiting.pop()
        if name not in seen and name in contract.fields.keys() | contract.enums.keys():
            seen.add(name)
            inner = contract.fields.get(name, {}).values()
            waiting += [other for fact in inner for other in NAME.findall(fact.type)]
    return seen


def _of_amounts(root: Path, contract: Contract) -> Iterator[Finding]:
    path = FACADE / "amounts.py"
    table = _source(root, path).table("UNITS")
    if not isinstance(table, ast.Dict):
        raise LookupError(f"{path.as_posix()}: UNITS is no dict written out")
    rows = {_plain(key): key.lineno for key in table.keys if key is not None}
    amounts = {
        (owner, name)
        for owner, fields in contract.fields.items()
        for name, fact in fields.items()
        if "decimal" in fact.type.split(" or ")
    }
    end = int(table.end_lineno or 1)
    for row in rows.keys() - amounts:
        text = f"{row[0]}.{row[1]} is no amount of the contract any more"
        yield Finding(path, rows[row], text, stale=True)
    for owner, name in amounts - rows.keys():
        text = f"{owner}.{name} is an amount and has no unit: add a row, or why there is none"
        yield Finding(path, end, text)
    for key, unit in zip(table.keys, table.values, strict=True):
        owner, code = (_plain(key) or ("", ""))[0] if key else "", _plain(unit)
        fields = contract.fields.get(owner, {})
        if isinstance(code, str) and fields and code not in fields:
            yield Finding(path, unit.lineno, f"{owner} has no field {code!r} any more", stale=True)


def _of_enums(root: Path, contract: Contract) -> Iterator[Finding]:
    for enum in sorted(contract.enums.keys() - set(ENUMS.values())):
        text = f"no table says what the values of {enum} mean: make one, and name it here"
        yield Finding(HERE, _line_here("ENUMS = {"), text)
    for (path, name), enum in ENUMS.items():
        source = _source(root, path)
        table, ours = source.table(name), list(source.value(name))
        values = contract.enums.get(enum)
        if values is None:
            text = f"{name}: there is no enum {enum}: {contract.now(enum)}"
            yield Finding(path, table.lineno, text, stale=True)
            continue
        for value in ours:
            if value not in values:
                line = source.line_of(table, value)
                yield Finding(path, line, f"{name}: {enum} has no {value!r} any more", stale=True)
        for value in values:
            if value not in ours:
                text = f"{name}: {enum} has {value!r}: say what it means"
                yield Finding(path, int(table.end_lineno or 1), text)


def _of_events(root: Path, contract: Contract) -> Iterator[Finding]:
    path = FACADE / "webhooks/events.py"
    source = _source(root, path)
    table, ours = source.table("EVENTS"), source.value("EVENTS")
    yield from _listed(contract, path, source, table, ours)
    for event, model in contract.events.items():
        data = contract.fields.get(model, {}).get("data")
        if data is not None and event in ours and ours[event] not in data.type.split(" or "):
            line = source.line_of(table, ours[event])
            text = f"{event} carries {data.type}, not {ours[event]}"
            yield Finding(path, line, text, stale=True)
    path = SANDBOX / "events.py"
    if (root / path).exists():
        source = _source(root, path)
        yield from _listed(contract, path, source, source.table("EVENT_TYPES"),
                           source.value("EVENT_TYPES"))  # fmt: skip


def _line_here(beginning: str) -> int:
    lines = Path(__file__).read_text("utf-8").splitlines()
    return next(n for n, line in enumerate(lines, 1) if line.startswith(beginning))


def _listed(
    contract: Contract, path: Path, source: Source, table: ast.expr, ours: Iterable[str]
) -> Iterator[Finding]:
    ours = list(ours)
    for event in contract.events:
        if event not in ours:
            yield Finding(
                path, int(table.end_lineno or 1), f"the event {event} is not in the table"
            )
    for event in ours:
        if event not in contract.events:
            line = source.line_of(source.tree, event)
            yield Finding(path, line, f"the contract has no event {event} any more", stale=True)


LOOKS: tuple[Look, ...] = (
    *(_of_rows, _of_methods, _of_sandbox, _of_types, _of_amounts, _of_enums, _of_events),
)
