"""What the shops' tests need and not every machine has."""

from __future__ import annotations

import os
from importlib.util import find_spec
from pathlib import Path

_THERE = find_spec("selenium") and all(
    Path(f"/usr/bin/{name}").exists() for name in ("chromium", "chromedriver")
)
#: As the sandbox's own tests of its checkout page: see the sessions of noxfile.py.
collect_ignore = (
    [] if _THERE or os.environ.get("ZEROGATE_REQUIRE_SERVICES") == "1" else ["test_shops.py"]
)
