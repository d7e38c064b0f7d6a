"""Write the sync half from the async half, token by token.

    python facade/unasync.py           rewrite every sync folder
    python facade/unasync.py --check   change nothing; exit 1 if that would change anything

`async` and `await` are dropped, names are exchanged, comments and strings are kept.
A rule that no longer matches anything is an error: it would lie in wait for a name it does not know.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import sysconfig
import tokenize
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
#: Where the async source stands, which of its files are one, and where its sync half goes.
PAIRS = (
    (ROOT / "facade/zerogate/_async", "*.py", ROOT / "facade/zerogate/_sync"),
    (ROOT / "facade/zerogate/_transport", "async_*.py", ROOT / "facade/zerogate/_transport"),
    (ROOT / "apps/store/zerogate_store/_async", "*.py", ROOT / "apps/store/zerogate_store/_sync"),
    (ROOT / "tests/client/_async", "*.py", ROOT / "tests/client/_sync"),
)
#: Names that come in two kinds: of the language, the standard library, and the seam.
RENAMES = {
    "get_async_httpx_client": "get_httpx_client",
    "__aenter__": "__enter__",
    "__aexit__": "__exit__",
    "__aiter__": "__iter__",
    "AsyncIterator": "Iterator",
    "aclose": "close",
    "bind_async": "bind",
    "erase_async": "erase",
}
_RENAMED = re.compile(rf"(?<!\w)(?:{'|'.join(RENAMES)})(?!\w)")
#: Ours: AsyncGate → Gate, async_sleep → sync_sleep, _async → _sync, async_gate → gate in tests.
_FIXTURE = re.compile(r"(?<!\w)async_gate(?!\w)")
_PREFIXED = re.compile(r"(?<!\w)(_?)Async(?=[A-Z])")
_TWIN = re.compile(r"(?<!\w)(_?)async_(?=[a-z])")
_FOLDER = re.compile(r"(?<!\w)_async(?!\w)")
_SPOKEN = re.compile(r"\b(?:async|await) (?=\w)")


def renamed(text: str, used: set[str]) -> str:
    """Return text with its async names exchanged for sync ones; adds the rules met to *used*."""

    def swap(match: re.Match[str]) -> str:
        """Return the sync name, and note the rule as used."""
        used.add(match[0])
        return RENAMES[match[0]]

    text = _FIXTURE.sub("gate", _RENAMED.sub(swap, text))
    return _FOLDER.sub("_sync", _TWIN.sub(r"\1sync_", _PREFIXED.sub(r"\1", text)))


def to_sync(source: str, used: set[str] | None = None) -> str:
    """Return the sync twin of *source*, comments and strings kept; adds the rules met to *used*."""
    used = set() if used is None else used
    lines = source.splitlines(keepends=True)
    for token in reversed(list(tokenize.generate_tokens(iter(lines).__next__))):
        (row, start), (end_row, end) = token.start, token.end
        if token.type == tokenize.NAME and token.string in {"async", "await"}:
            line = lines[row - 1]
            lines[row - 1] = line[:start] + line[end:].lstrip(" ")
        elif token.type in {tokenize.NAME, tokenize.STRING, tokenize.COMMENT}:
            for i in range(row - 1, end_row):
                a = start if i == row - 1 else 0
                b = end if i == end_row - 1 else len(lines[i])
                text = renamed(lines[i][a:b], used)
                if token.type != tokenize.NAME:
                    text = _SPOKEN.sub("", text)
                lines[i] = lines[i][:a] + text + lines[i][b:]
    return "".join(lines)


def _ruff() -> str:
    """Return the path of ruff, this environment's first; SystemExit without one."""
    beside = Path(sysconfig.get_path("scripts")) / "ruff"
    found = str(beside) if beside.exists() else shutil.which("ruff")
    if found is None:
        raise SystemExit("ruff is not installed here; run this through `nox -s unasync`")
    return found


def _formatted(source: str, path: Path) -> str:
    """Return the source sorted and formatted by ruff as *path* would be; CalledProcessError if it fails."""
    for command in (["check", "--select=I", "--fix", "--quiet"], ["format", "--quiet"]):
        source = subprocess.run(
            [_ruff(), *command, "--no-cache", f"--stdin-filename={path}", "-"],
            input=source,
            capture_output=True,
            text=True,
            check=True,
            cwd=ROOT,
        ).stdout
    return source


def wanted(used: set[str]) -> Iterator[tuple[Path, str]]:
    """Yield each sync file's path and its text, written anew from its source; adds rules met to *used*."""
    for source_dir, pattern, target_dir in PAIRS:
        for source in sorted(source_dir.rglob(pattern)):
            target = target_dir / renamed(source.relative_to(source_dir).as_posix(), used)
            said = source.relative_to(ROOT).as_posix()
            header = f"# Written by facade/unasync.py from {said}; edit that file.\n"
            text = to_sync(source.read_text("utf-8"), used)
            yield target, _formatted(header + text, target)


def main(argv: list[str]) -> int:
    """Write sync files, remove stale ones; return 1 if a rule is unused, or with --check if any is wrong."""
    used: set[str] = set()
    files = dict(wanted(used))
    written = (folder.rglob(pattern.replace("async_", "sync_")) for _, pattern, folder in PAIRS)
    present = {path for found in written for path in found}
    wrong = [p for p, text in files.items() if p not in present or p.read_text("utf-8") != text]
    stale = sorted(present - files.keys())
    if unused := sorted(RENAMES.keys() - used):
        print("these rules of facade/unasync.py match nothing any more:", ", ".join(unused))
        return 1
    if "--check" in argv:
        for path in wrong + stale:
            print(f"out of step with its async source: {path.relative_to(ROOT)}")
        if wrong or stale:
            print("run `nox -s unasync` and commit what it writes")
        return 1 if wrong or stale else 0
    for path in wrong:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(files[path], "utf-8")
        print(f"written: {path.relative_to(ROOT)}")
    for path in stale:
        path.unlink()
        print(f"removed: {path.relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
