"""The partner behind a client's account label, learned from the records it reads. Sends nothing."""

from __future__ import annotations

from .errors import GateUsageError


class Account:
    """A label of the caller's own; the first partner seen under it is the one it stands for."""

    def __init__(self, label: str | None) -> None:
        self.label: str | None = label
        self._partner: str | None = None
        self._foreign: str | None = None

    def notice(self, record: object) -> str | None:
        """Learn our partner, if labelled; return a warning, kept for `check`, on another's; else None."""
        partner = getattr(record, "partner_id", None)
        # An empty id says nothing of whose the record is.
        if self.label is None or not partner or not isinstance(partner, str):
            return None
        self._partner = self._partner or partner
        if partner == self._partner:
            return None
        self._foreign = partner
        return self._warning(partner)

    def check(self) -> None:
        """Raise GateUsageError if a record has shown that the key is another account's."""
        if self._foreign is not None:
            raise GateUsageError(self._warning(self._foreign))

    def _warning(self, partner: str) -> str:
        """Return the sentence on two partners under one label, for messages."""
        return (
            f"account={self.label!r} stands for partner {self._partner}, and this key is one of "
            f"partner {partner}: give each account a client and a label of its own"
        )
