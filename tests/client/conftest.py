"""What tests on real sockets need besides a server."""

from tests.transport.conftest import (
    authority,
    client_tls,
    no_proxies_in_the_environment,
    server_tls,
)

__all__ = ["authority", "client_tls", "no_proxies_in_the_environment", "server_tls"]
