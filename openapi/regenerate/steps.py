"""The steps from a contract to generated/, in their order, and what is said of them on the way."""

import json
import sys
from pathlib import Path

from attrs import evolve, field, frozen

from . import check, coverage, factlist, facts, lock, overlay, replace, report, screens, source
from .documents import Node
from .effects import effects
from .facts import Fact
from .generate import generate
from .house import house_of
from .notices import notices
from .prepare import prepare
from .refused import Refused, Unreachable

CONTRACT = Path("openapi/gate-v1.yaml")
OVERLAY = Path("openapi/overlay.yaml")
GENERATED = Path("generated")
API_MD = GENERATED / "API.md"
STANDING = GENERATED / "notices.txt"
#: Where the sandbox carries the contract: a distribution holds nothing from outside of its folder.
SANDBOX_COPY = Path("apps/sandbox/zerogate_sandbox/gate-v1.yaml")


@frozen
class Wanted:
    """Options of one run. spec: The contract to adopt, or None for the one that is here."""

    spec: str | None
    summary: Path | None
    report: Path | None
    format: str
    accepted: frozenset[str]


@frozen
class Contract:
    """A contract as it will be stored, and what overlay and preparation make of it.

    refusals: Why it cannot be adopted; the report tells its changes all the same.
    """

    text: str
    prepared: Node
    overlay_text: str
    unmatched: tuple[str, ...]
    notices: tuple[str, ...]
    accepted: tuple[str, ...]
    refusals: tuple[str, ...] = ()
    facts: list[Fact] = field(factory=list, repr=False)


def check_drift(root: Path) -> bool:
    """Print what in generated/ is stale; return whether anything is. Writes nothing there."""
    contract = _read(
        root, str(root / CONTRACT), CONTRACT.as_posix(), lock.accepted(root / GENERATED)
    )
    _refuse(contract)
    with replace.workshop(root) as folder:
        _write(contract, folder / "fresh")
        drift = replace.differences(folder / "fresh", root / GENERATED)
    drift = [f"{GENERATED}/{line}" for line in drift]
    if _copy_is_stale(root, contract):
        drift.append(f"{SANDBOX_COPY.as_posix()}: differs")
    print(*drift, sep="\n", end="\n" if drift else "")
    if drift:
        print("regenerate: run `nox -s regenerate` and commit what it writes", file=sys.stderr)
    return bool(drift)


def regenerate(root: Path, wanted: Wanted) -> bool:
    """Write generated/ and the report; return whether something breaks existing code.

    With a spec, adopt that contract. Refused: nothing was written but the report.
    """
    spec, accepted = wanted.spec, wanted.accepted | lock.accepted(root / GENERATED)
    try:
        contract = _read(root, spec or str(root / CONTRACT), spec or CONTRACT.as_posix(), accepted)
    except Unreachable:
        raise
    except Refused as refusal:
        _summarise(wanted, report.Report({}, (), refusals=refusal.findings))
        raise
    try:
        changed = _compared(root, contract, spec is not None)
    except Exception as problem:
        # As above: what breaks the rules need not be comparable.
        if not contract.refusals:
            raise
        raise Refused(*contract.refusals) from problem
    refusals = (*changed.refusals, *contract.refusals, *_unmatched(contract, changed))
    changed = evolve(changed, refusals=refusals)
    try:
        if refusals:
            raise Refused(*refusals)
        written = _replace(root, contract, adopted=spec is not None)
    except Refused as refusal:
        changed = evolve(changed, refusals=refusal.findings)
        _tell(wanted, changed, [])
        raise
    _tell(wanted, changed, written)
    print(f"generated/ is up to date; files changed: {len(written)}", file=sys.stderr)
    return changed.breaking


def _tell(wanted: Wanted, changed: report.Report, written: list[str]) -> None:
    """Print the report and the files written; write summary and report files where asked."""
    told = screens.FORMATS[wanted.format](changed)
    print(told, end="\n" if told and wanted.format == "text" else "")
    if wanted.format == "text":
        for line in written:
            print(f"{GENERATED}/{line}")
    _summarise(wanted, changed)


def _summarise(wanted: Wanted, changed: report.Report) -> None:
    """Write the report as Markdown and as text, to the files that were asked for."""
    if wanted.summary is not None:
        wanted.summary.write_text(screens.as_markdown(changed), "utf-8", newline="\n")
    if wanted.report is not None:
        wanted.report.write_text(screens.as_text(changed), "utf-8", newline="\n")


def _read(root: Path, place: str, name: str, accepted: frozenset[str]) -> Contract:
    """Return a contract with what is wrong with it; raise Refused where it can't be walked."""
    text = source.read(place)
    document = source.parse(text, name)
    check.readable(document, name)
    overlay_text = source.read(str(root / OVERLAY))
    actions = overlay.actions_of(source.parse(overlay_text, str(OVERLAY)), str(OVERLAY))
    applied = overlay.apply(document, actions)
    unsound = check.unsound(applied.document, name)
    try:
        prepared = prepare(applied.document)
        told = factlist.facts_of(prepared)
        noticed = tuple(notices(applied.document, prepared))
        lost = check.lost(prepared, name)
    except Exception as problem:
        # What breaks the rules cannot always be walked: then the rules that it breaks are the answer.
        if not unsound:
            raise
        also = problem.findings if isinstance(problem, Refused) else ()
        raise Refused(*unsound, *also) from None
    asked, granted = check.inexact(told, accepted)
    return Contract(
        text=_stored(text, document),
        prepared=prepared,
        overlay_text=overlay_text,
        unmatched=tuple(map(str, applied.unmatched)),
        notices=noticed,
        accepted=granted,
        refusals=(*unsound, *lost, *asked),
        facts=told,
    )


def _stored(text: str, document: Node) -> str:
    """Return the text to store: JSON is laid out again, for its diffs; YAML as it is."""
    if not text.lstrip().startswith("{"):
        return text
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _compared(root: Path, contract: Contract, adopted: bool) -> report.Report:
    """Return the report against the committed API.md; without one, against itself."""
    new, notes = contract.facts, contract.notices
    try:
        old = facts.read_back((root / API_MD).read_text("utf-8"))
    except FileNotFoundError:
        old = new
    except (Refused, UnicodeDecodeError):
        old, notes = new, (*notes, f"{API_MD}: garbled, so nothing could be compared with it")
    changed = report.compare(old, new)
    standing = _standing(root)
    house = house_of(root)
    by_hand = coverage.findings(house, old, new, changed)
    return evolve(
        changed,
        unmatched=contract.unmatched,
        notices=tuple(note for note in notes if note not in standing),
        standing=sum(note in standing for note in notes),
        uncovered=tuple(str(one) for one in by_hand if not one.stale),
        stale=tuple(str(one) for one in by_hand if one.stale),
        methods=effects(coverage.methods(house), old, new, changed),
        refusals=report.strangers(old, new) if adopted else (),
    )


def _standing(root: Path) -> frozenset[str]:
    """Read the notices that were told before, when the contract was adopted."""
    path = root / STANDING
    return frozenset(path.read_text("utf-8").splitlines()) if path.is_file() else frozenset()


def _unmatched(contract: Contract, changed: report.Report) -> tuple[str, ...]:
    """Return corrections that match nothing; () for another API's contract."""
    if changed.refusals:
        return ()
    return tuple(f"{OVERLAY}: {missed}" for missed in contract.unmatched)


def _refuse(contract: Contract) -> None:
    """Raise Refused for a contract that can't be adopted, or corrections that match nothing."""
    found = (*contract.refusals, *(f"{OVERLAY}: {missed}" for missed in contract.unmatched))
    if found:
        raise Refused(*found)


def _replace(root: Path, contract: Contract, adopted: bool) -> list[str]:
    """Make everything, then swap it in at once; return what is new, changed or removed."""
    with replace.workshop(root) as folder:
        fresh, attic = folder / "fresh", folder / "attic"
        attic.mkdir()
        _write(contract, fresh)
        changed = replace.differences(fresh, root / GENERATED)
        news = {root / GENERATED: fresh} if changed else {}
        if adopted:
            stored = folder / CONTRACT.name
            stored.write_text(contract.text, "utf-8", newline="\n")
            news[root / CONTRACT] = stored
        if _copy_is_stale(root, contract):
            carried = folder / f"carried-{SANDBOX_COPY.name}"
            carried.write_text(contract.text, "utf-8", newline="\n")
            news[root / SANDBOX_COPY] = carried
        replace.swap_in(news, attic)
    words = {"missing": "new", "not generated": "removed", "differs": "changed"}
    named = (line.rpartition(": ") for line in changed)
    return [f"{name}: {words[what]}" for name, _, what in named]


def _copy_is_stale(root: Path, contract: Contract) -> bool:
    """Return whether the sandbox is in this tree and carries another contract."""
    copy = root / SANDBOX_COPY
    if not copy.parent.is_dir():
        return False
    return not copy.is_file() or copy.read_text("utf-8") != contract.text


def _write(contract: Contract, folder: Path) -> None:
    """Make *folder* and write all of generated/ to it; Refused where the client lacks a part."""
    folder.mkdir()
    made = generate(contract.prepared, folder)
    api_md = factlist.api_md(contract.prepared)
    check.complete(contract.prepared, made, api_md)
    (folder / API_MD.name).write_text(api_md, "utf-8", newline="\n")
    told = "".join(f"{note}\n" for note in contract.notices)
    (folder / STANDING.name).write_text(told, "utf-8", newline="\n")
    version = str(contract.prepared["info"]["version"])
    locked = lock.lock_json(contract.text, contract.overlay_text, version, contract.accepted)
    (folder / "lock.json").write_text(locked, "utf-8", newline="\n")
