"""Part of a store that is one client's: the key of every row. Plain data."""

from __future__ import annotations

import attrs


@attrs.frozen
class Scope:
    """Whose rows: never known by an API key or a secret, for those are exchanged."""

    account: str
    mode: str
    namespace: str
