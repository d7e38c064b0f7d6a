"""Gives a package index the README with links that work there: hatchling calls it when it builds `zerogate`.

An index shows the page outside of the repository, where a path leads nowhere. With an address of the source
in `[project.urls]` a path becomes an address, of this very version; without one the link's words stay alone.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Final

from hatchling.metadata.plugin.interface import MetadataHookInterface

_LINK: Final = re.compile(r"\[([^][]+)\]\(([^)\s]+)\)")


class IndexReadme(MetadataHookInterface):
    """Sets `readme`, which is dynamic for this reason alone."""

    def update(self, metadata: dict[str, Any]) -> None:
        """Set `readme` in the metadata to README.md with its links for an index."""
        text = Path(self.root, "README.md").read_text("utf-8")
        source = metadata.get("urls", {}).get("Source")
        metadata["readme"] = {
            "content-type": "text/markdown",
            "text": for_index(text, source, metadata.get("version", "main")),
        }


def for_index(text: str, source: str | None, version: str) -> str:
    """Return the page with paths in links as addresses; without *source*, only their words."""

    def link(found: re.Match[str]) -> str:
        """Return one link with its path as an address, only its words without *source*, a URL as it is."""
        words, target = found[1], found[2]
        if "://" in target or target.startswith("#"):
            return found[0]
        if source is None:
            return words
        return f"[{words}]({source.rstrip('/')}/blob/v{version}/{target})"

    return _LINK.sub(link, text)
