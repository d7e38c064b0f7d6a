"""The errors of this package: an input that cannot be used, or not be had, and what to do about it."""


class Refused(Exception):
    """Nothing was written. Each finding is one line: the place, what is wrong, what to do."""

    def __init__(self, *findings: str) -> None:
        super().__init__(*findings)
        self.findings = findings

    def __str__(self) -> str:
        return "\n".join(self.findings)


class Unreachable(Refused):
    """There was nothing to judge: the contract could not be fetched. Another day it may be."""
