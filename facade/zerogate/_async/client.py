"""The client: what it is given, checked once; its resources; its end."""

from __future__ import annotations

import os
import random
import warnings
from collections.abc import Callable, Mapping
from functools import partial
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from .. import _validation as validation
from .._about import USER_AGENT
from .._accounts import Account
from .._clocks import Clock, SystemClock
from .._compat import async_half, async_prepare
from .._credentials import Credentials
from .._frames import discreet_class
from .._idempotency.retries import RetryPolicy
from .._log import show_log
from .._mistakes.collaborators import Given
from .._mistakes.misuse import explained, misspelt_variable
from .._observers import CallObservers, Observer
from .._offline import check_offline
from .._transport.messages import Misuse
from ..errors import GateError, GateUsageError, quietly
from .branding import AsyncBrand
from .calls import AsyncCalls, Settings
from .capabilities import AsyncCapabilities
from .customers import AsyncCustomers
from .deliveries import AsyncDeliveries
from .embed import AsyncEmbed
from .quotes import AsyncQuotes
from .rails import AsyncPayIns, AsyncPayOuts
from .reconcile import AsyncReconcile
from .sending import AsyncSender
from .sessions import AsyncSessions
from .transactions import AsyncTransactions

if TYPE_CHECKING:
    import ssl

    from .._durability import Recovery
    from .._literals import ModeName
    from .._protocols import AsyncHttpClient, AsyncTransport
    from ..types import LowLevelClient
    from .seam import AsyncJournal, AsyncJournalStore


@explained
@discreet_class
class AsyncGate:
    """The 0Gate API for one account and mode. Keep one for the life of the process, and close it.

    secret_key: `sk_test_…` or `sk_live_…`; the host follows its mode. A callable is read again once
        after a 401 or 403.
    publishable_key: `pk_…` of the same mode; only `embed.bootstrap` uses it.
    base_url: Another address of Gate, such as a sandbox on loopback. Anything but the documented
        hosts and loopback needs `allow_host` to name its host.
    timeout: Seconds one HTTP operation may take, attempts and waits included.
    namespace: Keeps the idempotency keys of services apart that number their orders alike.
    account: A label of your own for this account, told to the observer. It stands for the partner
        whose record is first read under it, in a store for good; a key of another one is refused.
    store: Where writes are recorded before they are sent, so that none is made twice or forgotten,
        whatever crashes: `zerogate_store.Store(…)`. Yours to close.
    read_only: Refuse every write before it is sent.
    observer: Is called with an `AttemptRecord` after each request and a `CallRecord` after each call; in
        what it is told there is no secret and no personal data.
    transport: Any object with `send(request, until)`; see `zerogate.transports`.
    http_client: An httpx.AsyncClient (or that of httpx2) to send through, so that what mocks or traces
        those sees each call. Yours to close; docs/calls.md says what it costs.
    proxy: A proxy's URL; left out, the environment's variables count, as does NO_PROXY.
    ssl_context: For a certificate authority of your own.

    Raises:
        GateUsageError: a key, host, setting or object that cannot be right, or anything but loopback
            where ZEROGATE_OFFLINE is set; nothing is ever sent with it.
    """

    def __init__(
        self,
        secret_key: str | Callable[[], str] | None = None,
        *,
        publishable_key: str | None = None,
        base_url: str | None = None,
        allow_host: str | None = None,
        timeout: float = 30.0,
        retries: RetryPolicy | None = None,
        namespace: str = "",
        account: str | None = None,
        store: AsyncJournalStore | None = None,
        read_only: bool = False,
        observer: Observer | None = None,
        clock: Clock | None = None,
        transport: AsyncTransport | None = None,
        http_client: AsyncHttpClient | None = None,
        proxy: str | None = None,
        ssl_context: ssl.SSLContext | None = None,
    ) -> None:
        show_log()
        credentials = quietly(Credentials, secret_key, publishable_key)
        del secret_key, publishable_key
        if isinstance(credentials, GateUsageError):
            raise credentials
        check = partial(
            Given,
            half=async_half,
            mode=credentials.mode,
            store=store,
            observer=observer,
            clock=clock,
            retries=retries,
            transport=transport,
            http_client=http_client,
            proxy=proxy,
            ssl_context=ssl_context,
        )
        # The URL of a store or a proxy may hold a password.
        del store, proxy
        given = quietly(check)
        del check
        if isinstance(given, GateUsageError):
            raise given
        if given.doubt is not None:
            # Past the frame that empties this one.
            warnings.warn(given.doubt, stacklevel=3)
        origin, base_path = validation.checked_base_url(base_url, credentials.mode, allow_host)
        settings = Settings(
            origin=origin,
            base_path=base_path,
            credentials=credentials,
            headers=(("Accept", "application/json"), ("User-Agent", USER_AGENT)),
            timeout=validation.checked_seconds(timeout),
            policy=given.retries or RetryPolicy(),
            clock=given.clock or SystemClock(),
            chance=random.SystemRandom().random,
            namespace=validation.checked_namespace(namespace),
            telling=CallObservers(
                given.observer, host=origin, mode=credentials.mode, account=account
            ),
            account=Account(validation.checked_account(account)),
            read_only=validation.checked_read_only(read_only),
        )
        way = _given_or_new_transport(given, origin, settings.clock.monotonic)
        check_offline(credentials.mode, origin, way)
        self._calls = AsyncCalls(settings, way)
        async_prepare()
        if given.store is not None:
            self._calls.durability = given.store.bind_async(AsyncSender(self._calls))
        self.branding: AsyncBrand = AsyncBrand(self._calls)
        self.capabilities: AsyncCapabilities = AsyncCapabilities(self._calls)
        self.customers: AsyncCustomers = AsyncCustomers(self._calls)
        self.deliveries: AsyncDeliveries = AsyncDeliveries(self._calls)
        self.embed: AsyncEmbed = AsyncEmbed(self._calls)
        self.pay_ins: AsyncPayIns = AsyncPayIns(self._calls)
        self.pay_outs: AsyncPayOuts = AsyncPayOuts(self._calls)
        self.quotes: AsyncQuotes = AsyncQuotes(self._calls)
        self.reconcile: AsyncReconcile = AsyncReconcile(self._calls)
        self.sessions: AsyncSessions = AsyncSessions(self._calls)
        self.transactions: AsyncTransactions = AsyncTransactions(self._calls)

    @classmethod
    def from_env(cls, environ: Mapping[str, str] = os.environ, **options: Any) -> Self:
        """Return a client from ZEROGATE_* variables, *options* first; GateUsageError if missing or wrong.

        ZEROGATE_PUBLISHABLE_KEY is read too; *options* are the constructor's.
        """
        if (slip := misspelt_variable(environ)) is not None:
            del environ, options
            raise GateUsageError(slip)
        options.setdefault("base_url", environ.get("ZEROGATE_BASE_URL") or None)
        options.setdefault("publishable_key", environ.get("ZEROGATE_PUBLISHABLE_KEY") or None)
        secret = environ.get("ZEROGATE_SECRET_KEY") or environ.get("OBIT_SECRET_KEY") or None
        made = quietly(partial(cls, **options), secret)
        del environ, secret, options
        if isinstance(made, GateUsageError):
            raise made
        return made

    @property
    def mode(self) -> ModeName:
        """`test` or `live`, by the key."""
        return self._calls.settings.credentials.mode

    @property
    def journal(self) -> AsyncJournal:
        """The store's journal (`intend`, `send`, `reissue`, …); GateUsageError without a store.

        Raises:
            GateUsageError: this client has no store.
        """
        return self._calls.journal()

    async def resolve(
        self, unresolved: GateError | str, *, id: str | None = None, timeout: float | None = None
    ) -> Any:
        """Return what one write made, None if surely nothing; may send it again. OutcomeUnknown if in doubt.

        unresolved: The error that it ended in, or its idempotency key. In doubt it is looked for, and
            where its key still protects it, sent again. Without a store only a session can be
            looked for, by the order that the error names.
        id: Of the object, where you know it: a pay-in can be found by its webhook alone.

        Raises:
            OutcomeUnknown: that still cannot be told; `.retry_after` or a later call may.
            GateUsageError: the store knows no such key, or without one no session can be looked for.
        """
        if self._calls.durability is not None:
            return await self.journal.resolve(unresolved, id=id, timeout=timeout)
        from .search import AsyncSearch

        error = unresolved if isinstance(unresolved, GateError) else GateError()
        ends = self._calls.deadline(validation.checked_timeout(timeout))
        return await AsyncSearch(AsyncSender(self._calls)).unjournaled(error, ends)

    async def recover(self, *, limit: int | None = None, timeout: float = 60.0) -> Recovery:
        """Finish up to *limit* open writes within *timeout* seconds; return each one's result. Call it often.

        A crash, an outage or a lost answer leaves them open.
        It goes on until nothing is due or its time is over; `.left` of what it returns says how many
        are due then and were not reached: call it again. Any number of workers may, each takes other
        ones, and a create of an order that recovery is not sending does not wait for it. What is still
        unknown afterwards is taken up again later, the more rarely the older it is.

        limit: Writes at most; None is all. timeout: Seconds for all of them.
        """
        return await self.journal.recover(limit=limit, timeout=timeout)

    def low_level(self) -> LowLevelClient:
        """Return a generated client over our connections, for what the façade has no place for.

        It is not safe with money by itself: no key follows from an order there, nothing is tried
        again, and an answer is not judged. It needs no closing. Imports httpx.
        """
        from .._wire.low_level import client_over
        from ..transports import AsyncHttpxTransport

        settings = self._calls.settings
        check_offline(settings.credentials.mode, settings.origin, self._calls.transport)
        transport = AsyncHttpxTransport(
            self._calls.transport, timeout=settings.timeout, monotonic=settings.clock.monotonic
        )
        bearer = settings.credentials.bearer(publishable=False)
        return client_over(transport, settings.origin + settings.base_path, bearer)

    async def aclose(self) -> None:
        """Wait for running writes to end, then close the connections. Closing twice is fine."""
        await self._calls.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.aclose()

    def __repr__(self) -> str:
        if not hasattr(self, "_calls"):
            return f"{type(self).__name__}(not made)"
        return f"{type(self).__name__}(mode={self.mode!r}, host={self._calls.settings.origin!r})"

    def __reduce__(self) -> str:
        raise TypeError(
            f"{type(self).__name__} is not pickled or copied: it holds a key and connections; "
            "make one where it is used"
        )


def _given_or_new_transport(given: Given, origin: str, monotonic: Callable[[], float]) -> Any:
    """Return the caller's transport, else a new one; misuse raises GateUsageError."""
    if given.transport is not None:
        return given.transport
    try:
        return _new_transport(given, origin, monotonic)
    except Misuse as exc:
        misuse = str(exc)
    raise GateUsageError(misuse)


def _new_transport(given: Given, origin: str, monotonic: Callable[[], float]) -> Any:
    """Return an adapter of the caller's httpx client, else our own connections, unopened; or raise Misuse."""
    # Imported here, so that neither import nor a client with its own transport pays for it.
    if given.http_client is not None:
        from .._httpx.adapters import AsyncHttpxClientAdapter

        return AsyncHttpxClientAdapter(given.http_client, origin, monotonic)
    from .._transport.async_connections import AsyncConnections

    return AsyncConnections(
        origin, ssl_context=given.ssl_context, proxy=given.proxy, monotonic=monotonic
    )
