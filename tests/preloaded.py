"""Runs commands of ours in processes forked from one that has imported them, which takes it a second each.

A command still is a process with its own folder, environment and ends; only its imports are shared. What a
test says about starting, such as what is imported or a signal, is said of `sys.executable` itself.
"""

from __future__ import annotations

import atexit
import json
import os
import selectors
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import traceback
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import IO, Any, Final, NoReturn

_ROOT: Final = Path(__file__).resolve().parent.parent
#: Name of a command → where its function `main` is.
COMMANDS: Final = {
    "zerogate": "zerogate_cli.__main__",
    "zerogate-sandbox": "zerogate_sandbox.__main__",
}
#: What commands import when they need it. None of it starts a thread by being imported.
_LATER: Final = (
    *("zerogate_ledger.command", "ibis.backends.duckdb", "pandas", "zerogate_sandbox.sandbox"),
    *("sqlalchemy.dialects.sqlite", "sqlalchemy.dialects.postgresql", "aiosqlite"),
)


def run(
    *words: str,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    timeout: int = 600,
) -> subprocess.CompletedProcess[str]:
    """Run one command to its end: the name of one in COMMANDS, and its words."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err, open(os.devnull) as void:
        code = ask(
            _server(), words, os.environ if env is None else env, cwd, (void, out, err), timeout
        )
        told = []
        for file in (out, err):
            file.seek(0)
            told.append(file.read().decode())
    return subprocess.CompletedProcess(words, code, *told)


def ask(
    server: str,
    words: Sequence[str],
    env: Mapping[str, str],
    cwd: Path | None,
    ends: Sequence[IO[Any]],
    timeout: int,
) -> int:
    """Have a command run on these ends; return its exit code as `subprocess` has it."""
    wanted = {"words": words, "env": dict(env), "cwd": str(cwd or Path.cwd()), "timeout": timeout}
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as line:
        line.connect(server)
        socket.send_fds(line, [json.dumps(wanted).encode()], [end.fileno() for end in ends])
        return int(line.recv(64) or -signal.SIGKILL)


def shims(folder: Path) -> Path:
    """Return a folder of commands, to stand first on a path, that have each run like this."""
    place = folder / "preloaded"
    place.mkdir()
    for name in COMMANDS:
        file = place / name
        file.write_text(_SHIM.format(python=sys.executable, server=_server(), name=name), "utf-8")
        file.chmod(0o755)
    return place


#: As much of `ask` as a start of Python without its `site` costs little for.
_SHIM: Final = """\
#!{python} -IS
import array, json, os, socket, sys
line = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
line.connect({server!r})
wanted = dict(words=[{name!r}, *sys.argv[1:]], env=dict(os.environ), cwd=os.getcwd(), timeout=600)
ends = array.array("i", [0, 1, 2])
line.sendmsg([json.dumps(wanted).encode()], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, ends)])
sys.exit(int(line.recv(64)))
"""


@cache
def _server() -> str:
    """Start it once in this process, and end it with it; return its address."""
    folder = tempfile.TemporaryDirectory(prefix="zerogate-")
    address = f"{folder.name}/commands"
    environ = {name: text for name, text in os.environ.items() if not name.startswith("ZEROGATE_")}
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.preloaded", address],
        cwd=_ROOT,
        env=environ,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == b"ready\n"

    def end() -> None:
        process.communicate()  # its input is at its end
        folder.cleanup()

    atexit.register(end)
    return address


# ── The process that has imported everything ─────────────────────────────────────────────────────


def _serve(address: str) -> None:
    for name in (*COMMANDS.values(), *_LATER):
        import_module(name)
    import_module(COMMANDS["zerogate"]).whole_parser()  # every command's own module
    assert threading.active_count() == 1
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as listener:
        listener.bind(address)
        listener.listen(16)
        os.write(1, b"ready\n")
        _accept(listener)


def _accept(listener: socket.socket) -> None:
    """Until our input ends, which it does with whoever started us."""
    with selectors.DefaultSelector() as either:
        either.register(listener, selectors.EVENT_READ)
        either.register(sys.stdin, selectors.EVENT_READ)
        while sys.stdin not in [key.fileobj for key, _ in either.select()]:
            line, _ = listener.accept()
            message, ends, *_ = socket.recv_fds(line, 1 << 20, 3)
            if os.fork() == 0:
                either.close()
                listener.close()
                _keep(line, json.loads(message), ends)
            line.close()
            for end in ends:
                os.close(end)
            while _ended():
                pass


def _ended() -> bool:
    try:
        return os.waitpid(-1, os.WNOHANG)[0] != 0
    except ChildProcessError:
        return False


def _keep(line: socket.socket, wanted: dict[str, Any], ends: list[int]) -> NoReturn:
    """Fork the command, wait for its end, and tell how it ended."""
    pid = os.fork()
    if pid == 0:
        line.close()
        _become(wanted, ends)
    for end in ends:
        os.close(end)
    code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    with suppress(BrokenPipeError):
        line.send(str(code).encode())
    os._exit(0)


def _become(wanted: dict[str, Any], ends: list[int]) -> NoReturn:
    """Be the command, in its folder and environment, to its end."""
    signal.alarm(wanted["timeout"])
    for number, end in enumerate(ends):
        os.dup2(end, number)
        os.close(end)
    os.chdir(wanted["cwd"])
    os.environ.clear()
    os.environ.update(wanted["env"])
    sys.stdin, sys.stdout, sys.stderr = _text(0, "r"), _text(1, "w"), _text(2, "w")
    name, *words = wanted["words"]
    sys.argv = [name, *words]
    code = 1
    try:
        code = _code(import_module(COMMANDS[name]).main())
    except SystemExit as end:
        code = _code(end.code)
    except BaseException:
        traceback.print_exc()
    finally:
        threading._shutdown()  # type: ignore[attr-defined]
        atexit._run_exitfuncs()
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
        os._exit(code)


def _text(number: int, mode: str) -> Any:
    """Return an end as text, as Python opens it when it starts."""
    return os.fdopen(number, mode, 1, "utf-8", "backslashreplace" if number == 2 else None)


def _code(said: object) -> int:
    """Return the exit code that Python makes of what `sys.exit` is given."""
    if said is None or isinstance(said, int):
        return said or 0
    print(said, file=sys.stderr)  # noqa: T201
    return 1


if __name__ == "__main__":
    _serve(sys.argv[1])
