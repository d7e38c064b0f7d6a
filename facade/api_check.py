"""Finds changes of the public API that break an upgrade from the last release. Reads git, source.

Public is what stands in `__all__` of the doors below, and what `gate.…` leads to.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import griffe

ROOT: Final = Path(__file__).resolve().parent.parent
DOORS: Final = frozenset({"types", "webhooks", "transports", "stores"})
CLIENTS: Final = ("Gate", "AsyncGate")
TAGS: Final = "v[0-9]*"
CLEAN, BREAKING = 0, 1


def main(argv: list[str] | None = None) -> int:
    """Print what breaks since the last release; return 1 if the version does not allow it, else 0."""
    parser = argparse.ArgumentParser(
        prog="api_check",
        description="Breaking changes of zerogate's public API since the last release.",
        epilog="exit codes: 0 none, or a version that may have them, or no release yet; 1 some",
    )
    parser.add_argument("--root", type=Path, default=ROOT, help="default: this repository")
    parser.add_argument("--against", metavar="TAG", help=f"default: the last tag like {TAGS}")
    options = parser.parse_args(argv)
    tag = options.against or last_release(options.root)
    if tag is None:
        print(f"no release yet (no tag like {TAGS}): nothing to break")
        return CLEAN
    found = sorted(set(breakages(options.root, tag)))
    for line in found:
        print(line)
    if not found:
        print(f"nothing breaks since {tag}")
        return CLEAN
    if may_break(tag, version(options.root)):
        print(f"{len(found)} breaking since {tag}; version {version(options.root)} says so")
        return CLEAN
    print(f"{len(found)} breaking since {tag}: mend them, or raise the version", file=sys.stderr)
    return BREAKING


def last_release(root: Path) -> str | None:
    """Return the nearest tag of a release among this commit's ancestors; None without one."""
    command = ["git", "-C", str(root), "describe", "--tags", "--abbrev=0", "--match", TAGS]
    said = subprocess.run(command, capture_output=True, text=True, check=False)
    return said.stdout.strip() or None if said.returncode == 0 else None


def version(root: Path) -> str:
    """Return the version that `_about.py` gives; `0` where it gives none."""
    text = (root / "facade/zerogate/_about.py").read_text("utf-8")
    found = re.search(r'__version__[^=\n]*= *"([^"]+)"', text)
    return found[1] if found else "0"


def may_break(tag: str, version: str) -> bool:
    """Return True if *version* may break users of *tag*: a new first number, or second before 1.0."""
    old, new = (tuple(map(int, re.findall(r"\d+", text)[:2])) for text in (tag, version))
    return new[:1] != old[:1] if old[:1] != (0,) else new != old


def breakages(root: Path, tag: str) -> Iterator[str]:
    """Yield a line for each change since *tag* that breaks callers of the public API."""
    before = _mark_public(griffe.load_git("zerogate", ref=tag, repo=root, search_paths=["facade"]))
    after = _mark_public(griffe.load("zerogate", search_paths=[root / "facade"]))
    yield from _hidden(before, after)
    for name in DOORS & before.modules.keys() & after.modules.keys():
        yield from _hidden(before.modules[name], after.modules[name])
    pairs = [(before, after), *_resources(before, after)]
    for old, new in pairs:
        for found in griffe.find_breaking_changes(old, new):
            yield _line(found)


def _mark_public(module: griffe.Object | griffe.Alias) -> griffe.Module:
    """Mark the modules of DOORS, and no others, as public in place; return the package."""
    assert isinstance(module, griffe.Module)
    for name, inner in module.modules.items():
        inner.public = name in DOORS
    return module


def _hidden(before: griffe.Module, after: griffe.Module) -> Iterator[str]:
    """Yield a line for each name of `__all__` that is not in it any more, or leads to nothing now."""
    place = f"facade/{before.path.replace('.', '/')}"
    promised = {str(name) for name in after.exports or ()}
    for name in map(str, before.exports or ()):
        if name in after.members and name not in promised:
            yield f"{place}: {name}: no longer in __all__"
        elif name in after.members and _resolves(before[name]) and not _resolves(after[name]):
            yield f"{place}: {name}: what it stood for is gone"


def _resolves(member: griffe.Object | griffe.Alias) -> bool:
    """Return True unless it is an alias that leads to nothing."""
    if not isinstance(member, griffe.Alias):
        return True
    try:
        return bool(member.final_target)
    except (griffe.AliasResolutionError, griffe.CyclicAliasError):
        return False


def _resources(
    before: griffe.Module, after: griffe.Module
) -> Iterator[tuple[griffe.Object | griffe.Alias, griffe.Object | griffe.Alias]]:
    """Yield old and new class of each resource of a client, such as `gate.sessions`."""
    for client in CLIENTS:
        old, new = _led_to(before, client), _led_to(after, client)
        yield from ((old[name], new[name]) for name in old.keys() & new.keys())


def _led_to(module: griffe.Module, client: str) -> dict[str, griffe.Object | griffe.Alias]:
    """Return the classes behind a client's attributes, by attribute; {} without the client."""
    found: dict[str, griffe.Object | griffe.Alias] = {}
    if client not in module.members:
        return found
    for name, attribute in module[client].attributes.items():
        said = attribute.annotation or getattr(attribute.value, "function", None)
        if attribute.is_public and said is not None and str(said).isidentifier():
            try:
                kind = module[client].final_target.module[str(said)].final_target
            except (KeyError, griffe.AliasResolutionError):
                continue
            if kind.is_class:
                found[name] = kind
    return found


def _line(found: griffe.Breakage) -> str:
    """Return a breakage as one line, without colour or the folder the release was unpacked into."""
    said = found.explain(style=griffe.ExplanationStyle.ONE_LINE)
    plain = re.sub(r"\x1b\[[0-9;]*m", "", said)
    return re.sub(r"^.*?(?=zerogate[/.])", "facade/", plain, count=1)


if __name__ == "__main__":
    sys.exit(main())
