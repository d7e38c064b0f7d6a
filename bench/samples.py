"""What is sent and answered, alike for every peer: the contract's examples, as bytes. Knows no client."""

from __future__ import annotations

import json
from typing import Any, Final

SECRET_KEY: Final = "sk_test_" + "4f9c1b7e2a8d4e6f9b3c5d7a"
WEBHOOK_SECRET: Final = "whsec_" + "9d2f6b1c8a4e7f3d5b0c6a9e"
RETURN_URL: Final = "https://shop.example/thanks"

SESSION: Final[dict[str, Any]] = {
    "id": "gs_test_example000000000001",
    "object": "gate_session",
    "partner_id": "partner_example_0001",
    "mode": "test",
    "amount": "100.00",
    "currency": "EUR",
    "return_url": RETURN_URL,
    "cancel_url": None,
    "status": "open",
    "expires_at": "2026-05-27T09:00:00.000Z",
    "created_at": "2026-05-26T09:00:00.000Z",
    "flow": "on_ramp",
    "target_token": "USDC",
    "target_network": None,
    "wallet_address": None,
    "user_reference": "user-0001",
    "kyc_pre_verified": False,
    "metadata": {},
}


def request_body(order: int) -> dict[str, Any]:
    """What createSession is asked; the façade makes as much of its own arguments."""
    marks = {"zerogate_attempt": "1", "zerogate_key": f"zg1_{order:052}"}
    return {
        "amount": "100.00",
        "currency": "EUR",
        "return_url": RETURN_URL,
        "metadata": {"order_id": f"order-{order:04}", **marks},
    }


def _as_bytes(value: object) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()


def created_session() -> bytes:
    """The answer to a create."""
    secret = "gsec_gs_test_example000000000001_notarealsecret"
    return _as_bytes(SESSION | {"client_secret": secret})


def created_intent() -> bytes:
    """The same answer under the name of a record of Stripe's, as long to the byte."""
    told = json.loads(created_session()) | {"metadata": request_body(0)["metadata"]}
    theirs = told | {"object": "payment_intent"}
    longer = len(_as_bytes(theirs)) - len(_as_bytes(told))
    theirs["client_secret"] = theirs["client_secret"][longer:]
    return _as_bytes(theirs)


def _transaction(number: int) -> dict[str, Any]:
    return {
        "object": "transaction",
        "refid": f"0g_txn_example{number:04}",
        "session_id": f"gs_test_example{number:012}",
        "action": "BUY",
        "status": "completed",
        "token": "USDC",
        "network": "arbitrum",
        "currency": "EUR",
        "payment_method": "bank_transfer",
        "fiat_amount": f"{number}.90",
        "token_amount": f"{number}.120000",
        "total_pay_or_receive": f"{number}.40",
        "exchange_rate": "0.9394",
        "total_fees": "0.50",
        "created_at": "2026-05-26T09:02:11Z",
        "updated_at": "2026-05-26T09:05:43Z",
        "status_timeline": [
            {"status": "CREATED", "at": "2026-05-26T09:02:11Z"},
            {"status": "completed", "at": "2026-05-26T09:05:43Z"},
        ],
        "local_rail_transaction_id": f"rail_example_{number:04}",
    }


def page_of_transactions(rows: int = 100) -> bytes:
    data = [_transaction(number) for number in range(1, rows + 1)]
    return _as_bytes({"object": "list", "data": data, "has_more": False, "url": "/v1/transactions"})


def event() -> bytes:
    """The webhook of a completed session."""
    transaction = {
        "refid": "0g_txn_example0001",
        "status": "completed",
        "crypto_amount": "53.120000",
        "total_paid_or_received": "50.40",
    }
    told = {"status": "completed", "tx_refid": "0g_txn_example0001", "transaction": transaction}
    return _as_bytes(
        {
            "id": "evt_test_example0003",
            "type": "gate_session.completed",
            "created_at": 1779786180,
            "data": SESSION | told,
        }
    )
