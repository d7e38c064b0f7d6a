"""Shows the log of this package on stderr where ZEROGATE_LOG asks for it: `debug`, or `info`."""

from __future__ import annotations

import logging
import os
from collections.abc import Mapping
from typing import Final

from .errors import GateUsageError

VARIABLE: Final = "ZEROGATE_LOG"
LEVELS: Final = {"debug": logging.DEBUG, "info": logging.INFO}
_FORMAT: Final = "%(asctime)s %(levelname)s %(name)s: %(message)s"


def show_log(environ: Mapping[str, str] = os.environ) -> None:
    """Show our log on stderr at ZEROGATE_LOG's level, if set; GateUsageError for any other word in it.

    Raises:
        GateUsageError: the variable says something else.
    """
    wanted = environ.get(VARIABLE, "").strip().lower()
    if not wanted:
        return
    if wanted not in LEVELS:
        raise GateUsageError(
            f"{VARIABLE} is debug or info, not {wanted[:40]!r}: correct it, or take it out of the "
            "environment"
        )
    log = logging.getLogger("zerogate")
    log.setLevel(LEVELS[wanted])
    if not log.handlers:
        shown = logging.StreamHandler()
        shown.setFormatter(logging.Formatter(_FORMAT))
        log.addHandler(shown)
        # An application's own handlers would show each line once more.
        log.propagate = False
