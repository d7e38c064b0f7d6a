"""The keys of one client: read, checked, and shown to nobody but the wire."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable

from . import _validation as validation
from ._literals import ModeName
from ._observers import LOG
from ._transport.thrown import thrown_in
from .errors import GateUsageError, quietly


class Credentials:
    """A secret key, a publishable key, or both, of one mode.

    A secret key may be a callable: it is read again once after a 401 or 403, so that a rotated key
    takes effect without a restart. renewals: How often that gave another key.
    """

    __slots__ = ("_publishable", "_secret", "_source", "mode", "renewals")

    def __init__(
        self, secret_key: str | Callable[[], str] | None, publishable_key: str | None
    ) -> None:
        if secret_key is None and publishable_key is None:
            raise GateUsageError(
                "no key was given: pass the secret key (sk_test_… or sk_live_…), or set "
                "ZEROGATE_SECRET_KEY and use from_env()"
            )
        self.renewals: int = 0
        if inspect.iscoroutinefunction(secret_key) or isinstance(secret_key, type):
            raise GateUsageError(
                "the source of the secret key must be a plain function that returns it: nobody "
                "awaits it here"
            )
        self._source = secret_key if callable(secret_key) else None
        secret = secret_key() if callable(secret_key) else secret_key
        self._secret = None if secret is None else validation.checked_secret_key(secret)
        self._publishable = (
            None if publishable_key is None else validation.checked_publishable_key(publishable_key)
        )
        modes: set[ModeName] = {
            validation.mode_of(key) for key in (self._secret, self._publishable) if key
        }
        if len(modes) != 1:
            raise GateUsageError("the two keys are of different modes: use both test or both live")
        self.mode: ModeName = modes.pop()

    def bearer(self, *, publishable: bool) -> str:
        """Return the Authorization header's value; GateUsageError without that kind of key."""
        key = self._publishable if publishable else self._secret
        if key is None:
            raise GateUsageError(_MISSING[publishable])
        return f"Bearer {key}"

    def read_again(self, known: int) -> bool:
        """Read the key anew; True if changed since renewal *known*, False if the source raises an error."""
        if self._source is None or self.renewals != known:
            return self.renewals != known
        handled = sys.exception()
        try:
            given = self._source()
        except Exception as exc:
            if thrown_in(exc, handled) is not None:
                raise
            # The refusal stands, and says more than a vault that cannot be reached.
            LOG.warning("the source of the secret key raised %s", type(exc).__name__)
            return False
        renewed = quietly(self._replace_key, given)
        del given
        if isinstance(renewed, GateUsageError):
            raise renewed
        self.renewals += renewed
        return renewed

    def _replace_key(self, given: str) -> bool:
        """Replace the secret key; return True if it is another one; GateUsageError for another mode."""
        fresh = validation.checked_secret_key(given)
        if validation.mode_of(fresh) != self.mode:
            raise GateUsageError(
                f"the key's source gave a key of another mode than {self.mode}: make a client for it"
            )
        before, self._secret = self._secret, fresh
        return fresh != before

    def __repr__(self) -> str:
        return f"Credentials(mode={self.mode!r})"

    def __reduce__(self) -> str:
        raise TypeError("credentials are not pickled: read the key where it is needed")


_MISSING = {
    False: "this operation needs a secret key (sk_…): give one to the client, on a server only",
    True: "embed.bootstrap needs a publishable key (pk_…): Gate(…, publishable_key=…)",
}
