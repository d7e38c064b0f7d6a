# Generated from openapi/gate-v1.yaml by `nox -s regenerate`: edit that, not this.
"""Every model and enum of the contract; each is imported on first use, so this costs nothing."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .asset import Asset
    from .asset_list import AssetList
    from .asset_network import AssetNetwork
    from .branding import Branding
    from .country import Country
    from .country_list import CountryList
    from .create_customer_request import CreateCustomerRequest
    from .create_embed_token_request import CreateEmbedTokenRequest
    from .create_pay_in_request import CreatePayInRequest
    from .create_pay_out_request import CreatePayOutRequest
    from .create_session_request import CreateSessionRequest
    from .created_gate_session import CreatedGateSession
    from .currency import Currency
    from .currency_list import CurrencyList
    from .customer import Customer
    from .customer_created_event import CustomerCreatedEvent
    from .customer_deleted_event import CustomerDeletedEvent
    from .customer_list import CustomerList
    from .customer_updated_event import CustomerUpdatedEvent
    from .deleted_customer import DeletedCustomer
    from .delivery_status import DeliveryStatus
    from .eligibility import Eligibility
    from .embed_token import EmbedToken
    from .error import Error
    from .flow import Flow
    from .gate_session import GateSession
    from .gate_session_cancelled_event import GateSessionCancelledEvent
    from .gate_session_completed_event import GateSessionCompletedEvent
    from .gate_session_created_event import GateSessionCreatedEvent
    from .gate_session_expired_event import GateSessionExpiredEvent
    from .gate_session_failed_event import GateSessionFailedEvent
    from .gate_session_kyc_package_accepted_event import GateSessionKycPackageAcceptedEvent
    from .gate_session_list import GateSessionList
    from .gate_session_processing_event import GateSessionProcessingEvent
    from .kyc_required_event import KycRequiredEvent
    from .lock_quote_request import LockQuoteRequest
    from .mode import Mode
    from .partner_transaction import PartnerTransaction
    from .partner_transaction_list import PartnerTransactionList
    from .payment_method import PaymentMethod
    from .payment_method_list import PaymentMethodList
    from .payout_method import PayoutMethod
    from .payout_method_list import PayoutMethodList
    from .preview_quotes_request import PreviewQuotesRequest
    from .quote_consumed_event import QuoteConsumedEvent
    from .quote_preview import QuotePreview
    from .quote_preview_list import QuotePreviewList
    from .quote_status import QuoteStatus
    from .rail_pay_in import RailPayIn
    from .rail_pay_in_cancelled_event import RailPayInCancelledEvent
    from .rail_pay_in_failed_event import RailPayInFailedEvent
    from .rail_pay_in_processing_event import RailPayInProcessingEvent
    from .rail_pay_in_settled_event import RailPayInSettledEvent
    from .rail_pay_out import RailPayOut
    from .rail_pay_out_cancelled_event import RailPayOutCancelledEvent
    from .rail_pay_out_failed_event import RailPayOutFailedEvent
    from .rail_pay_out_processing_event import RailPayOutProcessingEvent
    from .rail_pay_out_settled_event import RailPayOutSettledEvent
    from .rail_status import RailStatus
    from .session_event_data import SessionEventData
    from .session_status import SessionStatus
    from .side import Side
    from .signed_quote import SignedQuote
    from .status_checkpoint import StatusCheckpoint
    from .transaction_action import TransactionAction
    from .update_branding_request import UpdateBrandingRequest
    from .update_customer_request import UpdateCustomerRequest
    from .webhook_delivery import WebhookDelivery
    from .webhook_delivery_list import WebhookDeliveryList
    from .webhook_test_data import WebhookTestData
    from .webhook_test_event import WebhookTestEvent
    from .webhook_transaction import WebhookTransaction

_HOME = {
    "Asset": ".asset",
    "AssetList": ".asset_list",
    "AssetNetwork": ".asset_network",
    "Branding": ".branding",
    "Country": ".country",
    "CountryList": ".country_list",
    "CreateCustomerRequest": ".create_customer_request",
    "CreateEmbedTokenRequest": ".create_embed_token_request",
    "CreatePayInRequest": ".create_pay_in_request",
    "CreatePayOutRequest": ".create_pay_out_request",
    "CreateSessionRequest": ".create_session_request",
    "CreatedGateSession": ".created_gate_session",
    "Currency": ".currency",
    "CurrencyList": ".currency_list",
    "Customer": ".customer",
    "CustomerCreatedEvent": ".customer_created_event",
    "CustomerDeletedEvent": ".customer_deleted_event",
    "CustomerList": ".customer_list",
    "CustomerUpdatedEvent": ".customer_updated_event",
    "DeletedCustomer": ".deleted_customer",
    "DeliveryStatus": ".delivery_status",
    "Eligibility": ".eligibility",
    "EmbedToken": ".embed_token",
    "Error": ".error",
    "Flow": ".flow",
    "GateSession": ".gate_session",
    "GateSessionCancelledEvent": ".gate_session_cancelled_event",
    "GateSessionCompletedEvent": ".gate_session_completed_event",
    "GateSessionCreatedEvent": ".gate_session_created_event",
    "GateSessionExpiredEvent": ".gate_session_expired_event",
    "GateSessionFailedEvent": ".gate_session_failed_event",
    "GateSessionKycPackageAcceptedEvent": ".gate_session_kyc_package_accepted_event",
    "GateSessionList": ".gate_session_list",
    "GateSessionProcessingEvent": ".gate_session_processing_event",
    "KycRequiredEvent": ".kyc_required_event",
    "LockQuoteRequest": ".lock_quote_request",
    "Mode": ".mode",
    "PartnerTransaction": ".partner_transaction",
    "PartnerTransactionList": ".partner_transaction_list",
    "PaymentMethod": ".payment_method",
    "PaymentMethodList": ".payment_method_list",
    "PayoutMethod": ".payout_method",
    "PayoutMethodList": ".payout_method_list",
    "PreviewQuotesRequest": ".preview_quotes_request",
    "QuoteConsumedEvent": ".quote_consumed_event",
    "QuotePreview": ".quote_preview",
    "QuotePreviewList": ".quote_preview_list",
    "QuoteStatus": ".quote_status",
    "RailPayIn": ".rail_pay_in",
    "RailPayInCancelledEvent": ".rail_pay_in_cancelled_event",
    "RailPayInFailedEvent": ".rail_pay_in_failed_event",
    "RailPayInProcessingEvent": ".rail_pay_in_processing_event",
    "RailPayInSettledEvent": ".rail_pay_in_settled_event",
    "RailPayOut": ".rail_pay_out",
    "RailPayOutCancelledEvent": ".rail_pay_out_cancelled_event",
    "RailPayOutFailedEvent": ".rail_pay_out_failed_event",
    "RailPayOutProcessingEvent": ".rail_pay_out_processing_event",
    "RailPayOutSettledEvent": ".rail_pay_out_settled_event",
    "RailStatus": ".rail_status",
    "SessionEventData": ".session_event_data",
    "SessionStatus": ".session_status",
    "Side": ".side",
    "SignedQuote": ".signed_quote",
    "StatusCheckpoint": ".status_checkpoint",
    "TransactionAction": ".transaction_action",
    "UpdateBrandingRequest": ".update_branding_request",
    "UpdateCustomerRequest": ".update_customer_request",
    "WebhookDelivery": ".webhook_delivery",
    "WebhookDeliveryList": ".webhook_delivery_list",
    "WebhookTestData": ".webhook_test_data",
    "WebhookTestEvent": ".webhook_test_event",
    "WebhookTransaction": ".webhook_transaction",
}

__all__ = (
    "Asset",
    "AssetList",
    "AssetNetwork",
    "Branding",
    "Country",
    "CountryList",
    "CreateCustomerRequest",
    "CreateEmbedTokenRequest",
    "CreatePayInRequest",
    "CreatePayOutRequest",
    "CreateSessionRequest",
    "CreatedGateSession",
    "Currency",
    "CurrencyList",
    "Customer",
    "CustomerCreatedEvent",
    "CustomerDeletedEvent",
    "CustomerList",
    "CustomerUpdatedEvent",
    "DeletedCustomer",
    "DeliveryStatus",
    "Eligibility",
    "EmbedToken",
    "Error",
    "Flow",
    "GateSession",
    "GateSessionCancelledEvent",
    "GateSessionCompletedEvent",
    "GateSessionCreatedEvent",
    "GateSessionExpiredEvent",
    "GateSessionFailedEvent",
    "GateSessionKycPackageAcceptedEvent",
    "GateSessionList",
    "GateSessionProcessingEvent",
    "KycRequiredEvent",
    "LockQuoteRequest",
    "Mode",
    "PartnerTransaction",
    "PartnerTransactionList",
    "PaymentMethod",
    "PaymentMethodList",
    "PayoutMethod",
    "PayoutMethodList",
    "PreviewQuotesRequest",
    "QuoteConsumedEvent",
    "QuotePreview",
    "QuotePreviewList",
    "QuoteStatus",
    "RailPayIn",
    "RailPayInCancelledEvent",
    "RailPayInFailedEvent",
    "RailPayInProcessingEvent",
    "RailPayInSettledEvent",
    "RailPayOut",
    "RailPayOutCancelledEvent",
    "RailPayOutFailedEvent",
    "RailPayOutProcessingEvent",
    "RailPayOutSettledEvent",
    "RailStatus",
    "SessionEventData",
    "SessionStatus",
    "Side",
    "SignedQuote",
    "StatusCheckpoint",
    "TransactionAction",
    "UpdateBrandingRequest",
    "UpdateCustomerRequest",
    "WebhookDelivery",
    "WebhookDeliveryList",
    "WebhookTestData",
    "WebhookTestEvent",
    "WebhookTransaction",
)


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = globals()[name] = getattr(import_module(_HOME[name], __name__), name)
    return found


def __dir__() -> list[str]:
    return sorted((*globals(), *__all__))
