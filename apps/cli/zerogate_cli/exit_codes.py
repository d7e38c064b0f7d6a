"""Exit codes of every command, and which one each error has. Imports nothing of the client."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from typing import Final

from zerogate_cli.extras import extra_of


class Exit(enum.IntEnum):
    """Codes that a script can branch on; the same for every command."""

    CLEAN = 0
    FAILED = 1
    USAGE = 2  # argparse's own code as well
    DIFFERENCES = 3  # it worked, and found something that does not agree
    CREDENTIALS = 4  # a key, its mode, or what it may do
    NOT_FOUND = 5
    UNAVAILABLE = 6  # the network, a limit or an outage: the same command may work later
    INTERRUPTED = 130


#: What each says, for the reference.
MEANINGS: Final[Mapping[Exit, str]] = {
    Exit.CLEAN: "fine",
    Exit.FAILED: "failed",
    Exit.USAGE: "wrong usage: an option, an argument or a variable",
    Exit.DIFFERENCES: "it worked, and found something that does not agree or waits for a person",
    Exit.CREDENTIALS: "the key is refused, or may not do this",
    Exit.NOT_FOUND: "not found",
    Exit.UNAVAILABLE: "the network, a limit or an outage: try again later",
    Exit.INTERRUPTED: "interrupted, by Ctrl-C",
}


#: The nearest of an error's classes that is named here decides.
BY_ERROR: Final[Mapping[str, Exit]] = {
    "GateError": Exit.FAILED,
    "GateUsageError": Exit.USAGE,
    "MoneyError": Exit.USAGE,
    "Unauthorized": Exit.CREDENTIALS,
    "Forbidden": Exit.CREDENTIALS,
    "NotFound": Exit.NOT_FOUND,
    "RateLimited": Exit.UNAVAILABLE,
    "NotSent": Exit.UNAVAILABLE,
    "ReadFailed": Exit.UNAVAILABLE,
    "OutcomeUnknown": Exit.UNAVAILABLE,
}


class CommandFailed(Exception):
    """A command cannot go on; its message says why, and what to do."""

    def __init__(self, message: str, exit: Exit = Exit.FAILED) -> None:
        super().__init__(message)
        self.exit = exit


def ending_of(error: Exception) -> tuple[Exit, str] | None:
    """Return the exit code and the words for an error we know; None for any other, a bug."""
    match error:
        case CommandFailed():
            return error.exit, str(error)
        case ModuleNotFoundError(name=str(name)) if (install := extra_of(name)) is not None:
            return Exit.FAILED, install
    kinds = [kind for kind in type(error).__mro__ if kind.__module__ == "zerogate.errors"]
    named = (BY_ERROR[kind.__name__] for kind in kinds if kind.__name__ in BY_ERROR)
    return (next(named, Exit.FAILED), str(error)) if kinds else None
