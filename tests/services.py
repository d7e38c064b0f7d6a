"""What a test needs of the machine: where it is missing the test says so, and fails where it is promised."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from shutil import which
from typing import Any, NoReturn

import pytest

#: As root, on a closed network, with nothing kept.
_FLAGS = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run "
    "--disable-background-networking --disable-component-update --disable-sync"
)
#: Width, height and whether it is a phone.
SCREENS = {"desktop": (1280, 900, False), "phone": (390, 844, True)}


def promised() -> bool:
    """Whether everything has to be there, as it has in CI."""
    return os.environ.get("ZEROGATE_REQUIRE_SERVICES") == "1"


def unavailable(reason: str) -> NoReturn:
    """Ends a test that cannot run here: skipped, or failed where services are promised."""
    if promised():
        pytest.fail(reason)
    pytest.skip(reason)


def ignored(**packages: str) -> list[str]:
    """Folders to leave out because their package is not installed: folder → package."""
    return [
        folder for folder, package in packages.items() if not (promised() or find_spec(package))
    ]


@contextmanager
def chromium(screen: str, profile: Path, *flags: str) -> Iterator[Any]:
    """A real Chromium by Selenium, with its log of the network; *profile* is an empty folder.

    ZEROGATE_TEST_CHROMIUM and ZEROGATE_TEST_CHROMEDRIVER name others than those on the path.
    """
    try:
        from selenium import webdriver
    except ImportError as problem:
        unavailable(f"no selenium (pip install --group browser): {problem}")
    browser = os.environ.get("ZEROGATE_TEST_CHROMIUM") or which("chromium")
    driver = os.environ.get("ZEROGATE_TEST_CHROMEDRIVER") or which("chromedriver")
    if not (browser and driver):
        unavailable("no chromium and chromedriver here (Debian: chromium, chromium-driver)")
    width, height, mobile = SCREENS[screen]
    options = webdriver.ChromeOptions()
    options.binary_location = str(browser)
    for flag in (*_FLAGS.split(), *flags):
        options.add_argument(flag)
    options.add_argument(f"--user-data-dir={profile}")
    options.set_capability("goog:loggingPrefs", {"performance": "ALL", "browser": "ALL"})
    opened = webdriver.Chrome(options=options, service=webdriver.ChromeService(str(driver)))
    # How long a page takes says how busy the machine is, and nothing about the page.
    opened.set_script_timeout(600)
    opened.set_page_load_timeout(600)
    opened.command_executor.client_config.timeout = 900
    shape = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": mobile}
    try:
        opened.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", shape)
        yield opened
    finally:
        opened.quit()
