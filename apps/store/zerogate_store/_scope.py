"""Part of a store that is one client's: the key of every row. Plain data."""

from __future__ import annotations

from typing import Any

import attrs


@attrs.frozen
class Scope:
    """Account, mode and namespace of rows; never an API key or a secret, which get exchanged."""

    account: str
    mode: str
    namespace: str

    @property
    def values(self) -> dict[str, Any]:
        """Return account, mode and namespace by the names of their columns."""
        return {"account": self.account, "mode": self.mode, "namespace": self.namespace}
