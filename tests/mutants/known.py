"""Changes that no test can notice, or need not, each with its reason."""

from __future__ import annotations

from typing import Final

import attrs


@attrs.frozen
class Known:
    """A change that stays: by where it is and how the line is then."""

    where: str
    after: str
    reason: str


#: Module → what stays.
KNOWN: Final[dict[str, tuple[Known, ...]]] = {}
