"""Every record and enum that Gate returns, under our name: the one table that a renaming contract touches.

They are the generated models themselves: amounts are `Decimal`, times aware `datetime`, enums keep
values they do not know, and fields nobody documented are in `.additional_properties`.
"""

from zerogate_api.models import Asset as Asset
from zerogate_api.models import AssetNetwork as AssetNetwork
from zerogate_api.models import Branding as Branding
from zerogate_api.models import Country as Country
from zerogate_api.models import CreatedGateSession as CreatedSession
from zerogate_api.models import Currency as Currency
from zerogate_api.models import Customer as Customer
from zerogate_api.models import DeletedCustomer as DeletedCustomer
from zerogate_api.models import DeliveryStatus as DeliveryStatus
from zerogate_api.models import Eligibility as Eligibility
from zerogate_api.models import EmbedToken as EmbedToken
from zerogate_api.models import Flow as Flow
from zerogate_api.models import GateSession as Session
from zerogate_api.models import Mode as Mode
from zerogate_api.models import PartnerTransaction as Transaction
from zerogate_api.models import PaymentMethod as PaymentMethod
from zerogate_api.models import PayoutMethod as PayoutMethod
from zerogate_api.models import QuotePreview as QuotePreview
from zerogate_api.models import QuoteStatus as QuoteStatus
from zerogate_api.models import RailPayIn as PayIn
from zerogate_api.models import RailPayOut as PayOut
from zerogate_api.models import RailStatus as RailStatus
from zerogate_api.models import SessionEventData as SessionEventData
from zerogate_api.models import SessionStatus as SessionStatus
from zerogate_api.models import Side as Side
from zerogate_api.models import SignedQuote as SignedQuote
from zerogate_api.models import StatusCheckpoint as StatusCheckpoint
from zerogate_api.models import TransactionAction as TransactionAction
from zerogate_api.models import WebhookDelivery as Delivery
from zerogate_api.models import WebhookTestData as WebhookTestData
from zerogate_api.models import WebhookTransaction as WebhookTransaction
from zerogate_api.types import UNSET as UNSET
from zerogate_api.types import Unset as Unset
