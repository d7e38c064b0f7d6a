"""Takes pictures of what people see, for a person to look at: `python -m tests.screens DIR [SITE]`.

The checkout page, the ledger's report and pages of the site, at 1280 and at 390 pixels, light and dark.
"""

from __future__ import annotations

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
def checkout() -> Iterator[str]:
    """The address of the checkout page of a session that is open."""
    with Sandbox(seed=0, clock=WallClock()).serve() as served:
        headers = {"authorization": "Bearer sk_test_screens", "idempotency-key": "screens"}
        made = httpx.post(f"{served.base_url}/gate_sessions", json=_ORDER, headers=headers)
        yield f"{served.control_url}/checkout#{made.json()['client_secret']}"


def take(browser: Any, address: str, file: Path, scheme: str) -> None:
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
    browser.save_screenshot(str(file))
    # The site remembers the scheme that it was first seen in.
    browser.execute_script("try { localStorage.clear() } catch (refused) {}")
    print(file)


def main(argv: list[str]) -> int:
    out = Path(argv[0]).resolve()
    site = Path(argv[1]).resolve() if argv[1:] else None
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch, checkout() as paying:
        seen = [("checkout", paying), *addresses(Path(scratch), site)]
        for screen, (width, *_) in SCREENS.items():
            with chromium(screen, Path(scratch) / screen) as browser:
                for name, address in seen:
                    for scheme in ("light", "dark"):
                        take(browser, address, out / f"{name}-{width}-{scheme}.png", scheme)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
