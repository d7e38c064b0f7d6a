"""The command: reads its arguments, takes the steps in their order, says what happened."""

import argparse
import json
import os
import sys
import tomllib
from collections.abc import Sequence
from pathlib import Path

from attrs import evolve, frozen

from . import check, coverage, factlist, facts, lock, overlay, replace, report, source
from .documents import Node
from .generate import generate
from .notices import notices
from .prepare import prepare
from .refused import Refused

ROOT = Path(__file__).resolve().parent.parent.parent
CONTRACT = Path("openapi/gate-v1.yaml")
OVERLAY = Path("openapi/overlay.yaml")
GENERATED = Path("generated")
API_MD = GENERATED / "API.md"
#: Where the sandbox carries the contract: a distribution holds nothing from outside of its folder.
SANDBOX_COPY = Path("apps/sandbox/zerogate_sandbox/gate-v1.yaml")
DONE, DRIFT, REFUSED, BREAKING, INTERRUPTED = 0, 1, 2, 3, 130
EXIT_CODES = """\
exit codes: 0 done, and with --spec nothing in it breaks existing code; 1 --check found drift;
2 refused, nothing was written; 3 --spec was adopted and something in it breaks existing code"""


@frozen
class Contract:
    """A contract as it will be stored, and what overlay and preparation make of it."""

    text: str
    prepared: Node
    overlay_text: str
    unmatched: tuple[str, ...]
    notices: tuple[str, ...]


def main(argv: Sequence[str] | None = None, root: Path = ROOT) -> int:
    """Run; returns the exit code."""
    options = _options(argv)
    try:
        lock.refuse_other_tools()
        if options.check:
            return _check(root)
        if options.summary and not options.summary.absolute().parent.is_dir():
            raise Refused(f"--summary {options.summary}: there is no such folder to write it to")
        spec = None if options.spec is None else options.spec or _configured(root)
        return _regenerate(root, spec, options.summary)
    except Refused as refusal:
        for finding in refusal.findings:
            print(f"regenerate: {finding}", file=sys.stderr)
        return REFUSED
    except KeyboardInterrupt:
        print("regenerate: interrupted; nothing was changed", file=sys.stderr)
        return INTERRUPTED


def _options(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="regenerate",
        description="From the contract and our overlay to generated/.",
        epilog=EXIT_CODES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--check", action="store_true", help="write nothing; say what is stale")
    parser.add_argument(
        "--spec",
        nargs="?",
        const="",
        metavar="FILE_OR_URL",
        help="adopt this contract instead of ours; without a value, the one of ZEROGATE_SPEC_URL "
        "or of spec-url under [tool.zerogate] in pyproject.toml",
    )
    parser.add_argument(
        "--summary", type=Path, metavar="FILE", help="write what changed as Markdown, too"
    )
    options = parser.parse_args(argv)
    if options.check and (options.spec is not None or options.summary):
        parser.error("--check compares what is here and changes nothing: give it alone")
    return options


def _configured(root: Path) -> str:
    """Where the vendor's contract is; nobody has told us, so there is no default."""
    if url := os.environ.get("ZEROGATE_SPEC_URL"):
        return url
    path = root / "pyproject.toml"
    settings = tomllib.loads(path.read_text("utf-8")) if path.exists() else {}
    url = settings.get("tool", {}).get("zerogate", {}).get("spec-url")
    if not isinstance(url, str) or not url:
        raise Refused(
            "--spec: which contract? Give FILE_OR_URL, or set ZEROGATE_SPEC_URL, or spec-url under "
            "[tool.zerogate] in pyproject.toml"
        )
    return url


def _check(root: Path) -> int:
    contract = _read(root, str(root / CONTRACT), CONTRACT.as_posix())
    _refuse_unmatched(contract)
    with replace.workshop(root) as folder:
        _write(contract, folder / "fresh")
        drift = replace.differences(folder / "fresh", root / GENERATED)
    drift = [f"{GENERATED}/{line}" for line in drift]
    if _copy_is_stale(root, contract):
        drift.append(f"{SANDBOX_COPY.as_posix()}: differs")
    print(*drift, sep="\n", end="\n" if drift else "")
    if drift:
        print("regenerate: run `nox -s regenerate` and commit what it writes", file=sys.stderr)
    return DRIFT if drift else DONE


def _regenerate(root: Path, spec: str | None, summary: Path | None) -> int:
    contract = _read(root, spec or str(root / CONTRACT), spec or CONTRACT.as_posix())
    changed = _compared(root, contract)
    print(report.as_text(changed), end="\n" if changed else "")
    try:
        _refuse_unmatched(contract)
        written = _replace(root, contract, adopted=spec is not None)
    except Refused as refusal:
        _summarise(summary, report.as_markdown(changed, refusal.findings))
        raise
    _summarise(summary, report.as_markdown(changed))
    for line in written:
        print(f"{GENERATED}/{line}")
    print(f"generated/ is up to date; files changed: {len(written)}", file=sys.stderr)
    return BREAKING if spec is not None and changed.breaking else DONE


def _read(root: Path, place: str, name: str) -> Contract:
    text = source.read(place)
    document = source.parse(text, name)
    check.readable(document, name)
    overlay_text = source.read(str(root / OVERLAY))
    actions = overlay.actions_of(source.parse(overlay_text, str(OVERLAY)), str(OVERLAY))
    applied = overlay.apply(document, actions)
    check.sound(applied.document, name)
    prepared = prepare(applied.document)
    check.lossless(prepared, name)
    return Contract(
        text=_stored(text, document),
        prepared=prepared,
        overlay_text=overlay_text,
        unmatched=tuple(map(str, applied.unmatched)),
        notices=tuple(notices(applied.document, prepared)),
    )


def _stored(text: str, document: Node) -> str:
    """JSON is laid out again, so that its diff can be read; it stays valid YAML."""
    if not text.lstrip().startswith("{"):
        return text
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _compared(root: Path, contract: Contract) -> report.Report:
    """Against the committed API.md; a first contract has nothing to be compared with."""
    new, notes = factlist.facts_of(contract.prepared), contract.notices
    try:
        old = facts.read_back((root / API_MD).read_text("utf-8"))
    except FileNotFoundError:
        old = new
    except (Refused, UnicodeDecodeError):
        old, notes = new, (*notes, f"{API_MD}: garbled, so nothing could be compared with it")
    changed = report.compare(old, new)
    by_hand = coverage.findings(root, new, changed.renamed)
    return evolve(
        changed,
        unmatched=contract.unmatched,
        notices=notes,
        uncovered=tuple(str(one) for one in by_hand if not one.stale),
        stale=tuple(str(one) for one in by_hand if one.stale),
    )


def _refuse_unmatched(contract: Contract) -> None:
    if contract.unmatched:
        raise Refused(*(f"{OVERLAY}: {missed}" for missed in contract.unmatched))


def _replace(root: Path, contract: Contract, adopted: bool) -> list[str]:
    """Make everything first, then swap it in; returns what is new, changed or removed."""
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
    """Tell whether the sandbox stands in this tree and carries another contract than this one."""
    copy = root / SANDBOX_COPY
    if not copy.parent.is_dir():
        return False
    return not copy.is_file() or copy.read_text("utf-8") != contract.text


def _write(contract: Contract, folder: Path) -> None:
    """All of generated/ into a folder that does not exist yet."""
    folder.mkdir()
    made = generate(contract.prepared, folder)
    api_md = factlist.api_md(contract.prepared)
    check.complete(contract.prepared, made, api_md)
    (folder / API_MD.name).write_text(api_md, "utf-8", newline="\n")
    version = str(contract.prepared["info"]["version"])
    locked = lock.lock_json(contract.text, contract.overlay_text, version)
    (folder / "lock.json").write_text(locked, "utf-8", newline="\n")


def _summarise(place: Path | None, markdown: str) -> None:
    if place is not None:
        place.write_text(markdown, "utf-8", newline="\n")
