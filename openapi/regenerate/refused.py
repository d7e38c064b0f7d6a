"""The one error of this package: an input that cannot be used, and what to do about it."""


class Refused(Exception):
    """Bad input. Each finding is one line that names the place and says what to do; nothing was written."""

    def __init__(self, *findings: str) -> None:
        super().__init__(*findings)
        self.findings = findings

    def __str__(self) -> str:
        return "\n".join(self.findings)
