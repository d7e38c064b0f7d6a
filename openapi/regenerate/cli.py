"""The command: reads its arguments, takes the steps in their order, says what happened."""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from attrs import frozen

from . import check, factlist, lock, overlay, replace, source
from .documents import Node
from .generate import generate
from .prepare import prepare
from .refused import Refused

ROOT = Path(__file__).resolve().parent.parent.parent
CONTRACT = Path("openapi/gate-v1.yaml")
OVERLAY = Path("openapi/overlay.yaml")
GENERATED = Path("generated")
DONE, DRIFT, REFUSED, INTERRUPTED = 0, 1, 2, 130


@frozen
class Contract:
    """A contract as it will be stored, and what its overlay makes of it."""

    text: str
    corrected: Node
    prepared: Node


def main(argv: Sequence[str] | None = None, root: Path = ROOT) -> int:
    """Run; returns the exit code: 0 done, 1 drift found by --check, 2 refused, nothing written."""
    options = _options(argv)
    try:
        lock.refuse_other_tools()
        if options.check:
            return _check(root)
        return _regenerate(root, options.spec)
    except Refused as refusal:
        for finding in refusal.findings:
            print(f"regenerate: {finding}", file=sys.stderr)
        return REFUSED
    except KeyboardInterrupt:
        print("regenerate: interrupted; nothing was changed", file=sys.stderr)
        return INTERRUPTED


def _options(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="regenerate", description=__doc__)
    parser.add_argument(
        "--check", action="store_true", help="write nothing; 1 if generated/ is stale"
    )
    parser.add_argument("--spec", metavar="FILE_OR_URL", help="adopt this contract instead of ours")
    options = parser.parse_args(argv)
    if options.check and options.spec:
        parser.error("--check compares what is here; --spec replaces it: give one of the two")
    return options


def _check(root: Path) -> int:
    with replace.workshop(root) as folder:
        fresh = folder / "fresh"
        _write(_read(root, str(root / CONTRACT), CONTRACT.as_posix()), root, fresh)
        drift = replace.differences(fresh, root / GENERATED)
    for line in drift:
        print(f"generated/{line}")
    if drift:
        print("regenerate: run `nox -s regenerate` and commit what it writes", file=sys.stderr)
    return DRIFT if drift else DONE


def _regenerate(root: Path, spec: str | None) -> int:
    contract = _read(root, spec or str(root / CONTRACT), spec or CONTRACT.as_posix())
    with replace.workshop(root) as folder:
        fresh, attic = folder / "fresh", folder / "attic"
        attic.mkdir()
        _write(contract, root, fresh)
        changed = replace.differences(fresh, root / GENERATED)
        news = {root / GENERATED: fresh} if changed else {}
        if spec is not None:
            adopted = folder / "contract.yaml"
            adopted.write_text(contract.text, "utf-8", newline="\n")
            news[root / CONTRACT] = adopted
        replace.swap_in(news, attic)
    for line in changed:
        print(f"generated/{line.replace('missing', 'new').replace('not generated', 'removed')}")
    print(f"generated/ is up to date: {len(changed)} files changed", file=sys.stderr)
    return DONE


def _read(root: Path, place: str, name: str) -> Contract:
    text = source.read(place)
    document = source.parse(text, name)
    check.readable(document, name)
    overlay_text = source.read(str(root / OVERLAY))
    actions = overlay.actions_of(source.parse(overlay_text, OVERLAY.as_posix()), OVERLAY.as_posix())
    applied = overlay.apply(document, actions)
    if applied.unmatched:
        raise Refused(*(f"{OVERLAY.as_posix()}: {missed}" for missed in applied.unmatched))
    check.sound(applied.document, name)
    prepared = prepare(applied.document)
    check.lossless(prepared, name)
    return Contract(_stored(text, document), applied.document, prepared)


def _stored(text: str, document: Node) -> str:
    """JSON is laid out again, so that its diff can be read; it stays valid YAML."""
    if not text.lstrip().startswith("{"):
        return text
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _write(contract: Contract, root: Path, folder: Path) -> None:
    """All of generated/ into a folder that does not exist yet."""
    folder.mkdir()
    made = generate(contract.prepared, folder)
    api_md = factlist.api_md(contract.prepared)
    check.complete(contract.prepared, made, api_md)
    version = str(contract.prepared["info"]["version"])
    overlay_text = source.read(str(root / OVERLAY))
    (folder / "API.md").write_text(api_md, "utf-8", newline="\n")
    locked = lock.lock_json(contract.text, overlay_text, version)
    (folder / "lock.json").write_text(locked, "utf-8", newline="\n")
