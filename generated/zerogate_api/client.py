# Generated from openapi/gate-v1.yaml by `nox -s regenerate`: edit that, not this.
"""httpx clients with a time-out, without redirects, and with a repr that hides the token.

with AuthenticatedClient("https://…/v1", token) as client:
    answer = client.get_httpx_client().request(**retrieve_session.get_kwargs(id))
    session = retrieve_session.parse_response(answer)
"""

from typing import Any, Self

import httpx
from attrs import define, field

SECONDS = 30.0


@define
class Client:
    """Calls without a token.

    base_url: Scheme, host and version, as in the contract's `servers`.
    headers: Sent with every call.
    timeout: Seconds that connecting, or waiting for the next bytes, may take.
    httpx_args: Anything else for httpx.Client and httpx.AsyncClient, such as `transport`.
    """

    base_url: str
    headers: dict[str, str] = field(factory=dict, kw_only=True, repr=False)
    timeout: float = field(default=SECONDS, kw_only=True)
    httpx_args: dict[str, Any] = field(factory=dict, kw_only=True, repr=False)
    _client: httpx.Client | None = field(default=None, init=False, repr=False, eq=False)
    _async_client: httpx.AsyncClient | None = field(default=None, init=False, repr=False, eq=False)

    def _options(self) -> dict[str, Any]:
        own = {"follow_redirects": False, "trust_env": False, "timeout": self.timeout}
        return {"base_url": self.base_url, "headers": self.headers, **own, **self.httpx_args}

    def set_httpx_client(self, client: httpx.Client) -> Self:
        """Use this one, with its own settings."""
        self._client = client
        return self

    def get_httpx_client(self) -> httpx.Client:
        """The httpx client, made on first use."""
        if self._client is None:
            self._client = httpx.Client(**self._options())
        return self._client

    def set_async_httpx_client(self, client: httpx.AsyncClient) -> Self:
        """Use this one, with its own settings."""
        self._async_client = client
        return self

    def get_async_httpx_client(self) -> httpx.AsyncClient:
        """The asynchronous httpx client, made on first use."""
        if self._async_client is None:
            self._async_client = httpx.AsyncClient(**self._options())
        return self._async_client

    def __enter__(self) -> Self:
        self.get_httpx_client().__enter__()
        return self

    def __exit__(self, *exc: Any) -> None:
        self.get_httpx_client().__exit__(*exc)

    async def __aenter__(self) -> Self:
        await self.get_async_httpx_client().__aenter__()
        return self

    async def __aexit__(self, *exc: Any) -> None:
        await self.get_async_httpx_client().__aexit__(*exc)


@define
class AuthenticatedClient(Client):
    """Calls with `Authorization: Bearer <token>`."""

    token: str = field(repr=False)

    def _options(self) -> dict[str, Any]:
        options = super()._options()
        return {**options, "headers": {**self.headers, "Authorization": f"Bearer {self.token}"}}


__all__ = ["AuthenticatedClient", "Client"]
