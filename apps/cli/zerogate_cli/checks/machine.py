"""Checks of this machine: versions, proxy, certificates, and the variables that are set. Asks nobody."""

from __future__ import annotations

import os
import platform
import ssl
from collections.abc import Iterator, Mapping
from typing import Final
from urllib.parse import urlsplit
from urllib.request import getproxies

from zerogate_cli.checks.check import Check
from zerogate_cli.exit_codes import Exit

#: Environment variables that the client reads; of those with a secret only that they are set is shown.
VARIABLES: Final = (
    "ZEROGATE_SECRET_KEY",
    "OBIT_SECRET_KEY",
    "ZEROGATE_PUBLISHABLE_KEY",
    "ZEROGATE_BASE_URL",
    "ZEROGATE_WEBHOOK_SECRET",
    "ZEROGATE_STORE",
    "ZEROGATE_OFFLINE",
)


def versions() -> Check:
    """Return the check that names our version and Python's; it cannot fail."""
    from zerogate import __version__

    return Check("versions", f"zerogate {__version__}, Python {platform.python_version()}")


def environment(environ: Mapping[str, str] = os.environ) -> Check:
    """Return the check that names the variables of zerogate that are set, without values."""
    told = [name for name in VARIABLES if environ.get(name)]
    return Check("environment", ", ".join(told) or "no variable of zerogate is set")


def proxy() -> Check:
    """Return the check that names the proxies by scheme, without user and password."""
    found = []
    for scheme, url in sorted(getproxies().items()):
        parts = urlsplit(url)
        host = parts.hostname or "…"
        found.append(f"{scheme}: {host}{f':{parts.port}' if parts.port else ''}")
    return Check("proxy", ", ".join(found) or "none")


def certificates(environ: Mapping[str, str] = os.environ) -> Iterator[Check]:
    """Yield one check: a file the environment names exists, and Python trusts some authorities."""
    paths = ssl.get_default_verify_paths()
    for variable in (paths.openssl_cafile_env, paths.openssl_capath_env):
        named = environ.get(variable)
        if named and not os.path.exists(named):
            yield Check(
                "certificates",
                f"{variable} names {named}, which is not there",
                Exit.USAGE,
                f"correct {variable}, or take it out of the environment",
            )
            return
    context = ssl.create_default_context()
    count = context.cert_store_stats()["x509_ca"]
    where = paths.cafile or paths.capath
    if count or paths.capath:
        yield Check("certificates", f"of {where}" if where else f"{count} in this Python")
        return
    yield Check(
        "certificates",
        "this Python trusts no certificate authority",
        Exit.USAGE,
        f"install your system's CA certificates, or name a file in {paths.openssl_cafile_env}",
    )
