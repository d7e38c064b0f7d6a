"""`zerogate sandbox …`: the sandbox's own command, under this roof."""

from __future__ import annotations


def main(argv: list[str]) -> int:
    from zerogate_sandbox.__main__ import main as sandbox

    return sandbox(argv)
