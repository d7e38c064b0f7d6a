"""Tables of ours that have a row for each record, amount, enum value or event, found by what is in them."""

import ast
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from . import kinds
from .callers import plain
from .facts import WRITE_ONLY, Fact
from .house import FACADE, FEW, Contract, Finding, House, Look
from .modules import Module, Opaque, spelled


def _of_types(house: House, contract: Contract) -> Iterator[Finding]:
    """Yield findings on the module that names models: gone ones, and answered ones without name."""
    named = house.named()
    if named is None:
        return
    module, lines = named
    back = {new: was for was, new in contract.names.items()}
    ours = {back.get(alias.name, alias.name) for node in lines for alias in node.names}
    for node in lines:
        for alias in node.names:
            if alias.name not in contract.known:
                text = f"there is no model {alias.name}: {contract.now(alias.name)}"
                if alias.name in contract.names:
                    kept = alias.asname or alias.name
                    text += f": write `import {contract.names[alias.name]} as {kept}`"
                yield Finding(module.path, node.lineno, text, stale=True)
    for name in sorted(_answered(contract) - ours - _envelopes(contract)):
        text = f"{name} is answered and has no name: write `import {name}`"
        yield Finding(module.path, lines[-1].lineno, text)


def _envelopes(contract: Contract) -> set[str]:
    """Return models that need no name of ours: pages, events, errors."""
    failures = [f.type for f in contract.facts if f.kind == "response" and f.member[:1] in "45d"]
    pages = {
        owner
        for owner, fields in contract.fields.items()
        if "data" in fields and fields["data"].type.startswith("list of ")
    }
    named = [*failures, *contract.events.values()]
    return pages | {name for words in named for name in kinds.names(words)}


def _answered(contract: Contract, of: tuple[str, ...] = ("response", "event")) -> set[str]:
    """Return the models and enums that answers and events are made of, however deep."""
    told = [fact.type for fact in contract.facts if fact.kind in of]
    waiting = [name for text in told for name in kinds.names(text)]
    seen: set[str] = set()
    while waiting:
        name = waiting.pop()
        if name not in seen and name in contract.fields.keys() | contract.enums.keys():
            seen.add(name)
            inner = contract.fields.get(name, {}).values()
            waiting += [other for fact in inner for other in kinds.names(fact.type)]
    return seen


def is_amount(fact: Fact) -> bool:
    """Return True where values of this field are money."""
    return any(kind.name.startswith("decimal") for kind in kinds.kinds(fact.type))


def _of_amounts(house: House, contract: Contract) -> Iterator[Finding]:
    """Yield findings on tables of amounts' units, or one where there is no such table."""
    amounts = {
        (owner, name)
        for owner, fields in contract.fields.items()
        for name, fact in fields.items()
        if is_amount(fact)
    }
    found = [one for module in house.facade for one in _amount_tables(module, contract)]
    if not found and amounts and (named := house.named()):
        text = "no table says which unit an amount is in: is it made of something but constants?"
        yield Finding(named[0].path, 1, text, stale=True)
    for module, table in found:
        yield from _of_amount_table(module, table, amounts, contract)


def _amount_tables(module: Module, contract: Contract) -> Iterator[tuple[Module, ast.Dict]]:
    """Yield tables whose keys are (model, field)."""
    for node in module.tables.values():
        keys = (
            [plain(key) for key in node.keys if key is not None]
            if isinstance(node, ast.Dict)
            else []
        )
        pairs = [key for key in keys if isinstance(key, tuple) and len(key) == 2]
        if len(pairs) >= FEW and sum(key[0] in contract.fields for key in pairs) * 2 > len(keys):
            assert isinstance(node, ast.Dict)
            yield module, node


def _of_amount_table(
    module: Module, table: ast.Dict, amounts: set[tuple[str, str]], contract: Contract
) -> Iterator[Finding]:
    """Yield a finding for each amount without a row, and each row without its field."""
    rows = {plain(key): key.lineno for key in table.keys if key is not None}
    for row in rows.keys() - amounts:
        text = f"{row[0]}.{row[1]} is no amount of the contract any more"
        yield Finding(module.path, rows[row], text, stale=True)
    end = int(table.end_lineno or 1)
    for owner, name in amounts - rows.keys():
        text = f"{owner}.{name} is an amount and has no unit: add a row, or why there is none"
        yield Finding(module.path, end, text)
    for key, unit in zip(table.keys, table.values, strict=True):
        owner, code = (plain(key) or ("", ""))[0] if key else "", plain(unit)
        fields = contract.fields.get(owner, {})
        if isinstance(code, str) and fields and code not in fields:
            text = f"{owner} has no field {code!r} any more"
            yield Finding(module.path, unit.lineno, text, stale=True)


def _of_enums(house: House, contract: Contract) -> Iterator[Finding]:
    """Yield findings on tables with a row for each value of an enum; enums without, as well."""
    tabled: set[str] = set()
    ours: dict[Path, list[ast.expr]] = {}
    for module, name, words in _sets(house.modules):
        for enum in _enums_meant(name, words, contract):
            table = module.tables[name]
            tabled.add(enum)
            if module.package == FACADE:
                ours.setdefault(module.path, []).append(table)
            yield from _of_table(module, name, table, words, enum, contract)
    # A table more belongs beside its like: below the last of the module that has most of them.
    for path, tables in sorted(ours.items(), key=lambda item: -len(item[1]))[:1]:
        for enum in sorted(contract.enums.keys() - tabled):
            text = f"no table says what the values of {enum} mean: make one"
            yield Finding(path, int(tables[-1].end_lineno or 1), text)


def _sets(modules: Iterable[Module]) -> Iterator[tuple[Module, str, frozenset[str]]]:
    """Yield (module, name, words) of every set of words at its top: a tuple's, a dict's sides."""
    for module in modules:
        for name, held in module.values.items():
            sides = [[*held.keys()], [*held.values()]] if isinstance(held, dict) else [held]
            for side in sides:
                words = [one for one in side if isinstance(one, str)] if _is_many(side) else []
                if words and len(words) == len(side):
                    yield module, name, frozenset(words)


def _is_many(held: Any) -> bool:
    """Return whether a value has a length and is no text."""
    return not isinstance(held, str | bytes | Opaque) and hasattr(held, "__len__")


def _enums_meant(name: str, words: frozenset[str], contract: Contract) -> Iterator[str]:
    """Yield the enums that a table is about: by its words, or by its name and one word."""
    for enum in contract.enums.keys() | contract.before.keys():
        now, was = contract.enums.get(enum, []), contract.before.get(enum, [])
        same = len(words) > 1 and words in (frozenset(now), frozenset(was))
        spelled = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", enum).upper()
        called = name.strip("_") in (f"{spelled}S", f"{spelled}ES") and words & {*now, *was}
        if same or called:
            yield enum


def _of_table(
    module: Module, name: str, table: ast.expr, words: frozenset[str], enum: str, contract: Contract
) -> Iterator[Finding]:
    """Yield a finding for each value that a table lacks, or has and the enum does not."""
    values = contract.enums.get(enum)
    if values is None:
        text = f"{name}: there is no enum {enum}: {contract.now(enum)}"
        yield Finding(module.path, table.lineno, text, stale=True)
        return
    for value in sorted(words - {*values}):
        text = f"{name}: {enum} has no {value!r} any more"
        yield Finding(module.path, module.line_of(table, value), text, stale=True)
    for value in values:
        if value not in words:
            text = f"{name}: {enum} has {value!r}: say what it means"
            yield Finding(module.path, int(table.end_lineno or 1), text)


def _of_events(house: House, contract: Contract) -> Iterator[Finding]:
    """Yield findings on tables that have most of the contract's events."""
    for module in house.modules:
        for name, held in module.values.items():
            words = [one for one in held if isinstance(one, str)] if _is_many(held) else []
            known = sum(word in contract.events or word in contract.old_events for word in words)
            fewest = min(len(contract.events), len(contract.old_events) or len(contract.events))
            if known * 2 > fewest and known * 10 > len(words) * 6:
                yield from _of_event_table(module, name, held, contract)


def _of_event_table(module: Module, name: str, held: Any, contract: Contract) -> Iterator[Finding]:
    """Yield a finding for each event that a table lacks, has too much, or with a wrong model."""
    table = module.tables[name]
    for event in contract.events.keys() - {*held}:
        text = f"the event {event} is not in the table"
        yield Finding(module.path, int(table.end_lineno or 1), text)
    for event in {*held} - contract.events.keys():
        text = f"the contract has no event {event} any more"
        yield Finding(module.path, module.line_of(module.tree, event), text, stale=True)
    for event, model in contract.events.items() if isinstance(held, dict) else ():
        data = contract.fields.get(model, {}).get("data")
        if data is not None and event in held and held[event] not in data.type.split(" or "):
            text = f"{event} carries {data.type}, not {held[event]}"
            yield Finding(module.path, module.line_of(table, held[event]), text, stale=True)


def _of_answers(house: House, contract: Contract) -> Iterator[Finding]:
    """Yield a finding for each answered field that a package which answers says nowhere."""
    for package in sorted({module.package for module in house.modules} - {FACADE}):
        rowed = house.rowed(package)
        if rowed is None:
            continue
        said = [module for module in house.modules if module.package == package]
        known = {words for module in said for words in module.words}
        for owner in sorted(_answered(contract, ("response",)) & contract.fields.keys()):
            for name, fact in contract.fields[owner].items():
                comes = name != "*" and WRITE_ONLY not in fact.notes
                if comes and spelled(name) not in known:
                    text = (
                        f"nothing answers {owner}.{name}: say it where the rest of {owner} is said"
                    )
                    yield Finding(*_nearest(said, contract.fields[owner]), text)


def _nearest(modules: list[Module], fields: Iterable[str]) -> tuple[Path, int]:
    """Return where most of these fields are written out, at the last of them."""
    best = max(modules, key=lambda module: sum(name in module.texts for name in fields))
    lines = [line for name in fields for line in best.texts.get(name, ())]
    return best.path, max(lines, default=1)


LOOKS: tuple[Look, ...] = (_of_types, _of_amounts, _of_enums, _of_events, _of_answers)
