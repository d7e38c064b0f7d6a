"""`zerogate probe`: asks Gate's sandbox what its documentation leaves open; shows it, and keeps it."""

from __future__ import annotations

import argparse
import json
import os
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

from zerogate_cli.exit_codes import CommandFailed, Exit
from zerogate_cli.parsers import parser_of
from zerogate_cli.tables import Table, say, show, wrapped

if TYPE_CHECKING:
    from zerogate import Gate
    from zerogate_probe.run import Asked

SECOND: Final = "ZEROGATE_SECOND_KEY"
UNITS: Final = {"s": 1, "m": 60, "h": 3_600}


def main(argv: list[str]) -> int:
    """Ask Gate by sessions of its own, print the answers, write them to --out; return the exit code."""
    taking = parser()
    options = taking.parse_args(argv)
    if not options.out.absolute().parent.is_dir():
        taking.error(f"--out: there is no folder {options.out.absolute().parent}")
    base_url = options.base_url or os.environ.get("ZEROGATE_BASE_URL") or None
    with _gate(base_url, options.allow_host) as gate:
        from zerogate_probe.run import check_test_mode

        check_test_mode(gate, base_url)
        if not options.yes:
            _ask_first(taking, repr(gate))
        asked = _ask_all(gate, base_url, options)
    return _print_and_write(asked, options)


def parser() -> argparse.ArgumentParser:
    """Return the parser of `zerogate probe`: where facts go, how long to wait, what to ask for."""
    made = parser_of(
        "probe",
        "Ask Gate's sandbox, with a test key of yours, what its documentation leaves "
        "open: how idempotency keys are remembered, what a replay says, how lists lag, how webhooks "
        "are signed. Makes sessions of its own and cancels every one of them.",
        f"The key is ZEROGATE_SECRET_KEY (or OBIT_SECRET_KEY); {SECOND}, another key of the "
        "same partner, tells whose an idempotency key is. Ends with 1 if a session may be left open.",
    )
    made.add_argument("--yes", action="store_true", help="make the sessions without asking first")
    made.add_argument(
        "--out",
        metavar="FILE",
        type=Path,
        default=Path("gate-facts.toml"),
        help="default %(default)s",
    )
    made.add_argument("--json", action="store_true", help="print the answers as JSON, no table")
    made.add_argument(
        "--wait",
        metavar="TIME",
        type=_seconds,
        default=0.0,
        help="for questions that take time, such as 90s, 12m or 26h (default: none)",
    )
    made.add_argument(
        "--listen", metavar="PORT", type=int, help="where your account's webhooks arrive here"
    )
    made.add_argument(
        "--listen-host", metavar="HOST", default="127.0.0.1", help="default %(default)s"
    )
    made.add_argument("--base-url", metavar="URL", help="default: the documented sandbox")
    made.add_argument("--allow-host", metavar="HOST", help="a host that is not documented")
    made.add_argument("--amount", default="25.00", help="of each session (default %(default)s)")
    made.add_argument("--currency", default="EUR", help="default %(default)s")
    made.add_argument(
        "--return-url", default="https://example.com/done", help="default %(default)s"
    )
    return made


def _seconds(text: str) -> float:
    """Return the seconds of a time such as 90s, 12m or 26h; argparse's error for any other."""
    found = re.fullmatch(r"([0-9]{1,6})([smh])", text)
    if found is None:
        raise argparse.ArgumentTypeError(f"{text!r} is no time such as 90s, 12m or 26h")
    return float(int(found[1]) * UNITS[found[2]])


def _gate(base_url: str | None, allow_host: str | None) -> Gate:
    """Return a client by the environment's key, which may write."""
    from zerogate import Gate

    return Gate.from_env(base_url=base_url, allow_host=allow_host)


def _ask_first(parser: argparse.ArgumentParser, gate: str) -> None:
    """Ask for a yes on the terminal; CommandFailed if another answer comes; no terminal: usage error."""
    if not sys.stdin.isatty():
        parser.error("this makes sessions (and cancels them): say --yes")
    say(f"This makes some thirty sessions with {gate} and cancels them.")
    print("Go on? [y/N] ", end="", file=sys.stderr, flush=True)
    if sys.stdin.readline().strip().lower() not in ("y", "yes"):
        raise CommandFailed(
            "without a yes nothing was sent to Gate: answer y, or give --yes", Exit.USAGE
        )


def _ask_all(gate: Gate, base_url: str | None, options: argparse.Namespace) -> Asked:
    """Ask Gate everything, with clients of both keys; CommandFailed if the port is taken."""
    from contextlib import ExitStack

    from zerogate import Gate
    from zerogate_probe.client import MachineClock
    from zerogate_probe.run import ask

    with ExitStack() as stack:
        second = os.environ.get(SECOND) or None
        other = Gate(second, base_url=base_url, allow_host=options.allow_host) if second else None
        if other is not None:
            stack.enter_context(other)
        try:
            return ask(
                gate,
                base_url=base_url,
                clock=MachineClock(),
                terms={n: getattr(options, n) for n in ("amount", "currency", "return_url")},
                second=other,
                wait=options.wait,
                port=options.listen,
                host=options.listen_host,
                say=say,
                ready=lambda receiver: say(f"listening on port {receiver.port}"),
            )
        except OSError as problem:
            raise CommandFailed(f"--listen {options.listen}: {problem.strerror}") from None


def _print_and_write(asked: Asked, options: argparse.Namespace) -> int:
    """Print what was found, write the facts unless the run was stopped; return the exit code."""
    from zerogate_probe.facts import write

    if options.json:
        print(json.dumps(_as_json(asked), indent=2, ensure_ascii=False))
    else:
        _print_findings(asked)
    for line in asked.left:
        say(f"NOT CANCELLED: {line}")
    if asked.stopped is not None:
        say(f"{_stop_reason(asked)}; {options.out} was not written")
        return _exit_code(asked)
    write(asked.facts, options.out)
    say(f"{asked.over} of {asked.made} sessions are over; wrote {options.out}")
    return Exit.FAILED if asked.left else Exit.CLEAN


def _stop_reason(asked: Asked) -> str:
    """Return the reason why the run was stopped, in words."""
    return "interrupted" if isinstance(asked.stopped, KeyboardInterrupt) else str(asked.stopped)


def _exit_code(asked: Asked) -> Exit:
    """Return the exit code of a run that was stopped, by its reason."""
    from zerogate_probe.client import NotTest
    from zerogate_probe.run import Refused

    match asked.stopped:
        case KeyboardInterrupt():
            return Exit.INTERRUPTED
        case Refused(heard=heard):
            return Exit.CREDENTIALS if heard.status in (401, 403) else Exit.FAILED
        case NotTest():
            return Exit.CREDENTIALS
        case _:
            return Exit.UNAVAILABLE


def _print_findings(asked: Asked) -> None:
    """Print the findings as a table, and the settings that follow from them."""
    rows = [
        (
            one.about,
            one.answer,
            one.requests[-1] if one.requests else "",
        )
        for one in asked.facts.findings
    ]
    heads = ("question", "answer", "request")
    show(Table(heads, tuple(rows), prose=("answer",), expendable=("request",)))
    settings = {**asked.facts.store, **asked.facts.verify}
    told = ", ".join(f"{name}={_python_value(value)}" for name, value in settings.items())
    print("\n" + wrapped(f"Settings that follow: {told or 'none but the defaults'}"))


def _python_value(value: object) -> str:
    """Return a setting as it is written in Python: a time, or names by network."""
    if isinstance(value, int | float):
        return f"{value:g}"
    return repr(value)


def _as_json(asked: Asked) -> dict[str, object]:
    """Return the settings, findings and sessions left open as JSON data."""
    facts = asked.facts
    return {
        "host": facts.host,
        "asked_at": facts.asked_at,
        "settings": {**facts.store, **facts.verify},
        "profile": dict(facts.profile),
        "left": list(asked.left),
        "findings": [
            {
                "about": one.about,
                "question": one.question,
                "answer": one.answer,
                "value": one.value,
                **one.figures,
                **({"names": dict(one.names)} if one.names else {}),
                "requests": list(one.requests),
            }
            for one in facts.findings
        ],
    }
