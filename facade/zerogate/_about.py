"""The version of this release, and the User-Agent under which it calls Gate."""

from __future__ import annotations

import platform

__version__ = "0.1.0"

USER_AGENT = f"zerogate/{__version__} Python/{platform.python_version()}"
