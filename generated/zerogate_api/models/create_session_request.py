# Generated from openapi/gate-v1.yaml by `nox -s regenerate`: edit that, not this.
from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.flow import Flow
from ..types import UNSET, Record, Unset, exact, listed, misfit, only_decimal, others, present

T = TypeVar("T", bound="CreateSessionRequest")


KNOWN = frozenset(
    (
        "amount currency return_url cancel_url flow target_token target_network "
        "wallet_address user_reference metadata quote_preview_id kyc_package"
    ).split()
)


@_attrs_define
class CreateSessionRequest(Record):
    """What to collect, and where the user goes afterwards.

    Attributes:
        amount (Decimal): How much, in major units of `currency`.
        currency (str): ISO 4217.
        return_url (str): An https URL; a loopback address will do in test mode.
        cancel_url (str | Unset): Where the user goes after giving up.
        flow (Flow | Unset): `on_ramp`: fiat to crypto. `off_ramp`: crypto to fiat. `swap`: crypto to crypto.
        target_token (str | Unset): Binds the token.
        target_network (str | Unset): Binds the network. Letter case is not uniform.
        wallet_address (str | Unset): Fills in the user's wallet.
        user_reference (str | Unset): A correlation id of yours, opaque to Gate.
        metadata (dict[str, Any] | Unset): Yours to fill; returned verbatim. Your order id belongs here, because it
            joins everything.
        quote_preview_id (str | Unset): A quote to start from; one page also sends a locked quote's id here.
        kyc_package (dict[str, Any] | Unset): Verification you did already, for accounts under such a contract. Its
            shape is not published.
    """

    amount: Decimal = _attrs_field(validator=only_decimal())
    currency: str
    return_url: str
    cancel_url: str | Unset = UNSET
    flow: Flow | Unset = UNSET
    target_token: str | Unset = UNSET
    target_network: str | Unset = UNSET
    wallet_address: str | Unset = _attrs_field(default=UNSET, repr=False)
    user_reference: str | Unset = _attrs_field(default=UNSET, repr=False)
    metadata: dict[str, Any] | Unset = _attrs_field(default=UNSET, repr=False)
    quote_preview_id: str | Unset = UNSET
    kyc_package: dict[str, Any] | Unset = _attrs_field(default=UNSET, repr=False)
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        try:
            amount = exact(src_dict["amount"])
            currency = src_dict["currency"]
            return_url = src_dict["return_url"]
            cancel_url = src_dict.get("cancel_url", UNSET)
            flow = present(listed(Flow), src_dict.get("flow", UNSET))
            target_token = src_dict.get("target_token", UNSET)
            target_network = src_dict.get("target_network", UNSET)
            wallet_address = src_dict.get("wallet_address", UNSET)
            user_reference = src_dict.get("user_reference", UNSET)
            metadata = src_dict.get("metadata", UNSET)
            quote_preview_id = src_dict.get("quote_preview_id", UNSET)
            kyc_package = src_dict.get("kyc_package", UNSET)
        except (AttributeError, KeyError, TypeError, ValueError) as wrong:
            raise misfit("CreateSessionRequest", wrong) from wrong
        record = cls(
            amount,
            currency,
            return_url,
            cancel_url,
            flow,
            target_token,
            target_network,
            wallet_address,
            user_reference,
            metadata,
            quote_preview_id,
            kyc_package,
        )
        if not src_dict.keys() <= KNOWN:
            record.additional_properties = others(src_dict, KNOWN)
        return record
