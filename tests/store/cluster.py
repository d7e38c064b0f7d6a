"""A PostgreSQL cluster of the test's own, to be stopped in the middle of everything."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkdtemp

import attrs

from tests.services import unavailable


def _programs() -> Path | None:
    found = shutil.which("initdb")
    there = [Path(found).resolve().parent] if found else []
    there += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    return next((folder for folder in there if (folder / "initdb").exists()), None)


@attrs.frozen
class Cluster:
    """folder: Of its data. user: Whom it runs as: PostgreSQL refuses to run as root."""

    programs: Path
    folder: Path
    port: int
    user: str | None

    @property
    def url(self) -> str:
        return f"postgresql://zerogate@127.0.0.1:{self.port}/postgres"

    def run(self, program: str, *arguments: str) -> None:
        command = [str(self.programs / program), *arguments]
        done = subprocess.run(
            command, user=self.user, cwd=self.folder, capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise RuntimeError(f"{program}: {done.stdout}{done.stderr}")

    def control(self, verb: str, *more: str) -> None:
        log = str(self.folder / "log")
        self.run("pg_ctl", verb, "-w", "-D", str(self.folder / "data"), "-l", log, *more)

    def start(self) -> None:
        self.control("start")

    def crash(self) -> None:
        """As if the machine had lost power, but for the disk."""
        self.control("stop", "-m", "immediate")


@contextmanager
def cluster() -> Iterator[Cluster]:
    """One that runs, gone afterwards."""
    programs = _programs()
    if programs is None:
        unavailable("no PostgreSQL programs (initdb, pg_ctl) on this machine")
    folder = Path(mkdtemp(prefix="zerogate-pg-"))
    user = "postgres" if os.geteuid() == 0 else None
    if user is not None:
        os.chown(folder, pwd.getpwnam(user).pw_uid, pwd.getpwnam(user).pw_gid)
    made = Cluster(programs, folder, _free_port(), user)
    try:
        data = str(folder / "data")
        made.run("initdb", "-D", data, "-U", "zerogate", "-A", "trust", "-E", "UTF8", "--no-sync")
        with (folder / "data" / "postgresql.conf").open("a") as settings:
            settings.write(
                f"port = {made.port}\nlisten_addresses = '127.0.0.1'\n"
                f"unix_socket_directories = '{folder}'\nmax_connections = 60\n"
            )
        made.start()
        yield made
    finally:
        if (folder / "data" / "postmaster.pid").exists():
            made.control("stop", "-m", "immediate")
        shutil.rmtree(folder, ignore_errors=True)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port
