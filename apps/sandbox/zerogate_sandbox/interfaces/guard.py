"""Decides who may speak to a served sandbox: by Host, by the page that asks, by token, by form.

Any web page can make a browser send requests to this machine, and any name can be made to resolve
to it (DNS rebinding). A browser says which page asks in Origin and Sec-Fetch-Site, which no page can
change, and in Host by which name it came here.
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Callable, Collection
from urllib.parse import urlsplit

import attrs

from zerogate_sandbox.calls import BASE_PATH, PlainRequest
from zerogate_sandbox.interfaces.hosts import host_in, is_loopback, named
from zerogate_sandbox.responses import Refused

CONTROL = "/_sandbox"
CHECKOUT = CONTROL + "/checkout"
BOOTSTRAP = BASE_PATH + "/embed/bootstrap"
TOKEN_HEADER = "x-sandbox-token"  # noqa: S105 - the name of a header
_EVERYWHERE = frozenset({"", "0.0.0.0", "::"})  # noqa: S104 - where it listens, for no Host  # nosec B104
_JSON = "the body has to be JSON: send the header content-type: application/json"
_OWN = frozenset({"same-origin", "none"})
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


def is_control(path: str) -> bool:
    """Return True for `/_sandbox` and every path below it."""
    return path == CONTROL or path.startswith(CONTROL + "/")


def path_of(request: PlainRequest) -> str:
    """Return the path of the request's target, still encoded, without its query."""
    return request.target.partition("?")[0]


@attrs.frozen
class Guard:
    """Rule of who may reach a served sandbox: by Host, and by token for the control API.

    hosts: What a request may name as its Host, beside loopback.
    token: What a request to the control API has to bear; without one, only this machine steers.
    """

    hosts: frozenset[str] = frozenset()
    token: str | None = attrs.field(default=None, repr=False)

    @classmethod
    def listening_on(
        cls, host: str, allowed_hosts: Collection[str] = (), token: str | None = None
    ) -> Guard:
        """Return a guard for a server on *host*; off loopback it has a token, made if not given."""
        hosts = named("--allow-host", allowed_hosts)
        if not is_loopback(host):
            token = token or secrets.token_urlsafe(24)
            hosts |= named("--host", [host] if host not in _EVERYWHERE else [])
        return cls(hosts, token)

    def check(
        self, request: PlainRequest, client: str | None, origins: Callable[[], Collection[str]]
    ) -> None:
        """Raise Refused for a wrong Host, a foreign page, a wrong token, or a body not said to be JSON.

        client: The address that it comes from, where there is one.
        origins: All that accounts list as allowed to bootstrap.
        """
        path = path_of(request)
        host = self._check_host(request)
        if (
            path == BOOTSTRAP
            and request.method in ("POST", "OPTIONS")
            and _header_values(request, "origin")
        ):
            self._check_bootstrap(request, origins())
        elif (request.method, path) != ("GET", CHECKOUT):
            # The page itself holds nothing, and shops send their users to it from anywhere.
            _check_page(request, host)
        if is_control(path):
            if path != CHECKOUT:
                # A client secret is what the checkout page goes by.
                self._check_token(request, client)
            _check_type(request)
        elif request.body and not _header_values(request, "content-type"):
            # Of another type, and without a key, the API itself refuses it.
            raise Refused(400, _JSON)

    def _check_host(self, request: PlainRequest) -> str:
        """Return the one Host header in small letters; Refused (403) if it is not allowed."""
        said = _header_values(request, "host")
        host = host_in(said[0]) if len(said) == 1 else None
        if host is None:
            raise Refused(403, "the request needs one Host header, such as 127.0.0.1:4000")
        if not (is_loopback(host) or host in self.hosts):
            raise Refused(
                403,
                f"this sandbox does not answer to the name {host}: ask for 127.0.0.1, or serve it "
                f"with --allow-host {host} (in Python allowed_hosts=[{host!r}])",
            )
        return said[0].lower()

    def _check_bootstrap(self, request: PlainRequest, listed: Collection[str]) -> None:
        """Raise Refused (403) for a browser's page that is neither local nor *listed*.

        Of a request that no browser sends the account alone judges.
        """
        if not _header_values(request, "sec-fetch-site"):
            return
        for origin in _header_values(request, "origin"):
            host = _host_of(origin)
            if origin not in listed and not (host and (is_loopback(host) or host in self.hosts)):
                raise Refused(
                    403,
                    f"pages of {origin} may not use the widget: list it in the account's origins "
                    f'(POST {CONTROL}/accounts {{"key": …, "origins": ["{origin}"]}})',
                )

    def _check_token(self, request: PlainRequest, client: str | None) -> None:
        """Raise Refused (401) for a wrong token; (403) for another machine where no token is set."""
        if self.token is None:
            if client is not None and not is_loopback(client):
                raise Refused(
                    403,
                    "without a token only this machine steers the sandbox: serve it with one "
                    "(--host makes one; in Python token=…)",
                )
            return
        said = _header_values(request, TOKEN_HEADER)
        # Bytes on both sides: compare_digest raises on text that is not ASCII.
        if len(said) != 1 or not hmac.compare_digest(said[0].encode(), self.token.encode()):
            raise Refused(
                401,
                "this sandbox listens for other machines: send the token that it showed when it "
                "was started, in the header X-Sandbox-Token (its commands read it from "
                "ZEROGATE_SANDBOX_TOKEN)",
            )


def _check_page(request: PlainRequest, host: str) -> None:
    """Raise Refused (403) where a page of another origin or site asks."""
    foreign = [
        origin
        for origin in _header_values(request, "origin")
        if origin.lower() not in (f"http://{host}", f"https://{host}")
    ]
    sites = [site for site in _header_values(request, "sec-fetch-site") if site.lower() not in _OWN]
    if foreign or sites:
        page = f"a page of {foreign[0]}" if foreign else f"another page ({sites[0]})"
        raise Refused(
            403,
            f"{page} may not ask this sandbox: call it from a server or a test; what browsers may "
            f"call is {BOOTSTRAP}, what they may open {CHECKOUT}",
        )


def _check_type(request: PlainRequest) -> None:
    """Raise Refused (415) for a write said to be no JSON, or with a body that is not said to be.

    A body of another type, or of none, is what a page may send without asking first.
    """
    if request.method in _SAFE:
        return
    kinds = [
        kind.partition(";")[0].strip().lower() for kind in _header_values(request, "content-type")
    ]
    if any(kind != "application/json" for kind in kinds) or (request.body and not kinds):
        raise Refused(415, _JSON)


def _header_values(request: PlainRequest, name: str) -> list[str]:
    """Return the values of every header of this name, which is given in small letters."""
    return [value for known, value in request.headers if known.lower() == name]


def _host_of(origin: str) -> str | None:
    """Return the host of an http or https origin; None for anything else."""
    try:
        parts = urlsplit(origin)
        return parts.hostname if parts.scheme in ("http", "https") else None
    except ValueError:
        return None
