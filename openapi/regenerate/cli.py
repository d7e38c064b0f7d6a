"""The command: reads its arguments, refuses other tools before it imports them, hands over."""

import argparse
import os
import sys
import tomllib
from collections.abc import Sequence
from pathlib import Path

from . import lock
from .refused import Refused

ROOT = Path(__file__).resolve().parent.parent.parent
DONE, DRIFT, REFUSED, BREAKING, INTERRUPTED = 0, 1, 2, 3, 130
FORMATS = ("text", "json", "github")
EXIT_CODES = """\
exit codes: 0 done, and with --spec nothing in it breaks existing code; 1 --check found drift;
2 refused, nothing was written; 3 --spec was adopted and something in it breaks existing code"""


def main(argv: Sequence[str] | None = None, root: Path = ROOT) -> int:
    """Regenerate, or --check only; print refusals on stderr and return the exit code."""
    options = _options(argv)
    try:
        lock.refuse_other_tools()
        # Only now: another version of the generator may not even import.
        from . import steps

        if options.check:
            return DRIFT if steps.check_drift(root) else DONE
        for name, place in (("--summary", options.summary), ("--report", options.report)):
            if place and not place.absolute().parent.is_dir():
                raise Refused(f"{name} {place}: there is no such folder to write it to")
        spec = None if options.spec is None else options.spec or _configured(root)
        wanted = steps.Wanted(
            spec, options.summary, options.report, options.format, frozenset(options.accept)
        )
        return BREAKING if steps.regenerate(root, wanted) and spec is not None else DONE
    except Refused as refusal:
        for finding in refusal.findings:
            print(f"regenerate: {finding}", file=sys.stderr)
        return REFUSED
    except KeyboardInterrupt:
        print("regenerate: interrupted; nothing was changed", file=sys.stderr)
        return INTERRUPTED


def _options(argv: Sequence[str] | None) -> argparse.Namespace:
    """Return the arguments; on a mistake print the usage and exit with 2."""
    parser = argparse.ArgumentParser(
        prog="regenerate",
        description="From the contract and our overlay to generated/.",
        epilog=EXIT_CODES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--check", action="store_true", help="write nothing; say what is stale")
    parser.add_argument(
        "--spec",
        nargs="?",
        const="",
        metavar="FILE_OR_URL",
        help="adopt this contract instead of ours; without a value, the one of ZEROGATE_SPEC_URL "
        "or of spec-url under [tool.zerogate] in pyproject.toml",
    )
    parser.add_argument(
        "--summary", type=Path, metavar="FILE", help="write what changed as Markdown, too"
    )
    parser.add_argument(
        "--report", type=Path, metavar="FILE", help="write the whole report as text, too"
    )
    parser.add_argument(
        "--format",
        choices=FORMATS,
        default="text",
        help="how to print the report: for people, as JSON, or as annotations of GitHub",
    )
    parser.add_argument(
        "--accept",
        action="append",
        default=[],
        metavar="NAME",
        help="the reviewer's word for an amount that comes as a JSON number, as the report names it "
        "(or `money`, for all of them); kept in generated/lock.json",
    )
    options = parser.parse_args(argv)
    if options.check and (
        options.spec is not None or options.summary or options.accept or options.report
    ):
        parser.error("--check compares what is here and changes nothing: give it alone")
    return options


def _configured(root: Path) -> str:
    """Return the configured address of the vendor's contract; raise Refused where there is none."""
    if url := os.environ.get("ZEROGATE_SPEC_URL"):
        return url
    path = root / "pyproject.toml"
    settings = tomllib.loads(path.read_text("utf-8")) if path.exists() else {}
    url = settings.get("tool", {}).get("zerogate", {}).get("spec-url")
    if not isinstance(url, str) or not url:
        raise Refused(
            "--spec: which contract? Give FILE_OR_URL, or set ZEROGATE_SPEC_URL, or spec-url under "
            "[tool.zerogate] in pyproject.toml"
        )
    return url
