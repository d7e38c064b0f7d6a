"""The `zerogate-sandbox` command."""

from __future__ import annotations

import argparse
import json
import os
import re
import sys
import time
import tomllib
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NoReturn

if TYPE_CHECKING:
    from zerogate_sandbox.clock import Clock
    from zerogate_sandbox.sandbox import Sandbox

#: Where a sandbox is, unless the environment or an option says otherwise.
DEFAULT: Final = "http://127.0.0.1:4000"
ADDRESS: Final = "ZEROGATE_BASE_URL"
#: The environment variables of a key, the first one first.
KEYS: Final = ("ZEROGATE_SECRET_KEY", "OBIT_SECRET_KEY")
DEFAULT_KEY: Final = "sk_test_sandbox"
#: The environment variable of the token, for `serve` and for those who talk to it.
TOKEN: Final = "ZEROGATE_SANDBOX_TOKEN"  # noqa: S105 - a name


def main(argv: list[str] | None = None, *, prog: str = "zerogate-sandbox") -> int:
    """Run the command; return 0, 1 for a failure, 130 for Ctrl-C. Wrong arguments exit with 2."""
    taking = parser(prog)
    options = taking.parse_args(argv)
    try:
        code: int = options.run(options)
    except (ValueError, OverflowError) as error:
        taking.error(str(error))
    except OSError as error:
        print(f"{prog} {options.command}: {error}", file=sys.stderr)
        return 1
    except ModuleNotFoundError as missing:
        if missing.name is None or missing.name.startswith("zerogate"):
            raise
        print(
            f"{prog} {options.command}: {missing.name} is not installed: in a clone of the project, "
            "run `python -m pip install -e apps/sandbox`",
            file=sys.stderr,
        )
        return 1
    except KeyboardInterrupt:
        print(f"{prog} {options.command}: ended", file=sys.stderr)
        return 130
    return code


class _Parser(argparse.ArgumentParser):
    """A parser that names the word that was probably meant."""

    def error(self, message: str) -> NoReturn:
        """Print the usage, the message and the word probably meant; exit with 2."""
        if message.endswith("are required: COMMAND"):
            self.print_help(sys.stderr)
            self.exit(2, f"\n{self.prog}: no command was given: write one of those above\n")
        wrong = re.search(r"invalid choice: '([^']*)'", message)
        known = [str(c) for action in self._actions for c in action.choices or ()]
        near = get_close_matches(wrong[1], known, n=1) if wrong else []
        super().error(message + "".join(f"; did you mean {one}?" for one in near))


def parser(prog: str = "zerogate-sandbox") -> argparse.ArgumentParser:
    """Return the command's parser. prog: Its name, where it stands under another command."""
    made = _Parser(prog=prog, description="A whole Gate on one machine.")
    commands = made.add_subparsers(dest="command", required=True, metavar="COMMAND")
    _add_serve(commands.add_parser("serve", help="serve the API over HTTP"))

    forward = commands.add_parser("forward", help="also send a sandbox's events to a local URL")
    forward.set_defaults(run=_forward)
    forward.add_argument("url", help="where to, such as http://localhost:8000/webhooks")
    forward.add_argument("--events", default="", help="only these types, separated by commas")

    listen = commands.add_parser("listen", help="print a sandbox's events as they happen")
    listen.set_defaults(run=_listen)
    listen.add_argument("--events", default="", help="only these types, separated by commas")

    trigger = commands.add_parser("trigger", help="let something happen that ends in this event")
    trigger.set_defaults(run=_trigger)
    trigger.add_argument("event", help="one of the 21 types, such as gate_session.completed")
    trigger.add_argument(
        "--key", help=f"whose it is (default: ${KEYS[0]}, else {DEFAULT_KEY})", metavar="KEY"
    )
    for each in (forward, listen, trigger):
        each.add_argument("--sandbox", metavar="URL", help=f"default: ${ADDRESS}, else {DEFAULT}")
        each.add_argument(
            "--json", action="store_true", help="print JSON, one object a line where it goes on"
        )
    return made


def _add_serve(serve: argparse.ArgumentParser) -> None:
    """Add the options of `serve` to its parser, and `_serve` as what it runs."""
    serve.set_defaults(run=_serve)
    serve.add_argument("--port", type=int, default=4000, help="0 takes a free one (default 4000)")
    serve.add_argument(
        "--host",
        default="127.0.0.1",
        help=f"default 127.0.0.1; any but loopback needs a token for /_sandbox: ${TOKEN}, or one "
        "that is made and shown",
    )
    serve.add_argument(
        "--allow-host",
        metavar="HOST",
        action="append",
        default=[],
        help="by what name clients come here, beside loopback and --host (may be repeated)",
    )
    serve.add_argument(
        "--allow-target",
        metavar="HOST",
        action="append",
        default=[],
        help="where events may be sent, beside loopback and --webhook-url (may be repeated)",
    )
    serve.add_argument("--seed", default="0", help="decides every id and chance (default 0)")
    serve.add_argument(
        "--clock",
        metavar="TIME",
        help="stand still at this time until moved: 2026-05-26T12:00:00Z (default: the machine's)",
    )
    serve.add_argument(
        "--profile",
        default="documented",
        help="how Gate behaves where unsaid: a name, or a .toml with a [profile] table",
    )
    serve.add_argument("--webhook-url", help="where events are sent")
    serve.add_argument("--webhook-secret", help="what they are signed with, whsec_…")
    serve.add_argument("--keep", type=int, help="how many sessions to keep (default: all)")
    serve.add_argument("--state", type=Path, help="go on from this file, and write it when ending")
    serve.add_argument("--quiet", action="store_true", help="do not print each request")


# --- serve ---------------------------------------------------------------------------------------


def _serve(options: argparse.Namespace) -> int:
    """Serve until a signal, `--state` read before, written after; return 0. ValueError; OSError: no port."""
    from zerogate_sandbox.interfaces.asgi import App
    from zerogate_sandbox.interfaces.guard import Guard
    from zerogate_sandbox.interfaces.server import Served, listen, run
    from zerogate_sandbox.interfaces.targets import Targets
    from zerogate_sandbox.sandbox import Sandbox

    if options.keep is not None and options.keep < 1:
        raise ValueError("--keep takes at least 1")
    if options.state is not None and not options.state.parent.is_dir():
        raise ValueError(f"--state: there is no folder {options.state.parent}")
    sandbox = Sandbox(
        options.seed,
        _clock(options.clock),
        _profile(options.profile),
        webhook=options.webhook_url,
        webhook_secret=options.webhook_secret,
        keep=options.keep,
    )
    given = os.environ.get(TOKEN) or None
    guard = Guard.listening_on(options.host, options.allow_host)
    if guard.token is not None and given is not None:
        guard = Guard(guard.hosts, given)
    targets = Targets.allowing(options.allow_target, sandbox.webhook_url)
    if options.state is not None and options.state.exists():
        _load(sandbox, options.state)
    try:
        listening = listen(options.host, options.port)
    except OSError as error:
        raise OSError(f"cannot listen on {options.host}:{options.port}: {error.strerror}") from None
    served = Served(sandbox, options.host, listening.getsockname()[1])
    print(served.base_url, flush=True)
    _print_access(options, served.origin, guard.token, given)
    app = App(sandbox, _saver(sandbox, options.state), guard=guard, targets=targets)
    if not options.quiet:
        app.log = _log
    run(app, listening)
    return 0


def _log(line: str) -> None:
    """Print the line to stderr, after the local time of day."""
    print(f"{datetime.now():%H:%M:%S}  {line}", file=sys.stderr, flush=True)


def _print_access(
    options: argparse.Namespace, origin: str, token: str | None, given: str | None
) -> None:
    """Print to stderr the start page's URL, the signing secret and, if there is one, the token."""
    print(f"start page: {origin}/", file=sys.stderr)
    signed = options.webhook_secret or "whsec_test_NAME"
    print(
        f"any key sk_test_NAME is taken, and its webhooks are signed with {signed}",
        file=sys.stderr,
    )
    if token is not None:
        shown = f"${TOKEN}" if token == given else token
        print(f"/_sandbox takes the header X-Sandbox-Token: {shown}", file=sys.stderr)
    sys.stderr.flush()


def _clock(told: str | None) -> Clock:
    """Return a clock that stands at this time, the machine's for None; ValueError for no time."""
    from zerogate_sandbox.clock import VirtualClock, WallClock

    if told is None:
        return WallClock()
    with suppress(ValueError):
        start = datetime.fromisoformat(told)
        if start.tzinfo is not None:
            return VirtualClock(start.timestamp())
    raise ValueError(f"--clock takes a time such as 2026-05-26T12:00:00Z, not {told!r}")


def _profile(name: str) -> str | dict[str, Any]:
    """Return the name as it is, or a .toml file's [profile] table; ValueError if the file has none."""
    if not name.endswith(".toml"):
        return name
    try:
        said = tomllib.loads(Path(name).read_text("utf-8"))
    except ValueError as error:
        raise ValueError(f"{name}: {error}") from None
    if not isinstance(said.get("profile"), dict):
        raise ValueError(f"{name} has no table [profile]")
    switches: dict[str, Any] = said["profile"]
    return switches


def _load(sandbox: Sandbox, path: Path) -> None:
    """Restore the sandbox from a state file; ValueError where the file holds none."""
    try:
        sandbox.restore(json.loads(path.read_bytes()))
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from None


def _saver(sandbox: Sandbox, path: Path | None) -> Callable[[], None] | None:
    """Return a function that replaces the file by the current state; None without a path."""
    if path is None:
        return None

    def save() -> None:
        """Write the state to a new file only its owner can read, then rename it to *path*."""
        draft = path.with_name(path.name + ".new")
        # What a run that was killed left there may be open to others, or a link to elsewhere.
        draft.unlink(missing_ok=True)
        # A state holds keys and secrets: its owner's only, from the first byte.
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with open(handle, "w", encoding="utf-8") as file:
            json.dump(sandbox.snapshot(), file)
        os.replace(draft, path)

    return save


# --- talking to a served one ---------------------------------------------------------------------


def _trigger(options: argparse.Namespace) -> int:
    """Let the event happen in a served sandbox, print its envelope, return 0; ValueError for a live key."""
    body = {"event": options.event, "key": options.key or _key()}
    if not options.key and "_live_" in body["key"]:
        raise ValueError("a live key is given to no sandbox: give --key sk_test_…")
    said = _ask(_address(options), "POST", "trigger", body)
    print(json.dumps(said, indent=2, ensure_ascii=False))
    return 0


def _forward(options: argparse.Namespace) -> int:
    """Have events sent to a URL and print each attempt; never return: Ctrl-C stops both and is raised."""
    address, types = _address(options), _types(options)
    shown = len(_ask(address, "GET", "forward")["forwarded"])
    _ask(address, "POST", "forward", {"url": options.url, "events": types})
    print(f"forwarding to {options.url}; end with Ctrl-C", file=sys.stderr, flush=True)
    waiting: dict[str, int] = {}
    try:
        while True:
            rows = _ask(address, "GET", "forward")["forwarded"]
            for row in rows[shown:]:
                if waiting.get(row["id"]) != row["attempts"] > 0:
                    waiting[row["id"]] = row["attempts"]
                    answer = row["last_response_status"] or row["last_error"]
                    _print_event(options, row, f"{answer}", row["event_type"], row["event_id"])
            time.sleep(EVERY)
    finally:
        _ask(address, "POST", "forward/stop", {"url": options.url})


def _listen(options: argparse.Namespace) -> int:
    """Print each event that happens from now on until Ctrl-C; looks every `EVERY` seconds."""
    address, types = _address(options), _types(options)
    after = len(_ask(address, "GET", "events")["events"])
    print(f"events of {address}; end with Ctrl-C", file=sys.stderr, flush=True)
    while True:
        events = _ask(address, "GET", f"events?after={after}")["events"]
        after += len(events)
        for event in events:
            if not types or event["type"] in types:
                about = event["data"].get("id") or event["data"].get("refid") or ""
                _print_event(options, event, event["type"], str(about), event["id"])
        time.sleep(EVERY)


def _print_event(options: argparse.Namespace, row: dict[str, Any], *told: str) -> None:
    """Print the row as one line of JSON under --json, else the texts separated by tabs."""
    print(json.dumps(row, ensure_ascii=False) if options.json else "\t".join(told), flush=True)


def _address(options: argparse.Namespace) -> str:
    """Return the sandbox's URL: of --sandbox, else of the environment, else `DEFAULT`."""
    address: str = options.sandbox or os.environ.get(ADDRESS) or DEFAULT
    return address


def _key() -> str:
    """Return the first API key that the environment holds, else `DEFAULT_KEY`."""
    return next((os.environ[name] for name in KEYS if os.environ.get(name)), DEFAULT_KEY)


def _types(options: argparse.Namespace) -> list[str]:
    """Return the event types of --events; an empty list means all. ValueError for one that there is not."""
    from zerogate_sandbox.events import EVENT_TYPES

    types = [type for one in options.events.split(",") if (type := one.strip())]
    for type in types:
        if type not in EVENT_TYPES:
            message = f"no event {type!r}; there are {', '.join(EVENT_TYPES)}"
            raise ValueError(message + _suggestion({"event": type}, message))
    return types


#: Seconds between two looks of `forward` and `listen`.
EVERY: Final = 0.2


def _ask(sandbox: str, method: str, path: str, body: Any = None) -> Any:
    """Return the JSON answer of `/_sandbox/{path}`; OSError if none, ValueError if refused."""
    import httpx

    origin = sandbox.rstrip("/").removesuffix("/v1")
    try:
        answer = httpx.request(
            method,
            f"{origin}/_sandbox/{path}",
            json=body,
            headers={"x-sandbox-token": os.environ.get(TOKEN, "")},
            trust_env=False,
        )
        said = answer.json()
    except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
        raise OSError(f"no sandbox answers at {origin} ({type(error).__name__})") from None
    if answer.status_code >= 400:
        raise ValueError(said["message"] + _suggestion(body, said["message"]))
    return said


def _suggestion(body: Any, message: str) -> str:
    """Return "; did you mean …?" for a misspelled event that the message lists, else ""."""
    wrong = body.get("event", "") if isinstance(body, dict) else ""
    near = get_close_matches(wrong, re.findall(r"(?<![a-z_.])[a-z_]+(?:\.[a-z_]+)+", message), n=2)
    near = [one for one in near if one != wrong]
    return f"; did you mean {near[0]}?" if near else ""


if __name__ == "__main__":
    sys.exit(main())
