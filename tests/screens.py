"""Takes pictures of what people see, for a person to look at: `python -m tests.screens DIR [SITE]`.

The checkout page, the sandbox's start page, the ledger's report and pages of the site, at 1280 and at 390
pixels, light and dark.
"""

from __future__ import annotations

import base64
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
from selenium.webdriver.support.ui import WebDriverWait
from zerogate_cli.__main__ import main as zerogate
from zerogate_sandbox import Sandbox, WallClock

from tests.services import SCREENS, chromium

PAGES = ("index", "quickstart", "architecture", "reconcile-an-order", "cli", "api/zerogate")
#: Pixels of a page that a picture shows at most.
TALLEST = 4000
_ORDER = {
    "amount": "100.00",
    "currency": "EUR",
    "return_url": "https://shop.example/done",
    "flow": "on_ramp",
}


def addresses(folder: Path, site: Path | None) -> Iterator[tuple[str, str]]:
    """Return what to look at: name and address, while the sandbox behind it runs."""
    out = folder / "demo"
    zerogate(["demo", "--out", str(out)])
    yield "report", (out / "report" / "report.html").as_uri()
    if site is not None:
        for page in PAGES:
            yield f"site-{page.replace('/', '-')}", (site / f"{page}.html").as_uri()


@contextmanager
def served() -> Iterator[dict[str, str]]:
    """Serve a sandbox; return the addresses of its start page and of the checkout page of an open session."""
    with Sandbox(seed=0, clock=WallClock()).serve() as sandbox:
        headers = {"authorization": "Bearer sk_test_screens", "idempotency-key": "screens"}
        made = httpx.post(f"{sandbox.base_url}/gate_sessions", json=_ORDER, headers=headers)
        paying = f"{sandbox.control_url}/checkout#{made.json()['client_secret']}"
        yield {"start": sandbox.control_url.removesuffix("_sandbox"), "checkout": paying}


def take(browser: Any, address: str, file: Path, width: int, scheme: str) -> None:
    browser.execute_cdp_cmd(
        "Emulation.setEmulatedMedia",
        {"features": [{"name": "prefers-color-scheme", "value": scheme}]},
    )
    browser.get("about:blank")
    browser.get(address)
    WebDriverWait(browser, 60, 0.1).until(
        lambda one: one.execute_script(
            "const main = document.querySelector('main');"
            "return document.readyState === 'complete' && main?.getAttribute('aria-busy') !== 'true'"
        )
    )
    # All of it, not the first screen alone: what is cut is seldom at the top.
    tall = browser.execute_script("return document.documentElement.scrollHeight")
    whole = {"x": 0, "y": 0, "width": width, "height": min(max(tall, 800), TALLEST), "scale": 1}
    taken = browser.execute_cdp_cmd(
        "Page.captureScreenshot", {"clip": whole, "captureBeyondViewport": True}
    )
    file.write_bytes(base64.b64decode(taken["data"]))
    # The site remembers the scheme that it was first seen in.
    browser.execute_script("try { localStorage.clear() } catch (refused) {}")
    print(file)


def main(argv: list[str]) -> int:
    out = Path(argv[0]).resolve()
    site = Path(argv[1]).resolve() if argv[1:] else None
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch, served() as pages:
        seen = [*pages.items(), *addresses(Path(scratch), site)]
        for screen, (width, *_) in SCREENS.items():
            with chromium(screen, Path(scratch) / screen) as browser:
                for name, address in seen:
                    for scheme in ("light", "dark"):
                        file = out / f"{name}-{width}-{scheme}.png"
                        take(browser, address, file, width, scheme)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
