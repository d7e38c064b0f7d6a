"""Compares the code by hand around the generated client with a contract's facts.

Finds what is missing there, and what is stale, each with file and line. Here: operations, their
methods and handlers.
"""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from openapi_python_client.strings import PythonIdentifier

from . import callers, kinds, readings, tables
from .callers import Method, Row
from .changes import Report
from .facts import READ_ONLY, Fact
from .house import FACADE, Contract, Finding, House, Look, contract_of, place
from .modules import Module
from .naming import PREFIX

#: What the façade says by another keyword than the contract's name.
ELSEWHERE = {
    "Idempotency-Key": "idempotency_key",
    "clientSecret": "client_secret",
    "currency": "amount",
    "reference": "order",
}


def findings(house: House, old: list[Fact], new: list[Fact], changed: Report) -> list[Finding]:
    """Return where our code lacks or has too much for a contract, sorted; [] without a façade.

    old: The facts that our tables were written for, as far as anybody knows.
    """
    if not house.facade:
        return []
    table = house.renamed()
    told = {ours: theirs for theirs, ours in table[2].items()} if table else {}
    models = {was: now for was, now in changed.renamed.items() if kinds.NAME.fullmatch(was)}
    contract = contract_of(old, new, {**models, **told})
    found = [one for look in LOOKS for one in look(house, contract)]
    found += _unlisted_renames(
        house, {was: now for was, now in models.items() if told.get(was) != now}
    )
    found += _lost_keywords(house, contract_of(old, old, table[2] if table else {}), contract)
    placed = {(one.path, one.line) for one in found}
    lost = readings.findings(house.modules, new, changed, contract.names)
    found += [one for one in lost if (one.path, one.line) not in placed]
    return sorted(set(found), key=_order)


def _order(one: Finding) -> tuple[bool, Path, int, str]:
    """Return the key to sort findings by: the façade's first, then by place."""
    return FACADE not in one.path.parts, one.path, one.line, one.text


def methods(house: House) -> dict[str, Method]:
    """Return operation → the method of the façade that asks for it; {} without a table."""
    rowed = house.rowed(FACADE)
    return callers.methods(house.facade, rowed[1]) if rowed else {}


def _unlisted_renames(house: House, names: Mapping[str, str]) -> Iterator[Finding]:
    """Yield a finding for each renamed model that our table RENAMED lacks."""
    table = house.renamed()
    if table is None:
        return
    for was, now in names.items():
        text = f'RENAMED: write "{now}": "{was}"'
        yield Finding(table[0].path, table[1].lineno, text, stale=True)


# --- operations: their rows, their methods, their handlers -----------------------------------------


def _of_rows(house: House, contract: Contract) -> Iterator[Finding]:
    """Yield findings on the façade's table: rows missing, gone or wrong."""
    rowed = house.rowed(FACADE)
    if rowed is None:
        return
    module, rows = rowed
    yield from _unrowed(contract, module, rows, _row_to_write)
    for row in rows:
        fact = contract.places.get(place(row.where))
        if fact is not None:
            for wrong, right in _wrong(contract, row, fact):
                text = f"{row.id}: {wrong}: write {right}"
                yield Finding(module.path, row.line, text, stale=True)


def _unrowed(
    contract: Contract, module: Module, rows: list[Row], told: Callable[..., str]
) -> Iterator[Finding]:
    """Yield a finding for each operation without a row, and each row without an operation."""
    there = {place(row.where) for row in rows}
    ids = {fact.name: fact for fact in contract.places.values()}
    for row in rows:
        if place(row.where) not in contract.places:
            moved = ids.get(row.id)
            text = f"is at {moved.type} now" if moved else "is gone from the contract"
            line = f"{row.id} ({row.where}) {text}"
            yield Finding(module.path, row.line, line, stale=True)
            there |= {place(moved.type)} if moved else set()
    end = max(row.end_of_table for row in rows)
    for where, fact in contract.places.items():
        if where not in there:
            yield Finding(module.path, end, told(contract, fact))


def _row_to_write(contract: Contract, fact: Fact) -> str:
    """Return a sentence with the row that a new operation needs."""
    method, _, route = fact.type.partition(" ")
    has = _answer(contract, fact), _body(contract, fact)
    body = f", body={has[1]!r}" if has[1] else ""
    row = (
        f"Operation({fact.name!r}, {method!r}, {route!r}, {_builder(fact)!r}, {has[0]!r}, …{body})"
    )
    return f"{fact.name} ({fact.type}) has no row: write {row}"


def _wrong(contract: Contract, row: Row, fact: Fact) -> Iterator[tuple[str, str]]:
    """Yield (what is wrong, right value) for each name on which a row and the contract differ."""
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
    """Return an operation's module in the generated client: tag.name."""
    tag = next(note.removeprefix("tag ") for note in fact.notes if note.startswith("tag "))
    return f"{PythonIdentifier(tag, 'tag')}.{PythonIdentifier(fact.name, PREFIX)}"


def _answer(contract: Contract, fact: Fact) -> str:
    """Return the type of an operation's first success; `nothing` where it has none."""
    told = [one.type for one in contract.of("response", fact.name) if one.member.startswith("2")]
    return told[0] if told else "nothing"


def _body(contract: Contract, fact: Fact) -> str | None:
    """Return the type of an operation's request body; None where it has none."""
    return next((one.type for one in contract.of("body", fact.name)), None)


def _enums(contract: Contract, fact: Fact) -> tuple[tuple[str, str], ...]:
    """Return (name, enum) of each query parameter whose type is an enum."""
    query = [one for one in contract.of("parameter", fact.name) if one.member.startswith("query ")]
    return tuple((one.member[6:], one.type) for one in query if one.type in contract.enums)


def _of_methods(house: House, contract: Contract) -> Iterator[Finding]:
    """Yield a finding for a row without method, a method without operation, a missing keyword."""
    rowed = house.rowed(FACADE)
    if rowed is None:
        return
    module, rows = rowed
    asked = callers.methods(house.facade, rows)
    moved = {fact.name for fact in contract.places.values()}
    for row in rows:
        fact, method = contract.places.get(place(row.where)), asked.get(row.id)
        if fact is not None and method is None:
            yield Finding(module.path, row.line, f"{row.id} has a row, and no method asks it")
        elif method is not None and fact is None and row.id not in moved:
            text = f"{method.name} asks {row.id}, which is gone from the contract"
            yield Finding(method.path, method.line, text, stale=True)
        elif fact is not None and method is not None:
            wanted = sorted(_parameters(contract, fact))
            for name in (one for one in wanted if not _keywords(one) & method.keywords):
                text = f"{method.name} has no keyword for {name} of {row.id}"
                yield Finding(method.path, method.line, text)


def _keywords(name: str) -> frozenset[str]:
    """Return the keywords by which a method may take a parameter of this name."""
    ours = {_cased(known): said for known, said in ELSEWHERE.items()}.get(_cased(name), name)
    return frozenset((name, str(PythonIdentifier(name, PREFIX)), ours))


def _cased(name: str) -> str:
    """Return a header's name (one with a hyphen) in lower case, any other as it is."""
    return name.lower() if "-" in name else name


def _lost_keywords(house: House, was: Contract, contract: Contract) -> Iterator[Finding]:
    """Yield a finding for each keyword of a method that its operation no longer takes."""
    rowed = house.rowed(FACADE)
    if rowed is None:
        return
    for id, method in callers.methods(house.facade, rowed[1]).items():
        where = next((place(row.where) for row in rowed[1] if row.id == id), "")
        one, other = was.places.get(where), contract.places.get(where)
        # Of another body its row is told, which says it all.
        if one is None or other is None or _body(was, one) != _body(contract, other):
            continue
        kept = {_cased(name) for name in _parameters(contract, other)}
        for name in sorted(_parameters(was, one)):
            if _cased(name) not in kept and _keywords(name) & method.keywords:
                text = f"{method.name} has a keyword for {name}, which {id} takes no more"
                yield Finding(method.path, method.line, text, stale=True)


def _parameters(contract: Contract, fact: Fact) -> set[str]:
    """Return the names that an operation takes: parameters and fields of its body."""
    names = {one.member.partition(" ")[2] for one in contract.of("parameter", fact.name)}
    fields = contract.fields.get(_body(contract, fact) or "", {})
    return names | {
        name for name, one in fields.items() if name != "*" and READ_ONLY not in one.notes
    }


def _of_others(house: House, contract: Contract) -> Iterator[Finding]:
    """Yield findings on other packages with a row for each operation, as the sandbox has."""
    for package in sorted({module.package for module in house.modules} - {FACADE}):
        rowed = house.rowed(package)
        if rowed is None:
            continue
        module, rows = rowed

        def told(_: Contract, fact: Fact) -> str:
            """Return a sentence: the sandbox does not answer this operation."""
            return (
                f"the sandbox does not answer {fact.name} ({fact.type}): add its row and a handler"
            )

        yield from _unrowed(contract, module, rows, told)
        others = [one for one in house.modules if one.package == package and one is not module]
        named = {text for other in others for text in other.texts}
        for row in rows:
            if row.id not in named:
                yield Finding(module.path, row.line, f"{row.id} has a row, and no handler")


LOOKS: tuple[Look, ...] = (_of_rows, _of_methods, _of_others, *tables.LOOKS)
