# Generated from openapi/gate-v1.yaml by `nox -s regenerate`: edit that, not this.
from enum import StrEnum


class Side(StrEnum):
    OFF_RAMP = "off_ramp"
    ON_RAMP = "on_ramp"

    def __str__(self) -> str:
        return str(self.value)

    @property
    def is_known(self) -> bool:
        """Whether the contract lists this value."""
        return self._value_ in type(self)._value2member_map_

    @classmethod
    def _missing_(cls, value: object) -> "Side | None":
        """Keep a value that the contract does not list yet, readable and equal to its text."""
        if not isinstance(value, str):
            return None
        member = str.__new__(cls, value)
        member._name_, member._value_ = "UNKNOWN", value
        return member
