# Generated from openapi/gate-v1.yaml by `nox -s regenerate`: edit that, not this.
"""The one error of this package's own."""


class UnexpectedStatus(Exception):
    """The answer has a status that the contract does not document for the call.

    After a write it says nothing about whether the write happened.
    """

    def __init__(self, status_code: int, content: bytes) -> None:
        super().__init__(status_code, content)
        self.status_code = status_code
        self.content = content

    def __str__(self) -> str:
        return f"undocumented status {self.status_code}, {len(self.content)} bytes"


__all__ = ["UnexpectedStatus"]
