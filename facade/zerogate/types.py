"""Every record and enum that Gate returns, under our name: the table that a renaming contract touches.

They are the generated models themselves: amounts are `Decimal`, times aware `datetime`, enums keep
values they do not know, and fields nobody documented are in `.additional_properties`.
"""

from typing import TYPE_CHECKING

from ._literals import DeliveryStatusName, FlowName, ModeName, SessionStatusName, SideName

# fmt: off
from zerogate_api.models import Asset
from zerogate_api.models import AssetNetwork
from zerogate_api.models import Branding
from zerogate_api.models import Country
from zerogate_api.models import CreatedGateSession as CreatedSession
from zerogate_api.models import Currency
from zerogate_api.models import Customer
from zerogate_api.models import DeletedCustomer
from zerogate_api.models import DeliveryStatus
from zerogate_api.models import Eligibility
from zerogate_api.models import EmbedToken
from zerogate_api.models import Flow
from zerogate_api.models import GateSession as Session
from zerogate_api.models import Mode
from zerogate_api.models import PartnerTransaction as Transaction
from zerogate_api.models import PaymentMethod
from zerogate_api.models import PayoutMethod
from zerogate_api.models import QuotePreview
from zerogate_api.models import QuoteStatus
from zerogate_api.models import RailPayIn as PayIn
from zerogate_api.models import RailPayOut as PayOut
from zerogate_api.models import RailStatus
from zerogate_api.models import SessionEventData
from zerogate_api.models import SessionStatus
from zerogate_api.models import Side
from zerogate_api.models import SignedQuote
from zerogate_api.models import StatusCheckpoint
from zerogate_api.models import TransactionAction
from zerogate_api.models import WebhookDelivery as Delivery
from zerogate_api.models import WebhookTestData
from zerogate_api.models import WebhookTransaction
from zerogate_api.types import UNSET, Unset
# fmt: on

if TYPE_CHECKING:  # only a name for checkers: importing the client imports httpx
    from zerogate_api import AuthenticatedClient as LowLevelClient

__all__ = [
    "UNSET",
    "Asset",
    "AssetNetwork",
    "Branding",
    "Country",
    "CreatedSession",
    "Currency",
    "Customer",
    "DeletedCustomer",
    "Delivery",
    "DeliveryStatus",
    "DeliveryStatusName",
    "Eligibility",
    "EmbedToken",
    "Flow",
    "FlowName",
    "LowLevelClient",
    "Mode",
    "ModeName",
    "PayIn",
    "PayOut",
    "PaymentMethod",
    "PayoutMethod",
    "QuotePreview",
    "QuoteStatus",
    "RailStatus",
    "Session",
    "SessionEventData",
    "SessionStatus",
    "SessionStatusName",
    "Side",
    "SideName",
    "SignedQuote",
    "StatusCheckpoint",
    "Transaction",
    "TransactionAction",
    "Unset",
    "WebhookTestData",
    "WebhookTransaction",
]


def __getattr__(name: str) -> object:
    if name == "LowLevelClient":
        from zerogate_api import AuthenticatedClient

        return AuthenticatedClient
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
