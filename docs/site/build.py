"""Stages the pages of docs/ and builds the site from them, strictly: `python docs/site/build.py [OUT]`.

A page is written for the code host: its links are paths of the repository. What of them the site has no page
for (an example, a test, a contract) is laid beside the pages as text, so that no link leads out of the site.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[2]
DOCS: Final = ROOT / "docs"
SITE: Final = DOCS / "site"
#: Documents that stand at the root, where a code host looks for them, and are pages of the site too.
DOCUMENTS: Final = ("CHANGELOG.md", "CONTRIBUTING.md", "RELEASING.md", "SECURITY.md")
#: Where mkdocstrings reads the packages; nothing is imported.
PACKAGES: Final = (
    "facade",
    "generated",
    "apps/store",
    "apps/celery",
    "apps/otel",
    "apps/sandbox",
    "apps/ledger",
    "apps/cli",
)
_LINK: Final = re.compile(r"(\]\()([^)\s]+)(\))")
_FENCE: Final = re.compile(r"^```.*?^```$", re.DOTALL | re.MULTILINE)


def sources() -> dict[Path, Path]:
    """Return every file that the site shows → its place in it."""
    found = {path: path.relative_to(DOCS) for path in DOCS.rglob("*") if path.is_file()}
    pages = {path: place for path, place in found.items() if place.parts[0] != SITE.name}
    return pages | {ROOT / name: Path(name) for name in DOCUMENTS}


def outside_of_fences(text: str, change: re.Pattern[str], by: object) -> str:
    """Return *text* with *change* replaced everywhere but in blocks of code."""
    parts, end = [], 0
    for fence in _FENCE.finditer(text):
        parts += [change.sub(by, text[end : fence.start()]), fence[0]]  # type: ignore[arg-type]  # as re.sub
        end = fence.end()
    return "".join([*parts, change.sub(by, text[end:])])  # type: ignore[arg-type]


class Stage:
    """The pages as the generator reads them, in *folder*."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.places = sources()

    def write(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)
        for source, place in self.places.items():
            target = self.folder / "pages" / place
            target.parent.mkdir(parents=True, exist_ok=True)
            if source.suffix == ".md":
                target.write_text(self._rewritten(source, place), "utf-8")
            else:
                shutil.copyfile(source, target)
        self.folder.joinpath("zensical.toml").write_text(self._configuration(), "utf-8")

    def _rewritten(self, source: Path, place: Path) -> str:
        def link(found: re.Match[str]) -> str:
            return f"{found[1]}{self._target(source, place, found[2])}{found[3]}"

        return outside_of_fences(source.read_text("utf-8"), _LINK, link)

    def _target(self, source: Path, place: Path, link: str) -> str:
        path, mark, anchor = link.partition("#")
        if not path or "://" in path or path.startswith("mailto:"):
            return link
        wanted = (source.parent / path).resolve()
        found = self.places.get(wanted)
        if found is None:
            found = self._attached(wanted)
            if found is None:
                return link  # the strict build says that it leads nowhere
        return os.path.relpath(found, place.parent).replace(os.sep, "/") + mark + anchor

    def _attached(self, wanted: Path) -> Path | None:
        """Lay a file of the repository beside the pages, as text that a browser shows."""
        if not wanted.is_file() or ROOT not in wanted.parents:
            return None
        place = Path("repository") / f"{wanted.relative_to(ROOT)}.txt"
        target = self.folder / "pages" / place
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(wanted, target)
        return place

    def _configuration(self) -> str:
        decisions = sorted(path.name for path in (DOCS / "decisions").glob("*.md"))
        ordered = ["README.md", *(name for name in decisions if name != "README.md")]
        said = {
            "DECISIONS": ", ".join(f'"decisions/{name}"' for name in ordered),
            "PATHS": ", ".join(f'"{(ROOT / name).as_posix()}"' for name in PACKAGES),
            "EXTENSIONS": f'"{(SITE / "parameters.py").as_posix()}"',
        }
        text = (SITE / "zensical.toml").read_text("utf-8")
        for name, value in said.items():
            text = text.replace(f"[{name}]", f"[{value}]")
        return text


def main(out: Path) -> int:
    """Stage in *out*, build in *out*/site."""
    Stage(out).write()
    words = (sys.executable, "-m", "zensical", "build", "--strict", "--clean")
    code = subprocess.run(words, cwd=out, check=False).returncode
    if code == 0:
        print(out / "site" / "index.html")
    return code


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1] if sys.argv[1:] else ROOT / "build" / "docs").resolve()))
