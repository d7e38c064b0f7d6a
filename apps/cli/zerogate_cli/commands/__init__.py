"""One module per command; what a command needs is imported when it runs, never by its module.

Each has `parser() -> argparse.ArgumentParser`, made with `zerogate_cli.parsers.parser_of`, from which
completion and the reference in docs/ come, and `main(argv) -> int`, which returns an exit code. One
that needs more than a plain install names that in `NEEDS`, and is not started without it.
"""
