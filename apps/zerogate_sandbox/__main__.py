"""The `zerogate-sandbox` command."""

from __future__ import annotations

import argparse
import sys


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="zerogate-sandbox", description="A whole Gate on one machine."
    )
    commands = parser.add_subparsers(dest="command", required=True)
    serve = commands.add_parser("serve", help="serve the API over HTTP")
    serve.add_argument("--port", type=int, default=4000, help="0 takes a free one (default 4000)")
    serve.add_argument("--host", default="127.0.0.1", help="default 127.0.0.1")
    serve.add_argument("--seed", default="0", help="decides every id and chance (default 0)")
    serve.add_argument("--profile", default="documented", help="how Gate behaves where unsaid")
    serve.add_argument("--webhook-url", help="where events are sent")
    serve.add_argument("--webhook-secret", help="what they are signed with, whsec_…")
    return _serve(parser, parser.parse_args(argv))


def _serve(parser: argparse.ArgumentParser, options: argparse.Namespace) -> int:
    from zerogate_sandbox.clock import WallClock
    from zerogate_sandbox.doors.server import Served, listen, run
    from zerogate_sandbox.sandbox import Sandbox

    try:
        sandbox = Sandbox(
            options.seed,
            WallClock(),
            options.profile,
            webhook=options.webhook_url,
            webhook_secret=options.webhook_secret,
        )
        listening = listen(options.host, options.port)
    except (ValueError, OverflowError) as error:
        parser.error(str(error))
    except OSError as error:
        print(f"cannot listen on {options.host}:{options.port}: {error.strerror}", file=sys.stderr)
        return 1
    served = Served(sandbox, options.host, listening.getsockname()[1])
    print(served.base_url, flush=True)
    run(sandbox, listening)
    return 0


if __name__ == "__main__":
    sys.exit(main())
