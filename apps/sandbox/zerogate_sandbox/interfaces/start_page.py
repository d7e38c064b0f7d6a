"""The page at a served sandbox's `/`: its addresses, and commands to copy. Holds no secret."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from importlib.resources import files
from typing import Final

from zerogate_sandbox.responses import Answer

_HEADERS: Final[Mapping[str, str]] = {
    "content-type": "text/html; charset=utf-8",
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
    "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'",
}


def page(origin: str) -> Answer:
    """Return the HTML start page of a sandbox that was asked at *origin*."""
    text = files(__package__).joinpath("start_page.html").read_text("utf-8")
    body = text.replace("{origin}", escape(origin)).encode()
    return Answer(200, _HEADERS, body)
