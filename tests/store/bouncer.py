"""A PgBouncer in transaction mode in front of a real PostgreSQL: each transaction on another connection."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkdtemp
from urllib.parse import urlsplit

import psycopg

from tests.services import unavailable

_SETTINGS = """[databases]
* = host={host} port={port} user={user}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {listen}
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = {size}
max_client_conn = 200
server_round_robin = 1
server_login_retry = 1
"""


@contextmanager
def bouncer(url: str, *, size: int = 3) -> Iterator[str]:
    """The URL of the same database through a pool of so many server connections."""
    program = shutil.which("pgbouncer") or shutil.which("pgbouncer", path="/usr/sbin")
    if program is None:
        unavailable("no pgbouncer on this machine (Debian: apt-get install pgbouncer)")
    parts = urlsplit(url)
    folder = Path(mkdtemp(prefix="zerogate-bouncer-"))
    listen = _free_port()
    settings = folder / "pgbouncer.ini"
    settings.write_text(
        _SETTINGS.format(
            host=parts.hostname,
            port=parts.port or 5432,
            user=parts.username or "postgres",
            listen=listen,
            size=size,
        )
    )
    # It refuses to run as root.
    user = "postgres" if os.geteuid() == 0 else None
    if user is not None:
        for path in (folder, settings):
            os.chown(path, pwd.getpwnam(user).pw_uid, pwd.getpwnam(user).pw_gid)
    with (folder / "log").open("wb") as log:
        running = subprocess.Popen(
            [program, str(settings)], user=user, cwd=folder, stdout=log, stderr=log
        )
    through = f"postgresql://{parts.username or 'postgres'}@127.0.0.1:{listen}{parts.path}"
    try:
        _wait_for(through, running, folder)
        yield through
    finally:
        running.terminate()
        running.wait(20)
        shutil.rmtree(folder, ignore_errors=True)


def _wait_for(url: str, running: subprocess.Popen[bytes], folder: Path) -> None:
    for _ in range(400):
        if running.poll() is not None:
            break
        try:
            psycopg.connect(url, connect_timeout=5).close()
        except psycopg.OperationalError:
            time.sleep(0.05)
        else:
            return
    raise RuntimeError(f"pgbouncer does not answer: {(folder / 'log').read_text()}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port
