"""Words that a request may name, as types. What Gate answers with is an open set, what we send is not."""

from typing import Literal, TypeAlias

FlowName: TypeAlias = Literal["on_ramp", "off_ramp", "swap"]
SideName: TypeAlias = Literal["on_ramp", "off_ramp"]
SessionStatusName: TypeAlias = Literal["open", "completed", "expired", "cancelled"]
DeliveryStatusName: TypeAlias = Literal["pending", "in_flight", "succeeded", "dead_lettered"]
ModeName: TypeAlias = Literal["test", "live"]
#: The state of a write in a store; `_journal/intents.py` of zerogate_store says what each means.
IntentState: TypeAlias = Literal["intended", "sent", "known", "rejected", "absent"]
