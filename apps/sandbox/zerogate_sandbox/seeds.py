"""Everything random in a sandbox: hashes of the seed, a name and how often it was asked.

Each kind of thing draws from its own sequence, so that adding a fault, or one more event, leaves
every other identifier of a same-seed run as it was. The state is a table of counters.
"""

from __future__ import annotations

from hashlib import blake2b


class Seeds:
    """Source of ids, secrets and chances: the same seed gives the same ones, each name by itself.

    >>> Seeds(7).hex("session", 8) == Seeds(7).hex("session", 8)
    True
    """

    def __init__(self, seed: int | str, counters: dict[str, int] | None = None) -> None:
        self.seed = seed
        self.counters = dict(counters or {})

    def hex(self, kind: str, length: int) -> str:
        """Return a kind's next *length* (at most 64) hexadecimal digits; each call moves its count on."""
        count = self.counters.get(kind, 0)
        self.counters[kind] = count + 1
        digest = blake2b(f"{self.seed}/{kind}/{count}".encode(), digest_size=32)
        return digest.hexdigest()[:length]

    def chance(self, kind: str) -> float:
        """Return the next number in [0, 1) of this kind's sequence."""
        return int(self.hex(kind, 13), 16) / 16**13
