"""Our modules beside the facts of a contract, in the names of our tables, and what there is to say."""

import ast
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path

from attrs import field, frozen

from .callers import Row, rows_of
from .facts import Fact, renamed
from .modules import Module, by_hand

FACADE = "zerogate"
#: Of fewer rows it is no table of operations, or of amounts.
FEW = 3


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
    before, old_events: Values of each enum, and events, in the contract that our tables were written for.
    names: Our name of a model → the contract's, where that is another.
    known: Every model and enum, in the contract's names.
    """

    places: dict[str, Fact]
    fields: dict[str, dict[str, Fact]]
    enums: dict[str, list[str]]
    before: dict[str, list[str]]
    events: dict[str, str]
    old_events: frozenset[str]
    names: Mapping[str, str]
    known: frozenset[str]
    facts: list[Fact] = field(repr=False)

    def now(self, name: str) -> str:
        """Return what to write for a model or enum that is called otherwise now, or is gone."""
        return f"it is {self.names[name]} now" if name in self.names else "the contract has none"

    def of(self, kind: str, owner: str) -> list[Fact]:
        """Return the facts of a kind that belong to one operation."""
        return [fact for fact in self.facts if fact.kind == kind and fact.owner == owner]


@frozen
class House:
    """Our modules, and what in them a look needs."""

    modules: list[Module]

    @property
    def facade(self) -> list[Module]:
        """Modules of the façade."""
        return [module for module in self.modules if module.package == FACADE]

    def rowed(self, package: str) -> tuple[Module, list[Row]] | None:
        """Return the package's module with most rows of operations, and these; None under three."""
        found = [(module, rows_of(module)) for module in self.modules if module.package == package]
        best = max(found, key=lambda pair: len(pair[1]), default=None)
        return best if best and len(best[1]) >= FEW else None

    def renamed(self) -> tuple[Module, ast.expr, Mapping[str, str]] | None:
        """Return the table RENAMED: its module, its expression, its value; None without one."""
        for module in self.facade:
            if isinstance(module.values.get("RENAMED"), dict):
                return module, module.tables["RENAMED"], module.values["RENAMED"]
        return None

    def named(self) -> tuple[Module, list[ast.ImportFrom]] | None:
        """Return the module with most imports of generated models, and those imports; or None."""
        found = [(module, imports(module)) for module in self.facade]
        best = max(found, key=lambda pair: len(pair[1]), default=None)
        return best if best and best[1] else None


Look = Callable[[House, Contract], Iterator[Finding]]


def house_of(root: Path) -> House:
    """Read and return our modules below *root*."""
    return House(by_hand(root))


def contract_of(old: list[Fact], theirs: list[Fact], names: Mapping[str, str]) -> Contract:
    """Return the contract of these facts, in our names. names: Our name of a model → theirs."""
    back = {new: was for was, new in names.items()}
    facts = [renamed(fact, back) for fact in theirs]
    fields: dict[str, dict[str, Fact]] = {}
    for fact in facts:
        if fact.kind == "field":
            fields.setdefault(fact.owner, {})[fact.member] = fact
    return Contract(
        places={place(fact.type): fact for fact in facts if fact.kind == "operation"},
        fields=fields,
        enums=_enums_of(facts),
        before=_enums_of([renamed(fact, back) for fact in old]),
        events={fact.name: fact.type for fact in facts if fact.kind == "event"},
        old_events=frozenset(fact.name for fact in old if fact.kind == "event"),
        names=names,
        known=frozenset(fact.owner for fact in theirs if fact.kind in ("field", "enum")),
        facts=facts,
    )


def _enums_of(facts: Iterable[Fact]) -> dict[str, list[str]]:
    """Return enum → its values, in the order of the facts, without quotes."""
    found: dict[str, list[str]] = {}
    for fact in facts:
        if fact.kind == "enum":
            found.setdefault(fact.owner, []).append(fact.member.strip('"'))
    return found


def place(where: str) -> str:
    """Return method and path with `{}` for each parameter, whatever it is called."""
    return re.sub(r"\{[^{}]*\}", "{}", where)


def imports(module: Module) -> list[ast.ImportFrom]:
    """Return the module's imports from zerogate_api.models."""
    found = (node for node in module.tree.body if isinstance(node, ast.ImportFrom))
    return [node for node in found if node.module == "zerogate_api.models"]
