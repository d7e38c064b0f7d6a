"""On what it was measured: processor, interpreter, versions. Knows nothing of what."""

from __future__ import annotations

import os
import platform
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

from harness import cores

_OURS: Final = ("zerogate", "attrs", "h11")
_THEIRS: Final = ("httpx", "httpcore", "0bit-gate", "stripe", "requests", "urllib3", "aiohttp")


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    except OSError:
        lines = []
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.processor() or platform.machine())


def described() -> dict[str, Any]:
    return {
        "date": datetime.now(UTC).date().isoformat(),
        "python": f"{platform.python_implementation()} {platform.python_version()}",
        "system": f"{platform.system()} {platform.release().partition('-')[0]}",
        "processor": f"{_processor()}, {os.cpu_count()} cores",
        "pinned": cores() is not None,
        "load": [round(load, 2) for load in os.getloadavg()],
        "packages": {name: version(name) for name in _OURS + _THEIRS},
    }


def shown(told: dict[str, Any]) -> str:
    packages = ", ".join(f"{name} {number}" for name, number in told["packages"].items())
    pinned = "clients on one core, server on another" if told["pinned"] else "not pinned"
    return (
        f"{told['date']}  {told['python']}  {told['system']}  {told['processor']}\n"
        f"{pinned}; load average {told['load'][0]}\n{packages}"
    )
